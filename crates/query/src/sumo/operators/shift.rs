//! `backshift` and `diff`: values of earlier rows beside this one's.

use super::{
    super::lowering::Lowerer,
    Operator,
    window::{Arguments, Frame},
};
use crate::{
    pipeline::{Agg, Expr, Func, Type},
    span::Span,
    spl::build,
};

pub(super) const BACKSHIFT: Operator = Operator {
    name: "backshift",
    aliases: &[],
    syntax: "backshift <field>[, <n>] [as <name>] [by <field>, …]",
    help: "Adds the value that the field had n rows before (1 by default); `_backshift` unless it is named.",
    example: "* | timeslice 1h | count by _timeslice | sort + _timeslice | backshift _count, 2 as before",
    parses: false,
    lower: |lowerer, cursor| {
        let arguments = Arguments::read(lowerer, cursor, "_backshift")?;
        let value = arguments.value(lowerer);
        let length = arguments.length.unwrap_or(1);
        let before = earlier(lowerer, value, arguments.by, length, cursor.span);
        lowerer.extend(&arguments.name, before);
        Ok(())
    },
};

pub(super) const DIFF: Operator = Operator {
    name: "diff",
    aliases: &[],
    syntax: "diff <field> [as <name>] [by <field>, …]",
    help: "Adds the difference to the row before; `_diff` unless it is named.",
    example: "* | timeslice 1h | count by _timeslice | sort + _timeslice | diff _count",
    parses: false,
    lower: |lowerer, cursor| {
        let arguments = Arguments::read(lowerer, cursor, "_diff")?;
        let value = super::super::value::number(lowerer.field(&arguments.field));
        let value = build::convert(value, Type::Float);
        let before = earlier(lowerer, value.clone(), arguments.by, 1, cursor.span);
        let difference = build::call(Func::Sub, vec![value, before], Type::Float, cursor.span);
        lowerer.extend(&arguments.name, difference);
        Ok(())
    },
};

/// The value so many rows before; null where there are not so many.
fn earlier(lowerer: &mut Lowerer<'_>, value: Expr, by: Vec<Expr>, length: u64, span: Span) -> Expr {
    let (order, ty) = (lowerer.row_order(), value.ty);
    lowerer.settle_order();
    let before = lowerer.made_up("before");
    let first = Lowerer::plain_aggregate(&before, Agg::First, Some(value), ty);
    lowerer.running(by.clone(), order.clone(), Frame { preceding: Some(length), current: false }, vec![first]);
    let before = build::field(&before, ty, span);
    if length == 1 {
        return before;
    }
    let place = lowerer.made_up("place");
    let count = Lowerer::plain_aggregate(&place, Agg::Count, None, Type::Int);
    lowerer.running(by, order, Frame { preceding: None, current: true }, vec![count]);
    let least = build::int(i64::try_from(length).unwrap_or(i64::MAX), span);
    let enough = build::call(Func::Gt, vec![build::field(&place, Type::Int, span), least], Type::Bool, span);
    let none = Expr { ty, ..build::null(span) };
    build::call(Func::If, vec![enough, before, none], ty, span)
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{columns, errors};

    #[test]
    fn shifts() {
        assert_eq!(
            columns("* | count by eventName | backshift _count | diff _count as d"),
            ["eventName", "_count", "_backshift", "d"]
        );
        assert_eq!(errors("* | count by eventName | backshift _count, 0"), ["sumo.syntax"]);
        assert_eq!(errors("* | count by eventName | diff"), ["sumo.syntax"]);
    }
}
