//! Term patterns: `ERROR Exception` (all), `?ERROR ?WARN` (any), `-healthcheck` (not), `"exact phrase"`, `%regex%`. They
//! look at the text of an event, case-sensitively, anywhere in it.

use super::{
    ast::{Pattern, Term, Terms},
    cursor::Cursor,
    regex, value,
};
use crate::{
    cloudwatch,
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
};

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Option<Pattern> {
    let mut terms = Terms::default();
    loop {
        cursor.skip_space();
        let start = cursor.at;
        let Some(sign) = cursor.peek() else { break };
        let list = match sign {
            '?' => &mut terms.optional,
            '-' => &mut terms.excluded,
            _ => &mut terms.required,
        };
        if matches!(sign, '?' | '-') {
            cursor.bump();
            if sign == '-' {
                cursor.skip_space();
            }
        }
        if let Some(term) = term(cursor, start)? {
            list.push(term);
        }
    }
    if !terms.required.is_empty() && !terms.optional.is_empty() {
        let span = terms.optional.iter().map(|term| term.span).reduce(Span::to).unwrap_or_default();
        let message = "beside terms that have to occur, `?` terms are ignored";
        cursor.report(Diagnostic::warning("filter.ignored-term", message, span));
    }
    Some(Pattern::Terms(terms))
}

/// One term; nothing where it is an empty phrase, which every event has. The outer none: it can't be read.
fn term(cursor: &mut Cursor<'_>, start: usize) -> Option<Option<Term>> {
    match cursor.peek() {
        Some('"') => {
            let text = value::quoted(cursor)?;
            let empty = text.trim().is_empty();
            return Some((!empty).then(|| Term { text, regex: false, span: cursor.span(start) }));
        }
        Some('%') => {
            let text = regex::take(cursor)?;
            return Some(Some(Term { text, regex: true, span: cursor.span(start) }));
        }
        _ => {}
    }
    let text = cursor.take_while(|c| !c.is_whitespace() && c != '"');
    let span = cursor.span(start);
    if text.is_empty() {
        return cursor.error("filter.missing-term", "a term is missing after this sign", span, "");
    }
    if let Some(c) = text.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_') {
        let message = format!("CloudWatch wants quotation marks around a term with `{c}`");
        cursor
            .report(Diagnostic::warning("filter.unquoted-term", message, span).with_suggestion(format!("\"{text}\"")));
    }
    if matches!(text, "AND" | "OR" | "NOT") && start > 0 {
        let message = format!("`{text}` is looked for as a word: terms are joined by blanks, `?` and `-`");
        cursor.report(Diagnostic::warning("filter.operator-word", message, span));
    }
    Some(Some(Term { text: text.to_owned(), regex: false, span }))
}

pub(super) fn lower(terms: &Terms, span: Span) -> Expr {
    let found = |term: &Term| {
        let func = if term.regex { Func::Regex } else { Func::Contains };
        let args = vec![cloudwatch::raw(term.span), build::text(term.text.clone(), term.span)];
        build::call(func, args, Type::Bool, term.span)
    };
    let mut all: Vec<Expr> = terms.required.iter().map(found).collect();
    if all.is_empty() && !terms.optional.is_empty() {
        all.push(build::any(terms.optional.iter().map(found).collect(), span));
    }
    all.extend(terms.excluded.iter().map(|term| build::not(found(term))));
    build::all(all, span)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, codes};

    #[test]
    fn terms() {
        for (pattern, expected) in [
            ("ERROR", r#"contains(raw, "ERROR")"#),
            ("ERROR Exception", r#"contains(raw, "ERROR") and contains(raw, "Exception")"#),
            ("?ERROR ?WARN", r#"contains(raw, "ERROR") or contains(raw, "WARN")"#),
            ("ERROR -Exiting", r#"contains(raw, "ERROR") and not contains(raw, "Exiting")"#),
            (r#""ERROR" - "Exiting now""#, r#"contains(raw, "ERROR") and not contains(raw, "Exiting now")"#),
            ("a ?b", r#"contains(raw, "a")"#),
            (r#""say \"hi\"""#, r#"contains(raw, "say \"hi\"")"#),
            ("%AUTHORIZED|x%", r#"regex(raw, "AUTHORIZED|x")"#),
            ("-x", r#"not contains(raw, "x")"#),
            ("", "true"),
            ("\" \"", "true"),
        ] {
            check(pattern, expected);
        }
    }

    #[test]
    fn what_is_odd_is_told() {
        for (pattern, expected) in [
            ("a ?b", &["filter.ignored-term"][..]),
            ("a AND b", &["filter.operator-word"]),
            ("foo-bar", &["filter.unquoted-term"]),
            ("\"open", &["filter.unclosed-string"]),
            ("%open", &["filter.unclosed-regex"]),
            ("%a(b)%", &["filter.invalid-regex"]),
            ("%a!%", &["filter.invalid-regex"]),
            ("%a[%", &["filter.invalid-regex"]),
            ("a ?", &["filter.missing-term"]),
        ] {
            assert_eq!(codes(pattern), expected, "{pattern}");
        }
    }
}
