//! `keyvalue`: values by the key before them.

use super::{
    super::{
        compare,
        cursor::{Cursor, Name},
        lexer,
        lowering::{Lower, Lowerer},
    },
    Operator, parse,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "keyvalue",
    aliases: &["kv"],
    syntax: "keyvalue [field=<field>] [infer | regex \"<pattern>\"] [keys] \"<key>\", … [as <name>, …] [nodrop]",
    help: "Takes the values that follow keys: `key=value`, `key: value`, `\"key\":\"value\"`, `key->value`; or what a group of a pattern matches behind the key.",
    example: r#"* | keyvalue "eventName", "awsRegion" as event, region nodrop | count by event"#,
    parses: true,
    lower: |lowerer, cursor| {
        let options = Options::read(lowerer, cursor)?;
        if options.keys.is_empty() {
            let message = "the keys that `keyvalue auto` would find are not known here";
            let diagnostic = Diagnostic::error("sumo.unsupported", message, cursor.span);
            return Err(lowerer.error(diagnostic.with_help("name them: `keyvalue \"a\", \"b\"`")));
        }
        if !options.names.is_empty() && options.names.len() != options.keys.len() {
            let message = format!("{} keys are read, but {} are named", options.keys.len(), options.names.len());
            return lowerer.fail("sumo.alias-count", message, cursor.span);
        }
        let text = parse::subject(lowerer, options.source.clone(), cursor.span);
        let mut values = Vec::new();
        for key in &options.keys {
            values.push(value(lowerer, &text, &options, key)?);
        }
        let names: Vec<String> = match options.names.is_empty() {
            true => options.keys.iter().map(|key| called(&key.text)).collect(),
            false => options.names.iter().map(|name| name.text.clone()).collect(),
        };
        let mut present = Vec::new();
        for (name, value) in names.iter().zip(values) {
            let hidden = lowerer.made_up("value");
            lowerer.extend_hidden(&hidden, value);
            let value = build::field(&hidden, Type::Text, cursor.span);
            present.push(build::is_not_null(value.clone()));
            lowerer.take(name, value);
        }
        lowerer.keep_matched(build::any(present, cursor.span), options.nodrop);
        Ok(())
    },
};

#[derive(Default)]
struct Options {
    source: Option<Name>,
    regex: Option<String>,
    delim: Option<String>,
    keys: Vec<Name>,
    names: Vec<Name>,
    nodrop: bool,
}

impl Options {
    fn read(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Self> {
        let mut options = Self::default();
        while let Some(token) = cursor.peek() {
            if token.kind == lexer::Kind::Text {
                cursor.next();
                options.keys.push(Name { text: lexer::unescape(&token.text), span: token.span });
                cursor.punct(",");
            } else if cursor.is_setting("field") {
                options.source = parse::source(lowerer, cursor)?;
            } else if cursor.word("regex") {
                let Some(pattern) = cursor.text() else { return lowerer.expected(cursor, "a pattern in quotes") };
                options.regex = Some(compare::regex(lowerer, &lexer::regex_text(&pattern.text), pattern.span)?);
            } else if cursor.word("delim") {
                cursor.punct("=");
                options.delim = cursor.text().map(|token| lexer::unescape(&token.text));
            } else if cursor.word("as") {
                options.names = lowerer.names(cursor)?;
            } else if cursor.word("nodrop") {
                options.nodrop = true;
            } else if !["infer", "auto", "keys", "refonly"].iter().any(|word| cursor.word(word)) {
                // A key of one word needs no quotes.
                let Some(name) = cursor.name() else { break };
                options.keys.push(name);
                cursor.punct(",");
            }
        }
        Ok(options)
    }
}

/// The field that a key without a name makes: what can't stand in a name becomes `_`.
fn called(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

fn value(lowerer: &mut Lowerer<'_>, text: &Expr, options: &Options, key: &Name) -> Lower<Expr> {
    let escaped = regex::escape(&key.text);
    let (pattern, group) = match &options.regex {
        // Of two groups the first is the key's.
        Some(regex) if groups(regex) >= 2 => (keyed(regex, &escaped), groups(regex)),
        Some(regex) => (format!("{escaped}.*?(?:{regex})"), 1),
        None => {
            let delimiter = options.delim.as_deref().map_or("(?:=>|->|=|:)".to_owned(), regex::escape);
            // A quoted value, or one up to what separates it from the next.
            (
                format!(
                    r#"(?:^|[^\w.]){escaped}["']?\s*{delimiter}\s*(?:["'](?<quoted>[^"']*)["']|(?<bare>[^\s,;&|\]}}"']+))"#
                ),
                0,
            )
        }
    };
    let pattern = compare::regex(lowerer, &pattern, key.span)?;
    let part = |group: &str| extract(text, &pattern, group, key.span);
    Ok(match group {
        0 => build::coalesce(vec![part("quoted"), part("bare")], Type::Text, key.span),
        group => part(&group.to_string()),
    })
}

fn extract(text: &Expr, pattern: &str, group: &str, span: Span) -> Expr {
    let args = vec![text.clone(), build::text(pattern, span), build::text(group, span)];
    build::call(Func::RegexExtract, args, Type::Text, span)
}

fn groups(regex: &str) -> usize {
    regex::Regex::new(regex).map_or(0, |regex| regex.captures_len() - 1)
}

/// The pattern with its first group held to the key.
fn keyed(regex: &str, key: &str) -> String {
    let mut depth = 0_usize;
    let Some(open) = regex.find('(') else { return regex.to_owned() };
    let mut escaped = false;
    for (at, c) in regex.char_indices().skip_while(|(at, _)| *at < open) {
        match (c, escaped) {
            ('\\', false) => {
                escaped = true;
                continue;
            }
            ('(', false) => depth += 1,
            (')', false) => {
                depth -= 1;
                if depth == 0 {
                    return format!("{}({key}){}", &regex[..open], &regex[at + 1..]);
                }
            }
            _ => {}
        }
        escaped = false;
    }
    regex.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sumo::testing::{columns, errors};

    #[test]
    fn keys() {
        assert_eq!(called("a.b-c"), "a_b_c");
        assert_eq!(keyed(r"\s(.*?)=(.*?),", "k"), r"\s(k)=(.*?),");
        assert_eq!(columns(r#"* | kv "a", "b.c" nodrop | count by a, b_c"#), ["a", "b_c", "_count"]);
        assert_eq!(columns(r#"* | keyvalue regex "=(.*?)," keys "a" as x | count by x"#), ["x", "_count"]);
        assert_eq!(columns(r#"* | keyvalue infer keys "a" as x | count by x"#), ["x", "_count"]);
        assert_eq!(errors("* | keyvalue auto"), ["sumo.unsupported"]);
        assert_eq!(errors(r#"* | kv "a" as b, c"#), ["sumo.alias-count"]);
    }
}
