//! Conversions between numbers and texts, and values inside JSON text.

use super::{ANY, Call, Function};
use crate::{
    pipeline::{Expr, ExprKind, Func, Type},
    spl::{build, lowering::Lower, names::member},
};

/// A member of JSON text at a path written out.
fn at_path(call: &mut Call<'_, '_>) -> Lower<Expr> {
    let document = call.any(0)?;
    if call.args.len() < 2 {
        return Ok(build::to_text(document));
    }
    let path = call.literal(1)?;
    Ok(member(document, &path, call.span))
}

pub(super) const JSON_EXTRACT: Function = Function {
    name: "json_extract",
    aliases: &["json_extract_exact"],
    syntax: "json_extract(<json>, <path>)",
    help: "The value at a path of JSON text.",
    example: "* | eval bucket=json_extract(requestParameters, \"bucketName\") | stats count by bucket",
    arity: (1, 2),
    lower: at_path,
};

pub(super) const PRINTF: Function = Function {
    name: "printf",
    aliases: &[],
    syntax: "printf(<format>, <value>, …)",
    help: "Values in a format as in C.",
    example: "* | stats count by user | eval line=printf(\"%-20s %5d\", user, count)",
    arity: (1, ANY),
    lower: |call| {
        let mut args = vec![call.text(0)?];
        for index in 1..call.args.len() {
            let value = call.any(index)?;
            args.push(if build::is_number(value.ty) { value } else { build::to_text(value) });
        }
        call.make(Func::Printf, args, Type::Text)
    },
};

pub(super) const SPATH: Function = Function {
    name: "spath",
    aliases: &[],
    syntax: "spath(<json>, <path>)",
    help: "The value at a path of JSON text, e.g. \"Statement{}.Action\".",
    example: "* | eval action=spath('requestParameters.policyDocument', \"Statement{}.Action\") | mvexpand action",
    arity: (2, 2),
    lower: at_path,
};

pub(super) const TONUMBER: Function = Function {
    name: "tonumber",
    aliases: &[],
    syntax: "tonumber(<text>[, <base>])",
    help: "The number that a text says, in a base from 2 to 36; null if it is none.",
    example: "* | eval x=tonumber(\"ff\", 16)",
    arity: (1, 2),
    lower: |call| {
        if call.args.len() == 1 {
            return call.number(0);
        }
        let args = vec![call.text(0)?, call.int(1)?];
        if build::literal_number(&args[1]) == Some(10.0) {
            return call.number(0);
        }
        call.make(Func::ParseInt, args, Type::Int)
    },
};

pub(super) const TOSTRING: Function = Function {
    name: "tostring",
    aliases: &[],
    syntax: "tostring(<value>[, \"commas\" | \"hex\" | \"duration\"])",
    help: "A value as text; a number with commas, in hexadecimal, or seconds as hours:minutes:seconds.",
    example: "* | stats sum(bytesIn) as bytes | eval bytes=tostring(bytes, \"commas\")",
    arity: (1, 2),
    lower: |call| {
        if call.args.len() == 1 {
            let value = call.any(0)?;
            return match (value.ty, &value.kind) {
                // A condition's truth is written `True`; a stored value as the record has it.
                (Type::Bool, ExprKind::Call { .. } | ExprKind::Literal(_)) => call.make(
                    Func::If,
                    vec![value, build::text("True", call.span), build::text("False", call.span)],
                    Type::Text,
                ),
                _ => call.text(0),
            };
        }
        match call.literal(1)?.to_ascii_lowercase().as_str() {
            "commas" => commas(call),
            "hex" => {
                let args = vec![build::text("0x%X", call.span), call.int(0)?];
                call.make(Func::Printf, args, Type::Text)
            }
            "duration" => duration(call),
            other => {
                let message = format!("`tostring` has no format `{other}`");
                call.lowerer.fail("spl.format", message, call.span)
            }
        }
    },
};

pub(super) const TYPEOF: Function = Function {
    name: "typeof",
    aliases: &[],
    syntax: "typeof(<value>)",
    help: "\"Number\", \"String\", \"Boolean\", or \"Invalid\" for null.",
    example: "* | eval x=typeof(user)",
    arity: (1, 1),
    lower: |call| {
        let value = call.any(0)?;
        call.make(Func::TypeOf, vec![value], Type::Text)
    },
};

/// Thousands separated by commas, two digits after the point where there are any.
fn commas(call: &mut Call<'_, '_>) -> Lower<Expr> {
    let span = call.span;
    let number = build::call(Func::Round, vec![call.number(0)?, build::int(2, span)], Type::Float, span);
    let pattern = r"(\d)(?:(\d{3}))?(?:(\d{3}))?(?:(\d{3}))?(?:(\d{3}))?(\..*)?$";
    let args = vec![build::to_text(number), build::text(pattern, span), build::text(r"\1,\2,\3,\4,\5\6", span)];
    // The regex crate has no look-ahead: groups that did not take part leave their commas behind, which go next.
    let grouped = build::call(Func::RegexReplace, args, Type::Text, span);
    let doubled = vec![grouped, build::text(",{2,}", span), build::text(",", span)];
    let single = build::call(Func::RegexReplace, doubled, Type::Text, span);
    let ends = vec![single, build::text(r",(\.|$)", span), build::text(r"\1", span)];
    call.make(Func::RegexReplace, ends, Type::Text)
}

/// Seconds as `hours:minutes:seconds`.
fn duration(call: &mut Call<'_, '_>) -> Lower<Expr> {
    let span = call.span;
    let seconds = call.int(0)?;
    let part = |divisor: i64, modulus: i64| {
        let quotient = build::call(Func::Div, vec![seconds.clone(), build::int(divisor, span)], Type::Float, span);
        let whole = build::call(Func::ToInt, vec![quotient], Type::Int, span);
        build::call(Func::Mod, vec![whole, build::int(modulus, span)], Type::Int, span)
    };
    let args = vec![build::text("%02d:%02d:%02d", span), part(3600, i64::MAX), part(60, 60), part(1, 60)];
    call.make(Func::Printf, args, Type::Text)
}
