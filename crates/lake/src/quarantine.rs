//! Quarantine: what could not be decoded, with its bytes and the reason. The table `quarantine`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, Date32Array, Int64Array, StringArray, TimestampMicrosecondArray};
use sha2::{Digest, Sha256};

use crate::append::{AppendReport, Commit};
use crate::ledger::rows;
use crate::spec::{PARTITION, QUARANTINE};
use crate::{Lake, LakeError};

const DAY: i64 = 86_400_000_000;

/// A piece of an object, or all of it, that could not be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The object's path or address.
    pub origin: String,
    /// Ordinal among the object's records; 0 for an object as a whole.
    pub position: u64,
    /// Where the piece begins in the decompressed object, in bytes.
    pub offset: u64,
    /// Why, as a stable code.
    pub reason: String,
    /// Why, in words.
    pub message: String,
    /// The piece; of a large one its beginning.
    pub bytes: Vec<u8>,
    /// Size of the whole piece, in bytes.
    pub size: u64,
    /// When it was put here: microseconds since 1970-01-01 (UTC).
    pub ingest_time: i64,
}

impl Quarantined {
    /// The same piece of the same object is one row, however often it is met.
    fn id(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.origin.as_bytes(), self.reason.as_bytes(), &self.bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(self.position.to_le_bytes());
        hash.update(self.offset.to_le_bytes());
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Lake {
    /// Puts pieces into quarantine; those that are there already stay as they are.
    ///
    /// # Errors
    /// As [`Lake::append`].
    pub async fn quarantine(&self, pieces: &[Quarantined]) -> Result<AppendReport, LakeError> {
        let batches = if pieces.is_empty() { Vec::new() } else { vec![rows(columns(pieces))?] };
        self.append(QUARANTINE, batches, Commit::default()).await
    }
}

fn columns(pieces: &[Quarantined]) -> Vec<(&'static str, ArrayRef)> {
    let text = |get: fn(&Quarantined) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(pieces.iter().map(get)))
    };
    let number = |get: fn(&Quarantined) -> u64| -> ArrayRef {
        let values = pieces.iter().map(|piece| i64::try_from(get(piece)).unwrap_or(i64::MAX));
        Arc::new(Int64Array::from_iter_values(values))
    };
    let day = |piece: &Quarantined| i32::try_from(piece.ingest_time.div_euclid(DAY)).unwrap_or_default();
    let times = pieces.iter().map(|piece| piece.ingest_time);
    vec![
        ("quarantine_id", text(Quarantined::id)),
        ("origin", text(|p| p.origin.clone())),
        ("origin_position", number(|p| p.position)),
        ("origin_offset", number(|p| p.offset)),
        ("reason", text(|p| p.reason.clone())),
        ("message", text(|p| p.message.clone())),
        ("size", number(|p| p.size)),
        ("ingest_time", Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))),
        (PARTITION, Arc::new(Date32Array::from_iter_values(pieces.iter().map(day)))),
        ("bytes", Arc::new(BinaryArray::from_iter_values(pieces.iter().map(|p| &p.bytes)))),
    ]
}
