//! How the events that a rule matches become findings. Each mode is a function of the set of events, not of the order in which
//! they arrive: an event that comes late is weighed with those around it, and what was found once is not found again.

mod correlation;
mod first_seen;
mod rare;
mod threshold;
mod travel;

use std::collections::VecDeque;

use crate::batch::Batch;
use crate::detector::{DetectError, OfType};
use crate::finding::Evidence;
use crate::memory::{Key, Memory, Noted};
use crate::rule::{Mode, Rule};

/// Most events that one finding shows.
const SHOWN: usize = 200;

/// Rows of a batch that fulfil a step of a rule.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) step: u8,
    /// Ascending.
    pub(crate) rows: Vec<u32>,
}

/// An event that raises.
#[derive(Debug)]
pub(crate) struct Raised {
    pub(crate) event: Evidence,
    /// The row of the batch that brought it about: itself, or a late event of its group.
    pub(crate) row: u32,
    /// All that belongs to it, by time.
    pub(crate) evidence: Vec<Evidence>,
    /// Whether its episode has raised already.
    pub(crate) continues: bool,
}

/// What a rule's mode makes of the rows of one batch.
pub(crate) fn run(
    rule: &Rule,
    of_type: &OfType,
    batch: &Batch<'_>,
    found: &[Found],
    memory: &mut dyn Memory,
) -> Result<Vec<Raised>, DetectError> {
    let rows = found.first().map(|found| found.rows.as_slice()).unwrap_or_default();
    match &rule.mode {
        Mode::Each => Ok(rows.iter().map(|row| alone(batch, *row)).collect()),
        Mode::Threshold { window, count, distinct } => {
            let threshold = threshold::Threshold { window: *window, count: *count as usize };
            threshold.run(rule, of_type, distinct.is_some(), batch, rows, memory)
        }
        Mode::Correlation { window, ordered, steps, .. } => {
            let correlation = correlation::Correlation { window: *window, ordered: *ordered, steps: steps.len() };
            correlation.run(rule, of_type, batch, found, memory)
        }
        Mode::FirstSeen { learn, forget, .. } => {
            first_seen::FirstSeen { learn: *learn, forget: *forget }.run(rule, of_type, batch, rows, memory)
        }
        Mode::Rare { of, window, below, least, .. } => {
            let rare = rare::Rare { of: of.len(), window: *window, below: *below, least: u64::from(*least) };
            rare.run(rule, of_type, batch, rows, memory)
        }
        Mode::Travel { window, speed, distance, .. } => {
            let travel = travel::Travel { window: *window, speed: *speed, distance: *distance };
            travel.run(rule, of_type, batch, rows, memory)
        }
        Mode::Scheduled { .. } | Mode::Health { .. } => Ok(Vec::new()),
    }
}

/// An event that raises by itself.
fn alone(batch: &Batch<'_>, row: u32) -> Raised {
    let event = batch.evidence(row);
    Raised { evidence: vec![event.clone()], event, row, continues: false }
}

/// An event of a window with which it is full.
struct Full {
    /// Its place among the members.
    at: usize,
    /// The row that brings a finding about; none where it had raised before.
    row: Option<u32>,
}

/// An event of a group's window: from the memory, or new with its row.
#[derive(Debug, Clone, Copy)]
struct Member {
    noted: Noted,
    row: Option<u32>,
}

impl Member {
    /// An event of the batch.
    fn new(batch: &Batch<'_>, row: u32, step: u8, value: Key) -> Self {
        let noted = Noted { event: batch.event(row), time: batch.time(row), step, value, place: None };
        Self { noted, row: Some(row) }
    }
}

/// A group of a rule with the events that bear on those that are new, by time.
struct Group<'a, 'b> {
    rule: &'a str,
    key: Key,
    batch: &'a Batch<'b>,
    members: Vec<Member>,
}

impl<'a, 'b> Group<'a, 'b> {
    /// Brings new events together with those that were noted within `reach` of them, each once a step.
    fn of(
        (rule, key): (&'a Rule, Key),
        batch: &'a Batch<'b>,
        mut new: Vec<Member>,
        reach: i64,
        memory: &mut dyn Memory,
    ) -> Result<Self, DetectError> {
        new.sort_unstable_by_key(|member| member.noted.order());
        let mut group = Self { rule: &rule.id, key, batch, members: new };
        if let [first, .., last] | [first @ last] = group.members.as_slice() {
            let within = first.noted.time.saturating_sub(reach)..=last.noted.time.saturating_add(reach);
            let old = memory.noted(&rule.id, key, within)?;
            group.members = merged(&old, &group.members);
        }
        Ok(group)
    }

    /// What is shown of some of its events.
    fn shown(
        &self,
        members: impl Iterator<Item = Member>,
        memory: &mut dyn Memory,
    ) -> Result<Vec<Evidence>, DetectError> {
        let members: Vec<Member> = members.collect();
        let old = members.iter().filter(|member| member.row.is_none());
        let old: Vec<(Key, u8)> = old.map(|member| (member.noted.event, member.noted.step)).collect();
        let old = if old.is_empty() { Vec::new() } else { memory.shown(self.rule, self.key, &old)? };
        let mut old = old.into_iter();
        let of = |member: Member| match member.row {
            Some(row) => self.batch.evidence(row),
            None => old.next().unwrap_or_default(),
        };
        Ok(members.into_iter().map(of).collect())
    }

    /// Full windows that follow each other within a window's length are one episode. Its first new event raises; the others,
    /// and all of an episode that had raised before, go on with it. `evidence`: the members that a full window shows.
    fn episodes<I: Iterator<Item = Member>>(
        &self,
        full: &[Full],
        window: i64,
        evidence: impl Fn(&Full) -> I,
        memory: &mut dyn Memory,
        raised: &mut Vec<Raised>,
    ) -> Result<(), DetectError> {
        let time = |full: &Full| self.members[full.at].noted.time;
        for episode in full.chunk_by(|a, b| time(b) - time(a) <= window) {
            let mut continues = episode.iter().any(|full| full.row.is_none());
            for full in episode {
                let Some(row) = full.row else { continue };
                // The event itself comes last.
                let itself = std::iter::once(self.members[full.at]);
                let mut evidence = self.shown(evidence(full).chain(itself), memory)?;
                let Some(event) = evidence.pop() else { continue };
                raised.push(Raised { event, row, evidence, continues });
                continues = true;
            }
        }
        Ok(())
    }

    /// Notes what is new but for those events that are not `kept`, and lets go of those that were noted before.
    fn note(&self, kept: &[bool], memory: &mut dyn Memory) -> Result<(), DetectError> {
        let (mut fresh, mut out) = (Vec::new(), Vec::new());
        for (member, kept) in self.members.iter().zip(kept) {
            match (member.row, kept) {
                (Some(row), true) => fresh.push((member.noted, self.batch.evidence(row))),
                (None, false) => out.push((member.noted.event, member.noted.step)),
                (Some(_), false) | (None, true) => {}
            }
        }
        if fresh.is_empty() && out.is_empty() {
            return Ok(());
        }
        Ok(memory.note(self.rule, self.key, &fresh, &out)?)
    }
}

/// Two lists in order as one; what is in both was there before.
fn merged(old: &[Noted], new: &[Member]) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::with_capacity(old.len() + new.len());
    let mut old = old.iter().peekable();
    for member in new {
        while let Some(before) = old.next_if(|noted| noted.order() <= member.noted.order()) {
            members.push(Member { noted: *before, row: None });
        }
        if members.last().is_none_or(|last| last.noted.order() != member.noted.order()) {
            members.push(*member);
        }
    }
    members.extend(old.map(|noted| Member { noted: *noted, row: None }));
    members
}

/// How far back a rule's memory has to reach, as batches pass: logs of last year may be taken in beside today's, so it is the
/// earliest of the last batches that counts.
#[derive(Debug, Default)]
pub(crate) struct Horizon {
    latest: VecDeque<i64>,
    passed: Option<i64>,
}

/// Batches that are looked back on.
const BATCHES: usize = 16;

impl Horizon {
    /// Notes a batch; says before which instant the memory may let go, where that is worth the work.
    pub(crate) fn passed(&mut self, mode: &Mode, latest: Option<i64>) -> Option<i64> {
        let reach = match mode {
            Mode::Threshold { window, .. } | Mode::Correlation { window, .. } => 3 * window,
            Mode::Travel { window, .. } => 2 * window,
            Mode::FirstSeen { forget, .. } => forget + forget / 32,
            Mode::Rare { window, .. } => *window,
            Mode::Each | Mode::Scheduled { .. } | Mode::Health { .. } => return None,
        };
        self.latest.push_back(latest?);
        if self.latest.len() > BATCHES {
            self.latest.pop_front();
        }
        if self.latest.len() < BATCHES {
            return None;
        }
        let before = self.latest.iter().min()?.saturating_sub(reach);
        let worth = self.passed.is_none_or(|passed| before - passed >= reach / 8);
        worth.then(|| *self.passed.insert(before))
    }
}
