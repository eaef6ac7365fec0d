//! How much of what people saved in OpenSearch lowers, by language and role; the official Lucene translations of Sigma
//! rules; and text that is no query.

use std::collections::BTreeMap;

use query::{diagnostic::Severity, language};

use crate::schema;

/// Queries of the corpus that lower without an error, as last measured, by language of the corpus.
const ON_RECORD: &[(&str, usize)] = &[("dsl", 24), ("kuery", 57), ("lucene", 2), ("vis-aggs", 212)];

/// Our language for the corpus's word.
fn front(word: &str) -> Option<&'static language::Front> {
    language::front(match word {
        "kuery" => "kql",
        "lucene" => "lucene",
        "dsl" | "vis-aggs" => "dsl",
        _ => return None,
    })
}

/// The first error of a query, as its code and message.
fn error(front: &language::Front, text: &str) -> Option<String> {
    let env = schema::environment(&|_, _| None);
    let diagnostics = (front.lower)(text, &env).err()?;
    let first = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error)?;
    Some(format!("{}: {}", first.code, first.message))
}

#[test]
fn saved_queries_lower() {
    let Some(rows) = schema::corpus("opensearch.jsonl") else { return };
    let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let mut failures: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for row in &rows {
        let text = |name: &str| row[name].as_str().unwrap_or_default();
        let Some(front) = front(text("language")) else { continue };
        let count = counts.entry((text("language"), text("role"))).or_default();
        count.1 += 1;
        match error(front, text("query")) {
            None => count.0 += 1,
            Some(reason) => failures.entry(reason).or_default().push(text("id")),
        }
    }
    let mut lowered: BTreeMap<&str, usize> = BTreeMap::new();
    for ((language, role), (good, all)) in &counts {
        println!("{language} {role}: {good} of {all} lower");
        *lowered.entry(language).or_default() += good;
    }
    for (reason, ids) in &failures {
        println!("{:4}  {reason}  {}", ids.len(), ids[0]);
    }
    for (language, record) in ON_RECORD {
        let now = lowered.get(language).copied().unwrap_or_default();
        assert!(now >= *record, "{language}: {now} lower, {record} did before");
    }
}

#[test]
fn translated_sigma_rules_lower() {
    let (Some(rows), Some(front)) = (schema::corpus("sigma_equivalents.jsonl"), language::front("lucene")) else {
        return;
    };
    let queries = rows.iter().flat_map(|row| row["lucene"].as_array().into_iter().flatten());
    let mut count = 0;
    for query in queries.filter_map(|query| query.as_str()) {
        assert_eq!(error(front, query), None, "{query}");
        assert!((front.recognise)(query) >= 50, "{query}");
        count += 1;
    }
    println!("lucene: all of {count} translated Sigma rules lower");
}
