//! Counts and collections: `count`, `dc`, `values`, `list`, `mode`.

use super::{Lowered, StatsFunction};
use crate::{
    pipeline::{Agg, Type},
    spl::build,
};

pub(super) const COUNT: StatsFunction = StatsFunction {
    name: "count",
    aliases: &["c"],
    syntax: "count or count(<field>) or count(eval(<condition>))",
    help: "Number of rows; of rows where the field has a value; of rows where the condition holds.",
    bare: true,
    lower: |call| {
        let Some(arg) = call.arg.take() else { return Ok(call.aggregate(Agg::Count, None, Type::Int)) };
        if arg.ty != Type::Bool || matches!(arg.kind, crate::pipeline::ExprKind::Column(_)) {
            return Ok(call.aggregate(Agg::Count, Some(arg), Type::Int));
        }
        let mut lowered = call.aggregate(Agg::Count, None, Type::Int);
        lowered.aggregates[0].filter = Some(arg);
        Ok(lowered)
    },
};

pub(super) const DC: StatsFunction = StatsFunction {
    name: "dc",
    aliases: &["distinct_count"],
    syntax: "dc(<field>)",
    help: "Number of distinct values.",
    bare: false,
    lower: |call| {
        let arg = call.argument()?;
        Ok(call.aggregate(Agg::DistinctCount, Some(arg), Type::Int))
    },
};

pub(super) const ESTDC: StatsFunction = StatsFunction {
    name: "estdc",
    aliases: &[],
    syntax: "estdc(<field>)",
    help: "Estimated number of distinct values; cheaper than dc.",
    bare: false,
    lower: |call| {
        let arg = call.argument()?;
        Ok(call.aggregate(Agg::ApproxDistinct, Some(arg), Type::Int))
    },
};

pub(super) const LIST: StatsFunction = StatsFunction {
    name: "list",
    aliases: &[],
    syntax: "list(<field>)",
    help: "Values in the order of the rows as a multivalue field, 100 at most.",
    bare: false,
    lower: |call| {
        let arg = build::to_matchable(call.argument()?);
        Ok(Lowered { ordered: true, ..call.aggregate(Agg::List, Some(arg), Type::List) })
    },
};

pub(super) const MODE: StatsFunction = StatsFunction {
    name: "mode",
    aliases: &[],
    syntax: "mode(<field>)",
    help: "Most frequent value.",
    bare: false,
    lower: |call| {
        let arg = call.argument()?;
        let ty = arg.ty;
        Ok(call.aggregate(Agg::Mode, Some(arg), ty))
    },
};

pub(super) const VALUES: StatsFunction = StatsFunction {
    name: "values",
    aliases: &[],
    syntax: "values(<field>)",
    help: "Distinct values, sorted, as a multivalue field.",
    bare: false,
    lower: |call| {
        let arg = build::to_matchable(call.argument()?);
        Ok(call.aggregate(Agg::Values, Some(arg), Type::List))
    },
};
