//! Security Hub findings and Config items in ECS: their columns, and the record below `aws.…`.

use serde_json::{Value, json};

use super::{by_catalogue, locate};
use crate::convert::Lookup;
use crate::convert::document::{Document, pruned};
use crate::convert::record::{Record, at, scalar};

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    by_catalogue(record, document);
    document.set("cloud.provider", "aws");
    let json = pruned(&record.json);
    if record.log_type.id == "config" {
        document.set("event.category", json!(["configuration"]));
        document.set("event.type", json!([change(&json)]));
        document.set("aws.config", json);
        return;
    }
    document.set("event.kind", "alert");
    let passed = at(&json, "Compliance.Status").and_then(Value::as_str);
    document.set("event.category", json!([if passed.is_some() { "configuration" } else { "threat" }]));
    document.set("event.type", json!(["info"]));
    match passed {
        Some("PASSED") => document.set("event.outcome", "success"),
        Some("FAILED") => document.set("event.outcome", "failure"),
        _ => {}
    }
    document.set_some("message", at(&json, "Description").cloned());
    for end in ["source", "destination"] {
        if let Some(address) = document.get(&format!("{end}.ip")).and_then(scalar) {
            document.append("related.ip", address.as_str());
            document.set(&format!("{end}.address"), address);
        }
        locate(document, end, lookup);
    }
    document.set("aws.securityhub_findings", json);
}

/// What happened to a resource.
fn change(json: &Value) -> &'static str {
    let status = at(json, "configurationItemStatus").or_else(|| at(json, "configurationItem.configurationItemStatus"));
    match status.and_then(Value::as_str) {
        Some("ResourceDiscovered") => "creation",
        Some("ResourceDeleted" | "ResourceDeletedNotRecorded") => "deletion",
        _ => "change",
    }
}
