//! The functions of expressions: one entry each, saying what it is called, how it is written and what it means,
//! registered in one sorted list. Names ignore case.

mod encoding;
mod json;
mod logic;
mod math;
mod network;
mod text;
mod time;

pub(crate) use time::bin;

use super::{
    ast::Expr as Ast,
    lowering::{Lower, Lowerer},
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::{build, suggest},
};

/// A function of the language.
pub(crate) struct Function {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub syntax: &'static str,
    pub help: &'static str,
    /// Fewest and most arguments.
    pub args: (usize, usize),
    pub lower: fn(&mut Lowerer<'_>, Vec<Expr>, Span) -> Lower<Expr>,
}

/// No end to the arguments.
const ANY: usize = usize::MAX;

static FUNCTIONS: &[Function] = &[
    math::ABS,
    math::ACOS,
    math::ASIN,
    math::ATAN,
    math::ATAN2,
    encoding::BASE64_DECODE,
    encoding::BASE64_ENCODE,
    math::CBRT,
    math::CEIL,
    network::COMPARE_CIDR_PREFIX,
    text::CONCAT,
    text::CONTAINS,
    math::COS,
    math::COSH,
    encoding::DEC_TO_HEX,
    math::EXP,
    math::EXPM1,
    math::FLOOR,
    text::FORMAT,
    time::FORMAT_DATE,
    time::FROM_MILLIS,
    time::FROM_SECONDS,
    network::GET_CIDR_PREFIX,
    encoding::HASH,
    math::HAVERSINE,
    encoding::HEX_TO_ASCII,
    encoding::HEX_TO_DEC,
    math::HYPOT,
    network::IPV4_TO_NUMBER,
    logic::IS_BLANK,
    logic::IS_EMPTY,
    math::IS_INFINITE,
    math::IS_NAN,
    logic::IS_NULL,
    logic::IS_NUMERIC,
    network::IS_PRIVATE_IP,
    network::IS_PUBLIC_IP,
    network::IS_RESERVED_IP,
    network::IS_VALID_IP,
    network::IS_VALID_IPV4,
    network::IS_VALID_IPV6,
    json::JSON_ARRAY_CONTAINS,
    json::JSON_ARRAY_SIZE,
    text::LENGTH,
    math::LOG,
    math::LOG10,
    math::LOG1P,
    encoding::LUHN,
    network::MASK_FROM_CIDR,
    text::MATCHES,
    math::MAX,
    encoding::MD5,
    math::MIN,
    time::NOW,
    logic::NUM,
    time::PARSE_DATE,
    encoding::PARSE_HEX,
    math::POW,
    time::QUERY_END_TIME,
    time::QUERY_START_TIME,
    time::QUERY_TIME_RANGE,
    math::RANDOM,
    text::REPLACE,
    math::ROUND,
    math::SIGNUM,
    math::SIN,
    math::SINH,
    math::SQRT,
    text::SUBSTRING,
    math::TAN,
    math::TANH,
    text::TO_BYTES,
    math::TO_DEGREES,
    logic::TO_DOUBLE,
    logic::TO_INT,
    logic::TO_LONG,
    text::TO_LOWER_CASE,
    time::TO_MILLIS,
    math::TO_RADIANS,
    time::TO_SECONDS,
    logic::TO_STRING,
    text::TO_UPPER_CASE,
    text::TO_URL,
    text::TRIM,
    encoding::URL_DECODE,
    encoding::URL_ENCODE,
];

/// All functions, sorted by name.
pub(crate) fn all() -> &'static [Function] {
    FUNCTIONS
}

/// The function of this name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    FUNCTIONS.iter().find(|function| is(function.name) || function.aliases.iter().any(|alias| is(alias)))
}

/// A call by its name.
pub(crate) fn call(lowerer: &mut Lowerer<'_>, name: &str, args: &[Ast], span: Span) -> Lower<Expr> {
    let Some(function) = find(name) else { return unknown(lowerer, name, span) };
    let (least, most) = function.args;
    if args.len() < least || args.len() > most {
        let message =
            format!("`{}` is written `{}`; this has {} arguments", function.name, function.syntax, args.len());
        return lowerer.fail("sumo.argument-count", message, span);
    }
    // A pattern that is replaced is a text or, between slashes, a regular expression.
    if function.name == "replace"
        && let [_, Ast { node: super::ast::Node::Regex(pattern), span: at }, _] = args
    {
        return text::replace_regex(lowerer, args, pattern, *at, span);
    }
    if let ("matches", [value, pattern]) = (function.name, args) {
        let value = lowerer.value(value)?;
        return super::compare::matches(lowerer, value, pattern, span);
    }
    let args = args.iter().map(|arg| lowerer.value(arg)).collect::<Lower<Vec<_>>>()?;
    (function.lower)(lowerer, args, span)
}

fn unknown(lowerer: &mut Lowerer<'_>, name: &str, span: Span) -> Lower<Expr> {
    // Of the call, its name alone: that is what the suggestion stands for.
    let span = Span { end: span.start + name.len(), ..span };
    let diagnostic = Diagnostic::error("sumo.unknown-function", format!("there is no function `{name}`"), span);
    let near = suggest::nearest(name, FUNCTIONS.iter().map(|function| function.name));
    Err(lowerer.error(match near {
        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(near),
        None => diagnostic,
    }))
}

/// The first argument; the arity has been checked.
fn first(args: Vec<Expr>) -> Expr {
    args.into_iter().next().unwrap_or_else(|| build::null(Span::default()))
}

fn number(func: Func, args: Vec<Expr>, span: Span) -> Expr {
    let args = args.into_iter().map(super::value::number).collect();
    build::call(func, args, Type::Float, span)
}

fn texts(func: Func, args: Vec<Expr>, ty: Type, span: Span) -> Expr {
    let args = args.into_iter().map(super::names::text).collect();
    build::call(func, args, ty, span)
}

fn add(a: Expr, b: Expr) -> Expr {
    binary(Func::Add, a, b)
}

fn sub(a: Expr, b: Expr) -> Expr {
    binary(Func::Sub, a, b)
}

fn mul(a: Expr, b: Expr) -> Expr {
    binary(Func::Mul, a, b)
}

fn div(a: Expr, b: Expr) -> Expr {
    binary(Func::Div, a, b)
}

fn binary(func: Func, a: Expr, b: Expr) -> Expr {
    let span = a.span.to(b.span);
    build::call(func, vec![a, b], Type::Float, span)
}

/// The whole number of an argument that has to be one when the query is read.
fn literal_count(lowerer: &mut Lowerer<'_>, expr: &Expr, what: &str) -> Lower<i64> {
    match build::literal_number(expr) {
        #[allow(clippy::cast_possible_truncation)]
        Some(number) if number.fract() == 0.0 && number.abs() < 1e9 => Ok(number as i64),
        _ => lowerer.fail("sumo.argument", format!("{what} has to be a whole number"), expr.span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_described() {
        let lower = |function: &Function| function.name.to_ascii_lowercase();
        assert!(FUNCTIONS.is_sorted_by_key(lower));
        for function in FUNCTIONS {
            assert!(!function.help.is_empty() && function.syntax.starts_with(function.name), "{}", function.name);
        }
    }
}
