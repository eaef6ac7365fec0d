//! Watching events as they come: what rules make of a commit's rows is written before the commit is made, so that no alert is
//! lost, and counts once although the commit may fail and its rows come again.
//!
//! Two ways lead here. Whoever takes logs in with this state asks before each commit ([`Detections::watch`]), and the commit
//! then says so. What others commit is found by following the lake's log ([`Detections::follow`](crate::Detections)).

use std::collections::HashSet;
use std::sync::PoisonError;

use event::Decoded;

use crate::detections::{Detections, Error};
use crate::memory::{Key, key_of};
use crate::rule::Mode;
use crate::store::{Known, Recorded, Remembered, Telling};

/// The rows that were watched and are not known to be in the lake.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    keys: HashSet<Key>,
    /// What is known of the rules' memory.
    known: Known,
}

impl Taken {
    pub(crate) fn new(keys: HashSet<Key>) -> Self {
        Self { keys, known: Known::default() }
    }
}

/// A commit that was watched and is to be made.
#[derive(Debug, Default)]
#[must_use = "the state has to be told when the commit is made"]
pub struct Ticket {
    id: Option<i64>,
    keys: Vec<Key>,
    /// What the rules made of it.
    pub recorded: Recorded,
}

impl Detections {
    /// Asks the rules about the rows of a commit that is to be made, none of which is in the lake. What they find is written
    /// when this returns. Blocks.
    ///
    /// # Errors
    /// Where the rows can't be matched or the store can't be written: then nothing of it is kept, and the commit should not be
    /// made.
    pub fn watch(&self, batches: &[Decoded]) -> Result<Ticket, Error> {
        self.observe(batches, Telling::Sinks, true, |_| Ok(()))
    }

    /// The commit is made.
    ///
    /// # Errors
    /// The store's. The rows are then taken as not committed, which does no harm.
    pub fn landed(&self, ticket: Ticket) -> Result<(), Error> {
        let mut taken = self.inner.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &ticket.keys {
            taken.keys.remove(key);
        }
        drop(taken);
        if let Some(id) = ticket.id {
            self.store().landed(&[id])?;
        }
        Ok(())
    }

    /// Asks the rules about rows, and writes what they find together with what `also` writes.
    pub(crate) fn observe(
        &self,
        batches: &[Decoded],
        telling: Telling,
        pending: bool,
        also: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<(), Error>,
    ) -> Result<Ticket, Error> {
        let current = self.fresh()?;
        let mut detector = current.detector.lock().unwrap_or_else(PoisonError::into_inner);
        let watched: Vec<&Decoded> = batches.iter().filter(|decoded| detector.reads(decoded.log_type)).collect();
        let counts = detector.rules().any(|rule| matches!(rule.mode, Mode::Rare { .. }));
        let keys = if pending && counts { event_keys(&watched) } else { Vec::new() };
        let mut taken = self.inner.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let Taken { keys: keys_taken, known } = &mut *taken;
        let store = self.store();
        let now = store.now();
        let made = store.change(|change| -> Result<(Recorded, Option<i64>), Error> {
            let mut memory = Remembered::new(change, keys_taken, known)?;
            let findings = detector.observe(batches, &mut memory, now)?;
            memory.finish()?;
            let recorded = store.record(change, &findings, |id| current.rule(id), telling)?;
            let id = if keys.is_empty() { None } else { Some(store.pend(change, &keys)?) };
            also(change)?;
            Ok((recorded, id))
        });
        if made.is_err() {
            taken.known.clear();
        }
        let (recorded, id) = made?;
        taken.keys.extend(keys.iter().copied());
        Ok(Ticket { id, keys, recorded })
    }
}

fn event_keys(batches: &[&Decoded]) -> Vec<Key> {
    use arrow::array::AsArray;
    let ids = |decoded: &&Decoded| {
        let column = decoded.batch.column_by_name("event_id");
        let ids = column.and_then(|column| column.as_string_opt::<i32>());
        ids.into_iter().flat_map(|ids| ids.iter().flatten().map(|id| key_of([Some(id)]))).collect::<Vec<_>>()
    };
    batches.iter().flat_map(ids).collect()
}
