//! What belongs to one alert: evidence, time line, notes, history, messages.

use rusqlite::{Connection, Row, ToSql, params};

use super::{Store, StoreError};
use crate::finding::Evidence;

/// What somebody wrote. Times are microseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: i64,
    /// Who.
    pub by: String,
    /// The text.
    pub text: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When.
    pub at: i64,
    /// Who.
    pub by: String,
    /// What.
    pub change: String,
}

/// A message to the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationEntry {
    /// The sink.
    pub sink: String,
    /// When it was last tried, or is to be.
    pub at: i64,
    /// `pending`, `delivered` or `dead`.
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// Attempts so far.
    pub attempts: u32,
}

impl Store {
    /// The newest events of an alert, latest first.
    ///
    /// # Errors
    /// The database's, and [`StoreError::Damaged`].
    pub fn evidence(&self, alert: i64, limit: usize) -> Result<Vec<Evidence>, StoreError> {
        evidence_of(&self.reader(), alert, limit)
    }

    /// Events an hour: the hour's number since the epoch and how many.
    ///
    /// # Errors
    /// The database's.
    pub fn hours(&self, alert: i64) -> Result<Vec<(i64, u64)>, StoreError> {
        let sql = "SELECT hour, events FROM detect_timeline WHERE alert = ? ORDER BY hour";
        self.rows(sql, &[&alert], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
    }

    /// Notes, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn notes(&self, alert: i64) -> Result<Vec<Note>, StoreError> {
        let sql = "SELECT at, by, text FROM detect_notes WHERE alert = ? ORDER BY id";
        self.rows(sql, &[&alert], |row| Ok(Note { at: row.get(0)?, by: row.get(1)?, text: row.get(2)? }))
    }

    /// What was done, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn history(&self, alert: i64) -> Result<Vec<HistoryEntry>, StoreError> {
        let sql = "SELECT at, by, change FROM detect_history WHERE alert = ? ORDER BY id";
        self.rows(sql, &[&alert], |row| Ok(HistoryEntry { at: row.get(0)?, by: row.get(1)?, change: row.get(2)? }))
    }

    /// Messages to the outside, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn notifications(&self, alert: i64) -> Result<Vec<NotificationEntry>, StoreError> {
        let sql = "SELECT sink, coalesce(tried_at, next_at), state, error, attempts FROM detect_outbox WHERE alert = ? \
                   ORDER BY id";
        self.rows(sql, &[&alert], |row| {
            Ok(NotificationEntry {
                sink: row.get(0)?,
                at: row.get(1)?,
                state: row.get(2)?,
                error: row.get(3)?,
                attempts: row.get(4)?,
            })
        })
    }

    pub(super) fn rows<T>(
        &self,
        sql: &str,
        values: &[&dyn ToSql],
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let db = self.reader();
        let mut statement = db.prepare_cached(sql)?;
        let rows = statement.query_map(values, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The newest events of an alert, latest first.
pub(super) fn evidence_of(db: &Connection, alert: i64, limit: usize) -> Result<Vec<Evidence>, StoreError> {
    let sql = "SELECT facts FROM detect_evidence WHERE alert = ?1 ORDER BY event_time DESC, event_id DESC LIMIT ?2";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![alert, limit as i64], |row| row.get::<_, String>(0))?;
    rows.map(|facts| Ok(serde_json::from_str(&facts?)?)).collect()
}
