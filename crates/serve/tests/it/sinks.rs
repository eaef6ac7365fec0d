//! Sinks over the API: how they do, a test, what was given up. Never a secret.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use detect::sinks::{
    DeadLetter, Notice, Outbox, OutboxError, Queued, Settled, SinkCounts, SinkSettings, Sinks, Surroundings,
};
use serde_json::{Value, json};

use crate::fake::Fake;
use crate::harness::Server;

/// An outbox with one message that was given up.
#[derive(Default)]
struct Held {
    revived: Mutex<Vec<(String, Option<Vec<i64>>)>>,
}

fn at() -> DateTime<Utc> {
    "2026-01-15T03:04:05Z".parse().unwrap()
}

impl Outbox for Held {
    fn due(&self, _: &str, _: DateTime<Utc>, _: usize) -> Result<Vec<Queued>, OutboxError> {
        Ok(Vec::new())
    }

    fn settle(&self, _: i64, _: DateTime<Utc>, _: &Settled) -> Result<(), OutboxError> {
        Ok(())
    }

    fn counts(&self) -> Result<Vec<SinkCounts>, OutboxError> {
        let error = Some("the receiver answered 500".to_owned());
        Ok(vec![SinkCounts { sink: "hook".into(), pending: 2, dead: 1, last_success: Some(at()), last_error: error }])
    }

    fn dead(&self, sink: &str, _: usize) -> Result<Vec<DeadLetter>, OutboxError> {
        let letter =
            DeadLetter { row: 7, notice: Notice::sample("n", at()), attempts: 12, error: "no".into(), at: at() };
        Ok(if sink == "hook" { vec![letter] } else { Vec::new() })
    }

    fn revive(&self, sink: &str, rows: Option<&[i64]>, _: DateTime<Utc>) -> Result<u64, OutboxError> {
        self.revived.lock().unwrap().push((sink.to_owned(), rows.map(<[i64]>::to_vec)));
        Ok(1)
    }
}

fn sinks(file: &std::path::Path) -> Sinks {
    let settings = json!([
        {"type": "json-file", "name": "file", "path": file},
        {"type": "webhook", "name": "hook", "url": "http://127.0.0.1:1/hunter2", "allow": ["127.0.0.1"], "secret": "hunter2",
         "quiet": {"from": "22:00", "to": "07:00", "timezone": "Asia/Tokyo"}},
    ]);
    let settings: Vec<SinkSettings> = serde_json::from_value(settings).unwrap();
    Sinks::new(&settings, &Surroundings { url: None, env: &|_| None, region: None }).unwrap()
}

async fn post(server: &Server, path: &str, body: &Value) -> Value {
    let answer = server.call("POST", path).json(body).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn sinks_are_shown_tried_and_revived() {
    let folder = tempfile::tempdir().unwrap();
    let (file, outbox) = (folder.path().join("alerts.jsonl"), Arc::new(Held::default()));
    let fake = Arc::new(Fake::default());
    let server = Server::made(fake.clone(), fake, false, |_, parts| {
        parts.sinks = sinks(&file);
        parts.outbox = Some(outbox.clone());
    })
    .await;
    let list = server.get("/api/v1/sinks").await;
    assert!(!list.text().contains("hunter2"));
    let hook = &list.json()["sinks"][1];
    assert_eq!(
        *hook,
        json!({"name": "hook", "type": "webhook", "enabled": true, "last_success": "2026-01-15T03:04:05Z", "pending": 2, "dead": 1,
            "last_error": "the receiver answered 500", "quiet_hours": "22:00-07:00 Asia/Tokyo"})
    );
    assert_eq!(post(&server, "/api/v1/sinks/file/test", &json!({})).await, json!({"delivered": true, "error": null}));
    let line: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(line["change"], "test");
    let failed = post(&server, "/api/v1/sinks/hook/test", &json!({})).await;
    assert!(failed["delivered"] == false && !failed.to_string().contains("hunter2"), "{failed}");
    let dead = server.get("/api/v1/sinks/hook/dead").await.json();
    assert_eq!((&dead["letters"][0]["id"], &dead["letters"][0]["attempts"]), (&json!(7), &json!(12)));
    assert_eq!(post(&server, "/api/v1/sinks/hook/dead/retry", &json!({"ids": [7]})).await, json!({"messages": 1}));
    assert_eq!(*outbox.revived.lock().unwrap(), [("hook".to_owned(), Some(vec![7]))]);
    let metrics = server.get("/metrics").await.text().to_owned();
    assert!(metrics.contains("trailhound_sink_pending{sink=\"hook\"} 2"), "{metrics}");
    let done: Vec<String> = server.state.audit_log(10).unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(done, ["sink-retry", "sink-test", "sink-test"]);
}
