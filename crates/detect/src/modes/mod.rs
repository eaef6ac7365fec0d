//! How the events that a rule matches become findings. Each mode is a function of the set of events, not of the order in which
//! they arrive: an event that comes late is weighed with those around it, and what was found once is not found again.

mod correlation;
mod first_seen;
mod rare;
mod threshold;
mod travel;

use std::collections::{HashSet, VecDeque};

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

/// Full windows that follow each other within a window's length are one episode. Its first new event raises; the others, and
/// all of an episode that had raised before, go on with it.
fn episodes(
    members: &[Member],
    full: &[Full],
    window: i64,
    mut evidence: impl FnMut(&Full) -> Vec<Evidence>,
    raised: &mut Vec<Raised>,
) {
    let time = |full: &Full| members[full.at].noted.time;
    for episode in full.chunk_by(|a, b| time(b) - time(a) <= window) {
        let mut continues = episode.iter().any(|full| full.row.is_none());
        for full in episode {
            let Some(row) = full.row else { continue };
            let event = members[full.at].noted.evidence.evidence();
            raised.push(Raised { event, row, evidence: evidence(full), continues });
            continues = true;
        }
    }
}

/// The events of a group that bear on new ones: those whose windows reach them, and those in the windows of these.
fn around(new: &[(Noted, u32)], window: i64) -> Option<std::ops::RangeInclusive<i64>> {
    let times = || new.iter().map(|(noted, _)| noted.time);
    let (first, last) = (times().min()?, times().max()?);
    Some(first.saturating_sub(2 * window)..=last.saturating_add(2 * window))
}

/// An event of a group's window: from the memory, or new with its row.
#[derive(Debug)]
struct Member {
    noted: Noted,
    row: Option<u32>,
}

/// The events of a group by time, those that are new and those that were noted before, each once a step.
fn merged(old: Vec<Noted>, new: Vec<(Noted, u32)>) -> Vec<Member> {
    let mut members: Vec<Member> = old.into_iter().map(|noted| Member { noted, row: None }).collect();
    let mut known: HashSet<(Key, u8)> = members.iter().map(|member| (member.noted.event, member.noted.step)).collect();
    for (noted, row) in new {
        if known.insert((noted.event, noted.step)) {
            members.push(Member { noted, row: Some(row) });
        }
    }
    members.sort_by_key(|member| (member.noted.time, member.noted.event, member.noted.step));
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
