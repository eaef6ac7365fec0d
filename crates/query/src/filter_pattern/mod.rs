//! CloudWatch filter patterns: what metric filters, subscription filters and `filter-log-events` take. Three languages in
//! one: terms (`ERROR -healthcheck`), patterns over JSON (`{ $.eventName = "ConsoleLogin" }`) and patterns over
//! space-delimited text (`[ip, user, ..., status=4*]`). Semantics follow the CloudWatch Logs user guide, "Filter pattern
//! syntax".
//!
//! A pattern is a predicate: [`predicate`] gives it alone, for the matcher of detections; [`FRONT`] lowers it to a search.

mod ast;
mod cursor;
mod json;
mod json_lowering;
mod reference;
mod regex;
mod spaced;
mod spaced_lowering;
mod table;
mod terms;
#[cfg(test)]
mod testing;
mod value;

pub use ast::Pattern;

use crate::cloudwatch;
use crate::diagnostic::{Diagnostic, Severity};
use crate::language::{Environment, Front, Kind, Lowered};
use crate::pipeline::{Expr, Item, Named, Op, Pipeline, Scan, SortKey, Source};
use crate::schema::Dialect;
use crate::span::Span;
use crate::spl::build;
use cursor::Cursor;

/// CloudWatch filter patterns.
pub const FRONT: Front = Front {
    id: "filter",
    title: "CloudWatch filter pattern",
    dialect: Dialect::FilterPattern,
    lower,
    ast: |text, _| serde_json::to_value(parse(text).0).unwrap_or_default(),
    recognise,
    reference: reference::entries,
};

/// Longest pattern; AWS takes 1,024 characters.
const LONGEST: usize = 64 << 10;

/// Reads a pattern; errors and warnings stand beside what could be read of it.
#[must_use]
pub fn parse(text: &str) -> (Option<Pattern>, Vec<Diagnostic>) {
    if text.len() > LONGEST {
        let message = format!("the pattern has {} bytes, {LONGEST} are the most", text.len());
        return (None, vec![Diagnostic::error("filter.too-long", message, Span::new(0, text.len()))]);
    }
    let mut cursor = Cursor::new(text);
    cursor.skip_space();
    let pattern = match cursor.peek() {
        Some('{') => json::parse(&mut cursor).map(Pattern::Json),
        Some('[') => spaced::parse(&mut cursor).map(Pattern::Spaced),
        _ => terms::parse(&mut cursor),
    };
    (pattern, cursor.diagnostics)
}

/// A pattern as a predicate over the rows of a table: true for the events that match, false or null for the others.
///
/// # Errors
/// All that is wrong with the pattern.
pub fn predicate(text: &str, env: &Environment<'_>) -> Result<(String, Expr), Vec<Diagnostic>> {
    checked(text, env).map(|(table, expr, _)| (table, expr))
}

fn checked(text: &str, env: &Environment<'_>) -> Result<(String, Expr, Vec<Diagnostic>), Vec<Diagnostic>> {
    let (pattern, mut diagnostics) = parse(text);
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let Some(pattern) = pattern.filter(|_| !failed) else { return Err(diagnostics) };
    let table = table::of(&pattern, env);
    let expr = match &pattern {
        Pattern::Json(condition) => json_lowering::lower(condition, &table, env, &mut diagnostics),
        Pattern::Spaced(slots) => spaced_lowering::lower(slots, Span::new(0, text.len())),
        Pattern::Terms(terms) => terms::lower(terms, Span::new(0, text.len())),
    };
    Ok((table, expr, diagnostics))
}

/// Lowers a pattern to a search: the events that match, newest first.
///
/// # Errors
/// All that is wrong with the pattern.
pub fn lower(text: &str, env: &Environment<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let (table, predicate, diagnostics) = checked(text, env)?;
    let span = Span::new(0, text.len());
    let mut items = cloudwatch::columns(env.schema, &table, Dialect::FilterPattern);
    items.push(Named { name: "_raw".to_owned(), expr: cloudwatch::raw(span) });
    let columns = items.iter().map(|item| item.name.clone()).collect();
    let newest = SortKey { expr: cloudwatch::time(Span::default()), descending: true, numeric: false };
    let mut ops = Vec::new();
    if predicate != build::truth(true, predicate.span) {
        ops.push(Op::Filter { predicate });
    }
    ops.push(Op::Sort { keys: vec![newest], limit: None });
    ops.push(Op::Project { items: items.into_iter().map(Item::Named).collect() });
    let scan = Scan { source: Source::Events { table }, earliest: None, latest: None, span };
    Ok(Lowered { pipeline: Pipeline { scan, ops }, diagnostics, columns: Some(columns), kind: Kind::Events })
}

/// JSON and space-delimited patterns have brackets that no other language begins with; terms could be anything.
fn recognise(text: &str) -> u8 {
    let trimmed = text.trim();
    let inside = |open: char, close: char| trimmed.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    if let Some(condition) = inside('{', '}') {
        let condition = condition.trim_start_matches(['(', ' ', '\n', '\t']);
        return if condition.starts_with("$.") || condition.starts_with("$[") { 100 } else { 0 };
    }
    if let Some(slots) = inside('[', ']') {
        return if slots.contains(',') && !slots.contains(['{', '"', '|']) { 90 } else { 60 };
    }
    let optional = trimmed.split_whitespace().all(|word| word.starts_with('?') && word.len() > 1);
    if optional && !trimmed.is_empty() {
        return 85;
    }
    if trimmed.len() > 2 && inside('%', '%').is_some() { 80 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_recognised() {
        for (text, least) in [
            ("{ $.eventName = x }", 100),
            ("{($.a=1)||($.b=2)}", 100),
            ("[ip, user, ..., status=4*]", 90),
            ("?ERROR ?WARN", 85),
            ("%AUTHORIZED%", 80),
        ] {
            assert!(recognise(text) >= least, "{text}");
        }
        for text in ["{\"query\":{\"match_all\":{}}}", "stats count(*) by a", "index=main | stats count", ""] {
            assert_eq!(recognise(text), 0, "{text}");
        }
    }

    #[test]
    fn events_are_shown_with_time_id_and_text() {
        let lowered = testing::lowered("{ $.eventName = ConsoleLogin }");
        let columns = lowered.columns.unwrap_or_default();
        assert_eq!(columns.first().map(String::as_str), Some("_time"));
        assert!(columns.iter().any(|name| name == "eventID"));
        assert_eq!(columns.last().map(String::as_str), Some("_raw"));
        assert_eq!(lowered.kind, Kind::Events);
    }
}
