//! Tokens of SPL. Which characters make up a word depends on where it stands: `a-b` is one word in `stats`, a
//! difference in `eval`, and `a=b` is one word as a search value. So the parser says, at each token, how to read.

use super::source::Source;
use crate::span::Span;

/// How to read the next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A search term or field name.
    Search,
    /// The value of a comparison in a search: comparison signs are ordinary characters.
    Value,
    /// Arguments of commands: options, field names with dots, dashes and wildcards.
    Arguments,
    /// Expressions of eval and where.
    Eval,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word; in [`Mode::Eval`] a name or a number.
    Word,
    /// A string in double quotes.
    Quoted,
    /// A name in single quotes.
    Single,
    /// An operator or punctuation.
    Sign(&'static str),
    /// No more characters.
    End,
}

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub kind: Kind,
    /// Its text; for strings without quotes and escapes.
    pub text: String,
    /// Where it begins and ends in the expanded text.
    pub start: usize,
    pub end: usize,
}

impl Token {
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    pub fn sign(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Sign(sign) => Some(sign),
            _ => None,
        }
    }
}

/// Longest first: `==` must not be read as `=` twice.
const COMPARISONS: &[&str] = &["!=", "==", "<=", ">=", "=", "<", ">"];
const PUNCTUATION: &[&str] = &["(", ")", "[", "]", ",", "|"];
const OPERATORS: &[&str] = &["+", "-", "*", "/", "%", "."];

/// Reads tokens between two offsets of the expanded text.
pub(crate) struct Lexer<'s> {
    source: &'s Source,
    at: usize,
    end: usize,
}

impl<'s> Lexer<'s> {
    pub fn new(source: &'s Source, start: usize, end: usize) -> Self {
        Self { source, at: start, end }
    }

    /// Where the next token may begin.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Continues at another offset.
    pub fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// Where this lexer's range ends.
    pub fn end(&self) -> usize {
        self.end
    }

    pub fn source(&self) -> &'s Source {
        self.source
    }

    /// The characters not read yet.
    pub fn rest(&self) -> &'s str {
        &self.source.text[self.at..self.end]
    }

    /// The user's characters of a token.
    pub fn span(&self, token: &Token) -> Span {
        self.source.span(token.start, token.end)
    }

    pub fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Reads a token.
    pub fn next(&mut self, mode: Mode) -> Token {
        self.skip_space();
        let start = self.at;
        let (kind, text) = self.read(mode);
        Token { kind, text, start, end: self.at }
    }

    /// The token that [`Lexer::next`] would read.
    pub fn peek(&mut self, mode: Mode) -> Token {
        let at = self.at;
        let token = self.next(mode);
        self.at = at;
        token
    }

    fn read(&mut self, mode: Mode) -> (Kind, String) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return (Kind::End, String::new()) };
        if first == '"' {
            return (Kind::Quoted, self.string('"'));
        }
        if first == '\'' && matches!(mode, Mode::Eval | Mode::Arguments) && rest[1..].contains('\'') {
            return (Kind::Single, self.string('\''));
        }
        if let Some(sign) = sign(rest, mode) {
            self.at += sign.len();
            return (Kind::Sign(sign), sign.to_owned());
        }
        let length = match mode {
            Mode::Eval => eval_word(rest),
            _ => plain_word(rest, mode),
        };
        let length = length.max(first.len_utf8());
        self.at += length;
        (Kind::Word, rest[..length].to_owned())
    }

    /// A string whose opening quote is next. `\"` and `\\` are unescaped, other escapes stay (they belong to a regex).
    fn string(&mut self, quote: char) -> String {
        let rest = self.rest();
        let mut out = String::new();
        let mut chars = rest.char_indices().skip(1);
        while let Some((index, c)) = chars.next() {
            if c == quote {
                self.at += index + 1;
                return out;
            }
            if c != '\\' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some((_, escaped)) if escaped == quote || escaped == '\\' => out.push(escaped),
                Some((_, other)) => out.extend(['\\', other]),
                None => out.push('\\'),
            }
        }
        self.at = self.end;
        out
    }
}

fn sign(rest: &str, mode: Mode) -> Option<&'static str> {
    let find = |signs: &[&'static str]| signs.iter().copied().find(|sign| rest.starts_with(sign));
    let comparison = if mode == Mode::Value { None } else { find(COMPARISONS) };
    let operator = if mode == Mode::Eval && !starts_number(rest) { find(OPERATORS) } else { None };
    comparison.or_else(|| find(PUNCTUATION)).or(operator)
}

/// `.5` is a number, `.` before anything else the concatenation.
fn starts_number(rest: &str) -> bool {
    rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_ascii_digit())
}

fn plain_word(rest: &str, mode: Mode) -> usize {
    let mut end = rest.len();
    for (index, c) in rest.char_indices() {
        let stops = match c {
            '(' | ')' | '[' | ']' | ',' | '|' | '"' => true,
            '=' | '<' | '>' => mode != Mode::Value,
            '!' => mode != Mode::Value && rest[index + 1..].starts_with('='),
            _ => c.is_whitespace(),
        };
        if stops {
            end = index;
            break;
        }
    }
    end
}

/// A number, or a name whose parts are joined by dots. A dot before anything but a name's first character is the
/// concatenation, as in `name.", "`.
fn eval_word(rest: &str) -> usize {
    if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return number(rest);
    }
    let bytes = rest.as_bytes();
    let mut end = rest.len();
    for (index, c) in rest.char_indices() {
        let inside = match c {
            '.' => rest[index + 1..].starts_with(|next: char| next.is_alphabetic() || next == '_'),
            '{' | '}' | '_' | '$' | ':' | '@' => true,
            '*' => index > 0 && bytes[index - 1] == b'.',
            _ => c.is_alphanumeric(),
        };
        if !inside {
            end = index;
            break;
        }
    }
    end
}

fn number(rest: &str) -> usize {
    let digits = |from: usize| rest[from..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |at| from + at);
    let mut end = digits(0);
    if rest[end..].starts_with('.') && rest[end + 1..].starts_with(|c: char| c.is_ascii_digit()) {
        end = digits(end + 1);
    }
    let exponent = &rest[end..];
    if exponent.starts_with(['e', 'E']) {
        let sign = usize::from(exponent[1..].starts_with(['+', '-']));
        if exponent[1 + sign..].starts_with(|c: char| c.is_ascii_digit()) {
            end = digits(end + 1 + sign);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mode: Mode, text: &str, expected: &[&str]) {
        let (source, _) = Source::expand(text, &|_, _| None);
        let mut lexer = Lexer::new(&source, 0, source.text.len());
        let mut found = Vec::new();
        loop {
            let token = lexer.next(mode);
            match token.kind {
                Kind::End => break,
                Kind::Quoted => found.push(format!("\"{}", token.text)),
                Kind::Single => found.push(format!("'{}", token.text)),
                _ => found.push(token.text),
            }
        }
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn search_words() {
        check(Mode::Search, "eventName=Describe* (a OR b)", &["eventName", "=", "Describe*", "(", "a", "OR", "b", ")"]);
        check(Mode::Search, "sourceIPs{}!=::1 x!", &["sourceIPs{}", "!=", "::1", "x!"]);
        check(Mode::Search, "\"a \\\"b\\\" \\d\"=c", &["\"a \"b\" \\d", "=", "c"]);
        check(Mode::Search, "日本=語", &["日本", "=", "語"]);
        check(Mode::Value, "YWJj==) d", &["YWJj==", ")", "d"]);
    }

    #[test]
    fn argument_words() {
        check(
            Mode::Arguments,
            "sort -count, x-amz-y span=1d@d",
            &["sort", "-count", ",", "x-amz-y", "span", "=", "1d@d"],
        );
        check(Mode::Arguments, "'a b' values(x.*) as *", &["'a b", "values", "(", "x.*", ")", "as", "*"]);
        check(Mode::Arguments, "don't", &["don't"]);
    }

    #[test]
    fn eval_tokens() {
        check(Mode::Eval, "a.b+1.5*-x.\", \".y", &["a.b", "+", "1.5", "*", "-", "x", ".", "\", ", ".", "y"]);
        check(Mode::Eval, "'a-b'>=.5e3 % c{}.d", &["'a-b", ">=", ".5e3", "%", "c{}.d"]);
        check(Mode::Eval, "if(a==\"x\",1,0)", &["if", "(", "a", "==", "\"x", ",", "1", ",", "0", ")"]);
        check(Mode::Eval, "\"never closed \\", &["\"never closed \\"]);
    }
}
