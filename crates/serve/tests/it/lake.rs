//! The same API over a real engine and a real lake.

use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, EngineOptions};
use serde_json::{Value, json};
use serve::Config;

use crate::client::Answer;
use crate::harness::Server;

fn record(n: usize, name: &str, user: &str, error: Option<&str>) -> Value {
    let mut record = json!({
        "eventVersion": "1.08", "eventTime": format!("2026-03-0{}T10:00:0{n}Z", 1 + n % 3), "eventID": format!("event-{n}"),
        "eventSource": "iam.amazonaws.com", "eventName": name, "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.7",
        "userAgent": "<script>alert(1)</script>", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "userName": user, "arn": format!("arn:aws:iam::111122223333:user/{user}"), "accountId": "111122223333"},
    });
    if let Some(error) = error {
        record["errorCode"] = json!(error);
    }
    record
}

/// Nine events: by alice and bob in turn, every third denied.
async fn server(folder: &tempfile::TempDir, adjust: impl FnOnce(&mut Config)) -> Server {
    let records: Vec<Value> = (0..9)
        .map(|n| {
            let denied = (n % 3 == 0).then_some("AccessDenied");
            record(n, ["ListUsers", "CreateUser"][n % 2], ["alice", "bob"][n % 2], denied)
        })
        .collect();
    let mut batcher = event::Batcher::new(event::Limits::default());
    let object = serde_json::to_vec(&json!({"Records": records})).unwrap();
    batcher.push_object(&object, "one.json", 1_780_000_000_000_000).unwrap();
    let batch = enrich::Enricher::new(None).enrich(batcher.take_batch().unwrap().unwrap().batch).unwrap();
    let lake = lake::Lake::open(&folder.path().display().to_string(), lake::LakeOptions::default()).unwrap();
    let origins = vec![lake::OriginEntry { object: "one.json".into(), records: 9 }];
    lake.append("cloudtrail", vec![batch], lake::Commit { origins, ..lake::Commit::default() }).await.unwrap();
    let engine = Engine::new(lake, EngineOptions::default()).unwrap();
    Server::with(Arc::new(engine), Arc::default(), false, adjust).await
}

async fn ask(server: &Server, body: Value) -> Answer {
    server.call("POST", "/api/v1/query").json(&body).send().await
}

async fn rows(server: &Server, body: Value) -> Vec<Value> {
    let answer = ask(server, body.clone()).await;
    assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    answer.lines()
}

#[tokio::test]
async fn questions() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, |_| ()).await;
    let spl = "sourcetype=aws:cloudtrail | stats count by userName | sort - count";
    assert_eq!(
        rows(&server, json!({"query": spl})).await,
        [json!({"userName": "alice", "count": 5}), json!({"userName": "bob", "count": 4})]
    );
    let sql = "SELECT user_name, count(*) AS n FROM cloudtrail GROUP BY user_name ORDER BY n DESC";
    assert_eq!(
        rows(&server, json!({"query": sql})).await,
        [json!({"user_name": "alice", "n": 5}), json!({"user_name": "bob", "n": 4})]
    );

    let count = async |body: Value| rows(&server, body).await.len();
    assert_eq!(count(json!({"query": "*"})).await, 9);
    assert_eq!(count(json!({"query": "errorCode=AccessDenied"})).await, 3);
    assert_eq!(count(json!({"query": "*", "since": "2026-03-02T00:00:00Z", "until": "2026-03-03T00:00:00Z"})).await, 3);
    let filter = |op: &str| json!({"query": "*", "filters": [{"field": "userName", "op": op, "values": ["bob"]}]});
    assert_eq!((count(filter("is")).await, count(filter("is_not")).await), (4, 5));
    let none = json!({"query": "*", "filters": [{"field": "userName", "op": "is", "values": ["' OR 1=1 --"]}]});
    assert_eq!(count(none).await, 0);

    let lines = rows(&server, json!({"query": "*", "limit": 4, "meta": true})).await;
    assert_eq!(
        (&lines[0]["_meta"]["kind"], &lines[5]["_end"]["rows"], &lines[5]["_end"]["truncated"]),
        (&json!("events"), &json!(4), &json!(true))
    );
    assert_eq!(lines[5]["_end"]["scanned_rows"], json!(9));
}

#[tokio::test]
async fn events_tables_plans_and_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, |_| ()).await;
    let event = server.get("/api/v1/events/event-3").await.json();
    assert_eq!(event["columns"]["event_name"], json!("CreateUser"));
    let raw: Value = serde_json::from_str(event["raw"].as_str().unwrap()).unwrap();
    assert_eq!(raw["userAgent"], json!("<script>alert(1)</script>"));
    for id in ["none", "'%20OR%20'1'%3D'1", "%25"] {
        assert_eq!(server.get(&format!("/api/v1/events/{id}")).await.status, 404, "{id}");
    }
    let status = server.get("/api/v1/status").await.json();
    let table = &status["tables"].as_array().unwrap().iter().find(|t| t["name"] == "cloudtrail").unwrap();
    assert_eq!((&table["rows"], table["oldest"].as_str().map(|t| &t[..19])), (&json!(9), Some("2026-03-01T10:00:00")));
    assert_eq!(server.get("/readyz").await.status, 200);
    assert!(server.get("/metrics").await.text().contains("trailhound_table_rows{table=\"cloudtrail\"} 9"));

    let plan = server.call("POST", "/api/v1/explain").json(&json!({"query": "* | stats count"})).send().await.json();
    assert!(!plan["ir"].as_str().unwrap().is_empty() && !plan["plan"].as_str().unwrap().is_empty(), "{plan}");
    for query in ["* | sttas count", "SELECT eventNmae FROM cloudtrail", "SELECT FROM", "* | where ("] {
        let answer = ask(&server, json!({"query": query})).await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status, &error["code"]), (400, &json!("invalid")), "{query}: {error}");
        assert!(!error["diagnostics"].as_array().unwrap().is_empty(), "{query}: {error}");
    }
}

#[tokio::test]
async fn what_costs_too_much_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let costly = server(&folder, |config| config.query.scan_bytes = Some(1)).await;
    assert_eq!(ask(&costly, json!({"query": "*"})).await.code(), "scan-budget");
    let folder = tempfile::tempdir().unwrap();
    let late = server(&folder, |config| config.query.deadline = Duration::ZERO).await;
    let answer = ask(&late, json!({"query": "*"})).await;
    assert_eq!((answer.status, answer.code().as_str()), (408, "deadline"));
}

#[tokio::test]
async fn rows_as_a_parquet_file() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder, |_| ()).await;
    for (limit, truncated) in [(9, "false"), (4, "true")] {
        let answer = ask(&server, json!({"query": "*", "format": "parquet", "limit": limit})).await;
        assert_eq!(answer.status, 200, "{limit}");
        assert_eq!(answer.header("content-type"), "application/vnd.apache.parquet");
        assert_eq!(
            (answer.header("x-trailhound-truncated"), answer.header("x-trailhound-limit")),
            (truncated, &*limit.to_string())
        );
        assert!(answer.body.starts_with(b"PAR1") && answer.body.ends_with(b"PAR1"), "{} bytes", answer.body.len());
    }
    let whole = ask(&server, json!({"query": "*", "format": "parquet"})).await.body.len();
    let part = ask(&server, json!({"query": "*", "format": "parquet", "limit": 1})).await.body.len();
    assert!(part < whole, "{part} < {whole}");
    let answer = ask(&server, json!({"query": "* | where (", "format": "parquet"})).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "invalid"));
    let answer = ask(&server, json!({"query": "*", "format": "xlsx"})).await;
    assert_eq!(answer.status, 422);
}
