//! Saved searches as they travel.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Filter, auto};

/// A search to save.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchDraft {
    /// What it is called; among one's own, no two have the same name.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// `auto`, or a language's id.
    #[serde(default = "auto")]
    #[schema(default = "auto")]
    pub lang: String,
    /// The text, at most 64 KiB. It need not be right yet.
    #[schema(min_length = 1)]
    pub query: String,
    /// Lower bound: ISO 8601, or relative such as `-7d`; kept as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Upper bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Conditions beside the query.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub filters: Vec<Filter>,
    /// Whether everybody on this server sees it.
    #[serde(default)]
    pub shared: bool,
}

/// A saved search.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredSearch {
    /// Its id.
    pub id: String,
    /// Who saved it; none: everybody's.
    pub owner: Option<String>,
    /// Whether the caller may change and delete it.
    pub mine: bool,
    /// When it was saved, ISO 8601.
    pub created_at: String,
    /// When it was last changed, ISO 8601.
    pub updated_at: String,
    /// What it is.
    #[serde(flatten)]
    pub draft: SearchDraft,
}
