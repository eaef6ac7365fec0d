//! Splunk's search processing language: text to its own AST ([`parse`]), and from there to the pipeline IR ([`lower`]).
//!
//! One command is one file in `commands/`, one function one entry in `functions/` or `stats/`; help, completion and
//! docs/spl.md are made from what they say of themselves. Semantics follow Splunk's Search Reference; where published
//! queries get it wrong and still mean one thing, that is done, with a warning.

pub mod ast;
pub(crate) mod build;
mod commands;
mod constant;
mod datamodel;
mod event;
mod expr;
mod functions;
mod lexer;
mod lowering;
mod macros;
mod macros_file;
mod mentions;
mod names;
mod parser;
pub(crate) mod pattern;
mod predicate;
mod reference;
mod scope;
mod source;
mod statistics;
mod stats;
mod subsearch;
pub(crate) mod suggest;
mod tables;
#[cfg(test)]
mod testing;
pub(crate) mod time;
pub(crate) mod wildcard;

pub use ast::Ast;
pub use commands::{Command, all as commands};
pub use functions::{Function, all as functions};
pub use macros::{Macro, Macros};
pub use macros_file::read as read_macros;
pub(crate) use predicate::is_cidr;
pub use scope::Kind;
pub use stats::{StatsFunction, all as stats_functions};
pub use time::Zone;

use crate::diagnostic::{Diagnostic, Severity};
use crate::language::Front;
pub use crate::language::{Environment, Lowered};
use crate::schema::Dialect;

/// SPL.
pub const FRONT: Front = Front {
    id: "spl",
    title: "Splunk SPL",
    dialect: Dialect::Spl,
    lower,
    ast: |text, env| serde_json::to_value(parse(text, env.macros).0).unwrap_or_default(),
    recognise: |_| 1,
    reference: reference::entries,
};

/// Parses a query; errors and warnings stand beside what could be read of it.
#[must_use]
pub fn parse(text: &str, macros: &dyn Fn(&str, usize) -> Option<Macro>) -> (Ast, Vec<Diagnostic>) {
    let (source, mut diagnostics) = source::Source::expand(text, macros);
    let (ast, found) = parser::parse(&source);
    diagnostics.extend(found);
    (ast, diagnostics)
}

/// Lowers a query to the pipeline IR.
///
/// # Errors
/// All that is wrong with the query, at least one of them an error, warnings included.
pub fn lower(text: &str, env: &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let (ast, mut diagnostics) = parse(text, env.macros);
    if ast.commands.is_empty() && !has_error(&diagnostics) {
        diagnostics
            .push(Diagnostic::error("spl.empty", "the query is empty", ast.span).with_help("`*` finds every event"));
    }
    if has_error(&diagnostics) && ast.commands.is_empty() {
        return Err(diagnostics);
    }
    let lowered = lowering::lower(&ast, env);
    diagnostics.extend(lowered.diagnostics);
    diagnostics.dedup();
    if has_error(&diagnostics) {
        return Err(diagnostics);
    }
    Ok(Lowered { diagnostics, ..lowered })
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// The AST as indented JSON, for `explain`.
#[must_use]
pub fn explain(text: &str, macros: &dyn Fn(&str, usize) -> Option<Macro>) -> String {
    let (ast, _) = parse(text, macros);
    serde_json::to_string_pretty(&ast).unwrap_or_default()
}
