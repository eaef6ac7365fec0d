//! Spans of time as rules write them: `30s`, `10m`, `1h`, `14d`.

use serde::Serializer;

const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Microseconds of a span of time; none where it is none, or no longer than nothing, or longer than a hundred years.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let unit = text.chars().next_back()?;
    let (_, seconds) = UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
    let number: i64 = text[..text.len() - 1].trim().parse().ok()?;
    let seconds = number.checked_mul(seconds).filter(|seconds| (1..=36_500 * 86_400).contains(seconds))?;
    seconds.checked_mul(1_000_000)
}

/// A span of time in the largest unit that says it whole.
#[must_use]
pub fn text(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let unit = UNITS.into_iter().find(|(_, unit)| seconds >= *unit && seconds % unit == 0);
    let (letter, unit) = unit.unwrap_or(('s', 1));
    format!("{}{letter}", seconds / unit)
}

pub(super) fn serialize<S: Serializer>(micros: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_are_read_and_written() {
        for (given, micros, written) in [
            ("30s", 30_000_000, "30s"),
            ("10m", 600_000_000, "10m"),
            ("60m", 3_600_000_000, "1h"),
            ("14d", 14 * 86_400_000_000, "14d"),
            (" 90 s ", 90_000_000, "90s"),
        ] {
            assert_eq!(parse(given), Some(micros), "{given}");
            assert_eq!(text(micros), written, "{given}");
        }
        for bad in ["", "5", "m", "0s", "-1h", "1w", "1.5h", "99999999999d", "1日"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
