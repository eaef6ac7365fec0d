//! `trailhound quarantine`: what could not be decoded, and another try at it.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};
use ingest::replay::{Replay, ReplayReport, Which, list};
use lake::Held;
use serde_json::json;

use crate::cli::{Printed, Quarantine, QuarantineAction, WhichArgs};
use crate::config::{Settings, days};
use crate::output::{Table, line, note};
use crate::wiring;

/// Troubles told one by one on standard error.
const TOLD: usize = 20;

/// Lists, shows or replays.
pub(crate) async fn run(settings: &Settings, args: Quarantine) -> anyhow::Result<ExitCode> {
    match args.action {
        QuarantineAction::List { lake, which, limit, format } => {
            let lake = wiring::present_lake(settings, &lake)?;
            let found = list(&lake, &meant(&which)?, limit, 80).await?;
            match format {
                Printed::Json => found.pieces.iter().try_for_each(|held| line(&object(held).to_string()))?,
                Printed::Text => table(&found.pieces)?,
            }
            if found.total > found.pieces.len() as u64 {
                note(&format!("{} of {} pieces; --limit shows more", found.pieces.len(), found.total));
            }
            Ok(ExitCode::SUCCESS)
        }
        QuarantineAction::Show { lake, id } => {
            let lake = wiring::present_lake(settings, &lake)?;
            let which = Which { ids: Some([id.clone()].into()), done: true, ..Which::default() };
            let found = list(&lake, &which, 1, usize::MAX).await?;
            let held = found.pieces.first().with_context(|| format!("there is no piece `{id}` in quarantine"))?;
            note(&serde_json::to_string_pretty(&object(held))?);
            let mut out = std::io::stdout().lock();
            out.write_all(&held.piece.bytes)?;
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
        QuarantineAction::Replay { lake: args, which, log_type, geo, format } => {
            let lake = wiring::present_lake(settings, &args)?;
            let options = ingest::Options {
                storage: wiring::storage(settings, &args),
                rules: Arc::new(settings.ingest.rules()?),
                old_after: settings.ingest.old_after()?,
                log_type,
                ..ingest::Options::default()
            };
            let enricher = wiring::enricher(settings, &geo);
            let report = Replay::new(lake, enricher, options).run(&meant(&which)?).await?;
            match format {
                Printed::Json => line(&summary(&report).to_string())?,
                Printed::Text => line(&format!(
                    "{} of {} pieces decoded: {} records, {} rows added, {} already there",
                    report.done, report.pieces, report.records, report.rows_added, report.duplicates
                ))?,
            }
            for problem in report.problems.iter().take(TOLD) {
                note(&format!("{}: {} ({})", problem.origin, problem.message, problem.reason));
            }
            Ok(if report.done == report.pieces { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn meant(args: &WhichArgs) -> anyhow::Result<Which> {
    Ok(Which {
        ids: (!args.ids.is_empty()).then(|| args.ids.iter().cloned().collect()),
        reason: args.reason.clone(),
        origin: args.origin.clone(),
        since: args.since.as_deref().map(since).transpose()?,
        done: args.done,
    })
}

/// A time, or an age in days.
fn since(text: &str) -> anyhow::Result<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.timestamp_micros());
    }
    let age = days(text)
        .with_context(|| format!("`{text}` is neither a time nor an age; give 2026-01-15T00:00:00Z or 7d"))?;
    Ok((Utc::now() - chrono::TimeDelta::days(i64::from(age))).timestamp_micros())
}

fn at(held: &Held) -> String {
    let time = DateTime::from_timestamp_micros(held.piece.ingest_time).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn object(held: &Held) -> serde_json::Value {
    json!({
        "id": held.id, "at": at(held), "origin": held.piece.origin, "position": held.piece.position,
        "offset": held.piece.offset, "reason": held.piece.reason, "message": held.piece.message,
        "bytes": held.piece.size, "done": held.done, "excerpt": String::from_utf8_lossy(&held.piece.bytes[..held.piece.bytes.len().min(1024)]),
    })
}

fn table(pieces: &[Held]) -> anyhow::Result<()> {
    let names = ["id", "at", "reason", "bytes", "origin", "excerpt"].map(str::to_owned).to_vec();
    let mut table = Table::new(std::io::stdout().lock(), names);
    let row = |held: &Held| {
        let excerpt = String::from_utf8_lossy(&held.piece.bytes).into_owned();
        let (id, size) = (held.id.clone(), held.piece.size.to_string());
        [id, at(held), held.piece.reason.clone(), size, held.piece.origin.clone(), excerpt].map(Some).to_vec()
    };
    table.rows(pieces.iter().map(row).collect())?;
    table.finish()?;
    Ok(())
}

fn summary(report: &ReplayReport) -> serde_json::Value {
    let problems = report
        .problems
        .iter()
        .map(|problem| json!({"origin": problem.origin, "reason": problem.reason, "message": problem.message}));
    json!({
        "pieces": report.pieces, "done": report.done, "records": report.records, "rows_added": report.rows_added,
        "duplicates": report.duplicates, "excluded": report.excluded, "problems": problems.collect::<Vec<_>>(),
    })
}
