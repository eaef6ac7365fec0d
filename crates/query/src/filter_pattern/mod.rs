//! CloudWatch filter pattern.

use crate::language::{Front, not_yet};
use crate::schema::Dialect;

/// CloudWatch filter pattern.
pub const FRONT: Front = Front {
    id: "filter",
    title: "CloudWatch filter pattern",
    dialect: Dialect::FilterPattern,
    lower: |text, _| not_yet("filter", text),
    ast: |_, _| serde_json::Value::Null,
    recognise: |_| 0,
    reference: Vec::new,
};
