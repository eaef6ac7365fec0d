//! Dates as OpenSearch reads them: ISO 8601 and parts of it, epoch milliseconds, Java's patterns, and date mathematics
//! (`now-1d/d`, `2024-05-01||+1M/d`).

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

use crate::spl::{Zone, time};

const SECOND: i64 = 1_000_000;

/// What the end of a range does with the part of a date that is not written, or that was rounded away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// The first instant: `gte`, `lt`.
    Start,
    /// The instant after the last: `lte`, `gt`. What OpenSearch gives is a millisecond earlier and inclusive.
    End,
}

/// How a date is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub now: i64,
    pub zone: Zone,
    pub format: Option<&'a str>,
    pub fill: Fill,
}

/// A date and how exact it is: the instants from the first to before the second are what it may mean.
pub(crate) fn parse(text: &str, reading: Reading<'_>) -> Option<i64> {
    let text = text.trim();
    if let Some(steps) = text.strip_prefix("now") {
        return steps_from(reading.now, steps, reading.zone, reading.fill);
    }
    if let Some((date, steps)) = text.split_once("||") {
        let start = Reading { fill: Fill::Start, ..reading };
        return steps_from(between(date, start)?.0, steps, reading.zone, reading.fill);
    }
    let (from, to) = between(text, reading)?;
    Some(if reading.fill == Fill::End { to } else { from })
}

/// The instants that a date without mathematics stands for: from, and before.
pub(crate) fn between(text: &str, reading: Reading<'_>) -> Option<(i64, i64)> {
    let formats: Vec<&str> = reading.format.map(|format| format.split("||").collect()).unwrap_or_default();
    for format in &formats {
        if let Some(found) = in_format(text, format, reading.zone) {
            return Some(found);
        }
    }
    iso(text, reading.zone).or_else(|| epoch(text, 1000))
}

fn in_format(text: &str, format: &str, zone: Zone) -> Option<(i64, i64)> {
    let format = format.trim_start_matches("strict_").trim_start_matches('8');
    match format {
        "epoch_millis" => epoch(text, 1000),
        "epoch_second" => epoch(text, SECOND),
        _ if format.contains("date") || format.contains("time") || format.contains("year") => iso(text, zone),
        _ => java(text, format, zone),
    }
}

/// Digits as an epoch in units of so many microseconds. Four digits are a year.
fn epoch(text: &str, unit: i64) -> Option<(i64, i64)> {
    let value: i64 = text.parse().ok()?;
    let from = value.checked_mul(unit)?;
    Some((from, from + unit))
}

/// ISO 8601, cut anywhere: `2024`, `2024-05`, `2024-05-01T10`, with a zone or without.
fn iso(text: &str, zone: Zone) -> Option<(i64, i64)> {
    let (body, zone) = zoned(text, zone)?;
    let (date, clock) = body.split_once(['T', ' ']).map_or((body, None), |(date, clock)| (date, Some(clock)));
    let mut parts = date.split('-');
    let year: i32 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month = parts.next().map(str::parse::<u32>).transpose().ok()?;
    let day = parts.next().map(str::parse::<u32>).transpose().ok()?;
    if parts.next().is_some() || (clock.is_some() && day.is_none()) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1))?;
    let (time, width) = match clock {
        Some(clock) => of_day(clock)?,
        None => (NaiveTime::MIN, 86_400 * SECOND),
    };
    let from = micros(date.and_time(time), zone);
    let to = match (month, day) {
        (None, _) => micros(NaiveDate::from_ymd_opt(year + 1, 1, 1)?.and_time(NaiveTime::MIN), zone),
        (_, None) => {
            let next = date.checked_add_months(chrono::Months::new(1))?;
            micros(next.and_time(NaiveTime::MIN), zone)
        }
        _ => from + width,
    };
    (1..=9998).contains(&date.year()).then_some((from, to))
}

/// The time of day, and how wide what is not written is, in microseconds.
fn of_day(clock: &str) -> Option<(NaiveTime, i64)> {
    let (whole, fraction) = clock.split_once(['.', ',']).map_or((clock, None), |(whole, part)| (whole, Some(part)));
    let mut parts = whole.split(':').map(str::parse::<u32>);
    let hour = parts.next()?.ok()?;
    let (minute, second) = (parts.next().transpose().ok()?, parts.next().transpose().ok()?);
    if parts.next().is_some() {
        return None;
    }
    let (micro, step) = match fraction {
        Some(digits) if second.is_some() && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.is_empty() => {
            let digits = &digits[..digits.len().min(6)];
            let unit = 10_i64.pow(6 - u32::try_from(digits.len()).ok()?);
            (digits.parse::<i64>().ok()? * unit, unit.min(1000))
        }
        Some(_) => return None,
        None => (
            0,
            if second.is_some() {
                SECOND
            } else if minute.is_some() {
                60 * SECOND
            } else {
                3600 * SECOND
            },
        ),
    };
    let micro = u32::try_from(micro).ok()?;
    Some((NaiveTime::from_hms_micro_opt(hour, minute.unwrap_or(0), second.unwrap_or(0), micro)?, step))
}

/// The text without its zone, and the zone.
fn zoned(text: &str, zone: Zone) -> Option<(&str, Zone)> {
    if let Some(body) = text.strip_suffix(['Z', 'z']) {
        return Some((body, Zone::UTC));
    }
    let at = text.find('T').and_then(|t| text[t..].find(['+', '-']).map(|sign| t + sign));
    match at {
        Some(at) => Some((&text[..at], Zone::parse(&text[at..])?)),
        None => Some((text, zone)),
    }
}

fn micros(local: NaiveDateTime, zone: Zone) -> i64 {
    zone.to_micros(local)
}

/// A date in one of Java's patterns, of the letters that are used for dates.
fn java(text: &str, format: &str, zone: Zone) -> Option<(i64, i64)> {
    let mut pattern = String::new();
    let mut chars = format.chars().peekable();
    let mut width = 86_400 * SECOND;
    while let Some(c) = chars.next() {
        let mut run = 1;
        while chars.peek() == Some(&c) && c.is_ascii_alphabetic() {
            chars.next();
            run += 1;
        }
        pattern.push_str(match c {
            'y' | 'u' if run == 2 => "%y",
            'y' | 'u' => "%Y",
            'M' if run == 3 => "%b",
            'M' if run > 3 => "%B",
            'M' => "%m",
            'd' => "%d",
            'H' => "%H",
            'h' => "%I",
            'm' => "%M",
            's' => "%S",
            'S' => "%f",
            'a' => "%p",
            'Z' | 'X' | 'x' => "%z",
            '\'' => continue,
            other => {
                pattern.push(other);
                continue;
            }
        });
        width = width.min(match c {
            'H' | 'h' => 3600 * SECOND,
            'm' => 60 * SECOND,
            's' => SECOND,
            'S' => 1000,
            _ => width,
        });
    }
    let local = NaiveDateTime::parse_from_str(text, &pattern)
        .ok()
        .or_else(|| Some(NaiveDate::parse_from_str(text, &pattern).ok()?.and_time(NaiveTime::MIN)))?;
    (1..=9998).contains(&local.year()).then(|| micros(local, zone)).map(|from| (from, from + width))
}

/// `-1d/d+2h`: steps and roundings, one after another.
fn steps_from(from: i64, steps: &str, zone: Zone, fill: Fill) -> Option<i64> {
    let mut at = from;
    let mut rest = steps.trim();
    let mut exact = true;
    while let Some(sign) = rest.chars().next() {
        let body = &rest[sign.len_utf8()..];
        let end = body.find(['+', '-', '/']).unwrap_or(body.len());
        let (step, after) = body.split_at(end);
        let digits = step.find(|c: char| !c.is_ascii_digit()).unwrap_or(step.len());
        let unit = unit(step[digits..].trim())?;
        exact &= sign != '/';
        at = match sign {
            '/' if digits == 0 => rounded(at, unit, zone, fill)?,
            '+' | '-' => time::relative_to(&format!("{sign}{}{unit}", &step[..digits]), at, zone)?,
            _ => return None,
        };
        rest = after;
    }
    // An exact instant ends with its own microsecond.
    if exact && fill == Fill::End { at.checked_add(1) } else { Some(at) }
}

fn rounded(at: i64, unit: &str, zone: Zone, fill: Fill) -> Option<i64> {
    // Weeks begin on Monday here.
    let snap = if unit == "w" { "@w1".to_owned() } else { format!("@{unit}") };
    let start = time::relative_to(&snap, at, zone)?;
    match fill {
        Fill::Start => Some(start),
        Fill::End => time::relative_to(&format!("+1{unit}"), start, zone),
    }
}

/// A unit of date mathematics as time modifiers spell it.
fn unit(letter: &str) -> Option<&'static str> {
    Some(match letter {
        "y" => "y",
        "M" => "mon",
        "w" => "w",
        "d" => "d",
        "h" | "H" => "h",
        "m" => "m",
        "s" => "s",
        _ => return None,
    })
}

/// Looks like a date or date mathematics rather than a number or a word.
pub(crate) fn is_date(text: &str) -> bool {
    let now = text.strip_prefix("now").is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '+', '/']));
    let bytes = text.as_bytes();
    let dashed = bytes.len() >= 7 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-';
    now || text.contains("||") || (dashed && iso(text, Zone::UTC).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2018-07-26T21:08:28.5Z, a Thursday.
    const NOW: i64 = 1_532_639_308_500_000;

    fn check(text: &str, zone: &str, format: Option<&str>, fill: Fill, expected: &str) {
        let zone = Zone::parse(zone).unwrap_or(Zone::UTC);
        let found = parse(text, Reading { now: NOW, zone, format, fill });
        let shown = found.and_then(chrono::DateTime::from_timestamp_micros);
        assert_eq!(shown.map_or("none".into(), |t| t.format("%FT%T%.f").to_string()), expected, "{text}");
    }

    #[test]
    fn dates() {
        use Fill::{End, Start};
        check("now", "UTC", None, Start, "2018-07-26T21:08:28.500");
        check("now-1d/d", "UTC", None, Start, "2018-07-25T00:00:00");
        check("now-1d/d", "UTC", None, End, "2018-07-26T00:00:00");
        check("now/w", "UTC", None, Start, "2018-07-23T00:00:00");
        check("now/M", "UTC", None, End, "2018-08-01T00:00:00");
        check("now-1h", "Asia/Tokyo", None, Start, "2018-07-26T20:08:28.500");
        check("now/d", "+09:00", None, Start, "2018-07-26T15:00:00");
        check("2024-05-01||+1M/d", "UTC", None, Start, "2024-06-01T00:00:00");
        check("2024-05-01", "UTC", None, Start, "2024-05-01T00:00:00");
        check("2024-05-01", "UTC", None, End, "2024-05-02T00:00:00");
        check("2024-05", "UTC", None, End, "2024-06-01T00:00:00");
        check("2024", "UTC", None, End, "2025-01-01T00:00:00");
        check("2024-05-01T10", "UTC", None, End, "2024-05-01T11:00:00");
        check("2024-05-01T10:20:30.123Z", "+09:00", None, Start, "2024-05-01T10:20:30.123");
        check("2024-05-01T10:20:30+09:00", "UTC", None, Start, "2024-05-01T01:20:30");
        check("1714557600000", "UTC", None, Start, "2024-05-01T10:00:00");
        check("1714557600", "UTC", Some("epoch_second"), Start, "2024-05-01T10:00:00");
        check("01/05/2024", "UTC", Some("dd/MM/yyyy||yyyy"), Start, "2024-05-01T00:00:00");
        check("01/05/2024", "UTC", Some("dd/MM/yyyy"), End, "2024-05-02T00:00:00");
        check("yesterday", "UTC", None, Start, "none");
        check("now-1fortnight", "UTC", None, Start, "none");
        check("99999-01-01", "UTC", None, Start, "none");
        check("now-999999999999999y", "UTC", None, Start, "none");
    }

    #[test]
    fn what_looks_like_a_date() {
        for (text, wanted) in
            [("now", true), ("now-1d", true), ("nowhere", false), ("2024-05-01", true), ("2024", false), ("12", false)]
        {
            assert_eq!(is_date(text), wanted, "{text}");
        }
    }
}
