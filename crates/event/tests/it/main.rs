//! The decoder against every shape that records come in, against hostile input, and against real logs.

#![allow(clippy::print_stderr, reason = "skipped tests say so")]

mod catalog;
mod corpora;
mod documents;
mod hostile;
mod manual;
mod shapes;
mod types;
mod values;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use event::{Batcher, Limits, ObjectError, ObjectOutcome, cloudtrail_schema};

/// Decodes one object; its rows in one batch.
fn decode(bytes: &[u8]) -> Result<(RecordBatch, ObjectOutcome), ObjectError> {
    let mut batcher = Batcher::new(Limits::default());
    let outcome = batcher.push_object(bytes, "test", 1_000_000)?;
    let batch =
        batcher.take_batch()?.map_or_else(|| RecordBatch::new_empty(cloudtrail_schema()), |decoded| decoded.batch);
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

/// Batches by log type, and what became of the object.
type Decoded = (Vec<(&'static str, RecordBatch)>, ObjectOutcome);

/// Decodes one object of any log type, keeping what is of none.
fn decode_types(bytes: &[u8], origin: &str) -> Result<Decoded, ObjectError> {
    let mut batcher = Batcher::new(Limits::default()).keeping_unknown();
    let outcome = batcher.push_object(bytes, origin, 1_000_000)?;
    let mut batches = Vec::new();
    while let Some(decoded) = batcher.take_batch()? {
        batches.push((decoded.log_type.id, decoded.batch));
    }
    batches.sort_by_key(|(id, _)| *id);
    Ok((batches, outcome))
}

/// The batches alone, of an object that decodes.
fn typed(bytes: &[u8], origin: &str) -> Vec<(&'static str, RecordBatch)> {
    let (batches, outcome) = decode_types(bytes, origin).unwrap_or_else(|error| panic!("{error}"));
    assert!(outcome.rejected.is_empty(), "{:?}", outcome.rejected);
    batches
}

/// One value as text, null as `-`.
fn cell(batch: &RecordBatch, name: &str, row: usize) -> String {
    column(&batch.slice(row, 1), name).remove(0)
}
