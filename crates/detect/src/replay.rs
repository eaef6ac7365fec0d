//! Replay: what a rule would have found in the past, before it is switched on. The stored rows of the period go through the
//! same matcher and modes as events that come in, day by day in the order of their time, with a memory of their own that
//! begins empty; what the rule does not look at is left out by its own predicate before it is decoded.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use engine::matching::Matching;
use engine::{Engine, Language, QueryRequest, StoredRows};
use event::{Decoded, LogType};
use futures::StreamExt;
use query::pipeline::{Expr, ExprKind, Func, Literal, Type};
use query::span::Span;

use crate::compile::{self, CompiledRule};
use crate::detections::{Detections, Error, refused};
use crate::finding::{Evidence, Finding, GroupValue};
use crate::rule::{Mode, Rule};
use crate::{Detector, Held, schedule};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
/// Periods up to this long are told by the hour.
const SHORT: i64 = 4 * DAY;
/// Bytes of rows that go through at a time.
const SLICE: usize = 32 << 20;
/// Most keys that are told apart.
const MOST_GROUPS: usize = 100_000;
/// Most runs of a scheduled rule.
const MOST_RUNS: usize = 3_000;

/// The period, and how much is shown of what is found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Period {
    /// Events at or after this instant, microseconds since the epoch.
    pub since: Option<i64>,
    /// Events before it.
    pub until: Option<i64>,
    /// Most groups and events shown.
    pub limit: usize,
}

/// The findings of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayedGroup {
    /// The key.
    pub group: Vec<GroupValue>,
    /// How many.
    pub findings: u64,
    /// Time of the first event, microseconds since the epoch.
    pub first: i64,
    /// Time of the last.
    pub last: i64,
}

/// What a rule would have found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Findings.
    pub findings: u64,
    /// Keys: alerts that would have been opened.
    pub alerts: u64,
    /// The keys with most findings.
    pub groups: Vec<ReplayedGroup>,
    /// The latest events that raise.
    pub events: Vec<Evidence>,
    /// Findings by the hour or day in which they happened: its beginning, and how many.
    pub timeline: Vec<(i64, u64)>,
    /// Stored events of the files that were looked at.
    pub scanned: u64,
    /// Findings that exceptions left out.
    pub excepted: u64,
}

impl Detections {
    /// Runs a rule over the past: [`replay`] with what these detections are set up with.
    ///
    /// # Errors
    /// As [`replay`].
    pub async fn replay(&self, engine: &Engine, rule: &Arc<Rule>, period: Period) -> Result<Replayed, Error> {
        replay(engine, self.matching(), rule, period, self.store().now()).await
    }
}

/// Runs a rule over the past. `now` is the present, microseconds since the epoch.
///
/// # Errors
/// [`Error::Refused`] where the rule does not compile, [`Error::Invalid`] where a scheduled rule would run too often, and the
/// engine's.
pub async fn replay(
    engine: &Engine,
    matching: &Matching,
    rule: &Arc<Rule>,
    period: Period,
    now: i64,
) -> Result<Replayed, Error> {
    if let Mode::Scheduled { every, window } = rule.mode {
        return scheduled(engine, rule, period, (every, window), now).await;
    }
    if matches!(rule.mode, Mode::Health { .. }) {
        return Err(Error::Invalid("a rule about Trailhound's health has no past to look at".to_owned()));
    }
    let compiled = compile::rule(rule).map_err(Error::Refused)?;
    let mut course = Course::new(rule, matching, now, period)?;
    let types = log_types(&compiled);
    for day in days(engine, &types, period).await? {
        for log_type in &types {
            let rows = StoredRows {
                table: log_type.id.to_owned(),
                since: Some(period.since.map_or(day, |since| since.max(day))),
                until: Some(period.until.map_or(day + DAY, |until| until.min(day + DAY))),
                predicate: predicate(&compiled, log_type),
                arrived: None,
            };
            course = course.through(engine, log_type, &rows).await?;
        }
    }
    for log_type in &types {
        let days = engine.days(log_type.id, period.since, period.until).await?;
        course.tally.scanned += days.iter().map(|(_, rows)| rows).sum::<u64>();
    }
    Ok(course.end())
}

/// The log types that a rule reads.
fn log_types(compiled: &CompiledRule) -> Vec<&'static LogType> {
    let mut found: Vec<&'static LogType> =
        compiled.steps.iter().flatten().filter_map(|truth| event::log_type(truth.log_type)).collect();
    found.sort_by_key(|log_type| log_type.id);
    found.dedup_by_key(|log_type| log_type.id);
    found
}

/// The days of the period that have rows, as the instants at which they begin.
async fn days(engine: &Engine, types: &[&'static LogType], period: Period) -> Result<Vec<i64>, Error> {
    let mut days = Vec::new();
    for log_type in types {
        let found = engine.days(log_type.id, period.since, period.until).await?;
        days.extend(found.into_iter().map(|(day, _)| i64::from(day) * DAY));
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

/// What rows of a log type have to fulfil to be looked at by any step; none where all may be.
fn predicate(compiled: &CompiledRule, log_type: &LogType) -> Option<Expr> {
    let mut any = Vec::new();
    for truth in compiled.steps.iter().flatten().filter(|truth| truth.log_type == log_type.id) {
        any.push(joined(Func::And, truth.conjuncts.clone())?);
    }
    joined(Func::Or, any)
}

fn joined(func: Func, parts: Vec<Expr>) -> Option<Expr> {
    let call = |a: Expr, b: Expr| Expr {
        kind: ExprKind::Call { func, args: vec![a, b] },
        ty: Type::Bool,
        span: Span::default(),
    };
    let nothing = |part: &Expr| matches!(part.kind, ExprKind::Literal(Literal::Bool(true)));
    if func == Func::Or && parts.iter().any(nothing) {
        return None;
    }
    parts.into_iter().reduce(call)
}

/// A rule on its way through the past.
struct Course {
    with: Pass,
    /// The same without exceptions, where there are some.
    without: Option<Pass>,
    now: i64,
    tally: Tally,
}

/// A detector with its memory.
struct Pass {
    detector: Detector,
    memory: Held,
    findings: u64,
}

impl Pass {
    fn new(rule: &Arc<Rule>, matching: &Matching) -> Result<Self, Error> {
        let (detector, broken) = Detector::new(std::slice::from_ref(rule), &HashMap::new(), matching)?;
        match broken.into_iter().next() {
            Some(broken) => Err(Error::Refused(broken.diagnostics)),
            None => Ok(Self { detector, memory: Held::default(), findings: 0 }),
        }
    }

    fn observe(&mut self, batches: &[Decoded], now: i64) -> Result<Vec<Finding>, Error> {
        let findings = self.detector.observe(batches, &mut self.memory, now)?;
        self.findings += findings.iter().filter(|finding| !finding.continues).count() as u64;
        Ok(findings)
    }
}

impl Course {
    fn new(rule: &Arc<Rule>, matching: &Matching, now: i64, period: Period) -> Result<Self, Error> {
        let without = match rule.exceptions.as_slice() {
            [] => None,
            _ => Some(Pass::new(&Arc::new(Rule { exceptions: Vec::new(), ..rule.as_ref().clone() }), matching)?),
        };
        Ok(Self { with: Pass::new(rule, matching)?, without, now, tally: Tally::new(period, now) })
    }

    async fn through(mut self, engine: &Engine, log_type: &'static LogType, rows: &StoredRows) -> Result<Self, Error> {
        let mut stream = engine.stored(rows).await?;
        let (mut held, mut bytes) = (Vec::new(), 0);
        loop {
            let batch = stream.next().await.transpose()?;
            let end = batch.is_none();
            if let Some(batch) = batch {
                bytes += batch.get_array_memory_size();
                held.push(Decoded { log_type, batch });
            }
            if bytes >= SLICE || end {
                self = self.slice(std::mem::take(&mut held)).await?;
                bytes = 0;
            }
            if end {
                return Ok(self);
            }
        }
    }

    async fn slice(mut self, batches: Vec<Decoded>) -> Result<Self, Error> {
        if batches.is_empty() {
            return Ok(self);
        }
        let done = tokio::task::spawn_blocking(move || -> Result<Self, Error> {
            let findings = self.with.observe(&batches, self.now)?;
            findings.into_iter().for_each(|finding| self.tally.add(finding));
            if let Some(without) = &mut self.without {
                without.observe(&batches, self.now)?;
            }
            Ok(self)
        });
        done.await.map_err(|error| Error::Thread(error.to_string()))?
    }

    fn end(self) -> Replayed {
        let excepted = self.without.map_or(0, |without| without.findings.saturating_sub(self.with.findings));
        Replayed { excepted, ..self.tally.end() }
    }
}

/// Counts findings.
struct Tally {
    limit: usize,
    width: i64,
    scanned: u64,
    findings: u64,
    groups: HashMap<String, ReplayedGroup>,
    events: Vec<Evidence>,
    timeline: BTreeMap<i64, u64>,
}

impl Tally {
    fn new(period: Period, now: i64) -> Self {
        let length = period.since.map(|since| period.until.unwrap_or(now) - since);
        let width = if length.is_some_and(|length| length <= SHORT) { HOUR } else { DAY };
        Self {
            limit: period.limit.max(1),
            width,
            scanned: 0,
            findings: 0,
            groups: HashMap::new(),
            events: Vec::new(),
            timeline: BTreeMap::new(),
        }
    }

    fn add(&mut self, finding: Finding) {
        let at = finding.event.event_time;
        let own = u64::from(!finding.continues);
        self.findings += own;
        *self.timeline.entry(at.div_euclid(self.width) * self.width).or_default() += own;
        let key = finding.group.iter().map(|value| format!("{:?}", value.value)).collect::<Vec<_>>().join("\u{1f}");
        let room = self.groups.len() < MOST_GROUPS;
        if room || self.groups.contains_key(&key) {
            let new = || ReplayedGroup { group: finding.group.clone(), findings: 0, first: at, last: at };
            let group = self.groups.entry(key).or_insert_with(new);
            group.findings += own;
            group.first = group.first.min(at);
            group.last = group.last.max(at);
        }
        self.events.push(finding.event);
        if self.events.len() > 4 * self.limit.max(256) {
            self.newest();
        }
    }

    fn newest(&mut self) {
        self.events.sort_by_key(|event| std::cmp::Reverse(event.event_time));
        self.events.truncate(self.limit);
    }

    fn end(mut self) -> Replayed {
        self.newest();
        let alerts = self.groups.len() as u64;
        let mut groups: Vec<ReplayedGroup> = self.groups.into_values().collect();
        groups.sort_by(|a, b| b.findings.cmp(&a.findings).then(a.first.cmp(&b.first)));
        groups.truncate(self.limit);
        Replayed {
            findings: self.findings,
            alerts,
            groups,
            events: self.events,
            timeline: self.timeline.into_iter().collect(),
            scanned: self.scanned,
            excepted: 0,
        }
    }
}

/// A scheduled rule as it would have run over the events of the period: each run sees those of its window, as if they had
/// come in when they happened.
async fn scheduled(
    engine: &Engine,
    rule: &Arc<Rule>,
    period: Period,
    (every, window): (i64, i64),
    now: i64,
) -> Result<Replayed, Error> {
    let query = rule.query.as_ref().ok_or_else(|| Error::Invalid("the rule has no query".to_owned()))?;
    let mut tally = Tally::new(period, now);
    let types: Vec<&'static LogType> = match rule.logs.iter().any(|log| log == "all") {
        true => event::log_types().to_vec(),
        false => rule.logs.iter().filter_map(|log| event::log_type(log)).collect(),
    };
    let mut ends = BTreeSet::new();
    for log_type in types {
        for bucket in buckets(engine, log_type, period, every).await? {
            // The runs whose windows reach back to these events.
            let runs = bucket + 1..=bucket + (window / every).max(1);
            ends.extend(runs.map(|run| run * every).filter(|end| *end - every <= now));
        }
        if ends.len() > MOST_RUNS {
            let text = format!("the rule would run more than {MOST_RUNS} times in this period; choose a shorter one");
            return Err(Error::Invalid(text));
        }
    }
    let mut excepted = 0;
    for end in ends {
        let bounds = QueryRequest { since: Some(end - window), until: Some(end), ..schedule::request(query)? };
        let stream = engine.query(bounds).await.map_err(refused)?;
        let progress = Arc::clone(&stream.progress);
        for finding in schedule::findings(stream, rule, end, &end.to_string()).await?.findings {
            if schedule::excepted(rule, &finding, now) {
                excepted += 1;
            } else {
                tally.add(finding);
            }
        }
        tally.scanned += progress.scanned_rows();
    }
    Ok(Replayed { excepted, ..tally.end() })
}

/// The intervals of the period that have events, by number since the epoch.
async fn buckets(
    engine: &Engine,
    log_type: &'static LogType,
    period: Period,
    every: i64,
) -> Result<BTreeSet<i64>, Error> {
    let seconds = (every / SECOND).max(1);
    let text = format!(
        "SELECT DISTINCT CAST(floor(to_unixtime(event_time) / {seconds}) AS BIGINT) AS bucket FROM {}",
        log_type.id
    );
    let mut request =
        QueryRequest { since: period.since, until: period.until, ..QueryRequest::new(Language::Sql, text) };
    request.limits.rows = MOST_RUNS as u64 + 1;
    let mut stream = engine.query(request).await?;
    let mut found = BTreeSet::new();
    while let Some(batch) = stream.batches.next().await.transpose()? {
        let numbers = batch.column_by_name("bucket").and_then(|column| column.as_primitive_opt::<Int64Type>());
        found.extend(numbers.into_iter().flat_map(|numbers| numbers.iter().flatten()));
    }
    Ok(found)
}
