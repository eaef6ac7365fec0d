//! `trailhound rules replay`: what a rule would have found over what is stored.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use detect::{Period, Replayed, Rule};
use engine::matching::Matching;
use serde_json::{Value, json};

use super::rules::problems;
use crate::cli::{ListFormat, RulesReplay};
use crate::config::Settings;
use crate::detection;
use crate::output::{Table, line};
use crate::wiring::{self, Current};

/// Runs a rule over the past.
pub(crate) async fn run(settings: &Settings, args: &RulesReplay) -> anyhow::Result<ExitCode> {
    let now = Utc::now().timestamp_micros();
    let time = |text: &Option<String>| -> anyhow::Result<Option<i64>> {
        let Some(text) = text else { return Ok(None) };
        let found = engine::parse_time(text, now);
        found.map(Some).with_context(|| format!("`{text}` is no time; give ISO 8601 or a relative time such as -30d"))
    };
    let period = Period { since: time(&args.since)?, until: time(&args.until)?, limit: args.limit as usize };
    let rule = rule(settings, &args.rule)?;
    let enricher = wiring::enricher(settings, &args.geo);
    let matching = Matching::new(Some(Arc::new(Current::new(&enricher))), now);
    let engine = wiring::engine(settings, wiring::present_lake(settings, &args.lake)?, &enricher)?;
    let found = detect::replay(&engine, &matching, &Arc::new(rule), period, now).await?;
    match args.format {
        ListFormat::Json => line(&object(&found).to_string())?,
        ListFormat::Table => table(&found)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The rule of a file, or that of an id.
fn rule(settings: &Settings, named: &str) -> anyhow::Result<Rule> {
    let path = Path::new(named);
    let loaded = match path.is_file() {
        true => detection::rules_at(&[path.to_owned()])?,
        false => detection::rules(settings, &[])?,
    };
    if path.is_file() && problems(&loaded) {
        bail!("{named} holds no rule that can run");
    }
    let wanted = if path.is_file() { loaded.rules.into_iter().next() } else { loaded.find(named).cloned() };
    wanted.map(|entry| entry.rule).with_context(|| format!("there is no rule `{named}`, and no file of that name"))
}

fn instant(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// As the API gives it.
fn object(found: &Replayed) -> Value {
    let groups = found.groups.iter().map(|group| {
        json!({"group": group.group, "events": group.findings, "first": instant(group.first), "last": instant(group.last)})
    });
    let events = found.events.iter().map(|event| {
        let mut shown = serde_json::to_value(event).unwrap_or_default();
        shown["event_time"] = instant(event.event_time).into();
        shown
    });
    json!({
        "findings": found.findings,
        "alerts_would_open": found.alerts,
        "by_group": groups.collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(),
        "timeline": found.timeline.iter().map(|(at, count)| json!({"at": instant(*at), "count": count})).collect::<Vec<_>>(),
        "scanned_events": found.scanned,
        "excepted": found.excepted,
    })
}

fn table(found: &Replayed) -> anyhow::Result<()> {
    let fields: Vec<String> = found
        .groups
        .first()
        .map(|group| group.group.iter().map(|value| value.field.clone()).collect())
        .unwrap_or_default();
    let names = ["events", "first", "last"].map(str::to_owned).into_iter().chain(fields).collect();
    let mut table = Table::new(std::io::stdout().lock(), names);
    let row = |group: &detect::ReplayedGroup| {
        let head = [group.findings.to_string(), instant(group.first), instant(group.last)].map(Some);
        head.into_iter().chain(group.group.iter().map(|value| value.value.clone())).collect()
    };
    table.rows(found.groups.iter().map(row).collect())?;
    table.finish()?;
    line(&format!(
        "{} findings in {} alerts, of {} events looked at{}",
        found.findings,
        found.alerts,
        found.scanned,
        if found.excepted > 0 { format!("; {} were excepted", found.excepted) } else { String::new() }
    ))?;
    Ok(())
}
