//! Lucene query string.

use crate::language::{Front, not_yet};
use crate::schema::Dialect;

/// Lucene query string.
pub const FRONT: Front = Front {
    id: "lucene",
    title: "Lucene query string",
    dialect: Dialect::OpenSearch,
    lower: |text, _| not_yet("lucene", text),
    ast: |_, _| serde_json::Value::Null,
    recognise: |_| 0,
    reference: Vec::new,
};
