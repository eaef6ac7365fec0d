//! A place in a query's text. What a character means depends on what stands before it (`/` divides or begins a regular
//! expression, `*` multiplies or stands for all), so the parser asks for the kind of thing it expects.

use super::{
    ast::{Period, Word},
    time,
};
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
    /// How deep in parentheses and calls.
    pub depth: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, diagnostics: Vec::new(), depth: 0 }
    }

    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Skips blanks and comments: `# …` and `// …` to the end of the line.
    pub fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') && !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    /// The next character that is no blank and no comment.
    pub fn peek(&mut self) -> Option<char> {
        self.skip();
        self.rest().chars().next()
    }

    pub fn bump(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    /// Takes a sign where it stands next.
    pub fn eat(&mut self, sign: &str) -> bool {
        self.skip();
        let there = self.rest().starts_with(sign);
        if there {
            self.at += sign.len();
        }
        there
    }

    /// The word that stands next, in letters, digits and `_`; the cursor stays.
    pub fn word(&mut self) -> &'a str {
        self.skip();
        let rest = self.rest();
        &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]
    }

    /// Whether a keyword stands next, whatever its case.
    pub fn at_keyword(&mut self, keyword: &str) -> bool {
        let word = self.word();
        word.eq_ignore_ascii_case(keyword) && !self.rest()[word.len()..].starts_with(['.', '@'])
    }

    /// Takes a keyword.
    pub fn eat_keyword(&mut self, keyword: &str) -> bool {
        let there = self.at_keyword(keyword);
        if there {
            self.at += keyword.len();
        }
        there
    }

    pub fn span(&self, start: usize) -> Span {
        Span::new(start, self.at.max(start))
    }

    /// The next character's span, empty at the end.
    pub fn here(&mut self) -> Span {
        let length = self.peek().map_or(0, char::len_utf8);
        Span::new(self.at, self.at + length)
    }

    /// The span of the word or character that stands next.
    pub fn next_word(&mut self) -> Span {
        let word = self.word().len();
        if word > 0 { Span::new(self.at, self.at + word) } else { self.here() }
    }

    /// Whether the command ends here.
    pub fn at_end(&mut self) -> bool {
        matches!(self.peek(), None | Some('|' | ')'))
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        let room = self.diagnostics.len() < MOST_DIAGNOSTICS;
        let first = diagnostic.severity == Severity::Error
            && self.diagnostics.iter().all(|known| known.severity != Severity::Error);
        if (room || first) && !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    pub fn error<T>(&mut self, code: &str, message: impl Into<String>, span: Span, help: &str) -> Option<T> {
        let diagnostic = Diagnostic::error(code, message, span);
        self.report(if help.is_empty() { diagnostic } else { diagnostic.with_help(help) });
        None
    }

    /// Takes a sign that has to stand next.
    pub fn expect(&mut self, sign: &str, after: &str) -> Option<()> {
        if self.eat(sign) {
            return Some(());
        }
        let span = self.next_word();
        self.error("insights.syntax", format!("`{sign}` is expected after {after}"), span, "")
    }

    // -- things with a form of their own

    /// Takes a quoted text: `"…"` or `'…'`.
    pub fn string(&mut self) -> Option<Option<String>> {
        let quote = self.peek().filter(|c| matches!(c, '"' | '\''))?;
        let start = self.at;
        self.bump();
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    self.at += at + 1;
                    return Some(Some(out));
                }
                '\\' => match chars.next() {
                    Some((_, next)) if next == quote || next == '\\' => out.push(next),
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, next)) => out.extend(['\\', next]),
                    None => out.push('\\'),
                },
                _ => out.push(c),
            }
        }
        self.at = self.text.len();
        let span = Span::new(start, self.at);
        Some(self.error("insights.unclosed-string", "the text has no closing quotation mark", span, ""))
    }

    /// Takes a regular expression: `/…/`, with flags after it. The flags stand in front of what is given.
    pub fn regex(&mut self) -> Option<Option<String>> {
        self.peek().filter(|c| *c == '/')?;
        let start = self.at;
        self.bump();
        let Some(end) = regex_end(self.rest()) else {
            self.at = self.text.len();
            let span = Span::new(start, self.at);
            return Some(self.error("insights.unclosed-regex", "the regular expression has no closing `/`", span, ""));
        };
        let pattern = &self.rest()[..end];
        self.at += end + 1;
        let rest = self.rest();
        let flags = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())];
        let known = !flags.is_empty() && flags.len() <= 4 && flags.bytes().all(|b| b"gims".contains(&b));
        let flags: String = if known { flags.chars().filter(|c| *c != 'g').collect() } else { String::new() };
        if known {
            self.at += rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        }
        let pattern = pattern.replace("\\/", "/");
        Some(Some(if flags.is_empty() { pattern } else { format!("(?{flags}){pattern}") }))
    }

    /// Takes a number with what may follow it: a unit of time.
    pub fn number(&mut self) -> Option<(f64, &'a str)> {
        self.skip();
        let rest = self.rest();
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mut end = digits(rest);
        if rest[end..].starts_with('.') && (end > 0 || digits(&rest[1..]) > 0) {
            end += 1 + digits(&rest[end + 1..]);
        }
        if end == 0 || &rest[..end] == "." {
            return None;
        }
        let exponent = rest[end..].strip_prefix(['e', 'E']).map(|rest| {
            let sign = usize::from(rest.starts_with(['+', '-']));
            (sign, digits(&rest[sign..]))
        });
        if let Some((sign, count @ 1..)) = exponent {
            end += 1 + sign + count;
        }
        let value = rest[..end].parse().ok()?;
        self.at += end;
        Some((value, &rest[..end]))
    }

    /// Takes a length of time: `5m`, `30 s`, `1month`.
    pub fn period(&mut self) -> Option<Period> {
        self.skip();
        let start = self.at;
        let found = self.number().and_then(|(value, text)| {
            let count = text.parse::<i64>().ok().filter(|_| value >= 1.0)?;
            let name = self.word();
            let unit = time::unit(name)?;
            self.at += name.len();
            Some(Period { count, unit })
        });
        if found.is_none() {
            self.at = start;
        }
        found
    }

    /// Takes the name of a field: `a.b.0.c`, `a[0].b`, `@timestamp`, `` `a-b` ``, ``@`a:b` ``. Backticks are left out of it.
    pub fn field(&mut self) -> Option<Word> {
        self.skip();
        let start = self.at;
        let mut name = String::new();
        loop {
            let rest = self.rest();
            match rest.chars().next() {
                Some('`') => {
                    let Some(end) = rest[1..].find('`') else {
                        self.at = self.text.len();
                        let span = Span::new(start, self.at);
                        return self.error("insights.unclosed-name", "the name has no closing backtick", span, "");
                    };
                    name.push_str(&rest[1..=end]);
                    self.at += end + 2;
                }
                Some('[') if !name.is_empty() => {
                    let Some(index) = index(rest) else { break };
                    name.push('.');
                    name.push_str(index);
                    self.at += index.len() + 2;
                }
                Some(c) if is_name(c, name.is_empty()) => {
                    let end = rest.find(|c| !is_name(c, false)).unwrap_or(rest.len());
                    name.push_str(&rest[..end]);
                    self.at += end;
                }
                _ => break,
            }
        }
        (!name.is_empty()).then(|| Word { text: name, span: self.span(start) })
    }
}

fn is_name(c: char, first: bool) -> bool {
    c == '_' || c == '@' || c == '$' || c.is_alphabetic() || (!first && (c.is_numeric() || c == '.'))
}

/// `[0]` after a name.
fn index(text: &str) -> Option<&str> {
    let inside = &text[1..text.find(']')?];
    (!inside.is_empty() && inside.len() < 10 && inside.bytes().all(|b| b.is_ascii_digit())).then_some(inside)
}

/// Offset of the closing slash; neither an escaped one nor one in a class is it.
fn regex_end(text: &str) -> Option<usize> {
    let (mut escaped, mut class) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => return Some(at),
            _ => {}
        }
    }
    // A bracket that is never closed is no class.
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == '/' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}
