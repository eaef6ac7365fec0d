//! Functions of numbers.

use super::{Call, Function};
use crate::{
    insights::expr::number,
    pipeline::{Expr, Func, Type},
    spl::build,
};

fn one(call: &mut Call<'_, '_>, func: Func) -> Expr {
    let arg = number(call.arg(0));
    build::call(func, vec![arg], Type::Float, call.span)
}

fn many(call: &mut Call<'_, '_>, func: Func) -> Expr {
    let args = call.all().into_iter().map(|arg| build::convert(number(arg), Type::Float)).collect();
    build::call(func, args, Type::Float, call.span)
}

const fn function(
    name: &'static str,
    syntax: &'static str,
    help: &'static str,
    example: &'static str,
    lower: fn(&mut Call<'_, '_>) -> Expr,
) -> Function {
    Function { name, aliases: &[], arity: (1, 1), syntax, help, example, lower }
}

pub(super) const ABS: Function = function(
    "abs",
    "abs(number)",
    "The number without its sign.",
    "fields abs(additionalEventData.bytesTransferredOut - additionalEventData.bytesTransferredIn) as difference",
    |call| one(call, Func::Abs),
);

pub(super) const CEIL: Function = function(
    "ceil",
    "ceil(number)",
    "The next whole number up.",
    "fields ceil(additionalEventData.bytesTransferredOut / 1024) as kilobytes",
    |call| one(call, Func::Ceil),
);

pub(super) const FLOOR: Function = function(
    "floor",
    "floor(number)",
    "The next whole number down.",
    "stats floor(avg(additionalEventData.bytesTransferredOut)) as mean by eventName",
    |call| one(call, Func::Floor),
);

pub(super) const LOG: Function = function(
    "log",
    "log(number)",
    "The natural logarithm.",
    "fields log(additionalEventData.bytesTransferredOut) as magnitude",
    |call| one(call, Func::Ln),
);

pub(super) const SQRT: Function = function(
    "sqrt",
    "sqrt(number)",
    "The square root.",
    "fields sqrt(additionalEventData.bytesTransferredOut) as root",
    |call| one(call, Func::Sqrt),
);

pub(super) const GREATEST: Function = Function {
    arity: (1, 50),
    ..function(
        "greatest",
        "greatest(number, …)",
        "The largest of the numbers.",
        "fields greatest(additionalEventData.bytesTransferredIn, additionalEventData.bytesTransferredOut) as most",
        |call| many(call, Func::Greatest),
    )
};

pub(super) const LEAST: Function = Function {
    arity: (1, 50),
    ..function(
        "least",
        "least(number, …)",
        "The smallest of the numbers.",
        "fields least(additionalEventData.bytesTransferredIn, additionalEventData.bytesTransferredOut) as fewest",
        |call| many(call, Func::Least),
    )
};
