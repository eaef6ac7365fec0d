//! Empties the journal into the lake: one thread decodes ahead, commits follow one another. A commit that fails is tried again
//! until it succeeds; meanwhile the journal fills, and its senders are told to wait.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lake::{Commit, Lake, OriginCounts, OriginEntry};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::gather::{Gatherer, Group, Share};
use super::{EnricherNow, InletOptions, Shared};
use crate::IngestError;
use crate::Settled;
use crate::journal::{Next, Reader};
use crate::sources::Meter;
use crate::watch::Watched;

/// Longest pause before a failed commit is tried again.
const PAUSE: Duration = Duration::from_secs(15);

/// Empties the journal.
pub struct Drain {
    lake: Lake,
    enricher: EnricherNow,
    options: InletOptions,
    reader: Reader,
    shared: Arc<Shared>,
}

impl Drain {
    pub(super) fn new(
        lake: Lake,
        enricher: EnricherNow,
        options: InletOptions,
        reader: Reader,
        shared: Arc<Shared>,
    ) -> Self {
        Self { lake, enricher, options, reader, shared }
    }

    /// Runs until the journal is closed and empty, or `cancel`: what is left then is read again at the next start.
    ///
    /// # Errors
    /// [`IngestError`] where decoding fails on its own account, a defect of ours. Nothing of the journal is lost.
    pub async fn run(self, cancel: CancellationToken) -> Result<(), IngestError> {
        let Self { lake, enricher, options, reader, shared } = self;
        let (groups, mut gathered) = mpsc::channel(1);
        let ahead = Ahead { options: options.clone(), reader, groups, cancel: cancel.clone() };
        let decoding = tokio::task::spawn_blocking(move || ahead.run(enricher));
        let mut committer = Committer { lake, watched: options.watched, shared, open: HashMap::new() };
        while let Some(group) = gathered.recv().await {
            if !committer.commit_until_done(group, &cancel).await {
                break;
            }
        }
        drop(gathered);
        decoding.await?
    }
}

/// The thread that reads and decodes.
struct Ahead {
    options: InletOptions,
    reader: Reader,
    groups: mpsc::Sender<Group>,
    cancel: CancellationToken,
}

impl Ahead {
    fn run(mut self, enricher: EnricherNow) -> Result<(), IngestError> {
        let mut gatherer = Gatherer::new(enricher, &self.options);
        let groups = self.groups.clone();
        let outlet = move |group: Group| groups.blocking_send(group).is_ok();
        let mut since: Option<Instant> = None;
        while !self.cancel.is_cancelled() {
            // Asked first: what was written before the end is still read.
            let over = self.reader.is_over();
            match self.reader.read() {
                Ok(Next::Entry(entry)) => {
                    since = since.or_else(|| Some(Instant::now()));
                    if !gatherer.entry(&entry, &outlet)? {
                        return Ok(());
                    }
                }
                Ok(Next::Damage { file, offset, bytes }) => {
                    since = since.or_else(|| Some(Instant::now()));
                    gatherer.damaged(&file, offset, &bytes, (self.options.clock)());
                }
                Ok(Next::Nothing) => {
                    let waited = since.map_or(Duration::ZERO, |since| since.elapsed());
                    let patience = match since {
                        Some(_) => self.options.linger.saturating_sub(waited),
                        None => Duration::from_secs(3600),
                    };
                    if !patience.is_zero() && self.wait(patience) {
                        continue;
                    }
                    if gatherer.is_empty() && over {
                        return Ok(());
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the journal can't be read");
                    self.wait(Duration::from_secs(1));
                    continue;
                }
            }
            let ripe = since.is_some_and(|since| since.elapsed() >= self.options.linger) || over;
            if !gatherer.is_empty() && (gatherer.is_full() || ripe) {
                since = None;
                if !outlet(gatherer.take()) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Waits for more; true: there may be some.
    fn wait(&mut self, most: Duration) -> bool {
        let (reader, cancel) = (&mut self.reader, &self.cancel);
        Handle::current().block_on(async {
            tokio::select! {
                more = reader.more() => more,
                () = tokio::time::sleep(most) => false,
                () = cancel.cancelled() => false,
            }
        })
    }
}

struct Committer {
    lake: Lake,
    watched: Watched,
    shared: Arc<Shared>,
    /// Rows of deliveries that have not ended yet.
    open: HashMap<String, OriginCounts>,
}

impl Committer {
    /// False: it was cancelled before it succeeded.
    async fn commit_until_done(&mut self, group: Group, cancel: &CancellationToken) -> bool {
        let mut pause = Duration::from_millis(250);
        loop {
            match self.commit(&group).await {
                Ok(counts) => {
                    for (origin, of_group) in counts {
                        self.open.entry(origin).or_default().add(&of_group);
                    }
                    self.settle(&group);
                    return true;
                }
                Err(error) => {
                    tracing::warn!(%error, "what was sent can't be committed yet");
                    let mut sources: Vec<&str> = group.shares.iter().map(|share| share.source.as_str()).collect();
                    sources.dedup();
                    for source in sources {
                        self.shared.with_meter(source, |meter| meter.failed(&error.to_string()));
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSE),
                () = cancel.cancelled() => return false,
            }
        }
    }

    /// Rows first, then what could not be decoded; then the journal forgets.
    async fn commit(&self, group: &Group) -> Result<HashMap<String, OriginCounts>, IngestError> {
        let mut counts: HashMap<String, OriginCounts> = HashMap::new();
        let origins = || {
            let named = group.shares.iter().filter(|share| share.records > 0);
            named.map(|share| OriginEntry { object: share.origin.clone(), records: share.records }).collect()
        };
        for (table, batches) in &group.tables {
            let commit = Commit { origins: origins(), ..Commit::default() };
            let done = self.watched.append(&self.lake, table, batches.clone(), commit).await?;
            for (origin, of_table) in done.by_origin {
                counts.entry(origin).or_default().add(&of_table);
            }
        }
        self.lake.quarantine(&group.pieces).await?;
        Ok(counts)
    }

    fn settle(&mut self, group: &Group) {
        let shared = &self.shared;
        for share in &group.shares {
            if let Some(channel) = &share.channel {
                shared.acks.drained(channel);
            }
            let counts = self.open.remove(&share.origin).unwrap_or_default();
            shared.with_meter(&share.source, |meter| {
                meter.in_flight(-1);
                tell(share, counts, meter);
            });
        }
        if group.sequence > 0
            && let Err(error) = shared.journal.drained(group.sequence, &shared.acks.keep())
        {
            tracing::warn!(%error, "the journal could not take note of what is in the lake");
        }
    }
}

fn tell(share: &Share, counts: OriginCounts, meter: &Meter) {
    let settled = Settled {
        records: share.records,
        rows_added: counts.added,
        duplicates: counts.duplicates,
        flagged: counts.flagged,
        newest: share.newest,
        ..Settled::default()
    };
    let received = chrono::DateTime::from_timestamp_micros(share.received);
    meter.settled(&share.origin, share.bytes, &settled, received);
    meter.excluded(share.excluded);
    for (reason, count) in &share.rejected {
        meter.rejected_many(reason, *count);
    }
}
