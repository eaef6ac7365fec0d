//! What a statement needs besides values: parameters, guards, IF and the like.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::Result;

use super::{Call, Known, Spec, bool_type, bools, float_type, int_type, ints, spec, strings, text_type};

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("__parameter", 1, 1, text_type, |c| Ok(super::texts((0..c.rows()).map(|_| None::<&str>)))),
    spec("bitwise_and", 2, 2, int_type, |c| bitwise(c, |a, b| a & b)),
    spec("bitwise_or", 2, 2, int_type, |c| bitwise(c, |a, b| a | b)),
    spec("bitwise_xor", 2, 2, int_type, |c| bitwise(c, |a, b| a ^ b)),
    spec("bitwise_left_shift", 2, 2, int_type, |c| bitwise(c, |a, b| a.checked_shl(b as u32).unwrap_or(0))),
    spec("bitwise_right_shift", 2, 2, int_type, |c| {
        bitwise(c, |a, b| ((a as u64).checked_shr(b as u32).unwrap_or(0)) as i64)
    }),
    spec("bitwise_not", 1, 1, int_type, |c| ints(c.ints(0)?.iter().map(|v| Ok(v.map(|v| !v))))),
    spec("bit_count", 1, 2, int_type, |c| ints(c.ints(0)?.iter().map(|v| Ok(v.map(|v| i64::from(v.count_ones())))))),
    spec("is_nan", 1, 1, bool_type, |c| bools(c.floats(0)?.iter().map(|v| Ok(v.map(f64::is_nan))))),
    spec("is_finite", 1, 1, bool_type, |c| bools(c.floats(0)?.iter().map(|v| Ok(v.map(f64::is_finite))))),
    spec("from_base", 2, 2, int_type, from_base),
    spec("to_base", 2, 2, text_type, to_base),
    spec("width_bucket", 4, 4, int_type, width_bucket),
    spec("mod", 2, 2, number_type, modulo),
    spec("truncate", 1, 2, float_type, truncate),
    spec("sign", 1, 1, float_type, |c| floats(c, |v| if v == 0.0 { 0.0 } else { v.signum() })),
    spec("abs", 1, 1, number_type, abs),
    spec("round", 1, 2, number_type, round),
    spec("ceil", 1, 1, number_type, |c| whole(c, f64::ceil)),
    spec("ceiling", 1, 1, number_type, |c| whole(c, f64::ceil)),
    spec("floor", 1, 1, number_type, |c| whole(c, f64::floor)),
    spec("sqrt", 1, 1, float_type, |c| floats(c, f64::sqrt)),
    spec("cbrt", 1, 1, float_type, |c| floats(c, f64::cbrt)),
    spec("exp", 1, 1, float_type, |c| floats(c, f64::exp)),
    spec("ln", 1, 1, float_type, |c| floats(c, f64::ln)),
    spec("log2", 1, 1, float_type, |c| floats(c, f64::log2)),
    spec("log10", 1, 1, float_type, |c| floats(c, f64::log10)),
    spec("log", 2, 2, float_type, |c| pair(c, |base, v| v.ln() / base.ln())),
    spec("power", 2, 2, float_type, |c| pair(c, f64::powf)),
    spec("pow", 2, 2, float_type, |c| pair(c, f64::powf)),
    spec("pi", 0, 0, float_type, |c| constant(c, std::f64::consts::PI)),
    spec("e", 0, 0, float_type, |c| constant(c, std::f64::consts::E)),
    spec("infinity", 0, 0, float_type, |c| constant(c, f64::INFINITY)),
    spec("nan", 0, 0, float_type, |c| constant(c, f64::NAN)),
];

fn bitwise(call: &Call<'_>, f: fn(i64, i64) -> i64) -> Result<ArrayRef> {
    let (a, b) = (call.ints(0)?, call.ints(1)?);
    ints((0..call.rows()).map(|r| Ok((!a.is_null(r) && !b.is_null(r)).then(|| f(a.value(r), b.value(r))))))
}

/// Integers stay integers, the rest becomes double.
fn number_type(known: &Known<'_>) -> Result<DataType> {
    let int = |t: &DataType| t.is_integer() || t.is_null();
    Ok(if int(known.ty(0)) && (known.types.len() < 2 || int(known.ty(1))) {
        DataType::Int64
    } else {
        DataType::Float64
    })
}

fn column(rows: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    std::sync::Arc::new(rows.collect::<arrow::array::Float64Array>())
}

fn constant(call: &Call<'_>, value: f64) -> Result<ArrayRef> {
    Ok(column((0..call.rows().max(1)).map(|_| Some(value))))
}

fn floats(call: &Call<'_>, f: fn(f64) -> f64) -> Result<ArrayRef> {
    Ok(column(call.floats(0)?.iter().map(|v| v.map(f))))
}

fn pair(call: &Call<'_>, f: fn(f64, f64) -> f64) -> Result<ArrayRef> {
    let (a, b) = (call.floats(0)?, call.floats(1)?);
    Ok(column((0..call.rows()).map(|r| (!a.is_null(r) && !b.is_null(r)).then(|| f(a.value(r), b.value(r))))))
}

fn whole(call: &Call<'_>, f: fn(f64) -> f64) -> Result<ArrayRef> {
    if call.result == &DataType::Int64 { Ok(cast(&call.array(0)?, &DataType::Int64)?) } else { floats(call, f) }
}

fn abs(call: &Call<'_>) -> Result<ArrayRef> {
    if call.result == &DataType::Int64 {
        return ints(call.ints(0)?.iter().map(|v| Ok(v.map(i64::saturating_abs))));
    }
    floats(call, f64::abs)
}

/// Halves away from zero.
fn round(call: &Call<'_>) -> Result<ArrayRef> {
    if call.result == &DataType::Int64 {
        return Ok(cast(&call.array(0)?, &DataType::Int64)?);
    }
    let values = call.floats(0)?;
    let digits = if call.len() > 1 { Some(call.ints(1)?) } else { None };
    Ok(column((0..call.rows()).map(|r| {
        let scale = 10_f64.powi(digits.as_ref().map_or(0, |d| d.value(r)).clamp(-300, 300) as i32);
        (!values.is_null(r)).then(|| {
            let scaled = values.value(r) * scale;
            if scaled.is_finite() { scaled.round() / scale } else { values.value(r) }
        })
    })))
}

fn truncate(call: &Call<'_>) -> Result<ArrayRef> {
    let values = call.floats(0)?;
    let digits = if call.len() > 1 { Some(call.ints(1)?) } else { None };
    Ok(column((0..call.rows()).map(|r| {
        let scale = 10_f64.powi(digits.as_ref().map_or(0, |d| d.value(r)).clamp(-300, 300) as i32);
        (!values.is_null(r)).then(|| (values.value(r) * scale).trunc() / scale)
    })))
}

fn modulo(call: &Call<'_>) -> Result<ArrayRef> {
    if call.result == &DataType::Float64 {
        return pair(call, |a, b| a % b);
    }
    let (a, b) = (call.ints(0)?, call.ints(1)?);
    ints((0..call.rows()).map(|r| {
        if a.is_null(r) || b.is_null(r) {
            return Ok(None);
        }
        match a.value(r).checked_rem(b.value(r)) {
            Some(rest) => Ok(Some(rest)),
            None => call.fail(|| "division by zero".to_owned()),
        }
    }))
}

fn from_base(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, base) = (call.text(0)?, call.ints(1)?);
    ints((0..call.rows()).map(|r| {
        let Some(text) = super::at(&text, r) else { return Ok(None) };
        let base = u32::try_from(base.value(r)).ok().filter(|b| (2..=36).contains(b));
        match base.and_then(|b| i64::from_str_radix(text, b).ok()) {
            Some(found) => Ok(Some(found)),
            None => call.fail(|| format!("'{text}' is no number of that base")),
        }
    }))
}

fn to_base(call: &Call<'_>) -> Result<ArrayRef> {
    let (values, base) = (call.ints(0)?, call.ints(1)?);
    strings((0..call.rows()).map(|r| {
        if values.is_null(r) || base.is_null(r) {
            return Ok(None);
        }
        let base = base.value(r).clamp(2, 36) as u64;
        let (mut rest, mut digits) = (values.value(r).unsigned_abs(), Vec::new());
        loop {
            digits.push(char::from_digit((rest % base) as u32, 36).unwrap_or('0'));
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        let sign = if values.value(r) < 0 { "-" } else { "" };
        Ok(Some(format!("{sign}{}", digits.iter().rev().collect::<String>())))
    }))
}

fn width_bucket(call: &Call<'_>) -> Result<ArrayRef> {
    let (x, low, high, count) = (call.floats(0)?, call.floats(1)?, call.floats(2)?, call.ints(3)?);
    ints((0..call.rows()).map(|r| {
        if x.is_null(r) {
            return Ok(None);
        }
        let share = (x.value(r) - low.value(r)) / (high.value(r) - low.value(r));
        let buckets = count.value(r);
        Ok(Some(((share * buckets as f64).floor() as i64 + 1).clamp(0, buckets + 1)))
    }))
}

/// Whether a boolean column of any kind is true at a row.
pub(super) fn truth(array: &ArrayRef) -> Result<arrow::array::BooleanArray> {
    Ok(cast(array, &DataType::Boolean)?.as_boolean().clone())
}
