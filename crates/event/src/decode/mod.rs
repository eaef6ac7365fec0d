//! From delivered bytes to Arrow batches.
//!
//! [`Batcher::push_object`] takes one object (a delivered file, a request body) of any log type, in any of the shapes that
//! its records travel in, and goes on with the same batches from object to object: an ingest of thousands of 2 KB objects
//! gives a few big batches. Nothing is dropped in silence: each record is a row or is in [`ObjectOutcome::rejected`] with its
//! bytes.
//!
//! JSON: `{"Records":[…]}` and the like, an array, JSON values one after another (lines or pretty-printed), a single
//! record, the EventBridge and CloudWatch Logs envelopes, LookupEvents pages and the console's event history (records as
//! strings), Kinesis and Firehose `data` (base64), and records inside a log shipper's wrapper. The rules stand in `walk.rs`.
//! Text: lines, with or without the header that names their fields; the rules stand in `lines.rs`. The stored `raw` text is
//! always the record itself. Which log type a record is of is told by the record, not by the object.

mod accept;
pub(crate) mod columns;
pub(crate) mod context;
mod identity;
pub(crate) mod lines;
mod outcome;
pub(crate) mod plan;
pub(crate) mod record;
mod row;
mod walk;
mod wrapper;

use std::collections::VecDeque;

use arrow::array::RecordBatch;

use crate::compression::{CompressionError, Inflater};
use columns::Columns;
use context::Context;
use identity::Twins;
use lines::Reading;
pub use lines::is_lines_of_text;
pub use outcome::{Foreign, ObjectError, ObjectOutcome, Reason, Rejected};
use plan::Plan;
use record::Values;
use row::Row;

use crate::log_types::{LogType, log_types};
use crate::time_status::OLD_AFTER;

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
    /// How far an event's time may be behind the time of its ingest before it is flagged as old, microseconds. Default a year.
    pub old_after: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            object_bytes: 1 << 30,
            record_bytes: 16 << 20,
            batch_bytes: 32 << 20,
            batch_rows: 1 << 17,
            rejected_bytes: 1 << 20,
            old_after: OLD_AFTER,
        }
    }
}

/// The place of CloudTrail in [`log_types`].
pub(super) const CLOUDTRAIL: usize = 0;
/// The place of `other`, a test says that it is right.
pub(super) const OTHER: usize = 7;

/// Rows of one log type.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// What they are.
    pub log_type: &'static LogType,
    /// The rows, in the log type's schema.
    pub batch: RecordBatch,
}

/// What is known of an object that is decoded piece by piece: where the next piece stands, and how its lines are read.
#[derive(Debug, Default)]
pub struct Continuation {
    position: u64,
    offset: u64,
    twins: Twins,
    reading: Reading,
    context: Option<Context>,
}

/// What a sender says of a record beside the record itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// When it happened: microseconds since 1970-01-01 (UTC).
    pub time: Option<i64>,
    /// What it is, in the sender's words: a sourcetype.
    pub kind: Option<String>,
    /// What it came from: a log group, HEC's `source`.
    pub group: Option<String>,
    /// Which part of that: a log stream, HEC's `host`.
    pub stream: Option<String>,
}

impl Continuation {
    /// For the records of a delivery of that name, which are given piece by piece. Where a record tells neither an id nor which
    /// log it is of, the delivery is part of its identity: the same delivery again is a copy, another with the same text is not.
    pub fn of_delivery(delivery: &str) -> Self {
        Self { twins: Twins::of_delivery(delivery), ..Self::default() }
    }

    /// What follows is of the delivery of that name.
    pub fn delivered_as(&mut self, delivery: &str) {
        self.twins.name(delivery);
    }

    /// What follows is a piece of its own, with what its sender says of it.
    pub fn sent(&mut self, origin: &str, sender: &Sender) {
        let context = self.context.get_or_insert_with(|| Context::of_key(origin));
        context.time = sender.time;
        context.source.clone_from(&sender.kind);
        context.log_group.clone_from(&sender.group);
        context.log_stream.clone_from(&sender.stream);
        self.reading = Reading::default();
    }

    /// What follows stands at `position` and `offset` of its object.
    pub fn stand(&mut self, position: u64, offset: u64) {
        (self.position, self.offset) = (position, offset);
    }

    /// A piece that can't be taken, in its place among the others.
    pub fn reject(&mut self, reason: Reason, message: &str, piece: &[u8], limits: &Limits) -> Rejected {
        let (position, offset) = (self.position, self.offset);
        self.position += 1;
        self.offset += piece.len() as u64;
        let bytes = piece[..piece.len().min(limits.rejected_bytes)].to_vec();
        Rejected { position, offset, reason, message: message.to_owned(), bytes, size: piece.len() as u64 }
    }

    /// Takes what follows as lines of any kind, as rows of the table `other`.
    pub fn take_any_lines(&mut self) {
        self.reading = Reading::any();
    }

    /// A piece that stands for the rest of an object that can't be read on, which has `size` bytes.
    pub fn broken_off(&self, message: &str, size: u64) -> Rejected {
        let (position, offset) = (self.position, self.offset);
        Rejected { position, offset, reason: Reason::Malformed, message: message.to_owned(), bytes: Vec::new(), size }
    }
}

/// Decodes object after object into record batches, those of each log type by themselves.
///
/// Call [`push_object`](Self::push_object) for each object; while [`is_full`](Self::is_full), and once at the end, take
/// batches with [`take_batch`](Self::take_batch). Batches are cut for all log types at once, so what has been taken while it
/// was full holds every row of the objects before.
pub struct Batcher {
    limits: Limits,
    columns: Vec<Columns>,
    rows: Vec<Row>,
    values: Values,
    /// The log type of the record that was read last.
    kind: usize,
    keeps_unknown: bool,
    /// The log type of what does not tell.
    forced: Option<usize>,
    /// Bytes of raw text, and rows, in the columns.
    raw_bytes: usize,
    row_count: usize,
    inflater: Inflater,
    ready: VecDeque<Decoded>,
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
        let plans = || (0..log_types().len()).map(Plan::of);
        Self {
            limits,
            columns: plans().map(|plan| Columns::new(plan, limits.old_after)).collect(),
            rows: plans().map(Row::new).collect(),
            values: Values::default(),
            kind: CLOUDTRAIL,
            keeps_unknown: false,
            forced: None,
            raw_bytes: 0,
            row_count: 0,
            inflater: Inflater::default(),
            ready: VecDeque::new(),
        }
    }

    /// Makes rows of the table `other` of JSON and of log messages that are of no log type. Text objects of no known
    /// format are taken as lines of `other` only where [`push_lines`](Self::push_lines) says so.
    #[must_use]
    pub fn keeping_unknown(self) -> Self {
        Self { keeps_unknown: true, ..self }
    }

    /// Takes records and lines that are of no log type, or do not tell, for those of `log_type`.
    #[must_use]
    pub fn taking_for(self, log_type: &'static LogType) -> Self {
        let forced = log_types().iter().position(|known| known.id == log_type.id);
        Self { forced, ..self }
    }

    /// Takes what does not tell, from here on, for `log_type`; `None`: for what it looks like.
    pub fn take_for(&mut self, log_type: Option<&'static LogType>) {
        self.forced = log_type.and_then(|wanted| log_types().iter().position(|known| known.id == wanted.id));
    }

    /// Decodes one object, compressed or not. `origin` names it in the rows; `ingest_time` is microseconds since the epoch.
    ///
    /// Records that are readable become rows even where others of the object are not.
    ///
    /// # Errors
    /// [`ObjectError`] where nothing of the object can be taken: damaged compression, too large, or not a log.
    pub fn push_object(&mut self, bytes: &[u8], origin: &str, ingest_time: i64) -> Result<ObjectOutcome, ObjectError> {
        let length = self.inflater.decompress(bytes, self.limits.object_bytes)?;
        // Moved out for the walk, which needs the rest of the batcher, and back for the next object.
        let buffer = std::mem::take(&mut self.inflater.output);
        let content = length.map_or(bytes, |length| &buffer[..length]);
        let result = walk::walk(self, content, origin, ingest_time, &mut Continuation::default());
        self.inflater.output = buffer;
        result
    }

    /// Decodes the next piece of an object that is read piece by piece, cut at ends of lines and decompressed. Positions
    /// and offsets go on from the pieces before.
    ///
    /// # Errors
    /// As [`push_object`](Self::push_object); [`ObjectError::NotALog`] is about this piece.
    pub fn push_piece(
        &mut self,
        piece: &[u8],
        origin: &str,
        ingest_time: i64,
        going_on: &mut Continuation,
    ) -> Result<ObjectOutcome, ObjectError> {
        walk::walk(self, piece, origin, ingest_time, going_on)
    }

    /// Takes every line of a text of no known format as a row of the table `other`.
    ///
    /// # Errors
    /// As [`push_object`](Self::push_object).
    pub fn push_lines(&mut self, bytes: &[u8], origin: &str, ingest_time: i64) -> Result<ObjectOutcome, ObjectError> {
        let text = crate::compression::decompress(bytes, self.limits.object_bytes)?.into_owned();
        let mut going_on = Continuation { reading: Reading::any(), ..Continuation::default() };
        walk::walk(self, &text, origin, ingest_time, &mut going_on)
    }

    /// Rows that wait in batches not yet taken.
    pub fn rows(&self) -> usize {
        self.row_count + self.ready.iter().map(|decoded| decoded.batch.num_rows()).sum::<usize>()
    }

    /// Whole batches are waiting.
    pub fn is_full(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The oldest whole batch, or what there is of the last ones; `None`: no rows are waiting.
    ///
    /// # Errors
    /// Only where the columns do not make a batch of the schema: a defect of the decoder.
    pub fn take_batch(&mut self) -> Result<Option<Decoded>, ObjectError> {
        if self.ready.is_empty() {
            self.seal()?;
        }
        Ok(self.ready.pop_front())
    }

    /// Counts a row, and cuts the batches where they are full.
    fn gathered(&mut self, raw_bytes: usize) -> Result<(), ObjectError> {
        self.raw_bytes += raw_bytes;
        self.row_count += 1;
        if self.raw_bytes >= self.limits.batch_bytes || self.row_count >= self.limits.batch_rows {
            self.seal()?;
        }
        Ok(())
    }

    fn seal(&mut self) -> Result<(), ObjectError> {
        (self.raw_bytes, self.row_count) = (0, 0);
        for columns in &mut self.columns {
            if columns.rows() > 0 {
                self.ready.push_back(Decoded { log_type: columns.plan().log_type, batch: columns.take()? });
            }
        }
        Ok(())
    }

    fn decompress_nested(&self, bytes: &[u8]) -> Result<Vec<u8>, CompressionError> {
        crate::compression::decompress(bytes, self.limits.object_bytes).map(std::borrow::Cow::into_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_special_types() {
        assert_eq!((log_types()[CLOUDTRAIL].id, log_types()[OTHER].id), ("cloudtrail", "other"));
    }
}
