//! Sigma's own tree: rules, correlations and filters as they are written, with the places of their parts.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::span::Span;

/// One document of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Document {
    /// A rule over single events.
    Rule(Rule),
    /// A rule over what other rules find.
    Correlation(Correlation),
    /// A condition added to other rules.
    Filter(Filter),
}

/// What a rule says about itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Meta {
    /// Its title.
    pub title: String,
    /// Its UUID.
    pub id: Option<String>,
    /// A short name that correlations refer to.
    pub name: Option<String>,
    /// `stable`, `test`, `experimental`, `deprecated`, `unsupported`.
    pub status: Option<String>,
    /// `informational`, `low`, `medium`, `high`, `critical`.
    pub level: Option<String>,
    /// What it finds.
    pub description: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When.
    pub date: Option<String>,
    /// When it was last changed.
    pub modified: Option<String>,
    /// Where to read more.
    pub references: Vec<String>,
    /// ATT&CK and other tags.
    pub tags: Vec<String>,
    /// What it finds beside what it should.
    pub falsepositives: Vec<String>,
    /// Fields that tell an analyst more.
    pub fields: Vec<String>,
    /// Any other text of the document's head, by key.
    pub other: BTreeMap<String, String>,
}

/// Which logs a rule reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Logsource {
    /// `aws`, …
    pub product: Option<String>,
    /// `cloudtrail`, …
    pub service: Option<String>,
    /// `webserver`, …
    pub category: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// A rule over single events.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// Its head.
    pub meta: Meta,
    /// The logs that it reads.
    pub logsource: Logsource,
    /// Its searches, by name.
    pub searches: Vec<Search>,
    /// The conditions; several are alternatives.
    pub conditions: Vec<Condition>,
    /// The window of the old aggregations, microseconds.
    pub timeframe: Option<i64>,
    /// Where it stands.
    pub span: Span,
}

/// A named search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Search {
    /// Its name.
    pub name: String,
    /// What it asks.
    pub test: Test,
    /// Where it stands.
    pub span: Span,
}

/// What a search asks of an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Test {
    /// A map: all of them.
    All(Vec<Test>),
    /// A list: any of them.
    Any(Vec<Test>),
    /// A field and its values.
    Item(Item),
}

/// A field, or the whole event, against values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// The field; none: any value of the event.
    pub field: Option<String>,
    /// What is done to the values, in order.
    pub modifiers: Vec<(String, Span)>,
    /// The values.
    pub values: Vec<(Value, Span)>,
    /// Where it stands.
    pub span: Span,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, and how it was written.
    Number(f64, String),
    /// Text, with its wildcards and escapes.
    Text(String),
}

/// How searches combine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Condition {
    /// The searches.
    pub expr: Logic,
    /// The old aggregation after `|`.
    pub aggregation: Option<Aggregation>,
    /// Where it stands.
    pub span: Span,
}

/// A condition's expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Logic {
    /// A search by name.
    Name(String, Span),
    /// `all of`, `1 of`, `any of`, `N of`.
    Of {
        /// How many of them; none: all.
        least: Option<usize>,
        /// Which; none: `them`.
        pattern: Option<String>,
        /// Where it stands.
        span: Span,
    },
    /// All of them.
    And(Vec<Logic>),
    /// Any of them.
    Or(Vec<Logic>),
    /// Not.
    Not(Box<Logic>),
}

/// The aggregations of Sigma 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregation {
    /// `count() by field > 5` and its like.
    Compare {
        /// `count`, `sum`, `avg`, `min`, `max`.
        function: String,
        /// What is counted.
        field: Option<String>,
        /// The group.
        by: Option<String>,
        /// The comparison.
        compare: Compare,
        /// Its number.
        number: f64,
        /// Where it stands.
        span: Span,
    },
    /// `near a and b`: all of these searches within the time frame.
    Near {
        /// The searches.
        names: Vec<(String, Span)>,
        /// Where it stands.
        span: Span,
    },
}

/// A comparison of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compare {
    /// Equal.
    Eq,
    /// Not equal.
    Neq,
    /// Less.
    Lt,
    /// At most.
    Lte,
    /// More.
    Gt,
    /// At least.
    Gte,
}

impl Compare {
    /// The comparison of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "eq" | "==" | "=" => Self::Eq,
            "neq" | "!=" => Self::Neq,
            "lt" | "<" => Self::Lt,
            "lte" | "<=" => Self::Lte,
            "gt" | ">" => Self::Gt,
            "gte" | ">=" => Self::Gte,
            _ => return None,
        })
    }
}

/// What a correlation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrelationType {
    /// How many events.
    EventCount,
    /// How many distinct values of a field.
    ValueCount,
    /// All rules found something.
    Temporal,
    /// All rules found something, in the order named.
    TemporalOrdered,
    /// The sum of a field.
    ValueSum,
    /// The mean of a field.
    ValueAvg,
    /// The middle value of a field.
    ValueMedian,
    /// A percentile of a field.
    ValuePercentile,
}

/// A rule over what other rules find.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correlation {
    /// Its head.
    pub meta: Meta,
    /// What it looks at.
    pub kind: CorrelationType,
    /// The rules, by id, name or title.
    pub rules: Vec<(String, Span)>,
    /// The fields that events have to share.
    pub group_by: Vec<(String, Span)>,
    /// The window, microseconds.
    pub timespan: i64,
    /// Names for fields that rules call differently: alias, then rule and field.
    pub aliases: Vec<(String, Vec<(String, String)>)>,
    /// The comparisons.
    pub compare: Vec<(Compare, f64)>,
    /// The field of a `value_…` correlation.
    pub field: Option<(String, Span)>,
    /// `temporal`: which rules, as an expression.
    pub logic: Option<Logic>,
    /// Whether the rules that it refers to also count for themselves.
    pub generate: bool,
    /// Where it stands.
    pub span: Span,
}

/// A condition added to other rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Filter {
    /// Its head.
    pub meta: Meta,
    /// The logs that it is about.
    pub logsource: Logsource,
    /// The rules that it narrows; none: any rule of its log source.
    pub rules: Vec<(String, Span)>,
    /// Its searches.
    pub searches: Vec<Search>,
    /// What has to hold beside a rule's own condition.
    pub conditions: Vec<Condition>,
    /// Where it stands.
    pub span: Span,
}

impl Document {
    /// Its head.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Rule(rule) => &rule.meta,
            Self::Correlation(correlation) => &correlation.meta,
            Self::Filter(filter) => &filter.meta,
        }
    }

    /// Where it stands in its file.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Rule(rule) => rule.span,
            Self::Correlation(correlation) => correlation.span,
            Self::Filter(filter) => filter.span,
        }
    }
}

impl Meta {
    /// Whether a correlation that says `name` means this rule.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(name))
            || self.name.as_deref() == Some(name)
            || self.title == name
    }
}
