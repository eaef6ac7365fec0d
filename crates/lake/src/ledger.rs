//! The ledger: which objects were taken in, and what became of their records. The table `objects`.
//!
//! It saves work, it does not guard counts: an object is entered after the commit of its rows, so a crash in between leads to
//! a second reading, whose rows are then recognised one by one.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Field, Int64Type, Schema};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::append::Commit;
use crate::once::{texts, times};
use crate::read::{OpenFile, Selection};
use crate::spec::OBJECTS;
use crate::{Lake, LakeError};

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectStatus {
    /// Every record is in.
    Done,
    /// Some records are in quarantine, the others in.
    Partial,
    /// Nothing could be read; the object is in quarantine as a whole.
    Failed,
}

impl ObjectStatus {
    /// The word in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }
}

/// An object as its source lists it. Changed content shows in its size or revision.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectVersion {
    /// The path or address.
    pub object: String,
    /// Bytes as delivered.
    pub size: u64,
    /// The entity tag in a bucket, the time of modification (microseconds) of a file.
    pub revision: String,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEntry {
    /// Which object.
    pub version: ObjectVersion,
    /// SHA-256 of its bytes as delivered, in hexadecimal.
    pub sha256: String,
    /// The same of its decompressed bytes, where a digest may name them, or `unreadable`; else empty.
    pub content_sha256: String,
    /// Records found in it.
    pub records: u64,
    /// Rows that it added.
    pub rows_added: u64,
    /// Records that were in the lake already.
    pub duplicates: u64,
    /// Pieces put into quarantine.
    pub rejected: u64,
    /// What became of it.
    pub status: ObjectStatus,
    /// When it was taken in: microseconds since 1970-01-01 (UTC).
    pub ingest_time: i64,
}

/// The objects that are in as a whole.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    done: HashSet<u128>,
}

impl Ledger {
    /// Whether this very version of the object is in, with every record.
    #[must_use]
    pub fn is_done(&self, version: &ObjectVersion) -> bool {
        self.done.contains(&fingerprint(&version.object, version.size, &version.revision))
    }

    /// Takes note of an object that came in since.
    pub fn enter(&mut self, version: &ObjectVersion) {
        self.done.insert(fingerprint(&version.object, version.size, &version.revision));
    }

    /// Objects known to be in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.done.len()
    }

    /// Whether no object is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }
}

/// 16 bytes an object, so that millions of them fit in memory.
fn fingerprint(object: &str, size: u64, revision: &str) -> u128 {
    let mut hash = Sha256::new();
    hash.update(object.as_bytes());
    hash.update([0]);
    hash.update(size.to_le_bytes());
    hash.update(revision.as_bytes());
    hash.finalize().iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

impl Lake {
    /// Reads the ledger as it is now.
    ///
    /// # Errors
    /// The store's, and those of reading the table.
    pub async fn ledger(&self) -> Result<Ledger, LakeError> {
        self.ledger_since(i64::MIN).await
    }

    /// The ledger of the objects that came in at `since` (microseconds since 1970-01-01, UTC) or later.
    ///
    /// # Errors
    /// As [`Lake::ledger`].
    pub async fn ledger_since(&self, since: i64) -> Result<Ledger, LakeError> {
        let mut ledger = Ledger::default();
        let Some(snapshot) = self.snapshot(OBJECTS).await? else {
            return Ok(ledger);
        };
        let table = self.table(OBJECTS)?;
        for file in snapshot.files.iter() {
            let open = OpenFile::open(&table.storage, file).await?;
            let mut batches = open.read(Selection {
                mask: open.columns(&["object", "size", "revision", "status", "ingest_time"]),
                groups: None,
                rows: None,
                batch_rows: 8192,
            })?;
            while let Some(batch) = batches.try_next().await? {
                ledger.add(&batch, since)?;
            }
        }
        Ok(ledger)
    }

    /// Enters objects whose rows are committed.
    ///
    /// # Errors
    /// As [`Lake::append`].
    pub async fn record_objects(&self, entries: &[ObjectEntry]) -> Result<(), LakeError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.append(OBJECTS, vec![batch(entries)?], Commit::default()).await?;
        Ok(())
    }
}

impl Ledger {
    fn add(&mut self, batch: &RecordBatch, since: i64) -> Result<(), LakeError> {
        let [objects, revisions, states] =
            [texts(batch, "object")?, texts(batch, "revision")?, texts(batch, "status")?];
        let entered = times(batch, "ingest_time")?;
        let sizes = batch.column_by_name("size").and_then(|c| c.as_primitive_opt::<Int64Type>());
        for row in 0..batch.num_rows() {
            let (Some(object), Some(revision), Some(sizes)) = (objects.get(row), revisions.get(row), sizes) else {
                continue;
            };
            if entered.value(row) >= since && states.get(row) == Some(ObjectStatus::Done.as_str()) {
                let size = u64::try_from(sizes.value(row)).unwrap_or_default();
                self.done.insert(fingerprint(object, size, revision));
            }
        }
        Ok(())
    }
}

/// Objects as rows.
pub(crate) fn batch(entries: &[ObjectEntry]) -> Result<RecordBatch, LakeError> {
    let text = |get: fn(&ObjectEntry) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(entries.iter().map(get)))
    };
    let number = |get: fn(&ObjectEntry) -> u64| -> ArrayRef {
        let values = entries.iter().map(|entry| i64::try_from(get(entry)).unwrap_or(i64::MAX));
        Arc::new(Int64Array::from_iter_values(values))
    };
    let times = entries.iter().map(|entry| entry.ingest_time);
    let columns: [(&str, ArrayRef); 11] = [
        ("object", text(|e| &e.version.object)),
        ("size", number(|e| e.version.size)),
        ("revision", text(|e| &e.version.revision)),
        ("sha256", text(|e| &e.sha256)),
        ("content_sha256", text(|e| &e.content_sha256)),
        ("records", number(|e| e.records)),
        ("rows_added", number(|e| e.rows_added)),
        ("duplicates", number(|e| e.duplicates)),
        ("rejected", number(|e| e.rejected)),
        ("status", text(|e| e.status.as_str())),
        ("ingest_time", Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))),
    ];
    rows(columns.into_iter().collect())
}

/// A batch of columns none of which is ever null.
pub(crate) fn rows(columns: Vec<(&str, ArrayRef)>) -> Result<RecordBatch, LakeError> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), false)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}
