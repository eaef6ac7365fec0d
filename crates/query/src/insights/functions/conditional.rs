//! Functions about whether a value is there, choices between values, and JSON inside of texts.

use super::{Call, Function};
use crate::{
    insights::expr::text,
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

/// Values brought to one type.
fn unified(values: Vec<Expr>) -> (Vec<Expr>, Type) {
    let ty = values.iter().map(|value| value.ty).reduce(build::unify).unwrap_or(Type::Any);
    let ty = if ty == Type::List { Type::Text } else { ty };
    (values.into_iter().map(|value| build::convert(value, ty)).collect(), ty)
}

pub(super) const CASE: Function = function(
    "case",
    (2, 100),
    "case(condition, value, …[, otherwise])",
    "The value after the first condition that holds.",
    "fields case(errorCode like \"Denied\", \"denied\", ispresent(errorCode), \"failed\", \"done\") as outcome",
    |call| {
        let span = call.span;
        let pairs = call.args.len() / 2;
        let mut values: Vec<Expr> = (0..pairs).map(|pair| call.arg(2 * pair + 1)).collect();
        if call.args.len() % 2 == 1 {
            values.push(call.arg(call.args.len() - 1));
        }
        let (mut values, ty) = unified(values);
        let mut otherwise = if call.args.len() % 2 == 1 { values.pop() } else { None };
        for (pair, value) in values.into_iter().enumerate().rev() {
            let condition = call.lowerer.condition(&call.args[2 * pair]);
            let rest = otherwise.unwrap_or_else(|| Expr { ty, ..build::null(span) });
            otherwise = Some(build::call(Func::If, vec![condition, value, rest], ty, span));
        }
        otherwise.unwrap_or_else(|| build::null(span))
    },
);

pub(super) const COALESCE: Function = function(
    "coalesce",
    (1, 100),
    "coalesce(value, …)",
    "The first value that is there.",
    "fields coalesce(userIdentity.userName, userIdentity.arn, userIdentity.invokedBy) as who",
    |call| {
        let (values, ty) = unified(call.all());
        build::coalesce(values, ty, call.span)
    },
);

pub(super) const IF: Function = function(
    "if",
    (3, 3),
    "if(condition, then, otherwise)",
    "One of two values.",
    "stats count(*) by if(ispresent(errorCode), \"failed\", \"done\") as outcome",
    |call| {
        let condition = call.lowerer.condition(&call.args[0]);
        let (mut values, ty) = unified(vec![call.arg(1), call.arg(2)]);
        values.insert(0, condition);
        build::call(Func::If, values, ty, call.span)
    },
);

pub(super) const ISPRESENT: Function = function(
    "ispresent",
    (1, 1),
    "ispresent(field)",
    "Whether the field is there.",
    "filter ispresent(errorCode) | stats count(*) by errorCode",
    |call| build::is_not_null(call.arg(0)),
);

pub(super) const ISEMPTY: Function = function(
    "isempty",
    (1, 1),
    "isempty(field)",
    "Whether the field is not there, or an empty text.",
    "filter isempty(userAgent)",
    |call| {
        let span = call.span;
        let value = build::coalesce(vec![text(call.arg(0)), build::text("", span)], Type::Text, span);
        build::call(Func::Eq, vec![value, build::text("", span)], Type::Bool, span)
    },
);

pub(super) const ISBLANK: Function = function(
    "isblank",
    (1, 1),
    "isblank(field)",
    "Whether the field is not there, empty, or nothing but blanks.",
    "filter isblank(userAgent)",
    |call| {
        let span = call.span;
        let value = build::coalesce(vec![text(call.arg(0)), build::text("", span)], Type::Text, span);
        build::not(build::call(Func::Regex, vec![value, build::text(r"\S", span)], Type::Bool, span))
    },
);

pub(super) const JSONPARSE: Function = function(
    "jsonParse",
    (1, 1),
    "jsonParse(text)",
    "The JSON in a text: its members are reached by dots and brackets, its elements by `unnest`.",
    "fields jsonParse(@message) as event | stats count(*) by event.userIdentity.type",
    |call| text(call.arg(0)),
);

pub(super) const JSONSTRINGIFY: Function = function(
    "jsonStringify",
    (1, 1),
    "jsonStringify(value)",
    "A part of JSON as text.",
    "fields jsonStringify(requestParameters) as parameters",
    |call| text(call.arg(0)),
);

pub(super) const UNMASK: Function = function(
    "unmask",
    (1, 1),
    "unmask(field)",
    "The field itself: nothing is masked here.",
    "fields @timestamp, unmask(@message) as message",
    |call| call.arg(0),
);
