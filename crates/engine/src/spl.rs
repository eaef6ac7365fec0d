//! SPL enters here: its front end resolves names through the catalogue; macros are those that it brings along.

use query::diagnostic::Diagnostic;
use query::pipeline::Pipeline;
use query::spl::{self, Environment, Zone};

use crate::catalogue::Fields;
use crate::error::QueryError;
use crate::request::{QueryRequest, ResultKind};

/// A lowered query with what `explain` shows of it.
pub(crate) struct Lowered {
    pub(crate) pipeline: Pipeline,
    pub(crate) kind: ResultKind,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) ast: serde_json::Value,
    pub(crate) ir: String,
}

/// Reads and lowers a query.
///
/// # Errors
/// [`crate::ErrorKind::Invalid`] with everything that is wrong with the text.
pub(crate) fn lower(request: &QueryRequest, now: i64) -> Result<Lowered, QueryError> {
    let environment = Environment {
        schema: &Fields,
        now,
        earliest: request.since,
        latest: request.until,
        macros: &|_, _| None,
        default_table: "cloudtrail",
        timezone: Zone::UTC,
    };
    let lowered = spl::lower(&request.text, &environment).map_err(QueryError::invalid)?;
    let (ast, _) = spl::parse(&request.text, environment.macros);
    Ok(Lowered {
        ir: query::pipeline::render(&lowered.pipeline),
        kind: match lowered.kind {
            spl::Kind::Events => ResultKind::Events,
            spl::Kind::Rows => ResultKind::Rows,
        },
        pipeline: lowered.pipeline,
        diagnostics: lowered.diagnostics,
        ast: serde_json::to_value(&ast).unwrap_or_default(),
    })
}
