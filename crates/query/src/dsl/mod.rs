//! OpenSearch query DSL.

use crate::language::{Front, not_yet};
use crate::schema::Dialect;

/// OpenSearch query DSL.
pub const FRONT: Front = Front {
    id: "dsl",
    title: "OpenSearch query DSL",
    dialect: Dialect::OpenSearch,
    lower: |text, _| not_yet("dsl", text),
    ast: |_, _| serde_json::Value::Null,
    recognise: |_| 0,
    reference: Vec::new,
};
