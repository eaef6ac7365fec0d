//! Rows to append, and what a lake holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use lake::{DataFile, Lake, LakeOptions};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub const DAY: i64 = 86_400_000_000;
/// 2023-07-10T00:00:00Z.
pub const START: i64 = 1_688_947_200_000_000;

pub fn schema() -> SchemaRef {
    let time = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    Arc::new(Schema::new(vec![
        Field::new("event_time", time(), false),
        Field::new("event_date", DataType::Date32, false),
        Field::new("event_id", DataType::Utf8, false),
        Field::new("event_name", DataType::Utf8, true),
        Field::new("origin", DataType::Utf8, false),
        Field::new("origin_position", DataType::Int64, false),
        Field::new("raw", DataType::Utf8, false),
    ]))
}

/// One event: when (microseconds), its id, and the object it came from.
pub type Event<'a> = (i64, String, &'a str);

pub fn batch(events: &[Event<'_>]) -> RecordBatch {
    let times: Vec<i64> = events.iter().map(|e| e.0).collect();
    let dates: Vec<i32> = times.iter().map(|t| t.div_euclid(DAY) as i32).collect();
    let ids: Vec<&str> = events.iter().map(|e| e.1.as_str()).collect();
    let origins: Vec<&str> = events.iter().map(|e| e.2).collect();
    let raw: Vec<String> = ids.iter().map(|id| format!(r#"{{"eventID":"{id}"}}"#)).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
        Arc::new(Date32Array::from(dates)),
        Arc::new(StringArray::from(ids)),
        Arc::new(StringArray::from(vec![Some("GetObject"); events.len()])),
        Arc::new(StringArray::from(origins)),
        Arc::new(Int64Array::from_iter_values(0..events.len() as i64)),
        Arc::new(StringArray::from(raw)),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

/// Events `from..to`, a second apart from `start`, with ids made of their number.
pub fn events(numbers: std::ops::Range<i64>, start: i64, origin: &str) -> Vec<Event<'_>> {
    numbers.map(|n| (start + n * 1_000_000, uuid(n), origin)).collect()
}

pub fn uuid(n: i64) -> String {
    format!("{n:08x}-0000-4000-8000-{:012x}", n * 7919)
}

pub fn open(folder: &std::path::Path) -> Lake {
    Lake::open(folder.to_str().unwrap(), LakeOptions::default()).unwrap()
}

/// How often each event is in the table, read from the files of its newest snapshot.
pub async fn stored(lake: &Lake, table: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for file in lake.snapshot(table).await.unwrap().unwrap().files.iter() {
        for batch in read(lake, file).await {
            let ids = batch.column_by_name("event_id").unwrap();
            for id in ids.as_any().downcast_ref::<StringArray>().unwrap().iter().flatten() {
                *counts.entry(id.to_owned()).or_default() += 1;
            }
        }
    }
    counts
}

/// The rows of a data file, through the store that the lake gives to a query engine.
pub async fn read(lake: &Lake, file: &DataFile) -> Vec<RecordBatch> {
    let (root, store) = lake.object_store();
    assert!(file.location.as_str().starts_with(root.as_str()), "{} {root}", file.location);
    let path = Path::from_url_path(file.location.path()).unwrap();
    let bytes = store.get(&path).await.unwrap().bytes().await.unwrap();
    assert_eq!(bytes.len() as u64, file.size);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

/// Fails unless the table holds exactly the events `0..total`, each once.
pub async fn assert_each_once(lake: &Lake, table: &str, total: i64) {
    let expected: BTreeMap<String, usize> = (0..total).map(|n| (uuid(n), 1)).collect();
    assert_eq!(stored(lake, table).await, expected);
}
