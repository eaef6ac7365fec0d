//! The way in that stays open: objects and requests come one by one, and whoever brought one hears when it is durable.
//!
//! ```text
//! deliveries -> [room] -> workers: decode, enrich -> [bounded queue] -> a commit every while -> receipts
//! ```
//! A receipt is settled after rows, quarantine and ledger; where the commit fails it is refused, and whoever delivered may
//! deliver again: nothing is doubled. Full queues make deliveries wait, so memory is bounded.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError};
use std::time::Duration;

use bytes::Bytes;
use lake::{Flagged, Ledger, ObjectVersion};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::decode::Chunk;
use crate::discover::{Place, Source};
use crate::run::{Ingest, Writer};
use crate::{IngestError, Report};

/// Bytes of deliveries that wait for a worker, as delivered.
const WAITING: usize = 64 << 20;
/// Chunks of rows that wait for the next commit.
const CHUNKS: usize = 16;
/// Objects of one commit.
const OBJECTS_A_COMMIT: usize = 20_000;
/// The ledger is remembered for objects of this age: longer than a queue keeps messages.
const REMEMBERED: i64 = 31 * 86_400 * 1_000_000;

/// Something that was delivered, whole.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Where it is from, as in the column `origin`: an object's address, or the name of a request.
    pub version: ObjectVersion,
    /// Its bytes.
    pub content: Bytes,
}

/// What became of a delivery that is durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Records found.
    pub records: u64,
    /// Rows added.
    pub rows_added: u64,
    /// Records that the lake held already.
    pub duplicates: u64,
    /// Rows added whose time is flagged.
    pub flagged: Flagged,
    /// Pieces in quarantine.
    pub rejected: u64,
    /// Why the first of them is there, as a stable code.
    pub reason: Option<String>,
    /// Nothing of it could be decoded: it is in quarantine as a whole.
    pub failed: bool,
    /// It is no log, for this reason; nothing was kept.
    pub skipped: Option<&'static str>,
    /// The newest event's time, but for those from the future: microseconds since 1970-01-01 (UTC).
    pub newest: Option<i64>,
}

/// A delivery was not taken; it may be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Who waits for a delivery. Dropped without a word, it is a refusal.
#[derive(Debug)]
pub(crate) struct Ticket {
    told: oneshot::Sender<Settled>,
}

impl Ticket {
    pub(crate) fn settle(self, settled: Settled) {
        // Whoever waited may be gone; the rows are in all the same.
        let _ = self.told.send(settled);
    }
}

/// What a delivery is acknowledged by.
#[derive(Debug)]
pub struct Receipt {
    told: oneshot::Receiver<Settled>,
    trouble: Trouble,
}

impl Receipt {
    /// Waits until the delivery is durable.
    ///
    /// # Errors
    /// [`Refused`] where its commit failed, or the intake ended.
    pub async fn settled(self) -> Result<Settled, Refused> {
        self.told.await.map_err(|_| Refused(self.trouble.last().unwrap_or_else(|| "the intake has ended".into())))
    }
}

/// The last error of a commit, until one succeeds.
#[derive(Debug, Clone, Default)]
struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    fn last(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, trouble: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// A delivery on its way to a worker.
struct Job {
    source: Source,
    content: Bytes,
    ticket: Ticket,
    _room: OwnedSemaphorePermit,
}

/// Takes deliveries. Clones lead to the same lake; when the last is dropped, what was delivered is committed and the intake
/// ends.
#[derive(Debug, Clone)]
pub struct Intake {
    jobs: mpsc::Sender<Job>,
    room: Arc<Semaphore>,
    known: Arc<RwLock<Ledger>>,
    trouble: Trouble,
}

impl Intake {
    /// Starts workers and commits, which are made at the latest `every` after the first record that waits. The handle ends
    /// when everything is committed after the last clone was dropped.
    ///
    /// # Errors
    /// [`IngestError::Lake`] where the ledger can't be read.
    pub async fn start(ingest: Ingest, every: Duration) -> Result<(Self, JoinHandle<()>), IngestError> {
        let since = (ingest.options.clock)() - REMEMBERED;
        let known = Arc::new(RwLock::new(ingest.lake.ledger_since(since).await?));
        let (jobs, taken) = mpsc::channel(ingest.options.workers * 4);
        let (chunks, received) = mpsc::channel(CHUNKS);
        let taken = Arc::new(Mutex::new(taken));
        for _ in 0..ingest.options.workers.max(1) {
            let (ingest, taken, chunks) = (ingest.clone(), taken.clone(), chunks.clone());
            tokio::task::spawn_blocking(move || work(&ingest, &taken, &chunks));
        }
        let trouble = Trouble::default();
        let ended = tokio::spawn(commits(ingest, received, every, known.clone(), trouble.clone()));
        Ok((Self { jobs, room: Arc::new(Semaphore::new(WAITING)), known, trouble }, ended))
    }

    /// Takes a delivery; waits while there is no room.
    ///
    /// # Errors
    /// [`Refused`] where the intake has ended.
    pub async fn take(&self, delivery: Delivery) -> Result<Receipt, Refused> {
        let ended = || Refused("the intake has ended".into());
        let bytes = u32::try_from(delivery.content.len().clamp(1, WAITING)).unwrap_or(u32::MAX);
        let room = self.room.clone().acquire_many_owned(bytes).await.map_err(|_| ended())?;
        let (told, waits) = oneshot::channel();
        let ObjectVersion { object, size, revision } = delivery.version;
        let source = Source { place: Place::Given(object), size, revision, signature: None };
        let job = Job { source, content: delivery.content, ticket: Ticket { told }, _room: room };
        self.jobs.send(job).await.map_err(|_| ended())?;
        Ok(Receipt { told: waits, trouble: self.trouble.clone() })
    }

    /// Whether this version of the object is in already, as far as is remembered: a month.
    #[must_use]
    pub fn is_known(&self, version: &ObjectVersion) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).is_done(version)
    }

    /// Why commits fail at present; `None`: they do not.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.trouble.last()
    }
}

type Jobs = Arc<Mutex<mpsc::Receiver<Job>>>;

/// One worker. What breaks it costs the objects in its hands, which are delivered again; it goes on with a new decoder.
fn work(ingest: &Ingest, jobs: &Jobs, chunks: &mpsc::Sender<Chunk>) {
    loop {
        let done = std::panic::catch_unwind(AssertUnwindSafe(|| decode(ingest, jobs, chunks)));
        match done {
            Ok(Ok(())) => return,
            Ok(Err(error)) => tracing::error!(%error, "a worker begins anew"),
            Err(_) => tracing::error!("a worker panicked and begins anew"),
        }
        if chunks.is_closed() {
            return;
        }
    }
}

fn decode(ingest: &Ingest, jobs: &Jobs, chunks: &mpsc::Sender<Chunk>) -> Result<(), IngestError> {
    let mut decoder = ingest.decoder();
    let outlet = |chunk: Chunk| {
        // Nobody receives after the end.
        let _ = chunks.blocking_send(chunk);
    };
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(job) = job else { break };
        decoder.enrich_with((ingest.enricher)());
        decoder.delivered(&job.source, job.content, job.ticket, &outlet)?;
        // Rows do not wait for more rows where there are none.
        if is_idle(jobs) {
            decoder.flush(&outlet)?;
        }
    }
    decoder.flush(&outlet)
}

/// Nothing waits, or another worker waits for it.
fn is_idle(jobs: &Jobs) -> bool {
    match jobs.try_lock() {
        Ok(jobs) => jobs.is_empty(),
        Err(TryLockError::Poisoned(jobs)) => jobs.into_inner().is_empty(),
        Err(TryLockError::WouldBlock) => true,
    }
}

async fn commits(
    ingest: Ingest,
    mut received: mpsc::Receiver<Chunk>,
    every: Duration,
    known: Arc<RwLock<Ledger>>,
    trouble: Trouble,
) {
    let mut writer = Writer::new(&ingest.lake, &(), &ingest.options, Report::default());
    let mut next = Next::default();
    while next.wait(&mut received).await {
        next.gather(&mut received, every, ingest.options.commit_bytes).await;
        std::mem::take(&mut next.chunks).into_iter().for_each(|chunk| writer.take(chunk));
        next = Next { closed: next.closed, ..Next::default() };
        // What comes meanwhile is of the next commit: decoding goes on, up to the size of one.
        let committed = {
            let committing = std::pin::pin!(writer.commit());
            next.gather_during(committing, &mut received, ingest.options.commit_bytes).await
        };
        match committed {
            Ok(done) => {
                trouble.set(None);
                {
                    let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
                    done.whole.iter().for_each(|version| known.enter(version));
                }
                done.settled.into_iter().for_each(|(ticket, settled)| ticket.settle(settled));
            }
            Err(error) => {
                tracing::error!(%error, "a commit failed; what it held is delivered again");
                trouble.set(Some(error.to_string()));
            }
        }
    }
}

/// What the next commit is of.
#[derive(Default)]
struct Next {
    chunks: Vec<Chunk>,
    raw_bytes: u64,
    objects: usize,
    /// When the first of it came.
    since: Option<Instant>,
    /// No more will come.
    closed: bool,
}

impl Next {
    fn add(&mut self, chunk: Option<Chunk>) {
        let Some(chunk) = chunk else {
            self.closed = true;
            return;
        };
        self.since.get_or_insert_with(Instant::now);
        self.raw_bytes += chunk.raw_bytes;
        self.objects += chunk.ended.len();
        self.chunks.push(chunk);
    }

    fn is_full(&self, commit_bytes: u64) -> bool {
        self.raw_bytes >= commit_bytes || self.objects >= OBJECTS_A_COMMIT
    }

    /// Waits for something to commit; `false`: there will be nothing.
    async fn wait(&mut self, received: &mut mpsc::Receiver<Chunk>) -> bool {
        if self.chunks.is_empty() && !self.closed {
            self.add(received.recv().await);
        }
        !self.chunks.is_empty()
    }

    /// Waits for more, not longer than the first of it may wait.
    async fn gather(&mut self, received: &mut mpsc::Receiver<Chunk>, every: Duration, commit_bytes: u64) {
        let deadline = self.since.unwrap_or_else(Instant::now) + every;
        while !self.closed && !self.is_full(commit_bytes) {
            match timeout_at(deadline, received.recv()).await {
                Ok(chunk) => self.add(chunk),
                Err(_) => break,
            }
        }
    }

    async fn gather_during<T>(
        &mut self,
        mut work: impl Future<Output = T> + Unpin,
        received: &mut mpsc::Receiver<Chunk>,
        commit_bytes: u64,
    ) -> T {
        loop {
            tokio::select! {
                done = &mut work => return done,
                chunk = received.recv(), if !self.closed && !self.is_full(commit_bytes) => self.add(chunk),
            }
        }
    }
}
