//! The query's text after comments and macros, with a map back to the characters that the user typed.
//!
//! Macros are textual in SPL (one may stand for half a filter or for two commands), so they are expanded before any
//! lexing; what comes out of one points at its call.

use super::{Macro, macros};
use crate::{diagnostic::Diagnostic, span::Span};

/// Longest query, before and after expansion.
const MAX_BYTES: usize = 1 << 20;
/// Macros inside macros.
const MAX_DEPTH: usize = 32;

/// A stretch of the expanded text.
struct Piece {
    /// Where it begins in the expanded text.
    at: usize,
    /// The user's characters; a verbatim piece maps byte by byte, a macro's text maps to the whole call.
    from: Span,
    verbatim: bool,
}

/// The expanded text and the way back.
pub(crate) struct Source {
    pub text: String,
    pieces: Vec<Piece>,
}

impl Source {
    /// Removes comments and expands macros.
    pub fn expand(query: &str, lookup: &dyn Fn(&str, usize) -> Option<Macro>) -> (Self, Vec<Diagnostic>) {
        let mut expansion = Expansion {
            source: Self { text: String::with_capacity(query.len()), pieces: Vec::new() },
            lookup,
            diagnostics: Vec::new(),
        };
        if query.len() > MAX_BYTES {
            let span = Span::new(0, 0);
            expansion.diagnostics.push(Diagnostic::error("spl.too-long", "the query is longer than 1 MB", span));
        } else {
            expansion.text(query, None, 0);
        }
        (expansion.source, expansion.diagnostics)
    }

    /// Text that the user did not type as it is; all of it points at `span`.
    pub fn fixed(text: &str, span: Span) -> Self {
        Self { text: text.to_owned(), pieces: vec![Piece { at: 0, from: span, verbatim: false }] }
    }

    /// The user's characters that `start..end` of the expanded text came from.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let last = if end > start { end - 1 } else { start };
        let from = self.origin(start, false);
        Span::new(from, self.origin(last, end > start).max(from))
    }

    /// The user's offset of one byte; `after` asks for the offset behind it.
    fn origin(&self, at: usize, after: bool) -> usize {
        let index = self.pieces.partition_point(|piece| piece.at <= at);
        let Some(piece) = index.checked_sub(1).and_then(|index| self.pieces.get(index)) else { return 0 };
        match (piece.verbatim, after) {
            (true, _) => (piece.from.start + (at - piece.at) + usize::from(after)).min(piece.from.end),
            (false, true) => piece.from.end,
            (false, false) => piece.from.start,
        }
    }
}

struct Expansion<'a> {
    source: Source,
    lookup: &'a dyn Fn(&str, usize) -> Option<Macro>,
    diagnostics: Vec<Diagnostic>,
}

impl Expansion<'_> {
    /// Copies `text`; `call` is the macro call that it came from, if any.
    fn text(&mut self, text: &str, call: Option<Span>, depth: usize) {
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut copied = 0;
        while at < bytes.len() {
            let next = match bytes[at] {
                b'"' => skip_string(bytes, at),
                b'`' => {
                    self.copy(text, copied, at, call);
                    copied = if text[at..].starts_with("```") {
                        self.comment(text, at, call)
                    } else {
                        self.call(text, at, call, depth)
                    };
                    copied
                }
                _ => at + 1,
            };
            at = next;
        }
        self.copy(text, copied, bytes.len(), call);
    }

    fn copy(&mut self, text: &str, start: usize, end: usize, call: Option<Span>) {
        if start < end && self.fits(end - start, call.unwrap_or(Span::new(start, end))) {
            let from = call.unwrap_or(Span::new(start, end));
            self.source.pieces.push(Piece { at: self.source.text.len(), from, verbatim: call.is_none() });
            self.source.text.push_str(&text[start..end]);
        }
    }

    fn fits(&mut self, more: usize, span: Span) -> bool {
        let fits = self.source.text.len() + more <= MAX_BYTES;
        if !fits && !self.diagnostics.iter().any(|d| d.code == "spl.too-long") {
            self.diagnostics.push(Diagnostic::error(
                "spl.too-long",
                "the query is longer than 1 MB with its macros expanded",
                span,
            ));
        }
        fits
    }

    /// A comment in triple backticks becomes a space; returns where it ends.
    fn comment(&mut self, text: &str, at: usize, call: Option<Span>) -> usize {
        let end = text[at + 3..].find("```").map(|found| at + 3 + found + 3);
        let span = call.unwrap_or(Span::new(at, end.unwrap_or(text.len())));
        if end.is_none() {
            self.diagnostics.push(
                Diagnostic::error("spl.unclosed", "this comment is not closed", span).with_help("end it with ```"),
            );
        }
        self.space(span);
        end.unwrap_or(text.len())
    }

    fn space(&mut self, span: Span) {
        if self.fits(1, span) {
            self.source.pieces.push(Piece { at: self.source.text.len(), from: span, verbatim: false });
            self.source.text.push(' ');
        }
    }

    /// A macro call; returns where it ends.
    fn call(&mut self, text: &str, at: usize, outer: Option<Span>, depth: usize) -> usize {
        let end = closing_backtick(text.as_bytes(), at + 1);
        let span = outer.unwrap_or(Span::new(at, end.map_or(text.len(), |end| end + 1)));
        let Some(end) = end else {
            self.diagnostics.push(
                Diagnostic::error("spl.unclosed", "this macro call is not closed", span).with_help("end it with `"),
            );
            return text.len();
        };
        if depth >= MAX_DEPTH {
            self.diagnostics.push(Diagnostic::error(
                "spl.macro-depth",
                "these macros call one another too deeply",
                span,
            ));
            return end + 1;
        }
        match macros::expand(&text[at + 1..end], self.lookup) {
            Ok(expanded) => {
                self.text(&expanded, Some(span), depth + 1);
                self.space(Span::new(span.end, span.end));
            }
            Err(macros::Failed { code: code @ "spl.unknown-macro", message }) => {
                let help = "define it in the macros file (`--macros`, in the form of Splunk's macros.conf), or write what it stands for";
                self.diagnostics.push(Diagnostic::error(code, message, span).with_help(help));
            }
            Err(macros::Failed { code, message }) => {
                self.diagnostics.push(Diagnostic::error(code, message, span));
            }
        }
        end + 1
    }
}

/// Where the string that begins at `at` ends; the end of the text when it is not closed.
fn skip_string(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn closing_backtick(bytes: &[u8], mut at: usize) -> Option<usize> {
    while at < bytes.len() {
        at = match bytes[at] {
            b'`' => return Some(at),
            b'"' => skip_string(bytes, at),
            _ => at + 1,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(query: &str) -> (Source, Vec<Diagnostic>) {
        Source::expand(query, &|name, arity| match (name, arity) {
            ("trail", 0) => Some(Macro::new(&[], "sourcetype=aws:cloudtrail")),
            ("by", 1) => Some(Macro::new(&["f"], "stats count by $f$ | `trail`")),
            ("two", 2) => Some(Macro::new(&["a", "b"], "$a$=$b$")),
            ("loop", 0) => Some(Macro::new(&[], "`loop`")),
            ("bomb", 0) => Some(Macro::new(&[], &"x".repeat(800_000))),
            _ => None,
        })
    }

    fn check(query: &str, expected: &str) {
        let (source, diagnostics) = expand(query);
        assert_eq!(diagnostics, [], "{query}");
        assert_eq!(source.text.trim_end(), expected, "{query}");
    }

    #[test]
    fn comments_and_macros() {
        check("a ```b | c``` d", "a   d");
        check("`trail` x", "sourcetype=aws:cloudtrail  x");
        check("a | `by(user)`", "a | stats count by user | sourcetype=aws:cloudtrail");
        check("`two(\"a, b\", c)`", "a, b=c");
        check("`two(\"say \\\"x\\\"\", c)`", "say \"x\"=c");
        check("x=\"`trail`\"", "x=\"`trail`\"");
        check("x `comment(\"anything | at all\")` y", "x   y");
    }

    #[test]
    fn spans_point_at_the_users_characters() {
        let (source, _) = expand("ab `trail` cd");
        let at = source.text.find("cd").unwrap_or_default();
        assert_eq!(source.span(at, at + 2), Span::new(11, 13));
        let at = source.text.find("aws").unwrap_or_default();
        assert_eq!(source.span(at, at + 3), Span::new(3, 10));
        assert_eq!(source.span(0, 2), Span::new(0, 2));
    }

    #[test]
    fn what_cannot_be_expanded_is_said() {
        for (query, code) in [
            ("`nope`", "spl.unknown-macro"),
            ("`two(1)`", "spl.unknown-macro"),
            ("a `trail", "spl.unclosed"),
            ("a ```b", "spl.unclosed"),
            ("`loop`", "spl.macro-depth"),
            ("`bomb` `bomb`", "spl.too-long"),
            (&"x".repeat(MAX_BYTES + 1), "spl.too-long"),
        ] {
            let codes: Vec<_> = expand(query).1.into_iter().map(|d| d.code).collect();
            assert_eq!(codes, [code]);
        }
    }
}
