//! Taking texts apart: by anchors, by the groups of a regular expression, at delimiters.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use datafusion::common::Result;
use memchr::memmem::Finder;
use regex::Regex;

use super::matching::regex;
use super::{Args, lists};

/// A text that stands between two wildcards.
enum Segment {
    Plain(Box<Finder<'static>>),
    /// Part of JSON, in which blanks between the signs do not count.
    Json(Regex),
}

impl Segment {
    fn new(text: &str) -> Result<Self> {
        if !(text.contains("\":") || text.contains(",\"") || text.contains("{\"")) {
            return Ok(Self::Plain(Box::new(Finder::new(text.as_bytes()).into_owned())));
        }
        let mut pattern = String::with_capacity(text.len() * 2);
        for c in text.chars() {
            match c {
                ':' | ',' => pattern.push_str(&format!(r"\s*{c}\s*")),
                '{' | '[' => pattern.push_str(&format!(r"\{c}\s*")),
                '}' | ']' => pattern.push_str(&format!(r"\s*\{c}")),
                _ => pattern.push_str(&regex::escape(&c.to_string())),
            }
        }
        Ok(Self::Json(regex(&pattern)?))
    }

    /// Where it is first found at or after a place.
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        match self {
            Self::Plain(finder) => {
                let at = from + finder.find(&text.as_bytes()[from..])?;
                Some((at, at + finder.needle().len()))
            }
            Self::Json(regex) => regex.find_at(text, from).map(|found| (found.start(), found.end())),
        }
    }
}

/// What stands between segments. Each is looked for once, after the one before: that finds what trying every place would,
/// since a later start leaves less to find the rest in.
fn between<'t>(text: &'t str, segments: &[Segment], open_end: bool) -> Option<Vec<&'t str>> {
    let (first, rest) = segments.split_first()?;
    let (_, mut from) = first.find(text, 0)?;
    let mut found = Vec::with_capacity(rest.len());
    for (index, segment) in rest.iter().enumerate() {
        if open_end && index + 1 == rest.len() {
            found.push(&text[from..]);
            break;
        }
        let (start, end) = segment.find(text, from)?;
        found.push(&text[from..start]);
        from = end;
    }
    Some(found)
}

/// `(text, segment, …)`.
pub(crate) fn anchors(args: &Args<'_>) -> Result<ArrayRef> {
    let text = args.text(0)?;
    let given: Vec<String> = (1..args.len()).map(|index| args.constant(index).unwrap_or_default()).collect();
    let segments = given.iter().map(|segment| Segment::new(segment)).collect::<Result<Vec<_>>>()?;
    let open_end = given.last().is_some_and(String::is_empty);
    Ok(Arc::new(lists::build(text.iter().map(|row| between(row?, &segments, open_end)))))
}

/// `(text, regex)`: the groups of the first match.
pub(crate) fn groups(args: &Args<'_>) -> Result<ArrayRef> {
    let text = args.text(0)?;
    let pattern = regex(&args.constant(1).unwrap_or_default())?;
    let rows = text.iter().map(|row| pattern.captures(row?).map(|captures| texts(&captures)));
    Ok(Arc::new(lists::build(rows)))
}

/// The texts of a match's groups; one that took no part is empty.
fn texts<'t>(captures: &regex::Captures<'t>) -> Vec<&'t str> {
    captures.iter().skip(1).map(|group| group.map_or("", |group| group.as_str())).collect()
}

/// `(text, regex, separator)`: every match, its groups joined.
pub(crate) fn groups_all(args: &Args<'_>) -> Result<ArrayRef> {
    let text = args.text(0)?;
    let pattern = regex(&args.constant(1).unwrap_or_default())?;
    let separator = args.constant(2).unwrap_or_default();
    let matches =
        |row: &str| pattern.captures_iter(row).map(|found| texts(&found).join(&separator)).collect::<Vec<_>>();
    Ok(Arc::new(lists::build(text.iter().map(|row| row.map(matches)))))
}

/// `(text, delimiter, quote, escape)`.
pub(crate) fn split_quoted(args: &Args<'_>) -> Result<ArrayRef> {
    let text = args.text(0)?;
    let sign = |index: usize| args.constant(index).and_then(|text| text.chars().next());
    let (delimiter, quote, escape) = (sign(1).unwrap_or(','), sign(2), sign(3));
    let rows =
        (0..text.len()).map(|row| (!text.is_null(row)).then(|| split(text.value(row), delimiter, quote, escape)));
    Ok(Arc::new(lists::build(rows)))
}

fn split(text: &str, delimiter: char, quote: Option<char>, escape: Option<char>) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let special = |c: &char| *c == delimiter || Some(*c) == quote || Some(*c) == escape;
        let part = parts.last_mut();
        if Some(c) == escape && chars.peek().is_some_and(special) {
            part.into_iter().for_each(|part| part.extend(chars.next()));
        } else if Some(c) == quote {
            quoted = !quoted;
        } else if c == delimiter && !quoted {
            parts.push(String::new());
        } else if let Some(part) = part {
            part.push(c);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_hold_what_is_between() {
        let check = |text: &str, given: &[&str], want: Option<Vec<&str>>| {
            let segments: Vec<Segment> = given.iter().map(|s| Segment::new(s).unwrap()).collect();
            assert_eq!(between(text, &segments, given.last() == Some(&"")), want, "{given:?}");
        };
        let json = "{\"userName\": \"alice\",\n \"port\": 80 ,\"x\":1}";
        check(json, &["\"userName\":\"", "\""], Some(vec!["alice"]));
        check(json, &["\"port\":", ","], Some(vec!["80 "]));
        check(json, &["\"port\":", ",\"x\":", "}"], Some(vec!["80", "1"]));
        check(json, &["\"nobody\":\"", "\""], None);
        check("a=1, b=2", &["a=", ", b=", ""], Some(vec!["1", "2"]));
        check("user:id", &["", ":", ""], Some(vec!["user", "id"]));
        check("no colon", &["", ":", ""], None);
        check("x y", &["x", " ", "z"], None);
    }

    #[test]
    fn delimited_texts_are_split() {
        let some = |c| Some(c);
        for (text, want) in [
            ("a,b,,c", vec!["a", "b", "", "c"]),
            ("\"a,b\",c", vec!["a,b", "c"]),
            (r"a\,b,c\x", vec!["a,b", r"c\x"]),
            ("", vec![""]),
        ] {
            assert_eq!(split(text, ',', some('"'), some('\\')), want, "{text}");
        }
    }
}
