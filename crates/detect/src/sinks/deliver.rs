//! Delivery: from the outbox to the sinks, at least once. A sink has a task of its own, so that one that hangs keeps no other
//! waiting. What fails is tried again after a time that doubles and is never the same twice, or as long as the receiver
//! asks; after enough tries it is a dead letter, which somebody may revive.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::outbox::{Outbox, OutboxError, Queued, Settled};
use super::settings::Configured;
use super::{Failure, Sinks};

/// Rows taken at a time.
const BATCH: usize = 64;
/// Notices of one sink under way together.
const TOGETHER: usize = 4;
/// Longest time until the outbox is looked at again.
const IDLE: Duration = Duration::from_secs(1);
/// Wait after the first failure; it doubles.
const FIRST: Duration = Duration::from_secs(5);
/// Longest wait between tries.
const LONGEST: Duration = Duration::from_secs(3600);
/// Longest wait that a receiver may ask for.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// Longest time that a try may take, whatever the sink does.
const TRY: Duration = Duration::from_secs(120);

/// Upper bounds of the histogram of delays, in seconds.
pub const DELAYS: [f64; 8] = [0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 120.0, 600.0];

/// What a sink's deliveries came to.
#[derive(Debug, Default)]
pub struct Meter {
    delivered: AtomicU64,
    failed: AtomicU64,
    dead: AtomicU64,
    delays: [AtomicU64; DELAYS.len()],
    delay_millis: AtomicU64,
}

/// A reading of a [`Meter`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkMeter {
    /// The sink's name.
    pub sink: String,
    /// Notices delivered.
    pub delivered: u64,
    /// Tries that failed, those that ended in a dead letter included.
    pub failed: u64,
    /// Notices given up.
    pub dead: u64,
    /// Of those delivered, how many took no longer from the outbox to the receiver than each of [`DELAYS`].
    pub delays: [u64; DELAYS.len()],
    /// Sum of the delays, milliseconds.
    pub delay_millis: u64,
}

impl Meter {
    fn count(&self, queued: &Queued, settled: &Settled, now: DateTime<Utc>) {
        match settled {
            Settled::Delivered => {
                let delay = (now - queued.queued_at).to_std().unwrap_or_default();
                self.delivered.fetch_add(1, Ordering::Relaxed);
                let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
                self.delay_millis.fetch_add(millis, Ordering::Relaxed);
                for (bound, count) in DELAYS.iter().zip(&self.delays) {
                    count.fetch_add(u64::from(delay.as_secs_f64() <= *bound), Ordering::Relaxed);
                }
            }
            Settled::Retry { .. } => _ = self.failed.fetch_add(1, Ordering::Relaxed),
            Settled::Dead { .. } => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                self.dead.fetch_add(1, Ordering::Relaxed);
            }
            Settled::Postponed { .. } => {}
        }
    }

    fn read(&self, sink: &str) -> SinkMeter {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        SinkMeter {
            sink: sink.to_owned(),
            delivered: of(&self.delivered),
            failed: of(&self.failed),
            dead: of(&self.dead),
            delays: std::array::from_fn(|n| of(&self.delays[n])),
            delay_millis: of(&self.delay_millis),
        }
    }
}

impl Sinks {
    /// What was delivered since the start, by sink.
    #[must_use]
    pub fn meters(&self) -> Vec<SinkMeter> {
        self.list.iter().map(|sink| sink.meter.read(&sink.name)).collect()
    }
}

/// Delivers until it is stopped. `written` changes when rows were written; what another process writes is found within a
/// second.
pub async fn deliver(sinks: Sinks, outbox: Arc<dyn Outbox>, written: watch::Receiver<u64>, stop: CancellationToken) {
    warn_of_orphans(&sinks, &outbox).await;
    let mut tasks = JoinSet::new();
    for sink in sinks.list.iter().filter(|sink| sink.enabled) {
        let worker = Worker { sink: Arc::clone(sink), outbox: Arc::clone(&outbox), written: written.clone() };
        let stop = stop.clone();
        // A try that is cut off here is made again after the next start: its row is still pending.
        tasks.spawn(async move { stop.run_until_cancelled(worker.run()).await });
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a sink's task ended");
        }
    }
}

/// Rows for sinks that are not in the settings any more wait for ever; that is said once.
async fn warn_of_orphans(sinks: &Sinks, outbox: &Arc<dyn Outbox>) {
    let counts = blocking(outbox, |outbox| outbox.counts()).await;
    for counts in counts.inspect_err(|error| tracing::error!(%error, "sinks")).unwrap_or_default() {
        let served = sinks.list.iter().any(|sink| sink.enabled && sink.name == counts.sink);
        if counts.pending > 0 && !served {
            let (sink, pending) = (&counts.sink, counts.pending);
            tracing::warn!(sink, pending, "notices wait for a sink that is not in the settings, or is off");
        }
    }
}

async fn blocking<T: Send + 'static>(
    outbox: &Arc<dyn Outbox>,
    work: impl FnOnce(&dyn Outbox) -> Result<T, OutboxError> + Send + 'static,
) -> Result<T, OutboxError> {
    let outbox = Arc::clone(outbox);
    let done = tokio::task::spawn_blocking(move || work(&*outbox)).await;
    done.unwrap_or_else(|error| Err(OutboxError(error.to_string())))
}

struct Worker {
    sink: Arc<Configured>,
    outbox: Arc<dyn Outbox>,
    written: watch::Receiver<u64>,
}

impl Worker {
    async fn run(mut self) {
        loop {
            self.written.mark_unchanged();
            match self.turn().await {
                Ok(Turn::Busy) => {}
                Ok(Turn::Idle) => self.idle().await,
                // Others wait too where the receiver is at its limit: asking for them would only prolong it.
                Ok(Turn::Pause(pause)) => tokio::time::sleep(pause).await,
                Err(error) => {
                    tracing::error!(sink = self.sink.name, %error, "delivery");
                    tokio::time::sleep(IDLE).await;
                }
            }
        }
    }

    /// Until something was written, or for a while.
    async fn idle(&mut self) {
        let written = tokio::time::timeout(IDLE, self.written.changed()).await;
        // Nobody is left to tell.
        if let Ok(Err(_)) = written {
            tokio::time::sleep(IDLE).await;
        }
    }

    async fn turn(&self) -> Result<Turn, OutboxError> {
        let name = self.sink.name.clone();
        let due = blocking(&self.outbox, move |outbox| outbox.due(&name, Utc::now(), BATCH)).await?;
        if due.is_empty() {
            return Ok(Turn::Idle);
        }
        let paused = AtomicBool::new(false);
        let mut tries = futures::stream::iter(due)
            .map(async |queued| if paused.load(Ordering::Relaxed) { None } else { self.attempt(queued).await })
            .buffer_unordered(TOGETHER);
        let mut pause = None;
        // Those under way are seen to their end: what is cut off might have arrived.
        while let Some(asked) = tries.next().await {
            pause = pause.max(asked);
            paused.store(pause.is_some(), Ordering::Relaxed);
        }
        Ok(pause.map_or(Turn::Busy, Turn::Pause))
    }

    /// One try and its record. Returns how long the receiver asks everybody to wait.
    async fn attempt(&self, queued: Queued) -> Option<Duration> {
        let asked_at = Utc::now();
        let held = self.sink.quiet.as_ref().and_then(|quiet| quiet.until(asked_at, queued.notice.alert.severity));
        let (settled, pause) = match held {
            Some(at) => (Settled::Postponed { at }, None),
            None => {
                let result = in_time(self.sink.sink.deliver(&queued.notice)).await;
                let pause = result.as_ref().err().and_then(|failure| failure.after).map(|after| after.min(PATIENCE));
                let jitter = RandomState::new().hash_one(queued.row);
                (settle(result, queued.attempts, self.sink.attempts, Utc::now(), jitter), pause)
            }
        };
        self.say(&queued, &settled);
        let now = Utc::now();
        self.record(queued.row, now, &settled).await;
        self.sink.meter.count(&queued, &settled, now);
        pause
    }

    /// Records an outcome, however long that takes: going on without would send the same notice again and again.
    async fn record(&self, row: i64, now: DateTime<Utc>, settled: &Settled) {
        let mut wait = IDLE;
        loop {
            let record = settled.clone();
            match blocking(&self.outbox, move |outbox| outbox.settle(row, now, &record)).await {
                Ok(()) => return,
                Err(error) => tracing::error!(sink = self.sink.name, %error, "a delivery can't be recorded"),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(60));
        }
    }

    fn say(&self, queued: &Queued, settled: &Settled) {
        let (sink, notice) = (&self.sink.name, &queued.notice.id);
        match settled {
            Settled::Delivered => tracing::info!(sink, notice, "delivered"),
            Settled::Retry { at, error } => {
                tracing::warn!(sink, notice, error, %at, "not delivered; it is tried again")
            }
            Settled::Dead { error } => tracing::error!(sink, notice, error, "not delivered; it is given up"),
            Settled::Postponed { at } => tracing::debug!(sink, notice, %at, "held back by quiet hours"),
        }
    }
}

async fn in_time(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let late = |_| Err(Failure::for_now(format!("no answer in {} seconds", TRY.as_secs())));
    tokio::time::timeout(TRY, work).await.unwrap_or_else(late)
}

enum Turn {
    Busy,
    Idle,
    Pause(Duration),
}

/// What becomes of a row after a try. `jitter` is any number.
fn settle(result: Result<(), Failure>, before: u32, most: u32, now: DateTime<Utc>, jitter: u64) -> Settled {
    match result {
        Ok(()) => Settled::Delivered,
        Err(failure) if failure.is_final || before + 1 >= most => Settled::Dead { error: failure.message },
        Err(failure) => {
            let asked = failure.after.map(|after| after.min(PATIENCE));
            let wait = back_off(before, jitter).max(asked.unwrap_or_default());
            Settled::Retry { at: now + wait, error: failure.message }
        }
    }
}

/// The wait after a number of failures: between half of a doubling time and the whole.
fn back_off(before: u32, jitter: u64) -> Duration {
    let whole = FIRST.saturating_mul(1 << before.min(20)).min(LONGEST);
    let half = whole / 2;
    half + Duration::from_millis(jitter % (u64::try_from(half.as_millis()).unwrap_or(u64::MAX) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        for (before, least, most) in
            [(0, 2_500, 5_000), (1, 5_000, 10_000), (5, 80_000, 160_000), (40, 1_800_000, 3_600_000)]
        {
            for jitter in [0, 1, 12_345, u64::MAX] {
                let wait = back_off(before, jitter).as_millis();
                assert!((least..=most).contains(&wait), "{before} {jitter}: {wait}");
            }
        }
        assert_ne!(back_off(3, 1), back_off(3, 2));
    }

    #[test]
    fn tries_end() {
        let now = Utc::now();
        let retry = |seconds: i64, error: &str| Settled::Retry {
            at: now + chrono::TimeDelta::seconds(seconds),
            error: error.into(),
        };
        let check = |result, before, expected: Settled| assert_eq!(settle(result, before, 3, now, 2_500), expected);
        let asked = |seconds| Failure { after: Some(Duration::from_secs(seconds)), ..Failure::for_now("busy") };
        check(Ok(()), 0, Settled::Delivered);
        check(Err(Failure::for_now("down")), 0, retry(5, "down"));
        check(Err(Failure::for_now("down")), 2, Settled::Dead { error: "down".into() });
        check(Err(Failure::final_("no")), 0, Settled::Dead { error: "no".into() });
        check(Err(asked(60)), 0, retry(60, "busy"));
        check(Err(asked(1)), 0, retry(5, "busy"));
        check(Err(asked(u64::MAX / 4)), 0, retry(24 * 3600, "busy"));
    }
}
