//! Windows of time: `30s`, `10m`, `6h`, `7d`, `1w`, `1M`, `1y`.

const SECOND: i64 = 1_000_000;

/// A time span in microseconds; a month has thirty days and a year 365.
pub(super) fn span(text: &str) -> Option<i64> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let number: i64 = text[..text.len() - unit.len_utf8()].trim().parse().ok()?;
    let seconds = match unit {
        's' | 'S' => 1,
        'm' => 60,
        'h' | 'H' => 3_600,
        'd' | 'D' => 86_400,
        'w' | 'W' => 604_800,
        'M' => 2_592_000,
        'y' | 'Y' => 31_536_000,
        _ => return None,
    };
    number.checked_mul(seconds)?.checked_mul(SECOND).filter(|micros| *micros > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, seconds) in [
            ("30s", Some(30)),
            ("10m", Some(600)),
            (" 2 h ", Some(7200)),
            ("1M", Some(2_592_000)),
            ("1w", Some(604_800)),
        ] {
            assert_eq!(span(text), seconds.map(|s: i64| s * SECOND), "{text}");
        }
        for text in ["", "m", "10", "-5m", "0s", "1x", "99999999999999999y", "1.5h", "東"] {
            assert_eq!(span(text), None, "{text}");
        }
    }
}
