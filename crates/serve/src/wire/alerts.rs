//! What travels about alerts: the list, one with its evidence, and what a person does with it. Times are RFC 3339, UTC.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Text;
use super::rules::RuleException;

/// How bad it is if it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlertSeverity {
    /// Good to know.
    Informational,
    /// To be looked at some time.
    Low,
    /// To be looked at soon.
    Medium,
    /// To be looked at today.
    High,
    /// To be looked at now.
    Critical,
}

/// Where an alert is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlertStatus {
    /// Nobody has taken it.
    Open,
    /// Somebody looks at it.
    Acknowledged,
    /// Done; the next finding of the same key opens another alert.
    Closed,
}

/// What an alert turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertVerdict {
    /// It was what the rule looks for.
    TruePositive,
    /// It was, and was allowed.
    Benign,
    /// It was something else.
    FalsePositive,
}

/// A field of an alert's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupValue {
    /// The field, as the rule names it.
    pub field: String,
    /// Its value; none where the event has none.
    pub value: Option<String>,
}

/// An alert: all findings of one rule with one key, from the first until it is closed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alert {
    /// Its id, for its address.
    pub id: String,
    /// The rule.
    pub rule_id: String,
    /// The rule's title when the alert was opened.
    pub title: Text,
    /// The rule's severity when the alert was opened.
    pub severity: AlertSeverity,
    /// Where it is in its life.
    pub status: AlertStatus,
    /// What it turned out to be.
    pub verdict: Option<AlertVerdict>,
    /// Whose it is: a user's name.
    pub owner: Option<String>,
    /// Its key: the fields that the rule groups by.
    pub group: Vec<GroupValue>,
    /// Time of the earliest event.
    pub first_seen: String,
    /// Time of the latest event.
    pub last_seen: String,
    /// When it was opened.
    pub created_at: String,
    /// When something last changed.
    pub updated_at: String,
    /// Events that raised it.
    pub events: u64,
    /// ATT&CK tactics and techniques.
    pub attack: Vec<String>,
    /// The account of the latest event.
    pub account: Option<String>,
    /// Who made the latest event.
    pub actor: Option<String>,
    /// The region of the latest event.
    pub region: Option<String>,
    /// Where the latest event came from.
    pub source_address: Option<String>,
    /// The country of that address, two letters.
    pub country: Option<String>,
}

/// How many alerts match what was asked, on all pages.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct AlertCounts {
    /// Open ones, whatever status and severity were asked for.
    pub open: u64,
    /// Acknowledged ones.
    pub acknowledged: u64,
    /// Closed ones.
    pub closed: u64,
    /// By severity, whatever severity was asked for.
    pub by_severity: BTreeMap<String, u64>,
    /// By rule, whatever rule was asked for.
    pub by_rule: BTreeMap<String, u64>,
    /// By the hour of their latest event, or by the day where they span more than a month.
    pub over_time: Vec<AlertsAt>,
}

/// How many alerts had their latest event in an hour or on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertsAt {
    /// When it begins.
    pub at: String,
    /// Alerts.
    pub alerts: u64,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertList {
    /// The alerts, in the order asked for.
    pub alerts: Vec<Alert>,
    /// How many there are on all pages.
    pub total: u64,
    /// The `cursor` of the next page; none on the last.
    pub next: Option<String>,
    /// How many of what.
    pub counts: AlertCounts,
}

/// Which alerts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    /// `open` (default), `acknowledged`, `closed` or `all`; several with commas.
    pub status: Option<String>,
    /// A severity; several with commas.
    pub severity: Option<String>,
    /// A rule's id; several with commas.
    pub rule: Option<String>,
    /// Alerts with an event at or after it: ISO 8601, or relative such as `-7d`.
    pub since: Option<String>,
    /// Alerts with an event before it.
    pub until: Option<String>,
    /// Words that the title, the key, the actor or the address contain.
    pub q: Option<String>,
    /// An account.
    pub account: Option<String>,
    /// An actor.
    pub actor: Option<String>,
    /// An owner; `-` for nobody's.
    pub owner: Option<String>,
    /// Which come first: `updated` (default: those that changed last), `last_seen`, `severity` or `events` (the most).
    pub sort: Option<String>,
    /// Most alerts of a page: 50 by default, at most 500.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// An event that raised an alert.
#[derive(Debug, Serialize, ToSchema)]
pub struct Evidence {
    /// Its id; none for a row of a scheduled rule that is no event.
    pub event_id: Option<String>,
    /// The table that it is in.
    pub log_type: String,
    /// When it happened.
    pub event_time: String,
    /// What was done.
    pub event_name: Option<String>,
    /// At which service.
    pub event_source: Option<String>,
    /// By whom.
    pub actor: Option<String>,
    /// From where.
    pub source_address: Option<String>,
    /// The service's error.
    pub error_code: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The row's values where it is no event: of scheduled rules.
    pub row: Option<serde_json::Value>,
    /// The event on the page of this server.
    pub link: Option<String>,
}

/// Events of one stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelinePoint {
    /// Where the stretch begins.
    pub at: String,
    /// How many events it has.
    pub events: u64,
}

/// What somebody wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct Note {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// The text.
    pub text: String,
}

/// What somebody did, or the server.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertHistory {
    /// When.
    pub at: String,
    /// Who; `trailhound` for the server itself.
    pub by: String,
    /// What, as `status: open -> closed`.
    pub change: String,
}

/// A message about the alert to the outside.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notification {
    /// The sink's name.
    pub sink: String,
    /// When it was last tried, or was to be.
    pub at: String,
    /// `pending`, `delivered` or `dead`.
    pub state: String,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// Attempts so far.
    pub attempts: u32,
}

/// One alert with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertDetail {
    /// As in the list.
    #[serde(flatten)]
    pub alert: Alert,
    /// What the rule sees and why it matters.
    pub description: Text,
    /// What to do first.
    pub advice: Text,
    /// The newest events, at most 200, latest first.
    pub evidence: Vec<Evidence>,
    /// Who is behind the actor, from the caller back to the person or workload that it began with.
    pub actor_chain: Vec<String>,
    /// Events an hour, or a day where it went on for more than four days.
    pub timeline: Vec<TimelinePoint>,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// What was done, oldest first.
    pub history: Vec<AlertHistory>,
    /// Messages to the outside, oldest first.
    pub notifications: Vec<Notification>,
    /// Where to read on.
    pub references: Vec<String>,
    /// The rule's exceptions.
    pub exceptions: Vec<RuleException>,
}

/// A change of an alert. What is absent stays.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertChange {
    /// The new status; opening anew takes the verdict back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AlertStatus>,
    /// The verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<AlertVerdict>,
    /// The owner; an empty text for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// The same change of several alerts: all of them, or none where one is not there.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkChange {
    /// The alerts, 1 to 1000.
    #[schema(min_items = 1, max_items = 1000)]
    pub ids: Vec<String>,
    /// The new status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AlertStatus>,
    /// The verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<AlertVerdict>,
    /// The owner; an empty text for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// What a bulk change did.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkChanged {
    /// Alerts that are different now.
    pub changed: u64,
}

/// A note to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteText {
    /// The text, 1 to 10,000 characters.
    pub text: String,
}
