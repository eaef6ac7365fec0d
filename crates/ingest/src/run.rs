//! The pipeline: objects are fetched, decoded by as many workers as there are cores, and committed in bounded turns.
//!
//! ```text
//! sources -> [fetch: buckets only, ahead of time] -> workers: decode, enrich -> [bounded queue] -> commit: rows, quarantine, ledger
//! ```
//! Memory is bounded at every arrow, whatever the size of the input. An object enters the ledger after its rows are
//! durable; a crash at any moment costs reading, never a row, and never doubles one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use bytes::Bytes;
use enrich::Enricher;
use event::{Decoded, Limits, LogType};
use futures::StreamExt;
use lake::{
    Commit, DigestEntry, Lake, LakeOptions, ObjectEntry, ObjectStatus, ObjectVersion, OriginCounts, OriginEntry,
    Quarantined,
};
use tokio::sync::mpsc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::decode::{Chunk, Decoder};
use crate::discover::{Discovery, Place, Source, discover};
use crate::fate::{Ended, Fate};
use crate::inlet::EnricherNow;
use crate::intake::{Settled, Ticket};
use crate::rules::Rules;
use crate::verify::{is_digest_name, signature_of};
use crate::watch::Watched;
use crate::{IngestError, Progress, Report};

/// How an ingest works.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that decode.
    pub workers: usize,
    /// Decompressed size of one object, in bytes; larger ones go into quarantine (but files of lines may have any size).
    pub object_bytes: usize,
    /// Rows are committed when their text has this many bytes, and at the end.
    pub commit_bytes: u64,
    /// Objects of a bucket fetched ahead of the workers.
    pub fetch_ahead: usize,
    /// How to reach the buckets that are read.
    pub storage: LakeOptions,
    /// The log type of what does not tell by itself which it is of.
    pub log_type: Option<&'static LogType>,
    /// Events whose time is so far behind the clock are flagged as old, microseconds.
    pub old_after: i64,
    /// What is left out.
    pub rules: Arc<Rules>,
    /// Nothing is written: what would be is counted.
    pub dry_run: bool,
    /// Who looks at events before they are committed.
    pub watched: Watched,
    /// The time: microseconds since 1970-01-01 (UTC).
    pub clock: fn() -> i64,
    /// Stops the ingest between commits: what was decoded is committed, nothing more is read.
    pub cancel: CancellationToken,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            object_bytes: 512 << 20,
            commit_bytes: 28 << 20,
            fetch_ahead: 16,
            storage: LakeOptions::default(),
            log_type: None,
            old_after: event::time_status::OLD_AFTER,
            rules: Arc::default(),
            dry_run: false,
            watched: Watched::default(),
            clock: || chrono::Utc::now().timestamp_micros(),
            cancel: CancellationToken::new(),
        }
    }
}

impl Options {
    /// The bounds of the decoder.
    pub(crate) fn limits(&self) -> Limits {
        let (object_bytes, old_after) = (self.object_bytes, self.old_after);
        Limits { object_bytes, old_after, batch_bytes: 4 << 20, ..Limits::default() }
    }
}

/// Takes logs into a lake.
#[derive(Clone)]
pub struct Ingest {
    pub(crate) lake: Lake,
    pub(crate) enricher: EnricherNow,
    pub(crate) options: Options,
}

/// Bytes of fetched objects that wait for a worker.
const FETCHED: usize = 128 << 20;

/// An object for a worker; a bucket's comes with its bytes and the room that they take.
struct Job {
    source: Source,
    content: Option<Result<Bytes, String>>,
    _room: Option<OwnedSemaphorePermit>,
}

impl Ingest {
    /// An ingest into `lake`.
    #[must_use]
    pub fn new(lake: Lake, enricher: Arc<Enricher>, options: Options) -> Self {
        Self::following(lake, Arc::new(move || enricher.clone()), options)
    }

    /// The same, with the enricher of each moment: newer files count from the next object on.
    #[must_use]
    pub fn following(lake: Lake, enricher: EnricherNow, options: Options) -> Self {
        Self { lake, enricher, options }
    }

    /// Takes in everything at `paths` that is not in yet: files, folders, `s3://bucket/prefix`.
    ///
    /// # Errors
    /// [`IngestError`] where the ingest can't go on; what is wrong with single objects is in the report.
    pub async fn run(&self, paths: &[String], progress: Arc<dyn Progress>) -> Result<Report, IngestError> {
        let found = discover(paths, &self.options.storage).await?;
        let mut report = Report::default();
        let sources = self.unknown(found, &mut report).await?;
        let bytes = sources.iter().map(|source| source.size).sum();
        progress.started(sources.len() as u64, bytes);
        let (chunks, mut received) = mpsc::channel(self.options.workers.clamp(2, 8));
        let (jobs, taken) = mpsc::channel(self.options.workers * 2);
        let fetcher = tokio::spawn(feed(sources, jobs, self.options.clone()));
        let taken = Arc::new(Mutex::new(taken));
        let workers: Vec<_> = (0..self.options.workers.max(1))
            .map(|_| self.worker(taken.clone(), chunks.clone(), progress.clone()))
            .collect();
        drop((chunks, taken));
        let mut writer = Writer::new(&self.lake, progress.as_ref(), &self.options, report);
        while let Some(chunk) = received.recv().await {
            writer.take(chunk);
            if writer.raw_bytes >= self.options.commit_bytes {
                writer.commit().await?;
            }
        }
        for worker in workers {
            worker.await??;
        }
        fetcher.await?;
        writer.commit().await?;
        writer.report.cancelled = self.options.cancel.is_cancelled();
        Ok(writer.report)
    }

    /// The sources that the ledger does not know as taken in.
    async fn unknown(&self, found: Discovery, report: &mut Report) -> Result<Vec<Source>, IngestError> {
        for (path, reason) in &found.unreadable {
            report.unread += 1;
            report.problem(path, "unread", reason);
        }
        let ledger = self.lake.ledger().await?;
        let total = found.sources.len();
        let mut sources = found.sources;
        if !ledger.is_empty() {
            sources.retain(|source| !ledger.is_done(&source.version()));
        }
        report.known = (total - sources.len()) as u64;
        let (of_digests, mut digests) = (found.digests.len(), found.digests);
        digests.retain(|source| !ledger.is_done(&source.version()));
        if digests.len() < of_digests {
            report.skipped.insert("digest", (of_digests - digests.len()) as u64);
        }
        sources.extend(digests);
        Ok(sources)
    }

    pub(crate) fn decoder(&self) -> Decoder {
        let limits = self.options.limits();
        Decoder::new(limits, (self.enricher)(), &self.options)
    }

    fn worker(
        &self,
        jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
        chunks: mpsc::Sender<Chunk>,
        progress: Arc<dyn Progress>,
    ) -> tokio::task::JoinHandle<Result<(), IngestError>> {
        let mut decoder = self.decoder();
        tokio::task::spawn_blocking(move || {
            let outlet = |chunk: Chunk| {
                let objects = chunk.ended.len() as u64;
                let bytes = chunk.ended.iter().map(|ended| ended.version.size).sum();
                let records = chunk.ended.iter().map(|ended| ended.records).sum();
                progress.decoded(objects, bytes, records);
                // Nobody receives after an error, which ends the worker too.
                let _ = chunks.blocking_send(chunk);
            };
            loop {
                let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
                let Some(job) = job else { break };
                match job.content {
                    Some(Err(reason)) => decoder.unread(&job.source, reason),
                    Some(Ok(content)) => decoder.object(&job.source, Some(content), &outlet)?,
                    None => decoder.object(&job.source, None, &outlet)?,
                }
                if chunks.is_closed() {
                    break;
                }
            }
            decoder.flush(&outlet)?;
            Ok(())
        })
    }
}

/// Gives the sources to the workers, in order; a bucket's objects with their bytes.
async fn feed(sources: Vec<Source>, jobs: mpsc::Sender<Job>, options: Options) {
    let room = Arc::new(Semaphore::new(FETCHED));
    let mut ready = futures::stream::iter(sources)
        .take_until(Box::pin(options.cancel.cancelled_owned()))
        .map(|source| Box::pin(fetch(source, room.clone())))
        .buffered(options.fetch_ahead.max(1));
    while let Some(job) = ready.next().await {
        if jobs.send(job).await.is_err() {
            break;
        }
    }
}

async fn fetch(mut source: Source, room: Arc<Semaphore>) -> Job {
    let Place::Object(bucket, key) = &source.place else {
        return Job { source, content: None, _room: None };
    };
    let bytes = usize::try_from(source.size).unwrap_or(FETCHED).clamp(1, FETCHED);
    let permit = room.acquire_many_owned(u32::try_from(bytes).unwrap_or(u32::MAX)).await.ok();
    let content = bucket.read(key).await.map_err(|error| error.to_string());
    let signature = if is_digest_name(key) { signature_of(bucket, key).await } else { None };
    source.signature = signature;
    Job { source, content: Some(content), _room: permit }
}

/// The objects that rows come from; rows of one object follow one another.
fn origins_of(batch: &RecordBatch) -> Vec<&str> {
    let column = batch.column_by_name("origin").and_then(|column| column.as_string_opt::<i32>());
    let mut origins: Vec<&str> = column.into_iter().flat_map(|column| column.iter().flatten()).collect();
    origins.dedup();
    origins
}

/// Collects chunks and commits them.
pub(crate) struct Writer<'a> {
    lake: &'a Lake,
    progress: &'a dyn Progress,
    options: &'a Options,
    pub(crate) report: Report,
    batches: Vec<Decoded>,
    pub(crate) raw_bytes: u64,
    pub(crate) ended: Vec<Ended>,
    /// Rows of objects that have not ended yet.
    open: HashMap<String, Open>,
    /// Objects that have not ended yet, some of whose rows were in a commit that failed.
    broken: HashSet<String>,
}

/// What is known of an object's rows before its end.
#[derive(Debug, Default)]
struct Open {
    counts: OriginCounts,
    /// The newest event's time.
    newest: Option<i64>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(lake: &'a Lake, progress: &'a dyn Progress, options: &'a Options, report: Report) -> Self {
        let (batches, ended, open, broken) = (Vec::new(), Vec::new(), HashMap::new(), HashSet::new());
        Self { lake, progress, options, report, batches, raw_bytes: 0, ended, open, broken }
    }

    pub(crate) fn take(&mut self, chunk: Chunk) {
        self.raw_bytes += chunk.raw_bytes;
        for decoded in &chunk.batches {
            self.report.by_type.entry(decoded.log_type.id).or_default().records += decoded.batch.num_rows() as u64;
        }
        for applied in chunk.applied {
            self.report.excluded += applied.excluded;
            for (rule, matched) in applied.matched {
                *self.report.by_rule.entry(self.options.rules.name(rule).to_owned()).or_default() += matched;
            }
        }
        if !self.options.dry_run {
            self.batches.extend(chunk.batches);
        }
        self.ended.extend(chunk.ended);
    }

    /// Rows first, then what could not be decoded, then the ledger. Returns what is durable now, and who waits for it.
    ///
    /// After an error nothing of the commit's objects is held any more: they may be delivered again.
    pub(crate) async fn commit(&mut self) -> Result<Committed, IngestError> {
        self.raw_bytes = 0;
        let batches = std::mem::take(&mut self.batches);
        let ended = std::mem::take(&mut self.ended);
        let at_stake = unended(&batches, &ended);
        let closing: Vec<String> = ended.iter().map(|object| object.version.object.clone()).collect();
        let committed = self.commit_all(batches, ended).await;
        if committed.is_err() {
            self.broken.extend(at_stake);
            for origin in closing {
                self.broken.remove(&origin);
                self.open.remove(&origin);
            }
        }
        committed
    }

    async fn commit_all(&mut self, batches: Vec<Decoded>, ended: Vec<Ended>) -> Result<Committed, IngestError> {
        let mut tables: BTreeMap<&'static str, Vec<RecordBatch>> = BTreeMap::new();
        for decoded in batches {
            tables.entry(decoded.log_type.id).or_default().push(decoded.batch);
        }
        for (table, batches) in tables {
            self.append(table, batches, &ended).await?;
        }
        let mut closed = Closed::default();
        for object in ended {
            self.close(object, &mut closed);
        }
        if self.options.dry_run {
            return Ok(Committed::default());
        }
        self.lake.quarantine(&closed.pieces).await?;
        self.lake.record_digests(&closed.digests).await?;
        self.lake.record_objects(&closed.entries).await?;
        let whole = closed.entries.into_iter().filter(|entry| entry.status == ObjectStatus::Done);
        Ok(Committed { whole: whole.map(|entry| entry.version).collect(), settled: closed.settled })
    }

    /// Commits the rows of one table.
    async fn append(
        &mut self,
        table: &'static str,
        batches: Vec<RecordBatch>,
        ended: &[Ended],
    ) -> Result<(), IngestError> {
        let here: HashSet<&str> = batches.iter().flat_map(origins_of).collect();
        let origins = ended
            .iter()
            .filter(|object| object.records > 0 && here.contains(object.version.object.as_str()))
            .map(|object| OriginEntry { object: object.version.object.clone(), records: object.records })
            .collect();
        let newest = newest(&batches);
        let commit = Commit { origins, ..Commit::default() };
        let done = self.options.watched.append(self.lake, table, batches, commit).await?;
        self.report.rows_added += done.rows_added;
        self.report.duplicates += done.duplicates;
        self.report.flagged.add(done.flagged);
        self.report.stored_bytes += done.bytes;
        self.report.commits += u64::from(done.rows_added > 0);
        let of_type = self.report.by_type.entry(table).or_default();
        of_type.rows_added += done.rows_added;
        of_type.duplicates += done.duplicates;
        for (origin, counts) in done.by_origin {
            let open = self.open.entry(origin).or_default();
            open.counts.add(&counts);
        }
        for (origin, newest) in newest {
            let open = self.open.entry(origin).or_default();
            open.newest = open.newest.max(Some(newest));
        }
        self.progress.committed(done.rows_added);
        Ok(())
    }

    /// Counts an object that has ended, and makes its entry for the ledger and the answer to whoever waits for it.
    fn close(&mut self, mut object: Ended, closed: &mut Closed) {
        let origin = &object.version.object;
        let Open { counts, newest } = self.open.remove(origin).unwrap_or_default();
        // Its ticket is dropped: a part of it is not in.
        if self.broken.remove(origin) {
            return;
        }
        let (status, ticket) = (object.status(), object.ticket.take());
        self.report.records += object.records;
        self.report.raw_bytes += object.raw_bytes;
        let mut settled = Settled {
            records: object.records,
            rows_added: counts.added,
            duplicates: counts.duplicates,
            flagged: counts.flagged,
            newest,
            failed: status == Some(ObjectStatus::Failed),
            ..Settled::default()
        };
        let rejected = match object.fate {
            Fate::Skipped(reason) => {
                *self.report.skipped.entry(reason).or_default() += 1;
                settled.skipped = Some(reason);
                closed.settled.extend(ticket.map(|ticket| (ticket, settled)));
                return;
            }
            Fate::Digest(digest) => {
                *self.report.skipped.entry("digest").or_default() += 1;
                settled.skipped = Some("digest");
                closed.digests.push(*digest);
                Vec::new()
            }
            Fate::Unread(reason) => {
                self.report.unread += 1;
                self.report.problem(origin, "unread", &reason);
                return;
            }
            Fate::Decoded(rejected) => rejected,
            Fate::Failed(whole) => vec![*whole],
        };
        self.report.objects += u64::from(settled.skipped.is_none());
        self.report.delivered_bytes += object.version.size;
        self.report.object_bytes += object.object_bytes;
        self.report.rejected += rejected.len() as u64;
        settled.rejected = rejected.len() as u64;
        settled.reason = rejected.first().map(|first| first.reason.clone());
        if let Some(first) = rejected.first() {
            self.report.bad_objects += 1;
            self.report.problem(origin, &first.reason, &first.message);
        }
        closed.entries.extend(status.map(|status| ObjectEntry {
            version: object.version,
            sha256: object.sha256,
            content_sha256: object.content_sha256,
            records: object.records,
            rows_added: counts.added,
            duplicates: counts.duplicates,
            rejected: settled.rejected,
            status,
            ingest_time: object.ingest_time,
        }));
        closed.settled.extend(ticket.map(|ticket| (ticket, settled)));
        closed.pieces.extend(rejected);
    }
}

/// What a commit did.
#[derive(Default)]
pub(crate) struct Committed {
    /// The objects that are in whole.
    pub(crate) whole: Vec<ObjectVersion>,
    /// Who waits, and for what.
    pub(crate) settled: Vec<(Ticket, Settled)>,
}

/// What a commit is to write besides rows, and to say.
#[derive(Default)]
struct Closed {
    entries: Vec<ObjectEntry>,
    pieces: Vec<Quarantined>,
    digests: Vec<DigestEntry>,
    settled: Vec<(Ticket, Settled)>,
}

/// The objects that rows are of, but for those that end with these rows.
fn unended(batches: &[Decoded], ended: &[Ended]) -> HashSet<String> {
    let mut origins: HashSet<&str> = batches.iter().flat_map(|decoded| origins_of(&decoded.batch)).collect();
    ended.iter().for_each(|object| {
        origins.remove(object.version.object.as_str());
    });
    origins.into_iter().map(str::to_owned).collect()
}

/// The newest event's time by object, those from the future left out.
fn newest(batches: &[RecordBatch]) -> HashMap<String, i64> {
    let mut newest: HashMap<String, i64> = HashMap::new();
    for batch in batches {
        let origins = batch.column_by_name("origin").and_then(|column| column.as_string_opt::<i32>());
        let times = batch.column_by_name("event_time");
        let times = times.and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
        let (Some(origins), Some(times)) = (origins, times) else { continue };
        let believed = believed(batch, times);
        for (origin, time) in origins.iter().zip(believed.iter()) {
            let (Some(origin), Some(time)) = (origin, time) else { continue };
            match newest.get_mut(origin) {
                Some(known) => *known = time.max(*known),
                None => {
                    newest.insert(origin.to_owned(), time);
                }
            }
        }
    }
    newest
}

/// The times of a batch without those that are from the future.
pub(crate) fn believed(batch: &RecordBatch, times: &TimestampMicrosecondArray) -> TimestampMicrosecondArray {
    let flags = batch.column_by_name("time_status").and_then(|column| column.as_string_opt::<i32>());
    match flags.filter(|flags| flags.null_count() < flags.len()) {
        None => times.clone(),
        Some(flags) => {
            let future = flags.iter().map(|flag| flag == Some(event::time_status::FUTURE));
            times.iter().zip(future).map(|(time, future)| time.filter(|_| !future)).collect()
        }
    }
}
