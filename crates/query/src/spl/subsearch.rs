//! `[search …]` as a filter: rows whose fields equal those of one of the subsearch's rows. A subsearch becomes a join
//! with its distinct rows, so it has no limit of rows; values compare without regard to case, as in `search`.

use super::{
    ast::{Argument, Ast, Body, Command},
    build,
    lowering::{Lower, Lowerer},
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Aggregate, ELEMENT, Expr, Func, JoinKind, Named, Op, Type},
    span::Span,
};

/// Keeps the rows that the subsearch selects, or (`NOT […]`) those that it does not.
pub(crate) fn filter(lowerer: &mut Lowerer<'_>, ast: &Ast, wanted: bool) -> Lower<()> {
    if gives_words(ast) {
        let (found, made) = words(lowerer, ast)?;
        lowerer.filter(if wanted { found } else { build::not(found) });
        lowerer.push(Op::Remove { patterns: made });
        return Ok(());
    }
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
    if gives_words(ast) {
        let (found, made) = words(lowerer, ast)?;
        lowerer.residue.extend(made);
        return Ok(found);
    }
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
    Ok(names)
}

/// Whether the subsearch's last command leaves nothing but a field `search` or `query`, whose values Splunk puts into the
/// search as they are; `return $field` does.
fn gives_words(ast: &Ast) -> bool {
    let Some(Command { name, body: Body::Arguments(arguments), .. }) = ast.commands.last() else { return false };
    let mut words = arguments.iter().filter_map(|argument| match argument {
        Argument::Word(word) if !matches!(word.text.as_str(), "+" | "as") => Some(word.text.as_str()),
        _ => None,
    });
    match name.text.as_str() {
        "return" => words.any(|word| word.starts_with('$')),
        "fields" | "table" => words.all(is_text_field),
        "rename" => words.next_back().is_some_and(is_text_field),
        "format" => gives_words(&Ast { commands: ast.commands[..ast.commands.len() - 1].to_vec(), span: ast.span }),
        _ => false,
    }
}

fn is_text_field(name: &str) -> bool {
    name == "search" || name == "query"
}

/// Whether the record has one of the words that the subsearch gives, and the fields that this takes. The words are not
/// known before it has run: they are looked for as phrases, comparisons among them are not.
fn words(lowerer: &mut Lowerer<'_>, ast: &Ast) -> Lower<(Expr, Vec<String>)> {
    let span = ast.span;
    let mut inner = lowerer.nested(ast)?;
    let Some(name) = ["search", "query"].into_iter().find(|name| inner.knows(name)) else {
        return lowerer.fail("spl.subsearch-fields", "this subsearch makes no field `search`", span);
    };
    let (list, key) = (lowerer.made_up("words"), lowerer.made_up("key"));
    let arg = Some(build::to_matchable(inner.name(name, span)));
    let values = Aggregate { name: list.clone(), func: Agg::Values, arg, filter: None, order: None, ty: Type::List };
    inner.aggregate(Vec::new(), vec![values], false);
    inner.extend_hidden(&key, build::int(1, span));
    let right = Box::new(inner.into_pipeline());
    let on = vec![(build::int(1, span), key.clone())];
    lowerer.push(Op::Join { kind: JoinKind::Left, right, on, max: Some(1) });
    lowerer.unsettle_order();
    let message =
        "the values of this subsearch are looked for in the record as they are; `field=value` among them is not read";
    lowerer.warning("spl.subsearch-text", message, span);
    let raw = lowerer.name("_raw", span);
    let element = build::field(ELEMENT, Type::Text, span);
    let word = build::call(Func::Trim, vec![element, build::text("\"* ", span)], Type::Text, span);
    let holds = build::call(Func::ContainsIgnoreCase, vec![build::to_text(raw), word], Type::Bool, span);
    let found = build::call(Func::ListFilter, vec![build::field(&list, Type::List, span), holds], Type::List, span);
    Ok((build::is_not_null(found), vec![list, key]))
}

fn folded(expr: Expr, span: Span) -> Expr {
    let text = if expr.ty == Type::List { build::first(expr) } else { build::to_text(expr) };
    build::call(Func::Lower, vec![text], Type::Text, span)
}
