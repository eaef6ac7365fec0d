//! The way in that stays open: a receipt is given for what is durable, and for nothing else.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use enrich::Enricher;
use ingest::{Delivery, Ingest, Intake, Options, Settled};
use lake::ObjectVersion;
use tokio::task::JoinHandle;

use crate::setting::{Setting, gzip, records, setting};

const EVERY: Duration = Duration::from_millis(50);

async fn intake(setting: &Setting, options: Options) -> (Intake, JoinHandle<()>) {
    let ingest = Ingest::new(setting.lake.clone(), Arc::new(Enricher::new(None)), options);
    Intake::start(ingest, EVERY).await.unwrap()
}

fn delivery(object: &str, content: &[u8]) -> Delivery {
    let version = ObjectVersion { object: object.into(), size: content.len() as u64, revision: "1".into() };
    Delivery { version, content: Bytes::copy_from_slice(content) }
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_settled_when_they_are_in() {
    let setting = setting();
    let (intake, ended) = intake(&setting, setting.options.clone()).await;
    let mut receipts = Vec::new();
    for object in 0..50_usize {
        let text = records(object * 10..object * 10 + 15);
        let delivery = delivery(&format!("s3://b/{object}.json.gz"), &gzip(text.as_bytes()));
        receipts.push((delivery.version.clone(), intake.take(delivery).await.unwrap()));
    }
    let (mut records, mut added, mut duplicates) = (0, 0, 0);
    for (version, receipt) in receipts {
        let settled = receipt.settled().await.unwrap();
        (records, added) = (records + settled.records, added + settled.rows_added);
        duplicates += settled.duplicates;
        assert!(settled.newest.is_some() && settled.rejected == 0 && !settled.failed, "{settled:?}");
        assert!(intake.is_known(&version));
    }
    assert_eq!((records, added, duplicates), (750, 505, 245));
    setting.assert_events(505).await;
    drop(intake);
    ended.await.unwrap();
    assert_eq!(setting.lake.ledger().await.unwrap().len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_log_or_broken_is_told() {
    let setting = setting();
    let (intake, _ended) = intake(&setting, setting.options.clone()).await;
    let whole = gzip(records(0..100).as_bytes());
    let check = async |object: &str, content: &[u8]| -> Settled {
        intake.take(delivery(object, content)).await.unwrap().settled().await.unwrap()
    };
    let cut = check("s3://b/cut.json.gz", &whole[..whole.len() / 2]).await;
    assert!(cut.failed && cut.reason.as_deref() == Some("damaged"), "{cut:?}");
    let empty = check("s3://b/empty.json.gz", b"").await;
    assert!(empty.failed && empty.reason.as_deref() == Some("empty"), "{empty:?}");
    let partly = format!(r#"{{"Records":[{},{{"eventName":"NoTime"}},7]}}"#, crate::setting::record(7));
    let partly = check("s3://b/partly.json", partly.as_bytes()).await;
    assert!(!partly.failed && partly.rows_added > 0 && partly.rejected == 1, "{partly:?}");
    let notice = check("s3://b/notice.json", br#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#).await;
    assert!(notice.rows_added <= 1 && !notice.failed, "{notice:?}");
    assert!(!intake.is_known(&delivery("s3://b/cut.json.gz", &whole[..whole.len() / 2]).version));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_commit_refuses_and_what_comes_again_is_in_once() {
    let setting = setting();
    // A file where the table's folder has to be: nothing can be committed.
    let obstacle = setting.folder.path().join("lake/cloudtrail");
    std::fs::write(&obstacle, "in the way").unwrap();
    // Commits are small, so that an object's rows are spread over several of them.
    let options = Options { commit_bytes: 200_000, ..setting.options.clone() };
    let (intake, _ended) = intake(&setting, options).await;
    let lines: Vec<String> = (0..12_000).map(crate::setting::record).collect();
    let large = || delivery("s3://b/large.jsonl", lines.join("\n").as_bytes());
    let small = || delivery("s3://b/small.json.gz", &gzip(records(20_000..20_010).as_bytes()));
    for delivery in [large(), small()] {
        let refused = intake.take(delivery).await.unwrap().settled().await;
        assert!(refused.is_err(), "{refused:?}");
    }
    assert!(intake.trouble().is_some());
    std::fs::remove_file(&obstacle).unwrap();
    for (delivery, rows) in [(large(), 12_000), (small(), 10)] {
        let settled = intake.take(delivery).await.unwrap().settled().await.unwrap();
        assert_eq!(settled.rows_added + settled.duplicates, rows, "{settled:?}");
    }
    assert_eq!(intake.trouble(), None);
    setting.assert_events(12_010).await;
}
