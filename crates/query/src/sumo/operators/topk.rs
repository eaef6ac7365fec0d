//! `topk`: the largest rows of each key, ranked.

use super::{super::lowering::ascending, Operator, window::Frame};
use crate::{
    pipeline::{Agg, Func, SortKey, Type},
    spl::build,
    sumo::lowering::Lowerer,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "topk",
    aliases: &[],
    syntax: "topk(<n>, <field>[, <field>, …]) [by <field>, …]",
    help: "The so many rows with the largest values (of each key); `_rank` is their place.",
    example: "* | timeslice 1h | count by _timeslice, user | topk(3, _count) by _timeslice",
    parses: false,
    lower: |lowerer, cursor| {
        lowerer.expect_punct(cursor, "(")?;
        let Some(count) = cursor.count() else { return lowerer.expected(cursor, "a number of rows") };
        lowerer.expect_punct(cursor, ",")?;
        let mut fields = vec![lowerer.expect_name(cursor, "a field name")?];
        while cursor.punct(",") {
            fields.push(lowerer.expect_name(cursor, "a field name")?);
        }
        lowerer.expect_punct(cursor, ")")?;
        let by = lowerer.by(cursor)?;
        let keys = lowerer.keys(&by);
        let order: Vec<SortKey> = fields
            .iter()
            .map(|field| {
                let expr = lowerer.field(field);
                SortKey { numeric: expr.ty == Type::Text || expr.ty == Type::Any, expr, descending: true }
            })
            .collect();
        lowerer.settle_order();
        let rank = Lowerer::plain_aggregate("_rank", Agg::Count, None, Type::Int);
        let by = keys.iter().map(|key| key.expr.clone()).collect();
        lowerer.register("_rank", Type::Int);
        lowerer.running(by, order, Frame { preceding: None, current: true }, vec![rank]);
        let (rank, most) = (build::field("_rank", Type::Int, cursor.span), i64::try_from(count).unwrap_or(i64::MAX));
        lowerer.filter(build::call(Func::Le, vec![rank, build::int(most, cursor.span)], Type::Bool, cursor.span));
        let mut order: Vec<SortKey> =
            keys.into_iter().map(|key| SortKey { expr: key.expr, descending: false, numeric: false }).collect();
        order.push(ascending("_rank", Type::Int, cursor.span));
        lowerer.order = order;
        lowerer.pending = true;
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, errors};

    #[test]
    fn ranks() {
        check(
            "* | count by eventName, user | topk(2, _count) by user | fields -_rank",
            "aggregate '_count' = count() by 'eventName' = event_name, 'user' = user_name keep-null
             sort 'eventName', 'user'
             window '_rank' = count() by 'user' order '_count' desc rows all and current
             filter '_rank' <= 2
             sort 'user', '_rank'
             project 'eventName', 'user', '_count'",
        );
        assert_eq!(errors("* | topk(_count)"), ["sumo.syntax"]);
    }
}
