//! An event of every step within a window, with the same values of the fields that they share. In order: the event of the last
//! step raises. In any order: the event that completes the set, and those after it.

use super::{Found, Full, Group, Member, Raised};
use crate::batch::Batch;
use crate::detector::{DetectError, OfType};
use crate::memory::{Memory, key_of};
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
            let new = places.into_iter().map(|at| Member::new(batch, rows[at], steps[at], 0)).collect();
            let group = Group::of((rule, key_of(values)), batch, new, 2 * self.window, memory)?;
            self.weigh(&group, memory, &mut raised)?;
        }
        Ok(raised)
    }

    fn weigh(
        &self,
        group: &Group<'_, '_>,
        memory: &mut dyn Memory,
        raised: &mut Vec<Raised>,
    ) -> Result<(), DetectError> {
        let members = &group.members;
        let mut full: Vec<Full> = Vec::new();
        for at in 0..members.len() {
            let Some(chain) = self.chain(members, at, false) else { continue };
            let known = members[at].row.is_none() && self.chain(members, at, true).is_some();
            let row = chain.iter().rev().find_map(|member| member.row).filter(|_| !known);
            // An event that ends two steps raises once.
            let twice = full
                .last()
                .is_some_and(|last| members[last.at].noted.event == members[at].noted.event && last.row == row);
            if !twice {
                full.push(Full { at, row });
            }
        }
        let evidence = |of: &Full| self.chain(members, of.at, false).unwrap_or_default().into_iter().copied();
        group.episodes(&full, self.window, evidence, memory, raised)?;
        group.note(&kept(members, self.steps), memory)
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

/// The newest events of each step.
fn kept(members: &[Member], steps: usize) -> Vec<bool> {
    let mut of_steps = vec![0_usize; steps];
    let mut kept = vec![false; members.len()];
    for (member, kept) in members.iter().zip(&mut kept).rev() {
        let Some(of_step) = of_steps.get_mut(usize::from(member.noted.step)) else { continue };
        *of_step += 1;
        *kept = *of_step <= OF_STEP;
    }
    kept
}
