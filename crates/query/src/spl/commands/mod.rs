//! The commands: one file each, saying what it is called, how it is written and what it means, registered in one
//! sorted list.

mod addinfo;
mod addtotals;
mod append;
mod bin;
mod chart;
mod convert;
mod dedup;
mod discard;
mod eval;
mod eventstats;
mod fields;
mod fillnull;
mod format;
mod geostats;
mod head;
mod inputlookup;
mod iplocation;
mod join;
mod lookup;
mod makemv;
mod makeresults;
mod mvcombine;
mod mvexpand;
mod nomv;
mod outputlookup;
mod regex;
mod rename;
mod reverse;
mod rex;
mod search;
mod sort;
mod spath;
mod stats;
mod streamstats;
mod table;
mod tail;
mod timechart;
mod top;
mod tstats;
mod untable;
mod r#where;
mod xyseries;

pub(crate) use fillnull::fill;

use super::{
    ast::{self, Argument, Body, Setting, Word},
    lowering::{Lower, Lowerer},
};
use crate::{diagnostic::Diagnostic, span::Span};

/// How a command's arguments are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grammar {
    Search,
    Condition,
    Assignments,
    Statistics,
    Arguments,
    /// Arguments whose first bare word is a regular expression to the end.
    Pattern,
}

/// A command of the language.
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// How it is written.
    pub syntax: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    /// A query that uses it.
    pub example: &'static str,
    /// Whether it can be a (sub)search's first command.
    pub generating: bool,
    pub(crate) grammar: Grammar,
    pub(crate) lower: fn(&mut Lowerer<'_>, &ast::Command) -> Lower<()>,
}

static COMMANDS: &[Command] = &[
    addinfo::COMMAND,
    addtotals::COMMAND,
    append::COMMAND,
    bin::COMMAND,
    chart::COMMAND,
    discard::COLLECT,
    convert::COMMAND,
    dedup::COMMAND,
    eval::COMMAND,
    eventstats::COMMAND,
    fields::COMMAND,
    fillnull::COMMAND,
    format::COMMAND,
    geostats::COMMAND,
    head::COMMAND,
    inputlookup::COMMAND,
    iplocation::COMMAND,
    join::COMMAND,
    lookup::COMMAND,
    makemv::COMMAND,
    makeresults::COMMAND,
    mvcombine::COMMAND,
    mvexpand::COMMAND,
    nomv::COMMAND,
    outputlookup::COMMAND,
    top::RARE,
    regex::COMMAND,
    rename::COMMAND,
    format::RETURN,
    reverse::COMMAND,
    rex::COMMAND,
    search::COMMAND,
    discard::SENDALERT,
    sort::COMMAND,
    spath::COMMAND,
    stats::COMMAND,
    streamstats::COMMAND,
    table::COMMAND,
    tail::COMMAND,
    timechart::COMMAND,
    top::TOP,
    tstats::COMMAND,
    untable::COMMAND,
    r#where::COMMAND,
    xyseries::COMMAND,
];

/// Commands that SPL has and this does not, yet, with what to do instead.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("abstract", "leave it out"),
    ("accum", "use `streamstats sum(x)`"),
    ("addcoltotals", "use `append` with `stats`"),
    ("analyzefields", "leave it out"),
    ("anomalies", "use `eventstats` with avg and stdev"),
    ("anomalousvalue", "use `eventstats` with avg and stdev"),
    ("anomalydetection", "use `eventstats` with avg and stdev"),
    ("appendcols", "use `join`"),
    ("appendpipe", "use `append`"),
    ("apply", "machine learning models are not available"),
    ("associate", "leave it out"),
    ("autoregress", "use `streamstats`"),
    ("cluster", "use `stats count by`"),
    ("concurrency", "use `streamstats`"),
    ("contingency", "use `chart … over … by …`"),
    ("correlate", "leave it out"),
    ("datamodel", "search the fields of the events"),
    ("delta", "use `streamstats`"),
    ("diff", "leave it out"),
    ("erex", "use `rex`"),
    ("eventcount", "use `stats count`"),
    ("extract", "use `rex`"),
    ("fieldformat", "use `eval`"),
    ("fieldsummary", "use `stats`"),
    ("filldown", "use `streamstats latest(x)`"),
    ("findtypes", "leave it out"),
    ("fit", "machine learning models are not available"),
    ("foreach", "write the assignments out"),
    ("from", "use `search` or `inputlookup`"),
    ("gauge", "leave it out"),
    ("gentimes", "use `makeresults`"),
    ("highlight", "leave it out"),
    ("kmeans", "leave it out"),
    ("kvform", "use `rex`"),
    ("loadjob", "run the search itself"),
    ("localize", "leave it out"),
    ("makecontinuous", "use `timechart`"),
    ("map", "use `join`"),
    ("metadata", "use `stats`"),
    ("mstats", "there are no metric indexes"),
    ("multikv", "use `rex`"),
    ("multireport", "run the searches one by one"),
    ("multisearch", "use `append`"),
    ("outlier", "use `where`"),
    ("outputcsv", "export the result"),
    ("predict", "leave it out"),
    ("relevancy", "leave it out"),
    ("replace", "use `eval x=if(x=\"a\", \"b\", x)`"),
    ("rest", "there is no Splunk server to ask"),
    ("savedsearch", "run the search itself"),
    ("script", "leave it out"),
    ("selfjoin", "use `join`"),
    ("sendemail", "save the search as an alert"),
    ("set", "use `join` or `append`"),
    ("setfields", "use `eval`"),
    ("sirare", "use `rare`"),
    ("sistats", "use `stats`"),
    ("sitimechart", "use `timechart`"),
    ("sitop", "use `top`"),
    ("strcat", "use `eval` with the `.` operator"),
    ("summary", "machine learning models are not available"),
    ("timewrap", "use `timechart`"),
    ("transaction", "use `stats values(x) min(_time) max(_time) by …`"),
    ("transpose", "use `xyseries` or `chart`"),
    ("trendline", "use `streamstats window=5 avg(x)`"),
    ("tags", "leave it out"),
    ("typeahead", "leave it out"),
    ("typer", "leave it out"),
    ("union", "use `append`"),
    ("walklex", "leave it out"),
    ("xmlkv", "use `rex`"),
    ("xpath", "use `spath` for JSON"),
];

/// All commands, sorted by name.
#[must_use]
pub fn all() -> &'static [Command] {
    COMMANDS
}

/// The command of this name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Command> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    COMMANDS.iter().find(|command| is(command.name) || command.aliases.iter().any(|alias| is(alias)))
}

/// A command that SPL has but this does not.
pub(crate) fn unsupported(name: &str) -> Option<&'static (&'static str, &'static str)> {
    UNSUPPORTED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// Every name that can be typed.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().flat_map(|command| std::iter::once(command.name).chain(command.aliases.iter().copied()))
}

/// The arguments of a command whose grammar is [`Grammar::Arguments`] or [`Grammar::Pattern`].
fn arguments(command: &ast::Command) -> &[Argument] {
    match &command.body {
        Body::Arguments(arguments) => arguments,
        _ => &[],
    }
}

/// The arguments of a statistics command.
fn statistics(command: &ast::Command) -> ast::Statistics {
    match &command.body {
        Body::Statistics(statistics) => (**statistics).clone(),
        _ => ast::Statistics::default(),
    }
}

/// Arguments apart: the options, and the plain words. Anything else is an error.
fn words(lowerer: &mut Lowerer<'_>, arguments: &[Argument]) -> Lower<(Vec<Setting>, Vec<Word>)> {
    let (mut settings, mut words) = (Vec::new(), Vec::new());
    for argument in arguments {
        match argument {
            Argument::Setting(setting) => settings.push(setting.clone()),
            Argument::Word(word) => words.push(word.clone()),
            other => return lowerer.fail("spl.syntax", "a field name is expected here", other.span()),
        }
    }
    Ok((settings, words))
}

/// The word that a command cannot do without.
fn required<'w>(
    lowerer: &mut Lowerer<'_>,
    word: Option<&'w Word>,
    what: &str,
    command: &ast::Command,
) -> Lower<&'w Word> {
    match word {
        Some(word) => Ok(word),
        None => lowerer.fail("spl.missing-argument", format!("`{}` needs {what}", command.name.text), command.span),
    }
}

/// Splits words at a keyword (`by`, `as`): those before it, and those after it.
fn split_at<'w>(words: &'w [Word], keyword: &str) -> (&'w [Word], &'w [Word]) {
    match words.iter().position(|word| word.is(keyword)) {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (words, &[]),
    }
}

/// A regular expression that the engine can run, or the diagnostic that says why not.
pub(crate) fn check_regex(lowerer: &mut Lowerer<'_>, pattern: &str, span: Span) -> Lower<::regex::Regex> {
    ::regex::Regex::new(&super::pattern::translate(pattern)).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let diagnostic =
            Diagnostic::error("spl.regex", format!("this regular expression cannot be used: {reason}"), span);
        let diagnostic = match pattern.contains("(?=")
            || pattern.contains("(?!")
            || pattern.contains("(?<=")
            || pattern.contains("(?<!")
        {
            true => diagnostic.with_help("look-ahead and look-behind are not supported: matching time stays linear"),
            false => diagnostic,
        };
        lowerer.error(diagnostic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spl::testing;

    #[test]
    fn sorted_and_described() {
        assert!(COMMANDS.is_sorted_by_key(|command| command.name));
        for command in COMMANDS {
            assert!(!command.help.is_empty() && command.syntax.starts_with(command.name), "{}", command.name);
            assert!(unsupported(command.name).is_none(), "{}", command.name);
        }
    }

    #[test]
    fn every_example_lowers() {
        for command in COMMANDS {
            let codes = testing::errors(command.example);
            assert!(codes.is_empty(), "{}: {codes:?}", command.example);
        }
    }
}
