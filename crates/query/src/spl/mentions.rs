//! The field names that commands read. Where a wildcard stands for columns that are not known before the rows are
//! there (`inputlookup x | stats values(*) as *`), those that the rest of the query reads are the ones that matter.

use std::collections::BTreeSet;

use super::ast::{Aggregation, AggregationArgument, Argument, Body, Command, Expr, ExprKind, Search, Statistics, Word};

/// Most commands that are looked at: no query that people write is longer.
const MOST_COMMANDS: usize = 300;

/// Names that these commands read before they make them, without wildcards.
pub(crate) fn names(commands: &[Command]) -> BTreeSet<String> {
    let (mut names, mut made) = (BTreeSet::new(), BTreeSet::new());
    for command in commands.iter().take(MOST_COMMANDS) {
        let mut read = BTreeSet::new();
        match &command.body {
            Body::Search(search) => of_search(search, &mut read),
            Body::Condition(expr) => of_expr(expr, &mut read),
            Body::Assignments(assignments) => {
                for assignment in assignments {
                    of_expr(&assignment.value, &mut read);
                    names.extend(std::mem::take(&mut read).into_iter().filter(|name| !made.contains(name)));
                    made.insert(assignment.field.text.clone());
                }
            }
            Body::Statistics(statistics) => in_statistics(statistics, &mut read),
            Body::Arguments(arguments) => arguments.iter().for_each(|argument| of_argument(argument, &mut read)),
        }
        names.extend(read.into_iter().filter(|name| !made.contains(name)));
        makes(command, &mut made);
    }
    names
}

/// The fields that a search expression names.
pub(crate) fn of(search: &Search) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    of_search(search, &mut names);
    names
}

/// The fields that a command of statistics names.
pub(crate) fn of_statistics(statistics: &Statistics) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    in_statistics(statistics, &mut names);
    names
}

/// What a command makes itself.
fn makes(command: &Command, made: &mut BTreeSet<String>) {
    match &command.body {
        Body::Statistics(statistics) => {
            made.extend(statistics.aggregations.iter().map(|aggregation| {
                match (&aggregation.name, &aggregation.argument) {
                    (Some(name), _) => name.text.clone(),
                    (None, None) => aggregation.function.text.to_ascii_lowercase(),
                    (None, Some(_)) => {
                        format!("{}({})", aggregation.function.text.to_ascii_lowercase(), aggregation.text)
                    }
                }
            }));
        }
        Body::Arguments(arguments) => {
            for pair in arguments.windows(2) {
                if let [Argument::Word(keyword), Argument::Word(name)] = pair
                    && keyword.is("as")
                {
                    made.insert(name.text.clone());
                }
            }
        }
        Body::Assignments(_) | Body::Search(_) | Body::Condition(_) => {}
    }
}

/// Commands that take rows as they are, whatever their fields.
const WHOLE_ROWS: &[&str] =
    &["append", "appendpipe", "datamodel", "multireport", "multisearch", "set", "transaction", "union"];

/// Whether what a command makes depends on the names that are read after it.
pub(crate) fn matter_to(command: &Command) -> bool {
    let wild = |aggregation: &Aggregation| matches!(&aggregation.argument, Some(AggregationArgument::Field(word)) if word.text.contains('*'));
    match &command.body {
        Body::Statistics(statistics) => statistics.aggregations.iter().any(wild),
        Body::Assignments(assignments) => assignments.iter().any(|assignment| assignment.field.text.contains('{')),
        Body::Arguments(_) => WHOLE_ROWS.contains(&command.name.text.as_str()),
        Body::Search(_) | Body::Condition(_) => false,
    }
}

fn of_word(word: &Word, names: &mut BTreeSet<String>) {
    let name = word.text.trim_start_matches(['-', '+']);
    let keyword = ["as", "by", "output", "outputnew"].iter().any(|keyword| word.is(keyword));
    if !keyword && name.starts_with(|c: char| c.is_alphabetic()) && !name.contains('*') {
        names.insert(name.to_owned());
    }
}

fn of_search(search: &Search, names: &mut BTreeSet<String>) {
    match search {
        Search::And(terms) | Search::Or(terms) => terms.iter().for_each(|term| of_search(term, names)),
        Search::Not(inner) => of_search(inner, names),
        Search::Compare { field, .. } | Search::In { field, .. } | Search::CompareExpr { field, .. } => {
            of_word(field, names)
        }
        Search::All | Search::Term { .. } | Search::Subsearch(_) => {}
    }
}

fn of_expr(expr: &Expr, names: &mut BTreeSet<String>) {
    match &expr.kind {
        ExprKind::Field(word) => of_word(word, names),
        ExprKind::Unary(_, inner) => of_expr(inner, names),
        ExprKind::Binary(_, left, right) | ExprKind::Compare(_, left, right) => {
            of_expr(left, names);
            of_expr(right, names);
        }
        ExprKind::And(items) | ExprKind::Or(items) | ExprKind::Call { args: items, .. } => {
            items.iter().for_each(|item| of_expr(item, names))
        }
        ExprKind::In(value, items) => {
            of_expr(value, names);
            items.iter().for_each(|item| of_expr(item, names));
        }
        ExprKind::Text(_) | ExprKind::Int(_) | ExprKind::Float(_) => {}
    }
}

fn in_statistics(statistics: &Statistics, names: &mut BTreeSet<String>) {
    statistics.by.iter().chain(&statistics.over).for_each(|word| of_word(word, names));
    for aggregation in &statistics.aggregations {
        match &aggregation.argument {
            Some(AggregationArgument::Field(word)) => of_word(word, names),
            Some(AggregationArgument::Eval(expr)) => of_expr(expr, names),
            Some(AggregationArgument::Line { field, .. }) => field.iter().for_each(|word| of_word(word, names)),
            None => {}
        }
    }
}

fn of_argument(argument: &Argument, names: &mut BTreeSet<String>) {
    match argument {
        Argument::Word(word) => of_word(word, names),
        Argument::Call { args, .. } => args.iter().for_each(|word| of_word(word, names)),
        Argument::Setting(setting) if setting.name.is("field") || setting.name.is("input") => {
            of_word(&setting.value, names)
        }
        // Commands for these rows (`appendpipe`) read them too; a search of its own at least names what it joins by.
        Argument::Subsearch(ast) => names.extend(self::names(&ast.commands)),
        Argument::Where(search) => of_search(search, names),
        Argument::Setting(_) | Argument::Template(_) => {}
    }
}
