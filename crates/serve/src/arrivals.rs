//! Waiting for what comes in: one task looks at the lake's versions for all who wait, and only while anybody does.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::{Mark, QueryError};
use tokio::sync::watch;

use crate::backend::Backend;

/// How often the lake is looked at.
const EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Arrivals {
    backend: Arc<dyn Backend>,
    latest: watch::Sender<Mark>,
    /// Whether the task runs.
    looking: Mutex<bool>,
}

impl Arrivals {
    pub(crate) fn new(backend: Arc<dyn Backend>) -> Arc<Self> {
        Arc::new(Self { backend, latest: watch::Sender::default(), looking: Mutex::default() })
    }

    /// The lake as it is now, and what tells of each later state. It holds no state older than that, though it may first hold
    /// none.
    pub(crate) async fn follow(self: &Arc<Self>) -> Result<(Mark, watch::Receiver<Mark>), QueryError> {
        let receiver = self.latest.subscribe();
        let mark = self.backend.mark().await?;
        let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        if !*looking {
            *looking = true;
            tokio::spawn(self.clone().look());
        }
        Ok((mark, receiver))
    }

    async fn look(self: Arc<Self>) {
        while self.wanted() {
            match self.backend.mark().await {
                Ok(mark) => {
                    self.latest.send_if_modified(|latest| {
                        let news = latest.versions != mark.versions;
                        *latest = mark;
                        news
                    });
                }
                Err(error) => tracing::warn!(%error, "the lake does not say what came in; tried again"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Whether anybody waits; the task ends where nobody does, and the next one who does starts another.
    fn wanted(&self) -> bool {
        let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        *looking = self.latest.receiver_count() > 0;
        *looking
    }
}
