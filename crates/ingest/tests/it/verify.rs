//! The digest chain of the corpora: whole as it is, and each way of tampering is told apart.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ingest::verify::{Keys, Signatures, Verdict, Verification, verify};
use lake::LakeOptions;

fn corpus() -> Option<PathBuf> {
    let root = std::env::var_os("TRAILHOUND_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let chain = root.join("corpora/digest-chain");
    if !chain.is_dir() {
        eprintln!("skipped: {} is not there", chain.display());
        return None;
    }
    Some(chain)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::write(target, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

fn find(folder: &Path, part: &str) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().contains(part) {
                return path;
            }
        }
    }
    panic!("there is no {part}")
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut out = vec![0; compressor.gzip_compress_bound(text.len())];
    let length = compressor.gzip_compress(text, &mut out).unwrap();
    out.truncate(length);
    out
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    event::compression::decompress(bytes, 1 << 30).unwrap().into_owned()
}

async fn verified(chain: &Path, bucket: &Path, metadata: bool) -> Verification {
    let text = |name: &str| fs::read_to_string(chain.join(name)).unwrap();
    let keys = Keys::parse(&text("public-keys.json"), "keys").unwrap();
    let signatures = if metadata {
        Signatures::parse(&text("object-metadata.json"), "metadata").unwrap()
    } else {
        Signatures::default()
    };
    verify(&bucket.to_string_lossy(), &keys, signatures, &LakeOptions::default()).await.unwrap()
}

/// Each digest and log that is not valid, as a short line.
fn problems(found: &Verification) -> Vec<String> {
    let word = |verdict: &Verdict| match verdict {
        Verdict::Valid => "valid".to_owned(),
        Verdict::Missing => "missing".to_owned(),
        Verdict::Invalid(reason) => format!("invalid: {}", reason.split(':').next().unwrap_or_default()),
        Verdict::Pending(reason) => format!("pending: {reason}"),
    };
    let mut out = Vec::new();
    for digest in found.chains.iter().flat_map(|chain| &chain.digests) {
        if digest.verdict != Verdict::Valid {
            out.push(format!("digest {}", word(&digest.verdict)));
        }
        if digest.gap {
            out.push("gap".into());
        }
        out.extend(digest.log_problems.iter().map(|log| format!("log {}", word(&log.verdict))));
    }
    out.extend(found.unlisted.iter().map(|_| "unlisted".to_owned()));
    out
}

#[tokio::test]
async fn the_chain_is_whole() {
    let Some(chain) = corpus() else { return };
    let found = verified(&chain, &chain.join("bucket"), true).await;
    assert_eq!(problems(&found), [""; 0]);
    let digests = &found.chains[0].digests;
    assert!(found.is_whole() && digests.len() == 8 && digests.iter().map(|d| d.logs_valid).sum::<u64>() == 55);
    // Without metadata the successors' copies prove all digests but the newest.
    let found = verified(&chain, &chain.join("bucket"), false).await;
    assert_eq!(problems(&found), ["digest invalid: there is no signature"]);
    // A copy of a part of the bucket, and one in a folder of its own.
    let found = verified(&chain, &chain.join("bucket/AWSLogs"), true).await;
    assert_eq!(problems(&found), [""; 0]);
    let found = verified(&chain, &chain, true).await;
    assert_eq!(problems(&found), [""; 0]);
}

/// Changes a copy of the bucket and says what is found then.
async fn check(name: &str, tamper: fn(&Path), expected: &[&str]) {
    let Some(chain) = corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    copy(&chain.join("bucket"), folder.path());
    tamper(folder.path());
    let found = verified(&chain, folder.path(), true).await;
    assert_eq!(problems(&found), expected, "{name}");
    assert!(!found.is_whole(), "{name}");
}

#[tokio::test]
async fn tampering_is_told() {
    check(
        "a log file is changed",
        |bucket| {
            let path = find(bucket, "20230710T1240Z_C1qUFaqvZS64BcIN");
            let mut text = gunzip(&fs::read(&path).unwrap());
            text.write_all(b" ").unwrap();
            fs::write(path, gzip(&text)).unwrap();
        },
        &["log invalid: its hash does not fit"],
    )
    .await;
    check(
        "a log file is gone",
        |bucket| fs::remove_file(find(bucket, "20230710T1240Z_C1qUFaqvZS64BcIN")).unwrap(),
        &["log missing"],
    )
    .await;
    check(
        "a log file is cut off",
        |bucket| {
            let path = find(bucket, "20230710T1240Z_C1qUFaqvZS64BcIN");
            let bytes = fs::read(&path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        },
        &["log invalid: gzip stream is damaged"],
    )
    .await;
    check(
        "a digest forgets a log file",
        |bucket| {
            let path = find(bucket, "20230710T121500Z");
            let mut digest: serde_json::Value = serde_json::from_slice(&gunzip(&fs::read(&path).unwrap())).unwrap();
            digest["logFiles"].as_array_mut().unwrap().pop();
            fs::write(path, gzip(digest.to_string().as_bytes())).unwrap();
        },
        &["digest invalid: its signature does not fit", "unlisted"],
    )
    .await;
    check(
        "a digest is moved",
        |bucket| {
            let path = find(bucket, "20230710T121500Z");
            let target = path
                .with_file_name("218007301253_CloudTrail-Digest_us-east-1_trail_us-east-1_20230710T121501Z.json.gz");
            fs::rename(path, target).unwrap();
        },
        &["digest invalid: it has been moved"],
    )
    .await;
}

#[tokio::test]
async fn a_missing_digest_leaves_its_logs_unproven() {
    let Some(chain) = corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    copy(&chain.join("bucket"), folder.path());
    fs::remove_file(find(folder.path(), "20230710T121500Z")).unwrap();
    let found = problems(&verified(&chain, folder.path(), true).await);
    assert_eq!(found.iter().filter(|line| *line == "digest missing").count(), 1, "{found:?}");
    assert_eq!(found.iter().filter(|line| *line == "unlisted").count(), 17, "{found:?}");
}

#[tokio::test]
async fn what_is_no_trail_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let error =
        verify(&folder.path().to_string_lossy(), &Keys::default(), Signatures::default(), &LakeOptions::default())
            .await
            .err()
            .unwrap();
    assert!(error.to_string().contains("no digest files"), "{error}");
}

/// Takes a copy of the bucket into a lake, tampered with before or after, and proves it from there.
async fn in_lake(before: fn(&Path), between: Option<fn(&Path)>) -> Option<(Verification, Vec<ingest::verify::Trail>)> {
    let chain = corpus()?;
    let setting = crate::setting::setting();
    let bucket = setting.logs();
    copy(&chain.join("bucket"), &bucket);
    before(&bucket);
    setting.ingest().await;
    if let Some(between) = between {
        between(&bucket);
        setting.ingest().await;
    }
    let again = setting.ingest().await;
    assert_eq!(again.rows_added, 0);
    // The files are not needed any more.
    fs::remove_dir_all(&bucket).unwrap();
    let text = fs::read_to_string(chain.join("public-keys.json")).unwrap();
    let keys = Keys::parse(&text, "keys").unwrap();
    let found = ingest::verify::verify_lake(&setting.lake, &keys, 1_772_359_200_000_000).await.unwrap();
    let hours = ingest::verify::hours(&found, None, None);
    Some((found, hours))
}

const NEWEST: &str = "digest pending: its signature comes with the digest after it";

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_proves_what_it_took_in() {
    let Some((found, hours)) = in_lake(|_| (), None).await else { return };
    assert_eq!(problems(&found), [NEWEST]);
    assert_eq!(found.chains[0].digests.iter().map(|d| d.logs_valid).sum::<u64>(), 55);
    let verdicts: Vec<_> = hours[0].hours.iter().map(|hour| (&hour.hour[11..13], hour.verdict)).collect();
    use ingest::verify::HourVerdict::{Pending, Valid};
    assert_eq!(verdicts, [("11", Valid), ("12", Pending)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_tells_tampering() {
    let check = async |name: &str, before: fn(&Path), between: Option<fn(&Path)>, expected: &[&str]| {
        let Some((found, _)) = in_lake(before, between).await else { return };
        let mut found = problems(&found);
        found.retain(|problem| problem != NEWEST);
        assert_eq!(found, expected, "{name}");
    };
    let change = |bucket: &Path| {
        let path = find(bucket, "20230710T1240Z_C1qUFaqvZS64BcIN");
        let mut text = gunzip(&fs::read(&path).unwrap());
        text.write_all(b" ").unwrap();
        fs::write(path, gzip(&text)).unwrap();
    };
    let remove = |bucket: &Path| fs::remove_file(find(bucket, "20230710T1240Z_C1qUFaqvZS64BcIN")).unwrap();
    let forget = |bucket: &Path| {
        let path = find(bucket, "20230710T121500Z");
        let mut digest: serde_json::Value = serde_json::from_slice(&gunzip(&fs::read(&path).unwrap())).unwrap();
        digest["logFiles"].as_array_mut().unwrap().pop();
        fs::write(path, gzip(digest.to_string().as_bytes())).unwrap();
    };
    let remove_digest = |bucket: &Path| fs::remove_file(find(bucket, "20230710T121500Z")).unwrap();
    check("a log file is changed", change, None, &["log invalid: its hash does not fit"]).await;
    check("a log file is gone", remove, None, &["log missing"]).await;
    check(
        "a log file is changed after it was read",
        |_| (),
        Some(change),
        &["log invalid: it was read more than once, with different content"],
    )
    .await;
    check("a log file is gone after it was read", |_| (), Some(remove), &[]).await;
    check("a digest forgets a log file", forget, None, &["digest invalid: its signature does not fit", "unlisted"])
        .await;
    let mut unproven = vec!["digest missing"];
    unproven.extend(["unlisted"; 17]);
    check("a digest is gone", remove_digest, None, &unproven).await;
}
