//! What travels: the shapes of requests and answers. The OpenAPI document, and from it the page's types, are made of these.

pub mod alerts;
mod dashboards;
mod logs;
pub mod rules;
mod searches;
pub mod sinks;
mod tail;

use std::collections::BTreeMap;

use engine::{ColumnInfo, TableInfo};
use query::diagnostic::Severity as QuerySeverity;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use dashboards::{
    ChartKind, DashboardExport, DashboardFile, DashboardPanel, DashboardProblem, DashboardSummary, Drill,
    DrillConstant, DrillSearch, DrillValue, ImportNote, ImportedDashboards, Tone, Wording,
};
pub use logs::{
    Between, Integrity, IntegrityAnswer, IntegrityHour, IntegrityTrail, QuarantineList, QuarantinePiece,
    QuarantineProblem, QuarantineQuery, QuarantineReplay, QuarantineReplayed, SourceEntry, SourceList, SourceState,
};
pub use searches::{SearchDraft, StoredSearch};
pub use tail::{TailMark, TailRequest};

/// Who asks, and whether anybody has to say so.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// True where this request carried a session or a token that is good.
    pub authenticated: bool,
    /// False on a server that needs no sign-in.
    pub sign_in_required: bool,
    /// The user.
    pub user: Option<SessionUser>,
    /// To be sent as `X-CSRF-Token` with every request of this session that is not a GET.
    pub csrf: Option<String>,
}

/// A user as the page shows one.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionUser {
    /// The name.
    pub name: String,
}

/// A sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The user's name.
    pub name: String,
    /// The user's password.
    pub password: String,
}

/// Characters of a query, as byte offsets into its UTF-8 text.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The query cannot run.
    Error,
    /// It runs, but perhaps not as meant.
    Warning,
}

/// A finding about a query's text.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Diagnostic {
    /// Stable identifier.
    pub code: String,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Text that would replace the span.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl From<query::diagnostic::Diagnostic> for Diagnostic {
    fn from(found: query::diagnostic::Diagnostic) -> Self {
        let severity = match found.severity {
            QuerySeverity::Error => Severity::Error,
            QuerySeverity::Warning => Severity::Warning,
        };
        Self {
            code: found.code,
            severity,
            message: found.message,
            span: Span { start: found.span.start, end: found.span.end },
            help: found.help,
            suggestion: found.suggestion,
        }
    }
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// Stable identifier.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// Where in the query, if it was the query.
    pub diagnostics: Vec<Diagnostic>,
    /// What is wrong with a dashboard, if it was one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub problems: Vec<DashboardProblem>,
}

/// The body of every answer that is an error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorAnswer {
    /// What went wrong.
    pub error: ErrorBody,
}

/// How a filter compares.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    /// The field has one of the values.
    Is,
    /// It has none of them.
    IsNot,
}

/// A condition of the filter bar, on what the query scans.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Any name of the field catalogue, or a dotted path into the record.
    pub field: String,
    /// `is` or `is_not`.
    pub op: FilterOp,
    /// At least one value; `*` is a wildcard.
    #[schema(min_items = 1)]
    pub values: Vec<String>,
}

/// A query to run or explain.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// `auto`, or a language's id.
    #[serde(default = "auto")]
    #[schema(default = "auto")]
    pub lang: String,
    /// The text.
    pub query: String,
    /// Events at or after it: ISO 8601, or relative to now such as `-7d`. Bounds in the query itself win.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Events before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Most rows returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Conditions beside the query.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// Whether the rows are framed by a `_meta` and an `_end` line.
    #[serde(default)]
    pub meta: bool,
    /// Form of the answer.
    #[serde(default, skip_serializing_if = "RowFormat::is_ndjson")]
    #[schema(required = false)]
    pub format: RowFormat,
    /// Count the query's events for each stretch of so many seconds instead of listing them, a column an outcome. Without
    /// effect on a query whose rows are no events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub timeline: Option<u32>,
    /// A language in which `explain` also writes the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Where days begin, and in which zone the query writes times: `UTC`, `+09:00`, `Asia/Tokyo`. UTC where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Values of template variables by name: `{{name}}`, `%name%`, `:name`; those of `?` by number, from 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RowFormat {
    /// An object a line, as the rows come.
    #[default]
    Ndjson,
    /// One Parquet file (Snappy), made before it is sent.
    Parquet,
}

impl RowFormat {
    fn is_ndjson(&self) -> bool {
        *self == Self::Ndjson
    }
}

fn auto() -> String {
    "auto".to_owned()
}

/// A result column.
#[derive(Debug, Serialize, ToSchema)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// `text`, `int`, `float`, `bool`, `time` or `list`.
    #[serde(rename = "type")]
    pub ty: String,
}

impl From<ColumnInfo> for Column {
    fn from(column: ColumnInfo) -> Self {
        Self { name: column.name, ty: column.ty }
    }
}

/// Whether rows are events.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Events; they have `_time`, `eventID` and `_raw`.
    Events,
    /// Any other rows.
    Rows,
}

/// The first line of an answer with `meta`, under the key `_meta`.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryMeta {
    /// The language that the query was read in.
    pub language: String,
    /// Columns, in order.
    pub columns: Vec<Column>,
    /// Events or rows.
    pub kind: Kind,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// The last line of an answer with `meta`, under the key `_end`.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryEnd {
    /// Rows sent.
    pub rows: u64,
    /// Time from the request to this line.
    pub elapsed_ms: u64,
    /// Stored bytes of the files read.
    pub scanned_bytes: u64,
    /// Rows of the files read.
    pub scanned_rows: u64,
    /// True where there were more rows than the limit.
    pub truncated: bool,
}

/// A query's way through the engine.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The language that the query was read in.
    pub language: String,
    /// The language's own tree.
    pub ast: Value,
    /// The pipeline, an operator a line; for SQL the normalised statement.
    pub ir: String,
    /// The optimised plan.
    pub plan: String,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The query in the language that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<Translation>,
}

/// A query in another language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Translation {
    /// The language.
    pub language: String,
    /// The text; absent where the query can't be said there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// In what the text differs from the query.
    pub notes: Vec<String>,
    /// Why there is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One stored event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventRecord {
    /// Every column that is not null.
    pub columns: BTreeMap<String, Value>,
    /// The record, byte for byte.
    pub raw: String,
}

/// Text in the page's languages.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Text {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

/// A field: what it means and what the languages call it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FieldEntry {
    /// The log type's table, or `all` for the view across them.
    #[serde(default)]
    pub table: String,
    /// The stored column; none for paths that are read from the record.
    #[serde(default)]
    pub column: Option<String>,
    /// `text`, `int`, `float`, `bool`, `time` or `list`.
    #[serde(rename = "type")]
    pub ty: String,
    /// The field in the log's own documentation: a path in a CloudTrail record, a field of a flow log.
    #[serde(default)]
    pub cloudtrail: Option<String>,
    /// Elastic Common Schema.
    #[serde(default)]
    pub ecs: Option<String>,
    /// Open Cybersecurity Schema Framework.
    #[serde(default)]
    pub ocsf: Option<String>,
    /// Names in Splunk, of the add-on and the information model.
    #[serde(default)]
    pub splunk: Vec<String>,
    /// Name in Sumo Logic.
    #[serde(default)]
    pub sumo: Option<String>,
    /// The field of the view `all` that it fills.
    #[serde(default)]
    pub common: Option<String>,
    /// What it means.
    pub meaning: Text,
}

/// A command or function of a language.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CommandEntry {
    /// Its name.
    pub name: String,
    /// How it is written.
    pub syntax: String,
    /// What it does.
    pub help: String,
    /// A whole query that uses it; empty where there is none.
    #[serde(default)]
    pub example: String,
}

/// A query language.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LanguageEntry {
    /// For `lang`.
    pub id: String,
    /// As people call it.
    pub name: String,
    /// Its commands.
    pub commands: Vec<CommandEntry>,
    /// Its functions, aggregates among them.
    pub functions: Vec<CommandEntry>,
    /// Modifiers, keywords and forms of its grammar.
    #[serde(default)]
    pub forms: Vec<CommandEntry>,
    /// The codes of its diagnostics.
    #[serde(default)]
    pub messages: Vec<MessageEntry>,
}

/// What a diagnostic's code means.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MessageEntry {
    /// As in `Diagnostic.code`.
    pub code: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub remedy: String,
}

/// A kind of log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LogTypeEntry {
    /// Its table.
    pub id: String,
    /// As AWS calls it.
    pub title: Text,
    /// What it records, and where to switch it on.
    pub about: Text,
    /// Sourcetypes of Splunk's add-on that mean it.
    pub sourcetypes: Vec<String>,
    /// Tables of Athena and CloudTrail Lake that mean it.
    pub sql_tables: Vec<String>,
    /// Index patterns of OpenSearch that mean it.
    pub indices: Vec<String>,
}

/// What a table holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct TableStatus {
    /// Its name.
    pub name: String,
    /// Rows.
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

impl From<TableInfo> for TableStatus {
    fn from(table: TableInfo) -> Self {
        let TableInfo { name, rows, files, bytes, oldest, newest } = table;
        Self { name, rows, files, bytes, oldest, newest }
    }
}

/// A location data base.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GeoDatabase {
    /// When it was made, or its version.
    pub date: String,
    /// Its licence and who to thank.
    pub licence: String,
}

/// The location data bases in use.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct GeoStatus {
    /// Countries.
    #[serde(default)]
    pub country: Option<GeoDatabase>,
    /// Cities.
    #[serde(default)]
    pub city: Option<GeoDatabase>,
    /// Autonomous systems.
    #[serde(default)]
    pub asn: Option<GeoDatabase>,
}

/// How busy the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueStatus {
    /// Queries running.
    pub running: usize,
    /// Queries waiting for their turn.
    pub waiting: usize,
}

/// The server at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// When it was started, ISO 8601.
    pub started_at: String,
    /// Seconds since.
    pub uptime_seconds: u64,
    /// Where the lake is.
    pub lake: String,
    /// Its tables.
    pub tables: Vec<TableStatus>,
    /// The location data.
    pub geo: GeoStatus,
    /// Whether everybody has to sign in.
    pub sign_in_required: bool,
    /// Queries now.
    pub queries: QueueStatus,
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Days until it expires; without, it does not.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    pub expires_in_days: Option<u32>,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub struct TokenCreated {
    /// The token. It is shown this once.
    pub token: String,
    /// Its id, for deletion.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// When it expires, ISO 8601.
    pub expires_at: Option<String>,
}

/// A token as listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// When it was made, ISO 8601.
    pub created_at: String,
    /// When it expires, ISO 8601.
    pub expires_at: Option<String>,
    /// When it was last used, to the minute, ISO 8601.
    pub last_used_at: Option<String>,
}

/// What the guard refuses, and what may go wrong on any route.
#[derive(utoipa::IntoResponses)]
pub enum Refused {
    /// No session and no token, or neither is good any more.
    #[response(status = 401)]
    Unauthenticated(ErrorAnswer),
    /// Another site's page sent it, the CSRF token is missing, or the server was addressed by a foreign name.
    #[response(status = 403)]
    Forbidden(ErrorAnswer),
    /// A fault of the server; its log says more.
    #[response(status = 500)]
    Internal(ErrorAnswer),
    /// The server lacks memory, time or its state database for this now.
    #[response(status = 503)]
    Unavailable(ErrorAnswer),
}

/// What may be wrong with a body.
#[derive(utoipa::IntoResponses)]
pub enum BodyRefused {
    /// It is not JSON, or what it asks for makes no sense; for a query the diagnostics say where.
    #[response(status = 400)]
    Invalid(ErrorAnswer),
    /// The body came too slowly, or a query reached its deadline before its first row.
    #[response(status = 408)]
    Late(ErrorAnswer),
    /// It is larger than 2 MiB.
    #[response(status = 413)]
    TooLarge(ErrorAnswer),
    /// It is not announced as JSON.
    #[response(status = 415)]
    NotJson(ErrorAnswer),
    /// It is JSON of another shape, or a query would read more than it may.
    #[response(status = 422)]
    Unprocessable(ErrorAnswer),
}
