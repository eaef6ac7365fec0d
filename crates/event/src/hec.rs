//! The body of a request to an HTTP Event Collector: JSON objects one after another, with anything or nothing between them, or
//! an array of them. Each is an envelope: metadata, and the event itself, which stays text here.

use std::borrow::Cow;

use crate::decode::record::text;
use crate::json::{Cursor, Fault, balanced_end};
use crate::time;

/// An event and what its sender says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The event: a JSON value's text, a string with its quotes.
    pub event: &'a [u8],
    /// All of the envelope.
    pub whole: &'a [u8],
    /// When it happened: microseconds since 1970-01-01 (UTC).
    pub time: Option<i64>,
    /// Where it happened.
    pub host: Option<String>,
    /// What it comes from.
    pub source: Option<String>,
    /// What it is.
    pub sourcetype: Option<String>,
    /// Where it should go.
    pub index: Option<String>,
    /// It has further fields.
    pub has_fields: bool,
}

/// What is wrong with an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is no JSON, or no object.
    Format,
    /// It has no event.
    NoEvent,
    /// Its event is empty.
    BlankEvent,
    /// Its fields are no flat object, or its time is no number.
    Fields,
}

/// The envelopes of a body, in order, up to the first that is wrong.
#[derive(Debug)]
pub struct Envelopes<'a> {
    cursor: Cursor<'a>,
    listed: bool,
    ended: bool,
}

impl<'a> Envelopes<'a> {
    /// Those of `body`.
    #[must_use]
    pub fn of(body: &'a [u8]) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        Self { cursor: Cursor::new(body, 0), listed: false, ended: false }
    }

    fn step(&mut self) -> Option<Result<Envelope<'a>, Wrong>> {
        let cursor = &mut self.cursor;
        loop {
            match (cursor.peek(), self.listed) {
                (None, false) => return None,
                (Some(b'['), false) => {
                    cursor.at += 1;
                    self.listed = true;
                }
                (Some(b']'), true) => {
                    cursor.at += 1;
                    self.listed = false;
                }
                (Some(b','), true) => cursor.at += 1,
                (Some(b'{'), _) => return Some(envelope(cursor)),
                _ => return Some(Err(Wrong::Format)),
            }
        }
    }
}

impl<'a> Iterator for Envelopes<'a> {
    type Item = Result<Envelope<'a>, Wrong>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.step();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

fn envelope<'a>(cursor: &mut Cursor<'a>) -> Result<Envelope<'a>, Wrong> {
    let from = cursor.at;
    let mut found = Envelope {
        event: b"null",
        whole: b"",
        time: None,
        host: None,
        source: None,
        sourcetype: None,
        index: None,
        has_fields: false,
    };
    let format = |_: Fault| Wrong::Format;
    let mut more = cursor.enter_object().map_err(format)?;
    while more {
        let key = cursor.key().map_err(format)?;
        let key = &cursor.bytes[key.start..key.end];
        cursor.peek();
        let start = cursor.at;
        skip(cursor)?;
        found.member(key, &cursor.bytes[start..cursor.at])?;
        more = cursor.another_member().map_err(format)?;
    }
    found.whole = &cursor.bytes[from..cursor.at];
    match found.event {
        b"null" => Err(Wrong::NoEvent),
        [b'"', content @ .., b'"'] if content.trim_ascii().is_empty() => Err(Wrong::BlankEvent),
        _ => Ok(found),
    }
}

/// A value, however deep: what is too deep to be read is for quarantine, not for the sender to repeat.
fn skip(cursor: &mut Cursor<'_>) -> Result<(), Wrong> {
    let from = cursor.at;
    match cursor.skip_value(1) {
        Ok(()) => Ok(()),
        Err(Fault::Depth) => {
            cursor.at = balanced_end(cursor.bytes, from).ok_or(Wrong::Format)?;
            Ok(())
        }
        Err(_) => Err(Wrong::Format),
    }
}

impl<'a> Envelope<'a> {
    fn member(&mut self, key: &[u8], value: &'a [u8]) -> Result<(), Wrong> {
        match key {
            b"event" => self.event = value,
            b"time" => self.time = epoch(value)?,
            b"host" => self.host = word(value),
            b"source" => self.source = word(value),
            b"sourcetype" => self.sourcetype = word(value),
            b"index" => self.index = word(value),
            b"fields" => self.has_fields = is_flat(value)?,
            _ => {}
        }
        Ok(())
    }
}

fn word(value: &[u8]) -> Option<String> {
    let value = std::str::from_utf8(value).ok()?;
    text(value).map(Cow::into_owned).filter(|word| !word.is_empty())
}

/// A number of seconds (milliseconds, microseconds, nanoseconds where it is that large), or its text. Splunk refuses exponents.
fn epoch(value: &[u8]) -> Result<Option<i64>, Wrong> {
    let Some(word) = word(value) else { return Ok(None) };
    let number = word.trim();
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    match plain.then(|| time::parse(number)).flatten() {
        Some(time) if number.parse::<f64>().is_ok() => Ok(Some(time)),
        _ => Err(Wrong::Fields),
    }
}

/// Whether there are fields; those within fields are refused.
fn is_flat(value: &[u8]) -> Result<bool, Wrong> {
    if value == b"null" {
        return Ok(false);
    }
    let mut cursor = Cursor::new(value, 0);
    let wrong = |_: Fault| Wrong::Fields;
    let mut more = cursor.enter_object().map_err(wrong)?;
    let any = more;
    while more {
        cursor.key().map_err(wrong)?;
        match cursor.peek() {
            Some(b'{') => return Err(Wrong::Fields),
            // Several values of one field are flat, as long as each is.
            Some(b'[') if value[cursor.at..].get(1).is_some_and(|byte| matches!(byte, b'{' | b'[')) => {
                return Err(Wrong::Fields);
            }
            _ => cursor.skip_value(1).map_err(wrong)?,
        }
        more = cursor.another_member().map_err(wrong)?;
    }
    Ok(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &[&str], end: Option<Wrong>) {
        let mut events = Vec::new();
        let mut wrong = None;
        for envelope in Envelopes::of(body.as_bytes()) {
            match envelope {
                Ok(envelope) => events.push(String::from_utf8_lossy(envelope.event).into_owned()),
                Err(error) => wrong = Some(error),
            }
        }
        assert_eq!((events.iter().map(String::as_str).collect::<Vec<_>>(), wrong), (expected.to_vec(), end), "{body}");
    }

    #[test]
    fn objects_stand_one_after_another() {
        check("", &[], None);
        check(" \r\n ", &[], None);
        check(r#"{"event":"a"}"#, &[r#""a""#], None);
        check(r#"{"event":"a"}{"event":2}"#, &[r#""a""#, "2"], None);
        check("{\"event\":{\n \"a\": 1}}\n\n {\"event\":true}\n", &["{\n \"a\": 1}", "true"], None);
        check(r#"[{"event":1},{"event":2}]"#, &["1", "2"], None);
        check("[{\"event\":1}\n{\"event\":2}]{\"event\":3}", &["1", "2", "3"], None);
        check("[]", &[], None);
        check("\u{feff}{\"event\":1}", &["1"], None);
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        check(&format!(r#"{{"event":{deep}}}{{"event":2}}"#), &[&deep, "2"], None);
    }

    #[test]
    fn what_is_wrong_is_told() {
        check("x", &[], Some(Wrong::Format));
        check(r#""a""#, &[], Some(Wrong::Format));
        check(r#"{"event":"a"#, &[], Some(Wrong::Format));
        check(r#"{"event":"a"},{"event":"b"}"#, &[r#""a""#], Some(Wrong::Format));
        check(r#"[{"event":"a"}"#, &[r#""a""#], Some(Wrong::Format));
        check(r#"{"event":1}{"host":"x"}"#, &["1"], Some(Wrong::NoEvent));
        check(r#"{"event":null}"#, &[], Some(Wrong::NoEvent));
        check("{}", &[], Some(Wrong::NoEvent));
        check(r#"{"event":""}"#, &[], Some(Wrong::BlankEvent));
        check(r#"{"event":1,"fields":{"a":{"b":1}}}"#, &[], Some(Wrong::Fields));
        check(r#"{"event":1,"fields":[]}"#, &[], Some(Wrong::Fields));
        check(r#"{"event":1,"fields":{"a":["b","c"],"d":1}}"#, &["1"], None);
        for time in ["1e9", "\"1e9\"", "\"yesterday\"", "{}", "true"] {
            check(&format!(r#"{{"time":{time},"event":1}}"#), &[], Some(Wrong::Fields));
        }
    }

    #[test]
    fn metadata() {
        let body = r#"{"time":"1688989500.5","host":"h\u0041","source":"s","sourcetype":"t","index":"i","event":{},"fields":{"a":1}}"#;
        let found = Envelopes::of(body.as_bytes()).next().and_then(Result::ok).expect("an envelope");
        assert_eq!(found.time, Some(1_688_989_500_500_000));
        let words = [found.host, found.source, found.sourcetype, found.index].map(Option::unwrap_or_default);
        assert_eq!(words, ["hA", "s", "t", "i"]);
        assert!(found.has_fields);
        assert_eq!(found.whole, body.as_bytes());
        let bare = Envelopes::of(br#"{"time":null,"host":"","event":1,"fields":{}}"#).next();
        let bare = bare.and_then(Result::ok).expect("an envelope");
        assert_eq!((bare.time, bare.host, bare.has_fields), (None, None, false));
    }
}
