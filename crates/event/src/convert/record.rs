//! One row: its columns by name or by the path that fills them, and the record that it was made from.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use serde_json::Value;

use crate::LogType;
use crate::time;

/// A row of a log type's table.
pub(super) struct Record<'a> {
    pub(super) log_type: &'static LogType,
    batch: &'a RecordBatch,
    row: usize,
    /// The record, where it is JSON.
    pub(super) json: Value,
}

impl<'a> Record<'a> {
    pub(super) fn new(log_type: &'static LogType, batch: &'a RecordBatch, row: usize) -> Self {
        let mut record = Self { log_type, batch, row, json: Value::Null };
        if let Some(raw) = record.raw().filter(|raw| raw.trim_start().starts_with('{')) {
            record.json = serde_json::from_str(raw).unwrap_or_default();
        }
        record
    }

    /// The record's own text.
    pub(super) fn raw(&self) -> Option<&'a str> {
        self.column_text("raw")
    }

    fn column(&self, name: &str) -> Option<&'a dyn Array> {
        let array = self.batch.column_by_name(name)?.as_ref();
        array.is_valid(self.row).then_some(array)
    }

    /// A text column.
    pub(super) fn column_text(&self, name: &str) -> Option<&'a str> {
        Some(self.column(name)?.as_string_opt::<i32>()?.value(self.row))
    }

    /// A time column, microseconds.
    pub(super) fn time(&self, name: &str) -> Option<i64> {
        Some(self.column(name)?.as_primitive_opt::<TimestampMicrosecondType>()?.value(self.row))
    }

    /// A column of any type; times as ISO 8601.
    pub(super) fn value(&self, name: &str) -> Value {
        let Some(array) = self.column(name) else { return Value::Null };
        let row = self.row;
        let found = match array.data_type() {
            DataType::Utf8 => array.as_string_opt::<i32>().map(|column| column.value(row).into()),
            DataType::Int64 => array.as_primitive_opt::<Int64Type>().map(|column| column.value(row).into()),
            DataType::Float64 => array.as_primitive_opt::<Float64Type>().map(|column| column.value(row).into()),
            DataType::Boolean => array.as_boolean_opt().map(|column| column.value(row).into()),
            DataType::Timestamp(..) => self.time(name).map(|micros| iso(micros).into()),
            DataType::Date32 => array.as_primitive_opt::<Date32Type>().map(|column| date(column.value(row)).into()),
            _ => None,
        };
        found.unwrap_or_default()
    }

    /// The value of the log's own field `path`: the column that it fills.
    pub(super) fn field(&self, path: &str) -> Value {
        let fields = self.log_type.catalogue().fields();
        let known = fields.iter().find(|field| field.path == Some(path) || field.also.contains(&path));
        known.and_then(|field| field.column).map_or_else(|| self.value(path), |column| self.value(column))
    }

    /// The same as text; `-` is nothing.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        match self.field(path) {
            Value::String(text) if text.is_empty() || text == "-" => None,
            Value::String(text) => Some(text),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// The same as a number.
    pub(super) fn int(&self, path: &str) -> Option<i64> {
        match self.field(path) {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// The value at a dotted path of objects; nulls are absent.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key)).filter(|found| !found.is_null())
}

/// A scalar as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// `2023-07-10T11:45:00.000Z`.
pub(super) fn iso(micros: i64) -> String {
    let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let clock = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}.{:03}Z", date(time::day(micros)), rest / 1000)
}

/// `2023-07-10T11:45:00.000000Z`.
pub(super) fn iso_micros(micros: i64) -> String {
    let text = iso(micros);
    format!("{}{:03}Z", text.trim_end_matches('Z'), micros.rem_euclid(1000))
}

/// A time in any of the ways that logs write it, as [`iso`]; what is no time stays as it is.
pub(super) fn iso_value(value: &Value) -> Option<Value> {
    let text = scalar(value)?;
    Some(time::parse(&text).map_or_else(|| Value::String(text.clone()), |micros| iso(micros).into()))
}

/// `2023-07-10`, of days since the epoch.
fn date(days: i32) -> String {
    // The inverse of counting days in 400-year eras of years that begin in March.
    let shifted = i64::from(days) + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_they_are_read() {
        for text in [
            "1970-01-01T00:00:00.000Z",
            "2000-02-29T23:59:59.999Z",
            "2023-07-10T11:45:00.123Z",
            "1969-12-31T23:59:59.000Z",
            "2100-03-01T00:00:00.000Z",
        ] {
            assert_eq!(time::parse(text).map(iso).as_deref(), Some(text));
        }
    }
}
