//! A rule and a search can't disagree: the queries of all streaming rules, over events as they come and as searches over the
//! same events in a lake, find the same ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use detect::compile::{self, Truth};
use detect::matcher::Matcher;
use detect::rule::Query;
use engine::matching::Matching;
use engine::{Engine, EngineOptions, Language, QueryRequest};
use enrich::Enricher;
use event::Decoded;
use futures::StreamExt;
use lake::{Commit, Lake, LakeOptions};

use crate::builtin::loaded;

/// Sample events beside the corpora.
const SAMPLES: u64 = 2_000;

fn corpora() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILHOUND_SHARED").map_or_else(beside, PathBuf::from);
    let logs = shared.join("corpora/logs/cloudtrail");
    logs.is_dir().then_some(logs)
}

/// The logs of the corpora, where they are, and sample logs of every kind.
async fn events(folder: &Path) -> Vec<Decoded> {
    generate::run(&generate::Options::new(SAMPLES, folder.join("samples"), 7), &mut |_| {}).expect("samples");
    let mut paths = vec![folder.join("samples").display().to_string()];
    match corpora() {
        Some(logs) => {
            paths.extend(["stratus-red-team", "invictus-2023"].map(|name| logs.join(name).display().to_string()));
        }
        None => eprintln!("skipped: the corpora are not beside the project"),
    }
    let mut batches = Vec::new();
    let enricher = Arc::new(Enricher::new(None));
    let mut sink = |decoded| {
        batches.push(decoded);
        true
    };
    ingest::read(&paths, enricher, &ingest::Options::default(), &mut sink).await.expect("logs");
    batches
}

async fn engine(folder: &Path, batches: &[Decoded]) -> Engine {
    let lake = Lake::open(&folder.join("lake").display().to_string(), LakeOptions::default()).expect("a lake");
    let mut tables: BTreeMap<&str, Vec<RecordBatch>> = BTreeMap::new();
    for Decoded { log_type, batch } in batches {
        tables.entry(log_type.id).or_default().push(batch.clone());
    }
    for (table, batches) in tables {
        lake.append(table, batches, Commit::default()).await.expect("an append");
    }
    Engine::new(lake, EngineOptions::default()).expect("an engine")
}

fn ids(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).unwrap_or_else(|| panic!("no {name} in {:?}", batch.schema()));
    let column = cast(column, &DataType::Utf8).expect("text");
    column.as_string::<i32>().iter().flatten().map(str::to_owned).collect()
}

async fn searched(engine: &Engine, query: &Query) -> BTreeSet<String> {
    let language: Language = query.lang.parse().expect("a language");
    let mut request = QueryRequest::new(language, query.text.clone());
    request.limits.rows = u64::MAX;
    let mut answer = engine.query(request).await.unwrap_or_else(|error| panic!("{}: {}", query.text, error.message));
    let mut found = BTreeSet::new();
    while let Some(batch) = answer.batches.next().await {
        found.extend(ids(&batch.expect("rows"), "eventID"));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_and_searches_find_the_same_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let batches = events(folder.path()).await;
    let engine = engine(folder.path(), &batches).await;
    let rules = loaded().rules;
    let streaming = rules.iter().filter(|entry| entry.rule.mode.is_streaming());
    let queries: Vec<(&str, &Query, Vec<Truth>)> = streaming
        .flat_map(|entry| {
            let steps = compile::rule(&entry.rule).expect("a rule that compiles").steps;
            entry.rule.queries().zip(steps).map(|(query, truths)| (entry.rule.id.as_str(), query, truths))
        })
        .collect();
    let truths: Vec<(usize, &Truth)> =
        queries.iter().enumerate().flat_map(|(at, (.., truths))| truths.iter().map(move |truth| (at, truth))).collect();
    let matcher = Matcher::new(&Matching::new(None, 0), &truths).expect("a matcher");
    let mut matched = vec![BTreeSet::new(); queries.len()];
    for Decoded { log_type, batch } in &batches {
        let all = ids(batch, "event_id");
        for found in matcher.matches(log_type, batch).expect("matches") {
            matched[found.probe].extend(found.rows.iter().map(|row| all[*row as usize].clone()));
        }
    }
    let mut hits = 0;
    for ((rule, query, _), matched) in queries.iter().zip(&matched) {
        let searched = searched(&engine, query).await;
        let missing: Vec<&String> = searched.difference(matched).take(3).collect();
        let extra: Vec<&String> = matched.difference(&searched).take(3).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{rule}: missing {missing:?}, extra {extra:?}\n{}", query.text);
        hits += matched.len();
    }
    assert!(queries.is_empty() || hits > 0, "the events hold something that rules find");
    println!("{} queries, {hits} matches over {} batches", queries.len(), batches.len());
}
