//! Samples made for a test, and read back from their files.

use generate::{Options, Report};
use libdeflater::Decompressor;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{LazyLock, Mutex};

/// A generated set, parsed.
pub struct Samples {
    pub report: Report,
    /// What progress was told last.
    pub told: u64,
    /// Path below the output folder → the gzip file.
    pub files: BTreeMap<String, Vec<u8>>,
    pub raw_bytes: u64,
    /// Path → its records.
    pub objects: BTreeMap<String, Vec<Value>>,
    /// All records, in the order of their times.
    pub records: Vec<Value>,
    /// The end of the samples.
    pub end: chrono::DateTime<chrono::Utc>,
}

impl Samples {
    /// The samples of this size, made once for all tests.
    pub fn shared(events: u64) -> &'static Self {
        static MADE: LazyLock<Mutex<HashMap<u64, &'static Samples>>> = LazyLock::new(Mutex::default);
        MADE.lock()
            .expect("no test panics while it makes samples")
            .entry(events)
            .or_insert_with(|| Box::leak(Box::new(Self::make(events))))
    }

    pub fn make(events: u64) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options::new(events, dir.path(), 1);
        let mut told = 0;
        let report = generate::run(&options, &mut |n| told = n).expect("samples");
        let files = files(dir.path());
        let mut raw_bytes = 0;
        let mut objects = BTreeMap::new();
        for (name, gz) in &files {
            let raw = gunzip(gz);
            raw_bytes += raw.len() as u64;
            objects.insert(name.clone(), parse(name, &raw));
        }
        let mut records: Vec<Value> = objects.values().flatten().cloned().collect();
        records.sort_by(|a, b| a["eventTime"].as_str().cmp(&b["eventTime"].as_str()));
        Self { report, told, files, raw_bytes, objects, records, end: options.end }
    }

    /// The records of the last `days` days.
    pub fn last(&self, days: i64) -> impl Iterator<Item = &Value> {
        let from = (self.end - chrono::Duration::days(days)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.records.iter().filter(move |r| r["eventTime"].as_str().is_some_and(|t| t >= from.as_str()))
    }
}

fn parse(name: &str, raw: &[u8]) -> Vec<Value> {
    assert!(raw.starts_with(b"{\"Records\":[{") && raw.ends_with(b"}]}") && !raw.contains(&b'\n'), "{name}");
    let mut value: Value = serde_json::from_slice(raw).unwrap_or_else(|e| panic!("{name}: {e}"));
    match value["Records"].take() {
        Value::Array(records) => records,
        other => panic!("{name}: {other}"),
    }
}

fn gunzip(gz: &[u8]) -> Vec<u8> {
    // The last four bytes of a gzip file are the length of its content.
    let length = u32::from_le_bytes(gz[gz.len() - 4..].try_into().expect("four bytes"));
    let mut raw = vec![0; length as usize];
    let written = Decompressor::new().gzip_decompress(gz, &mut raw).expect("valid gzip");
    assert_eq!(written, raw.len());
    raw
}

/// All files below a folder: path → content.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below the folder").to_string_lossy().into_owned();
                out.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    out
}
