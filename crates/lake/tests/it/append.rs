//! Appending: created on demand, split by day, pruned by time, each event once.

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use lake::{Commit, LakeError, OriginCounts, OriginEntry};
use std::sync::Arc;

use crate::rows::{DAY, START, assert_each_once, batch, events, open, read, uuid};

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_lake_has_no_tables() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(&folder.path().join("new/lake"));
    assert!(lake.tables().await.unwrap().is_empty());
    assert!(lake.snapshot("cloudtrail").await.unwrap().is_none());
    let nothing = lake.append("cloudtrail", vec![], Commit::default()).await.unwrap();
    assert_eq!((nothing.version, nothing.rows_added), (-1, 0));
    for name in ["", "../x", "A", "a/b", "a b", "1a"] {
        assert!(matches!(lake.snapshot(name).await, Err(LakeError::TableName(_))), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_split_by_day_and_pruned_by_time() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let mut rows = events(0..50, START + DAY, "b");
    rows.extend(events(50..150, START - 50_000_000, "a"));
    rows.reverse();
    let report = lake.append("cloudtrail", vec![batch(&rows)], Commit::default()).await.unwrap();
    assert_eq!((report.rows_added, report.duplicates, report.files), (150, 0, 2));
    assert_eq!(lake.tables().await.unwrap(), ["cloudtrail"]);

    let snapshot = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    assert_eq!(snapshot.version, report.version);
    assert_eq!(snapshot.rows(), Some(150));
    let names: Vec<_> = snapshot.schema.fields().iter().map(|f| f.name().as_str()).collect();
    assert!(names.contains(&"event_date") && names.contains(&"raw"), "{names:?}");
    let mut files = snapshot.files.to_vec();
    files.sort_by_key(|f| f.event_date);
    let day = (START / DAY) as i32;
    assert_eq!(files.iter().map(|f| f.event_date).collect::<Vec<_>>(), [Some(day), Some(day + 1)]);
    assert_eq!(files[0].min_time, Some(START));
    assert!(files[0].may_hold(START + 99_000_000, START + 99_000_001));
    assert!(!files[0].may_hold(START + 101_000_000, START + DAY));
    assert!(!files[1].may_hold(START, START + DAY));
    for file in &files {
        let rows = read(&lake, file).await;
        let times: Vec<i64> = rows.iter().flat_map(times).collect();
        assert!(times.is_sorted());
        assert!(rows[0].column_by_name("event_date").is_none());
    }
}

fn times(rows: &RecordBatch) -> Vec<i64> {
    let column = rows.column_by_name("event_time").unwrap();
    column.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().values().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let mut rows = events(0..10, START, "first");
    rows.extend(events(5..12, START, "second"));
    let commit = Commit { origins: vec![OriginEntry { object: "first".into(), records: 10 }], ..Commit::default() };
    let report = lake.append("cloudtrail", vec![batch(&rows)], commit).await.unwrap();
    assert_eq!((report.rows_added, report.duplicates), (12, 5));
    assert_eq!(report.by_origin["first"], OriginCounts { added: 10, duplicates: 0, ..OriginCounts::default() });
    assert_eq!(report.by_origin["second"], OriginCounts { added: 2, duplicates: 5, ..OriginCounts::default() });

    let again = lake.append("cloudtrail", vec![batch(&rows)], Commit::default()).await.unwrap();
    assert_eq!((again.rows_added, again.duplicates, again.version), (0, 17, report.version));
    assert_eq!(again.by_origin["second"], OriginCounts { added: 0, duplicates: 7, ..OriginCounts::default() });

    // Another process knows it from the lake alone.
    let other = open(folder.path());
    let there = other.append("cloudtrail", vec![batch(&rows)], Commit::default()).await.unwrap();
    assert_eq!((there.rows_added, there.duplicates), (0, 17));
    // What another process added meanwhile is known here.
    other.append("cloudtrail", vec![batch(&events(12..20, START, "third"))], Commit::default()).await.unwrap();
    let here = lake.append("cloudtrail", vec![batch(&events(10..22, START, "x"))], Commit::default()).await.unwrap();
    assert_eq!((here.rows_added, here.duplicates), (2, 10));
    assert_each_once(&lake, "cloudtrail", 22).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_at_another_hour_is_another_event() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let rows = [(START, uuid(1), "a"), (START + 3_600_000_000, uuid(1), "a")];
    let report = lake.append("cloudtrail", vec![batch(&rows)], Commit::default()).await.unwrap();
    assert_eq!(report.rows_added, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_once_lose_and_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let lakes = [open(folder.path()), open(folder.path())];
    let mut tasks = Vec::new();
    for task in 0..8_i64 {
        let lake = lakes[task as usize % 2].clone();
        tasks.push(tokio::spawn(async move {
            let (mut added, mut duplicates) = (0, 0);
            for step in 0..4 {
                // Every event is given by several tasks.
                let from = (task / 2 + step) * 20;
                let rows = batch(&events(from..from + 40, START, "x"));
                let report = lake.append("cloudtrail", vec![rows], Commit::default()).await.unwrap();
                added += report.rows_added;
                duplicates += report.duplicates;
            }
            (added, duplicates)
        }));
    }
    let mut total = (0, 0);
    for task in tasks {
        let (added, duplicates) = task.await.unwrap();
        total = (total.0 + added, total.1 + duplicates);
    }
    assert_eq!(total, (160, 8 * 4 * 40 - 160));
    assert_each_once(&lakes[0], "cloudtrail", 160).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_the_commit_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    lake.append("cloudtrail", vec![batch(&events(0..5, START, "a"))], Commit::default()).await.unwrap();
    // Files that a killed process staged, whole and in parts, are named by no version.
    let day = folder.path().join("cloudtrail/event_date=2023-07-10");
    let data = std::fs::read_dir(&day).unwrap().next().unwrap().unwrap().path();
    std::fs::copy(&data, day.join("part-orphan.parquet")).unwrap();
    std::fs::write(day.join("part-torn.parquet#1"), b"PAR1").unwrap();
    std::fs::write(folder.path().join("cloudtrail/_delta_log/00000000000000000002.json#77"), b"{").unwrap();
    let again = open(folder.path());
    assert_each_once(&again, "cloudtrail", 5).await;
    let report = again.append("cloudtrail", vec![batch(&events(0..7, START, "a"))], Commit::default()).await.unwrap();
    assert_eq!((report.rows_added, report.duplicates), (2, 5));
    assert_each_once(&lake, "cloudtrail", 7).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_the_origins_of_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let commit = Commit {
        origins: vec![OriginEntry { object: "s3://b/AWSLogs/1.json.gz".into(), records: 5 }],
        ..Commit::default()
    };
    let report = lake.append("cloudtrail", vec![batch(&events(0..5, START, "a"))], commit).await.unwrap();
    let log = folder.path().join(format!("cloudtrail/_delta_log/{:020}.json", report.version));
    let entry = std::fs::read_to_string(log).unwrap();
    assert!(entry.contains("s3://b/AWSLogs/1.json.gz"), "{entry}");
    assert!(entry.contains(r#""txn""#) && entry.contains("trailhound"), "{entry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_columns_widen_the_table_and_wrong_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    lake.append("cloudtrail", vec![batch(&events(0..5, START, "a"))], Commit::default()).await.unwrap();
    let wider = with_column(&batch(&events(5..8, START, "a")), "geo_city", DataType::Utf8);
    let report = lake.append("cloudtrail", vec![wider], Commit::default()).await.unwrap();
    assert_eq!(report.rows_added, 3);
    let snapshot = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    assert!(snapshot.schema.column_with_name("geo_city").is_some());
    // Rows of an older writer, without the column, are still welcome.
    lake.append("cloudtrail", vec![batch(&events(8..9, START, "a"))], Commit::default()).await.unwrap();
    assert_each_once(&lake, "cloudtrail", 9).await;

    let wrong = with_column(&batch(&events(9..10, START, "a")), "geo_city", DataType::Int64);
    let refused = lake.append("cloudtrail", vec![wrong], Commit::default()).await;
    assert!(matches!(refused, Err(LakeError::Schema { .. })), "{refused:?}");
    let no_id = batch(&events(9..10, START, "a")).project(&[0, 1]).unwrap();
    let refused = lake.append("cloudtrail", vec![no_id], Commit::default()).await;
    assert!(matches!(refused, Err(LakeError::Argument(_))), "{refused:?}");
    assert_each_once(&lake, "cloudtrail", 9).await;
}

fn with_column(rows: &RecordBatch, name: &str, data_type: DataType) -> RecordBatch {
    let mut fields = rows.schema().fields().to_vec();
    fields.push(Arc::new(Field::new(name, data_type.clone(), true)));
    let mut columns = rows.columns().to_vec();
    columns.push(match data_type {
        DataType::Utf8 => Arc::new(StringArray::from(vec!["Seoul"; rows.num_rows()])),
        other => arrow::array::new_null_array(&other, rows.num_rows()),
    });
    assert!(columns.iter().all(|c| c.len() == rows.num_rows()));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}
