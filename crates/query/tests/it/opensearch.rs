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

/// Queries to mutate where the corpora are not there.
const SEEDS: &[(&str, &str)] = &[
    (
        "kql",
        r#"eventName: (A or "B c" and not D*) and requestParameters.*: x and @timestamp >= now-1d/d or r: { a: b }"#,
    ),
    ("lucene", r#"+eventName:(A OR "b c"~2) -x:[1 TO *} AND y:/a.*b/ OR _exists_:z^2 AND NOT w:ab~1 "東京\" q""#),
    (
        "dsl",
        r#"{"query":{"bool":{"must":[{"match":{"a":"b c"}},{"range":{"@timestamp":{"gte":"now-1d/d","format":"dd/MM/yyyy"}}}],"should":[{"regexp":{"c":"[a-z]+"}}]}},"aggs":{"a":{"terms":{"field":"x","size":2},"aggs":{"b":{"date_histogram":{"field":"@timestamp","fixed_interval":"90m"},"aggs":{"c":{"derivative":{"buckets_path":"_count"}}}}}}}}"#,
    ),
    (
        "dsl",
        r#"{"type":"line","aggs":[{"id":"1","type":"max_bucket","schema":"metric","params":{"customBucket":{"type":"terms","params":{"field":"a"}},"customMetric":{"type":"avg","params":{"field":"b"}}}},{"id":"2","type":"terms","schema":"group","params":{"field":"c","otherBucket":true,"missingBucket":true,"json":"{\"script\":\"doc['x'].value / 2\"}"}}],"query":{"query":"a: b","language":"kuery"},"filter":[]}"#,
    ),
];

fn survive(front: &language::Front, text: &str) {
    let env = schema::environment(&|_, _| None);
    if let Err(diagnostics) = (front.lower)(text, &env) {
        for diagnostic in &diagnostics {
            let span = diagnostic.span;
            let inside = span.start <= span.end && span.end <= text.len();
            assert!(inside, "{}: {span:?} outside of {text:?}", front.id);
            let whole = text.is_char_boundary(span.start) && text.is_char_boundary(span.end);
            assert!(whole, "{}: {span:?} splits a character of {text:?}", front.id);
        }
        assert!(!query::diagnostic::render(text, &diagnostics).is_empty());
    }
    (front.recognise)(text);
    (front.ast)(text, &env);
}

#[test]
fn mutated_queries_never_panic() {
    let rows = schema::corpus("opensearch.jsonl").unwrap_or_default();
    let mut seeds: Vec<(&language::Front, String)> = rows
        .iter()
        .filter_map(|row| Some((front(row["language"].as_str()?)?, row["query"].as_str()?.to_owned())))
        .filter(|(_, query)| query.len() < 1200)
        .collect();
    seeds.extend(SEEDS.iter().filter_map(|(id, seed)| Some((language::front(id)?, (*seed).to_owned()))));
    let mut random = crate::hostile::Random(7);
    for round in 0..2500 {
        let (front, seed) = &seeds[round % seeds.len()];
        survive(front, &crate::hostile::mutate(seed, &mut random));
    }
}

#[test]
fn every_prefix_of_a_query_is_survived() {
    for (id, seed) in SEEDS {
        let Some(front) = language::front(id) else { continue };
        for (at, _) in seed.char_indices() {
            survive(front, &seed[..at]);
        }
    }
}

#[test]
fn nesting_ends_in_a_diagnostic() {
    for id in ["kql", "lucene", "dsl"] {
        let Some(front) = language::front(id) else { continue };
        for (open, close) in
            [("(", ")"), ("not ", ""), ("NOT ", ""), ("a:(", ")"), ("a:{", "}"), ("-", ""), ("a:[", "]")]
        {
            survive(front, &format!("{}a{}", open.repeat(50_000), close.repeat(50_000)));
        }
        for (open, close) in [
            ("{\"bool\":{\"must\":", "}}"),
            ("{\"aggs\":{\"a\":{\"terms\":{\"field\":\"b\"},\"aggs\":", "}}}"),
            ("[", "]"),
        ] {
            survive(front, &format!("{}{{}}{}", open.repeat(5_000), close.repeat(5_000)));
            survive(front, &format!("{}{{}}{}", open.repeat(20), close.repeat(20)));
        }
        survive(front, &"a or ".repeat(20_000));
        survive(front, &"a:b OR ".repeat(20_000));
        survive(front, &"*?".repeat(50_000));
        survive(front, &format!("a:/{}/", "(a*)*".repeat(2_000)));
        survive(front, &format!("a:{}~2", "x".repeat(5_000)));
    }
    let values = vec!["\"v\""; 20_000].join(",");
    if let Some(front) = language::front("dsl") {
        survive(front, &format!("{{\"terms\":{{\"eventName\":[{values}]}}}}"));
        survive(front, &format!("{{\"script\":\"{}\"}}", "1+".repeat(20_000)));
        survive(front, &format!("{{\"script\":\"{}1{}\"}}", "(".repeat(20_000), ")".repeat(20_000)));
    }
}
