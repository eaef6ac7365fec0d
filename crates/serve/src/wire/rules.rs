//! What travels about rules: the catalogue, one rule, its tests and exceptions, replay, and the ATT&CK matrix.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Text;
use super::alerts::{AlertSeverity, Evidence, GroupValue};

/// A rule as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSummary {
    /// Its id, for its address.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// What it sees and why it matters.
    pub description: Text,
    /// How bad it is if it is true.
    pub severity: AlertSeverity,
    /// Whether it runs.
    pub enabled: bool,
    /// Whether it comes with the program.
    pub builtin: bool,
    /// Whether the text of one that comes with the program was replaced by a user's.
    pub overridden: bool,
    /// What it is about, as the program's rules are arranged: `iam`, `network` …; none for users' rules.
    pub group: Option<String>,
    /// `each`, `threshold`, `correlation`, `first_seen`, `rare`, `travel` or `scheduled`.
    pub mode: String,
    /// ATT&CK tactics and techniques.
    pub attack: Vec<String>,
    /// Other systems' detections with the same meaning.
    pub covers: Vec<String>,
    /// The log types that it reads.
    pub logs: Vec<String>,
    /// The language of its query.
    pub lang: String,
    /// Findings of the last 30 days.
    pub hits_30d: u64,
    /// When it last found something.
    pub last_hit: Option<String>,
    /// Its alerts that are not closed.
    pub alerts_open: u64,
    /// Why it does not run, or why its last run failed.
    pub error: Option<String>,
}

/// The rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleList {
    /// By id.
    pub rules: Vec<RuleSummary>,
}

/// How many events of a rule's own tests there are.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RuleTests {
    /// Those that must match.
    #[serde(rename = "match")]
    pub matching: u32,
    /// Those that must not.
    pub no_match: u32,
}

/// One rule, whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleDetail {
    /// As in the list.
    #[serde(flatten)]
    pub rule: RuleSummary,
    /// Its file (YAML).
    pub text: String,
    /// Its query's text; a correlation's steps one after the other.
    pub query: String,
    /// What to do first.
    pub advice: Text,
    /// Where to read on.
    pub references: Vec<String>,
    /// The fields of its alerts' key.
    pub group_by: Vec<String>,
    /// For how long the same key is not told again, as `1h`.
    pub cool_down: String,
    /// Its exceptions: those of the file, then the users'.
    pub exceptions: Vec<RuleException>,
    /// Its own tests.
    pub tests: RuleTests,
}

/// What a rule leaves out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleException {
    /// Its number, for its address; none for those of the rule's file.
    pub id: Option<i64>,
    /// The field, by any name of the catalogue or a path into the record.
    pub field: String,
    /// The value that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The network that it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr: Option<String>,
    /// The pattern that it follows; `*` and `?` are wildcards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub glob: Option<String>,
    /// Why.
    pub reason: String,
    /// Until when; none: for good.
    pub until: Option<String>,
    /// Whether that is past.
    pub expired: bool,
    /// Who made it.
    pub by: Option<String>,
    /// When it was made.
    pub created_at: Option<String>,
}

/// An exception to make: exactly one of `value`, `cidr` and `glob`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewException {
    /// The field, by any name of the catalogue or a path into the record.
    pub field: String,
    /// The value that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The network that it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<String>,
    /// The pattern that it follows; `*` and `?` are wildcards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glob: Option<String>,
    /// Why; it is shown wherever the rule is.
    pub reason: String,
    /// Until when: ISO 8601; none: for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// The exceptions of a rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExceptionList {
    /// Those of the file, then the users'.
    pub exceptions: Vec<RuleException>,
}

/// A rule's file.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// YAML.
    pub text: String,
}

/// A change of a rule's settings. What is absent stays.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleChange {
    /// Whether it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// How bad it is if it is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<AlertSeverity>,
}

/// A search that becomes a rule.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedSearch {
    /// `auto`, or a language's id.
    pub lang: String,
    /// The search's text.
    pub query: String,
    /// The title; the rule's id is made from it.
    pub title: String,
    /// How bad it is if it is true.
    pub severity: AlertSeverity,
    /// Conditions of the filter bar, which become part of the rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<super::Filter>,
    /// Another mode than the search asks for: as in a rule's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<serde_json::Value>,
    /// The fields of the alerts' key; the actor and the account by default, for rows that are no events their columns of text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<Vec<String>>,
}

/// A rule to add: its file, or a search.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// YAML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_search: Option<SavedSearch>,
}

/// One of a rule's tests.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleTestResult {
    /// `match` or `no_match`.
    pub kind: String,
    /// Its place in that list, from 1.
    pub number: u32,
    /// Whether it came out as it must.
    pub passed: bool,
    /// What was wrong.
    pub message: Option<String>,
}

/// What a rule's tests gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleTestReport {
    /// Whether all passed.
    pub passed: bool,
    /// One for each test.
    pub results: Vec<RuleTestResult>,
}

/// A rule to run over the past: the text of one, or the id of one that is there.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// YAML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A rule's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A search, as for a new rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_search: Option<SavedSearch>,
    /// Events at or after it: ISO 8601, or relative such as `-30d`; none: from the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Events before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Most events and groups shown: 100 by default, at most 1000. The counts are whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A key that a replayed rule would have raised an alert for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayGroup {
    /// The key.
    pub group: Vec<GroupValue>,
    /// Findings.
    pub events: u64,
    /// Time of the first.
    pub first: String,
    /// Time of the last.
    pub last: String,
}

/// Findings of one stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayPoint {
    /// Where the stretch begins.
    pub at: String,
    /// How many findings it has.
    pub count: u64,
}

/// What a rule would have found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayAnswer {
    /// Findings.
    pub findings: u64,
    /// Alerts that they would have opened: keys.
    pub alerts_would_open: u64,
    /// The keys, those with most findings first.
    pub by_group: Vec<ReplayGroup>,
    /// The latest findings.
    pub events: Vec<Evidence>,
    /// Findings a day, or an hour where the period has at most four days.
    pub timeline: Vec<ReplayPoint>,
    /// Stored events of the period that were looked at.
    pub scanned_events: u64,
    /// Findings that exceptions left out.
    pub excepted: u64,
}

/// A technique, and what watches for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttackTechnique {
    /// `T1562.008`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The rules.
    pub rules: Vec<String>,
    /// Their findings of the last 30 days.
    pub hits_30d: u64,
}

/// A tactic.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttackTactic {
    /// `TA0005`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Its techniques that a rule is for.
    pub techniques: Vec<AttackTechnique>,
    /// Rules that name the tactic and none of its techniques.
    pub rules: Vec<String>,
}

/// The matrix.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttackMatrix {
    /// In the order of an attack.
    pub tactics: Vec<AttackTactic>,
}
