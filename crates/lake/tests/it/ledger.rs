//! The ledger and the quarantine.

use lake::{CompactOptions, ObjectEntry, ObjectStatus, ObjectVersion, Quarantined};

use crate::rows::{START, open};

fn entry(object: &str, size: u64, revision: &str, status: ObjectStatus) -> ObjectEntry {
    ObjectEntry {
        version: ObjectVersion { object: object.into(), size, revision: revision.into() },
        sha256: "00".repeat(32),
        content_sha256: String::new(),
        records: 3,
        rows_added: 2,
        duplicates: 1,
        rejected: 0,
        status,
        ingest_time: START,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_knows_versions_of_objects_that_are_in_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    assert!(lake.ledger().await.unwrap().is_empty());
    lake.record_objects(&[]).await.unwrap();
    let done = entry("a.json.gz", 10, "1", ObjectStatus::Done);
    let bad = [entry("b.json.gz", 10, "1", ObjectStatus::Partial), entry("c.json.gz", 10, "1", ObjectStatus::Failed)];
    lake.record_objects(&[done.clone(), bad[0].clone(), bad[1].clone()]).await.unwrap();
    lake.record_objects(&[entry("d.json.gz", 10, "1", ObjectStatus::Done)]).await.unwrap();
    let check = |ledger: &lake::Ledger| {
        assert_eq!(ledger.len(), 2);
        for (object, size, revision, expected) in [
            ("a.json.gz", 10, "1", true),
            ("a.json.gz", 11, "1", false),
            ("a.json.gz", 10, "2", false),
            ("b.json.gz", 10, "1", false),
            ("c.json.gz", 10, "1", false),
            ("d.json.gz", 10, "1", true),
        ] {
            let version = ObjectVersion { object: object.into(), size, revision: revision.into() };
            assert_eq!(ledger.is_done(&version), expected, "{version:?}");
        }
    };
    check(&open(folder.path()).ledger().await.unwrap());
    let report = lake.compact("objects", CompactOptions::default()).await.unwrap();
    assert_eq!((report.files_before, report.files_after, report.rows), (2, 1, 4));
    check(&lake.ledger().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_is_in_quarantine_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let piece = |position: u64, bytes: &[u8], ingest_time: i64| Quarantined {
        origin: "a.json".into(),
        position,
        offset: 7,
        reason: "malformed".into(),
        message: "it breaks off".into(),
        bytes: bytes.into(),
        size: 5,
        ingest_time,
    };
    assert_eq!(lake.quarantine(&[]).await.unwrap().rows_added, 0);
    let pieces = [piece(1, b"{\xff", START), piece(2, b"{\xff", START), piece(1, b"{\xff", START)];
    assert_eq!(lake.quarantine(&pieces).await.unwrap().rows_added, 2);
    // The next day, by another process.
    let again = [piece(1, b"{\xff", START + 86_400_000_000), piece(1, b"other", START)];
    let report = open(folder.path()).quarantine(&again).await.unwrap();
    assert_eq!((report.rows_added, report.duplicates), (1, 1));
}
