//! A small lake of hand-made CloudTrail records, and a way to ask it.

use std::path::{Path, PathBuf};

use engine::{Engine, EngineOptions, Language, QueryError, QueryRequest};
use event::{Batcher, Limits};
use futures::StreamExt;
use lake::{Commit, Lake, LakeOptions};
use tempfile::TempDir;

/// A lake that lives as long as the test.
pub(crate) struct Sample {
    pub(crate) engine: Engine,
    place: TempDir,
}

/// When they came in: 2024-05-03T00:00:00Z.
const CAME: i64 = 1_714_694_400_000_000;

/// Ten events of three users over two days; counts in the cases lean on them.
pub(crate) const RECORDS: &str = r#"{"Records":[
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::111111111111:user/alice","accessKeyId":"AKIAALICE0000000001"},"eventTime":"2024-05-01T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.1","requestParameters":{"instanceType":"t3.micro","instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}},"responseElements":null,"eventID":"00000000-0000-0000-0000-000000000001","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"alice"},"eventTime":"2024-05-01T11:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.1","errorCode":"AccessDenied","errorMessage":"User: alice is not authorized to perform: iam:CreateUser","requestParameters":{"userName":"mallory"},"eventID":"00000000-0000-0000-0000-000000000002","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"bob"},"eventTime":"2024-05-01T12:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.9","userAgent":"Boto3/1.20 \"quoted\"","requestParameters":{"bucketName":"logs","key":"a b.txt"},"additionalEventData":{"bytesTransferredOut":1200},"eventID":"00000000-0000-0000-0000-000000000003","recipientAccountId":"222222222222"},
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"bob"},"eventTime":"2024-05-01T13:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.9","userAgent":"Boto3/1.20","errorCode":"NoSuchKey","requestParameters":{"bucketName":"logs","key":"b.txt"},"additionalEventData":{"bytesTransferredOut":0},"eventID":"00000000-0000-0000-0000-000000000004","recipientAccountId":"222222222222"},
{"eventVersion":"1.08","userIdentity":{"type":"Root","arn":"arn:aws:iam::111111111111:root"},"eventTime":"2024-05-02T00:30:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.33","userAgent":"Mozilla/5.0","responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"Yes"},"eventID":"00000000-0000-0000-0000-000000000005","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"carol"},"eventTime":"2024-05-02T01:00:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.34","userAgent":"Mozilla/5.0","responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"},"eventID":"00000000-0000-0000-0000-000000000006","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"carol"},"eventTime":"2024-05-02T01:05:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.34","userAgent":"Mozilla/5.0","errorMessage":"Failed authentication","responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"No"},"eventID":"00000000-0000-0000-0000-000000000007","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111111111111:assumed-role/admin/dave@example.com","sessionContext":{"sessionIssuer":{"type":"Role","userName":"admin"}}},"eventTime":"2024-05-02T02:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"TerminateInstances","awsRegion":"ap-northeast-1","sourceIPAddress":"2001:db8::5","userAgent":"console.amazonaws.com","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-2"}]}},"eventID":"00000000-0000-0000-0000-000000000008","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"AWSService","invokedBy":"config.amazonaws.com"},"eventTime":"2024-05-02T03:00:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"us-east-1","sourceIPAddress":"config.amazonaws.com","userAgent":"config.amazonaws.com","requestParameters":{"roleArn":"arn:aws:iam::111111111111:role/config"},"responseElements":{"credentials":{"accessKeyId":"ASIACONFIG0000000001"}},"eventID":"00000000-0000-0000-0000-000000000009","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"alice"},"eventTime":"2024-05-02T23:59:59Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.1","requestParameters":null,"eventID":"00000000-0000-0000-0000-000000000010","recipientAccountId":"111111111111"}
]}"#;

/// A lake that holds `json`.
pub(crate) async fn lake_of(json: &str) -> Sample {
    open(json, EngineOptions { threads: 2, ..EngineOptions::default() }, &[]).await
}

/// A lake that holds `json`, of a version that had not these columns yet.
pub(crate) async fn lake_of_before(json: &str, without: &[&str]) -> Sample {
    open(json, EngineOptions { threads: 2, ..EngineOptions::default() }, without).await
}

/// The lake of [`RECORDS`] under an engine that is set up so.
pub(crate) async fn sample_with(options: EngineOptions) -> Sample {
    open(RECORDS, options, &[]).await
}

async fn open(json: &str, options: EngineOptions, without: &[&str]) -> Sample {
    let place = tempfile::tempdir().unwrap();
    let lake = Lake::open(place.path().to_str().unwrap(), LakeOptions::default()).unwrap();
    let mut batcher = Batcher::new(Limits::default());
    let outcome = batcher.push_object(json.as_bytes(), "sample.json", CAME).unwrap();
    assert!(outcome.rejected.is_empty(), "{:?}", outcome.rejected);
    let batch = enrich::Enricher::new(None).enrich(batcher.take_batch().unwrap().unwrap().batch).unwrap();
    let schema = batch.schema();
    let kept = |field: &str| !without.contains(&field);
    let columns: Vec<usize> = (0..batch.num_columns()).filter(|place| kept(schema.field(*place).name())).collect();
    lake.append("cloudtrail", vec![batch.project(&columns).unwrap()], Commit::default()).await.unwrap();
    let engine = Engine::new(lake, options).unwrap();
    Sample { engine, place }
}

/// The lake of [`RECORDS`].
pub(crate) async fn sample() -> Sample {
    lake_of(RECORDS).await
}

impl Sample {
    /// Takes the rows away, and leaves what the lake knows of its files.
    pub(crate) fn lose_rows(&self) {
        let table = self.place.path().join("cloudtrail");
        let gone = files(&table).filter(|path| !path.components().any(|part| part.as_os_str() == "_delta_log"));
        let gone = gone.map(|path| std::fs::remove_file(path).unwrap()).count();
        assert!(gone > 0, "no file of rows under {}", table.display());
    }

    /// The rows of a query, a JSON object a line.
    pub(crate) async fn ask(&self, request: QueryRequest) -> Result<String, QueryError> {
        let mut stream = self.engine.query(request).await?;
        let mut out = Vec::new();
        while let Some(batch) = stream.batches.next().await {
            engine::ndjson(&batch?, &mut out)?;
        }
        Ok(String::from_utf8(out).unwrap())
    }

    pub(crate) async fn rows(&self, lang: Language, text: &str) -> Vec<String> {
        match self.ask(QueryRequest::new(lang, text)).await {
            Ok(rows) => rows.lines().map(str::to_owned).collect(),
            Err(error) => panic!("{text}\n{error}\n{:?}", error.diagnostics),
        }
    }
}

/// All files under a folder.
fn files(folder: &Path) -> Box<dyn Iterator<Item = PathBuf>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    Box::new(entries.flat_map(|path| if path.is_dir() { files(&path) } else { Box::new(std::iter::once(path)) }))
}
