//! `simple_query_string`: a grammar for search boxes, in which nothing is an error.

use crate::{
    opensearch::{Clause, Least, Pattern, Test, Word},
    span::Span,
};

/// Deepest nesting of parentheses; beyond it they are passed over.
const DEEPEST: usize = 100;

/// Reads a query; `on` makes a condition of a test.
pub(super) fn parse(text: &str, all: bool, on: &mut dyn FnMut(Test) -> Clause, span: Span) -> Clause {
    let mut parser = Parser { rest: text, all, on, span, depth: 0 };
    let clause = parser.group();
    if text.trim().is_empty() { Clause::All } else { clause }
}

struct Parser<'a, 'b> {
    rest: &'a str,
    all: bool,
    on: &'b mut dyn FnMut(Test) -> Clause,
    span: Span,
    depth: usize,
}

impl Parser<'_, '_> {
    /// Terms up to the closing parenthesis. `|` and `+` bind from left to right, as there.
    fn group(&mut self) -> Clause {
        let mut found: Option<Clause> = None;
        let mut either = !self.all;
        loop {
            self.rest = self.rest.trim_start();
            let Some(c) = self.rest.chars().next() else { break };
            match c {
                ')' => {
                    self.rest = &self.rest[1..];
                    if self.depth > 0 {
                        break;
                    }
                }
                '|' | '+' => {
                    either = c == '|';
                    self.rest = &self.rest[1..];
                }
                _ => {
                    let next = self.term();
                    found = Some(match found.take() {
                        None => next,
                        Some(before) if either => join(before, next, true),
                        Some(before) => join(before, next, false),
                    });
                    either = !self.all;
                }
            }
        }
        found.unwrap_or(Clause::All)
    }

    fn term(&mut self) -> Clause {
        let mut negated = false;
        while let Some(rest) = self.rest.strip_prefix('-') {
            negated = !negated;
            self.rest = rest;
        }
        let clause = if self.rest.starts_with('(') && self.depth < DEEPEST {
            self.rest = &self.rest[1..];
            self.depth += 1;
            let clause = self.group();
            self.depth -= 1;
            clause
        } else if let Some(rest) = self.rest.strip_prefix('"') {
            let end = rest.find('"').unwrap_or(rest.len());
            let word = Word::new(&rest[..end], self.span);
            self.rest = rest.get(end + 1..).unwrap_or_default();
            (self.on)(Test::Phrase { word, prefix: false, slop: 0 })
        } else {
            self.word()
        };
        if negated { Clause::Not(Box::new(clause)) } else { clause }
    }

    fn word(&mut self) -> Clause {
        let skipped = self.rest.trim_start_matches('(');
        let end = skipped.find(|c: char| c.is_whitespace() || "()|\"".contains(c)).unwrap_or(skipped.len());
        let (word, rest) = skipped.split_at(end);
        self.rest = rest;
        let word = word.split_once('~').map_or(word, |(word, _)| word);
        if word.is_empty() {
            return Clause::All;
        }
        if word.ends_with('*') {
            return (self.on)(Test::Wildcard { pattern: Pattern::parse(word), any_case: true, span: self.span });
        }
        (self.on)(Test::Match { word: Word::new(word, self.span), least: Least::Any })
    }
}

/// Two conditions; a list grows rather than nests.
fn join(before: Clause, next: Clause, either: bool) -> Clause {
    match (before, either) {
        (Clause::Or(mut list), true) => {
            list.push(next);
            Clause::Or(list)
        }
        (Clause::And(mut list), false) => {
            list.push(next);
            Clause::And(list)
        }
        (before, true) => Clause::Or(vec![before, next]),
        (before, false) => Clause::And(vec![before, next]),
    }
}
