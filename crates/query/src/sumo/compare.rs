//! Comparisons. Texts compare by case; a text that looks like a number compares as one with a number; null equals the
//! empty text and nothing else.

use super::{
    ast::{Comparison, Expr as Ast, Node},
    lowering::{Lower, Lowerer},
    names,
    value::number,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, ExprKind, Func, Literal, Type},
    span::Span,
    spl::{build, pattern},
};

fn func(comparison: Comparison) -> Func {
    match comparison {
        Comparison::Eq => Func::Eq,
        Comparison::Ne => Func::Ne,
        Comparison::Lt => Func::Lt,
        Comparison::Le => Func::Le,
        Comparison::Gt => Func::Gt,
        Comparison::Ge => Func::Ge,
    }
}

/// Two values compared.
pub(crate) fn compare(comparison: Comparison, left: Expr, right: Expr, span: Span) -> Expr {
    if let Some(known) = constant(comparison, &left, &right) {
        return build::truth(known, span);
    }
    let equality = matches!(comparison, Comparison::Eq | Comparison::Ne);
    let (left, right) = operands(left, right, equality, span);
    build::call(func(comparison), vec![left, right], Type::Bool, span)
}

/// The operands in the type that they compare in.
fn operands(left: Expr, right: Expr, equality: bool, span: Span) -> (Expr, Expr) {
    if equality && (is_empty_text(&left) || is_empty_text(&right)) {
        return (filled(left, span), filled(right, span));
    }
    let numeric = |expr: &Expr| build::is_number(expr.ty);
    if numeric(&left) || numeric(&right) || (left.ty == Type::Time) != (right.ty == Type::Time) {
        // A number and a text that is none are just different texts.
        let odd = |expr: &Expr| build::literal_text(expr).is_some_and(|text| build::parse_number(text).is_none());
        if !(odd(&left) || odd(&right)) {
            return (number(left), number(right));
        }
        return (names::text(left), names::text(right));
    }
    if left.ty == Type::Time || left.ty == Type::Bool && right.ty == Type::Bool {
        return (left, right);
    }
    let looks = |expr: &Expr| build::literal_text(expr).is_some_and(|text| build::parse_number(text).is_some());
    if !equality && (looks(&left) || looks(&right)) {
        return (number(left), number(right));
    }
    (names::text(left), names::text(right))
}

fn is_empty_text(expr: &Expr) -> bool {
    build::literal_text(expr) == Some("")
}

/// Null as the empty text.
fn filled(expr: Expr, span: Span) -> Expr {
    if is_empty_text(&expr) {
        return expr;
    }
    build::coalesce(vec![names::text(expr), build::text("", span)], Type::Text, span)
}

/// Two literals compared before any row is read: `"{{user}}" = "*"`.
fn constant(comparison: Comparison, left: &Expr, right: &Expr) -> Option<bool> {
    let (ExprKind::Literal(a), ExprKind::Literal(b)) = (&left.kind, &right.kind) else { return None };
    let order = match (a, b) {
        (Literal::Text(a), Literal::Text(b)) => a.cmp(b),
        (Literal::Bool(a), Literal::Bool(b)) => a.cmp(b),
        _ => build::literal_number(left)?.partial_cmp(&build::literal_number(right)?)?,
    };
    Some(match comparison {
        Comparison::Eq => order.is_eq(),
        Comparison::Ne => order.is_ne(),
        Comparison::Lt => order.is_lt(),
        Comparison::Le => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::Ge => order.is_ge(),
    })
}

/// `value matches pattern`: `*` for anything over the whole value, or a regular expression found anywhere.
pub(crate) fn matches(lowerer: &mut Lowerer<'_>, value: Expr, pattern: &Ast, span: Span) -> Lower<Expr> {
    let value = names::text(value);
    if let Node::Regex(text) = &pattern.node {
        let regex = regex(lowerer, text, pattern.span)?;
        return Ok(build::call(Func::Regex, vec![value, build::text(regex, pattern.span)], Type::Bool, span));
    }
    if matches!(pattern.node, Node::Open) {
        return Ok(build::truth(true, span));
    }
    let glob = names::text(lowerer.value(pattern)?);
    let (Some(text), Some(known)) = (build::literal_text(&glob), build::literal_text(&value)) else {
        return Ok(build::call(Func::Glob, vec![value, glob], Type::Bool, span));
    };
    let regex = regex::Regex::new(&format!("(?s)^{}$", regex::escape(text).replace(r"\*", ".*")));
    Ok(build::truth(regex.is_ok_and(|regex| regex.is_match(known)), span))
}

/// A regular expression that the engine can run, in its dialect, or the diagnostic that says why not.
pub(crate) fn regex(lowerer: &mut Lowerer<'_>, text: &str, span: Span) -> Lower<String> {
    let translated = hyphens(&pattern::translate(text));
    match regex::Regex::new(&translated) {
        Ok(_) => Ok(translated),
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            let message = format!("this regular expression cannot be used: {reason}");
            let diagnostic = Diagnostic::error("sumo.regex", message, span);
            let around = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|form| text.contains(form));
            let help = "look-ahead and look-behind are not supported: matching time stays linear";
            Err(lowerer.error(if around { diagnostic.with_help(help) } else { diagnostic }))
        }
    }
}

/// A hyphen beside a class of its own (`[\w-_]`) stands for itself in Java.
fn hyphens(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut chars = regex.chars().peekable();
    let (mut inside, mut after_class) = (false, false);
    while let Some(c) = chars.next() {
        let mut shorthand = false;
        match c {
            '\\' => {
                out.push(c);
                if let Some(next) = chars.next() {
                    out.push(next);
                    shorthand = matches!(next, 'w' | 'W' | 'd' | 'D' | 's' | 'S');
                }
                after_class = shorthand;
                continue;
            }
            '-' if inside && after_class && chars.peek() != Some(&']') => out.push_str(r"\-"),
            _ => {
                inside = c == '[' || (inside && c != ']');
                out.push(c);
            }
        }
        after_class = shorthand;
    }
    out
}

/// `value in (a, b)`.
pub(crate) fn within(value: Expr, items: Vec<Expr>, span: Span) -> Expr {
    let literal = |expr: &Expr| matches!(expr.kind, ExprKind::Literal(_));
    if literal(&value) && items.iter().all(literal) {
        let found = items.iter().any(|item| constant(Comparison::Eq, &value, item) == Some(true));
        return build::truth(found, span);
    }
    let empty = items.iter().any(is_empty_text);
    let numbers = items.iter().all(|item| build::literal_number(item).is_some());
    let typed = build::is_number(value.ty) || items.iter().any(|item| build::is_number(item.ty));
    let (value, items): (Expr, Vec<Expr>) = if numbers && typed {
        (number(value), items.into_iter().map(number).collect())
    } else {
        let value = names::text(value);
        let value = if empty { filled(value, span) } else { value };
        (value, items.into_iter().map(names::text).collect())
    };
    let args = std::iter::once(value).chain(items).collect();
    build::call(Func::In, args, Type::Bool, span)
}
