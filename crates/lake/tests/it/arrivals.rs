//! Every row arrives once, in the order of the commits, whatever maintenance does meanwhile.

use std::collections::BTreeSet;

use arrow::array::AsArray;
use chrono::Utc;
use lake::{Commit, CompactOptions, Lake, VacuumOptions};

use crate::rows::{START, batch, events, open, read};

async fn append(lake: &Lake, from: i64, to: i64, start: i64) -> i64 {
    lake.append("cloudtrail", vec![batch(&events(from..to, start, "x"))], Commit::default()).await.unwrap().version
}

async fn ids(lake: &Lake, after: i64, upto: i64) -> Option<Vec<String>> {
    let arrived = lake.arrivals("cloudtrail", after, upto).await.unwrap()?;
    let mut ids = Vec::new();
    for file in arrived.files.iter() {
        for rows in read(lake, file).await {
            ids.extend(rows.column_by_name("event_id").unwrap().as_string::<i32>().iter().flatten().map(str::to_owned));
        }
    }
    ids.sort();
    Some(ids)
}

fn expected(from: i64, to: i64) -> Vec<String> {
    let ids: BTreeSet<String> = events(from..to, START, "x").into_iter().map(|event| event.1).collect();
    ids.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_arrives_with_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let first = append(&lake, 0, 10, START).await;
    let second = append(&lake, 10, 20, START).await;
    assert_eq!(ids(&lake, -1, first).await.unwrap(), expected(0, 10));
    assert_eq!(ids(&lake, first, second).await.unwrap(), expected(10, 20));
    assert_eq!(ids(&lake, second, second + 9).await.unwrap(), Vec::<String>::new());
    // An event of long ago arrives now.
    let late = append(&lake, 20, 21, START - 400 * 86_400_000_000).await;
    assert_eq!(ids(&lake, second, late).await.unwrap(), expected(20, 21));
    // What is known already does not arrive again.
    let again = append(&lake, 0, 10, START).await;
    assert_eq!(ids(&lake, late, again).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_brings_nothing_twice_and_takes_nothing_away() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let first = append(&lake, 0, 10, START).await;
    for n in 1..6 {
        append(&lake, n * 10, n * 10 + 10, START).await;
    }
    let report =
        lake.compact("cloudtrail", CompactOptions { slice_bytes: 1, ..CompactOptions::default() }).await.unwrap();
    assert!(report.files_after < report.files_before);
    let last = append(&lake, 60, 70, START).await;
    // A reader in a process of its own has nothing remembered.
    for lake in [&lake, &open(folder.path())] {
        assert_eq!(ids(lake, first, last).await.unwrap(), expected(10, 70));
        assert_eq!(ids(lake, -1, last).await.unwrap(), expected(0, 70));
        assert_eq!(ids(lake, last - 2, last).await.unwrap(), expected(60, 70));
    }
    // When the files from before are gone, that is said.
    let options = VacuumOptions { now: Some(Utc::now() + chrono::TimeDelta::days(30)), ..VacuumOptions::default() };
    lake.vacuum("cloudtrail", options).await.unwrap();
    assert_eq!(ids(&lake, first, last).await, None);
    assert_eq!(ids(&lake, last - 1, last).await.unwrap(), expected(60, 70));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_novel_is_what_an_append_adds() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let check = async |from: i64, to: i64, wanted: usize| {
        let batches = [batch(&events(from..to, START, "x")), batch(&events(from..to, START, "y"))];
        let novel = lake.novel("cloudtrail", &batches).await.unwrap();
        assert_eq!(novel.iter().map(|batch| batch.num_rows()).sum::<usize>(), wanted);
        let added = lake.append("cloudtrail", batches.to_vec(), Commit::default()).await.unwrap();
        assert_eq!(added.rows_added as usize, wanted);
    };
    check(0, 10, 10).await;
    check(0, 10, 0).await;
    check(5, 15, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_say_who_watched_them() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let first = append(&lake, 0, 10, START).await;
    let watched = Commit { watched: Some("me".into()), ..Commit::default() };
    let rows = vec![batch(&events(10..20, START, "x"))];
    let second = lake.append("cloudtrail", rows, watched).await.unwrap().version;
    for lake in [&lake, &open(folder.path())] {
        let of = async |version| lake.arrival("cloudtrail", version).await.unwrap().unwrap();
        assert_eq!(of(first).await.watched, None);
        assert_eq!(of(second).await.watched.as_deref(), Some("me"));
        assert!(of(0).await.files.is_empty());
        assert!(lake.arrival("cloudtrail", second + 1).await.unwrap().is_none());
    }
}
