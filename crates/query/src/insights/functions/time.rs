//! Functions of time.

use super::{Call, Function};
use crate::{
    insights::{
        ast::{ExprKind as Form, Period, Word},
        expr::number,
        names,
    },
    pipeline::{Expr, Func, Type},
    spl::build,
};

const fn function(
    name: &'static str,
    arity: (usize, usize),
    syntax: &'static str,
    help: &'static str,
    example: &'static str,
    lower: fn(&mut Call<'_, '_>) -> Expr,
) -> Function {
    Function { name, aliases: &[], arity, syntax, help, example, lower }
}

/// An argument that has to be a length of time.
fn period(call: &mut Call<'_, '_>, index: usize) -> Option<Period> {
    let tree = call.args.get(index)?;
    if let Form::Period(period) = tree.kind {
        return Some(period);
    }
    let message = "a length of time is expected here, such as 30s, 5m, 1h, 1d, 1w, 1mo";
    call.lowerer.error("insights.period", message, tree.span);
    None
}

/// An instant: milliseconds since the epoch where it is a number.
fn instant(expr: Expr) -> Expr {
    let span = expr.span;
    match expr.ty {
        Type::Time => expr,
        Type::Int | Type::Float => from_millis(expr),
        _ => {
            let millis = from_millis(build::to_number(expr.clone()));
            let iso = build::call(Func::ToTime, vec![build::to_text(expr)], Type::Time, span);
            build::coalesce(vec![millis, iso], Type::Time, span)
        }
    }
}

fn from_millis(number: Expr) -> Expr {
    let span = number.span;
    build::to_time(build::call(Func::Div, vec![number, build::int(1000, span)], Type::Float, span))
}

fn bucket(call: &mut Call<'_, '_>, period: Option<Period>, make: impl Fn(Period) -> Option<Expr>) -> Expr {
    let nothing = Expr { ty: Type::Time, ..build::null(call.span) };
    let Some(period) = period else { return nothing };
    match make(period) {
        Some(bucket) => bucket,
        None => {
            let message = "buckets of months are 1mo, 3mo or 12mo long, those of quarters 1q or 4q, of years 1y";
            call.lowerer.error("insights.period", message, call.span);
            nothing
        }
    }
}

pub(super) const BIN: Function = function(
    "bin",
    (1, 1),
    "bin(period)",
    "The event's time, rounded down: units ms, s, m, h, d, w, mo, q, y.",
    "stats count(*) by bin(1h)",
    |call| {
        let span = call.span;
        let period = period(call, 0);
        // After `stats` the time of events is gone, unless a field of that name was made.
        let time = names::field(call.lowerer, &Word { text: "@timestamp".to_owned(), span });
        let time = if time.ty == Type::Time { time } else { instant(time) };
        bucket(call, period, |period| period.floor(time.clone(), span))
    },
);

pub(super) const DATECEIL: Function = function(
    "dateceil",
    (2, 2),
    "dateceil(time, period)",
    "A time, rounded up.",
    "fields dateceil(@timestamp, 1h) as hour",
    |call| {
        let (time, span) = (instant(call.arg(0)), call.span);
        let period = period(call, 1);
        bucket(call, period, |period| period.ceil(&time, span))
    },
);

pub(super) const DATEFLOOR: Function = function(
    "datefloor",
    (2, 2),
    "datefloor(time, period)",
    "A time, rounded down.",
    "stats count(*) by datefloor(@timestamp, 1d) as day",
    |call| {
        let (time, span) = (instant(call.arg(0)), call.span);
        let period = period(call, 1);
        bucket(call, period, |period| period.floor(time.clone(), span))
    },
);

pub(super) const FROMMILLIS: Function = function(
    "fromMillis",
    (1, 1),
    "fromMillis(number)",
    "Milliseconds since the epoch as a time.",
    "fields fromMillis(1700000000000) as then",
    |call| {
        let millis = number(call.arg(0));
        from_millis(millis)
    },
);

pub(super) const HOUR: Function = function(
    "hour",
    (1, 1),
    "hour(time)",
    "The hour of a time, 0 to 23, UTC. CloudWatch has none: our own.",
    "stats count(*) by hour(@timestamp) as hour",
    |call| {
        let (time, span) = (instant(call.arg(0)), call.span);
        build::to_int(build::call(Func::Strftime, vec![time, build::text("%H", span)], Type::Text, span))
    },
);

pub(super) const NOW: Function = function(
    "now",
    (0, 0),
    "now()",
    "When the query was started, seconds since the epoch.",
    "filter toMillis(@timestamp) > (now() - 3600) * 1000",
    |call| build::to_number(build::call(Func::Now, Vec::new(), Type::Time, call.span)),
);

pub(super) const TOMILLIS: Function = function(
    "toMillis",
    (1, 1),
    "toMillis(time)",
    "A time as milliseconds since the epoch.",
    "fields toMillis(@timestamp) as millis",
    |call| {
        let time = call.arg(0);
        let time = if time.ty == Type::Time { time } else { instant(time) };
        number(time)
    },
);
