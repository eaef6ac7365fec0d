//! Times as CloudTrail and the tools that carry its records write them, to microseconds since the epoch.

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Microseconds since the epoch, UTC, of an ISO 8601 time (extended `2013-11-02T01:06:28Z` or basic `20131102T010628Z`,
/// with fraction and offset where given; no zone means UTC) or of an epoch number in seconds, milliseconds, microseconds
/// or nanoseconds, told apart by size. Years 0 to 9999. `None`: not a time.
pub fn parse(text: &str) -> Option<i64> {
    let bytes = text.trim().as_bytes();
    match bytes {
        [_, _, _, _, b'-', _, _, b'-', _, _, rest @ ..] => {
            let date = date(&bytes[..4], &bytes[5..7], &bytes[8..10])?;
            date.checked_add(clock(rest, b":")?)
        }
        [_, _, _, _, _, _, _, _, b'T' | b't', ..] => {
            let date = date(&bytes[..4], &bytes[4..6], &bytes[6..8])?;
            date.checked_add(clock(&bytes[8..], b"")?)
        }
        _ => epoch(text.trim()),
    }
}

/// Microseconds since the epoch, UTC, of a web server's time, `31/Jan/2023:09:25:21 +0000`. `None`: not one.
pub fn parse_clf(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let bytes = text.as_bytes();
    let [_, _, b'/', _, _, _, b'/', _, _, _, _, b':', rest @ ..] = bytes else { return None };
    let month = MONTHS.iter().position(|month| month.as_bytes().eq_ignore_ascii_case(&bytes[3..6]))? as i64 + 1;
    let (year, day) = (digits(&bytes[7..11])?, digits(&bytes[..2])?);
    if day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let (clock_part, zone_part) = rest.split_at_checked(8)?;
    let time = clock([b"T", clock_part].concat().as_slice(), b":")?;
    Some(days_from_civil(year, month, day) * DAY + time - zone(zone_part.trim_ascii())?)
}

/// Days since the epoch of microseconds since the epoch, rounding down.
pub fn day(micros: i64) -> i32 {
    // The quotient of any i64 by a day's microseconds is within ±107 million.
    micros.div_euclid(DAY) as i32
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

fn date(year: &[u8], month: &[u8], day: &[u8]) -> Option<i64> {
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    Some(days_from_civil(year, month, day) * DAY)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in 400-year eras of years that begin in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Time of day with its zone, as microseconds to add to the date; empty: midnight.
fn clock(bytes: &[u8], separator: &[u8]) -> Option<i64> {
    let bytes = match bytes {
        [] => return Some(0),
        [b'T' | b't' | b' ', rest @ ..] => rest,
        _ => return None,
    };
    let (hour, rest) = two(bytes)?;
    let (minute, rest) = two(rest.strip_prefix(separator)?)?;
    let (second, rest) = two(rest.strip_prefix(separator)?)?;
    // A leap second counts as the last second of its minute's successor: 60 is let through.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, rest) = fraction(rest)?;
    Some((hour * 3600 + minute * 60 + second) * SECOND + fraction - zone(rest)?)
}

fn two(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (head, rest) = bytes.split_at_checked(2)?;
    Some((digits(head)?, rest))
}

fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let [b'.' | b',', rest @ ..] = bytes else { return Some((0, bytes)) };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let kept = &rest[..length.min(6)];
    let scale = 10i64.pow(6 - kept.len() as u32);
    Some((digits(kept)? * scale, &rest[length..]))
}

/// Offset east of UTC in microseconds.
fn zone(bytes: &[u8]) -> Option<i64> {
    let (sign, rest) = match bytes {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = two(rest)?;
    let minutes = match rest {
        [] => 0,
        [b':', rest @ ..] | rest => digits(rest).filter(|_| rest.len() == 2)?,
    };
    (hours <= 18 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60) * SECOND)
}

fn epoch(text: &str) -> Option<i64> {
    let number: f64 = text.parse().ok()?;
    let whole = text.parse::<i64>().ok();
    match number.abs() {
        size if size < 1e11 => Some(whole.map_or((number * 1e6) as i64, |seconds| seconds * SECOND)),
        size if size < 1e14 => Some(whole.map_or((number * 1e3) as i64, |millis| millis * 1000)),
        size if size < 1e17 => Some(whole.unwrap_or(number as i64)),
        size if size < 9.2e18 => Some(whole.unwrap_or(number as i64) / 1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn times_in_every_form_that_occurs() {
        check("1970-01-01T00:00:00Z", Some(0));
        check("2023-07-10T11:45:00Z", Some(1_688_989_500 * SECOND));
        check("20131102T010628Z", Some(1_383_354_388 * SECOND));
        check("2023-07-10T11:45:00.25Z", Some(1_688_989_500 * SECOND + 250_000));
        check("2023-07-10T11:45:00.123456789Z", Some(1_688_989_500 * SECOND + 123_456));
        check("2023-07-10 11:45:00", Some(1_688_989_500 * SECOND));
        check("2023-07-10T20:45:00+09:00", Some(1_688_989_500 * SECOND));
        check("2023-07-10T06:15:00-0530", Some(1_688_989_500 * SECOND));
        check("2023-07-10T11:45:00+00", Some(1_688_989_500 * SECOND));
        check("2023-07-10", Some(1_688_947_200 * SECOND));
        check(" 2023-07-10T11:45:00Z ", Some(1_688_989_500 * SECOND));
        check("1688989500", Some(1_688_989_500 * SECOND));
        check("1688989500123", Some(1_688_989_500_123_000));
        check("1688989500.5", Some(1_688_989_500_500_000));
        check("1688989500123456", Some(1_688_989_500_123_456));
        check("1688989500123456789", Some(1_688_989_500_123_456));
        check("2024-02-29T00:00:00Z", Some(1_709_164_800 * SECOND));
        check("2016-12-31T23:59:60Z", Some(1_483_228_800 * SECOND));
    }

    #[test]
    fn times_of_web_servers() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(parse_clf(text), expected, "{text}");
        check("31/Jan/2023:09:25:21 +0000", Some(1_675_157_121 * SECOND));
        check("31/Jan/2023:10:25:21 +0100", Some(1_675_157_121 * SECOND));
        for text in
            ["", "31/Foo/2023:09:25:21 +0000", "31/Jan/2023", "32/Jan/2023:09:25:21 +0000", "31/Jan/2023:9:25:21"]
        {
            check(text, None);
        }
    }

    #[test]
    fn the_ends_of_the_calendar() {
        check("0000-01-01T00:00:00Z", Some(-62_167_219_200 * SECOND));
        check("9999-12-31T23:59:59Z", Some(253_402_300_799 * SECOND));
    }

    #[test]
    fn what_is_not_a_time() {
        for text in [
            "",
            "yesterday",
            "2023-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2023-00-10T00:00:00Z",
            "2023-07-10T24:00:00Z",
            "2023-07-10T11:45:00X",
            "2023-07-10T11:45",
            "2023-07-10T1:45:00Z",
            "2023-07-10T11:45:00.Z",
            "é023-07-10T11:45:00Z",
            "2023-07-10T11:45:00+9",
            "2023-07-10T11:45:00+99:00",
            "NaN",
            "inf",
            "1e300",
            "20131102T0106Z",
            "2023-07-1０T00:00:00Z",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn days_round_down() {
        assert_eq!((day(0), day(-1), day(DAY), day(DAY - 1)), (0, -1, 1, 0));
    }
}
