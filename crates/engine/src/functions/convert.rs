//! Between types: the texts of numbers and times, and back.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use datafusion::common::Result;

use super::{Args, lists, texts, time_type};

/// A float as people write it: without `.0`, without exponent where it is short.
pub(crate) fn number_text(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{}", value as i64);
    }
    format!("{value}")
}

/// An instant as ISO 8601 with Z; microseconds only where there are some.
pub(crate) fn instant_text(micros: i64) -> String {
    let Some(time) = DateTime::<Utc>::from_timestamp_micros(micros) else { return micros.to_string() };
    let format = if micros % 1_000_000 == 0 { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%.6fZ" };
    time.format(format).to_string()
}

/// Any array as text, by the rules of the IR's `ToText`.
pub(crate) fn to_text(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Utf8View => Arc::clone(array),
        DataType::Float64 => texts(array.as_primitive::<Float64Type>().iter().map(|v| v.map(number_text))),
        DataType::Float32 => to_text(&cast(array, &DataType::Float64)?)?,
        DataType::Timestamp(_, _) | DataType::Date32 => {
            let micros = cast(&cast(array, &time_type())?, &DataType::Int64)?;
            texts(micros.as_primitive::<Int64Type>().iter().map(|v| v.map(instant_text)))
        }
        DataType::List(_) => {
            let list = lists::as_lists(array)?;
            texts((0..list.len()).map(|row| lists::elements(&list, row).map(|i| i.join("\n"))))
        }
        _ => cast(array, &DataType::Utf8View)?,
    })
}

/// `to_text(value)`.
pub(crate) fn text(args: &Args<'_>) -> Result<ArrayRef> {
    to_text(&args.array(0)?)
}

/// `to_number(value)`: float, or null.
pub(crate) fn number(args: &Args<'_>) -> Result<ArrayRef> {
    let array = args.array(0)?;
    Ok(match array.data_type() {
        DataType::Timestamp(_, _) => {
            let micros = args.micros(0)?;
            Arc::new(micros.iter().map(|v| v.map(|v| v as f64 / 1e6)).collect::<arrow::array::Float64Array>())
        }
        DataType::Utf8View | DataType::Utf8 => {
            let text = args.text(0)?;
            Arc::new(text.iter().map(|v| v.and_then(parse_number)).collect::<arrow::array::Float64Array>())
        }
        DataType::List(_) => {
            let list = args.lists(0)?;
            let rows = (0..list.len())
                .map(|r| lists::elements(&list, r).and_then(|i| i.first().and_then(|t| parse_number(t))));
            Arc::new(rows.collect::<arrow::array::Float64Array>())
        }
        _ => cast(&array, &DataType::Float64)?,
    })
}

/// A number in text, spaces around it allowed; names such as `inf` are no numbers.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    text.bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
        .then(|| text.parse().ok())?
}

/// `to_int(value)`: cut towards zero.
pub(crate) fn int(args: &Args<'_>) -> Result<ArrayRef> {
    let floats = number(args)?;
    let rows = floats.as_primitive::<Float64Type>().iter().map(|v| v.filter(|v| v.is_finite()).map(|v| v as i64));
    Ok(Arc::new(rows.collect::<Int64Array>()))
}

/// `to_time(value)`: ISO 8601 text, or seconds since the epoch.
pub(crate) fn time(args: &Args<'_>) -> Result<ArrayRef> {
    let array = args.array(0)?;
    let rows: TimestampMicrosecondArray = match array.data_type() {
        DataType::Timestamp(_, _) | DataType::Date32 => return Ok(cast(&array, &time_type())?),
        DataType::Utf8View | DataType::Utf8 => {
            let text = args.text(0)?;
            text.iter()
                .map(|v| v.and_then(|t| parse_instant(t).or_else(|| parse_number(t).map(|s| (s * 1e6) as i64))))
                .collect()
        }
        _ => args.floats(0)?.iter().map(|v| v.map(|s| (s * 1e6) as i64)).collect(),
    };
    Ok(Arc::new(rows.with_timezone("UTC")))
}

/// An ISO 8601 instant or date in microseconds; without an offset it is UTC.
pub(crate) fn parse_instant(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y%m%dT%H%M%SZ"]
    {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc().timestamp_micros());
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

/// `type_of(value)`: Splunk's names.
pub(crate) fn type_of(args: &Args<'_>) -> Result<ArrayRef> {
    let array = args.array(0)?;
    let name = match array.data_type() {
        DataType::Boolean => "Boolean",
        t if t.is_numeric() => "Number",
        DataType::Timestamp(_, _) => "Number",
        _ => "String",
    };
    Ok(texts((0..array.len()).map(|row| Some(if array.is_null(row) { "Invalid" } else { name }))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_plainly() {
        for (value, want) in [(3.0, "3"), (-2.0, "-2"), (0.5, "0.5"), (1e20, "100000000000000000000")] {
            assert_eq!(number_text(value), want);
        }
    }

    #[test]
    fn instants_go_both_ways() {
        for text in ["2024-10-04T05:32:51Z", "1969-12-31T23:59:59Z", "2018-07-26T21:08:28.250000Z"] {
            assert_eq!(parse_instant(text).map(instant_text).as_deref(), Some(text));
        }
        assert_eq!(parse_instant("2024-01-02"), parse_instant("2024-01-02T00:00:00+00:00"));
        assert_eq!(parse_instant("yesterday"), None);
        assert_eq!(parse_number(" 12.5 "), Some(12.5));
        assert_eq!(parse_number("inf"), None);
    }
}
