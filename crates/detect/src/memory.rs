//! What rules remember from one event to the next, behind a trait: `scan` and `rules test` keep it in memory, the server in
//! its state.
//!
//! Everything is keyed by the rule's id and by 128-bit keys of values, so that a store needs no more than a few tables of small
//! rows. Modes ask and write a batch at a time. What they write is a function of the events alone: the same event written
//! twice, in whatever order, leaves the same behind. Counts are the exception; see [`Memory::taken`].

use std::ops::RangeInclusive;

use sha2::{Digest, Sha256};

use crate::finding::Evidence;

/// 128 bits that stand for a text, or for several in order.
pub type Key = u128;

/// The key of values in order; the same on every machine and in every version. Null is no text.
#[must_use]
pub fn key_of<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> Key {
    let mut hash = Sha256::new();
    for value in values {
        match value {
            Some(text) => {
                hash.update((text.len() as u64 + 1).to_le_bytes());
                hash.update(text.as_bytes());
            }
            None => hash.update(0_u64.to_le_bytes()),
        }
    }
    hash.finalize().iter().take(16).fold(0, |key, byte| key << 8 | Key::from(*byte))
}

/// A place on the map, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// North.
    pub latitude: f64,
    /// East.
    pub longitude: f64,
}

/// An event in a group's window. What is shown of it stays in the memory until it is asked for: a window holds hundreds of
/// events at each new one and shows them seldom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noted {
    /// The key of its id.
    pub event: Key,
    /// When it happened, microseconds.
    pub time: i64,
    /// The step of a correlation that it fulfils, from 0; an event may be noted once for each.
    pub step: u8,
    /// The key of the value that is counted, where different ones are; 0 else.
    pub value: Key,
    /// Where it came from, where that is asked.
    pub place: Option<Point>,
}

impl Noted {
    /// By which the events of a group are in order.
    #[must_use]
    pub fn order(&self) -> (i64, Key, u8) {
        (self.time, self.event, self.step)
    }
}

/// When something was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The earliest event, microseconds. Of a value that had been forgotten: since it is back.
    pub first: i64,
    /// About the latest event, microseconds: not written anew for every event.
    pub last: i64,
    /// The key of the id of the event with which it was new.
    pub event: Key,
}

/// What is wrong with a store.
#[derive(Debug, thiserror::Error)]
#[error("the rules' memory: {0}")]
pub struct MemoryError(pub String);

/// What rules remember. Times are event time, microseconds since 1970-01-01 (UTC).
///
/// A watcher calls it within one transaction of the store together with what it does with the findings. Nothing of a batch may
/// stay if the transaction fails; if it is saved and the batch is never committed, the same events come again, which the
/// contract of each method makes harmless.
pub trait Memory {
    /// The events of a group's window within a span of time, by [`Noted::order`].
    ///
    /// # Errors
    /// Where the store fails; so of all methods.
    fn noted(&mut self, rule: &str, group: Key, within: RangeInclusive<i64>) -> Result<Vec<Noted>, MemoryError>;

    /// What is shown of noted events of a group (event, step), in their order. Of what no version has written nothing is left.
    fn shown(&mut self, rule: &str, group: Key, events: &[(Key, u8)]) -> Result<Vec<Evidence>, MemoryError>;

    /// Adds events, by [`Noted::order`], to a group's window, and takes others (event, step) out. An event that is there for
    /// that step stays as it is.
    fn note(
        &mut self,
        rule: &str,
        group: Key,
        events: &[(Noted, Evidence)],
        out: &[(Key, u8)],
    ) -> Result<(), MemoryError>;

    /// What is known of keys, in their order.
    fn seen(&mut self, rule: &str, keys: &[Key]) -> Result<Vec<Option<Seen>>, MemoryError>;

    /// Puts what is known of keys in place of what was.
    fn see(&mut self, rule: &str, seen: &[(Key, Seen)]) -> Result<(), MemoryError>;

    /// The counts of keys by bucket, in their order; buckets in no order.
    fn counts(&mut self, rule: &str, keys: &[Key]) -> Result<Vec<Vec<(i64, u64)>>, MemoryError>;

    /// Adds to counts: key, bucket, how many.
    fn count(&mut self, rule: &str, counts: &[(Key, i64, u64)]) -> Result<(), MemoryError>;

    /// Lets go of what is older: noted events before an instant, keys whose `last` is before it, buckets before it. A rule
    /// uses one of the three. It may be done later, or partly.
    fn forget(&mut self, rule: &str, before: i64) -> Result<(), MemoryError>;

    /// Which of so many events (`event`: the key of one's id) were counted already: those of a batch that was saved here and
    /// whose commit failed or never came about. A store that is lost together with the batch knows none.
    fn taken(&mut self, count: usize, event: &dyn Fn(usize) -> Key) -> Result<Vec<bool>, MemoryError> {
        let _ = event;
        Ok(vec![false; count])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_values_and_their_limits_apart() {
        let keys = [
            key_of([Some("a"), Some("b")]),
            key_of([Some("ab"), Some("")]),
            key_of([Some("ab"), None]),
            key_of([Some("ab")]),
            key_of([None, Some("ab")]),
            key_of([]),
            key_of([Some("")]),
            key_of([None]),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{at}");
        }
        // Stored keys outlive versions of the program.
        assert_eq!(key_of([Some("alice")]), key_of([Some("alice")]));
        assert_eq!(format!("{:032x}", key_of([Some("alice"), None])), "ac42d00ded624e99a6c91d52e75a4b34");
    }
}
