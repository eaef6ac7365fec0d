//! Numbers.

use super::{ANY, Call, Function};
use crate::{
    pipeline::{Expr, Func, Type},
    spl::{build, lowering::Lower},
};

/// A function of one number that gives a float.
fn float(call: &mut Call<'_, '_>, func: Func) -> Lower<Expr> {
    let number = call.number(0)?;
    call.make(func, vec![number], Type::Float)
}

/// A function of one number that gives a whole number.
fn whole(call: &mut Call<'_, '_>, func: Func) -> Lower<Expr> {
    let number = call.number(0)?;
    if number.ty == Type::Int {
        return Ok(number);
    }
    let value = build::call(func, vec![number], Type::Float, call.span);
    Ok(build::to_int(value))
}

/// Smallest or largest of all arguments, over the elements of none: numbers are smaller than texts in SPL, and one
/// text among the arguments compares all as text.
fn extreme(call: &mut Call<'_, '_>, func: Func) -> Lower<Expr> {
    let values = (0..call.args.len()).map(|index| call.any(index)).collect::<Lower<Vec<_>>>()?;
    let numeric = values.iter().any(|value| build::is_number(value.ty));
    let words =
        values.iter().any(|value| build::literal_text(value).is_some_and(|text| build::parse_number(text).is_none()));
    let values = if numeric && !words { values.into_iter().map(build::to_number).collect() } else { values };
    let (mut values, ty) = call.unified(values);
    if values.len() == 1 {
        return Ok(values.swap_remove(0));
    }
    call.make(func, values, ty)
}

pub(super) const ABS: Function = Function {
    name: "abs",
    aliases: &[],
    syntax: "abs(<number>)",
    help: "The number without its sign.",
    arity: (1, 1),
    lower: |call| {
        let number = call.number(0)?;
        let ty = number.ty;
        call.make(Func::Abs, vec![number], ty)
    },
};

pub(super) const CEILING: Function = Function {
    name: "ceiling",
    aliases: &["ceil"],
    syntax: "ceiling(<number>)",
    help: "Next whole number up.",
    arity: (1, 1),
    lower: |call| whole(call, Func::Ceil),
};

pub(super) const EXACT: Function = Function {
    name: "exact",
    aliases: &[],
    syntax: "exact(<expression>)",
    help: "The expression's value; all arithmetic is done in full precision.",
    arity: (1, 1),
    lower: |call| call.any(0),
};

pub(super) const EXP: Function = Function {
    name: "exp",
    aliases: &[],
    syntax: "exp(<number>)",
    help: "e to the power of the number.",
    arity: (1, 1),
    lower: |call| float(call, Func::Exp),
};

pub(super) const FLOOR: Function = Function {
    name: "floor",
    aliases: &[],
    syntax: "floor(<number>)",
    help: "Next whole number down.",
    arity: (1, 1),
    lower: |call| whole(call, Func::Floor),
};

pub(super) const LN: Function = Function {
    name: "ln",
    aliases: &[],
    syntax: "ln(<number>)",
    help: "Natural logarithm.",
    arity: (1, 1),
    lower: |call| float(call, Func::Ln),
};

pub(super) const LOG: Function = Function {
    name: "log",
    aliases: &[],
    syntax: "log(<number>[, <base>])",
    help: "Logarithm; base 10 unless given.",
    arity: (1, 2),
    lower: |call| {
        let base = if call.args.len() == 2 { call.number(1)? } else { build::int(10, call.span) };
        let args = vec![call.number(0)?, base];
        call.make(Func::Log, args, Type::Float)
    },
};

pub(super) const MAX: Function = Function {
    name: "max",
    aliases: &[],
    syntax: "max(<value>, …)",
    help: "Largest of the arguments.",
    arity: (1, ANY),
    lower: |call| extreme(call, Func::Greatest),
};

pub(super) const MIN: Function = Function {
    name: "min",
    aliases: &[],
    syntax: "min(<value>, …)",
    help: "Smallest of the arguments.",
    arity: (1, ANY),
    lower: |call| extreme(call, Func::Least),
};

pub(super) const PI: Function = Function {
    name: "pi",
    aliases: &[],
    syntax: "pi()",
    help: "The number π.",
    arity: (0, 0),
    lower: |call| Ok(build::float(std::f64::consts::PI, call.span)),
};

pub(super) const POW: Function = Function {
    name: "pow",
    aliases: &[],
    syntax: "pow(<base>, <exponent>)",
    help: "The base to the power of the exponent.",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.number(0)?, call.number(1)?];
        call.make(Func::Pow, args, Type::Float)
    },
};

pub(super) const RANDOM: Function = Function {
    name: "random",
    aliases: &[],
    syntax: "random()",
    help: "A whole number from 0 to 2^31-1.",
    arity: (0, 0),
    lower: |call| {
        let unit = build::call(Func::Random, Vec::new(), Type::Float, call.span);
        let scaled = build::call(Func::Mul, vec![unit, build::int(1 << 31, call.span)], Type::Float, call.span);
        call.make(Func::ToInt, vec![scaled], Type::Int)
    },
};

pub(super) const ROUND: Function = Function {
    name: "round",
    aliases: &[],
    syntax: "round(<number>[, <digits>])",
    help: "The number rounded to so many digits after the point, none unless given.",
    arity: (1, 2),
    lower: |call| {
        if call.args.len() == 1 {
            return whole(call, Func::Round);
        }
        let args = vec![call.number(0)?, call.int(1)?];
        call.make(Func::Round, args, Type::Float)
    },
};

pub(super) const SIGFIG: Function = Function {
    name: "sigfig",
    aliases: &[],
    syntax: "sigfig(<number>)",
    help: "The number as it is: it carries no count of significant figures.",
    arity: (1, 1),
    lower: |call| call.number(0),
};

pub(super) const SQRT: Function = Function {
    name: "sqrt",
    aliases: &[],
    syntax: "sqrt(<number>)",
    help: "Square root.",
    arity: (1, 1),
    lower: |call| float(call, Func::Sqrt),
};
