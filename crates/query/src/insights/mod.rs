//! CloudWatch Logs Insights: text to its own tree ([`parse`]), and from there to the pipeline IR ([`lower`]). One command is
//! one file in `commands/`, one function one entry in `functions/` or `aggregates`; help, completion and the manual are made
//! from what they say of themselves. Semantics follow the CloudWatch Logs user guide, "Logs Insights QL".

mod aggregates;
pub mod ast;
mod commands;
mod cursor;
mod expr;
mod functions;
mod lowering;
mod names;
mod parser;
mod reference;
mod subquery;
mod table;
#[cfg(test)]
mod testing;
mod time;

pub use ast::Ast;

use crate::diagnostic::{Diagnostic, Severity};
use crate::language::{Environment, Front, Lowered};
use crate::schema::Dialect;
use crate::span::Span;

/// CloudWatch Logs Insights.
pub const FRONT: Front = Front {
    id: "insights",
    title: "CloudWatch Logs Insights",
    dialect: Dialect::Insights,
    lower,
    ast: |text, _| serde_json::to_value(parse(text).0).unwrap_or_default(),
    recognise,
    reference: reference::entries,
};

/// Longest query; CloudWatch takes 10,000 characters.
const LONGEST: usize = 256 << 10;

/// Parses a query; errors and warnings stand beside what could be read of it.
#[must_use]
pub fn parse(text: &str) -> (Ast, Vec<Diagnostic>) {
    if text.len() > LONGEST {
        let message = format!("the query has {} bytes, {LONGEST} are the most", text.len());
        return (Ast::default(), vec![Diagnostic::error("insights.too-long", message, Span::new(0, text.len()))]);
    }
    let mut cursor = cursor::Cursor::new(text);
    let ast = parser::query(&mut cursor);
    (ast, cursor.diagnostics)
}

/// Lowers a query to the pipeline IR.
///
/// # Errors
/// All that is wrong with the query, warnings included.
pub fn lower(text: &str, env: &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let (ast, mut diagnostics) = parse(text);
    let span = Span::new(0, text.len());
    if ast.commands.is_empty() && !has_error(&diagnostics) {
        let help = "`fields @timestamp, @message` shows events";
        diagnostics.push(Diagnostic::error("insights.empty", "the query is empty", span).with_help(help));
    }
    if ast.commands.is_empty() {
        return Err(diagnostics);
    }
    let lowered = lowering::lower(&ast, env, span);
    diagnostics.extend(lowered.diagnostics);
    if has_error(&diagnostics) {
        return Err(diagnostics);
    }
    Ok(Lowered { diagnostics, ..lowered })
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Commands begin a query without a pipe, and system fields begin with `@`: no other language has both.
fn recognise(text: &str) -> u8 {
    let mut cursor = cursor::Cursor::new(text);
    let piped = cursor.eat("|");
    let first = cursor.word().to_ascii_lowercase();
    let known = commands::find(&first).is_some() && !piped;
    let system = ["@timestamp", "@message", "@logStream", "@log"].iter().any(|name| text.contains(name));
    let lower = text.to_ascii_lowercase();
    let filters = lower.contains("| filter ") || lower.contains("|filter ");
    match first.as_str() {
        "source" if known && text.contains('|') && !lower.contains("source=") => 95,
        "fields" | "filter" | "display" | "filterindex" if known => 90 + 8 * u8::from(system),
        "stats" | "parse" | "sort" | "dedup" | "limit" | "unnest" | "pattern" if known => match (system, filters) {
            (true, _) => 95,
            (_, true) => 85,
            _ if first == "stats" || first == "unnest" => 75,
            _ => 40,
        },
        _ if system && filters => 60,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_recognised() {
        for (text, least) in [
            ("fields @timestamp, @message | sort @timestamp desc", 95),
            ("# comment\nfilter eventName = \"x\"", 90),
            ("stats count(*) by bin(5m)", 75),
            ("SOURCE '/aws/x' | fields a", 95),
            ("parse @message \"a*\" as b", 95),
        ] {
            assert!(recognise(text) >= least, "{text}: {}", recognise(text));
        }
        for text in [
            "index=main | stats count",
            "| stats count by x",
            "SELECT 1",
            "{ $.a = b }",
            "_sourceCategory=x | count",
            "",
        ] {
            assert!(recognise(text) < 20, "{text}");
        }
    }
}
