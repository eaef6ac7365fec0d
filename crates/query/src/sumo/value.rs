//! Expressions to IR. Sumo Logic's values are texts until something makes numbers of them; what it converts silently is
//! converted here, and what can be known before any row is read is folded away.

use super::{
    ast::{Arithmetic, Expr as Ast, Node},
    compare, functions,
    lowering::{Lower, Lowerer},
    names, subquery,
};
use crate::{
    pipeline::{Expr, ExprKind, Func, Literal, Type},
    span::Span,
    spl::build,
};

impl Lowerer<'_> {
    /// The value of an expression.
    pub fn value(&mut self, expr: &Ast) -> Lower<Expr> {
        let span = expr.span;
        Ok(match &expr.node {
            Node::Text(text) | Node::Regex(text) => build::text(text.clone(), span),
            Node::Number(number) => build::number(*number, span),
            Node::Bool(value) => build::truth(*value, span),
            Node::Null => build::null(span),
            Node::Open => build::truth(true, span),
            Node::Field(name) => self.named(name, span),
            Node::Call(name, args) => functions::call(self, name, args, span)?,
            Node::Neg(inner) => {
                let inner = number(self.value(inner)?);
                let ty = inner.ty;
                build::call(Func::Neg, vec![inner], ty, span)
            }
            Node::Arithmetic(sign, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                arithmetic(*sign, left, right, span)
            }
            Node::If(condition, yes, no) => self.choice(condition, yes, no, span)?,
            Node::InSubquery(value, part, negated) => {
                let value = self.value(value)?;
                let found = subquery::contains(self, value, *part)?;
                if *negated { build::not(build::is_true(found)) } else { found }
            }
            Node::Subquery(part) => subquery::holds(self, *part)?,
            Node::Not(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Compare(..)
            | Node::Matches(..)
            | Node::Contains(..)
            | Node::In(..) => self.truth(expr)?,
        })
    }

    /// An expression as a condition.
    pub fn condition(&mut self, expr: &Ast) -> Lower<Expr> {
        let value = self.value(expr)?;
        Ok(condition(value))
    }

    fn truth(&mut self, expr: &Ast) -> Lower<Expr> {
        let span = expr.span;
        Ok(match &expr.node {
            Node::Not(inner) => negated(self.condition(inner)?),
            Node::And(parts) => folded(self.conditions(parts)?, false, span),
            Node::Or(parts) => folded(self.conditions(parts)?, true, span),
            Node::Compare(comparison, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                compare::compare(*comparison, left, right, span)
            }
            Node::Matches(value, pattern) => {
                let value = self.value(value)?;
                compare::matches(self, value, pattern, span)?
            }
            Node::Contains(value, part) => {
                let (value, part) = (names::text(self.value(value)?), names::text(self.value(part)?));
                build::call(Func::Contains, vec![value, part], Type::Bool, span)
            }
            Node::In(value, items, is_negated) => {
                let value = self.value(value)?;
                let items = items.iter().map(|item| self.value(item)).collect::<Lower<Vec<_>>>()?;
                let found = compare::within(value, items, span);
                if *is_negated { negated(found) } else { found }
            }
            _ => self.condition(expr)?,
        })
    }

    fn conditions(&mut self, parts: &[Ast]) -> Lower<Vec<Expr>> {
        parts.iter().map(|part| self.condition(part)).collect()
    }

    /// `if(c, a, b)`; where the condition is known, only the branch it takes.
    fn choice(&mut self, condition: &Ast, yes: &Ast, no: &Ast, span: Span) -> Lower<Expr> {
        let condition = self.condition(condition)?;
        if let Some(known) = literal_truth(&condition) {
            return self.value(if known { yes } else { no });
        }
        let (yes, no) = (self.value(yes)?, self.value(no)?);
        let ty = unified(&yes, &no);
        let (yes, no) = (converted(yes, ty), converted(no, ty));
        Ok(build::call(Func::If, vec![condition, yes, no], ty, span))
    }
}

/// The type that both branches can have. A list beside a text is its text.
fn unified(a: &Expr, b: &Expr) -> Type {
    match build::unify(a.ty, b.ty) {
        Type::List => Type::Text,
        Type::Float if a.ty == Type::Time || b.ty == Type::Time => Type::Text,
        ty => ty,
    }
}

fn converted(expr: Expr, ty: Type) -> Expr {
    if ty == Type::Text { names::text(expr) } else { build::convert(expr, ty) }
}

/// What an expression is, if that is known.
pub(crate) fn literal_truth(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        ExprKind::Literal(Literal::Bool(value)) => Some(*value),
        _ => None,
    }
}

/// A value as a condition: a text is true if it says so.
pub(crate) fn condition(value: Expr) -> Expr {
    let span = value.span;
    match value.ty {
        Type::Bool => value,
        Type::Int | Type::Float => {
            let zero = build::int(0, span);
            build::call(Func::Ne, vec![value, zero], Type::Bool, span)
        }
        _ => {
            let args = vec![names::text(value), build::text("true", span)];
            build::call(Func::EqIgnoreCase, args, Type::Bool, span)
        }
    }
}

/// Not: what cannot be compared is not so.
fn negated(inner: Expr) -> Expr {
    match literal_truth(&inner) {
        Some(value) => build::truth(!value, inner.span),
        None => build::not(build::is_true(inner)),
    }
}

/// All (or any) of them, without those that are known.
fn folded(parts: Vec<Expr>, any: bool, span: Span) -> Expr {
    let mut open = Vec::new();
    for part in parts {
        match literal_truth(&part) {
            Some(value) if value == any => return build::truth(any, span),
            Some(_) => {}
            None => open.push(part),
        }
    }
    if open.is_empty() {
        return build::truth(!any, span);
    }
    if any { build::any(open, span) } else { build::all(open, span) }
}

fn arithmetic(sign: Arithmetic, left: Expr, right: Expr, span: Span) -> Expr {
    let (left, right) = (number(left), number(right));
    let (func, whole) = match sign {
        Arithmetic::Add => (Func::Add, true),
        Arithmetic::Sub => (Func::Sub, true),
        Arithmetic::Mul => (Func::Mul, true),
        Arithmetic::Div => (Func::Div, false),
        Arithmetic::Mod => (Func::Mod, false),
    };
    if let (Some(a), Some(b)) = (build::literal_number(&left), build::literal_number(&right)) {
        let value = match sign {
            Arithmetic::Add => a + b,
            Arithmetic::Sub => a - b,
            Arithmetic::Mul => a * b,
            Arithmetic::Div => a / b,
            Arithmetic::Mod => a % b,
        };
        if value.is_finite() {
            return build::number(value, span);
        }
    }
    // Whole numbers could overflow; as floats they are exact as far as anyone counts.
    let small = |expr: &Expr| matches!(&expr.kind, ExprKind::Literal(Literal::Int(value)) if value.abs() < 1 << 31);
    let ty = if whole
        && left.ty == Type::Int
        && right.ty == Type::Int
        && func != Func::Mul
        && (small(&left) || small(&right))
    {
        Type::Int
    } else {
        Type::Float
    };
    build::call(func, vec![left, right], ty, span)
}

/// As a number. An instant is its milliseconds.
pub(crate) fn number(expr: Expr) -> Expr {
    let span = expr.span;
    match expr.ty {
        Type::Time => {
            let seconds = build::call(Func::ToNumber, vec![expr], Type::Float, span);
            build::call(Func::Mul, vec![seconds, build::int(1000, span)], Type::Float, span)
        }
        Type::List => number(names::text(expr)),
        _ => build::to_number(expr),
    }
}

/// As an instant: numbers are milliseconds, texts ISO 8601 or milliseconds.
pub(crate) fn instant(expr: Expr) -> Expr {
    let span = expr.span;
    let seconds = |number: Expr| {
        let args = vec![number, build::float(1000.0, span)];
        let seconds = build::call(Func::Div, args, Type::Float, span);
        build::call(Func::ToTime, vec![seconds], Type::Time, span)
    };
    match expr.ty {
        Type::Time => expr,
        Type::Int | Type::Float => seconds(expr),
        _ => {
            let text = names::text(expr);
            let millis = seconds(build::to_number(text.clone()));
            let iso = build::call(Func::ToTime, vec![text], Type::Time, span);
            build::coalesce(vec![millis, iso], Type::Time, span)
        }
    }
}
