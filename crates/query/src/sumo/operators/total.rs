//! `total`: the sum of all rows beside each.

use super::{Operator, window::Arguments};
use crate::{
    pipeline::{Agg, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "total",
    aliases: &[],
    syntax: "total <field> [as <name>] [by <field>, …]",
    help: "Adds the sum of a field over all rows (of a key); `_total` unless it is named.",
    example: "* | count by eventName | total _count as all | _count / all as share",
    parses: false,
    lower: |lowerer, cursor| {
        let arguments = Arguments::read(lowerer, cursor, "_total")?;
        let value = arguments.value(lowerer);
        let value = build::convert(value, Type::Float);
        let hidden = lowerer.made_up("total");
        let sum = crate::sumo::lowering::Lowerer::plain_aggregate(&hidden, Agg::Sum, Some(value), Type::Float);
        lowerer.overall(arguments.by, vec![sum]);
        lowerer.extend(&arguments.name, build::field(&hidden, Type::Float, Span::default()));
        Ok(())
    },
};
