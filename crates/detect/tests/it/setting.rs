//! Events and rules for the tests.

use std::collections::HashMap;
use std::sync::Arc;

use detect::{Attack, Detector, Finding, Held, Rule, rule};
use engine::matching::Matching;
use enrich::Enricher;
use event::{Batcher, Decoded, Limits};
use serde_json::{Value, json};

/// 2026-01-15T00:00:00Z, seconds.
const START: i64 = 1_768_435_200;

/// A record so many minutes after the beginning.
pub(crate) fn event(id: u64, minute: i64, fields: Value) -> Value {
    let time = chrono::DateTime::from_timestamp(START + minute * 60, 0).expect("a time");
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": { "type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice",
            "principalId": "AIDAALICE", "accountId": "111122223333" },
        "eventTime": time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "eventSource": "iam.amazonaws.com", "eventName": "A", "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.1", "userAgent": "x", "eventType": "AwsApiCall",
        "eventID": format!("00000000-0000-4000-8000-{id:012}"), "recipientAccountId": "111122223333",
    });
    let object = record.as_object_mut().expect("an object");
    object.extend(fields.as_object().cloned().unwrap_or_default());
    record
}

/// Records as one batch of an ingest.
pub(crate) fn batch(records: &[Value]) -> Vec<Decoded> {
    let mut batcher = Batcher::new(Limits::default());
    let object = json!({ "Records": records }).to_string();
    batcher.push_object(object.as_bytes(), "test", 0).expect("a log");
    let enricher = Enricher::new(None);
    let mut batches = Vec::new();
    while let Some(Decoded { log_type, batch }) = batcher.take_batch().expect("a batch") {
        batches.push(Decoded { log_type, batch: enricher.enrich_as(log_type, batch).expect("enriched") });
    }
    batches
}

/// A rule of its text.
pub(crate) fn rule(text: &str) -> Arc<Rule> {
    let (rule, diagnostics) = rule::read(text, &Attack::parse(assets::attack()));
    Arc::new(rule.unwrap_or_else(|| panic!("{diagnostics:?}")))
}

/// Rules over batches of records, one batch after another; their findings.
pub(crate) struct Scene {
    detector: Detector,
    memory: Held,
}

impl Scene {
    pub(crate) fn new(rules: &[Arc<Rule>]) -> Self {
        let matching = Matching::new(None, 0);
        let (detector, broken) = Detector::new(rules, &HashMap::new(), &matching).expect("a detector");
        assert_eq!(broken, []);
        Self { detector, memory: Held::default() }
    }

    pub(crate) fn see(&mut self, records: &[Value]) -> Vec<Finding> {
        self.detector.observe(&batch(records), &mut self.memory, i64::MAX).expect("findings")
    }

    /// Of several batches that are handed over at once.
    pub(crate) fn see_together(&mut self, batches: &[Vec<Value>]) -> Vec<Finding> {
        let batches: Vec<Decoded> = batches.iter().flat_map(|records| batch(records)).collect();
        self.detector.observe(&batches, &mut self.memory, i64::MAX).expect("findings")
    }

    /// How many events a rule has noted.
    pub(crate) fn noted(&self, rule: &str) -> usize {
        self.memory.noted_of(rule)
    }

    /// The numbers of the events that raise.
    pub(crate) fn ids(&mut self, records: &[Value]) -> Vec<u64> {
        let mut ids: Vec<u64> = self.see(records).iter().map(|finding| number(&finding.event.event_id)).collect();
        ids.sort_unstable();
        ids
    }
}

/// The number that an id was made of.
pub(crate) fn number(id: &str) -> u64 {
    id.rsplit('-').next().and_then(|digits| digits.parse().ok()).expect("a number")
}
