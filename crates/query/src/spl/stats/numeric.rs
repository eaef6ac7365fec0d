//! Sums, means, extremes, percentiles, deviations.

use super::{Call, Lowered, StatsFunction};
use crate::{
    pipeline::{Agg, Aggregate, Expr, ExprKind, Type},
    spl::{build, lowering::Lower},
};

/// A function of numbers whose result is a float.
fn float(call: &mut Call<'_, '_>, func: Agg) -> Lower<Lowered> {
    let arg = build::to_number(call.argument()?);
    Ok(call.aggregate(func, Some(arg), Type::Float))
}

/// A function whose result has its argument's type: sums of integers are integers, extremes of times are times.
fn same(call: &mut Call<'_, '_>, func: Agg, arg: Expr) -> Lower<Lowered> {
    let ty = arg.ty;
    Ok(call.aggregate(func, Some(arg), ty))
}

/// Smallest or largest: of numbers where the values are numbers, else of texts. A stored text column holds words; what
/// comes from the record or a lookup file is text that may be numbers, so both are asked for.
fn extreme(call: &mut Call<'_, '_>, func: Agg) -> Lower<Lowered> {
    let arg = call.argument()?;
    if !matches!(arg.ty, Type::Text | Type::Any | Type::List) || matches!(arg.kind, ExprKind::Column(_)) {
        return same(call, func, arg);
    }
    let span = arg.span;
    let text = if arg.ty == Type::List { build::first(arg.clone()) } else { build::to_text(arg.clone()) };
    let (as_number, as_text) = (call.lowerer.made_up("number"), call.lowerer.made_up("text"));
    let aggregate = |name: &str, arg: Expr, ty| Aggregate {
        name: name.to_owned(),
        func,
        arg: Some(arg),
        filter: None,
        order: None,
        ty,
    };
    let aggregates =
        vec![aggregate(&as_number, build::to_number(arg), Type::Float), aggregate(&as_text, text, Type::Text)];
    let number = build::to_text(build::field(&as_number, Type::Float, span));
    let finish = build::coalesce(vec![number, build::field(&as_text, Type::Text, span)], Type::Text, span);
    Ok(Lowered { aggregates, finish: Some(finish), ordered: false })
}

pub(super) const AVG: StatsFunction = StatsFunction {
    name: "avg",
    aliases: &["mean"],
    syntax: "avg(<field>)",
    help: "Mean of the numeric values.",
    example: "* | stats avg(bytesIn) by user",
    bare: false,
    lower: |call| float(call, Agg::Avg),
};

pub(super) const MAX: StatsFunction = StatsFunction {
    name: "max",
    aliases: &[],
    syntax: "max(<field>)",
    help: "Largest value, by number where the values are numbers.",
    example: "* | stats max(_time) as last by user",
    bare: false,
    lower: |call| extreme(call, Agg::Max),
};

pub(super) const MEDIAN: StatsFunction = StatsFunction {
    name: "median",
    aliases: &[],
    syntax: "median(<field>)",
    help: "Middle numeric value.",
    example: "* | stats median(bytesIn)",
    bare: false,
    lower: |call| float(call, Agg::Median),
};

pub(super) const MIN: StatsFunction = StatsFunction {
    name: "min",
    aliases: &[],
    syntax: "min(<field>)",
    help: "Smallest value, by number where the values are numbers.",
    example: "* | stats min(_time) as first by user",
    bare: false,
    lower: |call| extreme(call, Agg::Min),
};

pub(super) const PERC: StatsFunction = StatsFunction {
    name: "perc<N>",
    aliases: &["p<N>", "exactperc<N>", "upperperc<N>"],
    syntax: "perc95(<field>)",
    help: "The value below which N percent of the numeric values lie.",
    example: "* | stats perc95(bytesIn) by eventName",
    bare: false,
    lower: |call| {
        let number = call.number;
        float(call, Agg::Percentile(number))
    },
};

/// The bucket's sum for so many seconds.
fn per(call: &mut Call<'_, '_>, seconds: f64) -> Lower<Lowered> {
    let Some(bucket) = call.lowerer.bucket.filter(|bucket| *bucket > 0) else {
        return call.lowerer.fail("spl.arity", "this function works on the time buckets of `timechart`", call.span);
    };
    let sum = call.lowerer.made_up("sum");
    let name = std::mem::replace(&mut call.name, sum.clone());
    let mut lowered = float(call, Agg::Sum)?;
    call.name = name;
    #[allow(clippy::cast_precision_loss)]
    let share = build::float(seconds / (bucket as f64 / 1e6), call.span);
    let field = build::field(&sum, Type::Float, call.span);
    lowered.finish = Some(build::call(crate::pipeline::Func::Mul, vec![field, share], Type::Float, call.span));
    Ok(lowered)
}

pub(super) const PER_DAY: StatsFunction = StatsFunction {
    name: "per_day",
    aliases: &[],
    syntax: "per_day(<field>)",
    help: "Sum of the numeric values of a time bucket, for a day; in timechart only.",
    example: "* | timechart span=1h per_day(bytesIn)",
    bare: false,
    lower: |call| per(call, 86400.0),
};

pub(super) const PER_HOUR: StatsFunction = StatsFunction {
    name: "per_hour",
    aliases: &[],
    syntax: "per_hour(<field>)",
    help: "Sum of the numeric values of a time bucket, for a hour; in timechart only.",
    example: "* | timechart span=1h per_hour(bytesIn)",
    bare: false,
    lower: |call| per(call, 3600.0),
};

pub(super) const PER_MINUTE: StatsFunction = StatsFunction {
    name: "per_minute",
    aliases: &[],
    syntax: "per_minute(<field>)",
    help: "Sum of the numeric values of a time bucket, for a minute; in timechart only.",
    example: "* | timechart span=1h per_minute(bytesIn)",
    bare: false,
    lower: |call| per(call, 60.0),
};

pub(super) const PER_SECOND: StatsFunction = StatsFunction {
    name: "per_second",
    aliases: &[],
    syntax: "per_second(<field>)",
    help: "Sum of the numeric values of a time bucket, for a second; in timechart only.",
    example: "* | timechart span=1h per_second(bytesIn)",
    bare: false,
    lower: |call| per(call, 1.0),
};

pub(super) const RANGE: StatsFunction = StatsFunction {
    name: "range",
    aliases: &[],
    syntax: "range(<field>)",
    help: "Largest minus smallest numeric value.",
    example: "* | stats range(bytesIn) by user",
    bare: false,
    lower: |call| float(call, Agg::Range),
};

pub(super) const STDEV: StatsFunction = StatsFunction {
    name: "stdev",
    aliases: &[],
    syntax: "stdev(<field>)",
    help: "Standard deviation of a sample.",
    example: "* | stats stdev(bytesIn)",
    bare: false,
    lower: |call| float(call, Agg::Stdev),
};

pub(super) const STDEVP: StatsFunction = StatsFunction {
    name: "stdevp",
    aliases: &[],
    syntax: "stdevp(<field>)",
    help: "Standard deviation of a whole population.",
    example: "* | stats stdevp(bytesIn)",
    bare: false,
    lower: |call| float(call, Agg::StdevPop),
};

pub(super) const SUM: StatsFunction = StatsFunction {
    name: "sum",
    aliases: &[],
    syntax: "sum(<field>)",
    help: "Sum of the numeric values.",
    example: "* | stats sum(bytesIn) by user",
    bare: false,
    lower: |call| {
        let arg = build::to_number(call.argument()?);
        same(call, Agg::Sum, arg)
    },
};

pub(super) const SUMSQ: StatsFunction = StatsFunction {
    name: "sumsq",
    aliases: &[],
    syntax: "sumsq(<field>)",
    help: "Sum of the squares of the numeric values.",
    example: "* | stats sumsq(bytesIn)",
    bare: false,
    lower: |call| {
        let arg = build::to_number(call.argument()?);
        let (ty, span) = (arg.ty, arg.span);
        let square = build::call(crate::pipeline::Func::Mul, vec![arg.clone(), arg], ty, span);
        same(call, Agg::Sum, square)
    },
};

pub(super) const VAR: StatsFunction = StatsFunction {
    name: "var",
    aliases: &[],
    syntax: "var(<field>)",
    help: "Variance of a sample.",
    example: "* | stats var(bytesIn)",
    bare: false,
    lower: |call| float(call, Agg::Variance),
};

pub(super) const VARP: StatsFunction = StatsFunction {
    name: "varp",
    aliases: &[],
    syntax: "varp(<field>)",
    help: "Variance of a whole population.",
    example: "* | stats varp(bytesIn)",
    bare: false,
    lower: |call| {
        let deviation = call.lowerer.made_up("deviation");
        let name = std::mem::replace(&mut call.name, deviation.clone());
        let mut lowered = float(call, Agg::StdevPop)?;
        call.name = name;
        let field = build::field(&deviation, Type::Float, call.span);
        lowered.finish =
            Some(build::call(crate::pipeline::Func::Mul, vec![field.clone(), field], Type::Float, call.span));
        Ok(lowered)
    },
};
