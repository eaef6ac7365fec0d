//! `trailhound demo`: sample logs that end now, a lake of them, a server on loopback.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use chrono::{DurationRound, TimeDelta, Utc};
use generate::{Logs, Options};
use lake::{Lake, LakeOptions};

use crate::cli::Demo;
use crate::commands::{generate as samples, ingest, serve};
use crate::config::{List, Settings};
use crate::detection;
use crate::output::note;
use crate::wiring;

/// Age after which the samples are made anew: their last day is meant to be yesterday or today.
const STALE: Duration = Duration::from_secs(12 * 3600);
/// CloudTrail's events for each record of every other log type.
const OTHERS_SHARE: u64 = 20;
/// The same of those that hold findings, which are seldom.
const FINDINGS_SHARE: u64 = 1_500;
/// Log types that hold findings.
const FINDINGS: [&str; 2] = ["guardduty", "security_hub"];
/// Written when the demo's lake is complete.
const READY: &str = "ready";
/// A list of addresses, for the demo where the settings have none.
const LIST: &str = "sample-list";
/// What is on it: networks that some of the samples' visitors come from.
const LISTED: &str = "# Networks of the sample logs, as a list that you get from elsewhere names them.\n113.161.0.0/16\n102.182.60.0/24\n";
/// Users, alerts, exceptions.
const STATE: &str = "state.db";

/// Prepares the demo and serves it.
pub(crate) async fn run(settings: &Settings, args: Demo) -> anyhow::Result<ExitCode> {
    if !args.listen.ip().is_loopback() {
        bail!("the demo listens on loopback only; use `trailhound serve` for other addresses");
    }
    let settings = &with_list(settings, &args.dir)?;
    let enricher = wiring::enricher(settings, &args.geo);
    let folder = args.dir.join("lake");
    let mark = args.dir.join(READY);
    if !fresh(&mark, &args) {
        prepare(settings, &args, &enricher).await?;
        std::fs::write(&mark, label(&args)).with_context(|| format!("can't write {}", mark.display()))?;
    }
    let lake = Lake::open(&folder.to_string_lossy(), LakeOptions::default())?;
    // The demo shows its samples alone.
    let settings = &Settings { source: Vec::new(), ..settings.clone() };
    serve::serve(settings, lake, &enricher, &args.dir.join(STATE), args.listen).await
}

/// The settings with a sample list, written beside the lake, where they name no list.
fn with_list(settings: &Settings, folder: &Path) -> anyhow::Result<Settings> {
    let mut settings = settings.clone();
    if settings.list.is_empty() {
        std::fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
        let path = folder.join(format!("{LIST}.txt"));
        std::fs::write(&path, LISTED).with_context(|| format!("can't write {}", path.display()))?;
        settings.list.push(List { name: LIST.to_owned(), path, url: None });
    }
    Ok(settings)
}

fn label(args: &Demo) -> String {
    format!("{} {}", args.events, args.seed)
}

fn fresh(mark: &Path, args: &Demo) -> bool {
    let same = std::fs::read_to_string(mark).is_ok_and(|text| text == label(args));
    let age = mark.metadata().and_then(|m| m.modified()).ok().and_then(|t| SystemTime::now().duration_since(t).ok());
    same && age.is_some_and(|age| age < STALE)
}

async fn prepare(settings: &Settings, args: &Demo, enricher: &std::sync::Arc<enrich::Enricher>) -> anyhow::Result<()> {
    for part in ["logs", "lake", READY] {
        remove(&args.dir.join(part))?;
    }
    let logs = args.dir.join("logs");
    let mut options = Options::new(args.events, &logs, args.seed);
    options.week = true;
    options.end = Utc::now().duration_trunc(TimeDelta::minutes(5)).unwrap_or_else(|_| Utc::now());
    note(&format!("writing {} sample events to {}", args.events, logs.display()));
    samples::write(&options)?;
    let (findings, others) = generate::log_kinds().into_iter().partition(|kind| FINDINGS.contains(kind));
    for (kinds, share) in [(findings, FINDINGS_SHARE), (others, OTHERS_SHARE)] {
        let kinds: Vec<&str> = kinds;
        let kinds = kinds.into_iter().map(str::to_owned).collect();
        generate::run_logs(&options, &Logs { records: args.events / share, kinds, accounts: 3, regions: 4 })?;
    }
    let lake = Lake::open(&args.dir.join("lake").to_string_lossy(), LakeOptions::default())?;
    let detections = detection::open(settings, &args.dir.join(STATE), enricher)?;
    // Alerts of an earlier demo are about events that are gone.
    detections.store().start_over()?;
    let options = ::ingest::Options { watched: detection::watched(&detections), ..::ingest::Options::default() };
    let report = ingest::into(lake, enricher, &[logs.to_string_lossy().into_owned()], options).await?;
    if !report.is_complete() {
        bail!("the sample logs did not go in whole: {} objects with trouble", report.bad_objects + report.unread);
    }
    note(&format!("{} events are in the lake", report.rows_added));
    Ok(())
}

/// Removes what an earlier demo left; nothing else lies under these names.
fn remove(path: &Path) -> anyhow::Result<()> {
    let gone = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match gone {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {}", path.display()))
        }
        _ => Ok(()),
    }
}
