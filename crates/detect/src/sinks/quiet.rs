//! Quiet hours: notices wait until they are over, on the clock of whoever is not to be woken. What is bad enough passes.

use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use serde::Deserialize;

use super::Severity;

/// `quiet = { from = "22:00", to = "07:00", timezone = "Asia/Tokyo", days = ["sat", "sun"], except = "critical" }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuietKeys {
    from: String,
    to: String,
    timezone: String,
    /// Days on which the hours begin; every day where none is given.
    #[serde(default)]
    days: Vec<String>,
    /// Least severity that passes; `none` lets nothing pass.
    #[serde(default = "critical")]
    except: String,
}

fn critical() -> String {
    "critical".to_owned()
}

/// Quiet hours, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quiet {
    from: NaiveTime,
    to: NaiveTime,
    zone: Tz,
    days: Vec<Weekday>,
    except: Option<Severity>,
}

impl Quiet {
    pub(crate) fn new(keys: QuietKeys) -> Result<Self, String> {
        let time = |text: &str| {
            NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| format!("`quiet`: `{text}` is no time such as 22:00"))
        };
        let day = |text: &String| text.parse().map_err(|_| format!("`quiet`: `{text}` is no day such as mon"));
        let zone = keys.timezone.parse();
        let except = match keys.except.as_str() {
            "none" => None,
            text => Some(
                Severity::named(text)
                    .ok_or_else(|| format!("`quiet`: `except` is a severity or none, not `{text}`"))?,
            ),
        };
        let quiet = Self {
            from: time(&keys.from)?,
            to: time(&keys.to)?,
            zone: zone.map_err(|_| {
                format!("`quiet`: there is no time zone `{}`; give one such as Asia/Tokyo", keys.timezone)
            })?,
            days: keys.days.iter().map(day).collect::<Result<_, _>>()?,
            except,
        };
        if quiet.from == quiet.to { Err("`quiet`: `from` and `to` are the same time".to_owned()) } else { Ok(quiet) }
    }

    /// When a notice may leave, if not now.
    pub(crate) fn until(&self, now: DateTime<Utc>, severity: Severity) -> Option<DateTime<Utc>> {
        if self.except.is_some_and(|least| severity >= least) {
            return None;
        }
        let today = now.with_timezone(&self.zone).date_naive();
        // Hours that began yesterday may last until today.
        let days = [today.pred_opt(), Some(today)];
        days.into_iter()
            .flatten()
            .filter_map(|day| self.span(day))
            .find(|(from, to)| *from <= now && now < *to)
            .map(|s| s.1)
    }

    /// The quiet hours that begin on a day.
    fn span(&self, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        if !self.days.is_empty() && !self.days.contains(&day.weekday()) {
            return None;
        }
        let last = if self.to <= self.from { day.checked_add_days(Days::new(1))? } else { day };
        Some((self.instant(day, self.from)?, self.instant(last, self.to)?))
    }

    /// A local time as an instant. A time that a change of clocks leaves out is taken as the next that there is.
    fn instant(&self, day: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
        let local = day.and_time(time);
        let tries = (0..=12).map(|n| local + chrono::TimeDelta::minutes(n * 15));
        tries.filter_map(|t| self.zone.from_local_datetime(&t).earliest()).map(|t| t.to_utc()).next()
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{} {}", self.from.format("%H:%M"), self.to.format("%H:%M"), self.zone)?;
        let days: Vec<String> = self.days.iter().map(ToString::to_string).collect();
        if days.is_empty() { Ok(()) } else { write!(f, " ({})", days.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(toml: &str) -> Result<Quiet, String> {
        Quiet::new(toml::from_str(toml).unwrap())
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn hours_hold_notices_back() {
        let night = "from = '22:00'\nto = '07:00'\ntimezone = 'Asia/Tokyo'";
        let check = |toml: &str, now: &str, severity: Severity, until: Option<&str>| {
            let found = quiet(toml).unwrap().until(at(now), severity);
            assert_eq!(found, until.map(at), "{toml} {now} {severity:?}");
        };
        use Severity::*;
        // 22:00 in Tokyo is 13:00 UTC.
        check(night, "2026-01-15T12:59:59Z", High, None);
        check(night, "2026-01-15T13:00:00Z", High, Some("2026-01-15T22:00:00Z"));
        check(night, "2026-01-15T21:59:59Z", High, Some("2026-01-15T22:00:00Z"));
        check(night, "2026-01-15T22:00:00Z", High, None);
        check(night, "2026-01-15T15:00:00Z", Critical, None);
        check(&format!("{night}\nexcept = 'none'"), "2026-01-15T15:00:00Z", Critical, Some("2026-01-15T22:00:00Z"));
        check(&format!("{night}\nexcept = 'high'"), "2026-01-15T15:00:00Z", High, None);
        // A Saturday; its hours last into Sunday.
        let weekend = "from = '08:00'\nto = '08:00'\ntimezone = 'UTC'\ndays = ['sat']"
            .replace("'08:00'\nto = '08:00'", "'08:00'\nto = '07:00'");
        check(&weekend, "2026-01-17T09:00:00Z", Low, Some("2026-01-18T07:00:00Z"));
        check(&weekend, "2026-01-18T06:00:00Z", Low, Some("2026-01-18T07:00:00Z"));
        check(&weekend, "2026-01-18T09:00:00Z", Low, None);
        // On that night the clocks of Berlin skip 02:30.
        let skipped = "from = '01:00'\nto = '02:30'\ntimezone = 'Europe/Berlin'";
        check(skipped, "2026-03-29T00:30:00Z", Low, Some("2026-03-29T01:00:00Z"));
    }

    #[test]
    fn mistakes_are_named() {
        for (toml, says) in [
            ("from = '22'\nto = '07:00'\ntimezone = 'UTC'", "no time"),
            ("from = '22:00'\nto = '22:00'\ntimezone = 'UTC'", "same time"),
            ("from = '22:00'\nto = '07:00'\ntimezone = 'Tokyo'", "no time zone"),
            ("from = '22:00'\nto = '07:00'\ntimezone = 'UTC'\ndays = ['x']", "no day"),
            ("from = '22:00'\nto = '07:00'\ntimezone = 'UTC'\nexcept = 'x'", "severity"),
        ] {
            assert!(quiet(toml).is_err_and(|e| e.contains(says)), "{toml}");
        }
    }

    #[test]
    fn hours_are_shown() {
        let quiet = quiet("from = '22:00'\nto = '07:00'\ntimezone = 'Asia/Tokyo'\ndays = ['sat', 'sunday']").unwrap();
        assert_eq!(quiet.to_string(), "22:00-07:00 Asia/Tokyo (Sat, Sun)");
    }
}
