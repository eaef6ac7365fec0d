//! Maintenance: rows neither come nor go by it, unless they are to go.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, TimestampMicrosecondType};
use chrono::{NaiveDate, Utc};
use lake::{Commit, CompactOptions, Lake, LakeError, VacuumOptions};

use crate::rows::{DAY, START, assert_each_once, batch, events, open, read};

/// Appends events `0..total` in turns of several days, in small files.
async fn fill(lake: &Lake, total: i64) {
    for from in (0..total).step_by(10) {
        let rows = (from..(from + 10).min(total)).map(|n| {
            let mut event = events(n..n + 1, START, "x").remove(0);
            event.0 += (n % 3) * DAY - (n % 7) * 100_000_000;
            event
        });
        let rows: Vec<_> = rows.collect();
        lake.append("cloudtrail", vec![batch(&rows)], Commit::default()).await.unwrap();
    }
}

fn small_slices() -> CompactOptions {
    CompactOptions { slice_bytes: 1, ..CompactOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_keeps_the_rows_and_sorts_them() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    fill(&lake, 400).await;
    let before = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    assert!(before.files.len() > 100);
    let report = lake.compact("cloudtrail", small_slices()).await.unwrap();
    let after = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    assert_eq!((report.files_before, report.files_after), (before.files.len(), after.files.len()));
    assert_eq!((report.rows, report.overtaken), (400, 0));
    assert_eq!(report.bytes_after, after.bytes());
    assert!(after.files.len() <= 4, "{}", after.files.len());
    assert_each_once(&lake, "cloudtrail", 400).await;
    for file in after.files.iter() {
        let rows = read(&lake, file).await;
        let times: Vec<i64> = rows
            .iter()
            .flat_map(|r| {
                r.column_by_name("event_time").unwrap().as_primitive::<TimestampMicrosecondType>().values().to_vec()
            })
            .collect();
        assert!(times.is_sorted());
        assert_eq!(file.rows, Some(times.len() as u64));
        assert_eq!(file.min_time, times.first().copied());
        assert!(file.max_time >= times.last().copied());
        assert!(times.iter().all(|t| t.div_euclid(DAY) as i32 == file.event_date.unwrap()));
    }
    // There is nothing left to do, and what is there is still known.
    let again = lake.compact("cloudtrail", small_slices()).await.unwrap();
    assert_eq!(again.rounds, 0);
    let known = lake.append("cloudtrail", vec![batch(&events(0..1, START, "y"))], Commit::default()).await.unwrap();
    assert_eq!((known.rows_added, known.duplicates), (0, 1));
    let elsewhere = open(folder.path());
    let known =
        elsewhere.append("cloudtrail", vec![batch(&events(0..1, START, "y"))], Commit::default()).await.unwrap();
    assert_eq!((known.rows_added, known.duplicates), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_and_appends_run_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (lake, other) = (open(folder.path()), open(folder.path()));
    fill(&lake, 100).await;
    let compactions = {
        let other = other.clone();
        tokio::spawn(async move {
            let mut rounds = 0;
            for _ in 0..6 {
                rounds += other.compact("cloudtrail", CompactOptions::default()).await.unwrap().rounds;
            }
            rounds
        })
    };
    for from in (100..300).step_by(10) {
        let rows = batch(&events(from..from + 10, START, "x"));
        lake.append("cloudtrail", vec![rows], Commit::default()).await.unwrap();
        // The same again, by the other: files that compaction took away are no reason to forget.
        let rows = batch(&events(from..from + 10, START, "x"));
        let report = other.append("cloudtrail", vec![rows], Commit::default()).await.unwrap();
        assert_eq!(report.rows_added, 0);
    }
    assert!(compactions.await.unwrap() >= 1);
    assert_each_once(&lake, "cloudtrail", 300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_compactions_at_once_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let lakes = [open(folder.path()), open(folder.path())];
    fill(&lakes[0], 200).await;
    let [one, two] = lakes.clone();
    let (one, two) = tokio::join!(
        tokio::spawn(async move { one.compact("cloudtrail", CompactOptions::default()).await.unwrap() }),
        tokio::spawn(async move { two.compact("cloudtrail", CompactOptions::default()).await.unwrap() }),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(one.rows + two.rows >= 200, "{one:?} {two:?}");
    assert_each_once(&lakes[0], "cloudtrail", 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_added_later_are_null_in_older_rows() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let rows = batch(&events(0..10, START, "x"));
    let narrow = rows.project(&[0, 1, 2, 4, 5, 6]).unwrap();
    lake.append("cloudtrail", vec![narrow], Commit::default()).await.unwrap();
    lake.append("cloudtrail", vec![batch(&events(10..20, START, "x"))], Commit::default()).await.unwrap();
    lake.compact("cloudtrail", CompactOptions::default()).await.unwrap();
    assert_each_once(&lake, "cloudtrail", 20).await;
    let snapshot = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    assert_eq!(snapshot.files.len(), 1);
    let rows = read(&lake, &snapshot.files[0]).await;
    let nulls: usize = rows.iter().map(|r| r.column_by_name("event_name").unwrap().null_count()).sum();
    assert_eq!(nulls, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_drops_whole_days() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let date = |day| NaiveDate::from_ymd_opt(2023, 7, day).unwrap();
    assert!(matches!(lake.retain("cloudtrail", date(1)).await, Err(LakeError::NoTable(_))));
    for day in 0..3 {
        let rows = batch(&events(day * 10..day * 10 + 10, START + day * DAY, "x"));
        lake.append("cloudtrail", vec![rows], Commit::default()).await.unwrap();
    }
    assert_eq!(lake.retain("cloudtrail", date(10)).await.unwrap().files, 0);
    let report = lake.retain("cloudtrail", date(12)).await.unwrap();
    assert_eq!((report.days, report.files, report.rows), (2, 2, 20));
    let left = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    assert_eq!(left.rows(), Some(10));
    // What was dropped is not remembered: the same events may come again.
    let back = lake.append("cloudtrail", vec![batch(&events(0..10, START, "x"))], Commit::default()).await.unwrap();
    assert_eq!(back.rows_added, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn vacuum_deletes_only_what_no_version_needs_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    fill(&lake, 50).await;
    lake.compact("cloudtrail", CompactOptions::default()).await.unwrap();
    let day = folder.path().join("cloudtrail/event_date=2023-07-10");
    std::fs::write(day.join("part-orphan.parquet"), b"PAR1").unwrap();
    std::fs::write(day.join("part-torn.parquet#12"), b"PAR1").unwrap();
    let active = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    let on_disk = || walk(&folder.path().join("cloudtrail"));
    let all = on_disk();

    let hasty = VacuumOptions { retention: Duration::from_secs(60), ..VacuumOptions::default() };
    assert!(matches!(lake.vacuum("cloudtrail", hasty).await, Err(LakeError::Argument(_))));
    // Young files are kept, whatever they are: a writer may be about to commit them.
    assert_eq!(lake.vacuum("cloudtrail", VacuumOptions::default()).await.unwrap().deleted.len(), 0);
    assert_eq!(on_disk(), all);

    let later = VacuumOptions { now: Some(Utc::now() + chrono::Duration::days(8)), ..VacuumOptions::default() };
    let planned = lake.vacuum("cloudtrail", VacuumOptions { dry_run: true, ..later.clone() }).await.unwrap();
    assert_eq!(on_disk(), all);
    let done = lake.vacuum("cloudtrail", later).await.unwrap();
    assert_eq!(planned, done);
    assert!(done.deleted.iter().any(|path| path.ends_with("part-orphan.parquet")));
    assert!(done.deleted.iter().any(|path| path.ends_with("part-torn.parquet#12")));
    assert_eq!(on_disk(), active.files.len());
    assert_each_once(&lake, "cloudtrail", 50).await;
}

/// Data files, whole and torn, below a folder.
fn walk(folder: &std::path::Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "_delta_log" {
            count += walk(&path);
        } else if path.to_string_lossy().contains(".parquet") {
            count += 1;
        }
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewrite_changes_values_once_and_keeps_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    fill(&lake, 60).await;
    lake.compact("cloudtrail", small_slices()).await.unwrap();
    let before = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    let marked: lake::Transform = Arc::new(|batch: RecordBatch| {
        let at = batch.schema().index_of("origin").map_err(|e| e.to_string())?;
        let mut columns = batch.columns().to_vec();
        columns[at] = Arc::new(StringArray::from(vec!["marked"; batch.num_rows()]));
        RecordBatch::try_new(batch.schema(), columns).map_err(|e| e.to_string())
    });
    let day = before.files.iter().filter_map(|file| file.event_date).max();
    let report = lake.rewrite("cloudtrail", &before.schema, day, marked.clone()).await.unwrap();
    assert_eq!((report.files, report.rewritten, report.overtaken), (1, 1, 0));
    let report = lake.rewrite("cloudtrail", &before.schema, None, marked.clone()).await.unwrap();
    assert_eq!((report.files, report.rewritten), (before.files.len(), before.files.len() - 1));
    assert_each_once(&lake, "cloudtrail", 60).await;
    let after = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    for file in after.files.iter() {
        for rows in read(&lake, file).await {
            let origins = rows.column_by_name("origin").unwrap().as_string::<i32>().clone();
            assert!(origins.iter().all(|origin| origin == Some("marked")));
        }
    }
    // Nothing is left to change, and new columns come with a rewrite.
    let mut fields: Vec<_> = before.schema.fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new("fresh", DataType::Utf8, true)));
    let again = lake.rewrite("cloudtrail", &Schema::new(fields), None, marked).await.unwrap();
    assert_eq!((again.rewritten, again.rows), (0, 0));
    assert!(lake.snapshot("cloudtrail").await.unwrap().unwrap().schema.field_with_name("fresh").is_ok());
    let known = lake.append("cloudtrail", vec![batch(&events(0..1, START, "y"))], Commit::default()).await.unwrap();
    assert_eq!(known.rows_added + known.duplicates, 1);
}
