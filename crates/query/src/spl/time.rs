//! SPL's time modifiers (`-1d@d`, epoch, `now`, `%m/%d/%Y:%H:%M:%S`) and spans (`5m`, `1mon`), in a time zone.

use chrono::{
    DateTime, Datelike, Duration, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Timelike,
};
use chrono_tz::Tz;

use super::build;
use crate::pipeline::{Expr, Func, Type};

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// The time zone that days begin in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// A fixed offset from UTC, in seconds.
    Offset(i32),
    /// A zone of the tz database.
    Named(Tz),
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::Offset(0);

    /// Reads `UTC`, `Z`, `+09:00`, `-0330` or a name such as `Asia/Tokyo`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("utc") || text == "Z" {
            return Some(Self::UTC);
        }
        let sign = match text.as_bytes().first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return text.parse().ok().map(Self::Named),
        };
        let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
        if digits.len() > 4 || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (hours, minutes) =
            if digits.len() <= 2 { (digits.as_str(), "0") } else { digits.split_at(digits.len() - 2) };
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours <= 14 && minutes < 60).then_some(Self::Offset(sign * (hours * 3600 + minutes * 60)))
    }

    /// Seconds that local time is ahead of UTC at an instant (microseconds).
    pub(crate) fn offset_at(self, micros: i64) -> i64 {
        match self {
            Self::Offset(seconds) => seconds.into(),
            Self::Named(tz) => DateTime::from_timestamp_micros(micros)
                .map_or(0, |time| tz.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc().into()),
        }
    }

    fn to_local(self, micros: i64) -> Option<NaiveDateTime> {
        let local = DateTime::from_timestamp_micros(micros.checked_add(self.offset_at(micros) * SECOND)?)?.naive_utc();
        within_calendar(local)
    }

    /// The instant of a local time; in the hour that a change of clocks repeats the first, in the one it skips the next.
    pub(crate) fn to_micros(self, local: NaiveDateTime) -> i64 {
        match self {
            Self::Offset(seconds) => local.and_utc().timestamp_micros() - i64::from(seconds) * SECOND,
            Self::Named(tz) => match tz.from_local_datetime(&local) {
                LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.timestamp_micros(),
                LocalResult::None => {
                    let guess = local.and_utc().timestamp_micros();
                    guess - self.offset_at(guess - DAY) * SECOND
                }
            },
        }
    }
}

/// Years of four digits: further out chrono's arithmetic ends.
fn within_calendar(local: NaiveDateTime) -> Option<NaiveDateTime> {
    (1..=9999).contains(&local.year()).then_some(local)
}

/// Units of time modifiers and spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A fixed number of microseconds: up to hours.
    Fixed(i64),
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// The unit that an abbreviation means, in the many spellings that SPL knows.
pub(crate) fn unit(text: &str) -> Option<Unit> {
    Some(match text.to_ascii_lowercase().as_str() {
        "us" => Unit::Fixed(1),
        "ms" => Unit::Fixed(1000),
        "cs" => Unit::Fixed(10_000),
        "ds" => Unit::Fixed(100_000),
        "" | "s" | "sec" | "secs" | "second" | "seconds" => Unit::Fixed(SECOND),
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Fixed(60 * SECOND),
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Fixed(3600 * SECOND),
        "d" | "day" | "days" => Unit::Day,
        "w" | "week" | "weeks" => Unit::Week,
        "mon" | "month" | "months" => Unit::Month,
        "q" | "qtr" | "qtrs" | "quarter" | "quarters" => Unit::Quarter,
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Year,
        _ => return None,
    })
}

/// Width of time buckets: so many of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub count: i64,
    pub unit: Unit,
    /// `1w@w1`: the day of week that weeks begin with.
    pub weekday: Option<u32>,
}

impl Span {
    /// Reads `5m`, `1mon`, `1w@w1`, `day`.
    pub fn parse(text: &str) -> Option<Self> {
        let (size, snap) = text.split_once('@').map_or((text, None), |(size, snap)| (size, Some(snap)));
        let digits = size.find(|c: char| !c.is_ascii_digit()).unwrap_or(size.len());
        let count = if digits == 0 { 1 } else { size[..digits].parse().ok()? };
        let weekday = snap.and_then(|snap| snap.strip_prefix('w')).and_then(|day| day.parse::<u32>().ok());
        (count > 0 && !size.is_empty()).then_some(Self {
            count,
            unit: unit(&size[digits..])?,
            weekday: weekday.map(|day| day % 7),
        })
    }

    /// The width where every bucket has the same.
    pub fn micros(self) -> Option<i64> {
        match self.unit {
            Unit::Fixed(unit) => self.count.checked_mul(unit),
            Unit::Day => self.count.checked_mul(DAY),
            Unit::Week => self.count.checked_mul(7 * DAY),
            Unit::Month | Unit::Quarter | Unit::Year => None,
        }
    }
}

/// The instant that a time modifier means, in microseconds: `now`, epoch seconds, `-1d@d`, `@w1`, `+2h`, or a date
/// as `%m/%d/%Y[:%H:%M:%S]` or ISO 8601.
pub(crate) fn instant(text: &str, now: i64, zone: Zone) -> Option<i64> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") || text == "now()" {
        return Some(now);
    }
    if let Some(seconds) = super::build::parse_number(text).filter(|_| !text.starts_with(['+', '-'])) {
        #[allow(clippy::cast_possible_truncation)]
        return Some((seconds * 1e6).round() as i64);
    }
    let relative = text.strip_prefix("rt").unwrap_or(text);
    if relative.is_empty() {
        return Some(now);
    }
    if relative.starts_with(['+', '-', '@']) {
        return relative_to(relative, now, zone);
    }
    if let Some(rest) = relative.strip_prefix("now") {
        return relative_to(rest, now, zone);
    }
    date(text, zone)
}

/// Steps from an instant: `-7d@w1+2h`.
pub(crate) fn relative_to(modifier: &str, from: i64, zone: Zone) -> Option<i64> {
    let mut at = from;
    let mut rest = modifier;
    while !rest.is_empty() {
        let sign = rest.chars().next()?;
        let body = &rest[sign.len_utf8()..];
        let end = body.find(['+', '-', '@']).unwrap_or(body.len());
        let (step, after) = body.split_at(end);
        at = match sign {
            '+' => shift(step, 1, at, zone)?,
            '-' => shift(step, -1, at, zone)?,
            '@' => snap(step, at, zone)?,
            _ => return None,
        };
        rest = after;
    }
    Some(at)
}

fn shift(step: &str, sign: i64, at: i64, zone: Zone) -> Option<i64> {
    let digits = step.find(|c: char| !c.is_ascii_digit()).unwrap_or(step.len());
    let count: i64 = if digits == 0 { 1 } else { step[..digits].parse().ok()? };
    let months = |each: i64| {
        let count = u32::try_from(count.checked_mul(each)?).ok()?;
        let local = zone.to_local(at)?;
        let moved = if sign < 0 {
            local.checked_sub_months(Months::new(count))
        } else {
            local.checked_add_months(Months::new(count))
        };
        moved.and_then(within_calendar).map(|local| zone.to_micros(local))
    };
    let days = |each: i64| {
        let step = Duration::try_days(count.checked_mul(each)?.checked_mul(sign)?)?;
        within_calendar(zone.to_local(at)?.checked_add_signed(step)?).map(|local| zone.to_micros(local))
    };
    match unit(&step[digits..])? {
        Unit::Fixed(unit) => at.checked_add(count.checked_mul(unit)?.checked_mul(sign)?),
        Unit::Day => days(1),
        Unit::Week => days(7),
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
    }
}

fn snap(to: &str, at: i64, zone: Zone) -> Option<i64> {
    let local = zone.to_local(at)?;
    let midnight = |date: NaiveDate| Some(zone.to_micros(date.and_time(NaiveTime::MIN)));
    let date = local.date();
    let weekday = to.strip_prefix(['w', 'W']).and_then(|day| day.parse::<u32>().ok());
    if let Some(day) = weekday.filter(|day| *day <= 7) {
        return midnight(week_start(date, day % 7)?);
    }
    match unit(to)? {
        Unit::Fixed(unit) if unit < 60 * SECOND => Some(at - at.rem_euclid(unit)),
        Unit::Fixed(unit) => {
            let into = if unit == 60 * SECOND {
                i64::from(local.second())
            } else {
                i64::from(local.minute() * 60 + local.second())
            };
            Some(at - into * SECOND - at.rem_euclid(SECOND))
        }
        Unit::Day => midnight(date),
        Unit::Week => midnight(week_start(date, 0)?),
        Unit::Month => midnight(date.with_day(1)?),
        Unit::Quarter => midnight(date.with_day(1)?.with_month0(date.month0() / 3 * 3)?),
        Unit::Year => midnight(NaiveDate::from_ymd_opt(date.year(), 1, 1)?),
    }
}

/// The last `day` (0 = Sunday) on or before a date.
fn week_start(date: NaiveDate, day: u32) -> Option<NaiveDate> {
    let back = (date.weekday().num_days_from_sunday() + 7 - day) % 7;
    date.checked_sub_signed(Duration::try_days(back.into())?)
}

/// A local time in a format of the user's.
pub(crate) fn in_format(text: &str, format: &str, zone: Zone) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_str(text, format) {
        return Some(time.timestamp_micros());
    }
    let day = || Some(NaiveDate::parse_from_str(text, format).ok()?.and_time(NaiveTime::MIN));
    let local = NaiveDateTime::parse_from_str(text, format).ok().or_else(day)?;
    within_calendar(local).map(|local| zone.to_micros(local))
}

fn date(text: &str, zone: Zone) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    let formats = [
        "%m/%d/%Y:%H:%M:%S",
        "%m/%d/%Y:%H:%M:%S%.f",
        "%m/%d/%Y %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
    ];
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let days = ["%m/%d/%Y", "%Y-%m-%d"];
    let local = local.or_else(|| {
        days.iter().find_map(|format| Some(NaiveDate::parse_from_str(text, format).ok()?.and_time(NaiveTime::MIN)))
    });
    local.and_then(within_calendar).map(|local| zone.to_micros(local))
}

/// An instant moved by a modifier. The IR's RelativeTime snaps in UTC: it is asked for local time as if it were UTC, by
/// the zone's offset at `now`.
pub(crate) fn relative(time: Expr, modifier: Expr, zone: Zone, now: i64, span: crate::span::Span) -> Expr {
    let offset = zone.offset_at(now);
    let moved = |func: Func, time: Expr| {
        if offset == 0 {
            return time;
        }
        let seconds = build::call(func, vec![build::to_number(time), build::int(offset, span)], Type::Float, span);
        build::to_time(seconds)
    };
    let local = moved(Func::Add, time);
    moved(Func::Sub, build::call(Func::RelativeTime, vec![local, modifier], Type::Time, span))
}

/// The start of the bucket that each instant falls into. Hours and less are counted from the epoch; days and more
/// begin at local midnight, by the zone's offset at `now`.
pub(crate) fn bin(time: Expr, width: Span, zone: Zone, now: i64, span: crate::span::Span) -> Expr {
    let modifier = |unit: &str| relative(time.clone(), build::text(format!("@{unit}"), span), zone, now, span);
    match (width.unit, width.count) {
        (Unit::Month, 1) => return modifier("mon"),
        (Unit::Quarter, 1) | (Unit::Month, 3) => return modifier("q"),
        (Unit::Year, 1) | (Unit::Month, 12) => return modifier("y"),
        _ => {}
    }
    // Spans of several months have no calendar bucket in the IR: thirty days a month.
    let micros = width.micros().unwrap_or(match width.unit {
        Unit::Quarter => width.count.saturating_mul(91 * DAY),
        Unit::Year => width.count.saturating_mul(365 * DAY),
        _ => width.count.saturating_mul(30 * DAY),
    });
    let local = if micros >= DAY { -zone.offset_at(now) * SECOND } else { 0 };
    // The epoch was a Thursday; Sunday, day 0 of SPL's weeks, came three days later.
    let week = width.weekday.map_or(0, |day| (3 + i64::from(day)) % 7 * DAY);
    let mut args = vec![time.clone(), build::int(micros, span)];
    if local + week != 0 {
        args.push(build::int(local + week, span));
    }
    build::call(Func::BinTime, args, Type::Time, span)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2018-07-26T21:08:28.5Z, a Thursday.
    const NOW: i64 = 1_532_639_308_500_000;

    fn iso(micros: Option<i64>) -> String {
        micros.and_then(DateTime::from_timestamp_micros).map_or("none".into(), |t| t.format("%FT%T%.f").to_string())
    }

    fn check(zone: &str, text: &str, expected: &str) {
        let zone = Zone::parse(zone).unwrap_or_else(|| panic!("{zone}"));
        assert_eq!(iso(instant(text, NOW, zone)), expected, "{text}");
    }

    #[test]
    fn modifiers_in_utc() {
        check("UTC", "now", "2018-07-26T21:08:28.500");
        check("UTC", "-1h", "2018-07-26T20:08:28.500");
        check("UTC", "-1d@d", "2018-07-25T00:00:00");
        check("UTC", "-30d@d", "2018-06-26T00:00:00");
        check("UTC", "-70m@m", "2018-07-26T19:58:00");
        check("UTC", "@w1", "2018-07-23T00:00:00");
        check("UTC", "@w0", "2018-07-22T00:00:00");
        check("UTC", "@w7", "2018-07-22T00:00:00");
        check("UTC", "@w", "2018-07-22T00:00:00");
        check("UTC", "-1mon@mon", "2018-06-01T00:00:00");
        check("UTC", "@q", "2018-07-01T00:00:00");
        check("UTC", "-1y@y", "2017-01-01T00:00:00");
        check("UTC", "@d+2h", "2018-07-26T02:00:00");
        check("UTC", "-h@h", "2018-07-26T20:00:00");
        check("UTC", "0", "1970-01-01T00:00:00");
        check("UTC", "1532639308.5", "2018-07-26T21:08:28.500");
        check("UTC", "07/26/2018:21:08:28", "2018-07-26T21:08:28");
        check("UTC", "07/26/2018", "2018-07-26T00:00:00");
        check("UTC", "2018-07-26T21:08:28+09:00", "2018-07-26T12:08:28");
        check("UTC", "-999999999999999y", "none");
        check("UTC", "-1fortnight", "none");
        check("UTC", "yesterday", "none");
    }

    #[test]
    fn days_begin_in_the_zone() {
        check("+09:00", "@d", "2018-07-26T15:00:00");
        check("Asia/Tokyo", "-1d@d", "2018-07-25T15:00:00");
        check("Asia/Kolkata", "@h", "2018-07-26T20:30:00");
        check("America/New_York", "03/11/2018:02:30:00", "2018-03-11T07:30:00");
        assert_eq!(Zone::parse("Mars/Olympus"), None);
        assert_eq!(Zone::parse("+99:00"), None);
        assert_eq!(Zone::parse("-0330"), Some(Zone::Offset(-12_600)));
    }

    #[test]
    fn spans() {
        let micros = |text| Span::parse(text).and_then(Span::micros);
        assert_eq!(micros("5m"), Some(300 * SECOND));
        assert_eq!(micros("1d"), Some(DAY));
        assert_eq!(micros("day"), Some(DAY));
        assert_eq!(micros("100ms"), Some(100_000));
        assert_eq!(micros("10"), Some(10 * SECOND));
        assert_eq!(micros("1mon"), None);
        assert_eq!(Span::parse("1w@w1").and_then(|span| span.weekday), Some(1));
        assert_eq!(Span::parse("0h"), None);
        assert_eq!(Span::parse("5x"), None);
        assert_eq!(Span::parse(""), None);
    }
}
