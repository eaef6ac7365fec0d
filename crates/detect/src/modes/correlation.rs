//! An event of every step within a window, with the same values of the fields that they share. In order: the event of the last
//! step raises. In any order: the event that completes the set, and those after it.

use super::threshold::noted;
use super::{Found, Full, Member, Raised, around, episodes, merged};
use crate::batch::Batch;
use crate::detector::{DetectError, OfType};
use crate::memory::{Key, Memory, Noted, key_of};
use crate::rule::Rule;

pub(super) struct Correlation {
    pub(super) window: i64,
    pub(super) ordered: bool,
    pub(super) steps: usize,
}

/// Events that are kept of each step of a group.
const OF_STEP: usize = 64;

impl Correlation {
    pub(super) fn run(
        &self,
        rule: &Rule,
        of_type: &OfType,
        batch: &Batch<'_>,
        found: &[Found],
        memory: &mut dyn Memory,
    ) -> Result<Vec<Raised>, DetectError> {
        let rows: Vec<u32> = found.iter().flat_map(|found| found.rows.iter().copied()).collect();
        let steps: Vec<u8> = found.iter().flat_map(|found| vec![found.step; found.rows.len()]).collect();
        let groups = batch.combine(&of_type.fields, &rows)?;
        let mut raised = Vec::new();
        for (group, places) in (0_u32..).zip(groups.groups()) {
            let values = groups.values(group, groups.fields());
            if values.iter().any(Option::is_none) {
                continue;
            }
            let new = places.into_iter().map(|at| (noted(batch, rows[at], steps[at], 0), rows[at])).collect();
            self.group(&rule.id, key_of(values), new, memory, &mut raised)?;
        }
        Ok(raised)
    }

    fn group(
        &self,
        rule: &str,
        key: Key,
        new: Vec<(Noted, u32)>,
        memory: &mut dyn Memory,
        raised: &mut Vec<Raised>,
    ) -> Result<(), DetectError> {
        let Some(around) = around(&new, self.window) else { return Ok(()) };
        let members = merged(memory.noted(rule, key, around)?, new);
        let mut full: Vec<Full> = Vec::new();
        for at in 0..members.len() {
            let Some(chain) = self.chain(&members, at, false) else { continue };
            let known = members[at].row.is_none() && self.chain(&members, at, true).is_some();
            let row = chain.iter().rev().find_map(|member| member.row).filter(|_| !known);
            // An event that ends two steps raises once.
            let twice = full
                .last()
                .is_some_and(|last| members[last.at].noted.event == members[at].noted.event && last.row == row);
            if !twice {
                full.push(Full { at, row });
            }
        }
        let evidence = |of: &Full| {
            let chain = self.chain(&members, of.at, false).unwrap_or_default();
            chain.into_iter().map(|member| member.noted.evidence.evidence()).collect()
        };
        episodes(&members, &full, self.window, evidence, raised);
        let fresh: Vec<Noted> =
            members.iter().filter(|member| member.row.is_some()).map(|member| member.noted.clone()).collect();
        Ok(memory.note(rule, key, &fresh, &thinned(&members, self.steps))?)
    }

    /// The events with which the one at `end` makes a whole, by time; only of those that were noted before, if `old`.
    fn chain<'a>(&self, members: &'a [Member], end: usize, old: bool) -> Option<Vec<&'a Member>> {
        let last = &members[end];
        let from = last.noted.time - self.window;
        let counts = |member: &&Member| member.noted.time >= from && (!old || member.row.is_none());
        let before = || members[..=end].iter().rev().filter(counts);
        if self.ordered {
            if usize::from(last.noted.step) + 1 != self.steps {
                return None;
            }
            let mut chain = vec![last];
            for step in (0..self.steps - 1).rev() {
                // The latest that fits leaves most room for those before it. Events of one instant are in any order.
                let limit = chain.last()?.noted.time;
                let found = members.iter().rev().filter(counts).find(|member| {
                    usize::from(member.noted.step) == step
                        && member.noted.time <= limit
                        && chain.iter().all(|later| later.noted.event != member.noted.event)
                })?;
                chain.push(found);
            }
            chain.reverse();
            return Some(chain);
        }
        let mut chain: Vec<&Member> = Vec::new();
        for step in 0..self.steps {
            let found = if usize::from(last.noted.step) == step {
                last
            } else {
                before()
                    .find(|member| usize::from(member.noted.step) == step && member.noted.event != last.noted.event)?
            };
            chain.push(found);
        }
        chain.sort_by_key(|member| member.noted.time);
        Some(chain)
    }
}

/// Of each step all but the newest events.
fn thinned(members: &[Member], steps: usize) -> Vec<(Key, u8)> {
    let mut kept = vec![0_usize; steps];
    let mut out = Vec::new();
    for member in members.iter().rev() {
        let Some(of_step) = kept.get_mut(usize::from(member.noted.step)) else { continue };
        *of_step += 1;
        if *of_step > OF_STEP && member.row.is_none() {
            out.push((member.noted.event, member.noted.step));
        }
    }
    out
}
