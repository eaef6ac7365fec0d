//! What the tables of cases in the commands' and functions' files are checked with: a schema of a few lines, and a
//! fixed now (2018-07-26T21:08:28.5Z, a Thursday).

use super::{Environment, Kind, Lowered, Macro, Zone, lower};
use crate::{
    diagnostic::{self, Diagnostic, Severity},
    pipeline::{self, Type},
    schema::{Dialect, Resolved, Schema},
};

/// Names of the test table: SPL name, column, type.
const NAMES: &[(&str, &str, Type)] = &[
    ("additionalEventData.MFAUsed", "mfa_used", Type::Text),
    ("awsRegion", "aws_region", Type::Text),
    ("bytesIn", "bytes_in", Type::Int),
    ("errorCode", "error_code", Type::Text),
    ("errorMessage", "error_message", Type::Text),
    ("eventID", "event_id", Type::Text),
    ("eventName", "event_name", Type::Text),
    ("eventSource", "event_source", Type::Text),
    ("eventTime", "event_time", Type::Time),
    ("geo_country_name", "geo_country_name", Type::Text),
    ("geo_lat", "geo_latitude", Type::Float),
    ("geo_latitude", "geo_latitude", Type::Float),
    ("geo_lon", "geo_longitude", Type::Float),
    ("geo_longitude", "geo_longitude", Type::Float),
    ("readOnly", "read_only", Type::Bool),
    ("requestParameters.bucketName", "request_bucket_name", Type::Text),
    ("sourceIPAddress", "source_ip_address", Type::Text),
    ("src_ip", "source_ip_address", Type::Text),
    ("user", "user_name", Type::Text),
    ("userAgent", "user_agent", Type::Text),
    ("userIdentity.arn", "user_identity_arn", Type::Text),
    ("userIdentity.type", "user_identity_type", Type::Text),
    ("userName", "user_name", Type::Text),
];

/// Names of the other test tables: table, SPL name, column, type.
const OTHERS: &[(&str, &str, &str, Type)] = &[
    ("all", "index", "log_type", Type::Text),
    ("all", "source", "origin", Type::Text),
    ("all", "sourcetype", "sourcetype", Type::Text),
    ("all", "src_ip", "source_address", Type::Text),
    ("elb", "src_ip", "client_ip", Type::Text),
    ("vpc_flow", "action", "action", Type::Text),
    ("vpc_flow", "dest_port", "destination_port", Type::Int),
    ("vpc_flow", "src", "source_address", Type::Text),
    ("vpc_flow", "src_ip", "source_address", Type::Text),
];

/// The sourcetypes of the test tables.
const SOURCETYPES: &[(&str, &str)] = &[
    ("aws:cloudtrail", "cloudtrail"),
    ("aws:cloudtrail:custom", "cloudtrail"),
    ("aws:cloudwatchlogs:vpcflow", "vpc_flow"),
    ("aws:elb:accesslogs", "elb"),
    ("vpc_flow", "vpc_flow"),
];

/// The test tables' schema.
pub(crate) struct TestSchema;

impl Schema for TestSchema {
    fn resolve(&self, table: &str, _dialect: Dialect, name: &str) -> Option<Resolved> {
        if table != "cloudtrail" {
            let (.., column, ty) = OTHERS.iter().find(|(of, known, ..)| *of == table && *known == name)?;
            return Some(Resolved { column: (*column).to_owned(), ty: *ty, default: None, spelled: None });
        }
        let (known, column, ty) = NAMES
            .iter()
            .find(|(known, ..)| *known == name)
            .or_else(|| NAMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)))?;
        Some(Resolved {
            column: (*column).to_owned(),
            ty: *ty,
            default: (*known == "errorCode").then(|| "success".to_owned()),
            spelled: (*known != name).then(|| (*known).to_owned()),
        })
    }

    fn names(&self, _table: &str, _dialect: Dialect) -> Vec<String> {
        NAMES.iter().map(|(name, ..)| (*name).to_owned()).collect()
    }

    fn shared(&self, table: &str, dialect: Dialect, name: &str) -> bool {
        table == "cloudtrail" && name == "src_ip" && self.resolve("all", dialect, name).is_some()
    }

    fn sourcetype(&self, table: &str) -> Option<String> {
        SOURCETYPES.iter().find(|(_, known)| *known == table).map(|(sourcetype, _)| (*sourcetype).to_owned())
    }

    fn tables(&self) -> Vec<String> {
        ["cloudtrail", "elb", "vpc_flow", "all"].map(str::to_owned).to_vec()
    }

    fn tables_named(&self, _dialect: Dialect, word: &str) -> Vec<String> {
        let word = word.to_lowercase();
        let named = SOURCETYPES.iter().filter(|(sourcetype, _)| super::wildcard::matches(&word, sourcetype));
        let tables: std::collections::BTreeSet<&str> = named.map(|(_, table)| *table).collect();
        tables.into_iter().map(str::to_owned).collect()
    }
}

const NOW: i64 = 1_532_639_308_500_000;

pub(crate) fn lower_in(zone: &str, query: &str) -> Result<Lowered, Vec<Diagnostic>> {
    lower_under(zone, &|_, _| None, query)
}

pub(crate) fn lower_with(
    macros: &dyn Fn(&str, usize) -> Option<Macro>,
    query: &str,
) -> Result<Lowered, Vec<Diagnostic>> {
    lower_under("UTC", macros, query)
}

fn lower_under(
    zone: &str,
    macros: &dyn Fn(&str, usize) -> Option<Macro>,
    query: &str,
) -> Result<Lowered, Vec<Diagnostic>> {
    let env =
        Environment { macros, timezone: Zone::parse(zone).unwrap_or(Zone::UTC), ..Environment::new(&TestSchema, NOW) };
    lower(query, &env)
}

fn lowered(zone: &str, query: &str) -> Lowered {
    lower_in(zone, query).unwrap_or_else(|diagnostics| panic!("{}", diagnostic::render(query, &diagnostics)))
}

/// The IR's text.
pub(crate) fn rendered(query: &str) -> String {
    pipeline::render(&lowered("UTC", query).pipeline)
}

/// Checks the IR of a query. The scan's line may be left out; of an event result, so are the final sort and projection.
#[track_caller]
pub(crate) fn check(query: &str, expected: &str) {
    check_in("UTC", query, expected);
}

#[track_caller]
pub(crate) fn check_in(zone: &str, query: &str, expected: &str) {
    let lowered = lowered(zone, query);
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
    lowered("UTC", query).columns.unwrap_or_else(|| panic!("columns of {query} are not known"))
}

/// The IR of an eval expression over events.
#[track_caller]
pub(crate) fn value(expression: &str) -> String {
    let text = rendered(&format!("* | eval x={expression} | table x"));
    let line = text.lines().find_map(|line| line.strip_prefix("extend 'x' = "));
    line.unwrap_or_else(|| panic!("{expression}: {text}")).to_owned()
}

/// Codes of all diagnostics of a query, in order.
pub(crate) fn codes(query: &str) -> Vec<String> {
    diagnostics(query).into_iter().map(|diagnostic| diagnostic.code).collect()
}

/// Codes of the errors of a query.
pub(crate) fn errors(query: &str) -> Vec<String> {
    diagnostics(query)
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| diagnostic.code)
        .collect()
}

pub(crate) fn diagnostics(query: &str) -> Vec<Diagnostic> {
    lower_in("UTC", query).map_or_else(|diagnostics| diagnostics, |lowered| lowered.diagnostics)
}
