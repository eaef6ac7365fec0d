//! How many queries run at a time. The rest waits its turn, a bounded number for a bounded time; more are told to come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::QueryLimits;
use crate::error::ApiError;

pub(crate) struct Queue {
    slots: Arc<Semaphore>,
    size: usize,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
    wait: Duration,
}

/// Counts one waiting query for as long as it lives: the client may leave at any await.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Queue {
    pub(crate) fn new(limits: &QueryLimits) -> Self {
        let size = limits.concurrent.max(1);
        Self {
            slots: Arc::new(Semaphore::new(size)),
            size,
            waiting: Arc::default(),
            most_waiting: limits.waiting,
            wait: limits.wait,
        }
    }

    /// A slot; it is free again when the permit is dropped.
    pub(crate) async fn enter(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        if let Ok(permit) = self.slots.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let before = self.waiting.fetch_add(1, Ordering::SeqCst);
        let waiting = Waiting(self.waiting.clone());
        if before >= self.most_waiting {
            return Err(busy());
        }
        let permit = tokio::time::timeout(self.wait, self.slots.clone().acquire_owned()).await;
        drop(waiting);
        match permit {
            Ok(permit) => permit.map_err(ApiError::internal),
            Err(_) => Err(busy()),
        }
    }

    pub(crate) fn running(&self) -> usize {
        self.size - self.slots.available_permits()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }
}

fn busy() -> ApiError {
    ApiError::too_many("busy", "too many queries are running; try again in a moment", 5)
}
