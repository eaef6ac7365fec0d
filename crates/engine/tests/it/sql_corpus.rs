//! Published queries of Athena, CloudTrail Lake, Tailpipe and Steampipe: how many plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use engine::{Engine, EngineOptions, Language, QueryRequest};
use event::{Batcher, Limits};
use futures::StreamExt;
use lake::{Commit, Lake, LakeOptions};
use serde_json::Value;

/// Of those about logs that have a table: dialect, how many plan, of how many.
const ON_RECORD: &[(&str, usize)] = &[("athena", 136), ("cloudtrail-lake", 33), ("duckdb", 89), ("postgres+sqlite", 8)];

/// Topics that have tables.
const TOPICS: [&str; 10] =
    ["cloudtrail", "vpcflow", "elb", "waf", "cloudfront", "s3access", "guardduty", "route53", "config", "securityhub"];

pub(crate) fn shared() -> PathBuf {
    std::env::var_os("TRAILHOUND_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from)
}

fn corpus() -> Option<Vec<Value>> {
    let path = shared().join("corpora/queries/sql.jsonl");
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {} is not there", path.display());
    }
    text.map(|text| text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

#[tokio::test]
async fn published_queries_plan() {
    let Some(rows) = corpus() else { return };
    let place = tempfile::tempdir().unwrap();
    let lake = Lake::open(place.path().to_str().unwrap(), LakeOptions::default()).unwrap();
    let engine = Engine::new(lake, EngineOptions { threads: 1, ..EngineOptions::default() }).unwrap();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut all, mut millis) = (0, Vec::new());
    for row in &rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        let begun = std::time::Instant::now();
        let found = engine.explain(QueryRequest::new(Language::Sql, text("query"))).await;
        millis.push(begun.elapsed().as_micros());
        all += usize::from(found.is_ok());
        if let Err(error) = &found {
            let codes: Vec<_> = error.diagnostics.iter().map(|d| format!("{}: {}", d.code, d.message)).collect();
            eprintln!("{} {} {}: {} {codes:?}", text("dialect"), text("topic"), text("id"), error.message);
        }
        if TOPICS.contains(&text("topic")) {
            let count = counts.entry(text("dialect").to_owned()).or_default();
            count.0 += usize::from(found.is_ok());
            count.1 += 1;
        }
    }
    millis.sort_unstable();
    let begun = std::time::Instant::now();
    engine.explain(QueryRequest::new(Language::Sql, "SELECT 1")).await.unwrap();
    eprintln!("SELECT 1 plans in {} us", begun.elapsed().as_micros());
    eprintln!("sql plans: {counts:?}, {all} of {} in all, median {} us", rows.len(), millis[millis.len() / 2]);
    for (dialect, wanted) in ON_RECORD {
        let (found, of) = counts.get(*dialect).copied().unwrap_or_default();
        assert!(found >= *wanted, "{dialect}: {found} of {of} plan, {wanted} are on record");
    }
}

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// A lake of all CloudTrail logs of the corpora.
async fn lake_of_logs(place: &Path) -> Lake {
    let lake = Lake::open(place.to_str().unwrap(), LakeOptions::default()).unwrap();
    let mut found = Vec::new();
    files(&shared().join("corpora/logs/cloudtrail"), &mut found);
    found.sort();
    let mut batcher = Batcher::new(Limits::default());
    let enricher = enrich::Enricher::new(None);
    for path in found {
        let bytes = std::fs::read(&path).unwrap();
        // Files that are no logs, or are broken, are other tests' matter.
        let _ = batcher.push_object(&bytes, &path.to_string_lossy(), 86_400_000_000);
    }
    let mut tables: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    while let Some(found) = batcher.take_batch().unwrap() {
        tables.entry(found.log_type.id).or_default().push(enricher.enrich(found.batch).unwrap());
    }
    for (table, batches) in tables {
        lake.append(table, batches, Commit::default()).await.unwrap();
    }
    lake
}

#[tokio::test(flavor = "multi_thread")]
async fn what_plans_runs_over_real_logs() {
    let Some(rows) = corpus() else { return };
    let place = tempfile::tempdir().unwrap();
    let lake = lake_of_logs(place.path()).await;
    let engine = Engine::new(lake, EngineOptions { threads: 2, ..EngineOptions::default() }).unwrap();
    let (mut ran, mut failed, mut cells) = (0, Vec::new(), 0);
    for row in &rows {
        let text = row["query"].as_str().unwrap_or_default();
        if engine.explain(QueryRequest::new(Language::Sql, text)).await.is_err() {
            continue;
        }
        ran += 1;
        match run(&engine, text).await {
            Ok(count) => cells += usize::from(count > 0),
            Err(error) => failed.push(format!("{}: {:?}: {error}", row["id"], error.kind)),
        }
    }
    eprintln!("sql runs: {ran}, {cells} of them with rows, {} fail:\n{}", failed.len(), failed.join("\n"));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

async fn run(engine: &Engine, text: &str) -> Result<usize, engine::QueryError> {
    let mut stream = engine.query(QueryRequest::new(Language::Sql, text)).await?;
    let mut count = 0;
    while let Some(batch) = stream.batches.next().await {
        let batch = batch?;
        count += batch.num_rows();
        engine::ndjson(&batch, &mut Vec::new())?;
    }
    Ok(count)
}
