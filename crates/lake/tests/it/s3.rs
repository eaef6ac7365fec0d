//! The lake in a bucket, against an S3-compatible server.
//!
//! Runs where `TRAILHOUND_TEST_S3` names such a server's endpoint (any keys, buckets made by an unsigned PUT), as
//! `http://127.0.0.1:4566` for a local stand-in; says so and passes where it does not.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use lake::{Bucket, Commit, CompactOptions, Lake, LakeOptions};

use crate::rows::{START, assert_each_once, batch, events};

fn endpoint() -> Option<String> {
    let endpoint = std::env::var("TRAILHOUND_TEST_S3").ok();
    if endpoint.is_none() {
        let _ = std::io::stderr().write_all(b"skipped: TRAILHOUND_TEST_S3 names no server\n");
    }
    endpoint
}

fn options(endpoint: &str) -> LakeOptions {
    let keys = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    LakeOptions {
        endpoint_url: Some(endpoint.into()),
        region: Some("us-east-1".into()),
        storage: keys.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<HashMap<_, _>>(),
        ..LakeOptions::default()
    }
}

fn create_bucket(endpoint: &str, bucket: &str) {
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let mut server = TcpStream::connect(host).unwrap();
    let request = format!("PUT /{bucket} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    server.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    server.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_in_a_bucket() {
    let Some(endpoint) = endpoint() else { return };
    let bucket = format!("lake-{}", uuid::Uuid::new_v4());
    create_bucket(&endpoint, &bucket);
    let uri = format!("s3://{bucket}/some/prefix");
    let lakes = [0, 1].map(|_| Lake::open(&uri, options(&endpoint)).unwrap());
    assert!(lakes[0].tables().await.unwrap().is_empty());

    let tasks = (0..4_i64).map(|task| {
        let lake = lakes[task as usize % 2].clone();
        tokio::spawn(async move {
            for step in 0..3 {
                let from = (task / 2 * 3 + step) * 10;
                let rows = batch(&events(from..from + 20, START, "x"));
                lake.append("cloudtrail", vec![rows], Commit::default()).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_each_once(&lakes[0], "cloudtrail", 70).await;
    let report = lakes[1].compact("cloudtrail", CompactOptions::default()).await.unwrap();
    assert_eq!((report.rows, report.files_after), (70, 1));
    assert_each_once(&lakes[0], "cloudtrail", 70).await;
    assert_eq!(lakes[0].tables().await.unwrap(), ["cloudtrail"]);

    let listed: Vec<_> = {
        use futures::TryStreamExt;
        let objects = Bucket::open(&format!("s3://{bucket}/some"), &options(&endpoint)).unwrap();
        let listed: Vec<_> = objects.list().try_collect().await.unwrap();
        let first = objects.read(&listed[0].key).await.unwrap();
        assert_eq!(first.len() as u64, listed[0].size);
        assert_eq!(objects.address(&listed[0].key), format!("s3://{bucket}/{}", listed[0].key));
        listed
    };
    assert!(listed.len() > 2 && listed.iter().all(|object| object.key.starts_with("some/prefix/cloudtrail/")));
}
