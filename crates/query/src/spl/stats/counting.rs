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
    example: "* | stats count count(errorMessage) as messages count(eval(errorCode=\"AccessDenied\")) as denied by user",
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
    example: "* | stats dc(sourceIPAddress) as addresses by user",
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
    example: "* | stats estdc(sourceIPAddress)",
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
    example: "* | sort 0 _time | stats list(eventName) as steps by user",
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
    example: "* | stats mode(awsRegion) as home by user",
    bare: false,
    lower: |call| {
        let arg = call.argument()?;
        let ty = arg.ty;
        Ok(call.aggregate(Agg::Mode, Some(arg), ty))
    },
};

pub(super) const SPARKLINE: StatsFunction = StatsFunction {
    name: "sparkline",
    aliases: &[],
    syntax: "sparkline(count[(<field>)][, <width>])",
    help: "Counts over time as a small picture: a multivalue field that begins with `##__SPARKLINE__##`.",
    example: "* | stats sparkline(count, 1h) as trend count by user",
    bare: false,
    lower: |call| {
        let arg = call.argument()?;
        #[allow(clippy::cast_possible_truncation)]
        let width = call.number as i64;
        Ok(call.aggregate(Agg::Sparkline(width.max(1)), Some(arg), Type::List))
    },
};

pub(super) const VALUES: StatsFunction = StatsFunction {
    name: "values",
    aliases: &[],
    syntax: "values(<field>)",
    help: "Distinct values, sorted, as a multivalue field.",
    example: "* | stats values(eventName) as names by user",
    bare: false,
    lower: |call| {
        let arg = build::to_matchable(call.argument()?);
        Ok(call.aggregate(Agg::Values, Some(arg), Type::List))
    },
};
