//! Operators over two pipelines: join and union.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr_fn::cast;
use datafusion::logical_expr::{Expr as Df, ExprFunctionExt, JoinType, lit};
use query::pipeline::{Expr, JoinKind, Pipeline, Type, cells};

use super::expr::{STORED, named, to_number, to_text};
use super::{Planner, nodes, null_text, order, shape};
use crate::error::QueryError;

const RIGHT: &str = "\u{1}right ";

/// How many rows there are: an aggregate needs one column.
const ROWS: &str = "\u{1}rows";

fn left_key(index: usize) -> String {
    format!("\u{1}on{index}")
}

fn right_key(index: usize) -> String {
    format!("{RIGHT}@on{index}")
}

/// Joins by the texts of the keys; fields of the right side replace the left's of the same name where they are there.
pub(super) async fn join(
    planner: &Planner<'_>,
    left: DataFrame,
    kind: JoinKind,
    right: &Pipeline,
    on: &[(Expr, String)],
    max: Option<u64>,
) -> Result<DataFrame, QueryError> {
    let right = planner.pipeline(right).await?;
    let pairs: Vec<(&Expr, &String)> = on.iter().map(|(e, f)| (e, f)).collect();
    frames(planner, left, kind, right, &pairs, max)
}

/// The join of two frames.
pub(super) fn frames(
    planner: &Planner<'_>,
    left: DataFrame,
    kind: JoinKind,
    right: DataFrame,
    on: &[(&Expr, &String)],
    max: Option<u64>,
) -> Result<DataFrame, QueryError> {
    let left = keyed(planner, left, on)?;
    let names = shape::visible(&right);
    let right = prefixed(right, &names, on, max)?;
    let lefts: Vec<String> = (0..on.len()).map(left_key).collect();
    let rights: Vec<String> = (0..on.len()).map(right_key).collect();
    let conditions: Vec<Df> = lefts.iter().zip(&rights).map(|(l, r)| named(l).eq(named(r))).collect();
    let how = match kind {
        JoinKind::Inner => JoinType::Inner,
        JoinKind::Left => JoinType::Left,
    };
    let joined = left.join_on(right, how, conditions)?;
    merged(joined, &names, on)
}

fn keyed(planner: &Planner<'_>, left: DataFrame, on: &[(&Expr, &String)]) -> Result<DataFrame, QueryError> {
    let translator = planner.translator(&left);
    let mut items: Vec<Df> = left.schema().fields().iter().map(|f| named(f.name())).collect();
    for (index, (expr, _)) in on.iter().enumerate() {
        items.push(to_text(translator.expr(expr)?).alias(left_key(index)));
    }
    Ok(nodes::select(left, items)?)
}

/// The right side under names of its own, with its keys, `max` rows a key.
fn prefixed(
    right: DataFrame,
    names: &[String],
    on: &[(&Expr, &String)],
    max: Option<u64>,
) -> Result<DataFrame, QueryError> {
    let mut items: Vec<Df> = names.iter().map(|n| named(n).alias(format!("{RIGHT}{n}"))).collect();
    for (index, (_, field)) in on.iter().enumerate() {
        // A field that the right side lacks is null there, and null equals nothing.
        let key = if names.contains(field) { to_text(named(field)) } else { null_text() };
        items.push(key.alias(right_key(index)));
    }
    let right = nodes::select(right, items)?;
    let Some(max) = max.filter(|m| *m > 0) else { return Ok(right) };
    const RANK: &str = "\u{1}right \u{1}rank";
    let keys = (0..on.len()).map(|i| named(&right_key(i))).collect();
    let mut ranked: Vec<Df> = right.schema().fields().iter().map(|f| named(f.name())).collect();
    ranked.push(row_number().partition_by(keys).build()?.alias(RANK));
    Ok(nodes::filter(right.select(ranked)?, named(RANK).lt_eq(lit(max)))?)
}

fn merged(joined: DataFrame, names: &[String], on: &[(&Expr, &String)]) -> Result<DataFrame, QueryError> {
    let keys: BTreeSet<&str> = on.iter().map(|(_, f)| f.as_str()).collect();
    let mut items: Vec<Df> = Vec::new();
    let mut taken = BTreeSet::new();
    for field in joined.schema().fields() {
        let name = field.name();
        if name.starts_with(RIGHT) || name.starts_with("\u{1}on") {
            continue;
        }
        let from_right = names.contains(name) && !keys.contains(name.as_str());
        taken.insert(name.clone());
        items.push(if from_right { named(&format!("{RIGHT}{name}")).alias(name) } else { named(name) });
    }
    for name in names.iter().filter(|n| !taken.contains(*n)) {
        items.push(named(&format!("{RIGHT}{name}")).alias(name));
    }
    Ok(nodes::select(joined, items)?)
}

/// Appends rows; a field whose types differ becomes text, one that a side lacks is null there.
pub(super) async fn union(planner: &Planner<'_>, left: DataFrame, right: &Pipeline) -> Result<DataFrame, QueryError> {
    let right = planner.pipeline(right).await?;
    below(left, right)
}

/// Adds a row with the sums of the columns that totals count; a text column with a sum stays text.
pub(super) fn total_row(
    frame: DataFrame,
    left_out: &[String],
    label: Option<&(String, String)>,
) -> Result<DataFrame, QueryError> {
    let labelled = |name: &str| label.is_some_and(|(field, _)| field == name);
    let fields = shape::typed(&frame).into_iter();
    let summed = fields.filter(|(name, ty)| cells::counts(name, *ty, left_out) && !labelled(name));
    let sums: Vec<Df> = summed
        .map(|(name, ty)| {
            let number = if ty == Type::Text { to_number(named(&name)) } else { named(&name) };
            sum(number).alias(name)
        })
        .chain([count(lit(1)).alias(ROWS)])
        .collect();
    let mut row = frame.clone().aggregate(Vec::new(), sums)?;
    let mut items: Vec<Df> = shape::visible(&row).iter().map(|name| named(name)).collect();
    items.extend(label.map(|(field, text)| lit(ScalarValue::Utf8View(Some(text.clone()))).alias(field)));
    if items.is_empty() {
        return Ok(frame);
    }
    row = nodes::select(row, items)?;
    below(frame, row)
}

fn below(left: DataFrame, right: DataFrame) -> Result<DataFrame, QueryError> {
    let ordered = order::is_ordered(&left) || order::is_ordered(&right);
    let mut names = shape::visible(&left);
    names.extend(shape::visible(&right).into_iter().filter(|n| !left.schema().has_column_with_unqualified_name(n)));
    let types: Vec<DataType> = names.iter().map(|n| common(&left, &right, n)).collect();
    let aligned = |frame: DataFrame, place: i64| -> Result<DataFrame, QueryError> {
        let mut items = names.iter().zip(&types).map(|(n, t)| side(&frame, n, t)).collect::<Vec<_>>();
        let [below, within] = order::placed(place);
        items.push(below);
        if !ordered {
            return Ok(nodes::select(frame, items)?);
        }
        let frame = order::numbered(frame)?;
        items.push(within);
        Ok(nodes::select(frame, items)?)
    };
    // The right rows come after the left ones, also where neither had an order.
    order::restored(aligned(left, 0)?.union(aligned(right, 1)?)?)
}

fn type_in(frame: &DataFrame, name: &str) -> Option<DataType> {
    frame.schema().field_with_unqualified_name(name).ok().map(|f| f.data_type().clone())
}

fn common(left: &DataFrame, right: &DataFrame, name: &str) -> DataType {
    debug_assert!(!name.starts_with(STORED));
    match (type_in(left, name), type_in(right, name)) {
        (Some(a), Some(b)) if a == b => a,
        (Some(a), Some(b)) if a.is_numeric() && b.is_numeric() => DataType::Float64,
        (Some(a), None) | (None, Some(a)) => a,
        _ => DataType::Utf8View,
    }
}

fn side(frame: &DataFrame, name: &str, ty: &DataType) -> Df {
    match type_in(frame, name) {
        None => cast(null_text(), ty.clone()).alias(name),
        Some(have) if have == *ty => named(name),
        Some(_) if ty.is_numeric() => cast(named(name), ty.clone()).alias(name),
        Some(_) => to_text(named(name)).alias(name),
    }
}
