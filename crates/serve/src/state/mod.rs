//! What the server itself remembers: users, sessions, API tokens, saved searches and the audit log, in one SQLite file that nobody but its
//! owner may read. Logs are never here. Passwords are kept as argon2id hashes, sessions and tokens as SHA-256 of 32 random
//! bytes, so that the file gives nobody a way in. The functions block; the server calls them through [`State::call`].

mod audit;
mod searches;
mod secret;
mod sessions;
mod tokens;
mod users;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

pub use audit::{Action, AuditEntry};
pub(crate) use searches::Asker;
pub use searches::{SavedSearch, SearchText};
pub use sessions::{SessionPolicy, SignedIn};
pub(crate) use tokens::Maker;
pub use tokens::{NewToken, TokenInfo};
pub use users::{User, UserRef};

pub(crate) use secret::{csrf_for, same};

/// Where "now" comes from; tests bring their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What can go wrong with the server's own state.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
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
    /// The file was written by a newer release.
    #[error("the state database has version {found}, this program knows up to {known}; use the newer program")]
    TooNew {
        /// Version of the file.
        found: i64,
        /// Newest version known here.
        known: i64,
    },
    /// The name is in use.
    #[error("there is a user `{0}` already")]
    NameTaken(String),
    /// Nobody has that name.
    #[error("there is no user `{0}`")]
    NoSuchUser(String),
    /// The name can't be a user's.
    #[error("a user name has 1 to 64 characters, no control characters and no space at either end")]
    BadName,
    /// The password is too short or too long.
    #[error("a password has {min} to {max} characters")]
    BadPassword {
        /// Fewest characters.
        min: usize,
        /// Most bytes.
        max: usize,
    },
    /// The name can't be a token's.
    #[error("a token's name has 1 to 100 characters and no control characters")]
    BadTokenName,
    /// The life asked for a token is out of range.
    #[error("a token expires after 1 to 3650 days")]
    BadExpiry,
    /// The name can't be a search's.
    #[error("a saved search's name has 1 to 100 characters, no control characters and no space at either end")]
    BadSearchName,
    /// The owner has another search of that name.
    #[error("there is a saved search `{0}` already")]
    SearchNameTaken(String),
    /// There is none of that id, or it is somebody else's own.
    #[error("there is no such saved search")]
    NoSuchSearch,
    /// It is shared, but another's.
    #[error("the saved search belongs to somebody else; save a copy of your own")]
    NotYourSearch,
    /// One owner has as many as may be.
    #[error("there are {0} saved searches already, which is the most; delete some")]
    TooManySearches(i64),
    /// A password could not be hashed.
    #[error("hashing: {0}")]
    Hash(String),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Random(String),
    /// The thread that did the work died.
    #[error("the state thread ended: {0}")]
    Thread(String),
}

/// Handle of the state database; clones share one connection.
#[derive(Clone)]
pub struct State {
    db: Arc<Mutex<Connection>>,
    clock: Clock,
}

impl State {
    /// Opens the database at `path`, made with mode 0600 (its folder 0700) where it is missing, and brings its tables up to date.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        Self::with_clock(path, Arc::new(Utc::now))
    }

    /// As [`State::open`], with another source of time.
    pub fn with_clock(path: &Path, clock: Clock) -> Result<Self, StateError> {
        protect(path).map_err(|source| StateError::File { path: path.display().to_string(), source })?;
        let mut db = Connection::open(path)?;
        // Detections write to the same file, a commit's findings at a time.
        db.busy_timeout(Duration::from_secs(30))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", true)?;
        migrate(&mut db)?;
        let state = Self { db: Arc::new(Mutex::new(db)), clock };
        state.forget_old()?;
        Ok(state)
    }

    /// The time by this state's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Runs `work` on a thread that may block.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let state = self.clone();
        tokio::task::spawn_blocking(move || work(&state)).await.map_err(|e| StateError::Thread(e.to_string()))?
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held has rolled its transaction back; the connection is sound.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seconds(&self) -> i64 {
        self.now().timestamp()
    }
}

/// Each step is run once, in order; `user_version` counts them. Times are seconds since the epoch.
const MIGRATIONS: &[&str] = &["
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions (
  hash BLOB PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, address TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions(user_id);
CREATE TABLE tokens (
  id TEXT PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE CASCADE, name TEXT NOT NULL, hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL, expires_at INTEGER, used_at INTEGER
) STRICT;
CREATE INDEX tokens_user ON tokens(user_id);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, address TEXT NOT NULL,
  action TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit(at);
", "
CREATE TABLE searches (
  id TEXT PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE SET NULL, name TEXT NOT NULL, lang TEXT NOT NULL,
  query TEXT NOT NULL, since TEXT, until TEXT, filters TEXT NOT NULL, shared INTEGER NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX searches_user ON searches(user_id, name);
"];

fn migrate(db: &mut Connection) -> Result<(), StateError> {
    let known = MIGRATIONS.len() as i64;
    let step = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = step.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StateError::TooNew { found, known });
    }
    for sql in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        step.execute_batch(sql)?;
    }
    step.pragma_update(None, "user_version", known)?;
    step.commit()?;
    Ok(())
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

#[cfg(test)]
mod tests;
