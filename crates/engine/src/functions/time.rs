//! Instants: formatting, parsing, snapping, bucketing. All in UTC.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Float64Array, TimestampMicrosecondArray};
use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveDateTime, Timelike, Utc};
use datafusion::common::Result;

use super::{Args, texts};

fn utc(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
}

/// `(time, format)`.
pub(crate) fn strftime(args: &Args<'_>) -> Result<ArrayRef> {
    let (time, format) = (args.micros(0)?, args.text(1)?);
    Ok(texts((0..args.rows()).map(|row| {
        if time.is_null(row) || format.is_null(row) {
            return None;
        }
        format_instant(time.value(row), format.value(row))
    })))
}

/// Formats with C's letters and Splunk's `%3N`, `%Q`, `%s`.
pub(crate) fn format_instant(micros: i64, format: &str) -> Option<String> {
    let items: Vec<_> =
        chrono::format::StrftimeItems::new(&chrono_format(format)).map(chrono::format::Item::to_owned).collect();
    if items.iter().any(|i| matches!(i, chrono::format::Item::Error)) {
        return None;
    }
    Some(utc(micros)?.format_with_items(items.iter()).to_string())
}

/// Splunk's letters as chrono spells them.
fn chrono_format(format: &str) -> String {
    let mut out = format.to_owned();
    for (from, to) in [
        ("%3N", "%3f"),
        ("%6N", "%6f"),
        ("%9N", "%9f"),
        ("%3Q", "%3f"),
        ("%6Q", "%6f"),
        ("%Q", "%3f"),
        ("%N", "%9f"),
        ("%+", "%a %b %e %H:%M:%S UTC %Y"),
    ] {
        out = out.replace(from, to);
    }
    out
}

/// `(text, format)` to time.
pub(crate) fn strptime(args: &Args<'_>) -> Result<ArrayRef> {
    let (text, format) = (args.text(0)?, args.text(1)?);
    let rows = (0..args.rows()).map(|row| {
        if text.is_null(row) || format.is_null(row) {
            return None;
        }
        parse_instant(text.value(row), format.value(row))
    });
    Ok(Arc::new(rows.collect::<TimestampMicrosecondArray>().with_timezone("UTC")))
}

fn parse_instant(text: &str, format: &str) -> Option<i64> {
    if format == "%s" {
        return super::convert::parse_number(text).map(|s| (s * 1e6) as i64);
    }
    let format = chrono_format(format).replace(".%3f", "%.f").replace(".%6f", "%.f");
    if let Ok(time) = DateTime::parse_from_str(text, &format) {
        return Some(time.timestamp_micros());
    }
    let plain = format.strip_suffix("%Z").unwrap_or(&format).trim_end().to_owned();
    let cut = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")).unwrap_or(text).trim_end();
    if let Ok(time) = NaiveDateTime::parse_from_str(cut, &plain) {
        return Some(time.and_utc().timestamp_micros());
    }
    let date = NaiveDate::parse_from_str(cut, &plain).ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

/// `(time, modifier)`.
pub(crate) fn relative(args: &Args<'_>) -> Result<ArrayRef> {
    let (time, modifier) = (args.micros(0)?, args.text(1)?);
    let rows = (0..args.rows()).map(|row| {
        if time.is_null(row) || modifier.is_null(row) {
            return None;
        }
        apply_modifier(time.value(row), modifier.value(row))
    });
    Ok(Arc::new(rows.collect::<TimestampMicrosecondArray>().with_timezone("UTC")))
}

/// `-1d@d+2h`: offsets and snaps from left to right; none where it is not such a text.
pub(crate) fn apply_modifier(micros: i64, modifier: &str) -> Option<i64> {
    let text = modifier.trim();
    if text == "now" || text.is_empty() {
        return Some(micros);
    }
    let mut time = utc(micros)?;
    let mut rest = text;
    while !rest.is_empty() {
        let sign = rest.chars().next()?;
        let body = &rest[1..];
        let end = body.find(['+', '-', '@']).unwrap_or(body.len());
        let part = &body[..end];
        time = match sign {
            '@' => snap(time, part)?,
            '-' => shift(time, part, -1)?,
            '+' => shift(time, part, 1)?,
            _ => return None,
        };
        rest = &body[end..];
    }
    Some(time.timestamp_micros())
}

fn shift(time: DateTime<Utc>, part: &str, sign: i64) -> Option<DateTime<Utc>> {
    let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
    let count: i64 = if digits == 0 { 1 } else { part[..digits].parse().ok()? };
    let months = |n: i64| {
        let months = Months::new(u32::try_from(n).ok()?);
        if sign < 0 { time.checked_sub_months(months) } else { time.checked_add_months(months) }
    };
    let by = match part[digits..].trim() {
        "s" | "sec" | "secs" | "second" | "seconds" | "" => Duration::try_seconds(count)?,
        "m" | "min" | "mins" | "minute" | "minutes" => Duration::try_minutes(count)?,
        "h" | "hr" | "hrs" | "hour" | "hours" => Duration::try_hours(count)?,
        "d" | "day" | "days" => Duration::try_days(count)?,
        "w" | "week" | "weeks" => Duration::try_weeks(count)?,
        "mon" | "month" | "months" => return months(count),
        "q" | "qtr" | "qtrs" | "quarter" | "quarters" => return months(count.checked_mul(3)?),
        "y" | "yr" | "yrs" | "year" | "years" => return months(count.checked_mul(12)?),
        _ => return None,
    };
    time.checked_add_signed(by * i32::try_from(sign).ok()?)
}

fn snap(time: DateTime<Utc>, unit: &str) -> Option<DateTime<Utc>> {
    let day = time.date_naive();
    let date = match unit {
        "s" | "sec" | "second" => return time.with_nanosecond(0),
        "m" | "min" | "minute" => return time.with_second(0)?.with_nanosecond(0),
        "h" | "hr" | "hour" => return time.with_minute(0)?.with_second(0)?.with_nanosecond(0),
        "d" | "day" => day,
        "mon" | "month" => day.with_day(1)?,
        "q" | "qtr" | "quarter" => day.with_day(1)?.with_month((day.month0() / 3) * 3 + 1)?,
        "y" | "yr" | "year" => day.with_day(1)?.with_month(1)?,
        week => {
            let first: u32 = if matches!(week, "w" | "week") { 0 } else { week.strip_prefix('w')?.parse().ok()? };
            let back = (day.weekday().num_days_from_sunday() + 7 - first % 7) % 7;
            day - Duration::try_days(i64::from(back))?
        }
    };
    Some(date.and_hms_opt(0, 0, 0)?.and_utc())
}

/// `(time, width[, origin])`: the start of the bucket.
pub(crate) fn bin(args: &Args<'_>) -> Result<ArrayRef> {
    let time = args.micros(0)?;
    let width = args.constant(1).and_then(|t| t.parse::<i64>().ok()).filter(|w| *w > 0).unwrap_or(1);
    let origin = if args.len() > 2 { args.constant(2).and_then(|t| t.parse::<i64>().ok()).unwrap_or(0) } else { 0 };
    let rows = time.iter().map(|t| t.map(|t| (t - origin).div_euclid(width) * width + origin));
    Ok(Arc::new(rows.collect::<TimestampMicrosecondArray>().with_timezone("UTC")))
}

/// `(number, width)`: the start of the bucket.
pub(crate) fn bin_number(args: &Args<'_>) -> Result<ArrayRef> {
    let (value, width) = (args.floats(0)?, args.floats(1)?);
    let rows = (0..args.rows()).map(|row| {
        (!value.is_null(row) && !width.is_null(row) && width.value(row) > 0.0)
            .then(|| (value.value(row) / width.value(row)).floor() * width.value(row))
    });
    Ok(Arc::new(rows.collect::<Float64Array>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::convert::{instant_text, parse_instant as iso};

    #[test]
    fn modifiers_move_and_snap() {
        let now = iso("2024-10-04T15:32:51Z").unwrap_or_default();
        for (modifier, want) in [
            ("now", "2024-10-04T15:32:51Z"),
            ("-1d@d", "2024-10-03T00:00:00Z"),
            ("@d+2h", "2024-10-04T02:00:00Z"),
            ("-7d", "2024-09-27T15:32:51Z"),
            ("@w0", "2024-09-29T00:00:00Z"),
            ("@w1", "2024-09-30T00:00:00Z"),
            ("-1mon@mon", "2024-09-01T00:00:00Z"),
            ("@q", "2024-10-01T00:00:00Z"),
            ("-h", "2024-10-04T14:32:51Z"),
        ] {
            assert_eq!(apply_modifier(now, modifier).map(instant_text).as_deref(), Some(want), "{modifier}");
        }
        assert_eq!(apply_modifier(now, "soon"), None);
    }

    #[test]
    fn formats_are_c_and_splunk() {
        let time = iso("2024-10-04T15:32:51.125Z").unwrap_or_default();
        assert_eq!(format_instant(time, "%Y-%m-%dT%H:%M:%S.%3N").as_deref(), Some("2024-10-04T15:32:51.125"));
        assert_eq!(format_instant(time, "%s").as_deref(), Some("1728055971"));
        assert_eq!(
            parse_instant("04/Oct/2024 15:32", "%d/%b/%Y %H:%M").map(instant_text).as_deref(),
            Some("2024-10-04T15:32:00Z")
        );
        assert_eq!(format_instant(time, "%!"), None);
    }
}
