//! Reads expressions: `?:`, or, and, not, comparisons (with `matches`, `contains`, `in`), arithmetic, functions.

use super::{
    ast::{Arithmetic, Comparison, Expr, Node},
    cursor::Cursor,
    lexer::{self, Kind, Token},
    lowering::{Lower, Lowerer},
};
use crate::span::Span;

/// Brackets, functions and signs inside one another; longest chain of one operator.
const MAX_DEPTH: usize = 100;
/// Terms of an `and` or `or`: those are balanced afterwards.
const MAX_TERMS: usize = 10_000;

/// Words that end an expression.
const STOPS: &[&str] = &["as", "by", "nodrop", "asc", "desc"];

impl Lowerer<'_> {
    /// The expression that stands here.
    pub fn expression(&mut self, cursor: &mut Cursor<'_>) -> Lower<Expr> {
        ternary(self, cursor, 0)
    }
}

fn too_deep<T>(lowerer: &mut Lowerer<'_>, cursor: &Cursor<'_>) -> Lower<T> {
    lowerer.fail("sumo.too-deep", "this expression is nested too deeply", cursor.here())
}

fn ternary(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, depth: usize) -> Lower<Expr> {
    if depth > MAX_DEPTH {
        return too_deep(lowerer, cursor);
    }
    let condition = or(lowerer, cursor, depth)?;
    if !cursor.punct("?") {
        return Ok(condition);
    }
    let yes = ternary(lowerer, cursor, depth + 1)?;
    lowerer.expect_punct(cursor, ":")?;
    let no = ternary(lowerer, cursor, depth + 1)?;
    let span = condition.span.to(no.span);
    Ok(Expr { node: Node::If(Box::new(condition), Box::new(yes), Box::new(no)), span })
}

type Level = fn(&mut Lowerer<'_>, &mut Cursor<'_>, usize) -> Lower<Expr>;

/// Terms of one logical word.
fn terms(
    lowerer: &mut Lowerer<'_>,
    cursor: &mut Cursor<'_>,
    depth: usize,
    words: &[&str],
    level: Level,
) -> Lower<Vec<Expr>> {
    let mut terms = vec![level(lowerer, cursor, depth)?];
    while words.iter().any(|word| cursor.word(word) || doubled(cursor, word)) {
        if terms.len() > MAX_TERMS {
            return too_deep(lowerer, cursor);
        }
        terms.push(level(lowerer, cursor, depth)?);
    }
    Ok(terms)
}

/// `&&` and `||` are two tokens each.
fn doubled(cursor: &mut Cursor<'_>, word: &str) -> bool {
    let second = cursor.peek_at(1).is_some_and(|token| token.is_punct(word));
    cursor.is_punct(word) && second && cursor.punct(word) && cursor.punct(word)
}

fn or(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, depth: usize) -> Lower<Expr> {
    let parts = terms(lowerer, cursor, depth, &["or"], and)?;
    Ok(joined(parts, Node::Or))
}

fn and(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, depth: usize) -> Lower<Expr> {
    let parts = terms(lowerer, cursor, depth, &["and", "&"], not)?;
    Ok(joined(parts, Node::And))
}

fn joined(mut parts: Vec<Expr>, node: fn(Vec<Expr>) -> Node) -> Expr {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let span = parts.first().map_or_else(Span::default, |part| part.span);
    let span = parts.last().map_or(span, |part| span.to(part.span));
    Expr { node: node(parts), span }
}

fn not(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, depth: usize) -> Lower<Expr> {
    let start = cursor.here();
    if cursor.word("not") {
        if depth > MAX_DEPTH {
            return too_deep(lowerer, cursor);
        }
        let inner = not(lowerer, cursor, depth + 1)?;
        let span = start.to(inner.span);
        return Ok(Expr { node: Node::Not(Box::new(inner)), span });
    }
    comparison(lowerer, cursor, depth)
}

fn operator(token: &Token) -> Option<Comparison> {
    if token.kind != Kind::Punct {
        return None;
    }
    Some(match token.text.as_str() {
        "=" | "==" => Comparison::Eq,
        "!=" | "<>" => Comparison::Ne,
        "<" => Comparison::Lt,
        "<=" => Comparison::Le,
        ">" => Comparison::Gt,
        ">=" => Comparison::Ge,
        _ => return None,
    })
}

fn comparison(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, depth: usize) -> Lower<Expr> {
    let mut left = sum(lowerer, cursor, depth)?;
    for _ in 0..MAX_DEPTH {
        match compared(lowerer, cursor, left, depth)? {
            Ok(expr) => left = expr,
            Err(expr) => return Ok(expr),
        }
    }
    too_deep(lowerer, cursor)
}

/// One comparison with what is on its left; that itself where there is none.
fn compared(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, left: Expr, depth: usize) -> Lower<Result<Expr, Expr>> {
    let Some(token) = cursor.peek() else { return Ok(Err(left)) };
    if token.kind == Kind::Hole {
        cursor.next();
        let span = left.span.to(token.span);
        return Ok(Ok(Expr { node: Node::Open, span }));
    }
    if let Some(comparison) = operator(token) {
        cursor.next();
        // `x > = 5` is written now and then.
        let comparison = match (comparison, cursor.punct("=")) {
            (Comparison::Lt, true) => Comparison::Le,
            (Comparison::Gt, true) => Comparison::Ge,
            (comparison, _) => comparison,
        };
        let right = sum(lowerer, cursor, depth)?;
        let span = left.span.to(right.span);
        let open = matches!(right.node, Node::Open);
        let node = Node::Compare(comparison, Box::new(left), Box::new(right));
        return Ok(Ok(Expr { node: if open { Node::Open } else { node }, span }));
    }
    let negated = cursor.is_word("not")
        && cursor.peek_at(1).is_some_and(|next| ["in", "matches", "contains"].iter().any(|word| next.is(word)));
    if negated {
        cursor.next();
    }
    if cursor.word("in") {
        return within(lowerer, cursor, left, negated, depth).map(Ok);
    }
    let contains = cursor.is_word("contains");
    if !contains && !cursor.is_word("matches") {
        return Ok(Err(left));
    }
    cursor.next();
    let right = sum(lowerer, cursor, depth)?;
    let span = left.span.to(right.span);
    let node = match (contains, Box::new(left), Box::new(right)) {
        (true, left, right) => Node::Contains(left, right),
        (false, left, right) => Node::Matches(left, right),
    };
    let expr = Expr { node, span };
    Ok(Ok(if negated { Expr { node: Node::Not(Box::new(expr)), span } } else { expr }))
}

fn within(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, left: Expr, negated: bool, depth: usize) -> Lower<Expr> {
    if let Some(token) = cursor.peek().filter(|token| token.kind == Kind::Subquery) {
        cursor.next();
        let span = left.span.to(token.span);
        return Ok(Expr { node: Node::InSubquery(Box::new(left), token.span, negated), span });
    }
    lowerer.expect_punct(cursor, "(")?;
    let mut items = Vec::new();
    while !cursor.punct(")") {
        if cursor.done() {
            return lowerer.expected(cursor, "`)`");
        }
        items.push(ternary(lowerer, cursor, depth + 1)?);
        if !cursor.is_punct(")") {
            lowerer.expect_punct(cursor, ",")?;
        }
    }
    let end = items.last().map_or(left.span, |item| item.span);
    let span = left.span.to(end);
    Ok(Expr { node: Node::In(Box::new(left), items, negated), span })
}

fn arithmetic(token: &Token, signs: &[(&str, Arithmetic)]) -> Option<Arithmetic> {
    signs.iter().find(|(sign, _)| token.is_punct(sign)).map(|(_, arithmetic)| *arithmetic)
}

fn chain(
    lowerer: &mut Lowerer<'_>,
    cursor: &mut Cursor<'_>,
    depth: usize,
    signs: &[(&str, Arithmetic)],
    level: Level,
) -> Lower<Expr> {
    let mut left = level(lowerer, cursor, depth)?;
    let mut length = 0;
    while let Some(sign) = cursor.peek().and_then(|token| arithmetic(token, signs)) {
        length += 1;
        if length > MAX_DEPTH {
            return too_deep(lowerer, cursor);
        }
        cursor.next();
        let right = level(lowerer, cursor, depth)?;
        let span = left.span.to(right.span);
        left = Expr { node: Node::Arithmetic(sign, Box::new(left), Box::new(right)), span };
    }
    Ok(left)
}

fn sum(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, depth: usize) -> Lower<Expr> {
    chain(lowerer, cursor, depth, &[("+", Arithmetic::Add), ("-", Arithmetic::Sub)], product)
}

fn product(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, depth: usize) -> Lower<Expr> {
    let signs = [("*", Arithmetic::Mul), ("/", Arithmetic::Div), ("%", Arithmetic::Mod)];
    chain(lowerer, cursor, depth, &signs, sign)
}

fn sign(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, depth: usize) -> Lower<Expr> {
    if depth > MAX_DEPTH {
        return too_deep(lowerer, cursor);
    }
    let start = cursor.here();
    if cursor.punct("-") {
        let inner = sign(lowerer, cursor, depth + 1)?;
        let span = start.to(inner.span);
        return Ok(match inner.node {
            Node::Number(number) => Expr { node: Node::Number(-number), span },
            _ => Expr { node: Node::Neg(Box::new(inner)), span },
        });
    }
    if cursor.punct("+") {
        return sign(lowerer, cursor, depth + 1);
    }
    // `!` binds as a sign does: `!isNull(x) and y`.
    if cursor.punct("!") {
        let inner = sign(lowerer, cursor, depth + 1)?;
        let span = start.to(inner.span);
        return Ok(Expr { node: Node::Not(Box::new(inner)), span });
    }
    primary(lowerer, cursor, depth)
}

fn primary(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, depth: usize) -> Lower<Expr> {
    let Some(token) = cursor.peek() else { return lowerer.expected(cursor, "a value") };
    if token.kind == Kind::Word && STOPS.iter().any(|stop| token.is(stop)) {
        return lowerer.expected(cursor, "a value");
    }
    cursor.next();
    let node = match token.kind {
        Kind::Text => Node::Text(lexer::unescape(&token.text)),
        Kind::Number => match number(&token.text) {
            Some(value) => Node::Number(value),
            None => {
                let message = format!("`{}` is not a number", token.text);
                return lowerer.fail("sumo.number", message, token.span);
            }
        },
        Kind::Regex => Node::Regex(token.text.clone()),
        Kind::Hole => Node::Open,
        Kind::Field => Node::Field(token.text.clone()),
        Kind::Word => return word(lowerer, cursor, token, depth),
        Kind::Punct if token.is_punct("(") => {
            let inner = ternary(lowerer, cursor, depth + 1)?;
            lowerer.expect_punct(cursor, ")")?;
            return Ok(inner);
        }
        Kind::Subquery => Node::Subquery(token.span),
        Kind::Punct | Kind::Path => {
            let message = format!("a value is expected here, but found `{}`", token.text);
            return lowerer.fail("sumo.syntax", message, token.span);
        }
    };
    Ok(Expr { node, span: token.span })
}

fn word(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, token: &Token, depth: usize) -> Lower<Expr> {
    let node = match token.text.to_ascii_lowercase().as_str() {
        _ if cursor.is_punct("(") => return call(lowerer, cursor, token, depth),
        "true" => Node::Bool(true),
        "false" => Node::Bool(false),
        "null" => Node::Null,
        _ => Node::Field(token.text.clone()),
    };
    Ok(Expr { node, span: token.span })
}

fn call(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, token: &Token, depth: usize) -> Lower<Expr> {
    cursor.next();
    let mut args = Vec::new();
    while !cursor.is_punct(")") {
        if cursor.done() {
            return lowerer.expected(cursor, "`)`");
        }
        args.push(ternary(lowerer, cursor, depth + 1)?);
        if !cursor.is_punct(")") {
            lowerer.expect_punct(cursor, ",")?;
        }
    }
    let span = token.span.to(cursor.here());
    cursor.next();
    let node = match (token.is("if"), args.len()) {
        (true, 3) => {
            let mut args = args.into_iter();
            match (args.next(), args.next(), args.next()) {
                (Some(condition), Some(yes), Some(no)) => Node::If(Box::new(condition), Box::new(yes), Box::new(no)),
                _ => Node::Null,
            }
        }
        (true, found) => {
            let message = format!("`if` takes a condition and two values, not {found} arguments");
            return lowerer.fail("sumo.argument-count", message, span);
        }
        _ => Node::Call(token.text.clone(), args),
    };
    Ok(Expr { node, span })
}

/// A number with its size suffix, or its time suffix in milliseconds.
pub(crate) fn number(text: &str) -> Option<f64> {
    let digits = text.find(|c: char| c.is_ascii_alphabetic() && !exponent(text, c)).unwrap_or(text.len());
    let (digits, suffix) = text.split_at(digits);
    let value: f64 = digits.trim_end_matches('.').parse().ok()?;
    let factor = match suffix {
        "" => 1.0,
        "k" | "K" => 1e3,
        "M" => 1e6,
        "G" | "B" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        _ => return duration(text).map(|micros| micros as f64 / 1000.0),
    };
    Some(value * factor)
}

/// Whether this letter of the text is an exponent's.
fn exponent(text: &str, c: char) -> bool {
    matches!(c, 'e' | 'E')
        && text.split_once(c).is_some_and(|(_, after)| {
            let after = after.strip_prefix(['+', '-']).unwrap_or(after);
            !after.is_empty() && after.bytes().all(|b| b.is_ascii_digit())
        })
}

/// A time span in microseconds: `15m`, `1.5h`.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let value: f64 = text[..at].parse().ok()?;
    let unit = match &text[at..] {
        "ns" => 0.001,
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 6e7,
        "h" => 3.6e9,
        "d" => 8.64e10,
        "w" => 6.048e11,
        _ => return None,
    };
    let micros = value * unit;
    #[allow(clippy::cast_possible_truncation)]
    (micros.is_finite() && micros < 9e18).then_some(micros as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_suffixes() {
        for (text, value) in [
            ("5", Some(5.0)),
            ("1.5k", Some(1500.0)),
            ("1Mi", Some(1_048_576.0)),
            ("2e3", Some(2000.0)),
            ("3.14e+4", Some(31400.0)),
            ("1h", Some(3_600_000.0)),
            ("1.5s", Some(1500.0)),
            ("0.", Some(0.0)),
            ("5x", None),
        ] {
            assert_eq!(number(text), value, "{text}");
        }
        assert_eq!(duration("15m"), Some(900_000_000));
        assert_eq!(duration("15"), None);
    }
}
