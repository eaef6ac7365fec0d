//! Which table a query is about: the log groups that `SOURCE` names, else the names of its fields.

use std::collections::BTreeSet;

use super::{
    ast::{Ast, Verb, Word},
    names::LAMBDA,
};
use crate::{
    diagnostic::Diagnostic,
    language::Environment,
    pipeline::{Expr, Func, Type},
    schema::{Dialect, table_knowing},
    spl::build,
};

/// The choice.
pub(super) struct Chosen {
    pub table: String,
    /// What rows of it are meant, where that is not all.
    pub predicate: Option<Expr>,
    pub diagnostics: Vec<Diagnostic>,
}

pub(super) fn choose(ast: &Ast, read: &BTreeSet<String>, env: &Environment<'_>) -> Chosen {
    let groups = ast.commands.iter().find_map(|command| match &command.verb {
        Verb::Source { groups, .. } => Some(groups),
        _ => None,
    });
    groups.and_then(|groups| by_group(groups, env)).unwrap_or_else(|| {
        let mut chosen = by_fields(read, env);
        if let Some(first) = groups.and_then(|groups| groups.first()) {
            let message = format!("no table is known by these log groups; `{}` is read", chosen.table);
            chosen.diagnostics.push(Diagnostic::warning("insights.source", message, first.span));
        }
        chosen
    })
}

fn by_group(groups: &[Word], env: &Environment<'_>) -> Option<Chosen> {
    let mut tables: Vec<String> = Vec::new();
    for group in groups {
        // `SOURCE logGroups(namePrefix: […])` names the beginning of a group.
        let named = |word: &str| env.schema.tables_named(Dialect::Insights, word);
        let mut found = named(&group.text);
        if found.is_empty() {
            found = group.text.split(['/', ':']).filter(|part| part.len() > 2).flat_map(named).collect();
        }
        tables.extend(found);
    }
    tables.sort_unstable();
    tables.dedup();
    match tables.len() {
        0 => None,
        1 => Some(Chosen { table: tables.remove(0), predicate: None, diagnostics: Vec::new() }),
        _ => {
            let span = groups.first().map(|group| group.span).unwrap_or_default();
            let kind = build::column("log_type", Type::Text, span);
            let args = std::iter::once(kind).chain(tables.into_iter().map(|table| build::text(table, span))).collect();
            let predicate = Some(build::call(Func::In, args, Type::Bool, span));
            Some(Chosen { table: "all".to_owned(), predicate, diagnostics: Vec::new() })
        }
    }
}

fn by_fields(read: &BTreeSet<String>, env: &Environment<'_>) -> Chosen {
    let lambda = read.iter().any(|name| LAMBDA.iter().any(|(known, ..)| known == name));
    let table = if lambda && env.schema.tables().iter().any(|table| table == "other") {
        "other".to_owned()
    } else {
        let names = read.iter().map(String::as_str).filter(|name| !name.starts_with('@'));
        table_knowing(env.schema, Dialect::Insights, names, env.default_table)
    };
    Chosen { table, predicate: None, diagnostics: Vec::new() }
}
