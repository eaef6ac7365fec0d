//! The languages that lower to the pipeline enter here: their front ends resolve names through the catalogues.

use std::path::Path;

use query::diagnostic::Diagnostic;
use query::language::{Environment, Front, Kind};
use query::pipeline::Pipeline;
use query::spl::{Macro, Macros};

use crate::catalogue::Fields;
use crate::error::{ErrorKind, QueryError};
use crate::request::{QueryRequest, ResultKind};
use crate::{following, timeline};

/// A lowered query with what errors show of it.
pub(crate) struct Lowered {
    pub(crate) pipeline: Pipeline,
    pub(crate) kind: ResultKind,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) ir: String,
}

/// Largest file of macros, bytes.
const MOST_MACROS: u64 = 4 << 20;

/// The search macros of a file; none where no file is set.
///
/// # Errors
/// [`crate::ErrorKind::Invalid`] where the file can't be read or is not valid, with what is wrong.
pub fn macros(path: Option<&Path>) -> Result<Macros, QueryError> {
    let Some(path) = path else { return Ok(Macros::new()) };
    let wrong = |why: String| QueryError::new(ErrorKind::Invalid, format!("the macros of {}: {why}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if size > MOST_MACROS {
        return Err(wrong(format!("the file is larger than {} MiB", MOST_MACROS >> 20)));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    query::spl::read_macros(&text).map_err(|found| {
        let places = found.iter().map(|d| {
            let line = text[..d.span.start].matches('\n').count() + 1;
            format!("line {line}: {}", d.message)
        });
        wrong(places.collect::<Vec<_>>().join("; "))
    })
}

fn environment<'a>(
    request: &QueryRequest,
    now: i64,
    macros: &'a dyn Fn(&str, usize) -> Option<Macro>,
    parameters: &'a dyn Fn(&str) -> Option<String>,
) -> Environment<'a> {
    Environment {
        earliest: request.since,
        latest: request.until,
        macros,
        parameters,
        timezone: request.timezone,
        ..Environment::new(&Fields, now)
    }
}

/// Reads and lowers a query.
///
/// # Errors
/// [`crate::ErrorKind::Invalid`] with everything that is wrong with the text.
pub(crate) fn lower(front: &Front, request: &QueryRequest, now: i64, macros: &Macros) -> Result<Lowered, QueryError> {
    let macros = |name: &str, arity: usize| macros.get(&(name.to_owned(), arity)).cloned();
    let parameters = |name: &str| request.parameters.get(name).cloned();
    let env = environment(request, now, &macros, &parameters);
    let mut lowered = (front.lower)(&request.text, &env).map_err(QueryError::invalid)?;
    if request.following {
        lowered.diagnostics.extend(following::over(&mut lowered.pipeline, &request.text)?);
        lowered.kind = Kind::Events;
    } else if let (Some(width), Kind::Events) = (request.timeline, lowered.kind) {
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
pub(crate) fn ast(front: &Front, request: &QueryRequest, now: i64, macros: &Macros) -> serde_json::Value {
    let macros = |name: &str, arity: usize| macros.get(&(name.to_owned(), arity)).cloned();
    let parameters = |name: &str| request.parameters.get(name).cloned();
    (front.ast)(&request.text, &environment(request, now, &macros, &parameters))
}
