//! The decoder against every shape that records come in, against hostile input, and against real logs.

#![allow(clippy::print_stderr, reason = "skipped tests say so")]

mod corpora;
mod hostile;
mod shapes;
mod values;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use event::{Batcher, Limits, ObjectError, ObjectOutcome, cloudtrail_schema};

/// Decodes one object; its rows in one batch.
fn decode(bytes: &[u8]) -> Result<(RecordBatch, ObjectOutcome), ObjectError> {
    let mut batcher = Batcher::new(Limits::default());
    let outcome = batcher.push_object(bytes, "test", 1_000_000)?;
    let batch = batcher.take_batch()?.unwrap_or_else(|| RecordBatch::new_empty(cloudtrail_schema()));
    assert_eq!(batch.num_rows() as u64, outcome.records);
    Ok((batch, outcome))
}

/// The values of a column as text, nulls as `-`.
fn column(batch: &RecordBatch, name: &str) -> Vec<String> {
    let mut column = batch.column_by_name(name).expect(name).clone();
    if let DataType::Timestamp(unit, Some(_)) = column.data_type() {
        // Arrow writes times of a named zone only with its chrono-tz feature.
        let offset = DataType::Timestamp(*unit, Some("+00:00".into()));
        column = cast(&column, &offset).expect("times");
    }
    let text = cast(&column, &DataType::Utf8).expect("text");
    text.as_string::<i32>().iter().map(|value| value.unwrap_or("-").to_owned()).collect()
}

/// A record with all that the decoder asks for.
fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2023-07-10T11:45:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"{id}"}}"#
    )
}
