//! `CAST` and `TRY_CAST` between Trino's types, `typeof`, and constructors that need a type.

use std::net::IpAddr;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, ListArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use datafusion::common::{DataFusionError, Result};

use super::types::{Type, name_of};
use super::values::{self, item_field, json_column, parsed, struct_column, value_at};
use super::{Call, Known, Spec, dates, format, instants, invalid, json_type, spec, text_type, texts, time_type};
use crate::functions::convert;

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("__cast", 2, 2, cast_type, cast_to),
    spec("__row", 0, usize::MAX, row_type, row),
    spec("__json_literal", 1, 1, json_type, json_literal),
    spec("__varchar", 1, 1, text_type, varchar),
    spec("__shown", 1, 1, shown_type, shown),
    spec("typeof", 1, 1, text_type, type_of),
];

fn cast_type(known: &Known<'_>) -> Result<DataType> {
    Ok(target(known.constant(1))?.arrow())
}

fn target(text: Option<&str>) -> Result<Type> {
    let text = text.unwrap_or_default();
    Type::parse(text).ok_or_else(|| DataFusionError::Plan(format!("there is no type `{text}`")))
}

fn cast_to(call: &Call<'_>) -> Result<ArrayRef> {
    let target = target(call.constant(1).as_deref())?;
    convert(&call.array(0)?, &target, call.strict)
}

/// Any array as `target`.
pub(super) fn convert(array: &ArrayRef, target: &Type, strict: bool) -> Result<ArrayRef> {
    let source = array.data_type();
    if *target == Type::Json {
        return Ok(to_json(array));
    }
    if source == &target.arrow() && !matches!(target, Type::Varchar(Some(_)) | Type::IpAddress) {
        return Ok(Arc::clone(array));
    }
    if source.is_null() {
        return Ok(arrow::array::new_null_array(&target.arrow(), array.len()));
    }
    let structured = matches!(target, Type::Array(_) | Type::Map(..) | Type::Row(_));
    match (source, target) {
        (DataType::LargeUtf8, _) => from_json(array, target, strict),
        (DataType::Struct(_), Type::Row(fields)) => row_to_row(array, fields, target, strict),
        (DataType::List(_), Type::Array(item)) => list_to_list(array, item, strict),
        (DataType::List(_) | DataType::Map(..) | DataType::Struct(_), _) => from_json(&to_json(array), target, strict),
        (_, _) if structured => from_json(array, target, strict),
        _ => scalar(array, target, strict),
    }
}

fn from_json(array: &ArrayRef, target: &Type, strict: bool) -> Result<ArrayRef> {
    let rows: Vec<_> = (0..array.len()).map(|row| parsed(array, row)).collect();
    values::column(&rows, target, strict)
}

/// Any array as JSON: text becomes a string, JSON stays.
pub(super) fn to_json(array: &ArrayRef) -> ArrayRef {
    if array.data_type() == &DataType::LargeUtf8 {
        return Arc::clone(array);
    }
    json_column((0..array.len()).map(|row| (!array.is_null(row)).then(|| value_at(array, row))))
}

fn list_to_list(array: &ArrayRef, item: &Type, strict: bool) -> Result<ArrayRef> {
    let list = array.as_list::<i32>();
    let values = convert(list.values(), item, strict)?;
    Ok(Arc::new(ListArray::try_new(item_field(item.arrow()), list.offsets().clone(), values, list.nulls().cloned())?))
}

fn row_to_row(array: &ArrayRef, fields: &[(Option<String>, Type)], target: &Type, strict: bool) -> Result<ArrayRef> {
    let row = array.as_struct();
    let DataType::Struct(arrow_fields) = target.arrow() else { return Err(invalid("not a row")) };
    if row.num_columns() != fields.len() {
        return Err(invalid(format!("a row of {} fields can't be cast to one of {}", row.num_columns(), fields.len())));
    }
    let columns = row.columns().iter().zip(fields).map(|(column, (_, ty))| convert(column, ty, strict));
    let valid = (0..array.len()).map(|r| !array.is_null(r)).collect();
    struct_column(arrow_fields, columns.collect::<Result<Vec<_>>>()?, valid)
}

fn scalar(array: &ArrayRef, target: &Type, strict: bool) -> Result<ArrayRef> {
    let text = || -> Result<ArrayRef> { to_varchar(array) };
    Ok(match target {
        Type::Varchar(length) => cut(&text()?, *length),
        Type::Boolean if is_text(array) => Arc::new(read(array, target, strict, parse_bool)?.collect::<BooleanArray>()),
        Type::Integer(_) if is_text(array) => {
            let ints = read(array, target, strict, |t| t.trim().parse::<i64>().ok())?.collect::<Int64Array>();
            narrowed(&(Arc::new(ints) as ArrayRef), target, strict)?
        }
        Type::Integer(_) if array.data_type().is_numeric() => {
            // Trino rounds to the nearest.
            let floats = cast(array, &DataType::Float64)?;
            let whole = array.data_type().is_integer();
            let rounded: ArrayRef = if whole {
                cast(array, &DataType::Int64)?
            } else {
                Arc::new(
                    floats
                        .as_primitive::<Float64Type>()
                        .iter()
                        .map(|v| v.map(|v| v.round() as i64))
                        .collect::<Int64Array>(),
                )
            };
            narrowed(&rounded, target, strict)?
        }
        Type::Double if is_text(array) => {
            Arc::new(read(array, target, strict, |t| t.trim().parse::<f64>().ok())?.collect::<Float64Array>())
        }
        Type::Timestamp if is_text(array) => {
            let rows = read(array, target, strict, dates::parse_any_instant)?;
            instants(rows.map(Ok))?
        }
        Type::Date if is_text(array) => {
            Arc::new(read(array, target, strict, format::parse_day)?.collect::<Date32Array>())
        }
        Type::Date => cast(&cast(array, &time_or_date(array))?, &DataType::Date32)?,
        Type::IpAddress => {
            let addresses = read(&text()?, target, strict, |t| t.trim().parse::<IpAddr>().ok().map(|a| a.to_string()))?;
            texts(addresses)
        }
        Type::Varbinary => values::bytes_column((0..array.len()).map(|row| values::bytes_at(array, row))),
        _ => native(array, target, strict)?,
    })
}

fn time_or_date(array: &ArrayRef) -> DataType {
    match array.data_type() {
        t @ (DataType::Timestamp(..) | DataType::Date32 | DataType::Date64) => t.clone(),
        _ => time_type(),
    }
}

fn native(array: &ArrayRef, target: &Type, strict: bool) -> Result<ArrayRef> {
    let options = arrow::compute::CastOptions { safe: !strict, ..arrow::compute::CastOptions::default() };
    arrow::compute::cast_with_options(array, &target.arrow(), &options)
        .map_err(|_| invalid(format!("can't cast {} to {}", name_of(array.data_type()), name_of(&target.arrow()))))
}

fn narrowed(ints: &ArrayRef, target: &Type, strict: bool) -> Result<ArrayRef> {
    native(ints, target, strict)
}

fn is_text(array: &ArrayRef) -> bool {
    matches!(array.data_type(), DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
}

fn read<T>(
    array: &ArrayRef,
    target: &Type,
    strict: bool,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<std::vec::IntoIter<Option<T>>> {
    let text = cast(array, &DataType::Utf8View)?;
    let mut out = Vec::with_capacity(text.len());
    for value in text.as_string_view() {
        let found = value.and_then(&parse);
        if strict
            && found.is_none()
            && let Some(value) = value
        {
            let shown: String = value.chars().take(60).collect();
            let wanted = name_of(&target.arrow());
            return Err(invalid(format!("can't cast '{shown}' to {wanted}; try_cast gives null instead")));
        }
        out.push(found);
    }
    Ok(out.into_iter())
}

/// `true`, `t`, `1`, `yes`, `on` and their opposites.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "on" => Some(true),
        "false" | "f" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn cut(text: &ArrayRef, length: Option<usize>) -> ArrayRef {
    let Some(length) = length else { return Arc::clone(text) };
    texts(text.as_string_view().iter().map(|v| v.map(|v| v.chars().take(length).collect::<String>())))
}

/// Any scalar array as Trino writes it in text.
pub(super) fn to_varchar(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Float64 | DataType::Float32 => {
            let floats = cast(array, &DataType::Float64)?;
            texts(floats.as_primitive::<Float64Type>().iter().map(|v| v.map(double_text)))
        }
        DataType::Timestamp(_, zone) => {
            let zone = zone.clone();
            let micros =
                cast(&cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?, &DataType::Int64)?;
            let zone = zone.as_deref().map(|z| if z.starts_with(['+', '-']) { "UTC" } else { z });
            texts(micros.as_primitive::<Int64Type>().iter().map(|v| v.map(|v| dates::written(v, zone))))
        }
        DataType::List(_) | DataType::Map(..) | DataType::Struct(_) => {
            texts((0..array.len()).map(|r| (!array.is_null(r)).then(|| value_at(array, r).to_string())))
        }
        DataType::Binary | DataType::BinaryView | DataType::LargeBinary => {
            let rows = (0..array.len()).map(|r| values::bytes_at(array, r));
            texts(rows.map(|b| b.map(|b| String::from_utf8_lossy(&b).into_owned())))
        }
        DataType::Boolean => texts(array.as_boolean().iter().map(|v| v.map(|v| if v { "true" } else { "false" }))),
        DataType::Date32 | DataType::Date64 | DataType::LargeUtf8 => cast(array, &DataType::Utf8View)?,
        _ => convert::to_text(array)?,
    })
}

/// A double in text: with a fraction always, as Athena's engine version 3 writes it.
fn double_text(value: f64) -> String {
    if value.is_finite() && value.fract() == 0.0 && value.abs() < 1e7 {
        return format!("{value:.1}");
    }
    if value.is_finite() && value != 0.0 && !(1e-3..1e7).contains(&value.abs()) {
        let text = format!("{value:E}");
        return if text.contains('.') { text } else { text.replacen('E', ".0E", 1) };
    }
    match value {
        v if v.is_nan() => "NaN".into(),
        v if v.is_infinite() => {
            if v > 0.0 {
                "Infinity".into()
            } else {
                "-Infinity".into()
            }
        }
        v => v.to_string(),
    }
}

/// Any value as text, instants in ISO 8601: what LIKE and `||` see of a column that is no text.
fn varchar(call: &Call<'_>) -> Result<ArrayRef> {
    convert::to_text(&call.array(0)?)
}

fn row_type(known: &Known<'_>) -> Result<DataType> {
    let field = |(at, ty): (usize, &DataType)| arrow::datatypes::Field::new(format!("field{at}"), ty.clone(), true);
    Ok(DataType::Struct(known.types.iter().enumerate().map(field).collect()))
}

fn row(call: &Call<'_>) -> Result<ArrayRef> {
    let DataType::Struct(fields) = call.result else { return Err(invalid("not a row")) };
    let columns = (0..call.len()).map(|i| call.array(i)).collect::<Result<Vec<_>>>()?;
    struct_column(fields.clone(), columns, vec![true; call.rows()])
}

fn json_literal(call: &Call<'_>) -> Result<ArrayRef> {
    super::json::parse_column(&call.array(0)?, call)
}

/// Whether a result column of that type is shown as JSON: rows, maps, and arrays of anything but plain values.
pub(crate) fn shown_as_json(ty: &DataType) -> bool {
    match ty {
        DataType::Struct(_) | DataType::Map(..) | DataType::Binary | DataType::BinaryView | DataType::LargeBinary => {
            true
        }
        DataType::List(item) => shown_as_json(item.data_type()) || matches!(item.data_type(), DataType::List(_)),
        _ => false,
    }
}

fn shown_type(known: &Known<'_>) -> Result<DataType> {
    Ok(if matches!(known.ty(0), DataType::List(_)) { crate::functions::list_type() } else { DataType::Utf8View })
}

/// A result column as JSON, or its elements; bytes in hexadecimal digits.
fn shown(call: &Call<'_>) -> Result<ArrayRef> {
    shown_array(&call.array(0)?)
}

fn shown_array(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let items = if matches!(list.values().data_type(), DataType::List(_)) {
                cast(&to_json(list.values()), &DataType::Utf8View)?
            } else {
                shown_array(list.values())?
            };
            let field = item_field(DataType::Utf8View);
            Arc::new(ListArray::try_new(field, list.offsets().clone(), items, list.nulls().cloned())?)
        }
        DataType::Binary | DataType::BinaryView | DataType::LargeBinary => {
            let digits = |bytes: Vec<u8>| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
            texts((0..array.len()).map(|row| values::bytes_at(array, row).map(digits)))
        }
        _ => cast(&to_json(array), &DataType::Utf8View)?,
    })
}

fn type_of(call: &Call<'_>) -> Result<ArrayRef> {
    let name = name_of(call.array(0)?.data_type());
    Ok(texts((0..call.rows()).map(|_| Some(name.as_str()))))
}
