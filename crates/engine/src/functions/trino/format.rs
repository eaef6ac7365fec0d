//! Layouts of dates and times: MySQL's codes (`date_format`, `date_parse`) and Joda's letters (`format_datetime`,
//! `parse_datetime`), both as chrono's.

use chrono::format::{Item, Parsed, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;

/// A layout, read once.
pub(super) struct Layout {
    items: Vec<Item<'static>>,
}

impl Layout {
    /// MySQL's codes.
    pub(super) fn mysql(format: &str) -> Option<Self> {
        Self::chrono(&mysql(format))
    }

    /// Joda's letters.
    pub(super) fn joda(format: &str) -> Option<Self> {
        Self::chrono(&joda(format))
    }

    /// C's codes, as DuckDB's `strftime` takes them.
    pub(super) fn c(format: &str) -> Option<Self> {
        Self::chrono(format)
    }

    fn chrono(format: &str) -> Option<Self> {
        let items: Vec<_> = StrftimeItems::new(format).map(Item::to_owned).collect();
        (!items.contains(&Item::Error)).then_some(Self { items })
    }

    /// An instant in a zone.
    pub(super) fn format(&self, micros: i64, zone: Tz) -> Option<String> {
        let time = DateTime::from_timestamp_micros(micros)?.with_timezone(&zone);
        Some(time.format_with_items(self.items.iter()).to_string())
    }

    /// A text as an instant; what the layout leaves out is that of 1970-01-01T00:00:00Z.
    pub(super) fn parse(&self, text: &str) -> Option<i64> {
        let mut parsed = Parsed::new();
        chrono::format::parse(&mut parsed, text.trim(), self.items.iter()).ok()?;
        let date = parsed.to_naive_date().ok().or_else(|| partial_date(&parsed))?;
        let time = partial_time(&parsed)?;
        let offset = parsed.offset().unwrap_or(0);
        Some(NaiveDateTime::new(date, time).and_utc().timestamp_micros() - i64::from(offset) * 1_000_000)
    }
}

fn partial_date(parsed: &Parsed) -> Option<NaiveDate> {
    let year = parsed.year().or_else(|| parsed.year_mod_100().map(|y| if y < 70 { 2000 + y } else { 1900 + y }));
    NaiveDate::from_ymd_opt(year.unwrap_or(1970), parsed.month().unwrap_or(1), parsed.day().unwrap_or(1))
}

fn partial_time(parsed: &Parsed) -> Option<NaiveTime> {
    let hour = match (parsed.hour_div_12(), parsed.hour_mod_12()) {
        (Some(half), Some(hour)) => half * 12 + hour,
        (None, Some(hour)) => hour,
        _ => 0,
    };
    let second = parsed.second().unwrap_or(0).min(59);
    NaiveTime::from_hms_nano_opt(hour, parsed.minute().unwrap_or(0), second, parsed.nanosecond().unwrap_or(0))
}

fn mysql(format: &str) -> String {
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let Some(code) = chars.next() else { break };
        let spelled = match code {
            'a' => "%a",
            'b' => "%b",
            'c' => "%-m",
            'd' => "%d",
            'e' => "%-d",
            'f' => "%6f",
            'H' => "%H",
            'h' | 'I' => "%I",
            'i' => "%M",
            'j' => "%j",
            'k' => "%-H",
            'l' => "%-I",
            'M' => "%B",
            'm' => "%m",
            'p' => "%p",
            'r' => "%I:%M:%S %p",
            'S' | 's' => "%S",
            'T' => "%H:%M:%S",
            'v' | 'u' => "%V",
            'W' => "%A",
            'w' => "%w",
            'Y' => "%Y",
            'y' => "%y",
            'x' => "%G",
            '%' => "%%",
            other => {
                literal(other, &mut out);
                continue;
            }
        };
        out.push_str(spelled);
    }
    out
}

fn joda(format: &str) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(&rest[1..], &mut out);
            continue;
        }
        let run = rest.chars().take_while(|c| *c == first).count();
        if first.is_ascii_alphabetic() {
            out.push_str(&letters(first, run));
        } else {
            rest.chars().take(run).for_each(|c| literal(c, &mut out));
        }
        rest = &rest[run * first.len_utf8()..];
    }
    out
}

/// A quoted literal, to its end or the text's; `''` is a quote.
fn quoted<'a>(rest: &'a str, out: &mut String) -> &'a str {
    if let Some(after) = rest.strip_prefix('\'') {
        out.push('\'');
        return after;
    }
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            literal(c, out);
        } else if chars.peek().is_some_and(|(_, c)| *c == '\'') {
            out.push('\'');
            chars.next();
        } else {
            return &rest[at + 1..];
        }
    }
    ""
}

fn literal(c: char, out: &mut String) {
    out.push(c);
    if c == '%' {
        out.push('%');
    }
}

fn letters(letter: char, run: usize) -> String {
    let padded = |two: &str, one: &str| if run >= 2 { two.to_owned() } else { one.to_owned() };
    match letter {
        'y' | 'Y' | 'u' if run == 2 => "%y".into(),
        'y' | 'Y' | 'u' => "%Y".into(),
        'x' => "%G".into(),
        'w' => padded("%V", "%-V"),
        'e' => "%u".into(),
        'E' if run >= 4 => "%A".into(),
        'E' => "%a".into(),
        'D' => "%j".into(),
        'M' | 'L' if run >= 4 => "%B".into(),
        'M' | 'L' if run == 3 => "%b".into(),
        'M' | 'L' => padded("%m", "%-m"),
        'd' => padded("%d", "%-d"),
        'a' => "%p".into(),
        'H' | 'k' => padded("%H", "%-H"),
        'h' | 'K' => padded("%I", "%-I"),
        'm' => padded("%M", "%-M"),
        's' => padded("%S", "%-S"),
        'S' if run <= 3 => "%3f".into(),
        'S' if run <= 6 => "%6f".into(),
        'S' => "%9f".into(),
        'Z' | 'X' if run == 2 => "%:z".into(),
        'Z' | 'X' if run == 1 => "%z".into(),
        'z' | 'Z' => "%Z".into(),
        other => other.to_string().repeat(run),
    }
}

/// A day in any of the layouts of partition columns: `2024-01-31`, `2024/01/31`, `20240131`, with or without a time after
/// it; days since the epoch.
pub(crate) fn parse_day(text: &str) -> Option<i32> {
    let text = text.trim();
    let layout = day_layout(text)?;
    let length = if layout == "%Y%m%d" { 8 } else { 10 };
    let date = NaiveDate::parse_from_str(text.get(..length)?, layout).ok()?;
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// Which of those layouts a text begins with.
pub(crate) fn day_layout(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| bytes.get(from..to).is_some_and(|b| b.iter().all(u8::is_ascii_digit));
    if !digits(0, 4) {
        return None;
    }
    match bytes.get(4) {
        Some(b'-') if digits(5, 7) && bytes.get(7) == Some(&b'-') && digits(8, 10) => Some("%Y-%m-%d"),
        Some(b'/') if digits(5, 7) && bytes.get(7) == Some(&b'/') && digits(8, 10) => Some("%Y/%m/%d"),
        _ if digits(0, 8) && bytes.len() >= 8 => Some("%Y%m%d"),
        _ => None,
    }
}

/// A local time of a zone as an instant; the earlier one where clocks went back.
pub(super) fn local_to_utc(micros: i64, zone: Tz) -> Option<i64> {
    let local = DateTime::from_timestamp_micros(micros)?.naive_utc();
    zone.from_local_datetime(&local).earliest().map(|t| t.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(layout: Option<Layout>, text: &str, expected: Option<&str>) {
        let found = layout.and_then(|l| l.parse(text)).map(crate::functions::convert::instant_text);
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn mysql_and_joda_read_texts() {
        check(Layout::mysql("%Y-%m-%dT%H:%i:%sZ"), "2024-05-01T10:02:03Z", Some("2024-05-01T10:02:03Z"));
        check(Layout::mysql("%Y-%m"), "2024-05", Some("2024-05-01T00:00:00Z"));
        check(Layout::joda("yyyy-MM-dd'T'HH:mm:ss'Z'"), "2024-05-01T10:02:03Z", Some("2024-05-01T10:02:03Z"));
        // Athena's own guide leaves the last quote open.
        check(
            Layout::joda("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z"),
            "2018-05-30T01:02:03.000004Z",
            Some("2018-05-30T01:02:03.000004Z"),
        );
        check(Layout::joda("dd/MMM/yyyy:HH:mm:ss Z"), "06/Feb/2019:00:00:38 +0900", Some("2019-02-05T15:00:38Z"));
        check(Layout::joda("yyyy-MM-dd-HH:mm:ss"), "2020-09-24-00:08:00", Some("2020-09-24T00:08:00Z"));
        check(Layout::joda("yyyy"), "nonsense", None);
    }

    #[test]
    fn days_in_the_layouts_of_partitions() {
        for text in ["2024-01-31", "2024/01/31", "20240131", "2024/01/31/05", "2024-01-31T05:00:00Z"] {
            assert_eq!(parse_day(text), Some(19753), "{text}");
        }
        for text in ["2024", "####", "YYYY-MM-DD", "2024-13-45", ""] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }
}
