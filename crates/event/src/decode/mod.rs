//! From delivered bytes to Arrow batches.
//!
//! [`Batcher::push_object`] takes one object (a delivered file, a request body) in any of the shapes that CloudTrail records
//! travel in, and goes on with the same batch from object to object: an ingest of thousands of 2 KB objects gives a few big
//! batches. Nothing is dropped in silence: each record is a row or is in [`ObjectOutcome::rejected`] with its bytes.
//!
//! Shapes: `{"Records":[…]}`, an array, JSON values one after another (lines or pretty-printed), a single record, the
//! EventBridge and CloudWatch Logs envelopes, LookupEvents pages and the console's event history (records as strings),
//! Kinesis and Firehose `data` (base64), and records inside a log shipper's wrapper. The stored `raw` text is always the
//! record itself. The rules stand in `walk.rs`.

mod accept;
mod columns;
mod identity;
mod outcome;
mod plan;
mod row;
mod walk;
mod wrapper;

use std::collections::VecDeque;

use arrow::array::RecordBatch;

use crate::compression::{CompressionError, Inflater};
use columns::Columns;
pub use outcome::{NotCloudTrail, ObjectError, ObjectOutcome, Reason, Rejected};
use plan::Plan;
use row::Row;

/// Bounds on what the decoder takes and makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Decompressed size of one object, in bytes. Default 1 GiB.
    pub object_bytes: usize,
    /// Size of one record, in bytes; CloudTrail's own cap is 256 KB, Lake's 1 MB. Default 16 MiB.
    pub record_bytes: usize,
    /// Raw text per batch, in bytes; a batch is full when it reaches this. Default 32 MiB.
    pub batch_bytes: usize,
    /// Rows per batch. Default 131,072.
    pub batch_rows: usize,
    /// Bytes kept of a rejected piece. Default 1 MiB.
    pub rejected_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            object_bytes: 1 << 30,
            record_bytes: 16 << 20,
            batch_bytes: 32 << 20,
            batch_rows: 1 << 17,
            rejected_bytes: 1 << 20,
        }
    }
}

/// Decodes object after object into record batches of [`crate::cloudtrail_schema`].
///
/// Call [`push_object`](Self::push_object) for each object; while [`is_full`](Self::is_full), and once at the end, take
/// batches with [`take_batch`](Self::take_batch).
pub struct Batcher {
    limits: Limits,
    columns: Columns,
    row: Row,
    inflater: Inflater,
    ready: VecDeque<RecordBatch>,
}

impl Batcher {
    /// An empty batcher.
    pub fn new(limits: Limits) -> Self {
        // Arrow's text offsets are 32-bit: a batch plus one more record has to stay below 2 GiB.
        let limits = Limits {
            batch_bytes: limits.batch_bytes.min(1 << 30),
            record_bytes: limits.record_bytes.min(512 << 20),
            ..limits
        };
        let plan = Plan::get();
        Self {
            limits,
            columns: Columns::new(plan),
            row: Row::new(plan),
            inflater: Inflater::default(),
            ready: VecDeque::new(),
        }
    }

    /// Decodes one object, compressed or not. `origin` names it in the rows; `ingest_time` is microseconds since the epoch.
    ///
    /// Records that are readable become rows even where others of the object are not.
    ///
    /// # Errors
    /// [`ObjectError`] where nothing of the object can be taken: damaged compression, too large, or not CloudTrail.
    pub fn push_object(&mut self, bytes: &[u8], origin: &str, ingest_time: i64) -> Result<ObjectOutcome, ObjectError> {
        let length = self.inflater.decompress(bytes, self.limits.object_bytes)?;
        // Moved out for the walk, which needs the rest of the batcher, and back for the next object.
        let buffer = std::mem::take(&mut self.inflater.output);
        let content = length.map_or(bytes, |length| &buffer[..length]);
        let result = walk::walk(self, content, origin, ingest_time);
        self.inflater.output = buffer;
        result
    }

    /// Rows that wait in batches not yet taken.
    pub fn rows(&self) -> usize {
        self.columns.rows() + self.ready.iter().map(RecordBatch::num_rows).sum::<usize>()
    }

    /// A whole batch is waiting.
    pub fn is_full(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The oldest whole batch, or what there is of the last one; `None`: no rows are waiting.
    ///
    /// # Errors
    /// Only where the columns do not make a batch of the schema: a defect of the decoder.
    pub fn take_batch(&mut self) -> Result<Option<RecordBatch>, ObjectError> {
        match self.ready.pop_front() {
            Some(batch) => Ok(Some(batch)),
            None if self.columns.rows() == 0 => Ok(None),
            None => Ok(Some(self.columns.take()?)),
        }
    }

    fn seal_if_full(&mut self) -> Result<(), ObjectError> {
        let full = self.columns.raw_bytes() >= self.limits.batch_bytes || self.columns.rows() >= self.limits.batch_rows;
        if full {
            self.ready.push_back(self.columns.take()?);
        }
        Ok(())
    }

    fn decompress_nested(&self, bytes: &[u8]) -> Result<Vec<u8>, CompressionError> {
        crate::compression::decompress(bytes, self.limits.object_bytes).map(std::borrow::Cow::into_owned)
    }
}
