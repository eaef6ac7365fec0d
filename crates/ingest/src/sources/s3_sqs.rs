//! Objects of buckets as a queue tells of them: received, read, committed, and only then deleted from the queue.
//!
//! What can't be taken stays in the queue, later each time, until the queue's own policy moves it to its dead letters; others
//! go on meanwhile. A message that comes twice costs a look into the ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use aws::s3::Objects;
use aws::sqs::{Message, Queue};
use aws::{AwsError, Session};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::fetch::{Fetcher, Trouble};
use super::held::{Done, Held};
use super::notice::{self, Named, Notice};
use super::tables::{Part, Tables};
use super::{KeyFilter, Meter};
use crate::intake::Intake;

/// Messages that one call receives.
const RECEIVED: u32 = 10;
/// Objects of one message at the same time.
const OF_A_MESSAGE: usize = 16;
/// How often the queue is asked how full it is.
const LOOK: Duration = Duration::from_secs(60);
/// The longest wait for what failed.
const LONGEST: u32 = 900;
/// How long the end waits for what is in our hands.
const ENDING: Duration = Duration::from_secs(20);

/// How a queue is read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address of the queue.
    pub queue_url: String,
    /// Address of its dead letters; where it is not set, the queue's own policy tells.
    pub dead_letter_url: Option<String>,
    /// Seconds that a message stays unseen by others, prolonged while it is worked on.
    pub visibility: u32,
    /// Seconds after which what failed is tried again; doubled each time.
    pub retry: u32,
    /// Messages being worked on.
    pub in_flight: u32,
    /// Calls that wait for messages at the same time.
    pub receivers: usize,
    /// Objects fetched at the same time.
    pub fetches: usize,
    /// The requester pays for the objects.
    pub requester_pays: bool,
    /// Which objects are taken.
    pub filter: KeyFilter,
    /// The objects are files of Iceberg tables, as Security Lake has them.
    pub tables: bool,
    /// End when the queue is empty.
    pub drain: bool,
}

impl Settings {
    /// The usual, for a queue.
    #[must_use]
    pub fn new(queue_url: &str) -> Self {
        Self {
            queue_url: queue_url.into(),
            dead_letter_url: None,
            visibility: 300,
            retry: 30,
            in_flight: 4000,
            receivers: 4,
            fetches: 32,
            requester_pays: false,
            filter: KeyFilter::default(),
            tables: false,
            drain: false,
        }
    }
}

/// A queue being read.
#[derive(Debug)]
struct Work {
    settings: Settings,
    queue: Queue,
    held: Held,
    fetcher: Fetcher,
    tables: Option<Tables>,
    places: Arc<Semaphore>,
    numbers: AtomicU64,
    /// Receptions after which the queue gives a message up; 0: it does not.
    most_receives: AtomicU32,
    done: mpsc::Sender<Done>,
    cancel: CancellationToken,
}

/// Reads a queue until cancelled, or until it is empty where that was asked for.
///
/// # Errors
/// [`AwsError::Settings`] where the queue's address is none. What happens later is on the meter.
pub async fn run(
    settings: Settings,
    session: &Session,
    intake: Intake,
    meter: Meter,
    cancel: CancellationToken,
) -> Result<(), AwsError> {
    let queue = Queue::open(session, &settings.queue_url)?;
    let objects = Objects::new(queue.session(), settings.requester_pays);
    let held = Held::new(queue.clone(), settings.visibility);
    let (done, deleted) = mpsc::channel(1000);
    let work = Arc::new(Work {
        held: held.clone(),
        tables: settings.tables.then(|| Tables::new(objects.clone())),
        fetcher: Fetcher::new(objects, intake, meter.clone(), settings.fetches),
        places: Arc::new(Semaphore::new(settings.in_flight.max(RECEIVED) as usize)),
        numbers: AtomicU64::new(0),
        most_receives: AtomicU32::new(0),
        done,
        cancel: cancel.clone(),
        queue,
        settings,
    });
    // Known before the first message is left in the queue, or it would be counted as given up.
    if let Some(Ok(found)) = work.cancel.run_until_cancelled(work.queue.attributes()).await {
        work.most_receives.store(found.max_receives.unwrap_or(0), Ordering::Relaxed);
    }
    let stop = CancellationToken::new();
    let beat = tokio::spawn(held.clone().beat(meter.clone(), stop.clone()));
    let deleter = tokio::spawn(held.delete(deleted, meter.clone()));
    let look = tokio::spawn(look(work.clone(), session.clone(), meter, stop.clone()));
    let receivers: Vec<_> = (0..work.settings.receivers.max(1)).map(|_| tokio::spawn(receive(work.clone()))).collect();
    futures::future::join_all(receivers).await;
    let all = work.places.clone();
    let count = work.settings.in_flight.max(RECEIVED);
    if tokio::time::timeout(ENDING, all.acquire_many(count)).await.is_err() {
        tracing::info!(queue = work.settings.queue_url, "messages in work are left; they come again");
    }
    stop.cancel();
    drop(work);
    let _ = futures::join!(beat, look);
    let _ = tokio::time::timeout(ENDING, deleter).await;
    Ok(())
}

async fn receive(work: Arc<Work>) {
    let mut failures = 0;
    while !work.cancel.is_cancelled() {
        let Ok(mut places) = work.places.clone().acquire_many_owned(RECEIVED).await else { return };
        let wait = if work.settings.drain { 1 } else { 20 };
        let asked = work.queue.receive(wait, work.settings.visibility);
        let Some(answer) = work.cancel.run_until_cancelled(asked).await else { return };
        match answer {
            Ok(messages) => {
                failures = 0;
                work.fetcher.meter.well(messages.is_empty());
                let empty = messages.is_empty();
                for message in messages {
                    let number = work.numbers.fetch_add(1, Ordering::Relaxed);
                    work.held.hold(number, &message.receipt);
                    let Some(place) = places.split(1) else { break };
                    tokio::spawn(handle(work.clone(), number, message, place));
                }
                drop(places);
                if empty && work.settings.drain && is_drained(&work).await {
                    return;
                }
            }
            Err(error) => {
                drop(places);
                work.fetcher.meter.failed(&error.to_string());
                failures += 1;
                let wait = Duration::from_secs(1 << u32::min(failures, 5));
                tracing::warn!(queue = work.settings.queue_url, %error, wait_s = wait.as_secs(), "the queue can't be read");
                work.cancel.run_until_cancelled(tokio::time::sleep(wait)).await;
            }
        }
    }
}

/// Nothing waits, and nothing is in work.
async fn is_drained(work: &Work) -> bool {
    let most = work.settings.in_flight.max(RECEIVED) as usize;
    if work.places.available_permits() + (RECEIVED as usize) * work.settings.receivers < most {
        return false;
    }
    work.queue.attributes().await.is_ok_and(|found| found.visible == 0)
}

async fn handle(work: Arc<Work>, number: u64, message: Message, place: OwnedSemaphorePermit) {
    match taken(&work, &message).await {
        Ok(()) => {
            let done = Done { number, receipt: message.receipt, _place: place };
            // Nobody deletes after the end: the message comes again.
            let _ = work.done.send(done).await;
        }
        Err(trouble) => {
            work.held.release(number);
            work.left(&message, &trouble);
            let wait = work.settings.retry.saturating_mul(1 << (message.received.clamp(1, 16) - 1)).min(LONGEST);
            if let Err(error) = work.queue.prolong(&[message.receipt], wait).await {
                tracing::debug!(%error, "a message comes again when it is due");
            }
        }
    }
}

/// Takes everything that a message tells of.
async fn taken(work: &Work, message: &Message) -> Result<(), Trouble> {
    let meter = &work.fetcher.meter;
    let objects = match notice::read(&message.body) {
        Ok(Notice::Test) => {
            meter.passed_over("test", 1);
            return Ok(());
        }
        Ok(Notice::Objects { made, others }) => {
            if others > 0 {
                meter.passed_over("other-event", others);
            }
            made
        }
        Err(reason) => return Err(Trouble::lasting("unreadable-message", format!("message {}: {reason}", message.id))),
    };
    let delivered = DateTime::<Utc>::from_timestamp_millis(message.sent);
    let (wanted, other): (Vec<_>, Vec<_>) =
        objects.into_iter().partition(|named| work.settings.filter.wants(&named.key));
    if !other.is_empty() {
        meter.passed_over("filtered", other.len() as u64);
    }
    let brought: Vec<_> = wanted.iter().map(|named| work.object(named, message, delivered)).collect();
    let results: Vec<_> = futures::stream::iter(brought).buffer_unordered(OF_A_MESSAGE).collect().await;
    // All were tried: one that is bad does not keep the others out.
    results.into_iter().find_map(Result::err).map_or(Ok(()), Err)
}

impl Work {
    async fn object(&self, named: &Named, message: &Message, delivered: Option<DateTime<Utc>>) -> Result<(), Trouble> {
        if let Some(tables) = &self.tables {
            match tables.part(named).await? {
                Part::Rows => {}
                Part::None(reason) => {
                    self.fetcher.meter.passed_over(reason, 1);
                    return Ok(());
                }
                // It is left in the queue: a commit may name it soon. One that never comes ends in the dead letters.
                Part::Unnamed => {
                    let message = format!("message {}: no snapshot names {} yet", message.id, named.address());
                    return Err(Trouble::lasting("not-in-table", message));
                }
            }
        }
        self.fetcher.bring(named, delivered).await
    }

    /// Counts what stays in the queue: as rejected when the queue gives it up.
    fn left(&self, message: &Message, trouble: &Trouble) {
        let most = self.most_receives.load(Ordering::Relaxed);
        let last = if most > 0 { message.received >= most } else { message.received <= 1 };
        let meter = &self.fetcher.meter;
        if trouble.passing {
            meter.failed(&trouble.message);
        } else {
            meter.noted(&trouble.message);
            if last {
                meter.rejected(&trouble.reason);
            }
        }
        tracing::warn!(
            message = message.id,
            received = message.received,
            reason = trouble.reason,
            "left in the queue: {}",
            trouble.message
        );
    }
}

/// Asks from time to time how full the queue and its dead letters are.
async fn look(work: Arc<Work>, session: Session, meter: Meter, stop: CancellationToken) {
    let mut dead: Option<Queue> = None;
    loop {
        match work.queue.attributes().await {
            Ok(found) => {
                work.most_receives.store(found.max_receives.unwrap_or(0), Ordering::Relaxed);
                if dead.is_none() {
                    dead = dead_letters(&work.settings, &session, found.dead_letter.as_deref()).await;
                }
                let depth = match &dead {
                    Some(queue) => queue.attributes().await.ok().map(|dead| dead.visible),
                    None => None,
                };
                meter.queue(found.visible, depth);
            }
            Err(error) => tracing::debug!(%error, "the queue does not say how full it is"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
            return;
        }
    }
}

async fn dead_letters(settings: &Settings, session: &Session, arn: Option<&str>) -> Option<Queue> {
    let found = match (&settings.dead_letter_url, arn) {
        (Some(url), _) => Queue::open(session, url),
        (None, Some(arn)) => Queue::by_arn(session, arn).await,
        (None, None) => {
            tracing::warn!(
                queue = settings.queue_url,
                "the queue has no dead-letter queue: what can't be read comes again until it is too old"
            );
            return None;
        }
    };
    found.inspect_err(|error| tracing::debug!(%error, "the dead letters can't be counted")).ok()
}
