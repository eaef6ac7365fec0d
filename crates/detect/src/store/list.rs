//! Lists of alerts: which, how many, page by page.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};

use super::alerts::{Alert, AlertStatus, COLUMNS, alert, number};
use super::{Store, StoreError};
use crate::rule::Severity;

/// Which alerts. What is empty or none asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Any of these.
    pub status: Vec<AlertStatus>,
    /// Any of these.
    pub severity: Vec<Severity>,
    /// Any of these rules.
    pub rules: Vec<String>,
    /// With an event at or after it, microseconds since the epoch.
    pub since: Option<i64>,
    /// With an event before it.
    pub until: Option<i64>,
    /// Words, each of which is in the title, the key, the rule, the actor or the address.
    pub text: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The actor.
    pub actor: Option<String>,
    /// The owner; `Some(None)` for nobody's.
    pub owner: Option<Option<String>>,
    /// Which come first.
    pub order: Order,
}

/// Which alerts of a list come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Those that changed last.
    #[default]
    Updated,
    /// Those with the latest event.
    LastSeen,
    /// The most severe; of these those with the latest event.
    Severity,
    /// Those with the most events.
    Events,
}

impl Order {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Updated, Self::LastSeen, Self::Severity, Self::Events];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::LastSeen => "last_seen",
            Self::Severity => "severity",
            Self::Events => "events",
        }
    }

    /// What a word stands for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_str() == word)
    }

    /// The columns that it goes by, the largest value first; the last tells all apart.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Updated => &["updated_at", "id"],
            Self::LastSeen => &["last_seen", "id"],
            Self::Severity => &["severity", "last_seen", "id"],
            Self::Events => &["events", "last_seen", "id"],
        }
    }

    /// An alert's values of these columns: a page goes on after them.
    fn cursor(self, alert: &Alert) -> String {
        let value = |column: &&str| match *column {
            "updated_at" => alert.updated_at,
            "last_seen" => alert.last_seen,
            "severity" => number(alert.severity),
            "events" => alert.events.cast_signed(),
            _ => alert.id,
        };
        self.columns().iter().map(value).map(|value| value.to_string()).collect::<Vec<_>>().join(".")
    }

    /// The values of a cursor; none where it is not one of this order.
    fn after(self, cursor: &str) -> Option<Vec<Value>> {
        let values: Vec<Value> =
            cursor.split('.').map(|value| value.parse().map(Value::Integer)).collect::<Result<_, _>>().ok()?;
        (values.len() == self.columns().len()).then_some(values)
    }
}

/// A page of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In the order asked for.
    pub alerts: Vec<Alert>,
    /// How many there are on all pages.
    pub total: u64,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// How many alerts match a filter, on all pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// By status, whatever status and severity the filter asks for.
    pub by_status: BTreeMap<&'static str, u64>,
    /// By severity, whatever severity the filter asks for.
    pub by_severity: BTreeMap<&'static str, u64>,
    /// By rule, whatever rule the filter asks for; the most frequent ones.
    pub by_rule: BTreeMap<String, u64>,
    /// By the hour or day, as `step` says, of their latest event: when it begins, and how many.
    pub over_time: Vec<(i64, u64)>,
    /// The length of a step of `over_time`, microseconds.
    pub step: i64,
}

/// Rules that are counted.
const RULES: u32 = 1_000;
const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// The longest time that is told by the hour.
const BY_HOUR: i64 = 31 * DAY;

/// A condition in SQL with its values.
#[derive(Default)]
struct Where {
    terms: Vec<String>,
    values: Vec<Value>,
}

impl Where {
    fn term(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.terms.push(sql.to_owned());
        self.values.extend(values);
    }

    fn any(&mut self, column: &str, values: Vec<Value>) {
        if !values.is_empty() {
            let places = vec!["?"; values.len()].join(", ");
            self.term(&format!("{column} IN ({places})"), values);
        }
    }

    fn of(filter: &Filter) -> Self {
        let mut all = Self::default();
        all.any("status", filter.status.iter().map(|status| Value::Integer(status.number())).collect());
        all.any("severity", filter.severity.iter().map(|severity| Value::Integer(number(*severity))).collect());
        all.any("rule", filter.rules.iter().cloned().map(Value::Text).collect());
        if let Some(since) = filter.since {
            all.term("last_seen >= ?", [Value::Integer(since)]);
        }
        if let Some(until) = filter.until {
            all.term("first_seen < ?", [Value::Integer(until)]);
        }
        for (column, wanted) in [("account", &filter.account), ("actor", &filter.actor)] {
            if let Some(wanted) = wanted {
                all.term(&format!("{column} = ?"), [Value::Text(wanted.clone())]);
            }
        }
        match &filter.owner {
            Some(Some(owner)) => all.term("owner = ?", [Value::Text(owner.clone())]),
            Some(None) => all.term("owner IS NULL", []),
            None => {}
        }
        for word in filter.text.iter().flat_map(|text| text.split_whitespace()) {
            let columns = ["title_en", "title_ja", "grouped", "rule", "actor", "source_address"];
            let terms = columns.map(|column| format!("instr(lower({column}), ?) > 0"));
            let word = Value::Text(word.to_lowercase());
            all.term(&format!("({})", terms.join(" OR ")), vec![word; columns.len()]);
        }
        all
    }

    fn sql(&self) -> String {
        if self.terms.is_empty() { String::new() } else { format!(" WHERE {}", self.terms.join(" AND ")) }
    }
}

impl Store {
    /// A page of at most `limit` alerts; `after` is the `next` of the page before.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for an `after` that is none, and the database's.
    pub fn alerts(&self, filter: &Filter, limit: u32, after: Option<&str>) -> Result<Page, StoreError> {
        let db = self.reader();
        let mut wanted = Where::of(filter);
        let count = format!("SELECT count(*) FROM detect_alerts{}", wanted.sql());
        let total: i64 = db.prepare_cached(&count)?.query_row(params_from_iter(&wanted.values), |row| row.get(0))?;
        if let Some(after) = after {
            let values = filter.order.after(after).ok_or_else(|| {
                StoreError::Invalid(format!("`{after}` is no cursor of a list of alerts in this order"))
            })?;
            let places = vec!["?"; values.len()].join(", ");
            wanted.term(&format!("({}) < ({places})", filter.order.columns().join(", ")), values);
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM detect_alerts{} ORDER BY {} DESC LIMIT {}",
            wanted.sql(),
            filter.order.columns().join(" DESC, "),
            u64::from(limit) + 1
        );
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(&wanted.values), alert)?;
        let mut alerts = rows.collect::<Result<Vec<_>, _>>()?;
        let more = alerts.len() > limit as usize;
        alerts.truncate(limit as usize);
        let next = alerts.last().filter(|_| more).map(|alert| filter.order.cursor(alert));
        Ok(Page { alerts, total: total.unsigned_abs(), next })
    }

    /// How many alerts match a filter: by status, severity, rule and time. What is counted by is not narrowed by itself, so that
    /// each number is that of the choice that it stands beside.
    ///
    /// # Errors
    /// The database's.
    pub fn alert_counts(&self, filter: &Filter) -> Result<Counts, StoreError> {
        let without = |status: bool, severity: bool, rules: bool| Filter {
            status: if status { Vec::new() } else { filter.status.clone() },
            severity: if severity { Vec::new() } else { filter.severity.clone() },
            rules: if rules { Vec::new() } else { filter.rules.clone() },
            ..filter.clone()
        };
        let mut counts = Counts::default();
        for (of, number) in self.counted("status", &without(true, true, false))? {
            if let Some(found) = AlertStatus::ALL.into_iter().find(|status| status.number() == of) {
                counts.by_status.insert(found.as_str(), number);
            }
        }
        for (of, number) in self.counted("severity", &without(false, true, false))? {
            *counts.by_severity.entry(super::alerts::severity(of).as_str()).or_default() += number;
        }
        let wanted = Where::of(&without(false, false, true));
        let sql = format!(
            "SELECT rule, count(*) FROM detect_alerts{} GROUP BY rule ORDER BY 2 DESC LIMIT {RULES}",
            wanted.sql()
        );
        let db = self.reader();
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(&wanted.values), |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        counts.by_rule = rows.collect::<Result<_, _>>()?;
        drop(statement);
        let wanted = Where::of(filter);
        let sql = format!("SELECT min(last_seen), max(last_seen) FROM detect_alerts{}", wanted.sql());
        let span: (Option<i64>, Option<i64>) = db
            .prepare_cached(&sql)?
            .query_row(params_from_iter(&wanted.values), |row| Ok((row.get(0)?, row.get(1)?)))?;
        drop(db);
        let short = span.0.zip(span.1).is_some_and(|(first, last)| last.saturating_sub(first) <= BY_HOUR);
        counts.step = if short { HOUR } else { DAY };
        let step = counts.step;
        let steps = self.counted(&format!("last_seen / {step}"), filter)?;
        counts.over_time = steps.into_iter().map(|(at, number)| (at * step, number)).collect();
        Ok(counts)
    }

    /// How many alerts match a filter, by the value of an expression, ascending.
    fn counted(&self, by: &str, filter: &Filter) -> Result<Vec<(i64, u64)>, StoreError> {
        let wanted = Where::of(filter);
        let sql = format!("SELECT {by}, count(*) FROM detect_alerts{} GROUP BY 1 ORDER BY 1", wanted.sql());
        let db = self.reader();
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(&wanted.values), |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One alert.
    ///
    /// # Errors
    /// The database's.
    pub fn alert(&self, id: i64) -> Result<Option<Alert>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM detect_alerts WHERE id = ?");
        Ok(self.reader().prepare_cached(&sql)?.query_row([id], alert).optional()?)
    }
}
