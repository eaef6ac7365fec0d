//! Samples that another project parsed: raw logs beside the documents that it made of them, field by field. Where they
//! differ, `catalog.tsv` says why, a line a document and field; `UPDATE=1` writes the lines, the reasons are a person's.

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
    /// Document and field of each that does not.
    lines: Vec<(usize, String)>,
}

impl Score {
    fn compare(&mut self, document: usize, batch: &RecordBatch, row: usize, parsed: &BTreeMap<String, String>) {
        for (path, expected) in parsed {
            self.all += 1;
            let name = path.rsplit('.').next().unwrap_or(path);
            let found =
                column_of(batch, path).or_else(|| column_of(batch, name)).map(|column| cell(batch, &column, row));
            if found.as_deref().is_some_and(|found| same(found, expected)) {
                self.agreed += 1;
            } else {
                self.lines.push((document, path.clone()));
                self.differ.entry(path.clone()).or_default().push(format!("theirs {expected:?}, ours {found:?}"));
            }
        }
    }

    fn report(&self, log_type: &str) {
        eprintln!("{log_type}: {} of {} fields agree", self.agreed, self.all);
        for (path, cases) in &self.differ {
            eprintln!("  {path}: {} times, {}", cases.len(), cases[0]);
        }
        if std::env::var_os("UPDATE").is_some() {
            write(log_type, &self.lines);
        }
        let explained = explained(log_type);
        for (document, path) in &self.lines {
            let reason = explained.get(&(*document, path.clone()));
            assert!(
                reason.is_some_and(|reason| reason.len() > 20),
                "{log_type} {document} {path}: no reason in catalog.tsv"
            );
        }
        assert_eq!(explained.len(), self.lines.len(), "{log_type}: catalog.tsv explains what agrees");
    }
}

fn table() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/catalog.tsv")
}

/// Log type, document (from 0), field, reason.
fn all_explained() -> Vec<(String, usize, String, String)> {
    let text = std::fs::read_to_string(table()).unwrap_or_default();
    let line = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        Some((cells.next()?, cells.next()?.parse().ok()?, cells.next()?, cells.next()?))
    };
    text.lines().filter_map(line).collect()
}

fn explained(log_type: &str) -> BTreeMap<(usize, String), String> {
    let of_type = all_explained().into_iter().filter(|(of, ..)| of == log_type);
    of_type.map(|(_, document, path, reason)| ((document, path), reason)).collect()
}

/// Writes the lines of a log type; a field that has a reason already keeps it.
fn write(log_type: &str, lines: &[(usize, String)]) {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().expect("a lock");
    let known = all_explained();
    let reason = |path: &str| {
        let of = known.iter().find(|(of, _, field, _)| of == log_type && field == path);
        of.map_or(String::new(), |(.., reason)| reason.clone())
    };
    let mut all: Vec<_> = known.iter().filter(|(of, ..)| of != log_type).cloned().collect();
    all.extend(lines.iter().map(|(document, path)| (log_type.to_owned(), *document, path.clone(), reason(path))));
    all.sort();
    let text: String =
        all.iter().map(|(of, document, path, why)| format!("{of}\t{document}\t{path}\t{why}\n")).collect();
    std::fs::write(table(), text).expect("a file written");
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
    let check = |file: &str, log_type: &str, section: &[&str]| {
        let text = std::fs::read_to_string(folder.join(file)).expect("a file");
        let documents: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let mut score = Score::default();
        for (number, document) in documents.iter().enumerate() {
            let Some(line) = document["body"].as_str() else { continue };
            let Ok((batches, _)) = decode_types(line.as_bytes(), "o") else { continue };
            let Some((batch, row)) = rows(&batches, log_type).into_iter().next() else { continue };
            let mut parsed = BTreeMap::new();
            leaves(section.iter().fold(document, |value, key| &value[*key]), String::new(), &mut parsed);
            score.compare(number, &batch, row, &parsed);
        }
        assert!(score.all > 0, "{file}");
        score.report(log_type);
    };
    check("amazon_vpc_flow/sample.json", "vpc_flow", &["aws", "vpc"]);
    check("amazon_s3/sample.json", "s3_access", &["aws", "s3"]);
}

/// Documents that are the record under a section of their own: read as records, compared with themselves.
#[test]
fn parsed_records_agree() {
    let Some(folder) = folder() else { return };
    let check = |file: &str, log_type: &str, section: &[&str]| {
        let text = std::fs::read_to_string(folder.join(file)).expect("a file");
        let documents: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let mut score = Score::default();
        for (number, document) in documents.iter().enumerate() {
            let own = section.iter().fold(document, |value, key| &value[*key]);
            let (batches, _) = decode_types(own.to_string().as_bytes(), "o").expect("a record");
            let (batch, row) = rows(&batches, log_type).into_iter().next().expect(log_type);
            let mut parsed = BTreeMap::new();
            leaves(own, String::new(), &mut parsed);
            score.compare(number, &batch, row, &parsed);
        }
        assert!(score.all > 0, "{file}");
        score.report(log_type);
    };
    check("aws_waf/samples.json", "waf", &["aws", "waf"]);
    check("amazon_networkfirewall/sample.json", "network_firewall", &[]);
    check("amazon_cloudfront/sample.json", "cloudfront", &["aws", "cloudfront"]);
}

/// ELB's documents hold no line: each is written as the line that it was made of, and that is read.
#[test]
fn parsed_load_balancer_requests_agree() {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(folder.join("amazon_elb/sample.json")).expect("a file");
    let documents: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let mut score = Score::default();
    for (number, document) in documents.iter().enumerate() {
        let (batches, _) = decode_types(load_balancer_line(document).as_bytes(), "o").expect("a line");
        let (batch, row) = rows(&batches, "elb").into_iter().next().expect("elb");
        let mut parsed = BTreeMap::new();
        leaves(&document["aws"]["elb"], String::new(), &mut parsed);
        for (name, path) in [
            ("trace_id", "/traceId"),
            ("request_verb", "/http/request/method"),
            ("url_scheme", "/http/schema"),
            ("url_domain", "/url/domain"),
            ("url_path", "/url/path"),
            ("url_port", "/aws/elb/http/port"),
            ("http_version", "/aws/elb/http/version"),
            ("user_agent", "/http/user_agent/original"),
        ] {
            leaves(document.pointer(path).unwrap_or(&Value::Null), name.into(), &mut parsed);
        }
        parsed.retain(|path, _| !path.starts_with("http."));
        score.compare(number, &batch, row, &parsed);
    }
    assert!(score.all > 0);
    score.report("elb");
}

/// The line of an application load balancer's log that a document was made of, as far as it tells; the rest is `-`.
fn load_balancer_line(document: &Value) -> String {
    let elb = &document["aws"]["elb"];
    let said = |value: &Value| match value {
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let own = |name: &str| said(&elb[name]);
    let end = |address: &Value, port: &Value| match said(address).as_str() {
        "-" => "-".to_owned(),
        address => format!("{address}:{}", said(port)),
    };
    format!(
        "{} {} app/catalog/0 {} {} {} {} {} {} {} {} {} \"{}\" \"{}\" {} {} - \"{}\" \"-\" \"-\" {} {} \"-\" \"-\" \"-\" \"{}\" \"{}\" \"-\" \"-\"\n",
        said(&document["http"]["schema"]),
        own("request_creation_time"),
        end(&elb["client"]["ip"], &elb["client"]["port"]),
        end(&elb["target_ip"], &elb["target_port"]),
        own("request_processing_time"),
        own("target_processing_time"),
        own("response_processing_time"),
        own("elb_status_code"),
        own("target_status_code"),
        own("received_bytes"),
        own("sent_bytes"),
        said(&document["http"]["request"]["body"]["content"]),
        said(&document["http"]["user_agent"]["original"]),
        own("ssl_cipher"),
        own("ssl_protocol"),
        said(&document["traceId"]),
        own("matched_rule_priority"),
        own("request_creation_time"),
        end(&elb["target_ip"], &elb["target_port"]),
        own("target_status_code"),
    )
}
