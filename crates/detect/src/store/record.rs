//! Findings become alerts: each event of a rule counts once, findings of one key join the alert of that key until it is
//! closed, and a message goes out when an alert is opened and again when it goes on after the rule's cool-down.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{OptionalExtension, Transaction, params};

use super::outbox::{Occasion, Telling, tell};
use super::{Addressing, Store, StoreError, alerts, digest};
use crate::finding::{Evidence, Finding};
use crate::rule::Rule;

/// Events kept as evidence of an alert: the newest.
pub(crate) const EVIDENCE: usize = 200;
const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// What recording did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Alerts opened.
    pub opened: u64,
    /// Findings counted.
    pub counted: u64,
    /// Findings that were counted before.
    pub known: u64,
    /// Messages for sinks.
    pub messages: u64,
}

/// The findings of one alert.
struct Group<'a> {
    rule: &'a Rule,
    key: [u8; 16],
    grouped: String,
    findings: Vec<&'a Finding>,
}

/// An alert that takes findings in.
struct Live {
    id: i64,
    acknowledged: bool,
    told_at: Option<i64>,
    last_seen: i64,
}

impl Store {
    /// Records findings within a change: all or none of them are there afterwards. Those of rules that `rule` does not know are
    /// passed over: the rule was deleted a moment ago.
    ///
    /// # Errors
    /// The database's.
    pub fn record<'a>(
        &self,
        change: &Transaction<'_>,
        findings: &'a [Finding],
        rule: impl Fn(&str) -> Option<&'a Rule>,
        telling: Telling,
    ) -> Result<Recorded, StoreError> {
        let mut recorded = Recorded::default();
        let now = self.now();
        let addressing = self.addressing().filter(|_| telling == Telling::Sinks);
        let recording = Recording { change, now, addressing: addressing.as_deref(), telling };
        for group in recording.grouped(findings, rule, &mut recorded)? {
            recording.group(&group, &mut recorded)?;
        }
        Ok(recorded)
    }
}

/// One change, and who hears of it.
struct Recording<'a> {
    change: &'a Transaction<'a>,
    now: i64,
    addressing: Option<&'a Addressing>,
    telling: Telling,
}

impl Recording<'_> {
    /// The findings that were not counted yet, by rule and key, in the order in which they came.
    fn grouped<'f>(
        &self,
        findings: &'f [Finding],
        rule: impl Fn(&str) -> Option<&'f Rule>,
        recorded: &mut Recorded,
    ) -> Result<Vec<Group<'f>>, StoreError> {
        let mut places: HashMap<(&str, [u8; 16]), usize> = HashMap::new();
        let mut groups: Vec<Group<'f>> = Vec::new();
        let mut hit =
            self.change.prepare_cached("INSERT OR IGNORE INTO detect_hits (rule, event, at) VALUES (?, ?, ?)")?;
        for finding in findings {
            let Some(rule) = rule(&finding.rule) else { continue };
            if hit.execute(params![rule.id, digest(&finding.event.event_id), self.now])? == 0 {
                recorded.known += 1;
                continue;
            }
            recorded.counted += u64::from(!finding.continues);
            let grouped = serde_json::to_string(&finding.group)?;
            let key = digest(&grouped);
            let place = *places.entry((finding.rule.as_str(), key)).or_insert_with(|| {
                groups.push(Group { rule, key, grouped, findings: Vec::new() });
                groups.len() - 1
            });
            groups[place].findings.push(finding);
        }
        Ok(groups)
    }

    fn group(&self, group: &Group<'_>, recorded: &mut Recorded) -> Result<(), StoreError> {
        let live = self.live(group)?;
        let events = self.events(live.as_ref(), group)?;
        let (id, occasion) = match live {
            Some(live) => {
                let due = live.told_at.is_none_or(|told| self.now - told >= group.rule.cool_down);
                let again = due && !live.acknowledged && self.telling == Telling::Sinks;
                self.join(&live, &events, again)?;
                (live.id, again.then_some(Occasion::More))
            }
            None => {
                recorded.opened += 1;
                (self.open(group, &events)?, Some(Occasion::Opened))
            }
        };
        self.keep(id, &events)?;
        self.count(id, group, &events)?;
        if let Some((occasion, addressing)) = occasion.zip(self.addressing) {
            recorded.messages += tell(self.change, id, occasion, addressing, self.now)?;
        }
        Ok(())
    }

    /// The alert that is not closed yet, of which there is one at most.
    fn live(&self, group: &Group<'_>) -> Result<Option<Live>, StoreError> {
        let found = self
            .change
            .prepare_cached(
                "SELECT id, status, told_at, last_seen FROM detect_alerts WHERE rule = ? AND key = ? AND status < 2",
            )?
            .query_row(params![group.rule.id, group.key], |row| {
                let acknowledged = row.get::<_, i64>(1)? > 0;
                Ok(Live { id: row.get(0)?, acknowledged, told_at: row.get(2)?, last_seen: row.get(3)? })
            });
        Ok(found.optional()?)
    }

    /// The events of the findings that the alert does not have yet, each once, oldest first.
    fn events<'f>(&self, live: Option<&Live>, group: &Group<'f>) -> Result<Vec<&'f Evidence>, StoreError> {
        let mut there = self
            .change
            .prepare_cached("SELECT 1 FROM detect_evidence WHERE alert = ? AND event_time = ? AND event_id = ?")?;
        let mut seen = HashSet::new();
        let mut events: Vec<&Evidence> = Vec::new();
        for finding in &group.findings {
            if seen.insert(finding.event.event_id.as_str()) {
                events.push(&finding.event);
            }
        }
        for event in group.findings.iter().flat_map(|finding| &finding.evidence) {
            if !seen.insert(event.event_id.as_str()) {
                continue;
            }
            let known = match live {
                Some(live) => there.exists(params![live.id, event.event_time, event.event_id])?,
                None => false,
            };
            if !known {
                events.push(event);
            }
        }
        events.sort_by_key(|event| event.event_time);
        Ok(events)
    }

    fn open(&self, group: &Group<'_>, events: &[&Evidence]) -> Result<i64, StoreError> {
        let rule = group.rule;
        let none = Evidence::default();
        let (first, last) = events.first().zip(events.last()).map_or((&none, &none), |(first, last)| (*first, *last));
        self.change
            .prepare_cached(
                "INSERT INTO detect_alerts (rule, key, grouped, title_en, title_ja, severity, attack, first_seen, last_seen, \
                 created_at, updated_at, told_at, events, account, actor, region, source_address, country) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                rule.id,
                group.key,
                group.grouped,
                rule.title.en,
                rule.title.ja,
                alerts::number(rule.severity),
                serde_json::to_string(&rule.attack)?,
                first.event_time,
                last.event_time,
                self.now,
                self.now,
                self.now,
                events.len() as i64,
                last.account,
                last.actor,
                last.region,
                last.source_address,
                last.country,
            ])?;
        Ok(self.change.last_insert_rowid())
    }

    fn join(&self, live: &Live, events: &[&Evidence], again: bool) -> Result<(), StoreError> {
        let first = events.first().map_or(live.last_seen, |event| event.event_time);
        self.change
            .prepare_cached(
                "UPDATE detect_alerts SET events = events + ?2, first_seen = min(first_seen, ?3), updated_at = ?4, \
                 told_at = CASE WHEN ?5 THEN ?4 ELSE told_at END WHERE id = ?1",
            )?
            .execute(params![live.id, events.len() as i64, first, self.now, again])?;
        let Some(last) = events.last().filter(|event| event.event_time >= live.last_seen) else { return Ok(()) };
        self.change
            .prepare_cached(
                "UPDATE detect_alerts SET last_seen = ?2, account = ?3, actor = ?4, region = ?5, source_address = ?6, \
                 country = ?7 WHERE id = ?1",
            )?
            .execute(params![
                live.id,
                last.event_time,
                last.account,
                last.actor,
                last.region,
                last.source_address,
                last.country,
            ])?;
        Ok(())
    }

    /// Keeps the newest events as evidence.
    fn keep(&self, alert: i64, events: &[&Evidence]) -> Result<(), StoreError> {
        let mut insert = self.change.prepare_cached(
            "INSERT OR IGNORE INTO detect_evidence (alert, event_time, event_id, facts) VALUES (?, ?, ?, ?)",
        )?;
        for event in events.iter().rev().take(EVIDENCE) {
            insert.execute(params![alert, event.event_time, event.event_id, serde_json::to_string(event)?])?;
        }
        self.change
            .prepare_cached(
                "DELETE FROM detect_evidence WHERE alert = ?1 AND (event_time, event_id) IN (SELECT event_time, event_id \
                 FROM detect_evidence WHERE alert = ?1 ORDER BY event_time DESC, event_id DESC LIMIT -1 OFFSET ?2)",
            )?
            .execute(params![alert, EVIDENCE as i64])?;
        Ok(())
    }

    /// Counts events by the hour in which they happened, and the rule's findings by the day on which they were made.
    fn count(&self, alert: i64, group: &Group<'_>, events: &[&Evidence]) -> Result<(), StoreError> {
        let mut hours: BTreeMap<i64, i64> = BTreeMap::new();
        for event in events {
            *hours.entry(event.event_time.div_euclid(HOUR)).or_default() += 1;
        }
        let mut insert = self.change.prepare_cached(
            "INSERT INTO detect_timeline (alert, hour, events) VALUES (?1, ?2, ?3) \
             ON CONFLICT (alert, hour) DO UPDATE SET events = events + ?3",
        )?;
        for (hour, events) in hours {
            insert.execute(params![alert, hour, events])?;
        }
        let hits = group.findings.iter().filter(|finding| !finding.continues).count() as i64;
        self.change
            .prepare_cached(
                "INSERT INTO detect_days (rule, day, hits, last) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (rule, day) DO UPDATE SET hits = hits + ?3, last = max(last, ?4)",
            )?
            .execute(params![group.rule.id, self.now.div_euclid(DAY), hits, self.now])?;
        Ok(())
    }
}
