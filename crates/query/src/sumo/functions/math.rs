//! Numbers.

use std::f64::consts::PI;

use super::{Function, add, div, first, literal_count, mul, number, sub};
use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
    sumo::value,
};

/// A function of one number that the IR has.
const fn simple(
    name: &'static str,
    syntax: &'static str,
    help: &'static str,
    lower: fn(&mut crate::sumo::lowering::Lowerer<'_>, Vec<Expr>, Span) -> crate::sumo::lowering::Lower<Expr>,
) -> Function {
    Function { name, aliases: &[], syntax, help, args: (1, 1), lower }
}

pub(super) const ABS: Function =
    simple("abs", "abs(<number>)", "Absolute value.", |_, args, span| Ok(number(Func::Abs, args, span)));
pub(super) const ACOS: Function =
    simple("acos", "acos(<number>)", "Arc cosine, in radians.", |_, args, span| Ok(number(Func::Acos, args, span)));
pub(super) const ASIN: Function =
    simple("asin", "asin(<number>)", "Arc sine, in radians.", |_, args, span| Ok(number(Func::Asin, args, span)));
pub(super) const ATAN: Function =
    simple("atan", "atan(<number>)", "Arc tangent, in radians.", |_, args, span| Ok(number(Func::Atan, args, span)));
pub(super) const COS: Function = simple("cos", "cos(<radians>)", "Cosine of an angle in radians.", |_, args, span| {
    Ok(number(Func::Cos, args, span))
});
pub(super) const SIN: Function =
    simple("sin", "sin(<radians>)", "Sine of an angle in radians.", |_, args, span| Ok(number(Func::Sin, args, span)));
pub(super) const TAN: Function = simple("tan", "tan(<radians>)", "Tangent of an angle in radians.", |_, args, span| {
    Ok(number(Func::Tan, args, span))
});
pub(super) const EXP: Function =
    simple("exp", "exp(<number>)", "e to the power.", |_, args, span| Ok(number(Func::Exp, args, span)));
pub(super) const LOG: Function =
    simple("log", "log(<number>)", "Natural logarithm.", |_, args, span| Ok(number(Func::Ln, args, span)));
pub(super) const SQRT: Function =
    simple("sqrt", "sqrt(<number>)", "Square root.", |_, args, span| Ok(number(Func::Sqrt, args, span)));

pub(super) const ATAN2: Function = Function {
    name: "atan2",
    aliases: &[],
    syntax: "atan2(<y>, <x>)",
    help: "The angle of a point, in radians.",
    args: (2, 2),
    lower: |_, args, span| Ok(number(Func::Atan2, args, span)),
};

pub(super) const CBRT: Function = simple("cbrt", "cbrt(<number>)", "Cube root.", |_, args, span| {
    let x = value::number(first(args));
    let size = build::call(Func::Abs, vec![x.clone()], Type::Float, span);
    let root = build::call(Func::Pow, vec![size, build::float(1.0 / 3.0, span)], Type::Float, span);
    let negative = build::call(Func::Lt, vec![x, build::float(0.0, span)], Type::Bool, span);
    let minus = build::call(Func::Neg, vec![root.clone()], Type::Float, span);
    Ok(build::call(Func::If, vec![negative, minus, root], Type::Float, span))
});

/// Rounded to a whole number.
fn whole(func: Func, args: Vec<Expr>, span: Span) -> Expr {
    let expr = first(args);
    if expr.ty == Type::Int {
        return expr;
    }
    build::to_int(build::call(func, vec![value::number(expr)], Type::Float, span))
}

pub(super) const CEIL: Function =
    simple("ceil", "ceil(<number>)", "Next whole number up.", |_, args, span| Ok(whole(Func::Ceil, args, span)));
pub(super) const FLOOR: Function =
    simple("floor", "floor(<number>)", "Next whole number down.", |_, args, span| Ok(whole(Func::Floor, args, span)));

pub(super) const ROUND: Function = Function {
    name: "round",
    aliases: &[],
    syntax: "round(<number>[, <digits>])",
    help: "Rounded to so many digits after the point, none by default.",
    args: (1, 2),
    lower: |lowerer, mut args, span| {
        let digits = if args.len() > 1 { args.pop() } else { None };
        let x = value::number(first(args));
        match digits {
            None => Ok(build::to_int(build::call(Func::Round, vec![x], Type::Float, span))),
            Some(digits) => {
                let digits = literal_count(lowerer, &digits, "the number of digits")?;
                Ok(build::call(Func::Round, vec![x, build::int(digits, span)], Type::Float, span))
            }
        }
    },
};

pub(super) const EXPM1: Function = simple("expm1", "expm1(<number>)", "e to the power, minus 1.", |_, args, span| {
    Ok(sub(number(Func::Exp, args, span), build::float(1.0, span)))
});
pub(super) const LOG1P: Function =
    simple("log1p", "log1p(<number>)", "Natural logarithm of 1 plus the number.", |_, args, span| {
        let x = add(value::number(first(args)), build::float(1.0, span));
        Ok(build::call(Func::Ln, vec![x], Type::Float, span))
    });
pub(super) const LOG10: Function = simple("log10", "log10(<number>)", "Decimal logarithm.", |_, args, span| {
    let args = vec![value::number(first(args)), build::float(10.0, span)];
    Ok(build::call(Func::Log, args, Type::Float, span))
});

/// (e^x ± e^-x) / 2.
fn hyperbolic(x: &Expr, plus: bool, span: Span) -> Expr {
    let up = build::call(Func::Exp, vec![x.clone()], Type::Float, span);
    let down = build::call(Func::Neg, vec![x.clone()], Type::Float, span);
    let down = build::call(Func::Exp, vec![down], Type::Float, span);
    let both = if plus { add(up, down) } else { sub(up, down) };
    div(both, build::float(2.0, span))
}

pub(super) const COSH: Function = simple("cosh", "cosh(<number>)", "Hyperbolic cosine.", |_, args, span| {
    Ok(hyperbolic(&value::number(first(args)), true, span))
});
pub(super) const SINH: Function = simple("sinh", "sinh(<number>)", "Hyperbolic sine.", |_, args, span| {
    Ok(hyperbolic(&value::number(first(args)), false, span))
});
pub(super) const TANH: Function = simple("tanh", "tanh(<number>)", "Hyperbolic tangent.", |_, args, span| {
    let x = value::number(first(args));
    Ok(div(hyperbolic(&x, false, span), hyperbolic(&x, true, span)))
});
pub(super) const TO_DEGREES: Function =
    simple("toDegrees", "toDegrees(<radians>)", "Radians as degrees.", |_, args, span| {
        Ok(mul(value::number(first(args)), build::float(180.0 / PI, span)))
    });
pub(super) const TO_RADIANS: Function =
    simple("toRadians", "toRadians(<degrees>)", "Degrees as radians.", |_, args, span| {
        Ok(mul(value::number(first(args)), build::float(PI / 180.0, span)))
    });

pub(super) const SIGNUM: Function =
    simple("signum", "signum(<number>)", "-1, 0 or 1, by the sign.", |_, args, span| {
        let x = value::number(first(args));
        let zero = build::int(0, span);
        let above = build::call(Func::Gt, vec![x.clone(), zero.clone()], Type::Bool, span);
        let below = build::call(Func::Lt, vec![x, zero.clone()], Type::Bool, span);
        let rest = build::call(Func::If, vec![below, build::int(-1, span), zero], Type::Int, span);
        Ok(build::call(Func::If, vec![above, build::int(1, span), rest], Type::Int, span))
    });

// Numbers here are finite or null, so that neither is ever the case.
pub(super) const IS_NAN: Function =
    simple("isNaN", "isNaN(<number>)", "True where a calculation gave no number.", |_, args, _| {
        Ok(build::is_null(value::number(first(args))))
    });
pub(super) const IS_INFINITE: Function = simple(
    "isInfinite",
    "isInfinite(<number>)",
    "True where a calculation went beyond all numbers.",
    |_, args, span| {
        let size = build::call(Func::Abs, vec![value::number(first(args))], Type::Float, span);
        Ok(build::call(Func::Gt, vec![size, build::float(f64::MAX, span)], Type::Bool, span))
    },
);

pub(super) const HYPOT: Function = Function {
    name: "hypot",
    aliases: &[],
    syntax: "hypot(<a>, <b>)",
    help: "The long side of a right-angled triangle.",
    args: (2, 2),
    lower: |_, args, span| {
        let mut squares = args.into_iter().map(|x| {
            let x = value::number(x);
            mul(x.clone(), x)
        });
        let zero = || build::float(0.0, span);
        let (a, b) = (squares.next().unwrap_or_else(zero), squares.next().unwrap_or_else(zero));
        Ok(build::call(Func::Sqrt, vec![add(a, b)], Type::Float, span))
    },
};

pub(super) const MAX: Function = Function {
    name: "max",
    aliases: &[],
    syntax: "max(<a>, <b>)",
    help: "The larger of two numbers. With one field it is the aggregate.",
    args: (2, 2),
    lower: |_, args, span| Ok(number(Func::Greatest, args, span)),
};
pub(super) const MIN: Function = Function {
    name: "min",
    aliases: &[],
    syntax: "min(<a>, <b>)",
    help: "The smaller of two numbers. With one field it is the aggregate.",
    args: (2, 2),
    lower: |_, args, span| Ok(number(Func::Least, args, span)),
};
pub(super) const POW: Function = Function {
    name: "pow",
    aliases: &[],
    syntax: "pow(<base>, <exponent>)",
    help: "The base raised to the exponent.",
    args: (2, 2),
    lower: |_, args, span| Ok(number(Func::Pow, args, span)),
};
pub(super) const RANDOM: Function = Function {
    name: "random",
    aliases: &[],
    syntax: "random()",
    help: "A number from 0 to before 1.",
    args: (0, 0),
    lower: |_, _, span| Ok(build::call(Func::Random, Vec::new(), Type::Float, span)),
};

/// The earth's radius in kilometres.
const RADIUS: f64 = 6371.0;

pub(super) const HAVERSINE: Function = Function {
    name: "haversine",
    aliases: &[],
    syntax: "haversine(<lat1>, <lon1>, <lat2>, <lon2>)",
    help: "Kilometres between two places on earth.",
    args: (4, 4),
    lower: |_, args, span| {
        let radians: Vec<Expr> =
            args.into_iter().map(|x| mul(value::number(x), build::float(PI / 180.0, span))).collect();
        let [lat1, lon1, lat2, lon2] = &radians[..] else { return Ok(build::null(span)) };
        let half_sine_squared = |a: &Expr, b: &Expr| {
            let half = div(sub(b.clone(), a.clone()), build::float(2.0, span));
            let sine = build::call(Func::Sin, vec![half], Type::Float, span);
            build::call(Func::Pow, vec![sine, build::float(2.0, span)], Type::Float, span)
        };
        let cos = |x: &Expr| build::call(Func::Cos, vec![x.clone()], Type::Float, span);
        let east = mul(mul(cos(lat1), cos(lat2)), half_sine_squared(lon1, lon2));
        let chord = build::call(Func::Sqrt, vec![add(half_sine_squared(lat1, lat2), east)], Type::Float, span);
        // Rounding may carry opposite ends of the earth past 1.
        let chord = build::call(Func::Least, vec![chord, build::float(1.0, span)], Type::Float, span);
        let angle = build::call(Func::Asin, vec![chord], Type::Float, span);
        Ok(mul(angle, build::float(2.0 * RADIUS, span)))
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::value;

    #[test]
    fn numbers() {
        for (expression, expected) in [
            ("abs(bytesIn)", "abs(bytes_in)"),
            ("floor(5.5)", "to_int(floor(5.5))"),
            ("round(bytesIn, 2)", "round(bytes_in, 2)"),
            ("pow(2, 8)", "pow(2, 8)"),
            ("log10(bytesIn)", "log(bytes_in, 10.0)"),
            ("max(bytesIn, 5)", "greatest(bytes_in, 5)"),
            ("1 + 2 * 3", "7"),
            ("bytesIn / 1Ki", "bytes_in / 1024"),
            ("-bytesIn", "neg(bytes_in)"),
        ] {
            assert_eq!(value(expression), expected, "{expression}");
        }
    }
}
