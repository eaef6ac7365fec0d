//! A state with a clock that the test moves, rules of the test's own, and events as they are decoded.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use detect::rule::File;
use detect::store::{Clock, News, Occasion, Store};
use detect::{Attack, Detections, Sources};
use engine::matching::Matching;
use engine::{Engine, EngineOptions};
use event::{Batcher, Decoded, Limits};
use lake::{Commit, Lake, LakeOptions};
use serde_json::{Value, json};

pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3600 * SECOND;
pub const DAY: i64 = 24 * HOUR;
/// 2026-01-15T03:04:05Z.
pub const START: i64 = 1_768_446_245 * SECOND;

pub struct Scene {
    pub folder: tempfile::TempDir,
    now: Arc<AtomicI64>,
}

impl Scene {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), now: Arc::new(AtomicI64::new(START)) }
    }

    pub fn pass(&self, micros: i64) {
        self.now.fetch_add(micros, Ordering::SeqCst);
    }

    pub fn store(&self) -> Store {
        let now = Arc::clone(&self.now);
        let clock: Clock = Arc::new(move || now.load(Ordering::SeqCst));
        let store = Store::with_clock(&self.folder.path().join("state.db"), clock).unwrap();
        // Who hears of alerts that are new or go on, not of what people do with them.
        store.set_addressing(Arc::new(|news: &News<'_>| {
            let wanted = matches!(news.occasion, Occasion::Opened | Occasion::More);
            let text = format!("{} {} of {}", news.alert.rule_id, news.alert.events, news.evidence.len());
            if wanted { vec![("hook".to_owned(), text)] } else { Vec::new() }
        }));
        store
    }

    /// Detections with rules of these texts, as a new process has them.
    pub fn detections(&self, rules: &[&str]) -> Detections {
        let file = |text: &&str| {
            let id = text.trim_start().lines().next().unwrap().trim_start_matches("id: ");
            File { name: format!("{id}.yml"), text: (*text).to_owned(), builtin: true }
        };
        let sources = Sources {
            builtin: rules.iter().map(file).collect(),
            attack: Attack::parse(assets::attack()),
            ..Sources::default()
        };
        Detections::open(self.store(), sources, Matching::new(None, START)).unwrap()
    }

    pub fn lake(&self) -> Lake {
        Lake::open(&self.folder.path().join("lake").to_string_lossy(), LakeOptions::default()).unwrap()
    }

    pub fn engine(&self) -> Engine {
        Engine::new(self.lake(), EngineOptions { threads: 1, ..EngineOptions::default() }).unwrap()
    }
}

/// An event of alice's with what is laid over it; `n` makes its id.
pub fn event(n: u32, over: Value) -> Value {
    let mut event = json!({
        "eventVersion": "1.08", "eventTime": "2026-01-15T03:04:05Z", "eventID": format!("00000000-0000-4000-8000-0000{n:08}"),
        "eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.10",
        "userAgent": "aws-cli", "recipientAccountId": "111122223333", "eventType": "AwsApiCall", "readOnly": false,
        "userIdentity": {"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice", "accountId": "111122223333"},
    });
    for (key, value) in over.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

pub fn by(user: &str) -> Value {
    json!({"userIdentity": {"type": "IAMUser", "userName": user, "arn": format!("arn:aws:iam::111122223333:user/{user}"), "accountId": "111122223333"}})
}

/// Events as ingest has them.
pub fn decoded(events: &[Value]) -> Vec<Decoded> {
    let mut batcher = Batcher::new(Limits::default());
    let object = serde_json::to_vec(&json!({ "Records": events })).unwrap();
    let outcome = batcher.push_object(&object, "test.json", START).unwrap();
    assert!(outcome.rejected.is_empty(), "{:?}", outcome.rejected);
    let enricher = enrich::Enricher::new(None);
    let mut all = Vec::new();
    while let Some(Decoded { log_type, batch }) = batcher.take_batch().unwrap() {
        all.push(Decoded { log_type, batch: enricher.enrich_as(log_type, batch).unwrap() });
    }
    all
}

/// Takes events in as somebody does who knows nothing of this state.
pub async fn take_in(lake: &Lake, events: &[Value]) {
    for Decoded { log_type, batch } in decoded(events) {
        lake.append(log_type.id, vec![batch], Commit::default()).await.unwrap();
    }
}

/// The open alerts as `rule key events`, sorted.
pub fn alerts(detections: &Detections) -> Vec<String> {
    let page = detections.store().alerts(&detect::store::Filter::default(), 500, None).unwrap();
    let mut all: Vec<String> = page
        .alerts
        .iter()
        .map(|alert| {
            let key: Vec<&str> = alert.group.iter().map(|value| value.value.as_deref().unwrap_or("-")).collect();
            format!("{} {} {}", alert.rule_id, key.join("/"), alert.events)
        })
        .collect();
    all.sort();
    all
}
