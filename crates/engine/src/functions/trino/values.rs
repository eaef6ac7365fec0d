//! Between JSON values and Arrow arrays of any Trino type.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, Int64Array, LargeStringBuilder, ListArray,
    MapArray, StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Fields, Float64Type, Int64Type};
use datafusion::common::Result;
use serde_json::{Map, Value};

use super::types::Type;
use super::{cast as casts, invalid, texts};
use crate::functions::convert;

/// The JSON value of one row of any array.
pub(super) fn value_at(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::LargeUtf8 => json_or_text(array.as_string::<i64>().value(row)),
        DataType::Utf8 => Value::String(array.as_string::<i32>().value(row).to_owned()),
        DataType::Utf8View => Value::String(array.as_string_view().value(row).to_owned()),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            Value::Array((0..items.len()).map(|i| value_at(&items, i)).collect())
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            Value::Object((0..entries.len()).map(|i| (key_text(keys, i), value_at(values, i))).collect())
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            Value::Object(fields.iter().zip(columns).map(|(f, c)| (f.name().clone(), value_at(c, row))).collect())
        }
        t if t.is_integer() => {
            let one = cast(&array.slice(row, 1), &DataType::Int64);
            one.map_or(Value::Null, |a| Value::from(a.as_primitive::<Int64Type>().value(0)))
        }
        t if t.is_numeric() => {
            let one = cast(&array.slice(row, 1), &DataType::Float64);
            one.map_or(Value::Null, |a| float(a.as_primitive::<Float64Type>().value(0)))
        }
        _ => scalar_text(array, row).map_or(Value::Null, Value::String),
    }
}

fn float(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// JSON text as a value; what is no JSON is a string.
pub(super) fn json_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn key_text(keys: &ArrayRef, row: usize) -> String {
    scalar_text(keys, row).unwrap_or_default()
}

fn scalar_text(array: &ArrayRef, row: usize) -> Option<String> {
    let one = array.slice(row, 1);
    let text = convert::to_text(&one).ok()?;
    (!text.is_null(0)).then(|| text.as_string_view().value(0).to_owned())
}

/// The text that a value has as varchar: a string without quotes, structures as JSON, none for null.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Keys in order, as Trino's `json_parse` leaves them.
pub(super) fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// A JSON column out of values; no row gives null, JSON's null the text `null`.
pub(super) fn json_column(rows: impl Iterator<Item = Option<Value>>) -> ArrayRef {
    let mut out = LargeStringBuilder::new();
    rows.for_each(|row| out.append_option(row.map(|v| v.to_string())));
    Arc::new(out.finish())
}

/// Any array as lists of JSON or of its own items: an array stays; JSON and text are read.
pub(super) fn to_list(array: &ArrayRef) -> ArrayRef {
    if let DataType::List(_) = array.data_type() {
        return Arc::clone(array);
    }
    let items = |row: usize| match parsed(array, row) {
        Some(Value::Array(items)) => Some(items),
        Some(Value::Null) | None => None,
        Some(other) => Some(vec![other]),
    };
    let rows: Vec<Option<Vec<Value>>> = (0..array.len()).map(items).collect();
    let lengths = rows.iter().map(|r| r.as_ref().map_or(0, Vec::len));
    let offsets = OffsetBuffer::from_lengths(lengths);
    let nulls = NullBuffer::from(rows.iter().map(Option::is_some).collect::<Vec<_>>());
    let values = json_items(rows.into_iter().flatten().flatten());
    Arc::new(ListArray::new(item_field(DataType::LargeUtf8), offsets, values, Some(nulls)))
}

/// Items keep strings without quotes: they are read as varchar more often than as JSON.
fn json_items(items: impl Iterator<Item = Value>) -> ArrayRef {
    let mut out = LargeStringBuilder::new();
    items.for_each(|item| out.append_option(plain(&item)));
    Arc::new(out.finish())
}

pub(super) fn item_field(ty: DataType) -> Arc<arrow::datatypes::Field> {
    Arc::new(arrow::datatypes::Field::new("item", ty, true))
}

/// The value of a row of JSON or of text that holds JSON.
pub(super) fn parsed(array: &ArrayRef, row: usize) -> Option<Value> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Utf8 => Some(json_or_text(array.as_string::<i32>().value(row))),
        DataType::Utf8View => Some(json_or_text(array.as_string_view().value(row))),
        _ => Some(value_at(array, row)),
    }
}

/// A column of `target` out of JSON values. Where a value can't be one: an error, or null where `strict` is off.
pub(super) fn column(rows: &[Option<Value>], target: &Type, strict: bool) -> Result<ArrayRef> {
    let present = |r: &Option<Value>| r.clone().filter(|v| !v.is_null());
    Ok(match target {
        Type::Json => json_column(rows.iter().cloned()),
        Type::Array(item) => array_column(rows, item, strict)?,
        Type::Map(key, value) => map_column(rows, key, value, strict)?,
        Type::Row(fields) => row_column(rows, fields, target, strict)?,
        Type::Boolean => Arc::new(
            each(rows, strict, target, |v| match v {
                Value::Bool(b) => Some(*b),
                Value::Number(n) => n.as_f64().map(|n| n != 0.0),
                other => plain(other).and_then(|t| casts::parse_bool(&t)),
            })?
            .collect::<BooleanArray>(),
        ),
        Type::Double => Arc::new(each(rows, strict, target, float_of)?.collect::<Float64Array>()),
        Type::Integer(_) => {
            let ints = each(rows, strict, target, |v| match v {
                Value::Number(n) => n.as_i64().or_else(|| n.as_f64().map(|f| f.round() as i64)),
                Value::Bool(b) => Some(i64::from(*b)),
                other => plain(other)?.trim().parse().ok(),
            })?
            .collect::<Int64Array>();
            cast(&ints, &target.arrow())?
        }
        Type::Varchar(None) => texts(rows.iter().map(|r| present(r).and_then(|v| plain(&v)))),
        other => {
            let text = texts(rows.iter().map(|r| present(r).and_then(|v| plain(&v))));
            casts::convert(&text, other, strict)?
        }
    })
}

fn float_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        other => plain(other)?.trim().parse().ok(),
    }
}

fn each<T>(
    rows: &[Option<Value>],
    strict: bool,
    target: &Type,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<std::vec::IntoIter<Option<T>>> {
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        let value = row.as_ref().filter(|v| !v.is_null());
        let found = value.and_then(&read);
        if strict
            && found.is_none()
            && let Some(value) = value
        {
            return Err(cant(value, target));
        }
        out.push(found);
    }
    Ok(out.into_iter())
}

fn cant(value: &Value, target: &Type) -> datafusion::common::DataFusionError {
    let shown: String = value.to_string().chars().take(60).collect();
    invalid(format!("can't cast {shown} to {}; try_cast gives null instead", super::types::name_of(&target.arrow())))
}

fn array_column(rows: &[Option<Value>], item: &Type, strict: bool) -> Result<ArrayRef> {
    let mut items = Vec::new();
    let mut lengths = Vec::with_capacity(rows.len());
    let mut valid = Vec::with_capacity(rows.len());
    for row in rows {
        match row {
            Some(Value::Array(found)) => {
                lengths.push(found.len());
                valid.push(true);
                items.extend(found.iter().cloned().map(Some));
            }
            Some(other) if strict && !other.is_null() => return Err(cant(other, &Type::Array(Box::new(item.clone())))),
            _ => {
                lengths.push(0);
                valid.push(false);
            }
        }
    }
    let values = column(&items, item, strict)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::new(item_field(item.arrow()), offsets, values, Some(NullBuffer::from(valid)))))
}

fn map_column(rows: &[Option<Value>], key: &Type, value: &Type, strict: bool) -> Result<ArrayRef> {
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    let mut lengths = Vec::with_capacity(rows.len());
    let mut valid = Vec::with_capacity(rows.len());
    for row in rows {
        match row {
            Some(Value::Object(found)) => {
                lengths.push(found.len());
                valid.push(true);
                keys.extend(found.keys().map(|k| Some(Value::String(k.clone()))));
                values.extend(found.values().cloned().map(Some));
            }
            Some(other) if strict && !other.is_null() => {
                return Err(cant(other, &Type::Map(Box::new(key.clone()), Box::new(value.clone()))));
            }
            _ => {
                lengths.push(0);
                valid.push(false);
            }
        }
    }
    map_array(column(&keys, key, strict)?, column(&values, value, strict)?, lengths, valid)
}

/// A map array out of its flat keys and values.
pub(super) fn map_array(keys: ArrayRef, values: ArrayRef, lengths: Vec<usize>, valid: Vec<bool>) -> Result<ArrayRef> {
    let ty = super::types::map_of(keys.data_type().clone(), values.data_type().clone());
    let DataType::Map(entries_field, _) = &ty else { return Err(invalid("not a map")) };
    let DataType::Struct(fields) = entries_field.data_type() else { return Err(invalid("not a map")) };
    let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(MapArray::try_new(Arc::clone(entries_field), offsets, entries, Some(NullBuffer::from(valid)), false)?))
}

fn row_column(
    rows: &[Option<Value>],
    fields: &[(Option<String>, Type)],
    target: &Type,
    strict: bool,
) -> Result<ArrayRef> {
    let DataType::Struct(arrow_fields) = target.arrow() else { return Err(invalid("not a row")) };
    let pick = |row: &Option<Value>, at: usize, name: &Option<String>| match row {
        Some(Value::Array(items)) => items.get(at).cloned(),
        Some(Value::Object(object)) => {
            let name = name.as_deref().unwrap_or_default();
            object
                .get(name)
                .or_else(|| object.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v))
                .cloned()
        }
        _ => None,
    };
    let columns = fields.iter().enumerate().map(|(at, (name, ty))| {
        let values: Vec<_> = rows.iter().map(|row| pick(row, at, name)).collect();
        column(&values, ty, strict)
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    struct_column(arrow_fields, columns, rows.iter().map(|r| r.as_ref().is_some_and(|v| !v.is_null())).collect())
}

pub(super) fn struct_column(fields: Fields, columns: Vec<ArrayRef>, valid: Vec<bool>) -> Result<ArrayRef> {
    Ok(Arc::new(StructArray::try_new(fields, columns, Some(NullBuffer::from(valid)))?))
}

/// The bytes of a binary or text array's row.
pub(super) fn bytes_at(array: &ArrayRef, row: usize) -> Option<Vec<u8>> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Binary => Some(array.as_binary::<i32>().value(row).to_vec()),
        DataType::LargeBinary => Some(array.as_binary::<i64>().value(row).to_vec()),
        DataType::BinaryView => Some(array.as_binary_view().value(row).to_vec()),
        _ => scalar_text(array, row).map(String::into_bytes),
    }
}

/// A binary column.
pub(super) fn bytes_column(rows: impl Iterator<Item = Option<Vec<u8>>>) -> ArrayRef {
    Arc::new(rows.collect::<BinaryArray>())
}
