//! What the tables of cases in the operators' and functions' files are checked with: a schema of a few lines, a fixed now,
//! and two template variables.

use super::lower;
use crate::{
    diagnostic::{self, Diagnostic, Severity},
    language::{Environment, Kind, Lowered},
    pipeline::{self, Type},
    schema::{Dialect, Resolved, Schema},
};

/// Names of the test table: path, column, type.
const NAMES: &[(&str, &str, Type)] = &[
    ("additionalEventData.MFAUsed", "mfa_used", Type::Text),
    ("awsRegion", "aws_region", Type::Text),
    ("bytesIn", "bytes_in", Type::Int),
    ("errorCode", "error_code", Type::Text),
    ("eventID", "event_id", Type::Text),
    ("eventName", "event_name", Type::Text),
    ("eventSource", "event_source", Type::Text),
    ("eventTime", "event_time", Type::Time),
    ("readOnly", "read_only", Type::Bool),
    ("recipientAccountId", "recipient_account_id", Type::Text),
    ("sourceIPAddress", "source_ip_address", Type::Text),
    ("user", "user_name", Type::Text),
    ("userAgent", "user_agent", Type::Text),
    ("userIdentity.arn", "user_identity_arn", Type::Text),
];

/// The test tables' schema.
pub(crate) struct TestSchema;

impl Schema for TestSchema {
    fn resolve(&self, table: &str, dialect: Dialect, name: &str) -> Option<Resolved> {
        if table != "cloudtrail" || (dialect == Dialect::Insights && name == "user") {
            return None;
        }
        let (known, column, ty) = NAMES
            .iter()
            .find(|(known, ..)| *known == name)
            .or_else(|| NAMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)))?;
        let spelled = (*known != name).then(|| (*known).to_owned());
        Some(Resolved { column: (*column).to_owned(), ty: *ty, default: None, spelled })
    }

    fn names(&self, _table: &str, _dialect: Dialect) -> Vec<String> {
        NAMES.iter().map(|(name, ..)| (*name).to_owned()).collect()
    }

    fn path_of(&self, _table: &str, column: &str) -> Option<String> {
        let named = NAMES.iter().find(|(name, known, _)| *known == column && *name != "user");
        named.map(|(name, ..)| (*name).to_owned())
    }

    fn tables(&self) -> Vec<String> {
        ["cloudtrail", "vpc_flow", "all"].map(str::to_owned).to_vec()
    }

    fn tables_named(&self, _dialect: Dialect, word: &str) -> Vec<String> {
        let word = word.to_lowercase();
        let known = [("cloudtrail", "cloudtrail"), ("vpc", "vpc_flow")];
        known.iter().filter(|(part, _)| word.contains(part)).map(|(_, table)| (*table).to_owned()).collect()
    }
}

pub(crate) const NOW: i64 = 1_532_639_308_500_000;

pub(crate) fn lower_text(query: &str) -> Result<Lowered, Vec<Diagnostic>> {
    let env = Environment {
        parameters: &|name| match name {
            "region" => Some("eu-*".to_owned()),
            "name" => Some("eventName".to_owned()),
            _ => None,
        },
        ..Environment::new(&TestSchema, NOW)
    };
    lower(query, &env)
}

pub(crate) fn lowered(query: &str) -> Lowered {
    lower_text(query).unwrap_or_else(|diagnostics| panic!("{}", diagnostic::render(query, &diagnostics)))
}

/// Checks the IR of a query. The scan's line may be left out; of an event result, so are the final sort and projection.
#[track_caller]
pub(crate) fn check(query: &str, expected: &str) {
    let lowered = lowered(query);
    let text = pipeline::render(&lowered.pipeline);
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.first() == Some(&"scan cloudtrail") && !expected.trim_start().starts_with("scan ") {
        lines.remove(0);
    }
    if lowered.kind == Kind::Events {
        lines.pop();
        if lines.last() == Some(&"sort event_time desc") {
            lines.pop();
        }
    }
    let trim = |lines: &[&str]| lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n");
    let expected: Vec<&str> = expected.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(trim(&lines), trim(&expected), "{query}");
}

/// The names of the result's columns.
#[track_caller]
pub(crate) fn columns(query: &str) -> Vec<String> {
    lowered(query).columns.unwrap_or_else(|| panic!("columns of {query} are not known"))
}

/// The IR of an expression over events.
#[track_caller]
pub(crate) fn value(expression: &str) -> String {
    let text = pipeline::render(&lowered(&format!("* | {expression} as x | count by x")).pipeline);
    let made = text.lines().find_map(|line| line.strip_prefix("extend 'x' = "));
    made.unwrap_or_else(|| panic!("{expression}: {text}")).to_owned()
}

/// Codes of the errors of a query.
pub(crate) fn errors(query: &str) -> Vec<String> {
    let found = lower_text(query).map_or_else(|diagnostics| diagnostics, |lowered| lowered.diagnostics);
    found.into_iter().filter(|found| found.severity == Severity::Error).map(|found| found.code).collect()
}
