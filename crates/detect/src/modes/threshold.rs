//! So many events, or so many different values, of a group within a sliding window. An event raises if the window that ends
//! with it holds enough.

use std::collections::{HashMap, HashSet};

use super::{Full, Member, Raised, SHOWN, alone, around, episodes, merged};
use crate::batch::Batch;
use crate::detector::{DetectError, OfType};
use crate::memory::{Key, Memory, Noted, Shown, key_of};
use crate::rule::Rule;

pub(super) struct Threshold {
    pub(super) window: i64,
    pub(super) count: usize,
}

/// Events that are kept of each value that is counted.
const OF_VALUE: usize = 8;

impl Threshold {
    pub(super) fn run(
        &self,
        rule: &Rule,
        of_type: &OfType,
        distinct: bool,
        batch: &Batch<'_>,
        rows: &[u32],
        memory: &mut dyn Memory,
    ) -> Result<Vec<Raised>, DetectError> {
        let groups = batch.combine(&of_type.group, rows)?;
        let counted = if distinct { Some(batch.combine(&of_type.fields, rows)?) } else { None };
        let mut raised = Vec::new();
        for (group, places) in (0_u32..).zip(groups.groups()) {
            let mut new = Vec::with_capacity(places.len());
            for at in places {
                let value = match &counted {
                    Some(counted) => match counted.values(counted.of[at], 1).as_slice() {
                        [Some(value)] => key_of([Some(*value)]),
                        _ => continue,
                    },
                    None => 0,
                };
                new.push((noted(batch, rows[at], 0, value), rows[at]));
            }
            let key = key_of(groups.values(group, groups.fields()));
            self.group(&rule.id, key, distinct, new, memory, &mut raised)?;
        }
        Ok(raised)
    }

    fn group(
        &self,
        rule: &str,
        key: Key,
        distinct: bool,
        new: Vec<(Noted, u32)>,
        memory: &mut dyn Memory,
        raised: &mut Vec<Raised>,
    ) -> Result<(), DetectError> {
        let Some(around) = around(&new, self.window) else { return Ok(()) };
        let members = merged(memory.noted(rule, key, around)?, new);
        let full = self.full(&members, distinct);
        // What the window before held was shown with that.
        let evidence = |of: &Full| {
            let start = members.partition_point(|member| member.noted.time < members[of.at].noted.time - self.window);
            let before = full.partition_point(|other| other.at < of.at).checked_sub(1).map(|at| full[at].at);
            let shown = before.filter(|before| *before >= start).map_or(start, |before| before + 1);
            let from = shown.max((of.at + 1).saturating_sub(SHOWN));
            members[from..=of.at].iter().map(|member| member.noted.evidence.evidence()).collect()
        };
        episodes(&members, &full, self.window, evidence, raised);
        let fresh: Vec<Noted> =
            members.iter().filter(|member| member.row.is_some()).map(|member| member.noted.clone()).collect();
        let out = if distinct { thinned_values(&members, self.count) } else { thinned(&members, self.count) };
        let fresh: Vec<Noted> = fresh.into_iter().filter(|event| !out.contains(&(event.event, 0))).collect();
        Ok(memory.note(rule, key, &fresh, &out.into_iter().collect::<Vec<_>>())?)
    }

    /// The events whose windows hold enough, by time.
    fn full(&self, members: &[Member], distinct: bool) -> Vec<Full> {
        let mut window = Window::default();
        let (mut start, mut late) = (0, None);
        let mut full = Vec::new();
        for (at, member) in members.iter().enumerate() {
            window.add(member);
            while members[start].noted.time < member.noted.time - self.window {
                window.remove(&members[start]);
                start += 1;
            }
            late = member.row.or(late);
            let (all, old) = window.size(distinct);
            if all >= self.count {
                // An event that was there before raised then, unless what came late made it enough.
                let known = member.row.is_none() && old >= self.count;
                full.push(Full { at, row: late.filter(|_| !known && window.new > 0) });
            }
        }
        full
    }
}

/// An event as it is noted.
pub(super) fn noted(batch: &Batch<'_>, row: u32, step: u8, value: Key) -> Noted {
    let evidence = alone(batch, row).event;
    Noted {
        event: batch.event(row),
        time: batch.time(row),
        step,
        value,
        place: None,
        evidence: Shown::Read(Box::new(evidence)),
    }
}

/// What a window holds.
#[derive(Default)]
struct Window {
    events: usize,
    new: usize,
    values: HashMap<Key, (usize, usize)>,
    old_values: usize,
}

impl Window {
    fn add(&mut self, member: &Member) {
        self.events += 1;
        self.new += usize::from(member.row.is_some());
        let of_value = self.values.entry(member.noted.value).or_default();
        of_value.0 += 1;
        if member.row.is_none() {
            of_value.1 += 1;
            self.old_values += usize::from(of_value.1 == 1);
        }
    }

    fn remove(&mut self, member: &Member) {
        self.events -= 1;
        self.new -= usize::from(member.row.is_some());
        let Some(of_value) = self.values.get_mut(&member.noted.value) else { return };
        of_value.0 -= 1;
        if member.row.is_none() {
            of_value.1 -= 1;
            self.old_values -= usize::from(of_value.1 == 0);
        }
        if of_value.0 == 0 {
            self.values.remove(&member.noted.value);
        }
    }

    /// How much there is, and how much of it was there before.
    fn size(&self, distinct: bool) -> (usize, usize) {
        if distinct { (self.values.len(), self.old_values) } else { (self.events, self.events - self.new) }
    }
}

/// The events, or different values, that a group keeps.
fn most(count: usize) -> usize {
    (4 * count).max(256)
}

/// The oldest events of a group that has more than it takes: their windows have raised.
fn thinned(members: &[Member], count: usize) -> HashSet<(Key, u8)> {
    let over = members.len().saturating_sub(most(count));
    members[..over].iter().map(|member| (member.noted.event, member.noted.step)).collect()
}

/// Of each value all but the newest events, and all of the oldest values where there are more than it takes.
fn thinned_values(members: &[Member], count: usize) -> HashSet<(Key, u8)> {
    let mut kept: HashMap<Key, usize> = HashMap::new();
    let (mut out, mut full) = (HashSet::new(), OF_VALUE);
    for member in members.iter().rev() {
        let room = kept.len() < most(count) || kept.contains_key(&member.noted.value);
        let of_value = if room { kept.entry(member.noted.value).or_default() } else { &mut full };
        *of_value += 1;
        if *of_value > OF_VALUE {
            out.insert((member.noted.event, member.noted.step));
        }
    }
    out
}
