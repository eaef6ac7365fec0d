//! The planner's errors as diagnostics: what is wrong, at which characters, and what was probably meant.

use datafusion::common::{DataFusionError, SchemaError};
use event::{Naming, catalogue};
use query::diagnostic::Diagnostic;
use query::span::Span;

use super::CLOUDTRAIL_NAMES;
use crate::error::QueryError;

/// A planning error of `text`. What the user can't have caused stays as it is.
pub(crate) fn diagnose(text: &str, error: DataFusionError) -> QueryError {
    let found = match error.find_root() {
        DataFusionError::SQL(parse, _) => Some(syntax(text, &parse.to_string())),
        DataFusionError::SchemaError(schema, _) => unknown_field(text, schema),
        DataFusionError::Plan(message) => Some(planning(text, message)),
        DataFusionError::NotImplemented(message) => {
            Some(Diagnostic::error("sql.unsupported", message.clone(), whole(text)))
        }
        _ => None,
    };
    found.map_or_else(|| error.into(), |d| QueryError::invalid(vec![d]))
}

fn whole(text: &str) -> Span {
    Span::new(0, text.len())
}

/// `… at Line: 1, Column: 8` at the end of the parser's messages.
fn syntax(text: &str, message: &str) -> Diagnostic {
    let message = message.trim_start_matches("sql parser error: ");
    let (what, position) = message.split_once(" at Line: ").map_or((message, None), |(w, p)| (w, Some(p)));
    let span = position.and_then(|p| offset(text, p)).map_or(whole(text), |at| Span::new(at, word_end(text, at)));
    let mut diagnostic = Diagnostic::error("sql.syntax", what.to_owned(), span);
    let word = &text[span.start..span.end];
    if let Some(keyword) = nearest(word, KEYWORDS.iter().copied()) {
        diagnostic = diagnostic.with_help(format!("did you mean `{keyword}`?")).with_suggestion(keyword);
    }
    diagnostic
}

const KEYWORDS: [&str; 16] = [
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "HAVING", "LIMIT", "JOIN", "UNION", "AND", "OR", "NOT",
    "BETWEEN", "LIKE", "WITH",
];

/// Functions that people call most: a slip of the keys means one of these before any other.
const FUNCTIONS: [&str; 28] = [
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
    "split_part",
    "regexp_like",
    "regexp_replace",
    "date_trunc",
    "date_part",
    "date_bin",
    "now",
    "round",
    "nullif",
    "element_at",
    "json_extract",
    "json_extract_scalar",
    "from_iso8601_timestamp",
    "cidr_match",
];

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
    let rest = &text[start..];
    let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    start + length.max(rest.chars().next().map_or(0, char::len_utf8))
}

fn unknown_field(text: &str, error: &SchemaError) -> Option<Diagnostic> {
    let SchemaError::FieldNotFound { field, valid_fields } = error else { return None };
    let name = field.name.clone();
    let span = locate(text, &name);
    let diagnostic = Diagnostic::error("sql.unknown-column", format!("there is no column `{name}`"), span);
    let names = catalogue().names(Naming::Sql);
    let near = nearest(&name, names.into_iter().chain(valid_fields.iter().map(|c| c.name.as_str())));
    Some(match near {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near),
        None => diagnostic.with_help(
            "see the field reference for the columns there are; parts of the record are read as requestParameters.name",
        ),
    })
}

fn planning(text: &str, message: &str) -> Diagnostic {
    if let Some(name) = between(message, "Invalid function '", "'") {
        let near = nearest(name, FUNCTIONS.into_iter()).or_else(|| between(message, "Did you mean '", "'"));
        let diagnostic =
            Diagnostic::error("sql.unknown-function", format!("there is no function `{name}`"), locate(text, name));
        return match near {
            Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near),
            None => diagnostic,
        };
    }
    if let Some(name) = between(message, "table '", "' not found") {
        let short = name.rsplit('.').next().unwrap_or(name);
        let diagnostic =
            Diagnostic::error("sql.unknown-table", format!("there is no table `{short}`"), locate(text, short));
        let near = nearest(short, CLOUDTRAIL_NAMES.into_iter()).unwrap_or(CLOUDTRAIL_NAMES[1]);
        return diagnostic.with_help(format!("CloudTrail events are in `{near}`")).with_suggestion(near);
    }
    Diagnostic::error("sql.invalid", message.lines().next().unwrap_or(message).to_owned(), whole(text))
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(inner, _)| inner)
}

/// Where a name stands in the text, case aside; the whole text where it was made on the way.
fn locate(text: &str, name: &str) -> Span {
    let folded = text.to_ascii_lowercase();
    let wanted = name.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = folded[from..].find(&wanted).map(|i| i + from) {
        let before = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let after = text[at + wanted.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        if before && after {
            return Span::new(at, at + wanted.len());
        }
        from = at + wanted.len().max(1);
    }
    whole(text)
}

/// The candidate closest to a word, where one is close.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let most = (word.chars().count() / 3).max(1);
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
        assert_eq!(locate("select eventNmae from t", "eventnmae"), Span::new(7, 16));
    }
}
