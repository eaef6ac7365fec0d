//! Reads patterns over JSON: `{ ($.a = "x*" && $.b[0] > 5) || $.c NOT EXISTS }`. `&&` binds tighter than `||`.

use super::{
    ast::{Check, Condition, Selector, Test},
    cursor::Cursor,
    value,
};
use crate::{diagnostic::Diagnostic, pipeline::PathStep, span::Span};

/// Deepest nesting of parentheses.
const DEEPEST: usize = 100;
/// What ends a value.
const STOPS: &[&str] = &["&&", "||", ")", "}"];
/// Wildcards that AWS takes in the selectors of a pattern.
const MOST_WILDCARDS: usize = 3;

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Option<Condition> {
    let start = cursor.at;
    cursor.bump();
    if cursor.eat("}") {
        return cursor.error("filter.empty", "there is no condition between the braces", cursor.span(start), "");
    }
    let condition = or(cursor)?;
    if !cursor.eat("}") {
        return unexpected(cursor);
    }
    cursor.skip_space();
    if cursor.at < cursor.text.len() {
        let span = Span::new(cursor.at, cursor.text.len());
        let help = "put all conditions into one pair of braces";
        return cursor.error("filter.trailing", "there is text after the closing brace", span, help);
    }
    check_quota(cursor, &condition, start);
    Some(condition)
}

/// What stands where a condition should go on or end.
fn unexpected<T>(cursor: &mut Cursor<'_>) -> Option<T> {
    cursor.skip_space();
    let span = cursor.here();
    match cursor.peek() {
        None => cursor.error("filter.unclosed", "the pattern has no closing `}`", span, ""),
        Some(')') => cursor.error("filter.parenthesis", "this `)` closes nothing", span, ""),
        Some('&' | '|') => cursor.error("filter.operator", "conditions are joined by `&&` or `||`", span, ""),
        Some(_) => {
            let rest = cursor.rest();
            let length = rest.find(|c: char| c.is_whitespace() || c == '}').unwrap_or(rest.len()).max(1);
            let length = (length..=rest.len()).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
            let span = Span::new(cursor.at, cursor.at + length);
            let word = &rest[..length];
            if word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or") {
                let meant = if word.eq_ignore_ascii_case("and") { "&&" } else { "||" };
                let message = format!("`{word}` is written `{meant}` in filter patterns");
                cursor.report(Diagnostic::error("filter.operator", message, span).with_suggestion(meant));
                return None;
            }
            let message = format!("`{word}` is not expected here");
            cursor.error("filter.syntax", message, span, "conditions are joined by `&&` or `||`")
        }
    }
}

fn or(cursor: &mut Cursor<'_>) -> Option<Condition> {
    let mut items = vec![and(cursor)?];
    while cursor.eat("||") {
        items.push(and(cursor)?);
    }
    Some(if items.len() == 1 { items.remove(0) } else { Condition::Or(items) })
}

fn and(cursor: &mut Cursor<'_>) -> Option<Condition> {
    let mut items = vec![one(cursor)?];
    while cursor.eat("&&") {
        items.push(one(cursor)?);
    }
    Some(if items.len() == 1 { items.remove(0) } else { Condition::And(items) })
}

fn one(cursor: &mut Cursor<'_>) -> Option<Condition> {
    cursor.skip_space();
    let start = cursor.at;
    if cursor.eat("(") {
        cursor.depth += 1;
        if cursor.depth > DEEPEST {
            let message = format!("more than {DEEPEST} parentheses in one another");
            return cursor.error("filter.too-deep", message, cursor.span(start), "");
        }
        let inner = or(cursor)?;
        cursor.depth -= 1;
        if !cursor.eat(")") {
            if matches!(cursor.peek(), None | Some('}')) {
                let span = Span::new(start, start + 1);
                return cursor.error("filter.parenthesis", "this `(` is not closed", span, "");
            }
            return unexpected(cursor);
        }
        return Some(inner);
    }
    if cursor.peek() == Some('!') {
        let help = "use `!=`, or `NOT EXISTS`";
        return cursor.error(
            "filter.unsupported",
            "filter patterns have no `!` before a condition",
            cursor.here(),
            help,
        );
    }
    let selector = selector(cursor)?;
    let check = check(cursor)?;
    Some(Condition::Test(Test { selector, check, span: cursor.span(start) }))
}

fn selector(cursor: &mut Cursor<'_>) -> Option<Selector> {
    let start = cursor.at;
    if cursor.peek() != Some('$') {
        cursor.take_while(|c| !c.is_whitespace() && !"=!<>(){}&|".contains(c));
        let span = if cursor.at > start { cursor.span(start) } else { cursor.here() };
        let name = &cursor.text[span.start..span.end];
        let mut found = Diagnostic::error("filter.selector", "a condition begins with a selector, `$.field`", span);
        if name.starts_with(|c: char| c.is_alphabetic()) {
            found = found.with_suggestion(format!("$.{name}"));
        }
        cursor.report(found);
        return None;
    }
    cursor.bump();
    let mut steps = Vec::new();
    loop {
        let at = cursor.at;
        match cursor.peek() {
            Some('.') => {
                cursor.bump();
                match cursor.peek() {
                    Some('[') => {}
                    Some('*') => {
                        cursor.bump();
                        steps.push(PathStep::Any);
                    }
                    _ => steps.push(PathStep::Key(member(cursor, at)?)),
                }
            }
            Some('[') => steps.push(bracket(cursor)?),
            _ => break,
        }
    }
    let span = cursor.span(start);
    if steps.is_empty() {
        return cursor.error("filter.selector", "`$` alone selects nothing: write `$.field`", span, "");
    }
    Some(Selector { steps, span })
}

fn member(cursor: &mut Cursor<'_>, dot: usize) -> Option<String> {
    let name = cursor.take_while(|c| !c.is_whitespace() && !".=!<>()[]{}&|\"'%,*".contains(c));
    if name.is_empty() {
        let span = Span::new(dot, cursor.here().end.max(dot + 1));
        return cursor.error("filter.selector", "a field's name is missing after the dot", span, "");
    }
    Some(name.to_owned())
}

/// `[0]`, `[*]`, `["a.b"]`, `['a.b']`.
fn bracket(cursor: &mut Cursor<'_>) -> Option<PathStep> {
    let start = cursor.at;
    cursor.bump();
    cursor.skip_space();
    let step = match cursor.peek() {
        Some(quote @ ('"' | '\'')) => {
            cursor.bump();
            let key = cursor.take_while(|c| c != quote).to_owned();
            cursor.bump();
            PathStep::Key(key)
        }
        Some('*') => {
            cursor.bump();
            PathStep::Each
        }
        _ => match cursor.take_while(|c| c.is_ascii_digit()).parse::<i64>() {
            Ok(index) => PathStep::Index(index),
            Err(_) => {
                let help = "an array's element is `[0]`, all of them `[*]`, a name with dots `[\"a.b\"]`";
                return cursor.error("filter.selector", "this is no element of an array", cursor.span(start), help);
            }
        },
    };
    if !cursor.eat("]") {
        return cursor.error("filter.selector", "the `[` is not closed", Span::new(start, start + 1), "");
    }
    Some(step)
}

fn check(cursor: &mut Cursor<'_>) -> Option<Check> {
    cursor.skip_space();
    let start = cursor.at;
    if let Some(compared) = value::comparison(cursor, STOPS) {
        let (operator, value) = compared.ok()?;
        return Some(Check::Compare(operator, value));
    }
    if cursor.eat_word("is") {
        return is(cursor, start);
    }
    if cursor.eat_word("not") {
        if cursor.eat_word("exists") {
            return Some(Check::NotExists);
        }
        let help = "`NOT` stands before `EXISTS` only; otherwise use `!=`";
        return cursor.error("filter.unsupported", "`EXISTS` is expected after `NOT`", cursor.span(start), help);
    }
    if cursor.eat_word("exists") {
        let found = Diagnostic::error("filter.unsupported", "filter patterns have no `EXISTS`", cursor.span(start));
        cursor.report(found.with_help("`$.field = *` holds where the field has a value").with_suggestion("= *"));
        return None;
    }
    let word = cursor.word();
    if word.is_empty() {
        let message = "a comparison is missing after the selector";
        return cursor.error(
            "filter.missing-operator",
            message,
            cursor.here(),
            "= != < <= > >=, IS NULL, NOT EXISTS, …",
        );
    }
    let span = Span::new(cursor.at, cursor.at + word.len());
    let message = format!("`{word}` is no comparison of filter patterns");
    let help = "= != < <= > >= compare, `*` in a value is a wildcard, `%…%` a regular expression";
    cursor.error("filter.operator", message, span, help)
}

fn is(cursor: &mut Cursor<'_>, start: usize) -> Option<Check> {
    for (word, check) in [("null", Check::IsNull), ("true", Check::Is(true)), ("false", Check::Is(false))] {
        if cursor.eat_word(word) {
            return Some(check);
        }
    }
    let word = cursor.word();
    cursor.at += word.len();
    let span = cursor.span(start);
    if word.eq_ignore_ascii_case("not") {
        let help = "`$.field = *` holds where the field has a value";
        return cursor.error("filter.unsupported", "filter patterns have no `IS NOT`", span, help);
    }
    cursor.error("filter.operator", "`IS` is followed by NULL, TRUE or FALSE", span, "")
}

fn check_quota(cursor: &mut Cursor<'_>, condition: &Condition, start: usize) {
    let mut total = 0;
    let mut open = vec![condition];
    let mut crowded = None;
    while let Some(condition) = open.pop() {
        match condition {
            Condition::And(items) | Condition::Or(items) => open.extend(items),
            Condition::Test(test) => {
                let wild = test.selector.steps.iter().filter(|s| matches!(s, PathStep::Each | PathStep::Any)).count();
                total += wild;
                if wild > 1 {
                    crowded = Some(test.selector.span);
                }
            }
        }
    }
    let crowded = crowded.or((total > MOST_WILDCARDS).then(|| cursor.span(start)));
    if let Some(span) = crowded {
        let message = format!("CloudWatch takes one wildcard a selector and {MOST_WILDCARDS} a pattern");
        cursor.report(Diagnostic::warning("filter.quota", message, span));
    }
}
