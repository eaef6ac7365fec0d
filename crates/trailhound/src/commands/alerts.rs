//! `trailhound alerts`: what rules have found, from the state file; no server is needed.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use detect::Severity;
use detect::store::{Alert, AlertStatus, Change, Filter, Order, Store};
use serde_json::{Value, json};

use crate::cli::{Alerts, AlertsAction, AlertsList, ListFormat, VerdictArg};
use crate::config::Settings;
use crate::output::{Table, line, note};

/// Who the history names for what is done here.
const COMMAND_LINE: &str = "command line";

/// Lists, shows and changes alerts.
pub(crate) fn run(settings: &Settings, args: Alerts) -> anyhow::Result<ExitCode> {
    let path = settings.state(args.state.as_deref())?;
    if !path.is_file() {
        bail!("there is no state at {}; name it with --state sqlite:PATH", path.display());
    }
    let store = Store::open(&path).with_context(|| format!("can't open the state {}", path.display()))?;
    match args.action {
        AlertsAction::List(args) => list(&store, &args)?,
        AlertsAction::Show { id, format } => show(&store, id, format)?,
        AlertsAction::Acknowledge { ids, owner } => {
            change(&store, &ids, Change { status: Some(AlertStatus::Acknowledged), verdict: None, owner })?;
        }
        AlertsAction::Close { ids, verdict, note } => {
            let verdict = verdict.map(VerdictArg::verdict);
            change(&store, &ids, Change { status: Some(AlertStatus::Closed), verdict, owner: None })?;
            for id in note.iter().flat_map(|_| &ids) {
                store.add_note(*id, COMMAND_LINE, note.as_deref().unwrap_or_default())?;
            }
        }
        AlertsAction::Open { ids } => {
            change(&store, &ids, Change { status: Some(AlertStatus::Open), ..Change::default() })?;
        }
        AlertsAction::Note { id, text } => {
            store.add_note(id, COMMAND_LINE, &text)?;
            note(&format!("added a note to alert {id}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn change(store: &Store, ids: &[i64], wanted: Change) -> anyhow::Result<()> {
    let changed = store.change_alerts(ids, COMMAND_LINE, &wanted)?;
    note(&format!("changed {changed} of {} alerts", ids.len()));
    Ok(())
}

fn filter(args: &AlertsList) -> anyhow::Result<Filter> {
    let now = Utc::now().timestamp_micros();
    let time = |text: &Option<String>| -> anyhow::Result<Option<i64>> {
        let Some(text) = text else { return Ok(None) };
        engine::parse_time(text, now)
            .map(Some)
            .with_context(|| format!("`{text}` is no time; give ISO 8601 or a relative time such as -7d"))
    };
    let status = match args.status.as_str() {
        "all" => Vec::new(),
        names => names
            .split(',')
            .map(|name| AlertStatus::ALL.into_iter().find(|status| status.as_str() == name.trim()))
            .collect::<Option<Vec<_>>>()
            .with_context(|| format!("`{names}` is none of open, acknowledged, closed, all"))?,
    };
    let severity = args.severity.iter().map(|name| Severity::named(name));
    let severity =
        severity.collect::<Option<Vec<_>>>().context("a severity is informational, low, medium, high or critical")?;
    Ok(Filter {
        status,
        severity,
        rules: args.rule.clone(),
        since: time(&args.since)?,
        until: time(&args.until)?,
        text: args.search.clone(),
        account: args.account.clone(),
        actor: args.actor.clone(),
        owner: None,
        order: Order::named(&args.sort)
            .with_context(|| format!("`{}` is none of {}", args.sort, Order::ALL.map(Order::as_str).join(", ")))?,
    })
}

fn list(store: &Store, args: &AlertsList) -> anyhow::Result<()> {
    let filter = filter(args)?;
    let mut left = args.limit;
    let mut after: Option<String> = None;
    let mut out = io::stdout().lock();
    let mut rows = Vec::new();
    while left > 0 {
        let page = store.alerts(&filter, left.min(500), after.as_deref())?;
        left -= u32::try_from(page.alerts.len()).unwrap_or(left).min(left);
        for alert in &page.alerts {
            match args.format {
                ListFormat::Json => writeln!(out, "{}", object(alert))?,
                ListFormat::Table => rows.push(cells(alert)),
            }
        }
        after = page.next;
        if after.is_none() || page.alerts.is_empty() {
            break;
        }
    }
    if args.format == ListFormat::Table {
        let names = ["id", "severity", "status", "events", "last seen", "rule", "actor", "title"];
        let mut table = Table::new(out, names.map(str::to_owned).to_vec());
        table.rows(rows)?;
        table.finish()?;
    }
    Ok(())
}

fn cells(alert: &Alert) -> Vec<Option<String>> {
    vec![
        Some(alert.id.to_string()),
        Some(alert.severity.as_str().to_owned()),
        Some(alert.status.as_str().to_owned()),
        Some(alert.events.to_string()),
        Some(instant(alert.last_seen)),
        Some(alert.rule_id.clone()),
        alert.actor.clone(),
        Some(alert.title.en.clone()),
    ]
}

fn instant(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// As the API gives it.
fn object(alert: &Alert) -> Value {
    json!({
        "id": alert.id.to_string(),
        "rule_id": alert.rule_id,
        "title": alert.title,
        "severity": alert.severity,
        "status": alert.status,
        "verdict": alert.verdict,
        "owner": alert.owner,
        "group": alert.group,
        "first_seen": instant(alert.first_seen),
        "last_seen": instant(alert.last_seen),
        "created_at": instant(alert.created_at),
        "updated_at": instant(alert.updated_at),
        "events": alert.events,
        "attack": alert.attack,
        "account": alert.account,
        "actor": alert.actor,
        "region": alert.region,
        "source_address": alert.source_address,
        "country": alert.country,
    })
}

/// An event of an alert with its time as text.
fn evidence(event: &detect::Evidence) -> anyhow::Result<Value> {
    let mut event_json = serde_json::to_value(event)?;
    event_json["event_time"] = instant(event.event_time).into();
    Ok(event_json)
}

fn show(store: &Store, id: i64, format: ListFormat) -> anyhow::Result<()> {
    let Some(alert) = store.alert(id)? else { bail!("there is no alert `{id}`") };
    let events = store.evidence(id, 200)?;
    let (notes, history) = (store.notes(id)?, store.history(id)?);
    if format == ListFormat::Json {
        let mut whole = object(&alert);
        whole["evidence"] = events.iter().map(evidence).collect::<anyhow::Result<Value>>()?;
        whole["notes"] = notes.iter().map(|n| json!({"at": instant(n.at), "by": n.by, "text": n.text})).collect();
        whole["history"] =
            history.iter().map(|h| json!({"at": instant(h.at), "by": h.by, "change": h.change})).collect();
        line(&whole.to_string())?;
        return Ok(());
    }
    let mut facts = Table::new(io::stdout().lock(), vec!["alert".to_owned(), id.to_string()]);
    let mut rows = vec![
        ("title", Some(alert.title.en.clone())),
        ("rule", Some(alert.rule_id.clone())),
        ("severity", Some(alert.severity.as_str().to_owned())),
        ("status", Some(alert.status.as_str().to_owned())),
        ("verdict", alert.verdict.map(|verdict| verdict.as_str().to_owned())),
        ("owner", alert.owner.clone()),
        ("first seen", Some(instant(alert.first_seen))),
        ("last seen", Some(instant(alert.last_seen))),
        ("events", Some(alert.events.to_string())),
        ("attack", Some(alert.attack.join(", ")).filter(|text| !text.is_empty())),
    ];
    rows.extend(alert.group.iter().map(|value| (value.field.as_str(), value.value.clone())));
    rows.retain(|(_, value)| value.is_some());
    facts.rows(rows.into_iter().map(|(name, value)| vec![Some(name.to_owned()), value]).collect())?;
    facts.finish()?;
    line("")?;
    let names = ["event time", "event", "actor", "source", "error", "id"];
    let mut table = Table::new(io::stdout().lock(), names.map(str::to_owned).to_vec());
    let cells = |event: &detect::Evidence| {
        vec![
            Some(instant(event.event_time)),
            event.event_name.clone(),
            event.actor.clone(),
            event.source_address.clone(),
            event.error_code.clone(),
            Some(event.event_id.clone()),
        ]
    };
    table.rows(events.iter().map(cells).collect())?;
    table.finish()?;
    for note in notes {
        line(&format!("\n{} {}: {}", instant(note.at), note.by, note.text))?;
    }
    for entry in history {
        line(&format!("{} {}: {}", instant(entry.at), entry.by, entry.change))?;
    }
    Ok(())
}
