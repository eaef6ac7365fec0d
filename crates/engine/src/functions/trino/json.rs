//! JSON: paths, arrays, parsing and formatting; and the sections and struct paths of a record.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, LargeStringBuilder};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::Result;
use query::pipeline::PathStep;
use serde_json::Value;

use super::values::{json_column, parsed, plain, sorted};
use super::{
    Call, Known, Spec, at, bools, instant_type, instants, int_type, ints, json_type, spec, strings, text_type,
};
use crate::functions::json as paths;

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("json_extract", 2, 2, json_type, extract),
    spec("json_extract_scalar", 2, 2, text_type, extract_scalar),
    spec("__json_extract_folded", 2, 2, json_type, extract_folded),
    spec("__json_extract_scalar_folded", 2, 2, text_type, extract_scalar_folded),
    spec("json_parse", 1, 1, json_type, parse),
    spec("json_format", 1, 1, text_type, format),
    spec("json_array_get", 2, 2, json_type, array_get),
    spec("json_array_length", 1, 1, int_type, array_length),
    spec("json_array_contains", 2, 2, super::bool_type, array_contains),
    spec("json_size", 2, 2, int_type, size),
    spec("is_json_scalar", 1, 1, super::bool_type, is_scalar),
    spec("__section", 2, 2, json_type, section),
    spec("__path", 2, 2, text_type, path),
    spec("__path_folded", 2, 2, text_type, path_folded),
    spec("__path_int", 2, 2, int_type, path_int),
    spec("__path_time", 2, 2, instant_type, path_time),
    spec("__field", 2, usize::MAX, field_type, field),
];

/// The steps of a JSON path: `$.a.b[0]`, `$["a.b"]`, `$['k'][*]`, `a.b`.
pub(super) fn steps(path: &str) -> Vec<PathStep> {
    let mut out = Vec::new();
    let mut rest = path.trim();
    for prefix in ["strict ", "lax ", "$"] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest).trim_start();
    }
    while let Some(first) = rest.chars().next() {
        match first {
            '.' => rest = &rest[1..],
            '[' => {
                let quoted = rest[1..].trim_start().chars().next().filter(|c| matches!(c, '"' | '\''));
                let end = match quoted {
                    Some(quote) => rest.find(&format!("{quote}]")).map(|at| at + 1),
                    None => rest.find(']'),
                };
                let Some(end) = end else { break };
                let inside = rest[1..end].trim();
                out.push(match inside.parse::<i64>() {
                    Ok(index) => PathStep::Index(index),
                    Err(_) if inside == "*" => PathStep::Each,
                    Err(_) => PathStep::Key(inside.trim_matches(['"', '\'']).to_owned()),
                });
                rest = &rest[end + 1..];
            }
            '"' => {
                let Some(end) = rest[1..].find('"') else { break };
                out.push(PathStep::Key(rest[1..=end].to_owned()));
                rest = &rest[end + 2..];
            }
            _ => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let key = rest[..end].trim_end();
                out.push(if key == "*" { PathStep::Each } else { PathStep::Key(key.to_owned()) });
                rest = &rest[end..];
            }
        }
    }
    out
}

/// The raw JSON text at a path; case of keys aside where the exact key is not there and `folded` is set.
fn raw_at(json: &str, steps: &[PathStep], folded: bool) -> Option<String> {
    if steps.contains(&PathStep::Each) {
        let found: Vec<Value> = matches(&serde_json::from_str(json).ok()?, steps).into_iter().cloned().collect();
        return Some(Value::Array(found).to_string());
    }
    if let Some(found) = paths::raw(json, steps) {
        return Some(found.into_owned());
    }
    folded.then(|| walk(&serde_json::from_str(json).ok()?, steps).map(Value::to_string)).flatten()
}

fn matches<'a>(value: &'a Value, steps: &[PathStep]) -> Vec<&'a Value> {
    let Some((first, rest)) = steps.split_first() else { return vec![value] };
    match (first, value) {
        (PathStep::Each, Value::Array(items)) => items.iter().flat_map(|i| matches(i, rest)).collect(),
        (PathStep::Each, Value::Object(fields)) => fields.values().flat_map(|i| matches(i, rest)).collect(),
        _ => step(value, first).map(|v| matches(v, rest)).unwrap_or_default(),
    }
}

fn step<'a>(value: &'a Value, step: &PathStep) -> Option<&'a Value> {
    match (step, value) {
        (PathStep::Key(key), Value::Object(fields)) => {
            fields.get(key).or_else(|| fields.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v))
        }
        (PathStep::Index(i), Value::Array(items)) => {
            let at = if *i < 0 { items.len() as i64 + i } else { *i };
            items.get(usize::try_from(at).ok()?)
        }
        _ => None,
    }
}

fn walk<'a>(value: &'a Value, steps: &[PathStep]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, s| step(value, s))
}

/// `f(json, steps)` for each row.
fn by_path<T>(call: &Call<'_>, f: impl Fn(&str, &[PathStep]) -> Option<T>) -> Result<Vec<Option<T>>> {
    let (text, path) = (call.text(0)?, call.text(1)?);
    let constant = call.constant(1).map(|p| steps(&p));
    Ok((0..call.rows())
        .map(|row| match &constant {
            Some(steps) => f(at(&text, row)?, steps),
            None => f(at(&text, row)?, &steps(at(&path, row)?)),
        })
        .collect())
}

fn json_texts(rows: Vec<Option<String>>) -> ArrayRef {
    let mut out = LargeStringBuilder::new();
    rows.into_iter().for_each(|row| out.append_option(row));
    Arc::new(out.finish())
}

/// A scalar's text: none for structures and JSON's null.
fn scalar(raw: &str) -> Option<String> {
    match raw.trim_start().as_bytes().first()? {
        b'{' | b'[' => None,
        _ => unquoted(raw),
    }
}

/// A scalar's text, a structure's JSON.
fn unquoted(raw: &str) -> Option<String> {
    match raw.trim_start().as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(raw.trim()).ok(),
        b'n' => None,
        _ => Some(raw.trim().to_owned()),
    }
}

fn extract(call: &Call<'_>) -> Result<ArrayRef> {
    Ok(json_texts(by_path(call, |json, steps| raw_at(json, steps, false))?))
}

fn extract_folded(call: &Call<'_>) -> Result<ArrayRef> {
    Ok(json_texts(by_path(call, |json, steps| raw_at(json, steps, true))?))
}

fn extract_scalar(call: &Call<'_>) -> Result<ArrayRef> {
    strings(by_path(call, |json, steps| scalar(&raw_at(json, steps, false)?))?.into_iter().map(Ok))
}

fn extract_scalar_folded(call: &Call<'_>) -> Result<ArrayRef> {
    strings(by_path(call, |json, steps| scalar(&raw_at(json, steps, true)?))?.into_iter().map(Ok))
}

/// Text that is JSON, as JSON: an error, or null inside TRY, where it is not.
pub(super) fn parse_column(array: &ArrayRef, call: &Call<'_>) -> Result<ArrayRef> {
    let text = cast(array, &DataType::Utf8View)?;
    let mut rows = Vec::with_capacity(text.len());
    for value in text.as_string_view() {
        rows.push(match value {
            None => None,
            Some(value) => match serde_json::from_str::<Value>(value) {
                Ok(parsed) => Some(sorted(parsed)),
                Err(_) => {
                    call.fail(|| format!("can't read as JSON: {}", value.chars().take(60).collect::<String>()))?
                }
            },
        });
    }
    Ok(json_column(rows.into_iter()))
}

fn parse(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    if array.data_type() == &DataType::LargeUtf8 {
        return Ok(array);
    }
    parse_column(&array, call)
}

fn format(call: &Call<'_>) -> Result<ArrayRef> {
    let json = super::cast::to_json(&call.array(0)?);
    Ok(cast(&json, &DataType::Utf8View)?)
}

fn values(call: &Call<'_>) -> Result<Vec<Option<Value>>> {
    let array = call.array(0)?;
    Ok((0..call.rows()).map(|row| parsed(&array, row)).collect())
}

fn array_get(call: &Call<'_>) -> Result<ArrayRef> {
    let index = call.ints(1)?;
    let pick = |(row, value): (usize, Option<Value>)| {
        let found =
            (!index.is_null(row)).then(|| step(value.as_ref()?, &PathStep::Index(index.value(row))).cloned())?;
        found.filter(|v| !v.is_null())
    };
    Ok(json_column(values(call)?.into_iter().enumerate().map(pick)))
}

fn array_length(call: &Call<'_>) -> Result<ArrayRef> {
    ints(values(call)?.into_iter().map(|v| Ok(v.and_then(|v| v.as_array().map(|a| a.len() as i64)))))
}

fn array_contains(call: &Call<'_>) -> Result<ArrayRef> {
    let wanted = call.array(1)?;
    bools(values(call)?.into_iter().enumerate().map(|(row, value)| {
        let wanted = super::values::value_at(&wanted, row);
        Ok(value
            .and_then(|v| v.as_array().map(|items| items.iter().any(|i| *i == wanted || plain(i) == plain(&wanted)))))
    }))
}

fn size(call: &Call<'_>) -> Result<ArrayRef> {
    let rows = by_path(call, |json, steps| {
        let value: Value = serde_json::from_str(&raw_at(json, steps, false)?).ok()?;
        Some(match value {
            Value::Array(a) => a.len() as i64,
            Value::Object(o) => o.len() as i64,
            _ => 0,
        })
    })?;
    ints(rows.into_iter().map(Ok))
}

fn is_scalar(call: &Call<'_>) -> Result<ArrayRef> {
    bools(values(call)?.into_iter().map(|v| Ok(v.map(|v| !v.is_array() && !v.is_object()))))
}

/// A section of a record, `__section(raw, 'requestParameters')`: its JSON, none where it is absent or null.
fn section(call: &Call<'_>) -> Result<ArrayRef> {
    Ok(json_texts(by_path(call, |json, steps| raw_at(json, steps, false).filter(|r| r != "null"))?))
}

/// A value of a record by its path: a scalar's text, a structure's JSON.
fn path(call: &Call<'_>) -> Result<ArrayRef> {
    strings(by_path(call, |json, steps| unquoted(&raw_at(json, steps, false)?))?.into_iter().map(Ok))
}

/// The same where the spelling of the path is the user's: case aside.
fn path_folded(call: &Call<'_>) -> Result<ArrayRef> {
    strings(by_path(call, |json, steps| unquoted(&raw_at(json, steps, true)?))?.into_iter().map(Ok))
}

fn path_int(call: &Call<'_>) -> Result<ArrayRef> {
    let read = |raw: String| unquoted(&raw)?.trim().parse::<f64>().ok().map(|v| v as i64);
    ints(by_path(call, |json, steps| read(raw_at(json, steps, true)?))?.into_iter().map(Ok))
}

fn path_time(call: &Call<'_>) -> Result<ArrayRef> {
    let read = |raw: String| super::dates::parse_any_instant(&unquoted(&raw)?);
    instants(by_path(call, |json, steps| read(raw_at(json, steps, true)?))?.into_iter().map(Ok))
}

/// The field of a row that a struct path names, case aside.
fn position(ty: &DataType, name: &str) -> Option<usize> {
    let DataType::Struct(fields) = ty else { return None };
    fields
        .iter()
        .position(|f| f.name() == name)
        .or_else(|| fields.iter().position(|f| f.name().eq_ignore_ascii_case(name)))
}

fn field_type(known: &Known<'_>) -> Result<DataType> {
    let mut ty = known.ty(0).clone();
    for at in 1..known.types.len() {
        let name = known.constant(at).unwrap_or_default();
        ty = match (&ty, position(&ty, name)) {
            (DataType::Struct(fields), Some(found)) => fields[found].data_type().clone(),
            (DataType::Struct(fields), None) => {
                let there: Vec<_> = fields.iter().map(|f| f.name().as_str()).collect();
                let message = format!("the row has no field `{name}`; it has {}", there.join(", "));
                return Err(datafusion::common::DataFusionError::Plan(message));
            }
            (DataType::Map(entries, _), _) => match entries.data_type() {
                DataType::Struct(pair) if pair.len() == 2 => pair[1].data_type().clone(),
                _ => DataType::Utf8View,
            },
            _ => DataType::Utf8View,
        };
    }
    Ok(ty)
}

/// `__field(value, 'a', 'b')`: the struct path `value.a.b` of a row, a map, or JSON.
fn field(call: &Call<'_>) -> Result<ArrayRef> {
    let mut array = call.array(0)?;
    for i in 1..call.len() {
        let name = call.constant(i).unwrap_or_default();
        array = match array.data_type().clone() {
            ty @ DataType::Struct(_) => match position(&ty, &name) {
                Some(found) => masked(&array, found)?,
                None => arrow::array::new_null_array(&DataType::Utf8View, array.len()),
            },
            DataType::Map(..) => super::maps::get(&array, |_, key| key.eq_ignore_ascii_case(&name))?,
            _ => {
                let step = [PathStep::Key(name)];
                let text = cast(&array, &DataType::Utf8View)?;
                let rows = text.as_string_view().iter().map(|json| unquoted(&raw_at(json?, &step, true)?));
                super::texts(rows)
            }
        };
    }
    Ok(array)
}

/// A field of a row, null where the row is.
fn masked(array: &ArrayRef, at: usize) -> Result<ArrayRef> {
    let row = array.as_struct();
    let column = row.column(at);
    match row.nulls() {
        Some(nulls) => {
            let absent: arrow::array::BooleanArray = nulls.iter().map(|valid| Some(!valid)).collect();
            Ok(arrow::compute::nullif(column, &absent)?)
        }
        None => Ok(Arc::clone(column)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, path: &str, expected: Option<&str>) {
        assert_eq!(raw_at(json, &steps(path), false).as_deref(), expected, "{path}");
    }

    #[test]
    fn paths() {
        let json = r#"{"a":{"b.c":1,"x":["p",{"y":2}]},"AWS:Item":{"k":null},"m":[{"n":1},{"n":2}]}"#;
        check(json, r#"$.a["b.c"]"#, Some("1"));
        check(json, "$.a['b.c']", Some("1"));
        check(json, "$.a.x[0]", Some(r#""p""#));
        check(json, "$.a.x[1].y", Some("2"));
        check(json, "$.AWS:Item.k", Some("null"));
        check(json, "$.m[*].n", Some("[1,2]"));
        check(json, "$.A.x", None);
        check("not json", "$.a", None);
        check("[1,2]", "$[1]", Some("2"));
        check(json, "$[", Some(json));
    }

    #[test]
    fn scalars_only() {
        assert_eq!(scalar(r#"{"a":1}"#), None);
        assert_eq!(scalar("true").as_deref(), Some("true"));
        assert_eq!(scalar(r#""a\"b""#).as_deref(), Some("a\"b"));
        assert_eq!(scalar("null"), None);
    }
}
