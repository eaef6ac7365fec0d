//! What is asked about logs on their way in, of a running server: how the sources fare, what is in quarantine, what is proven.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use lake::Lake;
use tokio::sync::Mutex;

use crate::inlet::EnricherNow;
use crate::replay::{Listing, Replay, ReplayReport, Which, list};
use crate::sources::{Health, Registry, SourceStatus, State};
use crate::verify::{Keys, Trail, Verification, hours, verify_lake};
use crate::{IngestError, Options};

/// Bytes of a piece that a list shows.
const EXCERPT: usize = 1024;

/// Answers what is asked. Clones share one turn for replays.
#[derive(Clone)]
pub struct Custody {
    lake: Lake,
    enricher: EnricherNow,
    options: Options,
    registry: Registry,
    keys: Arc<RwLock<Arc<Keys>>>,
    turn: Arc<Mutex<()>>,
}

/// The sources whose state is another than it was.
fn changes(known: &mut HashMap<String, State>, now: Vec<SourceStatus>) -> Vec<SourceStatus> {
    now.into_iter()
        .filter(|source| known.insert(source.name.clone(), source.state).unwrap_or_default() != source.state)
        .collect()
}

impl Custody {
    /// For a server over `lake`. Of `options`, the rules, the clock, and how buckets are reached matter; `keys` prove digests.
    #[must_use]
    pub fn new(lake: Lake, enricher: EnricherNow, options: Options, registry: Registry, keys: Keys) -> Self {
        Self { lake, enricher, options, registry, keys: Arc::new(RwLock::new(Arc::new(keys))), turn: Arc::default() }
    }

    /// How the sources fare.
    #[must_use]
    pub fn sources(&self) -> Vec<SourceStatus> {
        self.registry.statuses()
    }

    /// Logs every change of a source's state, looking each `every`; does not end.
    pub async fn tell(self, every: Duration) {
        let mut known: HashMap<String, State> = HashMap::new();
        loop {
            for change in changes(&mut known, self.sources()) {
                match change.state {
                    State::Ok | State::Off => tracing::info!(source = change.name, state = ?change.state, "source"),
                    State::Behind | State::Silent | State::Failing => tracing::warn!(
                        source = change.name, state = ?change.state, lag_seconds = change.lag_seconds,
                        error = change.last_error, "a source is not as it should be"
                    ),
                }
            }
            tokio::time::sleep(every).await;
        }
    }

    /// What is in quarantine, newest first.
    ///
    /// # Errors
    /// [`IngestError::Lake`] where the lake can't be read.
    pub async fn quarantine(&self, which: &Which, limit: usize) -> Result<Listing, IngestError> {
        list(&self.lake, which, limit, EXCERPT).await
    }

    /// Decodes pieces again; one replay at a time.
    ///
    /// # Errors
    /// [`IngestError`] where the lake fails.
    pub async fn replay(&self, which: &Which) -> Result<ReplayReport, IngestError> {
        let _turn = self.turn.lock().await;
        Replay::new(self.lake.clone(), (self.enricher)(), self.options.clone()).run(which).await
    }

    /// What is proven, by trail and hour, from `since` until `until`: microseconds since 1970-01-01 (UTC).
    ///
    /// # Errors
    /// [`IngestError::Lake`] where the lake can't be read.
    pub async fn integrity(&self, since: Option<i64>, until: Option<i64>) -> Result<Vec<Trail>, IngestError> {
        Ok(hours(&self.verify().await?, since, until))
    }

    /// What the digests prove of everything that was taken in.
    ///
    /// # Errors
    /// [`IngestError::Lake`] where the lake can't be read.
    pub async fn verify(&self) -> Result<Verification, IngestError> {
        verify_lake(&self.lake, &self.keys(), (self.options.clock)()).await
    }

    /// The keys that prove digests.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Further keys.
    pub fn add_keys(&self, more: Keys) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let mut all = Keys::clone(&keys);
        all.extend(more);
        *keys = Arc::new(all);
    }

    /// What the sources suffer from.
    #[must_use]
    pub fn health(&self) -> Vec<(SourceStatus, Health)> {
        self.registry.health()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_told() {
        let mut known = HashMap::new();
        let mut look = |state: State| {
            let source = SourceStatus { name: "a".into(), state, ..SourceStatus::default() };
            changes(&mut known, vec![source]).len()
        };
        assert_eq!(
            [State::Ok, State::Failing, State::Failing, State::Ok, State::Silent].map(&mut look),
            [0, 1, 0, 1, 1]
        );
    }
}
