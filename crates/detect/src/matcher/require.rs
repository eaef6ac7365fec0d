//! Which values of a column a truth requires: what follows from its conjuncts, in lower case, for an index that may let too
//! much through but never too little.

use std::collections::BTreeSet;

use query::pipeline::{Expr, ExprKind, Func, Literal};

/// The values of `column`, in lower case, without one of which no row fulfils all conjuncts; none: any value may do.
pub(super) fn required(conjuncts: &[Expr], column: &str) -> Option<BTreeSet<String>> {
    both(conjuncts.iter().map(|conjunct| allowed(conjunct, column)))
}

/// The values that a condition leaves possible.
fn allowed(expr: &Expr, column: &str) -> Option<BTreeSet<String>> {
    let (func, args) = match &expr.kind {
        ExprKind::Call { func, args } => (*func, args.as_slice()),
        ExprKind::Literal(Literal::Bool(false) | Literal::Null) => return Some(BTreeSet::new()),
        _ => return None,
    };
    match (func, args) {
        (Func::And, args) => both(args.iter().map(|arg| allowed(arg, column))),
        (Func::Or, args) => {
            let sets: Option<Vec<BTreeSet<String>>> = args.iter().map(|arg| allowed(arg, column)).collect();
            sets.map(|sets| sets.into_iter().flatten().collect())
        }
        (Func::IsTrue, [inner]) => allowed(inner, column),
        (Func::Eq | Func::EqIgnoreCase, [a, b]) => {
            let value = if is(a, column) { text(b) } else { text(a).filter(|_| is(b, column)) };
            value.map(|value| BTreeSet::from([lower(value)]))
        }
        (Func::Glob | Func::GlobIgnoreCase, [value, pattern]) if is(value, column) => {
            text(pattern).filter(|pattern| !pattern.contains('*')).map(|pattern| BTreeSet::from([lower(pattern)]))
        }
        (Func::In, [value, items @ ..]) if is(value, column) => {
            items.iter().map(|item| text(item).map(lower)).collect()
        }
        _ => None,
    }
}

/// What several conditions leave together.
fn both(sets: impl Iterator<Item = Option<BTreeSet<String>>>) -> Option<BTreeSet<String>> {
    sets.flatten().reduce(|a, b| a.intersection(&b).cloned().collect())
}

fn is(expr: &Expr, column: &str) -> bool {
    match &expr.kind {
        ExprKind::Column(name) => name == column,
        ExprKind::Call { func: Func::Lower | Func::Upper | Func::ToText, args } => {
            args.first().is_some_and(|arg| is(arg, column))
        }
        _ => false,
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

/// The case that the index is in.
pub(super) fn lower(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::{Shape, query};
    use crate::rule::Query;
    use query::span::Span;

    fn check(lang: &str, text: &str, names: Option<&[&str]>) {
        let found = query(&Query { lang: lang.into(), text: text.into(), span: Span::default() }, &[]);
        let Ok(Shape::Truths(truths)) = found.as_ref().map(|found| &found.shape) else {
            panic!("{text}: {found:?}");
        };
        let found = required(&truths[0].conjuncts, "event_name");
        let names = names.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(found, names, "{text}");
    }

    #[test]
    fn names_are_found_in_every_language() {
        check("filter", "{ $.eventName = A }", Some(&["a"]));
        check("filter", "{ ($.eventName = A || $.eventName = B) && $.errorCode NOT EXISTS }", Some(&["a", "b"]));
        check("filter", "{ $.eventName = A || $.errorCode = B }", None);
        check("filter", "{ $.eventName != A }", None);
        check("filter", "{ $.eventName = A* }", None);
        check("filter", "{ $.eventName = A && ($.eventName = A || $.eventName = B) }", Some(&["a"]));
        check("spl", "eventName=A OR eventName=b", Some(&["a", "b"]));
        check("spl", "eventName IN (A, B) user=x", Some(&["a", "b"]));
        check("spl", "* | where eventName=\"A\"", Some(&["a"]));
        check("insights", "filter eventName in ['A', 'B']", Some(&["a", "b"]));
        check("kql", "event.action: (\"A\" or \"B\")", Some(&["a", "b"]));
        check("lucene", "event.action:A", Some(&["a"]));
        let sigma = "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: [A, B]}\n  f: {errorCode: x}\n  condition: s and not f\n";
        check("sigma", sigma, Some(&["a", "b"]));
    }
}
