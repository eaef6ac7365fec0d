//! The histogram above a list of events, for a query of any language: its events counted over time instead of shown.

use query::pipeline::{Agg, Aggregate, Expr, ExprKind, Func, Literal, Named, Op, Pipeline, Pivot, SortKey, Type};
use query::span::Span;

/// The count of a row.
const COUNT: &str = "count";
/// The column of the pivot.
const OUTCOME: &str = "outcome";

/// Turns the pipeline of an event query into a count for each `width` microseconds, a column an outcome. What shapes the
/// events for show at the end (the projection and the sort before it) falls away; a limit stays: it says which events.
pub(crate) fn over(pipeline: &mut Pipeline, width: i64) {
    while matches!(pipeline.ops.last(), Some(Op::Project { .. } | Op::Sort { limit: None, .. })) {
        pipeline.ops.pop();
    }
    let span = pipeline.scan.span;
    let time = column("event_time", Type::Time, span);
    let width = width.max(1);
    let micros = Expr { kind: ExprKind::Literal(Literal::Int(width)), ty: Type::Int, span };
    let bucket = Expr { kind: ExprKind::Call { func: Func::BinTime, args: vec![time, micros] }, ty: Type::Time, span };
    pipeline.ops.push(Op::Aggregate {
        by: vec![
            Named { name: "_time".into(), expr: bucket },
            Named { name: OUTCOME.into(), expr: column(OUTCOME, Type::Text, span) },
        ],
        aggregates: vec![Aggregate {
            name: COUNT.into(),
            func: Agg::Count,
            arg: None,
            filter: None,
            order: None,
            ty: Type::Int,
        }],
        keep_null: true,
    });
    pipeline.ops.push(Op::Pivot(Pivot {
        rows: vec!["_time".into()],
        column: Some(OUTCOME.into()),
        values: vec![COUNT.into()],
        limit: None,
        other: None,
        null: Some("other".into()),
        grid: Some(width),
        zero: true,
    }));
    let time = Expr { kind: ExprKind::Field("_time".into()), ty: Type::Time, span };
    let key = SortKey { expr: time, descending: false, numeric: false };
    pipeline.ops.push(Op::Sort { keys: vec![key], limit: None });
}

fn column(name: &str, ty: Type, span: Span) -> Expr {
    Expr { kind: ExprKind::Column(name.into()), ty, span }
}
