//! What the tables of cases in DSL, Lucene and KQL are checked with: a schema of a few lines and a fixed now
//! (2018-07-26T21:08:28.5Z, a Thursday).

use crate::{
    diagnostic::{self, Diagnostic},
    language::{Environment, Front, Lowered},
    pipeline::{self, Type},
    schema::{Dialect, Resolved, Schema},
};

const NOW: i64 = 1_532_639_308_500_000;

/// Names of the test table: name, column, type.
const NAMES: &[(&str, &str, Type)] = &[
    ("@timestamp", "event_time", Type::Time),
    ("additionalEventData.bytesTransferredOut", "bytes_out", Type::Int),
    ("awsRegion", "aws_region", Type::Text),
    ("bytes_in", "bytes_in", Type::Int),
    ("bytes_out", "bytes_out", Type::Int),
    ("cloud.region", "aws_region", Type::Text),
    ("errorCode", "error_code", Type::Text),
    ("errorMessage", "error_message", Type::Text),
    ("event.action", "event_name", Type::Text),
    ("event.outcome", "outcome", Type::Text),
    ("eventName", "event_name", Type::Text),
    ("eventSource", "event_source", Type::Text),
    ("eventTime", "event_time", Type::Time),
    ("readOnly", "read_only", Type::Bool),
    ("requestParameters.bucketName", "request_bucket_name", Type::Text),
    ("source.geo.location.lat", "geo_latitude", Type::Float),
    ("source.geo.location.lon", "geo_longitude", Type::Float),
    ("source.ip", "source_ip_address", Type::Text),
    ("sourceIPAddress", "source_ip_address", Type::Text),
    ("user.name", "actor_name", Type::Text),
    ("userAgent", "user_agent", Type::Text),
    ("user_agent.original", "user_agent", Type::Text),
];

struct Names;

impl Schema for Names {
    fn resolve(&self, table: &str, _: Dialect, name: &str) -> Option<Resolved> {
        let other = match (table, name) {
            ("vpc_flow", "dstport" | "destination.port") => Some(("destination_port", Type::Int)),
            ("vpc_flow", "srcaddr") => Some(("source_address", Type::Text)),
            ("vpc_flow", "action") => Some(("action", Type::Text)),
            ("all", "log_type") => Some(("log_type", Type::Text)),
            _ => None,
        };
        let known = NAMES.iter().find(|(known, ..)| *known == name && table != "vpc_flow").map(|(_, c, t)| (*c, *t));
        let (column, ty) = other.or(known)?;
        Some(Resolved { column: column.to_owned(), ty, default: None, spelled: None })
    }

    fn names(&self, _: &str, _: Dialect) -> Vec<String> {
        NAMES.iter().map(|(name, ..)| (*name).to_owned()).collect()
    }

    fn tables(&self) -> Vec<String> {
        ["cloudtrail", "guardduty", "vpc_flow", "all"].map(str::to_owned).to_vec()
    }

    fn tables_named(&self, _: Dialect, word: &str) -> Vec<String> {
        let word = word.replace('*', "");
        let named = |table: &&&str| {
            word.contains(**table) || table.replace('_', "").contains(&word) || word.contains(&table.replace('_', ""))
        };
        ["cloudtrail", "guardduty", "vpc_flow"].iter().filter(named).map(|table| (*table).to_owned()).collect()
    }
}

/// The environment of the tests.
pub(crate) fn environment() -> Environment<'static> {
    Environment::new(&Names, NOW)
}

/// A lowered query.
pub(crate) struct Checked {
    text: String,
    pub lowered: Lowered,
}

impl Checked {
    #[track_caller]
    pub fn of(front: &Front, text: &str) -> Self {
        match (front.lower)(text, &environment()) {
            Ok(lowered) => Self { text: text.to_owned(), lowered },
            Err(diagnostics) => panic!("{text}\n{}", diagnostic::render(text, &diagnostics)),
        }
    }

    pub fn lines(&self) -> Vec<String> {
        pipeline::render(&self.lowered.pipeline).lines().map(|line| line.trim().to_owned()).collect()
    }

    #[track_caller]
    pub fn scan(&self, expected: &str) {
        assert_eq!(self.lines()[0], expected, "{}", self.text);
    }
}

/// Checks the filter of a query over events; empty: none.
#[track_caller]
pub(crate) fn check(front: &Front, text: &str, expected: &str) {
    let checked = Checked::of(front, text);
    let lines = checked.lines();
    let filter = lines.iter().find_map(|line| line.strip_prefix("filter ")).unwrap_or_default();
    assert_eq!(filter, expected, "{text}");
}

/// Checks the operators of a query, a line each.
#[track_caller]
pub(crate) fn check_ops(front: &Front, text: &str, expected: &str) {
    let lines = Checked::of(front, text).lines();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines[1..].join("\n"), expected.join("\n"), "{text}");
}

/// Codes of all diagnostics of a query.
pub(crate) fn codes(front: &Front, text: &str) -> Vec<String> {
    diagnostics(front, text).into_iter().map(|diagnostic| diagnostic.code).collect()
}

/// All diagnostics of a query.
pub(crate) fn diagnostics(front: &Front, text: &str) -> Vec<Diagnostic> {
    (front.lower)(text, &environment()).map_or_else(|diagnostics| diagnostics, |lowered| lowered.diagnostics)
}
