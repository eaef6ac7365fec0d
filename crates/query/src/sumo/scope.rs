//! Reads the scope: keywords, phrases and metadata before the first pipe. NOT binds closer than AND (which needs no
//! word), AND closer than OR; the words may be in any case.

use super::{
    ast::{Keyword, Metadata, Scope},
    lexer::{self, closing, comment, subquery},
    template::{self, Template},
};
use crate::{diagnostic::Diagnostic, span::Span};

/// Parentheses and negations inside one another.
const MAX_DEPTH: usize = 64;

/// Reads a scope; gives where it ends (at a pipe, or the end of the text).
pub(crate) fn parse(text: &str, start: usize, template: &Template<'_>) -> (Scope, usize, Vec<Diagnostic>) {
    let mut parser = Parser { text, at: start, base: None, template, diagnostics: Vec::new() };
    let scope = parser.whole();
    (scope, parser.at, parser.diagnostics)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// The variable whose value is being read.
    base: Option<Span>,
    template: &'a Template<'a>,
    diagnostics: Vec<Diagnostic>,
}

impl Parser<'_> {
    fn whole(&mut self) -> Scope {
        let mut parts = Vec::new();
        loop {
            parts.push(self.or(0));
            match self.peek() {
                // A bracket that nothing opened.
                Some(')') => {
                    self.error("sumo.syntax", "nothing opened this bracket", self.at, self.at + 1);
                    self.at += 1;
                }
                _ => break,
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { Scope::And(parts) }
    }

    fn error(&mut self, code: &str, message: &str, start: usize, end: usize) {
        if self.diagnostics.len() < 20 {
            let span = self.base.unwrap_or(Span::new(start.min(self.text.len()), end.min(self.text.len())));
            self.diagnostics.push(Diagnostic::error(code, message, span));
        }
    }

    fn span(&self, start: usize) -> Span {
        self.base.unwrap_or(Span::new(start, self.at))
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The next character that means something.
    fn peek(&mut self) -> Option<char> {
        loop {
            let c = self.rest().chars().next()?;
            if c.is_whitespace() {
                self.at += c.len_utf8();
            } else if let Some(end) = self.comment() {
                self.at = end;
            } else {
                return (c != '|').then_some(c);
            }
        }
    }

    fn comment(&self) -> Option<usize> {
        let free = self.at == 0 || self.text.as_bytes()[self.at - 1].is_ascii_whitespace();
        if free { comment(self.text, self.at) } else { None }
    }

    fn keyword(&mut self, word: &str) -> bool {
        if self.peek().is_none() {
            return false;
        }
        let rest = self.rest();
        let found = rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
            && rest[word.len()..]
                .chars()
                .next()
                .is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | '|' | '"' | '!'));
        if found {
            self.at += word.len();
        }
        found
    }

    fn or(&mut self, depth: usize) -> Scope {
        let mut parts = vec![self.and(depth)];
        while self.keyword("or") {
            parts.push(self.and(depth));
        }
        if parts.len() == 1 { parts.remove(0) } else { Scope::Or(parts) }
    }

    fn and(&mut self, depth: usize) -> Scope {
        let mut parts = Vec::new();
        loop {
            while self.keyword("and") {}
            match self.peek() {
                None | Some(')') => break,
                _ if self.is_or() => break,
                _ => parts.extend(self.not(depth)),
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { Scope::And(parts) }
    }

    fn is_or(&mut self) -> bool {
        let at = self.at;
        let found = self.keyword("or");
        self.at = at;
        found
    }

    fn not(&mut self, depth: usize) -> Option<Scope> {
        let mut negations = 0_usize;
        while self.peek() == Some('!') || self.is_not() {
            if self.peek() == Some('!') {
                self.at += 1;
            } else {
                self.keyword("not");
            }
            negations += 1;
        }
        let inner = self.term(depth)?;
        Some(if negations % 2 == 1 { Scope::Not(Box::new(inner)) } else { inner })
    }

    fn is_not(&mut self) -> bool {
        let at = self.at;
        let found = self.keyword("not");
        self.at = at;
        found
    }

    fn term(&mut self, depth: usize) -> Option<Scope> {
        let start = self.at;
        match self.peek()? {
            '(' => self.group(depth),
            '"' => {
                let start = self.at;
                let text = self.quoted()?;
                Some(Scope::Keyword(Keyword { text, quoted: true, span: self.span(start) }))
            }
            '[' if subquery(self.rest()).is_some() => {
                let (from, to) = subquery(self.rest())?;
                let span = self.base.unwrap_or(Span::new(self.at + from, self.at + to));
                self.at = (self.at + to + 1).min(self.text.len());
                Some(Scope::Subquery(span))
            }
            ')' => None,
            _ => {
                let scope = self.word(depth);
                // Whatever it was, the parser moves on.
                if self.at == start {
                    self.at += self.rest().chars().next().map_or(1, char::len_utf8);
                }
                scope
            }
        }
    }

    fn group(&mut self, depth: usize) -> Option<Scope> {
        let start = self.at;
        self.at += 1;
        if depth >= MAX_DEPTH {
            self.error("sumo.too-deep", "these brackets are nested too deeply", start, start + 1);
            self.at = self.text.len();
            return None;
        }
        let inner = self.or(depth + 1);
        if self.peek() == Some(')') {
            self.at += 1;
        } else {
            self.error("sumo.unclosed", "this bracket is not closed", start, start + 1);
        }
        Some(inner)
    }

    fn quoted(&mut self) -> Option<String> {
        let start = self.at;
        match closing(self.text, self.at + 1, '"') {
            Some(end) => {
                let text = self.template.fill(&self.text[start + 1..end]);
                self.at = end + 1;
                Some(lexer::unescape(&text))
            }
            None => {
                self.error("sumo.unclosed", "this string is not closed", start, self.text.len());
                self.at = self.text.len();
                None
            }
        }
    }

    /// A bare word: a keyword, `name=value`, or a template variable that stands for either.
    fn word(&mut self, depth: usize) -> Option<Scope> {
        let start = self.at;
        if let Some((name, length)) = template::variable(self.rest()) {
            let (name, whole) = (name.to_owned(), self.ends_word(self.at + length));
            if whole {
                self.at += length;
                return self.variable(&name, start, depth);
            }
        }
        if let Some(metadata) = self.metadata() {
            return Some(Scope::Metadata(metadata));
        }
        let text = self.bare(false);
        (!text.is_empty()).then(|| Scope::Keyword(Keyword { text, quoted: false, span: self.span(start) }))
    }

    fn ends_word(&self, at: usize) -> bool {
        self.text[at..].chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '(' | ')' | '|'))
    }

    /// A variable's value is read as scope; without one it says nothing.
    fn variable(&mut self, name: &str, start: usize, depth: usize) -> Option<Scope> {
        let value = self.template.value(name).filter(|value| value != "*" && depth < MAX_DEPTH && self.base.is_none());
        let span = self.span(start);
        match value {
            Some(value) => {
                let mut inner =
                    Parser { text: &value, at: 0, base: Some(span), template: self.template, diagnostics: Vec::new() };
                let scope = inner.or(depth + 1);
                self.diagnostics.append(&mut inner.diagnostics);
                Some(scope)
            }
            None => Some(Scope::Metadata(Metadata {
                name: String::new(),
                values: Vec::new(),
                negated: false,
                variable: Some(name.to_owned()),
                span,
            })),
        }
    }

    /// `name = value`, blanks around the sign or not.
    fn metadata(&mut self) -> Option<Metadata> {
        let (start, text) = (self.at, self.text);
        let length = self.rest().find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')));
        let length = length.filter(|length| *length > 0)?;
        let name = &text[start..start + length];
        let after = text[start + length..].trim_start();
        let (negated, value) = match after.strip_prefix("!=") {
            Some(value) => (true, value),
            None => (false, after.strip_prefix('=')?),
        };
        let value = value.strip_prefix('=').unwrap_or(value).trim_start();
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        self.at = text.len() - value.len();
        let variable = template::variable(value).map(|(name, _)| name.to_owned());
        let variable = variable.filter(|name| self.template.value(name).is_none());
        let values = self.values()?;
        Some(Metadata { name: name.to_owned(), values, negated, variable, span: self.span(start) })
    }

    /// A value, or several in brackets.
    fn values(&mut self) -> Option<Vec<String>> {
        if self.rest().starts_with('"') {
            return Some(vec![self.quoted()?]);
        }
        if !self.rest().starts_with('(') {
            return Some(vec![self.bare(true)]);
        }
        self.at += 1;
        let mut values = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                ')' => {
                    self.at += 1;
                    break;
                }
                ',' => self.at += 1,
                '"' => values.push(self.quoted()?),
                _ if self.keyword("or") => {}
                _ => {
                    let value = self.bare(true);
                    if value.is_empty() {
                        break;
                    }
                    values.push(value);
                }
            }
        }
        Some(values)
    }

    /// A word up to a blank, a bracket or a pipe, its variables filled in.
    fn bare(&mut self, value: bool) -> String {
        let start = self.at;
        let mut end = start;
        let text = self.text;
        while let Some(c) = text[end..].chars().next() {
            if let Some((_, length)) = template::variable(&text[end..]) {
                end += length;
                continue;
            }
            if c.is_whitespace() || matches!(c, '(' | ')' | '|' | '"') || (value && c == ',') {
                break;
            }
            end += c.len_utf8();
        }
        self.at = end;
        self.template.fill(&text[start..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(scope: &Scope) -> String {
        let list =
            |word: &str, parts: &[Scope]| format!("({word} {})", parts.iter().map(show).collect::<Vec<_>>().join(" "));
        match scope {
            Scope::And(parts) => list("and", parts),
            Scope::Or(parts) => list("or", parts),
            Scope::Not(inner) => format!("(not {})", show(inner)),
            Scope::Keyword(keyword) if keyword.quoted => format!("{:?}", keyword.text),
            Scope::Keyword(keyword) => keyword.text.clone(),
            Scope::Metadata(m) => {
                format!("{}{}{}", m.name, if m.negated { "!=" } else { "=" }, m.values.join("|"))
            }
            Scope::Subquery(_) => "[]".to_owned(),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let template = Template::new(&|name| (name == "v").then(|| "a or b".to_owned()));
        let (scope, _, diagnostics) = parse(text, 0, &template);
        assert_eq!(diagnostics, [], "{text}");
        assert_eq!(show(&scope), expected, "{text}");
    }

    #[test]
    fn precedence_and_words() {
        check("a b or c not d", "(or (and a b) (and c (not d)))");
        check(
            "_sourceCategory = x/y*  (a OR !b) and \"c \\\"d\\\"\"",
            "(and _sourceCategory=x/y* (or a (not b)) \"c \\\"d\\\"\")",
        );
        check(
            "_sourceName=kube-api* AND !_sourceName = kube-audit* | b",
            "(and _sourceName=kube-api* (not _sourceName=kube-audit*))",
        );
        check("!Failure order orange", "(and (not Failure) order orange)");
        check("$$x \"r\" {{v}} {{w}}/z", "(and = \"r\" (or a b) */z)");
        check("a // b\nc /* d */ */e/*", "(and a c */e/*)");
        check("_index=(a or \"b c\") region!=x", "(and _index=a|b c region!=x)");
        check("15:39 NOT 15:39:26", "(and 15:39 (not 15:39:26))");
        check("", "(and )");
        check("* [subquery: x | compose y] z", "(and * [] z)");
    }

    #[test]
    fn what_does_not_close() {
        let template = Template::new(&|_| None);
        for (text, code) in [("(a", "sumo.unclosed"), ("\"a", "sumo.unclosed"), ("a)", "sumo.syntax")] {
            assert_eq!(parse(text, 0, &template).2[0].code, code);
        }
        let deep = "(".repeat(1000);
        assert_eq!(parse(&deep, 0, &template).2[0].code, "sumo.too-deep");
    }
}
