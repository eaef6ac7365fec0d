//! A place in a stage's tokens: what the operators' files read their arguments with.

use super::{
    lexer::{Kind, Token},
    lowering::{Lower, Lowerer},
};
use crate::span::Span;

/// A name with the characters it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub text: String,
    pub span: Span,
}

/// Reads tokens one by one.
pub(crate) struct Cursor<'t> {
    tokens: &'t [Token],
    at: usize,
    /// The stage's characters.
    pub span: Span,
}

impl<'t> Cursor<'t> {
    pub fn new(tokens: &'t [Token], span: Span) -> Self {
        Self { tokens, at: 0, span }
    }

    pub fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    pub fn peek_at(&self, ahead: usize) -> Option<&'t Token> {
        self.tokens.get(self.at + ahead)
    }

    pub fn next(&mut self) -> Option<&'t Token> {
        let token = self.tokens.get(self.at);
        self.at += usize::from(token.is_some());
        token
    }

    pub fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The characters of the next token, or the end of the stage.
    pub fn here(&self) -> Span {
        self.peek().map_or(Span::new(self.span.end, self.span.end), |token| token.span)
    }

    /// Passes over a keyword, if it is next.
    pub fn word(&mut self, keyword: &str) -> bool {
        self.accept(|token| token.is(keyword))
    }

    /// Passes over punctuation, if it is next.
    pub fn punct(&mut self, punct: &str) -> bool {
        self.accept(|token| token.is_punct(punct))
    }

    fn accept(&mut self, wanted: impl Fn(&Token) -> bool) -> bool {
        let found = self.peek().is_some_and(wanted);
        self.at += usize::from(found);
        found
    }

    pub fn is_word(&self, keyword: &str) -> bool {
        self.peek().is_some_and(|token| token.is(keyword))
    }

    pub fn is_punct(&self, punct: &str) -> bool {
        self.peek().is_some_and(|token| token.is_punct(punct))
    }

    /// Whether the next two tokens are this keyword and `=`.
    pub fn is_setting(&self, name: &str) -> bool {
        self.is_word(name) && self.peek_at(1).is_some_and(|token| token.is_punct("="))
    }

    /// Passes over `name =`, if that is next.
    pub fn setting(&mut self, name: &str) -> bool {
        let found = self.is_setting(name);
        self.at += if found { 2 } else { 0 };
        found
    }

    /// A string, if it is next: its token, escapes and all.
    pub fn text(&mut self) -> Option<&'t Token> {
        let found = self.peek().filter(|token| token.kind == Kind::Text);
        self.at += usize::from(found.is_some());
        found
    }

    /// A name, if it is next.
    pub fn name(&mut self) -> Option<Name> {
        let found = self.peek().filter(|token| matches!(token.kind, Kind::Word | Kind::Field));
        self.at += usize::from(found.is_some());
        found.map(|token| Name { text: token.text.clone(), span: token.span })
    }

    /// A whole number, if it is next.
    pub fn count(&mut self) -> Option<u64> {
        let found = self.peek().filter(|token| token.kind == Kind::Number).and_then(|token| token.text.parse().ok());
        self.at += usize::from(found.is_some());
        found
    }

    /// The tokens inside parentheses that open here, without them.
    pub fn parenthesised(&mut self) -> Option<&'t [Token]> {
        if !self.is_punct("(") {
            return None;
        }
        let start = self.at + 1;
        let mut depth = 0_usize;
        for (index, token) in self.tokens.iter().enumerate().skip(self.at) {
            if token.is_punct("(") {
                depth += 1;
            } else if token.is_punct(")") {
                depth -= 1;
                if depth == 0 {
                    self.at = index + 1;
                    return Some(&self.tokens[start..index]);
                }
            }
        }
        None
    }
}

/// Keywords that end a list of names.
const STOPS: &[&str] = &["as", "by", "nodrop", "asc", "desc", "row", "column", "on", "from", "extract", "with"];

/// Whether a token can be a name in a list of names.
pub(crate) fn is_name(token: &Token) -> bool {
    token.kind == Kind::Field || (token.kind == Kind::Word && !STOPS.iter().any(|stop| token.is(stop)))
}

impl Lowerer<'_> {
    pub fn expect_name(&mut self, cursor: &mut Cursor<'_>, what: &str) -> Lower<Name> {
        match cursor.name() {
            Some(name) => Ok(name),
            None => self.expected(cursor, what),
        }
    }

    pub fn expect_punct(&mut self, cursor: &mut Cursor<'_>, punct: &str) -> Lower<()> {
        if cursor.punct(punct) { Ok(()) } else { self.expected(cursor, &format!("`{punct}`")) }
    }

    pub fn expect_word(&mut self, cursor: &mut Cursor<'_>, word: &str) -> Lower<()> {
        if cursor.word(word) { Ok(()) } else { self.expected(cursor, &format!("`{word}`")) }
    }

    /// The diagnostic for something else than what has to stand here.
    pub fn expected<T>(&mut self, cursor: &Cursor<'_>, what: &str) -> Lower<T> {
        let found =
            cursor.peek().map_or_else(|| "the operator ends".to_owned(), |token| format!("found `{}`", token.text));
        self.fail("sumo.syntax", format!("{what} is expected here, but {found}"), cursor.here())
    }

    /// Names with commas between them, in parentheses or not.
    pub fn names(&mut self, cursor: &mut Cursor<'_>) -> Lower<Vec<Name>> {
        let open = cursor.punct("(");
        let mut names = vec![self.expect_name(cursor, "a field name")?];
        while cursor.punct(",") {
            names.push(self.expect_name(cursor, "a field name")?);
        }
        if open {
            self.expect_punct(cursor, ")")?;
        }
        Ok(names)
    }

    /// `by a, b` or `group by a, b`, if it is there.
    pub fn by(&mut self, cursor: &mut Cursor<'_>) -> Lower<Vec<Name>> {
        let _ =
            cursor.is_word("group") && cursor.peek_at(1).is_some_and(|token| token.is("by")) && cursor.word("group");
        if cursor.word("by") { self.names(cursor) } else { Ok(Vec::new()) }
    }

    /// `as name`, if it is there.
    pub fn alias(&mut self, cursor: &mut Cursor<'_>) -> Lower<Option<Name>> {
        if cursor.word("as") { self.expect_name(cursor, "a field name").map(Some) } else { Ok(None) }
    }
}
