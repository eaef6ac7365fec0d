//! The columns in which events are shown: the time, who did what where in the table's own names, and the record itself.

use super::fields::{Fields, scalar};
use crate::{
    pipeline::{Item, Named, Op, Type},
    schema::Dialect,
    span::Span,
    spl::{build, wildcard},
};

/// Names that are shown where a table knows them, in this order; of several for one column the first.
const SHOWN: &[&str] = &[
    "@log_type",
    "eventName",
    "eventSource",
    "awsRegion",
    "sourceIPAddress",
    "event.action",
    "rule.name",
    "event.severity_name",
    "source.ip",
    "source.port",
    "destination.ip",
    "destination.port",
    "network.transport",
    "http.request.method",
    "url.domain",
    "url.path",
    "http.response.status_code",
    "dns.question.name",
    "user.name",
    "event.outcome",
    "errorCode",
    "errorMessage",
    "cloud.region",
    "recipientAccountId",
    "cloud.account.id",
];

/// The projection of events and the names of its columns; `wanted` are fields that the query asks for beside.
pub(crate) fn columns(fields: Fields<'_>, wanted: &[String], span: Span) -> (Op, Vec<String>) {
    let mut items = vec![Named { name: "_time".to_owned(), expr: fields.time(span) }];
    let known = |name: &str| match name {
        "@log_type" => fields.table == super::tables::ACROSS,
        _ => fields.env.schema.resolve(fields.table, Dialect::OpenSearch, name).is_some(),
    };
    let standard = SHOWN.iter().filter(|name| known(name)).map(|name| (*name).to_owned());
    let names: Vec<String> = if wanted.is_empty() { standard.collect() } else { expanded(fields, wanted) };
    for name in names {
        let expr = scalar(fields.get(&name, span).expr);
        if !items.iter().any(|item| item.expr.kind == expr.kind || item.name == name) {
            items.push(Named { name, expr });
        }
    }
    for (name, column) in [("eventID", "event_id"), ("_raw", "raw")] {
        items.retain(|item| item.name != name);
        items.push(Named { name: name.to_owned(), expr: build::column(column, Type::Text, span) });
    }
    let columns = items.iter().map(|item| item.name.clone()).collect();
    (Op::Project { items: items.into_iter().map(Item::Named).collect() }, columns)
}

fn expanded(fields: Fields<'_>, wanted: &[String]) -> Vec<String> {
    let known = fields.env.schema.names(fields.table, Dialect::OpenSearch);
    let one = |name: &String| match name.contains('*') {
        true => known.iter().filter(|known| wildcard::matches(name, known)).cloned().collect(),
        false => vec![name.clone()],
    };
    wanted.iter().flat_map(one).collect()
}
