//! The words of a text, without a grammar: what is a comment, a string, a name. What is changed before the parser reads
//! the text, and where each byte of the changed text came from.

use query::span::Span;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word,
    /// `"name"` or `` `name` ``.
    Quoted,
    /// `'text'`.
    Text,
    /// Digits.
    Number,
    /// Any other character.
    Sign,
}

/// A piece of text that is neither blank nor comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    /// Its characters.
    pub(super) fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether it is that word, case aside.
    pub(super) fn is(&self, source: &str, word: &str) -> bool {
        self.text(source).eq_ignore_ascii_case(word)
    }
}

/// Splits a text. Never fails: an open string or comment reaches to the end.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b if b.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = find(bytes, at, b"\n").unwrap_or(bytes.len());
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = find(bytes, at + 2, b"*/").map_or(bytes.len(), |e| e + 2);
                continue;
            }
            b'\'' => {
                at = quoted(bytes, at, b'\'');
                Kind::Text
            }
            quote @ (b'"' | b'`') => {
                at = quoted(bytes, at, quote);
                Kind::Quoted
            }
            b if b.is_ascii_digit() => {
                at = run(bytes, at, |b| b.is_ascii_alphanumeric() || b == b'_');
                if bytes[start..at].iter().all(u8::is_ascii_digit) { Kind::Number } else { Kind::Word }
            }
            b if b.is_ascii_alphabetic() || b == b'_' || b >= 0x80 => {
                at = run(bytes, at, |b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80);
                Kind::Word
            }
            _ => {
                at += 1;
                Kind::Sign
            }
        };
        out.push(Token { kind, start, end: at });
    }
    out
}

fn run(bytes: &[u8], from: usize, takes: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|b| !takes(*b)).map_or(bytes.len(), |n| from + n)
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|w| w == what).map(|n| from + n)
}

/// The end of a quoted piece; a doubled quote stands for itself.
fn quoted(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from + 1;
    while at < bytes.len() {
        if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

/// The place of the token that closes the bracket at `open`.
pub(super) fn closing(source: &str, tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text(source) {
            "(" | "[" => depth += 1,
            ")" | "]" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// A text with some of its parts replaced, and the way back.
#[derive(Debug, Default, Clone)]
pub(super) struct Patched {
    /// The new text.
    pub(super) text: String,
    /// Where pieces begin: in the new text, in the old one, and whether the piece was replaced.
    pieces: Vec<(usize, usize, bool)>,
    length: usize,
    /// Where the old text begins in the user's.
    base: usize,
}

impl Patched {
    /// The same as a part of a longer text.
    pub(super) fn moved(self, base: usize) -> Self {
        Self { base, ..self }
    }

    /// Replaces ranges of `source`, sorted and apart.
    pub(super) fn new(source: &str, edits: &[(usize, usize, String)]) -> Self {
        let mut out = Self { length: source.len(), ..Self::default() };
        let mut at = 0;
        for (start, end, with) in edits {
            if *start < at {
                continue;
            }
            out.pieces.push((out.text.len(), at, false));
            out.text.push_str(source.get(at..*start).unwrap_or_default());
            out.pieces.push((out.text.len(), *start, true));
            out.text.push_str(with);
            at = *end;
        }
        out.pieces.push((out.text.len(), at, false));
        out.text.push_str(source.get(at..).unwrap_or_default());
        out
    }

    /// Where a byte of the new text came from.
    pub(super) fn origin(&self, at: usize) -> usize {
        let piece = self.pieces.partition_point(|(start, ..)| *start <= at).saturating_sub(1);
        match self.pieces.get(piece) {
            Some((start, origin, false)) => self.base + (origin + at.saturating_sub(*start)).min(self.length),
            Some((_, origin, true)) => self.base + *origin,
            None => self.base + at.min(self.length),
        }
    }

    /// A range of the old text.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let from = self.origin(start);
        let to = if end > start { self.origin(end - 1) + 1 } else { from };
        // A replaced piece means all that it replaced.
        let next = self
            .pieces
            .iter()
            .find(|(new, _, replaced)| !replaced && *new >= end)
            .map(|(_, origin, _)| self.base + *origin);
        let to = match self.pieces.iter().rev().find(|(new, ..)| *new <= end.saturating_sub(1)) {
            Some((_, _, true)) => next.unwrap_or(to),
            _ => to,
        };
        Span::new(from, to.max(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let found: Vec<_> = tokens(source).iter().map(|t| t.text(source).to_owned()).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn words_without_comments() {
        check(
            "SELECT a, 'it''s' -- c\n/* x */ FROM \"t\"\"x\"",
            &["SELECT", "a", ",", "'it''s'", "FROM", "\"t\"\"x\""],
        );
        check("1e5 12 x_y é", &["1e5", "12", "x_y", "é"]);
        check("'open", &["'open"]);
        check("/* open", &[]);
    }

    #[test]
    fn places_lead_back() {
        let source = "FROM <EDS ID> WHERE x";
        let patched = Patched::new(source, &[(5, 13, "\"e\"".to_owned())]);
        assert_eq!(patched.text, "FROM \"e\" WHERE x");
        assert_eq!(patched.origin(15), 20);
        assert_eq!(patched.span(5, 8), Span::new(5, 13));
        assert_eq!(patched.span(0, 4), Span::new(0, 4));
    }
}
