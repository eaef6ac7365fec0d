//! CloudWatch Logs Insights.

use crate::language::{Front, not_yet};
use crate::schema::Dialect;

/// CloudWatch Logs Insights.
pub const FRONT: Front = Front {
    id: "insights",
    title: "CloudWatch Logs Insights",
    dialect: Dialect::Insights,
    lower: |text, _| not_yet("insights", text),
    ast: |_, _| serde_json::Value::Null,
    recognise: |_| 0,
    reference: Vec::new,
};
