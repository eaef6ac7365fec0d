//! Findings of a rule with the same key are one alert.

use std::collections::BTreeSet;

use crate::finding::{Evidence, Finding, GroupValue};

/// Events kept of an alert: so many of its first, and so many of its last.
const KEPT: usize = 10;
/// Different values kept of a field.
const VALUES: usize = 20;

/// What makes findings one alert: the rule and the values of its group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    rule: String,
    values: Vec<Option<String>>,
}

impl Key {
    pub(super) fn of(finding: &Finding) -> Self {
        let values = finding.group.iter().map(|part| part.value.clone()).collect();
        Self { rule: finding.rule.clone(), values }
    }
}

/// An alert on its way.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) rule: String,
    pub(super) group: Vec<GroupValue>,
    pub(super) findings: u64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) actors: BTreeSet<String>,
    pub(super) accounts: BTreeSet<String>,
    pub(super) addresses: BTreeSet<String>,
    pub(super) countries: BTreeSet<String>,
    pub(super) regions: BTreeSet<String>,
    earliest: Vec<Evidence>,
    latest: Vec<Evidence>,
}

impl Gathered {
    pub(super) fn new(finding: &Finding) -> Self {
        let at = finding.event.event_time;
        let mut gathered = Self {
            rule: finding.rule.clone(),
            group: finding.group.clone(),
            findings: 0,
            first: at,
            last: at,
            actors: BTreeSet::new(),
            accounts: BTreeSet::new(),
            addresses: BTreeSet::new(),
            countries: BTreeSet::new(),
            regions: BTreeSet::new(),
            earliest: Vec::new(),
            latest: Vec::new(),
        };
        gathered.add(finding);
        gathered
    }

    pub(super) fn add(&mut self, finding: &Finding) {
        self.findings += u64::from(!finding.continues);
        let own = std::slice::from_ref(&finding.event);
        let events = if finding.evidence.is_empty() { own } else { finding.evidence.as_slice() };
        for event in events {
            self.first = self.first.min(event.event_time);
            self.last = self.last.max(event.event_time);
            for (set, value) in [
                (&mut self.actors, &event.actor),
                (&mut self.accounts, &event.account),
                (&mut self.addresses, &event.source_address),
                (&mut self.countries, &event.country),
                (&mut self.regions, &event.region),
            ] {
                if let Some(value) = value.as_ref().filter(|_| set.len() < VALUES) {
                    set.insert(value.clone());
                }
            }
            self.keep(event);
        }
    }

    /// Keeps an event if it is among the first or the last ones.
    fn keep(&mut self, event: &Evidence) {
        let order = |event: &Evidence| (event.event_time, event.event_id.clone());
        let at = order(event);
        if let Err(place) = self.earliest.binary_search_by_key(&at, order)
            && place < KEPT
        {
            self.earliest.insert(place, event.clone());
            self.earliest.truncate(KEPT);
        }
        if let Err(place) = self.latest.binary_search_by_key(&at, order) {
            self.latest.insert(place, event.clone());
            if self.latest.len() > KEPT {
                self.latest.remove(0);
            }
        }
    }

    /// The first and the last events, by time, each once.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let mut all = self.earliest.clone();
        let known = |all: &[Evidence], event: &Evidence| all.iter().any(|one| one.event_id == event.event_id);
        for event in &self.latest {
            if !known(&all, event) {
                all.push(event.clone());
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(n: i64) -> Finding {
        let event = Evidence {
            event_id: format!("e{n:03}"),
            event_time: n,
            actor: Some(format!("a{n}")),
            ..Evidence::default()
        };
        Finding { rule: "r".into(), event: event.clone(), group: Vec::new(), evidence: vec![event], continues: false }
    }

    #[test]
    fn the_first_and_the_last_events_are_kept_whatever_their_order() {
        let check = |order: Vec<i64>, expected: Vec<i64>| {
            let mut alert = Gathered::new(&finding(order[0]));
            order[1..].iter().for_each(|n| alert.add(&finding(*n)));
            let kept: Vec<i64> = alert.evidence().iter().map(|event| event.event_time).collect();
            assert_eq!(kept, expected);
            assert_eq!(
                (alert.findings, alert.first, alert.last),
                (order.len() as u64, expected[0], *expected.last().unwrap())
            );
            assert!(alert.actors.len() <= VALUES);
        };
        check(vec![3, 1, 2], vec![1, 2, 3]);
        let ends: Vec<i64> = (0..10).chain(90..100).collect();
        check((0..100).collect(), ends.clone());
        check((0..100).rev().collect(), ends.clone());
        check((0..100).map(|n| n * 37 % 100).collect(), ends);
        let mut twice = Gathered::new(&finding(1));
        twice.add(&finding(1));
        assert_eq!(twice.evidence().len(), 1);
    }
}
