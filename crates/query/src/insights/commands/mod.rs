//! The commands, a file each, in one sorted list. A command says how it is written, what it does, how it is read and how
//! it is lowered; help, completion and the manual are made from that.

mod addtotals;
mod dedup;
mod diff;
mod display;
mod fields;
mod filldown;
mod fillmissing;
mod filter;
mod join;
mod limit;
mod lookup;
mod parse;
mod pattern;
mod sort;
mod source;
mod stats;
mod unnest;

use super::{
    ast::{self, Verb},
    cursor::Cursor,
    lowering::Lowerer,
};
use crate::{
    diagnostic::Diagnostic,
    language::{Entry, Part},
    span::Span,
    spl::suggest,
};

/// A command.
pub(super) struct Command {
    pub name: &'static str,
    pub syntax: &'static str,
    pub help: &'static str,
    pub example: &'static str,
    /// Reads what follows the name.
    pub parse: fn(&mut Cursor<'_>) -> Option<Verb>,
    pub lower: fn(&mut Lowerer<'_>, &ast::Command),
}

/// Sorted by name, whatever its case.
const COMMANDS: &[Command] = &[
    addtotals::COMMAND,
    dedup::COMMAND,
    diff::COMMAND,
    display::COMMAND,
    fields::COMMAND,
    filldown::COMMAND,
    fillmissing::COMMAND,
    filter::COMMAND,
    filter::INDEX,
    limit::HEAD,
    join::COMMAND,
    limit::COMMAND,
    lookup::COMMAND,
    parse::COMMAND,
    pattern::COMMAND,
    sort::COMMAND,
    source::COMMAND,
    stats::COMMAND,
    unnest::COMMAND,
];

/// Commands of CloudWatch that are not there, and why.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("anomaly", "it needs models that CloudWatch trains; compare counts per `bin` with their mean instead"),
    ("logspattern", "use `pattern`"),
];

/// Commands of other languages, with what is meant.
const FOREIGN: &[(&str, &str)] = &[
    ("where", "filter"),
    ("search", "filter"),
    ("table", "display"),
    ("select", "fields"),
    ("stat", "stats"),
    ("order", "sort"),
    ("take", "limit"),
    ("rex", "parse"),
    ("extract", "parse"),
    ("eval", "fields"),
    ("extend", "fields"),
    ("project", "display"),
    ("summarize", "stats"),
];

pub(super) fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name.eq_ignore_ascii_case(name))
}

/// What is said of a word that is no command.
pub(super) fn unknown(word: &str, span: Span) -> Diagnostic {
    let of = |list: &'static [(&str, &'static str)]| {
        list.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, text)| *text)
    };
    if let Some(why) = of(UNSUPPORTED) {
        return Diagnostic::error("insights.unsupported", format!("`{word}` is not supported"), span).with_help(why);
    }
    if word.is_empty() || !word.starts_with(|c: char| c.is_alphabetic()) {
        let help = "a query is commands joined by `|`: fields, filter, stats, sort, limit, parse, …";
        return Diagnostic::error("insights.syntax", "a command is expected here", span).with_help(help);
    }
    let message = format!("there is no command `{word}`");
    let found = Diagnostic::error("insights.unknown-command", message, span);
    match of(FOREIGN).or_else(|| suggest::nearest(word, COMMANDS.iter().map(|command| command.name))) {
        Some(meant) => found.with_suggestion(meant),
        None => found,
    }
}

/// The reference of the commands.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    COMMANDS.iter().map(|command| Entry {
        part: Part::Command,
        name: command.name,
        syntax: command.syntax,
        help: command.help,
        example: command.example,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        let names: Vec<String> = COMMANDS.iter().map(|command| command.name.to_ascii_lowercase()).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(names, sorted);
    }
}
