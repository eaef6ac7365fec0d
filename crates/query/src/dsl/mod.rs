//! OpenSearch's query DSL: the JSON body of a search, a query by itself, the filters of a saved object, the request of an
//! alerting monitor, or a saved visualisation.
//!
//! A body without aggregations gives events; with aggregations a row a leaf bucket. What conditions mean is shared with
//! Lucene and KQL, in [`crate::opensearch`].

mod aggregate;
mod body;
mod clauses;
mod json;
mod reference;
mod rows;
pub mod saved;
mod simple;
mod vis;

use crate::diagnostic::Diagnostic;
use crate::language::{Environment, Front, Lowered};
use crate::schema::Dialect;

/// OpenSearch query DSL.
pub const FRONT: Front = Front {
    id: "dsl",
    title: "OpenSearch query DSL",
    dialect: Dialect::OpenSearch,
    lower,
    ast: |text, _| body::document(text).map(|(node, _)| node.plain()).unwrap_or_default(),
    recognise: reference::recognise,
    reference: reference::entries,
};

fn lower(text: &str, env: &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let (node, indices) = body::document(text).map_err(|error| vec![error])?;
    let mut reader = clauses::Reader::default();
    let request = body::read(&mut reader, &node, indices);
    if reader.has_errors() {
        return Err(reader.diagnostics);
    }
    rows::lower(request, reader.diagnostics, env, node.span)
}

#[cfg(test)]
mod tests;
