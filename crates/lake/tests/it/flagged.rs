//! Events whose time is in doubt: of whatever dates, they are stored in few files, found, counted once, compacted and dropped in time.

use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit, TimestampMicrosecondType};
use chrono::NaiveDate;
use lake::{Commit, CompactOptions, Flagged, Lake};

use crate::rows::{DAY, Event, START, batch, events, open, read, uuid};

/// When everything comes in: 2023-07-11T00:00:00Z.
const NOW: i64 = START + DAY;
/// 9999-12-31T00:00:00Z.
const END: i64 = 253_402_214_400_000_000;
/// 0001-01-01T00:00:00Z.
const BEGINNING: i64 = -62_135_596_800_000_000;

/// Rows as ingest makes them.
fn flagged(events: &[Event<'_>], came: i64) -> RecordBatch {
    let rows = batch(events);
    let status = events.iter().map(|event| match event.0 - came {
        ahead if ahead > DAY => Some("future"),
        ahead if ahead < -365 * DAY => Some("old"),
        _ => None,
    });
    let status: StringArray = status.collect();
    let came = TimestampMicrosecondArray::from(vec![came; events.len()]).with_timezone("UTC");
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let more = [Field::new("ingest_time", time, false), Field::new("time_status", DataType::Utf8, true)];
    let fields = rows.schema().fields().iter().map(|field| field.as_ref().clone()).chain(more).collect::<Vec<_>>();
    let columns = rows.columns().iter().cloned().chain([Arc::new(came) as _, Arc::new(status) as _]);
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.collect()).unwrap()
}

/// Six thousand days, the beginning and the end of time, and two of today.
fn wild() -> Vec<Event<'static>> {
    let mut rows: Vec<Event<'_>> = (0..6_000).map(|n| (n * DAY + 5, uuid(n), "wild")).collect();
    rows.extend([
        (END, uuid(6_000), "wild"),
        (BEGINNING, uuid(6_001), "wild"),
        (BEGINNING - 400 * DAY, uuid(6_002), "wild"),
    ]);
    rows.extend([(NOW, uuid(6_003), "wild"), (NOW + DAY, uuid(6_004), "wild")]);
    rows
}

async fn take(lake: &Lake, events: &[Event<'_>], came: i64) -> (u64, u64, usize, Flagged) {
    let report = lake.append("cloudtrail", vec![flagged(events, came)], Commit::default()).await.unwrap();
    (report.rows_added, report.duplicates, report.files, report.flagged)
}

/// The times of the table's rows, and how many files have them.
async fn times(lake: &Lake) -> (Vec<i64>, usize) {
    let snapshot = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    let mut all = Vec::new();
    for file in snapshot.files.iter() {
        for rows in read(lake, file).await {
            let column = rows.column_by_name("event_time").unwrap().as_primitive::<TimestampMicrosecondType>().clone();
            for time in column.values() {
                assert!(file.may_hold(*time, time + 1), "{file:?} {time}");
                let day = i32::try_from(time.div_euclid(DAY)).unwrap();
                assert!(file.days().is_none_or(|(first, last)| (first..=last).contains(&day)), "{file:?} {day}");
                assert!(file.day().is_none_or(|of| of == day), "{file:?} {day}");
            }
            all.extend_from_slice(column.values());
        }
    }
    all.sort_unstable();
    (all, snapshot.files.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_days_are_few_files_and_each_event_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let mut expected: Vec<i64> = wild().iter().map(|event| event.0).collect();
    expected.sort_unstable();
    // 1970 to 1986, one at each end, and the two days that are believed.
    let counts = Flagged { future: 1, old: 6_002 };
    assert_eq!(take(&lake, &wild(), NOW).await, (6_005, 0, 17 + 2 + 2, counts));
    assert_eq!(times(&lake).await, (expected.clone(), 21));

    // Again, by another process, years later, when nothing of it is believed any more.
    let other = open(folder.path());
    for came in [NOW, NOW + 1_000 * DAY] {
        assert_eq!(take(&other, &wild(), came).await, (0, 6_005, 0, Flagged::default()));
        let mut some: Vec<Event<'_>> = wild().split_off(5_990);
        some.push((7 * DAY, uuid(9_000), "wild"));
        assert_eq!(take(&lake, &some, came).await.1, if came == NOW { 15 } else { 16 });
    }
    let done =
        lake.compact("cloudtrail", CompactOptions { slice_bytes: 1, ..CompactOptions::default() }).await.unwrap();
    assert_eq!((done.rows, done.overtaken), (6_006, 0));
    expected.push(7 * DAY);
    expected.sort_unstable();
    assert_eq!(times(&lake).await, (expected, 21));
    assert_eq!(take(&lake, &wild(), NOW).await.1, 6_005);
    assert_eq!(take(&open(folder.path()), &wild(), NOW).await.1, 6_005);
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_drops_what_is_old_or_has_been_here_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    take(&lake, &wild(), NOW).await;
    let later = NOW + 500 * DAY;
    take(&lake, &[(later, uuid(7_000), "late"), (END - DAY, uuid(7_001), "late")], later).await;
    let retain = async |day: i64| {
        let oldest = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::TimeDelta::days(day);
        let report = lake.retain("cloudtrail", oldest).await.unwrap();
        (report.rows, times(&lake).await.0)
    };
    // Some of a year: its file is written again.
    let (rows, left) = retain(1_000).await;
    assert_eq!((rows, left.len(), left[0]), (1_002, 6_007 - 1_002, 1_000 * DAY + 5));
    assert_eq!(retain(1_000).await.0, 0);
    // What has been dropped may come again, what has not may not.
    assert_eq!(take(&lake, &wild(), NOW).await.0, 1_002);
    assert_eq!(retain(1_000).await.0, 1_002);
    // The event of the year 9999 that came first goes with those of the day on which it came; the other one stays.
    let (rows, left) = retain((NOW + 100 * DAY) / DAY).await;
    assert_eq!((rows, left), (5_003, vec![later, END - DAY]));
    assert_eq!(retain((later + 2 * DAY) / DAY).await, (2, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_of_before_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    // Without the column: a day each, whatever the day.
    let before = [events(0..5, START, "b"), vec![(END, uuid(10), "b"), (5 * DAY, uuid(11), "b")]].concat();
    let report = lake.append("cloudtrail", vec![batch(&before)], Commit::default()).await.unwrap();
    assert_eq!((report.rows_added, report.files), (7, 3));
    let known = take(&lake, &[before.clone(), vec![(8 * DAY, uuid(12), "b")]].concat(), NOW).await;
    assert_eq!(known, (1, 7, 1, Flagged { future: 0, old: 1 }));
    assert_eq!(times(&lake).await.0.len(), 8);
    lake.compact("cloudtrail", CompactOptions::default()).await.unwrap();
    assert_eq!(times(&lake).await.0.len(), 8);
    assert_eq!(take(&open(folder.path()), &before, NOW).await.1, 7);
}
