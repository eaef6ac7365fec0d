//! The memory of stateful modes within one change of the store, so that what rules remember and the alerts that they raise
//! are there together or not at all.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::StoreError;
use super::known::{Known, touch};
use crate::finding::Evidence;
use crate::matcher::Fast;
use crate::memory::{Key, Memory, MemoryError, Noted, Point, Seen};

/// Most of each kind of thing that is remembered for one rule: beyond it the older half goes.
pub(super) const MOST: i64 = 4 << 20;

/// The memory as one change sees it.
pub(crate) struct Remembered<'a> {
    change: &'a Transaction<'a>,
    /// Rows that were watched before and whose commit was not seen.
    taken: &'a HashSet<Key>,
    known: &'a mut Known,
    waiting: HashMap<String, Waiting>,
    written: bool,
}

/// What a rule notes and lets go of, by group, event and step. It is written at the end of the change, in the table's order:
/// one page after another instead of one for each event.
type Waiting = HashMap<(Key, Key, u8), Change, Fast>;

/// What becomes of a noted event.
enum Change {
    /// It is added where it is not there.
    Added(Noted, String),
    /// It was taken out and came again.
    Replaced(Noted, String),
    Out,
}

/// Noted events of a rule that are read at once when it first asks, so that a group that is not known is one that is new.
const AT_ONCE: usize = 1 << 16;

impl<'a> Remembered<'a> {
    /// `known`: what this process knows; to be cleared where the change is not made.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn new(
        change: &'a Transaction<'a>,
        taken: &'a HashSet<Key>,
        known: &'a mut Known,
    ) -> Result<Self, StoreError> {
        known.begin(change)?;
        Ok(Self { change, taken, known, waiting: HashMap::new(), written: false })
    }

    /// The change has nothing more to remember.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn finish(mut self) -> Result<(), StoreError> {
        for (rule, waiting) in std::mem::take(&mut self.waiting) {
            self.write(&rule, waiting)?;
        }
        if self.written { self.known.written(self.change) } else { Ok(()) }
    }

    /// Writes what a rule noted so far.
    fn flush(&mut self, rule: &str) -> Result<(), MemoryError> {
        match self.waiting.remove(rule) {
            Some(waiting) => self.write(rule, waiting).map_err(failed),
            None => Ok(()),
        }
    }

    fn write(&self, rule: &str, waiting: Waiting) -> Result<(), StoreError> {
        let mut waiting: Vec<((Key, Key, u8), Change)> = waiting.into_iter().collect();
        waiting.sort_unstable_by_key(|(of, _)| *of);
        let columns = "INTO detect_noted (rule, key, event, step, time, value, latitude, longitude, evidence) \
                       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let mut add = self.change.prepare_cached(&format!("INSERT OR IGNORE {columns}"))?;
        let mut replace = self.change.prepare_cached(&format!("INSERT OR REPLACE {columns}"))?;
        let sql = "DELETE FROM detect_noted WHERE rule = ? AND key = ? AND event = ? AND step = ?";
        let mut out = self.change.prepare_cached(sql)?;
        for ((group, event, step), change) in waiting {
            let (statement, noted, evidence) = match change {
                Change::Added(noted, evidence) => (&mut add, noted, evidence),
                Change::Replaced(noted, evidence) => (&mut replace, noted, evidence),
                Change::Out => {
                    out.execute(params![rule, blob(group), blob(event), step])?;
                    continue;
                }
            };
            let (latitude, longitude) = noted.place.map(|place| (place.latitude, place.longitude)).unzip();
            let (time, value) = (noted.time, blob(noted.value));
            statement.execute(params![
                rule,
                blob(group),
                blob(event),
                step,
                time,
                value,
                latitude,
                longitude,
                evidence
            ])?;
        }
        Ok(())
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
    })
}

/// What is shown of an event without the names, which are half of it. It is read as what earlier versions wrote is.
fn short(of: &Evidence) -> Result<String, serde_json::Error> {
    let Evidence { event_id: id, log_type: kind, event_time: time, event_name: name, event_source: source, .. } = of;
    let Evidence { actor, source_address: from, country, error_code: error, account, region, row, .. } = of;
    serde_json::to_string(&(id, kind, time, name, source, actor, from, country, error, account, region, row))
}

/// All noted events of a rule by group, each group's in order; none where they are too many.
fn all(change: &Transaction<'_>, rule: &str) -> Result<Option<HashMap<Key, Vec<Noted>, Fast>>, StoreError> {
    let sql = "SELECT event, time, step, value, latitude, longitude, key FROM detect_noted WHERE rule = ? LIMIT ?";
    let mut statement = change.prepare_cached(sql)?;
    let mut rows = statement.query(params![rule, AT_ONCE + 1])?;
    let (mut groups, mut count): (HashMap<Key, Vec<Noted>, Fast>, usize) = (HashMap::default(), 0);
    while let Some(row) = rows.next()? {
        groups.entry(key(row, 6)?).or_default().push(noted(row)?);
        count += 1;
    }
    groups.values_mut().for_each(|events| events.sort_unstable_by_key(Noted::order));
    Ok((count <= AT_ONCE).then_some(groups))
}

impl Remembered<'_> {
    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), MemoryError> {
        self.change.prepare_cached(sql).map_err(failed)?.execute(values).map_err(failed)?;
        Ok(())
    }
}

impl Memory for Remembered<'_> {
    fn noted(&mut self, rule: &str, group: Key, within: RangeInclusive<i64>) -> Result<Vec<Noted>, MemoryError> {
        let change = self.change;
        let known = self.known.rule(rule);
        let whole = match known.whole {
            Some(whole) => whole,
            None => {
                let all = all(change, rule).map_err(failed)?;
                let whole = all.is_some();
                known.groups.extend(all.into_iter().flatten());
                *known.whole.insert(whole)
            }
        };
        let events = match known.groups.entry(group) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) if whole => unknown.insert(Vec::new()),
            Entry::Vacant(unknown) => {
                let sql = "SELECT event, time, step, value, latitude, longitude FROM detect_noted \
                           WHERE rule = ? AND key = ?";
                let mut statement = change.prepare_cached(sql).map_err(failed)?;
                let rows = statement.query_map(params![rule, blob(group)], noted).map_err(failed)?;
                let mut events = rows.collect::<Result<Vec<_>, _>>().map_err(failed)?;
                events.sort_unstable_by_key(Noted::order);
                unknown.insert(events)
            }
        };
        let from = events.partition_point(|event| event.time < *within.start());
        Ok(events[from..].iter().copied().take_while(|event| event.time <= *within.end()).collect())
    }

    fn shown(&mut self, rule: &str, group: Key, events: &[(Key, u8)]) -> Result<Vec<Evidence>, MemoryError> {
        self.flush(rule)?;
        let sql = "SELECT evidence FROM detect_noted WHERE rule = ? AND key = ? AND event = ? AND step = ?";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        let mut one = |(event, step): &(Key, u8)| {
            let read = |row: &Row<'_>| row.get::<_, String>(0);
            let text = statement.query_row(params![rule, blob(group), blob(*event), step], read).optional();
            let text = text.map_err(failed)?;
            Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
        };
        events.iter().map(&mut one).collect()
    }

    fn note(
        &mut self,
        rule: &str,
        group: Key,
        events: &[(Noted, Evidence)],
        out: &[(Key, u8)],
    ) -> Result<(), MemoryError> {
        let waiting = self.waiting.entry(rule.to_owned()).or_default();
        for (event, step) in out {
            waiting.insert((group, *event, *step), Change::Out);
        }
        for (event, evidence) in events {
            let text = || short(evidence).map_err(failed);
            match waiting.entry((group, event.event, event.step)) {
                Entry::Vacant(new) => {
                    new.insert(Change::Added(*event, text()?));
                }
                Entry::Occupied(mut there) if matches!(there.get(), Change::Out) => {
                    there.insert(Change::Replaced(*event, text()?));
                }
                Entry::Occupied(_) => {}
            }
        }
        self.known.rule(rule).note(group, events.iter().map(|(event, _)| *event), out);
        self.written = true;
        Ok(())
    }

    fn seen(&mut self, rule: &str, keys: &[Key]) -> Result<Vec<Option<Seen>>, MemoryError> {
        let sql = "SELECT first, last, event FROM detect_seen WHERE rule = ? AND key = ?";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        let known = &mut self.known.rule(rule).seen;
        let mut one = |wanted: &Key| match known.entry(*wanted) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(unknown) => {
                let read = |row: &Row<'_>| Ok(Seen { first: row.get(0)?, last: row.get(1)?, event: key(row, 2)? });
                let found = statement.query_row(params![rule, blob(*wanted)], read).optional().map_err(failed)?;
                Ok(*unknown.insert(found))
            }
        };
        keys.iter().map(&mut one).collect()
    }

    fn see(&mut self, rule: &str, seen: &[(Key, Seen)]) -> Result<(), MemoryError> {
        if seen.is_empty() {
            return Ok(());
        }
        let sql = "INSERT OR REPLACE INTO detect_seen (rule, key, first, last, event) VALUES (?, ?, ?, ?, ?)";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        let known = &mut self.known.rule(rule).seen;
        for (key, seen) in seen {
            statement.execute(params![rule, blob(*key), seen.first, seen.last, blob(seen.event)]).map_err(failed)?;
            known.insert(*key, Some(*seen));
        }
        self.written = true;
        Ok(())
    }

    fn counts(&mut self, rule: &str, keys: &[Key]) -> Result<Vec<Vec<(i64, u64)>>, MemoryError> {
        let sql = "SELECT bucket, count FROM detect_counts WHERE rule = ? AND key = ?";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        let known = &mut self.known.rule(rule).counts;
        let mut one = |wanted: &Key| match known.entry(*wanted) {
            Entry::Occupied(known) => Ok(known.get().clone()),
            Entry::Vacant(unknown) => {
                let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()));
                let rows = statement.query_map(params![rule, blob(*wanted)], read).map_err(failed)?;
                let found = rows.collect::<Result<Vec<_>, _>>().map_err(failed)?;
                Ok(unknown.insert(found).clone())
            }
        };
        keys.iter().map(&mut one).collect()
    }

    fn count(&mut self, rule: &str, counts: &[(Key, i64, u64)]) -> Result<(), MemoryError> {
        if counts.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO detect_counts (rule, key, bucket, count) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (rule, key, bucket) DO UPDATE SET count = count + ?4";
        let mut statement = self.change.prepare_cached(sql).map_err(failed)?;
        let known = &mut self.known.rule(rule).counts;
        for (key, bucket, more) in counts {
            let stored = i64::try_from(*more).unwrap_or(i64::MAX);
            statement.execute(params![rule, blob(*key), bucket, stored]).map_err(failed)?;
            // What is not known stays in the store.
            let Some(buckets) = known.get_mut(key) else { continue };
            match buckets.iter_mut().find(|(at, _)| at == bucket) {
                Some((_, count)) => *count += more,
                None => buckets.push((*bucket, *more)),
            }
        }
        self.written = true;
        Ok(())
    }

    fn forget(&mut self, rule: &str, before: i64) -> Result<(), MemoryError> {
        self.flush(rule)?;
        for (table, column) in KINDS {
            self.run(&format!("DELETE FROM {table} WHERE rule = ? AND {column} < ?"), params![rule, before])?;
        }
        self.known.rule(rule).forget(before);
        self.written = true;
        Ok(())
    }

    fn taken(&mut self, count: usize, event: &dyn Fn(usize) -> Key) -> Result<Vec<bool>, MemoryError> {
        Ok((0..count).map(|at| !self.taken.is_empty() && self.taken.contains(&event(at))).collect())
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
    if gone > 0 {
        touch(change)?;
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_comes_back_however_it_was_written() {
        let mut row = serde_json::Map::new();
        row.insert("count".to_owned(), 3.into());
        let full = Evidence {
            event_id: "1".to_owned(),
            log_type: "cloudtrail".to_owned(),
            event_time: 5,
            event_name: Some("a".to_owned()),
            event_source: Some("b".to_owned()),
            actor: Some("c".to_owned()),
            source_address: Some("d".to_owned()),
            country: Some("e".to_owned()),
            error_code: Some("f".to_owned()),
            account: Some("g".to_owned()),
            region: Some("h".to_owned()),
            row: Some(row),
        };
        for evidence in [full, Evidence::default()] {
            for text in [short(&evidence).unwrap(), serde_json::to_string(&evidence).unwrap()] {
                assert_eq!(serde_json::from_str::<Evidence>(&text).unwrap(), evidence, "{text}");
            }
        }
    }
}
