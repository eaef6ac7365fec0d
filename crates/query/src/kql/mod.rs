//! KQL / DQL.

use crate::language::{Front, not_yet};
use crate::schema::Dialect;

/// KQL / DQL.
pub const FRONT: Front = Front {
    id: "kql",
    title: "KQL / DQL",
    dialect: Dialect::OpenSearch,
    lower: |text, _| not_yet("kql", text),
    ast: |_, _| serde_json::Value::Null,
    recognise: |_| 0,
    reference: Vec::new,
};
