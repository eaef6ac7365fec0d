//! Real logs, where they are at hand.

use std::path::{Path, PathBuf};

use super::{column, decode};
use event::{Batcher, Foreign, Limits, ObjectError};

/// The folder of a corpus; `None`, with a message, where it is missing.
fn corpus(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILHOUND_SHARED").map_or_else(beside, PathBuf::from);
    let folder = shared.join("corpora").join(name);
    if !folder.exists() {
        eprintln!("skipped: no {}", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "json" || end == "gz") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Records and rejected pieces of a folder.
fn count(name: &str) -> Option<(u64, usize)> {
    let mut batcher = Batcher::new(Limits::default());
    let (mut records, mut rejected) = (0, 0);
    for path in files(&corpus(name)?) {
        let bytes = std::fs::read(&path).expect("a file");
        match batcher.push_object(&bytes, &path.display().to_string(), 0) {
            Ok(outcome) => {
                records += outcome.records;
                rejected += outcome.rejected.len();
            }
            Err(ObjectError::NotALog(_)) => {}
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
    Some((records, rejected))
}

fn check(name: &str, expected: (u64, usize)) {
    if let Some(found) = count(name) {
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn every_record_of_the_corpora_is_a_row() {
    check("logs/cloudtrail/invictus-2023", (2900, 0));
    check("logs/cloudtrail/stratus-red-team", (310, 0));
    check("logs/cloudtrail/otrf", (103, 0));
    check("logs/cloudtrail/cribl", (44, 0));
    // Findings of GuardDuty and Security Hub and notifications of Config among them; one of the bridge's has no time; the catalogue's large file breaks its brackets for good after 49 records.
    check("logs/cloudtrail/event-history", (15, 0));
    check("logs/cloudtrail/eventbridge", (29, 1));
    check("logs/opensearch-catalog/aws_cloudtrail", (100, 2));
}

#[test]
fn digests_are_known_as_such() {
    let Some(folder) = corpus("digest-chain/bucket") else { return };
    let digests = files(&folder).into_iter().filter(|path| path.to_string_lossy().contains("CloudTrail-Digest"));
    for path in digests {
        let bytes = std::fs::read(&path).expect("a file");
        let error = decode(&bytes).expect_err("a digest");
        assert!(matches!(error, ObjectError::NotALog(Foreign::Digest)), "{error}");
    }
}

#[test]
fn columns_of_a_real_account() {
    let Some(folder) = corpus("logs/cloudtrail/invictus-2023") else { return };
    let mut batcher = Batcher::new(Limits::default());
    for path in files(&folder) {
        batcher.push_object(&std::fs::read(&path).expect("a file"), "o", 0).expect("decodes");
    }
    let batch = batcher.take_batch().expect("a batch").expect("rows").batch;
    let distinct = |name: &str| {
        let mut values = column(&batch, name);
        values.sort();
        values.dedup();
        values.len()
    };
    assert_eq!(distinct("event_name"), 260);
    let tool = column(&batch, "user_agent").iter().filter(|agent| agent.contains("stratus-red-team_")).count();
    assert_eq!(tool, 1146);
    compare_with_a_tree(&column(&batch, "raw"), &batch);
}

/// Every column with a path holds what a full parse of the raw text finds there.
fn compare_with_a_tree(raws: &[String], batch: &arrow::array::RecordBatch) {
    let trees: Vec<serde_json::Value> = raws.iter().map(|raw| serde_json::from_str(raw).expect("JSON")).collect();
    for (name, field) in event::catalogue().stored() {
        let Some(path) = field.path.filter(|_| field.ty != event::FieldType::Time) else { continue };
        let pointer = format!("/{}", path.replace('.', "/"));
        for (row, value) in column(batch, name).iter().enumerate() {
            let expected = match trees[row].pointer(&pointer) {
                None | Some(serde_json::Value::Null) => "-".to_owned(),
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(serde_json::Value::Number(number)) => number.to_string().trim_end_matches(".0").to_owned(),
                Some(other) => other.to_string(),
            };
            assert_eq!(*value, expected, "{path} of {}", raws[row]);
        }
    }
}

#[test]
fn mutations_of_real_files_never_panic() {
    for name in ["logs/cloudtrail", "logs/opensearch-catalog/aws_cloudtrail", "logs/envelopes"] {
        let Some(folder) = corpus(name) else { continue };
        for (number, path) in files(&folder).into_iter().enumerate() {
            let bytes = std::fs::read(&path).expect("a file");
            let plain = event::compression::decompress(&bytes, 1 << 24).expect("decompresses");
            let head = &plain[..plain.len().min(20_000)];
            super::hostile::mutate_and_decode_with(head, 10, number as u64 + 1);
            super::hostile::mutate_and_decode_with(&bytes[..bytes.len().min(20_000)], 5, number as u64 + 7);
        }
    }
}
