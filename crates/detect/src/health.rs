//! Rules about Trailhound's own work: a source that is silent, a queue that gives messages up, a digest that proves nothing.
//! Whoever looks at the work says how it fares; here that becomes alerts, one an episode, which close by themselves when it
//! is over.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::detections::{Detections, Error};
use crate::finding::{Evidence, Finding, GroupValue};
use crate::rule::{Ailment, Mode, Rule};
use crate::schedule::excepted;
use crate::store::{Store, Telling, key_of_group};

/// Who closes alerts whose episode is over, in their history.
pub const BY: &str = "trailhound";

/// How something fares now.
#[derive(Debug, Clone, PartialEq)]
pub struct Symptom {
    /// What is looked at.
    pub of: Ailment,
    /// Of whom: a source, a trail.
    pub subject: Vec<GroupValue>,
    /// How it fares.
    pub state: Course,
    /// What else is known, for whoever reads the alert.
    pub facts: Map<String, Value>,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// It is so since then: microseconds since the epoch. The same instant is the same episode.
    Since(i64),
    /// It is so, and worse than before: another event of the alert, told again after the rule's cool-down. The number says how bad.
    Worse(i64, u64),
    /// It is not so: what was open is closed.
    Over,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Alerts opened.
    pub opened: u64,
    /// Alerts closed.
    pub closed: u64,
}

impl Detections {
    /// Takes note of how Trailhound's work fares. What is not known is not among `symptoms`: its alerts stay as they are.
    /// Blocks.
    ///
    /// # Errors
    /// The store's.
    pub fn observe_health(&self, symptoms: &[Symptom]) -> Result<Told, Error> {
        let current = self.fresh()?;
        let rules = self.rules();
        let mut by_ailment: BTreeMap<Ailment, Vec<&Arc<Rule>>> = BTreeMap::new();
        for watched in rules.iter().filter(|watched| watched.rule.enabled && watched.error.is_none()) {
            if let Mode::Health { of } = watched.rule.mode {
                by_ailment.entry(of).or_default().push(&watched.rule);
            }
        }
        drop(current);
        let mut told = Told::default();
        for symptom in symptoms {
            for rule in by_ailment.get(&symptom.of).into_iter().flatten() {
                let done = self.store().change(|change| one(self.store(), change, rule, symptom))?;
                (told.opened, told.closed) = (told.opened + done.opened, told.closed + done.closed);
            }
        }
        Ok(told)
    }
}

fn one(store: &Store, change: &rusqlite::Transaction<'_>, rule: &Rule, symptom: &Symptom) -> Result<Told, Error> {
    let live = store.live(change, &rule.id, &key_of_group(&symptom.subject)?)?;
    let (since, event) = match (symptom.state, live) {
        (Course::Over, None) => return Ok(Told::default()),
        (Course::Over, Some(id)) => {
            let closed = store.close(change, id, BY)?;
            return Ok(Told { closed: u64::from(closed), ..Told::default() });
        }
        // A restart begins to count anew; the episode is the one that is open.
        (Course::Since(_), Some(_)) => return Ok(Told::default()),
        (Course::Since(since), None) => (since, format!("{since}")),
        (Course::Worse(since, how_bad), _) => (since, format!("{since}-{how_bad}")),
    };
    let finding = finding(rule, symptom, since, &event);
    if excepted(rule, &finding, store.now()) {
        return Ok(Told::default());
    }
    let recorded = store.record(change, &[finding], |id| (id == rule.id).then_some(rule), Telling::Sinks)?;
    Ok(Told { opened: recorded.opened, ..Told::default() })
}

fn finding(rule: &Rule, symptom: &Symptom, since: i64, event: &str) -> Finding {
    let of = symptom.of.as_str();
    let subject: Vec<&str> = symptom.subject.iter().filter_map(|part| part.value.as_deref()).collect();
    let known = |field: &str| symptom.facts.get(field).and_then(Value::as_str).map(str::to_owned);
    let event = Evidence {
        event_id: format!("{of}/{}/{event}", subject.join("/")),
        log_type: "health".to_owned(),
        event_time: since,
        event_name: Some(of.to_owned()),
        account: known("account"),
        region: known("region"),
        row: Some(symptom.facts.clone()),
        ..Evidence::default()
    };
    let group = symptom.subject.clone();
    Finding { rule: rule.id.clone(), evidence: vec![event.clone()], event, group, continues: false }
}
