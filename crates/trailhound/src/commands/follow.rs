//! `trailhound query --follow`: the query's events as they come into the lake, until the program is interrupted.

use std::io::{self, Stdout, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use engine::{Arrived, Engine, Mark, QueryError, QueryRequest, QueryStream};
use futures::StreamExt;

use super::query::csv_line;
use crate::cli::RowFormat;
use crate::output::{Table, diagnostics, query_failed};

/// How often the lake is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Where the events go.
enum Out {
    Table(Table<Stdout>),
    Json(Stdout),
    Csv(Stdout),
}

/// Follows the query; ends where it fails, or where nobody reads what it prints.
pub(super) async fn run(
    engine: &Engine,
    request: QueryRequest,
    text: &str,
    format: RowFormat,
) -> anyhow::Result<ExitCode> {
    let mut request = QueryRequest { following: true, ..request };
    let mut after = engine.mark().await?;
    let mut upto = after.clone();
    let mut out = None;
    loop {
        if out.is_none() || after.versions != upto.versions {
            request.arrived = Some(Arrived { after, upto: upto.clone() });
            if let Err(error) = look(engine, request.clone(), text, format, &mut out).await {
                return match error.downcast_ref::<QueryError>() {
                    Some(query) => Ok(query_failed(text, query)),
                    None => Err(error),
                };
            }
        }
        after = upto;
        tokio::time::sleep(EVERY).await;
        upto = next(engine, &after).await;
    }
}

/// The lake as it is now; as it was where the store does not answer, which the next look may.
async fn next(engine: &Engine, before: &Mark) -> Mark {
    match engine.mark().await {
        Ok(mark) => mark,
        Err(error) => {
            tracing::warn!(%error, "the lake does not say what came in; tried again");
            before.clone()
        }
    }
}

/// Prints what came in; the first look tells what is wrong with the query.
async fn look(
    engine: &Engine,
    request: QueryRequest,
    text: &str,
    format: RowFormat,
    out: &mut Option<Out>,
) -> anyhow::Result<()> {
    let mut stream = engine.query(request).await?;
    let out = match out {
        Some(out) => out,
        None => {
            diagnostics(text, &stream.diagnostics);
            out.insert(Out::new(&stream, format)?)
        }
    };
    out.drain(&mut stream).await
}

impl Out {
    fn new(stream: &QueryStream, format: RowFormat) -> anyhow::Result<Self> {
        let names: Vec<String> = stream.columns.iter().map(|c| c.name.clone()).collect();
        Ok(match format {
            RowFormat::Table => Self::Table(Table::new(io::stdout(), names)),
            RowFormat::Json => Self::Json(io::stdout()),
            RowFormat::Csv => {
                let mut out = io::stdout();
                csv_line(&mut out, &names.into_iter().map(Some).collect::<Vec<_>>())?;
                Self::Csv(out)
            }
            RowFormat::Parquet => {
                bail!("a Parquet file has an end, a stream of events has none; choose another --format")
            }
        })
    }

    /// Prints the rows, seen at once.
    async fn drain(&mut self, stream: &mut QueryStream) -> anyhow::Result<()> {
        while let Some(batch) = stream.batches.next().await {
            let batch = batch?;
            match self {
                Self::Table(table) => table.rows(engine::texts(&batch)?)?,
                Self::Json(out) => {
                    let mut lines = Vec::new();
                    engine::ndjson(&batch, &mut lines)?;
                    out.write_all(&lines)?;
                }
                Self::Csv(out) => engine::texts(&batch)?.iter().try_for_each(|row| csv_line(out, row))?,
            }
        }
        match self {
            Self::Table(table) => table.show()?,
            Self::Json(out) | Self::Csv(out) => out.flush()?,
        }
        Ok(())
    }
}
