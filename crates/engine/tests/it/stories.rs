//! Results that people see first: events with their identity, explanations that show the way.

use engine::{Language, QueryRequest, ResultKind};
use futures::StreamExt;

use crate::sample::sample;

#[tokio::test]
async fn a_search_gives_events_newest_first() {
    let sample = sample().await;
    let mut stream = sample.engine.query(QueryRequest::new(Language::Auto, "eventName=ConsoleLogin")).await.unwrap();
    assert_eq!(stream.kind, ResultKind::Events);
    let names: Vec<_> = stream.columns.iter().map(|c| c.name.as_str()).collect();
    for name in ["_time", "eventName", "eventID", "_raw"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    let mut out = Vec::new();
    while let Some(batch) = stream.batches.next().await {
        engine::ndjson(&batch.unwrap(), &mut out).unwrap();
    }
    let times: Vec<String> = String::from_utf8(out)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["_time"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(times, ["2024-05-02T01:05:00Z", "2024-05-02T01:00:00Z", "2024-05-02T00:30:00Z"]);
    assert!(stream.progress.scanned_rows() >= 3);
}

#[tokio::test]
async fn a_stream_that_has_ended_stays_ended() {
    let sample = sample().await;
    let mut stream = sample.engine.query(QueryRequest::new(Language::Spl, "eventName=Nothing")).await.unwrap();
    while stream.batches.next().await.is_some() {}
    assert!(stream.batches.next().await.is_none());
}

#[tokio::test]
async fn explain_shows_text_to_plan() {
    let sample = sample().await;
    let found =
        sample.engine.explain(QueryRequest::new(Language::Spl, "eventName=x | stats count by user")).await.unwrap();
    assert!(found.ast.is_object() || found.ast.is_array(), "{}", found.ast);
    assert!(found.ir.contains("aggregate"), "{}", found.ir);
    assert!(found.plan.contains("Aggregate"), "{}", found.plan);
    let found = sample
        .engine
        .explain(QueryRequest::new(Language::Auto, "select eventName from cloudtrail_logs"))
        .await
        .unwrap();
    assert_eq!(found.language, Language::Sql);
    assert!(found.ir.contains("event_name"), "{}", found.ir);
}
