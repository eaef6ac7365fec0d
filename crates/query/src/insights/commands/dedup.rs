//! `dedup`: the first row of each combination of values. Rows where one of the fields is not there all stay.

use super::Command;
use crate::{
    insights::{
        ast::{self, Verb},
        cursor::Cursor,
        lowering::Lowerer,
        names, parser,
    },
    pipeline::{Agg, Aggregate, Expr, Func, Op, SortKey, Type},
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "dedup",
    syntax: "dedup field, …",
    help: "The first row of each combination of values, in the order that rows have. Rows where a field is not there all stay.",
    example: "sort @timestamp desc | dedup userIdentity.arn, eventName",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    parser::names(cursor, "dedup").map(Verb::Names)
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Names(words) = &command.verb else { return };
    lowerer.settle_order();
    let span = command.span;
    let mut keys: Vec<Expr> = words.iter().map(|word| names::field(lowerer, word)).collect();
    let missing = build::any(keys.iter().cloned().map(build::is_null).collect(), span);
    let own = row(lowerer, &missing);
    let same = Expr { ty: own.ty, ..build::null(span) };
    keys.push(build::call(Func::If, vec![missing, own.clone(), same], own.ty, span));
    lowerer.ops.push(Op::Dedup { keys, count: 1, keep_null: true });
}

/// What tells rows apart: an event's id, or the number of a row.
fn row(lowerer: &mut Lowerer<'_>, span_of: &Expr) -> Expr {
    let span = span_of.span;
    if !lowerer.closed {
        return build::column("event_id", Type::Text, span);
    }
    let name = lowerer.made_up("row");
    let count = Aggregate { name: name.clone(), func: Agg::Count, arg: None, filter: None, order: None, ty: Type::Int };
    let order = vec![SortKey { expr: build::int(0, span), descending: false, numeric: false }];
    lowerer.ops.push(Op::Window {
        by: Vec::new(),
        order,
        preceding: None,
        range: None,
        current: true,
        aggregates: vec![count],
    });
    lowerer.make(&name, Type::Int);
    build::field(&name, Type::Int, span)
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::check;

    #[test]
    fn rows_without_a_value_stay() {
        check(
            "sort @timestamp | dedup eventName",
            "sort event_time\ndedup 1 by event_name, if(is_null(event_name), event_id, null) keep-null",
        );
    }
}
