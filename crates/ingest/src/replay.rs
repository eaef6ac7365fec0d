//! Quarantine, looked at again: pieces are decoded with today's decoder, their rows are added once, and what was decoded is marked
//! so.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use enrich::Enricher;
use event::{Batcher, Continuation, Decoded, Limits, LogType, ObjectError, Rejected};
use lake::{Commit, Held, Lake, OriginEntry, Quarantined, Replayed};

use crate::rules::Rules;
use crate::{Ingest, IngestError, NAMED, Options, Problem};

/// Which pieces are meant; what is not set does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// These.
    pub ids: Option<HashSet<String>>,
    /// Of this reason.
    pub reason: Option<String>,
    /// Of objects with this in their paths.
    pub origin: Option<String>,
    /// That came in at this time or later: microseconds since 1970-01-01 (UTC).
    pub since: Option<i64>,
    /// Those that were decoded after all, too.
    pub done: bool,
}

impl Which {
    fn is_meant(&self, held: &Held) -> bool {
        self.is_of_reason(held) && self.is_meant_but_for_reason(held)
    }

    fn is_of_reason(&self, held: &Held) -> bool {
        self.reason.as_ref().is_none_or(|reason| *reason == held.piece.reason)
    }

    fn is_meant_but_for_reason(&self, held: &Held) -> bool {
        (self.done || !held.done)
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&held.id))
            && self.origin.as_ref().is_none_or(|part| held.piece.origin.contains(part.as_str()))
    }
}

/// Pieces in quarantine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The newest of them; of their bytes the beginning.
    pub pieces: Vec<Held>,
    /// How many there are.
    pub total: u64,
    /// How many there are of each reason, whichever reason is meant.
    pub by_reason: BTreeMap<String, u64>,
}

/// What a replay came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplayReport {
    /// Pieces that were looked at.
    pub pieces: u64,
    /// Those that were decoded, and are done.
    pub done: u64,
    /// Records found in them.
    pub records: u64,
    /// Rows added.
    pub rows_added: u64,
    /// Records that the lake held already.
    pub duplicates: u64,
    /// Records that the rules of the settings left out.
    pub excluded: u64,
    /// What still can't be decoded, and why, the first [`NAMED`].
    pub problems: Vec<Problem>,
}

/// Lists the pieces that are meant, newest first, at most `limit` with at most `excerpt` bytes of each.
///
/// # Errors
/// [`IngestError::Lake`] where the lake can't be read.
pub async fn list(lake: &Lake, which: &Which, limit: usize, excerpt: usize) -> Result<Listing, IngestError> {
    let mut listing = Listing::default();
    let mut pieces = lake.held_without_bytes(which.since).await?;
    while let Some(batch) = pieces.next().await? {
        for held in batch.into_iter().filter(|held| which.is_meant_but_for_reason(held)) {
            *listing.by_reason.entry(held.piece.reason.clone()).or_default() += 1;
            if !which.is_of_reason(&held) {
                continue;
            }
            listing.total += 1;
            listing.pieces.push(held);
        }
        if listing.pieces.len() > limit.saturating_mul(2).saturating_add(1024) {
            newest(&mut listing.pieces, limit);
        }
    }
    newest(&mut listing.pieces, limit);
    pieces.fill(&mut listing.pieces, excerpt).await?;
    Ok(listing)
}

fn newest(pieces: &mut Vec<Held>, limit: usize) {
    pieces.sort_by(|a, b| (b.piece.ingest_time, &b.id).cmp(&(a.piece.ingest_time, &a.id)));
    pieces.truncate(limit);
}

/// A replay.
pub struct Replay {
    lake: Lake,
    enricher: Arc<Enricher>,
    rules: Arc<Rules>,
    log_type: Option<&'static LogType>,
    options: Options,
    report: ReplayReport,
    /// Objects of which only the beginning is in quarantine, with the pieces of each.
    cut: BTreeMap<String, Vec<String>>,
}

impl Replay {
    /// A replay into `lake`. Of `options`, the rules, the log type of what does not tell, the clock, and how buckets are reached
    /// matter.
    #[must_use]
    pub fn new(lake: Lake, enricher: Arc<Enricher>, options: Options) -> Self {
        let (rules, log_type) = (options.rules.clone(), options.log_type);
        Self { lake, enricher, rules, log_type, options, report: ReplayReport::default(), cut: BTreeMap::new() }
    }

    /// Decodes the pieces that are meant. A piece of which only the beginning is kept is read again where it came from, if that is
    /// a file or a bucket.
    ///
    /// # Errors
    /// [`IngestError`] where the lake fails. What was added before stays, and the same may be run again.
    pub async fn run(mut self, which: &Which) -> Result<ReplayReport, IngestError> {
        let mut pieces = self.lake.held(which.since).await?;
        while let Some(batch) = pieces.next().await? {
            let meant: Vec<Held> = batch.into_iter().filter(|held| which.is_meant(held)).collect();
            if !meant.is_empty() {
                self.some(meant).await?;
            }
        }
        self.again().await?;
        Ok(self.report)
    }

    /// Decodes some pieces and commits what they hold.
    async fn some(&mut self, pieces: Vec<Held>) -> Result<(), IngestError> {
        self.report.pieces += pieces.len() as u64;
        let limits = self.options.limits();
        let mut batcher = Batcher::new(limits).keeping_unknown();
        batcher.take_for(self.log_type);
        let mut done = Done::default();
        for held in pieces {
            if held.piece.size > held.piece.bytes.len() as u64 {
                self.cut.entry(held.piece.origin).or_default().push(held.id);
                continue;
            }
            self.piece(&mut batcher, &held, &limits, &mut done)?;
            while let Some(Decoded { log_type, batch }) = batcher.take_batch()? {
                let batch = self.enricher.enrich_as(log_type, batch)?;
                let (kept, applied) = self.rules.apply(Decoded { log_type, batch })?;
                self.report.excluded += applied.excluded;
                done.tables.entry(log_type.id).or_default().push(kept.batch);
            }
        }
        self.commit(done).await
    }

    fn piece(
        &mut self,
        batcher: &mut Batcher,
        held: &Held,
        limits: &Limits,
        done: &mut Done,
    ) -> Result<(), IngestError> {
        let piece = &held.piece;
        let text = match event::compression::decompress(&piece.bytes, limits.object_bytes) {
            Ok(text) => text,
            Err(error) => {
                self.problem(&piece.origin, &piece.reason, &error.to_string());
                return Ok(());
            }
        };
        let mut going_on = Continuation::default();
        going_on.stand(piece.position, piece.offset);
        let outcome = match batcher.push_piece(&text, &piece.origin, piece.ingest_time, &mut going_on) {
            Ok(outcome) => outcome,
            Err(ObjectError::NotALog(what)) => {
                self.problem(&piece.origin, &piece.reason, &format!("not a log: {what}"));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let same = |rejected: &Rejected| rejected.bytes == piece.bytes && outcome.records == 0;
        if let Some(still) = outcome.rejected.iter().find(|rejected| same(rejected)) {
            self.problem(&piece.origin, &piece.reason, &still.message);
            return Ok(());
        }
        if outcome.records == 0 && outcome.rejected.is_empty() {
            self.problem(&piece.origin, &piece.reason, "there is no record in it");
            return Ok(());
        }
        // What is smaller than the piece and still can't be read takes its place.
        done.rest.extend(outcome.rejected.into_iter().map(|rejected| Quarantined {
            origin: piece.origin.clone(),
            position: rejected.position,
            offset: rejected.offset,
            reason: rejected.reason.code().into(),
            message: rejected.message,
            bytes: rejected.bytes,
            size: rejected.size,
            ingest_time: piece.ingest_time,
        }));
        done.origins.push(OriginEntry { object: piece.origin.clone(), records: outcome.records });
        let time = (self.options.clock)();
        done.pieces.push(Replayed { id: held.id.clone(), records: outcome.records, time });
        Ok(())
    }

    /// Rows first, then what is left, then the marks: a crash in between costs doing it again.
    async fn commit(&mut self, done: Done) -> Result<(), IngestError> {
        for (table, batches) in done.tables {
            let commit = Commit { origins: done.origins.clone(), ..Commit::default() };
            let added = self.options.watched.append(&self.lake, table, batches, commit).await?;
            self.report.rows_added += added.rows_added;
            self.report.duplicates += added.duplicates;
        }
        self.lake.quarantine(&done.rest).await?;
        self.lake.release(&done.pieces).await?;
        self.report.done += done.pieces.len() as u64;
        self.report.records += done.pieces.iter().map(|piece| piece.records).sum::<u64>();
        Ok(())
    }

    /// Reads objects again of which only the beginning is in quarantine.
    async fn again(&mut self) -> Result<(), IngestError> {
        for (origin, ids) in std::mem::take(&mut self.cut) {
            let is_there = origin.starts_with("s3://") || Path::new(&origin).is_file();
            if !is_there {
                self.problem(
                    &origin,
                    "cut",
                    "only its beginning is in quarantine, and it is not there to be read again",
                );
                continue;
            }
            let ingest = Ingest::new(self.lake.clone(), self.enricher.clone(), self.options.clone());
            let report = match ingest.run(std::slice::from_ref(&origin), Arc::new(())).await {
                Ok(report) => report,
                Err(error @ IngestError::Path { .. }) => {
                    self.problem(&origin, "cut", &error.to_string());
                    continue;
                }
                Err(error) => return Err(error),
            };
            self.report.records += report.records;
            self.report.rows_added += report.rows_added;
            self.report.duplicates += report.duplicates;
            self.report.excluded += report.excluded;
            if report.is_complete() {
                let time = (self.options.clock)();
                let pieces: BTreeSet<String> = ids.into_iter().collect();
                let pieces: Vec<Replayed> =
                    pieces.into_iter().map(|id| Replayed { id, records: report.records, time }).collect();
                self.lake.release(&pieces).await?;
                self.report.done += pieces.len() as u64;
            }
            for problem in report.problems {
                self.problem(&problem.origin, &problem.reason, &problem.message);
            }
        }
        Ok(())
    }

    fn problem(&mut self, origin: &str, reason: &str, message: &str) {
        if self.report.problems.len() < NAMED {
            let (origin, reason, message) = (origin.to_owned(), reason.to_owned(), message.to_owned());
            self.report.problems.push(Problem { origin, reason, message });
        }
    }
}

#[derive(Default)]
struct Done {
    tables: BTreeMap<&'static str, Vec<RecordBatch>>,
    rest: Vec<Quarantined>,
    origins: Vec<OriginEntry>,
    pieces: Vec<Replayed>,
}
