//! Functions of texts.

use super::{Call, Function};
use crate::{
    insights::expr::{number, text},
    pipeline::{Expr, Func, Type},
    spl::build,
};

fn text_call(call: &mut Call<'_, '_>, func: Func) -> Expr {
    let args = call.all().into_iter().map(text).collect();
    build::call(func, args, Type::Text, call.span)
}

const fn function(
    name: &'static str,
    aliases: &'static [&'static str],
    arity: (usize, usize),
    syntax: &'static str,
    help: &'static str,
    example: &'static str,
    lower: fn(&mut Call<'_, '_>) -> Expr,
) -> Function {
    Function { name, aliases, arity, syntax, help, example, lower }
}

pub(super) const CONCAT: Function = function(
    "concat",
    &[],
    (1, 100),
    "concat(text, …)",
    "The texts one after another; fields that are not there are left out.",
    "fields concat(eventSource, \"/\", eventName) as call",
    |call| {
        let span = call.span;
        let or_empty = |arg: Expr| build::coalesce(vec![text(arg), build::text("", span)], Type::Text, span);
        let args = call.all().into_iter().map(or_empty).collect();
        build::call(Func::Concat, args, Type::Text, span)
    },
);

pub(super) const LTRIM: Function = function(
    "ltrim",
    &[],
    (1, 2),
    "ltrim(text[, characters])",
    "Without the blanks, or the characters given, at its start.",
    "fields ltrim(userIdentity.arn, \"arn:aws\") as principal",
    |call| text_call(call, Func::LTrim),
);

pub(super) const RTRIM: Function = function(
    "rtrim",
    &[],
    (1, 2),
    "rtrim(text[, characters])",
    "Without the blanks, or the characters given, at its end.",
    "fields rtrim(eventSource, \".amazonaws.com\") as service",
    |call| text_call(call, Func::RTrim),
);

pub(super) const TRIM: Function = function(
    "trim",
    &[],
    (1, 2),
    "trim(text[, characters])",
    "Without the blanks, or the characters given, at both ends.",
    "fields trim(userAgent, \"[]\") as agent",
    |call| text_call(call, Func::Trim),
);

pub(super) const REPLACE: Function = function(
    "replace",
    &[],
    (3, 3),
    "replace(text, searched, replacement)",
    "Every occurrence of a text, replaced by another.",
    "fields replace(eventSource, \".amazonaws.com\", \"\") as service",
    |call| {
        let args: Vec<Expr> = call.all().into_iter().map(text).collect();
        let [subject, searched, replacement]: [Expr; 3] = match args.try_into() {
            Ok(args) => args,
            Err(_) => return build::null(call.span),
        };
        let span = call.span;
        let parts = build::call(Func::Split, vec![subject.clone(), searched.clone()], Type::List, span);
        let replaced = build::call(Func::ListJoin, vec![parts, replacement], Type::Text, span);
        if build::literal_text(&searched).is_some_and(|text| !text.is_empty()) {
            return replaced;
        }
        let empty = build::call(Func::Eq, vec![searched, build::text("", span)], Type::Bool, span);
        build::call(Func::If, vec![empty, subject, replaced], Type::Text, span)
    },
);

pub(super) const STRCONTAINS: Function = function(
    "strcontains",
    &["contains"],
    (2, 2),
    "strcontains(text, searched)",
    "1 where the text contains the other, 0 where not. Case matters.",
    "fields strcontains(userAgent, \"aws-cli\") as cli | stats count(*) by cli",
    |call| {
        let args = call.all().into_iter().map(text).collect();
        build::is_true(build::call(Func::Contains, args, Type::Bool, call.span))
    },
);

pub(super) const STRLEN: Function = function(
    "strlen",
    &["length", "len"],
    (1, 1),
    "strlen(text)",
    "How many characters a text has.",
    "filter strlen(userAgent) > 200",
    |call| {
        let arg = text(call.arg(0));
        build::call(Func::Length, vec![arg], Type::Int, call.span)
    },
);

pub(super) const SUBSTR: Function = function(
    "substr",
    &["substring"],
    (2, 3),
    "substr(text, start[, length])",
    "The part of a text from a character on, counted from 0, to its end or of a length.",
    "fields substr(recipientAccountId, 8) as tail",
    |call| {
        let span = call.span;
        let subject = text(call.arg(0));
        let start = build::to_int(number(call.arg(1)));
        let start = match build::literal_number(&start) {
            #[allow(clippy::cast_possible_truncation)]
            Some(start) => build::int((start as i64).saturating_add(1), span),
            None => build::call(Func::Add, vec![start, build::int(1, span)], Type::Int, span),
        };
        let mut args = vec![subject, start];
        if call.args.len() > 2 {
            args.push(build::to_int(number(call.arg(2))));
        }
        build::call(Func::Substr, args, Type::Text, span)
    },
);

pub(super) const TOLOWER: Function = function(
    "tolower",
    &["lower", "lowercase"],
    (1, 1),
    "tolower(text)",
    "In lower case.",
    "stats count(*) by tolower(userIdentity.userName) as name",
    |call| text_call(call, Func::Lower),
);

pub(super) const TOUPPER: Function = function(
    "toupper",
    &["upper", "uppercase"],
    (1, 1),
    "toupper(text)",
    "In upper case.",
    "fields toupper(eventName) as name",
    |call| text_call(call, Func::Upper),
);
