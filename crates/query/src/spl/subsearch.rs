//! `[search …]` as a filter: rows whose fields equal those of one of the subsearch's rows. A subsearch becomes a join
//! with its distinct rows, so it has no limit of rows; values compare without regard to case, as in `search`.

use super::{
    ast::Ast,
    build,
    lowering::{Lower, Lowerer},
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, JoinKind, Named, Op, Type},
    span::Span,
};

/// Keeps the rows that the subsearch selects, or (`NOT […]`) those that it does not.
pub(crate) fn filter(lowerer: &mut Lowerer<'_>, ast: &Ast, wanted: bool) -> Lower<()> {
    let kind = if wanted { JoinKind::Inner } else { JoinKind::Left };
    let (marker, keys) = join(lowerer, ast, kind)?;
    if !wanted {
        lowerer.filter(build::is_null(build::field(&marker, Type::Bool, ast.span)));
    }
    let patterns = keys.into_iter().chain([marker]).collect();
    lowerer.push(Op::Remove { patterns });
    Ok(())
}

/// A subsearch somewhere inside a condition: a Bool that says whether the row is selected.
pub(crate) fn mark(lowerer: &mut Lowerer<'_>, ast: &Ast) -> Lower<Expr> {
    let (marker, keys) = join(lowerer, ast, JoinKind::Left)?;
    lowerer.residue.extend(keys.into_iter().chain([marker.clone()]));
    Ok(build::is_not_null(build::field(&marker, Type::Bool, ast.span)))
}

/// Joins the subsearch's distinct rows; returns the field that is set where one matched, and the joined keys.
fn join(lowerer: &mut Lowerer<'_>, ast: &Ast, kind: JoinKind) -> Lower<(String, Vec<String>)> {
    let span = ast.span;
    let mut inner = lowerer.nested(ast)?;
    let names = selecting(lowerer, &inner, span)?;
    let marker = lowerer.made_up("selected");
    let mut on = Vec::new();
    let mut keys = Vec::new();
    for name in &names {
        let key = lowerer.made_up("key");
        let right = inner.name(name, span);
        let left = lowerer.name(name, span);
        on.push((folded(left, span), key.clone()));
        keys.push(Named { name: key, expr: folded(right, span) });
    }
    let joined = keys.iter().map(|key| key.name.clone()).collect();
    inner.push(Op::Aggregate { by: keys, aggregates: Vec::new(), keep_null: false });
    inner.extend_hidden(&marker, build::truth(true, span));
    let right = Box::new(inner.into_pipeline());
    lowerer.push(Op::Join { kind, right, on, max: Some(1) });
    lowerer.unsettle_order();
    Ok((marker, joined))
}

/// The fields of the subsearch's result that select; internal ones (`_time`) do not.
fn selecting(lowerer: &mut Lowerer<'_>, inner: &Lowerer<'_>, span: Span) -> Lower<Vec<String>> {
    let names: Vec<String> =
        inner.scope.fields.iter().map(|made| made.name.clone()).filter(|name| !name.starts_with('_')).collect();
    if inner.scope.columns().is_none() || names.is_empty() {
        let message = "which fields this subsearch selects by is not known";
        let help = "end it with `| table field`, `| fields field` or `| stats … by field`";
        return Err(lowerer.error(Diagnostic::error("spl.subsearch-fields", message, span).with_help(help)));
    }
    if names.iter().any(|name| name == "search" || name == "query") {
        let message = "a subsearch that returns search text (a field `search` or `query`) is not supported yet";
        return lowerer.fail("spl.unsupported-subsearch", message, span);
    }
    Ok(names)
}

fn folded(expr: Expr, span: Span) -> Expr {
    let text = if expr.ty == Type::List { build::first(expr) } else { build::to_text(expr) };
    build::call(Func::Lower, vec![text], Type::Text, span)
}
