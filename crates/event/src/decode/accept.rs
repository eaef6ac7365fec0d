//! The end of the walk to a record: it becomes a row, or it is rejected with its bytes.

use std::borrow::Cow;

use super::columns::Known;
use super::outcome::{NotCloudTrail, ObjectError, Reason, Rejected};
use super::plan::Plan;
use super::row::Kind;
use super::walk::{Step, Stop, Walker};
use super::wrapper::Doc;
use crate::escape::unescape;
use crate::json::Fault;
use crate::time;

impl Walker<'_> {
    /// Turns the collected row into a row of the batch, or rejects the record.
    pub(super) fn record(&mut self, doc: &Doc<'_>, from: usize, end: usize) -> Step {
        let Some(raw) = doc.slice(from..end) else {
            self.reject(doc, from, end, Reason::InvalidUtf8, "the record is not UTF-8".into());
            return Ok(());
        };
        if raw.len() > self.batcher.limits.record_bytes {
            self.reject(doc, from, end, Reason::TooLarge, "the record is larger than the limit".into());
            return Ok(());
        }
        let at = Plan::get().at;
        if self.slot_text(at.event_source, raw, from).is_some_and(|source| source.starts_with("aws:")) {
            self.foreign = NotCloudTrail::Notification;
            self.reject_foreign(doc, from, end);
            return Ok(());
        }
        let Some(written) = self.slot_text(at.event_time, raw, from) else {
            self.reject(doc, from, end, Reason::MissingTime, "the record has no eventTime".into());
            return Ok(());
        };
        let Some(event_time) = time::parse(&written) else {
            let shown: String = written.chars().take(64).collect();
            self.reject(doc, from, end, Reason::InvalidTime, format!("eventTime is not a time: {shown}"));
            return Ok(());
        };
        self.append(raw, from, event_time).map_err(Stop::Fatal)
    }

    fn append(&mut self, raw: &str, from: usize, event_time: i64) -> Result<(), ObjectError> {
        let given = self.batcher.row.slot(Plan::get().at.event_id);
        let has_id = given.is_some_and(|slot| slot.kind != Kind::Json && slot.start < slot.end);
        let derived = (!has_id).then(|| self.twins.id(raw));
        let known = Known {
            event_time,
            event_id: derived.as_deref(),
            origin: self.origin,
            position: self.position as i64,
            ingest_time: self.ingest_time,
        };
        self.batcher.columns.append(&self.batcher.row, raw, from, raw, &known);
        self.outcome.records += 1;
        self.outcome.record_bytes += raw.len() as u64;
        self.position += 1;
        self.batcher.seal_if_full()
    }

    fn slot_text<'t>(&self, column: usize, raw: &'t str, base: usize) -> Option<Cow<'t, str>> {
        let slot = self.batcher.row.slot(column)?;
        let content = raw.get(slot.start - base..slot.end - base)?;
        if slot.kind != Kind::Escaped {
            return Some(Cow::Borrowed(content));
        }
        let mut text = String::new();
        unescape(content, &mut text);
        Some(Cow::Owned(text))
    }

    pub(super) fn reject_foreign(&mut self, doc: &Doc<'_>, from: usize, end: usize) {
        self.reject(doc, from, end, Reason::NotCloudTrail, format!("not a CloudTrail record: {}", self.foreign));
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
        let piece = &doc.bytes[from..end];
        let kept = piece.len().min(self.batcher.limits.rejected_bytes);
        self.outcome.rejected.push(Rejected {
            position: self.position,
            offset: doc.offset(from),
            reason,
            message,
            bytes: piece[..kept].to_vec(),
            size: piece.len() as u64,
        });
        self.position += 1;
    }
}
