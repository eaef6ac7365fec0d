//! Samples that another project parsed: raw logs beside the documents that it made of them, field by field.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use serde_json::Value;

use super::{cell, decode_types};

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILHOUND_SHARED").map_or_else(beside, PathBuf::from);
    let folder = shared.join("corpora/logs/opensearch-catalog");
    if !folder.exists() {
        eprintln!("skipped: no {}", folder.display());
        return None;
    }
    Some(folder)
}

fn rows(batches: &[(&str, RecordBatch)], log_type: &str) -> Vec<(RecordBatch, usize)> {
    let of_type = batches.iter().filter(|(id, _)| *id == log_type);
    of_type.flat_map(|(_, batch)| (0..batch.num_rows()).map(|row| (batch.clone(), row))).collect()
}

/// Every raw line is a row of its log type, with no hint.
#[test]
fn raw_logs_are_told_apart_and_all_there() {
    let Some(folder) = folder() else { return };
    let check = |file: &str, log_type: &str, expected: usize| {
        let bytes = std::fs::read(folder.join(file)).expect("a file");
        let (batches, outcome) = decode_types(&bytes, "o").expect("a log");
        let found: usize = rows(&batches, log_type).len();
        assert_eq!((found, outcome.rejected.len()), (expected, 0), "{file}: {:?}", outcome.rejected);
    };
    check("amazon_elb/raw.log", "elb", 63);
    check("amazon_s3/raw.log", "s3_access", 18);
    check("aws_waf/raw.log", "waf", 38);
    check("amazon_cloudfront/raw.log", "cloudfront", 40);
    check("amazon_networkfirewall/sample.json", "network_firewall", 13);
}

/// The leaves of a parsed document's own section, by path.
fn leaves(value: &Value, path: String, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(member, path, into);
            }
        }
        Value::String(text) => drop(into.insert(path, text.clone())),
        Value::Null | Value::Array(_) => {}
        other => drop(into.insert(path, other.to_string())),
    }
}

/// How many fields of parsed documents agree with ours, and which do not.
#[derive(Default)]
struct Score {
    agreed: usize,
    all: usize,
    differ: BTreeMap<String, Vec<String>>,
}

impl Score {
    fn compare(&mut self, batch: &RecordBatch, row: usize, parsed: &BTreeMap<String, String>) {
        for (path, expected) in parsed {
            self.all += 1;
            let name = path.rsplit('.').next().unwrap_or(path);
            let found =
                column_of(batch, path).or_else(|| column_of(batch, name)).map(|column| cell(batch, &column, row));
            if found.as_deref().is_some_and(|found| same(found, expected)) {
                self.agreed += 1;
            } else {
                self.differ.entry(path.clone()).or_default().push(format!("theirs {expected:?}, ours {found:?}"));
            }
        }
    }

    fn report(&self, log_type: &str, explained: &[&str]) {
        eprintln!("{log_type}: {} of {} fields agree", self.agreed, self.all);
        for (path, cases) in &self.differ {
            eprintln!("  {path}: {} times, {}", cases.len(), cases[0]);
            assert!(explained.contains(&path.as_str()), "{log_type}: {path} is not explained: {}", cases[0]);
        }
    }
}

/// The column for a name of a parsed document: by our catalogue, through any of the names that it knows.
fn column_of(batch: &RecordBatch, name: &str) -> Option<String> {
    let log_type = event::log_types().iter().find(|known| known.schema() == batch.schema())?;
    let alike = |known: &str| plain(known) == plain(name);
    let fields = log_type.catalogue().fields().iter();
    let found = fields.filter(|field| field.column.is_some()).find(|field| {
        field.path.is_some_and(alike)
            || field.column.is_some_and(alike)
            || field.native.iter().chain(&field.sumo).any(|known| alike(known))
    });
    found.and_then(|field| field.column).map(str::to_owned)
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn same(ours: &str, theirs: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    let time = |text: &str| event::time::parse(text);
    ours == theirs
        || (ours == "-" && theirs.is_empty())
        || theirs.trim_matches('"') == ours
        || number(ours).is_some_and(|ours| number(theirs) == Some(ours))
        || (ours.len() > 12 && time(ours).is_some() && time(ours) == time(theirs))
        || ours.replace(' ', "%20") == theirs
}

/// Documents that hold the raw line: the line is read, and their fields are compared with its row.
#[test]
fn parsed_lines_agree() {
    let Some(folder) = folder() else { return };
    let check = |file: &str, log_type: &str, section: &[&str], explained: &[&str]| {
        let text = std::fs::read_to_string(folder.join(file)).expect("a file");
        let documents: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let mut score = Score::default();
        for document in &documents {
            let Some(line) = document["body"].as_str() else { continue };
            let Ok((batches, _)) = decode_types(line.as_bytes(), "o") else { continue };
            let Some((batch, row)) = rows(&batches, log_type).into_iter().next() else { continue };
            let mut parsed = BTreeMap::new();
            leaves(section.iter().fold(document, |value, key| &value[*key]), String::new(), &mut parsed);
            score.compare(&batch, row, &parsed);
        }
        assert!(score.all > 0, "{file}");
        score.report(log_type, explained);
    };
    // Their documents were put together by hand: the line has version 2 fields alone, the section has fields of versions 3 to 5
    // that no line of theirs holds.
    // In every second document the section is the answer to the flow in the line, its ends exchanged.
    let not_in_the_line = [
        "srcaddr",
        "dstaddr",
        "srcport",
        "dstport",
        "bytes",
        "action",
        "az-id",
        "flow-direction",
        "instance-id",
        "pkt-dst-aws-service",
        "pkt-src-aws-service",
        "region",
        "subnet-id",
        "vpc-id",
    ];
    check("amazon_vpc_flow/sample.json", "vpc_flow", &["aws", "vpc"], &not_in_the_line);
    // The same of S3: the line ends before the host id, and their section says what stands there, and another address and size.
    let another_request = [
        "authentication_type",
        "cipher_suite",
        "host_header",
        "host_id",
        "object_size",
        "remote_ip",
        "signature_version",
        "tls_version",
    ];
    check("amazon_s3/sample.json", "s3_access", &["aws", "s3"], &another_request);
}

/// Documents that are the record under a section of their own: read as records, compared with themselves.
#[test]
fn parsed_records_agree() {
    let Some(folder) = folder() else { return };
    let check = |file: &str, log_type: &str, section: &[&str], explained: &[&str]| {
        let text = std::fs::read_to_string(folder.join(file)).expect("a file");
        let documents: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let mut score = Score::default();
        for document in &documents {
            let own = section.iter().fold(document, |value, key| &value[*key]);
            let (batches, _) = decode_types(own.to_string().as_bytes(), "o").expect("a record");
            let (batch, row) = rows(&batches, log_type).into_iter().next().expect(log_type);
            let mut parsed = BTreeMap::new();
            leaves(own, String::new(), &mut parsed);
            score.compare(&batch, row, &parsed);
        }
        assert!(score.all > 0, "{file}");
        score.report(log_type, explained);
    };
    check("aws_waf/samples.json", "waf", &["aws", "waf"], &[]);
    // Single flags and details of HTTP are read from the record's text; of the two times we take the event's own, which is
    // exact to the microsecond.
    let by_path = [
        "event_timestamp",
        "event.http.length",
        "event.http.protocol",
        "event.tcp.syn",
        "event.tcp.fin",
        "event.tcp.ack",
        "event.tcp.psh",
        "event.tcp.rst",
        "event.pkt_src",
        "event.alert.rev",
    ];
    check("amazon_networkfirewall/sample.json", "network_firewall", &[], &by_path);
    check("amazon_cloudfront/sample.json", "cloudfront", &["aws", "cloudfront"], &[]);
}
