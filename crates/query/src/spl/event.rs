//! What is special about log events: the names that every event has beside its record's, and the columns in which a
//! search without a transforming command is shown.

use super::{
    build,
    lowering::Lowerer,
    scope::{Kind, Made},
};
use crate::{
    pipeline::{Expr, Func, Item, Named, Op, Type},
    schema::Dialect,
    span::Span,
};

/// Columns of an event result before the fields that the query made.
const SHOWN: &[&str] = &[
    "eventName",
    "eventSource",
    "awsRegion",
    "sourceIPAddress",
    "user",
    "action",
    "errorCode",
    "errorMessage",
    "recipientAccountId",
    "eventID",
];

/// The same for the logs that are not CloudTrail's: those of these names that the table has.
const SHOWN_OF_OTHERS: &[&str] = &[
    "sourcetype",
    "aws_account_id",
    "region",
    "action",
    "user",
    "src_ip",
    "src_port",
    "dest_ip",
    "dest_port",
    "transport",
    "http_method",
    "url",
    "status",
    "bytes",
    "bytes_in",
    "bytes_out",
    "http_user_agent",
    "query",
    "signature",
    "severity",
    "object",
    "desc",
    "eventID",
];

/// What `values(*)` takes while rows are still events: the fields that tell events apart.
const MAIN: &[&str] = &[
    "eventName",
    "eventSource",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "user",
    "userIdentity.type",
    "userIdentity.arn",
    "userIdentity.accessKeyId",
    "errorCode",
    "errorMessage",
    "recipientAccountId",
    "requestParameters",
    "responseElements",
];

/// The names that stand for the whole event where a wildcard asks for all.
pub(crate) fn main_names(table: &str) -> &'static [&'static str] {
    if table == CLOUDTRAIL { MAIN } else { SHOWN_OF_OTHERS }
}

/// The table whose events the lists above know by name.
const CLOUDTRAIL: &str = "cloudtrail";

/// The top members of a CloudTrail record: a dotted name below one of them is a path, not a spelling mistake.
pub(crate) const ROOTS: &[&str] = &[
    "additionalEventData",
    "addendum",
    "edgeDeviceDetails",
    "eventContext",
    "insightDetails",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "sessionCredentialFromConsole",
    "tlsDetails",
    "userIdentity",
];

/// The event's time.
pub(crate) fn time(span: Span) -> Expr {
    build::column("event_time", Type::Time, span)
}

/// The record's text.
pub(crate) fn raw(span: Span) -> Expr {
    build::column("raw", Type::Text, span)
}

/// Names with a meaning of their own in every Splunk index: `_time`, `_raw`, and the parts of the time.
pub(crate) fn default_field(name: &str, span: Span) -> Option<Expr> {
    let part =
        |format: &str| build::call(Func::Strftime, vec![time(span), build::text(format, span)], Type::Text, span);
    let number = |format: &str| build::to_int(part(format));
    let lower = |format: &str| build::call(Func::Lower, vec![part(format)], Type::Text, span);
    Some(match name {
        "_time" => time(span),
        "_raw" => raw(span),
        "_indextime" => build::column("ingest_time", Type::Time, span),
        "date_second" => number("%S"),
        "date_minute" => number("%M"),
        "date_hour" => number("%H"),
        "date_mday" => number("%d"),
        "date_year" => number("%Y"),
        "date_wday" => lower("%A"),
        "date_month" => lower("%B"),
        _ => return None,
    })
}

/// Projects an event result: time, who did what where, the fields that the query made, the raw record.
pub(crate) fn project(lowerer: &mut Lowerer<'_>) {
    project_with(lowerer, &std::collections::BTreeSet::new());
}

/// The same with further fields, where the table knows them.
pub(crate) fn project_with(lowerer: &mut Lowerer<'_>, further: &std::collections::BTreeSet<String>) {
    let span = Span::default();
    let mut items: Vec<Named> = Vec::new();
    let made: Vec<Made> = lowerer.scope.fields.clone();
    let names = if lowerer.table == CLOUDTRAIL { SHOWN } else { SHOWN_OF_OTHERS };
    for name in ["_time"].iter().chain(names) {
        let shown = shown(lowerer, name, span);
        // What is read later is read with the language's value for "absent".
        let shown = if further.contains(*name) && shown.is_some() { Some(lowerer.name(name, span)) } else { shown };
        if let Some(expr) = shown {
            // Two of the names may stand for one column.
            if items.iter().any(|item| item.expr.kind == expr.kind) {
                continue;
            }
            items.push(Named { name: (*name).to_owned(), expr });
        }
    }
    for Made { name, ty } in made {
        if !items.iter().any(|item| item.name == name) && name != "_raw" {
            items.push(Named { expr: build::field(&name, ty, span), name });
        }
    }
    for name in further.iter().filter(|name| !name.starts_with('_')) {
        if lowerer.knows(name) && !items.iter().any(|item| item.name == *name) {
            let expr = lowerer.name(name, span);
            items.push(Named { name: name.clone(), expr });
        }
    }
    if let Some(expr) = shown(lowerer, "_raw", span) {
        items.push(Named { name: "_raw".to_owned(), expr });
    }
    let fields = items.iter().map(|item| Made { name: item.name.clone(), ty: item.expr.ty }).collect();
    lowerer.push(Op::Project { items: items.into_iter().map(Item::Named).collect() });
    lowerer.scope.close(fields);
    lowerer.scope.kind = Kind::Events;
}

/// What stands in a standard column: a field of that name, else the stored column; nothing where it was removed.
/// Without the language's "absent" value: an empty errorCode reads better than `success` on every line.
pub(crate) fn shown(lowerer: &Lowerer<'_>, name: &str, span: Span) -> Option<Expr> {
    if let Some(ty) = lowerer.scope.made(name) {
        return Some(build::field(name, ty, span));
    }
    if lowerer.scope.is_hidden(name) {
        return None;
    }
    if let Some(expr) = default_field(name, span) {
        return Some(expr);
    }
    let env = lowerer.env;
    let Some(resolved) = env.schema.resolve(&lowerer.table, Dialect::Spl, name) else {
        // Every table has an identity for its rows.
        return (name == "eventID").then(|| build::column("event_id", Type::Text, span));
    };
    Some(build::column(&resolved.column, resolved.ty, span))
}
