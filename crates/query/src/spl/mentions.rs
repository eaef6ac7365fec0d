//! The field names that commands read. Where a wildcard stands for columns that are not known before the rows are
//! there (`inputlookup x | stats values(*) as *`), those that the rest of the query reads are the ones that matter.

use std::collections::BTreeSet;

use super::ast::{Aggregation, AggregationArgument, Argument, Body, Command, Expr, ExprKind, Search, Statistics, Word};

/// Names that these commands read and do not make, without wildcards.
pub(crate) fn names(commands: &[Command]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for command in commands {
        match &command.body {
            Body::Search(search) => of_search(search, &mut names),
            Body::Condition(expr) => of_expr(expr, &mut names),
            Body::Assignments(assignments) => {
                assignments.iter().for_each(|assignment| of_expr(&assignment.value, &mut names))
            }
            Body::Statistics(statistics) => of_statistics(statistics, &mut names),
            Body::Arguments(arguments) => arguments.iter().for_each(|argument| of_argument(argument, &mut names)),
        }
    }
    for command in commands {
        made(command, &mut names);
    }
    names
}

/// The fields that a search expression names.
pub(crate) fn of(search: &Search) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    of_search(search, &mut names);
    names
}

/// Takes out what the commands make themselves.
fn made(command: &Command, names: &mut BTreeSet<String>) {
    match &command.body {
        Body::Assignments(assignments) => {
            names.retain(|name| !assignments.iter().any(|assignment| assignment.field.text == *name))
        }
        Body::Statistics(statistics) => {
            let named = |name: &String| {
                statistics.aggregations.iter().any(|a| a.name.as_ref().is_some_and(|word| word.text == *name))
            };
            names.retain(|name| !named(name));
        }
        Body::Arguments(arguments) => {
            for pair in arguments.windows(2) {
                if let [Argument::Word(keyword), Argument::Word(name)] = pair
                    && keyword.is("as")
                {
                    names.remove(&name.text);
                }
            }
        }
        Body::Search(_) | Body::Condition(_) => {}
    }
}

/// Whether a command's aggregations have wildcards.
pub(crate) fn has_wildcard(command: &Command) -> bool {
    let wild = |aggregation: &Aggregation| matches!(&aggregation.argument, Some(AggregationArgument::Field(word)) if word.text.contains('*'));
    matches!(&command.body, Body::Statistics(statistics) if statistics.aggregations.iter().any(wild))
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

fn of_statistics(statistics: &Statistics, names: &mut BTreeSet<String>) {
    statistics.by.iter().chain(&statistics.over).for_each(|word| of_word(word, names));
    for aggregation in &statistics.aggregations {
        match &aggregation.argument {
            Some(AggregationArgument::Field(word)) => of_word(word, names),
            Some(AggregationArgument::Eval(expr)) => of_expr(expr, names),
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
        Argument::Setting(_) | Argument::Subsearch(_) | Argument::Where(_) => {}
    }
}
