//! Writing lookup files: the rows are read here, as a chart's are, written when all are there, and go on from memory.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::dataframe::DataFrame;

use super::expr::named;
use super::shape::visible;
use super::{Planner, nodes};
use crate::error::{ErrorKind, QueryError};
use crate::functions::{convert, time_type};
use crate::lookups::{Table, Writing};

/// What `outputlookup` says of the file.
pub(super) struct Store<'a> {
    pub(super) table: &'a str,
    pub(super) append: bool,
    pub(super) key: Option<&'a str>,
    pub(super) empty: bool,
    pub(super) max: Option<u64>,
}

pub(super) async fn store(planner: &Planner<'_>, frame: DataFrame, store: Store<'_>) -> Result<DataFrame, QueryError> {
    // Explaining a query changes nothing.
    if planner.explains {
        return Ok(frame);
    }
    let names = visible(&frame);
    let frame = nodes::select(frame, names.iter().map(|n| named(n)).collect())?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let most = planner.held_rows;
    let batches = frame.limit(0, Some(most + 1))?.collect().await?;
    if batches.iter().map(RecordBatch::num_rows).sum::<usize>() > most {
        let text = format!("the lookup `{}` would have more than {most} rows; it stays as it was", store.table);
        return Err(QueryError::new(ErrorKind::Memory, text));
    }
    let table = table(&schema, &batches, store.max)?;
    let (lookups, name) = (planner.lookups.clone(), store.table.to_owned());
    let (append, key, empty) = (store.append, store.key.map(str::to_owned), store.empty);
    let writing = move || lookups.write(&name, table, Writing { append, key: key.as_deref(), empty });
    let written = tokio::task::spawn_blocking(writing).await;
    written.map_err(|error| QueryError::new(ErrorKind::Internal, error.to_string()))??;
    let batches = if batches.is_empty() { vec![RecordBatch::new_empty(schema)] } else { batches };
    Ok(planner.context.read_batches(batches)?)
}

/// The fields that a lookup keeps: not those that the query made for itself, nor the record.
fn kept(name: &str) -> bool {
    !name.starts_with('_') || name == "_time" || name == "_key"
}

fn table(schema: &arrow::datatypes::Schema, batches: &[RecordBatch], max: Option<u64>) -> Result<Table, QueryError> {
    let columns: Vec<usize> = (0..schema.fields().len()).filter(|at| kept(schema.field(*at).name())).collect();
    let names = columns.iter().map(|at| schema.field(*at).name().clone()).collect();
    let mut table = Table { columns: names, rows: Vec::new() };
    for batch in batches {
        let cells = columns.iter().map(|at| texts(batch.column(*at))).collect::<Result<Vec<_>, _>>()?;
        table.rows.extend((0..batch.num_rows()).map(|row| cells.iter().map(|c| c[row].clone()).collect()));
    }
    table.rows.truncate(max.map_or(usize::MAX, super::to_usize));
    Ok(table)
}

fn texts(array: &ArrayRef) -> Result<Vec<String>, QueryError> {
    if array.data_type() == &time_type() {
        let micros = cast(array, &DataType::Int64).map_err(|e| QueryError::new(ErrorKind::Internal, e.to_string()))?;
        return Ok(micros.as_primitive::<Int64Type>().iter().map(|v| v.map_or_else(String::new, epoch)).collect());
    }
    let text = convert::to_text(array)?;
    Ok(text.as_string_view().iter().map(|v| v.unwrap_or_default().to_owned()).collect())
}

/// Epoch seconds, exact to the microsecond.
fn epoch(micros: i64) -> String {
    let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    if rest == 0 {
        return format!("{sign}{seconds}");
    }
    format!("{sign}{seconds}.{rest:06}").trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn instants_are_epoch_seconds() {
        assert_eq!(super::epoch(1_714_557_600_000_000), "1714557600");
        assert_eq!(super::epoch(1_714_557_600_250_000), "1714557600.25");
        assert_eq!(super::epoch(-500_000), "-0.5");
    }
}
