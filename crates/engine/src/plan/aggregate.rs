//! Grouping.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn as agg;
use datafusion::logical_expr::expr_fn::{cast, is_not_null};
use datafusion::logical_expr::{Expr as Df, ExprFunctionExt, ExprSchemable, Operator, binary_expr, lit};
use query::pipeline::{Agg, Aggregate, Named};

use super::expr::{Translator, named, to_text};
use super::order::{SEQUENCE, numbered};
use super::{Planner, nodes, shape};
use crate::error::{ErrorKind, QueryError};
use crate::functions::distinct::{distinct_count, distinct_values};
use crate::functions::{call, list_type, lists, math};

/// What is made of an aggregate's value.
type Finish = fn(Df) -> Df;

/// An aggregate as DataFusion computes it, and what is made of its result.
struct Parts {
    aggregate: Df,
    finish: Option<Finish>,
}

pub(super) fn aggregate(
    planner: &Planner<'_>,
    frame: DataFrame,
    by: &[Named],
    aggregates: &[Aggregate],
    keep_null: bool,
) -> Result<DataFrame, QueryError> {
    let ordered = aggregates.iter().any(|a| matches!(a.func, Agg::First | Agg::Last | Agg::List));
    let frame = if ordered { numbered(frame)? } else { frame };
    let (frame, keys) = group_keys(planner, frame, by)?;
    let frame = if keep_null { frame } else { nodes::filter(frame, all_present(&keys))? };
    let translator = planner.translator(&frame);
    let parts = aggregates.iter().map(|a| one(&translator, a)).collect::<Result<Vec<_>, _>>()?;
    let computed = parts.iter().enumerate().map(|(i, p)| p.aggregate.clone().alias(temporary(i))).collect();
    let grouped = frame.aggregate(keys.iter().map(|k| named(k)).collect(), computed)?;
    finish(planner, grouped, by, &keys, aggregates, &parts)
}

fn temporary(index: usize) -> String {
    format!("\u{1}aggregate{index}")
}

fn key_name(index: usize) -> String {
    format!("\u{1}key{index}")
}

/// The keys as fields of their own; a multivalue key gets a row an element.
fn group_keys(planner: &Planner<'_>, frame: DataFrame, by: &[Named]) -> Result<(DataFrame, Vec<String>), QueryError> {
    if by.is_empty() {
        return Ok((frame, Vec::new()));
    }
    let translator = planner.translator(&frame);
    let mut items: Vec<Df> = frame.schema().fields().iter().map(|f| named(f.name())).collect();
    for (index, key) in by.iter().enumerate() {
        items.push(translator.expr(&key.expr)?.alias(key_name(index)));
    }
    let names: Vec<String> = (0..by.len()).map(key_name).collect();
    let mut frame = nodes::select(frame, items)?;
    for name in &names {
        let ty = frame.schema().field_with_unqualified_name(name)?.data_type().clone();
        if matches!(ty, DataType::List(_)) {
            frame = shape::expand(frame, name, None)?;
        }
    }
    Ok((frame, names))
}

fn all_present(keys: &[String]) -> Df {
    keys.iter().map(|k| is_not_null(named(k))).reduce(Df::and).unwrap_or_else(|| lit(true))
}

fn finish(
    planner: &Planner<'_>,
    grouped: DataFrame,
    by: &[Named],
    keys: &[String],
    aggregates: &[Aggregate],
    parts: &[Parts],
) -> Result<DataFrame, QueryError> {
    let translator = planner.translator(&grouped);
    let mut items: Vec<Df> = keys.iter().zip(by).map(|(k, n)| named(k).alias(&n.name)).collect();
    for (index, (aggregate, part)) in aggregates.iter().zip(parts).enumerate() {
        let value = named(&temporary(index));
        let value = part.finish.map_or(value.clone(), |f| f(value));
        items.push(translator.typed(value, aggregate.ty)?.alias(&aggregate.name));
    }
    Ok(nodes::select(grouped, items)?)
}

fn one(translator: &Translator<'_>, a: &Aggregate) -> Result<Parts, QueryError> {
    let arg = a.arg.as_ref().map(|e| translator.expr(e)).transpose()?;
    let kind = arg.as_ref().map(|e| e.get_type(translator.schema)).transpose()?;
    let list = matches!(kind, Some(DataType::List(_)));
    let is_text = kind == Some(DataType::Utf8View);
    let value = arg.clone().unwrap_or_else(|| lit(1_i64));
    let condition = a.filter.as_ref().map(|e| translator.expr(e)).transpose()?;
    let order = a.order.as_ref().map(|e| translator.expr(e)).transpose()?.unwrap_or_else(|| named(SEQUENCE));
    if list && !matches!(a.func, Agg::First | Agg::Last | Agg::Earliest | Agg::Latest) {
        return multivalue(a.func, value, condition, order);
    }
    let present =
        |c: Option<Df>| Some(c.map_or_else(|| is_not_null(value.clone()), |c| c.and(is_not_null(value.clone()))));
    let (aggregate, filter, finish): (Df, Option<Df>, Option<Finish>) = match a.func {
        Agg::Count => (agg::count(value), condition, None),
        Agg::DistinctCount if is_text => (distinct_count(value), condition, None),
        Agg::DistinctCount => (agg::count_distinct(value), condition, None),
        Agg::ApproxDistinct => (agg::approx_distinct(value), condition, None),
        Agg::Sum => (agg::sum(value), condition, None),
        Agg::Avg => (agg::avg(value), condition, None),
        Agg::Min => (agg::min(value), condition, None),
        Agg::Max => (agg::max(value), condition, None),
        Agg::Median => (agg::median(value), condition, None),
        Agg::Stdev => (agg::stddev(value), condition, None),
        Agg::StdevPop => (agg::stddev_pop(value), condition, None),
        Agg::Variance => (agg::var_sample(value), condition, None),
        Agg::Percentile(p) => (percentile(value, p), condition, None),
        Agg::Range => return Ok(range(value, condition)),
        Agg::Mode => {
            let filter = present(condition);
            (agg::array_agg(to_text(value)), filter, Some(|e| call("list_mode", DataType::Utf8View, mode, vec![e])))
        }
        Agg::Values => {
            let filter = present(condition);
            (
                distinct_values(to_text(value)),
                filter,
                Some(|e| call("list_values", list_type(), lists::distinct_sorted, vec![e])),
            )
        }
        Agg::List => {
            let filter = present(condition);
            let all = agg::array_agg(to_text(value)).order_by(vec![order.sort(true, false)]).build()?;
            (all, filter, Some(|e| call("list_take", list_type(), lists::take, vec![e, lit(100_i64)])))
        }
        Agg::Sparkline(width) => return Ok(sparkline(value, width, condition)),
        Agg::Lag(_) | Agg::Smoothed(_) | Agg::SessionStart(_) => {
            return Err(QueryError::new(ErrorKind::Internal, "a running value of groups"));
        }
        Agg::Earliest | Agg::First => {
            let filter = present(condition);
            (agg::first_value(value, vec![order.sort(true, false)]), filter, None)
        }
        Agg::Latest | Agg::Last => {
            let filter = present(condition);
            (agg::last_value(value, vec![order.sort(true, false)]), filter, None)
        }
    };
    Ok(Parts { aggregate: filtered(aggregate, filter), finish })
}

/// The aggregate over the rows that pass. Set in place: the builder would drop the order and the distinctness it has.
fn filtered(aggregate: Df, filter: Option<Df>) -> Df {
    match (aggregate, filter) {
        (Df::AggregateFunction(mut function), Some(filter)) => {
            function.params.filter = Some(Box::new(filter));
            Df::AggregateFunction(function)
        }
        (aggregate, _) => aggregate,
    }
}

fn range(value: Df, condition: Option<Df>) -> Parts {
    let (max, min) = (filtered(agg::max(value.clone()), condition.clone()), filtered(agg::min(value), condition));
    Parts { aggregate: binary_expr(max, Operator::Minus, min), finish: None }
}

/// The instants' buckets; the width travels in the list, since a finishing function takes nothing else.
fn sparkline(value: Df, width: i64, condition: Option<Df>) -> Parts {
    let micros = cast(cast(value, crate::functions::time_type()), DataType::Int64);
    let bucket = to_text(binary_expr(micros, Operator::Divide, lit(width)));
    let present = is_not_null(bucket.clone());
    let filter = condition.map_or_else(|| present.clone(), |c| c.and(present.clone()));
    let finish: Finish = |e| call("sparkline", list_type(), math::sparkline, vec![e, lit(1_i64)]);
    Parts { aggregate: filtered(agg::array_agg(bucket), Some(filter)), finish: Some(finish) }
}

fn percentile(value: Df, p: f64) -> Df {
    agg::approx_percentile_cont(
        value.sort(true, false),
        lit(ScalarValue::Float64(Some((p / 100.0).clamp(0.0, 1.0)))),
        None,
    )
}

/// Aggregates over multivalue fields look at the elements.
fn multivalue(func: Agg, value: Df, condition: Option<Df>, order: Df) -> Result<Parts, QueryError> {
    let finish: Finish = match func {
        Agg::Count => |e| call("list_count", DataType::Int64, lists::count, vec![flattened(e)]),
        Agg::DistinctCount | Agg::ApproxDistinct => |e| {
            let distinct = call("list_values", list_type(), lists::distinct_sorted, vec![flattened(e)]);
            call("list_count", DataType::Int64, lists::count, vec![distinct])
        },
        Agg::List => |e| call("list_take", list_type(), lists::take, vec![flattened(e), lit(100_i64)]),
        Agg::Mode => |e| call("list_mode", DataType::Utf8View, mode, vec![flattened(e)]),
        _ => |e| call("list_values", list_type(), lists::distinct_sorted, vec![flattened(e)]),
    };
    let filter = condition.map_or_else(|| is_not_null(value.clone()), |c| c.and(is_not_null(value.clone())));
    let all = match func {
        Agg::List => agg::array_agg(value).order_by(vec![order.sort(true, false)]).build()?,
        _ => agg::array_agg(value),
    };
    Ok(Parts { aggregate: filtered(all, Some(filter)), finish: Some(finish) })
}

fn flattened(e: Df) -> Df {
    call("list_flatten", list_type(), lists::flatten, vec![e])
}

/// The most frequent element of a list; the smallest of several.
pub(super) fn mode(args: &crate::functions::Args<'_>) -> datafusion::common::Result<arrow::array::ArrayRef> {
    use arrow::array::Array;
    let list = args.lists(0)?;
    Ok(crate::functions::texts((0..list.len()).map(|row| {
        let mut counts = std::collections::BTreeMap::new();
        lists::elements(&list, row)?.into_iter().for_each(|i| *counts.entry(i).or_insert(0_u64) += 1);
        let most = counts.values().copied().max()?;
        counts.into_iter().find(|(_, n)| *n == most).map(|(i, _)| i)
    })))
}
