//! Values that are a small part of a group's events within a window. Events are counted in buckets, so that a group costs no
//! more than some thirty numbers however busy it is.

use super::{Raised, alone};
use crate::batch::Batch;
use crate::detector::{DetectError, OfType};
use crate::memory::{Key, Memory, key_of};
use crate::rule::Rule;

pub(super) struct Rare {
    /// How many of the mode's fields make the group; the others are the value.
    pub(super) of: usize,
    pub(super) window: i64,
    pub(super) below: f64,
    pub(super) least: u64,
}

/// Buckets of a window.
const BUCKETS: i64 = 30;
const HOUR: i64 = 3_600_000_000;

/// The counts of one key, with what this batch adds.
#[derive(Debug, Default, Clone)]
struct Tally {
    key: Key,
    buckets: Vec<(i64, u64)>,
    added: Vec<(i64, u64)>,
}

impl Tally {
    /// Events in a bucket and those before it that are in the window.
    fn within(&self, bucket: i64, reach: i64) -> u64 {
        let inside = |(at, _): &&(i64, u64)| *at <= bucket && *at > bucket - reach;
        self.buckets.iter().filter(inside).map(|(_, count)| count).sum()
    }

    fn add(&mut self, bucket: i64) {
        for buckets in [&mut self.buckets, &mut self.added] {
            match buckets.iter_mut().find(|(at, _)| *at == bucket) {
                Some((_, count)) => *count += 1,
                None => buckets.push((bucket, 1)),
            }
        }
    }
}

impl Rare {
    pub(super) fn run(
        &self,
        rule: &Rule,
        of_type: &OfType,
        batch: &Batch<'_>,
        rows: &[u32],
        memory: &mut dyn Memory,
    ) -> Result<Vec<Raised>, DetectError> {
        let combined = batch.combine(&of_type.fields, rows)?;
        let fields = combined.fields();
        let width = (self.window / BUCKETS).max(HOUR);
        let reach = (self.window / width).max(1);
        let tallies = |memory: &mut dyn Memory, kind: &str, fields: usize| -> Result<Vec<Tally>, DetectError> {
            let names = |at: u32| std::iter::once(Some(kind)).chain(combined.values(at, fields));
            let keys: Vec<Key> = (0_u32..).take(combined.count(fields)).map(|at| key_of(names(at))).collect();
            let counts = memory.counts(&rule.id, &keys)?;
            let start = |bucket: i64| bucket.div_euclid(width);
            let tally = |(key, counts): (Key, Vec<(i64, u64)>)| {
                let buckets = counts.into_iter().map(|(time, count)| (start(time), count)).collect();
                Tally { key, buckets, added: Vec::new() }
            };
            Ok(keys.into_iter().zip(counts).map(tally).collect())
        };
        let mut groups = tallies(memory, "group", self.of)?;
        let mut values = tallies(memory, "value", fields)?;
        let whole: Vec<bool> = (0_u32..)
            .take(combined.count(fields))
            .map(|at| combined.values(at, fields).iter().all(Option::is_some))
            .collect();
        let taken = memory.taken(rows.len(), &|at| batch.event(rows[at]))?;
        let mut order: Vec<usize> = (0..rows.len()).filter(|at| whole[combined.of[*at] as usize]).collect();
        order.sort_by_key(|at| batch.time(rows[*at]));
        let mut raised = Vec::new();
        for at in order {
            let combination = combined.of[at];
            let group = &mut groups[combined.prefix(combination, fields, self.of) as usize];
            let value = &mut values[combination as usize];
            let bucket = batch.time(rows[at]).div_euclid(width);
            // An event that was counted already is in both.
            let counted = u64::from(taken[at]);
            let total = group.within(bucket, reach).saturating_sub(counted);
            let of_value = value.within(bucket, reach).saturating_sub(counted);
            if total >= self.least && self.is_rare(of_value + 1, total + 1) {
                raised.push(alone(batch, rows[at]));
            }
            if !taken[at] {
                group.add(bucket);
                value.add(bucket);
            }
        }
        let added = groups
            .iter()
            .chain(&values)
            .flat_map(|tally| tally.added.iter().map(move |(bucket, count)| (tally.key, bucket * width, *count)));
        memory.count(&rule.id, &added.collect::<Vec<_>>())?;
        Ok(raised)
    }

    fn is_rare(&self, part: u64, whole: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "counts of events are far below 2^53")]
        let share = part as f64 / whole as f64;
        share < self.below
    }
}
