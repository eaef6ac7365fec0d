//! Folders of logs, taken in once, again, in part, and from several places.

use crate::setting::{gzip, record, records, setting};

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_twice_adds_nothing() {
    let setting = setting();
    for file in 0..20 {
        let text = records(file * 50..file * 50 + 50);
        setting.write(&format!("AWSLogs/1/CloudTrail/us-east-1/2024/03/01/{file}.json.gz"), gzip(text.as_bytes()));
    }
    setting.write("AWSLogs/1/CloudTrail-Digest/us-east-1/2024/03/01/d.json.gz", gzip(b"{}"));
    setting.write(".DS_Store", "x");
    setting.write(".git/config.json", "{}");
    setting.write("README.md", "# These are logs\n");
    setting.write("LICENSE", "MIT License\n");
    setting.write("package.json", r#"{"name":"x","version":"1"}"#);
    let report = setting.ingest().await;
    assert_eq!((report.objects, report.records, report.rows_added, report.duplicates), (21, 1001, 1001, 0));
    assert_eq!(report.skipped.get("digest"), Some(&1));
    assert_eq!(report.skipped.get("not-a-log"), Some(&2));
    let added: Vec<_> = report.by_type.iter().map(|(id, of)| (*id, of.rows_added)).collect();
    assert_eq!(added, [("cloudtrail", 1000), ("other", 1)]);
    assert!(report.is_complete(), "{report:?}");
    let other = r#"{"name":"x","version":"1"}"#;
    assert_eq!(setting.column("other", "raw").await, [other]);
    assert_eq!(report.raw_bytes, (0..1000).map(|n| record(n).len() as u64).sum::<u64>() + other.len() as u64);

    let setting = setting.reopened();
    let again = setting.ingest().await;
    assert_eq!((again.objects, again.known, again.records, again.rows_added), (0, 21, 0, 0));
    assert!(again.is_complete());
    setting.assert_events(1000).await;
    assert_eq!(setting.column("objects", "object").await.len(), 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_events_by_two_objects_are_counted_once() {
    let setting = setting();
    setting.write("trail-a/1.json", records(0..100));
    setting.write("trail-b/1.json.gz", gzip(records(50..150).as_bytes()));
    let lines: Vec<String> = (100..200).map(record).collect();
    setting.write("shipper.ndjson", lines.join("\n"));
    let report = setting.ingest().await;
    assert_eq!((report.objects, report.records, report.rows_added, report.duplicates), (3, 300, 200, 100));
    setting.assert_events(200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_object_is_read_again() {
    let setting = setting();
    setting.write("growing.json", records(0..10));
    assert_eq!(setting.ingest().await.rows_added, 10);
    setting.write("growing.json", records(0..15));
    let report = setting.ingest().await;
    assert_eq!((report.known, report.records, report.rows_added, report.duplicates), (0, 15, 5, 10));
    setting.assert_events(15).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_rows_and_ledger_doubles_nothing() {
    let setting = setting();
    setting.write("a.json", records(0..100));
    assert_eq!(setting.ingest().await.rows_added, 100);
    std::fs::remove_dir_all(setting.folder.path().join("lake/objects")).unwrap();
    let setting = setting.reopened();
    let again = setting.ingest().await;
    assert_eq!((again.known, again.rows_added, again.duplicates), (0, 0, 100));
    setting.assert_events(100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_commits_are_the_same_as_one() {
    let mut setting = setting();
    setting.options.commit_bytes = 1;
    setting.options.workers = 4;
    for file in 0..30 {
        setting.write(&format!("{file}.json"), records(file * 10..file * 10 + 20));
    }
    let report = setting.ingest().await;
    assert_eq!((report.records, report.rows_added), (600, 310));
    setting.assert_events(310).await;
    let added = setting.column("objects", "rows_added").await;
    assert_eq!(added.iter().map(|n| n.parse::<u64>().unwrap()).sum::<u64>(), 310);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_ingest_says_so_and_can_be_finished() {
    let mut setting = setting();
    for file in 0..10 {
        setting.write(&format!("{file}.json"), records(file * 10..file * 10 + 10));
    }
    setting.options.cancel.cancel();
    let report = setting.ingest().await;
    assert!(report.cancelled && !report.is_complete());
    setting.options.cancel = Default::default();
    let rest = setting.ingest().await;
    assert!(rest.is_complete());
    assert_eq!(report.rows_added + rest.rows_added, 100);
    setting.assert_events(100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_not_there_is_an_error() {
    let setting = setting();
    let ingest = ingest::Ingest::new(
        setting.lake.clone(),
        std::sync::Arc::new(enrich::Enricher::new(None)),
        setting.options.clone(),
    );
    let missing = [setting.logs().join("nope").to_str().unwrap().to_owned()];
    let error = ingest.run(&missing, std::sync::Arc::new(())).await.unwrap_err();
    assert!(matches!(error, ingest::IngestError::Path { .. }), "{error:?}");
    let empty = setting.ingest().await;
    assert!(empty.is_complete() && empty.objects == 0);
}
