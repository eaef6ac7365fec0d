//! Sigma.

use crate::language::{Front, not_yet};
use crate::schema::Dialect;

/// Sigma.
pub const FRONT: Front = Front {
    id: "sigma",
    title: "Sigma",
    dialect: Dialect::Sigma,
    lower: |text, _| not_yet("sigma", text),
    ast: |_, _| serde_json::Value::Null,
    recognise: |_| 0,
    reference: Vec::new,
};
