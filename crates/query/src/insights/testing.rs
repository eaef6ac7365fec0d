//! What the tables of cases are checked with: a schema of a few lines, and a fixed now (2018-07-26T21:08:28Z).

use super::lower;
use crate::{
    diagnostic::{self, Diagnostic},
    language::{Environment, Lowered},
    pipeline::{self, Type},
    schema::{Dialect, Resolved, Schema},
};

const NAMES: &[(&str, &str, &str, Type)] = &[
    ("cloudtrail", "awsRegion", "aws_region", Type::Text),
    ("cloudtrail", "bytes", "bytes", Type::Int),
    ("cloudtrail", "errorCode", "error_code", Type::Text),
    ("cloudtrail", "eventName", "event_name", Type::Text),
    ("cloudtrail", "eventTime", "event_time", Type::Time),
    ("cloudtrail", "readOnly", "read_only", Type::Bool),
    ("cloudtrail", "userAgent", "user_agent", Type::Text),
    ("vpc_flow", "bytes", "bytes", Type::Int),
    ("vpc_flow", "dstAddr", "dst_addr", Type::Text),
    ("vpc_flow", "srcAddr", "src_addr", Type::Text),
];

struct Names;

impl Schema for Names {
    fn resolve(&self, table: &str, _: Dialect, name: &str) -> Option<Resolved> {
        let of = || NAMES.iter().filter(|(of, ..)| *of == table);
        let found = of().find(|(_, known, ..)| *known == name);
        let (_, known, column, ty) = found.or_else(|| of().find(|(_, known, ..)| known.eq_ignore_ascii_case(name)))?;
        let spelled = (*known != name).then(|| (*known).to_owned());
        Some(Resolved { column: (*column).to_owned(), ty: *ty, default: None, spelled })
    }

    fn names(&self, _: &str, _: Dialect) -> Vec<String> {
        Vec::new()
    }

    fn tables(&self) -> Vec<String> {
        ["cloudtrail", "vpc_flow", "other", "all"].map(str::to_owned).to_vec()
    }

    fn tables_named(&self, _: Dialect, word: &str) -> Vec<String> {
        let known = [("cloudtrail", "cloudtrail"), ("flow", "vpc_flow")];
        known.iter().filter(|(part, _)| word.contains(part)).map(|(_, table)| (*table).to_owned()).collect()
    }
}

fn try_lower(query: &str) -> Result<Lowered, Vec<Diagnostic>> {
    let env = Environment::new(&Names, 1_532_639_308_000_000);
    lower(query, &env)
}

#[track_caller]
fn lowered(query: &str) -> Lowered {
    try_lower(query).unwrap_or_else(|diagnostics| panic!("{}", diagnostic::render(query, &diagnostics)))
}

/// The whole pipeline as text.
#[track_caller]
pub(super) fn rendered(query: &str) -> String {
    pipeline::render(&lowered(query).pipeline)
}

/// Checks the operators that a query's commands make: those after the scan and before the order, limit and columns that
/// every result gets.
#[track_caller]
pub(super) fn check(query: &str, expected: &str) {
    let text = rendered(query);
    let lines: Vec<&str> = text.lines().skip(1).take_while(|line| !line.starts_with("limit 10000")).collect();
    let lines = match lines.split_last() {
        Some((last, rest)) if !expected.contains(last) && last.starts_with("sort ") => rest,
        _ => &lines[..],
    };
    assert_eq!(lines.join("\n"), expected, "{query}");
}

#[track_caller]
pub(super) fn columns(query: &str) -> Vec<String> {
    lowered(query).columns.unwrap_or_default()
}

pub(super) fn diagnostics(query: &str) -> Vec<Diagnostic> {
    try_lower(query).map_or_else(|diagnostics| diagnostics, |lowered| lowered.diagnostics)
}

/// Codes of all diagnostics, in order.
pub(super) fn codes(query: &str) -> Vec<String> {
    diagnostics(query).into_iter().map(|diagnostic| diagnostic.code).collect()
}
