//! Who is in the logs, and what they are accused of. Everybody is counted; how they came by their identity and from where is
//! gathered of those that something was found on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use serde::Serialize;

use crate::finding::Finding;
use crate::rule::{Rule, Severity};

/// Actors that are counted; more are counted together.
const ACTORS: usize = 50_000;
/// Different chains, addresses and rules kept of one.
const CHAINS: usize = 10;
const ADDRESSES: usize = 50;

/// An identity on the way from the actor to the call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Named {
    /// `actor`, `role`, `session` or `identity`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// What all of an actor's events come to.
#[derive(Debug, Default)]
pub(super) struct Activity {
    pub(super) events: u64,
    pub(super) failures: u64,
    pub(super) first: i64,
    pub(super) last: i64,
}

/// What was found on an actor.
#[derive(Debug)]
pub(super) struct Accused {
    pub(super) findings: u64,
    pub(super) severity: Severity,
    pub(super) rules: BTreeMap<String, u64>,
    pub(super) accounts: BTreeSet<String>,
    pub(super) chains: BTreeSet<Vec<Named>>,
    pub(super) addresses: BTreeMap<String, From>,
}

/// What came from an address.
#[derive(Debug, Default, Clone)]
pub(super) struct From {
    pub(super) findings: u64,
    pub(super) country: Option<String>,
    pub(super) network: Option<String>,
}

/// Everybody.
#[derive(Debug, Default)]
pub(super) struct Actors {
    pub(super) all: HashMap<String, Activity>,
    pub(super) accused: BTreeMap<String, Accused>,
}

/// A column of text.
fn text<'a>(batch: &'a RecordBatch, name: &str, row: usize) -> Option<&'a str> {
    let column = batch.column_by_name(name)?;
    if column.is_null(row) {
        return None;
    }
    let plain = column.as_string_opt::<i32>().map(|column| column.value(row));
    plain.or_else(|| column.as_string_view_opt().map(|column| column.value(row))).filter(|text| !text.is_empty())
}

/// The times of the first and the last event of a batch.
pub(super) fn period(batch: &RecordBatch) -> Option<(i64, i64)> {
    let times = batch.column_by_name("event_time")?.as_primitive_opt::<TimestampMicrosecondType>()?;
    Some((arrow::compute::min(times)?, arrow::compute::max(times)?))
}

impl Actors {
    /// Counts the events of everybody.
    pub(super) fn seen(&mut self, batch: &RecordBatch) {
        let times = batch.column_by_name("event_time").and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        let Some(times) = times.filter(|_| batch.column_by_name("actor_name").is_some()) else { return };
        for row in 0..batch.num_rows() {
            let Some(name) = text(batch, "actor_name", row) else { continue };
            if !self.all.contains_key(name) {
                if self.all.len() >= ACTORS {
                    continue;
                }
                let at = times.value(row);
                self.all.insert(name.to_owned(), Activity { first: at, last: at, ..Activity::default() });
            }
            let Some(activity) = self.all.get_mut(name) else { continue };
            activity.events += 1;
            activity.failures += u64::from(text(batch, "error_code", row).is_some());
            activity.first = activity.first.min(times.value(row));
            activity.last = activity.last.max(times.value(row));
        }
    }

    /// Gathers who is behind findings. Their events are looked up in the batch that raised them.
    pub(super) fn accused(&mut self, batch: &RecordBatch, findings: &[Finding], rules: &BTreeMap<String, Rule>) {
        if findings.is_empty() {
            return;
        }
        let wanted: HashMap<&str, ()> = findings.iter().map(|f| (f.event.event_id.as_str(), ())).collect();
        let rows = (0..batch.num_rows()).filter_map(|row| Some((text(batch, "event_id", row)?, row)));
        let rows: HashMap<&str, usize> = rows.filter(|(id, _)| wanted.contains_key(id)).collect();
        for finding in findings {
            let (Some(actor), Some(rule)) = (&finding.event.actor, rules.get(&finding.rule)) else { continue };
            if !self.accused.contains_key(actor) && self.accused.len() >= ACTORS {
                continue;
            }
            let accused = self.accused.entry(actor.clone()).or_insert_with(|| Accused {
                findings: 0,
                severity: rule.severity,
                rules: BTreeMap::new(),
                accounts: BTreeSet::new(),
                chains: BTreeSet::new(),
                addresses: BTreeMap::new(),
            });
            accused.add(finding, rule);
            if let Some(row) = rows.get(finding.event.event_id.as_str()) {
                accused.place(batch, *row, finding);
            }
        }
    }
}

impl Accused {
    fn add(&mut self, finding: &Finding, rule: &Rule) {
        let own = u64::from(!finding.continues);
        self.findings += own;
        self.severity = self.severity.max(rule.severity);
        *self.rules.entry(rule.id.clone()).or_default() += own;
        if let Some(account) = finding.event.account.as_ref().filter(|_| self.accounts.len() < ADDRESSES) {
            self.accounts.insert(account.clone());
        }
    }

    fn place(&mut self, batch: &RecordBatch, row: usize, finding: &Finding) {
        if self.chains.len() < CHAINS {
            self.chains.insert(chain(batch, row));
        }
        let Some(address) = &finding.event.source_address else { return };
        if self.addresses.contains_key(address) || self.addresses.len() < ADDRESSES {
            let from = self.addresses.entry(address.clone()).or_default();
            from.findings += u64::from(!finding.continues);
            from.country = finding.event.country.clone().or_else(|| from.country.take());
            from.network = text(batch, "geo_as_org", row).map(str::to_owned).or_else(|| from.network.take());
        }
    }
}

/// From who really did it to the identity that made the call, each step that differs from the one before.
fn chain(batch: &RecordBatch, row: usize) -> Vec<Named> {
    let steps = [
        ("actor", "actor_name"),
        ("role", "actor_role"),
        ("session", "actor_session"),
        ("identity", "user_identity_arn"),
    ];
    let mut chain: Vec<Named> = Vec::new();
    for (kind, column) in steps {
        let Some(name) = text(batch, column, row) else { continue };
        if chain.last().is_none_or(|last| last.name != name) {
            chain.push(Named { kind, name: name.to_owned() });
        }
    }
    chain
}
