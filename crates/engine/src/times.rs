//! Time bounds as people give them to a query: `-7d`, `now`, `@d`, ISO 8601, epoch seconds.

use crate::functions::convert::{parse_instant, parse_number};
use crate::functions::time::apply_modifier;

/// An instant in microseconds since the epoch; none where the text is no time.
///
/// `now` is the instant that relative texts count from, microseconds.
#[must_use]
pub fn parse_time(text: &str, now: i64) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if text == "now" || text.starts_with(['-', '+', '@']) {
        return apply_modifier(now, text);
    }
    parse_instant(text).or_else(|| parse_number(text).map(|seconds| (seconds * 1e6) as i64))
}
