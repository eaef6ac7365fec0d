//! `count_frequent`: the most frequent combinations of values.

use super::{super::lowering::Lowerer, Operator};
use crate::pipeline::{Agg, Op, SortKey, Type};
use crate::spl::build;

/// Most combinations.
const MOST: u64 = 10_000;

pub(super) const OPERATOR: Operator = Operator {
    name: "count_frequent",
    aliases: &[],
    syntax: "count_frequent <field>, …",
    help: "Counts combinations of values, most frequent first, 10,000 at most; `_approxcount`, which is exact here.",
    example: "* | count_frequent sourceIPAddress, eventName",
    parses: false,
    lower: |lowerer, cursor| {
        cursor.word("by");
        let names = lowerer.names(cursor)?;
        let by = lowerer.keys(&names);
        let count = Lowerer::plain_aggregate("_approxcount", Agg::Count, None, Type::Int);
        lowerer.aggregate(by, vec![count]);
        let count = build::field("_approxcount", Type::Int, cursor.span);
        let mut order = vec![SortKey { expr: count, descending: true, numeric: false }];
        order.append(&mut lowerer.order);
        lowerer.order = order;
        lowerer.pending = true;
        lowerer.settle_order();
        lowerer.push(Op::Limit { count: MOST, skip: 0 });
        Ok(())
    },
};
