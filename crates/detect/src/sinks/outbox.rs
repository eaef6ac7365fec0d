//! The outbox: what is still to be delivered. A row is written in the same transaction as the change that it tells of, one
//! for each sink that wants it, so that a change and its notice are kept or lost together. The state's store implements it.

use chrono::{DateTime, Utc};

use super::Notice;

/// The store failed; the text is its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the outbox: {0}")]
pub struct OutboxError(pub String);

/// A notice that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The row's number.
    pub row: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was written.
    pub queued_at: DateTime<Utc>,
    /// What is to be delivered.
    pub notice: Notice,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The receiver has it.
    Delivered,
    /// It failed and is tried again at a time; counts as a try.
    Retry {
        /// When.
        at: DateTime<Utc>,
        /// Why it failed, for people.
        error: String,
    },
    /// It was not tried, and is due at a time.
    Postponed {
        /// When.
        at: DateTime<Utc>,
    },
    /// It is given up until somebody revives it; counts as a try.
    Dead {
        /// Why, for people.
        error: String,
    },
}

/// What a sink's rows come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SinkCounts {
    /// The sink's name.
    pub sink: String,
    /// Rows to be delivered.
    pub pending: u64,
    /// Rows given up.
    pub dead: u64,
    /// When one was delivered last.
    pub last_success: Option<DateTime<Utc>>,
    /// The newest failure's text, if nothing was delivered since.
    pub last_error: Option<String>,
}

/// A notice that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The row's number.
    pub row: i64,
    /// What was to be delivered.
    pub notice: Notice,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it was given up.
    pub error: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Where notices wait. The methods block; the caller keeps them off the threads of the runtime.
pub trait Outbox: Send + Sync {
    /// At most `limit` pending rows of a sink whose time has come, oldest first, and of one alert only the oldest that is
    /// pending: what is told of it later can't overtake what is told first.
    ///
    /// # Errors
    /// The store fails.
    fn due(&self, sink: &str, now: DateTime<Utc>, limit: usize) -> Result<Vec<Queued>, OutboxError>;

    /// Records how a try ended.
    ///
    /// # Errors
    /// The store fails.
    fn settle(&self, row: i64, now: DateTime<Utc>, settled: &Settled) -> Result<(), OutboxError>;

    /// What there is, by sink.
    ///
    /// # Errors
    /// The store fails.
    fn counts(&self) -> Result<Vec<SinkCounts>, OutboxError>;

    /// The newest rows of a sink that were given up.
    ///
    /// # Errors
    /// The store fails.
    fn dead(&self, sink: &str, limit: usize) -> Result<Vec<DeadLetter>, OutboxError>;

    /// Makes rows that were given up due again, with their tries forgotten: those named, else all of the sink.
    /// Returns how many.
    ///
    /// # Errors
    /// The store fails.
    fn revive(&self, sink: &str, rows: Option<&[i64]>, now: DateTime<Utc>) -> Result<u64, OutboxError>;
}
