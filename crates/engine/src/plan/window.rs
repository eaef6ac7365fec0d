//! Aggregates beside each row: over the whole partition, or over the rows before in an order.

use std::sync::Arc;

use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate as fns;
use datafusion::functions_window::{lead_lag, nth_value};
use datafusion::logical_expr::expr::NullTreatment;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionDefinition};
use datafusion::logical_expr::expr_fn::when;
use datafusion::logical_expr::{
    AggregateUDF, Expr as Df, ExprFunctionExt, ExprSchemable, SortExpr, WindowFrame, WindowFrameBound,
    WindowFrameUnits, lit,
};
use datafusion::scalar::ScalarValue;
use query::pipeline::{Agg, Aggregate, Expr, SortKey};

use super::expr::{Translator, named, to_text};
use super::order::{SEQUENCE, numbered, sort_exprs};
use super::{Planner, nodes, running, to_usize};
use crate::error::{ErrorKind, QueryError};
use crate::functions::{call, list_type, lists, math};

/// The field that a window of time goes by.
const RANGE: &str = "\u{1}range";

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
    // A range goes by one value; as a field of its own, since the planner loses track of the order of an expression.
    let frame = match order {
        [key] if reach.range.is_some() => {
            let value = planner.translator(&frame).expr(&key.expr)?;
            let fields = frame.schema().fields().iter().map(|f| named(f.name()));
            let items: Vec<Df> = fields.chain([value.alias(RANGE)]).collect();
            nodes::select(frame, items)?
        }
        _ => frame,
    };
    let translator = planner.translator(&frame);
    let by = by.iter().map(|e| translator.expr(e)).collect::<Result<Vec<_>, _>>()?;
    let mut sorts = sort_exprs(planner, &frame, order)?;
    if reach.range.is_none() {
        sorts.push(named(SEQUENCE).sort(true, false));
    } else {
        sorts = vec![named(RANGE).sort(true, false)];
    }
    let bounds = frame_of(running, reach);
    let mut items: Vec<Df> = frame.schema().fields().iter().map(|f| named(f.name())).collect();
    let over = Over { by: &by, order: if running { sorts } else { Vec::new() }, frame: bounds, running };
    for a in aggregates {
        let expr = one(&translator, a, &over)?;
        items.retain(|i| *i != named(&a.name));
        items.push(translator.typed(expr, a.ty)?.alias(&a.name));
    }
    let hidden = named(SEQUENCE);
    let out = frame.select(items)?.sort(vec![hidden.clone().sort(true, false)])?;
    let kept: Vec<Df> =
        out.schema().fields().iter().map(|f| named(f.name())).filter(|e| *e != hidden && *e != named(RANGE)).collect();
    Ok(nodes::select(out, kept)?)
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
    let first = reach.preceding.filter(|n| *n != u64::MAX).map(|n| to_usize(n) as u64);
    WindowFrame::new_bounds(WindowFrameUnits::Rows, WindowFrameBound::Preceding(bound(first)), end)
}

/// The window of one aggregate: its partition, its frame, the order that the frame goes by.
struct Over<'a> {
    by: &'a [Df],
    order: Vec<SortExpr>,
    frame: WindowFrame,
    running: bool,
}

impl Over<'_> {
    fn build(&self, definition: WindowFunctionDefinition, args: Vec<Df>) -> Result<Df, QueryError> {
        let call = Df::WindowFunction(Box::new(WindowFunction::new(definition, args)));
        let call = call.partition_by(self.by.to_vec()).order_by(self.order.clone());
        Ok(call.window_frame(self.frame.clone()).build()?)
    }

    fn aggregate(&self, function: Arc<AggregateUDF>, value: Df) -> Result<Df, QueryError> {
        self.build(WindowFunctionDefinition::AggregateUDF(function), vec![value])
    }

    /// The first or last value of the frame, nulls passed over.
    fn end(&self, first: bool, value: Df) -> Result<Df, QueryError> {
        let function = if first { nth_value::first_value_udwf() } else { nth_value::last_value_udwf() };
        let definition = WindowFunctionDefinition::WindowUDF(function);
        let call = Df::WindowFunction(Box::new(WindowFunction::new(definition, vec![value])));
        let call = call.partition_by(self.by.to_vec()).order_by(self.order.clone());
        let call = call.window_frame(self.frame.clone()).null_treatment(NullTreatment::IgnoreNulls);
        Ok(call.build()?)
    }

    /// The same window in another order; of a whole partition only.
    fn ordered(&self, order: Df) -> Self {
        Self { by: self.by, order: vec![order.sort(true, false)], frame: self.frame.clone(), running: false }
    }
}

fn one(t: &Translator<'_>, a: &Aggregate, over: &Over<'_>) -> Result<Df, QueryError> {
    let value = a.arg.as_ref().map(|e| t.expr(e)).transpose()?.unwrap_or_else(|| lit(1_i64));
    let condition = a.filter.as_ref().map(|e| t.expr(e)).transpose()?;
    let list = matches!(value.get_type(t.schema)?, DataType::List(_));
    if let Agg::SessionStart(most) = a.func {
        let begins = condition.unwrap_or_else(|| lit(false));
        let definition = WindowFunctionDefinition::AggregateUDF(Arc::new(running::session(most)));
        return over.build(definition, vec![value, begins]);
    }
    let value = masked(value, condition)?;
    match a.func {
        Agg::First | Agg::Last | Agg::Earliest | Agg::Latest => return place(t, a, over, value),
        Agg::Lag(rows) => {
            let rows = lit(i64::try_from(rows).unwrap_or(i64::MAX));
            return over.build(WindowFunctionDefinition::WindowUDF(lead_lag::lag_udwf()), vec![value, rows]);
        }
        Agg::Smoothed(factor) => return over.aggregate(Arc::new(running::smoothed(factor)), value),
        Agg::DistinctCount | Agg::ApproxDistinct | Agg::Values | Agg::List | Agg::Mode | Agg::Percentile(_) => {
            return gathered(a.func, over, value, list);
        }
        Agg::Count if list => {
            let all = call(
                "list_flatten",
                list_type(),
                lists::flatten,
                vec![over.aggregate(fns::array_agg::array_agg_udaf(), value)?],
            );
            return Ok(call("list_count", DataType::Int64, lists::count, vec![all]));
        }
        _ => {}
    }
    let function = match a.func {
        Agg::Sum => fns::sum::sum_udaf(),
        Agg::Avg => fns::average::avg_udaf(),
        Agg::Min => fns::min_max::min_udaf(),
        Agg::Max => fns::min_max::max_udaf(),
        Agg::Median => fns::median::median_udaf(),
        Agg::Stdev => fns::stddev::stddev_udaf(),
        Agg::StdevPop => fns::stddev::stddev_pop_udaf(),
        Agg::Variance => fns::variance::var_samp_udaf(),
        Agg::Range => {
            let max = over.aggregate(fns::min_max::max_udaf(), value.clone())?;
            return Ok(max - over.aggregate(fns::min_max::min_udaf(), value)?);
        }
        Agg::Sparkline(_) => {
            let text = "a sparkline is not available beside each row; compute it with stats";
            return Err(QueryError::new(ErrorKind::Invalid, text));
        }
        _ => fns::count::count_udaf(),
    };
    over.aggregate(function, value)
}

/// First and last by place, earliest and latest by time. In a running window the rows come in the order of time, or against
/// it, so that the earliest is at one end.
fn place(t: &Translator<'_>, a: &Aggregate, over: &Over<'_>, value: Df) -> Result<Df, QueryError> {
    let first = matches!(a.func, Agg::First | Agg::Earliest);
    let order =
        a.order.as_ref().filter(|_| matches!(a.func, Agg::Earliest | Agg::Latest)).map(|e| t.expr(e)).transpose()?;
    if !over.running {
        return over.ordered(order.unwrap_or_else(|| named(SEQUENCE))).end(first, value);
    }
    let backwards = order.is_some_and(|order| over.order.first().is_some_and(|sort| sort.expr == order && !sort.asc));
    over.end(first != backwards, value)
}

/// What is made of all values of the window.
fn gathered(func: Agg, over: &Over<'_>, value: Df, list: bool) -> Result<Df, QueryError> {
    let flatten = |e: Df| call("list_flatten", list_type(), lists::flatten, vec![e]);
    let text = if list { value } else { to_text(value) };
    let in_order = func == Agg::List && !over.running;
    let all = match in_order {
        true => over.ordered(named(SEQUENCE)).aggregate(fns::array_agg::array_agg_udaf(), text)?,
        false => over.aggregate(fns::array_agg::array_agg_udaf(), text)?,
    };
    let all = flatten(all);
    let values = |e: Df| call("list_values", list_type(), lists::distinct_sorted, vec![e]);
    Ok(match func {
        Agg::DistinctCount | Agg::ApproxDistinct => {
            call("list_count", DataType::Int64, lists::count, vec![values(all)])
        }
        Agg::Values => values(all),
        Agg::List => call("list_take", list_type(), lists::take, vec![all, lit(100_i64)]),
        Agg::Percentile(p) => call("list_percentile", DataType::Float64, math::percentile, vec![all, lit(p)]),
        _ => call("list_mode", DataType::Utf8View, super::aggregate::mode, vec![all]),
    })
}

/// The value where the condition holds, else null: windows take no filter of their own.
fn masked(value: Df, condition: Option<Df>) -> Result<Df, QueryError> {
    Ok(match condition {
        Some(c) => when(c, value).end()?,
        None => value,
    })
}
