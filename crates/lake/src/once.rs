//! Which events a table already holds, so that an event is counted once however often it is delivered.
//!
//! The truth is the lake; this is a cache over it by the hour of the event's time, since an event's copies carry the
//! same time. An hour is loaded when rows of that hour arrive (no file overlaps it: nothing is read), follows what this
//! process commits and what others have committed since, and is forgotten when memory is short. Ids are kept as 128
//! bits: a UUID as it is, anything else as the head of its SHA-256, so every answer is exact.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::LakeError;
use crate::read::{OpenFile, Selection};
use crate::snapshot::{DataFile, Snapshot};
use crate::spec::Once;
use crate::storage::Storage;

const HOUR: i64 = 3_600_000_000;
/// A hash set's bytes a place: the id, the control byte, and the free places that it keeps.
const BYTES_A_PLACE: usize = 18;

/// The first and the last day of a file's rows; `None`: any.
type Days = Option<(i32, i32)>;

/// An event's identity within its hour.
pub(crate) type EventKey = u128;

/// The cache of one table.
#[derive(Debug)]
pub(crate) struct OnceIndex {
    once: Option<Once>,
    budget: usize,
    hours: HashMap<i64, Hour>,
    /// The files whose ids are in every cached hour that they overlap.
    known: HashMap<Arc<str>, Days>,
    clock: u64,
}

#[derive(Debug, Default)]
struct Hour {
    keys: HashSet<EventKey>,
    used: u64,
}

impl OnceIndex {
    pub(crate) fn new(once: Option<Once>, budget: usize) -> Self {
        Self { once, budget, hours: HashMap::new(), known: HashMap::new(), clock: 0 }
    }

    /// Makes the index answer for `hours` as of `snapshot`.
    pub(crate) async fn prepare(
        &mut self,
        storage: &Storage,
        snapshot: &Snapshot,
        hours: &BTreeSet<i64>,
    ) -> Result<(), LakeError> {
        let Some(once) = self.once else { return Ok(()) };
        self.clock += 1;
        self.forget_dropped_days(snapshot);
        let missing: Vec<i64> = hours.iter().copied().filter(|h| !self.hours.contains_key(h)).collect();
        for hour in hours {
            self.hours.entry(*hour).or_default().used = self.clock;
        }
        let loaded = self.load(storage, snapshot, once, &missing).await;
        if loaded.is_err() {
            // Half-loaded hours would let copies in.
            self.hours.clear();
            self.known.clear();
        }
        loaded
    }

    /// Whether the table holds the event, as of the snapshot last prepared for.
    pub(crate) fn contains(&self, hour: i64, key: EventKey) -> bool {
        self.hours.get(&hour).is_some_and(|h| h.keys.contains(&key))
    }

    /// Takes note of rows that were committed, and of the files that hold them.
    pub(crate) fn committed(
        &mut self,
        keys: impl Iterator<Item = (i64, EventKey)>,
        files: impl Iterator<Item = (Arc<str>, Days)>,
    ) {
        for (hour, key) in keys {
            if let Some(hour) = self.hours.get_mut(&hour) {
                hour.keys.insert(key);
            }
        }
        self.known.extend(files);
        self.evict();
    }

    /// A file that is gone was compacted, or its days were dropped and the same events may come again: its days are read anew.
    fn forget_dropped_days(&mut self, snapshot: &Snapshot) {
        let active: HashSet<&str> = snapshot.files.iter().map(|f| f.path.as_ref()).collect();
        let mut gone: HashSet<Days> = HashSet::new();
        self.known.retain(|path, days| {
            let stays = active.contains(path.as_ref());
            if !stays {
                gone.insert(*days);
            }
            stays
        });
        if gone.is_empty() {
            return;
        }
        let of = |days: &Days, hour: i64| {
            days.is_none_or(|(first, last)| (i64::from(first)..=i64::from(last)).contains(&hour.div_euclid(24)))
        };
        self.hours.retain(|hour, _| !gone.iter().any(|days| of(days, *hour)));
    }

    async fn load(
        &mut self,
        storage: &Storage,
        snapshot: &Snapshot,
        once: Once,
        missing: &[i64],
    ) -> Result<(), LakeError> {
        let cached: Vec<i64> = self.hours.keys().copied().collect();
        for file in snapshot.files.iter() {
            let hours = if self.known.contains_key(&file.path) { missing } else { &cached };
            let wanted: Vec<Range<i64>> = match once.time {
                Some(_) => hours.iter().map(|h| span(*h)).filter(|r| file.may_hold(r.start, r.end)).collect(),
                None if hours.is_empty() => Vec::new(),
                None => std::iter::once(i64::MIN..i64::MAX).collect(),
            };
            if !wanted.is_empty() {
                self.load_file(storage, file, once, &wanted).await?;
            }
        }
        self.known = snapshot.files.iter().map(|f| (f.path.clone(), f.days())).collect();
        Ok(())
    }

    /// Adds the ids of the file's rows to the cached hours that they belong to.
    async fn load_file(
        &mut self,
        storage: &Storage,
        file: &DataFile,
        once: Once,
        wanted: &[Range<i64>],
    ) -> Result<(), LakeError> {
        let open = OpenFile::open(storage, file).await?;
        let columns: Vec<&str> = once.time.into_iter().chain([once.id]).collect();
        let mut batches = open.read(Selection {
            mask: open.columns(&columns),
            groups: once.time.map(|time| open.groups_within(time, wanted)),
            rows: None,
            batch_rows: 8192,
        })?;
        while let Some(batch) = batches.try_next().await? {
            let keys = keys(&batch, once)?;
            for (hour, key) in keys {
                if let Some(hour) = self.hours.get_mut(&hour) {
                    hour.keys.insert(key);
                }
            }
        }
        Ok(())
    }

    /// Forgets the hours that were not asked for longest, until the rest fits the budget. What the last commit needed stays.
    fn evict(&mut self) {
        let mut bytes: usize = self.hours.values().map(Hour::bytes).sum();
        if bytes <= self.budget {
            return;
        }
        let mut by_age: Vec<(u64, i64)> = self.hours.iter().map(|(h, hour)| (hour.used, *h)).collect();
        by_age.sort_unstable();
        for (used, hour) in by_age {
            if bytes <= self.budget || used == self.clock {
                break;
            }
            bytes -= self.hours.remove(&hour).map_or(0, |h| h.bytes());
        }
    }
}

impl Hour {
    fn bytes(&self) -> usize {
        self.keys.capacity() * BYTES_A_PLACE + 64
    }
}

/// The hour that a time falls into; tables without a time have but one.
pub(crate) fn hour_of(micros: i64) -> i64 {
    micros.div_euclid(HOUR)
}

fn span(hour: i64) -> Range<i64> {
    hour.saturating_mul(HOUR)..hour.saturating_add(1).saturating_mul(HOUR)
}

/// The hour and key of every row. Rows without an id are no copies of anything; they get none (`None` never occurs in
/// the product's own tables, where the id is never null).
fn keys(batch: &RecordBatch, once: Once) -> Result<Vec<(i64, EventKey)>, LakeError> {
    let ids = texts(batch, once.id)?;
    let times = once.time.map(|name| times(batch, name)).transpose()?;
    let keys = (0..batch.num_rows()).filter_map(|row| {
        let hour = times.as_ref().map_or(0, |t| hour_of(t.value(row)));
        ids.get(row).map(|id| (hour, key_of(id)))
    });
    Ok(keys.collect())
}

/// The times of a column in microseconds.
pub(crate) fn times(batch: &RecordBatch, name: &str) -> Result<arrow::array::TimestampMicrosecondArray, LakeError> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>())
        .cloned()
        .ok_or_else(|| missing(name, "a column of times in microseconds"))
}

/// A column of text, whichever way Arrow keeps it.
pub(crate) struct Texts(arrow::array::ArrayRef);

impl Texts {
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        if self.0.is_null(row) {
            return None;
        }
        match self.0.data_type() {
            DataType::Utf8 => Some(self.0.as_string::<i32>().value(row)),
            DataType::LargeUtf8 => Some(self.0.as_string::<i64>().value(row)),
            DataType::Utf8View => Some(self.0.as_string_view().value(row)),
            _ => None,
        }
    }
}

pub(crate) fn texts(batch: &RecordBatch, name: &str) -> Result<Texts, LakeError> {
    match batch.column_by_name(name) {
        Some(column) if matches!(column.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => {
            Ok(Texts(column.clone()))
        }
        _ => Err(missing(name, "a column of text")),
    }
}

fn missing(name: &str, what: &str) -> LakeError {
    LakeError::Argument(format!("`{name}` has to be {what}"))
}

/// The 128 bits of an id.
pub(crate) fn key_of(id: &str) -> EventKey {
    uuid_bits(id.as_bytes()).unwrap_or_else(|| {
        let digest = Sha256::digest(id.as_bytes());
        digest.iter().take(16).fold(0, |key, byte| key << 8 | EventKey::from(*byte))
    })
}

/// The bits of a UUID in the spelling that AWS uses; another spelling is another text and so another id.
fn uuid_bits(text: &[u8]) -> Option<EventKey> {
    if text.len() != 36 {
        return None;
    }
    let mut bits: EventKey = 0;
    for (position, byte) in text.iter().enumerate() {
        let digit = match (position, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'a'..=b'f') => byte - b'a' + 10,
            _ => return None,
        };
        bits = bits << 4 | EventKey::from(digit);
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_apart_what_is_apart() {
        let ids = [
            "00000000-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-000000000001",
            "0b7d6a5e-7a43-4b11-9f0e-5d1c5f3c2b1a",
            "0B7D6A5E-7A43-4B11-9F0E-5D1C5F3C2B1A",
            "0b7d6a5e-7a43-4b11-9f0e-5d1c5f3c2b1",
            "0b7d6a5e07a43-4b11-9f0e-5d1c5f3c2b1a",
            "0b7d6a5e-7a43-4b11-9f0e-5d1c5f3c2b1g",
            "",
            "raw-1",
        ];
        let keys: HashSet<EventKey> = ids.iter().map(|id| key_of(id)).collect();
        assert_eq!(keys.len(), ids.len());
        assert_eq!(key_of(ids[1]), 1);
        assert_eq!(key_of("f0000000-0000-0000-0000-00000000000f"), 0xf << 124 | 0xf);
    }

    #[test]
    fn hours_are_floored() {
        for (micros, hour) in [(0, 0), (HOUR - 1, 0), (HOUR, 1), (-1, -1), (-HOUR, -1), (-HOUR - 1, -2)] {
            assert_eq!(hour_of(micros), hour, "{micros}");
            assert!(span(hour).contains(&micros), "{micros}");
        }
    }

    #[test]
    fn the_budget_holds_and_the_newest_hours_stay() {
        let once = Once { id: "event_id", time: Some("event_time") };
        let mut index = OnceIndex::new(Some(once), 100_000);
        for hour in 0..50_i64 {
            index.clock += 1;
            index.hours.entry(hour).or_default().used = index.clock;
            let keys = (0..1000_u128).map(|key| (hour, key));
            index.committed(keys, std::iter::empty());
        }
        let bytes: usize = index.hours.values().map(Hour::bytes).sum();
        assert!(bytes <= 100_000, "{bytes}");
        assert!(index.contains(49, 999) && !index.contains(49, 1000));
        assert!(!index.contains(0, 5));
    }
}
