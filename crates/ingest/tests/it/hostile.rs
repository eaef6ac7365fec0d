//! Bad objects: each is named and quarantined, and the others are in.

use crate::setting::{gzip, record, records, setting};

#[tokio::test(flavor = "multi_thread")]
async fn bad_objects_are_quarantined_and_the_rest_is_in() {
    let mut setting = setting();
    setting.options.object_bytes = 4 << 20;
    setting.write("good.json.gz", gzip(records(0..10).as_bytes()));
    let whole = gzip(records(10..200).as_bytes());
    setting.write("truncated.json.gz", &whole[..whole.len() / 2]);
    setting.write("bomb.json.gz", gzip(&vec![b' '; 64 << 20]));
    setting.write("malformed.json", r#"{"Records":[{"eventVersion":"1.08","#);
    setting.write("binary.json", [0_u8, 159, 146, 150, 255, 0, 1]);
    setting.write("empty.json.gz", "");
    setting.write("deep.json", format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)));
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    setting.write("one-bad.json", format!(r#"{{"Records":[{},{deep},{}]}}"#, record(300), record(301)));
    setting.write("huge.json", vec![b'['; 5 << 20]);

    let report = setting.ingest().await;
    assert!(!report.is_complete());
    assert_eq!(report.rows_added, 12, "{:?}", report.problems);
    setting.assert_events(12).await;
    let mut bad: Vec<&str> = report.problems.iter().map(|p| p.origin.rsplit('/').next().unwrap()).collect();
    bad.sort_unstable();
    assert_eq!(
        bad,
        [
            "binary.json",
            "bomb.json.gz",
            "deep.json",
            "empty.json.gz",
            "huge.json",
            "malformed.json",
            "one-bad.json",
            "truncated.json.gz"
        ],
        "{:?}",
        report.problems
    );
    let reason = |name: &str| {
        let problem = report.problems.iter().find(|p| p.origin.ends_with(name)).unwrap();
        problem.reason.as_str()
    };
    assert_eq!(reason("truncated.json.gz"), "damaged");
    assert_eq!(reason("bomb.json.gz"), "too-large");
    assert_eq!(reason("huge.json"), "too-large");
    assert_eq!(reason("empty.json.gz"), "empty");
    assert_eq!(reason("one-bad.json"), "too-deep");
    let rows = setting.column("quarantine", "origin").await.len() as u64;
    assert_eq!(rows, report.rejected);

    // The same again: still told, nothing doubled.
    let setting = setting.reopened();
    let again = setting.ingest().await;
    assert_eq!((again.known, again.rows_added, again.bad_objects), (1, 0, report.bad_objects));
    assert_eq!(setting.column("quarantine", "origin").await.len() as u64, rows);
    setting.assert_events(12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_and_times_are_taken_as_they_are() {
    let setting = setting();
    setting.write("日本 語/a b'\"%2F.json", records(0..3));
    setting.write("old.json", format!(r#"{{"Records":[{}]}}"#, record(5).replace("2024-03-01", "0001-01-01")));
    setting.write("far.json", format!(r#"{{"Records":[{}]}}"#, record(6).replace("2024-03-01", "9999-12-31")));
    let report = setting.ingest().await;
    assert_eq!(report.rows_added + report.rejected, 5, "{report:?}");
    setting.assert_events(report.rows_added as usize).await;
    let origins = setting.column("cloudtrail", "origin").await;
    assert!(origins.iter().any(|origin| origin.ends_with("日本 語/a b'\"%2F.json")), "{origins:?}");
}
