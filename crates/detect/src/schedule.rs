//! Scheduled rules: a query that runs again and again over what came in. What it sees is told by the lake's log and not by a
//! clock: a run takes the rows of the commits since the mark where the last one ended, whenever their events happened, so an
//! event that comes late is seen once, and neither a restart nor a failed run skips or repeats any. A window that is longer
//! than the interval reaches back to an earlier mark.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use engine::{Arrived, Engine, Language, Limits, Mark, QueryError, QueryRequest, QueryStream, ResultKind};
use futures::StreamExt;
use serde_json::{Map, Value};

use crate::detections::{Detections, Error};
use crate::detector::holds;
use crate::finding::{Evidence, Finding, GroupValue};
use crate::memory::key_of;
use crate::rule::{Mode, Query, Rule};
use crate::store::{Schedule, Telling};

/// Most rows of a run that become findings.
const MOST_ROWS: u64 = 10_000;
/// Longest wait after a run that failed, microseconds.
const LONGEST_WAIT: i64 = 3_600_000_000;
/// Longest wait for a rule that nobody changed, microseconds.
const IDLE: i64 = 60_000_000;
/// Most marks of a rule.
const MOST_MARKS: usize = 1_000;

/// What a run is about.
struct Run<'a> {
    rule: &'a Arc<Rule>,
    every: i64,
    window: i64,
    before: Schedule,
    mark: Mark,
}

impl Detections {
    /// Runs the scheduled rules that are due, one after another, and says when the next one is, microseconds since the epoch. A
    /// rule that fails is tried again later, and later each time; the error is shown at the rule.
    ///
    /// # Errors
    /// The store's, and the lake's where its tables can't be listed.
    pub async fn run_due(&self, engine: &Engine) -> Result<i64, Error> {
        let mut next = self.store().now() + IDLE;
        for watched in self.rules().iter().filter(|watched| watched.rule.enabled && watched.error.is_none()) {
            let Mode::Scheduled { every, window } = watched.rule.mode else { continue };
            let before = self.schedule(&watched.rule.id).await?;
            if before.next_at > self.store().now() {
                next = next.min(before.next_at);
                continue;
            }
            let mark = engine.mark().await?;
            let run = Run { rule: &watched.rule, every, window, before, mark };
            next = next.min(self.run(engine, run).await?);
        }
        Ok(next)
    }

    async fn schedule(&self, rule: &str) -> Result<Schedule, Error> {
        let rule = rule.to_owned();
        let found = self.blocking(move |detections| Ok(detections.store().schedules()?.remove(&rule)));
        Ok(found.await?.unwrap_or_default())
    }

    /// One run; says when the next one is.
    async fn run(&self, engine: &Engine, run: Run<'_>) -> Result<i64, Error> {
        let found = match run.arrived() {
            Some(arrived) => run.rows(engine, arrived).await,
            None => Ok(Found::default()),
        };
        let (after, findings) = run.after(found, self.store().now());
        let next = after.next_at;
        let (rule, before) = (Arc::clone(run.rule), run.before);
        let recorded = self.blocking(move |detections| {
            let store = detections.store();
            let kept: Vec<Finding> =
                findings.into_iter().filter(|finding| !excepted(&rule, finding, store.now())).collect();
            store.change(|change| -> Result<(), Error> {
                // Another process may have run it meanwhile.
                if store.schedules()?.remove(&rule.id).unwrap_or_default().marks != before.marks {
                    return Ok(());
                }
                store.record(change, &kept, |id| (id == rule.id).then_some(rule.as_ref()), Telling::Sinks)?;
                Ok(store.set_schedule(change, &rule.id, &after)?)
            })
        });
        recorded.await?;
        Ok(next)
    }

    /// Why scheduled rules do not run, by id.
    ///
    /// # Errors
    /// The store's.
    pub fn schedule_errors(&self) -> Result<BTreeMap<String, String>, Error> {
        let schedules = self.store().schedules()?.into_iter();
        Ok(schedules.filter_map(|(id, schedule)| Some((id, schedule.error?))).collect())
    }
}

/// What a run found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    /// Whether there was more.
    pub(crate) truncated: bool,
}

impl Run<'_> {
    /// What the run is to look at; none where nothing came in since the last one, or nothing ever ran.
    fn arrived(&self) -> Option<Arrived> {
        let last = self.before.marks.last()?;
        if last.versions == self.mark.versions {
            return None;
        }
        let begins = self.mark.at - self.window;
        let earlier = self.before.marks.iter().rev().find(|mark| mark.at <= begins || self.window <= self.every);
        let after = earlier.or(self.before.marks.first())?.clone();
        Some(Arrived { after, upto: self.mark.clone() })
    }

    async fn rows(&self, engine: &Engine, arrived: Arrived) -> Result<Found, QueryError> {
        let Some(query) = &self.rule.query else { return Ok(Found::default()) };
        let request = QueryRequest { arrived: Some(arrived), ..request(query)? };
        findings(engine.query(request).await?, self.rule, self.mark.at, &format!("{:?}", self.mark.versions)).await
    }

    /// Where the rule stands after a run, with what it found. A failed run moves no mark: its rows are looked at again.
    fn after(&self, found: Result<Found, QueryError>, now: i64) -> (Schedule, Vec<Finding>) {
        let mut after = self.before.clone();
        match found {
            Ok(found) => {
                after.marks.push(self.mark.clone());
                self.trim(&mut after.marks);
                after.failures = 0;
                after.ran_at = Some(now);
                let more = format!("the last run gave more than {MOST_ROWS} rows; the rest was left out");
                after.error = found.truncated.then_some(more);
                after.next_at = now + self.every;
                (after, found.findings)
            }
            Err(error) => {
                after.failures = after.failures.saturating_add(1);
                after.error = Some(error.message.chars().take(2_000).collect());
                after.next_at = now + wait(self.every, after.failures);
                (after, Vec::new())
            }
        }
    }

    /// Drops the marks that no window reaches back to any more.
    fn trim(&self, marks: &mut Vec<Mark>) {
        let begins = self.mark.at - self.window;
        let needless = marks.iter().rposition(|mark| mark.at <= begins).unwrap_or(0);
        marks.drain(..needless.max(marks.len().saturating_sub(MOST_MARKS)));
        if self.window <= self.every {
            marks.drain(..marks.len().saturating_sub(1));
        }
    }
}

/// Doubles with each failure, up to an hour (or the interval, where that is longer).
fn wait(every: i64, failures: u32) -> i64 {
    let doubled = every.saturating_mul(1_i64 << failures.min(20));
    doubled.min(LONGEST_WAIT.max(every))
}

/// The request of a scheduled query.
pub(crate) fn request(query: &Query) -> Result<QueryRequest, QueryError> {
    let lang: Language =
        query.lang.parse().map_err(|error: String| QueryError::new(engine::ErrorKind::Invalid, error))?;
    let mut request = QueryRequest::new(lang, query.text.as_str());
    request.limits = Limits { rows: MOST_ROWS + 1, ..Limits::default() };
    Ok(request)
}

/// The rows of an answer as findings. `at` is their time where they have none; `run` tells equal rows of different runs apart.
pub(crate) async fn findings(mut stream: QueryStream, rule: &Rule, at: i64, run: &str) -> Result<Found, QueryError> {
    let events = stream.kind == ResultKind::Events;
    let texts: Vec<String> =
        stream.columns.iter().filter(|column| column.ty == "text").map(|column| column.name.clone()).collect();
    let rows = Rows { rule, events, texts, at, run };
    let mut found = Found::default();
    while let Some(batch) = stream.batches.next().await {
        for row in objects(&batch?)? {
            if found.findings.len() as u64 >= MOST_ROWS {
                found.truncated = true;
                return Ok(found);
            }
            found.findings.push(rows.finding(row));
        }
    }
    Ok(found)
}

fn objects(batch: &RecordBatch) -> Result<Vec<Map<String, Value>>, QueryError> {
    let mut lines = Vec::new();
    engine::ndjson(batch, &mut lines)?;
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let read = |line| {
        serde_json::from_slice(line).map_err(|error| QueryError::new(engine::ErrorKind::Internal, error.to_string()))
    };
    lines.map(read).collect()
}

/// What rows have in common.
struct Rows<'a> {
    rule: &'a Rule,
    events: bool,
    /// The columns of text.
    texts: Vec<String>,
    at: i64,
    run: &'a str,
}

impl Rows<'_> {
    fn finding(&self, row: Map<String, Value>) -> Finding {
        let record: Map<String, Value> = match row.get("_raw").and_then(Value::as_str) {
            Some(raw) if self.events => serde_json::from_str(raw).unwrap_or_default(),
            _ => Map::new(),
        };
        let group = self.group(&row, &record);
        let of =
            |names: &[&str]| names.iter().find_map(|name| text(row.get(*name)?).or_else(|| at_path(&record, name)));
        let event = Evidence {
            event_id: self.id(&row),
            log_type: self.rule.logs.first().cloned().unwrap_or_default(),
            event_time: time(&row).unwrap_or(self.at),
            event_name: of(&["event_name", "eventName"]).or_else(|| at_path(&record, "eventName")),
            event_source: of(&["event_source", "eventSource"]).or_else(|| at_path(&record, "eventSource")),
            actor: of(&["actor_name", "user", "userName", "username"]).or_else(|| at_path(&record, "userIdentity.arn")),
            source_address: of(&["source_ip_address", "sourceIPAddress", "src_ip", "src"])
                .or_else(|| at_path(&record, "sourceIPAddress")),
            country: of(&["geo_country_code", "country_code"]),
            error_code: of(&["error_code", "errorCode"]).or_else(|| at_path(&record, "errorCode")),
            account: of(&["recipient_account_id", "recipientAccountId", "account_id", "account"])
                .or_else(|| at_path(&record, "recipientAccountId")),
            region: of(&["aws_region", "awsRegion", "region"]).or_else(|| at_path(&record, "awsRegion")),
            row: (!self.events).then_some(row),
        };
        Finding { rule: self.rule.id.clone(), evidence: vec![event.clone()], event, group, continues: false }
    }

    /// The key: the fields that the rule names; else the columns of text, for events the account and the actor.
    fn group(&self, row: &Map<String, Value>, record: &Map<String, Value>) -> Vec<GroupValue> {
        let value = |field: &str| row.get(field).and_then(text).or_else(|| at_path(record, field));
        let named = |field: &str| GroupValue { field: field.to_owned(), value: value(field) };
        if self.rule.one_alert {
            return Vec::new();
        }
        if !self.rule.group_by.is_empty() {
            return self.rule.group_by.iter().map(|field| named(field)).collect();
        }
        if self.events {
            return ["recipientAccountId", "userIdentity.arn"].map(named).to_vec();
        }
        self.texts.iter().map(|field| named(field)).collect()
    }

    fn id(&self, row: &Map<String, Value>) -> String {
        let own = ["eventID", "event_id"].iter().find_map(|name| text(row.get(*name)?));
        if let (true, Some(own)) = (self.events, own) {
            return own;
        }
        let row = Value::Object(row.clone()).to_string();
        format!("row-{:032x}", key_of([Some(self.run), Some(row.as_str())]))
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn at_path(record: &Map<String, Value>, path: &str) -> Option<String> {
    let mut parts = path.split('.');
    let mut value = record.get(parts.next()?)?;
    for part in parts {
        value = value.get(part)?;
    }
    text(value)
}

/// The time of a row, microseconds since the epoch.
fn time(row: &Map<String, Value>) -> Option<i64> {
    let names = ["_time", "event_time", "eventTime", "@timestamp", "_messagetime", "_timeslice"];
    let text = names.iter().find_map(|name| row.get(*name)?.as_str())?;
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_micros())
}

/// Whether a user's exception is about a row. Rows have only the fields that the query gave them.
pub(crate) fn excepted(rule: &Rule, finding: &Finding, now: i64) -> bool {
    let value = |field: &str| {
        let of_row = || finding.event.row.as_ref().and_then(|row| row.get(field)).and_then(text);
        let of_key = || finding.group.iter().find(|value| value.field == field).and_then(|value| value.value.clone());
        of_key().or_else(of_row).or_else(|| known(&finding.event, field))
    };
    let mut live = rule.exceptions.iter().filter(|exception| exception.until.is_none_or(|until| now < until));
    live.any(|exception| value(&exception.field).is_some_and(|value| holds(&exception.is, &value)))
}

/// What evidence tells of a field.
fn known(event: &Evidence, field: &str) -> Option<String> {
    match field {
        "actor_name" => event.actor.clone(),
        "source_ip_address" | "source_address" | "sourceIPAddress" => event.source_address.clone(),
        "event_name" | "eventName" => event.event_name.clone(),
        "event_source" | "eventSource" => event.event_source.clone(),
        "aws_region" | "awsRegion" | "region" => event.region.clone(),
        "recipient_account_id" | "recipientAccountId" | "account_id" => event.account.clone(),
        "error_code" | "errorCode" => event.error_code.clone(),
        "geo_country_code" => event.country.clone(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(at: i64, version: i64) -> Mark {
        Mark { at, versions: [("cloudtrail".to_owned(), version)].into() }
    }

    fn check(every: i64, window: i64, marks: &[&Mark], now: &Mark, after: Option<&Mark>, kept: &[&Mark]) {
        let text = "id: r\ntitle: t\nquery: { lang: spl, text: 'x | stats count' }\n";
        let rule = Arc::new(crate::rule::read(text, &crate::Attack::default()).0.unwrap());
        let marks: Vec<Mark> = marks.iter().copied().cloned().collect();
        let before = Schedule { marks: marks.clone(), ..Schedule::default() };
        let run = Run { rule: &rule, every, window, before, mark: now.clone() };
        assert_eq!(run.arrived().map(|arrived| arrived.after).as_ref(), after);
        assert_eq!(run.after(Ok(Found::default()), 0).0.marks.iter().collect::<Vec<_>>(), kept);
        // A run that fails is repeated over the same.
        let failed = run.after(Err(QueryError::new(engine::ErrorKind::Deadline, "slow")), 7).0;
        assert_eq!(
            (failed.marks.as_slice(), failed.failures, failed.error.as_deref()),
            (marks.as_slice(), 1, Some("slow"))
        );
        assert_eq!(failed.next_at, 7 + wait(every, 1));
    }

    #[test]
    fn runs_meet_end_to_end() {
        let (a, b, c, d) = (mark(0, 1), mark(10, 2), mark(20, 3), mark(30, 4));
        // The first run only marks where it begins.
        check(10, 10, &[], &a, None, &[&a]);
        check(10, 10, &[&a], &b, Some(&a), &[&b]);
        // After a pause, everything since.
        check(10, 10, &[&a], &d, Some(&a), &[&d]);
        // Nothing came in.
        check(10, 10, &[&a], &mark(10, 1), None, &[&mark(10, 1)]);
        // A window of two intervals.
        check(10, 20, &[&a, &b], &c, Some(&a), &[&a, &b, &c]);
        check(10, 20, &[&a, &b, &c], &d, Some(&b), &[&b, &c, &d]);
    }

    #[test]
    fn waits_double_up_to_an_hour() {
        let minute = 60_000_000;
        assert_eq!([1, 2, 3].map(|n| wait(5 * minute, n) / minute), [10, 20, 40]);
        assert_eq!(wait(5 * minute, 40) / minute, 60);
        assert_eq!(wait(1440 * minute, 3) / minute, 1440);
    }
}
