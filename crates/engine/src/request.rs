//! What a caller asks of the engine and what comes back: plain types, no DataFusion in sight of the caller.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arrow::array::RecordBatch;
use futures::Stream;
use query::diagnostic::Diagnostic;
pub use query::language::Zone;
use serde::{Deserialize, Serialize};

use crate::error::QueryError;

/// A query language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Told from the text.
    Auto,
    /// Splunk's search processing language.
    Spl,
    /// SQL as Athena and CloudTrail Lake users write it.
    Sql,
    /// Sumo Logic.
    Sumo,
    /// CloudWatch Logs Insights.
    Insights,
    /// CloudWatch filter patterns.
    Filter,
    /// Lucene query strings.
    Lucene,
    /// The query language of Kibana and OpenSearch Dashboards.
    Kql,
    /// OpenSearch query DSL.
    Dsl,
    /// Sigma rules.
    Sigma,
}

impl Language {
    /// All that a query may be in, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Auto,
        Self::Spl,
        Self::Sumo,
        Self::Sql,
        Self::Insights,
        Self::Filter,
        Self::Lucene,
        Self::Kql,
        Self::Dsl,
        Self::Sigma,
    ];

    /// The name used on the wire and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Spl => "spl",
            Self::Sql => "sql",
            Self::Sumo => "sumo",
            Self::Insights => "insights",
            Self::Filter => "filter",
            Self::Lucene => "lucene",
            Self::Kql => "kql",
            Self::Dsl => "dsl",
            Self::Sigma => "sigma",
        }
    }

    /// Decides `Auto` by the text; other values stay. What looks like nothing in particular is SPL.
    #[must_use]
    pub fn settle(self, text: &str) -> Self {
        if self != Self::Auto {
            return self;
        }
        if crate::sql::reads_as_sql(text) {
            return Self::Sql;
        }
        let mut best = (0, Self::Spl);
        for front in query::language::fronts() {
            let likeness = (front.recognise)(text);
            if likeness > best.0
                && let Ok(language) = front.id.parse()
            {
                best = (likeness, language);
            }
        }
        best.1
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|language| language.as_str() == text).ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            format!("unknown language `{text}`; there are: {all}")
        })
    }
}

/// A condition on what the query scans, in any language: the page's filter bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Any catalogue name, or a dotted path into the record.
    pub field: String,
    /// Rows with one of the values are left out instead of kept.
    pub negated: bool,
    /// The values; text compares exactly, `*` is a wildcard.
    pub values: Vec<String>,
}

/// Values of template variables by name.
pub type Parameters = std::collections::BTreeMap<String, String>;

/// What a query may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall time until the query is ended with [`crate::ErrorKind::Deadline`].
    pub deadline: Duration,
    /// Stored bytes of the files that it may open; none: no budget.
    pub scan_bytes: Option<u64>,
    /// Most rows returned.
    pub rows: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(120), scan_bytes: None, rows: 10_000 }
    }
}

/// A moment in the life of the lake: what was in it then. Marks are for rows in the order in which they came in, which no
/// clock tells exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When it was taken, microseconds since the epoch.
    pub at: i64,
    /// The version of each table that there was.
    pub versions: BTreeMap<String, i64>,
}

/// The rows of the commits after one mark and up to another: of neighbouring stretches each row is in exactly one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrived {
    /// What was there before.
    pub after: Mark,
    /// The last to be seen.
    pub upto: Mark,
}

/// One query.
#[derive(Debug, Clone)]
pub struct QueryRequest {
    /// Its language.
    pub lang: Language,
    /// Its text.
    pub text: String,
    /// Events at or after this instant, microseconds since the epoch; the query's own bounds win.
    pub since: Option<i64>,
    /// Events before this instant, microseconds since the epoch.
    pub until: Option<i64>,
    /// Rows wanted; capped by `limits.rows`.
    pub limit: Option<u64>,
    /// Conditions beside the query.
    pub filters: Vec<Condition>,
    /// Instead of a query's events, how many there are in each stretch of so many microseconds, by outcome. Without effect
    /// on a query whose rows are no events.
    pub timeline: Option<i64>,
    /// Only the events that the query begins with, whatever it makes of them: for live tail, together with `arrived`.
    pub following: bool,
    /// What it may cost.
    pub limits: Limits,
    /// Where days begin, and times are written as local.
    pub timezone: Zone,
    /// The language that `explain` also writes the query in.
    pub to: Option<Language>,
    /// Only rows that came in between two marks, whenever their events happened.
    pub arrived: Option<Arrived>,
    /// Values of template variables: `{{name}}` of Sumo Logic, `%name%` of Sigma's `|expand`, `:name` and, by number, `?` of
    /// SQL. They win over those of [`crate::EngineOptions`].
    pub parameters: Parameters,
}

impl QueryRequest {
    /// A query without bounds, with default limits.
    #[must_use]
    pub fn new(lang: Language, text: impl Into<String>) -> Self {
        Self {
            lang,
            text: text.into(),
            since: None,
            until: None,
            limit: None,
            filters: Vec::new(),
            timeline: None,
            to: None,
            arrived: None,
            following: false,
            limits: Limits::default(),
            timezone: Zone::UTC,
            parameters: Parameters::new(),
        }
    }
}

/// Whether rows are events or the result of a transformation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultKind {
    /// Events: they have `_time`, `eventID` and `_raw`.
    Events,
    /// Any other rows.
    Rows,
}

/// A result column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// `text`, `int`, `float`, `bool`, `time` or `list`.
    #[serde(rename = "type")]
    pub ty: String,
}

/// How far a query has come.
#[derive(Debug, Default)]
pub struct Progress {
    scanned_bytes: AtomicU64,
    scanned_rows: AtomicU64,
}

impl Progress {
    /// Stored bytes of the files that the query reads.
    #[must_use]
    pub fn scanned_bytes(&self) -> u64 {
        self.scanned_bytes.load(Ordering::Relaxed)
    }

    /// Rows of the files that the query reads.
    #[must_use]
    pub fn scanned_rows(&self) -> u64 {
        self.scanned_rows.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: u64, rows: u64) {
        self.scanned_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.scanned_rows.fetch_add(rows, Ordering::Relaxed);
    }
}

/// Batches as they come.
pub type BatchStream = Pin<Box<dyn Stream<Item = Result<RecordBatch, QueryError>> + Send>>;

/// A running query. Dropping it cancels it.
pub struct QueryStream {
    /// The language it was read in.
    pub language: Language,
    /// Events or rows.
    pub kind: ResultKind,
    /// Columns, in order.
    pub columns: Vec<ColumnInfo>,
    /// Warnings about the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The rows.
    pub batches: BatchStream,
    /// What it has read.
    pub progress: Arc<Progress>,
}

/// A stored event, whole.
#[derive(Debug, Clone, Serialize)]
pub struct EventRecord {
    /// Every stored column that is not null, but `raw`.
    pub columns: serde_json::Map<String, serde_json::Value>,
    /// The record's text, byte for byte.
    pub raw: String,
}

/// What a table holds.
#[derive(Debug, Clone, Serialize)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Rows of the current version.
    pub rows: u64,
    /// Active files.
    pub files: u64,
    /// Bytes of the active files.
    pub bytes: u64,
    /// Time of the oldest event, ISO 8601.
    pub oldest: Option<String>,
    /// Time of the newest event, ISO 8601.
    pub newest: Option<String>,
}

/// A query in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Translation {
    /// The language.
    pub language: Language,
    /// The text; none where the query can't be said there.
    pub text: Option<String>,
    /// In what the text differs from the query.
    pub notes: Vec<String>,
    /// Why there is no text.
    pub reason: Option<String>,
}

/// A query's way through the engine, for `explain`.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The language it was read in.
    pub language: Language,
    /// The language's own tree, where it has one.
    pub ast: serde_json::Value,
    /// The pipeline, an operator a line; the normalised statement for SQL.
    pub ir: String,
    /// The optimised logical plan.
    pub plan: String,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The query in the language that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<Translation>,
}
