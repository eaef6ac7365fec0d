//! The end of the walk to a record: it becomes a row, or it is rejected with its bytes.

use std::borrow::Cow;

use super::columns::Known;
use super::outcome::{Foreign, ObjectError, Reason, Rejected};
use super::record::Record;
use super::row::Kind;
use super::walk::{Step, Stop, Walker};
use super::wrapper::Doc;
use super::{CLOUDTRAIL, OTHER};
use crate::escape::unescape;
use crate::json::{Cursor, Fault};
use crate::time;

impl Walker<'_> {
    /// Turns the collected row into a row of the batch, or rejects the record.
    pub(super) fn record(&mut self, doc: &Doc<'_>, from: usize, end: usize, kind: usize) -> Step {
        let Some(raw) = doc.slice(from..end) else {
            self.reject(doc, from, end, Reason::InvalidUtf8, "the record is not UTF-8".into());
            return Ok(());
        };
        if raw.len() > self.batcher.limits.record_bytes {
            self.reject(doc, from, end, Reason::TooLarge, "the record is larger than the limit".into());
            return Ok(());
        }
        if kind == CLOUDTRAIL
            && self.slot_text(kind, "event_source", raw, from).is_some_and(|source| source.starts_with("aws:"))
        {
            self.foreign = Foreign::Notification;
            self.reject_foreign(doc, from, end);
            return Ok(());
        }
        match self.event_time(kind, raw, from) {
            Ok(event_time) => self.append(raw, from, event_time, kind).map_err(Stop::Fatal),
            Err((reason, message)) => {
                self.reject(doc, from, end, reason, message);
                Ok(())
            }
        }
    }

    /// The time that the record tells. Only CloudTrail's records can't do without: others have one from around them.
    fn event_time(&self, kind: usize, raw: &str, base: usize) -> Result<Option<i64>, (Reason, String)> {
        let Some(written) = self.slot_text(kind, "event_time", raw, base) else {
            return match kind {
                CLOUDTRAIL => Err((Reason::MissingTime, "the record has no eventTime".into())),
                _ => Ok(None),
            };
        };
        let read = time::parse(&written);
        if read.is_none() && kind != OTHER {
            let shown: String = written.chars().take(64).collect();
            return Err((Reason::InvalidTime, format!("the record's time is not a time: {shown}")));
        }
        Ok(read)
    }

    fn append(&mut self, raw: &str, from: usize, event_time: Option<i64>, kind: usize) -> Result<(), ObjectError> {
        let batcher = &mut *self.batcher;
        let row = &batcher.rows[kind];
        let plan = row.plan();
        batcher.values.clear();
        let mut record = Record { row, plan, raw, base: from, values: &mut batcher.values, context: &self.context };
        if let Some(json) = &plan.log_type.json {
            (json.derive)(&mut record);
        }
        let derived_time = batcher.values.time(plan.at.event_time);
        let given = row.slot(plan.at.event_id);
        let has_id = given.is_some_and(|slot| slot.kind != Kind::Json && slot.start < slot.end);
        let has_id = has_id || batcher.values.has(plan.at.event_id);
        let derived = (!has_id).then(|| self.twins.id(raw, kind == OTHER));
        let known = Known {
            event_time: derived_time.or(event_time).or(self.context.time).unwrap_or(self.ingest_time),
            event_id: derived.as_deref(),
            origin: self.origin,
            position: self.position as i64,
            ingest_time: self.ingest_time,
        };
        batcher.columns[kind].append(row, (raw, from), raw, &batcher.values, &known);
        self.accepted(raw)
    }

    /// Counts a row that was made.
    pub(super) fn accepted(&mut self, raw: &str) -> Result<(), ObjectError> {
        self.outcome.records += 1;
        self.outcome.record_bytes += raw.len() as u64;
        self.position += 1;
        self.batcher.gathered(raw.len())
    }

    fn slot_text<'t>(&self, kind: usize, column: &str, raw: &'t str, base: usize) -> Option<Cow<'t, str>> {
        let row = &self.batcher.rows[kind];
        let slot = row.slot(row.plan().column(column)?)?;
        let content = raw.get(slot.start - base..slot.end - base)?;
        if slot.kind != Kind::Escaped {
            return Some(Cow::Borrowed(content));
        }
        let mut text = String::new();
        unescape(content, &mut text);
        Some(Cow::Owned(text))
    }

    /// What is of no log type: a row of `other` where the caller wants that, else rejected as such.
    pub(super) fn foreign(&mut self, doc: &Doc<'_>, from: usize, end: usize) -> Step {
        if !self.batcher.keeps_unknown || self.tentative > 0 {
            self.reject_foreign(doc, from, end);
            return Ok(());
        }
        let Some(text) = doc.slice(from..end).filter(|text| text.len() <= self.batcher.limits.record_bytes) else {
            self.reject_foreign(doc, from, end);
            return Ok(());
        };
        self.keep(text)
    }

    /// Makes a row of `other` of a JSON text, or of the text that a JSON string holds.
    fn keep(&mut self, text: &str) -> Step {
        let plain = super::record::text(text).unwrap_or(Cow::Borrowed(text));
        let row = &mut self.batcher.rows[OTHER];
        row.clear();
        if plain.starts_with('{') {
            let mut cursor = Cursor::new(plain.as_bytes(), 0);
            // It was read once already; what can't be read this time has no fields.
            if row.whole(&mut cursor).is_err() {
                row.clear();
            }
        }
        let time = self.event_time(OTHER, &plain, 0).ok().flatten();
        self.append(&plain, 0, time, OTHER).map_err(Stop::Fatal)
    }

    /// Makes rows of `other` of the pieces of no log type that were found, from the `from`th on, among records.
    pub(super) fn keep_foreign(&mut self, from: usize) -> Step {
        if !self.batcher.keeps_unknown {
            return Ok(());
        }
        let pieces = self.outcome.rejected.split_off(from);
        let next = self.position;
        for piece in pieces {
            let whole = piece.reason == Reason::NotALog && piece.bytes.len() as u64 == piece.size;
            match std::str::from_utf8(&piece.bytes).ok().filter(|_| whole) {
                Some(text) => {
                    self.position = piece.position;
                    self.keep(text)?;
                }
                None => self.outcome.rejected.push(piece),
            }
        }
        self.position = next;
        Ok(())
    }

    pub(super) fn reject_foreign(&mut self, doc: &Doc<'_>, from: usize, end: usize) {
        self.reject(doc, from, end, Reason::NotALog, format!("not a record of a log: {}", self.foreign));
    }

    pub(super) fn reject_fault(&mut self, doc: &Doc<'_>, from: usize, end: usize, fault: Fault) {
        let (reason, message) = match fault {
            Fault::Syntax => (Reason::Malformed, "not JSON"),
            Fault::Truncated => (Reason::Malformed, "the JSON breaks off"),
            Fault::Depth => (Reason::TooDeep, "nested deeper than 256 levels"),
        };
        self.reject(doc, from, end, reason, message.to_owned());
    }

    pub(super) fn reject(&mut self, doc: &Doc<'_>, from: usize, end: usize, reason: Reason, message: String) {
        self.reject_bytes(&doc.bytes[from..end], doc.offset(from), reason, message);
    }

    pub(super) fn reject_bytes(&mut self, piece: &[u8], offset: u64, reason: Reason, message: String) {
        let kept = piece.len().min(self.batcher.limits.rejected_bytes);
        self.outcome.rejected.push(Rejected {
            position: self.position,
            offset: self.offset + offset,
            reason,
            message,
            bytes: piece[..kept].to_vec(),
            size: piece.len() as u64,
        });
        self.position += 1;
    }
}
