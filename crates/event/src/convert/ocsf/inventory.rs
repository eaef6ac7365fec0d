//! Cloud Resources Inventory Info: AWS Config. An evaluation of a rule is a Compliance Finding.

use super::{COMPLIANCE, INVENTORY, account, classify, cloud, product, status, unmapped_columns};
use crate::convert::document::Document;
use crate::convert::record::Record;

pub(super) fn fill(record: &Record<'_>, document: &mut Document) {
    let text = |name: &str| record.column_text(name);
    if let (Some(rule), Some(said)) = (text("config_rule_name"), text("compliance")) {
        classify(document, COMPLIANCE, 1, "Create");
        document.set("finding_info.uid", text("event_id").unwrap_or("Unknown"));
        document.set("finding_info.title", rule);
        document.set("compliance.control", rule);
        let (id, name) = match said {
            "COMPLIANT" => (1, "Pass"),
            "NON_COMPLIANT" => (3, "Fail"),
            _ => (0, "Unknown"),
        };
        document.set("compliance.status_id", id);
        document.set("compliance.status", name);
    } else {
        // What is delivered was collected, not asked for.
        classify(document, INVENTORY, 2, "Collect");
        document.set_some("region", text("region"));
        status(document, true);
    }
    product(document, "AWS Config");
    document.set_some("metadata.event_code", text("message_type"));
    cloud(record, document);
    document.set_some("cloud.zone", text("availability_zone").filter(|zone| !zone.is_empty()));
    document.set_some("message", text("annotation"));
    let mut resource = Document::default();
    resource.set_some("uid", text("resource_arn").or_else(|| text("resource_id")));
    resource.set_some("uid_alt", text("resource_id"));
    resource.set_some("name", text("resource_name"));
    resource.set_some("type", text("resource_type"));
    resource.set_some("region", text("region"));
    resource.set_some(
        "data",
        record.json.get("configuration").or_else(|| record.json.pointer("/configurationItem/configuration")).cloned(),
    );
    account(&mut resource, "owner.account", text("account_id"));
    document.append("resources", resource.finish());
    unmapped_columns(record, document, &[]);
}
