//! The languages that lower to the pipeline enter here: their front ends resolve names through the catalogues.

use query::diagnostic::Diagnostic;
use query::language::{Environment, Front, Kind, Zone};
use query::pipeline::Pipeline;

use crate::catalogue::Fields;
use crate::error::QueryError;
use crate::request::{QueryRequest, ResultKind};
use crate::timeline;

/// A lowered query with what errors show of it.
pub(crate) struct Lowered {
    pub(crate) pipeline: Pipeline,
    pub(crate) kind: ResultKind,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) ir: String,
}

fn environment(request: &QueryRequest, now: i64) -> Environment<'static> {
    Environment {
        schema: &Fields,
        now,
        earliest: request.since,
        latest: request.until,
        macros: &|_, _| None,
        parameters: &|_| None,
        default_table: "cloudtrail",
        timezone: Zone::UTC,
    }
}

/// Reads and lowers a query.
///
/// # Errors
/// [`crate::ErrorKind::Invalid`] with everything that is wrong with the text.
pub(crate) fn lower(front: &Front, request: &QueryRequest, now: i64) -> Result<Lowered, QueryError> {
    let mut lowered = (front.lower)(&request.text, &environment(request, now)).map_err(QueryError::invalid)?;
    if let (Some(width), Kind::Events) = (request.timeline, lowered.kind) {
        timeline::over(&mut lowered.pipeline, width);
        lowered.kind = Kind::Rows;
    }
    Ok(Lowered {
        ir: query::pipeline::render(&lowered.pipeline),
        kind: match lowered.kind {
            Kind::Events => ResultKind::Events,
            Kind::Rows => ResultKind::Rows,
        },
        pipeline: lowered.pipeline,
        diagnostics: lowered.diagnostics,
    })
}

/// The language's own tree, for `explain`.
pub(crate) fn ast(front: &Front, request: &QueryRequest, now: i64) -> serde_json::Value {
    (front.ast)(&request.text, &environment(request, now))
}
