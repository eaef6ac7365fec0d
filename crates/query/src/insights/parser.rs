//! Reads expressions and lists of them. Precedence, tightest first: `^`, `* / %`, `+ -`, comparisons, `not`, `and`, `or`.

use super::{
    ast::{Ast, Command, Expr, ExprKind, Item, Operator, Verb, Word},
    commands,
    cursor::Cursor,
};
use crate::{diagnostic::Diagnostic, span::Span};

/// Deepest nesting.
const DEEPEST: usize = 60;
/// Most operators in a row.
const LONGEST_CHAIN: usize = 200;
/// Words that end an expression.
const RESERVED: &[&str] =
    &["and", "or", "not", "like", "in", "as", "by", "asc", "desc", "between", "is", "exists", "into", "where"];

/// Reads a query up to its end, or up to the parenthesis that closes it.
pub(super) fn query(cursor: &mut Cursor<'_>) -> Ast {
    let mut ast = Ast::default();
    if cursor.peek() == Some('|') {
        let message = "a query begins with a command, not with a pipe; left out";
        let span = cursor.here();
        cursor.report(Diagnostic::warning("insights.leading-pipe", message, span));
        cursor.bump();
    }
    while let Some(next) = cursor.peek() {
        if next == ')' && cursor.depth > 0 {
            break;
        }
        if let Some(command) = command(cursor) {
            ast.commands.push(command);
        } else {
            // What follows the next pipe may have mistakes of its own.
            skip_command(cursor);
        }
        if !cursor.eat("|") {
            if cursor.depth > 0 || cursor.peek().is_none() {
                break;
            }
            let span = cursor.next_word();
            let found = &cursor.text[span.start..span.end];
            let message = format!("`{found}` is not expected here");
            cursor.report(Diagnostic::error("insights.syntax", message, span).with_help("commands are joined by `|`"));
            skip_command(cursor);
            if !cursor.eat("|") {
                break;
            }
        } else if cursor.peek().is_none() {
            let span = Span::new(cursor.at.saturating_sub(1), cursor.at);
            let span = if cursor.text.is_char_boundary(span.start) { span } else { Span::new(cursor.at, cursor.at) };
            cursor.report(Diagnostic::warning("insights.trailing-pipe", "no command follows the last pipe", span));
        }
    }
    ast
}

fn skip_command(cursor: &mut Cursor<'_>) {
    loop {
        cursor.skip();
        match cursor.rest().chars().next() {
            None | Some('|') => return,
            Some('"' | '\'') => {
                let _ = cursor.string();
            }
            Some('`') => {
                let _ = cursor.field();
            }
            Some(_) => cursor.bump(),
        }
    }
}

fn command(cursor: &mut Cursor<'_>) -> Option<Command> {
    let word = cursor.word();
    let start = cursor.at;
    let span = if word.is_empty() { cursor.here() } else { Span::new(start, start + word.len()) };
    let Some(known) = commands::find(word) else {
        cursor.report(commands::unknown(&cursor.text[span.start..span.end], span));
        return None;
    };
    cursor.at = span.end;
    let name = Word { text: word.to_owned(), span };
    let verb: Verb = (known.parse)(cursor)?;
    let end = start + cursor.text[start..cursor.at].trim_end().len();
    Some(Command { name, verb, span: Span::new(start, end) })
}

/// `expr [as name], …`.
pub(super) fn items(cursor: &mut Cursor<'_>) -> Option<Vec<Item>> {
    let mut items = vec![item(cursor)?];
    while cursor.eat(",") {
        if cursor.at_end() || cursor.at_keyword("by") {
            let span = cursor.here();
            return cursor.error("insights.syntax", "nothing follows the last comma", span, "");
        }
        items.push(item(cursor)?);
    }
    Some(items)
}

fn item(cursor: &mut Cursor<'_>) -> Option<Item> {
    cursor.skip();
    let start = cursor.at;
    let expr = expr(cursor)?;
    let text = name_of(&cursor.text[start..expr.span.end.max(start)]);
    let alias = if cursor.eat_keyword("as") { Some(name(cursor, "as")?) } else { None };
    Some(Item { expr, alias, text })
}

/// The expression's text as a column is called: without backticks, and with no blank before a parenthesis.
fn name_of(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace(" (", "(").replace("( ", "(").replace(" )", ")").replace('`', "")
}

/// A field's name that has to stand next; quotation marks around it are taken for backticks.
pub(super) fn name(cursor: &mut Cursor<'_>, after: &str) -> Option<Word> {
    cursor.skip();
    let start = cursor.at;
    if let Some(text) = cursor.string() {
        return Some(Word { text: text?, span: cursor.span(start) });
    }
    if let Some(name) = cursor.field() {
        return Some(name);
    }
    let span = cursor.here();
    cursor.error("insights.missing-name", format!("a field's name is expected after `{after}`"), span, "")
}

/// Names, separated by commas.
pub(super) fn names(cursor: &mut Cursor<'_>, after: &str) -> Option<Vec<Word>> {
    let mut names = vec![name(cursor, after)?];
    while cursor.eat(",") {
        names.push(name(cursor, ",")?);
    }
    Some(names)
}

pub(super) fn expr(cursor: &mut Cursor<'_>) -> Option<Expr> {
    deeper(cursor, or)
}

fn deeper<T>(cursor: &mut Cursor<'_>, parse: impl FnOnce(&mut Cursor<'_>) -> Option<T>) -> Option<T> {
    if cursor.depth >= DEEPEST {
        let span = cursor.here();
        let message = format!("more than {DEEPEST} levels of nesting");
        return cursor.error("insights.too-deep", message, span, "");
    }
    cursor.depth += 1;
    let parsed = parse(cursor);
    cursor.depth -= 1;
    parsed
}

fn or(cursor: &mut Cursor<'_>) -> Option<Expr> {
    let mut items = vec![and(cursor)?];
    while cursor.eat_keyword("or") || cursor.eat("||") {
        items.push(and(cursor)?);
    }
    Some(joined(items, ExprKind::Or))
}

fn and(cursor: &mut Cursor<'_>) -> Option<Expr> {
    let mut items = vec![not(cursor)?];
    while cursor.eat_keyword("and") || cursor.eat("&&") {
        items.push(not(cursor)?);
    }
    Some(joined(items, ExprKind::And))
}

fn joined(mut items: Vec<Expr>, kind: fn(Vec<Expr>) -> ExprKind) -> Expr {
    if items.len() == 1 {
        return items.remove(0);
    }
    let span = items.iter().map(|item| item.span).reduce(Span::to).unwrap_or_default();
    Expr { kind: kind(items), span }
}

fn not(cursor: &mut Cursor<'_>) -> Option<Expr> {
    cursor.skip();
    let start = cursor.at;
    let sign = cursor.rest().starts_with('!') && !cursor.rest().starts_with("!=");
    if sign || cursor.at_keyword("not") {
        cursor.at += if sign { 1 } else { 3 };
        let inner = deeper(cursor, not)?;
        let span = Span::new(start, inner.span.end);
        return Some(Expr { kind: ExprKind::Not(Box::new(inner)), span });
    }
    comparison(cursor)
}

fn comparison(cursor: &mut Cursor<'_>) -> Option<Expr> {
    let left = sum(cursor)?;
    let negated_at = cursor.at;
    let negated = cursor.eat_keyword("not");
    if cursor.eat_keyword("like") || cursor.eat("=~") {
        return like(cursor, left, negated);
    }
    if !negated && cursor.eat("!~") {
        return like(cursor, left, true);
    }
    if cursor.at_keyword("in") {
        cursor.at += 2;
        return membership(cursor, left, negated);
    }
    if cursor.eat_keyword("between") {
        return between(cursor, left, negated);
    }
    if cursor.at_keyword("exists") || cursor.at_keyword("is") {
        return borrowed(cursor, &left, negated_at);
    }
    if negated {
        let span = cursor.next_word();
        let message = "`like`, `in` or `between` is expected after `not`";
        return cursor.error("insights.syntax", message, span, "");
    }
    let Some(operator) = operator(cursor) else { return Some(left) };
    let right = sum(cursor)?;
    Some(binary(operator, left, right))
}

fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    let signs = [
        ("!=", Operator::Ne),
        ("<>", Operator::Ne),
        ("<=", Operator::Le),
        (">=", Operator::Ge),
        ("==", Operator::Eq),
        ("=", Operator::Eq),
        ("<", Operator::Lt),
        (">", Operator::Gt),
    ];
    signs.into_iter().find(|(sign, _)| cursor.eat(sign)).map(|(_, operator)| operator)
}

fn binary(operator: Operator, left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr { kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)), span }
}

fn maybe_not(expr: Expr, negated: bool) -> Expr {
    let span = expr.span;
    if negated { Expr { kind: ExprKind::Not(Box::new(expr)), span } } else { expr }
}

fn like(cursor: &mut Cursor<'_>, left: Expr, negated: bool) -> Option<Expr> {
    let start = {
        cursor.skip();
        cursor.at
    };
    let pattern = match cursor.regex() {
        Some(pattern) => Expr { kind: ExprKind::Regex(pattern?), span: cursor.span(start) },
        None => sum(cursor)?,
    };
    let span = left.span.to(pattern.span);
    Some(maybe_not(Expr { kind: ExprKind::Like(Box::new(left), Box::new(pattern)), span }, negated))
}

fn membership(cursor: &mut Cursor<'_>, left: Expr, negated: bool) -> Option<Expr> {
    let start = left.span.start;
    if cursor.eat("(") {
        if commands::find(cursor.word()).is_some() {
            let inner = deeper(cursor, |cursor| Some(query(cursor)))?;
            cursor.expect(")", "the subquery")?;
            let kind = ExprKind::InQuery(Box::new(left), Box::new(inner));
            return Some(maybe_not(Expr { kind, span: cursor.span(start) }, negated));
        }
        let span = cursor.here();
        let message = "the values of `in` stand in square brackets";
        cursor.report(
            Diagnostic::warning("insights.in-parentheses", message, span).with_help("write `in [\"a\", \"b\"]`"),
        );
        return set(cursor, left, negated, ")");
    }
    cursor.expect("[", "`in`")?;
    set(cursor, left, negated, "]")
}

fn set(cursor: &mut Cursor<'_>, left: Expr, negated: bool, close: &str) -> Option<Expr> {
    let start = left.span.start;
    let mut values = Vec::new();
    while !cursor.eat(close) {
        values.push(deeper(cursor, sum)?);
        if !cursor.eat(",") {
            cursor.expect(close, "the values of `in`")?;
            break;
        }
    }
    Some(maybe_not(Expr { kind: ExprKind::In(Box::new(left), values), span: cursor.span(start) }, negated))
}

fn between(cursor: &mut Cursor<'_>, left: Expr, negated: bool) -> Option<Expr> {
    let low = sum(cursor)?;
    if !cursor.eat_keyword("and") {
        let span = cursor.next_word();
        return cursor.error("insights.syntax", "`and` is expected in `between … and …`", span, "");
    }
    let high = sum(cursor)?;
    let span = left.span.to(high.span);
    let both = vec![binary(Operator::Ge, left.clone(), low), binary(Operator::Le, left, high)];
    Some(maybe_not(Expr { kind: ExprKind::And(both), span }, negated))
}

/// `x exists`, `x is null`: forms of other languages, with what is meant.
fn borrowed(cursor: &mut Cursor<'_>, left: &Expr, not_at: usize) -> Option<Expr> {
    let start = left.span.start;
    let mut present = !cursor.text[not_at..cursor.at].to_ascii_lowercase().contains("not");
    if cursor.eat_keyword("is") {
        let negated = cursor.eat_keyword("not");
        let word = cursor.word();
        let known = ["null", "missing", "empty", "present", "true", "false"];
        if known.iter().any(|known| word.eq_ignore_ascii_case(known)) {
            cursor.at += word.len();
        }
        present = negated != word.eq_ignore_ascii_case("present");
    } else {
        cursor.at += "exists".len();
    }
    let span = cursor.span(start);
    let name = &cursor.text[left.span.start..left.span.end];
    let meant = if present { format!("ispresent({name})") } else { format!("not ispresent({name})") };
    let message = format!("`{}` is no condition of Logs Insights", &cursor.text[left.span.end..cursor.at].trim());
    let help = format!("write `{meant}`");
    cursor
        .report(Diagnostic::error("insights.foreign-condition", message, span).with_help(help).with_suggestion(meant));
    // What is meant, so that the rest of the query is looked at for its own mistakes.
    let name = Word { text: "ispresent".to_owned(), span };
    let call = Expr { kind: ExprKind::Call { name, args: vec![left.clone()] }, span };
    Some(maybe_not(call, !present))
}

fn chain(
    cursor: &mut Cursor<'_>,
    operand: fn(&mut Cursor<'_>) -> Option<Expr>,
    signs: &[(&str, Operator)],
) -> Option<Expr> {
    let mut left = operand(cursor)?;
    let mut length = 0;
    loop {
        let Some(&(_, operator)) = signs.iter().find(|(sign, _)| cursor.eat(sign)) else { return Some(left) };
        length += 1;
        if length > LONGEST_CHAIN {
            let message = format!("more than {LONGEST_CHAIN} operators in a row");
            return cursor.error("insights.too-deep", message, left.span, "");
        }
        left = binary(operator, left, operand(cursor)?);
    }
}

fn sum(cursor: &mut Cursor<'_>) -> Option<Expr> {
    chain(cursor, product, &[("+", Operator::Add), ("-", Operator::Sub)])
}

fn product(cursor: &mut Cursor<'_>) -> Option<Expr> {
    chain(cursor, power, &[("*", Operator::Mul), ("/", Operator::Div), ("%", Operator::Mod)])
}

fn power(cursor: &mut Cursor<'_>) -> Option<Expr> {
    chain(cursor, unary, &[("^", Operator::Pow)])
}

fn unary(cursor: &mut Cursor<'_>) -> Option<Expr> {
    cursor.skip();
    let start = cursor.at;
    if cursor.eat("-") {
        let inner = deeper(cursor, unary)?;
        let span = Span::new(start, inner.span.end);
        return Some(match inner.kind {
            ExprKind::Number(number) => Expr { kind: ExprKind::Number(-number), span },
            _ => Expr { kind: ExprKind::Neg(Box::new(inner)), span },
        });
    }
    primary(cursor)
}

fn primary(cursor: &mut Cursor<'_>) -> Option<Expr> {
    let next = cursor.peek();
    let start = cursor.at;
    let done = |cursor: &Cursor<'_>, kind| Some(Expr { kind, span: cursor.span(start) });
    match next {
        Some('(') => {
            cursor.bump();
            let inner = expr(cursor)?;
            cursor.expect(")", "the expression")?;
            return Some(Expr { span: cursor.span(start), ..inner });
        }
        Some('"' | '\'') => {
            let text = cursor.string()??;
            return done(cursor, ExprKind::Text(text));
        }
        Some(c) if c.is_ascii_digit() || c == '.' => {
            if let Some(period) = cursor.period() {
                return done(cursor, ExprKind::Period(period));
            }
            if let Some((number, _)) = cursor.number() {
                return done(cursor, ExprKind::Number(number));
            }
        }
        _ => {}
    }
    let word = cursor.word();
    if RESERVED.iter().any(|reserved| word.eq_ignore_ascii_case(reserved))
        && !cursor.rest()[word.len()..].starts_with('.')
    {
        return missing(cursor);
    }
    let quoted = next == Some('`');
    let Some(name) = cursor.field() else {
        return if quoted { None } else { missing(cursor) };
    };
    if cursor.peek() == Some('(') && !quoted {
        return call(cursor, name);
    }
    cursor.at = name.span.end;
    match name.text.to_ascii_lowercase().as_str() {
        "true" if !quoted => done(cursor, ExprKind::Bool(true)),
        "false" if !quoted => done(cursor, ExprKind::Bool(false)),
        _ => done(cursor, ExprKind::Field(name.text)),
    }
}

fn missing<T>(cursor: &mut Cursor<'_>) -> Option<T> {
    let span = cursor.next_word();
    let found = &cursor.text[span.start..span.end];
    if found.is_empty() {
        return cursor.error("insights.syntax", "the query ends where a value is expected", span, "");
    }
    if found == "<" {
        let message = "this looks like a placeholder that was not filled in";
        return cursor.error("insights.placeholder", message, span, "put a value there");
    }
    if found == "/" {
        let help = "a regular expression stands after `like`, `=~` or `parse`";
        return cursor.error("insights.syntax", "a regular expression can't stand here", span, help);
    }
    let help = if found == "*" { "`*` stands in `count(*)` only; name the fields" } else { "" };
    cursor.error("insights.syntax", format!("a value is expected, not `{found}`"), span, help)
}

fn call(cursor: &mut Cursor<'_>, name: Word) -> Option<Expr> {
    let start = name.span.start;
    cursor.bump();
    let mut args = Vec::new();
    if !cursor.eat(")") {
        loop {
            cursor.skip();
            let at = cursor.at;
            if cursor.rest().starts_with('*') {
                cursor.bump();
                args.push(Expr { kind: ExprKind::Star, span: cursor.span(at) });
            } else {
                args.push(expr(cursor)?);
            }
            if !cursor.eat(",") {
                break;
            }
        }
        cursor.expect(")", &format!("the arguments of `{}`", name.text))?;
    }
    Some(Expr { kind: ExprKind::Call { name, args }, span: cursor.span(start) })
}
