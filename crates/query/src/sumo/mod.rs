//! Sumo Logic.

use crate::language::{Front, not_yet};
use crate::schema::Dialect;

/// Sumo Logic.
pub const FRONT: Front = Front {
    id: "sumo",
    title: "Sumo Logic",
    dialect: Dialect::Sumo,
    lower: |text, _| not_yet("sumo", text),
    ast: |_, _| serde_json::Value::Null,
    recognise: |_| 0,
    reference: Vec::new,
};
