//! `fieldsummary`: what each field holds: how often it is there, how many values it has, its numbers, its commonest values.

use super::{Command, Grammar, arguments, untable, words};
use crate::{
    pipeline::{Agg, Aggregate, Expr, Func, JoinKind, Named, Op, SortKey, Type},
    schema::Dialect,
    span::Span,
    spl::{
        ast::Word,
        build,
        lowering::{Lower, Lowerer, ascending},
        scope::Base,
        statistics::Settings,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "fieldsummary",
    aliases: &[],
    syntax: "fieldsummary [maxvals=<n>] [<field>, …]",
    help: "A row for each field: how many rows have it, how many values it has, what its numbers come to, and its commonest values (100, at most) with their counts.",
    example: "eventName=AssumeRole | fieldsummary maxvals=5 | table field, count, distinct_count, values",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["maxvals"]);
        let most = settings.count(lowerer, "maxvals")?.unwrap_or(MOST_VALUES).clamp(1, MOST_VALUES);
        cells(lowerer, &words, command.span);
        let mut values = lowerer.branch(command.span)?;
        commonest(&mut values, most, command.span);
        summary(lowerer, command.span);
        let on = vec![(build::field("field", Type::Text, command.span), "field".to_owned())];
        lowerer.push(Op::Join { kind: JoinKind::Left, right: Box::new(values.into_pipeline()), on, max: Some(1) });
        lowerer.scope.make("values", Type::Text);
        lowerer.unsettle_order();
        shown(lowerer, command.span)
    },
};

/// Most values that are listed, as a list of the engine holds so many.
const MOST_VALUES: u64 = 100;

/// A row of each value: `field`, `value`.
fn cells(lowerer: &mut Lowerer<'_>, words: &[Word], span: Span) {
    let columns = match (words.is_empty(), lowerer.scope.base) {
        (false, _) => lowerer.columns(words),
        (true, Base::Events) => stored(lowerer, span),
        (true, _) => {
            let made = lowerer.scope.fields.iter().filter(|made| !made.name.starts_with("__"));
            made.map(|made| Named { name: made.name.clone(), expr: build::field(&made.name, made.ty, span) }).collect()
        }
    };
    lowerer.scope.order_by(Vec::new(), false);
    let row = lowerer.made_up("row");
    let number = Named { name: row.clone(), expr: build::int(1, span) };
    match lowerer.scope.base {
        Base::Fields(_) if words.is_empty() => lowerer.extend(&row, number.expr),
        _ => lowerer.project(std::iter::once(number).chain(columns).collect()),
    }
    untable::cells(lowerer, (&row, Type::Int), ("field", "value"), Vec::new());
}

/// The fields of events that a column holds, each by one name: the record's own, where it has one.
fn stored(lowerer: &mut Lowerer<'_>, span: Span) -> Vec<Named> {
    let mut columns: Vec<Named> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let made: Vec<String> = lowerer.scope.fields.iter().map(|made| made.name.clone()).collect();
    let [own, all] = [Dialect::Insights, Dialect::Spl].map(|of| lowerer.env.schema.names(&lowerer.table, of));
    for name in made.into_iter().chain(own).chain(all) {
        let column = lowerer.env.schema.resolve(&lowerer.table, Dialect::Spl, &name).map(|found| found.column);
        let again = column.is_some_and(|column| !seen.insert(column));
        if !again && !name.starts_with('_') && lowerer.knows(&name) {
            let expr = lowerer.name(&name, span);
            columns.push(Named { name, expr });
        }
    }
    columns
}

fn number(span: Span) -> Expr {
    build::to_number(build::field("value", Type::Text, span))
}

fn aggregate(name: &str, func: Agg, arg: Option<Expr>, ty: Type) -> Aggregate {
    Aggregate { name: name.to_owned(), func, arg, filter: None, order: None, ty }
}

fn key(name: &str, span: Span) -> Named {
    Named { name: name.to_owned(), expr: build::field(name, Type::Text, span) }
}

fn summary(lowerer: &mut Lowerer<'_>, span: Span) {
    let value = build::field("value", Type::Text, span);
    let aggregates = vec![
        aggregate("count", Agg::Count, Some(value.clone()), Type::Int),
        aggregate("distinct_count", Agg::DistinctCount, Some(value), Type::Int),
        aggregate("max", Agg::Max, Some(number(span)), Type::Float),
        aggregate("mean", Agg::Avg, Some(number(span)), Type::Float),
        aggregate("min", Agg::Min, Some(number(span)), Type::Float),
        aggregate("numeric_count", Agg::Count, Some(number(span)), Type::Int),
        aggregate("stdev", Agg::Stdev, Some(number(span)), Type::Float),
    ];
    lowerer.aggregate(vec![key("field", span)], aggregates, false);
}

/// `field`, and its commonest values as JSON.
fn commonest(lowerer: &mut Lowerer<'_>, most: u64, span: Span) {
    let counted = aggregate("count", Agg::Count, None, Type::Int);
    lowerer.aggregate(vec![key("field", span), key("value", span)], vec![counted], false);
    let by_count = SortKey { descending: true, ..ascending("count", Type::Int, span) };
    let keys = vec![by_count, ascending("value", Type::Text, span)];
    lowerer.push(Op::Sort { keys, limit: None });
    lowerer.push(Op::Dedup { keys: vec![build::field("field", Type::Text, span)], count: most, keep_null: false });
    // A value stays a text, also where it looks like a number: ids do.
    let list = vec![build::to_list(build::field("value", Type::Text, span)), build::truth(false, span)];
    let list = build::call(Func::ListToJson, list, Type::Text, span);
    let value = build::call(Func::Trim, vec![list, build::text("[]", span)], Type::Text, span);
    let parts = vec![
        build::text("{\"value\":", span),
        value,
        build::text(",\"count\":", span),
        build::to_text(build::field("count", Type::Int, span)),
        build::text("}", span),
    ];
    let one = lowerer.made_up("one");
    lowerer.extend(&one, build::call(Func::Concat, parts, Type::Text, span));
    let all = aggregate("all", Agg::List, Some(build::field(&one, Type::Text, span)), Type::List);
    lowerer.aggregate(vec![key("field", span)], vec![all], false);
    let joined = build::call(
        Func::ListJoin,
        vec![build::field("all", Type::List, span), build::text(",", span)],
        Type::Text,
        span,
    );
    let array =
        build::call(Func::Concat, vec![build::text("[", span), joined, build::text("]", span)], Type::Text, span);
    lowerer.project(vec![key("field", span), Named { name: "values".to_owned(), expr: array }]);
}

/// The columns in Splunk's order.
fn shown(lowerer: &mut Lowerer<'_>, span: Span) -> Lower<()> {
    lowerer.extend("is_exact", build::int(1, span));
    let order =
        ["field", "count", "distinct_count", "is_exact", "max", "mean", "min", "numeric_count", "stdev", "values"];
    let columns = order.map(|name| Named { name: name.to_owned(), expr: lowerer.name(name, span) });
    lowerer.project(columns.into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn a_row_a_field() {
        let all =
            ["field", "count", "distinct_count", "is_exact", "max", "mean", "min", "numeric_count", "stdev", "values"];
        assert_eq!(columns("* | fieldsummary"), all);
        assert_eq!(columns("* | stats count by user | fieldsummary maxvals=3 user"), all);
        let ir = rendered("* | fieldsummary maxvals=3 eventName bytesIn");
        assert!(ir.contains("project '__row_1' = 1, 'eventName' = event_name, 'bytesIn' = bytes_in"), "{ir}");
        assert!(ir.contains("dedup 3 by 'field'"), "{ir}");
        // A column has many names; it is told of once.
        let ir = rendered("* | fieldsummary");
        assert_eq!(ir.matches("= source_ip_address").count(), 2, "{ir}");
    }

    #[test]
    fn after_a_pivot_the_columns_are_those_of_the_rows() {
        let ir = rendered("* | chart count over user by eventName | fieldsummary");
        assert!(ir.contains("unpivot by '__row_1' name 'field' value 'value'"), "{ir}");
        assert_eq!(codes("* | fieldsummary maxvals=few"), ["spl.number"]);
    }
}
