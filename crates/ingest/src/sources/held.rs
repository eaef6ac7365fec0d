//! The messages in our hands: kept unseen by others while they are worked on, deleted together when their work is durable.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::sqs::Queue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Meter;

/// Messages deleted by one call.
const BATCH: usize = 10;
/// How long a deletion waits for others.
const GATHER: Duration = Duration::from_millis(100);
/// Calls of deletion at the same time.
const CALLS: usize = 8;

/// Messages in our hands.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    queue: Queue,
    visibility: u32,
    receipts: Arc<Mutex<HashMap<u64, Entry>>>,
}

#[derive(Debug)]
struct Entry {
    receipt: String,
    /// When others see it.
    seen: Instant,
}

/// A message that may be deleted.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) number: u64,
    pub(crate) receipt: String,
    pub(crate) _place: OwnedSemaphorePermit,
}

impl Held {
    pub(crate) fn new(queue: Queue, visibility: u32) -> Self {
        Self { queue, visibility, receipts: Arc::default() }
    }

    /// Takes note of a message that was just received.
    pub(crate) fn hold(&self, number: u64, receipt: &str) {
        let seen = Instant::now() + Duration::from_secs(self.visibility.into());
        self.entries().insert(number, Entry { receipt: receipt.to_owned(), seen });
    }

    /// It is no longer in our hands.
    pub(crate) fn release(&self, number: u64) {
        self.entries().remove(&number);
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Entry>> {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prolongs what would be seen soon, until cancelled.
    pub(crate) async fn beat(self, meter: Meter, cancel: CancellationToken) {
        let visibility = Duration::from_secs(self.visibility.into());
        let beat = (visibility / 5).max(Duration::from_millis(500));
        while cancel.run_until_cancelled(tokio::time::sleep(beat)).await.is_some() {
            let soon = Instant::now() + visibility / 2;
            let due: Vec<(u64, String)> = {
                let entries = self.entries();
                let due = entries.iter().filter(|(_, entry)| entry.seen < soon);
                due.map(|(number, entry)| (*number, entry.receipt.clone())).collect()
            };
            for some in due.chunks(BATCH) {
                self.prolong(some, &meter).await;
            }
        }
    }

    async fn prolong(&self, some: &[(u64, String)], meter: &Meter) {
        let receipts: Vec<String> = some.iter().map(|(_, receipt)| receipt.clone()).collect();
        let seen = Instant::now() + Duration::from_secs(self.visibility.into());
        match self.queue.prolong(&receipts, self.visibility).await {
            Ok(failed) => {
                if failed > 0 {
                    tracing::debug!(failed, "messages could not be kept; they come again");
                }
                let mut entries = self.entries();
                for (number, _) in some {
                    if let Some(entry) = entries.get_mut(number) {
                        entry.seen = seen;
                    }
                }
            }
            Err(error) => meter.failed(&error.to_string()),
        }
    }

    /// Deletes messages, ten a call, until there are no more.
    pub(crate) async fn delete(self, mut done: mpsc::Receiver<Done>, meter: Meter) {
        let calls = Arc::new(Semaphore::new(CALLS));
        while let Some(first) = done.recv().await {
            let deadline = Instant::now() + GATHER;
            let mut batch = vec![first];
            while batch.len() < BATCH {
                let Ok(Some(next)) = timeout_at(deadline, done.recv()).await else { break };
                batch.push(next);
            }
            let Ok(call) = calls.clone().acquire_owned().await else { return };
            let (held, meter) = (self.clone(), meter.clone());
            tokio::spawn(async move {
                held.delete_batch(&batch, &meter).await;
                drop(call);
            });
        }
        // The last calls end.
        let _ = calls.acquire_many(u32::try_from(CALLS).unwrap_or(1)).await;
    }

    async fn delete_batch(&self, batch: &[Done], meter: &Meter) {
        let receipts: Vec<String> = batch.iter().map(|done| done.receipt.clone()).collect();
        match self.queue.delete(&receipts).await {
            Ok(0) => {}
            // They come again, and are known then.
            Ok(failed) => tracing::debug!(failed, "messages could not be deleted; they come again"),
            Err(error) => meter.failed(&error.to_string()),
        }
        batch.iter().for_each(|done| self.release(done.number));
    }
}
