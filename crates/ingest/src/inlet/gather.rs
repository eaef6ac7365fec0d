//! From the journal's entries to what is committed: each delivery is taken apart as its form says, decoded and enriched.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use event::hec::Envelopes;
use event::{Batcher, Continuation, Decoded, Foreign, Limits, ObjectError, Reason, Rejected, Sender};
use lake::Quarantined;

use super::delivery::{Form, Note, origin_of, unframed};
use super::{EnricherNow, InletOptions};
use crate::IngestError;
use crate::journal::Entry;
use crate::lines::{PIECE, is_lines, piece};
use crate::rules::Rules;
use crate::run::believed;

/// Decompressed size of one record of a delivery, in bytes, and of all records of one.
const RECORD: usize = 100 << 20;
const RECORDS: usize = 512 << 20;

/// A delivery whose last rows are in a group, or in an earlier one.
#[derive(Debug, Clone)]
pub(super) struct Share {
    pub(super) source: String,
    pub(super) origin: String,
    pub(super) channel: Option<String>,
    pub(super) received: i64,
    pub(super) bytes: u64,
    pub(super) records: u64,
    pub(super) excluded: u64,
    pub(super) rejected: BTreeMap<String, u64>,
    pub(super) newest: Option<i64>,
}

/// What is committed together.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) tables: BTreeMap<&'static str, Vec<RecordBatch>>,
    pub(super) pieces: Vec<Quarantined>,
    pub(super) shares: Vec<Share>,
    /// Bytes of the records' text.
    pub(super) raw_bytes: u64,
    /// The last entry of the journal that is in this group, or in an earlier one, as a whole.
    pub(super) sequence: u64,
}

impl Group {
    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.pieces.is_empty() && self.shares.is_empty() && self.sequence == 0
    }
}

/// Decodes entries into groups.
pub(super) struct Gatherer {
    batcher: Batcher,
    limits: Limits,
    enricher: EnricherNow,
    rules: std::sync::Arc<Rules>,
    most_bytes: u64,
    group: Group,
}

/// Where whole groups go; false: nobody takes them any more.
pub(super) type Outlet<'a> = &'a dyn Fn(Group) -> bool;

impl Gatherer {
    pub(super) fn new(enricher: EnricherNow, options: &InletOptions) -> Self {
        let old_after = options.old_after;
        let limits = Limits { object_bytes: RECORD, batch_bytes: 4 << 20, old_after, ..Limits::default() };
        Self {
            batcher: Batcher::new(limits).keeping_unknown(),
            limits,
            enricher,
            rules: options.rules.clone(),
            most_bytes: options.commit_bytes,
            group: Group::default(),
        }
    }

    /// What has gathered.
    pub(super) fn take(&mut self) -> Group {
        std::mem::take(&mut self.group)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.group.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.group.raw_bytes >= self.most_bytes
    }

    /// Takes bytes that are no entry any more.
    pub(super) fn damaged(&mut self, file: &str, offset: u64, bytes: &[u8], now: i64) {
        tracing::error!(file, offset, bytes = bytes.len(), "a part of the journal is damaged; it goes into quarantine");
        self.group.pieces.push(Quarantined {
            origin: format!("journal://{file}"),
            position: 0,
            offset,
            reason: "damaged".into(),
            message: "this part of the journal does not fit its checksum".into(),
            bytes: bytes[..bytes.len().min(self.limits.rejected_bytes)].to_vec(),
            size: bytes.len() as u64,
            ingest_time: now,
        });
    }

    /// Takes an entry; hands on groups as they fill.
    pub(super) fn entry(&mut self, entry: &Entry, outlet: Outlet<'_>) -> Result<bool, IngestError> {
        let note = Note::read(&entry.note).filter(|note| note.form != Form::Probe);
        let Some(note) = note else {
            self.group.sequence = entry.sequence;
            return Ok(true);
        };
        let origin = note.origin.clone().unwrap_or_else(|| origin_of(&note.source, entry.sequence));
        let share = Share {
            source: note.source.clone(),
            origin: origin.clone(),
            channel: note.channel.clone(),
            received: note.received,
            bytes: entry.body.len() as u64,
            records: 0,
            excluded: 0,
            rejected: BTreeMap::new(),
            newest: None,
        };
        let mut going_on = Continuation::of_delivery(&note.identity);
        going_on.stand(note.place.0, note.place.1);
        let mut work = Work { share, note: &note, going_on };
        let going = match note.form {
            Form::Events => self.events(entry, &mut work, outlet)?,
            Form::Raw => self.text(&entry.body, &note.sender(), &mut work, outlet)?,
            Form::Records => self.records(&entry.body, &mut work, outlet)?,
            Form::Probe => true,
        };
        self.settle(&mut work, outlet, 1)?;
        self.group.sequence = entry.sequence;
        self.group.shares.push(work.share);
        Ok(going)
    }

    fn events(&mut self, entry: &Entry, work: &mut Work<'_>, outlet: Outlet<'_>) -> Result<bool, IngestError> {
        let usual = work.note.sender();
        let mut quoted = Vec::new();
        // What tells neither an id nor a time is an event of its own each time that it is sent.
        let unrepeatable = format!("{}:{}", work.note.identity, entry.sequence);
        for envelope in Envelopes::of(&entry.body) {
            // The protocol let it through, so it can be read again.
            let Ok(envelope) = envelope else { break };
            let repeatable = envelope.time.is_some();
            work.going_on.delivered_as(if repeatable { &work.note.identity } else { &unrepeatable });
            let sender = Sender {
                time: envelope.time.or(usual.time),
                kind: envelope.sourcetype.or_else(|| usual.kind.clone()),
                group: envelope.source.or_else(|| usual.group.clone()),
                stream: envelope.host.or_else(|| usual.stream.clone()),
            };
            let told = sender.kind.as_deref().and_then(event::log_types::of_sourcetype);
            self.batcher.take_for(told.or(work.note.log_type()));
            let event: &[u8] = match envelope.event.first() {
                // Further fields stand beside the event: unless it is a known record, all of it is kept.
                _ if envelope.has_fields => envelope.whole,
                Some(b'{' | b'[' | b'"') => envelope.event,
                _ => {
                    quoted.clear();
                    quoted.push(b'"');
                    quoted.extend_from_slice(envelope.event);
                    quoted.push(b'"');
                    &quoted
                }
            };
            self.piece(event, &sender, work)?;
            if !self.settle(work, outlet, 64 << 10)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn records(&mut self, body: &[u8], work: &mut Work<'_>, outlet: Outlet<'_>) -> Result<bool, IngestError> {
        let sender = work.note.sender();
        let mut left = RECORDS;
        for record in unframed(body) {
            match event::compression::decompress(record, RECORD.min(left)) {
                Ok(text) => {
                    left -= text.len();
                    if !self.text(&text, &sender, work, outlet)? {
                        return Ok(false);
                    }
                }
                Err(error) => {
                    let reason = match error {
                        event::compression::CompressionError::TooLarge { .. } => "too-large",
                        event::compression::CompressionError::Damaged { .. } => "damaged",
                    };
                    let piece = work.going_on.reject(Reason::TooLarge, &error.to_string(), record, &self.limits);
                    self.quarantine(piece, Some(reason), work);
                }
            }
        }
        Ok(true)
    }

    /// Text as it is: a document, or lines, in pieces where there are many.
    fn text(
        &mut self,
        text: &[u8],
        sender: &Sender,
        work: &mut Work<'_>,
        outlet: Outlet<'_>,
    ) -> Result<bool, IngestError> {
        let told = sender.kind.as_deref().and_then(event::log_types::of_sourcetype);
        self.batcher.take_for(told.or(work.note.log_type()));
        work.going_on.sent(&work.share.origin, sender);
        if let Some(head) = &work.note.head {
            // It makes no row: whoever sent it looked.
            let origin = work.share.origin.clone();
            let _ = self.batcher.push_piece(head.as_bytes(), &origin, work.note.received, &mut work.going_on);
            work.going_on.stand(work.note.place.0, work.note.place.1);
        }
        let mut rest = text;
        while !rest.trim_ascii().is_empty() {
            let (next, after) =
                if text.len() > PIECE && is_lines(text) { rest.split_at(piece(rest)) } else { (rest, &[][..]) };
            self.push(next, work)?;
            if !self.settle(work, outlet, 1)? {
                return Ok(false);
            }
            rest = after;
        }
        Ok(true)
    }

    fn piece(&mut self, event: &[u8], sender: &Sender, work: &mut Work<'_>) -> Result<(), IngestError> {
        work.going_on.sent(&work.share.origin, sender);
        self.push(event, work)
    }

    /// Decodes a piece. What is text of no format is lines of any kind: its sender says that it is a log.
    fn push(&mut self, text: &[u8], work: &mut Work<'_>) -> Result<(), IngestError> {
        let (origin, received) = (work.share.origin.clone(), work.note.received);
        let mut outcome = self.batcher.push_piece(text, &origin, received, &mut work.going_on);
        if matches!(outcome, Err(ObjectError::NotALog(Foreign::OtherText))) {
            work.going_on.take_any_lines();
            outcome = self.batcher.push_piece(text, &origin, received, &mut work.going_on);
        }
        match outcome {
            Ok(outcome) => {
                work.share.records += outcome.records;
                outcome.rejected.into_iter().for_each(|piece| self.quarantine(piece, None, work));
            }
            Err(ObjectError::NotALog(what)) => {
                let piece = work.going_on.reject(Reason::NotALog, &what.to_string(), text, &self.limits);
                self.quarantine(piece, None, work);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn quarantine(&mut self, piece: Rejected, reason: Option<&str>, work: &mut Work<'_>) {
        let reason = reason.unwrap_or(piece.reason.code()).to_owned();
        *work.share.rejected.entry(reason.clone()).or_default() += 1;
        self.group.raw_bytes += piece.bytes.len() as u64;
        self.group.pieces.push(Quarantined {
            origin: work.share.origin.clone(),
            position: piece.position,
            offset: piece.offset,
            reason,
            message: piece.message,
            bytes: piece.bytes,
            size: piece.size,
            ingest_time: work.note.received,
        });
    }

    /// Moves rows from the batcher into the group where `rows` have gathered, and hands the group on where it is full.
    fn settle(&mut self, work: &mut Work<'_>, outlet: Outlet<'_>, rows: usize) -> Result<bool, IngestError> {
        if self.batcher.rows() < rows && !self.batcher.is_full() {
            return Ok(true);
        }
        while let Some(decoded) = self.batcher.take_batch()? {
            self.add(decoded, work)?;
        }
        if self.is_full() {
            // What follows is of the same delivery: the journal keeps it until its end is in as well.
            return Ok(outlet(self.take()));
        }
        Ok(true)
    }

    fn add(&mut self, decoded: Decoded, work: &mut Work<'_>) -> Result<(), IngestError> {
        let Decoded { log_type, batch } = decoded;
        let batch = (self.enricher)().enrich_as(log_type, batch)?;
        let (kept, applied) = self.rules.apply(Decoded { log_type, batch })?;
        work.share.excluded += applied.excluded;
        let times = kept.batch.column_by_name("event_time");
        let times = times.and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
        let times = times.map(|times| believed(&kept.batch, times));
        work.share.newest = work.share.newest.max(times.as_ref().and_then(arrow::compute::max));
        let raw = kept.batch.column_by_name("raw").and_then(|column| column.as_string_opt::<i32>());
        self.group.raw_bytes += raw.map_or(0, |raw| raw.value_data().len()) as u64;
        if kept.batch.num_rows() > 0 {
            self.group.tables.entry(log_type.id).or_default().push(kept.batch);
        }
        Ok(())
    }
}

/// A delivery that is being taken apart.
struct Work<'a> {
    share: Share,
    note: &'a Note,
    going_on: Continuation,
}
