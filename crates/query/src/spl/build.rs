//! Typed IR expressions in one line each, and the conversions that SPL, which has no types, leaves implicit.

use crate::{
    pipeline::{Expr, ExprKind, Func, Literal, PathStep, Type},
    span::Span,
};

pub(crate) fn column(name: &str, ty: Type, span: Span) -> Expr {
    Expr { kind: ExprKind::Column(name.to_owned()), ty, span }
}

pub(crate) fn field(name: &str, ty: Type, span: Span) -> Expr {
    Expr { kind: ExprKind::Field(name.to_owned()), ty, span }
}

pub(crate) fn literal(value: Literal, span: Span) -> Expr {
    let ty = match value {
        Literal::Null => Type::Any,
        Literal::Text(_) => Type::Text,
        Literal::Int(_) => Type::Int,
        Literal::Float(_) => Type::Float,
        Literal::Bool(_) => Type::Bool,
        Literal::Time(_) => Type::Time,
    };
    Expr { kind: ExprKind::Literal(value), ty, span }
}

pub(crate) fn text(value: impl Into<String>, span: Span) -> Expr {
    literal(Literal::Text(value.into()), span)
}

pub(crate) fn int(value: i64, span: Span) -> Expr {
    literal(Literal::Int(value), span)
}

pub(crate) fn float(value: f64, span: Span) -> Expr {
    literal(Literal::Float(value), span)
}

pub(crate) fn truth(value: bool, span: Span) -> Expr {
    literal(Literal::Bool(value), span)
}

/// Whether an expression is the constant true.
pub(crate) fn is_truth(expr: &Expr) -> bool {
    expr.kind == ExprKind::Literal(Literal::Bool(true))
}

pub(crate) fn null(span: Span) -> Expr {
    literal(Literal::Null, span)
}

pub(crate) fn call(func: Func, args: Vec<Expr>, ty: Type, span: Span) -> Expr {
    Expr { kind: ExprKind::Call { func, args }, ty, span }
}

/// A value inside the raw record; a list where the path goes through every element of an array.
pub(crate) fn path(steps: Vec<PathStep>, span: Span) -> Expr {
    let many = steps.iter().any(|step| matches!(step, PathStep::Each | PathStep::Elements | PathStep::Any));
    let ty = if many { Type::List } else { Type::Text };
    Expr { kind: ExprKind::Path(steps), ty, span }
}

/// SPL's dotted name as path steps: `a.items{}.b`, `a{0}`.
pub(crate) fn steps(name: &str) -> Vec<PathStep> {
    let mut steps = Vec::new();
    for part in name.split('.') {
        let (key, brackets) = part.find('{').map_or((part, ""), |at| part.split_at(at));
        if !key.is_empty() {
            steps.push(PathStep::Key(key.to_owned()));
        }
        for bracket in brackets.split_inclusive('}').filter_map(|bracket| bracket.strip_prefix('{')?.strip_suffix('}'))
        {
            steps.push(bracket.parse().map_or(PathStep::Each, PathStep::Index));
        }
    }
    steps
}

/// All of them, as a balanced tree so that a thousand of them are ten levels deep. None: true.
pub(crate) fn all(items: Vec<Expr>, span: Span) -> Expr {
    balanced(Func::And, items, span).unwrap_or_else(|| truth(true, span))
}

/// Any of them, balanced. None: false.
pub(crate) fn any(items: Vec<Expr>, span: Span) -> Expr {
    balanced(Func::Or, items, span).unwrap_or_else(|| truth(false, span))
}

fn balanced(func: Func, mut items: Vec<Expr>, span: Span) -> Option<Expr> {
    while items.len() > 1 {
        let mut pairs = Vec::with_capacity(items.len().div_ceil(2));
        let mut rest = items.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => call(func, vec![left, right], Type::Bool, span),
                None => left,
            });
        }
        items = pairs;
    }
    items.pop()
}

pub(crate) fn not(expr: Expr) -> Expr {
    let span = expr.span;
    call(Func::Not, vec![expr], Type::Bool, span)
}

/// Null counts as false, so that a negation around it holds where a field is missing.
pub(crate) fn is_true(expr: Expr) -> Expr {
    let definite = match &expr.kind {
        ExprKind::Call { func, .. } => matches!(func, Func::IsTrue | Func::IsNull | Func::IsNotNull),
        ExprKind::Literal(Literal::Bool(_)) => true,
        _ => false,
    };
    if definite {
        return expr;
    }
    let span = expr.span;
    call(Func::IsTrue, vec![expr], Type::Bool, span)
}

pub(crate) fn is_null(expr: Expr) -> Expr {
    let span = expr.span;
    call(Func::IsNull, vec![expr], Type::Bool, span)
}

pub(crate) fn is_not_null(expr: Expr) -> Expr {
    let span = expr.span;
    call(Func::IsNotNull, vec![expr], Type::Bool, span)
}

pub(crate) fn coalesce(items: Vec<Expr>, ty: Type, span: Span) -> Expr {
    call(Func::Coalesce, items, ty, span)
}

pub(crate) fn is_number(ty: Type) -> bool {
    matches!(ty, Type::Int | Type::Float)
}

/// Whether an expression has more nodes than this.
pub(crate) fn is_larger(expr: &Expr, limit: usize) -> bool {
    let mut left = limit;
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        if left == 0 {
            return true;
        }
        left -= 1;
        if let ExprKind::Call { args, .. } = &expr.kind {
            open.extend(args);
        }
    }
    false
}

/// The text of a literal.
pub(crate) fn literal_text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

/// The number that a literal is, or that its text reads as.
pub(crate) fn literal_number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        #[allow(clippy::cast_precision_loss)]
        ExprKind::Literal(Literal::Int(number)) => Some(*number as f64),
        ExprKind::Literal(Literal::Float(number)) => Some(*number),
        ExprKind::Literal(Literal::Text(text)) => parse_number(text),
        _ => None,
    }
}

/// A number as SPL reads one in text: not `inf`, not `nan`, no blanks.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite() && text.contains(|c: char| c.is_ascii_digit()))
}

/// A number as the smallest literal that holds it.
pub(crate) fn number(value: f64, span: Span) -> Expr {
    #[allow(clippy::cast_possible_truncation)]
    if value.fract() == 0.0 && value.abs() < 9e15 { int(value as i64, span) } else { float(value, span) }
}

/// As text. An instant is its epoch seconds in SPL, but ISO text is what a reader wants of a list of times.
pub(crate) fn to_text(expr: Expr) -> Expr {
    let span = expr.span;
    match (&expr.kind, expr.ty) {
        (_, Type::Text) => expr,
        (ExprKind::Literal(Literal::Null), _) => Expr { ty: Type::Text, ..expr },
        (ExprKind::Literal(Literal::Int(number)), _) => text(number.to_string(), span),
        (ExprKind::Literal(Literal::Float(number)), _) => text(number.to_string(), span),
        (ExprKind::Literal(Literal::Bool(value)), _) => text(value.to_string(), span),
        _ => call(Func::ToText, vec![expr], Type::Text, span),
    }
}

/// As a number: Int and Float stay, an instant is its epoch seconds, the rest is read as text.
pub(crate) fn to_number(expr: Expr) -> Expr {
    let span = expr.span;
    if is_number(expr.ty) {
        return expr;
    }
    match (&expr.kind, expr.ty) {
        (ExprKind::Literal(Literal::Null), _) => Expr { ty: Type::Float, ..expr },
        (ExprKind::Literal(Literal::Text(text)), _) => {
            parse_number(text).map_or_else(|| Expr { ty: Type::Float, ..null(span) }, |n| number(n, span))
        }
        (_, Type::List) => to_number(first(expr)),
        (_, Type::Bool) => call(Func::If, vec![expr, int(1, span), int(0, span)], Type::Int, span),
        _ => call(Func::ToNumber, vec![expr], Type::Float, span),
    }
}

pub(crate) fn to_int(expr: Expr) -> Expr {
    let span = expr.span;
    match expr.ty {
        Type::Int => expr,
        Type::List => to_int(first(expr)),
        _ => match literal_number(&expr) {
            #[allow(clippy::cast_possible_truncation)]
            Some(number) => int(number as i64, span),
            None => call(Func::ToInt, vec![expr], Type::Int, span),
        },
    }
}

/// As an instant. Text is epoch seconds where it is a number (lookups hold them so), ISO 8601 otherwise.
pub(crate) fn to_time(expr: Expr) -> Expr {
    let span = expr.span;
    match expr.ty {
        Type::Time => expr,
        Type::Int | Type::Float => call(Func::ToTime, vec![expr], Type::Time, span),
        Type::List => to_time(first(expr)),
        Type::Text | Type::Any | Type::Bool => {
            let value = to_text(expr);
            let epoch = call(Func::ToTime, vec![to_number(value.clone())], Type::Time, span);
            let iso = call(Func::ToTime, vec![value], Type::Time, span);
            coalesce(vec![epoch, iso], Type::Time, span)
        }
    }
}

pub(crate) fn to_list(expr: Expr) -> Expr {
    if expr.ty == Type::List {
        return expr;
    }
    let span = expr.span;
    call(Func::ToList, vec![to_text(expr)], Type::List, span)
}

/// The first element of a list.
pub(crate) fn first(list: Expr) -> Expr {
    let span = list.span;
    call(Func::ListIndex, vec![list, int(0, span)], Type::Text, span)
}

/// Text or a list of texts: what the matching functions take.
pub(crate) fn to_matchable(expr: Expr) -> Expr {
    if expr.ty == Type::List { expr } else { to_text(expr) }
}

/// The type that values of both types have: numbers widen, a list swallows text, anything else meets in text.
pub(crate) fn unify(a: Type, b: Type) -> Type {
    match (a, b) {
        (a, b) if a == b => a,
        (Type::Any, other) | (other, Type::Any) => other,
        (Type::Int | Type::Float, Type::Int | Type::Float) => Type::Float,
        (Type::Time, Type::Int | Type::Float) | (Type::Int | Type::Float, Type::Time) => Type::Float,
        (Type::List, _) | (_, Type::List) => Type::List,
        _ => Type::Text,
    }
}

/// Converts to a type; Any stays as it is.
pub(crate) fn convert(expr: Expr, ty: Type) -> Expr {
    let span = expr.span;
    match ty {
        _ if expr.ty == ty => expr,
        _ if matches!(expr.kind, ExprKind::Literal(Literal::Null)) => Expr { ty, ..expr },
        Type::Text => to_text(expr),
        Type::Float => match expr.kind {
            #[allow(clippy::cast_precision_loss)]
            ExprKind::Literal(Literal::Int(value)) => float(value as f64, span),
            _ if expr.ty == Type::Int => call(Func::ToNumber, vec![expr], Type::Float, span),
            _ => to_number(expr),
        },
        Type::Int => to_int(expr),
        Type::Time => to_time(expr),
        Type::List => to_list(expr),
        Type::Bool | Type::Any => expr,
    }
}
