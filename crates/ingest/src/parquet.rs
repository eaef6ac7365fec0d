//! Objects in Parquet: VPC flow logs, CloudFront's standard logs, Security Lake. Each row becomes a line of JSON under the names of
//! its columns, so that the decoder reads it as it reads any record, and the table keeps a text of it.

use std::fmt::Write;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

/// What every Parquet file begins with.
pub(crate) const MAGIC: &[u8] = b"PAR1";
const ROWS: usize = 4096;

/// The rows of a file, as texts of JSON lines.
pub(crate) struct Rows {
    batches: ParquetRecordBatchReader,
}

impl Rows {
    /// Opens a file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn open(content: Bytes) -> Result<Self, String> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(content).map_err(|error| error.to_string())?;
        let batches = builder.with_batch_size(ROWS).build().map_err(|error| error.to_string())?;
        Ok(Self { batches })
    }

    /// The next rows; `None`: there are no more.
    pub(crate) fn next(&mut self) -> Option<Result<String, String>> {
        let batch = self.batches.next()?;
        Some(batch.map_err(|error| error.to_string()).and_then(|batch| lines(&batch)))
    }
}

fn lines(batch: &RecordBatch) -> Result<String, String> {
    let mut text = String::with_capacity(batch.num_rows() * 512);
    let is_ocsf = batch.schema_ref().field_with_name("class_uid").is_ok();
    for row in 0..batch.num_rows() {
        let members = batch.schema_ref().fields().iter().zip(batch.columns());
        let from = text.len();
        object(members.map(|(field, column)| (field.name().as_str(), column.as_ref())), row, &mut text)?;
        if is_ocsf && let Some(record) = record_behind(&text[from..]) {
            text.truncate(from);
            text.push_str(&record);
        }
        text.push('\n');
    }
    Ok(text)
}

/// The log's own record that an event of Security Lake was made from, with the event in it; `None`: it does not map back, and
/// stays an event of the table `ocsf`.
fn record_behind(event: &str) -> Option<String> {
    let event = serde_json::from_str(event).ok()?;
    event::convert::native(event).map(|record| record.to_string())
}

fn object<'a>(
    members: impl Iterator<Item = (&'a str, &'a dyn Array)>,
    row: usize,
    text: &mut String,
) -> Result<(), String> {
    text.push('{');
    let mut first = true;
    for (name, column) in members.filter(|(_, column)| column.is_valid(row)) {
        if !first {
            text.push(',');
        }
        first = false;
        string(name, text);
        text.push(':');
        value(column, row, text)?;
    }
    text.push('}');
    Ok(())
}

fn value(column: &dyn Array, row: usize, text: &mut String) -> Result<(), String> {
    if column.is_null(row) {
        text.push_str("null");
        return Ok(());
    }
    match column.data_type() {
        DataType::Struct(fields) => {
            let parts = column.as_struct();
            let members = fields.iter().zip(parts.columns());
            object(members.map(|(field, column)| (field.name().as_str(), column.as_ref())), row, text)
        }
        DataType::List(_) => list(column.as_list::<i32>().value(row).as_ref(), text),
        DataType::LargeList(_) => list(column.as_list::<i64>().value(row).as_ref(), text),
        DataType::FixedSizeList(..) => list(column.as_fixed_size_list().value(row).as_ref(), text),
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            map(entries.column(0).as_ref(), entries.column(1).as_ref(), text)
        }
        DataType::Utf8 => written(column.as_string::<i32>().value(row), text),
        DataType::LargeUtf8 => written(column.as_string::<i64>().value(row), text),
        DataType::Utf8View => written(column.as_string_view().value(row), text),
        DataType::Timestamp(unit, _) => time(column, *unit, row, text),
        number if number.is_numeric() || *number == DataType::Boolean => {
            shown(column, row, |shown| text.push_str(shown))
        }
        _ => shown(column, row, |shown| string(shown, text)),
    }
}

fn written(value: &str, text: &mut String) -> Result<(), String> {
    string(value, text);
    Ok(())
}

fn list(values: &dyn Array, text: &mut String) -> Result<(), String> {
    text.push('[');
    for at in 0..values.len() {
        if at > 0 {
            text.push(',');
        }
        value(values, at, text)?;
    }
    text.push(']');
    Ok(())
}

fn map(keys: &dyn Array, values: &dyn Array, text: &mut String) -> Result<(), String> {
    text.push('{');
    for at in 0..keys.len() {
        if at > 0 {
            text.push(',');
        }
        shown(keys, at, |shown| string(shown, text))?;
        text.push(':');
        value(values, at, text)?;
    }
    text.push('}');
    Ok(())
}

/// Times as ISO 8601, UTC: Parquet's are without a zone where the writer left it out, and AWS writes UTC.
fn time(column: &dyn Array, unit: TimeUnit, row: usize, text: &mut String) -> Result<(), String> {
    let micros = arrow::compute::cast(&column.slice(row, 1), &DataType::Int64).map_err(|error| error.to_string())?;
    let count = micros.as_primitive::<arrow::datatypes::Int64Type>().value(0);
    let micros = match unit {
        TimeUnit::Second => count.saturating_mul(1_000_000),
        TimeUnit::Millisecond => count.saturating_mul(1_000),
        TimeUnit::Microsecond => count,
        TimeUnit::Nanosecond => count / 1_000,
    };
    let shown = chrono::DateTime::from_timestamp_micros(micros)
        .map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
    string(&shown.unwrap_or_else(|| count.to_string()), text);
    Ok(())
}

fn shown(column: &dyn Array, row: usize, with: impl FnOnce(&str)) -> Result<(), String> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options).map_err(|error| error.to_string())?;
    with(&formatter.value(row).to_string());
    Ok(())
}

/// A JSON string.
fn string(value: &str, text: &mut String) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control < ' ' => {
                let _ = write!(text, "\\u{:04x}", u32::from(control));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}
