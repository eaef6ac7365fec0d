//! `fillmissing`: rows for the buckets of time that have none.

use super::Command;
use crate::{
    insights::{
        ast::{self, Verb},
        cursor::Cursor,
        lowering::Lowerer,
        parser,
    },
    pipeline::{ExprKind, Func, Literal, Op, Pivot, Type},
};

pub(super) const COMMAND: Command = Command {
    name: "fillmissing",
    syntax: "fillmissing [with value for field, …]",
    help: "After `stats … by bin(…)`: rows for the buckets that have none, with a value for fields.",
    example: "stats count(*) as calls by bin(1h) | fillmissing with 0 for calls",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    let mut values = Vec::new();
    while cursor.eat_keyword("with") {
        let value = parser::expr(cursor)?;
        if !cursor.eat_keyword("for") {
            let span = cursor.next_word();
            return cursor.error("insights.syntax", "`for` and a field are expected", span, "");
        }
        values.push((value, parser::name(cursor, "for")?));
        cursor.eat(",");
    }
    Some(Verb::Fill(values))
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Fill(values) = &command.verb else { return };
    let Some((bucket, width)) = bucket(lowerer) else {
        let message = "`fillmissing` stands after `stats … by bin(…)` with no other group";
        return lowerer.error("insights.fillmissing", message, command.span);
    };
    let others: Vec<String> = lowerer
        .made
        .iter()
        .map(|made| made.name.clone())
        .filter(|name| *name != bucket && !name.starts_with("__"))
        .collect();
    lowerer.ops.push(Op::Pivot(Pivot {
        rows: vec![bucket],
        column: None,
        values: others,
        limit: None,
        other: None,
        null: None,
        grid: Some(width),
        zero: false,
    }));
    for (value, field) in values {
        let value = lowerer.expr(value);
        match value.kind {
            ExprKind::Literal(value) if value != Literal::Null => {
                lowerer.ops.push(Op::FillNull { fields: Some(vec![field.text.clone()]), value });
            }
            _ => lowerer.error("insights.fillmissing", "a constant is expected after `with`", value.span),
        }
    }
    lowerer.sorted = false;
}

/// The one group of the `stats` before, and the width of its buckets.
fn bucket(lowerer: &Lowerer<'_>) -> Option<(String, i64)> {
    let [key] = lowerer.keys.as_slice() else { return None };
    let by = lowerer.ops.iter().rev().find_map(|op| match op {
        Op::Aggregate { by, .. } => Some(by),
        _ => None,
    })?;
    let [named] = by.as_slice() else { return None };
    let ExprKind::Call { func: Func::BinTime, args } = &named.expr.kind else { return None };
    match &args.get(1)?.kind {
        ExprKind::Literal(Literal::Int(width)) if key.ty == Type::Time && key.name == named.name => {
            Some((named.name.clone(), *width))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{check, codes};

    #[test]
    fn empty_buckets_get_rows() {
        check(
            "stats count(*) as n by bin(1h) | fillmissing with 0 for n",
            "aggregate 'n' = count() by 'bin(1h)' = bin_time(event_time, 3600000000) keep-null\npivot rows bin(1h) values n grid 3600000000us\nfill-null n with 0",
        );
        assert_eq!(codes("stats count(*) as n by eventName | fillmissing"), ["insights.fillmissing"]);
    }
}
