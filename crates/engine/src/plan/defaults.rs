//! Tests of a column that has a value for "absent", as the error code has in SPL: asked of the column itself, since `coalesce` would put
//! the value into each row that has none, and no statistics of a file answer for it.

use datafusion::common::Result;
use datafusion::logical_expr::expr_fn::{is_not_false, is_true};
use datafusion::logical_expr::{BinaryExpr, Expr as Df, Operator};
use query::pipeline::{Expr, ExprKind, Func, Literal, Type};

use super::expr::Translator;
use crate::functions::matching::{Kind, Matcher};

impl Translator<'_> {
    /// `test(coalesce(column, value), …)` with constants alone: where the column is null the answer is known, and nowhere else is the test null.
    pub(super) fn defaulted(&self, func: Func, args: &[Expr], ty: Type) -> Result<Option<Df>> {
        let Some((column, value)) = args.first().and_then(parts) else { return Ok(None) };
        let Some(constants) = args[1..].iter().map(text).collect::<Option<Vec<_>>>() else { return Ok(None) };
        let Some(absent) = answer(func, value, &constants)? else { return Ok(None) };
        let mut asked = args.to_vec();
        asked[0] = column.clone();
        let test = self.call(func, &asked, ty)?;
        Ok(Some(if absent { is_not_false(test) } else { is_true(test) }))
    }
}

/// A column of text and its value where it is null.
fn parts(expr: &Expr) -> Option<(&Expr, &str)> {
    let ExprKind::Call { func: Func::Coalesce, args } = &expr.kind else { return None };
    let [column, value] = args.as_slice() else { return None };
    let texts = expr.ty == Type::Text && column.ty == Type::Text;
    (texts && matches!(column.kind, ExprKind::Column(_))).then_some((column, text(value)?))
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

/// What a test says of a text; none where it is no such test.
fn answer(func: Func, value: &str, constants: &[&str]) -> Result<Option<bool>> {
    let [first, ..] = constants else { return Ok(None) };
    let kind = match func {
        Func::Eq => return Ok(Some(value == *first)),
        Func::Ne => return Ok(Some(value != *first)),
        Func::In => return Ok(Some(constants.contains(&value))),
        Func::EqIgnoreCase => Kind::EqualIgnoreCase,
        Func::Glob => Kind::Glob,
        Func::GlobIgnoreCase => Kind::GlobIgnoreCase,
        Func::Regex => Kind::Regex,
        Func::Contains => Kind::Contains,
        Func::ContainsIgnoreCase => Kind::ContainsIgnoreCase,
        _ => return Ok(None),
    };
    Ok(Some(Matcher::new(kind, first)?.matches(value)))
}

/// A condition that keeps the same rows: whether it is false or null makes no difference to them.
pub(super) fn kept(condition: Df) -> Df {
    match condition {
        Df::IsTrue(inner) => kept(*inner),
        Df::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) => {
            Df::BinaryExpr(BinaryExpr { left: Box::new(kept(*left)), op, right: Box::new(kept(*right)) })
        }
        other => other,
    }
}
