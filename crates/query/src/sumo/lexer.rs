//! Characters to tokens: what stands after the first pipe of a query. Comments fall away, template variables become their
//! values; text keeps its escapes, since a pattern, a regular expression and a plain string read them differently.

use super::template::Template;
use crate::{diagnostic::Diagnostic, span::Span};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A name or keyword; may be dotted.
    Word,
    /// A name after `%`, in quotes or not: never a keyword.
    Field,
    /// A string; the token's text still has its escapes.
    Text,
    /// A number with its suffix, as typed.
    Number,
    /// A regular expression between slashes.
    Regex,
    /// A place: `geo://location`, `/shared/table`, a URL.
    Path,
    /// A template variable that has no value.
    Hole,
    /// `[subquery: …]`; the text is what stands after the colon.
    Subquery,
    /// Punctuation.
    Punct,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Token {
    pub kind: Kind,
    pub text: String,
    pub span: Span,
}

impl Token {
    /// Whether it is this keyword, in any case.
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is this punctuation.
    pub fn is_punct(&self, punct: &str) -> bool {
        self.kind == Kind::Punct && self.text == punct
    }

    /// Whether a value may end with it: what follows is an operator then.
    fn ends_value(&self) -> bool {
        match self.kind {
            Kind::Punct => matches!(self.text.as_str(), ")" | "]"),
            _ => true,
        }
    }
}

const LONG_PUNCT: &[&str] = &["==", "!=", "<>", "<=", ">=", "->"];

/// Reads the tokens of `text[start..]`.
pub(crate) fn lex(text: &str, start: usize, template: &Template<'_>) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, at: start, base: None, template, tokens: Vec::new(), diagnostics: Vec::new() };
    lexer.run();
    (lexer.tokens, lexer.diagnostics)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// The characters of the query that this text is the value of, where it is one.
    base: Option<Span>,
    template: &'a Template<'a>,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        self.base.unwrap_or(Span::new(start, end))
    }

    fn push(&mut self, kind: Kind, text: impl Into<String>, start: usize, end: usize) {
        let span = self.span(start, end);
        self.tokens.push(Token { kind, text: text.into(), span });
        self.at = end;
    }

    fn run(&mut self) {
        while self.at < self.text.len() {
            if let Some(end) = comment(self.text, self.at) {
                self.at = end;
            } else {
                self.token();
            }
        }
    }

    fn token(&mut self) {
        let start = self.at;
        let Some(c) = self.rest().chars().next() else { return };
        match c {
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '"' => self.string(start, '"', Kind::Text),
            // A single quote, or a backslash, between single quotes, as `split` takes them.
            '\'' if self.rest().starts_with("'''") => self.push(Kind::Text, "'", start, start + 3),
            '\'' if self.rest().starts_with(r"'\'") => self.push(Kind::Text, r"\\", start, start + 3),
            '\'' => self.string(start, '\'', Kind::Text),
            '%' if self.names_a_field() => self.field(start),
            '{' if self.rest().starts_with("{{") => self.variable(start),
            '$' if self.rest().starts_with("$$") => self.variable(start),
            '[' if subquery(self.rest()).is_some() => self.subquery(start),
            '/' if self.begins_path() => self.path(start),
            '/' if self.begins_regex() => self.regex(start),
            '.' if self.byte(1).is_ascii_digit() => self.number(start),
            c if c.is_ascii_digit() => self.number(start),
            c if c.is_alphabetic() || c == '_' || c == '@' => self.word(start),
            _ => self.punct(start, c),
        }
    }

    fn punct(&mut self, start: usize, c: char) {
        let long = LONG_PUNCT.iter().find(|punct| self.rest().starts_with(**punct));
        let text = long.map_or_else(|| c.to_string(), |punct| (*punct).to_owned());
        let end = start + text.len();
        self.push(Kind::Punct, text, start, end);
    }

    fn word(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        let mut end = start;
        for c in self.rest().chars() {
            let next = bytes.get(end + 1).copied().unwrap_or(0);
            let joined = c == '.' && (next.is_ascii_alphanumeric() || next == b'_');
            if !(c.is_alphanumeric() || c == '_' || (c == '@' && end == start) || joined) {
                break;
            }
            end += c.len_utf8();
        }
        if self.text[end..].starts_with("://") {
            return self.path(start);
        }
        let text = self.text[start..end].to_owned();
        self.push(Kind::Word, text, start, end);
    }

    /// Digits, a fraction, an exponent, a suffix. A dot without a digit after it still belongs to the number.
    fn number(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let mut end = digits(start);
        let mut closed = false;
        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            closed = fraction == end + 1;
            end = fraction;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) && !closed {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        if !closed {
            while bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                end += 1;
            }
        }
        let text = self.text[start..end].to_owned();
        self.push(Kind::Number, text, start, end);
    }

    fn string(&mut self, start: usize, quote: char, kind: Kind) {
        let open = self.at + 1;
        let Some(end) = closing(self.text, open, quote) else {
            let span = self.span(start, self.text.len());
            self.diagnostics.push(
                Diagnostic::error("sumo.unclosed", "this string is not closed", span)
                    .with_help(format!("end it with {quote}")),
            );
            self.at = self.text.len();
            return;
        };
        let text = self.template.fill(&self.text[open..end]);
        self.push(kind, text, start, end + 1);
    }

    fn names_a_field(&self) -> bool {
        match self.byte(1) {
            b'"' => true,
            next if next.is_ascii_alphabetic() || next == b'_' => {
                let touches = self.tokens.last().is_some_and(|token| token.span.end == self.at && token.ends_value());
                !touches
            }
            _ => false,
        }
    }

    fn field(&mut self, start: usize) {
        if self.byte(1) == b'"' {
            self.at += 1;
            return self.string(start, '"', Kind::Field);
        }
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b if b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'@') => end += 1,
                b'[' => match self.text[end..].find(']').filter(|length| *length <= 24) {
                    Some(length) => end += length + 1,
                    None => break,
                },
                _ => break,
            }
        }
        let name = self.text[start + 1..end].trim_end_matches('.').to_owned();
        self.push(Kind::Field, name, start, end);
    }

    /// A template variable outside of strings: its value's tokens, or a hole.
    fn variable(&mut self, start: usize) {
        let Some((name, length)) = super::template::variable(self.rest()) else {
            return self.punct(start, self.rest().chars().next().unwrap_or('{'));
        };
        let end = start + length;
        match self.template.value(name).filter(|value| value != "*" && self.base.is_none()) {
            Some(value) => {
                let inner = Lexer {
                    text: &value,
                    at: 0,
                    base: Some(Span::new(start, end)),
                    template: self.template,
                    tokens: std::mem::take(&mut self.tokens),
                    diagnostics: std::mem::take(&mut self.diagnostics),
                };
                (self.tokens, self.diagnostics) = inner.into_parts();
                self.at = end;
            }
            None => {
                let name = name.to_owned();
                self.push(Kind::Hole, name, start, end);
            }
        }
    }

    fn into_parts(mut self) -> (Vec<Token>, Vec<Diagnostic>) {
        self.run();
        (self.tokens, self.diagnostics)
    }

    fn subquery(&mut self, start: usize) {
        let Some((from, to)) = subquery(self.rest()) else { return };
        let text = self.text[start + from..start + to].to_owned();
        let end = (start + to + 1).min(self.text.len());
        self.push(Kind::Subquery, text, start, end);
        // Offsets inside it are the query's own.
        if let (Some(token), None) = (self.tokens.last_mut(), self.base) {
            token.span = Span::new(start + from, start + to);
        }
    }

    fn begins_path(&self) -> bool {
        let word = |name: &str| self.tokens.last().is_some_and(|token| token.is(name));
        ["from", "save", "append", "cat", "into", "create"].iter().any(|name| word(name))
    }

    fn path(&mut self, start: usize) {
        let mut end = start;
        let mut quoted = false;
        for c in self.rest().chars() {
            if c == '"' {
                quoted = !quoted;
            } else if !quoted && (c.is_whitespace() || matches!(c, '|' | ')')) {
                break;
            }
            end += c.len_utf8();
        }
        let text = self.template.fill(&self.text[start..end]);
        self.push(Kind::Path, text, start, end);
    }

    fn begins_regex(&self) -> bool {
        let place = match self.tokens.last() {
            None => false,
            Some(token) => token.is("matches") || token.is("regex") || !token.ends_value(),
        };
        place && closing(self.text, self.at + 1, '/').is_some()
    }

    fn regex(&mut self, start: usize) {
        let Some(end) = closing(self.text, start + 1, '/') else { return };
        let text = self.template.fill(&self.text[start + 1..end]);
        self.push(Kind::Regex, text, start, end + 1);
    }
}

/// Where the quotation that opened before `at` closes; a backslash protects the next character.
pub(crate) fn closing(text: &str, mut at: usize, quote: char) -> Option<usize> {
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b if b == quote as u8 => return Some(at),
            b'\n' if quote == '/' => return None,
            _ => at += 1,
        }
    }
    None
}

/// Where a comment that begins at `at` ends. `geo://` and a path's `/*` are none.
pub(crate) fn comment(text: &str, at: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..];
    if rest.starts_with(b"//") {
        return Some(rest.iter().position(|b| *b == b'\n').map_or(text.len(), |end| at + end));
    }
    let free = at == 0 || text.as_bytes()[at - 1].is_ascii_whitespace() || text.as_bytes()[at - 1] == b'|';
    (free && rest.starts_with(b"/*")).then(|| text[at + 2..].find("*/").map(|end| at + 2 + end + 2))?
}

/// Where the text of a `[subquery: …]` that begins here starts and ends.
pub(crate) fn subquery(text: &str) -> Option<(usize, usize)> {
    let inside = text.strip_prefix('[')?.trim_start();
    let after =
        inside.get(..8).filter(|word| word.eq_ignore_ascii_case("subquery")).map(|_| inside[8..].trim_start())?;
    let from = text.len() - after.strip_prefix(':')?.len();
    let (mut at, mut depth) = (from, 1);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = closing(text, at + 1, '"').unwrap_or(text.len()),
            b'[' => depth += 1,
            b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some((from, at));
                }
            }
            _ => {}
        }
        at += 1;
    }
    Some((from, text.len()))
}

/// A string's value: `\n`, `\t`, `\r` are what they say, any other escaped character is itself.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(other @ ('"' | '\\' | '\'' | '/' | '*')) => out.push(other),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
    out
}

/// A regular expression out of a string: only the quotation's own escape is undone.
pub(crate) fn regex_text(text: &str) -> String {
    text.replace("\\\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let template = Template::new(&|name| (name == "n").then(|| "> 5".to_owned()));
        let (tokens, diagnostics) = lex(text, 0, &template);
        assert_eq!(diagnostics, [], "{text}");
        let shown: Vec<String> = tokens.iter().map(|token| format!("{:?}:{}", token.kind, token.text)).collect();
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn tokens() {
        check("where a.b>=1.5k", "Word:where Word:a.b Punct:>= Number:1.5k");
        check("x > 0.and y", "Word:x Punct:> Number:0. Word:and Word:y");
        check(
            "%\"a b\" % 3 %c.d[0].e, 5%2",
            "Field:a b Punct:% Number:3 Field:c.d[0].e Punct:, Number:5 Punct:% Number:2",
        );
        check("a matches /x\\/y/ and b/c", "Word:a Word:matches Regex:x\\/y Word:and Word:b Punct:/ Word:c");
        check(
            "lookup a from geo://location on ip=x",
            "Word:lookup Word:a Word:from Path:geo://location Word:on Word:ip Punct:= Word:x",
        );
        check("save /shared/a/b | x", "Word:save Path:/shared/a/b Punct:| Word:x");
        check("a // b | c\n| d /* e */ f", "Word:a Punct:| Word:d Word:f");
        check("d {{n}} {{m}} \"{{m}}\"", "Word:d Punct:> Number:5 Hole:m Text:*");
        check("(x,/a|b/)", "Punct:( Word:x Punct:, Regex:a|b Punct:)");
        check("where [subquery: a | compose b] x", "Word:where Subquery: a | compose b Word:x");
    }

    #[test]
    fn strings() {
        for (text, value) in [(r#"a\"b"#, "a\"b"), (r"a\tb\\", "a\tb\\"), (r"\d+", r"\d+"), ("a\\", "a\\")] {
            assert_eq!(unescape(text), value);
        }
        assert_eq!(regex_text(r#"\"(\d+)\\""#), "\"(\\d+)\\\"");
        let template = Template::new(&|_| None);
        assert_eq!(lex("a \"b", 0, &template).1[0].code, "sumo.unclosed");
    }
}
