//! What a scan of logs comes to: findings joined to alerts, who is behind them, from where, when. It is gathered batch by
//! batch in bounded memory, and given as a [`Report`], which is JSON, and a page by [`html`].

mod actors;
mod alerts;
pub mod html;
mod report;
mod scanner;
mod timeline;
mod window;

use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;

use crate::finding::Finding;
use crate::rule::Rule;

pub use actors::Named;
pub use report::{Actor, Address, Alert, Logs, Report, RuleHits, Slice, Technique, Unread};
pub use scanner::{ScanError, Scanner};

/// Different alerts that are kept; findings beyond are counted by rule.
const ALERTS: usize = 50_000;

/// Gathers findings.
#[derive(Debug, Default)]
pub struct Scan {
    rules: BTreeMap<String, Rule>,
    alerts: HashMap<alerts::Key, alerts::Gathered>,
    hits: BTreeMap<String, u64>,
    /// Findings whose alerts had no room.
    beyond: u64,
    actors: actors::Actors,
    timeline: timeline::Timeline,
    rows: BTreeMap<&'static str, u64>,
    first: Option<i64>,
    last: Option<i64>,
}

impl Scan {
    /// A scan with these rules.
    pub(crate) fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self { rules: rules.into_iter().map(|rule| (rule.id.clone(), rule)).collect(), ..Self::default() }
    }

    /// Takes a batch of a log type with what its rows raised.
    pub(crate) fn take(&mut self, log_type: &'static event::LogType, batch: &RecordBatch, findings: &[Finding]) {
        *self.rows.entry(log_type.id).or_default() += batch.num_rows() as u64;
        if let Some((first, last)) = actors::period(batch) {
            self.first = Some(self.first.map_or(first, |known| known.min(first)));
            self.last = Some(self.last.map_or(last, |known| known.max(last)));
        }
        self.actors.seen(batch);
        for finding in findings {
            self.finding(finding);
        }
        self.actors.accused(batch, findings, &self.rules);
    }

    fn finding(&mut self, finding: &Finding) {
        let Some(rule) = self.rules.get(&finding.rule) else { return };
        if !finding.continues {
            *self.hits.entry(finding.rule.clone()).or_default() += 1;
            self.timeline.add(finding.event.event_time, rule.severity);
        }
        let key = alerts::Key::of(finding);
        if let Some(alert) = self.alerts.get_mut(&key) {
            alert.add(finding);
        } else if self.alerts.len() < ALERTS {
            self.alerts.insert(key, alerts::Gathered::new(finding));
        } else {
            self.beyond += u64::from(!finding.continues);
        }
    }
}
