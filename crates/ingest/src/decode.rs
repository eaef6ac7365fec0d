//! One worker: reads objects, decodes and enriches them, and hands on chunks of rows with the objects that end in them.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use bytes::Bytes;
use enrich::Enricher;
use event::{Batcher, Continuation, Decoded, Foreign, Limits, ObjectError, ObjectOutcome};
use sha2::{Digest, Sha256};

use crate::IngestError;
use crate::discover::{Place, Source, is_digest_folder};
use crate::fate::{Ended, Fate, UNREADABLE, claims_log, digest, failed, finish, foreign_piece, is_provable, refused};
use crate::intake::Ticket;
use crate::lines::{FilePieces, LARGE, is_lines, piece};
use crate::parquet::{MAGIC, Rows};
use crate::rules::{Applied, Rules};
use crate::run::Options;

/// Rows on their way to the lake, in the order of one worker.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) batches: Vec<Decoded>,
    /// Bytes of the records' text.
    pub(crate) raw_bytes: u64,
    /// What the rules did.
    pub(crate) applied: Vec<Applied>,
    /// Objects whose last rows are in this chunk, or in an earlier one of the same worker.
    pub(crate) ended: Vec<Ended>,
}

/// Takes chunks.
pub(crate) type Outlet<'a> = &'a dyn Fn(Chunk);

/// Objects handed on at once, at most: many may be empty of records.
const OBJECTS_A_CHUNK: usize = 4096;

/// Decodes objects one after the other.
pub(crate) struct Decoder {
    batcher: Batcher,
    limits: Limits,
    enricher: Arc<Enricher>,
    rules: Arc<Rules>,
    clock: fn() -> i64,
    chunk: Chunk,
    /// Objects whose last rows are still in the batcher, with the number of rows decoded when they ended.
    waiting: VecDeque<(u64, Ended)>,
    taken_rows: u64,
    buffer: Vec<u8>,
}

/// The parts of an object that is decoded in pieces.
#[derive(Default)]
struct Parts {
    outcome: ObjectOutcome,
    going_on: Continuation,
}

impl Decoder {
    pub(crate) fn new(limits: Limits, enricher: Arc<Enricher>, options: &Options) -> Self {
        let batcher = Batcher::new(limits).keeping_unknown();
        Self {
            batcher: options.log_type.into_iter().fold(batcher, Batcher::taking_for),
            limits,
            enricher,
            rules: options.rules.clone(),
            clock: options.clock,
            chunk: Chunk::default(),
            waiting: VecDeque::new(),
            taken_rows: 0,
            buffer: Vec::new(),
        }
    }

    /// Enriches with this from now on. Rows that are decoded and wait are enriched with it too.
    pub(crate) fn enrich_with(&mut self, enricher: Arc<Enricher>) {
        self.enricher = enricher;
    }

    /// Decodes one object; hands on chunks as they fill.
    pub(crate) fn object(
        &mut self,
        source: &Source,
        content: Option<Bytes>,
        outlet: Outlet<'_>,
    ) -> Result<(), IngestError> {
        let mut ended = Ended::new(source, (self.clock)());
        match (&source.place, content) {
            (Place::File(path), None) if source.size > LARGE as u64 => match File::open(path) {
                Ok(file) => self.large_file(file, &mut ended, outlet)?,
                Err(error) => ended.fate = Fate::Unread(error.to_string()),
            },
            (Place::File(path), None) => {
                let mut buffer = std::mem::take(&mut self.buffer);
                buffer.clear();
                match File::open(path).and_then(|mut file| file.read_to_end(&mut buffer)) {
                    Ok(_) => self.whole(&buffer, &mut ended, outlet)?,
                    Err(error) => ended.fate = Fate::Unread(error.to_string()),
                }
                self.buffer = buffer;
            }
            (_, Some(content)) => self.whole(&content, &mut ended, outlet)?,
            (Place::Stdin, None) => self.large_file(std::io::stdin(), &mut ended, outlet)?,
            (Place::Object(..) | Place::Given(_), None) => ended.fate = Fate::Unread("it was not fetched".into()),
        }
        self.over(ended, outlet)
    }

    /// Decodes what was delivered; whoever has the ticket hears of it when it is durable.
    pub(crate) fn delivered(
        &mut self,
        source: &Source,
        content: Bytes,
        ticket: Ticket,
        outlet: Outlet<'_>,
    ) -> Result<(), IngestError> {
        let mut ended = Ended::new(source, (self.clock)());
        ended.ticket = Some(ticket);
        self.whole(&content, &mut ended, outlet)?;
        self.over(ended, outlet)
    }

    fn over(&mut self, ended: Ended, outlet: Outlet<'_>) -> Result<(), IngestError> {
        self.end(ended);
        while self.batcher.is_full() {
            self.take()?;
            self.hand_on(outlet);
        }
        if self.waiting.len() >= OBJECTS_A_CHUNK {
            self.flush(outlet)?;
        }
        Ok(())
    }

    /// Notes an object that was read to its end. It is handed on with its last rows.
    fn end(&mut self, ended: Ended) {
        let rows = self.taken_rows + self.batcher.rows() as u64;
        self.waiting.push_back((rows, ended));
    }

    /// Notes an object that could not be fetched.
    pub(crate) fn unread(&mut self, source: &Source, reason: String) {
        self.end(Ended { fate: Fate::Unread(reason), ..Ended::new(source, (self.clock)()) });
    }

    /// Hands on everything there is.
    pub(crate) fn flush(&mut self, outlet: Outlet<'_>) -> Result<(), IngestError> {
        while self.take()? {}
        self.hand_on(outlet);
        Ok(())
    }

    /// Batches are cut for all log types at once: the rows of the objects before are all taken once none is waiting.
    fn hand_on(&mut self, outlet: Outlet<'_>) {
        while !self.batcher.is_full()
            && let Some((_, ended)) = self.waiting.pop_front_if(|(rows, _)| *rows <= self.taken_rows)
        {
            self.chunk.ended.push(ended);
        }
        let chunk = std::mem::take(&mut self.chunk);
        if !(chunk.batches.is_empty() && chunk.ended.is_empty()) {
            outlet(chunk);
        }
    }

    /// Moves a batch from the batcher into the chunk.
    fn take(&mut self) -> Result<bool, IngestError> {
        let Some(Decoded { log_type, batch }) = self.batcher.take_batch()? else {
            return Ok(false);
        };
        self.taken_rows += batch.num_rows() as u64;
        self.chunk.raw_bytes += raw_bytes(&batch);
        let enriched = Decoded { log_type, batch: self.enricher.enrich_as(log_type, batch)? };
        let (kept, applied) = self.rules.apply(enriched)?;
        self.chunk.applied.push(applied);
        self.chunk.batches.push(kept);
        Ok(true)
    }

    /// An object that is in memory as delivered.
    fn whole(&mut self, content: &[u8], ended: &mut Ended, outlet: Outlet<'_>) -> Result<(), IngestError> {
        ended.sha256 = hex(&Sha256::digest(content));
        if content.is_empty() {
            ended.fate = failed(ended, "empty", "the object is empty", content, &self.limits);
            return Ok(());
        }
        if ended.version.object.split('/').any(is_digest_folder) {
            ended.fate = digest(ended, content, &self.limits);
            return Ok(());
        }
        if content.starts_with(MAGIC) {
            return self.table(content, ended, outlet);
        }
        if content.len() <= LARGE / 8 && is_provable(&ended.version.object) {
            let Ok(text) = event::compression::decompress(content, self.limits.object_bytes) else {
                UNREADABLE.clone_into(&mut ended.content_sha256);
                return self.small(content, content, ended);
            };
            ended.content_sha256 = hex(&Sha256::digest(&text));
            return self.small(&text, content, ended);
        }
        if content.len() > LARGE / 8 {
            return self.large(content, ended, outlet);
        }
        self.small(content, content, ended)
    }

    /// An object that is decoded at once. Text of no known format is lines of a log where its name says so.
    fn small(&mut self, text: &[u8], content: &[u8], ended: &mut Ended) -> Result<(), IngestError> {
        let origin = ended.version.object.clone();
        let outcome = match self.batcher.push_object(text, &origin, ended.ingest_time) {
            Err(ObjectError::NotALog(Foreign::OtherText)) if claims_log(&origin) => {
                self.batcher.push_lines(text, &origin, ended.ingest_time)
            }
            other => other,
        };
        match outcome {
            Ok(outcome) => finish(ended, outcome, &self.limits, content),
            Err(error) => refused(ended, error, content, &self.limits)?,
        }
        Ok(())
    }

    /// An object in Parquet.
    fn table(&mut self, content: &[u8], ended: &mut Ended, outlet: Outlet<'_>) -> Result<(), IngestError> {
        let origin = ended.version.object.clone();
        let mut parts = Parts::default();
        let mut rows = match Rows::open(Bytes::copy_from_slice(content)) {
            Ok(rows) => rows,
            Err(message) => {
                ended.fate = failed(ended, "damaged", &message, content, &self.limits);
                return Ok(());
            }
        };
        while let Some(next) = rows.next() {
            match next {
                Ok(text) => self.part(text.as_bytes(), &origin, ended.ingest_time, &mut parts, outlet)?,
                Err(message) => {
                    parts.outcome.rejected.push(parts.going_on.broken_off(&message, content.len() as u64));
                    break;
                }
            }
        }
        finish(ended, parts.outcome, &self.limits, content);
        Ok(())
    }

    /// An object that is, or may turn out, large: in pieces where it has lines.
    fn large(&mut self, content: &[u8], ended: &mut Ended, outlet: Outlet<'_>) -> Result<(), IngestError> {
        let text = match event::compression::decompress(content, self.limits.object_bytes) {
            Ok(text) => text,
            Err(error) => {
                if is_provable(&ended.version.object) {
                    UNREADABLE.clone_into(&mut ended.content_sha256);
                }
                return refused(ended, error.into(), content, &self.limits);
            }
        };
        let origin = ended.version.object.clone();
        if is_provable(&origin) {
            ended.content_sha256 = hex(&Sha256::digest(&text));
        }
        if text.starts_with(MAGIC) {
            return self.table(&text, ended, outlet);
        }
        if !is_lines(&text) {
            return self.small(&text, content, ended);
        }
        let mut parts = Parts::default();
        let mut rest: &[u8] = &text;
        while !rest.is_empty() {
            let (next, after) = rest.split_at(piece(rest));
            self.part(next, &origin, ended.ingest_time, &mut parts, outlet)?;
            rest = after;
        }
        finish(ended, parts.outcome, &self.limits, content);
        Ok(())
    }

    /// A file, or standard input, that is better not read at once.
    fn large_file(
        &mut self,
        mut file: impl Read + Send + 'static,
        ended: &mut Ended,
        outlet: Outlet<'_>,
    ) -> Result<(), IngestError> {
        let mut beginning = Vec::new();
        if let Err(error) = (&mut file).take(1 << 20).read_to_end(&mut beginning) {
            ended.fate = Fate::Unread(error.to_string());
            return Ok(());
        }
        let file = std::io::Cursor::new(beginning.clone()).chain(file);
        if !is_lines(&beginning) {
            return self.large_document(file, ended, &beginning, outlet);
        }
        let origin = ended.version.object.clone();
        let mut pieces = FilePieces::new(Box::new(file), self.limits.record_bytes);
        let (mut hash, mut parts, mut read) = (Sha256::new(), Parts::default(), 0);
        loop {
            match pieces.next() {
                Ok(next) if next.is_empty() => break,
                Ok(next) => {
                    hash.update(&next);
                    read += next.len() as u64;
                    self.part(&next, &origin, ended.ingest_time, &mut parts, outlet)?;
                }
                Err(error) => {
                    ended.fate = Fate::Unread(error.to_string());
                    return Ok(());
                }
            }
        }
        ended.sha256 = hex(&hash.finalize());
        if ended.version.size == 0 {
            ended.version.size = read;
        }
        if is_provable(&origin) {
            ended.content_sha256.clone_from(&ended.sha256);
        }
        finish(ended, parts.outcome, &self.limits, &beginning);
        Ok(())
    }

    /// A large file that is compressed, or one document.
    fn large_document(
        &mut self,
        file: impl Read,
        ended: &mut Ended,
        beginning: &[u8],
        outlet: Outlet<'_>,
    ) -> Result<(), IngestError> {
        let most = self.limits.object_bytes as u64;
        let mut content = Vec::new();
        let is_larger = ended.version.size > most;
        match if is_larger { Ok(0) } else { file.take(most + 1).read_to_end(&mut content) } {
            Ok(read) if is_larger || read as u64 > most => {
                let message = format!("the object has more than {most} bytes");
                ended.version.size = ended.version.size.max(read as u64);
                ended.fate = failed(ended, "too-large", &message, beginning, &self.limits);
                Ok(())
            }
            Ok(read) => {
                if ended.version.size == 0 {
                    ended.version.size = read as u64;
                }
                self.whole(&content, ended, outlet)
            }
            Err(error) => {
                ended.fate = Fate::Unread(error.to_string());
                Ok(())
            }
        }
    }

    /// One piece of an object's lines, handed on at once.
    fn part(
        &mut self,
        text: &[u8],
        origin: &str,
        ingest_time: i64,
        parts: &mut Parts,
        outlet: Outlet<'_>,
    ) -> Result<(), IngestError> {
        self.flush(outlet)?;
        let mut outcome = self.batcher.push_piece(text, origin, ingest_time, &mut parts.going_on);
        if matches!(outcome, Err(ObjectError::NotALog(Foreign::OtherText))) && claims_log(origin) {
            parts.going_on.take_any_lines();
            outcome = self.batcher.push_piece(text, origin, ingest_time, &mut parts.going_on);
        }
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(ObjectError::NotALog(what)) => foreign_piece(text, &what, &parts.outcome, &self.limits),
            Err(error) => return Err(error.into()),
        };
        while self.take()? {}
        let total = &mut parts.outcome;
        total.records += outcome.records;
        total.record_bytes += outcome.record_bytes;
        total.object_bytes += outcome.object_bytes;
        total.rejected.extend(outcome.rejected);
        Ok(())
    }
}

/// Bytes of the records' text in a batch.
fn raw_bytes(batch: &RecordBatch) -> u64 {
    let raw = batch.column_by_name("raw").and_then(|column| column.as_string_opt::<i32>());
    raw.map_or_else(|| batch.get_array_memory_size(), |raw| raw.value_data().len()) as u64
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
