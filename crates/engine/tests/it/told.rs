//! Which language a published query is taken for where nothing says which it is in.

use std::collections::BTreeMap;

use engine::{Fields, Language};
use query::language::{Environment, front};
use serde_json::Value;

use crate::sql_corpus::shared;

/// What the corpora hold: file, the language of a row, how many per mille are told, or read in another language with the same meaning.
const ON_RECORD: &[(&str, &str, usize)] = &[
    ("filter_pattern.jsonl", "filter", 987),
    ("insights.jsonl", "insights", 1000),
    ("opensearch.jsonl", "dsl", 1000),
    ("opensearch.jsonl", "kql", 960),
    ("opensearch.jsonl", "lucene", 1000),
    ("sigma.jsonl", "sigma", 1000),
    ("sigma_equivalents.jsonl", "lucene", 1000),
    ("sigma_equivalents.jsonl", "spl", 1000),
    ("spl.jsonl", "spl", 1000),
    ("sql.jsonl", "sql", 997),
    ("sumo.jsonl", "sumo", 1000),
];

fn rows(file: &str) -> Option<Vec<Value>> {
    let path = shared().join("corpora/queries").join(file);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {} is not there", path.display());
    }
    text.map(|text| text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// The texts of a corpus in one of its languages.
fn texts(rows: &[Value], file: &str, lang: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if file == "sigma_equivalents.jsonl" {
        return rows.iter().flat_map(|row| row[lang].as_array().into_iter().flatten().filter_map(text)).collect();
    }
    let of = |row: &&Value| match row["language"].as_str() {
        Some("kuery") => lang == "kql",
        Some("vis-aggs") => lang == "dsl",
        Some(word) => lang == word,
        None => true,
    };
    rows.iter().filter(of).filter_map(|row| text(&row["query"])).collect()
}

/// What a text says in a language: its pipeline; none where it says nothing.
fn meaning(lang: &str, text: &str) -> Option<String> {
    let env = Environment::new(&Fields, 1_700_000_000_000_000);
    let lowered = (front(lang)?.lower)(text, &env).ok()?;
    Some(query::pipeline::render(&lowered.pipeline))
}

#[test]
fn published_queries_are_told() {
    let mut fallen = Vec::new();
    for (file, lang, record) in ON_RECORD {
        let Some(rows) = rows(file) else { return };
        let texts = texts(&rows, file, lang);
        let (mut told, mut same) = (0, 0);
        let mut others: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for text in &texts {
            let found = Language::Auto.settle(text).as_str();
            if found == *lang {
                told += 1;
                continue;
            }
            match (meaning(lang, text), meaning(found, text)) {
                (Some(meant), Some(read)) if meant == read => same += 1,
                _ => others.entry(found).or_default().push(text),
            }
        }
        let good = (told + same) * 1000 / texts.len().max(1);
        eprintln!("{file} {lang}: {told} of {} told, {same} more mean the same: {good} per mille", texts.len());
        for (found, texts) in &others {
            let shown: Vec<String> = texts.iter().take(4).map(|text| text.chars().take(160).collect()).collect();
            eprintln!("   {} read as {found}: {shown:?}", texts.len());
        }
        if good < *record {
            fallen.push(format!("{file} {lang}: {good} per mille, {record} before"));
        }
    }
    assert!(fallen.is_empty(), "{fallen:?}");
}
