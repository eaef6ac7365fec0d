//! What is dropped when, so that the tables stay bounded.

use rusqlite::params;

use super::{Store, StoreError, known, memory};

const DAY: i64 = 86_400_000_000;
/// Alerts, with all that belongs to them, after their last change, and the days of rules.
const ALERTS: i64 = 400 * DAY;
/// Which events counted. Later the same event can only come again where its day was deleted from the lake.
const HITS: i64 = 35 * DAY;
/// Messages that were delivered or given up.
const MESSAGES: i64 = 30 * DAY;
/// Rows whose commit was never made.
const PENDING: i64 = 7 * DAY;
/// Most alerts: beyond them the closed ones that changed longest ago go, then the others.
const MOST_ALERTS: i64 = 1_000_000;

/// What was dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Alerts.
    pub alerts: u64,
    /// Entries of modes' memory, beyond the most that a rule may have.
    pub memory: u64,
}

/// The tables of what was found and remembered.
const FOUND: [&str; 9] = [
    "detect_alerts",
    "detect_hits",
    "detect_days",
    "detect_schedule",
    "detect_noted",
    "detect_seen",
    "detect_counts",
    "detect_pending",
    "detect_marks",
];

impl Store {
    /// Drops all that was found and remembered: the lake is another one. Users' rules and exceptions stay.
    ///
    /// # Errors
    /// The database's.
    pub fn start_over(&self) -> Result<(), StoreError> {
        self.change(|change| {
            for table in FOUND {
                change.execute(&format!("DELETE FROM {table}"), [])?;
            }
            known::touch(change)?;
            Ok(())
        })
    }

    /// Drops what is past keeping: alerts that did not change for 400 days (whatever their status) and what is over a million
    /// of them, the events' names after 35 days, messages 30 days after they were delivered or given up, and the older half of
    /// what is remembered of a rule beyond four million entries (its mode lets go of what it needs no more by itself).
    ///
    /// # Errors
    /// The database's.
    pub fn forget(&self) -> Result<Forgotten, StoreError> {
        let now = self.now();
        self.change(|change| {
            let mut alerts = change.execute("DELETE FROM detect_alerts WHERE updated_at < ?", [now - ALERTS])?;
            alerts += change.execute(
                "DELETE FROM detect_alerts WHERE id IN (SELECT id FROM detect_alerts ORDER BY status = 2, updated_at DESC \
                 LIMIT -1 OFFSET ?)",
                [MOST_ALERTS],
            )?;
            let memory = memory::bound(change, memory::MOST)?;
            change.execute("DELETE FROM detect_hits WHERE at < ?", [now - HITS])?;
            change.execute("DELETE FROM detect_days WHERE day < ?", [(now - ALERTS).div_euclid(DAY)])?;
            change.execute(
                "DELETE FROM detect_outbox WHERE state <> 'pending' AND coalesce(tried_at, created_at) < ?",
                params![now - MESSAGES],
            )?;
            change.execute("DELETE FROM detect_pending WHERE at < ?", [now - PENDING])?;
            Ok(Forgotten { alerts: alerts as u64, memory })
        })
    }
}
