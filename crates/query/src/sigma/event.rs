//! The columns of a rule's result: when, who did what where, what correlations found, the fields that the rule names, and the
//! raw record. Newest first.

use super::{field, lowering::Lowerer, window};
use crate::{
    pipeline::{Expr, Item, Named, Op, SortKey, Type},
    schema::Dialect,
    span::Span,
    spl::build,
};

/// Columns of an event result: the name shown, and the names that the store may know it by.
const SHOWN: &[(&str, &[&str])] = &[
    ("log_type", &["log_type"]),
    ("eventName", &["eventName"]),
    ("eventSource", &["eventSource"]),
    ("awsRegion", &["awsRegion"]),
    ("sourceIPAddress", &["sourceIPAddress"]),
    ("user", &["user.name"]),
    ("errorCode", &["errorCode"]),
    ("errorMessage", &["errorMessage"]),
    ("recipientAccountId", &["recipientAccountId"]),
];

/// The same for logs that are not CloudTrail's.
const OTHERS: &[(&str, &[&str])] = &[
    ("action", &["event.action", "action"]),
    ("source.ip", &["source.ip"]),
    ("destination.ip", &["destination.ip"]),
    ("http.request.method", &["http.request.method"]),
    ("url.path", &["url.path"]),
    ("http.response.status_code", &["http.response.status_code"]),
    ("user_agent.original", &["user_agent.original"]),
    ("message", &["message"]),
    ("cloud.account.id", &["cloud.account.id"]),
    ("cloud.region", &["cloud.region"]),
];

/// Sorts and projects; gives the columns' names.
pub(super) fn project<'a>(
    lowerer: &Lowerer<'_>,
    fields: impl Iterator<Item = &'a String>,
    ops: &mut Vec<Op>,
) -> Vec<String> {
    let span = Span::default();
    let key = SortKey { expr: window::time(span), descending: true, numeric: false };
    ops.push(Op::Sort { keys: vec![key], limit: None });
    let mut items = Items(vec![Named { name: "_time".to_owned(), expr: window::time(span) }]);
    for (name, expr) in &lowerer.made {
        items.add(name, expr.clone());
    }
    for (name, names) in SHOWN {
        if let Some(expr) = names.iter().find_map(|name| stored(lowerer, name)) {
            items.add(name, expr);
        }
    }
    if stored(lowerer, "eventName").is_none() {
        for (name, names) in OTHERS {
            if let Some(expr) = names.iter().find_map(|name| stored(lowerer, name)) {
                items.add(name, expr);
            }
        }
    }
    for name in fields {
        items.add(name, lowerer.field(name, span).shown());
    }
    items.add("eventID", build::column("event_id", Type::Text, span));
    items.add("_raw", field::raw(span));
    let columns = items.0.iter().map(|item| item.name.clone()).collect();
    ops.push(Op::Project { items: items.0.into_iter().map(Item::Named).collect() });
    columns
}

/// Columns so far; the first of a name stays.
struct Items(Vec<Named>);

impl Items {
    fn add(&mut self, name: &str, expr: Expr) {
        if !self.0.iter().any(|item| item.name == name) {
            self.0.push(Named { name: name.to_owned(), expr });
        }
    }
}

fn stored(lowerer: &Lowerer<'_>, name: &str) -> Option<Expr> {
    let found = lowerer.env.schema.resolve(lowerer.table(), Dialect::Sigma, name)?;
    found.spelled.is_none().then(|| build::column(&found.column, found.ty, Span::default()))
}
