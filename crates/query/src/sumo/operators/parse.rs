//! `parse`: fields out of a text, by anchors (`parse "a=*," as a`) or by a regular expression (`parse regex "(?<a>…)"`).

use super::{
    super::{
        compare,
        cursor::{Cursor, Name},
        event, lexer,
        lowering::{Lower, Lowerer},
        names,
    },
    Operator,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Op, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "parse",
    aliases: &["extract"],
    syntax: "parse [field=<field>] \"<start>*<stop>\" as <name>, … [nodrop] | parse regex [field=<field>] \"…(?<name>…)…\" [multi] [nodrop]",
    help: "Takes fields out of the message or of a field: what stands for each `*` between anchors, or the named groups of a regular expression (`multi`: a row a match). Rows that do not match are dropped without `nodrop`.",
    example: r#"* | parse "\"userName\":\"*\"" as user nodrop | parse regex field=user "(?<domain>[^@]+)$" nodrop | count by domain"#,
    parses: true,
    lower: |lowerer, cursor| {
        // `extract` is `parse regex`.
        let named_regex = cursor.word("regex");
        let regex = named_regex || was_extract(lowerer, cursor);
        let mut source = source(lowerer, cursor)?;
        if cursor.word("regex") || regex {
            if source.is_none() {
                source = self::source(lowerer, cursor)?;
            }
            return by_regex(lowerer, cursor, source);
        }
        by_anchors(lowerer, cursor, source)
    },
};

/// Whether the operator was called by its other name.
fn was_extract(lowerer: &Lowerer<'_>, cursor: &Cursor<'_>) -> bool {
    lowerer
        .text
        .get(cursor.span.start..)
        .is_some_and(|text| text.len() >= 7 && text.as_bytes()[..7].eq_ignore_ascii_case(b"extract"))
}

/// `field=x`, blanks around the sign or not.
pub(super) fn source(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Option<Name>> {
    if !cursor.setting("field") {
        return Ok(None);
    }
    lowerer.expect_name(cursor, "a field name").map(Some)
}

/// The text that is taken apart.
pub(super) fn subject(lowerer: &mut Lowerer<'_>, source: Option<Name>, span: Span) -> Expr {
    match source {
        Some(name) => names::text(lowerer.field(&name)),
        None if lowerer.made("_raw").is_some() => names::text(lowerer.named("_raw", span)),
        None => event::raw(span),
    }
}

/// Options after the pattern, in any order.
pub(super) fn flag(cursor: &mut Cursor<'_>, name: &str) -> bool {
    cursor.word(name)
}

fn by_anchors(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, source: Option<Name>) -> Lower<()> {
    let text = subject(lowerer, source, cursor.span);
    let mut found = Vec::new();
    let mut taken = Vec::new();
    loop {
        let Some(pattern) = cursor.text() else { return lowerer.expected(cursor, "a pattern in quotes") };
        lowerer.expect_word(cursor, "as")?;
        let segments = segments(&pattern.text);
        let names = aliases(lowerer, cursor, segments.len() - 1)?;
        check_count(lowerer, segments.len() - 1, &names, pattern.span)?;
        let list = lowerer.made_up("anchor");
        let args =
            std::iter::once(text.clone()).chain(segments.into_iter().map(|part| build::text(part, pattern.span)));
        let call = build::call(Func::AnchorExtract, args.collect(), Type::List, pattern.span);
        lowerer.extend_hidden(&list, call);
        let list = build::field(&list, Type::List, pattern.span);
        found.push(build::is_not_null(list.clone()));
        taken.push((list, names));
        if !(cursor.is_punct(",") && cursor.peek_at(1).is_some_and(|token| token.kind == lexer::Kind::Text)) {
            break;
        }
        cursor.next();
    }
    let nodrop = flag(cursor, "nodrop");
    for (list, names) in taken {
        for (index, name) in names.iter().enumerate() {
            let index = build::int(i64::try_from(index).unwrap_or(0), name.span);
            let value = build::call(Func::ListIndex, vec![list.clone(), index], Type::Text, name.span);
            lowerer.take(&name.text, value);
        }
    }
    let span = cursor.span;
    // A message has to match at least one of the patterns.
    lowerer.keep_matched(build::any(found, span), nodrop);
    Ok(())
}

/// As many names as there are wildcards: a comma after the last may begin the next pattern.
fn aliases(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, most: usize) -> Lower<Vec<Name>> {
    let open = cursor.punct("(");
    let mut names = vec![lowerer.expect_name(cursor, "a field name")?];
    while cursor.is_punct(",") && cursor.peek_at(1).is_some_and(|token| token.kind != lexer::Kind::Text) {
        cursor.next();
        names.push(lowerer.expect_name(cursor, "a field name")?);
        if names.len() > most.max(1) + 100 {
            break;
        }
    }
    if open {
        lowerer.expect_punct(cursor, ")")?;
    }
    Ok(names)
}

fn check_count(lowerer: &mut Lowerer<'_>, wildcards: usize, names: &[Name], span: Span) -> Lower<()> {
    if wildcards == names.len() {
        return Ok(());
    }
    let message = format!("the pattern has {wildcards} `*`, but {} are named", names.len());
    Err(lowerer.error(Diagnostic::error("sumo.alias-count", message, span).with_help("name each of them, in order")))
}

/// The texts between a pattern's wildcards. A backslash makes a star an ordinary character.
fn segments(pattern: &str) -> Vec<String> {
    let mut segments = Vec::new();
    let mut start = 0;
    let bytes = pattern.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'*' => {
                segments.push(lexer::unescape(&pattern[start..at]));
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    segments.push(lexer::unescape(pattern.get(start..).unwrap_or("")));
    segments
}

/// Between the groups of one match.
const SEPARATOR: &str = "\u{1f}";

fn by_regex(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, source: Option<Name>) -> Lower<()> {
    let text = subject(lowerer, source, cursor.span);
    let Some(pattern) = cursor.next().filter(|token| matches!(token.kind, lexer::Kind::Text | lexer::Kind::Regex))
    else {
        return lowerer.expected(cursor, "a regular expression in quotes");
    };
    let regex = compare::regex(lowerer, &lexer::regex_text(&pattern.text), pattern.span)?;
    let groups = groups(&regex);
    if groups.is_empty() {
        let diagnostic = Diagnostic::error("sumo.no-group", "this regular expression names no field", pattern.span);
        return Err(lowerer.error(diagnostic.with_help("write `(?<name>…)` around what is to be taken")));
    }
    let (mut multi, mut nodrop) = (false, false);
    loop {
        match (flag(cursor, "multi"), flag(cursor, "nodrop")) {
            (false, false) => break,
            (m, n) => (multi, nodrop) = (multi || m, nodrop || n),
        }
    }
    let list = lowerer.made_up("groups");
    let (func, mut args) = (if multi { Func::RegexGroupsAll } else { Func::RegexGroups }, vec![text]);
    args.push(build::text(regex, pattern.span));
    if multi {
        args.push(build::text(SEPARATOR, pattern.span));
    }
    lowerer.extend_hidden(&list, build::call(func, args, Type::List, pattern.span));
    let found = build::is_not_null(build::field(&list, Type::List, pattern.span));
    if multi {
        lowerer.keep_matched(found, nodrop);
        each_match(lowerer, &list, &groups, pattern.span);
        return Ok(());
    }
    assign(lowerer, &build::field(&list, Type::List, pattern.span), &groups, pattern.span);
    lowerer.keep_matched(found, nodrop);
    Ok(())
}

/// A row a match.
fn each_match(lowerer: &mut Lowerer<'_>, list: &str, groups: &[(i64, String)], span: Span) {
    lowerer.push(Op::Expand { field: list.to_owned(), limit: None });
    let parts = lowerer.made_up("parts");
    let one = build::field(list, Type::Text, span);
    let split = build::call(Func::Split, vec![one, build::text(SEPARATOR, span)], Type::List, span);
    lowerer.extend_hidden(&parts, split);
    assign(lowerer, &build::field(&parts, Type::List, span), groups, span);
}

fn assign(lowerer: &mut Lowerer<'_>, list: &Expr, groups: &[(i64, String)], span: Span) {
    for (index, name) in groups {
        let value = build::call(Func::ListIndex, vec![list.clone(), build::int(*index, span)], Type::Text, span);
        lowerer.take(name, value);
    }
}

/// Place (from 0) and name of the named groups.
fn groups(regex: &str) -> Vec<(i64, String)> {
    let Ok(regex) = regex::Regex::new(regex) else { return Vec::new() };
    let named = regex.capture_names().enumerate().skip(1);
    named.filter_map(|(index, name)| Some((i64::try_from(index).ok()? - 1, name?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sumo::testing::{check, errors};

    #[test]
    fn anchors() {
        assert_eq!(segments(r#"\"a\":\"*\",*"#), ["\"a\":\"", "\",", ""]);
        assert_eq!(segments(r"a\*b*\t"), ["a*b", "\t"]);
        check(
            r#"* | parse "a * b *" as x, y, "c=*" as z nodrop | parse field = x "*:" as (p) | count"#,
            r#"extend '__anchor_1' = anchor_extract(raw, "a ", " b ", ""), '__anchor_2' = anchor_extract(raw, "c=", ""), 'x' = list_index('__anchor_1', 0), 'y' = list_index('__anchor_1', 1), 'z' = list_index('__anchor_2', 0), '__anchor_3' = anchor_extract('x', "", ":"), 'p' = list_index('__anchor_3', 0)
               filter is_not_null('__anchor_3') or (is_not_null('__anchor_1') or is_not_null('__anchor_2'))
               aggregate '_count' = count()"#,
        );
        assert_eq!(errors(r#"* | parse "a=*" as a, b"#), ["sumo.alias-count"]);
        assert_eq!(errors(r#"* | parse "a=*""#), ["sumo.syntax"]);
    }

    #[test]
    fn regexes() {
        check(
            r#"* | parse regex field=eventName "^(?<verb>[A-Z][a-z]+)(x)(?<rest>.*)" nodrop | count"#,
            r#"extend '__groups_1' = regex_groups(event_name, "^(?<verb>[A-Z][a-z]+)(x)(?<rest>.*)"), 'verb' = list_index('__groups_1', 0), 'rest' = list_index('__groups_1', 2)
               aggregate '_count' = count()"#,
        );
        check(
            r#"* | extract field=eventName "\"(?<a>[^\"]+)\"" multi | count by a"#,
            "extend '__groups_1' = regex_groups_all(event_name, \"\\\"(?<a>[^\\\"]+)\\\"\", \"\\u{1f}\")
             filter is_not_null('__groups_1')
             expand '__groups_1'
             extend '__parts_2' = split('__groups_1', \"\\u{1f}\"), 'a' = list_index('__parts_2', 0)
             aggregate '_count' = count() by 'a' = 'a' keep-null
             sort 'a'",
        );
        assert_eq!(errors(r#"* | parse regex "(?<a>x(?=y))""#), ["sumo.regex"]);
        assert_eq!(errors(r#"* | parse regex "(a)""#), ["sumo.no-group"]);
    }
}
