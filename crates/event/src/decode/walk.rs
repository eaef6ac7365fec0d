//! The walk over an object: finds the records in whatever they are wrapped in, and goes on after what is broken.
//!
//! Rules:
//! - An object is a CloudTrail record where it has at least three of CloudTrail's own keys; otherwise its wrapper keys are
//!   tried, most telling first, and a string that holds JSON is walked as if it stood there.
//! - A broken element of a list is rejected alone where its brackets balance. Where they do not, everything from the
//!   element on is rejected, up to the next line that begins a new value.
//! - Missing and doubled commas between elements are let through: shippers that concatenate files leave them behind.
//!   Closing braces too many after an element are rejected by themselves.

use std::borrow::Cow;

use base64::Engine;

use super::Batcher;
use super::identity::Twins;
use super::outcome::{NotCloudTrail, ObjectError, ObjectOutcome, Reason};
use super::wrapper::{Candidate, Clues, Doc, WrapperKey, wrapper_key};
use crate::escape::unescape;
use crate::json::{Cursor, Fault, balanced_end};

/// Wrappers within wrappers that are followed.
const MAX_LEVEL: u8 = 8;
/// Rejected pieces of one object that are told apart; what follows is one piece.
const MAX_REJECTED: usize = 100_000;

/// Why the walk over a value ended early.
pub(super) enum Stop {
    /// It is unreadable from `from` on.
    Fault { fault: Fault, from: usize },
    /// The whole object fails.
    Fatal(ObjectError),
}

pub(super) type Step = Result<(), Stop>;

/// Decodes one decompressed object into the batcher's columns.
pub(super) fn walk(
    batcher: &mut Batcher,
    content: &[u8],
    origin: &str,
    ingest_time: i64,
) -> Result<ObjectOutcome, ObjectError> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let mut walker = Walker {
        recovery: content.len().saturating_mul(4),
        batcher,
        origin,
        ingest_time,
        position: 0,
        outcome: ObjectOutcome { object_bytes: content.len() as u64, ..ObjectOutcome::default() },
        twins: Twins::default(),
        foreign: NotCloudTrail::OtherJson,
    };
    let doc = Doc::object(content);
    match Cursor::new(content, 0).peek() {
        None | Some(b'{' | b'[' | b'"') => {}
        Some(_) => return Err(ObjectError::NotCloudTrail(NotCloudTrail::NotJson)),
    }
    walker.stream(&doc)?;
    walker.finish()
}

pub(super) struct Walker<'b> {
    pub(super) batcher: &'b mut Batcher,
    pub(super) origin: &'b str,
    pub(super) ingest_time: i64,
    /// Ordinal of the next record.
    pub(super) position: u64,
    pub(super) outcome: ObjectOutcome,
    pub(super) twins: Twins,
    /// What the object is if no record is found.
    pub(super) foreign: NotCloudTrail,
    /// Bytes that may still be looked at again to get past broken pieces: keeps hostile input from costing more than a
    /// few passes.
    recovery: usize,
}

impl Walker<'_> {
    /// An object of other JSON is an error of the whole, so that the caller can try other log types.
    fn finish(self) -> Result<ObjectOutcome, ObjectError> {
        let rejected = &self.outcome.rejected;
        let foreign = !rejected.is_empty() && rejected.iter().all(|piece| piece.reason == Reason::NotCloudTrail);
        if self.outcome.records == 0 && foreign {
            return Err(ObjectError::NotCloudTrail(self.foreign));
        }
        Ok(self.outcome)
    }

    /// Values one after another.
    fn stream(&mut self, doc: &Doc<'_>) -> Result<(), ObjectError> {
        let mut cursor = Cursor::new(doc.bytes, 0);
        while let Some(byte) = cursor.peek() {
            let start = cursor.at;
            if byte == b',' {
                cursor.at += 1;
                continue;
            }
            match self.value(doc, &mut cursor) {
                Ok(()) => {}
                Err(Stop::Fatal(error)) => return Err(error),
                Err(Stop::Fault { fault, from }) => cursor.at = self.resume(doc, start, from, fault),
            }
            if self.outcome.rejected.len() >= MAX_REJECTED && cursor.at < doc.bytes.len() {
                let message = format!("the rest of the object, after {MAX_REJECTED} rejected pieces");
                self.reject(doc, cursor.at, doc.bytes.len(), Reason::Malformed, message);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Rejects what is broken and says where to go on.
    fn resume(&mut self, doc: &Doc<'_>, start: usize, from: usize, fault: Fault) -> usize {
        let next = (from == start).then(|| self.balanced(doc, from)).flatten();
        let next = next.or_else(|| self.next_line(doc, from)).unwrap_or(doc.bytes.len());
        self.reject_fault(doc, from, next, fault);
        next
    }

    /// The end of a broken element, where its brackets balance and a new value or the end of the list follows.
    fn balanced(&mut self, doc: &Doc<'_>, from: usize) -> Option<usize> {
        let reach = doc.bytes.len().min(from.saturating_add(self.recovery));
        let end = balanced_end(&doc.bytes[..reach], from);
        self.recovery = self.recovery.saturating_sub(end.unwrap_or(reach) - from);
        let next = Cursor::new(doc.bytes, end?).peek();
        matches!(next, None | Some(b',' | b']' | b'{' | b'[' | b'"')).then_some(end).flatten()
    }

    /// The next line that begins a value.
    fn next_line(&mut self, doc: &Doc<'_>, from: usize) -> Option<usize> {
        let reach = doc.bytes.len().min(from.saturating_add(self.recovery));
        let found = memchr::memmem::find(&doc.bytes[from..reach], b"\n{");
        self.recovery = self.recovery.saturating_sub(found.unwrap_or(reach - from));
        found.map(|offset| from + offset + 1)
    }

    fn value(&mut self, doc: &Doc<'_>, cursor: &mut Cursor<'_>) -> Step {
        let from = cursor.at;
        let fault = |fault| Stop::Fault { fault, from };
        match cursor.peek() {
            Some(b'{') => self.object(doc, cursor),
            Some(b'[') if doc.level < MAX_LEVEL => self.list(&doc.deeper(), cursor),
            Some(b'[') => Err(fault(Fault::Depth)),
            Some(b'"') => {
                cursor.string().map_err(fault)?;
                if !self.text(doc, from, cursor.at)? {
                    self.reject_foreign(doc, from, cursor.at);
                }
                Ok(())
            }
            Some(_) => {
                cursor.scalar().map_err(fault)?;
                self.reject_foreign(doc, from, cursor.at);
                Ok(())
            }
            None => Err(fault(Fault::Truncated)),
        }
    }

    fn list(&mut self, doc: &Doc<'_>, cursor: &mut Cursor<'_>) -> Step {
        let from = cursor.at;
        let mut more = cursor.enter_array().map_err(|fault| Stop::Fault { fault, from })?;
        while more {
            cursor.peek();
            let start = cursor.at;
            match self.value(doc, cursor) {
                Err(Stop::Fault { fault, from }) if from == start => {
                    let end = self.balanced(doc, from).ok_or(Stop::Fault { fault, from })?;
                    self.reject_fault(doc, from, end, fault);
                    cursor.at = end;
                }
                other => other?,
            }
            self.stray_braces(doc, cursor);
            more = another_element(cursor)?;
        }
        Ok(())
    }

    /// Braces too many after an element, as hand-cut samples have them: rejected by themselves.
    fn stray_braces(&mut self, doc: &Doc<'_>, cursor: &mut Cursor<'_>) {
        if cursor.peek() != Some(b'}') {
            return;
        }
        let from = cursor.at;
        while cursor.peek() == Some(b'}') {
            cursor.at += 1;
        }
        self.reject_fault(doc, from, cursor.at, Fault::Syntax);
    }

    fn object(&mut self, doc: &Doc<'_>, cursor: &mut Cursor<'_>) -> Step {
        let from = cursor.at;
        self.batcher.row.clear();
        let mut clues = Clues::default();
        let fault = |fault| Stop::Fault { fault, from };
        let mut more = cursor.enter_object().map_err(fault)?;
        while more {
            let key = cursor.key().map_err(fault)?;
            let key = &cursor.bytes[key.start..key.end];
            match self.batcher.row.step_of(key) {
                Some(step) => self.batcher.row.member(cursor, step).map_err(fault)?,
                None => self.unfamiliar(doc, cursor, key, from, &mut clues)?,
            }
            more = cursor.another_member().map_err(fault)?;
        }
        if clues.list || clues.probe {
            return Ok(());
        }
        if self.batcher.row.is_record() {
            return self.record(doc, from, cursor.at);
        }
        self.unwrap(doc, clues, from, cursor.at)
    }

    /// A key that is no field of a record.
    fn unfamiliar(
        &mut self,
        doc: &Doc<'_>,
        cursor: &mut Cursor<'_>,
        key: &[u8],
        from: usize,
        clues: &mut Clues,
    ) -> Step {
        let first = cursor.peek();
        let start = cursor.at;
        let wrapper = wrapper_key(key);
        let list = wrapper == Some(WrapperKey::List) && first == Some(b'[');
        if list && doc.level < MAX_LEVEL && !self.batcher.row.is_record() {
            self.list(&doc.deeper(), cursor)?;
            self.batcher.row.clear();
            clues.list = true;
            return Ok(());
        }
        cursor.skip_value(1).map_err(|fault| Stop::Fault { fault, from })?;
        match wrapper {
            Some(WrapperKey::Candidate(order)) => clues.add(order, start..cursor.at),
            Some(WrapperKey::Digest) => clues.digest = true,
            Some(WrapperKey::MessageType) => clues.probe = &doc.bytes[start..cursor.at] == b"\"CONTROL_MESSAGE\"",
            Some(WrapperKey::List) | None => {}
        }
        Ok(())
    }

    /// Looks for records in the values of an object that is none itself.
    fn unwrap(&mut self, doc: &Doc<'_>, clues: Clues, from: usize, end: usize) -> Step {
        if clues.digest {
            self.foreign = NotCloudTrail::Digest;
        } else if doc.level < MAX_LEVEL {
            for candidate in clues.into_candidates() {
                if self.candidate(doc, &candidate)? {
                    return Ok(());
                }
            }
        }
        self.reject_foreign(doc, from, end);
        Ok(())
    }

    /// True where the candidate held CloudTrail, readable or broken; otherwise nothing has happened.
    fn candidate(&mut self, doc: &Doc<'_>, candidate: &Candidate) -> Result<bool, Stop> {
        let (rejected, position, records) = (self.outcome.rejected.len(), self.position, self.outcome.records);
        let place = candidate.place.clone();
        let mut cursor = Cursor::new(doc.bytes, place.start);
        match doc.bytes[place.start] {
            b'{' => self.object(&doc.deeper(), &mut cursor)?,
            b'[' => self.list(&doc.deeper(), &mut cursor)?,
            b'"' => {
                self.text(doc, place.start, place.end)?;
            }
            _ => {}
        }
        let broken = self.outcome.rejected[rejected..].iter().any(|piece| piece.reason != Reason::NotCloudTrail);
        let empty = candidate.is_log_events() && self.outcome.rejected.len() == rejected;
        if self.outcome.records > records || broken || empty {
            return Ok(true);
        }
        self.outcome.rejected.truncate(rejected);
        self.position = position;
        Ok(false)
    }

    /// Walks the JSON inside a string, plain or base64; false: there is none. `from..end` includes the quotes.
    fn text(&mut self, doc: &Doc<'_>, from: usize, end: usize) -> Result<bool, Stop> {
        let Some(content) = doc.slice(from + 1..end - 1) else { return Ok(false) };
        let mut text = Cow::Borrowed(content);
        if content.contains('\\') {
            let mut plain = String::with_capacity(content.len());
            unescape(content, &mut plain);
            text = Cow::Owned(plain);
        }
        let inner = match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[') => Cow::Borrowed(text.as_bytes()),
            _ => match self.base64(&text) {
                Some(bytes) => Cow::Owned(bytes),
                None => return Ok(false),
            },
        };
        if doc.level >= MAX_LEVEL {
            return Ok(false);
        }
        self.stream(&doc.nested(&inner, from)).map_err(Stop::Fatal)?;
        Ok(true)
    }

    /// The JSON behind a Kinesis or Firehose `data` value, compressed or not.
    fn base64(&self, text: &str) -> Option<Vec<u8>> {
        // Shorter than any record; also spares ordinary words the attempt.
        if text.len() < 64 || text.contains(' ') {
            return None;
        }
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim_end()).ok()?;
        let plain = self.batcher.decompress_nested(&bytes).ok()?;
        matches!(Cursor::new(&plain, 0).peek(), Some(b'{' | b'[')).then_some(plain)
    }
}

/// After an element of a list: true where another one follows, with or without its comma.
fn another_element(cursor: &mut Cursor<'_>) -> Result<bool, Stop> {
    let mut comma = false;
    loop {
        match cursor.peek() {
            Some(b',') => comma = true,
            Some(b']') => {
                cursor.at += 1;
                return Ok(false);
            }
            Some(b'{' | b'[' | b'"') => return Ok(true),
            Some(_) if comma => return Ok(true),
            Some(_) => return Err(Stop::Fault { fault: Fault::Syntax, from: cursor.at }),
            None => return Err(Stop::Fault { fault: Fault::Truncated, from: cursor.at }),
        }
        cursor.at += 1;
    }
}
