//! Maps: making them, and looking into Arrow's or JSON's.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, UInt32Array};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result};
use serde_json::Value;

use super::types::{Type, map_of};
use super::values::{column, item_field, map_array, parsed, to_list};
use super::{Call, Known, Spec, list_of, spec};

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("__map", 0, 2, map_type, map),
    spec("__map_agg", 2, 2, map_type, map),
    spec("__multimap", 2, 2, multimap_type, multimap),
    spec("__histogram", 1, 1, histogram_type, histogram),
    spec("__map_of", 1, 1, mapped_type, mapped),
    spec("map_keys", 1, 1, |k| Ok(list_of(pair(k.ty(0)).0)), |c| side(&mapped(c)?, 0)),
    spec("map_values", 1, 1, |k| Ok(list_of(pair(k.ty(0)).1)), |c| side(&mapped(c)?, 1)),
    spec("map_entries", 1, 1, entries_type, entries),
    spec("map_from_entries", 1, 1, from_entries_type, from_entries),
    spec("map_concat", 1, usize::MAX, mapped_type, concat),
];

/// Key and value type; JSON's are text and JSON.
pub(super) fn pair(ty: &DataType) -> (DataType, DataType) {
    match ty {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                (fields[0].data_type().clone(), fields[1].data_type().clone())
            }
            _ => (DataType::Utf8View, DataType::LargeUtf8),
        },
        _ => (DataType::Utf8View, DataType::LargeUtf8),
    }
}

fn item(ty: &DataType) -> DataType {
    match ty {
        DataType::List(item) => item.data_type().clone(),
        DataType::Null => DataType::Null,
        _ => DataType::LargeUtf8,
    }
}

/// A map of text to text.
pub(super) fn text_map_type(_: &Known<'_>) -> Result<DataType> {
    Ok(map_of(DataType::Utf8View, DataType::Utf8View))
}

/// A map column of text to text out of JSON objects.
pub(super) fn text_map(rows: &[Option<Value>]) -> Result<ArrayRef> {
    let text = || Box::new(Type::Varchar(None));
    column(rows, &Type::Map(text(), text()), true)
}

fn map_type(known: &Known<'_>) -> Result<DataType> {
    Ok(map_of(item(known.ty(0)), item(known.ty(1))))
}

fn histogram_type(known: &Known<'_>) -> Result<DataType> {
    Ok(map_of(item(known.ty(0)), DataType::Int64))
}

fn multimap_type(known: &Known<'_>) -> Result<DataType> {
    Ok(map_of(item(known.ty(0)), list_of(item(known.ty(1)))))
}

fn mapped_type(known: &Known<'_>) -> Result<DataType> {
    Ok(match known.ty(0) {
        map @ DataType::Map(..) => map.clone(),
        _ => map_of(DataType::Utf8View, DataType::LargeUtf8),
    })
}

fn entries_type(known: &Known<'_>) -> Result<DataType> {
    let (key, value) = pair(known.ty(0));
    let fields =
        vec![arrow::datatypes::Field::new("field0", key, true), arrow::datatypes::Field::new("field1", value, true)];
    Ok(list_of(DataType::Struct(fields.into())))
}

fn from_entries_type(known: &Known<'_>) -> Result<DataType> {
    match item(known.ty(0)) {
        DataType::Struct(fields) if fields.len() == 2 => {
            Ok(map_of(fields[0].data_type().clone(), fields[1].data_type().clone()))
        }
        _ => Err(DataFusionError::Plan("map_from_entries needs an array of rows of two fields".into())),
    }
}

/// Each row's keys with the places of their values, first come first kept, null keys left out.
fn first_of_each(keys: &ListArray, row: usize) -> Result<Vec<(u32, Vec<u32>)>> {
    let start = keys.value_offsets()[row] as usize;
    let flat = keys.value(row);
    let text = crate::functions::convert::to_text(&flat)?;
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut out: Vec<(u32, Vec<u32>)> = Vec::new();
    for i in (0..flat.len()).filter(|i| !text.is_null(*i)) {
        let place = u32::try_from(start + i).unwrap_or(u32::MAX);
        let at = *seen.entry(text.as_string_view().value(i)).or_insert(out.len());
        if at == out.len() {
            out.push((place, Vec::new()));
        }
        out[at].1.push(u32::try_from(i).unwrap_or(u32::MAX));
    }
    Ok(out)
}

/// `map(keys, values)`.
fn map(call: &Call<'_>) -> Result<ArrayRef> {
    if call.len() < 2 {
        let rows: Vec<_> = (0..call.rows().max(1)).map(|_| Some(Value::Object(serde_json::Map::new()))).collect();
        return Ok(cast(&text_map(&rows)?, call.result)?);
    }
    let (keys, values) = (to_list(&call.array(0)?), to_list(&call.array(1)?));
    let (keys, values) = (keys.as_list::<i32>(), values.as_list::<i32>());
    let (mut key_places, mut value_places, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in 0..keys.len() {
        if keys.is_null(row) || values.is_null(row) {
            lengths.push(0);
            valid.push(false);
            continue;
        }
        if keys.value_length(row) != values.value_length(row) {
            return Err(super::invalid("a map needs as many values as keys"));
        }
        let start = u32::try_from(values.value_offsets()[row]).unwrap_or(0);
        let pairs = first_of_each(keys, row)?;
        lengths.push(pairs.len());
        valid.push(true);
        for (key, found) in pairs {
            key_places.push(key);
            value_places.push(start + found.first().copied().unwrap_or(0));
        }
    }
    let keys = take(keys.values(), &UInt32Array::from(key_places), None)?;
    let values = take(values.values(), &UInt32Array::from(value_places), None)?;
    map_array(keys, values, lengths, valid)
}

/// Values gathered by key.
fn multimap(call: &Call<'_>) -> Result<ArrayRef> {
    let (keys, values) = (to_list(&call.array(0)?), to_list(&call.array(1)?));
    let (keys, values) = (keys.as_list::<i32>(), values.as_list::<i32>());
    let (mut key_places, mut value_places) = (Vec::new(), Vec::new());
    let (mut lengths, mut valid, mut inner) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..keys.len() {
        let there = !keys.is_null(row) && !values.is_null(row);
        valid.push(there);
        let start = u32::try_from(values.value_offsets()[row]).unwrap_or(0);
        let pairs = if there { first_of_each(keys, row)? } else { Vec::new() };
        lengths.push(pairs.len());
        for (key, found) in pairs {
            key_places.push(key);
            inner.push(found.len());
            value_places.extend(found.into_iter().map(|f| start + f));
        }
    }
    let keys = take(keys.values(), &UInt32Array::from(key_places), None)?;
    let flat = take(values.values(), &UInt32Array::from(value_places), None)?;
    let offsets = arrow::buffer::OffsetBuffer::from_lengths(inner);
    let lists = ListArray::try_new(item_field(flat.data_type().clone()), offsets, flat, None)?;
    map_array(keys, Arc::new(lists), lengths, valid)
}

/// How often each element is in an array.
fn histogram(call: &Call<'_>) -> Result<ArrayRef> {
    let keys = to_list(&call.array(0)?);
    let keys = keys.as_list::<i32>();
    let (mut places, mut counts, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in 0..keys.len() {
        let pairs = if keys.is_null(row) { Vec::new() } else { first_of_each(keys, row)? };
        valid.push(!keys.is_null(row));
        lengths.push(pairs.len());
        for (key, found) in pairs {
            places.push(key);
            counts.push(found.len() as i64);
        }
    }
    let keys = take(keys.values(), &UInt32Array::from(places), None)?;
    map_array(keys, Arc::new(arrow::array::Int64Array::from(counts)), lengths, valid)
}

/// A map as it is; a JSON object as a map of text to JSON.
fn mapped(call: &Call<'_>) -> Result<ArrayRef> {
    as_map(&call.array(0)?)
}

fn as_map(array: &ArrayRef) -> Result<ArrayRef> {
    if matches!(array.data_type(), DataType::Map(..)) {
        return Ok(Arc::clone(array));
    }
    let rows: Vec<_> = (0..array.len()).map(|row| parsed(array, row)).collect();
    column(&rows, &Type::Map(Box::new(Type::Varchar(None)), Box::new(Type::Json)), false)
}

/// The keys (0) or values (1) of maps, as arrays.
pub(super) fn side(array: &ArrayRef, side: usize) -> Result<ArrayRef> {
    let map = array.as_map();
    let values = Arc::clone(map.entries().column(side));
    let field = item_field(values.data_type().clone());
    Ok(Arc::new(ListArray::try_new(field, map.offsets().clone(), values, map.nulls().cloned())?))
}

fn places(array: &ArrayRef, wanted: impl Fn(usize, &str) -> bool) -> Result<Vec<Option<u32>>> {
    let map = array.as_map();
    let keys = crate::functions::convert::to_text(map.keys())?;
    let keys = keys.as_string_view();
    let offsets = map.value_offsets();
    Ok((0..map.len())
        .map(|row| {
            let range = (!map.is_null(row)).then(|| offsets[row] as usize..offsets[row + 1] as usize)?;
            range
                .into_iter()
                .find(|i| super::at(keys, *i).is_some_and(|k| wanted(row, k)))
                .and_then(|i| u32::try_from(i).ok())
        })
        .collect())
}

/// The value of the key that `wanted(row, key)` accepts.
pub(super) fn get(array: &ArrayRef, wanted: impl Fn(usize, &str) -> bool) -> Result<ArrayRef> {
    let map: &MapArray = array.as_map();
    Ok(take(map.values(), &UInt32Array::from(places(array, wanted)?), None)?)
}

/// Whether there is such a key.
pub(super) fn has(array: &ArrayRef, wanted: impl Fn(usize, &str) -> bool) -> Result<Vec<bool>> {
    Ok(places(array, wanted)?.into_iter().map(|p| p.is_some()).collect())
}

fn entries(call: &Call<'_>) -> Result<ArrayRef> {
    let array = mapped(call)?;
    let map = array.as_map();
    let DataType::List(field) = call.result else { return Err(super::invalid("not a list")) };
    let DataType::Struct(fields) = field.data_type() else { return Err(super::invalid("not a row")) };
    let rows = arrow::array::StructArray::try_new(fields.clone(), map.entries().columns().to_vec(), None)?;
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), map.offsets().clone(), Arc::new(rows), map.nulls().cloned())?))
}

fn from_entries(call: &Call<'_>) -> Result<ArrayRef> {
    let array = to_list(&call.array(0)?);
    let list = array.as_list::<i32>();
    let rows = list.values().as_struct();
    let lengths = (0..list.len()).map(|r| usize::try_from(list.value_length(r)).unwrap_or(0)).collect();
    let valid = (0..list.len()).map(|r| !list.is_null(r)).collect();
    map_array(Arc::clone(rows.column(0)), Arc::clone(rows.column(1)), lengths, valid)
}

/// Maps together; the last one's values win.
fn concat(call: &Call<'_>) -> Result<ArrayRef> {
    let maps = (0..call.len()).map(|i| as_map(&call.array(i)?)).collect::<Result<Vec<_>>>()?;
    let rows: Vec<_> = (0..call.rows())
        .map(|row| {
            let mut all = serde_json::Map::new();
            for map in &maps {
                let Value::Object(fields) = super::values::value_at(map, row) else { return None };
                all.extend(fields);
            }
            Some(Value::Object(all))
        })
        .collect();
    let json = Box::new(Type::Json);
    let merged = column(&rows, &Type::Map(Box::new(Type::Varchar(None)), json), false)?;
    if merged.data_type() == call.result { Ok(merged) } else { retyped(&merged, call.result) }
}

/// JSON values of a merged map as the type they had.
fn retyped(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef> {
    let map = array.as_map();
    let (key, value) = pair(ty);
    let plain = |json: &ArrayRef| -> Result<ArrayRef> {
        let rows = (0..json.len()).map(|i| parsed(json, i).and_then(|v| super::values::plain(&v)));
        Ok(super::texts(rows))
    };
    let keys = cast(map.keys(), &key)?;
    let values = cast(&plain(map.values())?, &value)?;
    let lengths = (0..map.len()).map(|r| usize::try_from(map.value_length(r)).unwrap_or(0)).collect();
    let valid = (0..map.len()).map(|r| !map.is_null(r)).collect();
    map_array(keys, values, lengths, valid)
}
