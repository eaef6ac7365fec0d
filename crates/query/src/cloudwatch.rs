//! What the two languages of CloudWatch Logs have in common: the columns in which events are shown.

use crate::{
    pipeline::{Expr, Named, Type},
    schema::{Dialect, Schema},
    span::Span,
    spl::build,
};

/// Fields that say what an event is about, over all log types; those that a table has are shown.
const SHOWN: &[&str] = &[
    "eventName",
    "eventSource",
    "awsRegion",
    "sourceIPAddress",
    "userIdentity.type",
    "userIdentity.arn",
    "errorCode",
    "errorMessage",
    "recipientAccountId",
    "log_type",
    "srcAddr",
    "srcPort",
    "dstAddr",
    "dstPort",
    "protocol",
    "bytes",
    "action",
    "httpRequest.clientIp",
    "httpRequest.uri",
    "query_name",
    "detail-type",
];

/// The event's time.
pub(crate) fn time(span: Span) -> Expr {
    build::column("event_time", Type::Time, span)
}

/// The record's text.
pub(crate) fn raw(span: Span) -> Expr {
    build::column("raw", Type::Text, span)
}

/// What every event is shown with: its time, what it is about, its id. The record's text goes last, see [`raw`].
pub(crate) fn columns(schema: &dyn Schema, table: &str, dialect: Dialect) -> Vec<Named> {
    let span = Span::default();
    let mut items = vec![Named { name: "_time".to_owned(), expr: time(span) }];
    for name in SHOWN {
        let Some(resolved) = schema.resolve(table, dialect, name) else { continue };
        let expr = build::column(&resolved.column, resolved.ty, span);
        if !items.iter().any(|item| item.expr.kind == expr.kind) {
            items.push(Named { name: (*name).to_owned(), expr });
        }
    }
    items.push(Named { name: "eventID".to_owned(), expr: build::column("event_id", Type::Text, span) });
    items
}
