//! Exports of several versions, and what they come to.

use serde_json::{Value, json};

use super::{Checks, Imported, import};
use crate::opensearch::testing::environment;

fn imported(text: &str) -> Imported {
    let error = |query: &str| {
        let found = (crate::dsl::FRONT.lower)(query, &environment()).err()?;
        Some(found.first().map(|first| first.message.clone()).unwrap_or_default())
    };
    import(text, "loose", &Checks { has_table: &|index| !index.contains("linux"), error: &error })
}

fn vis(id: &str, state: &Value, source: &Value) -> Value {
    json!({
        "type": "visualization", "id": id,
        "attributes": {
            "title": format!("Title of {id}"),
            "visState": state.to_string(),
            "kibanaSavedObjectMeta": { "searchSourceJSON": source.to_string() },
        },
        "references": [{ "name": "kibanaSavedObjectMeta.searchSourceJSON.index", "type": "index-pattern", "id": "pattern" }],
    })
}

fn count_by(field: &str) -> Value {
    json!([
        { "id": "1", "enabled": true, "type": "count", "schema": "metric", "params": {} },
        { "id": "2", "enabled": true, "type": "terms", "schema": "segment", "params": { "field": field, "size": 5, "order": "desc", "orderBy": "1" } },
    ])
}

fn lines(objects: &[Value]) -> String {
    objects.iter().map(|object| format!("{object}\n")).collect()
}

#[test]
fn a_dashboard_of_today() {
    let source = json!({ "query": { "query": "eventName: A*", "language": "kuery" }, "filter": [],
        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index" });
    let panels = json!([
        { "panelRefName": "panel_0", "gridData": { "x": 0, "y": 0, "w": 24, "h": 15 }, "panelIndex": "1" },
        { "panelRefName": "panel_1", "gridData": { "x": 24, "y": 0, "w": 12, "h": 8 }, "panelIndex": "2" },
        { "panelRefName": "panel_2", "gridData": { "x": 0, "y": 15, "w": 48, "h": 20 }, "panelIndex": "3" },
        { "panelRefName": "panel_3", "gridData": { "x": 0, "y": 40, "w": 48, "h": 20 }, "panelIndex": "4" },
    ]);
    let text = lines(&[
        json!({ "type": "index-pattern", "id": "pattern", "attributes": { "title": "log-aws-cloudtrail-*" } }),
        vis("pie", &json!({ "type": "pie", "aggs": count_by("eventName") }), &source),
        vis("text", &json!({ "type": "markdown", "aggs": [], "params": { "markdown": "x" } }), &source),
        vis(
            "tsvb",
            &json!({ "type": "metrics", "params": { "type": "timeseries", "index_pattern": "log-aws-cloudtrail-*", "series": [
            { "label": "s3", "split_mode": "terms", "terms_field": "eventName", "metrics": [{ "type": "count" }],
              "filter": { "query": "eventSource: s3*", "language": "kuery" } } ] } }),
            &json!({}),
        ),
        json!({ "type": "search", "id": "events", "attributes": { "title": "Events", "columns": ["eventName", "user.name"],
            "kibanaSavedObjectMeta": { "searchSourceJSON": source.to_string() } }, "references": [] }),
        json!({ "type": "dashboard", "id": "d", "attributes": { "title": "CloudTrail: who?", "panelsJSON": panels.to_string(),
            "kibanaSavedObjectMeta": { "searchSourceJSON": json!({ "query": { "query": "awsRegion: x", "language": "kuery" }, "filter": [] }).to_string() } },
            "references": [
                { "name": "panel_0", "type": "visualization", "id": "pie" },
                { "name": "panel_1", "type": "visualization", "id": "text" },
                { "name": "panel_2", "type": "visualization", "id": "tsvb" },
                { "name": "panel_3", "type": "search", "id": "events" },
            ] }),
        json!({ "exportedCount": 5, "missingRefCount": 0 }),
    ]);
    let found = imported(&text);
    assert_eq!(
        found.left_out,
        [("CloudTrail: who? / Title of text".to_owned(), "texts have no place on a dashboard of ours".to_owned())]
    );
    assert_eq!(found.dashboards.len(), 1);
    let (stem, file) = &found.dashboards[0];
    assert_eq!((stem.as_str(), file["id"].as_str()), ("cloudtrail-who", Some("cloudtrail-who")));
    let panels = file["panels"].as_array().cloned().unwrap_or_default();
    let brief: Vec<_> = panels.iter().map(|panel| (panel["chart"].as_str(), panel["width"].as_u64())).collect();
    assert_eq!(brief, [(Some("pie"), Some(12)), (Some("line"), Some(12)), (Some("events"), Some(12))]);
    assert!(
        panels.iter().all(|panel| panel["lang"] == "dsl"
            && panel["query"].as_str().is_some_and(|query| query.contains("awsRegion: x")))
    );
}

#[test]
fn old_exports_and_what_is_left_out() {
    let old = json!([
        { "_id": "a", "_type": "visualization", "_source": { "title": "Old", "visState": json!({ "type": "histogram", "aggs": count_by("eventName") }).to_string(),
            "kibanaSavedObjectMeta": { "searchSourceJSON": "{\"query\":{\"query_string\":{\"query\":\"*\"}},\"filter\":[],\"index\":\"log-aws-cloudtrail-*\"}" } } },
        { "_id": "b", "_type": "visualization", "_source": { "title": "Linux", "visState": json!({ "type": "pie", "aggs": count_by("proc") }).to_string(),
            "kibanaSavedObjectMeta": { "searchSourceJSON": "{\"index\":\"log-linux-*\"}" } } },
        { "_id": "c", "_type": "lens", "_source": { "title": "Lens" } },
    ]);
    let found = imported(&old.to_string());
    assert_eq!(found.dashboards.len(), 1);
    assert_eq!(found.dashboards[0].1["panels"][0]["chart"], "bar");
    let reasons: Vec<&str> = found.left_out.iter().map(|(_, why)| why.as_str()).collect();
    assert_eq!(
        reasons,
        ["there is no table for the index pattern `log-linux-*`", "objects of the type `lens` have no counterpart"]
    );
}

#[test]
fn hostile_exports() {
    for text in [
        "",
        "{",
        "[]",
        "[1, 2]",
        "{\"type\": 5}",
        "not json\n{\"type\": \"visualization\", \"attributes\": {\"visState\": \"{\"}}",
    ] {
        assert!(imported(text).dashboards.is_empty(), "{text}");
    }
}
