//! So many events, or so many different values, of a group within a sliding window. An event raises if the window that ends
//! with it holds enough.

use std::collections::HashMap;

use super::{Full, Group, Member, Raised, SHOWN};
use crate::batch::{Batch, Combined};
use crate::detector::{DetectError, OfType};
use crate::matcher::Fast;
use crate::memory::{Key, Memory, key_of};
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
        let values = counted.as_ref().map(Combined::keys);
        let mut raised = Vec::new();
        for (group, places) in (0_u32..).zip(groups.groups()) {
            let mut new = Vec::with_capacity(places.len());
            for at in places {
                let value = match counted.as_ref().zip(values.as_ref()) {
                    Some((counted, values)) => match values[counted.of[at] as usize] {
                        Some(key) => key,
                        None => continue,
                    },
                    None => 0,
                };
                new.push(Member::new(batch, rows[at], 0, value));
            }
            if new.is_empty() {
                continue;
            }
            let key = key_of(groups.values(group, groups.fields()));
            let group = Group::of((rule, key), batch, new, 2 * self.window, memory)?;
            self.weigh(&group, distinct, memory, &mut raised)?;
        }
        Ok(raised)
    }

    fn weigh(
        &self,
        group: &Group<'_, '_>,
        distinct: bool,
        memory: &mut dyn Memory,
        raised: &mut Vec<Raised>,
    ) -> Result<(), DetectError> {
        let members = &group.members;
        let full = if members.len() < self.count { Vec::new() } else { self.full(members, distinct) };
        // What the window before held was shown with that.
        let evidence = |of: &Full| {
            let start = members.partition_point(|member| member.noted.time < members[of.at].noted.time - self.window);
            let before = full.partition_point(|other| other.at < of.at).checked_sub(1).map(|at| full[at].at);
            let shown = before.filter(|before| *before >= start).map_or(start, |before| before + 1);
            let from = shown.max((of.at + 1).saturating_sub(SHOWN));
            members[from..=of.at].iter().copied()
        };
        group.episodes(&full, self.window, evidence, memory, raised)?;
        let kept = if distinct { kept_values(members, self.count) } else { kept(members, self.count) };
        group.note(&kept, memory)
    }

    /// The events whose windows hold enough, by time.
    fn full(&self, members: &[Member], distinct: bool) -> Vec<Full> {
        let mut window = Window { distinct, ..Window::default() };
        let (mut start, mut late) = (0, None);
        let mut full = Vec::new();
        for (at, member) in members.iter().enumerate() {
            window.add(member);
            while members[start].noted.time < member.noted.time - self.window {
                window.remove(&members[start]);
                start += 1;
            }
            late = member.row.or(late);
            let (all, old) = window.size();
            if all >= self.count {
                // An event that was there before raised then, unless what came late made it enough.
                let known = member.row.is_none() && old >= self.count;
                full.push(Full { at, row: late.filter(|_| !known && window.new > 0) });
            }
        }
        full
    }
}

/// What a window holds.
#[derive(Default)]
struct Window {
    /// Whether values are counted.
    distinct: bool,
    events: usize,
    new: usize,
    values: HashMap<Key, (usize, usize), Fast>,
    old_values: usize,
}

impl Window {
    fn add(&mut self, member: &Member) {
        self.events += 1;
        self.new += usize::from(member.row.is_some());
        if !self.distinct {
            return;
        }
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
        if !self.distinct {
            return;
        }
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
    fn size(&self) -> (usize, usize) {
        if self.distinct { (self.values.len(), self.old_values) } else { (self.events, self.events - self.new) }
    }
}

/// The events, or different values, that a group keeps.
fn most(count: usize) -> usize {
    (4 * count).max(256)
}

/// All but the oldest events of a group that has more than it takes: the windows of these have raised.
fn kept(members: &[Member], count: usize) -> Vec<bool> {
    let over = members.len().saturating_sub(most(count));
    (0..members.len()).map(|at| at >= over).collect()
}

/// Of each value the newest events, and none of the oldest values where there are more than it takes.
fn kept_values(members: &[Member], count: usize) -> Vec<bool> {
    // Few enough of all are few enough of each.
    if members.len() <= OF_VALUE {
        return vec![true; members.len()];
    }
    let mut of_values: HashMap<Key, usize, Fast> = HashMap::default();
    let mut kept = vec![false; members.len()];
    for (member, kept) in members.iter().zip(&mut kept).rev() {
        if of_values.len() < most(count) || of_values.contains_key(&member.noted.value) {
            let of_value = of_values.entry(member.noted.value).or_default();
            *of_value += 1;
            *kept = *of_value <= OF_VALUE;
        }
    }
    kept
}
