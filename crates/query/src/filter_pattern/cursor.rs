//! A place in a pattern's text, and what was found wrong on the way.

use crate::{
    diagnostic::{Diagnostic, Severity},
    span::Span,
};

/// Nobody reads more.
const MOST_DIAGNOSTICS: usize = 50;

/// A place in the text.
pub(super) struct Cursor<'a> {
    pub text: &'a str,
    pub at: usize,
    pub diagnostics: Vec<Diagnostic>,
    /// How deep in parentheses.
    pub depth: usize,
    /// Regular expressions so far; AWS takes two a pattern.
    pub regexes: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, diagnostics: Vec::new(), depth: 0, regexes: 0 }
    }

    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes a sign where it stands next, space before it left out.
    pub fn eat(&mut self, sign: &str) -> bool {
        self.skip_space();
        let there = self.rest().starts_with(sign);
        if there {
            self.at += sign.len();
        }
        there
    }

    /// Takes characters while they pass.
    pub fn take_while(&mut self, pass: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !pass(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The word that stands next, in letters; the cursor stays.
    pub fn word(&mut self) -> &'a str {
        self.skip_space();
        let rest = self.rest();
        &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())]
    }

    /// Takes a keyword, whatever its case.
    pub fn eat_word(&mut self, keyword: &str) -> bool {
        let word = self.word();
        let there = word.eq_ignore_ascii_case(keyword);
        if there {
            self.at += word.len();
        }
        there
    }

    pub fn span(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    /// The next character's span, empty at the end.
    pub fn here(&self) -> Span {
        Span::new(self.at, self.at + self.peek().map_or(0, char::len_utf8))
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        let room = self.diagnostics.len() < MOST_DIAGNOSTICS;
        let first = diagnostic.severity == Severity::Error && !self.failed();
        if (room || first) && !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    pub fn error<T>(&mut self, code: &str, message: impl Into<String>, span: Span, help: &str) -> Option<T> {
        let diagnostic = Diagnostic::error(code, message, span);
        self.report(if help.is_empty() { diagnostic } else { diagnostic.with_help(help) });
        None
    }
}
