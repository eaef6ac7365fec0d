//! `trailhound convert`: logs as documents of another standard, one a line, without a lake.

use std::io::{BufWriter, Write, stdout};
use std::process::ExitCode;

use event::Decoded;
use event::convert::{Standard, document};

use crate::cli::{Convert, Standard as To};
use crate::config::Settings;
use crate::output::note;
use crate::wiring;

/// Troubles told one by one on standard error.
const TOLD: usize = 20;

/// Prints the documents of everything at the paths.
pub(crate) async fn run(settings: &Settings, args: Convert) -> anyhow::Result<ExitCode> {
    let enricher = wiring::enricher(settings, &args.geo);
    let standard = match args.to {
        To::Ecs => Standard::Ecs,
        To::Ocsf => Standard::Ocsf,
    };
    let options = ingest::Options {
        storage: wiring::storage(settings, &args.lake),
        log_type: args.log_type,
        old_after: settings.ingest.old_after()?,
        ..ingest::Options::default()
    };
    let mut out = BufWriter::new(stdout());
    let mut written = Ok(());
    let lookup = enricher.clone();
    let mut sink = |rows: Decoded| {
        written = documents(&mut out, standard, &rows, &lookup);
        written.is_ok()
    };
    let found = ingest::read(&args.paths, enricher, &options, &mut sink).await?;
    written.and_then(|()| out.flush())?;
    for problem in found.problems.iter().take(TOLD) {
        note(&format!("{}: {} ({})", problem.origin, problem.message, problem.reason));
    }
    if found.problems.len() > TOLD {
        note(&format!("… and {} more", found.problems.len() - TOLD));
    }
    let unread = found.problems.iter().any(|problem| problem.reason != "skipped");
    Ok(if unread || found.rows == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn documents(
    out: &mut impl Write,
    standard: Standard,
    rows: &Decoded,
    lookup: &enrich::Enricher,
) -> std::io::Result<()> {
    for row in 0..rows.batch.num_rows() {
        writeln!(out, "{}", document(standard, rows.log_type, &rows.batch, row, lookup))?;
    }
    Ok(())
}
