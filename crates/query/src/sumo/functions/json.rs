//! JSON arrays as texts.

use super::{Function, first};
use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
    sumo::names,
};

/// The elements of an array's text.
fn elements(array: Expr, span: Span) -> Expr {
    build::call(Func::JsonGet, vec![names::text(array), build::text("[*]", span)], Type::List, span)
}

pub(super) const JSON_ARRAY_SIZE: Function = Function {
    name: "jsonArraySize",
    aliases: &[],
    syntax: "jsonArraySize(<array>)",
    help: "Number of elements of a JSON array.",
    args: (1, 1),
    lower: |_, args, span| {
        let count = build::call(Func::ListCount, vec![elements(first(args), span)], Type::Int, span);
        Ok(build::coalesce(vec![count, build::int(0, span)], Type::Int, span))
    },
};

pub(super) const JSON_ARRAY_CONTAINS: Function = Function {
    name: "jsonArrayContains",
    aliases: &[],
    syntax: "jsonArrayContains(<array>, <value>)",
    help: "True where an element of a JSON array is the value.",
    args: (2, 2),
    lower: |_, mut args, span| {
        let item = names::text(args.pop().unwrap_or_else(|| build::null(span)));
        let list = elements(first(args), span);
        Ok(build::is_true(build::call(Func::Eq, vec![list, item], Type::Bool, span)))
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::value;

    #[test]
    fn arrays() {
        assert_eq!(value("jsonArraySize(eventName)"), "coalesce(list_count(json_get(event_name, \"[*]\")), 0)");
        let found = value("jsonArrayContains(eventName, \"a\")");
        assert_eq!(found, "is_true(json_get(event_name, \"[*]\") = \"a\")");
    }
}
