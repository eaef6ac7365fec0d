//! `trailhound generate`: sample logs.

use std::process::ExitCode;

use anyhow::Context;
use chrono::{DateTime, Utc};
use generate::{Options, Report};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::Generate;
use crate::output::line;

/// Writes the samples and says how much was written.
pub(crate) fn run(args: &Generate) -> anyhow::Result<ExitCode> {
    let mut options = Options::new(args.events, &args.out, args.seed);
    options.days = args.days;
    if let Some(end) = &args.end {
        options.end = instant(end)?;
    }
    let report = write(&options)?;
    line(&format!(
        "{} events in {} objects, {} MB of JSON, {} MB compressed",
        report.events,
        report.objects,
        report.bytes_raw / 1_000_000,
        report.bytes_gz / 1_000_000
    ))?;
    Ok(ExitCode::SUCCESS)
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
