//! `trailhound generate`: sample logs.

use std::process::ExitCode;

use anyhow::Context;
use chrono::{DateTime, Utc};
use generate::{LogCount, Logs, Options, Report};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{Generate, Printed};
use crate::output::line;

/// Writes the samples and says how much was written.
pub(crate) fn run(args: &Generate) -> anyhow::Result<ExitCode> {
    let mut options = Options::new(args.events, &args.out, args.seed);
    options.days = args.days;
    options.stories = !args.background;
    if let Some(end) = &args.end {
        options.end = instant(end)?;
    }
    let report = write(&options)?;
    let counts = if args.logs == 0 { Vec::new() } else { generate::run_logs(&options, &logs(args))? };
    match args.format {
        Printed::Json => line(&json(&report, &counts))?,
        Printed::Text => tell(&report, &counts)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn logs(args: &Generate) -> Logs {
    Logs { records: args.logs, kinds: args.log_types.clone(), accounts: args.accounts, regions: args.regions }
}

fn json(report: &Report, counts: &[LogCount]) -> String {
    let counts: Vec<_> = counts
        .iter()
        .map(|c| {
            serde_json::json!({"log_type": c.kind, "account": c.account, "region": c.region, "records": c.records, "objects": c.objects, "bytes": c.bytes_raw})
        })
        .collect();
    serde_json::json!({"events": report.events, "objects": report.objects, "bytes": report.bytes_raw, "logs": counts})
        .to_string()
}

fn tell(report: &Report, counts: &[LogCount]) -> anyhow::Result<()> {
    line(&format!(
        "{} events in {} objects, {} MB of JSON, {} MB compressed",
        report.events,
        report.objects,
        report.bytes_raw / 1_000_000,
        report.bytes_gz / 1_000_000
    ))?;
    for kind in generate::log_kinds() {
        let of = || counts.iter().filter(|count| count.kind == kind);
        let (records, objects): (u64, u64) = (of().map(|c| c.records).sum(), of().map(|c| c.objects).sum());
        if objects > 0 {
            line(&format!("{records} records of {kind} in {objects} objects"))?;
        }
    }
    Ok(())
}

fn instant(text: &str) -> anyhow::Result<DateTime<Utc>> {
    let micros = engine::parse_time(text, Utc::now().timestamp_micros());
    micros
        .and_then(DateTime::from_timestamp_micros)
        .with_context(|| format!("`{text}` is no time; give ISO 8601 or `now`"))
}

/// Generates with a progress bar.
pub(crate) fn write(options: &Options) -> anyhow::Result<Report> {
    let bar = ProgressBar::new(options.events);
    bar.set_style(ProgressStyle::with_template("generating {wide_bar} {human_pos}/{human_len} events")?);
    let report = generate::run(options, &mut |done| bar.set_position(done));
    bar.finish_and_clear();
    Ok(report?)
}
