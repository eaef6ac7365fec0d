//! Names that DuckDB (Tailpipe) and PostgreSQL (Steampipe) users know, where Trino has another one.

use arrow::array::ArrayRef;
use datafusion::common::Result;
use serde_json::Value;

use super::values::{parsed, plain, value_at};
use super::{Call, Spec, bool_type, bools, dates, int_type, ints, json_type, spec, strings, text_type};

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("strftime", 2, 2, text_type, dates::strftime),
    spec("json_contains", 2, 2, bool_type, json_contains),
    spec("epoch_ms", 1, 1, int_type, |c| epoch(c, 1_000)),
    spec("epoch", 1, 1, int_type, |c| epoch(c, 1_000_000)),
    spec("__json_get", 2, 2, json_type, |c| Ok(super::values::json_column(get(c)?.into_iter()))),
    spec("__json_get_text", 2, 2, text_type, |c| strings(get(c)?.into_iter().map(|v| Ok(v.and_then(|v| plain(&v)))))),
];

fn json_contains(call: &Call<'_>) -> Result<ArrayRef> {
    let (array, wanted) = (call.array(0)?, call.array(1)?);
    bools((0..call.rows()).map(|row| {
        let (Some(value), Some(wanted)) = (parsed(&array, row), parsed(&wanted, row)) else { return Ok(None) };
        Ok(Some(holds(&value, &wanted)))
    }))
}

fn holds(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(fields), Value::Object(parts)) => {
            parts.iter().all(|(key, part)| fields.get(key).is_some_and(|f| holds(f, part)))
        }
        (Value::Array(items), Value::Array(parts)) => parts.iter().all(|p| items.iter().any(|i| holds(i, p))),
        (Value::Array(items), one) => items.iter().any(|i| holds(i, one)),
        (a, b) => a == b,
    }
}

fn epoch(call: &Call<'_>, unit: i64) -> Result<ArrayRef> {
    ints(call.micros(0)?.iter().map(|v| Ok(v.map(|v| v.div_euclid(unit)))))
}

/// `json -> key`, a key, an index from 0, or a path.
fn get(call: &Call<'_>) -> Result<Vec<Option<Value>>> {
    let (array, key) = (call.array(0)?, call.array(1)?);
    Ok((0..call.rows())
        .map(|row| {
            let value = parsed(&array, row)?;
            match value_at(&key, row) {
                Value::String(path) if path.starts_with('$') => {
                    let steps = super::json::steps(&path);
                    let raw = crate::functions::json::raw(&value.to_string(), &steps)?.into_owned();
                    serde_json::from_str(&raw).ok()
                }
                Value::String(key) => value.get(&key).cloned(),
                Value::Number(at) => value.get(usize::try_from(at.as_i64()?).ok()?).cloned(),
                _ => None,
            }
        })
        .collect())
}
