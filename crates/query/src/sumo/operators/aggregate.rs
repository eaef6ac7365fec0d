//! Aggregates: `count`, `sum(x)`, `pct(x, 90)`, … with `by`. `count` needs no brackets, and no `by` before its keys.

use super::super::{
    cursor::{Cursor, Name, is_name},
    expr,
    lexer::Kind,
    lowering::{Base, Lower, Lowerer},
    names, value,
};
use crate::{
    language::{Entry, Part},
    pipeline::{Agg, Aggregate, Expr, Type},
    span::Span,
    spl::build,
};

/// An aggregate function.
pub(crate) struct Function {
    pub name: &'static str,
    syntax: &'static str,
    help: &'static str,
    example: &'static str,
    kind: Kinds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kinds {
    Count,
    Distinct,
    /// Of numbers.
    Number(Numeric),
    Percentile,
    Values,
    First,
    Last,
    MostRecent,
    LeastRecent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numeric {
    Sum,
    Avg,
    Min,
    Max,
    Median,
    Stddev,
}

const FUNCTIONS: &[Function] = &[
    function(
        "avg",
        "avg(<field>) [as <name>] [by <field>, …]",
        "Mean of the numbers.",
        "* | avg(bytesIn) by eventName",
        Kinds::Number(Numeric::Avg),
    ),
    function(
        "count",
        "count[(<field>)] [as <name>] [[by] <field>, …]",
        "Number of messages, or of those that have the field; `_count` unless it is named.",
        "* | count by eventName, awsRegion",
        Kinds::Count,
    ),
    function(
        "count_distinct",
        "count_distinct(<field>) [as <name>] [by <field>, …]",
        "Number of different values.",
        "* | count_distinct(sourceIPAddress) as addresses by user",
        Kinds::Distinct,
    ),
    function(
        "first",
        "first(<field>) [by <field>, …]",
        "The first value in the order of rows: the newest.",
        "* | first(eventName) by user",
        Kinds::First,
    ),
    function(
        "last",
        "last(<field>) [by <field>, …]",
        "The last value in the order of rows: the oldest.",
        "* | last(eventName) by user",
        Kinds::Last,
    ),
    function(
        "least_recent",
        "least_recent(<field>_withtime) [by <field>, …]",
        "The value with the earliest time, after `withtime`.",
        "* | withtime eventName | least_recent(eventName_withtime) by user",
        Kinds::LeastRecent,
    ),
    function(
        "max",
        "max(<field>) [by <field>, …]",
        "Largest number.",
        "* | max(bytesIn) by eventName",
        Kinds::Number(Numeric::Max),
    ),
    function(
        "median",
        "median(<field>) [by <field>, …]",
        "Middle number.",
        "* | median(bytesIn) by eventName",
        Kinds::Number(Numeric::Median),
    ),
    function(
        "min",
        "min(<field>) [by <field>, …]",
        "Smallest number.",
        "* | min(bytesIn) by eventName",
        Kinds::Number(Numeric::Min),
    ),
    function(
        "most_recent",
        "most_recent(<field>_withtime) [by <field>, …]",
        "The value with the latest time, after `withtime`.",
        "* | withtime eventName | most_recent(eventName_withtime) by user",
        Kinds::MostRecent,
    ),
    function(
        "pct",
        "pct(<field>[, <percentile>, …]) [by <field>, …]",
        "Percentiles; `_<field>_pct_<percentile>` unless it is named.",
        "* | pct(bytesIn, 50, 99) by eventName",
        Kinds::Percentile,
    ),
    function(
        "stddev",
        "stddev(<field>) [by <field>, …]",
        "Standard deviation.",
        "* | stddev(bytesIn) by eventName",
        Kinds::Number(Numeric::Stddev),
    ),
    function(
        "sum",
        "sum(<field>) [by <field>, …]",
        "Sum of the numbers.",
        "* | sum(bytesIn) by eventName",
        Kinds::Number(Numeric::Sum),
    ),
    function(
        "values",
        "values(<field>) [by <field>, …]",
        "All different values.",
        "* | values(eventName) by user",
        Kinds::Values,
    ),
];

const fn function(
    name: &'static str,
    syntax: &'static str,
    help: &'static str,
    example: &'static str,
    kind: Kinds,
) -> Function {
    Function { name, syntax, help, example, kind }
}

fn find(name: &str) -> Option<&'static Function> {
    let name = match name.to_ascii_lowercase().as_str() {
        "percentile" | "pct_sampling" => "pct".to_owned(),
        "average" => "avg".to_owned(),
        "stdev" => "stddev".to_owned(),
        "dcount" => "count_distinct".to_owned(),
        name => name.to_owned(),
    };
    FUNCTIONS.iter().find(|function| function.name == name)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

/// The reference of the aggregates.
pub(crate) fn entries() -> impl Iterator<Item = Entry> {
    FUNCTIONS.iter().map(|function| Entry {
        part: Part::Aggregate,
        name: function.name,
        syntax: function.syntax,
        help: function.help,
        example: function.example,
    })
}

/// Whether a stage begins with an aggregate. `max(a, b)` of two values is a function.
pub(super) fn begins(cursor: &Cursor<'_>) -> bool {
    let Some(first) = cursor.peek().filter(|token| token.kind == Kind::Word) else { return false };
    let Some(function) = find(&first.text) else { return false };
    if !cursor.peek_at(1).is_some_and(|token| token.is_punct("(")) {
        return function.kind == Kinds::Count
            && !cursor.peek_at(1).is_some_and(|next| next.is_punct("/") || next.is_punct("*"));
    }
    let two = matches!(function.name, "min" | "max") && cursor.peek_at(3).is_some_and(|token| token.is_punct(","));
    !two
}

/// Lowers an aggregate stage.
pub(crate) fn lower(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<()> {
    lower_by(lowerer, cursor, &[])
}

/// Lowers aggregates; `given` are keys besides those that are written after them.
pub(super) fn lower_by(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, given: &[Name]) -> Lower<()> {
    let mut aggregates = Vec::new();
    let mut bare = false;
    loop {
        bare |= one(lowerer, cursor, &mut aggregates)?;
        if !(cursor.is_punct(",") && next_begins(cursor)) {
            break;
        }
        cursor.next();
    }
    let mut keys = lowerer.by(cursor)?;
    // `count a, b` means `count by a, b`.
    if keys.is_empty() && bare && cursor.peek().is_some_and(is_name) {
        keys = lowerer.names(cursor)?;
    }
    keys.splice(0..0, given.iter().cloned());
    let by = lowerer.keys(&keys);
    aggregates.retain(|aggregate: &Aggregate| !by.iter().any(|key| key.name.eq_ignore_ascii_case(&aggregate.name)));
    lowerer.aggregate(by, aggregates);
    Ok(())
}

fn next_begins(cursor: &Cursor<'_>) -> bool {
    let word = cursor.peek_at(1).filter(|token| token.kind == Kind::Word).and_then(|token| find(&token.text));
    word.is_some_and(|function| {
        function.kind == Kinds::Count || cursor.peek_at(2).is_some_and(|token| token.is_punct("("))
    })
}

/// Reads one aggregate; gives whether it is a `count` whose keys may follow without `by`.
fn one(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, out: &mut Vec<Aggregate>) -> Lower<bool> {
    let Some((token, function)) = cursor.next().and_then(|token| Some((token, find(&token.text)?))) else {
        return lowerer.expected(cursor, "an aggregate");
    };
    let (field, numbers) = arguments(lowerer, cursor, function)?;
    let alias = lowerer.alias(cursor)?;
    let made = match function.kind {
        Kinds::Percentile => percentiles(lowerer, field, &numbers, alias, token.span)?,
        _ => vec![aggregate(lowerer, function, field, alias, token.span)?],
    };
    for aggregate in made {
        if !out.iter().any(|known: &Aggregate| known.name.eq_ignore_ascii_case(&aggregate.name)) {
            out.push(aggregate);
        }
    }
    Ok(function.kind == Kinds::Count)
}

/// `(field[, number, …])`, or nothing for a `count`.
fn arguments(
    lowerer: &mut Lowerer<'_>,
    cursor: &mut Cursor<'_>,
    function: &Function,
) -> Lower<(Option<Name>, Vec<f64>)> {
    if function.kind == Kinds::Count && !cursor.is_punct("(") {
        return Ok((None, Vec::new()));
    }
    lowerer.expect_punct(cursor, "(")?;
    let counts = function.kind == Kinds::Count;
    if counts && (cursor.punct(")") || (cursor.punct("*") && cursor.punct(")"))) {
        return Ok((None, Vec::new()));
    }
    let field = lowerer.expect_name(cursor, "a field name")?;
    let mut numbers = Vec::new();
    while cursor.punct(",") {
        let number =
            cursor.peek().filter(|token| token.kind == Kind::Number).and_then(|token| expr::number(&token.text));
        match number {
            Some(number) => numbers.push(number),
            None => return lowerer.expected(cursor, "a percentile"),
        }
        cursor.next();
    }
    lowerer.expect_punct(cursor, ")")?;
    Ok((Some(field), numbers))
}

fn aggregate(
    lowerer: &mut Lowerer<'_>,
    function: &Function,
    field: Option<Name>,
    alias: Option<Name>,
    span: Span,
) -> Lower<Aggregate> {
    let default = match function.kind {
        Kinds::MostRecent => "_mostrecent".to_owned(),
        Kinds::LeastRecent => "_leastrecent".to_owned(),
        _ => format!("_{}", function.name),
    };
    let name = alias.map_or(default, |alias| alias.text);
    let value = field.as_ref().map(|field| lowerer.field(field));
    let (func, arg, ty) = match (function.kind, value) {
        (Kinds::Count, value) => (Agg::Count, value, Type::Int),
        (Kinds::Distinct, Some(value)) => (Agg::DistinctCount, Some(names::text(value)), Type::Int),
        (Kinds::Values, Some(value)) => (Agg::Values, Some(names::text(value)), Type::List),
        (Kinds::Number(numeric), Some(value)) => of_numbers(numeric, value),
        (Kinds::First, Some(value)) => (Agg::First, Some(value.clone()), value.ty),
        (Kinds::Last, Some(value)) => (Agg::Last, Some(value.clone()), value.ty),
        (Kinds::MostRecent, Some(value)) => (Agg::Latest, Some(value.clone()), value.ty),
        (Kinds::LeastRecent, Some(value)) => (Agg::Earliest, Some(value.clone()), value.ty),
        _ => return lowerer.fail("sumo.syntax", format!("`{}` needs a field", function.name), span),
    };
    let mut aggregate = Aggregate { name, func, arg, filter: None, order: None, ty };
    if matches!(func, Agg::Latest | Agg::Earliest) {
        recent(lowerer, &mut aggregate, span);
    }
    Ok(aggregate)
}

/// What `most_recent` goes by: the message's time, else the time slice, else the order of rows (newest first).
fn recent(lowerer: &mut Lowerer<'_>, aggregate: &mut Aggregate, span: Span) {
    let has = |name: &str| lowerer.made(name).is_some();
    let name = if lowerer.base == Base::Events || has("_messagetime") { "_messagetime" } else { "_timeslice" };
    if lowerer.base == Base::Events || has(name) {
        aggregate.order = Some(lowerer.named(name, span));
        return;
    }
    aggregate.func = if aggregate.func == Agg::Latest { Agg::First } else { Agg::Last };
}

fn of_numbers(numeric: Numeric, value: Expr) -> (Agg, Option<Expr>, Type) {
    let time = value.ty == Type::Time && matches!(numeric, Numeric::Min | Numeric::Max);
    let value = if time { value } else { value::number(value) };
    let ty = value.ty;
    match numeric {
        Numeric::Sum => (Agg::Sum, Some(value), ty),
        Numeric::Avg => (Agg::Avg, Some(value), Type::Float),
        Numeric::Min => (Agg::Min, Some(value), ty),
        Numeric::Max => (Agg::Max, Some(value), ty),
        Numeric::Median => (Agg::Median, Some(value), Type::Float),
        Numeric::Stddev => (Agg::Stdev, Some(value), Type::Float),
    }
}

fn percentiles(
    lowerer: &mut Lowerer<'_>,
    field: Option<Name>,
    numbers: &[f64],
    alias: Option<Name>,
    span: Span,
) -> Lower<Vec<Aggregate>> {
    let Some(field) = field else { return lowerer.fail("sumo.syntax", "`pct` needs a field", span) };
    let value = value::number(lowerer.field(&field));
    let numbers = if numbers.is_empty() { &[90.0][..] } else { numbers };
    if let Some(odd) = numbers.iter().find(|number| !(0.0..=100.0).contains(*number)) {
        return lowerer.fail("sumo.argument", format!("a percentile is from 0 to 100, not {odd}"), span);
    }
    let made = numbers.iter().map(|number| {
        let name = match &alias {
            Some(alias) if numbers.len() == 1 => alias.text.clone(),
            Some(alias) => format!("{}_{number}", alias.text),
            None => format!("_{}_pct_{number}", field.text),
        };
        let func = if (*number - 50.0).abs() < f64::EPSILON { Agg::Median } else { Agg::Percentile(*number) };
        Aggregate { name, func, arg: Some(value.clone()), filter: None, order: None, ty: Type::Float }
    });
    Ok(made.collect())
}

impl Lowerer<'_> {
    /// An aggregate of one field, for an operator that is made of such.
    pub fn plain_aggregate(name: &str, func: Agg, arg: Option<Expr>, ty: Type) -> Aggregate {
        Aggregate { name: name.to_owned(), func, arg, filter: None, order: None, ty }
    }
}

/// A field as the aggregates' number, by its name.
pub(super) fn numeric_field(lowerer: &mut Lowerer<'_>, name: &Name) -> Expr {
    let field = lowerer.field(name);
    if field.ty == Type::Time { field } else { build::convert(value::number(field), Type::Float) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sumo::testing::{check, columns, errors};

    #[test]
    fn every_example_lowers() {
        assert!(FUNCTIONS.is_sorted_by_key(|function| function.name));
        for function in FUNCTIONS {
            assert_eq!(errors(function.example), Vec::<String>::new(), "{}", function.example);
        }
    }

    #[test]
    fn names_and_keys() {
        for (stage, expected) in [
            ("count", vec!["_count"]),
            ("count by eventName", vec!["eventName", "_count"]),
            ("count eventName, user", vec!["eventName", "user", "_count"]),
            ("count as n by eventName", vec!["eventName", "n"]),
            ("count as n eventName", vec!["eventName", "n"]),
            ("count(*)", vec!["_count"]),
            ("sum(bytesIn), avg(bytesIn) as a by user", vec!["user", "_sum", "a"]),
            ("count, count_distinct(user) group by eventName", vec!["eventName", "_count", "_count_distinct"]),
            ("pct(bytesIn, 90, 99.9)", vec!["_bytesIn_pct_90", "_bytesIn_pct_99.9"]),
            ("COUNT BY (eventName, user)", vec!["eventName", "user", "_count"]),
            ("count as user by user", vec!["user"]),
        ] {
            assert_eq!(columns(&format!("* | {stage}")), expected, "{stage}");
        }
    }

    #[test]
    fn values() {
        check("* | sum(bytesIn)", "aggregate '_sum' = sum(bytes_in)");
        check("* | max(userAgent)", "aggregate '_max' = max(to_number(user_agent))");
        check("* | min(_messagetime) as t", "aggregate 't' = min(event_time)");
        check(
            "* | withtime eventName | most_recent(eventName_withtime) by user",
            "aggregate '_mostrecent' = latest(event_name) order event_time by 'user' = user_name keep-null
             sort 'user'",
        );
        check(
            "* | first(eventName)",
            "sort event_time desc
             aggregate '_first' = first(event_name)",
        );
        assert_eq!(errors("* | sum"), ["sumo.unknown-operator"]);
        assert_eq!(errors("* | pct(a, 101)"), ["sumo.argument"]);
        assert_eq!(errors("* | sum()"), ["sumo.syntax"]);
    }
}
