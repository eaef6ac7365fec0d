//! `trailhound ingest`: a progress bar while it runs, a report at the end, and an exit code that tells whether all is in.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use enrich::Enricher;
use indicatif::{ProgressBar, ProgressStyle};
use ingest::Watched;
use ingest::inlet::EnricherNow;
use lake::{Lake, LakeOptions};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::cli::{Ingest, ReportFormat};
use crate::config::Settings;
use crate::detection;
use crate::inlets;
use crate::output::{line, note};
use crate::sources::{self, Destination};
use crate::wiring;

/// Troubles told one by one on standard error.
const TOLD: usize = 20;

/// Takes the paths in.
pub(crate) async fn run(settings: &Settings, args: Ingest) -> anyhow::Result<ExitCode> {
    let lake = wiring::lake(settings, &args.lake)?;
    let enricher = wiring::enricher(settings, &args.geo);
    let watched = match args.dry_run {
        true => Watched::default(),
        false => detection::of_ingest(settings, args.state.as_deref(), &args.lake, &enricher)?,
    };
    if !args.sources.is_empty() {
        return from_sources(settings, lake, enricher, watched, &args).await;
    }
    let options = ingest::Options {
        storage: wiring::storage(settings, &args.lake),
        log_type: args.log_type,
        rules: Arc::new(settings.ingest.rules()?),
        old_after: settings.ingest.old_after()?,
        dry_run: args.dry_run,
        watched,
        ..ingest::Options::default()
    };
    let report = into(lake, &enricher, &args.paths, options).await?;
    match args.format {
        ReportFormat::Text => line(&text(&report, args.dry_run))?,
        ReportFormat::Json => line(&object(&report).to_string())?,
    }
    for problem in report.problems.iter().take(TOLD) {
        note(&format!("{}: {} ({})", problem.origin, problem.message, problem.reason));
    }
    if report.problems.len() > TOLD {
        note(&format!("… and {} more", report.problems.len() - TOLD));
    }
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Takes in what sources bring. Ctrl-C and SIGTERM end it after the commit under way.
async fn from_sources(
    settings: &Settings,
    lake: Lake,
    enricher: Arc<Enricher>,
    watched: Watched,
    args: &Ingest,
) -> anyhow::Result<ExitCode> {
    let mut wanted = Vec::new();
    for name in &args.sources {
        let found = settings.source.iter().find(|source| source.name() == name);
        let found = found.with_context(|| format!("there is no source `{name}` in trailhound.toml"))?;
        anyhow::ensure!(found.is_enabled(), "the source `{name}` is not enabled");
        anyhow::ensure!(!found.is_sent_to(), "logs are sent to the source `{name}`: `trailhound serve` takes them");
        wanted.push(found.clone());
    }
    let registry = ingest::sources::Registry::default();
    let wants_journal = Settings { source: wanted.clone(), ..settings.clone() };
    let enricher: EnricherNow = Arc::new(move || enricher.clone());
    let sent = inlets::open(&wants_journal, &lake, enricher.clone(), watched.clone())?;
    let inlet = sent.as_ref().map(|sent| sent.inlet.clone());
    let into = Destination { lake, enricher, registry: registry.clone(), watched, inlet, drain: args.drain };
    let running = sources::start(settings, wanted, into).await?;
    let cancel = running.cancel();
    let watch = tokio::spawn(async move {
        super::interrupted().await;
        note("stopping after the commit under way");
        cancel.cancel();
    });
    let ended = running.ended().await;
    if let Some(sent) = sent {
        sent.end().await;
    }
    watch.abort();
    let statuses = registry.statuses();
    for status in &statuses {
        match args.format {
            ReportFormat::Json => line(&serde_json::to_string(status)?)?,
            ReportFormat::Text => line(&format!(
                "{}: {} events in {} objects: {} added, {} already there, {} rejected",
                status.name, status.records, status.objects, status.rows_added, status.duplicates, status.rejected
            ))?,
        }
        if let Some(error) = status.last_error.as_ref().filter(|_| status.errors > 0) {
            note(&format!("{}: {} errors, the last: {error}", status.name, status.errors));
        }
    }
    ended?;
    let clean = statuses.iter().all(|status| status.rejected == 0);
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Takes paths into a lake; Ctrl-C ends it after the commit under way.
pub(crate) async fn into(
    lake: Lake,
    enricher: &Arc<Enricher>,
    paths: &[String],
    options: ingest::Options,
) -> anyhow::Result<ingest::Report> {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let watch = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            note("stopping after the commit under way; run the same command again to go on");
            stop.cancel();
        }
    });
    let options = ingest::Options { cancel, ..options };
    let bar = Arc::new(Bar::new()?);
    let report = ingest::Ingest::new(lake, Arc::clone(enricher), options).run(paths, bar.clone()).await;
    bar.0.finish_and_clear();
    watch.abort();
    report.context("the ingest could not go on")
}

/// Takes logs into a lake that lives in `place`: for `query --from`.
pub(crate) async fn in_place(
    place: &Path,
    enricher: &Arc<Enricher>,
    paths: &[String],
    storage: LakeOptions,
) -> anyhow::Result<Lake> {
    let lake = Lake::open(&place.to_string_lossy(), LakeOptions::default())?;
    let options = ingest::Options { storage, ..ingest::Options::default() };
    let report = into(lake.clone(), enricher, paths, options).await?;
    for problem in report.problems.iter().take(TOLD) {
        note(&format!("{}: {} ({})", problem.origin, problem.message, problem.reason));
    }
    Ok(lake)
}

struct Bar(ProgressBar);

impl Bar {
    fn new() -> anyhow::Result<Self> {
        let style = "{elapsed_precise} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {msg}";
        Ok(Self(ProgressBar::new(0).with_style(ProgressStyle::with_template(style)?)))
    }
}

impl ingest::Progress for Bar {
    fn started(&self, _objects: u64, bytes: u64) {
        self.0.set_length(bytes);
    }

    fn decoded(&self, _objects: u64, bytes: u64, _records: u64) {
        self.0.inc(bytes);
    }

    fn committed(&self, rows: u64) {
        self.0.set_message(format!("+{rows} events committed"));
    }
}

fn text(report: &ingest::Report, dry_run: bool) -> String {
    let skipped: u64 = report.skipped.values().sum();
    let mut out = format!("{} events in {} objects: ", report.records, report.objects);
    if dry_run {
        out.push_str("nothing was written");
    } else {
        out.push_str(&format!("{} added, {} already there", report.rows_added, report.duplicates));
    }
    for (id, of) in report.by_type.iter().filter(|_| dry_run || report.by_type.len() > 1) {
        out.push_str(&match dry_run {
            true => format!("\n  {id}: {} events", of.records),
            false => format!("\n  {id}: {} added, {} already there", of.rows_added, of.duplicates),
        });
    }
    for (rule, count) in &report.by_rule {
        out.push_str(&format!("\n  rule {rule}: {count} events"));
    }
    for (count, what) in [
        (report.flagged.future, "events are from the future: more than a day ahead of the clock"),
        (report.flagged.old, "events were old already when they came in"),
        (report.excluded, "events left out by rules"),
        (report.known, "objects were in before"),
        (skipped, "files are no logs"),
        (report.bad_objects, "objects with something in quarantine"),
        (report.unread, "objects could not be read"),
    ] {
        if count > 0 {
            out.push_str(&format!("\n{count} {what}"));
        }
    }
    if report.cancelled {
        out.push_str("\nstopped before the end");
    }
    out
}

fn object(report: &ingest::Report) -> serde_json::Value {
    let problems: Vec<_> =
        report.problems.iter().map(|p| json!({"origin": p.origin, "reason": p.reason, "message": p.message})).collect();
    let by_type: serde_json::Map<String, serde_json::Value> = report
        .by_type
        .iter()
        .map(|(id, of)| {
            ((*id).to_owned(), json!({"records": of.records, "rows_added": of.rows_added, "duplicates": of.duplicates}))
        })
        .collect();
    json!({
        "objects": report.objects,
        "known": report.known,
        "skipped": report.skipped,
        "records": report.records,
        "rows_added": report.rows_added,
        "duplicates": report.duplicates,
        "future": report.flagged.future,
        "old": report.flagged.old,
        "by_type": by_type,
        "excluded": report.excluded,
        "by_rule": report.by_rule,
        "rejected": report.rejected,
        "bad_objects": report.bad_objects,
        "unread": report.unread,
        "delivered_bytes": report.delivered_bytes,
        "object_bytes": report.object_bytes,
        "raw_bytes": report.raw_bytes,
        "stored_bytes": report.stored_bytes,
        "commits": report.commits,
        "cancelled": report.cancelled,
        "complete": report.is_complete(),
        "problems": problems,
    })
}
