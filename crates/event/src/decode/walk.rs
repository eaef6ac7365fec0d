//! The walk over an object: finds the records in whatever they are wrapped in, and goes on after what is broken.
//!
//! Rules:
//! - An object is a record where enough of a log type's own keys are there (the marks of the type); otherwise its wrapper
//!   keys are tried, most telling first, and a string that holds JSON or lines of a log is walked as if it stood there.
//! - Objects are read by the plan of the log type that was found last; what turns out to be of another is read again.
//! - A broken element of a list is rejected alone where its brackets balance. Where they do not, everything from the
//!   element on is rejected, up to the next line that begins a new value.
//! - Missing and doubled commas between elements are let through: shippers that concatenate files leave them behind.
//!   Closing braces too many after an element are rejected by themselves.
//! - What is of no log type is a row of the table `other`, where the caller wants that.

use std::borrow::Cow;

use base64::Engine;

use super::context::Context;
use super::identity::Twins;
use super::lines::Reading;
use super::outcome::{Foreign, ObjectError, ObjectOutcome, Reason};
use super::wrapper::{Candidate, Clues, Doc, Envelope, Scores, WrapperKey, sign_of};
use super::{Batcher, Continuation};
use crate::escape::unescape;
use crate::json::{Cursor, Fault, balanced_end};
use crate::log_types::log_types;
use crate::time;

/// Wrappers within wrappers that are followed.
const MAX_LEVEL: u8 = 8;
/// Rejected pieces of one object that are told apart; what follows is one piece.
pub(super) const MAX_REJECTED: usize = 100_000;

/// Why the walk over a value ended early.
pub(super) enum Stop {
    /// It is unreadable from `from` on.
    Fault { fault: Fault, from: usize },
    /// The whole object fails.
    Fatal(ObjectError),
}

pub(super) type Step = Result<(), Stop>;

/// Decodes one decompressed object, or the next piece of one, into the batcher's columns.
pub(super) fn walk(
    batcher: &mut Batcher,
    content: &[u8],
    origin: &str,
    ingest_time: i64,
    going_on: &mut Continuation,
) -> Result<ObjectOutcome, ObjectError> {
    let length = content.len() as u64;
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let context = going_on.context.take().unwrap_or_else(|| Context::of_key(origin));
    let mut walker = Walker {
        recovery: content.len().saturating_mul(4),
        batcher,
        origin,
        ingest_time,
        position: going_on.position,
        offset: going_on.offset,
        outcome: ObjectOutcome { object_bytes: length, ..ObjectOutcome::default() },
        twins: std::mem::take(&mut going_on.twins),
        reading: std::mem::take(&mut going_on.reading),
        foreign: Foreign::OtherJson,
        context,
        headers: 0,
        tentative: 0,
    };
    let doc = Doc::object(content);
    let result = match Cursor::new(content, 0).peek() {
        None => Ok(()),
        Some(b'{' | b'[' | b'"') if !walker.reading.is_under_way() => walker.stream(&doc),
        Some(_) => walker.text_object(content),
    };
    *going_on = Continuation {
        position: walker.position,
        offset: going_on.offset + length,
        twins: std::mem::take(&mut walker.twins),
        reading: std::mem::take(&mut walker.reading),
        context: Some(std::mem::take(&mut walker.context)),
    };
    result?;
    walker.finish()
}

pub(super) struct Walker<'b> {
    pub(super) batcher: &'b mut Batcher,
    pub(super) origin: &'b str,
    pub(super) ingest_time: i64,
    /// Ordinal of the next record.
    pub(super) position: u64,
    /// Where the piece begins in its object.
    pub(super) offset: u64,
    pub(super) outcome: ObjectOutcome,
    pub(super) twins: Twins,
    /// The format of lines that is being read.
    pub(super) reading: Reading,
    /// What the object is if no record is found.
    pub(super) foreign: Foreign,
    pub(super) context: Context,
    /// Headers of lines that were found in messages.
    pub(super) headers: u64,
    /// How many candidates for records are being tried: what is of no log type is not taken as it is meanwhile.
    pub(super) tentative: u32,
    /// Bytes that may still be looked at again to get past broken pieces: keeps hostile input from costing more than a
    /// few passes.
    recovery: usize,
}

impl Walker<'_> {
    /// An object of which nothing is known is an error of the whole.
    fn finish(self) -> Result<ObjectOutcome, ObjectError> {
        let rejected = &self.outcome.rejected;
        let foreign = !rejected.is_empty() && rejected.iter().all(|piece| piece.reason == Reason::NotALog);
        if self.outcome.records == 0 && foreign {
            return Err(ObjectError::NotALog(self.foreign));
        }
        Ok(self.outcome)
    }

    /// Values one after another.
    pub(super) fn stream(&mut self, doc: &Doc<'_>) -> Result<(), ObjectError> {
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
                    self.foreign(doc, from, cursor.at)?;
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
        let kind = self.batcher.kind;
        self.batcher.rows[kind].clear();
        let fault = |fault| Stop::Fault { fault, from };
        let mut list = false;
        let mut more = cursor.enter_object().map_err(fault)?;
        while more {
            let key = cursor.key().map_err(fault)?;
            let key = &cursor.bytes[key.start..key.end];
            match self.batcher.rows[kind].entry_of(key) {
                Some(entry) => self.batcher.rows[kind].member(cursor, entry).map_err(fault)?,
                None => list |= self.unfamiliar(doc, cursor, key, from, kind)?,
            }
            more = cursor.another_member().map_err(fault)?;
        }
        if list {
            return Ok(());
        }
        if self.batcher.rows[kind].is_record() {
            return self.record(doc, from, cursor.at, kind);
        }
        self.classify(doc, from, cursor.at)
    }

    /// A key that is no field of a record; true: it held a list of records, which were read.
    fn unfamiliar(
        &mut self,
        doc: &Doc<'_>,
        cursor: &mut Cursor<'_>,
        key: &[u8],
        from: usize,
        kind: usize,
    ) -> Result<bool, Stop> {
        let wrapper = sign_of(key).and_then(|sign| sign.wrapper);
        if wrapper == Some(WrapperKey::Envelope(Envelope::Snapshot)) {
            self.context.snapshot = true;
        }
        let is_list = wrapper == Some(WrapperKey::List) && cursor.peek() == Some(b'[');
        if is_list && doc.level < MAX_LEVEL && !self.batcher.rows[kind].is_record() {
            self.list(&doc.deeper(), cursor)?;
            return Ok(true);
        }
        cursor.skip_value(1).map_err(|fault| Stop::Fault { fault, from })?;
        Ok(false)
    }

    /// An object that is no record of the log type at hand: of another, or a wrapper, or neither.
    fn classify(&mut self, doc: &Doc<'_>, from: usize, end: usize) -> Step {
        let mut cursor = Cursor::new(doc.bytes, from);
        let (mut scores, mut clues) = (Scores::default(), Clues::default());
        let fault = |fault| Stop::Fault { fault, from };
        let mut more = cursor.enter_object().map_err(fault)?;
        while more {
            let key = cursor.key().map_err(fault)?;
            let sign = sign_of(&cursor.bytes[key.start..key.end]);
            let first = cursor.peek();
            let start = cursor.at;
            cursor.skip_value(1).map_err(fault)?;
            if let Some(sign) = sign.filter(|_| first != Some(b'n')) {
                scores.add(sign);
                note(&mut clues, sign.wrapper, start..cursor.at, doc.bytes);
            }
            more = cursor.another_member().map_err(fault)?;
        }
        if clues.probe {
            return Ok(());
        }
        match scores.best() {
            Some(kind) => self.read_as(doc, from, end, kind),
            None => self.unwrap(doc, clues, from, end),
        }
    }

    /// Reads an object by the plan of a log type.
    fn read_as(&mut self, doc: &Doc<'_>, from: usize, end: usize, kind: usize) -> Step {
        self.batcher.kind = kind;
        let row = &mut self.batcher.rows[kind];
        row.clear();
        let mut cursor = Cursor::new(doc.bytes, from);
        let fault = |fault| Stop::Fault { fault, from };
        let mut more = cursor.enter_object().map_err(fault)?;
        while more {
            let key = cursor.key().map_err(fault)?;
            match row.entry_of(&cursor.bytes[key.start..key.end]) {
                Some(entry) => row.member(&mut cursor, entry).map_err(fault)?,
                None => cursor.skip_value(1).map_err(fault)?,
            }
            more = cursor.another_member().map_err(fault)?;
        }
        self.record(doc, from, end, kind)
    }

    /// Looks for records in the values of an object that is none itself.
    fn unwrap(&mut self, doc: &Doc<'_>, clues: Clues, from: usize, end: usize) -> Step {
        let around = (!clues.envelope.is_empty()).then(|| self.context.clone());
        for (what, place) in &clues.envelope {
            self.enter(*what, doc.slice(place.clone()));
        }
        let found = self.search(doc, &clues);
        if let Some(around) = around {
            self.context = around;
        }
        if found? {
            return Ok(());
        }
        if clues.digest {
            self.foreign = Foreign::Digest;
            self.reject_foreign(doc, from, end);
            return Ok(());
        }
        if clues.notification {
            self.foreign = Foreign::Notification;
            self.reject_foreign(doc, from, end);
            return Ok(());
        }
        match self.batcher.forced.filter(|kind| self.tentative == 0 && log_types()[*kind].json.is_some()) {
            Some(kind) => self.read_as(doc, from, end, kind),
            None => self.foreign(doc, from, end),
        }
    }

    fn search(&mut self, doc: &Doc<'_>, clues: &Clues) -> Result<bool, Stop> {
        if clues.digest || doc.level >= MAX_LEVEL {
            return Ok(false);
        }
        for candidate in clues.candidates() {
            if self.candidate(doc, &candidate)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes note of what an envelope says.
    fn enter(&mut self, what: Envelope, value: Option<&str>) {
        let Some(text) = value.and_then(super::record::text) else { return };
        let context = &mut self.context;
        match what {
            Envelope::LogGroup => context.log_group = Some(text.into_owned()),
            Envelope::LogStream => context.log_stream = Some(text.into_owned()),
            Envelope::Account if super::context::is_account(&text) => context.account = Some(text.into_owned()),
            Envelope::Region if super::context::is_region(&text) => context.region = Some(text.into_owned()),
            Envelope::Time => context.time = time::parse(&text).or(context.time),
            Envelope::Source => context.source = Some(text.into_owned()),
            Envelope::DetailType => context.detail_type = Some(text.into_owned()),
            Envelope::Snapshot | Envelope::Account | Envelope::Region => {}
        }
    }

    /// True where the candidate held records, readable or broken; otherwise nothing has happened.
    fn candidate(&mut self, doc: &Doc<'_>, candidate: &Candidate) -> Result<bool, Stop> {
        if candidate.is_log_events() && doc.bytes[candidate.place.start] == b'[' {
            return self.log_events(&doc.deeper(), candidate.place.start).map(|()| true);
        }
        let (rejected, position) = (self.outcome.rejected.len(), self.position);
        let found = self.outcome.records + self.headers;
        self.tentative += 1;
        let walked = self.try_candidate(doc, candidate);
        self.tentative -= 1;
        walked?;
        let broken = self.outcome.rejected[rejected..].iter().any(|piece| piece.reason != Reason::NotALog);
        if self.outcome.records + self.headers > found || broken {
            if self.tentative == 0 {
                self.keep_foreign(rejected)?;
            }
            return Ok(true);
        }
        self.outcome.rejected.truncate(rejected);
        self.position = position;
        Ok(false)
    }

    fn try_candidate(&mut self, doc: &Doc<'_>, candidate: &Candidate) -> Step {
        let place = candidate.place.clone();
        let mut cursor = Cursor::new(doc.bytes, place.start);
        match doc.bytes[place.start] {
            b'{' => self.object(&doc.deeper(), &mut cursor),
            b'[' => self.list(&doc.deeper(), &mut cursor),
            b'"' => self.text(doc, place.start, place.end).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The events of a CloudWatch Logs subscription: each message is a record, whatever it is.
    fn log_events(&mut self, doc: &Doc<'_>, from: usize) -> Step {
        let mut cursor = Cursor::new(doc.bytes, from);
        let mut more = cursor.enter_array().map_err(|fault| Stop::Fault { fault, from })?;
        let around = self.context.time;
        while more {
            cursor.peek();
            let start = cursor.at;
            cursor.skip_value(1).map_err(|fault| Stop::Fault { fault, from: start })?;
            self.log_event(doc, start, cursor.at)?;
            self.context.time = around;
            more = another_element(&mut cursor)?;
        }
        Ok(())
    }

    fn log_event(&mut self, doc: &Doc<'_>, from: usize, end: usize) -> Step {
        let member = |key| doc.slice(from..end).and_then(|event| super::record::member(event, key));
        let Some(message) = member("message").filter(|message| message.starts_with('"')) else {
            let mut cursor = Cursor::new(doc.bytes, from);
            return self.value(&doc.deeper(), &mut cursor);
        };
        if let Some(time) = member("timestamp").and_then(time::parse) {
            self.context.time = Some(time);
        }
        let start = message.as_ptr() as usize - doc.bytes.as_ptr() as usize;
        if !self.text(doc, start, start + message.len())? {
            self.foreign(doc, start, start + message.len())?;
        }
        Ok(())
    }

    /// Walks the JSON or the lines inside a string, plain or base64; false: there is neither. `from..end` includes the
    /// quotes.
    fn text(&mut self, doc: &Doc<'_>, from: usize, end: usize) -> Result<bool, Stop> {
        let Some(content) = doc.slice(from + 1..end - 1) else { return Ok(false) };
        if doc.level >= MAX_LEVEL {
            return Ok(false);
        }
        let mut text = Cow::Borrowed(content);
        if content.contains('\\') {
            let mut plain = String::with_capacity(content.len());
            unescape(content, &mut plain);
            text = Cow::Owned(plain);
        }
        if matches!(text.trim_start().as_bytes().first(), Some(b'{' | b'[')) {
            self.stream(&doc.nested(text.as_bytes(), from)).map_err(Stop::Fatal)?;
            return Ok(true);
        }
        if self.log_text(&text, from)? {
            return Ok(true);
        }
        let Some(bytes) = self.base64(&text) else { return Ok(false) };
        match Cursor::new(&bytes, 0).peek() {
            Some(b'{' | b'[') => self.stream(&doc.nested(&bytes, from)).map_err(Stop::Fatal).map(|()| true),
            _ => match std::str::from_utf8(&bytes) {
                Ok(text) => self.log_text(text, from),
                Err(_) => Ok(false),
            },
        }
    }

    /// What is behind a Kinesis or Firehose `data` value, compressed or not.
    fn base64(&self, text: &str) -> Option<Vec<u8>> {
        // Shorter than any record; also spares ordinary words the attempt.
        if text.len() < 64 || text.contains(' ') {
            return None;
        }
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim_end()).ok()?;
        self.batcher.decompress_nested(&bytes).ok()
    }
}

/// Takes note of what a key of an object that is no record says.
fn note(clues: &mut Clues, wrapper: Option<WrapperKey>, place: std::ops::Range<usize>, bytes: &[u8]) {
    match wrapper {
        Some(WrapperKey::Candidate(order)) => clues.add(order, place),
        Some(WrapperKey::Digest) => clues.digest = true,
        Some(WrapperKey::Notification) => clues.notification = true,
        Some(WrapperKey::MessageType) => clues.probe |= &bytes[place] == b"\"CONTROL_MESSAGE\"",
        Some(WrapperKey::Envelope(what)) => clues.envelope.push((what, place)),
        Some(WrapperKey::List) | None => {}
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
