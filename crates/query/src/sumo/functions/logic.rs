//! What is empty, and conversions.

use super::{Function, first, texts};
use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
    sumo::{lowering::Lower, names, value},
};

fn equals_empty(text: Expr, span: Span) -> Expr {
    let filled = build::coalesce(vec![text, build::text("", span)], Type::Text, span);
    build::call(Func::Eq, vec![filled, build::text("", span)], Type::Bool, span)
}

pub(super) const IS_NULL: Function = Function {
    name: "isNull",
    aliases: &[],
    syntax: "isNull(<field>)",
    help: "True where the field has no value: a parser did not match, a look-up found nothing.",
    args: (1, 1),
    lower: |_, args, _| Ok(build::is_null(first(args))),
};

pub(super) const IS_EMPTY: Function = Function {
    name: "isEmpty",
    aliases: &[],
    syntax: "isEmpty(<field>)",
    help: "True where the field has no value or is the empty text.",
    args: (1, 1),
    lower: |_, args, span| Ok(equals_empty(names::text(first(args)), span)),
};

pub(super) const IS_BLANK: Function = Function {
    name: "isBlank",
    aliases: &[],
    syntax: "isBlank(<field>)",
    help: "True where the field has no value, is empty, or is only blanks.",
    args: (1, 1),
    lower: |_, args, span| {
        let trimmed = texts(Func::Trim, args, Type::Text, span);
        Ok(equals_empty(trimmed, span))
    },
};

pub(super) const IS_NUMERIC: Function = Function {
    name: "isNumeric",
    aliases: &[],
    syntax: "isNumeric(<field>)",
    help: "True where the field reads as a number.",
    args: (1, 1),
    lower: |_, args, _| Ok(build::is_not_null(value::number(first(args)))),
};

fn float(args: Vec<Expr>) -> Lower<Expr> {
    Ok(value::number(first(args)))
}

fn whole(args: Vec<Expr>, span: Span) -> Lower<Expr> {
    let expr = first(args);
    if expr.ty == Type::Time {
        return Ok(build::call(Func::ToInt, vec![value::number(expr)], Type::Int, span));
    }
    Ok(build::to_int(expr))
}

pub(super) const NUM: Function = Function {
    name: "num",
    aliases: &["number"],
    syntax: "num(<field>)",
    help: "The field as a number. As an operator of its own it converts the field in place.",
    args: (1, 1),
    lower: |_, args, _| float(args),
};

pub(super) const TO_DOUBLE: Function = Function {
    name: "toDouble",
    aliases: &["double"],
    syntax: "toDouble(<value>)",
    help: "The value as a number with a fraction.",
    args: (1, 1),
    lower: |_, args, _| float(args),
};

pub(super) const TO_INT: Function = Function {
    name: "toInt",
    aliases: &["int"],
    syntax: "toInt(<value>)",
    help: "The value as a whole number, its fraction cut off.",
    args: (1, 1),
    lower: |_, args, span| whole(args, span),
};

pub(super) const TO_LONG: Function = Function {
    name: "toLong",
    aliases: &["long"],
    syntax: "toLong(<value>)",
    help: "The value as a whole number; of a time, its milliseconds.",
    args: (1, 1),
    lower: |_, args, span| whole(args, span),
};

pub(super) const TO_STRING: Function = Function {
    name: "toString",
    aliases: &["string"],
    syntax: "toString(<value>)",
    help: "The value as text.",
    args: (1, 1),
    lower: |_, args, _| Ok(names::text(first(args))),
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::value;

    #[test]
    fn empty_and_null() {
        for (expression, expected) in [
            ("isNull(eventName)", "is_null(event_name)"),
            ("isEmpty(eventName)", "coalesce(event_name, \"\") = \"\""),
            ("isBlank(eventName)", "coalesce(trim(event_name), \"\") = \"\""),
            ("!isBlank(eventName)", "not is_true(coalesce(trim(event_name), \"\") = \"\")"),
            ("isNumeric(eventName)", "is_not_null(to_number(event_name))"),
            ("toInt(\"5.7\")", "5"),
            ("toLong(_messagetime)", "to_int(to_number(event_time) * 1000)"),
            ("toString(5)", "\"5\""),
        ] {
            assert_eq!(value(expression), expected, "{expression}");
        }
    }
}
