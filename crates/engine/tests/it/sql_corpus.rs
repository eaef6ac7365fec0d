//! Published queries of Athena, CloudTrail Lake, Tailpipe and Steampipe: how many plan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use engine::{Engine, EngineOptions, Language, QueryRequest};
use lake::{Lake, LakeOptions};
use serde_json::Value;

/// Of those about logs that have a table: dialect, how many plan, of how many.
const ON_RECORD: &[(&str, usize)] = &[("athena", 136), ("cloudtrail-lake", 33), ("duckdb", 89), ("postgres+sqlite", 8)];

/// Topics that have tables.
const TOPICS: [&str; 10] =
    ["cloudtrail", "vpcflow", "elb", "waf", "cloudfront", "s3access", "guardduty", "route53", "config", "securityhub"];

fn corpus() -> Option<Vec<Value>> {
    let root = std::env::var_os("TRAILHOUND_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = root.join("corpora/queries/sql.jsonl");
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
