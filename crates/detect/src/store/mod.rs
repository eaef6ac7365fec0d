//! What detections remember: alerts with their evidence and life, users' rules and exceptions, the memory of stateful modes,
//! how far schedules have come, and the messages to the outside. In the SQLite file of the server's state, in tables of its
//! own ([`schema`]).
//!
//! Two crates, and two processes (a server, and an ingest beside it), share the file: the journal is a write-ahead log, so
//! readers never wait; every change is one immediate transaction, so that what it read is what it changes; and whoever finds
//! the file locked waits. Functions block: async code calls them on threads that may.
//!
//! The tables are bounded: [`Store::forget`] says what is dropped when.

mod alerts;
mod changes;
mod detail;
mod exceptions;
mod forget;
mod health;
mod known;
mod list;
mod memory;
mod outbox;
mod pending;
mod record;
mod rules;
mod schedule;
mod schema;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

pub use alerts::{Alert, AlertStatus, Verdict};
pub use changes::Change;
pub use detail::{HistoryEntry, Note, NotificationEntry};
pub use exceptions::{ExceptionTest, NewException, StoredException};
pub use forget::Forgotten;
pub(crate) use health::key_of_group;
pub(crate) use known::Known;
pub use list::{Counts, Filter, Order, Page};
pub(crate) use memory::Remembered;
pub use outbox::{Addressing, News, Occasion, Outgoing, SinkHealth, Telling};
pub use record::Recorded;
pub use rules::{RuleActivity, RuleSetting};
pub use schedule::Schedule;

/// Microseconds since the epoch; tests bring their own clock.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refuses; the text is SQLite's.
    #[error("the state database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The file can't be made or protected.
    #[error("the state file {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The tables were written by a newer release.
    #[error(
        "the detections in the state database have version {found}, this program knows up to {known}; use the newer program"
    )]
    TooNew {
        /// Version of the tables.
        found: i64,
        /// Newest version known here.
        known: i64,
    },
    /// There is no such alert.
    #[error("there is no alert `{0}`")]
    NoAlert(String),
    /// An alert can't be opened again beside another of the same key.
    #[error("alert {other} of the same rule and key is not closed; the alert {id} can't be opened beside it")]
    Rival {
        /// The alert that was to be opened.
        id: i64,
        /// The one that is.
        other: i64,
    },
    /// An input is out of range.
    #[error("{0}")]
    Invalid(String),
    /// What is stored can't be read.
    #[error("the state database holds what can't be read: {0}")]
    Damaged(#[from] serde_json::Error),
}

/// Handle of the store; clones share its connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// Held for a whole change.
    write: Mutex<Connection>,
    read: Mutex<Connection>,
    clock: Clock,
    id: String,
    addressing: Mutex<Option<Arc<Addressing>>>,
    changed: watch::Sender<u64>,
}

/// How long a change waits for another process.
const PATIENCE: Duration = Duration::from_secs(60);

impl Store {
    /// Opens the tables in the state file at `path`, made with mode 0600 (its folder 0700) where it is missing.
    ///
    /// # Errors
    /// [`StoreError::File`], [`StoreError::TooNew`], and the database's.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::with_clock(path, Arc::new(|| chrono::Utc::now().timestamp_micros()))
    }

    /// As [`Store::open`], with another source of time.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn with_clock(path: &Path, clock: Clock) -> Result<Self, StoreError> {
        protect(path).map_err(|source| StoreError::File { path: path.display().to_string(), source })?;
        let mut write = connect(path)?;
        schema::migrate(&mut write)?;
        let id = schema::meta(&write, "id")?.unwrap_or_default();
        let inner = Inner {
            write: Mutex::new(write),
            read: Mutex::new(connect(path)?),
            clock,
            id,
            addressing: Mutex::default(),
            changed: watch::Sender::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Says who hears of what becomes of alerts from now on; nobody until then.
    pub fn set_addressing(&self, addressing: Arc<Addressing>) {
        *self.inner.addressing.lock().unwrap_or_else(PoisonError::into_inner) = Some(addressing);
    }

    /// Sees a new value whenever something was written by this process.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }

    /// The name of this state, which is in the commits that it watched.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// The time by this store's clock, microseconds since the epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.inner.clock)()
    }

    /// Makes a change: all of it, or nothing where `work` fails.
    ///
    /// # Errors
    /// What `work` gives, and the database's.
    pub fn change<T, E: From<StoreError>>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        // A panic while the lock was held has rolled its transaction back; the connection is sound.
        let mut db = self.inner.write.lock().unwrap_or_else(PoisonError::into_inner);
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let made = work(&change)?;
        change.commit().map_err(StoreError::from)?;
        drop(db);
        self.inner.changed.send_modify(|count| *count += 1);
        Ok(made)
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        self.inner.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn addressing(&self) -> Option<Arc<Addressing>> {
        self.inner.addressing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let db = Connection::open(path)?;
    db.busy_timeout(PATIENCE)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    // Windows of busy groups are read again with each batch: 32 MiB of pages stay at hand.
    db.pragma_update(None, "cache_size", -32_768)?;
    // Pages that several commits write go into the file once: after 32 MiB of journal, not 4.
    db.pragma_update(None, "wal_autocheckpoint", 8_192)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// 128 bits that stand for a text.
pub(crate) fn digest(text: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    short
}

/// SQLite gives its journal files the mode of the main file, so it is enough to make that one first.
#[cfg(unix)]
fn protect(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn protect(path: &Path) -> std::io::Result<()> {
    match path.parent().filter(|f| !f.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder),
        None => Ok(()),
    }
}
