//! Text functions whose meaning differs from DataFusion's of the same name, or that it lacks.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use datafusion::common::Result;
use regex::Regex;

use super::matching::regex;
use super::{Args, lists, map_text, texts};

/// `(text, start[, length])`: 1-based; a negative start counts from the end.
pub(crate) fn substr(args: &Args<'_>) -> Result<ArrayRef> {
    let (text, start) = (args.text(0)?, args.ints(1)?);
    let length = if args.len() > 2 { Some(args.ints(2)?) } else { None };
    Ok(texts((0..args.rows()).map(|row| {
        let (text, start) =
            ((!text.is_null(row)).then(|| text.value(row))?, (!start.is_null(row)).then(|| start.value(row))?);
        let count = text.chars().count() as i64;
        let from = if start < 0 { (count + start).max(0) } else { (start - 1).max(0) };
        let most = length.as_ref().map_or(i64::MAX, |l| l.value(row)).max(0);
        Some(text.chars().skip(from as usize).take(most as usize).collect::<String>())
    })))
}

/// Percent-decoding; what is no valid UTF-8 afterwards is replaced.
pub(crate) fn url_decode(args: &Args<'_>) -> Result<ArrayRef> {
    Ok(map_text(&args.text(0)?, |text| Some(percent_decode(text))))
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// SHA-1 as hex.
pub(crate) fn sha1(args: &Args<'_>) -> Result<ArrayRef> {
    use sha1::Digest;
    Ok(map_text(&args.text(0)?, |text| {
        let digest = sha1::Sha1::digest(text.as_bytes());
        Some(digest.iter().map(|b| format!("{b:02x}")).collect::<String>())
    }))
}

/// Pattern and group arguments of an extraction, compiled per distinct pattern.
struct Patterns {
    last: Option<(String, Regex)>,
}

impl Patterns {
    fn get(&mut self, pattern: &str) -> Result<Option<&Regex>> {
        if self.last.as_ref().is_none_or(|(p, _)| p != pattern) {
            self.last = Some((pattern.to_owned(), regex(pattern)?));
        }
        Ok(self.last.as_ref().map(|(_, r)| r))
    }
}

/// `(text, regex, group)`: the named (or numbered) group of the first match.
pub(crate) fn regex_extract(args: &Args<'_>) -> Result<ArrayRef> {
    let (text, pattern) = (args.text(0)?, args.text(1)?);
    let group = args.constant(2).unwrap_or_else(|| "0".into());
    let mut patterns = Patterns { last: None };
    let mut rows: Vec<Option<String>> = Vec::with_capacity(args.rows());
    for row in 0..args.rows() {
        if text.is_null(row) || pattern.is_null(row) {
            rows.push(None);
            continue;
        }
        let captures = patterns.get(pattern.value(row))?.and_then(|r| r.captures(text.value(row)));
        rows.push(captures.as_ref().and_then(|c| named(c, &group)).map(|m| m.as_str().to_owned()));
    }
    Ok(texts(rows.into_iter()))
}

fn named<'a>(captures: &regex::Captures<'a>, group: &str) -> Option<regex::Match<'a>> {
    captures.name(group).or_else(|| group.parse().ok().and_then(|n: usize| captures.get(n)))
}

/// `(text, regex, group)`: the group of every match.
pub(crate) fn regex_extract_all(args: &Args<'_>) -> Result<ArrayRef> {
    let (text, pattern) = (args.text(0)?, args.text(1)?);
    let group = args.constant(2).unwrap_or_else(|| "0".into());
    let mut patterns = Patterns { last: None };
    let mut rows: Vec<Option<Vec<String>>> = Vec::with_capacity(args.rows());
    for row in 0..args.rows() {
        if text.is_null(row) || pattern.is_null(row) {
            rows.push(None);
            continue;
        }
        let found = patterns.get(pattern.value(row))?.map(|r| {
            r.captures_iter(text.value(row)).filter_map(|c| named(&c, &group).map(|m| m.as_str().to_owned())).collect()
        });
        rows.push(found);
    }
    Ok(Arc::new(lists::build(rows.into_iter())))
}

/// `(text, regex, replacement)`: every match; `\1` and `$1` name groups.
pub(crate) fn regex_replace(args: &Args<'_>) -> Result<ArrayRef> {
    let (text, pattern, with) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let mut patterns = Patterns { last: None };
    let mut rows: Vec<Option<String>> = Vec::with_capacity(args.rows());
    for row in 0..args.rows() {
        if text.is_null(row) || pattern.is_null(row) || with.is_null(row) {
            rows.push(None);
            continue;
        }
        let replacement = groups(with.value(row));
        let found = patterns.get(pattern.value(row))?;
        rows.push(found.map(|r| r.replace_all(text.value(row), replacement.as_str()).into_owned()));
    }
    Ok(texts(rows.into_iter()))
}

/// `\1` and `$1` as the regex crate spells them; any other `$` is itself.
fn groups(replacement: &str) -> String {
    let mut out = String::with_capacity(replacement.len());
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\' | '$', Some(d)) if d.is_ascii_digit() => {
                out.push_str(&format!("${{{d}}}"));
                chars.next();
            }
            ('$', _) => out.push_str("$$"),
            ('\\', Some('\\')) => {
                out.push('\\');
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// `(line)`: its words; what stands in `"…"` or `[…]` is one, without them.
pub(crate) fn words(args: &Args<'_>) -> Result<ArrayRef> {
    let text = args.text(0)?;
    Ok(Arc::new(lists::build(text.iter().map(|line| line.map(split_words)))))
}

/// A quotation or bracket that nothing ends is an ordinary character; that is looked for once, so that the time is linear.
fn split_words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut endless: Vec<char> = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let close = close.filter(|close| !endless.contains(close));
        let end = close.and_then(|close| rest[1..].find(close));
        if end.is_none() {
            endless.extend(close);
        }
        let (word, left) = match end {
            Some(end) => (&rest[1..=end], &rest[end + 2..]),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word);
        rest = left.trim_start();
    }
    words
}

/// `(format, values…)` with `%s %d %i %x %X %o %f %e %g %c %%`, width, precision, `-`, `0`, `+`.
pub(crate) fn printf(args: &Args<'_>) -> Result<ArrayRef> {
    let format = args.text(0)?;
    let values = (1..args.len()).map(|i| super::convert::to_text(&args.array(i)?)).collect::<Result<Vec<_>>>()?;
    let values: Vec<_> = values.iter().map(arrow::array::AsArray::as_string_view).collect();
    Ok(texts((0..args.rows()).map(|row| {
        let given: Vec<&str> = values.iter().map(|v| if v.is_null(row) { "" } else { v.value(row) }).collect();
        (!format.is_null(row)).then(|| print(format.value(row), &given))
    })))
}

fn print(format: &str, values: &[&str]) -> String {
    let mut out = String::new();
    let mut values = values.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = String::new();
        while let Some(d) = chars.next_if(|d| d.is_ascii_digit() || "-+ #.'".contains(*d)) {
            spec.push(d);
        }
        match chars.next() {
            Some('%') | None => out.push('%'),
            Some(kind) => out.push_str(&formatted(&spec, kind, values.next().copied().unwrap_or(""))),
        }
    }
    out
}

fn formatted(spec: &str, kind: char, value: &str) -> String {
    let number = super::convert::parse_number(value).unwrap_or(0.0);
    let (width, precision) = spec.split_once('.').map_or((spec, None), |(w, p)| (w, p.parse::<usize>().ok()));
    let digits = width.trim_start_matches(['-', '+', ' ', '#', '0', '\'']).parse::<usize>().unwrap_or(0);
    let mut body = match kind {
        'd' | 'i' | 'u' => format!("{}", number as i64),
        'x' => format!("{:x}", number as i64),
        'X' => format!("{:X}", number as i64),
        'o' => format!("{:o}", number as i64),
        'f' | 'F' => format!("{number:.*}", precision.unwrap_or(6)),
        'e' | 'E' | 'g' | 'G' => super::convert::number_text(number),
        'c' => value.chars().take(1).collect(),
        _ => value.chars().take(precision.unwrap_or(usize::MAX)).collect(),
    };
    if width.contains('+') && number >= 0.0 && "dif".contains(kind) {
        body.insert(0, '+');
    }
    let missing = digits.saturating_sub(body.chars().count());
    if width.contains('-') {
        body + &" ".repeat(missing)
    } else if width.starts_with('0') && kind != 's' {
        "0".repeat(missing) + &body
    } else {
        " ".repeat(missing) + &body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_into_words() {
        let line = r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /a b" 200  1534"#;
        assert_eq!(
            split_words(line),
            ["127.0.0.1", "-", "frank", "10/Oct/2000:13:25:15 -0700", "GET /a b", "200", "1534"]
        );
        assert_eq!(split_words(r#"a "b c"#), ["a", "\"b", "c"]);
        assert_eq!(split_words("  "), Vec::<&str>::new());
        assert_eq!(split_words(r#""" [] 東"#), ["", "", "東"]);
    }

    #[test]
    fn texts_are_printed_decoded_and_replaced() {
        assert_eq!(print("%05.1f|%-4s|%x|%d%%", &["3.14159", "ab", "255", "7"]), "003.1|ab  |ff|7%");
        assert_eq!(percent_decode("a%20b%2Fc+d%zz"), "a b/c d%zz");
        assert_eq!(groups(r"\1-$2 $"), "${1}-${2} $$");
    }
}
