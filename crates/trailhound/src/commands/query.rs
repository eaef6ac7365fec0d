//! `trailhound query`: rows as a table, JSON lines, CSV or Parquet.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::Utc;
use engine::{Engine, QueryError, QueryRequest, QueryStream, Zone};
use futures::StreamExt;

use super::{follow, query_text};
use crate::cli::{Query, RowFormat};
use crate::config::Settings;
use crate::output::{Table, diagnostics, query_failed};
use crate::{commands::ingest, wiring};

/// Runs the query over the lake, or over logs read in place.
pub(crate) async fn run(settings: &Settings, mut args: Query) -> anyhow::Result<ExitCode> {
    let settings = &settings.with(&args.knowledge);
    let text = query_text(&asked(&mut args)?, &args.lang)?;
    let asked = Asked {
        lang: &args.lang,
        since: args.since.as_deref(),
        until: args.until.as_deref(),
        limit: args.limit,
        deadline: args.deadline,
        timezone: &args.timezone,
    };
    let mut request = request(&asked, &text)?;
    request.parameters = args.parameters.iter().cloned().collect();
    let enricher = wiring::enricher(settings, &args.geo);
    // Held until the rows are out: the logs that are read in place lie in it.
    let place = tempfile::tempdir();
    let lake = if args.from.is_empty() {
        wiring::present_lake(settings, &args.lake)?
    } else {
        ingest::in_place(
            place.as_ref().map_err(|e| anyhow!("no temporary folder: {e}"))?.path(),
            &enricher,
            &args.from,
            wiring::storage(settings, &args.lake),
        )
        .await?
    };
    let engine = wiring::engine(settings, lake, &enricher)?;
    if args.follow {
        return follow::run(&engine, request, &text, args.format).await;
    }
    answer(&engine, request, &text, args.format).await
}

/// The query's argument. `--from` takes as many values as follow it, so `--from logs 'QUERY'` leaves the query last.
fn asked(args: &mut Query) -> anyhow::Result<String> {
    let last = |from: &mut Vec<String>| if from.len() > 1 { from.pop() } else { None };
    args.query.take().or_else(|| last(&mut args.from)).context("the query is missing; see `trailhound query --help`")
}

/// How a query is asked from the command line.
pub(super) struct Asked<'a> {
    pub(super) lang: &'a str,
    pub(super) since: Option<&'a str>,
    pub(super) until: Option<&'a str>,
    pub(super) limit: Option<u64>,
    /// Seconds.
    pub(super) deadline: u64,
    pub(super) timezone: &'a str,
}

pub(super) fn request(args: &Asked<'_>, text: &str) -> anyhow::Result<QueryRequest> {
    let now = Utc::now().timestamp_micros();
    let time = |text: Option<&str>| -> anyhow::Result<Option<i64>> {
        let Some(text) = text else { return Ok(None) };
        let found = engine::parse_time(text, now);
        found.map(Some).with_context(|| format!("`{text}` is no time; give ISO 8601 or a relative time such as -7d"))
    };
    let lang = args.lang.parse().map_err(|e: String| anyhow!(e))?;
    let mut request = QueryRequest::new(lang, text);
    request.since = time(args.since)?;
    request.until = time(args.until)?;
    request.limit = args.limit;
    request.timezone = Zone::parse(args.timezone).with_context(|| {
        format!("`{}` is no time zone; give UTC, +09:00 or a name such as Asia/Tokyo", args.timezone)
    })?;
    request.limits.rows = u64::MAX;
    request.limits.deadline = Duration::from_secs(args.deadline);
    Ok(request)
}

pub(super) async fn answer(
    engine: &Engine,
    request: QueryRequest,
    text: &str,
    format: RowFormat,
) -> anyhow::Result<ExitCode> {
    let stream = match engine.query(request).await {
        Ok(stream) => stream,
        Err(error) => return Ok(query_failed(text, &error)),
    };
    diagnostics(text, &stream.diagnostics);
    match write(stream, format).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => match error.downcast_ref::<QueryError>() {
            Some(query) => Ok(query_failed(text, query)),
            None => Err(error),
        },
    }
}

async fn write(stream: QueryStream, format: RowFormat) -> anyhow::Result<()> {
    let out = BufWriter::new(io::stdout().lock());
    match format {
        RowFormat::Table => table(stream, out).await,
        RowFormat::Json => json(stream, out).await,
        RowFormat::Csv => csv(stream, out).await,
        RowFormat::Parquet => {
            drop(out);
            let written = engine::parquet(stream, usize::MAX).await?;
            io::stdout().lock().write_all(&written)?;
            Ok(())
        }
    }
}

async fn table(mut stream: QueryStream, out: impl Write) -> anyhow::Result<()> {
    let mut table = Table::new(out, stream.columns.iter().map(|c| c.name.clone()).collect());
    while let Some(batch) = stream.batches.next().await {
        table.rows(engine::texts(&batch?)?)?;
    }
    Ok(table.finish()?)
}

async fn json(mut stream: QueryStream, mut out: impl Write) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    while let Some(batch) = stream.batches.next().await {
        lines.clear();
        engine::ndjson(&batch?, &mut lines)?;
        out.write_all(&lines)?;
    }
    Ok(out.flush()?)
}

async fn csv(mut stream: QueryStream, mut out: impl Write) -> anyhow::Result<()> {
    let names: Vec<Option<String>> = stream.columns.iter().map(|c| Some(c.name.clone())).collect();
    csv_line(&mut out, &names)?;
    while let Some(batch) = stream.batches.next().await {
        for row in engine::texts(&batch?)? {
            csv_line(&mut out, &row)?;
        }
    }
    Ok(out.flush()?)
}

/// A line of RFC 4180, safe to open in a spreadsheet.
pub(super) fn csv_line(out: &mut impl Write, row: &[Option<String>]) -> io::Result<()> {
    for (index, cell) in row.iter().enumerate() {
        let text = cell.as_deref().unwrap_or_default();
        let comma = if index > 0 { "," } else { "" };
        // An apostrophe in front makes a spreadsheet take the cell as text: a user agent must not be a formula.
        let mark = if is_formula(text) { "'" } else { "" };
        if text.contains(['"', ',', '\n', '\r']) {
            write!(out, "{comma}\"{mark}{}\"", text.replace('"', "\"\""))?;
        } else {
            write!(out, "{comma}{mark}{text}")?;
        }
    }
    out.write_all(b"\r\n")
}

/// Whether a spreadsheet would reckon with the text; plain numbers are what they are.
fn is_formula(text: &str) -> bool {
    let starts = text.starts_with(['\t', '\r']) || text.trim_start().starts_with(['=', '+', '-', '@']);
    starts && (text.trim() != text || text.parse::<f64>().map_or(true, |number| !number.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_quoted_and_no_formula() -> io::Result<()> {
        for (cell, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            (" =1", "' =1"),
            ("\t=1", "'\t=1"),
            ("-", "'-"),
            ("-inf", "'-inf"),
            ("-12.5", "-12.5"),
            ("+3e4", "+3e4"),
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ] {
            let mut out = Vec::new();
            csv_line(&mut out, &[Some("x".to_owned()), Some(cell.to_owned()), None])?;
            assert_eq!(String::from_utf8_lossy(&out), format!("x,{expected},\r\n"), "{cell:?}");
        }
        Ok(())
    }
}
