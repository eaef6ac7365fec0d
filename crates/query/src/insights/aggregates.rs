//! The aggregate functions of `stats`.

use super::{
    ast::{Expr as Tree, ExprKind as Form, Word},
    expr::{number, shown, text},
    lowering::Lowerer,
};
use crate::{
    cloudwatch,
    diagnostic::Diagnostic,
    language::{Entry, Part},
    pipeline::{Agg, Aggregate, Expr, Type},
    span::Span,
    spl::build,
};

/// How an argument is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    /// As it is.
    AsIs,
    /// As a number.
    Number,
    /// As a number, but instants stay instants.
    Comparable,
    /// As a text.
    Text,
}

struct Function {
    name: &'static str,
    aliases: &'static [&'static str],
    syntax: &'static str,
    help: &'static str,
    example: &'static str,
    func: Agg,
    view: View,
}

const fn function(
    name: &'static str,
    syntax: &'static str,
    help: &'static str,
    example: &'static str,
    func: Agg,
    view: View,
) -> Function {
    Function { name, aliases: &[], syntax, help, example, func, view }
}

/// Sorted by name.
const FUNCTIONS: &[Function] = &[
    function(
        "avg",
        "avg(number)",
        "The mean.",
        "stats avg(additionalEventData.bytesTransferredOut) by eventName",
        Agg::Avg,
        View::Number,
    ),
    function(
        "count",
        "count(*)  or  count(field)",
        "How many events, or how many that have the field.",
        "stats count(*) as calls, count(errorCode) as failed by eventName",
        Agg::Count,
        View::AsIs,
    ),
    Function {
        aliases: &["dc", "countDistinct", "distinct_count"],
        ..function(
            "count_distinct",
            "count_distinct(field)",
            "How many different values; exact, where CloudWatch estimates.",
            "stats count_distinct(sourceIPAddress) as addresses by userIdentity.arn",
            Agg::DistinctCount,
            View::AsIs,
        )
    },
    function(
        "earliest",
        "earliest(field)",
        "The value of the oldest event that has it.",
        "stats earliest(sourceIPAddress) as first by userIdentity.arn",
        Agg::Earliest,
        View::AsIs,
    ),
    function(
        "latest",
        "latest(field)",
        "The value of the newest event that has it.",
        "stats latest(eventName) as last by userIdentity.arn",
        Agg::Latest,
        View::AsIs,
    ),
    function(
        "max",
        "max(number)",
        "The largest.",
        "stats max(@timestamp) as last by eventName",
        Agg::Max,
        View::Comparable,
    ),
    function(
        "median",
        "median(number)",
        "The middle value.",
        "stats median(additionalEventData.bytesTransferredOut) by eventName",
        Agg::Median,
        View::Number,
    ),
    function(
        "min",
        "min(number)",
        "The smallest.",
        "stats min(@timestamp) as first by eventName",
        Agg::Min,
        View::Comparable,
    ),
    Function {
        aliases: &["percentile"],
        ..function(
            "pct",
            "pct(number, percent)",
            "A percentile.",
            "stats pct(additionalEventData.bytesTransferredOut, 95) as p95 by eventName",
            Agg::Percentile(50.0),
            View::Number,
        )
    },
    function(
        "sortsFirst",
        "sortsFirst(field)",
        "The value that sorts first.",
        "stats sortsFirst(eventName) by userIdentity.arn",
        Agg::Min,
        View::Text,
    ),
    function(
        "sortsLast",
        "sortsLast(field)",
        "The value that sorts last.",
        "stats sortsLast(eventName) by userIdentity.arn",
        Agg::Max,
        View::Text,
    ),
    function(
        "stddev",
        "stddev(number)",
        "The standard deviation of the values as a sample.",
        "stats stddev(additionalEventData.bytesTransferredOut) by eventName",
        Agg::Stdev,
        View::Number,
    ),
    function(
        "sum",
        "sum(number)",
        "The sum.",
        "stats sum(additionalEventData.bytesTransferredOut) as bytes by requestParameters.bucketName",
        Agg::Sum,
        View::Number,
    ),
    function(
        "values",
        "values(field)",
        "The different values, sorted. CloudWatch has none: our own.",
        "stats values(eventName) as calls by userIdentity.arn",
        Agg::Values,
        View::Text,
    ),
];

fn find(name: &str) -> Option<&'static Function> {
    let known = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    FUNCTIONS.iter().find(|function| known(&[function.name]) || known(function.aliases))
}

pub(super) fn is_aggregate(name: &str) -> bool {
    find(name).is_some()
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

/// Whether an expression has an aggregate in it.
pub(super) fn has_aggregate(tree: &Tree) -> bool {
    match &tree.kind {
        Form::Call { name, args } => is_aggregate(&name.text) || args.iter().any(has_aggregate),
        Form::And(items) | Form::Or(items) => items.iter().any(has_aggregate),
        Form::Not(inner) | Form::Neg(inner) | Form::InQuery(inner, _) => has_aggregate(inner),
        Form::Binary(_, left, right) | Form::Like(left, right) => has_aggregate(left) || has_aggregate(right),
        Form::In(value, items) => has_aggregate(value) || items.iter().any(has_aggregate),
        _ => false,
    }
}

/// Lowers an aggregate's call; none where it is wrong, which has been told.
pub(super) fn lower(
    lowerer: &mut Lowerer<'_>,
    name: &Word,
    args: &[Tree],
    output: &str,
    span: Span,
) -> Option<Aggregate> {
    let function = find(&name.text)?;
    if !function.name.eq_ignore_ascii_case(&name.text) {
        let message = format!("CloudWatch calls `{}` `{}`", name.text, function.name);
        lowerer.report(
            Diagnostic::warning("insights.foreign-function", message, name.span).with_suggestion(function.name),
        );
    }
    let wanted = usize::from(matches!(function.func, Agg::Percentile(_))) + 1;
    let bare = function.func == Agg::Count && matches!(args, [] | [Tree { kind: Form::Star, .. }]);
    if !bare && (args.len() != wanted || args.iter().any(|arg| arg.kind == Form::Star)) {
        let help = format!("write `{}`", function.syntax);
        let message = format!("`{}` has other arguments", function.name);
        lowerer.report(Diagnostic::error("insights.arity", message, span).with_help(help));
        return None;
    }
    let func = match function.func {
        Agg::Percentile(_) => Agg::Percentile(percent(lowerer, &args[1])?),
        other => other,
    };
    let arg = if bare { None } else { Some(argument(lowerer, &args[0], function.view)) };
    let ty = result(func, arg.as_ref());
    let order = matches!(func, Agg::Earliest | Agg::Latest).then(|| order(lowerer, span)).flatten();
    let func = match (func, &order) {
        (Agg::Earliest, None) => Agg::First,
        (Agg::Latest, None) => Agg::Last,
        (func, _) => func,
    };
    Some(Aggregate { name: output.to_owned(), func, arg, filter: None, order, ty })
}

fn argument(lowerer: &mut Lowerer<'_>, tree: &Tree, view: View) -> Expr {
    let value = lowerer.expr(tree);
    let value = shown(value);
    let value = match view {
        View::Number => number(value),
        View::Comparable if value.ty == Type::Time => value,
        View::Comparable => number(value),
        View::Text => text(value),
        View::AsIs => value,
    };
    lowerer.bounded(value)
}

/// What `earliest` and `latest` go by: the time of events, while there is one.
fn order(lowerer: &Lowerer<'_>, span: Span) -> Option<Expr> {
    if !lowerer.closed {
        return Some(cloudwatch::time(span));
    }
    let time = lowerer.made.iter().find(|made| made.ty == Type::Time)?;
    Some(build::field(&time.name, time.ty, span))
}

fn percent(lowerer: &mut Lowerer<'_>, tree: &Tree) -> Option<f64> {
    match tree.kind {
        Form::Number(number) if (0.0..=100.0).contains(&number) => Some(number),
        _ => {
            lowerer.error("insights.percentile", "a percentile is a number from 0 to 100", tree.span);
            None
        }
    }
}

fn result(func: Agg, arg: Option<&Expr>) -> Type {
    match func {
        Agg::Count | Agg::DistinctCount => Type::Int,
        Agg::Values => Type::List,
        Agg::Avg | Agg::Percentile(_) | Agg::Median | Agg::Stdev => Type::Float,
        _ => arg.map_or(Type::Int, |arg| arg.ty),
    }
}

/// The reference of the aggregates.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    FUNCTIONS.iter().map(|function| Entry {
        part: Part::Aggregate,
        name: function.name,
        syntax: function.syntax,
        help: function.help,
        example: function.example,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(FUNCTIONS.is_sorted_by_key(|function| function.name));
    }
}
