//! A scanner of JSON text: finds where values begin and end without building them. One pass, no allocation, bounded depth.
//!
//! It is stricter than bracket counting (a value that is not JSON is found out, so that it can be quarantined) and laxer
//! than the standard where shippers are sloppy: control characters in strings and unknown escapes are let through.
//! Its speed needs no build flags: it works on the sixteen-byte vectors that every x86-64 and ARM64 has.

use wide::u8x16;

/// Deepest nesting that is followed.
pub(crate) const MAX_DEPTH: u16 = 256;

/// Why a value could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not JSON.
    Syntax,
    /// The text ends within the value.
    Truncated,
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
}

type Scan<T> = Result<T, Fault>;

/// The content of a string, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Holds a backslash.
    pub(crate) escaped: bool,
}

/// A position in JSON text.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Skips white space; the byte that follows, not consumed.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => Some(byte),
            _ => self.peek_past_space(),
        }
    }

    #[cold]
    fn peek_past_space(&mut self) -> Option<u8> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    #[inline]
    fn expect(&mut self, wanted: u8) -> Scan<()> {
        match self.peek() {
            Some(byte) if byte == wanted => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Fault::Syntax),
            None => Err(Fault::Truncated),
        }
    }

    /// Enters an object; false: it is empty and already left.
    #[inline]
    pub(crate) fn enter_object(&mut self) -> Scan<bool> {
        self.enter(b'{', b'}')
    }

    /// Enters an array; false: it is empty and already left.
    #[inline]
    pub(crate) fn enter_array(&mut self) -> Scan<bool> {
        self.enter(b'[', b']')
    }

    #[inline]
    fn enter(&mut self, open: u8, close: u8) -> Scan<bool> {
        self.expect(open)?;
        let empty = self.peek() == Some(close);
        self.at += usize::from(empty);
        Ok(!empty)
    }

    /// The key of a member and its colon.
    #[inline]
    pub(crate) fn key(&mut self) -> Scan<Text> {
        if self.peek() != Some(b'"') {
            return Err(if self.at < self.bytes.len() { Fault::Syntax } else { Fault::Truncated });
        }
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// After a member of an object: true where another one follows.
    #[inline]
    pub(crate) fn another_member(&mut self) -> Scan<bool> {
        self.another(b'}')
    }

    /// After an element of an array: true where another one follows.
    #[inline]
    pub(crate) fn another_element(&mut self) -> Scan<bool> {
        self.another(b']')
    }

    #[inline]
    fn another(&mut self, close: u8) -> Scan<bool> {
        let more = match self.peek() {
            Some(b',') => true,
            Some(byte) if byte == close => false,
            Some(_) => return Err(Fault::Syntax),
            None => return Err(Fault::Truncated),
        };
        self.at += 1;
        Ok(more)
    }

    /// A string; the cursor stands on its opening quote.
    #[inline]
    pub(crate) fn string(&mut self) -> Scan<Text> {
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at = quote_or_backslash(self.bytes, at).ok_or(Fault::Truncated)?;
            if self.bytes[at] == b'"' {
                self.at = at + 1;
                return Ok(Text { start, end: at, escaped });
            }
            escaped = true;
            at += 2;
        }
    }

    /// Skips one value of any kind, checking its syntax.
    pub(crate) fn skip_value(&mut self, depth: u16) -> Scan<()> {
        match self.peek() {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'{') => self.skip_object(depth),
            Some(b'[') => self.skip_array(depth),
            Some(_) => self.scalar(),
            None => Err(Fault::Truncated),
        }
    }

    fn skip_object(&mut self, depth: u16) -> Scan<()> {
        if depth >= MAX_DEPTH {
            return Err(Fault::Depth);
        }
        if !self.enter_object()? {
            return Ok(());
        }
        loop {
            self.key()?;
            self.skip_value(depth + 1)?;
            if !self.another_member()? {
                return Ok(());
            }
        }
    }

    fn skip_array(&mut self, depth: u16) -> Scan<()> {
        if depth >= MAX_DEPTH {
            return Err(Fault::Depth);
        }
        if !self.enter_array()? {
            return Ok(());
        }
        loop {
            self.skip_value(depth + 1)?;
            if !self.another_element()? {
                return Ok(());
            }
        }
    }

    /// A number or literal; the cursor stands on its first byte.
    pub(crate) fn scalar(&mut self) -> Scan<()> {
        let rest = &self.bytes[self.at..];
        let length = match rest.first() {
            Some(b't') => literal(rest, b"true")?,
            Some(b'f') => literal(rest, b"false")?,
            Some(b'n') => literal(rest, b"null")?,
            Some(b'-' | b'0'..=b'9') => number(rest)?,
            Some(_) => return Err(Fault::Syntax),
            None => return Err(Fault::Truncated),
        };
        self.at += length;
        Ok(())
    }
}

fn literal(rest: &[u8], word: &[u8]) -> Scan<usize> {
    if rest.starts_with(word) {
        Ok(word.len())
    } else if word.starts_with(rest) {
        Err(Fault::Truncated)
    } else {
        Err(Fault::Syntax)
    }
}

fn number(rest: &[u8]) -> Scan<usize> {
    let length = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).count();
    // `-`, `1e` and the like are no numbers.
    if rest[length - 1].is_ascii_digit() { Ok(length) } else { Err(Fault::Syntax) }
}

/// Where the next `"` or `\` at or after `from` is. Most strings are short: they are looked through sixteen bytes at a time
/// right here; long ones are left to memchr, whose wider vectors pay for the call only then.
#[inline(always)]
fn quote_or_backslash(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for _ in 0..4 {
        let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) else { break };
        let hits = hits(*block);
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize);
        }
        at += 16;
    }
    memchr::memchr2(b'"', b'\\', bytes.get(at..)?).map(|offset| at + offset)
}

/// A bit for each byte of the block that is `"` or `\`.
#[inline(always)]
fn hits(block: [u8; 16]) -> u32 {
    let block = u8x16::new(block);
    let quotes = block.cmp_eq(u8x16::splat(b'"'));
    let backslashes = block.cmp_eq(u8x16::splat(b'\\'));
    (quotes | backslashes).move_mask() as u32
}

/// The end of the value at `from`, by brackets alone and to any depth: how much to quarantine of a value that is not
/// readable. `None`: it never closes.
pub(crate) fn balanced_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut cursor = Cursor::new(bytes, from);
    let mut open = 0usize;
    while let Some(&byte) = bytes.get(cursor.at) {
        match byte {
            b'"' => {
                cursor.string().ok()?;
                continue;
            }
            b'{' | b'[' => open += 1,
            b'}' | b']' => open = open.checked_sub(1)?,
            _ => {}
        }
        cursor.at += 1;
        if open == 0 {
            return Some(cursor.at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Scan<usize>) {
        let mut cursor = Cursor::new(text.as_bytes(), 0);
        assert_eq!(cursor.skip_value(0).map(|()| cursor.at), expected, "{text}");
    }

    #[test]
    fn values_end_where_they_end() {
        check("{}", Ok(2));
        check(" [ ] ,", Ok(4));
        check(r#"{"a":[1,-2.5e+3,true,false,null,"x\"}"],"b":{"c":{}}} "#, Ok(53));
        check(r#""a long string with more than sixteen bytes \\ and \" inside" "#, Ok(61));
        check("-0.1e-9]", Ok(7));
        check("123456789012345678901234567890", Ok(30));
        check("\"control \u{1} and \n are let through\"", Ok(33));
    }

    #[test]
    fn what_is_not_json_is_found_out() {
        for text in [
            "{,}",
            "{1:2}",
            r#"{"a" 1}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            "[1 2]",
            "[,]",
            "tru!",
            "NaN",
            "-",
            "1e",
            "'a'",
            "}",
        ] {
            check(text, Err(Fault::Syntax));
        }
        for text in ["", "{", "[", r#"{"a"#, r#"{"a":"#, r#"{"a":1"#, "[1,", "tr", "\"abc", "\"abc\\", "\"abc\\\""] {
            check(text, Err(Fault::Truncated));
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        check(&nested(256), Ok(512));
        check(&nested(257), Err(Fault::Depth));
        check(&nested(10_000), Err(Fault::Depth));
        check(&r#"{"a":"#.repeat(100_000), Err(Fault::Depth));
    }

    #[test]
    fn brackets_balance_at_any_depth() {
        assert_eq!(balanced_end(br#"{"a":"}","b":tru},"#, 0), Some(17));
        assert_eq!(balanced_end(b"{]x", 0), Some(2));
        assert_eq!(balanced_end(b"{[}", 0), None);
        assert_eq!(balanced_end(b"]", 0), None);
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(balanced_end(deep.as_bytes(), 0), Some(200_000));
    }

    #[test]
    fn every_byte_of_a_block_is_looked_at() {
        for filler in [b'x', 0, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
            assert_eq!(hits([filler; 16]), 0);
            for at in 0..70 {
                for byte in [b'"', b'\\'] {
                    let mut text = [filler; 80];
                    text[at] = byte;
                    assert_eq!(quote_or_backslash(&text, 0), Some(at), "{filler} {at}");
                    assert_eq!(quote_or_backslash(&text[..at], 0), None);
                }
            }
        }
    }
}
