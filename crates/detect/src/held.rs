//! A memory that is as long as the program runs: for `scan`, for tests, and in front of a store. It is bounded: each kind of
//! thing that it holds has a budget for each rule, and what is oldest goes first.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use crate::finding::Evidence;
use crate::matcher::Fast;
use crate::memory::{Key, Memory, MemoryError, Noted, Seen};

/// Noted events, keys and buckets that are held for one rule, each.
const MOST: usize = 1 << 20;

/// Remembers in memory.
#[derive(Debug)]
pub struct Held {
    rules: HashMap<String, Rule>,
    most: usize,
}

#[derive(Debug, Default)]
struct Rule {
    /// The events of each group, in order.
    groups: HashMap<Key, Vec<(Noted, Box<Evidence>)>, Fast>,
    noted: usize,
    seen: HashMap<Key, Seen, Fast>,
    counts: HashMap<Key, Vec<(i64, u64)>, Fast>,
    buckets: usize,
}

impl Default for Held {
    fn default() -> Self {
        Self::with_most(MOST)
    }
}

impl Held {
    /// A memory that holds so many noted events, keys and buckets for each rule.
    #[must_use]
    pub fn with_most(most: usize) -> Self {
        Self { rules: HashMap::new(), most: most.max(1) }
    }

    fn rule(&mut self, id: &str) -> &mut Rule {
        if !self.rules.contains_key(id) {
            self.rules.insert(id.to_owned(), Rule::default());
        }
        // It is there.
        self.rules.entry(id.to_owned()).or_default()
    }

    /// How many events are noted for a rule, in all its groups.
    #[must_use]
    pub fn noted_of(&self, id: &str) -> usize {
        self.rules.get(id).map_or(0, |rule| rule.noted)
    }

    /// Forgets a rule.
    pub fn drop_rule(&mut self, id: &str) {
        self.rules.remove(id);
    }
}

impl Rule {
    fn forget_noted(&mut self, before: i64) {
        self.groups.retain(|_, events| {
            events.retain(|(event, _)| event.time >= before);
            !events.is_empty()
        });
        self.noted = self.groups.values().map(Vec::len).sum();
    }

    fn forget_counts(&mut self, before: i64) {
        self.counts.retain(|_, buckets| {
            buckets.retain(|(bucket, _)| *bucket >= before);
            !buckets.is_empty()
        });
        self.buckets = self.counts.values().map(Vec::len).sum();
    }

    /// Lets the older half go where there is more than the budget.
    fn bound(&mut self, most: usize) {
        if self.noted > most
            && let Some(middle) = median(self.groups.values().flatten().map(|(event, _)| event.time))
        {
            self.forget_noted(middle.saturating_add(1));
        }
        if self.seen.len() > most
            && let Some(middle) = median(self.seen.values().map(|seen| seen.last))
        {
            self.seen.retain(|_, seen| seen.last > middle);
        }
        if self.buckets > most
            && let Some(middle) = median(self.counts.values().flatten().map(|(bucket, _)| *bucket))
        {
            self.forget_counts(middle.saturating_add(1));
        }
    }
}

fn median(times: impl Iterator<Item = i64>) -> Option<i64> {
    let mut times: Vec<i64> = times.collect();
    let middle = times.len() / 2;
    (!times.is_empty()).then(|| *times.select_nth_unstable(middle).1)
}

impl Memory for Held {
    fn noted(&mut self, rule: &str, group: Key, within: RangeInclusive<i64>) -> Result<Vec<Noted>, MemoryError> {
        let Some(events) = self.rules.get(rule).and_then(|rule| rule.groups.get(&group)) else { return Ok(Vec::new()) };
        let from = events.partition_point(|(event, _)| event.time < *within.start());
        let inside = events[from..].iter().map(|(event, _)| *event);
        Ok(inside.take_while(|event| event.time <= *within.end()).collect())
    }

    fn shown(&mut self, rule: &str, group: Key, events: &[(Key, u8)]) -> Result<Vec<Evidence>, MemoryError> {
        let Some(held) = self.rules.get(rule).and_then(|rule| rule.groups.get(&group)) else {
            return Ok(vec![Evidence::default(); events.len()]);
        };
        let known: HashMap<(Key, u8), &Evidence, Fast> =
            held.iter().map(|(event, evidence)| ((event.event, event.step), evidence.as_ref())).collect();
        Ok(events.iter().map(|event| known.get(event).map(|found| (*found).clone()).unwrap_or_default()).collect())
    }

    fn note(
        &mut self,
        rule: &str,
        group: Key,
        events: &[(Noted, Evidence)],
        out: &[(Key, u8)],
    ) -> Result<(), MemoryError> {
        let most = self.most;
        let rule = self.rule(rule);
        let held = rule.groups.entry(group).or_default();
        let before = held.len();
        if !out.is_empty() {
            let out: HashSet<&(Key, u8), Fast> = out.iter().collect();
            held.retain(|(event, _)| !out.contains(&(event.event, event.step)));
        }
        for (event, evidence) in events {
            // New events are mostly the latest ones.
            let later = held.last().is_none_or(|(last, _)| last.order() < event.order());
            let place = if later {
                Err(held.len())
            } else {
                held.binary_search_by_key(&event.order(), |(event, _)| event.order())
            };
            if let Err(at) = place {
                held.insert(at, (*event, Box::new(evidence.clone())));
            }
        }
        rule.noted = rule.noted + held.len() - before;
        rule.bound(most);
        Ok(())
    }

    fn seen(&mut self, rule: &str, keys: &[Key]) -> Result<Vec<Option<Seen>>, MemoryError> {
        let rule = self.rule(rule);
        Ok(keys.iter().map(|key| rule.seen.get(key).copied()).collect())
    }

    fn see(&mut self, rule: &str, seen: &[(Key, Seen)]) -> Result<(), MemoryError> {
        let most = self.most;
        let rule = self.rule(rule);
        rule.seen.extend(seen.iter().copied());
        rule.bound(most);
        Ok(())
    }

    fn counts(&mut self, rule: &str, keys: &[Key]) -> Result<Vec<Vec<(i64, u64)>>, MemoryError> {
        let rule = self.rule(rule);
        Ok(keys.iter().map(|key| rule.counts.get(key).cloned().unwrap_or_default()).collect())
    }

    fn count(&mut self, rule: &str, counts: &[(Key, i64, u64)]) -> Result<(), MemoryError> {
        let most = self.most;
        let rule = self.rule(rule);
        for (key, bucket, more) in counts {
            let buckets = rule.counts.entry(*key).or_default();
            match buckets.iter_mut().find(|(known, _)| known == bucket) {
                Some((_, count)) => *count += more,
                None => {
                    buckets.push((*bucket, *more));
                    rule.buckets += 1;
                }
            }
        }
        rule.bound(most);
        Ok(())
    }

    fn forget(&mut self, rule: &str, before: i64) -> Result<(), MemoryError> {
        let rule = self.rule(rule);
        rule.forget_noted(before);
        rule.seen.retain(|_, seen| seen.last >= before);
        rule.forget_counts(before);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event: Key, time: i64, step: u8) -> (Noted, Evidence) {
        let evidence = Evidence { event_id: event.to_string(), ..Evidence::default() };
        (Noted { event, time, step, value: 0, place: None }, evidence)
    }

    #[test]
    fn events_are_noted_once_and_in_order() -> Result<(), MemoryError> {
        let mut held = Held::default();
        held.note("r", 1, &[event(2, 20, 0), event(1, 10, 0), event(1, 10, 1)], &[])?;
        held.note("r", 1, &[event(2, 20, 0), event(3, 30, 0)], &[(1, 1)])?;
        held.note("r", 1, &[event(4, 5, 0)], &[])?;
        held.note("other", 1, &[event(9, 15, 0)], &[])?;
        let found: Vec<Key> = held.noted("r", 1, 10..=25)?.iter().map(|event| event.event).collect();
        assert_eq!(found, [1, 2]);
        let shown: Vec<String> = held.shown("r", 1, &[(3, 0), (7, 0)])?.into_iter().map(|of| of.event_id).collect();
        assert_eq!(shown, ["3", ""]);
        let times: Vec<i64> = held.noted("r", 1, 0..=99)?.iter().map(|event| event.time).collect();
        assert_eq!(times, [5, 10, 20, 30]);
        held.forget("r", 20)?;
        assert_eq!(held.noted("r", 1, 0..=99)?.len(), 2);
        Ok(())
    }

    #[test]
    fn the_budget_holds_and_the_newest_stays() -> Result<(), MemoryError> {
        let mut held = Held::with_most(100);
        for n in 0..1000_i64 {
            let key = Key::from(n.unsigned_abs());
            held.note("r", key, &[event(key, n, 0)], &[])?;
            held.see("r", &[(key, Seen { first: n, last: n, event: key })])?;
            held.count("r", &[(key, n, 1)])?;
        }
        let rule = &held.rules["r"];
        assert!(rule.noted <= 100 && rule.seen.len() <= 100 && rule.buckets <= 100);
        assert_eq!(held.noted("r", 999, 0..=2000)?.len(), 1);
        assert!(held.seen("r", &[999])?[0].is_some() && held.seen("r", &[1])?[0].is_none());
        assert_eq!(held.counts("r", &[999, 1])?, [vec![(999, 1)], vec![]]);
        Ok(())
    }
}
