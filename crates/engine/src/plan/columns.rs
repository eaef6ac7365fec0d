//! Which stored columns a pipeline reads: the scan exposes no others.

use std::collections::BTreeSet;

use query::pipeline::{Aggregate, Expr, ExprKind, Item, Op, SortKey};

use super::expr::geo_shortcut;

/// Names of the stored columns that the operators read; `raw` for any path.
pub(crate) fn used(ops: &[Op]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for op in ops {
        expressions(op, &mut |e| collect(e, &mut out));
    }
    out
}

/// Adds the names of the stored columns that an expression reads; `raw` for any path.
pub(crate) fn collect(expr: &Expr, out: &mut BTreeSet<String>) {
    match &expr.kind {
        ExprKind::Column(name) => {
            out.insert(name.clone());
        }
        ExprKind::Path(_) => {
            out.insert("raw".to_owned());
        }
        ExprKind::Call { func, args } => match geo_shortcut(*func, args) {
            Some(column) => {
                out.insert(column.to_owned());
            }
            None => args.iter().for_each(|a| collect(a, out)),
        },
        ExprKind::Field(_) | ExprKind::Literal(_) => {}
    }
}

fn aggregates(list: &[Aggregate], see: &mut dyn FnMut(&Expr)) {
    for a in list {
        a.arg.iter().chain(&a.filter).chain(&a.order).for_each(&mut *see);
    }
}

fn keys(list: &[SortKey], see: &mut dyn FnMut(&Expr)) {
    list.iter().for_each(|k| see(&k.expr));
}

/// The expressions of an operator.
pub(super) fn expressions(op: &Op, see: &mut dyn FnMut(&Expr)) {
    match op {
        Op::Filter { predicate } => see(predicate),
        Op::Extend { fields } => fields.iter().for_each(|n| see(&n.expr)),
        Op::Project { items } => items.iter().for_each(|i| {
            if let Item::Named(n) = i {
                see(&n.expr);
            }
        }),
        Op::Aggregate { by, aggregates: list, .. } => {
            by.iter().for_each(|n| see(&n.expr));
            aggregates(list, see);
        }
        Op::Window { by, order, aggregates: list, .. } => {
            by.iter().for_each(&mut *see);
            keys(order, see);
            aggregates(list, see);
        }
        Op::Sort { keys: list, .. } => keys(list, see),
        Op::Dedup { keys, .. } => keys.iter().for_each(see),
        Op::Join { on, .. } => on.iter().for_each(|(e, _)| see(e)),
        Op::Lookup { on, .. } => on.iter().for_each(|(_, e)| see(e)),
        _ => {}
    }
}
