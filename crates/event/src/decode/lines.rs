//! Logs of lines: VPC flow logs, load balancers, CloudFront, S3.
//!
//! Rules:
//! - A format is told by a line: by the header that names its fields, or by what the line looks like. The format goes on until a
//!   line does not fit it; then the line is looked at again.
//! - An object is a text log where one of its first lines is of a format. Its lines that are of none are rejected with
//!   their numbers.
//! - A reader decides that a line is a record before it writes a value, so that a rejected line leaves nothing behind.
//!   Fields beyond the ones that are known are let through, as are fields that are missing at the end.

use std::fmt::Debug;

use super::OTHER;
use super::columns::{Columns, Known};
use super::context::Context;
use super::outcome::{Foreign, ObjectError, Reason};
use super::plan::Plan;
use super::walk::{MAX_REJECTED, Walker};
use super::wrapper::Doc;
use crate::log_types::log_types;
use crate::time;

/// Lines looked at for one of a known format.
const LOOKED_AT: usize = 32;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// It says how the lines after it are read, or nothing.
    Header,
    /// A record, with its time where it tells one.
    Record(Option<i64>),
}

/// Reads lines of one format.
pub(crate) trait Reader: Debug + Send {
    /// Reads a line into the row under construction.
    ///
    /// # Errors
    /// Why the line is not of the format; no value was written then.
    fn read(&mut self, line: &str, context: &Context, columns: &mut Columns) -> Result<Line, &'static str>;
}

/// How a log type's lines are read.
#[derive(Debug)]
pub(crate) struct Lines {
    /// A reader for the format that a line is of; `None`: it is not of this log type.
    pub(crate) begin: fn(&str, &Plan) -> Option<Box<dyn Reader>>,
    /// A reader for lines that are known to be of this log type but do not tell.
    pub(crate) usual: fn(&Plan) -> Box<dyn Reader>,
}

/// The format at hand, from line to line and from piece to piece of an object.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    current: Option<(usize, Box<dyn Reader>)>,
    /// Lines of no format are rows of `other`.
    any: bool,
    /// Lines so far.
    lines: u64,
}

impl Reading {
    /// Takes lines of any kind.
    pub(super) fn any() -> Self {
        Self { any: true, ..Self::default() }
    }

    /// Whether lines have been read, or are wanted.
    pub(super) fn is_under_way(&self) -> bool {
        self.current.is_some() || self.any
    }

    /// Reads on as the log type of that place reads its lines; false: it has none.
    fn assume(&mut self, kind: usize) -> bool {
        let lines = log_types().get(kind).and_then(|log_type| log_type.lines.as_ref());
        self.current = lines.map(|lines| (kind, (lines.usual)(Plan::of(kind))));
        self.current.is_some()
    }

    fn begin(&mut self, line: &str) -> bool {
        let found = log_types().iter().enumerate().find_map(|(kind, log_type)| {
            let reader = (log_type.lines.as_ref()?.begin)(line, Plan::of(kind))?;
            Some((kind, reader))
        });
        let begun = found.is_some();
        if begun {
            self.current = found;
        }
        begun
    }
}

impl Walker<'_> {
    /// An object of lines, or a piece of one.
    pub(super) fn text_object(&mut self, content: &[u8]) -> Result<(), ObjectError> {
        if !self.reading.is_under_way() && !self.finds_format(content)? {
            return Ok(());
        }
        let whole = std::str::from_utf8(content).ok();
        let mut at = 0;
        while at < content.len() {
            let end = memchr::memchr(b'\n', &content[at..]).map_or(content.len(), |length| at + length);
            let bytes = content[at..end].strip_suffix(b"\r").unwrap_or(&content[at..end]);
            self.reading.lines += 1;
            let line = match whole {
                Some(text) => text.get(at..at + bytes.len()),
                None => std::str::from_utf8(bytes).ok(),
            };
            match line {
                Some(line) if line.trim_ascii().is_empty() => {}
                Some(line) => self.line(line, at)?,
                None => {
                    let message = format!("line {}: not UTF-8", self.reading.lines);
                    self.reject_bytes(bytes, at as u64, Reason::InvalidUtf8, message);
                }
            }
            at = end + 1;
            if self.outcome.rejected.len() >= MAX_REJECTED && at < content.len() {
                let message = format!("the rest of the object, after {MAX_REJECTED} rejected pieces");
                self.reject_bytes(&content[at..], at as u64, Reason::BadLine, message);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether one of the first lines is of a format. Where none is, an object whose key says what it should be is
    /// rejected line by line; any other is of no log.
    fn finds_format(&mut self, content: &[u8]) -> Result<bool, ObjectError> {
        let head = &content[..content.len().min(1 << 20)];
        if memchr::memchr(0, &head[..head.len().min(4096)]).is_some() {
            return Err(ObjectError::NotALog(Foreign::Binary));
        }
        let lines = head.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let known = lines.take(LOOKED_AT).filter_map(|line| std::str::from_utf8(line.trim_ascii_end()).ok());
        let mut probe = Reading::default();
        if known.into_iter().any(|line| probe.begin(line) || json_after_time(line).is_some()) {
            return Ok(true);
        }
        let by_key = || log_types().iter().position(|known| known.lines.is_some() && known.has_key(self.origin));
        let wanted = self.batcher.forced.or_else(by_key);
        let assumed = wanted.is_some_and(|kind| self.reading.assume(kind));
        assumed.then_some(true).ok_or(ObjectError::NotALog(Foreign::OtherText))
    }

    /// One line of an object.
    fn line(&mut self, line: &str, at: usize) -> Result<(), ObjectError> {
        if line.len() > self.batcher.limits.record_bytes {
            let message = format!("line {}: larger than the limit", self.reading.lines);
            self.reject_bytes(line.as_bytes(), at as u64, Reason::TooLarge, message);
            return Ok(());
        }
        if let Some(json) = json_after_time(line) {
            return self.stream(&Doc::object(json.as_bytes()));
        }
        match self.read_line(line)? {
            Ok(()) => Ok(()),
            Err(_) if self.reading.any => self.other_line(line),
            Err(fault) => {
                let message = format!("line {}: {fault}", self.reading.lines);
                self.reject_bytes(line.as_bytes(), at as u64, Reason::BadLine, message);
                Ok(())
            }
        }
    }

    /// Reads a line by the format at hand, else by the one that it turns out to be of.
    fn read_line(&mut self, line: &str) -> Result<Result<(), &'static str>, ObjectError> {
        let fault = match self.read_by_current(line)? {
            Ok(()) => return Ok(Ok(())),
            Err(fault) => fault,
        };
        if !self.reading.begin(line) {
            return Ok(Err(fault));
        }
        self.read_by_current(line)
    }

    fn read_by_current(&mut self, line: &str) -> Result<Result<(), &'static str>, ObjectError> {
        let Some((kind, reader)) = &mut self.reading.current else { return Ok(Err("of no known format")) };
        let kind = *kind;
        let columns = &mut self.batcher.columns[kind];
        match reader.read(line, &self.context, columns) {
            Err(fault) => Ok(Err(fault)),
            Ok(Line::Header) => {
                self.headers += 1;
                Ok(Ok(()))
            }
            Ok(Line::Record(told)) => self.end_line(kind, line, told).map(Ok),
        }
    }

    fn end_line(&mut self, kind: usize, line: &str, told: Option<i64>) -> Result<(), ObjectError> {
        let known = Known {
            event_time: told.or(self.context.time).unwrap_or(self.ingest_time),
            event_id: Some(self.twins.write(line, kind == OTHER)),
            origin: self.origin,
            position: self.position as i64,
            ingest_time: self.ingest_time,
        };
        self.batcher.columns[kind].close(line, &known);
        self.accepted(line)
    }

    /// A line of no format, as a row of `other`.
    pub(super) fn other_line(&mut self, line: &str) -> Result<(), ObjectError> {
        let plan = Plan::of(OTHER);
        let columns = &mut self.batcher.columns[OTHER];
        let mut put = |name: &str, value: Option<&str>| {
            if let (Some(column), Some(value)) = (plan.column(name), value) {
                columns.put(column, value);
            }
        };
        put("format", Some("text"));
        put("message", Some(line));
        put("account_id", self.context.account.as_deref());
        put("region", self.context.region.as_deref());
        put("log_group", self.context.log_group.as_deref());
        put("log_stream", self.context.log_stream.as_deref());
        put("source_type", self.context.source.as_deref());
        let told = leading_time(line);
        self.end_line(OTHER, line, told)
    }

    /// A string that may be lines of a log; false: it is not, and nothing has happened. `from` is where it stands.
    pub(super) fn log_text(&mut self, text: &str, from: usize) -> Result<bool, super::walk::Stop> {
        let mut lines = text.lines().filter(|line| !line.trim_ascii().is_empty());
        let Some(first) = lines.next() else { return Ok(false) };
        if self.read_line(first).map_err(super::walk::Stop::Fatal)?.is_err() {
            return Ok(false);
        }
        for line in lines {
            if let Err(fault) = self.read_line(line).map_err(super::walk::Stop::Fatal)? {
                self.reject_bytes(
                    line.as_bytes(),
                    from as u64,
                    Reason::BadLine,
                    format!("a line of a message: {fault}"),
                );
            }
        }
        Ok(true)
    }
}

/// Whether a text is lines of a log, so that it may be cut at the ends of its lines.
pub fn is_lines_of_text(beginning: &[u8]) -> bool {
    let content = beginning.trim_ascii_start();
    !content.is_empty()
        && !matches!(content[0], b'{' | b'[' | b'"')
        && !content.starts_with(b"PAR1")
        && memchr::memchr(0, &content[..content.len().min(4096)]).is_none()
        && memchr::memchr(b'\n', content).is_some()
}

/// The record behind the time that CloudWatch Logs' export puts before each message.
fn json_after_time(line: &str) -> Option<&str> {
    let (first, rest) = line.split_once(' ')?;
    (looks_like_iso(first) && first.ends_with('Z') && rest.starts_with('{')).then_some(rest)
}

/// The time that a line of any kind begins with.
fn leading_time(line: &str) -> Option<i64> {
    let mut words = line.trim_start_matches(['[', '<']).split([' ', '\t', ']', '>', ',']);
    let first = words.next()?;
    let plausible = |micros: &i64| (0..4_102_444_800_000_000).contains(micros);
    let digits = first.bytes().filter(u8::is_ascii_digit).count();
    if digits < 8 {
        return None;
    }
    if first.len() == 10 && first.as_bytes()[4] == b'-' {
        let clock = words.next().unwrap_or_default();
        return time::parse(&format!("{first}T{clock}")).or_else(|| time::parse(first)).filter(plausible);
    }
    time::parse(first).filter(plausible)
}

/// The fields of a line, as places in it: a list that is used again from line to line.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    places: Vec<(usize, usize)>,
}

impl Fields {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// A field; `-` and nothing are nothing.
    #[inline]
    pub(crate) fn get<'l>(&self, line: &'l str, at: usize) -> Option<&'l str> {
        let &(from, end) = self.places.get(at)?;
        line.get(from..end).filter(|text| !text.is_empty() && *text != "-")
    }

    /// The fields between single characters, as they are.
    pub(crate) fn cut(&mut self, line: &str, by: u8) {
        self.places.clear();
        let mut from = 0;
        for end in memchr::memchr_iter(by, line.as_bytes()) {
            self.places.push((from, end));
            from = end + 1;
        }
        self.places.push((from, line.len()));
    }

    /// The fields between white space.
    pub(crate) fn words(&mut self, line: &str, from: usize) {
        self.places.clear();
        let bytes = line.as_bytes();
        let mut start = from;
        for (at, byte) in bytes.iter().enumerate().skip(from) {
            if matches!(byte, b' ' | b'\t') {
                if at > start {
                    self.places.push((start, at));
                }
                start = at + 1;
            }
        }
        if bytes.len() > start {
            self.places.push((start, bytes.len()));
        }
    }

    /// The fields between spaces, where `"…"`, and `[…]` where brackets stand around a time, are one field, without the
    /// marks. A quote ends a field only before a space or the end: programs that name themselves put quotes into their
    /// names.
    pub(crate) fn quoted(&mut self, line: &str, brackets: bool) {
        self.places.clear();
        let bytes = line.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let (from, end, next) = match bytes[at] {
                b' ' => {
                    at += 1;
                    continue;
                }
                b'"' => {
                    let end = closing_quote(bytes, at + 1);
                    (at + 1, end, end + 1)
                }
                b'[' if brackets => {
                    let end = memchr::memchr(b']', &bytes[at..]).map_or(bytes.len(), |length| at + length);
                    (at + 1, end, end + 1)
                }
                _ => {
                    let end = memchr::memchr(b' ', &bytes[at..]).map_or(bytes.len(), |length| at + length);
                    (at, end, end)
                }
            };
            self.places.push((from.min(end), end));
            at = next;
        }
    }
}

fn closing_quote(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(found) = memchr::memchr(b'"', bytes.get(at..).unwrap_or_default()) {
        let quote = at + found;
        let escaped = bytes[from..quote].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
        if !escaped && matches!(bytes.get(quote + 1), None | Some(b' ')) {
            return quote;
        }
        at = quote + 1;
    }
    bytes.len()
}

/// `2023-07-10T11:45:00…`
pub(crate) fn looks_like_iso(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 19 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[10] == b'T' && bytes[0].is_ascii_digit()
}

/// Address and port of `address:port`, `[address]:port`; a lone `-` is neither.
pub(crate) fn address_and_port(text: &str) -> (Option<&str>, Option<&str>) {
    match text.rsplit_once(':') {
        Some((address, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            let address = address.trim_start_matches('[').trim_end_matches(']');
            let known = |text: &'_ str| !text.is_empty() && text != "-";
            (Some(address).filter(|text| known(text)), Some(port).filter(|text| known(text)))
        }
        _ => (Some(text).filter(|text| !text.is_empty() && *text != "-"), None),
    }
}

/// `host:80` of `host:80-`, as a load balancer writes the address of a request that it could not read: the dash is the path.
pub(crate) fn without_dash(authority: &str) -> &str {
    let before = authority.strip_suffix('-').filter(|before| {
        before.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
    });
    before.unwrap_or(authority)
}

/// Percent-encoded text, decoded; what is no encoding, or makes no UTF-8, stays as it is.
pub(crate) fn percent_decode(text: &str, into: &mut Vec<u8>) -> bool {
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return false;
    }
    into.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                into.push(byte);
                at += 3;
            }
            None => {
                into.push(bytes[at]);
                at += 1;
            }
        }
    }
    std::str::from_utf8(into).is_ok()
}

/// Puts percent-encoded text into a column, decoded: twice where it was encoded twice.
pub(crate) fn put_decoded(columns: &mut Columns, column: usize, text: &str, scratch: &mut Vec<u8>) {
    if !percent_decode(text, scratch) {
        columns.put(column, text);
        return;
    }
    let once = std::mem::take(scratch);
    let Ok(decoded) = std::str::from_utf8(&once) else { return };
    if text.contains("%25") && percent_decode(decoded, scratch) {
        columns.put(column, std::str::from_utf8(scratch).unwrap_or(decoded));
    } else {
        columns.put(column, decoded);
    }
    *scratch = once;
}

/// Parts of a request's URL.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    pub(crate) scheme: Option<&'a str>,
    pub(crate) host: Option<&'a str>,
    pub(crate) port: Option<&'a str>,
    pub(crate) path: Option<&'a str>,
    pub(crate) query: Option<&'a str>,
}

/// Cuts a URL into its parts; a path alone has only those.
pub(crate) fn url_parts(url: &str) -> Url<'_> {
    let mut parts = Url::default();
    let rest = match url.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            parts.scheme = Some(scheme).filter(|scheme| !scheme.is_empty());
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (address, port) = address_and_port(without_dash(&rest[..end]));
            (parts.host, parts.port) = (address, port);
            &rest[end..]
        }
        _ => url,
    };
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    parts.path = Some(path).filter(|path| !path.is_empty() && *path != "-");
    parts.query = query.filter(|query| !query.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(line: &str, cut: impl Fn(&mut Fields)) -> Vec<String> {
        let mut fields = Fields::default();
        cut(&mut fields);
        (0..fields.len()).map(|at| fields.get(line, at).unwrap_or("∅").to_owned()).collect()
    }

    #[test]
    fn lines_are_cut_into_fields() {
        let quoted = |line: &str| fields(line, |fields| fields.quoted(line, true));
        assert_eq!(quoted(r#"a - "b c" [d e] "" "x \" y" z"#), ["a", "∅", "b c", "d e", "∅", r#"x \" y"#, "z"]);
        assert_eq!(quoted(r#""say "hi"now" end"#), [r#"say "hi"now"#, "end"]);
        assert_eq!(quoted(r#"open "never closed"#), ["open", "never closed"]);
        assert_eq!(quoted("[open"), ["open"]);
        let words = |line: &str| fields(line, |fields| fields.words(line, 0));
        assert_eq!(words(" a  b\tc "), ["a", "b", "c"]);
        assert_eq!(fields("a\t\t-\tb", |fields| fields.cut("a\t\t-\tb", b'\t')), ["a", "∅", "∅", "b"]);
    }

    #[test]
    fn addresses_and_urls() {
        assert_eq!(address_and_port("192.0.2.1:80"), (Some("192.0.2.1"), Some("80")));
        assert_eq!(address_and_port("[2001:db8::1]:443"), (Some("2001:db8::1"), Some("443")));
        assert_eq!(address_and_port("2001:db8::1:443"), (Some("2001:db8::1"), Some("443")));
        assert_eq!(address_and_port("-"), (None, None));
        let url = url_parts("https://example.com:443/a/b?c=d?e");
        assert_eq!((url.scheme, url.host, url.port), (Some("https"), Some("example.com"), Some("443")));
        assert_eq!((url.path, url.query), (Some("/a/b"), Some("c=d?e")));
        assert_eq!(url_parts("/a?").path, Some("/a"));
        let unread = url_parts("http://lb-1.elb.amazonaws.com:80-");
        assert_eq!((unread.host, unread.port, unread.path), (Some("lb-1.elb.amazonaws.com"), Some("80"), None));
        assert_eq!(url_parts("http://a-").host, Some("a-"));
        assert_eq!(url_parts("http://h").path, None);
        assert_eq!(url_parts("-"), Url::default());
    }

    #[test]
    fn percent_encoding() {
        let check = |text: &str, expected: Option<&str>| {
            let mut into = Vec::new();
            let found = percent_decode(text, &mut into).then(|| String::from_utf8(into).expect("text"));
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("a%20b%2Fc", Some("a b/c"));
        check("plain", None);
        check("100%", Some("100%"));
        check("%E3%81%82%zz", Some("あ%zz"));
        check("%ff", None);
    }

    #[test]
    fn lines_of_any_kind_may_begin_with_a_time() {
        assert!(leading_time("2023-07-10T11:45:00Z INFO x").is_some());
        assert!(leading_time("[2023-07-10 11:45:00] x").is_some());
        assert!(leading_time("1688989500123 x").is_some());
        assert_eq!(leading_time("INFO 2023"), None);
        assert_eq!(leading_time("12 apples"), None);
    }
}
