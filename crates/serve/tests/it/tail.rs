//! Live tail: what comes in while one looks, once each, whenever it happened.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use engine::{Engine, EngineOptions};
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Incoming;
use serde_json::{Value, json};
use serve::Config;

use crate::harness::{Server, until};

/// Longest wait for a line; the lake is looked at every second.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer that is read a line at a time.
struct Lines {
    answer: Response<Incoming>,
    rest: Vec<u8>,
}

impl Lines {
    async fn open(server: &Server, body: Value) -> Self {
        let answer = server.call("POST", "/api/v1/tail").json(&body).open().await;
        assert_eq!(answer.status(), 200, "{body}");
        Self { answer, rest: Vec::new() }
    }

    /// None where the answer has ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            let frame = tokio::time::timeout(PATIENCE, self.answer.body_mut().frame()).await.expect("a line in time");
            self.rest.extend_from_slice(&frame?.unwrap().into_data().unwrap());
        }
    }

    async fn expect(&mut self, key: &str) -> Value {
        let line = self.next().await.expect("another line");
        line.get(key).unwrap_or_else(|| panic!("{key} in {line}")).clone()
    }

    /// The ids of the next look that found something, and its mark.
    async fn look(&mut self) -> (Vec<String>, Value) {
        let mut ids = Vec::new();
        loop {
            let line = self.next().await.expect("another line");
            match line.get("_tail") {
                Some(mark) if mark["found"] != 0 || mark["missed"] == true => return (ids, mark.clone()),
                Some(_) => {}
                None => ids.push(line["eventID"].as_str().unwrap_or_else(|| panic!("an event in {line}")).to_owned()),
            }
        }
    }
}

struct Store {
    lake: lake::Lake,
    server: Server,
    _folder: tempfile::TempDir,
}

impl Store {
    async fn open(adjust: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = lake::Lake::open(&folder.path().display().to_string(), lake::LakeOptions::default()).unwrap();
        let engine = Engine::new(lake.clone(), EngineOptions::default()).unwrap();
        let server = Server::with(Arc::new(engine), Arc::default(), false, adjust).await;
        let store = Self { lake, server, _folder: folder };
        store.take_in(&[("first", "alice", "2026-03-02T10:00:00Z")]).await;
        store
    }

    /// One commit of events: id, user, time.
    async fn take_in(&self, events: &[(&str, &str, &str)]) {
        let records: Vec<Value> = events
            .iter()
            .map(|(id, user, time)| {
                json!({
                    "eventVersion": "1.08", "eventTime": time, "eventID": id, "eventSource": "iam.amazonaws.com",
                    "eventName": "ListUsers", "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.7",
                    "recipientAccountId": "111122223333",
                    "userIdentity": {"type": "IAMUser", "userName": user, "accountId": "111122223333"},
                })
            })
            .collect();
        let name = format!("{}.json", events[0].0);
        let object = serde_json::to_vec(&json!({"Records": records})).unwrap();
        let mut batcher = event::Batcher::new(event::Limits::default());
        batcher.push_object(&object, &name, 1_780_000_000_000_000).unwrap();
        let batch = enrich::Enricher::new(None).enrich(batcher.take_batch().unwrap().unwrap().batch).unwrap();
        let origins = vec![lake::OriginEntry { object: name, records: events.len() as u64 }];
        self.lake.append("cloudtrail", vec![batch], lake::Commit { origins, ..lake::Commit::default() }).await.unwrap();
    }
}

fn lasting(config: &mut Config) {
    config.query.tail = Duration::from_secs(600);
}

#[tokio::test]
async fn events_show_as_they_come_in_late_ones_too() {
    let store = Store::open(lasting).await;
    let mut tail = Lines::open(&store.server, json!({"query": "userName=alice | stats count", "lang": "spl"})).await;
    let meta = tail.expect("_meta").await;
    assert_eq!(meta["kind"], "events");
    assert_eq!(meta["diagnostics"][0]["code"], "tail.left-out");
    let first = tail.expect("_tail").await;
    assert_eq!((&first["found"], &first["missed"]), (&json!(0), &json!(false)));

    store.take_in(&[("second", "alice", "2026-03-03T10:00:00Z"), ("other", "bob", "2026-03-03T10:00:01Z")]).await;
    assert_eq!(tail.look().await.0, ["second"]);
    store.take_in(&[("late", "alice", "2025-01-01T00:00:00Z")]).await;
    let (ids, last) = tail.look().await;
    assert_eq!(ids, ["late"]);
    drop(tail);

    // One who was cut off goes on where the last mark stood: nothing twice, nothing passed over.
    store.take_in(&[("missed", "alice", "2026-03-04T10:00:00Z")]).await;
    for (mark, expected) in [(&first, vec!["late", "missed", "second"]), (&last, vec!["missed"])] {
        let again = json!({"query": "userName=alice", "lang": "spl", "after": mark["mark"]});
        let mut tail = Lines::open(&store.server, again).await;
        tail.expect("_meta").await;
        let mut ids = Vec::new();
        while ids.len() < expected.len() {
            ids.extend(tail.look().await.0);
        }
        ids.sort();
        assert_eq!(ids, expected);
    }
}

#[tokio::test]
async fn filters_hold_and_a_burst_is_cut() {
    let store = Store::open(lasting).await;
    let filters = json!([{"field": "userName", "op": "is_not", "values": ["alice"]}]);
    let mut tail = Lines::open(&store.server, json!({"query": "*", "filters": filters, "burst": 2})).await;
    tail.expect("_meta").await;
    tail.expect("_tail").await;
    let time = "2026-03-03T10:00:00Z";
    store.take_in(&[("a", "alice", time), ("b", "bob", time), ("c", "carol", time), ("d", "dave", time)]).await;
    let (ids, mark) = tail.look().await;
    assert_eq!((ids.len(), &mark["found"], &mark["sent"]), (2, &json!(3), &json!(2)), "{ids:?}");
    assert!(!ids.contains(&"a".to_owned()), "{ids:?}");
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused() {
    let store = Store::open(lasting).await;
    let ask = async |body: Value| {
        let answer = store.server.call("POST", "/api/v1/tail").json(&body).send().await;
        (answer.status, answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned())
    };
    for lang in ["sql", "auto"] {
        let (status, message) = ask(json!({"lang": lang, "query": "SELECT * FROM cloudtrail"})).await;
        assert_eq!(status, 400, "{message}");
        assert!(message.starts_with("live tail follows a search; a statement of SQL is run as a whole"), "{message}");
    }
    let (status, message) = ask(json!({"lang": "spl", "query": "| makeresults"})).await;
    assert_eq!((status, message.starts_with("live tail shows events")), (400, true), "{message}");
    assert_eq!(ask(json!({"query": "* | where ("})).await.0, 400);
    assert_eq!(ask(json!({"query": "*", "burst": 0})).await.0, 422);
    assert_eq!(ask(json!({"query": "*", "burst": 1001})).await.0, 422);
    assert_eq!(ask(json!({"query": "*", "after": "yesterday"})).await.0, 422);
    assert_eq!(ask(json!({"query": "*", "since": "-7d"})).await.0, 422, "a tail has no range");
}

#[tokio::test]
async fn places_are_few_and_given_back() {
    let store = Store::open(|config| {
        lasting(config);
        config.query.tails = 1;
    })
    .await;
    let mut tail = Lines::open(&store.server, json!({"query": "*"})).await;
    tail.expect("_meta").await;
    let refused = store.server.call("POST", "/api/v1/tail").json(&json!({"query": "*"})).send().await;
    assert_eq!((refused.status, refused.code().as_str(), refused.header("retry-after")), (429, "busy", "5"));
    drop(tail);
    for _ in 0..100 {
        let answer = store.server.call("POST", "/api/v1/tail").json(&json!({"query": "*"})).open().await;
        if answer.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a tail whose client left keeps its place");
}

#[tokio::test]
async fn ends_with_its_time_and_with_the_server() {
    let server = Server::start(false, |config| config.query.tail = Duration::from_millis(300)).await;
    let mut tail = Lines::open(&server, json!({"query": "rows 1"})).await;
    tail.expect("_meta").await;
    tail.expect("_tail").await;
    assert_eq!(tail.expect("_end").await["rows"], 0);
    assert!(tail.next().await.is_none());

    let server = Server::start(false, lasting).await;
    let mut tail = Lines::open(&server, json!({"query": "rows 1"})).await;
    tail.expect("_meta").await;
    tail.expect("_tail").await;
    let stopped = tokio::spawn(server.stop());
    assert_eq!(tail.expect("_end").await["rows"], 0);
    tokio::time::timeout(PATIENCE, stopped).await.expect("the server stops").unwrap();
}

#[tokio::test]
async fn what_fails_half_way_is_told() {
    let server = Server::start(false, lasting).await;
    for (kind, ends) in [("deadline", false), ("memory", false), ("budget", false), ("internal", true)] {
        let mut tail = Lines::open(&server, json!({"query": format!("late {kind}")})).await;
        tail.expect("_meta").await;
        tail.expect("_tail").await;
        server.fake.version.fetch_add(1, Ordering::SeqCst);
        for _ in 0..3 {
            tail.expect("n").await;
        }
        if ends {
            let error = tail.expect("_error").await;
            assert!(!error["message"].as_str().unwrap().contains("secret"), "{error}");
            assert!(tail.next().await.is_none());
        } else {
            let mark = tail.expect("_tail").await;
            assert_eq!((&mark["missed"], &mark["sent"]), (&json!(true), &json!(3)), "{kind}");
        }
    }
    let fake = server.fake.clone();
    until("its queries are over", move || fake.alive.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn following_is_written_to_the_audit_log() {
    let server = Server::start(true, lasting).await;
    let browser = server.browser().await;
    let call = server.call("POST", "/api/v1/tail").json(&json!({"query": "rows 1"}));
    drop(browser.dress(call).open().await);
    let entries = server.state.audit_log(10).unwrap();
    let entry = entries.iter().find(|entry| entry.action == "tail").expect("an entry");
    assert_eq!(entry.actor, crate::harness::NAME);
    assert!(entry.detail.contains("rows 1"), "{}", entry.detail);
}
