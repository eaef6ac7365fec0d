//! KQL's grammar, after Kibana's: `or` binds loosest, then `and`, then `not`.

use crate::{
    diagnostic::Diagnostic,
    opensearch::{Bound, Clause, Least, Name, Pattern, Range, Test, Word},
    span::Span,
};

/// Deepest nesting of parentheses and negations.
const DEEPEST: usize = 100;

/// Longest query, in bytes.
const LONGEST: usize = 1 << 20;

type Parsed<T> = Result<T, Diagnostic>;

/// Reads a query.
///
/// # Errors
/// The first thing that is not KQL.
pub(crate) fn parse(text: &str) -> Parsed<Clause> {
    if text.len() > LONGEST {
        return Err(Diagnostic::error("kql.too-long", "the query is too long", Span::new(0, text.len())));
    }
    let mut parser = Parser { text, at: 0, depth: 0, prefix: String::new() };
    parser.blanks();
    if parser.done() {
        return Ok(Clause::All);
    }
    let clause = parser.any(None)?;
    parser.blanks();
    if parser.done() { Ok(clause) } else { Err(parser.unexpected()) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Of the nested object that names are read in.
    prefix: String,
}

/// A value as written.
enum Literal {
    Quoted(Word),
    Plain(Pattern, Span),
}

impl Literal {
    fn span(&self) -> Span {
        match self {
            Self::Quoted(word) => word.span,
            Self::Plain(_, span) => *span,
        }
    }

    fn test(&self) -> Test {
        match self {
            Self::Quoted(word) => Test::Phrase { word: word.clone(), prefix: false, slop: 0 },
            Self::Plain(pattern, _) if pattern.is_anything() => Test::Exists,
            Self::Plain(pattern, span) if pattern.is_plain() => {
                Test::Match { word: Word::new(pattern.text(), *span), least: Least::Any }
            }
            Self::Plain(pattern, span) => Test::Wildcard { pattern: pattern.clone(), any_case: false, span: *span },
        }
    }
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn done(&self) -> bool {
        self.at >= self.text.len()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blanks(&mut self) -> bool {
        let from = self.at;
        self.at += self.rest().len() - self.rest().trim_start().len();
        self.at > from
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn here(&self) -> Span {
        Span::new(self.at, self.at + self.peek().map_or(0, char::len_utf8))
    }

    fn unexpected(&self) -> Diagnostic {
        match self.peek() {
            None => Diagnostic::error("kql.syntax", "the query ends too early", self.here()),
            Some(c) => {
                let message = format!("`{c}` is not understood here");
                Diagnostic::error("kql.syntax", message, self.here())
                    .with_help("between two conditions stands `and` or `or`; special characters are escaped with `\\`")
            }
        }
    }

    /// Whether a keyword begins here: a word of its own.
    fn keyword(&self, word: &str) -> bool {
        let Some(head) = self.rest().get(..word.len()) else { return false };
        let next = self.rest()[word.len()..].chars().next();
        head.eq_ignore_ascii_case(word) && next.is_none_or(|c| c.is_whitespace() || c == '(' || c == ')')
    }

    fn take_keyword(&mut self, word: &str) -> bool {
        let from = self.at;
        self.blanks();
        if self.keyword(word) {
            self.at += word.len();
            return true;
        }
        self.at = from;
        false
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Diagnostic::error("kql.too-deep", "the query is nested too deeply", self.here()));
        }
        let out = inner(self);
        self.depth -= 1;
        out
    }

    /// Alternatives; within a list of values `field` is what they are tested against.
    fn any(&mut self, field: Option<&Name>) -> Parsed<Clause> {
        let mut all = vec![self.all(field)?];
        while self.take_keyword("or") {
            all.push(self.all(field)?);
        }
        Ok(Clause::or(all))
    }

    fn all(&mut self, field: Option<&Name>) -> Parsed<Clause> {
        let mut all = vec![self.not(field)?];
        while self.take_keyword("and") {
            all.push(self.not(field)?);
        }
        Ok(Clause::and(all))
    }

    fn not(&mut self, field: Option<&Name>) -> Parsed<Clause> {
        if self.take_keyword("not") {
            let inner = self.deeper(|parser| parser.not(field))?;
            return Ok(Clause::Not(Box::new(inner)));
        }
        self.blanks();
        if self.take("(") {
            let inner = self.deeper(|parser| parser.any(field))?;
            self.blanks();
            return if self.take(")") { Ok(inner) } else { Err(self.unexpected()) };
        }
        match field {
            Some(field) => {
                let value = self.literal()?;
                Ok(Clause::field(field.clone(), value.test()))
            }
            None => self.condition(),
        }
    }

    /// `field: value`, `field > value`, `field: { … }`, or a value for any field.
    fn condition(&mut self) -> Parsed<Clause> {
        let first = self.literal()?;
        let after = self.at;
        self.blanks();
        if self.take(":") {
            let name = self.name(&first);
            self.blanks();
            if self.take("{") {
                return self.nested(&name);
            }
            if self.take("(") {
                let inner = self.deeper(|parser| parser.any(Some(&name)))?;
                self.blanks();
                return if self.take(")") { Ok(inner) } else { Err(self.unexpected()) };
            }
            let value = self.literal()?;
            self.no_second_field(&value)?;
            return Ok(match (name.text.as_str(), value.test()) {
                ("*", Test::Exists) => Clause::All,
                (_, test) => Clause::field(name, test),
            });
        }
        for (sign, from, inclusive) in
            [(">=", true, true), ("<=", false, true), (">", true, false), ("<", false, false)]
        {
            if self.take(sign) {
                let name = self.name(&first);
                self.blanks();
                let value = self.literal()?;
                self.no_second_field(&value)?;
                let word = match value {
                    Literal::Quoted(word) => word,
                    Literal::Plain(pattern, span) => Word::new(pattern.text(), span),
                };
                let bound = Some(Bound { value: word, inclusive });
                let range = if from {
                    Range { from: bound, ..Range::default() }
                } else {
                    Range { to: bound, ..Range::default() }
                };
                return Ok(Clause::field(name, Test::Range(range)));
            }
        }
        self.at = after;
        Ok(match first.test() {
            Test::Exists => Clause::All,
            test => Clause::Anywhere { test, span: first.span() },
        })
    }

    /// `a: b c: d` reads `b c` as a value and then meets a colon.
    fn no_second_field(&self, value: &Literal) -> Parsed<()> {
        let follows = self.rest().trim_start();
        if !follows.starts_with([':', '<', '>']) {
            return Ok(());
        }
        let span = value.span();
        let written = &self.text[span.start..span.end];
        let message = "between two conditions stands `and` or `or`";
        let mut diagnostic = Diagnostic::error("kql.missing-operator", message, span);
        if let Some((value, field)) = written.rsplit_once(char::is_whitespace) {
            diagnostic = diagnostic.with_suggestion(format!("{} and {field}", value.trim_end()));
        }
        Err(diagnostic)
    }

    fn name(&self, literal: &Literal) -> Name {
        let (text, glob, span) = match literal {
            Literal::Quoted(word) => (word.text.clone(), false, word.span),
            Literal::Plain(pattern, span) => (pattern.text(), !pattern.is_plain(), *span),
        };
        Name { text: format!("{}{text}", self.prefix), glob, span }
    }

    fn nested(&mut self, name: &Name) -> Parsed<Clause> {
        let outer = std::mem::replace(&mut self.prefix, format!("{}.", name.text));
        let inner = self.deeper(|parser| parser.any(None));
        self.prefix = outer;
        let inner = inner?;
        self.blanks();
        if self.take("}") { Ok(inner) } else { Err(self.unexpected()) }
    }

    fn literal(&mut self) -> Parsed<Literal> {
        self.blanks();
        if self.peek() == Some('"') {
            return self.quoted().map(Literal::Quoted);
        }
        let start = self.at;
        let mut end = self.at;
        let mut pattern = Pattern::default();
        loop {
            let from = self.at;
            let blanks = self.blanks();
            let stops = ["or", "and", "not"].iter().any(|word| self.keyword(word)) && (blanks || from == start);
            let special = self.peek().is_none_or(|c| "():<>\"{}".contains(c));
            if stops || special {
                self.at = from;
                break;
            }
            if blanks {
                self.text[from..self.at].chars().for_each(|c| pattern.push(c));
            }
            self.word(&mut pattern);
            end = self.at;
        }
        if end == start {
            return Err(self.unexpected());
        }
        self.at = end;
        Ok(Literal::Plain(pattern, Span::new(start, end)))
    }

    /// Characters up to a blank or a special one, escapes taken out.
    fn word(&mut self, pattern: &mut Pattern) {
        while let Some(c) = self.peek() {
            if c.is_whitespace() || "():<>\"{}".contains(c) {
                return;
            }
            self.at += c.len_utf8();
            match c {
                '*' => pattern.many(),
                '\\' => self.escape(&mut |c| pattern.push(c)),
                c => pattern.push(c),
            }
        }
    }

    fn escape(&mut self, push: &mut dyn FnMut(char)) {
        let Some(c) = self.peek() else { return push('\\') };
        self.at += c.len_utf8();
        match c {
            't' => push('\t'),
            'n' => push('\n'),
            'r' => push('\r'),
            'u' => {
                let code =
                    self.rest().get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
                match code {
                    Some(code) => {
                        self.at += 4;
                        push(code);
                    }
                    None => push('u'),
                }
            }
            // `\and` is the word.
            c => push(c),
        }
    }

    fn quoted(&mut self) -> Parsed<Word> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(Word::new(text, Span::new(start, self.at))),
                '\\' => self.escape(&mut |c| text.push(c)),
                c => text.push(c),
            }
        }
        Err(Diagnostic::error("kql.unclosed", "the quotation is not closed", Span::new(start, self.text.len())))
    }
}
