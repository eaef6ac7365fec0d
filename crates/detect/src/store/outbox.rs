//! Messages that wait to be delivered. They are written with the alert, in one transaction, and taken out when the sink has
//! said that it has them: an end at any moment loses none.

use rusqlite::{OptionalExtension, Transaction, params};

use super::alerts::{Alert, COLUMNS, alert};
use super::detail::evidence_of;
use super::{Store, StoreError};
use crate::finding::Evidence;

/// Evidence that a message carries.
const CARRIED: usize = 20;

/// What became of an alert that others may want to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// It is new.
    Opened,
    /// More events have joined it after its rule's cool-down.
    More,
    /// Somebody has taken it.
    Acknowledged,
    /// It is done with.
    Closed,
    /// It is open again.
    Reopened,
}

impl Occasion {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::More => "more",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
        }
    }
}

/// Whether messages go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// To whoever wants to hear.
    Sinks,
    /// Alerts are opened in silence: of what had happened before anybody watched.
    Nobody,
}

/// What there is to tell.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// What became of the alert.
    pub occasion: Occasion,
    /// The alert as it is now.
    pub alert: &'a Alert,
    /// Its newest events.
    pub evidence: &'a [Evidence],
    /// When, microseconds since the epoch.
    pub at: i64,
}

/// Who hears of some news: the name of each sink with the text that it gets, which is stored until it is delivered.
pub type Addressing = dyn Fn(&News<'_>) -> Vec<(String, String)> + Send + Sync;

/// Writes the messages about an alert within the change that they are about; says how many.
pub(super) fn tell(
    change: &Transaction<'_>,
    id: i64,
    occasion: Occasion,
    addressing: &Addressing,
    now: i64,
) -> Result<u64, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM detect_alerts WHERE id = ?");
    let alert = change.prepare_cached(&sql)?.query_row([id], alert)?;
    let evidence = evidence_of(change, id, CARRIED)?;
    let messages = addressing(&News { occasion, alert: &alert, evidence: &evidence, at: now });
    let mut insert = change.prepare_cached(
        "INSERT INTO detect_outbox (alert, sink, occasion, created_at, next_at, notice) VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
    )?;
    for (sink, notice) in &messages {
        insert.execute(params![id, sink, occasion.as_str(), now, notice])?;
    }
    Ok(messages.len() as u64)
}

/// A message to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number; it stays the same however often it is tried, so that a receiver can tell a repetition.
    pub id: i64,
    /// The sink.
    pub sink: String,
    /// [`Occasion::as_str`].
    pub occasion: String,
    /// When it was written, microseconds since the epoch.
    pub created_at: i64,
    /// Attempts so far.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// When it was last tried.
    pub tried_at: Option<i64>,
    /// The alert's number.
    pub alert: i64,
    /// The text as it was addressed.
    pub notice: String,
}

/// How a sink does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SinkHealth {
    /// Messages that wait.
    pub pending: u64,
    /// Messages that were given up.
    pub dead: u64,
    /// When a message was last delivered, microseconds since the epoch.
    pub last_success: Option<i64>,
    /// Why the last attempt that failed did, of those not delivered since.
    pub last_error: Option<String>,
}

impl Store {
    /// Messages of a sink that are due at `now`, those that wait longest first; of one alert and sink only the oldest, so that none
    /// overtakes another.
    ///
    /// # Errors
    /// The database's.
    pub fn due(&self, sink: &str, now: i64, limit: u32) -> Result<Vec<Outgoing>, StoreError> {
        let oldest = "NOT EXISTS (SELECT 1 FROM detect_outbox p WHERE p.alert = o.alert AND p.sink = o.sink AND p.id < o.id \
                      AND p.state = 'pending')";
        let wanted =
            format!("state = 'pending' AND sink = ?1 AND next_at <= ?2 AND {oldest} ORDER BY next_at, id LIMIT ?3");
        self.outgoing(&wanted, &[&sink, &now, &limit])
    }

    /// When the next message is due, microseconds since the epoch; none where none waits.
    ///
    /// # Errors
    /// The database's.
    pub fn next_due(&self) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT min(next_at) FROM detect_outbox WHERE state = 'pending'";
        Ok(self.reader().query_row(sql, [], |row| row.get(0))?)
    }

    /// The messages of a sink that were given up, newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn dead(&self, sink: &str, limit: u32) -> Result<Vec<Outgoing>, StoreError> {
        self.outgoing("state = 'dead' AND sink = ?1 ORDER BY id DESC LIMIT ?2", &[&sink, &limit])
    }

    /// A message has arrived.
    ///
    /// # Errors
    /// The database's.
    pub fn delivered(&self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE detect_outbox SET state = 'delivered', attempts = attempts + 1, tried_at = ?2, error = NULL \
                   WHERE id = ?1";
        self.update(sql, params![id, self.now()])
    }

    /// An attempt failed. The next one is at `next_at`; none: the message is given up.
    ///
    /// # Errors
    /// The database's.
    pub fn failed(&self, id: i64, error: &str, next_at: Option<i64>) -> Result<(), StoreError> {
        let sql = "UPDATE detect_outbox SET attempts = attempts + 1, tried_at = ?2, error = ?3, \
                   state = CASE WHEN ?4 IS NULL THEN 'dead' ELSE 'pending' END, next_at = coalesce(?4, next_at) WHERE id = ?1";
        let error: String = error.chars().take(1000).collect();
        self.update(sql, params![id, self.now(), error, next_at])
    }

    /// A message is put off without an attempt.
    ///
    /// # Errors
    /// The database's.
    pub fn held(&self, id: i64, until: i64) -> Result<(), StoreError> {
        self.update("UPDATE detect_outbox SET next_at = ?2 WHERE id = ?1", params![id, until])
    }

    /// Tries messages of a sink that were given up once more, those named or all; says how many.
    ///
    /// # Errors
    /// The database's.
    pub fn retry_dead(&self, sink: &str, ids: Option<&[i64]>) -> Result<u64, StoreError> {
        let now = self.now();
        self.change(|change| {
            let sql = "UPDATE detect_outbox SET state = 'pending', attempts = 0, next_at = ?1 \
                       WHERE sink = ?2 AND state = 'dead' AND (?3 IS NULL OR id = ?3)";
            let mut again = change.prepare_cached(sql)?;
            let mut revived = 0;
            match ids {
                None => revived += again.execute(params![now, sink, None::<i64>])?,
                Some(ids) => {
                    for id in ids {
                        revived += again.execute(params![now, sink, id])?;
                    }
                }
            }
            Ok(revived as u64)
        })
    }

    /// The sinks that have messages, delivered ones too.
    ///
    /// # Errors
    /// The database's.
    pub fn sinks(&self) -> Result<Vec<String>, StoreError> {
        self.rows("SELECT DISTINCT sink FROM detect_outbox ORDER BY sink", &[], |row| row.get(0))
    }

    /// How a sink does.
    ///
    /// # Errors
    /// The database's.
    pub fn sink_health(&self, sink: &str) -> Result<SinkHealth, StoreError> {
        let db = self.reader();
        let mut health = SinkHealth::default();
        let mut counts = db
            .prepare_cached("SELECT state, count(*), max(tried_at) FROM detect_outbox WHERE sink = ? GROUP BY state")?;
        let mut rows = counts.query([sink])?;
        while let Some(row) = rows.next()? {
            let number = row.get::<_, i64>(1)?.unsigned_abs();
            match row.get::<_, String>(0)?.as_str() {
                "pending" => health.pending = number,
                "dead" => health.dead = number,
                _ => health.last_success = row.get(2)?,
            }
        }
        let sql = "SELECT error FROM detect_outbox WHERE sink = ? AND error IS NOT NULL AND tried_at >= ? ORDER BY tried_at DESC LIMIT 1";
        let since = health.last_success.unwrap_or(i64::MIN);
        health.last_error = db.prepare_cached(sql)?.query_row(params![sink, since], |row| row.get(0)).optional()?;
        Ok(health)
    }

    fn update(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        self.change(|change| {
            change.prepare_cached(sql)?.execute(values)?;
            Ok(())
        })
    }

    fn outgoing(&self, wanted: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Outgoing>, StoreError> {
        let sql = format!(
            "SELECT id, sink, occasion, created_at, attempts, error, alert, notice, tried_at FROM detect_outbox o WHERE {wanted}"
        );
        self.rows(&sql, values, |row| {
            Ok(Outgoing {
                id: row.get(0)?,
                sink: row.get(1)?,
                occasion: row.get(2)?,
                created_at: row.get(3)?,
                attempts: row.get(4)?,
                error: row.get(5)?,
                alert: row.get(6)?,
                notice: row.get(7)?,
                tried_at: row.get(8)?,
            })
        })
    }
}
