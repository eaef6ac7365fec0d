//! Search expressions: parentheses, then NOT, then OR, then AND (by a word or by nothing at all).

use super::{Parse, Parser, Place};
use crate::spl::{
    ast::{Comparison, Search, Word},
    lexer::{Kind, Mode, Token},
};

/// Functions that published queries call on the right of a comparison in `search`.
const EVAL_FUNCTIONS: &[&str] = &["relative_time", "now", "strptime", "tonumber", "lower", "upper", "mvindex"];

impl Parser<'_, '_> {
    pub(super) fn search_body(&mut self) -> Parse<Search> {
        let search = self.search_and(None)?;
        let token = self.lexer.peek(Mode::Search);
        if token.kind == Kind::End { Ok(search) } else { Err(self.expected("a search term", &token)) }
    }

    /// Terms side by side; ends before `stop`, a closing parenthesis, or the end.
    pub(super) fn search_and(&mut self, stop: Option<&str>) -> Parse<Search> {
        let mut terms = Vec::new();
        loop {
            let token = self.lexer.peek(Mode::Search);
            if token.kind == Kind::End || token.sign() == Some(")") || stop.is_some_and(|stop| token.is(stop)) {
                break;
            }
            if token.sign() == Some(",") || (token.kind == Kind::Word && token.text == "AND") {
                self.lexer.next(Mode::Search);
                continue;
            }
            terms.push(self.search_or(stop)?);
        }
        Ok(match terms.len() {
            0 => Search::All,
            1 => terms.swap_remove(0),
            _ => Search::And(terms),
        })
    }

    fn search_or(&mut self, stop: Option<&str>) -> Parse<Search> {
        let mut terms = vec![self.search_not()?];
        while self.eat_word("OR") {
            let token = self.lexer.peek(Mode::Search);
            if token.kind == Kind::End || token.sign() == Some(")") || stop.is_some_and(|stop| token.is(stop)) {
                return Err(self.expected("a search term after OR", &token));
            }
            terms.push(self.search_not()?);
        }
        Ok(if terms.len() == 1 { terms.swap_remove(0) } else { Search::Or(terms) })
    }

    /// Consumes a keyword that has to be in upper case.
    fn eat_word(&mut self, keyword: &str) -> bool {
        let token = self.lexer.peek(Mode::Search);
        let found = token.kind == Kind::Word && token.text == keyword;
        if found {
            self.lexer.next(Mode::Search);
        }
        found
    }

    fn search_not(&mut self) -> Parse<Search> {
        if !self.eat_word("NOT") {
            return self.search_primary();
        }
        self.deeper(1)?;
        let inner = self.search_not()?;
        self.depth -= 1;
        Ok(Search::Not(Box::new(inner)))
    }

    fn search_primary(&mut self) -> Parse<Search> {
        let token = self.lexer.next(Mode::Search);
        match token.kind {
            Kind::Sign("(") => self.parenthesised(),
            Kind::Sign("[") => Ok(Search::Subsearch(self.subsearch(&token, Place::Subsearch)?)),
            Kind::Word | Kind::Quoted => self.search_term(&token),
            _ => Err(self.expected("a search term", &token)),
        }
    }

    fn parenthesised(&mut self) -> Parse<Search> {
        self.deeper(1)?;
        let inner = self.search_and(None)?;
        let close = self.lexer.next(Mode::Search);
        if close.sign() != Some(")") {
            return Err(self.expected("`)`", &close));
        }
        self.depth -= 1;
        Ok(inner)
    }

    fn search_term(&mut self, token: &Token) -> Parse<Search> {
        let next = self.lexer.peek(Mode::Search);
        if let Some(comparison) = next.sign().and_then(comparison) {
            self.lexer.next(Mode::Search);
            let field = self.word(token);
            return self.comparison(field, comparison);
        }
        if token.kind == Kind::Word && next.sign() == Some("(") && next.start == token.end {
            match token.text.as_str() {
                "TERM" => return Ok(Search::Term { word: self.directive()?, exact: false }),
                "CASE" => return Ok(Search::Term { word: self.directive()?, exact: true }),
                _ => {}
            }
        }
        if next.is("IN") && self.in_list_follows() {
            return Ok(Search::In { field: self.word(token), values: self.in_list()? });
        }
        if token.kind == Kind::Word && token.text == "*" {
            return Ok(Search::All);
        }
        Ok(Search::Term { word: self.word(token), exact: false })
    }

    fn in_list_follows(&mut self) -> bool {
        let at = self.lexer.at();
        self.lexer.next(Mode::Search);
        let follows = self.lexer.peek(Mode::Search).sign() == Some("(");
        self.lexer.seek(at);
        follows
    }

    /// `IN (a, b)`; commas may be missing.
    fn in_list(&mut self) -> Parse<Vec<Word>> {
        self.lexer.next(Mode::Search);
        self.lexer.next(Mode::Search);
        let mut values = Vec::new();
        loop {
            let token = self.lexer.next(Mode::Value);
            match token.kind {
                Kind::Sign(",") => {}
                Kind::Sign(")") => return Ok(values),
                Kind::Word | Kind::Quoted => values.push(self.word(&token)),
                _ => return Err(self.expected("a value or `)`", &token)),
            }
        }
    }

    fn comparison(&mut self, field: Word, comparison: Comparison) -> Parse<Search> {
        let token = self.lexer.peek(Mode::Value);
        let call = token.kind == Kind::Word && self.source_at(token.end) == Some('(');
        if call && EVAL_FUNCTIONS.contains(&token.text.as_str()) {
            let value = self.operand()?;
            return Ok(Search::CompareExpr { field, comparison, value });
        }
        if token.sign() == Some("(") && matches!(comparison, Comparison::Eq | Comparison::Ne) {
            return self.alternatives(field, comparison);
        }
        self.lexer.next(Mode::Value);
        match token.kind {
            Kind::Word if call && (token.text == "CASE" || token.text == "TERM") => {
                let exact = token.text == "CASE";
                Ok(Search::Compare { field, comparison, value: self.directive()?, exact })
            }
            Kind::Word | Kind::Quoted => {
                Ok(Search::Compare { field, comparison, value: self.value(&token), exact: false })
            }
            _ => Err(self.expected("a value", &token)),
        }
    }

    /// `field=(a OR b)`: any of the values; unequal to all of them with `!=`.
    fn alternatives(&mut self, field: Word, comparison: Comparison) -> Parse<Search> {
        self.lexer.next(Mode::Value);
        let mut values = Vec::new();
        loop {
            let token = self.lexer.next(Mode::Value);
            match token.kind {
                Kind::Sign(")") if !values.is_empty() => break,
                Kind::Sign(",") => {}
                Kind::Word if token.text == "OR" => {}
                Kind::Word | Kind::Quoted => values.push(self.word(&token)),
                _ => return Err(self.expected("a value or `)`", &token)),
            }
        }
        if comparison == Comparison::Eq {
            return Ok(Search::In { field, values });
        }
        let each = |value| Search::Compare { field: field.clone(), comparison, value, exact: false };
        Ok(Search::And(values.into_iter().map(each).collect()))
    }

    /// A value with the commas that belong to it (`b,c` but not `b, c`).
    fn value(&mut self, token: &Token) -> Word {
        let mut word = self.word(token);
        let mut end = token.end;
        while token.kind == Kind::Word && self.source_at(end) == Some(',') {
            let at = self.lexer.at();
            self.lexer.next(Mode::Value);
            let next = self.lexer.next(Mode::Value);
            if next.kind != Kind::Word || next.start != end + 1 {
                self.lexer.seek(at);
                break;
            }
            word.text = format!("{},{}", word.text, next.text);
            word.span = word.span.to(self.lexer.span(&next));
            end = next.end;
        }
        word
    }

    fn source_at(&self, at: usize) -> Option<char> {
        self.lexer.source().text.get(at..self.lexer.end())?.chars().next()
    }

    /// `(word)` after TERM or CASE.
    fn directive(&mut self) -> Parse<Word> {
        let open = self.lexer.next(Mode::Value);
        let token = self.lexer.next(Mode::Value);
        let close = self.lexer.next(Mode::Value);
        match (open.sign(), token.kind, close.sign()) {
            (Some("("), Kind::Word | Kind::Quoted, Some(")")) => Ok(self.word(&token)),
            _ => Err(self.expected("a word in parentheses", &token)),
        }
    }
}

/// The comparison that a sign stands for.
pub(super) fn comparison(sign: &str) -> Option<Comparison> {
    Some(match sign {
        "=" | "==" => Comparison::Eq,
        "!=" => Comparison::Ne,
        "<" => Comparison::Lt,
        "<=" => Comparison::Le,
        ">" => Comparison::Gt,
        ">=" => Comparison::Ge,
        _ => return None,
    })
}
