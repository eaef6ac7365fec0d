//! `dedup`: the first rows of each combination of values.

use super::{
    super::{cursor::Name, lowering::Lowerer, names},
    Operator,
};
use crate::{
    pipeline::{Agg, Expr, Func, Op, Type},
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "dedup",
    aliases: &[],
    syntax: "dedup [consecutive] [<n>] [by <field>, …]",
    help: "Keeps the first (or so many) rows of each combination of values, in the order of rows; `consecutive` only drops repeats that follow one another. Without fields the message counts.",
    example: "* | dedup 1 by user, eventName",
    parses: false,
    lower: |lowerer, cursor| {
        let mut consecutive = cursor.word("consecutive");
        let count = cursor.count();
        consecutive |= cursor.word("consecutive");
        let mut by = lowerer.by(cursor)?;
        if by.is_empty() && cursor.peek().is_some_and(super::super::cursor::is_name) {
            by = lowerer.names(cursor)?;
        }
        consecutive |= cursor.word("consecutive");
        if by.is_empty() {
            by.push(Name { text: "_raw".to_owned(), span: cursor.span });
        }
        let keys: Vec<Expr> = by.iter().map(|name| lowerer.field(name)).collect();
        lowerer.settle_order();
        if consecutive {
            repeats(lowerer, keys, cursor.span);
        } else {
            lowerer.push(Op::Dedup { keys, count: count.unwrap_or(1), keep_null: true });
            lowerer.unsettle_order();
        }
        Ok(())
    },
};

/// Drops rows that are like the one before them.
fn repeats(lowerer: &mut Lowerer<'_>, keys: Vec<Expr>, span: Span) {
    let key = lowerer.made_up("key");
    let parts = keys.into_iter().flat_map(|expr| {
        let text = build::coalesce(vec![names::text(expr), build::text("", span)], Type::Text, span);
        [text, build::text("\u{1f}", span)]
    });
    let whole = build::call(Func::Concat, parts.collect(), Type::Text, span);
    lowerer.extend_hidden(&key, whole);
    let key = build::field(&key, Type::Text, span);
    let before = lowerer.made_up("before");
    let aggregate = Lowerer::plain_aggregate(&before, Agg::First, Some(key.clone()), Type::Text);
    let order = lowerer.row_order();
    lowerer.push(Op::Window {
        by: Vec::new(),
        order,
        preceding: Some(1),
        range: None,
        current: false,
        aggregates: vec![aggregate],
    });
    lowerer.residue();
    lowerer.unsettle_order();
    let before = build::field(&before, Type::Text, span);
    let other = build::call(Func::Ne, vec![before.clone(), key], Type::Bool, span);
    lowerer.filter(build::any(vec![build::is_null(before), other], span));
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::check;

    #[test]
    fn repeats() {
        check(
            "* | count by eventName, user | dedup 2 by eventName",
            "aggregate '_count' = count() by 'eventName' = event_name, 'user' = user_name keep-null
             sort 'eventName', 'user'
             dedup 2 by 'eventName' keep-null
             sort 'eventName', 'user'",
        );
    }
}
