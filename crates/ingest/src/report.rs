//! What an ingest did, so that "all is in" is a statement and not a hope.

use std::collections::BTreeMap;

use lake::Flagged;

/// Objects named one by one in a report, of each kind; the rest is counted.
pub const NAMED: usize = 1000;

/// The outcome of an ingest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Objects read to their end, those with trouble included.
    pub objects: u64,
    /// Objects that the ledger knew as taken in; they were not read.
    pub known: u64,
    /// Files that are no logs, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Records found.
    pub records: u64,
    /// Rows added to the lake.
    pub rows_added: u64,
    /// Records that the lake held already.
    pub duplicates: u64,
    /// Rows added whose time is flagged: from the future, or too old.
    pub flagged: Flagged,
    /// The counts by log type.
    pub by_type: BTreeMap<&'static str, TypeCounts>,
    /// Records that the rules left out.
    pub excluded: u64,
    /// Records that each rule matched.
    pub by_rule: BTreeMap<String, u64>,
    /// Pieces of objects that are in quarantine, the others of the object being in.
    pub rejected: u64,
    /// Objects some or all of which could not be decoded and is in quarantine.
    pub bad_objects: u64,
    /// Bytes as delivered.
    pub delivered_bytes: u64,
    /// Bytes decompressed.
    pub object_bytes: u64,
    /// Bytes of the records' own text.
    pub raw_bytes: u64,
    /// Commits of rows.
    pub commits: u64,
    /// Bytes written to the lake for the rows.
    pub stored_bytes: u64,
    /// Objects that could not be read at all (permissions, network); nothing of them is anywhere.
    pub unread: u64,
    /// What was wrong with which object, in words: bad and unread ones, the first [`NAMED`].
    pub problems: Vec<Problem>,
    /// The ingest was cancelled before its end.
    pub cancelled: bool,
}

/// Rows of one log type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeCounts {
    /// Records of it that the rules let through.
    pub records: u64,
    /// Rows added to its table.
    pub rows_added: u64,
    /// Records that its table held already.
    pub duplicates: u64,
}

/// Trouble with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The object's path or address.
    pub origin: String,
    /// Why, as a stable code.
    pub reason: String,
    /// Why, in words.
    pub message: String,
}

impl Report {
    /// Whether every record of every object is in the lake.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.bad_objects == 0 && self.unread == 0 && !self.cancelled
    }

    pub(crate) fn problem(&mut self, origin: &str, reason: &str, message: &str) {
        if self.problems.len() < NAMED {
            self.problems.push(Problem { origin: origin.into(), reason: reason.into(), message: message.into() });
        }
    }
}
