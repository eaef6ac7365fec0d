//! `[subquery: … | compose a, b]`: the rows whose fields have the values that another query found.

use super::lowering::{Lower, Lowerer};
use crate::{
    pipeline::{Agg, Aggregate, ELEMENT, Expr, ExprKind, Func, JoinKind, Literal, Named, Op, Type},
    span::Span,
    spl::build,
};

/// The fields that `compose` hands over, and the query that finds their values.
struct Composed<'e> {
    inner: Lowerer<'e>,
    fields: Vec<String>,
}

fn composed<'e>(lowerer: &mut Lowerer<'e>, part: Span) -> Lower<Composed<'e>> {
    let mut inner = lowerer.nested(part)?;
    let Some(fields) = inner.composed.take() else {
        return lowerer.fail("sumo.syntax", "a subquery ends with `compose` and the fields that it gives", part);
    };
    let by: Vec<Named> = fields.iter().map(|name| inner.key(name)).collect();
    let names = by.iter().map(|named| named.name.clone()).collect();
    let count = Aggregate {
        name: inner.made_up("rows"),
        func: Agg::Count,
        arg: None,
        filter: None,
        order: None,
        ty: Type::Int,
    };
    inner.aggregate(by, vec![count]);
    Ok(Composed { inner, fields: names })
}

/// A subquery in the scope: rows with any of its combinations of values stay. Gives what is left to test.
pub(crate) fn scope(lowerer: &mut Lowerer<'_>, part: Span) -> Lower<Option<Expr>> {
    let Composed { inner, fields } = composed(lowerer, part)?;
    if inner.anywhere {
        return Ok(Some(keywords(lowerer, inner, &fields, part)));
    }
    let on = fields.iter().map(|name| (build::to_text(lowerer.named(name, part)), name.clone())).collect();
    join(lowerer, inner, on, JoinKind::Inner);
    Ok(None)
}

/// Whether the message holds one of the values that the other query found: all of them come to each row as one list.
fn keywords(lowerer: &mut Lowerer<'_>, mut inner: Lowerer<'_>, fields: &[String], part: Span) -> Expr {
    let call = |func, args, ty| build::call(func, args, ty, part);
    let (words, key) = (lowerer.made_up("words"), lowerer.made_up("key"));
    let texts = fields.iter().map(|name| build::to_list(build::to_text(inner.named(name, part))));
    let all = call(Func::ListAppend, texts.collect(), Type::List);
    let values = Lowerer::plain_aggregate(&words, Agg::Values, Some(all), Type::List);
    inner.aggregate(Vec::new(), vec![values]);
    let one = || build::text("1", part);
    let list = inner.named(&words, part);
    inner.project(vec![Named { name: key.clone(), expr: one() }, Named { name: words.clone(), expr: list }]);
    join(lowerer, inner, vec![(one(), key)], JoinKind::Inner);
    let word = build::field(ELEMENT, Type::Text, part);
    let text = vec![word.clone(), build::text("", part)];
    let named = call(Func::Ne, text, Type::Bool);
    let found = call(Func::ContainsIgnoreCase, vec![super::event::raw(part), word], Type::Bool);
    let held = build::all(vec![named, found], part);
    let held = call(Func::ListFilter, vec![build::field(&words, Type::List, part), held], Type::List);
    build::is_not_null(held)
}

/// `value in [subquery: …]`.
pub(crate) fn contains(lowerer: &mut Lowerer<'_>, value: Expr, part: Span) -> Lower<Expr> {
    let Composed { inner, fields } = composed(lowerer, part)?;
    compares(lowerer, &inner, part)?;
    let Some(field) = fields.into_iter().next() else {
        return lowerer.fail("sumo.syntax", "a subquery ends with `compose` and the fields that it gives", part);
    };
    Ok(marked(lowerer, inner, vec![(value, field)], part))
}

/// `[subquery: …]` as a condition: whether a row has one of its combinations of values.
pub(crate) fn holds(lowerer: &mut Lowerer<'_>, part: Span) -> Lower<Expr> {
    let Composed { inner, fields } = composed(lowerer, part)?;
    compares(lowerer, &inner, part)?;
    let pairs = fields.into_iter().map(|name| (lowerer.named(&name, part), name)).collect();
    Ok(marked(lowerer, inner, pairs, part))
}

/// In `where` a subquery's values are those of fields.
fn compares(lowerer: &mut Lowerer<'_>, inner: &Lowerer<'_>, part: Span) -> Lower<()> {
    if inner.anywhere {
        return lowerer.fail("sumo.unsupported", "`keywords` is for a subquery in the scope", part);
    }
    Ok(())
}

/// Whether the other query has a row with these values in its fields.
fn marked(lowerer: &mut Lowerer<'_>, mut inner: Lowerer<'_>, pairs: Vec<(Expr, String)>, part: Span) -> Expr {
    let mark = lowerer.made_up("found");
    let (mut items, mut on) = (Vec::new(), Vec::new());
    for (value, field) in pairs {
        let key = lowerer.made_up("key");
        items.push(Named { name: key.clone(), expr: inner.named(&field, part) });
        on.push((build::to_text(value), key));
    }
    let yes = Expr { kind: ExprKind::Literal(Literal::Bool(true)), ty: Type::Bool, span: part };
    items.push(Named { name: mark.clone(), expr: yes });
    inner.project(items);
    join(lowerer, inner, on, JoinKind::Left);
    build::is_not_null(build::field(&mark, Type::Bool, part))
}

fn join(lowerer: &mut Lowerer<'_>, inner: Lowerer<'_>, on: Vec<(Expr, String)>, kind: JoinKind) {
    let right = Box::new(inner.into_pipeline());
    lowerer.push(Op::Join { kind, right, on, max: Some(1) });
    lowerer.unsettle_order();
}
