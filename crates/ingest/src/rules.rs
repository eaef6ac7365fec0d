//! What is taken in and what is left out, by rules over the decoded and enriched fields. A rule may only count, so that it can
//! be tried before it costs rows.

use arrow::array::{AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::DataType;
use enrich::NamedList;
use event::{Decoded, LogType, Naming};

use crate::IngestError;

/// What becomes of the rows that a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// They are taken in; other rows of the rule's log type are left out, unless another such rule takes them.
    Include,
    /// They are left out.
    Exclude,
    /// They are counted.
    Count,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// What reports call it.
    pub name: String,
    /// The log type that it is about; `None`: all.
    pub log_type: Option<&'static LogType>,
    /// What it does.
    pub action: Action,
    /// One condition is enough; else all have to hold.
    pub any: bool,
    /// Its conditions; a rule without one matches every row of its log type.
    pub conditions: Vec<Condition>,
}

/// A condition on one field.
#[derive(Debug)]
pub struct Condition {
    /// A column, or the field's name in the log itself, in ECS, OCSF or Splunk.
    pub field: String,
    /// What the value has to be.
    pub test: Test,
    /// It must not be so.
    pub not: bool,
}

/// What a value has to be. A field without a value passes none of them.
#[derive(Debug)]
pub enum Test {
    /// One of these texts.
    OneOf(Vec<String>),
    /// A text with `*` for anything and `?` for one character; case does not matter.
    Glob(String),
    /// An address in one of these ranges.
    Within(NamedList),
    /// A number from, and up to.
    Range(Option<f64>, Option<f64>),
    /// Anything.
    Exists,
}

/// The rules of an ingest.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
}

/// What the rules did to a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Rows that each rule matched.
    pub(crate) matched: Vec<(usize, u64)>,
    /// Rows left out.
    pub(crate) excluded: u64,
}

impl Rules {
    /// The rules in the order of their names in reports.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules }
    }

    /// The name of a rule.
    pub(crate) fn name(&self, rule: usize) -> &str {
        self.rules.get(rule).map_or("", |rule| &rule.name)
    }

    /// Leaves out the rows that are not wanted.
    ///
    /// # Errors
    /// [`IngestError::Rows`] where the rows that are left do not make a batch: a defect of ours.
    pub(crate) fn apply(&self, decoded: Decoded) -> Result<(Decoded, Applied), IngestError> {
        let Decoded { log_type, batch } = decoded;
        let mut applied = Applied::default();
        let (mut wanted, mut unwanted): (Option<Vec<bool>>, Vec<bool>) = (None, vec![false; batch.num_rows()]);
        let about = |rule: &Rule| rule.log_type.is_none_or(|of| of.id == log_type.id);
        for (at, rule) in self.rules.iter().enumerate().filter(|(_, rule)| about(rule)) {
            let hits = rule.hits(log_type, &batch);
            let count = hits.iter().filter(|hit| **hit).count() as u64;
            applied.matched.push((at, count));
            match rule.action {
                Action::Include => merge(wanted.get_or_insert_with(|| vec![false; batch.num_rows()]), &hits),
                Action::Exclude => merge(&mut unwanted, &hits),
                Action::Count => {}
            }
        }
        let keep = |row: usize| !unwanted[row] && wanted.as_ref().is_none_or(|wanted| wanted[row]);
        let kept: BooleanArray = (0..batch.num_rows()).map(|row| Some(keep(row))).collect();
        applied.excluded = (kept.len() - kept.true_count()) as u64;
        if applied.excluded == 0 {
            return Ok((Decoded { log_type, batch }, applied));
        }
        Ok((Decoded { log_type, batch: filter_record_batch(&batch, &kept)? }, applied))
    }
}

fn merge(into: &mut [bool], hits: &[bool]) {
    into.iter_mut().zip(hits).for_each(|(known, hit)| *known |= hit);
}

impl Rule {
    fn hits(&self, log_type: &'static LogType, batch: &RecordBatch) -> Vec<bool> {
        let held: Vec<Vec<bool>> = self.conditions.iter().map(|condition| condition.held(log_type, batch)).collect();
        let row = |row: usize| {
            let mut verdicts = held.iter().map(|held| held[row]);
            if self.any { verdicts.any(|held| held) } else { verdicts.all(|held| held) }
        };
        (0..batch.num_rows()).map(row).collect()
    }
}

impl Condition {
    fn held(&self, log_type: &'static LogType, batch: &RecordBatch) -> Vec<bool> {
        let Some(values) = self.values(log_type, batch) else { return vec![self.not; batch.num_rows()] };
        values.iter().map(|value| value.is_some_and(|value| self.test.passes(value)) != self.not).collect()
    }

    /// The field's values as text; `None`: the log type has no such field.
    fn values(&self, log_type: &'static LogType, batch: &RecordBatch) -> Option<StringArray> {
        let namings = [Naming::Column, Naming::CloudTrail, Naming::Ecs, Naming::Ocsf, Naming::Splunk];
        let catalogue = log_type.catalogue();
        let found = namings.iter().find_map(|naming| catalogue.resolve(*naming, &self.field)?.field.column);
        let column = batch.column_by_name(found?)?;
        Some(cast(column, &DataType::Utf8).ok()?.as_string::<i32>().clone())
    }
}

impl Test {
    fn passes(&self, value: &str) -> bool {
        match self {
            Self::OneOf(texts) => texts.iter().any(|text| text == value),
            Self::Glob(pattern) => glob(&pattern.to_lowercase(), &value.to_lowercase()),
            Self::Within(ranges) => ranges.holds(value),
            Self::Range(from, to) => value
                .parse::<f64>()
                .is_ok_and(|number| from.is_none_or(|from| number >= from) && to.is_none_or(|to| number <= to)),
            Self::Exists => true,
        }
    }
}

/// `*` stands for anything, `?` for one character.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                (p, t) = (after, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Batcher, Limits};

    fn flows() -> Decoded {
        let mut batcher = Batcher::new(Limits::default());
        let text = "2 111111111111 eni-1 10.0.0.1 192.0.2.1 1 443 6 3 180 1700000000 1700000059 ACCEPT OK\n\
                    2 111111111111 eni-1 203.0.113.5 10.0.0.1 2 22 6 3 9000 1700000000 1700000059 REJECT OK\n\
                    2 111111111111 eni-1 - - - - - - - 1700000000 1700000059 - NODATA\n";
        batcher.push_object(text.as_bytes(), "o", 0).unwrap();
        batcher.take_batch().unwrap().unwrap()
    }

    fn condition(field: &str, test: Test) -> Condition {
        Condition { field: field.into(), test, not: false }
    }

    fn rule(action: Action, any: bool, conditions: Vec<Condition>) -> Rule {
        Rule { name: "r".into(), log_type: None, action, any, conditions }
    }

    /// Rows that are left, rows that each rule matched.
    fn check(rules: Vec<Rule>, left: usize, matched: &[u64]) {
        let (decoded, applied) = Rules::new(rules).apply(flows()).unwrap();
        let counts: Vec<u64> = applied.matched.iter().map(|(_, count)| *count).collect();
        assert_eq!((decoded.batch.num_rows(), counts.as_slice()), (left, matched));
        assert_eq!(applied.excluded as usize, 3 - left);
    }

    #[test]
    fn conditions() {
        let excluded = |field: &str, test: Test, matched: u64| {
            check(vec![rule(Action::Exclude, false, vec![condition(field, test)])], 3 - matched as usize, &[matched]);
        };
        excluded("log_status", Test::OneOf(vec!["NODATA".into(), "SKIPDATA".into()]), 1);
        excluded("log-status", Test::Glob("no*".into()), 1);
        excluded("source.ip", Test::Within(NamedList::parse("", "10.0.0.0/8")), 1);
        excluded("bytes", Test::Range(Some(1000.0), None), 1);
        excluded("dest_port", Test::Range(Some(1.0), Some(443.0)), 2);
        excluded("src_ip", Test::Exists, 2);
        excluded("no_such_field", Test::Exists, 0);
    }

    #[test]
    fn rules_together() {
        let reject = || condition("action", Test::OneOf(vec!["REJECT".into()]));
        let ssh = || condition("destination_port", Test::OneOf(vec!["22".into()]));
        let data = || condition("log_status", Test::OneOf(vec!["OK".into()]));
        check(vec![rule(Action::Include, false, vec![reject(), ssh()])], 1, &[1]);
        check(vec![rule(Action::Include, true, vec![reject(), data()])], 2, &[2]);
        check(vec![rule(Action::Count, false, vec![data()])], 3, &[2]);
        check(vec![rule(Action::Include, false, vec![data()]), rule(Action::Exclude, false, vec![ssh()])], 1, &[2, 1]);
        let other = Rule { log_type: event::log_type("waf"), ..rule(Action::Exclude, false, Vec::new()) };
        check(vec![other], 3, &[]);
        check(vec![rule(Action::Exclude, false, Vec::new())], 0, &[3]);
        let not = Condition { not: true, ..data() };
        check(vec![rule(Action::Exclude, false, vec![not])], 2, &[1]);
    }
}
