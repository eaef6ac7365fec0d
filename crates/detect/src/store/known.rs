//! What this process knows of the memory in the store, so that it isn't read again with each batch. It counts as long as
//! nobody else wrote there: whoever writes leaves a new stamp, in the same change.

use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension, Transaction};

use super::StoreError;
use crate::matcher::Fast;
use crate::memory::{Key, Noted, Seen};

/// Entries that are held: about 50 MB.
const MOST: usize = 1 << 19;

/// The memory as far as it was read or written here.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The stamp that the store had when this was true.
    stamp: Option<i64>,
    rules: HashMap<String, OfRule>,
    entries: usize,
    /// Whether others write there too: then a rule's groups are not read at once, since they would be again and again.
    shared: bool,
}

/// What is known of one rule. A group, key or bucket that is not there may be in the store.
#[derive(Debug, Default)]
pub(super) struct OfRule {
    /// All events of a group, in order.
    pub(super) groups: HashMap<Key, Vec<Noted>, Fast>,
    /// Whether those are all groups that the store has; none where it was not asked.
    pub(super) whole: Option<bool>,
    pub(super) seen: HashMap<Key, Option<Seen>, Fast>,
    pub(super) counts: HashMap<Key, Vec<(i64, u64)>, Fast>,
}

impl Known {
    /// Nothing is known.
    pub(crate) fn clear(&mut self) {
        *self = Self { shared: self.shared, ..Self::default() };
    }

    /// Begins a change: what others have written meanwhile is not known here.
    pub(super) fn begin(&mut self, change: &Transaction<'_>) -> Result<(), StoreError> {
        let found = stamp(change)?;
        self.shared |= self.stamp.is_some_and(|stamp| stamp != found);
        if self.stamp != Some(found) || self.entries > MOST {
            self.clear();
        }
        self.stamp = Some(found);
        Ok(())
    }

    /// Says in the store that the memory was written.
    pub(super) fn written(&mut self, change: &Transaction<'_>) -> Result<(), StoreError> {
        self.stamp = Some(touch(change)?);
        self.entries = self.rules.values().map(OfRule::entries).sum();
        Ok(())
    }

    pub(super) fn rule(&mut self, id: &str) -> &mut OfRule {
        if !self.rules.contains_key(id) {
            let whole = if self.shared { Some(false) } else { None };
            self.rules.insert(id.to_owned(), OfRule { whole, ..OfRule::default() });
        }
        // It is there.
        self.rules.entry(id.to_owned()).or_default()
    }
}

impl OfRule {
    fn entries(&self) -> usize {
        let noted: usize = self.groups.values().map(|events| events.len() + 1).sum();
        let counts: usize = self.counts.values().map(|buckets| buckets.len() + 1).sum();
        noted + self.seen.len() + counts
    }

    /// Puts events into a group that is known, and takes others out.
    pub(super) fn note(&mut self, group: Key, events: impl Iterator<Item = Noted>, out: &[(Key, u8)]) {
        let Some(known) = self.groups.get_mut(&group) else { return };
        if !out.is_empty() {
            let out: HashSet<&(Key, u8), Fast> = out.iter().collect();
            known.retain(|event| !out.contains(&(event.event, event.step)));
        }
        for event in events {
            let later = known.last().is_none_or(|last| last.order() < event.order());
            if later {
                known.push(event);
            } else if let Err(at) = known.binary_search_by_key(&event.order(), Noted::order) {
                known.insert(at, event);
            }
        }
    }

    pub(super) fn forget(&mut self, before: i64) {
        for events in self.groups.values_mut() {
            events.retain(|event| event.time >= before);
        }
        for seen in self.seen.values_mut() {
            *seen = seen.filter(|seen| seen.last >= before);
        }
        for buckets in self.counts.values_mut() {
            buckets.retain(|(bucket, _)| *bucket >= before);
        }
    }
}

fn stamp(change: &Transaction<'_>) -> Result<i64, StoreError> {
    let mut statement = change.prepare_cached("SELECT CAST(value AS INTEGER) FROM detect_meta WHERE key = 'memory'")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Leaves a new stamp: what processes know of the memory no longer counts.
pub(super) fn touch(change: &Transaction<'_>) -> Result<i64, StoreError> {
    let sql = "INSERT INTO detect_meta (key, value) VALUES ('memory', '1') \
               ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1";
    change.prepare_cached(sql)?.execute([])?;
    stamp(change)
}
