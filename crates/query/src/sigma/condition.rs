//! The grammar of conditions: names, `and`, `or`, `not`, parentheses, `1 of`, `all of`, and Sigma 1's aggregations after a
//! bar. Words are read whatever their case; `not` binds tighter than `and`, `and` tighter than `or`.

use super::{
    ast::{Aggregation, Compare, Condition, Logic},
    time,
};
use crate::{diagnostic::Diagnostic, span::Span};

/// Deepest nesting of parentheses and `not`.
const DEPTH: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Token<'a> {
    text: &'a str,
    span: Span,
}

/// Reads a condition that begins at byte `at` of the file.
pub(super) fn parse(text: &str, span: Span, file: &str) -> Result<Condition, Diagnostic> {
    let mut parser = Parser { tokens: tokens(text, span, file), at: 0, end: span, depth: 0 };
    let expr = parser.or()?;
    let aggregation = if parser.take("|").is_some() { Some(parser.aggregation()?) } else { None };
    match parser.peek() {
        None => Ok(Condition { expr, aggregation, span }),
        Some(token) => Err(parser.wrong("`and`, `or` or the end", Some(token))),
    }
}

/// An expression over names alone, as a temporal correlation may have one.
pub(super) fn parse_logic(text: &str, span: Span, file: &str) -> Result<Logic, Diagnostic> {
    let condition = parse(text, span, file)?;
    match condition.aggregation {
        None => Ok(condition.expr),
        Some(_) => Err(Diagnostic::error("sigma.condition", "an aggregation has no place here", span)),
    }
}

/// Words and signs. Where the scalar stands as it is in the file, their places are exact; in quoted or folded text they are
/// the scalar's.
fn tokens<'a>(text: &'a str, span: Span, file: &str) -> Vec<Token<'a>> {
    let source = file.get(span.start..span.end).unwrap_or_default();
    let offset = source.find(text).map(|at| span.start + at);
    let mut tokens = Vec::new();
    let mut push = |start: usize, end: usize| {
        let place = offset.map_or(span, |offset| Span::new(offset + start, offset + end));
        tokens.push(Token { text: &text[start..end], span: place });
    };
    let mut word: Option<usize> = None;
    let mut skip = 0;
    for (at, c) in text.char_indices() {
        if at < skip {
            continue;
        }
        let sign = matches!(c, '(' | ')' | '|' | '<' | '>' | '=' | '!' | ',');
        if (sign || c.is_whitespace())
            && let Some(start) = word.take()
        {
            push(start, at);
        }
        if sign {
            let double = text[at + 1..].starts_with('=') && matches!(c, '<' | '>' | '=' | '!');
            skip = at + 1 + usize::from(double);
            push(at, skip);
        } else if !c.is_whitespace() && word.is_none() {
            word = Some(at);
        }
    }
    if let Some(start) = word {
        push(start, text.len());
    }
    tokens
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    end: Span,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    fn take(&mut self, word: &str) -> Option<Token<'a>> {
        let token = self.peek().filter(|token| token.text.eq_ignore_ascii_case(word))?;
        self.at += 1;
        Some(token)
    }

    fn wrong(&self, wanted: &str, found: Option<Token<'_>>) -> Diagnostic {
        let (found, span) = match found {
            Some(token) => (format!("`{}`", token.text), token.span),
            None => ("the end".to_owned(), self.end),
        };
        Diagnostic::error("sigma.condition", format!("the condition wants {wanted}, found {found}"), span)
    }

    fn or(&mut self) -> Result<Logic, Diagnostic> {
        let mut parts = vec![self.and()?];
        while self.take("or").is_some() {
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Logic::Or(parts) })
    }

    fn and(&mut self) -> Result<Logic, Diagnostic> {
        let mut parts = vec![self.not()?];
        while self.take("and").is_some() {
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Logic::And(parts) })
    }

    fn not(&mut self) -> Result<Logic, Diagnostic> {
        let Some(token) = self.take("not") else { return self.primary() };
        self.deeper(token)?;
        let inner = self.not()?;
        self.depth -= 1;
        Ok(Logic::Not(Box::new(inner)))
    }

    fn deeper(&mut self, token: Token<'_>) -> Result<(), Diagnostic> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Diagnostic::error("sigma.condition", "the condition is nested too deeply", token.span));
        }
        Ok(())
    }

    fn primary(&mut self) -> Result<Logic, Diagnostic> {
        let Some(token) = self.next() else { return Err(self.wrong("the name of a search", None)) };
        if token.text == "(" {
            self.deeper(token)?;
            let inner = self.or()?;
            self.depth -= 1;
            return match self.take(")") {
                Some(_) => Ok(inner),
                None => Err(self.wrong("`)`", self.peek())),
            };
        }
        if self.peek().is_some_and(|next| next.text.eq_ignore_ascii_case("of")) {
            return self.of(token);
        }
        if is_name(token.text) {
            return Ok(Logic::Name(token.text.to_owned(), token.span));
        }
        Err(self.wrong("the name of a search", Some(token)))
    }

    fn of(&mut self, token: Token<'a>) -> Result<Logic, Diagnostic> {
        let least = match token.text.to_ascii_lowercase().as_str() {
            "all" => None,
            "any" => Some(1),
            number => match number.parse::<usize>() {
                Ok(number) if number > 0 => Some(number),
                _ => return Err(self.wrong("`all`, `any` or a number before `of`", Some(token))),
            },
        };
        self.at += 1;
        match self.next() {
            Some(name) if is_name(name.text) => {
                let them = name.text.eq_ignore_ascii_case("them");
                Ok(Logic::Of { least, pattern: (!them).then(|| name.text.to_owned()), span: name.span })
            }
            found => Err(self.wrong("`them` or names", found)),
        }
    }

    fn aggregation(&mut self) -> Result<Aggregation, Diagnostic> {
        let Some(function) = self.next() else { return Err(self.wrong("an aggregation", None)) };
        if function.text.eq_ignore_ascii_case("near") {
            return self.near(function);
        }
        let name = function.text.to_ascii_lowercase();
        if !matches!(name.as_str(), "count" | "sum" | "avg" | "min" | "max") {
            return Err(self.wrong("`count`, `sum`, `avg`, `min`, `max` or `near`", Some(function)));
        }
        if self.take("(").is_none() {
            return Err(self.wrong("`(`", self.peek()));
        }
        let field = match self.peek() {
            Some(token) if token.text == ")" => None,
            _ => Some(self.word("a field or `)`")?.text.to_owned()),
        };
        if self.take(")").is_none() {
            return Err(self.wrong("`)`", self.peek()));
        }
        if field.is_none() && name != "count" {
            return Err(self.wrong("a field in the parentheses", Some(function)));
        }
        let by = match self.take("by") {
            Some(_) => Some(self.word("a field after `by`")?.text.to_owned()),
            None => None,
        };
        self.compared(name, field, by, function.span)
    }

    fn compared(
        &mut self,
        function: String,
        field: Option<String>,
        by: Option<String>,
        start: Span,
    ) -> Result<Aggregation, Diagnostic> {
        let sign = self.next();
        let Some(compare) = sign.and_then(|token| Compare::named(token.text)) else {
            return Err(self.wrong("a comparison", sign));
        };
        let number = self.next();
        match number.and_then(|token| Some((token.text.parse::<f64>().ok()?, token.span))) {
            Some((value, span)) => {
                Ok(Aggregation::Compare { function, field, by, compare, number: value, span: start.to(span) })
            }
            None => Err(self.wrong("a number", number)),
        }
    }

    fn near(&mut self, start: Token<'_>) -> Result<Aggregation, Diagnostic> {
        let mut names = Vec::new();
        loop {
            let name = self.word("the name of a search after `near`")?;
            names.push((name.text.to_owned(), name.span));
            if self.take("and").is_none() {
                break;
            }
        }
        Ok(Aggregation::Near { names, span: start.span })
    }

    fn word(&mut self, wanted: &str) -> Result<Token<'a>, Diagnostic> {
        match self.next() {
            Some(token) if is_name(token.text) => Ok(token),
            found => Err(self.wrong(wanted, found)),
        }
    }
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '*' | '.' | '?'))
        && !["and", "or", "not", "of"].contains(&text.to_ascii_lowercase().as_str())
}

/// A window such as `10m`, in microseconds.
pub(super) fn timespan(text: &str, span: Span) -> Result<i64, Diagnostic> {
    time::span(text).ok_or_else(|| {
        let message = format!("`{text}` is no time span");
        Diagnostic::error("sigma.timespan", message, span).with_help("a number and s, m, h, d, w, M or y: 10m")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(logic: &Logic) -> String {
        let list = |parts: &[Logic], sign: &str| parts.iter().map(shown).collect::<Vec<_>>().join(sign);
        match logic {
            Logic::Name(name, _) => name.clone(),
            Logic::Of { least, pattern, .. } => {
                let least = least.map_or("all".to_owned(), |n| n.to_string());
                format!("{least}:{}", pattern.as_deref().unwrap_or("them"))
            }
            Logic::And(parts) => format!("({})", list(parts, " & ")),
            Logic::Or(parts) => format!("({})", list(parts, " | ")),
            Logic::Not(inner) => format!("!{}", shown(inner)),
        }
    }

    #[test]
    fn conditions_are_read() {
        for (text, expected) in [
            ("selection", "selection"),
            ("a and b or c and not d", "((a & b) | (c & !d))"),
            ("a AND (b Or c)", "(a & (b | c))"),
            ("not not a", "!!a"),
            ("1 of sel_* and all of them", "(1:sel_* & all:them)"),
            ("any of x*", "1:x*"),
            ("2 of them", "2:them"),
            ("selection-1 and sel.2", "(selection-1 & sel.2)"),
            ("not (a or b) and c", "(!(a | b) & c)"),
        ] {
            let condition = parse(text, Span::new(0, text.len()), text).expect(text);
            assert_eq!(shown(&condition.expr), expected, "{text}");
        }
    }

    #[test]
    fn old_aggregations_are_read() {
        let read = |text: &str| parse(text, Span::new(0, text.len()), text).expect(text).aggregation.expect("one");
        let Aggregation::Compare { function, field, by, compare, number, .. } = read("s | count(dst) by src >= 10")
        else {
            panic!("a comparison")
        };
        assert_eq!((function.as_str(), field.as_deref(), by.as_deref()), ("count", Some("dst"), Some("src")));
        assert_eq!((compare, number), (Compare::Gte, 10.0));
        assert!(matches!(read("s|count()>5"), Aggregation::Compare { field: None, by: None, .. }));
        assert!(matches!(read("s | near a and b"), Aggregation::Near { names, .. } if names.len() == 2));
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        for (text, at) in [
            ("a and", "a and"),
            ("a b", "b"),
            ("(a", "(a"),
            ("a and or b", "or"),
            ("some of them", "some"),
            ("1 of", "1 of"),
            ("a | median(x) > 1", "median"),
            ("a | count( > 1", ">"),
            ("a | count() 5", "5"),
            ("a | sum() > 5", "sum"),
            ("a & b", "&"),
        ] {
            let error = parse(text, Span::new(0, text.len()), text).expect_err(text);
            assert_eq!(&text[error.span.start..error.span.end], at, "{text}: {}", error.message);
        }
        for text in ["(".repeat(9000), "not ".repeat(9000)] {
            assert!(parse(&text, Span::new(0, text.len()), &text).is_err());
        }
    }
}
