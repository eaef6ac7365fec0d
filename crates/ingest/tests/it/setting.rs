//! A lake, and logs to take into it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::AsArray;
use enrich::Enricher;
use ingest::{Ingest, Options, Report};
use lake::{Lake, LakeOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub struct Setting {
    pub folder: tempfile::TempDir,
    pub lake: Lake,
    pub options: Options,
}

pub fn setting() -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(&folder.path().join("lake"));
    std::fs::create_dir(folder.path().join("logs")).unwrap();
    Setting { folder, lake, options: Options::default() }
}

fn open(path: &Path) -> Lake {
    Lake::open(path.to_str().unwrap(), LakeOptions::default()).unwrap()
}

pub async fn run(lake: &Lake, options: &Options, path: &Path) -> Report {
    let ingest = Ingest::new(lake.clone(), Arc::new(Enricher::new(None)), options.clone());
    ingest.run(&[path.to_str().unwrap().to_owned()], Arc::new(())).await.unwrap()
}

impl Setting {
    pub fn logs(&self) -> PathBuf {
        self.folder.path().join("logs")
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.logs().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub async fn ingest(&self) -> Report {
        self.ingest_from(&self.logs()).await
    }

    pub async fn ingest_from(&self, path: &Path) -> Report {
        run(&self.lake, &self.options, path).await
    }

    /// The same as another process would see it.
    pub fn reopened(self) -> Self {
        let lake = open(&self.folder.path().join("lake"));
        Self { lake, ..self }
    }

    /// A text column of a table, row by row.
    pub async fn column(&self, table: &str, column: &str) -> Vec<String> {
        let mut values = Vec::new();
        let Some(snapshot) = self.lake.snapshot(table).await.unwrap() else {
            return values;
        };
        for file in snapshot.files.iter() {
            let file = std::fs::File::open(file.location.to_file_path().unwrap()).unwrap();
            for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
                let batch = batch.unwrap();
                let array = batch.column_by_name(column).unwrap();
                let text = arrow::compute::cast(array, &arrow::datatypes::DataType::Utf8).unwrap();
                values.extend(text.as_string::<i32>().iter().map(|v| v.unwrap_or("").to_owned()));
            }
        }
        values
    }

    /// Fails unless the table `cloudtrail` holds `total` events, each once.
    pub async fn assert_events(&self, total: usize) {
        let ids = self.column("cloudtrail", "event_id").await;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for id in &ids {
            *counts.entry(id).or_default() += 1;
        }
        let doubled: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
        assert!(doubled.is_empty(), "{doubled:?}");
        assert_eq!(ids.len(), total);
    }
}

/// A record with the number `n`, a second after the one before it.
pub fn record(n: usize) -> String {
    let (minute, second) = (n / 60 % 60, n % 60);
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"alice"}},"eventTime":"2024-03-{:02}T10:{minute:02}:{second:02}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"aws-cli","requestParameters":{{"bucketName":"b{n}"}},"responseElements":null,"eventID":"{n:08x}-0000-4000-8000-000000000000","eventType":"AwsApiCall","recipientAccountId":"111111111111"}}"#,
        1 + n / 3600
    )
}

pub fn records(numbers: std::ops::Range<usize>) -> String {
    let records: Vec<String> = numbers.map(record).collect();
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}

pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut out = vec![0; compressor.gzip_compress_bound(text.len())];
    let length = compressor.gzip_compress(text, &mut out).unwrap();
    out.truncate(length);
    out
}
