//! What travels about sinks. Secrets never do. Times are RFC 3339, UTC.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where alerts go.
#[derive(Debug, Serialize, ToSchema)]
pub struct SinkList {
    /// In the order of the settings.
    pub sinks: Vec<SinkStatus>,
}

/// A sink and how it does.
#[derive(Debug, Serialize, ToSchema)]
pub struct SinkStatus {
    /// Its name in the settings.
    pub name: String,
    /// Its kind: `webhook`, `email`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether messages go to it.
    pub enabled: bool,
    /// When a message was delivered last.
    pub last_success: Option<String>,
    /// Why the last try failed, where nothing was delivered since.
    pub last_error: Option<String>,
    /// Messages that wait.
    pub pending: u64,
    /// Messages that were given up.
    pub dead: u64,
    /// When it is not disturbed: `22:00-07:00 Asia/Tokyo`.
    pub quiet_hours: Option<String>,
}

/// How a test ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct SinkTest {
    /// Whether the receiver took it.
    pub delivered: bool,
    /// Why not.
    pub error: Option<String>,
}

/// Messages that were given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadLetters {
    /// The newest first, at most 200.
    pub letters: Vec<DeadLetter>,
}

/// A message that was given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadLetter {
    /// Its number.
    pub id: i64,
    /// The alert.
    pub alert: String,
    /// The rule that raised it.
    pub rule: String,
    /// What it tells of: `opened`, `closed`, …
    pub change: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it was given up.
    pub error: String,
    /// When.
    pub at: String,
}

/// Which messages to try again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetryRequest {
    /// Their numbers; all of the sink where none is named.
    pub ids: Option<Vec<i64>>,
}

/// What is tried again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Retried {
    /// How many messages.
    pub messages: u64,
}
