//! Operators for which the order of rows matters: sort, tail, dedup.

use datafusion::dataframe::DataFrame;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr as Df, ExprFunctionExt, ExprSchemable, LogicalPlan, SortExpr, lit};
use query::pipeline::{Expr, SortKey, Type};

use super::expr::{arrow_type, named};
use super::{Planner, nodes, to_usize};
use crate::error::QueryError;
use crate::functions::{call, convert};

/// A field that numbers the rows in their order; starts with the prefix of hidden fields.
pub(super) const SEQUENCE: &str = "\u{1}sequence";

/// Prefix of the hidden fields that hold what rows were last sorted by: the planner may move or drop a sort that no operator
/// asks for, so an operator that goes by the order of rows sorts by these itself. Unused ones cost nothing.
pub(super) const ORDER: &str = "\u{1}order ";

/// The field of a sort key; its name says how it was sorted.
fn order_field(index: usize, sort: &SortExpr) -> String {
    let (way, nulls) = (if sort.asc { "up" } else { "down" }, if sort.nulls_first { "first" } else { "last" });
    format!("{ORDER}{index} {way} {nulls}")
}

/// The order that rows were last brought into, by the fields that remember it.
fn remembered(frame: &DataFrame) -> Vec<SortExpr> {
    let fields = frame.schema().fields().iter().map(|f| f.name().as_str()).filter(|name| name.starts_with(ORDER));
    fields.map(|name| named(name).sort(name.contains(" up "), name.ends_with(" first"))).collect()
}

/// Whether rows were sorted.
pub(super) fn is_ordered(frame: &DataFrame) -> bool {
    frame.schema().fields().iter().any(|f| is_order(f.name()))
}

/// What remembers the order of two frames' rows, one below the other: the frame, and the numbered row in it.
pub(super) fn placed(frame: i64) -> [Df; 2] {
    let field = |index: usize| format!("{ORDER}{index} up last");
    [lit(frame).alias(field(0)), named(SEQUENCE).alias(field(1))]
}

/// The rows in the order that is remembered.
pub(super) fn restored(frame: DataFrame) -> Result<DataFrame, QueryError> {
    let order = remembered(&frame);
    Ok(frame.sort(order)?)
}

/// Whether a field remembers an order.
pub(super) fn is_order(name: &str) -> bool {
    name.starts_with(ORDER)
}

/// Adds what the rows are sorted by, in place of what they were sorted by before.
fn remember(frame: DataFrame, sorts: &[SortExpr]) -> Result<DataFrame, QueryError> {
    let fields = frame.schema().fields().iter().map(|f| f.name()).filter(|name| !is_order(name));
    let mut items: Vec<Df> = fields.map(|name| named(name)).collect();
    let apart = is_union(frame.logical_plan());
    for (at, sort) in sorts.iter().enumerate() {
        let value = if apart {
            let ty = sort.expr.get_type(frame.schema())?;
            call("remembered", ty, |args| args.array(0), vec![sort.expr.clone()])
        } else {
            sort.expr.clone()
        };
        items.push(value.alias(order_field(at, sort)));
    }
    Ok(nodes::select(frame, items)?)
}

/// Whether rows come from two frames, one below the other, by way of operators that keep their order. The planner moves a
/// sort into both of them and then does not see that a field and its copy are sorted alike: the copy is hidden behind a
/// function there.
fn is_union(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Union(_) => true,
        LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::Sort(_) | LogicalPlan::Limit(_) => {
            plan.inputs().into_iter().any(is_union)
        }
        _ => false,
    }
}

/// Adds the rows' ordinal in their present order. The window has no partition, so it runs over the merged, ordered rows.
pub(super) fn numbered(frame: DataFrame) -> Result<DataFrame, QueryError> {
    let order = remembered(&frame);
    let mut items: Vec<Df> =
        frame.schema().fields().iter().map(|f| named(f.name())).filter(|e| *e != named(SEQUENCE)).collect();
    let number = if order.is_empty() { row_number() } else { row_number().order_by(order).build()? };
    items.push(number.alias(SEQUENCE));
    Ok(nodes::select(frame, items)?)
}

fn without(frame: DataFrame, gone: &[&str]) -> Result<DataFrame, QueryError> {
    let items: Vec<Df> = frame
        .schema()
        .fields()
        .iter()
        .filter(|f| !gone.contains(&f.name().as_str()))
        .map(|f| named(f.name()))
        .collect();
    Ok(nodes::select(frame, items)?)
}

/// The sort expressions of keys. In a numeric key numbers come before texts, and after them where it descends. Nulls come last.
pub(super) fn sort_exprs(
    planner: &Planner<'_>,
    frame: &DataFrame,
    keys: &[SortKey],
) -> Result<Vec<SortExpr>, QueryError> {
    let translator = planner.translator(frame);
    let mut out = Vec::new();
    for key in keys {
        let expr = translator.expr(&key.expr)?;
        let text = expr.get_type(frame.schema())? == arrow_type(Type::Text);
        if key.numeric && text {
            let number = call("to_number", arrow_type(Type::Float), convert::number, vec![expr.clone()]);
            if key.descending {
                out.push(expr.clone().is_null().sort(true, false));
            }
            out.push(number.sort(!key.descending, key.descending));
        }
        out.push(expr.sort(!key.descending, false));
    }
    Ok(out)
}

pub(super) fn sort(
    planner: &Planner<'_>,
    frame: DataFrame,
    keys: &[SortKey],
    limit: Option<u64>,
) -> Result<DataFrame, QueryError> {
    let exprs = sort_exprs(planner, &frame, keys)?;
    let sorted = if exprs.is_empty() { frame } else { frame.sort(exprs.clone())? };
    let sorted = match limit {
        Some(n) => sorted.limit(0, Some(to_usize(n)))?,
        None => sorted,
    };
    remember(sorted, &exprs)
}

pub(super) fn tail(frame: DataFrame, count: u64) -> Result<DataFrame, QueryError> {
    let backwards = vec![named(SEQUENCE).sort(false, false)];
    let last = numbered(frame)?.sort(backwards.clone())?.limit(0, Some(to_usize(count)))?;
    without(remember(last, &backwards)?, &[SEQUENCE])
}

pub(super) fn dedup(
    planner: &Planner<'_>,
    frame: DataFrame,
    keys: &[Expr],
    count: u64,
    keep_null: bool,
) -> Result<DataFrame, QueryError> {
    const RANK: &str = "\u{1}rank";
    let frame = numbered(frame)?;
    let translator = planner.translator(&frame);
    let keys = keys.iter().map(|k| translator.expr(k)).collect::<Result<Vec<_>, _>>()?;
    let rank = row_number().partition_by(keys.clone()).order_by(vec![named(SEQUENCE).sort(true, false)]).build()?;
    let mut keep = named(RANK).lt_eq(lit(count));
    if !keep_null {
        keep = keys.iter().fold(keep, |k, e| k.and(e.clone().is_not_null()));
    }
    let mut items: Vec<Df> = frame.schema().fields().iter().map(|f| named(f.name())).collect();
    items.push(rank.alias(RANK));
    let kept = nodes::filter(frame.select(items)?, keep)?.sort(vec![named(SEQUENCE).sort(true, false)])?;
    without(kept, &[SEQUENCE, RANK])
}
