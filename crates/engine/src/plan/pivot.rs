//! Rows become columns: `timechart … by`, `chart … over … by`. The input is already aggregated, so it is read here, within
//! a bound, and turned in memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, TimestampMicrosecondArray};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::dataframe::DataFrame;
use query::pipeline::Pivot;

use super::expr::named;
use super::shape::visible;
use super::{Planner, nodes};
use crate::error::{ErrorKind, QueryError};
use crate::functions::{convert, texts, time_type};

/// Most buckets that a grid fills: a misjudged span must not make millions of empty rows.
const MOST_BUCKETS: i64 = 50_000;

pub(super) async fn pivot(
    planner: &Planner<'_>,
    frame: DataFrame,
    pivot: &Pivot,
    bounds: (Option<i64>, Option<i64>),
) -> Result<DataFrame, QueryError> {
    if planner.explains {
        return Ok(unread(frame, pivot)?);
    }
    let batch = held(planner, frame).await?;
    let table = Table::read(&batch, pivot)?;
    let out = table.turned(pivot, bounds)?;
    Ok(planner.context.read_batch(out)?)
}

/// What is known of the chart without its rows: an explained query shows how they come about and reads none.
fn unread(frame: DataFrame, pivot: &Pivot) -> datafusion::common::Result<DataFrame> {
    let values: &[String] = if pivot.column.is_none() { &pivot.values } else { &[] };
    let mut kept: Vec<&String> = Vec::new();
    for name in pivot.rows.iter().chain(values) {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    if kept.is_empty() {
        return Ok(frame);
    }
    nodes::select(frame, kept.into_iter().map(|name| named(name)).collect())
}

/// The whole input as one batch, or an error where it is too large for a chart.
async fn held(planner: &Planner<'_>, frame: DataFrame) -> Result<RecordBatch, QueryError> {
    let names = visible(&frame);
    let frame = nodes::select(frame, names.iter().map(|n| named(n)).collect())?;
    let most = planner.held_rows;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.limit(0, Some(most + 1))?.collect().await?;
    let batch = concat_batches(&schema, &batches).map_err(|e| QueryError::new(ErrorKind::Internal, e.to_string()))?;
    if batch.num_rows() > most {
        let text = format!("the chart would have more than {most} cells; use a wider span or fewer series");
        return Err(QueryError::new(ErrorKind::Memory, text));
    }
    Ok(batch)
}

/// A cell's value; charts hold numbers, and texts where an aggregate gives text.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Int(i64),
    Float(f64),
    Text(String),
}

impl Cell {
    fn weight(&self) -> f64 {
        match self {
            Self::Int(i) => *i as f64,
            Self::Float(f) => *f,
            Self::Text(_) => 1.0,
        }
    }

    fn plus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Self::Int(a.saturating_add(*b)),
            (Self::Text(_), _) => self.clone(),
            _ => Self::Float(self.weight() + other.weight()),
        }
    }
}

/// The aggregated rows, read out of Arrow.
struct Table {
    /// Row keys in order of appearance, and their original arrays for typing.
    keys: Vec<Vec<Option<String>>>,
    series: Vec<Option<String>>,
    cells: Vec<Vec<Option<Cell>>>,
    key_types: Vec<DataType>,
}

impl Table {
    fn read(batch: &RecordBatch, pivot: &Pivot) -> Result<Self, QueryError> {
        let column = |name: &str| {
            batch.column_by_name(name).cloned().ok_or_else(|| {
                QueryError::new(
                    ErrorKind::Internal,
                    format!("the chart reads a field `{name}` that its rows do not have"),
                )
            })
        };
        let rows = batch.num_rows();
        let mut keys = vec![Vec::with_capacity(pivot.rows.len()); rows];
        let mut key_types = Vec::new();
        for name in &pivot.rows {
            let array = column(name)?;
            key_types.push(array.data_type().clone());
            key_texts(&array)?.into_iter().zip(&mut keys).for_each(|(t, k)| k.push(t));
        }
        let series = match &pivot.column {
            Some(name) => key_texts(&column(name)?)?,
            None => vec![None; rows],
        };
        let mut cells = vec![Vec::with_capacity(pivot.values.len()); rows];
        for name in &pivot.values {
            cells_of(&column(name)?)?.into_iter().zip(&mut cells).for_each(|(c, row)| row.push(c));
        }
        Ok(Self { keys, series, cells, key_types })
    }

    /// Series names in output order, by total weight where there is a limit.
    fn series(&self, pivot: &Pivot) -> (Vec<String>, HashSet<String>) {
        let mut totals: BTreeMap<&str, f64> = BTreeMap::new();
        for (series, cells) in self.series.iter().zip(&self.cells) {
            if let Some(name) = series {
                *totals.entry(name).or_default() += cells.iter().flatten().map(Cell::weight).sum::<f64>();
            }
        }
        let mut ranked: Vec<(&str, f64)> = totals.into_iter().collect();
        let most = pivot.limit.filter(|n| *n > 0).unwrap_or(usize::MAX);
        if ranked.len() > most {
            ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        }
        let dropped: HashSet<String> = ranked.iter().skip(most).map(|(n, _)| (*n).to_owned()).collect();
        let mut kept: Vec<String> = ranked.into_iter().take(most).map(|(n, _)| n.to_owned()).collect();
        kept.sort();
        if !dropped.is_empty() {
            kept.extend(pivot.other.clone());
        }
        if self.series.iter().any(Option::is_none) {
            kept.extend(pivot.null.clone());
        }
        (kept, dropped)
    }

    fn series_of(&self, row: usize, pivot: &Pivot, dropped: &HashSet<String>) -> Option<String> {
        match &self.series[row] {
            None => pivot.null.clone(),
            Some(name) if dropped.contains(name) => pivot.other.clone(),
            Some(name) => Some(name.clone()),
        }
    }

    fn turned(&self, pivot: &Pivot, bounds: (Option<i64>, Option<i64>)) -> Result<RecordBatch, QueryError> {
        let (series, dropped) = if pivot.column.is_some() { self.series(pivot) } else { (Vec::new(), HashSet::new()) };
        let columns = column_names(pivot, &series);
        let at: HashMap<&str, usize> = columns.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
        let mut order: Vec<Vec<Option<String>>> = Vec::new();
        let mut rows: HashMap<Vec<Option<String>>, Vec<Option<Cell>>> = HashMap::new();
        for row in 0..self.keys.len() {
            let cells = rows.entry(self.keys[row].clone()).or_insert_with(|| {
                order.push(self.keys[row].clone());
                vec![None; columns.len()]
            });
            for (value, cell) in pivot.values.iter().zip(&self.cells[row]) {
                let name = match &pivot.column {
                    None => Some(value.clone()),
                    Some(_) => self.series_of(row, pivot, &dropped).map(|s| cell_name(pivot, value, &s)),
                };
                if let (Some(cell), Some(index)) = (cell, name.and_then(|n| at.get(n.as_str()).copied())) {
                    cells[index] = Some(cells[index].as_ref().map_or_else(|| cell.clone(), |c| c.plus(cell)));
                }
            }
        }
        let order = self.ordered(order, pivot, bounds)?;
        self.batch(pivot, &columns, &order, &rows)
    }

    /// Rows by key; with a grid, every bucket between the ends.
    fn ordered(
        &self,
        mut order: Vec<Vec<Option<String>>>,
        pivot: &Pivot,
        bounds: (Option<i64>, Option<i64>),
    ) -> Result<Vec<Vec<Option<String>>>, QueryError> {
        let Some(width) = pivot.grid.filter(|w| *w > 0) else {
            order.sort_by(|a, b| compare(a, b, &self.key_types));
            return Ok(order);
        };
        let times: Vec<i64> =
            order.iter().filter_map(|k| k.first().cloned().flatten().and_then(|t| t.parse().ok())).collect();
        let (Some(first), Some(last)) = (times.iter().min().copied(), times.iter().max().copied()) else {
            return Ok(order);
        };
        // Buckets need not begin at multiples of their width since the epoch (local midnights): the rows tell the phase.
        let aligned = |at: i64| first + (at - first).div_euclid(width) * width;
        let start = bounds.0.filter(|b| *b > 0).map(aligned);
        let end = bounds.1.map(|b| aligned(b - 1));
        let (first, last) = (start.unwrap_or(first).min(first), end.unwrap_or(last).max(last));
        let count = (last - first) / width + 1;
        if count > MOST_BUCKETS {
            let text = format!("the chart would have {count} time buckets, more than {MOST_BUCKETS}; use a wider span");
            return Err(QueryError::new(ErrorKind::Invalid, text));
        }
        Ok((0..count).map(|i| vec![Some((first + i * width).to_string())]).collect())
    }

    fn batch(
        &self,
        pivot: &Pivot,
        columns: &[String],
        order: &[Vec<Option<String>>],
        rows: &HashMap<Vec<Option<String>>, Vec<Option<Cell>>>,
    ) -> Result<RecordBatch, QueryError> {
        let mut out: Vec<(String, ArrayRef)> = Vec::new();
        for (index, name) in pivot.rows.iter().enumerate() {
            let texts = order.iter().map(|k| k.get(index).cloned().flatten());
            out.push((name.clone(), key_array(texts, &self.key_types[index])?));
        }
        for (index, name) in columns.iter().enumerate() {
            let cells: Vec<Option<Cell>> = order
                .iter()
                .map(|k| rows.get(k).and_then(|r| r[index].clone()).or_else(|| pivot.zero.then_some(Cell::Int(0))))
                .collect();
            out.push((name.clone(), cell_array(&cells)));
        }
        RecordBatch::try_from_iter_with_nullable(out.into_iter().map(|(n, a)| (n, a, true)))
            .map_err(|e| QueryError::new(ErrorKind::Internal, e.to_string()))
    }
}

fn column_names(pivot: &Pivot, series: &[String]) -> Vec<String> {
    match &pivot.column {
        None => pivot.values.clone(),
        Some(_) => {
            let mut out = Vec::new();
            for s in series {
                for v in &pivot.values {
                    let name = cell_name(pivot, v, s);
                    if !pivot.rows.contains(&name) && !out.contains(&name) {
                        out.push(name);
                    }
                }
            }
            out
        }
    }
}

fn cell_name(pivot: &Pivot, value: &str, series: &str) -> String {
    if pivot.values.len() == 1 { series.to_owned() } else { format!("{value}: {series}") }
}

/// Keys as text; instants as microseconds so that they sort and fill by arithmetic.
fn key_texts(array: &ArrayRef) -> Result<Vec<Option<String>>, QueryError> {
    if array.data_type() == &time_type() {
        let micros = cast(array, &DataType::Int64).map_err(internal)?;
        return Ok(micros.as_primitive::<Int64Type>().iter().map(|v| v.map(|v| v.to_string())).collect());
    }
    let text = convert::to_text(array)?;
    Ok(text.as_string_view().iter().map(|v| v.map(str::to_owned)).collect())
}

fn key_array(keys: impl Iterator<Item = Option<String>>, ty: &DataType) -> Result<ArrayRef, QueryError> {
    if ty == &time_type() {
        let micros: TimestampMicrosecondArray = keys.map(|k| k.and_then(|t| t.parse::<i64>().ok())).collect();
        return Ok(Arc::new(micros.with_timezone("UTC")));
    }
    let text = texts(keys);
    if ty.is_numeric() { cast(&text, ty).map_err(internal) } else { Ok(text) }
}

fn internal(error: arrow::error::ArrowError) -> QueryError {
    QueryError::new(ErrorKind::Internal, error.to_string())
}

fn cells_of(array: &ArrayRef) -> Result<Vec<Option<Cell>>, QueryError> {
    Ok(match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().iter().map(|v| v.map(Cell::Int)).collect(),
        t if t.is_numeric() => {
            let floats = cast(array, &DataType::Float64).map_err(internal)?;
            floats.as_primitive::<Float64Type>().iter().map(|v| v.map(Cell::Float)).collect()
        }
        _ => {
            let text = convert::to_text(array)?;
            text.as_string_view().iter().map(|v| v.map(|t| Cell::Text(t.to_owned()))).collect()
        }
    })
}

fn cell_array(cells: &[Option<Cell>]) -> ArrayRef {
    if cells.iter().flatten().all(|c| matches!(c, Cell::Int(_))) {
        return Arc::new(
            cells
                .iter()
                .map(|c| match c {
                    Some(Cell::Int(i)) => Some(*i),
                    _ => None,
                })
                .collect::<Int64Array>(),
        );
    }
    if cells.iter().flatten().any(|c| matches!(c, Cell::Text(_))) {
        return texts(cells.iter().map(|c| {
            c.as_ref().map(|c| match c {
                Cell::Text(t) => t.clone(),
                other => convert::number_text(other.weight()),
            })
        }));
    }
    Arc::new(cells.iter().map(|c| c.as_ref().map(Cell::weight)).collect::<Float64Array>())
}

fn compare(a: &[Option<String>], b: &[Option<String>], types: &[DataType]) -> std::cmp::Ordering {
    for ((x, y), ty) in a.iter().zip(b).zip(types) {
        let numeric = ty.is_numeric() || ty == &time_type();
        let order = match (x, y) {
            (Some(x), Some(y)) if numeric => {
                let number = |t: &str| t.parse::<f64>().unwrap_or(f64::MAX);
                number(x).total_cmp(&number(y))
            }
            _ => x.cmp(y),
        };
        if order.is_ne() {
            return order;
        }
    }
    std::cmp::Ordering::Equal
}
