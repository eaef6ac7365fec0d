//! How each source fares: counted as it works, read by whoever shows it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::intake::Settled;

/// How a source fares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Logs come in.
    #[default]
    Ok,
    /// Logs come in later than they should.
    Behind,
    /// Nothing has come for longer than it should.
    Silent,
    /// It can't work: its last attempts failed.
    Failing,
    /// It does not run.
    Off,
}

/// What is known of a source. Counts are since the start of the process.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SourceStatus {
    /// Its name in the settings.
    pub name: String,
    /// Its type in the settings.
    #[serde(rename = "type")]
    pub kind: String,
    /// How it fares.
    pub state: State,
    /// Seconds from delivery to commit of what was taken in last; `None` before that.
    pub lag_seconds: Option<u64>,
    /// The newest event's own time, but for those from the future.
    pub last_event: Option<DateTime<Utc>>,
    /// When an object (or request) was taken in last.
    pub last_object: Option<DateTime<Utc>>,
    /// Which it was.
    pub last_origin: Option<String>,
    /// Objects (or requests) taken in.
    pub objects: u64,
    /// Records found in them.
    pub records: u64,
    /// Rows added by them.
    pub rows_added: u64,
    /// Bytes as delivered.
    pub bytes: u64,
    /// Records that the lake held already.
    pub duplicates: u64,
    /// Rows added whose time is more than a day ahead of the clock.
    pub future: u64,
    /// Rows added whose time is too far behind the clock.
    pub old: u64,
    /// Records that rules left out.
    pub excluded: u64,
    /// Objects, messages and pieces that were not taken.
    pub rejected: u64,
    /// The same by reason.
    pub rejected_by: BTreeMap<String, u64>,
    /// What was acknowledged without being taken, by reason: other notifications, other files.
    pub passed_over: BTreeMap<String, u64>,
    /// Calls and commits that failed.
    pub errors: u64,
    /// What the last of them said.
    pub last_error: Option<String>,
    /// Messages in the dead-letter queue, where there is one.
    pub dlq_depth: Option<u64>,
    /// Messages that wait in the queue, where there is one.
    pub waiting: Option<u64>,
    /// Objects being worked on.
    pub in_flight: u64,
}

/// When a source is late, and when it is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Commits come at most this long after delivery.
    pub within: TimeDelta,
    /// Something comes at least this often; `None`: silence is normal.
    pub every: Option<TimeDelta>,
}

impl Default for Expected {
    fn default() -> Self {
        Self { within: TimeDelta::minutes(30), every: None }
    }
}

/// How long a source fails before it is said to be ill: calls that fail once are repeated.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// What a source may suffer from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Nothing comes.
    pub silent: Reading,
    /// What comes is late.
    pub behind: Reading,
    /// Its calls or commits fail, and have for a while.
    pub failing: Reading,
    /// Its queue has given messages up.
    pub dead_letters: Reading,
}

/// Whether it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reading {
    /// Nobody can say yet: a source that has just been started has neither come nor failed.
    #[default]
    Unknown,
    /// It does not.
    Well,
    /// It does, since then.
    Since(DateTime<Utc>),
}

/// Counts for one source. Clones count together.
#[derive(Debug, Clone)]
pub struct Meter(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    status: SourceStatus,
    expected: Expected,
    started: DateTime<Utc>,
    /// Since when its calls fail.
    failing: Option<DateTime<Utc>>,
    /// A call has succeeded.
    works: bool,
    /// Since when what comes is late.
    behind: Option<DateTime<Utc>>,
    /// Since when there are dead letters.
    dead: Option<DateTime<Utc>>,
    off: bool,
}

/// The sources of a process.
#[derive(Debug, Clone, Default)]
pub struct Registry(Arc<Mutex<Vec<Meter>>>);

impl Registry {
    /// Enters a source; the one that had its name goes.
    #[must_use]
    pub fn meter(&self, name: &str, kind: &str, expected: Expected) -> Meter {
        let meter = Meter::new(name, kind, expected);
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        meters.retain(|known| known.lock().status.name != name);
        meters.push(meter.clone());
        meter
    }

    /// How the sources fare now, in the order in which they were entered.
    #[must_use]
    pub fn statuses(&self) -> Vec<SourceStatus> {
        let meters = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        meters.iter().map(|meter| meter.status(Utc::now())).collect()
    }

    /// What the sources suffer from now, each with its status.
    #[must_use]
    pub fn health(&self) -> Vec<(SourceStatus, Health)> {
        let meters = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = Utc::now();
        meters.iter().map(|meter| (meter.status(now), meter.health(now))).collect()
    }

    /// The sources of these types can work again, whether something comes or not.
    pub fn well(&self, kinds: &[&str]) {
        let meters = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        meters.iter().filter(|meter| kinds.contains(&meter.lock().status.kind.as_str())).for_each(|m| m.well(false));
    }
}

impl Meter {
    /// A meter that no registry knows.
    #[must_use]
    pub fn new(name: &str, kind: &str, expected: Expected) -> Self {
        let status = SourceStatus { name: name.into(), kind: kind.into(), ..SourceStatus::default() };
        let started = Utc::now();
        let (failing, behind, dead) = (None, None, None);
        Self(Arc::new(Mutex::new(Inner { status, expected, started, failing, works: false, behind, dead, off: false })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the source fares at `now`.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> SourceStatus {
        let inner = self.lock();
        SourceStatus { state: inner.state(now), ..inner.status.clone() }
    }

    /// What the source suffers from at `now`.
    #[must_use]
    pub fn health(&self, now: DateTime<Utc>) -> Health {
        self.lock().health(now)
    }

    /// An object is being worked on, or no longer is.
    pub fn in_flight(&self, change: i64) {
        let status = &mut self.lock().status;
        status.in_flight = status.in_flight.saturating_add_signed(change);
    }

    /// An object is in: what became of it, its bytes, and when it was delivered.
    pub fn settled(&self, origin: &str, bytes: u64, settled: &Settled, delivered: Option<DateTime<Utc>>) {
        let now = Utc::now();
        let mut inner = self.lock();
        inner.succeeded();
        let status = &mut inner.status;
        if let Some(reason) = settled.skipped {
            *status.passed_over.entry(reason.into()).or_default() += 1;
        }
        status.objects += 1;
        status.bytes += bytes;
        status.records += settled.records;
        status.rows_added += settled.rows_added;
        status.duplicates += settled.duplicates;
        status.future += settled.flagged.future;
        status.old += settled.flagged.old;
        status.rejected += settled.rejected;
        if let Some(reason) = settled.reason.as_ref().filter(|_| settled.rejected > 0) {
            *status.rejected_by.entry(reason.clone()).or_default() += settled.rejected;
        }
        status.last_object = Some(now);
        status.last_origin = Some(origin.to_owned());
        let newest = settled.newest.and_then(DateTime::from_timestamp_micros);
        status.last_event = status.last_event.max(newest);
        if let Some(delivered) = delivered {
            status.lag_seconds = Some(u64::try_from((now - delivered).num_seconds()).unwrap_or_default());
            // What had been there before the start is a backlog: nobody was there to be late.
            if delivered >= inner.started {
                inner.behind = inner.is_late().then(|| inner.behind.unwrap_or(now));
            }
        }
    }

    /// Something was not taken, for a reason of a stable name.
    pub fn rejected(&self, reason: &str) {
        self.rejected_many(reason, 1);
    }

    /// The same, so many times.
    pub fn rejected_many(&self, reason: &str, count: u64) {
        let status = &mut self.lock().status;
        status.rejected += count;
        *status.rejected_by.entry(reason.into()).or_default() += count;
    }

    /// Rules left so many records out.
    pub fn excluded(&self, count: u64) {
        self.lock().status.excluded += count;
    }

    /// Something was acknowledged that holds no logs.
    pub fn passed_over(&self, reason: &str, count: u64) {
        *self.lock().status.passed_over.entry(reason.into()).or_default() += count;
    }

    /// A call failed; the source is failing until one succeeds.
    pub fn failed(&self, error: &str) {
        let mut inner = self.lock();
        inner.failing.get_or_insert_with(Utc::now);
        inner.status.errors += 1;
        inner.status.last_error = Some(error.to_owned());
    }

    /// Something went wrong with one object or message; the source goes on.
    pub fn noted(&self, error: &str) {
        let status = &mut self.lock().status;
        status.errors += 1;
        status.last_error = Some(error.to_owned());
    }

    /// A call succeeded; nothing that waits is old where `idle`.
    pub fn well(&self, idle: bool) {
        let mut inner = self.lock();
        inner.succeeded();
        if idle && inner.status.in_flight == 0 && inner.status.lag_seconds.is_some() {
            inner.status.lag_seconds = Some(0);
            inner.behind = None;
        }
    }

    /// What the queue says of itself.
    pub fn queue(&self, waiting: u64, dead: Option<u64>) {
        let mut inner = self.lock();
        (inner.status.waiting, inner.status.dlq_depth) = (Some(waiting), dead);
        inner.dead = dead.filter(|depth| *depth > 0).map(|_| inner.dead.unwrap_or_else(Utc::now));
    }

    /// The source does not run.
    pub fn off(&self) {
        self.lock().off = true;
    }
}

impl Inner {
    fn succeeded(&mut self) {
        self.failing = None;
        self.works = true;
    }

    fn is_late(&self) -> bool {
        let late = |lag: u64| i64::try_from(lag).unwrap_or(i64::MAX) > self.expected.within.num_seconds();
        self.status.lag_seconds.is_some_and(late)
    }

    /// Since when nothing has come.
    fn quiet(&self) -> DateTime<Utc> {
        self.status.last_object.unwrap_or(self.started)
    }

    fn is_silent(&self, now: DateTime<Utc>) -> bool {
        self.expected.every.is_some_and(|every| now - self.quiet() > every)
    }

    fn health(&self, now: DateTime<Utc>) -> Health {
        if self.off {
            return Health::default();
        }
        let known = |known: bool| if known { Reading::Well } else { Reading::Unknown };
        let failing = match self.failing {
            Some(since) if now - since >= PATIENCE.min(self.expected.within) => Reading::Since(since),
            since => known(since.is_none() && self.works),
        };
        // What can't work is silent for that reason.
        let silent = match self.is_silent(now) {
            true if self.failing.is_none() => Reading::Since(self.quiet()),
            silent => known(!silent && self.status.last_object.is_some()),
        };
        let behind =
            self.behind.map_or_else(|| known(self.status.lag_seconds.is_some() && !self.is_late()), Reading::Since);
        let dead_letters = self.dead.map_or_else(|| known(self.status.dlq_depth.is_some()), Reading::Since);
        Health { silent, behind, failing, dead_letters }
    }

    fn state(&self, now: DateTime<Utc>) -> State {
        if self.off {
            State::Off
        } else if self.failing.is_some() {
            State::Failing
        } else if self.is_late() {
            State::Behind
        } else if self.is_silent(now) {
            State::Silent
        } else {
            State::Ok
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_follow_what_happens() {
        let expected = Expected { within: TimeDelta::minutes(10), every: Some(TimeDelta::hours(1)) };
        let meter = Meter::new("trail", "s3-sqs", expected);
        let now = Utc::now();
        let check = |at: DateTime<Utc>, state: State| assert_eq!(meter.status(at).state, state);
        check(now, State::Ok);
        check(now + TimeDelta::hours(2), State::Silent);
        meter.failed("no route");
        check(now, State::Failing);
        let settled =
            Settled { records: 3, rows_added: 2, duplicates: 1, newest: Some(5_000_000), ..Settled::default() };
        meter.settled("s3://b/k", 10, &settled, Some(now - TimeDelta::minutes(11)));
        check(now, State::Behind);
        meter.well(true);
        check(now, State::Ok);
        meter.off();
        check(now, State::Off);
        let status = meter.status(now);
        assert_eq!((status.objects, status.records, status.rows_added, status.duplicates), (1, 3, 2, 1));
        assert_eq!((status.errors, status.last_error.as_deref()), (1, Some("no route")));
        assert_eq!(status.last_event, DateTime::from_timestamp(5, 0));
    }

    #[test]
    fn what_a_source_suffers_from() {
        let expected = Expected { within: TimeDelta::minutes(10), every: Some(TimeDelta::hours(1)) };
        let meter = Meter::new("trail", "s3-sqs", expected);
        meter.lock().started -= TimeDelta::minutes(20);
        let now = Utc::now();
        let later = |minutes: i64| now + TimeDelta::minutes(minutes);
        // Nothing is known of a source that was just started; after an hour it is silent.
        assert_eq!(meter.health(now), Health::default());
        assert!(matches!(meter.health(later(61)).silent, Reading::Since(_)));
        // A backlog is not late.
        meter.settled("s3://b/old", 10, &Settled::default(), Some(now - TimeDelta::minutes(30)));
        assert_eq!(meter.health(now).behind, Reading::Unknown);
        // It fails: not at once, and it is not silent beside that.
        meter.failed("no route");
        assert_eq!(meter.health(later(4)).failing, Reading::Unknown);
        let health = meter.health(later(61));
        assert!(matches!(health.failing, Reading::Since(_)) && health.silent == Reading::Unknown, "{health:?}");
        meter.settled("s3://b/k", 10, &Settled::default(), Some(now - TimeDelta::minutes(11)));
        let health = meter.health(later(1));
        assert!(matches!(health.behind, Reading::Since(_)), "{health:?}");
        assert_eq!(
            (health.failing, health.silent, health.dead_letters),
            (Reading::Well, Reading::Well, Reading::Unknown)
        );
        meter.queue(5, Some(3));
        let first = meter.health(now).dead_letters;
        meter.queue(5, Some(9));
        assert!(matches!(first, Reading::Since(_)));
        assert_eq!(meter.health(now).dead_letters, first, "the same episode");
        meter.queue(0, Some(0));
        meter.well(true);
        let health = meter.health(later(1));
        assert_eq!((health.behind, health.dead_letters), (Reading::Well, Reading::Well));
        meter.off();
        assert_eq!(meter.health(later(61)), Health::default());
    }

    #[test]
    fn a_registry_has_a_name_once() {
        let registry = Registry::default();
        let first = registry.meter("a", "s3-sqs", Expected::default());
        first.rejected("not-found");
        let _ = registry.meter("b", "hec", Expected::default());
        assert_eq!(
            registry.statuses().iter().map(|s| (s.name.as_str(), s.rejected)).collect::<Vec<_>>(),
            [("a", 1), ("b", 0)]
        );
        let _ = registry.meter("a", "s3-sqs", Expected::default());
        assert_eq!(registry.statuses().iter().map(|s| s.rejected).sum::<u64>(), 0);
        let text = serde_json::to_string(&registry.statuses()[0]).unwrap();
        assert!(text.contains(r#""type":"hec","state":"ok","lag_seconds":null"#), "{text}");
    }
}
