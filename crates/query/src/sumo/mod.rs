//! Sumo Logic's search query language: text to its own tree (scope, stages, expressions), and from there to the pipeline
//! IR.
//!
//! One operator is one file in `operators/`, one function one entry in `functions/`; the reference is made from what they
//! say of themselves. Semantics follow Sumo Logic's documentation. What its parsers call null is null here, and equals the
//! empty text, as published queries take for granted.

mod ast;
mod compare;
mod cursor;
mod event;
mod expr;
mod functions;
mod keyword;
mod lexer;
mod lowering;
mod names;
mod operators;
mod parser;
mod path;
mod recognise;
mod reference;
mod scope;
mod subquery;
mod tables;
mod template;
#[cfg(test)]
mod testing;
mod value;

use crate::{
    diagnostic::{Diagnostic, Severity},
    language::{Environment, Front, Lowered},
    schema::Dialect,
    span::Span,
};

/// Sumo Logic.
pub const FRONT: Front = Front {
    id: "sumo",
    title: "Sumo Logic",
    dialect: Dialect::Sumo,
    lower,
    ast: |text, env| {
        let template = template::Template::new(env.parameters);
        serde_json::to_value(parser::parse(text, Span::new(0, text.len()), &template).0).unwrap_or_default()
    },
    recognise: recognise::likeness,
    reference: reference::entries,
};

/// Lowers a query to the pipeline IR.
///
/// # Errors
/// All that is wrong with the query, at least one of them an error, warnings included.
pub fn lower(text: &str, env: &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let template = template::Template::new(env.parameters);
    let (query, mut diagnostics) = parser::parse(text, Span::new(0, text.len()), &template);
    if text.trim().is_empty() {
        let diagnostic = Diagnostic::error("sumo.empty", "the query is empty", Span::new(0, text.len()));
        return Err(vec![diagnostic.with_help("`*` finds every message")]);
    }
    if failed(&diagnostics) && query.stages.is_empty() {
        return Err(diagnostics);
    }
    let lowered = lowering::lower(&query, text, env);
    diagnostics.extend(lowered.diagnostics);
    diagnostics.dedup();
    if failed(&diagnostics) {
        return Err(diagnostics);
    }
    Ok(Lowered { diagnostics, ..lowered })
}

fn failed(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
