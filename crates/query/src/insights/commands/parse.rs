//! `parse`: parts of a text as fields, by a glob (`"user=*, id=*" as user, id`) or a regular expression with named groups.
//! Where the text does not match, the fields are not there; the row stays.

use super::Command;
use crate::{
    cloudwatch,
    insights::{
        ast::{self, Expr as Tree, ExprKind as Form, Verb, Word},
        cursor::Cursor,
        expr::text,
        lowering::Lowerer,
        parser,
    },
    pipeline::{Func, Type},
    span::Span,
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "parse",
    syntax: "parse [field] \"text * text\" as name, …  or  parse [field] /(?<name>…)/",
    help: "Parts of a text as fields: what stands for each `*` of a glob, or the named groups of a regular expression. Without a field, the message. Rows that do not match keep none of the fields.",
    example: "parse userIdentity.arn \"arn:aws:*::*:*\" as service, account, resource | stats count(*) by account",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    let from = match cursor.peek() {
        Some('"' | '\'' | '/') => None,
        _ => Some(source(cursor)?),
    };
    cursor.skip();
    let start = cursor.at;
    let kind = match cursor.regex() {
        Some(regex) => Form::Regex(regex?),
        None => match cursor.string() {
            Some(text) => Form::Text(text?),
            None => {
                let span = cursor.next_word();
                let message = "`parse` needs a text with `*`, or a regular expression";
                return cursor.error("insights.parse", message, span, "");
            }
        },
    };
    let pattern = Tree { kind, span: cursor.span(start) };
    let names = if cursor.eat_keyword("as") { parser::names(cursor, "as")? } else { Vec::new() };
    Some(Verb::Parse { from, pattern, names })
}

/// A field, or a function of one.
fn source(cursor: &mut Cursor<'_>) -> Option<Tree> {
    let name = parser::name(cursor, "parse")?;
    if cursor.peek() == Some('(') {
        cursor.at = name.span.start;
        return parser::expr(cursor);
    }
    cursor.at = name.span.end;
    Some(Tree { kind: Form::Field(name.text), span: name.span })
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Parse { from, pattern, names } = &command.verb else { return };
    let subject = match from {
        Some(tree) => {
            let subject = text(lowerer.expr(tree));
            lowerer.settled(subject)
        }
        None if lowerer.closed => {
            let message = "the message is gone after `stats`: name the field that is looked at";
            return lowerer.error("insights.parse", message, command.span);
        }
        None => cloudwatch::raw(command.span),
    };
    let made = match &pattern.kind {
        Form::Regex(regex) => by_regex(lowerer, regex, names, pattern.span),
        Form::Text(glob) => by_glob(lowerer, glob, names, pattern.span),
        _ => None,
    };
    let Some((regex, groups)) = made else { return };
    let fields: Vec<_> = groups
        .into_iter()
        .map(|(name, group)| {
            let args =
                vec![subject.clone(), build::text(regex.clone(), pattern.span), build::text(group, pattern.span)];
            (name, build::call(Func::RegexExtract, args, Type::Text, command.span))
        })
        .collect();
    // All of them look at the text as it was, even where one of them replaces it.
    let replaces = |name: &str| from.as_ref().is_some_and(|tree| tree.kind == Form::Field(name.to_owned()));
    let (last, first): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| replaces(name));
    for (name, value) in first.into_iter().chain(last) {
        lowerer.extend(&name, value);
    }
}

type Groups = (String, Vec<(String, String)>);

fn by_glob(lowerer: &mut Lowerer<'_>, glob: &str, names: &[Word], span: Span) -> Option<Groups> {
    let stars = glob.matches('*').count();
    if stars != names.len() || stars == 0 {
        let message = format!("the text has {stars} `*`, and {} fields are named", names.len());
        lowerer.error("insights.parse", message, span);
        return None;
    }
    let parts: Vec<String> = glob.split('*').map(regex::escape).collect();
    let mut pattern = String::from("(?s)");
    for (at, part) in parts.iter().enumerate() {
        pattern.push_str(part);
        if at < stars {
            // A star at the end takes the rest, the others as little as they can.
            let rest = at + 1 == stars && parts.last().is_some_and(String::is_empty);
            pattern.push_str(if rest { "(.*)" } else { "(.*?)" });
        }
    }
    let pattern = lowerer.regex(&pattern, span);
    let groups = names.iter().enumerate().map(|(at, name)| (name.text.clone(), (at + 1).to_string())).collect();
    Some((pattern, groups))
}

fn by_regex(lowerer: &mut Lowerer<'_>, java: &str, names: &[Word], span: Span) -> Option<Groups> {
    let pattern = lowerer.regex(java, span);
    let compiled = regex::Regex::new(&pattern).ok()?;
    let named: Vec<&str> = compiled.capture_names().flatten().collect();
    if names.is_empty() {
        if named.is_empty() {
            if !pattern.is_empty() {
                let message = "the regular expression names no group: `(?<name>…)` makes a field";
                lowerer.error("insights.parse", message, span);
            }
            return None;
        }
        return Some((pattern.clone(), named.iter().map(|name| ((*name).to_owned(), (*name).to_owned())).collect()));
    }
    let groups = compiled.captures_len() - 1;
    if groups < names.len() {
        let message = format!("the regular expression has {groups} groups, and {} fields are named", names.len());
        lowerer.error("insights.parse", message, span);
        return None;
    }
    let groups = names.iter().enumerate().map(|(at, name)| (name.text.clone(), (at + 1).to_string())).collect();
    Some((pattern.clone(), groups))
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{check, codes};

    #[test]
    fn parts_become_fields() {
        for (query, expected) in [
            (
                "parse @message \"user=*, id=*\" as user, @id",
                r#"extend 'user' = regex_extract(raw, "(?s)user=(.*?), id=(.*)", "1"), '@id' = regex_extract(raw, "(?s)user=(.*?), id=(.*)", "2")"#,
            ),
            ("parse '[*]' as level", r#"extend 'level' = regex_extract(raw, "(?s)\\[(.*?)\\]", "1")"#),
            (
                "parse userAgent /^(?<tool>[^\\/ ]+)/",
                r#"extend 'tool' = regex_extract(user_agent, "^(?<tool>[^/ ]+)", "tool")"#,
            ),
            (
                "parse userAgent /(\\d+)\\.(\\d+)/ as major, minor",
                r#"extend 'major' = regex_extract(user_agent, "(\\d+)\\.(\\d+)", "1"), 'minor' = regex_extract(user_agent, "(\\d+)\\.(\\d+)", "2")"#,
            ),
        ] {
            check(query, expected);
        }
        for query in ["parse @message \"a*\" as b, c", "parse @message /x/", "parse @message", "parse x \"y\" as z"] {
            assert_eq!(codes(query), ["insights.parse"], "{query}");
        }
    }
}
