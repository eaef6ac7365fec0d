//! Expressions of `eval` and `where`: operators, and names with their quoting. Functions are in `functions/`.

use super::{
    ast::{Binary, Comparison, Expr as Ast, ExprKind, Unary, Word},
    build, functions,
    lowering::{Lower, Lowerer},
    scope::Base,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, ExprKind as Ir, Func, Literal, Type},
    span::Span,
};

/// Largest expression, in nodes. Some conversions use a value twice: nested, they would double without end.
const MOST_NODES: usize = 100_000;

impl Lowerer<'_> {
    /// An expression of any type.
    pub fn expr(&mut self, ast: &Ast) -> Lower<Expr> {
        let expr = self.expr_of(ast)?;
        let leaf = matches!(ast.kind, ExprKind::Field(_) | ExprKind::Text(_) | ExprKind::Int(_) | ExprKind::Float(_));
        if !leaf && build::is_larger(&expr, MOST_NODES) {
            return self.fail("spl.too-complex", "this expression is too complex", ast.span);
        }
        Ok(expr)
    }

    fn expr_of(&mut self, ast: &Ast) -> Lower<Expr> {
        let span = ast.span;
        match &ast.kind {
            ExprKind::Field(word) => Ok(self.eval_name(word)),
            ExprKind::Text(text) => Ok(build::text(text.clone(), span)),
            ExprKind::Int(number) => Ok(build::int(*number, span)),
            ExprKind::Float(number) => Ok(build::float(*number, span)),
            ExprKind::Unary(Unary::Not, inner) => Ok(build::not(self.condition(inner)?)),
            ExprKind::Unary(Unary::Neg, inner) => self.negative(inner, span),
            ExprKind::Binary(Binary::Xor, left, right) => self.exclusive(left, right, span),
            ExprKind::Binary(Binary::Like, left, right) => {
                let args = vec![build::to_matchable(self.expr(left)?), build::to_text(self.expr(right)?)];
                Ok(build::call(Func::Like, args, Type::Bool, span))
            }
            ExprKind::Binary(operator, left, right) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                Ok(arithmetic(*operator, left, right, span))
            }
            ExprKind::Compare(comparison, left, right) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                Ok(compare(*comparison, left, right, span))
            }
            ExprKind::And(items) => Ok(build::all(self.conditions(items)?, span)),
            ExprKind::Or(items) => Ok(build::any(self.conditions(items)?, span)),
            ExprKind::In(value, items) => {
                let value = self.expr(value)?;
                let items = items.iter().map(|item| self.expr(item)).collect::<Lower<Vec<_>>>()?;
                Ok(is_in(&value, items, span))
            }
            ExprKind::Call { name, args } => functions::lower(self, name, args, span),
        }
    }

    fn conditions(&mut self, items: &[Ast]) -> Lower<Vec<Expr>> {
        items.iter().map(|item| self.condition(item)).collect()
    }

    /// An expression that has to be true or false.
    pub fn condition(&mut self, ast: &Ast) -> Lower<Expr> {
        let expr = self.expr(ast)?;
        match (expr.ty, &expr.kind) {
            (Type::Bool, _) => Ok(expr),
            // A field that holds a truth value as text, or one whose type is not known.
            (Type::Any | Type::Text, Ir::Field(_) | Ir::Path(_) | Ir::Column(_)) => Ok(build::call(
                Func::Eq,
                vec![build::to_text(expr), build::text("true", ast.span)],
                Type::Bool,
                ast.span,
            )),
            (Type::Int | Type::Float, _) => {
                Ok(build::call(Func::Ne, vec![expr, build::int(0, ast.span)], Type::Bool, ast.span))
            }
            _ => {
                let help = "compare it with something, as in `x=1` or `isnotnull(x)`";
                Err(self.error(Diagnostic::error("spl.condition", "this is not a condition", ast.span).with_help(help)))
            }
        }
    }

    fn negative(&mut self, inner: &Ast, span: Span) -> Lower<Expr> {
        let value = build::to_number(self.expr(inner)?);
        Ok(match value.kind {
            Ir::Literal(Literal::Int(number)) => build::int(number.wrapping_neg(), span),
            Ir::Literal(Literal::Float(number)) => build::float(-number, span),
            _ => {
                let ty = value.ty;
                build::call(Func::Neg, vec![value], ty, span)
            }
        })
    }

    fn exclusive(&mut self, left: &Ast, right: &Ast, span: Span) -> Lower<Expr> {
        let (left, right) = (build::is_true(self.condition(left)?), build::is_true(self.condition(right)?));
        let one = build::call(Func::And, vec![left.clone(), build::not(right.clone())], Type::Bool, span);
        let other = build::call(Func::And, vec![build::not(left), right], Type::Bool, span);
        Ok(build::call(Func::Or, vec![one, other], Type::Bool, span))
    }

    /// A name in an expression. Bare dots concatenate in SPL; where that cannot be meant, they belong to the name.
    pub fn eval_name(&mut self, word: &Word) -> Expr {
        if word.quoted || !word.text.contains('.') {
            return self.keyword(word).unwrap_or_else(|| self.field(word));
        }
        let parts: Vec<&str> = word.text.split('.').collect();
        if self.scope.made(&word.text).is_none() && parts.iter().all(|part| self.scope.made(part).is_some()) {
            return self.concatenation(&parts, word.span);
        }
        if !self.knows(&word.text) && parts.iter().all(|part| self.knows(part)) {
            return self.concatenation(&parts, word.span);
        }
        let known = self.knows(&word.text) || self.scope.base != Base::Closed;
        if known {
            let message = format!("a bare `{0}` joins fields in eval; read as the field '{0}'", word.text);
            let quoted = format!("'{}'", word.text);
            self.warn(Diagnostic::warning("spl.bare-dots", message, word.span).with_suggestion(quoted));
        }
        self.field(word)
    }

    /// `null` and `true` without parentheses, which Splunk reads as fields that nobody has.
    fn keyword(&mut self, word: &Word) -> Option<Expr> {
        if word.quoted || self.knows(&word.text) {
            return None;
        }
        match word.text.to_ascii_lowercase().as_str() {
            "null" => Some(build::null(word.span)),
            "true" => Some(build::truth(true, word.span)),
            "false" => Some(build::truth(false, word.span)),
            _ => None,
        }
    }

    fn concatenation(&mut self, parts: &[&str], span: Span) -> Expr {
        let parts = parts.iter().map(|part| concatenated(self.name(part, span))).collect();
        build::call(Func::Concat, parts, Type::Text, span)
    }
}

/// A value as it joins a text: an instant is its epoch seconds.
fn concatenated(expr: Expr) -> Expr {
    build::to_text(if expr.ty == Type::Time { build::to_number(expr) } else { expr })
}

fn arithmetic(operator: Binary, left: Expr, right: Expr, span: Span) -> Expr {
    let func = match operator {
        Binary::Concat => return concat(left, right, span),
        Binary::Add if left.ty == Type::Text && right.ty == Type::Text => return plus(left, right, span),
        Binary::Sub => Func::Sub,
        Binary::Mul => Func::Mul,
        Binary::Div => Func::Div,
        Binary::Mod => Func::Mod,
        _ => Func::Add,
    };
    numeric(func, left, right, span)
}

fn numeric(func: Func, left: Expr, right: Expr, span: Span) -> Expr {
    let (left, right) = (build::to_number(left), build::to_number(right));
    let whole = left.ty == Type::Int && right.ty == Type::Int && func != Func::Div;
    let ty = if whole { Type::Int } else { Type::Float };
    build::call(func, vec![left, right], ty, span)
}

/// One flat call for a chain of dots.
fn concat(left: Expr, right: Expr, span: Span) -> Expr {
    let mut parts = match left.kind {
        Ir::Call { func: Func::Concat, args } => args,
        _ => vec![concatenated(left)],
    };
    parts.push(concatenated(right));
    build::call(Func::Concat, parts, Type::Text, span)
}

/// `+` of two texts: a sum where both read as numbers, else both joined.
fn plus(left: Expr, right: Expr, span: Span) -> Expr {
    let joined = concat(left.clone(), right.clone(), span);
    let word = |expr: &Expr| build::literal_text(expr).is_some_and(|text| build::parse_number(text).is_none());
    if word(&left) || word(&right) {
        return joined;
    }
    let sum = build::to_text(numeric(Func::Add, left, right, span));
    build::coalesce(vec![sum, joined], Type::Text, span)
}

/// A comparison by SPL's rules: as numbers where one side is one, else as text; case matters.
pub(crate) fn compare(comparison: Comparison, left: Expr, right: Expr, span: Span) -> Expr {
    let equality = matches!(comparison, Comparison::Eq | Comparison::Ne);
    let func = match comparison {
        Comparison::Eq => Func::Eq,
        Comparison::Ne => Func::Ne,
        Comparison::Lt => Func::Lt,
        Comparison::Le => Func::Le,
        Comparison::Gt => Func::Gt,
        Comparison::Ge => Func::Ge,
    };
    // Any element of a list may be equal; the list stands on the left.
    let (left, right) =
        if equality && right.ty == Type::List && left.ty != Type::List { (right, left) } else { (left, right) };
    let (left, right) = comparable(left, right, equality);
    if !equality && maybe_numbers(&left) && maybe_numbers(&right) {
        let numbers = vec![build::to_number(left.clone()), build::to_number(right.clone())];
        let as_numbers = build::call(func, numbers, Type::Bool, span);
        let as_texts = build::call(func, vec![left, right], Type::Bool, span);
        return build::coalesce(vec![as_numbers, as_texts], Type::Bool, span);
    }
    build::call(func, vec![left, right], Type::Bool, span)
}

/// Text whose values may read as numbers: what comes from the record, a lookup file or an expression, not a stored
/// column of words.
fn maybe_numbers(expr: &Expr) -> bool {
    expr.ty == Type::Text && !matches!(expr.kind, Ir::Literal(_) | Ir::Column(_))
}

/// Both sides in one type.
fn comparable(left: Expr, right: Expr, equality: bool) -> (Expr, Expr) {
    let (a, b) = (left.ty, right.ty);
    if equality && a == Type::List {
        let right = if b == Type::List { build::first(right) } else { build::to_text(right) };
        return (left, right);
    }
    if a == b && !matches!(a, Type::Any | Type::List | Type::Text) {
        return (left, right);
    }
    if a == Type::Bool || b == Type::Bool {
        return truths(left, right);
    }
    let number = |expr: &Expr| build::is_number(expr.ty) || expr.ty == Type::Time;
    let digits = |expr: &Expr| build::literal_text(expr).is_some_and(|text| build::parse_number(text).is_some());
    let word = |expr: &Expr| build::literal_text(expr).is_some_and(|text| build::parse_number(text).is_none());
    let as_numbers = (number(&left) && !word(&right))
        || (number(&right) && !word(&left))
        || (!equality && (digits(&left) || digits(&right)));
    if as_numbers {
        (build::to_number(left), build::to_number(right))
    } else {
        (build::to_text(one(left)), build::to_text(one(right)))
    }
}

fn one(expr: Expr) -> Expr {
    if expr.ty == Type::List { build::first(expr) } else { expr }
}

/// A stored truth value compared with a word: `readOnly="true"`.
fn truths(left: Expr, right: Expr) -> (Expr, Expr) {
    let parse = |expr: &Expr| build::literal_text(expr).and_then(|text| text.to_ascii_lowercase().parse::<bool>().ok());
    match (parse(&left), parse(&right)) {
        (Some(value), None) => (build::truth(value, left.span), right),
        (None, Some(value)) => (left, build::truth(value, right.span)),
        _ if left.ty == right.ty => (left, right),
        _ => (build::to_text(left), build::to_text(right)),
    }
}

/// `x IN (a, b)`: one IR call where all items can have the value's type, else comparisons side by side.
pub(crate) fn is_in(value: &Expr, items: Vec<Expr>, span: Span) -> Expr {
    let constant = items.iter().all(|item| build::literal_text(item).is_some());
    if constant && value.ty == Type::Text {
        let args = std::iter::once(value.clone()).chain(items).collect();
        return build::call(Func::In, args, Type::Bool, span);
    }
    let equal = items.into_iter().map(|item| compare(Comparison::Eq, value.clone(), item, span)).collect();
    build::any(equal, span)
}
