//! Real logs: every record is in, and is in once.

use std::path::PathBuf;

use crate::setting::setting;

/// The corpora beside the project, where they are.
fn corpus(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("TRAILHOUND_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = shared.join("corpora/logs/cloudtrail").join(name);
    if !path.exists() {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no corpora here\n");
        return None;
    }
    Some(path)
}

async fn check(name: &str, records: u64) {
    let Some(path) = corpus(name) else { return };
    let setting = setting();
    let report = setting.ingest_from(&path).await;
    assert_eq!(report.records, records, "{name}: {report:?}");
    assert_eq!(report.rows_added + report.duplicates, records, "{name}");
    assert!(report.is_complete(), "{name}: {report:?}");
    setting.assert_events(report.rows_added as usize).await;
    let again = setting.ingest_from(&path).await;
    assert_eq!((again.objects, again.rows_added, again.known), (0, 0, report.objects), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn invictus() {
    check("invictus-2023", 2900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stratus_red_team() {
    check("stratus-red-team", 310).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn otrf() {
    check("otrf", 103).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn security_lake_maps_back_to_the_logs_it_was_made_from() {
    let Some(path) = corpus("../security-lake") else { return };
    let setting = setting();
    for (number, file) in walk(&path).into_iter().filter(|file| !file.to_string_lossy().contains("/input")).enumerate()
    {
        if file.extension().is_some_and(|ending| ending == "parquet") {
            setting.write(&format!("{number}.parquet"), std::fs::read(&file).unwrap());
        }
    }
    let report = setting.ingest().await;
    assert!(report.is_complete(), "{:?}", report.problems);
    let types: Vec<&str> = report.by_type.keys().copied().collect();
    for wanted in ["cloudtrail", "route53_resolver", "security_hub", "vpc_flow"] {
        assert!(types.contains(&wanted), "{types:?}");
    }
}

fn walk(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_them_twice() {
    let Some(path) = corpus("") else { return };
    let setting = setting();
    let first = setting.ingest_from(&path).await;
    assert!(first.rows_added >= 2900 + 310, "{first:?}");
    assert_eq!(first.unread, 0, "{first:?}");
    let events = first.by_type["cloudtrail"].rows_added as usize;
    setting.assert_events(events).await;
    // One file of the folder is malformed on purpose; it is named, and the others are in.
    assert!(first.bad_objects <= 1, "{:?}", first.problems);
    let setting = setting.reopened();
    let again = setting.ingest_from(&path).await;
    assert_eq!((again.rows_added, again.bad_objects), (0, first.bad_objects));
    setting.assert_events(events).await;
}
