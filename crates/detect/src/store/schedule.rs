//! How far each scheduled rule has come, so that a restart neither skips rows nor takes them twice.

use std::collections::BTreeMap;

use engine::Mark;
use rusqlite::{OptionalExtension, Transaction, params};

use super::{Store, StoreError};

/// Where a scheduled rule stands. Times are microseconds since the epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Where its last runs ended, oldest first; the oldest is where a window that reaches back begins.
    pub marks: Vec<Mark>,
    /// When it is due.
    pub next_at: i64,
    /// Runs that failed one after the other.
    pub failures: u32,
    /// Why the last run failed.
    pub error: Option<String>,
    /// When it last ran without an error.
    pub ran_at: Option<i64>,
}

impl Store {
    /// Where the scheduled rules stand, by id.
    ///
    /// # Errors
    /// The database's, and [`StoreError::Damaged`].
    pub fn schedules(&self) -> Result<BTreeMap<String, Schedule>, StoreError> {
        let sql = "SELECT rule, marks, next_at, failures, error, ran_at FROM detect_schedule";
        let rows = self.rows(sql, &[], |row| {
            let schedule = Schedule {
                marks: Vec::new(),
                next_at: row.get(2)?,
                failures: row.get(3)?,
                error: row.get(4)?,
                ran_at: row.get(5)?,
            };
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, schedule))
        })?;
        let read = |(rule, marks, schedule): (String, String, Schedule)| {
            Ok((rule, Schedule { marks: serde_json::from_str(&marks)?, ..schedule }))
        };
        rows.into_iter().map(read).collect()
    }

    /// Writes where a scheduled rule stands.
    ///
    /// # Errors
    /// The database's.
    pub fn set_schedule(&self, change: &Transaction<'_>, rule: &str, schedule: &Schedule) -> Result<(), StoreError> {
        let marks = serde_json::to_string(&schedule.marks)?;
        let Schedule { next_at, failures, error, ran_at, .. } = schedule;
        change.execute(
            "INSERT OR REPLACE INTO detect_schedule (rule, marks, next_at, failures, error, ran_at) VALUES (?, ?, ?, ?, ?, ?)",
            params![rule, marks, next_at, failures, error, ran_at],
        )?;
        Ok(())
    }

    /// Up to where the lake of an address was watched; none where it never was.
    ///
    /// # Errors
    /// The database's, and [`StoreError::Damaged`].
    pub fn mark(&self, lake: &str) -> Result<Option<Mark>, StoreError> {
        let found: Option<String> = self
            .reader()
            .query_row("SELECT mark FROM detect_marks WHERE lake = ?", [lake], |row| row.get(0))
            .optional()?;
        Ok(found.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// Writes up to where a lake was watched.
    ///
    /// # Errors
    /// The database's.
    pub fn set_mark(&self, change: &Transaction<'_>, lake: &str, mark: &Mark) -> Result<(), StoreError> {
        let text = serde_json::to_string(mark)?;
        change.execute("INSERT OR REPLACE INTO detect_marks (lake, mark) VALUES (?, ?)", params![lake, text])?;
        Ok(())
    }
}
