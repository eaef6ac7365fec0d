//! All streaming rules over batches of events: what each event fulfils, less the exceptions, handed to the rules' modes.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch, StringViewArray};
use engine::QueryError;
use engine::matching::Matching;
use event::{Decoded, LogType};
use query::diagnostic::Diagnostic;
use query::span::Span;

use crate::batch::{Batch, TextField};
use crate::compile::{self, Truth};
use crate::fields::default_group;
use crate::finding::{Finding, GroupValue};
use crate::matcher::{Frame, Matcher};
use crate::memory::{Memory, MemoryError};
use crate::modes::{self, Found, Horizon, Raised};
use crate::rule::{Excepted, Exception, Mode, Rule};

/// Why rules could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// An expression failed over a batch: a defect.
    #[error("rules can't be matched: {}", .0.message)]
    Match(QueryError),
    /// The rules' memory failed.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl From<QueryError> for DetectError {
    fn from(error: QueryError) -> Self {
        Self::Match(error)
    }
}

/// A rule that does not run.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// Its id.
    pub rule: String,
    /// Why, with spans into its query's text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Most rows of several batches that rules are asked about at once.
const TOGETHER: usize = 32_768;

/// A rule that is asked of events as they come.
pub(crate) struct Prepared {
    pub(crate) rule: Arc<Rule>,
    /// What it needs of each log type that it reads.
    types: HashMap<&'static str, OfType>,
    horizon: Horizon,
}

/// A rule's fields in one log type.
pub(crate) struct OfType {
    /// The alert's key.
    pub(crate) group: Vec<TextField>,
    /// The mode's own fields.
    pub(crate) fields: Vec<TextField>,
    exceptions: Vec<Excepting>,
}

struct Excepting {
    field: TextField,
    is: Excepted,
    until: Option<i64>,
}

/// The streaming rules, ready.
pub struct Detector {
    rules: Vec<Prepared>,
    /// The rule and step of each truth.
    probes: Vec<(usize, u8)>,
    matcher: Matcher,
}

impl Detector {
    /// Prepares rules; those that see no events as they come (scheduled ones, those about health) are passed over. Further exceptions of a rule may be given by its id. Rules
    /// that can't run are named, with why.
    ///
    /// # Errors
    /// [`DetectError::Match`] where truths that compile by themselves do not together: a defect.
    pub fn new(
        rules: &[Arc<Rule>],
        exceptions: &HashMap<String, Vec<Exception>>,
        matching: &Matching,
    ) -> Result<(Self, Vec<Broken>), DetectError> {
        let (mut prepared, mut broken, mut probes) = (Vec::new(), Vec::new(), Vec::new());
        let mut truths: Vec<(usize, Truth)> = Vec::new();
        for rule in rules.iter().filter(|rule| rule.mode.is_streaming()) {
            let further = exceptions.get(&rule.id).map(Vec::as_slice).unwrap_or_default();
            match prepare(rule, further, matching) {
                Ok((ready, steps)) => {
                    for (step, of_step) in (0_u8..).zip(steps) {
                        truths.extend(of_step.into_iter().map(|truth| (probes.len(), truth)));
                        probes.push((prepared.len(), step));
                    }
                    prepared.push(ready);
                }
                Err(diagnostics) => broken.push(Broken { rule: rule.id.clone(), diagnostics }),
            }
        }
        let truths: Vec<(usize, &Truth)> = truths.iter().map(|(id, truth)| (*id, truth)).collect();
        let matcher = Matcher::new(matching, &truths).map_err(|(_, error)| error)?;
        Ok((Self { rules: prepared, probes, matcher }, broken))
    }

    /// The rules that are asked.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter().map(|prepared| &prepared.rule)
    }

    /// Whether any rule is about a log type.
    #[must_use]
    pub fn reads(&self, log_type: &LogType) -> bool {
        self.matcher.reads(log_type)
    }

    /// What the rules find in batches of events that were not there before. `now` is the present, microseconds.
    ///
    /// # Errors
    /// Where the memory fails, or an expression does; nothing of these batches may then be kept.
    pub fn observe(
        &mut self,
        batches: &[Decoded],
        memory: &mut dyn Memory,
        now: i64,
    ) -> Result<Vec<Finding>, DetectError> {
        let mut findings = Vec::new();
        for frame in self.frames(batches) {
            self.batch(&Batch::new(frame)?, memory, now, &mut findings)?;
        }
        Ok(findings)
    }

    /// The batches that rules read, those of one log type together up to [`TOGETHER`] rows.
    fn frames<'a>(&self, batches: &'a [Decoded]) -> Vec<Frame<'a>> {
        let mut gathered: Vec<(&'static LogType, usize, Vec<&'a RecordBatch>)> = Vec::new();
        for Decoded { log_type, batch } in batches {
            let rows = batch.num_rows();
            if rows == 0 || !self.matcher.reads(log_type) {
                continue;
            }
            let last = gathered.iter_mut().rev().find(|(of, ..)| of.id == log_type.id);
            match last.filter(|(_, before, _)| *before + rows <= TOGETHER) {
                Some((_, before, parts)) => {
                    *before += rows;
                    parts.push(batch);
                }
                None => gathered.push((log_type, rows, vec![batch])),
            }
        }
        gathered.into_iter().map(|(log_type, _, parts)| Frame::new(log_type, parts)).collect()
    }

    fn batch(
        &mut self,
        batch: &Batch<'_>,
        memory: &mut dyn Memory,
        now: i64,
        findings: &mut Vec<Finding>,
    ) -> Result<(), DetectError> {
        let mut steps: Vec<Vec<Found>> = vec![Vec::new(); self.rules.len()];
        for found in self.matcher.over(&batch.frame)? {
            let (rule, step) = self.probes[found.probe];
            if let Some(of_type) = self.rules[rule].types.get(batch.frame.log_type().id) {
                let rows = of_type.kept(batch, found.rows, now)?;
                if !rows.is_empty() {
                    steps[rule].push(Found { step, rows });
                }
            }
        }
        for (prepared, steps) in self.rules.iter_mut().zip(steps).filter(|(_, steps)| !steps.is_empty()) {
            let Some(of_type) = prepared.types.get(batch.frame.log_type().id) else { continue };
            let raised = modes::run(&prepared.rule, of_type, batch, &steps, memory)?;
            of_type.findings(&prepared.rule, batch, raised, findings)?;
            if let Some(before) = prepared.horizon.passed(&prepared.rule.mode, batch.latest(now)) {
                memory.forget(&prepared.rule.id, before)?;
            }
        }
        Ok(())
    }
}

impl OfType {
    /// The rows that no exception takes out.
    fn kept(&self, batch: &Batch<'_>, mut rows: Vec<u32>, now: i64) -> Result<Vec<u32>, QueryError> {
        for exception in self.exceptions.iter().filter(|exception| exception.until.is_none_or(|until| now < until)) {
            if rows.is_empty() {
                break;
            }
            let values = exception.field.of(&batch.frame, &rows)?;
            let excepted = |at: usize| values.is_valid(at) && holds(&exception.is, values.value(at));
            rows = rows.iter().enumerate().filter(|(at, _)| !excepted(*at)).map(|(_, row)| *row).collect();
        }
        Ok(rows)
    }

    fn findings(
        &self,
        rule: &Rule,
        batch: &Batch<'_>,
        raised: Vec<Raised>,
        out: &mut Vec<Finding>,
    ) -> Result<(), QueryError> {
        if raised.is_empty() {
            return Ok(());
        }
        let rows: Vec<u32> = raised.iter().map(|raised| raised.row).collect();
        let values: Vec<StringViewArray> =
            self.group.iter().map(|field| field.of(&batch.frame, &rows)).collect::<Result<_, _>>()?;
        for (at, Raised { event, evidence, continues, .. }) in raised.into_iter().enumerate() {
            let value = |column: &StringViewArray| column.is_valid(at).then(|| column.value(at).to_owned());
            let group = self.group.iter().zip(&values);
            let group = group.map(|(field, column)| GroupValue { field: field.name.clone(), value: value(column) });
            out.push(Finding { rule: rule.id.clone(), event, group: group.collect(), evidence, continues });
        }
        Ok(())
    }
}

/// A rule with its truths, step by step.
fn prepare(
    rule: &Arc<Rule>,
    further: &[Exception],
    matching: &Matching,
) -> Result<(Prepared, Vec<Vec<Truth>>), Vec<Diagnostic>> {
    let compiled = compile::rule(rule)?;
    let mut types = HashMap::new();
    let mut diagnostics = Vec::new();
    for truth in compiled.steps.iter().flatten() {
        let Some(log_type) = event::log_type(truth.log_type) else { continue };
        if types.contains_key(log_type.id) {
            continue;
        }
        for expr in &truth.conjuncts {
            // By itself first, so that what fails is said of this rule.
            if let Err(error) = matching.compile(log_type, expr) {
                diagnostics.push(Diagnostic::error("rule.query", error.message, Span::default()));
            }
        }
        match of_type(rule, further, matching, log_type) {
            Ok(of_type) => {
                types.insert(log_type.id, of_type);
            }
            Err(found) => diagnostics.push(found),
        }
    }
    if diagnostics.is_empty() {
        let prepared = Prepared { rule: Arc::clone(rule), types, horizon: Horizon::default() };
        Ok((prepared, compiled.steps))
    } else {
        Err(diagnostics)
    }
}

fn of_type(
    rule: &Rule,
    further: &[Exception],
    matching: &Matching,
    log_type: &'static LogType,
) -> Result<OfType, Diagnostic> {
    let field = |name: &str| TextField::new(matching, log_type, name);
    let by = match &rule.mode {
        Mode::Correlation { by, .. } | Mode::Travel { by, .. } if rule.group_by.is_empty() && !rule.one_alert => {
            by.as_slice()
        }
        _ => rule.group_by.as_slice(),
    };
    let group: Vec<&str> = match by {
        [] if rule.one_alert => Vec::new(),
        [] => default_group(log_type),
        named => named.iter().map(String::as_str).collect(),
    };
    let excepting = |exception: &Exception| {
        let field = field(&exception.field)?;
        Ok(Excepting { field, is: exception.is.clone(), until: exception.until })
    };
    Ok(OfType {
        group: group.into_iter().map(field).collect::<Result<_, _>>()?,
        fields: rule.mode.fields().into_iter().map(field).collect::<Result<_, _>>()?,
        exceptions: rule.exceptions.iter().chain(further).map(excepting).collect::<Result<_, _>>()?,
    })
}

/// Whether a value is what an exception names.
pub(crate) fn holds(is: &Excepted, value: &str) -> bool {
    match is {
        Excepted::Value(text) => text == value,
        Excepted::Glob(pattern) => glob(&pattern.to_lowercase(), &value.to_lowercase()),
        Excepted::Cidr(block) => within(block, value),
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn within(block: &str, value: &str) -> bool {
    let Some((address, prefix)) = block.split_once('/') else { return false };
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    match (address.trim().parse(), value.trim().parse(), prefix.trim().parse::<u32>()) {
        (Ok(network), Ok(address), Ok(prefix)) => {
            let ((network, width), (address, other)) = (bits(network), bits(address));
            let mask = if prefix == 0 { 0 } else { u128::MAX << (128 - prefix.min(128)) };
            width == other && prefix <= width && network & mask == address & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_hold() {
        for (is, value, expected) in [
            (Excepted::Cidr("10.0.0.0/8".into()), "10.9.8.7", true),
            (Excepted::Cidr("10.0.0.0/8".into()), "11.0.0.1", false),
            (Excepted::Cidr("10.0.0.0/8".into()), "ec2.amazonaws.com", false),
            (Excepted::Cidr("2001:db8::/32".into()), "2001:db8::1", true),
            (Excepted::Cidr("0.0.0.0/0".into()), "2001:db8::1", false),
            (Excepted::Cidr("0.0.0.0/0".into()), "1.2.3.4", true),
            (Excepted::Glob("*:role/Deploy*".into()), "arn:aws:iam::1:role/deployer", true),
            (Excepted::Glob("a*b".into()), "abc", false),
            (Excepted::Value("alice".into()), "alice", true),
            (Excepted::Value("alice".into()), "Alice", false),
        ] {
            assert_eq!(holds(&is, value), expected, "{is:?} {value}");
        }
    }
}
