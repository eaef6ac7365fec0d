//! Batches as JSON lines: an object a row, nulls left out, times as ISO 8601, multivalue fields as arrays.

use std::io::Write;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use crate::error::{ErrorKind, QueryError};
use crate::functions::{convert, lists, time_type};

/// A column in a form that is written without looking at its type again.
enum Cells {
    Text(ArrayRef),
    Int(ArrayRef),
    Float(ArrayRef),
    Bool(ArrayRef),
    Time(ArrayRef),
    List(ArrayRef),
}

fn internal(error: impl std::fmt::Display) -> QueryError {
    QueryError::new(ErrorKind::Internal, error.to_string())
}

fn cells(array: &ArrayRef) -> Result<Cells, QueryError> {
    Ok(match array.data_type() {
        DataType::Boolean => Cells::Bool(array.clone()),
        t if t.is_integer() => Cells::Int(cast(array, &DataType::Int64).map_err(internal)?),
        t if t.is_numeric() => Cells::Float(cast(array, &DataType::Float64).map_err(internal)?),
        DataType::Timestamp(_, _) => {
            let micros = cast(array, &time_type()).and_then(|t| cast(&t, &DataType::Int64));
            Cells::Time(micros.map_err(internal)?)
        }
        DataType::List(_) => Cells::List(std::sync::Arc::new(lists::as_lists(array)?)),
        _ => Cells::Text(cast(array, &DataType::Utf8View).map_err(internal)?),
    })
}

impl Cells {
    fn array(&self) -> &ArrayRef {
        match self {
            Self::Text(a) | Self::Int(a) | Self::Float(a) | Self::Bool(a) | Self::Time(a) | Self::List(a) => a,
        }
    }

    fn write(&self, row: usize, out: &mut Vec<u8>) -> std::io::Result<()> {
        match self {
            Self::Text(a) => text(a.as_string_view().value(row), out),
            Self::Int(a) => write!(out, "{}", a.as_primitive::<Int64Type>().value(row)),
            Self::Float(a) => number(a.as_primitive::<Float64Type>().value(row), out),
            Self::Bool(a) => write!(out, "{}", a.as_boolean().value(row)),
            Self::Time(a) => text(&convert::instant_text(a.as_primitive::<Int64Type>().value(row)), out),
            Self::List(a) => list(&lists::elements(a.as_list::<i32>(), row).unwrap_or_default(), out),
        }
    }
}

fn text(value: &str, out: &mut Vec<u8>) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, value).map_err(std::io::Error::from)
}

fn number(value: f64, out: &mut Vec<u8>) -> std::io::Result<()> {
    if value.is_finite() { write!(out, "{}", convert::number_text(value)) } else { out.write_all(b"null") }
}

fn list(items: &[&str], out: &mut Vec<u8>) -> std::io::Result<()> {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        text(item, out)?;
    }
    out.push(b']');
    Ok(())
}

/// Appends the rows of `batch` to `out`, a line each.
///
/// # Errors
/// [`ErrorKind::Internal`] where a column can't be shown as text.
pub fn ndjson(batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), QueryError> {
    let schema = batch.schema();
    let columns = batch.columns().iter().map(cells).collect::<Result<Vec<_>, _>>()?;
    let names = schema
        .fields()
        .iter()
        .map(|f| serde_json::to_string(f.name()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(internal)?;
    for row in 0..batch.num_rows() {
        out.push(b'{');
        let start = out.len();
        for (name, column) in names.iter().zip(&columns) {
            if column.array().is_null(row) {
                continue;
            }
            if out.len() > start {
                out.push(b',');
            }
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
            column.write(row, out).map_err(internal)?;
        }
        out.extend_from_slice(b"}\n");
    }
    Ok(())
}

/// The rows of `batch` as texts, null as none: for tables and CSV.
///
/// # Errors
/// [`ErrorKind::Internal`] where a column can't be shown as text.
pub fn texts(batch: &RecordBatch) -> Result<Vec<Vec<Option<String>>>, QueryError> {
    let columns = batch.columns().iter().map(convert::to_text).collect::<Result<Vec<_>, _>>()?;
    let row = |row: usize| {
        columns.iter().map(|c| (!c.is_null(row)).then(|| c.as_string_view().value(row).to_owned())).collect()
    };
    Ok((0..batch.num_rows()).map(row).collect())
}
