//! Aggregates beside each row: over the whole partition, or over the rows before in an order.

use arrow::datatypes::IntervalMonthDayNano;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate as fns;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionDefinition};
use datafusion::logical_expr::expr_fn::when;
use datafusion::logical_expr::{Expr as Df, ExprFunctionExt, WindowFrame, WindowFrameBound, WindowFrameUnits, lit};
use datafusion::scalar::ScalarValue;
use query::pipeline::{Agg, Aggregate, Expr, SortKey};

use super::expr::{Translator, named, to_text};
use super::order::{SEQUENCE, numbered, sort_exprs};
use super::{Planner, to_usize};
use crate::error::{ErrorKind, QueryError};
use crate::functions::{call, list_type, lists};

/// Which rows before the current one a window sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// So many rows; none: from the start.
    pub(super) preceding: Option<u64>,
    /// Rows of so many microseconds before, instead.
    pub(super) range: Option<i64>,
    /// Whether the current row is seen too.
    pub(super) current: bool,
}

pub(super) fn window(
    planner: &Planner<'_>,
    frame: DataFrame,
    by: &[Expr],
    order: &[SortKey],
    reach: Reach,
    aggregates: &[Aggregate],
) -> Result<DataFrame, QueryError> {
    let running = !order.is_empty() || reach.preceding.is_some() || !reach.current;
    let frame = numbered(frame)?;
    let translator = planner.translator(&frame);
    let by = by.iter().map(|e| translator.expr(e)).collect::<Result<Vec<_>, _>>()?;
    let mut sorts = sort_exprs(planner, &frame, order)?;
    if reach.range.is_none() {
        sorts.push(named(SEQUENCE).sort(true, false));
    }
    let bounds = frame_of(running, reach);
    let mut items: Vec<Df> = frame.schema().fields().iter().map(|f| named(f.name())).collect();
    for a in aggregates {
        let expr = one(&translator, a, &by, if running { sorts.clone() } else { Vec::new() }, bounds.clone())?;
        items.retain(|i| *i != named(&a.name));
        items.push(translator.typed(expr, a.ty)?.alias(&a.name));
    }
    let hidden = named(SEQUENCE);
    let out = frame.select(items)?.sort(vec![hidden.clone().sort(true, false)])?;
    let kept: Vec<Df> = out.schema().fields().iter().map(|f| named(f.name())).filter(|e| *e != hidden).collect();
    Ok(out.select(kept)?)
}

fn frame_of(running: bool, reach: Reach) -> WindowFrame {
    let bound = |n: Option<u64>| ScalarValue::UInt64(n);
    if !running {
        return WindowFrame::new_bounds(
            WindowFrameUnits::Rows,
            WindowFrameBound::Preceding(bound(None)),
            WindowFrameBound::Following(bound(None)),
        );
    }
    if let Some(micros) = reach.range {
        let interval = |micros: i64| {
            let nanos = IntervalMonthDayNano::new(0, 0, micros.saturating_mul(1000));
            ScalarValue::IntervalMonthDayNano(Some(nanos))
        };
        let end = if reach.current { WindowFrameBound::CurrentRow } else { WindowFrameBound::Preceding(interval(1)) };
        return WindowFrame::new_bounds(WindowFrameUnits::Range, WindowFrameBound::Preceding(interval(micros)), end);
    }
    let end = if reach.current { WindowFrameBound::CurrentRow } else { WindowFrameBound::Preceding(bound(Some(1))) };
    let first = reach.preceding.map(|n| to_usize(n) as u64);
    WindowFrame::new_bounds(WindowFrameUnits::Rows, WindowFrameBound::Preceding(bound(first)), end)
}

fn one(
    t: &Translator<'_>,
    a: &Aggregate,
    by: &[Df],
    order: Vec<datafusion::logical_expr::SortExpr>,
    frame: WindowFrame,
) -> Result<Df, QueryError> {
    let value = a.arg.as_ref().map(|e| t.expr(e)).transpose()?;
    let condition = a.filter.as_ref().map(|e| t.expr(e)).transpose()?;
    let value = masked(value.unwrap_or_else(|| lit(1_i64)), condition)?;
    let over =
        |function: std::sync::Arc<datafusion::logical_expr::AggregateUDF>, value: Df| -> Result<Df, QueryError> {
            let call = Df::WindowFunction(Box::new(WindowFunction::new(
                WindowFunctionDefinition::AggregateUDF(function),
                vec![value],
            )));
            Ok(call.partition_by(by.to_vec()).order_by(order.clone()).window_frame(frame.clone()).build()?)
        };
    let gathered = |value: Df| over(fns::array_agg::array_agg_udaf(), to_text(value));
    let values = |e: Df| call("list_values", list_type(), lists::distinct_sorted, vec![e]);
    Ok(match a.func {
        Agg::Count => over(fns::count::count_udaf(), value)?,
        Agg::Sum => over(fns::sum::sum_udaf(), value)?,
        Agg::Avg => over(fns::average::avg_udaf(), value)?,
        Agg::Min => over(fns::min_max::min_udaf(), value)?,
        Agg::Max => over(fns::min_max::max_udaf(), value)?,
        Agg::Median => over(fns::median::median_udaf(), value)?,
        Agg::Stdev => over(fns::stddev::stddev_udaf(), value)?,
        Agg::StdevPop => over(fns::stddev::stddev_pop_udaf(), value)?,
        Agg::Variance => over(fns::variance::var_samp_udaf(), value)?,
        Agg::Range => over(fns::min_max::max_udaf(), value.clone())? - over(fns::min_max::min_udaf(), value)?,
        Agg::DistinctCount | Agg::ApproxDistinct => {
            call("list_count", arrow::datatypes::DataType::Int64, lists::count, vec![values(gathered(value)?)])
        }
        Agg::Values => values(gathered(value)?),
        Agg::List => call(
            "list_take",
            list_type(),
            lists::take,
            vec![call("to_list", list_type(), lists::to_list, vec![gathered(value)?]), lit(100_i64)],
        ),
        Agg::First | Agg::Earliest => over(fns::first_last::first_value_udaf(), value)?,
        Agg::Last | Agg::Latest => over(fns::first_last::last_value_udaf(), value)?,
        Agg::Percentile(_) | Agg::Mode => {
            let text = format!("{:?} is not available beside each row; compute it with stats", a.func);
            return Err(QueryError::new(ErrorKind::Invalid, text));
        }
    })
}

/// The value where the condition holds, else null: windows take no filter of their own.
fn masked(value: Df, condition: Option<Df>) -> Result<Df, QueryError> {
    Ok(match condition {
        Some(c) => when(c, value).end()?,
        None => value,
    })
}
