//! A stage that is an expression: `concat(a, b) as c`, `"network" as tag`, `a / b as c`, `toLowerCase(x)`.

use super::super::{
    ast::{Expr as Ast, Node},
    cursor::Cursor,
    lowering::{Lower, Lowerer},
    value,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Type},
};

pub(super) fn lower(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<()> {
    let expr = lowerer.expression(cursor)?;
    let alias = lowerer.alias(cursor)?.map(|alias| alias.text);
    let Some(name) = alias.or_else(|| in_place(&expr)) else {
        let diagnostic = Diagnostic::error("sumo.missing-alias", "this value has no name", expr.span);
        let condition =
            matches!(expr.node, Node::Compare(..) | Node::And(_) | Node::Or(_) | Node::Matches(..) | Node::Not(_));
        let help = if condition { "write `where` before a condition" } else { "write `as` and a name after it" };
        return Err(lowerer.error(diagnostic.with_help(help)));
    };
    let value = lowerer.value(&expr)?;
    let value = timed(&name, value);
    lowerer.extend(&name, value);
    Ok(())
}

/// `num(x)` and `toLowerCase(x)` without a name change the field itself.
fn in_place(expr: &Ast) -> Option<String> {
    let Node::Call(_, args) = &expr.node else { return None };
    match &args.first()?.node {
        Node::Field(name) => Some(name.clone()),
        _ => None,
    }
}

/// Milliseconds put into a field that is a time are one.
fn timed(name: &str, value: Expr) -> Expr {
    let time = name.eq_ignore_ascii_case("_timeslice") || name.eq_ignore_ascii_case("_messagetime");
    if time && matches!(value.ty, Type::Int | Type::Float) { value::instant(value) } else { value }
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::check;

    #[test]
    fn fields_are_made() {
        check(
            "* | \"network\" as tag | toLowerCase(eventName) | eventname as e | if(e=\"x\", 1, 0) as hit | count by tag, e, hit",
            "extend 'tag' = \"network\", 'eventName' = lower(event_name), 'e' = 'eventName', 'hit' = if('e' = \"x\", 1, 0)
             aggregate '_count' = count() by 'tag' = 'tag', 'e' = 'e', 'hit' = 'hit' keep-null
             sort 'tag', 'e', 'hit'",
        );
        check(
            "* | toMillis(now()) as _timeslice | count by _timeslice",
            "extend '_timeslice' = to_time((to_number(now()) * 1000) / 1000.0)
             aggregate '_count' = count() by '_timeslice' = '_timeslice' keep-null
             sort '_timeslice'",
        );
        check(
            "* | user == \"a\" ? \"x\" : \"y\" as z | count by z",
            "extend 'z' = if(user_name = \"a\", \"x\", \"y\")
             aggregate '_count' = count() by 'z' = 'z' keep-null
             sort 'z'",
        );
    }
}
