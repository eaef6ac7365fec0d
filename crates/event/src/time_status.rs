//! Whether an event's own time can be believed: judged by the clock once, when the event comes in, and kept beside it.

const DAY: i64 = 86_400_000_000;

/// How far ahead of the clock an event's time may be: clocks differ, zones are mistaken. Microseconds.
pub const AHEAD: i64 = DAY;

/// How far behind it may be where nobody says otherwise: a year. Microseconds.
pub const OLD_AFTER: i64 = 365 * DAY;

/// The event's time is more than [`AHEAD`] of the clock.
pub const FUTURE: &str = "future";

/// The event's time is too far behind the clock.
pub const OLD: &str = "old";

/// What the column `time_status` says of an event that came in at `ingest_time` by the clock; all in microseconds.
pub fn time_status(event_time: i64, ingest_time: i64, old_after: i64) -> Option<&'static str> {
    let ahead = event_time.saturating_sub(ingest_time);
    if ahead > AHEAD {
        Some(FUTURE)
    } else if ahead < old_after.saturating_neg() {
        Some(OLD)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_judged_by_the_clock() {
        let now = 1_790_000_000_000_000;
        let check =
            |time: i64, expected: Option<&str>| assert_eq!(time_status(time, now, OLD_AFTER), expected, "{time}");
        check(now, None);
        check(now + DAY, None);
        check(now + DAY + 1, Some(FUTURE));
        check(i64::MAX, Some(FUTURE));
        check(now - 365 * DAY, None);
        check(now - 365 * DAY - 1, Some(OLD));
        check(now - 400 * DAY, Some(OLD));
        check(0, Some(OLD));
        check(i64::MIN, Some(OLD));
    }
}
