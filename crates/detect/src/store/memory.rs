//! The memory of stateful modes within one change of the store, so that what rules remember and the alerts that they raise
//! are there together or not at all.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::StoreError;
use crate::memory::{Key, Memory, MemoryError, Noted, Point, Seen, Shown};

/// Most of each kind of thing that is remembered for one rule: beyond it the older half goes.
pub(super) const MOST: i64 = 4 << 20;

/// The memory as one change sees it.
pub(crate) struct Remembered<'a> {
    change: &'a Transaction<'a>,
    /// Rows that were watched before and whose commit was not seen.
    taken: &'a HashSet<Key>,
}

impl<'a> Remembered<'a> {
    pub(crate) fn new(change: &'a Transaction<'a>, taken: &'a HashSet<Key>) -> Self {
        Self { change, taken }
    }
}

impl From<StoreError> for MemoryError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

fn failed(error: impl std::fmt::Display) -> MemoryError {
    MemoryError(error.to_string())
}

fn blob(key: Key) -> [u8; 16] {
    key.to_be_bytes()
}

fn key(row: &Row<'_>, column: usize) -> rusqlite::Result<Key> {
    row.get::<_, [u8; 16]>(column).map(Key::from_be_bytes)
}

fn noted(row: &Row<'_>) -> rusqlite::Result<Noted> {
    let place = row.get::<_, Option<f64>>(4)?.zip(row.get::<_, Option<f64>>(5)?);
    Ok(Noted {
        event: key(row, 0)?,
        time: row.get(1)?,
        step: row.get(2)?,
        value: key(row, 3)?,
        place: place.map(|(latitude, longitude)| Point { latitude, longitude }),
        evidence: Shown::Written(row.get(6)?),
    })
}

impl Remembered<'_> {
    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), MemoryError> {
        self.change.prepare_cached(sql).map_err(failed)?.execute(values).map_err(failed)?;
        Ok(())
    }
}

impl Memory for Remembered<'_> {
    fn noted(&mut self, rule: &str, group: Key, within: RangeInclusive<i64>) -> Result<Vec<Noted>, MemoryError> {
        // The `+`s keep SQLite from the index by time: that would go over all groups of the rule.
        let sql = "SELECT event, time, step, value, latitude, longitude, evidence FROM detect_noted \
                   WHERE rule = ? AND key = ? AND +time BETWEEN ? AND ? ORDER BY +time";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        let values = params![rule, blob(group), within.start(), within.end()];
        let rows = statement.query_map(values, noted).map_err(failed)?;
        rows.map(|row| row.map_err(failed)).collect()
    }

    fn note(&mut self, rule: &str, group: Key, events: &[Noted], out: &[(Key, u8)]) -> Result<(), MemoryError> {
        for (event, step) in out {
            let sql = "DELETE FROM detect_noted WHERE rule = ? AND key = ? AND event = ? AND step = ?";
            self.run(sql, params![rule, blob(group), blob(*event), step])?;
        }
        for event in events {
            let (latitude, longitude) = event.place.map(|place| (place.latitude, place.longitude)).unzip();
            let evidence = event.evidence.text().map_err(failed)?;
            let sql = "INSERT OR IGNORE INTO detect_noted \
                       (rule, key, event, step, time, value, latitude, longitude, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
            let (at, value) = (event.time, blob(event.value));
            let values =
                params![rule, blob(group), blob(event.event), event.step, at, value, latitude, longitude, evidence];
            self.run(sql, values)?;
        }
        Ok(())
    }

    fn seen(&mut self, rule: &str, keys: &[Key]) -> Result<Vec<Option<Seen>>, MemoryError> {
        let sql = "SELECT first, last, event FROM detect_seen WHERE rule = ? AND key = ?";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        let mut one = |wanted: &Key| {
            let read = |row: &Row<'_>| Ok(Seen { first: row.get(0)?, last: row.get(1)?, event: key(row, 2)? });
            statement.query_row(params![rule, blob(*wanted)], read).optional().map_err(failed)
        };
        keys.iter().map(&mut one).collect()
    }

    fn see(&mut self, rule: &str, seen: &[(Key, Seen)]) -> Result<(), MemoryError> {
        let sql = "INSERT OR REPLACE INTO detect_seen (rule, key, first, last, event) VALUES (?, ?, ?, ?, ?)";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        for (key, seen) in seen {
            statement.execute(params![rule, blob(*key), seen.first, seen.last, blob(seen.event)]).map_err(failed)?;
        }
        Ok(())
    }

    fn counts(&mut self, rule: &str, keys: &[Key]) -> Result<Vec<Vec<(i64, u64)>>, MemoryError> {
        let sql = "SELECT bucket, count FROM detect_counts WHERE rule = ? AND key = ?";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        let mut one = |wanted: &Key| {
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()));
            let rows = statement.query_map(params![rule, blob(*wanted)], read).map_err(failed)?;
            rows.collect::<Result<Vec<_>, _>>().map_err(failed)
        };
        keys.iter().map(&mut one).collect()
    }

    fn count(&mut self, rule: &str, counts: &[(Key, i64, u64)]) -> Result<(), MemoryError> {
        let sql = "INSERT INTO detect_counts (rule, key, bucket, count) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (rule, key, bucket) DO UPDATE SET count = count + ?4";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        for (key, bucket, more) in counts {
            let more = i64::try_from(*more).unwrap_or(i64::MAX);
            statement.execute(params![rule, blob(*key), bucket, more]).map_err(failed)?;
        }
        Ok(())
    }

    fn forget(&mut self, rule: &str, before: i64) -> Result<(), MemoryError> {
        for (table, column) in KINDS {
            self.run(&format!("DELETE FROM {table} WHERE rule = ? AND {column} < ?"), params![rule, before])?;
        }
        Ok(())
    }

    fn taken(&mut self, events: &[Key]) -> Result<Vec<bool>, MemoryError> {
        Ok(events.iter().map(|event| self.taken.contains(event)).collect())
    }
}

/// The tables of memory, and by what they grow old.
const KINDS: [(&str, &str); 3] = [("detect_noted", "time"), ("detect_seen", "last"), ("detect_counts", "bucket")];

/// Lets the older half go of what is remembered beyond the most.
pub(super) fn bound(change: &Transaction<'_>, most: i64) -> Result<u64, StoreError> {
    let mut gone = 0;
    for (table, column) in KINDS {
        let sql = format!("SELECT rule, count(*) FROM {table} GROUP BY rule HAVING count(*) > ?");
        let over: Vec<(String, i64)> =
            change.prepare(&sql)?.query_map([most], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for (rule, count) in over {
            let sql = format!(
                "DELETE FROM {table} WHERE rule = ?1 AND {column} <= (SELECT {column} FROM {table} WHERE rule = ?1 \
                 ORDER BY {column} LIMIT 1 OFFSET ?2)"
            );
            gone += change.execute(&sql, params![rule, count / 2])? as u64;
        }
    }
    Ok(gone)
}
