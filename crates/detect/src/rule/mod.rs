//! A rule: one file that says what it watches for, how events become an alert, what to do then, and which events it must and
//! must not find. `docs/rules.md` is its manual.

mod cases;
mod duration;
mod load;
mod mode;
mod read;
mod reader;
mod sigma;

use query::span::Span;
use serde::{Deserialize, Serialize};

pub use cases::{Case, CaseEvent, Cases};
pub use duration::{parse as parse_duration, text as duration_text};
pub use load::{Entry, File, Loaded, Problem, folder, load};
pub use mode::{Ailment, Mode, Step};
pub(crate) use read::is_block;
pub(crate) use read::reserved;
pub use read::{KEYS, read};

/// Text for people, in English and Japanese. Where a rule says it once, both are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Japanese.
    #[serde(default)]
    pub ja: String,
}

impl Text {
    /// The same in both.
    #[must_use]
    pub fn same(text: &str) -> Self {
        Self { en: text.to_owned(), ja: text.to_owned() }
    }
}

/// How bad it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Informational,
    /// Look when there is time.
    Low,
    /// Look today.
    Medium,
    /// Look now.
    High,
    /// Drop everything.
    Critical,
}

impl Severity {
    /// All, mildest first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// As rules write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }
}

/// A query in one of our languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Query {
    /// `filter`, `spl`, `sigma`, … as `--lang` names it.
    pub lang: String,
    /// Its text.
    pub text: String,
    /// Where the text stands in the file.
    #[serde(skip)]
    pub span: Span,
}

/// What an exception compares a field with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Excepted {
    /// The whole value, case and all.
    Value(String),
    /// A block of addresses.
    Cidr(String),
    /// A text with `*` for anything, whatever its case.
    Glob(String),
}

/// Events that a rule passes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// A field of the catalogue, or a path into the record.
    pub field: String,
    /// What it is.
    #[serde(flatten)]
    pub is: Excepted,
    /// Why.
    pub reason: String,
    /// Until when, microseconds since 1970-01-01 (UTC); none: for good.
    pub until: Option<i64>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// Its id: the file's name without its ending.
    pub id: String,
    /// What an alert is called.
    pub title: Text,
    /// What it sees and why that matters.
    pub description: Text,
    /// What to do first.
    pub advice: Text,
    /// How bad it would be.
    pub severity: Severity,
    /// Whether it runs.
    pub enabled: bool,
    /// Tactics and techniques of ATT&CK.
    pub attack: Vec<String>,
    /// Detections of other systems with the same meaning.
    pub covers: Vec<String>,
    /// The tables that it reads.
    pub logs: Vec<String>,
    /// What it looks for; none in a correlation, whose steps have queries, and in a rule about Trailhound's health.
    pub query: Option<Query>,
    /// How events become findings.
    pub mode: Mode,
    /// The fields by which findings become alerts; none named: those that the log type has by default.
    pub group_by: Vec<String>,
    /// `group_by: []` was said: whatever the rule finds is one alert.
    pub one_alert: bool,
    /// How long the same alert is quiet after it was told, microseconds.
    #[serde(serialize_with = "duration::serialize")]
    pub cool_down: i64,
    /// Events that it passes over.
    pub exceptions: Vec<Exception>,
    /// Where to read more.
    pub references: Vec<String>,
    /// What it must and must not find.
    #[serde(skip)]
    pub tests: Cases,
}

impl Rule {
    /// Every query of the rule: its own, or those of its steps.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        let steps = match &self.mode {
            Mode::Correlation { steps, .. } => steps.as_slice(),
            _ => &[],
        };
        self.query.iter().chain(steps.iter().map(|step| &step.query))
    }
}
