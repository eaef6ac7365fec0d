//! Values that were not there before: the last field's value is new for those of the others. Nothing raises while the rule, or
//! the group that the other fields make, has been watched for less than `learn`; after `forget` without it a value is new again.
//! Ages are in event time, so that logs of the past teach, too.

use std::collections::HashMap;

use super::{Raised, alone};
use crate::batch::{Batch, Combined};
use crate::detector::{DetectError, OfType};
use crate::matcher::Fast;
use crate::memory::{Key, Memory, Seen, key_of};
use crate::rule::Rule;

pub(super) struct FirstSeen {
    pub(super) learn: i64,
    pub(super) forget: i64,
}

/// The events of a combination in a batch: the earliest one with its row, and the time of the latest.
#[derive(Debug, Clone, Copy)]
struct Spell {
    first: i64,
    row: u32,
    last: i64,
}

impl FirstSeen {
    pub(super) fn run(
        &self,
        rule: &Rule,
        of_type: &OfType,
        batch: &Batch<'_>,
        rows: &[u32],
        memory: &mut dyn Memory,
    ) -> Result<Vec<Raised>, DetectError> {
        let combined = batch.combine(&of_type.fields, rows)?;
        let spells = self.spells(batch, rows, &combined);
        if spells.is_empty() {
            return Ok(Vec::new());
        }
        let fields = combined.fields();
        let mut values: Vec<(u32, Key)> = Vec::new();
        let mut groups: HashMap<u32, (Key, i64), Fast> = HashMap::default();
        for (combination, spells) in &spells {
            let group = combined.prefix(*combination, fields, fields - 1);
            let names = std::iter::once(Some("group")).chain(combined.values(group, fields - 1));
            let first = spells[0].first;
            let known = groups.entry(group).or_insert_with(|| (key_of(names), first));
            known.1 = known.1.min(first);
            let names = std::iter::once(Some("value")).chain(combined.values(*combination, fields));
            values.push((*combination, key_of(names)));
        }
        let mut ages = Ages::ask(rule, memory, &groups)?;
        let keys: Vec<Key> = values.iter().map(|(_, key)| *key).collect();
        let known = memory.seen(&rule.id, &keys)?;
        let mut raised = Vec::new();
        let mut changes = Vec::new();
        for (((combination, key), known), (_, spells)) in values.into_iter().zip(known).zip(&spells) {
            let group = combined.prefix(combination, fields, fields - 1);
            let since = ages.since(group);
            let mut seen = known;
            for spell in spells {
                if self.is_new(seen, spell, batch) {
                    if since <= spell.first - self.learn {
                        raised.push(alone(batch, spell.row));
                    }
                    seen = Some(Seen { first: spell.first, last: spell.last, event: batch.event(spell.row) });
                }
                seen = seen.map(|seen| self.renewed(seen, spell));
            }
            if seen != known {
                changes.extend(seen.map(|seen| (key, seen)));
            }
        }
        ages.changes(&mut changes, &spells, &combined, self.forget);
        memory.see(&rule.id, &changes)?;
        Ok(raised)
    }

    /// The events of each combination without a null, as spells between which it was forgotten.
    fn spells(&self, batch: &Batch<'_>, rows: &[u32], combined: &Combined) -> Vec<(u32, Vec<Spell>)> {
        let fields = combined.fields();
        let mut whole: Vec<Option<Spell>> = vec![None; combined.count(fields)];
        for (row, combination) in rows.iter().zip(&combined.of) {
            let time = batch.time(*row);
            let spell = whole[*combination as usize].get_or_insert(Spell { first: time, row: *row, last: time });
            if time < spell.first {
                (spell.first, spell.row) = (time, *row);
            }
            spell.last = spell.last.max(time);
        }
        let spells = (0_u32..).zip(whole).filter_map(|(combination, spell)| Some((combination, spell?)));
        let there = |combination: &u32| combined.values(*combination, fields).iter().all(Option::is_some);
        spells
            .filter(|(combination, _)| there(combination))
            .map(|(combination, spell)| match spell.last - spell.first > self.forget {
                false => (combination, vec![spell]),
                true => (combination, self.apart(batch, rows, combined, combination)),
            })
            .collect()
    }

    /// The spells of a combination whose events in this batch may have gaps as long as it takes to forget.
    fn apart(&self, batch: &Batch<'_>, rows: &[u32], combined: &Combined, wanted: u32) -> Vec<Spell> {
        let of = rows.iter().zip(&combined.of).filter(|(_, combination)| **combination == wanted);
        let mut times: Vec<(i64, u32)> = of.map(|(row, _)| (batch.time(*row), *row)).collect();
        times.sort_unstable();
        let mut spells: Vec<Spell> = Vec::new();
        for (time, row) in times {
            match spells.last_mut() {
                Some(spell) if time - spell.last <= self.forget => spell.last = time,
                _ => spells.push(Spell { first: time, row, last: time }),
            }
        }
        spells
    }

    fn is_new(&self, seen: Option<Seen>, spell: &Spell, batch: &Batch<'_>) -> bool {
        match seen {
            None => true,
            // The same event again, after a commit that failed.
            Some(seen) if seen.first == spell.first => seen.event == batch.event(spell.row),
            Some(seen) => spell.first > seen.last.saturating_add(self.forget),
        }
    }

    /// What is known with the events of a spell; not written anew for each of them.
    fn renewed(&self, seen: Seen, spell: &Spell) -> Seen {
        let stale = spell.last > seen.last.saturating_add(self.forget / 64);
        let last = if stale { spell.last } else { seen.last };
        Seen { first: seen.first.min(spell.first), last, ..seen }
    }
}

/// Since when groups, and the rule, have been watched.
struct Ages {
    rule: (Key, Option<Seen>, i64),
    groups: HashMap<u32, (Key, Option<Seen>, i64), Fast>,
}

impl Ages {
    fn ask(rule: &Rule, memory: &mut dyn Memory, groups: &HashMap<u32, (Key, i64), Fast>) -> Result<Self, DetectError> {
        let own = key_of([Some("rule")]);
        let listed: Vec<(u32, Key, i64)> = groups.iter().map(|(group, (key, first))| (*group, *key, *first)).collect();
        let keys: Vec<Key> = std::iter::once(own).chain(listed.iter().map(|(_, key, _)| *key)).collect();
        let mut known = memory.seen(&rule.id, &keys)?.into_iter();
        let earliest = listed.iter().map(|(.., first)| *first).min().unwrap_or(i64::MAX);
        let since = |seen: Option<Seen>, first: i64| seen.map_or(first, |seen| seen.first.min(first));
        let of_rule = known.next().flatten();
        let groups = listed.into_iter().zip(known);
        Ok(Self {
            rule: (own, of_rule, since(of_rule, earliest)),
            groups: groups.map(|((group, key, first), seen)| (group, (key, seen, since(seen, first)))).collect(),
        })
    }

    /// Since when both the rule and the group have been watched.
    fn since(&self, group: u32) -> i64 {
        self.groups.get(&group).map_or(i64::MAX, |(.., since)| (*since).max(self.rule.2))
    }

    /// What is to be written of them.
    fn changes(&mut self, out: &mut Vec<(Key, Seen)>, spells: &[(u32, Vec<Spell>)], combined: &Combined, forget: i64) {
        let fields = combined.fields();
        let mut latest: HashMap<u32, i64, Fast> = HashMap::default();
        for (combination, spells) in spells {
            let last = spells.last().map_or(i64::MIN, |spell| spell.last);
            let group = latest.entry(combined.prefix(*combination, fields, fields - 1)).or_insert(last);
            *group = (*group).max(last);
        }
        let newest = latest.values().copied().max().unwrap_or(i64::MIN);
        let groups = self.groups.iter().map(|(group, known)| (known, latest.get(group).copied().unwrap_or(newest)));
        for ((key, seen, since), last) in groups.chain(std::iter::once((&self.rule, newest))) {
            let stale = seen.is_none_or(|seen| *since < seen.first || last > seen.last.saturating_add(forget / 64));
            if stale {
                let last = seen.map_or(last, |seen| seen.last.max(last));
                out.push((*key, Seen { first: *since, last, event: 0 }));
            }
        }
    }
}
