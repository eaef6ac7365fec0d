//! How much of what people really write lowers. The figure may rise but not fall.

use std::collections::BTreeMap;

use query::{diagnostic::Severity, spl};

use crate::schema;

/// Queries of the corpus that lower without an error, as last measured.
const ON_RECORD: usize = 160;

/// The macros of the corpus, read as a user's file of JSON lines is.
fn macros() -> spl::Macros {
    let rows = schema::corpus("macros.jsonl").unwrap_or_default();
    let lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
    spl::read_macros(&lines.join("\n")).unwrap()
}

/// Lowers every query as published, with its macros.
#[test]
fn published_searches_lower() {
    let Some(rows) = schema::corpus("spl.jsonl") else { return };
    let macros = macros();
    let lookup = |name: &str, arity: usize| macros.get(&(name.to_owned(), arity)).cloned();
    let env = schema::environment(&lookup);
    let mut lowered = 0;
    let mut took = Vec::new();
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let query = row["query"].as_str().unwrap_or_default();
        let begun = std::time::Instant::now();
        let result = spl::lower(query, &env);
        took.push(begun.elapsed());
        let Err(diagnostics) = result else {
            lowered += 1;
            continue;
        };
        if let Some(error) = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error) {
            let key = format!("{}: {}", error.code, error.message);
            failures.entry(key).or_default().push(row["id"].to_string());
        }
    }
    took.sort_unstable();
    println!("spl: {lowered} of {} queries lower, in {:?} at the median", rows.len(), took[took.len() / 2]);
    for (reason, ids) in &failures {
        println!("{:4}  {reason}  {}", ids.len(), ids[0]);
    }
    assert!(lowered >= ON_RECORD, "{lowered} of {} lower, {ON_RECORD} did before", rows.len());
}

/// The official Splunk translations of Sigma rules: every one of them lowers.
#[test]
fn translated_sigma_rules_lower() {
    let Some(rows) = schema::corpus("sigma_equivalents.jsonl") else { return };
    let env = schema::environment(&|_, _| None);
    for row in &rows {
        for query in row["spl"].as_array().into_iter().flatten().filter_map(|query| query.as_str()) {
            if let Err(diagnostics) = spl::lower(query, &env) {
                panic!("{}", query::diagnostic::render(query, &diagnostics));
            }
        }
    }
}
