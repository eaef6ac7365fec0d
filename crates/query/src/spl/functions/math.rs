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

pub(super) const ACOS: Function = Function {
    name: "acos",
    aliases: &[],
    syntax: "acos(<number>)",
    help: "Arc cosine, in radians.",
    example: "* | eval x=acos(0.5)",
    arity: (1, 1),
    lower: |call| float(call, Func::Acos),
};

pub(super) const ASIN: Function = Function {
    name: "asin",
    aliases: &[],
    syntax: "asin(<number>)",
    help: "Arc sine, in radians.",
    example: "* | eval x=asin(0.5)",
    arity: (1, 1),
    lower: |call| float(call, Func::Asin),
};

pub(super) const ATAN: Function = Function {
    name: "atan",
    aliases: &[],
    syntax: "atan(<number>)",
    help: "Arc tangent, in radians.",
    example: "* | eval x=atan(1)",
    arity: (1, 1),
    lower: |call| float(call, Func::Atan),
};

pub(super) const COS: Function = Function {
    name: "cos",
    aliases: &[],
    syntax: "cos(<number>)",
    help: "Cosine of an angle in radians.",
    example: "* | eval x=cos(pi())",
    arity: (1, 1),
    lower: |call| float(call, Func::Cos),
};

pub(super) const SIN: Function = Function {
    name: "sin",
    aliases: &[],
    syntax: "sin(<number>)",
    help: "Sine of an angle in radians.",
    example: "* | eval x=sin(pi()/2)",
    arity: (1, 1),
    lower: |call| float(call, Func::Sin),
};

pub(super) const TAN: Function = Function {
    name: "tan",
    aliases: &[],
    syntax: "tan(<number>)",
    help: "Tangent of an angle in radians.",
    example: "* | eval x=tan(1)",
    arity: (1, 1),
    lower: |call| float(call, Func::Tan),
};

pub(super) const BIT_AND: Function = Function {
    name: "bit_and",
    aliases: &[],
    syntax: "bit_and(<number>, <number>)",
    help: "The bits that are set in both numbers.",
    example: "* | eval x=bit_and(6, 3)",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.int(0)?, call.int(1)?];
        call.make(Func::BitAnd, args, Type::Int)
    },
};

pub(super) const BIT_OR: Function = Function {
    name: "bit_or",
    aliases: &[],
    syntax: "bit_or(<number>, <number>)",
    help: "The bits that are set in either number.",
    example: "* | eval x=bit_or(6, 3)",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.int(0)?, call.int(1)?];
        call.make(Func::BitOr, args, Type::Int)
    },
};

pub(super) const BIT_XOR: Function = Function {
    name: "bit_xor",
    aliases: &[],
    syntax: "bit_xor(<number>, <number>)",
    help: "The bits that are set in one of the numbers.",
    example: "* | eval x=bit_xor(6, 3)",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.int(0)?, call.int(1)?];
        call.make(Func::BitXor, args, Type::Int)
    },
};

pub(super) const BIT_SHIFT_LEFT: Function = Function {
    name: "bit_shift_left",
    aliases: &[],
    syntax: "bit_shift_left(<number>, <number>)",
    help: "The bits of the first number, moved left by the second.",
    example: "* | eval x=bit_shift_left(1, 4)",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.int(0)?, call.int(1)?];
        call.make(Func::ShiftLeft, args, Type::Int)
    },
};

pub(super) const BIT_SHIFT_RIGHT: Function = Function {
    name: "bit_shift_right",
    aliases: &[],
    syntax: "bit_shift_right(<number>, <number>)",
    help: "The bits of the first number, moved right by the second.",
    example: "* | eval x=bit_shift_right(16, 2)",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.int(0)?, call.int(1)?];
        call.make(Func::ShiftRight, args, Type::Int)
    },
};

pub(super) const ATAN2: Function = Function {
    name: "atan2",
    aliases: &[],
    syntax: "atan2(<y>, <x>)",
    help: "The angle of a point, in radians.",
    example: "* | eval x=atan2(1, 2)",
    arity: (2, 2),
    lower: |call| {
        let args = vec![call.number(0)?, call.number(1)?];
        call.make(Func::Atan2, args, Type::Float)
    },
};

pub(super) const HYPOT: Function = Function {
    name: "hypot",
    aliases: &[],
    syntax: "hypot(<x>, <y>)",
    help: "The length of the hypotenuse of a right triangle with these sides.",
    example: "* | eval x=hypot(3, 4)",
    arity: (2, 2),
    lower: |call| {
        let square = |side: Expr, span| build::call(Func::Mul, vec![side.clone(), side], Type::Float, span);
        let (x, y) = (square(call.number(0)?, call.span), square(call.number(1)?, call.span));
        let sum = build::call(Func::Add, vec![x, y], Type::Float, call.span);
        call.make(Func::Sqrt, vec![sum], Type::Float)
    },
};

/// The sum of the arguments that are numbers, and how many of them are.
fn sum_and_count(call: &mut Call<'_, '_>) -> Lower<(Expr, Expr)> {
    let (span, zero, one) = (call.span, build::int(0, call.span), build::int(1, call.span));
    let (mut sum, mut count) = (zero.clone(), zero.clone());
    for index in 0..call.args.len() {
        let number = call.number(index)?;
        let ty = build::unify(sum.ty, number.ty);
        let there = build::is_not_null(number.clone());
        let part = build::coalesce(vec![number, zero.clone()], ty, span);
        sum = build::call(Func::Add, vec![sum, part], ty, span);
        let counted = build::call(Func::If, vec![there, one.clone(), zero.clone()], Type::Int, span);
        count = build::call(Func::Add, vec![count, counted], Type::Int, span);
    }
    Ok((sum, count))
}

pub(super) const AVG: Function = Function {
    name: "avg",
    aliases: &[],
    syntax: "avg(<number>, …)",
    help: "Mean of the arguments that are numbers.",
    example: "* | stats sum(eval(if(readOnly, 1, 0))) as reads count as all by user | eval mean=avg(reads, all)",
    arity: (1, ANY),
    lower: |call| {
        let (sum, count) = sum_and_count(call)?;
        call.make(Func::Div, vec![sum, count], Type::Float)
    },
};

pub(super) const SUM: Function = Function {
    name: "sum",
    aliases: &[],
    syntax: "sum(<number>, …)",
    help: "Sum of the arguments that are numbers.",
    example: "* | eval x=sum(1, 2, 3)",
    arity: (1, ANY),
    lower: |call| Ok(sum_and_count(call)?.0),
};

pub(super) const ABS: Function = Function {
    name: "abs",
    aliases: &[],
    syntax: "abs(<number>)",
    help: "The number without its sign.",
    example: "* | eval x=abs(-3)",
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
    example: "* | stats avg(bytesIn) as mean by user | eval mean=ceiling(mean)",
    arity: (1, 1),
    lower: |call| whole(call, Func::Ceil),
};

pub(super) const EXACT: Function = Function {
    name: "exact",
    aliases: &[],
    syntax: "exact(<expression>)",
    help: "The expression's value; all arithmetic is done in full precision.",
    example: "* | eval x=exact(3.5*2)",
    arity: (1, 1),
    lower: |call| call.any(0),
};

pub(super) const EXP: Function = Function {
    name: "exp",
    aliases: &[],
    syntax: "exp(<number>)",
    help: "e to the power of the number.",
    example: "* | eval x=exp(1)",
    arity: (1, 1),
    lower: |call| float(call, Func::Exp),
};

pub(super) const FLOOR: Function = Function {
    name: "floor",
    aliases: &[],
    syntax: "floor(<number>)",
    help: "Next whole number down.",
    example: "* | eval hour=floor(_time/3600)",
    arity: (1, 1),
    lower: |call| whole(call, Func::Floor),
};

pub(super) const LN: Function = Function {
    name: "ln",
    aliases: &[],
    syntax: "ln(<number>)",
    help: "Natural logarithm.",
    example: "* | eval x=ln(10)",
    arity: (1, 1),
    lower: |call| float(call, Func::Ln),
};

pub(super) const LOG: Function = Function {
    name: "log",
    aliases: &[],
    syntax: "log(<number>[, <base>])",
    help: "Logarithm; base 10 unless given.",
    example: "* | eval x=log(8, 2)",
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
    example: "* | eval x=max(1, 2, 3)",
    arity: (1, ANY),
    lower: |call| extreme(call, Func::Greatest),
};

pub(super) const MIN: Function = Function {
    name: "min",
    aliases: &[],
    syntax: "min(<value>, …)",
    help: "Smallest of the arguments.",
    example: "* | eval x=min(1, 2, 3)",
    arity: (1, ANY),
    lower: |call| extreme(call, Func::Least),
};

pub(super) const PI: Function = Function {
    name: "pi",
    aliases: &[],
    syntax: "pi()",
    help: "The number π.",
    example: "* | eval x=pi()",
    arity: (0, 0),
    lower: |call| Ok(build::float(std::f64::consts::PI, call.span)),
};

pub(super) const POW: Function = Function {
    name: "pow",
    aliases: &[],
    syntax: "pow(<base>, <exponent>)",
    help: "The base to the power of the exponent.",
    example: "* | eval x=pow(2, 10)",
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
    example: "* | eval x=random()",
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
    example: "* | eval mb=round(bytesIn/1048576, 2)",
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
    example: "* | eval x=sigfig(1.50)",
    arity: (1, 1),
    lower: |call| call.number(0),
};

pub(super) const SQRT: Function = Function {
    name: "sqrt",
    aliases: &[],
    syntax: "sqrt(<number>)",
    help: "Square root.",
    example: "* | eval x=sqrt(16)",
    arity: (1, 1),
    lower: |call| float(call, Func::Sqrt),
};
