//! Findings: GuardDuty's are Detection Findings; Security Hub's are Compliance, Vulnerability or Detection Findings, by
//! what they carry.

use serde_json::{Value, json};

use super::{
    COMPLIANCE, DETECTION, VULNERABILITY, account, classify, cloud, millis, port, product, severity, unmapped_rest,
};
use crate::convert::document::Document;
use crate::convert::net::family;
use crate::convert::record::{Record, at, scalar};

/// What finds a place in the event.
const GUARDDUTY: [&str; 12] = [
    "id",
    "title",
    "description",
    "type",
    "severity",
    "createdAt",
    "updatedAt",
    "accountId",
    "region",
    "service.eventFirstSeen",
    "service.eventLastSeen",
    "service.count",
];

pub(super) fn guardduty(record: &Record<'_>, document: &mut Document) {
    let json = match record.json.get("detail") {
        Some(detail) if detail.get("service").is_some() => detail,
        _ => &record.json,
    };
    let text = |path: &str| at(json, path).and_then(scalar);
    let archived = at(json, "service.archived").and_then(Value::as_bool) == Some(true);
    let again = at(json, "service.count").and_then(Value::as_i64).is_some_and(|count| count > 1);
    let (activity, name) = if archived {
        (3, "Close")
    } else if again {
        (2, "Update")
    } else {
        (1, "Create")
    };
    classify(document, DETECTION, activity, name);
    product(document, "GuardDuty");
    document.set_some("metadata.product.uid", text("service.detectorId"));
    document.set_some("metadata.product.feature.name", text("service.featureName"));
    cloud(record, document);
    let score = at(json, "severity").and_then(Value::as_f64).unwrap_or_default();
    severity(
        document,
        match score {
            s if s >= 9.0 => "Critical",
            s if s >= 7.0 => "High",
            s if s >= 4.0 => "Medium",
            s if s >= 1.0 => "Low",
            _ => "Unknown",
        },
    );
    document.set("status_id", if archived { 5 } else { 1 });
    document.set("status", if archived { "Archived" } else { "New" });
    document.set("is_alert", true);
    finding_info(record, document, [text("id"), text("title"), text("description")]);
    document.set_some("message", text("title"));
    document.set("finding_info.types", json!([text("type").unwrap_or_default()]));
    document.set("finding_info.analytic.name", text("type").unwrap_or_default());
    document.set("finding_info.analytic.type_id", 1);
    document.set("finding_info.analytic.type", "Rule");
    for (from, to) in [
        ("createdAt", "created_time"),
        ("updatedAt", "modified_time"),
        ("service.eventFirstSeen", "first_seen_time"),
        ("service.eventLastSeen", "last_seen_time"),
    ] {
        document.set_some(&format!("finding_info.{to}"), text(from).and_then(|time| millis(&time)));
    }
    document.set_some("count", at(json, "service.count").cloned());
    document.append("resources", resource(json, record));
    document.append("evidences", evidence(json, record));
    unmapped_rest(record, document, &GUARDDUTY);
}

/// Id, title and description.
fn finding_info(record: &Record<'_>, document: &mut Document, [uid, title, description]: [Option<String>; 3]) {
    let uid = uid.or_else(|| record.column_text("event_id").map(str::to_owned));
    document.set("finding_info.uid", uid.unwrap_or_else(|| "Unknown".into()));
    document.set_some("finding_info.title", title);
    document.set_some("finding_info.desc", description);
}

fn resource(json: &Value, record: &Record<'_>) -> Value {
    let text = |path: &str| at(json, path).and_then(scalar);
    let mut out = Document::default();
    out.set_some("type", text("resource.resourceType"));
    let uid = record.column_text("resource").map(str::to_owned);
    let known = [
        "resource.instanceDetails.instanceId",
        "resource.eksClusterDetails.arn",
        "resource.accessKeyDetails.accessKeyId",
    ];
    out.set_some("uid", uid.or_else(|| known.iter().find_map(|path| text(path))));
    account(&mut out, "owner.account", text("accountId").as_deref());
    out.finish()
}

/// The action that was seen, as far as OCSF has names for it.
fn evidence(json: &Value, record: &Record<'_>) -> Value {
    let text = |path: &str| at(json, path).and_then(scalar);
    let mut out = Document::default();
    let Some(action) = at(json, "service.action") else { return out.finish() };
    for call in ["awsApiCallAction", "kubernetesApiCallAction", "networkConnectionAction", "rdsLoginAttemptAction"] {
        let address = at(action, call).and_then(|call| at(call, "remoteIpDetails.ipAddressV4")).and_then(scalar);
        out.set_some("src_endpoint.ip", address.filter(|address| family(address).is_some()));
    }
    out.set_some("query.hostname", text("service.action.dnsRequestAction.domain"));
    if let Some(operation) = text("service.action.awsApiCallAction.api") {
        out.set("api.operation", operation);
        out.set_some("api.service.name", text("service.action.awsApiCallAction.serviceName"));
        out.set_some("api.response.error", text("service.action.awsApiCallAction.errorCode"));
    }
    if let Some(connection) = at(action, "networkConnectionAction") {
        let inbound = at(connection, "connectionDirection").is_some_and(|said| said == "INBOUND");
        out.set("connection_info.direction_id", if inbound { 1 } else { 2 });
        out.set("connection_info.direction", if inbound { "Inbound" } else { "Outbound" });
        out.set_some(
            "connection_info.protocol_name",
            at(connection, "protocol").and_then(scalar).map(|p| p.to_lowercase()),
        );
        out.set_some("dst_endpoint.ip", record.column_text("destination_address").filter(|a| family(a).is_some()));
        out.set_some("src_endpoint.ip", record.column_text("source_address").filter(|a| family(a).is_some()));
        if out.get("dst_endpoint").is_some() {
            port(&mut out, "dst_endpoint", record.int("destination_port"));
        }
    }
    if let Some(principal) = text("resource.accessKeyDetails.principalId") {
        out.set("actor.user.uid", principal);
        out.set_some("actor.user.name", text("resource.accessKeyDetails.userName"));
        out.set_some("actor.user.credential_uid", text("resource.accessKeyDetails.accessKeyId"));
    }
    out.finish()
}

/// What finds a place in the event.
const SECURITY_HUB: [&str; 17] = [
    "Id",
    "Title",
    "Description",
    "Types",
    "Severity.Label",
    "AwsAccountId",
    "Region",
    "ProductArn",
    "ProductName",
    "CompanyName",
    "CreatedAt",
    "UpdatedAt",
    "FirstObservedAt",
    "LastObservedAt",
    "Compliance.Status",
    "Remediation.Recommendation.Text",
    "RecordState",
];

pub(super) fn security_hub(record: &Record<'_>, document: &mut Document) {
    let json = &record.json;
    let text = |path: &str| at(json, path).and_then(scalar);
    let closed =
        text("RecordState").as_deref() == Some("ARCHIVED") || text("Workflow.Status").as_deref() == Some("RESOLVED");
    let created = text("CreatedAt") == text("UpdatedAt");
    let (activity, name) = if closed {
        (3, "Close")
    } else if created {
        (1, "Create")
    } else {
        (2, "Update")
    };
    let vulnerabilities = vulnerabilities(json);
    if vulnerabilities.as_array().is_some_and(|list| !list.is_empty()) {
        classify(document, VULNERABILITY, activity, name);
        document.set("vulnerabilities", vulnerabilities);
    } else if text("Compliance.Status").is_some() {
        classify(document, COMPLIANCE, activity, name);
        compliance(json, document);
    } else {
        classify(document, DETECTION, activity, name);
    }
    product(document, "Security Hub");
    document.set_some("metadata.product.uid", text("ProductArn"));
    document.set_some("metadata.product.name", text("ProductName"));
    document.set_some("metadata.product.vendor_name", text("CompanyName"));
    cloud(record, document);
    severity(document, &text("Severity.Label").unwrap_or_else(|| "Unknown".into()));
    let (id, said) = match (closed, text("Workflow.Status").as_deref()) {
        (true, Some("RESOLVED")) => (4, "Resolved"),
        (true, _) => (5, "Archived"),
        (_, Some("SUPPRESSED")) => (3, "Suppressed"),
        (_, Some("NOTIFIED")) => (2, "In Progress"),
        _ => (1, "New"),
    };
    document.set("status_id", id);
    document.set("status", said);
    finding_info(record, document, [text("Id"), text("Title"), text("Description")]);
    document.set_some("message", text("Title"));
    document.set_some("finding_info.types", at(json, "Types").cloned());
    for (from, to) in [
        ("CreatedAt", "created_time"),
        ("UpdatedAt", "modified_time"),
        ("FirstObservedAt", "first_seen_time"),
        ("LastObservedAt", "last_seen_time"),
    ] {
        document.set_some(&format!("finding_info.{to}"), text(from).and_then(|time| millis(&time)));
    }
    remediation(json, document);
    if let Some(Value::Array(list)) = at(json, "Resources") {
        list.iter().for_each(|resource| document.append("resources", hub_resource(resource)));
    }
    unmapped_rest(record, document, &SECURITY_HUB);
}

fn hub_resource(resource: &Value) -> Value {
    let mut out = Document::default();
    out.set_some("uid", at(resource, "Id").and_then(scalar));
    out.set_some("type", at(resource, "Type").and_then(scalar));
    out.set_some("region", at(resource, "Region").and_then(scalar));
    out.set_some("cloud_partition", at(resource, "Partition").and_then(scalar));
    out.set_some("data", at(resource, "Details").cloned());
    out.finish()
}

fn remediation(json: &Value, document: &mut Document) {
    if document.get("class_uid") == Some(&json!(DETECTION.uid)) {
        return;
    }
    if let Some(text) = at(json, "Remediation.Recommendation.Text").and_then(scalar) {
        document.set("remediation.desc", text);
        let link = at(json, "Remediation.Recommendation.Url").and_then(scalar);
        document.set_some("remediation.references", link.map(|link| json!([link])));
    }
}

fn compliance(json: &Value, document: &mut Document) {
    let said = at(json, "Compliance.Status").and_then(scalar).unwrap_or_default();
    let (id, name) = match said.as_str() {
        "PASSED" => (1, "Pass"),
        "WARNING" => (2, "Warning"),
        "FAILED" => (3, "Fail"),
        "NOT_AVAILABLE" => (0, "Unknown"),
        _ => (99, "Other"),
    };
    document.set("compliance.status_id", id);
    document.set("compliance.status", name);
    document.set_some("compliance.control", at(json, "Compliance.SecurityControlId").and_then(scalar));
    document.set_some("compliance.requirements", at(json, "Compliance.RelatedRequirements").cloned());
    let standards = match at(json, "Compliance.AssociatedStandards") {
        Some(Value::Array(list)) => list.iter().filter_map(|one| at(one, "StandardsId").and_then(scalar)).collect(),
        _ => Vec::new(),
    };
    document.set("compliance.standards", standards);
}

fn vulnerabilities(json: &Value) -> Value {
    let Some(Value::Array(list)) = at(json, "Vulnerabilities") else { return Value::Null };
    let written = list.iter().map(|found| {
        let mut out = Document::default();
        out.set_some("cve.uid", at(found, "Id").and_then(scalar));
        out.set_some("references", at(found, "ReferenceUrls").cloned());
        out.set_some("vendor_name", at(found, "Vendor.Name").and_then(scalar));
        out.finish()
    });
    written.filter(|one| one.get("cve").is_some()).collect()
}
