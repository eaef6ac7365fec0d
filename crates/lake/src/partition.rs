//! Which partition a row is stored in. A day of its own has every row whose time is believed; rows whose time was flagged when they
//! came in (`time_status`) go by the year, and those outside of all reason to one partition at each end, so that events of any
//! dates open a bounded number of files. What day a row is of, its `event_time` says; a partition is but where it lies.

use chrono::{Datelike, NaiveDate};

const DAY: i64 = 86_400_000_000;

/// The partition of rows from before 1970: 1969-12-31.
pub(crate) const EARLY: i32 = -1;
/// The partition of rows from the future: 9999-12-31.
pub(crate) const FUTURE: i32 = 2_932_896;

/// What is said of a row's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flag {
    Future,
    Old,
}

impl Flag {
    /// What the column `time_status` says.
    pub(crate) fn read(status: &str) -> Self {
        if status == "future" { Self::Future } else { Self::Old }
    }
}

/// The partition of a row of the day `date` (days since 1970-01-01), flagged or not.
pub(crate) fn partition_of(date: i32, flag: Option<Flag>) -> i32 {
    match flag {
        None => date,
        Some(Flag::Future) => FUTURE,
        Some(Flag::Old) if date < 0 => EARLY,
        Some(Flag::Old) => last_of_year(date).unwrap_or(FUTURE),
    }
}

/// The last day of a day's year.
fn last_of_year(date: i32) -> Option<i32> {
    let year = NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(date.into()))?.year();
    let last = NaiveDate::from_ymd_opt(year, 12, 31)?;
    i32::try_from(last.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// The first and the last day that a file of a partition has rows of, as far as that is known: by its least and greatest time.
pub(crate) fn days_of(partition: Option<i32>, times: (Option<i64>, Option<i64>)) -> Option<(i32, i32)> {
    match (partition, times) {
        (Some(_), (Some(min), Some(max))) => Some((day_of(min), day_of(max))),
        // Times that the log can't hold: those of no year from 0 to 9999.
        (None | Some(EARLY | FUTURE), _) => None,
        (Some(day), _) => Some((day, day)),
    }
}

/// The day of an instant, microseconds.
fn day_of(micros: i64) -> i32 {
    i32::try_from(micros.div_euclid(DAY)).unwrap_or(if micros < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::days;

    #[test]
    fn flagged_rows_go_by_the_year() {
        let check = |day: &str, flag: Option<Flag>, expected: &str| {
            let day = days(day).unwrap();
            assert_eq!(partition_of(day, flag), days(expected).unwrap(), "{day} {flag:?}");
        };
        check("2024-02-29", None, "2024-02-29");
        check("2024-02-29", Some(Flag::Old), "2024-12-31");
        check("2023-12-31", Some(Flag::Old), "2023-12-31");
        check("1970-01-01", Some(Flag::Old), "1970-12-31");
        check("1969-12-31", Some(Flag::Old), "1969-12-31");
        check("0001-01-01", Some(Flag::Old), "1969-12-31");
        check("2027-01-01", Some(Flag::Future), "9999-12-31");
        check("9999-12-31", Some(Flag::Future), "9999-12-31");
        assert_eq!([partition_of(i32::MIN, Some(Flag::Old)), partition_of(i32::MAX, Some(Flag::Old))], [EARLY, FUTURE]);
        assert_eq!(
            [partition_of(i32::MIN, Some(Flag::Future)), partition_of(i32::MAX, Some(Flag::Future))],
            [FUTURE; 2]
        );
    }

    #[test]
    fn a_file_is_of_the_days_of_its_rows() {
        let check =
            |partition, times, expected| assert_eq!(days_of(partition, times), expected, "{partition:?} {times:?}");
        check(Some(10), (Some(10 * DAY), Some(11 * DAY - 1)), Some((10, 10)));
        check(Some(365), (Some(10 * DAY), Some(20 * DAY)), Some((10, 20)));
        // A foreign writer left the bounds out; rows are of the partition's day.
        check(Some(10), (None, None), Some((10, 10)));
        check(Some(EARLY), (None, Some(5)), None);
        check(Some(FUTURE), (Some(5), None), None);
        check(None, (Some(5), Some(5)), None);
    }
}
