//! Instants and days: parsing, formatting, parts, arithmetic, zones.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Float64Array, Int64Array, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimeUnit};
use chrono::{DateTime, Datelike, Months, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use datafusion::common::{DataFusionError, Result};

use super::format::{Layout, local_to_utc, parse_day};
use super::{
    Call, Known, Spec, at, date_type, float_type, instant_type, instants, int_type, ints, spec, strings, text_type,
    time_type,
};
use crate::functions::convert;

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("date_format", 2, 2, text_type, date_format),
    spec("format_datetime", 2, 2, text_type, format_datetime),
    spec("date_parse", 2, 2, instant_type, date_parse),
    spec("parse_datetime", 2, 2, instant_type, parse_datetime),
    spec("from_iso8601_timestamp", 1, 1, instant_type, instant_of),
    spec("from_iso8601_timestamp_nanos", 1, 1, instant_type, instant_of),
    spec("from_iso8601_date", 1, 1, date_type, date_of),
    spec("__instant", 1, 1, instant_type, instant_lenient),
    spec("__day", 1, 1, date_type, day_lenient),
    spec("__day_text", 2, 2, text_type, day_text),
    spec("to_iso8601", 1, 1, text_type, to_iso8601),
    spec("from_unixtime", 1, 3, zoned_type, from_unixtime),
    spec("from_unixtime_nanos", 1, 1, instant_type, from_unixtime_nanos),
    spec("to_unixtime", 1, 1, float_type, to_unixtime),
    spec("__epoch", 2, 2, int_type, epoch),
    spec("date_trunc", 2, 2, second_type, date_trunc),
    spec("date_add", 3, 3, third_type, date_add),
    spec("date_diff", 3, 3, int_type, date_diff),
    spec("date", 1, 1, date_type, date_of),
    spec("last_day_of_month", 1, 1, date_type, last_day_of_month),
    spec("at_timezone", 2, 2, zoned_type, at_timezone),
    spec("with_timezone", 2, 2, zoned_type, with_timezone),
    spec("timezone_hour", 1, 1, int_type, |c| part(c, |t| i64::from(offset_minutes(t) / 60))),
    spec("timezone_minute", 1, 1, int_type, |c| part(c, |t| i64::from(offset_minutes(t) % 60))),
    spec("year", 1, 1, int_type, |c| part(c, |t| i64::from(t.year()))),
    spec("quarter", 1, 1, int_type, |c| part(c, |t| i64::from(t.month0() / 3 + 1))),
    spec("month", 1, 1, int_type, |c| part(c, |t| i64::from(t.month()))),
    spec("week", 1, 1, int_type, |c| part(c, |t| i64::from(t.iso_week().week()))),
    spec("week_of_year", 1, 1, int_type, |c| part(c, |t| i64::from(t.iso_week().week()))),
    spec("year_of_week", 1, 1, int_type, |c| part(c, |t| i64::from(t.iso_week().year()))),
    spec("yow", 1, 1, int_type, |c| part(c, |t| i64::from(t.iso_week().year()))),
    spec("day", 1, 1, int_type, |c| part(c, |t| i64::from(t.day()))),
    spec("day_of_month", 1, 1, int_type, |c| part(c, |t| i64::from(t.day()))),
    spec("day_of_week", 1, 1, int_type, |c| part(c, |t| i64::from(t.weekday().number_from_monday()))),
    spec("dow", 1, 1, int_type, |c| part(c, |t| i64::from(t.weekday().number_from_monday()))),
    spec("day_of_year", 1, 1, int_type, |c| part(c, |t| i64::from(t.ordinal()))),
    spec("doy", 1, 1, int_type, |c| part(c, |t| i64::from(t.ordinal()))),
    spec("hour", 1, 1, int_type, |c| part(c, |t| i64::from(t.hour()))),
    spec("minute", 1, 1, int_type, |c| part(c, |t| i64::from(t.minute()))),
    spec("second", 1, 1, int_type, |c| part(c, |t| i64::from(t.second()))),
    spec("millisecond", 1, 1, int_type, |c| part(c, |t| i64::from(t.timestamp_subsec_millis()))),
    spec("human_readable_seconds", 1, 1, text_type, human_readable_seconds),
    spec("current_timezone", 0, 0, text_type, |c| Ok(super::texts((0..c.rows().max(1)).map(|_| Some("UTC"))))),
];

fn zoned_type(known: &Known<'_>) -> Result<DataType> {
    let zone = known.constant(1).and_then(zone_named).map_or("UTC".into(), |z| z.name().into());
    Ok(DataType::Timestamp(TimeUnit::Microsecond, Some(zone)))
}

fn timed(ty: &DataType) -> DataType {
    match ty {
        DataType::Date32 => DataType::Date32,
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        _ => time_type(),
    }
}

fn second_type(known: &Known<'_>) -> Result<DataType> {
    Ok(timed(known.ty(1)))
}

fn third_type(known: &Known<'_>) -> Result<DataType> {
    Ok(timed(known.ty(2)))
}

/// A zone by name, or by an offset that is whole hours.
pub(super) fn zone_named(name: &str) -> Option<Tz> {
    if let Ok(zone) = name.parse() {
        return Some(zone);
    }
    let (sign, rest) = name.strip_prefix('+').map(|r| ('-', r)).or_else(|| name.strip_prefix('-').map(|r| ('+', r)))?;
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
    let hours: u8 = hours.parse().ok()?;
    // Etc/GMT's signs are those of POSIX.
    (minutes == "00").then(|| format!("Etc/GMT{sign}{hours}").parse().ok())?
}

fn zone_of(array: &ArrayRef) -> Tz {
    match array.data_type() {
        DataType::Timestamp(_, Some(zone)) => zone_named(zone).unwrap_or(Tz::UTC),
        _ => Tz::UTC,
    }
}

/// Any text that people write an instant as: ISO 8601, Trino's own form with a zone after it, a date.
pub(crate) fn parse_any_instant(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(found) = convert::parse_instant(text) {
        return Some(found);
    }
    if let Some((local, zone)) = text.rsplit_once(' ')
        && let Some(zone) = zone_named(zone)
        && let Some(local) = convert::parse_instant(local)
    {
        return local_to_utc(local, zone);
    }
    let spaced = text.replacen(' ', "T", 1);
    DateTime::parse_from_rfc3339(&spaced).ok().map(|t| t.timestamp_micros()).or_else(|| short(text))
}

/// `2024-01`, `2024/01/31`, hours only.
fn short(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    if let Some(hour) = text.len().eq(&13).then(|| convert::parse_instant(&format!("{text}:00"))).flatten() {
        return Some(hour);
    }
    (text.len() <= 10).then(|| parse_day(text).map(|d| i64::from(d) * 86_400_000_000))?
}

/// As Trino prints it: `2024-05-01 10:00:00.000 UTC`.
pub(super) fn written(micros: i64, zone: Option<&str>) -> String {
    let tz = zone.and_then(zone_named).unwrap_or(Tz::UTC);
    let Some(time) = DateTime::from_timestamp_micros(micros) else { return micros.to_string() };
    let text = time.with_timezone(&tz).format("%Y-%m-%d %H:%M:%S%.3f").to_string();
    zone.map_or(text.clone(), |zone| format!("{text} {zone}"))
}

/// Instants of an argument: timestamps and dates as they are, texts read.
fn micros(call: &Call<'_>, index: usize) -> Result<Int64Array> {
    let array = call.array(index)?;
    match array.data_type() {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => {
            let text = call.text(index)?;
            let read = |row: usize| match at(&text, row) {
                None => Ok(None),
                Some(text) => match parse_any_instant(text) {
                    Some(found) => Ok(Some(found)),
                    None => call.fail(|| format!("can't read '{text}' as a time")),
                },
            };
            (0..call.rows()).map(read).collect()
        }
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Null => call.micros(index),
        t if t.is_integer() => Ok(call.ints(index)?.iter().map(|v| v.map(epoch_micros)).collect()),
        other => Err(DataFusionError::Plan(format!("a time is needed here, not {}", super::types::name_of(other)))),
    }
}

fn constant_layout(call: &Call<'_>, read: fn(&str) -> Option<Layout>) -> Result<Option<Layout>> {
    let Some(format) = call.constant(1) else { return Ok(None) };
    read(&format).map(Some).ok_or_else(|| super::invalid(format!("can't use the layout '{format}'")))
}

fn formatted(call: &Call<'_>, read: fn(&str) -> Option<Layout>) -> Result<ArrayRef> {
    let (times, zone) = (micros(call, 0)?, zone_of(&call.array(0)?));
    let constant = constant_layout(call, read)?;
    let formats = call.text(1)?;
    strings((0..call.rows()).map(|row| {
        if times.is_null(row) {
            return Ok(None);
        }
        Ok(match &constant {
            Some(layout) => layout.format(times.value(row), zone),
            None => at(&formats, row).and_then(read).and_then(|layout| layout.format(times.value(row), zone)),
        })
    }))
}

fn date_format(call: &Call<'_>) -> Result<ArrayRef> {
    formatted(call, Layout::mysql)
}

fn format_datetime(call: &Call<'_>) -> Result<ArrayRef> {
    formatted(call, Layout::joda)
}

/// DuckDB's `strftime(time, '%Y-%m-%d')`.
pub(super) fn strftime(call: &Call<'_>) -> Result<ArrayRef> {
    formatted(call, Layout::c)
}

fn parsed(call: &Call<'_>, read: fn(&str) -> Option<Layout>) -> Result<ArrayRef> {
    // Our columns of times are times already, whatever layout their text had.
    if matches!(call.array(0)?.data_type(), DataType::Timestamp(..) | DataType::Date32) {
        return Ok(cast(&call.array(0)?, &time_type())?);
    }
    let (text, formats) = (call.text(0)?, call.text(1)?);
    let constant = constant_layout(call, read)?;
    instants((0..call.rows()).map(|row| {
        let Some(text) = at(&text, row) else { return Ok(None) };
        let found = match &constant {
            Some(layout) => layout.parse(text),
            None => at(&formats, row).and_then(read).and_then(|layout| layout.parse(text)),
        };
        match found {
            Some(found) => Ok(Some(found)),
            None => call.fail(|| format!("'{text}' is not in the layout '{}'", at(&formats, row).unwrap_or_default())),
        }
    }))
}

fn date_parse(call: &Call<'_>) -> Result<ArrayRef> {
    parsed(call, Layout::mysql)
}

fn parse_datetime(call: &Call<'_>) -> Result<ArrayRef> {
    parsed(call, Layout::joda)
}

fn instant_of(call: &Call<'_>) -> Result<ArrayRef> {
    Ok(Arc::new(micros_array(micros(call, 0)?, None)))
}

fn micros_array(values: Int64Array, zone: Option<&str>) -> TimestampMicrosecondArray {
    values.iter().collect::<TimestampMicrosecondArray>().with_timezone(zone.unwrap_or("UTC"))
}

/// Anything as an instant; null where it is none. What instants are compared with goes through here.
fn instant_lenient(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    match array.data_type() {
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Ok(cast(&array, &time_type())?),
        t if t.is_integer() => instants(call.ints(0)?.iter().map(|v| Ok(v.map(epoch_micros)))),
        _ => {
            let text = call.text(0)?;
            instants((0..call.rows()).map(|row| Ok(at(&text, row).and_then(parse_any_instant))))
        }
    }
}

/// Epoch seconds, or milliseconds where seconds would be far from now.
fn epoch_micros(value: i64) -> i64 {
    if value.abs() > 100_000_000_000 { value.saturating_mul(1_000) } else { value.saturating_mul(1_000_000) }
}

/// Anything as a day; null where it is none.
fn day_lenient(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    if matches!(array.data_type(), DataType::Timestamp(..) | DataType::Date32 | DataType::Date64) {
        return Ok(cast(&array, &DataType::Date32)?);
    }
    let text = call.text(0)?;
    Ok(Arc::new((0..call.rows()).map(|row| at(&text, row).and_then(parse_day)).collect::<Date32Array>()))
}

/// `__day_text(date or instant, chrono layout)`: what a partition column's text would be.
fn day_text(call: &Call<'_>) -> Result<ArrayRef> {
    formatted(call, Layout::c)
}

fn date_of(call: &Call<'_>) -> Result<ArrayRef> {
    let zone = zone_of(&call.array(0)?);
    let days = micros(call, 0)?
        .iter()
        .map(|v| v.and_then(|v| local(v, zone)).map(|t| days(t.date_naive())))
        .collect::<Date32Array>();
    Ok(Arc::new(days))
}

fn days(date: NaiveDate) -> i32 {
    date.signed_duration_since(NaiveDate::default()).num_days() as i32
}

fn local(micros: i64, zone: Tz) -> Option<DateTime<Tz>> {
    Some(DateTime::from_timestamp_micros(micros)?.with_timezone(&zone))
}

fn to_iso8601(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    if array.data_type() == &DataType::Date32 {
        return Ok(cast(&array, &DataType::Utf8View)?);
    }
    let zone = zone_of(&array);
    let write = |t: DateTime<Tz>| {
        let text = t.format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
        if zone == Tz::UTC { format!("{text}Z") } else { format!("{text}{}", t.format("%:z")) }
    };
    strings(micros(call, 0)?.iter().map(|v| Ok(v.and_then(|v| local(v, zone)).map(write))))
}

fn from_unixtime(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    let DataType::Timestamp(_, zone) = call.result else { return Ok(array) };
    if matches!(array.data_type(), DataType::Timestamp(..)) {
        return Ok(cast(&array, call.result)?);
    }
    let rows = call.floats(0)?.iter().map(|v| v.map(|v| (v * 1e6).round() as i64)).collect::<Int64Array>();
    Ok(Arc::new(micros_array(rows, zone.as_deref())))
}

fn from_unixtime_nanos(call: &Call<'_>) -> Result<ArrayRef> {
    instants(call.ints(0)?.iter().map(|v| Ok(v.map(|v| v / 1_000))))
}

fn to_unixtime(call: &Call<'_>) -> Result<ArrayRef> {
    Ok(Arc::new(micros(call, 0)?.iter().map(|v| v.map(|v| v as f64 / 1e6)).collect::<Float64Array>()))
}

/// `__epoch(time, units a second)`: a column of instants where the log has a number.
fn epoch(call: &Call<'_>) -> Result<ArrayRef> {
    let scale = call.ints(1)?;
    ints(
        micros(call, 0)?
            .iter()
            .enumerate()
            .map(|(row, v)| Ok(v.map(|v| v.div_euclid(1_000_000 / scale.value(row).max(1))))),
    )
}

fn part(call: &Call<'_>, read: fn(DateTime<Tz>) -> i64) -> Result<ArrayRef> {
    let zone = zone_of(&call.array(0)?);
    ints(micros(call, 0)?.iter().map(|v| Ok(v.and_then(|v| local(v, zone)).map(read))))
}

fn offset_minutes(time: DateTime<Tz>) -> i32 {
    use chrono::Offset;
    time.offset().fix().local_minus_utc() / 60
}

fn unit(call: &Call<'_>) -> Result<String> {
    let unit = call.constant(0).unwrap_or_default().to_lowercase();
    let unit = unit.strip_suffix('s').filter(|u| !u.is_empty()).unwrap_or(&unit).to_owned();
    match unit.as_str() {
        "millisecond" | "second" | "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year" => Ok(unit),
        _ => Err(super::invalid(format!("`{unit}` is no unit of time; there are millisecond to year"))),
    }
}

/// Microseconds of a unit that has always the same length.
fn length(unit: &str) -> Option<i64> {
    Some(match unit {
        "millisecond" => 1_000,
        "second" => 1_000_000,
        "minute" => 60_000_000,
        "hour" => 3_600_000_000,
        "day" => 86_400_000_000,
        "week" => 7 * 86_400_000_000,
        _ => return None,
    })
}

fn like_argument(call: &Call<'_>, values: Int64Array) -> Result<ArrayRef> {
    let zone = match call.result {
        DataType::Timestamp(_, zone) => zone.as_deref(),
        _ => None,
    };
    Ok(cast(&micros_array(values, zone), call.result)?)
}

/// Weeks begin on Monday; the epoch was a Thursday. Microseconds.
const FIRST_MONDAY: i64 = -3 * 86_400_000_000;

fn date_trunc(call: &Call<'_>) -> Result<ArrayRef> {
    let unit = unit(call)?;
    let zone = zone_of(&call.array(1)?);
    // UTC's are of one length, but for months: as cheap as the buckets of the other languages.
    if let (Tz::UTC, Some(length)) = (zone, length(&unit)) {
        let first = if unit == "week" { FIRST_MONDAY } else { 0 };
        let cut = |v: i64| v.checked_sub(first)?.div_euclid(length).checked_mul(length)?.checked_add(first);
        return like_argument(call, micros(call, 1)?.unary_opt(cut));
    }
    let cut = |v: i64| {
        let local_micros = local(v, zone)?.naive_local().and_utc().timestamp_micros();
        let cut = match unit.as_str() {
            "week" => (local_micros - FIRST_MONDAY).div_euclid(length("week")?) * length("week")? + FIRST_MONDAY,
            "month" | "quarter" | "year" => {
                let date = DateTime::<Utc>::from_timestamp_micros(local_micros)?.date_naive();
                let month = match unit.as_str() {
                    "month" => date.month(),
                    "quarter" => date.month0() / 3 * 3 + 1,
                    _ => 1,
                };
                NaiveDate::from_ymd_opt(date.year(), month, 1)?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros()
            }
            fixed => local_micros.div_euclid(length(fixed)?) * length(fixed)?,
        };
        local_to_utc(cut, zone)
    };
    let cut: Int64Array = micros(call, 1)?.iter().map(|v| v.and_then(cut)).collect();
    like_argument(call, cut)
}

fn months_of(unit: &str) -> i64 {
    match unit {
        "month" => 1,
        "quarter" => 3,
        _ => 12,
    }
}

fn date_add(call: &Call<'_>) -> Result<ArrayRef> {
    let unit = unit(call)?;
    let (amounts, times) = (call.ints(1)?, micros(call, 2)?);
    let added = (0..call.rows()).map(|row| {
        if amounts.is_null(row) || times.is_null(row) {
            return None;
        }
        let (n, time) = (amounts.value(row), times.value(row));
        if let Some(length) = length(&unit) {
            return time.checked_add(n.checked_mul(length)?);
        }
        let months = n.checked_mul(months_of(&unit))?;
        let time = DateTime::from_timestamp_micros(time)?;
        let by = Months::new(u32::try_from(months.abs()).ok()?);
        let moved = if months < 0 { time.checked_sub_months(by) } else { time.checked_add_months(by) };
        moved.map(|t| t.timestamp_micros())
    });
    like_argument(call, added.collect())
}

fn date_diff(call: &Call<'_>) -> Result<ArrayRef> {
    let unit = unit(call)?;
    let (from, to) = (micros(call, 1)?, micros(call, 2)?);
    ints((0..call.rows()).map(|row| {
        if from.is_null(row) || to.is_null(row) {
            return Ok(None);
        }
        let (a, b) = (from.value(row), to.value(row));
        Ok(match length(&unit) {
            Some(length) => Some((b - a) / length),
            None => months_between(a, b).map(|m| m / months_of(&unit)),
        })
    }))
}

/// Whole months from one instant to another.
fn months_between(a: i64, b: i64) -> Option<i64> {
    if b < a {
        return months_between(b, a).map(|m| -m);
    }
    let (from, to) = (DateTime::from_timestamp_micros(a)?, DateTime::from_timestamp_micros(b)?);
    let months = i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month());
    let reached = from.checked_add_months(Months::new(u32::try_from(months).ok()?))?;
    Some(if reached > to { months - 1 } else { months })
}

fn last_day_of_month(call: &Call<'_>) -> Result<ArrayRef> {
    let last = |v: i64| {
        let date = DateTime::from_timestamp_micros(v)?.date_naive();
        let first = NaiveDate::from_ymd_opt(date.year(), date.month(), 1)?;
        Some(days(first.checked_add_months(Months::new(1))?.pred_opt()?))
    };
    Ok(Arc::new(micros(call, 0)?.iter().map(|v| v.and_then(last)).collect::<Date32Array>()))
}

fn at_timezone(call: &Call<'_>) -> Result<ArrayRef> {
    known_zone(call)?;
    Ok(cast(&(Arc::new(micros_array(micros(call, 0)?, None)) as ArrayRef), call.result)?)
}

fn with_timezone(call: &Call<'_>) -> Result<ArrayRef> {
    let zone = known_zone(call)?;
    let moved: Int64Array = micros(call, 0)?.iter().map(|v| v.and_then(|v| local_to_utc(v, zone))).collect();
    Ok(cast(&(Arc::new(micros_array(moved, None)) as ArrayRef), call.result)?)
}

fn known_zone(call: &Call<'_>) -> Result<Tz> {
    let name = call.constant(1).unwrap_or_default();
    zone_named(&name).ok_or_else(|| super::invalid(format!("there is no time zone '{name}'")))
}

fn human_readable_seconds(call: &Call<'_>) -> Result<ArrayRef> {
    let write = |v: f64| {
        let mut rest = v.abs() as u64;
        let mut parts = Vec::new();
        for (name, length) in [("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)] {
            let count = rest / length;
            rest %= length;
            if count > 0 || (name == "second" && parts.is_empty()) {
                parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
            }
        }
        parts.join(", ")
    };
    strings(call.floats(0)?.iter().map(|v| Ok(v.map(write))))
}

/// Days of a date column, for sequences.
pub(super) fn day_values(array: &ArrayRef) -> Result<Int64Array> {
    let days = cast(array, &DataType::Date32)?;
    Ok(days.as_primitive::<Date32Type>().iter().map(|d| d.map(i64::from)).collect())
}

/// Microseconds of an interval column, months as 30 days, for sequences.
pub(super) fn interval_micros(array: &ArrayRef) -> Result<Int64Array> {
    use arrow::datatypes::IntervalMonthDayNanoType;
    let interval = cast(array, &DataType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano))?;
    let micros = |v: arrow::datatypes::IntervalMonthDayNano| {
        (i64::from(v.months) * 30 + i64::from(v.days)) * 86_400_000_000 + v.nanoseconds / 1_000
    };
    Ok(interval.as_primitive::<IntervalMonthDayNanoType>().iter().map(|v| v.map(micros)).collect())
}

/// A time argument in microseconds, for sequences.
pub(super) fn instant_values(array: &ArrayRef) -> Result<Int64Array> {
    Ok(cast(&cast(array, &time_type())?, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
}
