//! Reaching into arrays, maps and JSON: `element_at`, subscripts, `cardinality`, and JSON as an array.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use serde_json::Value;

use super::values::{parsed, plain, to_list, value_at};
use super::{Call, Known, Spec, int_type, ints, list_of, spec, strings};

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("element_at", 2, 2, item_type, element_at),
    spec("__subscript", 2, 2, item_type, subscript),
    spec("cardinality", 1, 1, int_type, cardinality),
    spec("__list", 1, 1, listed_type, |c| Ok(to_list(&c.array(0)?))),
    spec("__keys_or_list", 1, 1, keys_type, keys_or_list),
    spec("__values", 1, 1, values_type, values),
    spec("__ordinals", 1, 1, |_| Ok(list_of(DataType::Int64)), ordinals),
];

/// Whether a type is text, JSON included.
pub(super) fn is_text(ty: &DataType) -> bool {
    matches!(ty, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
}

fn item_type(known: &Known<'_>) -> Result<DataType> {
    Ok(match known.ty(0) {
        DataType::List(item) => item.data_type().clone(),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) if pair.len() == 2 => pair[1].data_type().clone(),
            _ => DataType::Utf8View,
        },
        DataType::Struct(fields) if !fields.is_empty() => {
            let at = known.constant(1).and_then(|c| c.parse::<usize>().ok()).unwrap_or(1);
            fields.get(at.saturating_sub(1)).map_or(DataType::Utf8View, |f| f.data_type().clone())
        }
        _ => DataType::Utf8View,
    })
}

fn element_at(call: &Call<'_>) -> Result<ArrayRef> {
    reach(call, false)
}

/// `array[n]`, `map['k']`: what is not there is an error. Sections of a record give null: they differ from event to event.
fn subscript(call: &Call<'_>) -> Result<ArrayRef> {
    reach(call, call.strict)
}

fn reach(call: &Call<'_>, strict: bool) -> Result<ArrayRef> {
    let array = call.array(0)?;
    match array.data_type() {
        DataType::List(_) => in_list(call, &array, strict),
        DataType::Map(..) => in_map(call, &array, strict),
        DataType::Struct(_) => {
            let at = usize::try_from(call.ints(1)?.value(0) - 1).unwrap_or(0);
            Ok(Arc::clone(array.as_struct().column(at)))
        }
        _ => in_json(call, &array),
    }
}

fn in_list(call: &Call<'_>, array: &ArrayRef, strict: bool) -> Result<ArrayRef> {
    let (list, at) = (array.as_list::<i32>(), call.ints(1)?);
    let offsets = list.value_offsets();
    let mut picked = Vec::with_capacity(list.len());
    for row in 0..list.len() {
        if list.is_null(row) || at.is_null(row) {
            picked.push(None);
            continue;
        }
        let (start, count) = (offsets[row], i64::from(offsets[row + 1] - offsets[row]));
        let index = at.value(row);
        let within = if index < 0 { count + index } else { index - 1 };
        if index != 0 && (0..count).contains(&within) {
            picked.push(u32::try_from(i64::from(start) + within).ok());
        } else if strict {
            let text = format!("the array has {count} elements, none at {index}; element_at gives null instead");
            return Err(super::invalid(text));
        } else {
            picked.push(None);
        }
    }
    Ok(take(list.values(), &UInt32Array::from(picked), None)?)
}

fn in_map(call: &Call<'_>, array: &ArrayRef, strict: bool) -> Result<ArrayRef> {
    let key = crate::functions::convert::to_text(&call.array(1)?)?;
    let key = key.as_string_view();
    let wanted = |row: usize| super::at(key, row).unwrap_or_default();
    let found = super::maps::get(array, |row, k| k == wanted(row))?;
    if strict {
        let present = super::maps::has(array, |row, k| k == wanted(row))?;
        if let Some(row) = (0..array.len()).find(|row| !array.is_null(*row) && !present[*row]) {
            let text = format!("the map has no key '{}'; element_at gives null instead", wanted(row));
            return Err(super::invalid(text));
        }
    }
    Ok(found)
}

fn in_json(call: &Call<'_>, array: &ArrayRef) -> Result<ArrayRef> {
    let key = call.array(1)?;
    strings((0..call.rows()).map(|row| {
        let found = parsed(array, row).and_then(|value| match (value, value_at(&key, row)) {
            (Value::Object(mut fields), Value::String(key)) => {
                let exact = fields.shift_remove(&key);
                exact.or_else(|| fields.into_iter().find(|(k, _)| k.eq_ignore_ascii_case(&key)).map(|(_, v)| v))
            }
            (Value::Array(mut items), Value::Number(at)) => {
                let at = at.as_i64()?;
                let index = usize::try_from(if at < 0 { items.len() as i64 + at } else { at - 1 }).ok()?;
                (index < items.len()).then(|| items.swap_remove(index))
            }
            _ => None,
        });
        Ok(found.and_then(|v| plain(&v)))
    }))
}

fn cardinality(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    let count = |row: usize| match array.data_type() {
        _ if array.is_null(row) => None,
        DataType::List(_) => Some(i64::from(array.as_list::<i32>().value_length(row))),
        DataType::Map(..) => Some(i64::from(array.as_map().value_length(row))),
        _ => match parsed(&array, row)? {
            Value::Array(items) => Some(items.len() as i64),
            Value::Object(fields) => Some(fields.len() as i64),
            _ => None,
        },
    };
    ints((0..array.len()).map(|row| Ok(count(row))))
}

fn listed_type(known: &Known<'_>) -> Result<DataType> {
    Ok(match known.ty(0) {
        list @ DataType::List(_) => list.clone(),
        DataType::FixedSizeList(item, _) | DataType::LargeList(item) | DataType::ListView(item) => {
            list_of(item.data_type().clone())
        }
        DataType::Null => list_of(DataType::Utf8View),
        _ => list_of(DataType::LargeUtf8),
    })
}

fn pair_of(ty: &DataType) -> Option<(DataType, DataType)> {
    match ty {
        DataType::Map(entries, _) => pair_of(entries.data_type()),
        DataType::Struct(pair) if pair.len() == 2 => Some((pair[0].data_type().clone(), pair[1].data_type().clone())),
        _ => None,
    }
}

fn keys_type(known: &Known<'_>) -> Result<DataType> {
    Ok(match known.ty(0) {
        map @ DataType::Map(..) => list_of(pair_of(map).map_or(DataType::Utf8View, |p| p.0)),
        DataType::List(item) => list_of(pair_of(item.data_type()).map_or(item.data_type().clone(), |p| p.0)),
        _ => list_of(DataType::Utf8View),
    })
}

fn values_type(known: &Known<'_>) -> Result<DataType> {
    Ok(match known.ty(0) {
        map @ DataType::Map(..) => list_of(pair_of(map).map_or(DataType::Utf8View, |p| p.1)),
        DataType::List(item) => list_of(pair_of(item.data_type()).map_or(DataType::Null, |p| p.1)),
        _ => list_of(DataType::LargeUtf8),
    })
}

/// What UNNEST of one argument into two columns takes first: a map's keys, or the first field of rows.
fn keys_or_list(call: &Call<'_>) -> Result<ArrayRef> {
    halves(call, 0)
}

/// And second: a map's values, or the second field of rows.
fn values(call: &Call<'_>) -> Result<ArrayRef> {
    halves(call, 1)
}

fn halves(call: &Call<'_>, side: usize) -> Result<ArrayRef> {
    let array = call.array(0)?;
    match array.data_type() {
        DataType::Map(..) => super::maps::side(&array, side),
        DataType::List(item) if matches!(item.data_type(), DataType::Struct(f) if f.len() == 2) => {
            let list = array.as_list::<i32>();
            let column = Arc::clone(list.values().as_struct().column(side));
            let field = super::values::item_field(column.data_type().clone());
            Ok(Arc::new(arrow::array::ListArray::try_new(
                field,
                list.offsets().clone(),
                column,
                list.nulls().cloned(),
            )?))
        }
        DataType::List(_) if side == 0 => Ok(array),
        DataType::List(_) => Ok(arrow::array::new_null_array(call.result, array.len())),
        _ => {
            let rows: Vec<_> = (0..array.len())
                .map(|row| match parsed(&array, row)? {
                    Value::Object(fields) if side == 0 => {
                        Some(fields.into_iter().map(|(k, _)| Value::String(k)).collect())
                    }
                    Value::Object(fields) => Some(fields.into_iter().map(|(_, v)| v).collect()),
                    Value::Array(items) if side == 0 => Some(items),
                    _ => None,
                })
                .collect::<Vec<Option<Vec<Value>>>>();
            let json = super::values::json_column(rows.into_iter().map(|r| r.map(Value::Array)));
            Ok(cast(&to_list(&json), call.result)?)
        }
    }
}

/// 1 to the number of elements, for WITH ORDINALITY.
fn ordinals(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    let list: ArrayRef = match array.data_type() {
        DataType::Map(..) => super::maps::side(&array, 0)?,
        _ => to_list(&array),
    };
    let list = list.as_list::<i32>();
    let mut numbers = arrow::array::ListBuilder::new(arrow::array::Int64Builder::new());
    for row in 0..list.len() {
        if list.is_null(row) {
            numbers.append(false);
            continue;
        }
        (1..=i64::from(list.value_length(row))).for_each(|n| numbers.values().append_value(n));
        numbers.append(true);
    }
    Ok(Arc::new(numbers.finish()))
}
