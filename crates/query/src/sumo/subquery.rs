//! `[subquery: … | compose a, b]`: the rows whose fields have the values that another query found.

use super::lowering::{Lower, Lowerer};
use crate::{
    pipeline::{Agg, Aggregate, Expr, ExprKind, JoinKind, Literal, Named, Op, Type},
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
    let on = fields.iter().map(|name| (build::to_text(lowerer.named(name, part)), name.clone())).collect();
    join(lowerer, inner, on, JoinKind::Inner);
    Ok(None)
}

/// `value in [subquery: …]`.
pub(crate) fn contains(lowerer: &mut Lowerer<'_>, value: Expr, part: Span) -> Lower<Expr> {
    let Composed { mut inner, fields } = composed(lowerer, part)?;
    let Some(field) = fields.into_iter().next() else {
        return lowerer.fail("sumo.syntax", "a subquery ends with `compose` and the fields that it gives", part);
    };
    let mark = lowerer.made_up("found");
    let key = inner.named(&field, part);
    let yes = Expr { kind: ExprKind::Literal(Literal::Bool(true)), ty: Type::Bool, span: part };
    let key_name = lowerer.made_up("key");
    inner.project(vec![Named { name: key_name.clone(), expr: key }, Named { name: mark.clone(), expr: yes }]);
    join(lowerer, inner, vec![(build::to_text(value), key_name)], JoinKind::Left);
    Ok(build::is_not_null(build::field(&mark, Type::Bool, part)))
}

fn join(lowerer: &mut Lowerer<'_>, inner: Lowerer<'_>, on: Vec<(Expr, String)>, kind: JoinKind) {
    let right = Box::new(inner.into_pipeline());
    lowerer.push(Op::Join { kind, right, on, max: Some(1) });
    lowerer.unsettle_order();
}
