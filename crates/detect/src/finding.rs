//! What a rule finds: the event that raises it, the others that belong to it, and the values by which findings become alerts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is shown of an event beside its id. Times are microseconds since 1970-01-01 (UTC).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its id.
    pub event_id: String,
    /// The table that it goes to.
    pub log_type: String,
    /// When it happened.
    pub event_time: i64,
    /// What was done: the API, the verdict, the method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_name: Option<String>,
    /// The service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_source: Option<String>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_address: Option<String>,
    /// The country of that address, by ISO code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// How it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The account that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The row's values where it is no event: of a scheduled query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Map<String, Value>>,
}

/// One value of an alert's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupValue {
    /// The field, as the rule names it.
    pub field: String,
    /// Its value in the event that raises.
    pub value: Option<String>,
}

/// A finding. The rule and the raising event's id name it: found again, it is the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The event that raises it.
    pub event: Evidence,
    /// What the alert is grouped by.
    pub group: Vec<GroupValue>,
    /// All events that belong to it, the raising one included, by time.
    pub evidence: Vec<Evidence>,
    /// Whether it goes on with what an earlier finding began: its events belong to the alert, but it counts as none of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
}
