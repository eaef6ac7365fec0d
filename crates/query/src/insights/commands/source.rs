//! `SOURCE`: log groups, which choose the table, and bounds of time.

use super::Command;
use crate::{
    diagnostic::Diagnostic,
    insights::{
        ast::{self, Verb, Word},
        cursor::Cursor,
        lowering::Lowerer,
        time,
    },
    pipeline::Op,
};

pub(super) const COMMAND: Command = Command {
    name: "SOURCE",
    syntax: "SOURCE \"log group\", … [START=time] [END=time]  or  SOURCE logGroups(namePrefix: [\"…\"])",
    help: "The log groups that are read: they choose the table. START and END bound the time: -3600s, 1700000000, 2024-05-01T00:00:00Z.",
    example: "SOURCE \"aws-cloudtrail-logs\" START=-86400s | filter eventName = \"ConsoleLogin\"",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    let (mut groups, mut start, mut end) = (Vec::new(), None, None);
    let mut depth = 0_usize;
    loop {
        cursor.skip();
        let at = cursor.at;
        match cursor.rest().chars().next() {
            None | Some('|') => break,
            Some(')') if depth == 0 => break,
            Some('"' | '\'') => {
                let text = cursor.string()??;
                groups.push(Word { text, span: cursor.span(at) });
            }
            Some(c) if c.is_alphabetic() || c == '/' || c == '@' || c == '_' => {
                word(cursor, &mut groups, &mut start, &mut end)
            }
            Some(c) => {
                depth += usize::from(c == '(');
                depth = depth.saturating_sub(usize::from(c == ')'));
                cursor.bump();
            }
        }
    }
    if groups.is_empty() {
        let span = cursor.next_word();
        return cursor.error("insights.source", "`SOURCE` names a log group", span, "");
    }
    Some(Verb::Source { groups, start, end })
}

/// A bound, an option of `logGroups(…)`, or a log group without quotation marks.
fn word(cursor: &mut Cursor<'_>, groups: &mut Vec<Word>, start: &mut Option<Word>, end: &mut Option<Word>) {
    let from = cursor.at;
    let rest = cursor.rest();
    let length = rest.find(|c: char| c.is_whitespace() || "=,:()[]|'\"".contains(c)).unwrap_or(rest.len());
    let text = &rest[..length];
    cursor.at += length.max(1);
    let bound =
        [("start", &mut *start), ("end", &mut *end)].into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
    if let Some((_, bound)) = bound
        && cursor.eat("=")
    {
        *bound = Some(moment(cursor));
        return;
    }
    // `namePrefix:`, `class:`, `logGroups(` are options, not groups.
    let option = cursor.rest().trim_start().starts_with([':', '(', '=']);
    if !option {
        groups.push(Word { text: text.to_owned(), span: cursor.span(from) });
    }
}

/// What follows `START=`.
fn moment(cursor: &mut Cursor<'_>) -> Word {
    cursor.skip();
    let at = cursor.at;
    let text = match cursor.string() {
        Some(text) => text.unwrap_or_default(),
        None => {
            let rest = cursor.rest();
            let length = rest.find(|c: char| c.is_whitespace() || "|,".contains(c)).unwrap_or(rest.len());
            cursor.at += length;
            rest[..length].to_owned()
        }
    };
    Word { text, span: cursor.span(at) }
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Source { start, end, .. } = &command.verb else { return };
    if lowerer.ops.iter().any(|op| !matches!(op, Op::Filter { .. })) {
        return lowerer.error("insights.source", "`SOURCE` stands at the start of a query", command.span);
    }
    let now = lowerer.env.now;
    for (bound, from) in [(start, true), (end, false)] {
        let Some(word) = bound else { continue };
        let instant = time::moment(&word.text, now);
        match instant {
            Some(instant) if from => lowerer.scan.earliest = Some(instant),
            Some(instant) => lowerer.scan.latest = Some(instant),
            None => {
                let message = format!("`{}` is no time; left out", word.text);
                let help = "write -3600s, seconds since the epoch, or 2024-05-01T00:00:00Z";
                lowerer.report(Diagnostic::warning("insights.time", message, word.span).with_help(help));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{codes, rendered};

    #[test]
    fn groups_choose_the_table() {
        for (query, expected) in [
            ("SOURCE \"/aws/vpc/flow-logs\" | fields bytes", "scan vpc_flow\n"),
            ("SOURCE logGroups(namePrefix: ['aws-cloudtrail'], class: 'STANDARD') | fields a", "scan cloudtrail\n"),
            (
                "source \"aws-cloudtrail-logs\" START=-3600s END=0s | fields a",
                "scan cloudtrail from 2018-07-26T20:08:28Z to 2018-07-26T21:08:28Z\n",
            ),
            (
                "SOURCE \"aws-cloudtrail\", \"vpc-flow\" | fields a",
                "scan all\nfilter in(log_type, \"cloudtrail\", \"vpc_flow\")\n",
            ),
            ("fields srcAddr, dstAddr, bytes", "scan vpc_flow\n"),
            ("fields @duration", "scan other\n"),
        ] {
            let text = rendered(query);
            assert!(text.starts_with(expected), "{query}: {text}");
        }
        assert_eq!(codes("SOURCE \"x-y-z\" | fields a"), ["insights.source"]);
        assert_eq!(codes("SOURCE | fields a"), ["insights.source"]);
        assert_eq!(codes("sort a | SOURCE \"cloudtrail\""), ["insights.source"]);
        assert_eq!(codes("SOURCE \"cloudtrail\" START=soon"), ["insights.time"]);
    }
}
