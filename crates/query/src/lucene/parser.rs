//! Lucene's classic grammar. Conditions are gathered with the flags that operators set, and then read as a boolean query:
//! all that are required, none that is prohibited, and one of the optional ones where nothing is required.

use crate::{
    diagnostic::Diagnostic,
    opensearch::{Bound, Clause, Least, Name, Pattern, Range, Test, Word},
    span::Span,
};

/// Deepest nesting.
const DEEPEST: usize = 100;

/// Longest query, in bytes.
const LONGEST: usize = 1 << 20;

/// Where a query stands and what it takes for granted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// Fields that a term without a field is looked for in; none: the whole record.
    pub fields: Vec<Name>,
    /// Conditions without an operator between them have all to hold.
    pub all: bool,
    /// Byte of the whole text at which this query begins.
    pub offset: usize,
}

type Parsed<T> = Result<T, Diagnostic>;

/// Reads a query; errors and warnings stand beside what could be read.
pub(crate) fn parse(text: &str, options: &Options) -> (Clause, Vec<Diagnostic>) {
    let mut parser = Parser { text, at: 0, depth: 0, options, warnings: Vec::new() };
    if text.len() > LONGEST {
        let span = parser.span(0, text.len());
        return (Clause::None, vec![Diagnostic::error("lucene.too-long", "the query is too long", span)]);
    }
    parser.blanks();
    if parser.done() {
        return (Clause::All, Vec::new());
    }
    let read = parser.query(None).and_then(|clause| if parser.done() { Ok(clause) } else { Err(parser.unexpected()) });
    let mut diagnostics = std::mem::take(&mut parser.warnings);
    match read {
        Ok(clause) => (clause, diagnostics),
        Err(error) => {
            diagnostics.push(error);
            (Clause::None, diagnostics)
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    options: &'a Options,
    warnings: Vec<Diagnostic>,
}

/// What joins a condition to the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conjunction {
    None,
    And,
    Or,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Occur {
    Must,
    Should,
    Not,
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

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(start + self.options.offset, end + self.options.offset)
    }

    fn unexpected(&self) -> Diagnostic {
        let here = self.span(self.at, self.at + self.peek().map_or(0, char::len_utf8));
        let diagnostic = match self.peek() {
            None => Diagnostic::error("lucene.syntax", "the query ends too early", here),
            Some(c) => Diagnostic::error("lucene.syntax", format!("`{c}` is not understood here"), here),
        };
        diagnostic.with_help("special characters are escaped with `\\` or put in quotation marks")
    }

    /// A word of upper-case letters that stands by itself.
    fn take_word(&mut self, word: &str) -> bool {
        let next = self.rest().get(word.len()..).and_then(|rest| rest.chars().next());
        let alone = next.is_none_or(|c| c.is_whitespace() || "()\"+-!".contains(c));
        alone && self.take(word)
    }

    fn conjunction(&mut self) -> Conjunction {
        self.blanks();
        if self.take_word("AND") || self.take("&&") {
            Conjunction::And
        } else if self.take_word("OR") || self.take("||") {
            Conjunction::Or
        } else {
            Conjunction::None
        }
    }

    fn modifier(&mut self) -> Option<Occur> {
        self.blanks();
        if self.take("+") {
            Some(Occur::Must)
        } else if self.take("-") || self.take("!") || self.take_word("NOT") {
            Some(Occur::Not)
        } else {
            None
        }
    }

    fn query(&mut self, field: Option<&Name>) -> Parsed<Clause> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let here = self.span(self.at, self.at);
            return Err(Diagnostic::error("lucene.too-deep", "the query is nested too deeply", here));
        }
        let mut clauses: Vec<(Occur, Clause)> = Vec::new();
        loop {
            let conjunction = self.conjunction();
            if self.done() || self.peek() == Some(')') {
                if conjunction != Conjunction::None || clauses.is_empty() {
                    return Err(self.unexpected());
                }
                break;
            }
            let mut modifier = self.modifier();
            let mut negated = false;
            while let Some(again) = modifier.filter(|m| *m == Occur::Not).and_then(|_| self.modifier()) {
                // `NOT NOT a`, `NOT -a`
                negated ^= again == Occur::Not;
                if again == Occur::Must {
                    break;
                }
            }
            let clause = self.clause(field)?;
            let clause = if negated { Clause::Not(Box::new(clause)) } else { clause };
            modifier = self.place(&mut clauses, conjunction, modifier);
            clauses.push((modifier.unwrap_or(Occur::Should), clause));
        }
        self.depth -= 1;
        Ok(boolean(clauses))
    }

    /// The flag of the next condition; the one before may get another.
    fn place(
        &self,
        before: &mut [(Occur, Clause)],
        conjunction: Conjunction,
        modifier: Option<Occur>,
    ) -> Option<Occur> {
        let all = self.options.all;
        if let Some((occur, _)) = before.last_mut()
            && *occur != Occur::Not
        {
            match conjunction {
                Conjunction::And => *occur = Occur::Must,
                Conjunction::Or if all => *occur = Occur::Should,
                _ => {}
            }
        }
        Some(match modifier {
            Some(Occur::Not) => Occur::Not,
            Some(Occur::Must) => Occur::Must,
            _ if conjunction == Conjunction::And || (all && conjunction != Conjunction::Or) => Occur::Must,
            _ => Occur::Should,
        })
    }

    fn clause(&mut self, field: Option<&Name>) -> Parsed<Clause> {
        self.blanks();
        if self.take("(") {
            return self.group(field);
        }
        if field.is_none()
            && let Some(name) = self.field_name()
        {
            self.blanks();
            if self.take("(") {
                return self.group(Some(&name));
            }
            return self.value(Some(&name));
        }
        self.value(field)
    }

    fn group(&mut self, field: Option<&Name>) -> Parsed<Clause> {
        let clause = self.query(field)?;
        self.blanks();
        if !self.take(")") {
            return Err(self.unexpected());
        }
        self.boost();
        Ok(clause)
    }

    /// A term that a colon follows.
    fn field_name(&mut self) -> Option<Name> {
        let start = self.at;
        let pattern = self.term(false);
        let end = self.at;
        self.blanks();
        if pattern.0.is_empty() || !self.take(":") {
            self.at = start;
            return None;
        }
        Some(Name::new(pattern.text(), self.span(start, end)))
    }

    fn value(&mut self, field: Option<&Name>) -> Parsed<Clause> {
        self.blanks();
        let start = self.at;
        let test = match self.peek() {
            Some('"') => self.phrase()?,
            Some('[' | '{') => self.range()?,
            Some('>' | '<') => self.comparison()?,
            Some('/') if self.rest()[1..].contains('/') => self.regex(),
            _ => self.word(field.is_some())?,
        };
        self.boost();
        Ok(self.test(field, test, self.span(start, self.at)))
    }

    fn test(&self, field: Option<&Name>, test: Test, span: Span) -> Clause {
        let Some(name) = field else {
            if test == Test::Exists {
                return Clause::All;
            }
            let fields = &self.options.fields;
            if fields.is_empty() {
                return Clause::Anywhere { test, span };
            }
            return Clause::or(fields.iter().map(|name| Clause::field(name.clone(), test.clone())).collect());
        };
        let named = || match &test {
            Test::Match { word, .. } | Test::Phrase { word, .. } => Name::new(word.text.clone(), word.span),
            Test::Wildcard { pattern, span, .. } => Name::new(pattern.text(), *span),
            _ => name.clone(),
        };
        match name.text.as_str() {
            "_exists_" => Clause::field(named(), Test::Exists),
            "_missing_" => Clause::Not(Box::new(Clause::field(named(), Test::Exists))),
            "*" if test == Test::Exists => Clause::All,
            _ => Clause::field(name.clone(), test),
        }
    }

    /// Characters of a term, escapes taken out; a value may hold colons, which a field's name may not.
    fn term(&mut self, value: bool) -> Pattern {
        let mut pattern = Pattern::default();
        while let Some(c) = self.peek() {
            if c.is_whitespace() || "()\"[]{}^~".contains(c) || (c == ':' && !value) {
                break;
            }
            if c == ':' {
                self.colon();
            }
            self.at += c.len_utf8();
            match c {
                '*' => pattern.many(),
                '?' => pattern.0.push(crate::opensearch::pattern::Piece::One),
                '\\' => {
                    let escaped = self.peek().unwrap_or('\\');
                    self.at += self.peek().map_or(0, char::len_utf8);
                    pattern.push(escaped);
                }
                c => pattern.push(c),
            }
        }
        pattern
    }

    fn colon(&mut self) {
        if !self.warnings.iter().any(|warning| warning.code == "lucene.unescaped") {
            let message = "a colon inside a value is escaped in Lucene; it is read as part of the value";
            let span = self.span(self.at, self.at + 1);
            self.warnings.push(Diagnostic::warning("lucene.unescaped", message, span).with_suggestion("\\:"));
        }
    }

    fn word(&mut self, fielded: bool) -> Parsed<Test> {
        let start = self.at;
        let pattern = self.term(fielded);
        if pattern.0.is_empty() {
            return Err(self.unexpected());
        }
        let span = self.span(start, self.at);
        if !fielded && ["and", "or", "not"].contains(&&self.text[start..self.at]) {
            let word = &self.text[start..self.at];
            let message = format!("`{word}` is searched for as a word: operators are in upper case");
            let warning = Diagnostic::warning("lucene.lower-case-operator", message, span);
            self.warnings.push(warning.with_suggestion(word.to_uppercase()));
        }
        if self.take("~") {
            let edits = self.number();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let edits = edits.map(|edits| edits.clamp(0.0, 2.0) as u32);
            return Ok(Test::Fuzzy { word: Word::new(pattern.text(), span), edits });
        }
        Ok(if pattern.is_anything() {
            Test::Exists
        } else if pattern.is_plain() {
            Test::Match { word: Word::new(pattern.text(), span), least: Least::Any }
        } else {
            Test::Wildcard { pattern, any_case: false, span }
        })
    }

    fn phrase(&mut self) -> Parsed<Test> {
        let word = self.quoted()?;
        let slop = if self.take("~") { self.number() } else { None };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let slop = slop.map_or(0, |slop| slop.clamp(0.0, 50.0) as u32);
        Ok(Test::Phrase { word, prefix: false, slop })
    }

    fn quoted(&mut self) -> Parsed<Word> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(Word::new(text, self.span(start, self.at))),
                '\\' => {
                    text.extend(self.peek());
                    self.at += self.peek().map_or(0, char::len_utf8);
                }
                c => text.push(c),
            }
        }
        let span = self.span(start, self.text.len());
        Err(Diagnostic::error("lucene.unclosed", "the quotation is not closed", span))
    }

    fn regex(&mut self) -> Test {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '/' => break,
                '\\' if self.peek() == Some('/') => {
                    self.at += 1;
                    text.push('/');
                }
                '\\' => {
                    text.push('\\');
                    text.extend(self.peek());
                    self.at += self.peek().map_or(0, char::len_utf8);
                }
                c => text.push(c),
            }
        }
        Test::Regex { word: Word::new(text, self.span(start, self.at)), any_case: false }
    }

    /// `[a TO b}`
    fn range(&mut self) -> Parsed<Test> {
        let from_inclusive = self.take("[");
        if !from_inclusive {
            self.take("{");
        }
        let from = self.end()?;
        self.blanks();
        if !self.take_word("TO") {
            return Err(self.unexpected());
        }
        let to = self.end()?;
        self.blanks();
        let to_inclusive = self.take("]");
        if !to_inclusive && !self.take("}") {
            return Err(self.unexpected());
        }
        let bound = |word: Word, inclusive| (word.text != "*").then_some(Bound { value: word, inclusive });
        let (from, to) = (bound(from, from_inclusive), bound(to, to_inclusive));
        Ok(if from.is_none() && to.is_none() {
            Test::Exists
        } else {
            Test::Range(Range { from, to, ..Range::default() })
        })
    }

    /// One end of a range.
    fn end(&mut self) -> Parsed<Word> {
        self.blanks();
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let start = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| !c.is_whitespace() && !"]}".contains(*c)) {
            self.at += c.len_utf8();
            match c {
                '\\' => {
                    text.extend(self.peek());
                    self.at += self.peek().map_or(0, char::len_utf8);
                }
                c => text.push(c),
            }
        }
        if text.is_empty() { Err(self.unexpected()) } else { Ok(Word::new(text, self.span(start, self.at))) }
    }

    /// `>=10`
    fn comparison(&mut self) -> Parsed<Test> {
        let greater = self.peek() == Some('>');
        self.at += 1;
        let inclusive = self.take("=");
        self.blanks();
        let value = if self.peek() == Some('"') {
            self.quoted()?
        } else {
            let start = self.at;
            let pattern = self.term(true);
            if pattern.0.is_empty() {
                return Err(self.unexpected());
            }
            Word::new(pattern.text(), self.span(start, self.at))
        };
        let bound = Some(Bound { value, inclusive });
        Ok(Test::Range(if greater {
            Range { from: bound, ..Range::default() }
        } else {
            Range { to: bound, ..Range::default() }
        }))
    }

    /// `^2`: it weighs a score, and rows have none.
    fn boost(&mut self) {
        if self.take("^") {
            self.number();
        }
    }

    fn number(&mut self) -> Option<f64> {
        let end = self.rest().find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest().len());
        let digits = &self.rest()[..end];
        self.at += end;
        digits.parse().ok()
    }
}

fn boolean(clauses: Vec<(Occur, Clause)>) -> Clause {
    let of = |wanted: Occur, clauses: &[(Occur, Clause)]| -> Vec<Clause> {
        clauses.iter().filter(|(occur, _)| *occur == wanted).map(|(_, clause)| clause.clone()).collect()
    };
    let (must, should, not) = (of(Occur::Must, &clauses), of(Occur::Should, &clauses), of(Occur::Not, &clauses));
    Clause::boolean(must, should, not, None)
}
