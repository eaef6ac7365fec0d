//! The constants that conditions compare with, and the signs before them.

use super::{
    ast::{Form, Operator, Value},
    cursor::Cursor,
    regex,
};
use crate::{diagnostic::Diagnostic, span::Span};

/// Takes a comparison sign; what people write instead is named.
fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    cursor.skip_space();
    let start = cursor.at;
    let known = [
        ("!=", Operator::Ne),
        ("<=", Operator::Le),
        (">=", Operator::Ge),
        ("=", Operator::Eq),
        ("<", Operator::Lt),
        (">", Operator::Gt),
    ];
    let (sign, operator) = known.into_iter().find(|(sign, _)| cursor.rest().starts_with(sign))?;
    cursor.at += sign.len();
    let doubled = cursor.rest().starts_with(['=', '~']) || (sign == "<" && cursor.rest().starts_with('>'));
    if doubled {
        cursor.bump();
        let span = cursor.span(start);
        let message = format!("`{}` is no comparison of filter patterns", &cursor.text[start..cursor.at]);
        let meant = if sign == "<" { "!=" } else { operator.sign() };
        cursor.report(Diagnostic::error("filter.operator", message, span).with_suggestion(meant));
    }
    Some(operator)
}

/// Takes a comparison and its constant, where one stands next: none where no sign does.
pub(super) fn comparison(cursor: &mut Cursor<'_>, stops: &[&str]) -> Option<Result<(Operator, Value), ()>> {
    let operator = operator(cursor)?;
    let Some(value) = value(cursor, stops) else { return Some(Err(())) };
    let ordered = !matches!(operator, Operator::Eq | Operator::Ne);
    if ordered && ordering_number(&value).is_none() {
        let message = format!("`{}` compares numbers, and `{}` is none", operator.sign(), value.text);
        cursor.report(Diagnostic::error("filter.number", message, value.span));
        return Some(Err(()));
    }
    Some(Ok((operator, value)))
}

/// The number that `<` and the like compare with, in quotation marks or without.
pub(super) fn ordering_number(value: &Value) -> Option<f64> {
    number(&Value { form: if value.form == Form::Quoted { Form::Bare } else { value.form }, ..value.clone() })
}

/// Takes a constant that ends where `stops` does.
fn value(cursor: &mut Cursor<'_>, stops: &[&str]) -> Option<Value> {
    cursor.skip_space();
    let start = cursor.at;
    match cursor.peek() {
        Some('"') => {
            let text = quoted(cursor)?;
            Some(Value { text, form: Form::Quoted, span: cursor.span(start) })
        }
        Some('%') => {
            let text = regex::take(cursor)?;
            Some(Value { text, form: Form::Regex, span: cursor.span(start) })
        }
        _ => bare(cursor, stops),
    }
}

/// Takes `"…"`, with `\"` and `\\` in it.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Option<String> {
    let start = cursor.at;
    cursor.bump();
    let mut out = String::new();
    while let Some(c) = cursor.bump() {
        match c {
            '"' => return Some(out),
            '\\' => match cursor.peek() {
                Some(next @ ('"' | '\\')) => {
                    out.push(next);
                    cursor.bump();
                }
                _ => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
    cursor.error("filter.unclosed-string", "the string has no closing quotation mark", cursor.span(start), "")
}

/// A word without quotes. All up to the end of the condition is looked at, so that a value with blanks is one mistake.
fn bare(cursor: &mut Cursor<'_>, stops: &[&str]) -> Option<Value> {
    let start = cursor.at;
    let rest = cursor.rest();
    let stops_at = |at: &usize| stops.iter().any(|stop| rest[*at..].starts_with(stop));
    let length =
        rest.match_indices(['&', '|', ',', ')', ']', '}']).map(|(at, _)| at).find(stops_at).unwrap_or(rest.len());
    let text = rest[..length].trim_end();
    let span = Span::new(start, start + text.len());
    cursor.at = start + length;
    if text.is_empty() {
        let here = Span::new(start, cursor.here().end.max(start));
        return cursor.error("filter.missing-value", "a value is missing after the comparison", here, "");
    }
    if let Some((code, message, help)) = problem(text) {
        let mut diagnostic = Diagnostic::error(code, message, span).with_help(help);
        if !text.contains('"') && !text.starts_with('$') {
            diagnostic = diagnostic.with_suggestion(format!("\"{}\"", text.trim_matches('\'')));
        }
        cursor.report(diagnostic);
        return None;
    }
    if let Some(c) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !"_*.-+".contains(*c)) {
        let message = format!("CloudWatch wants quotation marks around a value with `{c}`");
        cursor
            .report(Diagnostic::warning("filter.unquoted-value", message, span).with_suggestion(format!("\"{text}\"")));
    }
    Some(Value { text: text.to_owned(), form: Form::Bare, span })
}

/// What can't be a value without quotes.
fn problem(text: &str) -> Option<(&'static str, String, &'static str)> {
    if text.starts_with("$.") {
        let message = format!("a filter pattern compares with constants, not with another field (`{text}`)");
        return Some(("filter.field-comparison", message, "compare two fields in Logs Insights or SQL"));
    }
    if text.starts_with('\'') {
        let message = "single quotes do not quote in filter patterns".to_owned();
        return Some(("filter.single-quotes", message, "write \"…\""));
    }
    if text.contains("${") || text.contains('<') || text.contains('>') {
        let message = format!("`{text}` looks like a template's placeholder that was not filled in");
        return Some(("filter.placeholder", message, "fill in the value, or quote it"));
    }
    if text.contains(char::is_whitespace) {
        let message = format!("the value `{text}` has blanks and needs quotation marks");
        return Some(("filter.unquoted-value", message, "a condition ends with `&&`, `||`, `)` or `}`"));
    }
    let bad = text.chars().find(|c| "\"(){}[]=!|&,;`\\".contains(*c))?;
    Some(("filter.unquoted-value", format!("`{bad}` can't stand in a value without quotation marks"), "write \"…\""))
}

/// The number that a value without quotes is: an integer, a decimal, or scientific notation.
pub(super) fn number(value: &Value) -> Option<f64> {
    let text = value.text.as_str();
    let plausible = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    if value.form != Form::Bare || !plausible {
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}
