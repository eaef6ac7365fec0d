//! What is special about log events: the metadata that every one has, and the columns in which a search without an
//! aggregate is shown.

use super::{
    lowering::{Base, Lowerer, made},
    names,
};
use crate::{
    pipeline::{Expr, Func, Item, Named, Op, Type},
    schema::Dialect,
    span::Span,
    spl::build,
};

/// Columns of an event result before the fields that the query made; those that the table has.
const SHOWN: &[&str] = &[
    "eventName",
    "eventSource",
    "awsRegion",
    "sourceIPAddress",
    "user",
    "errorCode",
    "errorMessage",
    "recipientAccountId",
    "log_type",
    "action",
    "source_address",
    "destination_address",
    "outcome",
];

/// The event's time.
pub(crate) fn time(span: Span) -> Expr {
    build::column("event_time", Type::Time, span)
}

/// The record's text.
pub(crate) fn raw(span: Span) -> Expr {
    build::column("raw", Type::Text, span)
}

/// The fields that every message has in Sumo Logic. What has no counterpart here is null.
pub(crate) fn metadata(lowerer: &Lowerer<'_>, name: &str, span: Span) -> Option<Expr> {
    if !name.starts_with('_') {
        return None;
    }
    Some(match name.to_ascii_lowercase().as_str() {
        "_raw" => raw(span),
        "_messagetime" | "_time" => time(span),
        "_receipttime" => build::column("ingest_time", Type::Time, span),
        "_messageid" => build::column("event_id", Type::Text, span),
        "_sourcename" | "_source" => build::column("origin", Type::Text, span),
        "_sourcecategory" | "_index" | "_view" | "_category" => category(lowerer, span),
        "_size" | "_messagesize" => build::call(Func::Length, vec![raw(span)], Type::Int, span),
        // Every row is one message.
        "_count" => build::int(1, span),
        "_sourcehost" | "_collector" | "_format" | "_datatier" | "_blockid" | "_collectorid" | "_sourceid" => {
            Expr { ty: Type::Text, ..build::null(span) }
        }
        _ => return None,
    })
}

/// Which log it is: our table's name stands for the source category.
fn category(lowerer: &Lowerer<'_>, span: Span) -> Expr {
    if lowerer.table == "all" { log_type(span) } else { build::text(lowerer.table.clone(), span) }
}

/// The log type of a row of the view across all of them.
pub(crate) fn log_type(span: Span) -> Expr {
    build::column("log_type", Type::Text, span)
}

/// Projects an event result: time, who did what where (or what `fields` chose), the fields that the query made, the raw
/// record.
pub(crate) fn project(lowerer: &mut Lowerer<'_>) {
    let span = Span::default();
    let mut items = vec![Named { name: "_time".to_owned(), expr: time(span) }];
    let chosen = lowerer.chosen.clone();
    if chosen.is_none() {
        for name in SHOWN {
            if let Some(resolved) = lowerer.env.schema.resolve(&lowerer.table, Dialect::Sumo, name)
                && !lowerer.hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(name))
            {
                push(&mut items, name, build::column(&resolved.column, resolved.ty, span));
            }
        }
    }
    let names = chosen.unwrap_or_else(|| lowerer.fields.iter().map(|made| made.shown.clone()).collect());
    for name in names {
        let expr = lowerer.named(&name, span);
        replace(&mut items, &name, expr);
    }
    push(&mut items, "eventID", build::column("event_id", Type::Text, span));
    if !lowerer.hidden.iter().any(|hidden| hidden == "_raw") {
        push(&mut items, "_raw", raw(span));
    }
    lowerer.fields = items.iter().map(|item| made(&item.name, item.expr.ty)).collect();
    lowerer.push(Op::Project { items: items.into_iter().map(Item::Named).collect() });
    debug_assert_eq!(lowerer.base, Base::Events);
}

fn push(items: &mut Vec<Named>, name: &str, expr: Expr) {
    let same = |item: &Named| item.name.eq_ignore_ascii_case(name) || item.expr.kind == expr.kind;
    if !items.iter().any(same) {
        items.push(Named { name: name.to_owned(), expr });
    }
}

/// A field that the query made goes where a column of that name stands.
fn replace(items: &mut Vec<Named>, name: &str, expr: Expr) {
    let expr = if expr.ty == Type::List { names::text(expr) } else { expr };
    match items.iter_mut().find(|item| item.name.eq_ignore_ascii_case(name) && item.name != "_time") {
        Some(item) => *item = Named { name: name.to_owned(), expr },
        None if name.eq_ignore_ascii_case("_time") || name.eq_ignore_ascii_case("_messagetime") => {}
        None => items.push(Named { name: name.to_owned(), expr }),
    }
}
