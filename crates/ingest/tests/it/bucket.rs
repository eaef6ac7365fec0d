//! Logs in a bucket, against the S3-compatible server that `TRAILHOUND_TEST_S3` names; skipped where it names none.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use ingest::{Ingest, Options};
use lake::LakeOptions;

use crate::setting::{gzip, records, setting};

fn put(endpoint: &str, path: &str, content: &[u8]) {
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let mut server = TcpStream::connect(host).unwrap();
    let length = content.len();
    let head = format!("PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    server.write_all(head.as_bytes()).unwrap();
    server.write_all(content).unwrap();
    let mut answer = String::new();
    server.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_twice_adds_nothing() {
    let Ok(endpoint) = std::env::var("TRAILHOUND_TEST_S3") else {
        let _ = std::io::stderr().write_all(b"skipped: TRAILHOUND_TEST_S3 names no server\n");
        return;
    };
    let setting = setting();
    let bucket = format!("logs-{}", std::process::id());
    put(&endpoint, &format!("/{bucket}"), b"");
    for file in 0..30 {
        let key = format!("AWSLogs/1/CloudTrail/us-east-1/2024/03/01/{file}%2Bx.json.gz");
        put(&endpoint, &format!("/{bucket}/{key}"), &gzip(records(file * 10..file * 10 + 20).as_bytes()));
    }
    put(&endpoint, &format!("/{bucket}/AWSLogs/1/CloudTrail-Digest/us-east-1/d.json.gz"), b"x");
    let keys = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let storage = LakeOptions {
        endpoint_url: Some(endpoint),
        region: Some("us-east-1".into()),
        storage: keys.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<HashMap<_, _>>(),
        ..LakeOptions::default()
    };
    let options = Options { storage, ..setting.options.clone() };
    let ingest = Ingest::new(setting.lake.clone(), Arc::new(enrich::Enricher::new(None)), options);
    let from = [format!("s3://{bucket}/AWSLogs")];
    let report = ingest.run(&from, Arc::new(())).await.unwrap();
    assert_eq!((report.objects, report.records, report.rows_added), (30, 600, 310), "{report:?}");
    assert_eq!(report.skipped.get("digest"), Some(&1));
    assert!(report.is_complete());
    let origins = setting.column("cloudtrail", "origin").await;
    assert!(
        origins.iter().all(|origin| origin.starts_with(&format!("s3://{bucket}/AWSLogs/1/CloudTrail/"))),
        "{origins:?}"
    );
    let again = ingest.run(&from, Arc::new(())).await.unwrap();
    assert_eq!((again.known, again.objects, again.rows_added), (30, 0, 0));
    setting.assert_events(310).await;
}
