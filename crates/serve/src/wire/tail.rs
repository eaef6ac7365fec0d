//! Live tail as it travels.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Filter, auto};

/// A query to follow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TailRequest {
    /// `auto`, or a language's id; not `sql`.
    #[serde(default = "auto")]
    #[schema(default = "auto")]
    pub lang: String,
    /// The text. Its search part counts: what orders, counts or groups events is left out, and a warning says so.
    pub query: String,
    /// Conditions beside the query.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// Most events sent of those that came in at once; the others are counted. 200 where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub burst: Option<u64>,
    /// Where an earlier answer stood, as its last `_tail` line said: what came in since is shown first. Without it, only what
    /// comes in from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Where days begin, as for a query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

/// How far a tail has come: a line under the key `_tail` after the events of each look at the lake, and every few seconds
/// while nothing comes in.
#[derive(Debug, Serialize, ToSchema)]
pub struct TailMark {
    /// When the lake was looked at, ISO 8601.
    pub at: String,
    /// Events found by this look.
    pub found: u64,
    /// Those of them that were sent.
    pub sent: u64,
    /// True where the look took too much time, memory or reading, and events may have been passed over.
    pub missed: bool,
    /// For `after`.
    pub mark: String,
}
