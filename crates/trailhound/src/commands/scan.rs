//! `trailhound scan`: all rules over logs in place, without a lake.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use chrono::Utc;
use detect::Detector;
use detect::rule::{Loaded, Mode, Rule};
use detect::scan::{Logs, Report, ScanError, Scanner, Unread, html};
use detect::sinks::Language;
use detect::sinks::text::line as harmless;
use engine::matching::Matching;
use enrich::Enricher;
use ingest::Found;

use super::rules::problems;
use crate::cli::{Scan, ScanFormat, ScanLanguage};
use crate::config::Settings;
use crate::detection;
use crate::output::{Table, note};
use crate::wiring::{self, Current};

/// Alerts in the table; the other forms have them all.
const SHOWN: usize = 200;
/// Widest text of a cell.
const CELL: usize = 60;

/// Scans and reports. Succeeds only if everything was read and every rule ran.
pub(crate) async fn run(settings: &Settings, args: Scan) -> anyhow::Result<ExitCode> {
    let loaded = detection::rules(settings, &args.rules)?;
    let broken_files = problems(&loaded);
    let enricher = wiring::enricher(settings, &args.geo);
    let now = Utc::now();
    let (rules, mut left_out) = chosen(&loaded, args.all);
    let locator = Arc::new(Current::new(&enricher));
    let matching = Matching::new(Some(locator), now.timestamp_micros());
    let (detector, broken) = Detector::new(&rules, &HashMap::new(), &matching)?;
    for rule in &broken {
        let why = rule.diagnostics.first().map(|found| found.message.clone()).unwrap_or_default();
        note(&format!("left out: the rule {}: {why}", rule.rule));
        left_out.insert(rule.rule.clone(), why);
    }
    let mut scanner = Scanner::new(detector, now.timestamp_micros());
    if !args.baseline.is_empty() {
        scanner.learn(true)?;
        read(settings, &args, &args.baseline, &enricher, &mut scanner).await?;
        scanner.learn(false)?;
    }
    let found = read(settings, &args, &args.paths, &enricher, &mut scanner).await?;
    let report = scanner.finish()?.report(logs(&args, &found), left_out, &detection::attack(), now);
    write(&report, &args)?;
    let whole = report.logs.unread.is_empty() && found.rows > 0 && broken.is_empty() && !broken_files;
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The rules that run, and why the others do not.
fn chosen(loaded: &Loaded, all: bool) -> (Vec<Arc<Rule>>, BTreeMap<String, String>) {
    let (mut rules, mut left_out) = (Vec::new(), BTreeMap::new());
    for entry in &loaded.rules {
        let why = match &entry.rule.mode {
            Mode::Scheduled { .. } => Some("its query runs over a lake"),
            Mode::Health { .. } => Some("it is about the sources of a server"),
            _ if !entry.rule.enabled && !all => Some("it is off; --all runs it"),
            _ => None,
        };
        match why {
            Some(why) => _ = left_out.insert(entry.rule.id.clone(), why.to_owned()),
            None => rules.push(Arc::new(entry.rule.clone())),
        }
    }
    (rules, left_out)
}

async fn read(
    settings: &Settings,
    args: &Scan,
    paths: &[String],
    enricher: &Arc<Enricher>,
    scanner: &mut Scanner,
) -> anyhow::Result<Found> {
    let options = ingest::Options {
        storage: wiring::storage(settings, &args.storage),
        log_type: args.log_type,
        old_after: settings.ingest.old_after()?,
        ..ingest::Options::default()
    };
    let mut failed: Result<(), ScanError> = Ok(());
    let mut sink = |rows| {
        failed = scanner.take(rows);
        failed.is_ok()
    };
    let found = ingest::read(paths, Arc::clone(enricher), &options, &mut sink).await?;
    failed?;
    Ok(found)
}

fn logs(args: &Scan, found: &Found) -> Logs {
    let unread = found.problems.iter().filter(|problem| problem.reason != "skipped");
    let unread = unread.map(|problem| Unread { origin: problem.origin.clone(), message: problem.message.clone() });
    Logs { paths: args.paths.clone(), objects: found.objects, unread: unread.collect(), ..Logs::default() }
}

const fn language(args: &Scan) -> Language {
    match args.language {
        ScanLanguage::En => Language::En,
        ScanLanguage::Ja => Language::Ja,
    }
}

fn write(report: &Report, args: &Scan) -> anyhow::Result<()> {
    let mut out: Box<dyn Write> = match &args.out {
        Some(path) => Box::new(File::create(path).with_context(|| format!("can't write {}", path.display()))?),
        None => Box::new(std::io::stdout().lock()),
    };
    let mut out = BufWriter::new(&mut out);
    match args.format {
        ScanFormat::Table => table(&mut out, report, language(args))?,
        ScanFormat::Json => writeln!(out, "{}", serde_json::to_string(report)?)?,
        ScanFormat::Html => out.write_all(html::page(report, language(args)).as_bytes())?,
    }
    out.flush()?;
    if let Some(path) = &args.out {
        note(&format!("{} alerts in {} events: {}", report.alerts.len(), report.logs.events, path.display()));
    }
    Ok(())
}

fn table(out: &mut impl Write, report: &Report, language: Language) -> anyhow::Result<()> {
    let logs = &report.logs;
    let period = match (&logs.first, &logs.last) {
        (Some(first), Some(last)) => format!(", {first} to {last}"),
        _ => String::new(),
    };
    writeln!(out, "{} events in {} objects{period}; {} rules", logs.events, logs.objects, report.rules_run)?;
    let counts = report.by_severity.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> = counts.map(|(severity, count)| format!("{count} {severity}")).collect();
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    writeln!(out, "{} findings in {} alerts{counts}", report.findings, report.alerts.len())?;
    for problem in &logs.unread {
        writeln!(out, "not read: {}: {}", harmless(&problem.origin, 300), harmless(&problem.message, 300))?;
    }
    if report.alerts.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let shown = report.alerts.iter().take(SHOWN).map(|alert| {
        let group: Vec<&str> = alert.group.iter().filter_map(|part| part.value.as_deref()).collect();
        let cells = [
            alert.severity.as_str(),
            language.of(&alert.title),
            &group.join(" "),
            &alert.addresses.join(" "),
            &alert.countries.join(" "),
            &alert.findings.to_string(),
            &alert.first,
            &alert.last,
            &alert.rule,
        ];
        cells.map(str::to_owned)
    });
    section(out, ["severity", "what", "who", "from", "country", "findings", "first", "last", "rule"], shown)?;
    if report.alerts.len() > SHOWN {
        writeln!(out, "… and {} more; --format json has them", report.alerts.len() - SHOWN)?;
    }
    let actors = report.actors.iter().take(SHOWN).map(|actor| {
        let from: Vec<&str> = actor.addresses.iter().map(|from| from.address.as_str()).collect();
        let rules: Vec<&str> = actor.rules.keys().map(String::as_str).collect();
        let cells = [
            &actor.name,
            actor.severity.as_str(),
            &actor.findings.to_string(),
            &actor.events.to_string(),
            &from.join(" "),
            &rules.join(" "),
        ];
        cells.map(str::to_owned)
    });
    section(out, ["actor", "worst", "findings", "events", "from", "rules"], actors)?;
    let rules = report.rules.iter().map(|hit| {
        [
            hit.rule.clone(),
            hit.severity.as_str().to_owned(),
            hit.alerts.to_string(),
            hit.findings.to_string(),
            language.of(&hit.title).to_owned(),
        ]
    });
    section(out, ["rule", "severity", "alerts", "findings", "what"], rules)
}

/// A table of texts from logs, made harmless for a terminal, with a line before it.
fn section<const N: usize>(
    out: &mut impl Write,
    names: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> anyhow::Result<()> {
    writeln!(out)?;
    let mut table = Table::new(out, names.map(str::to_owned).to_vec());
    table.rows(rows.map(|row| row.map(|cell| Some(harmless(&cell, CELL))).to_vec()).collect())?;
    table.finish()?;
    Ok(())
}
