//! `x in (query)`: the first field of the query's rows as a set.

use super::{
    ast::{Ast, Expr as Tree},
    expr::text,
    lowering::Lowerer,
};
use crate::{
    pipeline::{Agg, Aggregate, Expr, JoinKind, Named, Op, Pipeline, Type},
    span::Span,
    spl::build,
};

/// Whether a value is among the rows of a query: joined in before, so that the answer is a field.
pub(super) fn member(lowerer: &mut Lowerer<'_>, value: &Tree, query: &Ast, span: Span) -> Expr {
    let subject = text(lowerer.expr(value));
    let mut inner = lowerer.nested(query, span);
    let (columns, _) = inner.shape();
    let Some(first) = columns.first().and_then(|first| inner.made.iter().find(|made| &made.name == first)).cloned()
    else {
        lowerer.error("insights.subquery", "the subquery gives no field", span);
        return build::truth(false, span);
    };
    let (key, hit) = (lowerer.made_up("key"), lowerer.made_up("hit"));
    let by = vec![Named { name: key.clone(), expr: text(build::field(&first.name, first.ty, span)) }];
    let count = Aggregate { name: hit.clone(), func: Agg::Count, arg: None, filter: None, order: None, ty: Type::Int };
    inner.ops.push(Op::Aggregate { by, aggregates: vec![count], keep_null: false });
    let right = Box::new(Pipeline { scan: inner.scan, ops: inner.ops });
    lowerer.ops.push(Op::Join { kind: JoinKind::Left, right, on: vec![(subject, key.clone())], max: None });
    lowerer.make(&key, Type::Text);
    lowerer.make(&hit, Type::Int);
    // A join need not keep the order.
    lowerer.sorted = false;
    build::is_not_null(build::field(&hit, Type::Int, span))
}
