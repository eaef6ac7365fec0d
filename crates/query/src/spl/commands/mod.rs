//! The commands: one file each, saying what it is called, how it is written and what it means, registered in one
//! sorted list.

mod addinfo;
mod addtotals;
mod append;
mod appendcols;
mod appendpipe;
mod bin;
mod chart;
mod cluster;
mod convert;
mod datamodel;
mod dedup;
mod discard;
mod eval;
mod eventstats;
mod fields;
mod fieldsummary;
mod fillnull;
mod foreach;
mod format;
mod geostats;
mod head;
mod inputlookup;
mod iplocation;
mod join;
mod lookup;
mod makecontinuous;
mod makemv;
mod makeresults;
mod metadata;
mod multisearch;
mod mvcombine;
mod mvexpand;
mod nomv;
mod outlier;
mod outputlookup;
mod rangemap;
mod regex;
mod rename;
mod reverse;
mod rex;
mod running;
mod search;
mod shaping;
mod sort;
mod spath;
mod stats;
mod streamstats;
mod table;
mod tail;
mod timechart;
mod timewrap;
mod top;
mod transaction;
mod transpose;
mod trendline;
mod tstats;
mod uniq;
mod untable;
mod r#where;
mod xyseries;

pub(crate) use bin::time_span;
pub(crate) use fillnull::fill;
pub(crate) use timechart::default_span;

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
    /// Arguments whose brackets hold commands for the rows that there are.
    Commands,
    /// Arguments whose brackets hold text that is filled in first.
    Template,
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
    shaping::ABSTRACT,
    running::ACCUM,
    shaping::ADDCOLTOTALS,
    addinfo::COMMAND,
    addtotals::COMMAND,
    outlier::ANOMALYDETECTION,
    append::COMMAND,
    appendcols::COMMAND,
    appendpipe::APPENDPIPE,
    running::AUTOREGRESS,
    bin::COMMAND,
    chart::COMMAND,
    cluster::COMMAND,
    discard::COLLECT,
    convert::COMMAND,
    datamodel::DATAMODEL,
    dedup::COMMAND,
    running::DELTA,
    eval::COMMAND,
    metadata::EVENTCOUNT,
    eventstats::COMMAND,
    shaping::FIELDFORMAT,
    fields::COMMAND,
    fieldsummary::COMMAND,
    running::FILLDOWN,
    fillnull::COMMAND,
    foreach::COMMAND,
    format::COMMAND,
    datamodel::FROM,
    geostats::COMMAND,
    head::COMMAND,
    shaping::HIGHLIGHT,
    inputlookup::COMMAND,
    iplocation::COMMAND,
    join::COMMAND,
    shaping::LOCALIZE,
    lookup::COMMAND,
    makecontinuous::COMMAND,
    makemv::COMMAND,
    makeresults::COMMAND,
    metadata::METADATA,
    appendpipe::MULTIREPORT,
    multisearch::MULTISEARCH,
    mvcombine::COMMAND,
    mvexpand::COMMAND,
    nomv::COMMAND,
    outlier::OUTLIER,
    outputlookup::OUTPUTCSV,
    outputlookup::COMMAND,
    rangemap::COMMAND,
    top::RARE,
    regex::COMMAND,
    rename::COMMAND,
    shaping::REPLACE,
    format::RETURN,
    reverse::COMMAND,
    rex::COMMAND,
    search::COMMAND,
    discard::SENDALERT,
    shaping::SET,
    sort::COMMAND,
    spath::COMMAND,
    stats::COMMAND,
    shaping::STRCAT,
    streamstats::COMMAND,
    table::COMMAND,
    tail::COMMAND,
    timechart::COMMAND,
    timewrap::COMMAND,
    top::TOP,
    transaction::COMMAND,
    transpose::COMMAND,
    trendline::COMMAND,
    tstats::COMMAND,
    multisearch::UNION,
    uniq::COMMAND,
    untable::COMMAND,
    r#where::COMMAND,
    xyseries::COMMAND,
];

/// Commands that SPL has and this does not, yet, with what to do instead.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("analyzefields", "leave it out"),
    ("anomalies", "use `eventstats` with avg and stdev"),
    ("anomalousvalue", "use `eventstats` with avg and stdev"),
    (
        "apply",
        "it runs a model of the Machine Learning Toolkit; say what is unusual with `eventstats` (avg, stdev) or `anomalydetection`",
    ),
    ("arules", "leave it out"),
    ("associate", "leave it out"),
    ("awssnsalert", "save the search as an alert; SNS is one of the sinks"),
    ("bucketdir", "leave it out"),
    ("cofilter", "use `stats count by`"),
    ("concurrency", "use `streamstats`"),
    ("contingency", "use `chart … over … by …`"),
    ("correlate", "leave it out"),
    ("crawl", "leave it out"),
    ("dbinspect", "there are no buckets to inspect"),
    ("dbxquery", "there is no database to ask"),
    ("delete", "nothing is deleted from a search; retention is set for the lake"),
    ("diff", "leave it out"),
    ("dump", "export the result"),
    ("entitymerge", "use `stats … by`"),
    ("erex", "use `rex`"),
    ("extract", "use `rex`"),
    ("findtypes", "leave it out"),
    (
        "fit",
        "it trains a model of the Machine Learning Toolkit; keep means in a lookup with `stats` and `outputlookup`",
    ),
    ("folderize", "use `rex` and `stats count by`"),
    ("fromjson", "use `spath`"),
    ("gauge", "leave it out"),
    ("gentimes", "use `makeresults`"),
    ("geom", "the map on the page needs no shapes"),
    ("geomfilter", "use `where` with lat and lon"),
    ("history", "the page keeps the history of searches"),
    ("iconify", "leave it out"),
    ("ingestpreview", "take a file in with `trailhound ingest`"),
    ("inputintelligence", "lists of addresses are set in the settings, and found in `src_lists`"),
    ("kmeans", "leave it out"),
    ("kvform", "use `rex`"),
    ("loadjob", "run the search itself"),
    ("localop", "leave it out"),
    ("map", "it runs a search for each row; a subsearch in brackets, `join` or `lookup` asks once for all of them"),
    ("mcatalog", "there are no metric indexes"),
    ("metasearch", "use `metadata` or `tstats`"),
    ("mpreview", "there are no metric indexes"),
    ("msearch", "there are no metric indexes"),
    ("mstats", "there are no metric indexes"),
    ("multikv", "use `rex`"),
    ("noop", "leave it out"),
    ("outputtext", "the result has `_raw`"),
    ("overlap", "leave it out"),
    ("pivot", "use `stats` or `chart`"),
    ("predict", "forecasts are not made; `trendline` gives moving averages, `streamstats` running ones"),
    ("redistribute", "leave it out"),
    ("relevancy", "leave it out"),
    ("reltime", "use `eval` with `tostring(now()-_time, \"duration\")`"),
    ("require", "leave it out"),
    ("rest", "there is no Splunk server to ask"),
    ("rtorder", "leave it out"),
    ("runshellscript", "nothing is run from a search"),
    ("savedsearch", "searches that Splunk has saved are not here; paste the search itself, or define it as a macro"),
    ("script", "leave it out"),
    ("scrub", "use `rex mode=sed`"),
    ("searchtxn", "use `transaction`"),
    ("selfjoin", "use `join`"),
    ("sendemail", "save the search as an alert"),
    ("setfields", "use `eval`"),
    ("sichart", "use `chart`"),
    ("sirare", "use `rare`"),
    ("sistats", "use `stats`"),
    ("sitimechart", "use `timechart`"),
    ("sitop", "use `top`"),
    ("snowevent", "save the search as an alert"),
    ("snoweventstream", "save the search as an alert"),
    ("snowincident", "save the search as an alert"),
    ("snowincidentstream", "save the search as an alert"),
    ("summary", "it describes a model of the Machine Learning Toolkit"),
    ("tags", "leave it out"),
    ("tojson", "use `json_object`"),
    ("tscollect", "leave it out"),
    ("typeahead", "leave it out"),
    ("typelearner", "leave it out"),
    ("typer", "leave it out"),
    ("walklex", "leave it out"),
    ("x11", "use `trendline`"),
    ("xmlkv", "use `rex`"),
    ("xmlunescape", "use `replace`"),
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
    fn what_splunk_knows_is_named() {
        assert!(UNSUPPORTED.is_sorted_by_key(|(name, _)| *name));
        for query in ["* | delete", "| history", "* | sichart count by user", "* | localop", "| metasearch index=*"] {
            assert_eq!(testing::codes(query), ["spl.unsupported-command"], "{query}");
        }
        for call in ["ipmask(\"0.0.0.255\", src_ip)", "tojson()", "json_extend(x, y, 1)", "isarray(x)", "sinh(1)"] {
            let query = format!("* | eval a={call}");
            assert_eq!(testing::errors(&query), ["spl.unsupported-function"], "{query}");
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
