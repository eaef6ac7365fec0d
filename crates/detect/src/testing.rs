//! Runs the tests in rule files. Their events go through the real decoder and the real enricher, batch by batch as they would
//! arrive, and through the rule's mode with a memory of its own: a test is what really happens.

mod events;
mod overlay;

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use engine::matching::Matching;
use event::{Batcher, Decoded, Limits, LogType};
use query::span::Span;
use serde::Serialize;

use crate::detector::Detector;
use crate::held::Held;
use crate::rule::{Case, Mode, Rule};
use events::Clock;

/// Fills the enriched columns of a batch.
pub type Enrich<'a> = &'a (dyn Fn(&'static LogType, RecordBatch) -> Result<RecordBatch, String> + Sync);

/// Runs a scheduled rule's query over events; says whether it has a row.
pub type RunScheduled<'a> = &'a (dyn Fn(&Rule, Vec<Decoded>) -> Result<bool, String> + Sync);

/// What a test wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// That the last event raises.
    Match,
    /// That it does not.
    NoMatch,
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The rule.
    pub rule: String,
    /// What it wants.
    pub wanted: Wanted,
    /// Its number among those, from 1.
    pub number: usize,
    /// Whether it got that.
    pub passed: bool,
    /// What was wrong.
    pub reason: Option<String>,
    /// Where the test stands in the file.
    #[serde(skip)]
    pub span: Span,
}

/// Runs tests; decoders are kept from one to the next.
pub struct Tester<'a> {
    matching: &'a Matching,
    enrich: Enrich<'a>,
    scheduled: Option<RunScheduled<'a>>,
    batchers: HashMap<&'static str, Batcher>,
}

/// The present of tests: long after their events.
const NOW: i64 = i64::MAX;

impl<'a> Tester<'a> {
    /// `scheduled` runs the queries of scheduled rules; without it their tests fail.
    #[must_use]
    pub fn new(matching: &'a Matching, enrich: Enrich<'a>, scheduled: Option<RunScheduled<'a>>) -> Self {
        Self { matching, enrich, scheduled, batchers: HashMap::new() }
    }

    /// Runs all tests of a rule.
    pub fn run(&mut self, rule: &Arc<Rule>) -> Vec<Outcome> {
        let matching = rule.tests.matching.iter().enumerate().map(|(at, case)| (Wanted::Match, at, case));
        let other = rule.tests.other.iter().enumerate().map(|(at, case)| (Wanted::NoMatch, at, case));
        let mut outcomes = Vec::new();
        for (wanted, at, case) in matching.chain(other) {
            let found = self.case(rule, case);
            let reason = match found {
                Ok(found) if found == (wanted == Wanted::Match) => None,
                Ok(true) => Some("it is found, and must not be".to_owned()),
                Ok(false) => Some("it is not found, and must be".to_owned()),
                Err(reason) => Some(reason),
            };
            let passed = reason.is_none();
            outcomes.push(Outcome { rule: rule.id.clone(), wanted, number: at + 1, passed, reason, span: case.span });
        }
        outcomes
    }

    /// Whether the last event of a test raises.
    fn case(&mut self, rule: &Arc<Rule>, case: &Case) -> Result<bool, String> {
        if matches!(rule.mode, Mode::Health { .. }) {
            return Err("a rule about Trailhound's health sees no events".to_owned());
        }
        let batches = self.decoded(rule, case)?;
        if matches!(rule.mode, Mode::Scheduled { .. }) {
            let run = self.scheduled.ok_or("nothing here runs queries of scheduled rules")?;
            return run(rule, batches);
        }
        let rules = [Arc::clone(rule)];
        let (mut detector, broken) =
            Detector::new(&rules, &HashMap::new(), self.matching).map_err(|error| error.to_string())?;
        if let Some(broken) = broken.first() {
            let said = broken.diagnostics.iter().map(|found| format!("{} [{}]", found.message, found.code));
            return Err(said.collect::<Vec<_>>().join("; "));
        }
        let mut memory = Held::default();
        let last = batches.last().and_then(last_time).ok_or("the test has no event")?;
        let mut found = false;
        for batch in batches {
            let findings = detector.observe(&[batch], &mut memory, NOW).map_err(|error| error.to_string())?;
            // Lines of a log may all be of one second: which of them comes last is then not said.
            found = findings.iter().any(|finding| finding.event.event_time == last);
        }
        Ok(found)
    }

    /// The events of a test as batches, one for each entry of its history.
    fn decoded(&mut self, rule: &Rule, case: &Case) -> Result<Vec<Decoded>, String> {
        let log = match rule.logs.as_slice() {
            [one, ..] if one != "all" => one.as_str(),
            _ => "cloudtrail",
        };
        let log_type = event::log_type(log).ok_or_else(|| format!("there is no log type `{log}`"))?;
        let mut clock = Clock::default();
        let mut batches = Vec::new();
        for event in &case.events {
            let texts: Vec<(String, i64)> =
                (0..event.times).map(|_| clock.text(log_type, &rule.tests, event)).collect();
            let mut columns = rule.tests.enriched.clone();
            columns.extend(event.enriched.clone());
            let batcher = self
                .batchers
                .entry(log_type.id)
                .or_insert_with(|| Batcher::new(Limits::default()).keeping_unknown().taking_for(log_type));
            for decoded in decode(batcher, &texts)? {
                let batch = (self.enrich)(decoded.log_type, decoded.batch)?;
                let batch = overlay::laid_over(&batch, &columns)?;
                batches.push(Decoded { log_type: decoded.log_type, batch });
            }
        }
        Ok(batches)
    }
}

/// Decodes records, each an object of its own.
fn decode(batcher: &mut Batcher, texts: &[(String, i64)]) -> Result<Vec<Decoded>, String> {
    for (number, (text, time)) in texts.iter().enumerate() {
        let origin = format!("test/{time}-{number}");
        let outcome = match batcher.push_object(text.as_bytes(), &origin, *time) {
            Err(event::ObjectError::NotALog(_)) => batcher.push_lines(text.as_bytes(), &origin, *time),
            other => other,
        };
        let outcome = outcome.map_err(|error| format!("the event can't be decoded: {error}"))?;
        if let Some(rejected) = outcome.rejected.first() {
            return Err(format!("the event can't be decoded: {}", rejected.message));
        }
    }
    let mut batches = Vec::new();
    while let Some(decoded) = batcher.take_batch().map_err(|error| error.to_string())? {
        batches.push(decoded);
    }
    Ok(batches)
}

/// When the last event of a batch was, microseconds.
fn last_time(decoded: &Decoded) -> Option<i64> {
    let times = cast(decoded.batch.column_by_name("event_time")?, &DataType::Int64).ok()?;
    let times = times.as_primitive::<Int64Type>();
    times.len().checked_sub(1).filter(|at| times.is_valid(*at)).map(|at| times.value(at))
}
