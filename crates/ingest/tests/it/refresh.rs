//! Files kept fresh, against a server that answers as MaxMind's does.

#![allow(clippy::print_stderr, reason = "skipped tests say so")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ingest::refresh::{Account, RefreshError, Refreshed, Refresher};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The answer to a request: from its first line and headers to status, headers and body.
type Answer = Arc<dyn Fn(&str) -> (u16, String, Vec<u8>) + Send + Sync>;

/// A server on loopback; gives its address and the requests so far.
async fn server(answer: Answer) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                match socket.read(&mut buffer).await {
                    Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let (status, headers, body) = answer(&request);
            log.lock().unwrap().push(request);
            let head =
                format!("HTTP/1.1 {status} x\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = socket.write_all(&[head.as_bytes(), &body].concat()).await;
        }
    });
    (address, seen)
}

/// A gzipped tar archive of one file.
fn archive(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[156] = b'0';
    let mut tar = [&header, content].concat();
    tar.resize(tar.len().div_ceil(512) * 512 + 1024, 0);
    let mut gzip = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut packed = vec![0; gzip.gzip_compress_bound(tar.len())];
    let size = gzip.gzip_compress(&tar, &mut packed).unwrap();
    packed.truncate(size);
    packed
}

fn sum(bytes: &[u8]) -> Vec<u8> {
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digest}  GeoLite2-City_20230101.tar.gz\n").into_bytes()
}

fn database() -> Option<Vec<u8>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILHOUND_SHARED").map_or_else(beside, PathBuf::from);
    let file = shared.join("corpora/logs/geo/maxmind-test/test-data/GeoLite2-City-Test.mmdb");
    let read = std::fs::read(&file).ok();
    if read.is_none() {
        eprintln!("skipped: no {}", file.display());
    }
    read
}

fn account(endpoint: &str) -> Account {
    Account { endpoint: endpoint.to_owned(), id: "42".into(), key: "secret".into() }
}

const DATE: &str = "Tue, 03 Jan 2023 10:00:00 GMT";

fn maxmind(archive: Vec<u8>, sum: Vec<u8>) -> Answer {
    Arc::new(move |request: &str| {
        let folded = request.to_ascii_lowercase();
        // 42:secret
        if !folded.contains("authorization: basic ndi6c2vjcmv0") {
            (401, String::new(), b"Invalid account ID or license key".to_vec())
        } else if request.contains("suffix=tar.gz.sha256") {
            (200, String::new(), sum.clone())
        } else if folded.contains(&format!("if-modified-since: {}", DATE.to_ascii_lowercase())) {
            (304, String::new(), Vec::new())
        } else {
            (200, format!("last-modified: {DATE}\r\n"), archive.clone())
        }
    })
}

#[tokio::test]
async fn a_database_is_fetched_once_and_asked_for_again() {
    let Some(database) = database() else { return };
    let packed = archive("GeoLite2-City_20230101/GeoLite2-City.mmdb", &database);
    let (endpoint, seen) = server(maxmind(packed.clone(), sum(&packed))).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("geoip/GeoLite2-City.mmdb");
    let refresher = Refresher::new(Duration::from_secs(10)).unwrap();
    let done = refresher.maxmind(&account(&endpoint), "GeoLite2-City", &file).await.unwrap();
    assert_eq!((done, std::fs::read(&file).unwrap() == database), (Refreshed::Updated, true));
    let again = refresher.maxmind(&account(&endpoint), "GeoLite2-City", &file).await.unwrap();
    assert_eq!((again, seen.lock().unwrap().len()), (Refreshed::Current, 3));
    // A damaged file is fetched whatever its date.
    std::fs::write(&file, "damaged").unwrap();
    let mended = refresher.maxmind(&account(&endpoint), "GeoLite2-City", &file).await.unwrap();
    assert_eq!(mended, Refreshed::Updated);
    let wrong = Account { key: "wrong".into(), ..account(&endpoint) };
    let refused = refresher.maxmind(&wrong, "GeoLite2-City", &file).await;
    assert!(matches!(refused, Err(RefreshError::Unauthorized)), "{refused:?}");
    assert!(!format!("{wrong:?} {refused:?}").contains("wrong"), "the key is told");
}

#[tokio::test]
async fn what_is_wrong_leaves_the_old_file() {
    let broken = archive("x/GeoLite2-City.mmdb", b"no database");
    let other = archive("x/README.txt", b"hello");
    let cases: Vec<(&str, Answer)> = vec![
        ("checksum", maxmind(broken.clone(), sum(b"else"))),
        ("not usable", maxmind(broken.clone(), sum(&broken))),
        ("there is no", maxmind(other.clone(), sum(&other))),
        ("decompressed", maxmind(b"\x1f\x8bgarbage".to_vec(), sum(b"\x1f\x8bgarbage"))),
        ("damaged", maxmind(b"plain".to_vec(), sum(b"plain"))),
        ("429", Arc::new(|_: &str| (429, String::new(), Vec::new()))),
        ("503", Arc::new(|_: &str| (503, String::new(), Vec::new()))),
    ];
    let refresher = Refresher::new(Duration::from_secs(10)).unwrap();
    for (want, answer) in cases {
        let (endpoint, _) = server(answer).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("GeoLite2-City.mmdb");
        std::fs::write(&file, "the old one").unwrap();
        let error = refresher.maxmind(&account(&endpoint), "GeoLite2-City", &file).await.unwrap_err();
        assert!(error.to_string().contains(want), "{want}: {error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "the old one", "{want}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{want}");
    }
    let nowhere = refresher.maxmind(&account("http://127.0.0.1:1"), "GeoLite2-City", Path::new("x")).await;
    assert!(matches!(nowhere, Err(RefreshError::Http(_))), "{nowhere:?}");
}

#[tokio::test]
async fn ranges_and_lists_are_fetched_and_looked_at() {
    let answer: Answer = Arc::new(|request: &str| {
        let body = if request.contains("/ranges") {
            r#"{"prefixes":[{"ip_prefix":"3.0.0.0/15","region":"x","service":"EC2"}],"ipv6_prefixes":[]}"#
        } else if request.contains("/tor") {
            "192.0.2.1\n192.0.2.2\n"
        } else {
            "<!DOCTYPE html>"
        };
        (200, String::new(), body.as_bytes().to_vec())
    });
    let (endpoint, _) = server(answer).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    let refresher = Refresher::new(Duration::from_secs(10)).unwrap();
    assert_eq!(refresher.aws_ranges(&format!("{endpoint}/ranges"), &file).await.unwrap(), Refreshed::Updated);
    assert_eq!(refresher.list(&format!("{endpoint}/tor"), &file).await.unwrap(), Refreshed::Updated);
    assert!(refresher.aws_ranges(&format!("{endpoint}/tor"), &file).await.is_err());
    assert!(matches!(refresher.list(&format!("{endpoint}/page"), &file).await, Err(RefreshError::EmptyList)));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "192.0.2.1\n192.0.2.2\n");
}
