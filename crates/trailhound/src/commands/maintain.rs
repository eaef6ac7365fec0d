//! `trailhound maintain`, and the same in the background of a server.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{Days, NaiveDate, Utc};
use lake::{CompactOptions, Lake, Transform, VacuumOptions};

use crate::cli::{GeoArgs, LakeArgs, Maintain, Task};
use crate::config::{Settings, days};
use crate::output::line;
use crate::wiring;

/// Tables that are not kept by days: they are small, and retention leaves them.
const LEDGERS: [&str; 3] = ["objects", "digests", "quarantine_done"];

/// How often a server looks after its lake.
const EVERY: Duration = Duration::from_secs(300);
/// A day is compacted in the background when this many small files have gathered.
const GATHERED: usize = 16;
/// Rounds of upkeep between two vacuums: half a day.
const VACUUM_ROUNDS: u64 = 144;

/// Runs one task on one table or all.
pub(crate) async fn run(settings: &Settings, args: Maintain) -> anyhow::Result<ExitCode> {
    match args.task {
        Task::Compact { lake, table } => compact(settings, &lake, table).await?,
        Task::Retain { lake, table, older_than } => retain(settings, &lake, table, &older_than).await?,
        Task::Vacuum { lake, table, retention_hours } => vacuum(settings, &lake, table, retention_hours).await?,
        Task::Enrich { lake, table, since, geo } => enrich(settings, &lake, table, since.as_deref(), &geo).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The named table, or all.
async fn tables(lake: &Lake, named: Option<String>) -> anyhow::Result<Vec<String>> {
    let there = lake.tables().await?;
    match named {
        Some(name) if there.contains(&name) => Ok(vec![name]),
        Some(name) => bail!("there is no table `{name}` in {}; there are: {}", lake.url(), there.join(", ")),
        None => Ok(there),
    }
}

async fn compact(settings: &Settings, args: &LakeArgs, table: Option<String>) -> anyhow::Result<()> {
    let lake = wiring::lake(settings, args)?;
    for table in tables(&lake, table).await? {
        let done = lake.compact(&table, CompactOptions::default()).await?;
        line(&format!(
            "{table}: {} files of {} bytes became {} of {} bytes ({} rows)",
            done.files_before, done.bytes_before, done.files_after, done.bytes_after, done.rows
        ))?;
    }
    Ok(())
}

fn is_ledger(table: &str) -> bool {
    LEDGERS.contains(&table)
}

fn cutoff(age: &str) -> anyhow::Result<NaiveDate> {
    let days = days(age)?;
    let today = Utc::now().date_naive();
    Ok(today.checked_sub_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MIN))
}

async fn retain(settings: &Settings, args: &LakeArgs, table: Option<String>, age: &str) -> anyhow::Result<()> {
    let lake = wiring::lake(settings, args)?;
    let oldest = cutoff(age)?;
    for table in tables(&lake, table).await?.into_iter().filter(|t| !is_ledger(t)) {
        let done = lake.retain(&table, oldest).await?;
        line(&format!(
            "{table}: dropped {} days before {oldest}: {} rows, {} bytes",
            done.days, done.rows, done.bytes
        ))?;
    }
    Ok(())
}

async fn vacuum(settings: &Settings, args: &LakeArgs, table: Option<String>, hours: u32) -> anyhow::Result<()> {
    let lake = wiring::lake(settings, args)?;
    let retention = Duration::from_secs(u64::from(hours) * 3600);
    for table in tables(&lake, table).await? {
        let done = lake.vacuum(&table, VacuumOptions { retention, ..VacuumOptions::default() }).await?;
        line(&format!("{table}: removed {} files", done.deleted.len()))?;
    }
    Ok(())
}

async fn enrich(
    settings: &Settings,
    args: &LakeArgs,
    table: Option<String>,
    since: Option<&str>,
    geo: &GeoArgs,
) -> anyhow::Result<()> {
    let lake = wiring::lake(settings, args)?;
    let enricher = wiring::enricher(settings, geo);
    let since = since.map(first_day).transpose()?;
    for table in tables(&lake, table).await? {
        let Some(log_type) = event::log_type(&table) else { continue };
        let enricher = Arc::clone(&enricher);
        let transform: Transform =
            Arc::new(move |batch| enricher.enrich_as(log_type, batch).map_err(|error| error.to_string()));
        let done = lake.rewrite(&table, &log_type.schema(), since, transform).await?;
        line(&format!("{table}: {} of {} files were rewritten ({} rows)", done.rewritten, done.files, done.rows))?;
        if done.overtaken > 0 {
            line(&format!("{table}: {} files were compacted meanwhile; run the same again", done.overtaken))?;
        }
    }
    Ok(())
}

/// A date, or an age, as days since 1970-01-01.
fn first_day(text: &str) -> anyhow::Result<i32> {
    let date = match text.parse::<NaiveDate>() {
        Ok(date) => date,
        Err(_) => cutoff(text).with_context(|| format!("`{text}` is no date and no age; give 2024-05-01 or 30d"))?,
    };
    Ok(i32::try_from((date - NaiveDate::default()).num_days())?)
}

/// Looks after a server's lake for as long as it runs. What fails is logged and tried again the next time.
pub(crate) async fn background(lake: Lake, retention: BTreeMap<String, String>) {
    let mut every = tokio::time::interval(EVERY);
    every.tick().await;
    for round in 0_u64.. {
        every.tick().await;
        match lake.tables().await {
            Ok(tables) => {
                for table in tables {
                    upkeep(&lake, &table, retention.get(&table), round).await;
                }
            }
            Err(error) => tracing::warn!(%error, "upkeep can't list the tables"),
        }
    }
}

async fn upkeep(lake: &Lake, table: &str, age: Option<&String>, round: u64) {
    let options = CompactOptions { min_files: GATHERED, ..CompactOptions::default() };
    match lake.compact(table, options).await {
        Ok(done) if done.files_before > 0 => {
            tracing::info!(table, before = done.files_before, after = done.files_after, "compacted");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(table, %error, "compaction failed"),
    }
    if !is_ledger(table)
        && let Some(Ok(oldest)) = age.map(|age| cutoff(age))
        && let Err(error) = lake.retain(table, oldest).await
    {
        tracing::warn!(table, %error, "retention failed");
    }
    if round % VACUUM_ROUNDS == VACUUM_ROUNDS - 1
        && let Err(error) = lake.vacuum(table, VacuumOptions::default()).await
    {
        tracing::warn!(table, %error, "vacuum failed");
    }
}
