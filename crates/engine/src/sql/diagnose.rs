//! What the parser and the planner say, as diagnostics: what is wrong, at which characters, and what was probably meant,
//! in the user's words.

use datafusion::common::{DataFusionError, SchemaError};
use query::diagnostic::Diagnostic;
use query::span::Span;

use super::scan::Patched;
use crate::error::QueryError;
use crate::functions::trino;

/// A planning error. What the user can't have caused stays as it is.
pub(super) fn diagnose(source: &Patched, error: DataFusionError) -> QueryError {
    let whole = source.span(0, source.text.len());
    let found = match error.find_root() {
        DataFusionError::SchemaError(schema, _) => Some(field(source, schema)),
        DataFusionError::Plan(message) => Some(planning(source, message)),
        DataFusionError::NotImplemented(message) => {
            let said = format!("this is not supported: {}", plain(message));
            Some(Diagnostic::error("sql.unsupported", said, whole))
        }
        _ => None,
    };
    found.map_or_else(|| error.into(), |d| QueryError::invalid(vec![d]))
}

/// `… at Line: 1, Column: 8` at the end of the parser's messages. `whole` is the user's whole text.
pub(super) fn syntax(source: &Patched, whole: &str, message: &str) -> Diagnostic {
    let message = message.trim_start_matches("sql parser error: ");
    let (what, position) = message.split_once(" at Line: ").map_or((message, None), |(w, p)| (w, Some(p)));
    let text = &source.text;
    let span = match position.and_then(|p| offset(text, p)) {
        Some(at) => source.span(at, word_end(text, at)),
        None => {
            let end = source.span(0, text.len()).end;
            Span::new(end.saturating_sub(1), end)
        }
    };
    let what = match what {
        "" => "the statement can't be read",
        w if w.contains("recursion limit") => "the statement nests too deep",
        w => w,
    };
    let mut diagnostic = Diagnostic::error("sql.syntax", plain(what), span);
    let word = whole.get(span.start..span.end).unwrap_or_default();
    if let Some(keyword) = nearest(word, KEYWORDS.iter().copied()) {
        diagnostic = diagnostic.with_help(format!("did you mean `{keyword}`?")).with_suggestion(keyword);
    }
    diagnostic
}

const KEYWORDS: [&str; 16] = [
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "HAVING", "LIMIT", "JOIN", "UNION", "AND", "OR", "NOT",
    "BETWEEN", "LIKE", "WITH",
];

/// Functions that people call most beside Trino's own: a slip of the keys means one of these before any other.
const FUNCTIONS: [&str; 34] = [
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "approx_distinct",
    "array_agg",
    "coalesce",
    "lower",
    "upper",
    "length",
    "substr",
    "replace",
    "concat",
    "date_trunc",
    "date_part",
    "now",
    "round",
    "nullif",
    "trim",
    "count_if",
    "approx_percentile",
    "max_by",
    "min_by",
    "map_agg",
    "histogram",
    "arbitrary",
    "stddev",
    "row_number",
    "rank",
    "lag",
    "lead",
    "greatest",
    "least",
];

/// Names of functions for suggestions.
pub(super) fn functions() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.into_iter()
}

fn offset(text: &str, position: &str) -> Option<usize> {
    let (line, column) = position.split_once(", Column: ")?;
    let line: usize = line.trim().parse().ok()?;
    let column: usize = column.trim().parse().ok()?;
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let rest = text.get(start..)?;
    let within = rest.char_indices().nth(column.checked_sub(1)?).map_or(rest.len(), |(i, _)| i);
    Some(start + within)
}

fn word_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    start + length.max(rest.chars().next().map_or(0, char::len_utf8))
}

fn field(source: &Patched, error: &SchemaError) -> Diagnostic {
    let whole = source.span(0, source.text.len());
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let span = locate(source, &field.name).unwrap_or(whole);
            let diagnostic =
                Diagnostic::error("sql.unknown-column", format!("there is no column `{}`", field.name), span);
            match nearest(&field.name, valid_fields.iter().map(|c| c.name.as_str())) {
                Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near),
                None => diagnostic.with_help("see the field reference for the columns there are"),
            }
        }
        SchemaError::AmbiguousReference { field } => {
            let span = locate(source, &field.name).unwrap_or(whole);
            let message = format!("`{}` is a column of several tables; put the table's name before it", field.name);
            Diagnostic::error("sql.ambiguous", message, span)
        }
        SchemaError::DuplicateUnqualifiedField { name } | SchemaError::DuplicateQualifiedField { name, .. } => {
            let span = locate(source, name).unwrap_or(whole);
            Diagnostic::error("sql.ambiguous", format!("`{name}` is the name of two columns; rename one with AS"), span)
        }
    }
}

/// Beginnings of the planner's messages, what they mean, and what is said instead.
const PLANNING: &[(&str, &str, &str)] = &[
    (
        "must appear in the GROUP BY clause",
        "sql.not-grouped",
        "a column beside an aggregate must be in GROUP BY or in an aggregate such as max(…)",
    ),
    (
        "must be in GROUP BY",
        "sql.not-grouped",
        "a column beside an aggregate must be in GROUP BY or in an aggregate such as max(…)",
    ),
    (
        "could not be resolved from available columns",
        "sql.not-grouped",
        "a column beside an aggregate must be in GROUP BY or in an aggregate such as max(…)",
    ),
    ("ORDER BY expressions", "sql.order", "with DISTINCT, ORDER BY takes columns of the result"),
    ("different number of columns", "sql.columns", "the queries of a UNION must have as many columns as each other"),
    ("equal number of columns", "sql.columns", "the queries of a UNION must have as many columns as each other"),
    ("Cannot infer common argument type", "sql.types", "values of these types can't be compared; use cast(… as …)"),
    ("Cannot coerce", "sql.types", "values of these types don't go together; use cast(… as …)"),
    ("failed to match any signature", "sql.arguments", "a function takes other arguments"),
    ("No function matches", "sql.arguments", "a function takes other arguments"),
    ("does not support zero arguments", "sql.arguments", "a function takes arguments"),
    ("Duplicate", "sql.ambiguous", "two columns have the same name; rename one with AS"),
    ("should only return one column", "sql.columns", "a subquery in brackets gives one column"),
    (
        "Aggregate functions are not allowed",
        "sql.aggregate",
        "an aggregate such as count(…) goes into SELECT or HAVING",
    ),
];

fn planning(source: &Patched, message: &str) -> Diagnostic {
    let whole = source.span(0, source.text.len());
    if let Some(name) = between(message, "Invalid function '", "'") {
        let span = locate(source, name).unwrap_or(whole);
        let diagnostic = Diagnostic::error("sql.unknown-function", format!("there is no function `{name}`"), span);
        return match nearest(name, functions().chain(trino::names())) {
            Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near),
            None => diagnostic,
        };
    }
    if let Some(name) = between(message, "table '", "' not found") {
        let short = name.rsplit('.').next().unwrap_or(name);
        let span = locate(source, short).unwrap_or(whole);
        return Diagnostic::error("sql.unknown-table", format!("there is no table `{short}`"), span);
    }
    let first = message.lines().next().unwrap_or(message);
    match PLANNING.iter().find(|(part, ..)| first.contains(part)) {
        Some((_, code, said)) => {
            let named = first.split(['\'', '"', '`']).nth(1).and_then(|name| locate(source, name.trim()));
            let named = named.or_else(|| named_function(source, first));
            Diagnostic::error(code, *said, named.unwrap_or(whole)).with_help(plain(first))
        }
        None => Diagnostic::error("sql.invalid", plain(first), whole),
    }
}

fn named_function(source: &Patched, message: &str) -> Option<Span> {
    let name = message.split('(').next()?.rsplit([' ', '\'']).next()?;
    locate(source, name.trim_start_matches('_'))
}

/// The engine's words without its inner names.
fn plain(message: &str) -> String {
    let mut out = message.to_owned();
    for (inner, said) in [
        ("__try___cast", "try_cast"),
        ("__cast", "cast"),
        ("__varchar", "varchar"),
        ("__subscript", "subscript"),
        ("__field", "field"),
        ("__list", "array"),
        ("__instant", "timestamp"),
        ("__try_", ""),
        ("__", ""),
        ("Utf8View", "varchar"),
        ("LargeUtf8", "json"),
        ("Utf8", "varchar"),
        ("Int64", "bigint"),
        ("Float64", "double"),
        ("DataFusion", "the engine"),
        ("Error during planning: ", ""),
    ] {
        out = out.replace(inner, said);
    }
    out
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(inner, _)| inner)
}

/// Where a name stands in the text, case aside.
fn locate(source: &Patched, name: &str) -> Option<Span> {
    let folded = source.text.to_ascii_lowercase();
    let wanted = name.to_ascii_lowercase();
    if wanted.is_empty() {
        return None;
    }
    let mut from = 0;
    while let Some(at) = folded.get(from..)?.find(&wanted).map(|i| i + from) {
        let word = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        if word(folded[..at].chars().next_back()) && word(folded[at + wanted.len()..].chars().next()) {
            return Some(source.span(at, at + wanted.len()));
        }
        from = at + wanted.len();
    }
    None
}

/// The candidate closest to a word, where one is close.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let most = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .map(|c| (strsim::damerau_levenshtein(&folded, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance > 0 && *distance <= most)
        .min_by_key(|(distance, c)| (*distance, c.len()))
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_become_offsets() {
        let text = "SELECT é,\n  FORM x";
        assert_eq!(offset(text, "2, Column: 3"), Some(13));
        assert_eq!(&text[13..word_end(text, 13)], "FORM");
        assert_eq!(nearest("FORM", KEYWORDS.into_iter()), Some("FROM"));
        let source = Patched::new("select eventNmae from t", &[]);
        assert_eq!(locate(&source, "eventnmae"), Some(Span::new(7, 16)));
    }
}
