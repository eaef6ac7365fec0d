//! What the tables of cases are checked with: a schema of a few lines.

use super::{lower, predicate};
use crate::{
    diagnostic,
    language::{Environment, Lowered},
    pipeline::{Type, render_expr},
    schema::{Dialect, Resolved, Schema},
};

struct Names;

const COLUMNS: &[(&str, &str, &str, Type)] = &[
    ("cloudtrail", "eventName", "event_name", Type::Text),
    ("cloudtrail", "errorCode", "error_code", Type::Text),
    ("cloudtrail", "readOnly", "read_only", Type::Bool),
    ("cloudtrail", "bytes", "bytes", Type::Int),
    ("waf", "httpRequest.clientIp", "client_ip", Type::Text),
    ("waf", "action", "action", Type::Text),
];

impl Schema for Names {
    fn resolve(&self, table: &str, _: Dialect, name: &str) -> Option<Resolved> {
        let (column, ty) = self.column_of_path(table, name)?;
        Some(Resolved { column, ty, default: None, spelled: None })
    }

    fn column_of_path(&self, table: &str, path: &str) -> Option<(String, Type)> {
        let (.., column, ty) = COLUMNS.iter().find(|(of, name, ..)| *of == table && *name == path)?;
        Some(((*column).to_owned(), *ty))
    }

    fn names(&self, _: &str, _: Dialect) -> Vec<String> {
        Vec::new()
    }

    fn tables(&self) -> Vec<String> {
        ["cloudtrail", "vpc_flow", "waf", "all"].map(str::to_owned).to_vec()
    }
}

fn with_environment<T>(ask: impl Fn(&Environment<'_>) -> T) -> T {
    ask(&Environment::new(&Names, 0))
}

#[track_caller]
pub(super) fn lowered(pattern: &str) -> Lowered {
    with_environment(|env| lower(pattern, env))
        .unwrap_or_else(|diagnostics| panic!("{}", diagnostic::render(pattern, &diagnostics)))
}

#[track_caller]
pub(super) fn check(pattern: &str, expected: &str) {
    let found = with_environment(|env| predicate(pattern, env));
    match found {
        Ok((_, expr)) => assert_eq!(render_expr(&expr), expected, "{pattern}"),
        Err(diagnostics) => panic!("{}", diagnostic::render(pattern, &diagnostics)),
    }
}

pub(super) fn table(pattern: &str) -> String {
    with_environment(|env| predicate(pattern, env)).map(|(table, _)| table).unwrap_or_default()
}

/// Codes of all diagnostics, in order.
pub(super) fn codes(pattern: &str) -> Vec<String> {
    let found = with_environment(|env| lower(pattern, env));
    let diagnostics = found.map_or_else(|diagnostics| diagnostics, |lowered| lowered.diagnostics);
    diagnostics.into_iter().map(|diagnostic| diagnostic.code).collect()
}
