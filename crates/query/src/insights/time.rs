//! Lengths of time (`5m`, `1mo`), and buckets of them. Buckets of days and shorter begin at multiples since the epoch, UTC;
//! weeks on Mondays; months, quarters and years with the calendar.

use super::ast::{Period, Unit};
use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// The first Monday after the epoch, so that weeks begin on one.
const MONDAY: i64 = 4 * DAY;

/// The unit that an abbreviation means.
pub(super) fn unit(text: &str) -> Option<Unit> {
    Some(match text.to_ascii_lowercase().as_str() {
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => Unit::Millisecond,
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Second,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minute,
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hour,
        "d" | "day" | "days" => Unit::Day,
        "w" | "wk" | "wks" | "week" | "weeks" => Unit::Week,
        "mo" | "mon" | "month" | "months" => Unit::Month,
        "q" | "qtr" | "qtrs" | "quarter" | "quarters" => Unit::Quarter,
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Year,
        _ => return None,
    })
}

impl Period {
    /// Microseconds, where it always is as many.
    pub(super) fn micros(self) -> Option<i64> {
        let unit = match self.unit {
            Unit::Millisecond => 1000,
            Unit::Second => SECOND,
            Unit::Minute => 60 * SECOND,
            Unit::Hour => 3600 * SECOND,
            Unit::Day => DAY,
            Unit::Week => 7 * DAY,
            Unit::Month | Unit::Quarter | Unit::Year => return None,
        };
        self.count.checked_mul(unit)
    }

    /// The calendar unit that buckets snap to; none where no unit of the calendar is as long.
    fn calendar(self) -> Option<&'static str> {
        match (self.count, self.unit) {
            (1, Unit::Month) => Some("@mon"),
            (3, Unit::Month) | (1, Unit::Quarter) => Some("@q"),
            (12, Unit::Month) | (4, Unit::Quarter) | (1, Unit::Year) => Some("@y"),
            _ => None,
        }
    }

    /// The start of the bucket that an instant lies in; none: there are no such buckets.
    pub(super) fn floor(self, time: Expr, span: Span) -> Option<Expr> {
        if let Some(width) = self.micros() {
            let mut args = vec![time, build::int(width, span)];
            if self.unit == Unit::Week {
                args.push(build::int(MONDAY, span));
            }
            return Some(build::call(Func::BinTime, args, Type::Time, span));
        }
        let modifier = build::text(self.calendar()?, span);
        Some(build::call(Func::RelativeTime, vec![time, modifier], Type::Time, span))
    }

    /// The start of the next bucket, or the instant itself where it starts one.
    pub(super) fn ceil(self, time: &Expr, span: Span) -> Option<Expr> {
        let floor = self.floor(time.clone(), span)?;
        let unit = match self.unit {
            Unit::Millisecond => return Some(self.ceil_millis(time.clone(), span)),
            Unit::Second => "s",
            Unit::Minute => "m",
            Unit::Hour => "h",
            Unit::Day => "d",
            Unit::Week => "w",
            Unit::Month => "mon",
            Unit::Quarter => "q",
            Unit::Year => "y",
        };
        let step = build::text(format!("+{}{unit}", self.count), span);
        let next = build::call(Func::RelativeTime, vec![floor.clone(), step], Type::Time, span);
        let exact = build::call(Func::Eq, vec![floor, time.clone()], Type::Bool, span);
        Some(build::call(Func::If, vec![exact, time.clone(), next], Type::Time, span))
    }

    #[allow(clippy::cast_precision_loss)]
    fn ceil_millis(self, time: Expr, span: Span) -> Expr {
        let per_second = build::float(1000.0 / self.count as f64, span);
        let buckets = build::call(Func::Mul, vec![build::to_number(time), per_second.clone()], Type::Float, span);
        let up = build::call(Func::Ceil, vec![buckets], Type::Float, span);
        build::to_time(build::call(Func::Div, vec![up, per_second], Type::Float, span))
    }
}

/// A moment as `START=` and `END=` write it: seconds or milliseconds since the epoch, ISO 8601, or a length of time before
/// now (`-3600s`). Microseconds since the epoch.
pub(super) fn moment(text: &str, now: i64) -> Option<i64> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") || text.eq_ignore_ascii_case("now()") {
        return Some(now);
    }
    if let Ok(number) = text.parse::<i64>() {
        let small = number.abs() < 100_000_000_000;
        return match number {
            0 => Some(now),
            _ if number < 0 => now.checked_add(number.checked_mul(SECOND)?),
            _ => number.checked_mul(if small { SECOND } else { 1000 }),
        };
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if let (Ok(count), Some(unit)) = (rest[..digits].parse(), unit(&rest[digits..])) {
        return now.checked_add(Period { count, unit }.micros()?.checked_mul(sign)?);
    }
    iso(text)
}

/// ISO 8601, in UTC where no offset is given.
pub(super) fn iso(text: &str) -> Option<i64> {
    if let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = chrono::NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc().timestamp_micros());
        }
    }
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let now = 1_700_000_000 * SECOND;
        for (text, expected) in [
            ("-3600s", Some(now - 3600 * SECOND)),
            ("-1h", Some(now - 3600 * SECOND)),
            ("-60", Some(now - 60 * SECOND)),
            ("0s", Some(now)),
            ("1700000000", Some(now)),
            ("1700000000000", Some(now)),
            ("2023-11-14T22:13:20Z", Some(now)),
            ("2023-11-14", Some(now - 80_000 * SECOND)),
            ("soon", None),
        ] {
            assert_eq!(moment(text, now), expected, "{text}");
        }
    }
}
