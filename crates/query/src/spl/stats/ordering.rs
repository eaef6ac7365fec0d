//! Functions of the order of rows: by time (`earliest`, `latest`) or as they come (`first`, `last`).

use super::{Call, Lowered, StatsFunction};
use crate::{
    pipeline::{Agg, Type},
    spl::{build, lowering::Lower},
};

/// The value of the earliest or latest row that has one.
fn by_time(call: &mut Call<'_, '_>, func: Agg) -> Lower<Lowered> {
    let arg = call.argument()?;
    let time = build::to_time(call.lowerer.name("_time", call.span));
    let ty = arg.ty;
    let mut lowered = call.aggregate(func, Some(arg), ty);
    lowered.aggregates[0].order = Some(time);
    Ok(lowered)
}

/// The time of the earliest or latest row where the field has a value.
fn time_of(call: &mut Call<'_, '_>, func: Agg) -> Lower<Lowered> {
    let arg = call.argument()?;
    let time = build::to_time(call.lowerer.name("_time", call.span));
    let mut lowered = call.aggregate(func, Some(time), Type::Time);
    lowered.aggregates[0].filter = Some(build::is_not_null(arg));
    Ok(lowered)
}

/// The first or last value in the order of the rows; events come newest first.
fn by_place(call: &mut Call<'_, '_>, func: Agg) -> Lower<Lowered> {
    let arg = call.argument()?;
    let ty = arg.ty;
    Ok(Lowered { ordered: true, ..call.aggregate(func, Some(arg), ty) })
}

pub(super) const EARLIEST: StatsFunction = StatsFunction {
    name: "earliest",
    aliases: &[],
    syntax: "earliest(<field>)",
    help: "Value of the oldest row, by _time.",
    example: "* | stats earliest(sourceIPAddress) as first by user",
    bare: false,
    lower: |call| by_time(call, Agg::Earliest),
};

pub(super) const EARLIEST_TIME: StatsFunction = StatsFunction {
    name: "earliest_time",
    aliases: &[],
    syntax: "earliest_time(<field>)",
    help: "Time of the oldest row in which the field has a value.",
    example: "* | stats earliest_time(errorMessage) as first by user",
    bare: false,
    lower: |call| time_of(call, Agg::Min),
};

pub(super) const FIRST: StatsFunction = StatsFunction {
    name: "first",
    aliases: &[],
    syntax: "first(<field>)",
    help: "First value in the order of the rows (events come newest first).",
    example: "* | stats first(eventName) by user",
    bare: false,
    lower: |call| by_place(call, Agg::First),
};

pub(super) const LAST: StatsFunction = StatsFunction {
    name: "last",
    aliases: &[],
    syntax: "last(<field>)",
    help: "Last value in the order of the rows (events come newest first).",
    example: "* | stats last(eventName) by user",
    bare: false,
    lower: |call| by_place(call, Agg::Last),
};

pub(super) const LATEST: StatsFunction = StatsFunction {
    name: "latest",
    aliases: &[],
    syntax: "latest(<field>)",
    help: "Value of the newest row, by _time.",
    example: "* | stats latest(eventName) as last by user",
    bare: false,
    lower: |call| by_time(call, Agg::Latest),
};

pub(super) const LATEST_TIME: StatsFunction = StatsFunction {
    name: "latest_time",
    aliases: &[],
    syntax: "latest_time(<field>)",
    help: "Time of the newest row in which the field has a value.",
    example: "* | stats latest_time(errorMessage) as last by user",
    bare: false,
    lower: |call| time_of(call, Agg::Max),
};
