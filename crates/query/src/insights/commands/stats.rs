//! `stats`: aggregates, by groups. May be repeated: a later one works on the rows of the one before.

use super::Command;
use crate::{
    diagnostic::Diagnostic,
    insights::{
        aggregates,
        ast::{self, Expr as Tree, ExprKind as Form, Item, Verb, Word},
        cursor::Cursor,
        expr::shown,
        lowering::{Lowerer, Made, Shown},
        parser,
    },
    pipeline::{Aggregate, Named, Op},
};

pub(super) const COMMAND: Command = Command {
    name: "stats",
    syntax: "stats aggregate [as name], … [by expression [as name], …]",
    help: "Aggregates, by groups. The rows after it have the groups and the aggregates as fields. May be repeated.",
    example: "stats count(*) as calls, count_distinct(sourceIPAddress) as addresses by userIdentity.arn, bin(1h)",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    if cursor.at_keyword("by") || cursor.at_end() {
        let span = cursor.next_word();
        let help = "write `stats count(*) by …`";
        return cursor.error("insights.missing-aggregate", "`stats` needs an aggregate", span, help);
    }
    let items = parser::items(cursor)?;
    let by = if cursor.eat_keyword("by") { parser::items(cursor)? } else { Vec::new() };
    Some(Verb::Stats { items, by })
}

/// An output: its name, and the expression that gives it where an aggregate alone does not.
struct Output {
    name: String,
    finish: Option<Tree>,
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Stats { items, by } = &command.verb else { return };
    let keys = keys(lowerer, by);
    let mut aggregates: Vec<Aggregate> = Vec::new();
    let mut outputs: Vec<Output> = Vec::new();
    for item in items {
        let name = name(item);
        if outputs.iter().any(|output| output.name == name) || keys.iter().any(|key| key.name == name) {
            let message = format!("`{name}` is there already; left out");
            lowerer.warning("insights.duplicate-field", message, item.expr.span);
            continue;
        }
        outputs.extend(output(lowerer, item, name, &mut aggregates));
    }
    group(lowerer, keys, aggregates);
    finish(lowerer, outputs);
    lowerer.shown = Shown::Made;
}

fn name(item: &Item) -> String {
    item.alias.as_ref().map_or(&item.text, |alias| &alias.text).clone()
}

fn keys(lowerer: &mut Lowerer<'_>, by: &[Item]) -> Vec<Named> {
    let mut keys: Vec<Named> = Vec::new();
    for item in by {
        let value = shown(lowerer.expr(&item.expr));
        let named = Named { name: name(item), expr: lowerer.bounded(value) };
        if !keys.iter().any(|key| key.name == named.name) {
            keys.push(named);
        }
    }
    keys
}

fn output(lowerer: &mut Lowerer<'_>, item: &Item, name: String, made: &mut Vec<Aggregate>) -> Option<Output> {
    if let Form::Call { name: function, args } = &item.expr.kind
        && aggregates::is_aggregate(&function.text)
    {
        made.push(aggregates::lower(lowerer, function, args, &name, item.expr.span)?);
        return Some(Output { name, finish: None });
    }
    if !aggregates::has_aggregate(&item.expr) && item.alias.is_none() {
        let message = "this is no aggregate: it is empty unless it names a group or an aggregate of the same `stats`";
        let help = "write `latest(…)` for a value of one event, or put it after `by`";
        lowerer.report(Diagnostic::warning("insights.no-aggregate", message, item.expr.span).with_help(help));
    }
    let rewritten = rewrite(lowerer, &item.expr, made)?;
    Some(Output { name, finish: Some(rewritten) })
}

/// The expression with fields where its aggregates were.
fn rewrite(lowerer: &mut Lowerer<'_>, tree: &Tree, made: &mut Vec<Aggregate>) -> Option<Tree> {
    let span = tree.span;
    let mut each = |items: &[Tree]| items.iter().map(|item| rewrite(lowerer, item, made)).collect::<Option<Vec<_>>>();
    let kind = match &tree.kind {
        Form::Call { name, args } if aggregates::is_aggregate(&name.text) => {
            let field = lowerer.made_up("aggregate");
            made.push(aggregates::lower(lowerer, name, args, &field, span)?);
            Form::Field(field)
        }
        Form::Call { name, args } => Form::Call { name: name.clone(), args: each(args)? },
        Form::And(items) => Form::And(each(items)?),
        Form::Or(items) => Form::Or(each(items)?),
        Form::Not(inner) => Form::Not(Box::new(rewrite(lowerer, inner, made)?)),
        Form::Neg(inner) => Form::Neg(Box::new(rewrite(lowerer, inner, made)?)),
        Form::Binary(operator, left, right) => {
            let left = rewrite(lowerer, left, made)?;
            Form::Binary(*operator, Box::new(left), Box::new(rewrite(lowerer, right, made)?))
        }
        other => other.clone(),
    };
    Some(Tree { kind, span })
}

fn group(lowerer: &mut Lowerer<'_>, keys: Vec<Named>, aggregates: Vec<Aggregate>) {
    lowerer.made = keys.iter().map(|key| Made { name: key.name.clone(), ty: key.expr.ty }).collect();
    lowerer.keys = lowerer.made.clone();
    lowerer.made.extend(aggregates.iter().map(|aggregate| Made { name: aggregate.name.clone(), ty: aggregate.ty }));
    lowerer.closed = true;
    lowerer.order = None;
    lowerer.sorted = false;
    // A field that is not there makes a group of its own.
    lowerer.ops.push(Op::Aggregate { by: keys, aggregates, keep_null: true });
}

/// Computes what is more than an aggregate, and puts the fields into their order.
fn finish(lowerer: &mut Lowerer<'_>, outputs: Vec<Output>) {
    if outputs.iter().all(|output| output.finish.is_none()) {
        return;
    }
    let keys = lowerer.keys.clone();
    for output in &outputs {
        if let Some(tree) = &output.finish {
            let value = lowerer.expr(tree);
            lowerer.extend(&output.name, shown(value));
        }
    }
    let names = keys.iter().map(|key| key.name.clone()).chain(outputs.into_iter().map(|output| output.name));
    let fields = names
        .map(|name| {
            let word = Word { text: name.clone(), span: Default::default() };
            Named { expr: crate::insights::names::quietly(lowerer, &word), name }
        })
        .collect();
    lowerer.project(fields);
    lowerer.keys = keys;
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{check, codes, columns};

    #[test]
    fn groups_and_aggregates() {
        for (query, expected) in [
            ("stats count(*) by eventName", "aggregate 'count(*)' = count() by 'eventName' = event_name keep-null"),
            ("stats count() as n", "aggregate 'n' = count() keep-null"),
            (
                "stats sum(bytes) as b, pct(bytes, 95) by bin(5m), awsRegion as region",
                "aggregate 'b' = sum(bytes), 'pct(bytes, 95)' = percentile 95.0(bytes) by 'bin(5m)' = bin_time(event_time, 300000000), 'region' = aws_region keep-null",
            ),
            (
                "stats latest(eventName) by ispresent(errorCode) as failed",
                "aggregate 'latest(eventName)' = latest(event_name) order event_time by 'failed' = if(is_not_null(error_code), 1, 0) keep-null",
            ),
            (
                "stats max(a)/2 as half, half + 1 as more",
                "aggregate '__aggregate_1' = max(to_number($.a)) keep-null\nextend 'half' = '__aggregate_1' / 2, 'more' = 'half' + 1\nproject 'half', 'more'",
            ),
            (
                "stats count(*) as n by eventName | stats max(n) as m",
                "aggregate 'n' = count() by 'eventName' = event_name keep-null\naggregate 'm' = max('n') keep-null",
            ),
            ("stats max(@timestamp) as last", "aggregate 'last' = max(event_time) keep-null"),
        ] {
            check(query, expected);
        }
        assert_eq!(columns("stats count(*) as n, count(*)/2 as m by bin (1min)"), ["bin(1min)", "n", "m"]);
    }

    #[test]
    fn mistakes() {
        for (query, expected) in [
            ("stats by eventName", &["insights.missing-aggregate"][..]),
            ("stats pct(bytes)", &["insights.arity"]),
            ("stats pct(bytes, 200)", &["insights.percentile"]),
            ("stats sum(*)", &["insights.arity"]),
            ("stats eventName by awsRegion", &["insights.no-aggregate", "insights.unknown-field"]),
            ("stats dc(eventName)", &["insights.foreign-function"]),
            ("stats count(*), count(*)", &["insights.duplicate-field"]),
            ("stats count(*) by bin(5 potatoes)", &["insights.syntax"]),
            ("stats count(*) by bin(2mo)", &["insights.period"]),
            ("stats count(*) by bin(x)", &["insights.period"]),
            ("stats count(*) as n | filter m > 1", &["insights.unknown-field"]),
        ] {
            assert_eq!(codes(query), expected, "{query}");
        }
    }
}
