//! API Activity: what a call does by its name, and S3's access log, which is a log of calls.

use super::{API_ACTIVITY, classify, cloud, endpoint, product, status, unmapped_columns};
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::record::Record;

/// Verbs by what they do.
const READ: [&str; 20] = [
    "Get", "List", "Describe", "Head", "Search", "Query", "Scan", "Select", "BatchGet", "Lookup", "View", "Read",
    "Check", "Test", "Validate", "Simulate", "Detect", "Download", "Estimate", "Preview",
];
const CREATE: [&str; 16] = [
    "Create",
    "Run",
    "Put",
    "Add",
    "Register",
    "Allocate",
    "Import",
    "Copy",
    "Upload",
    "Publish",
    "Send",
    "Issue",
    "Request",
    "Generate",
    "Provision",
    "Launch",
];
const DELETE: [&str; 10] =
    ["Delete", "Remove", "Terminate", "Deregister", "Release", "Purge", "Destroy", "Revoke", "Abort", "Cancel"];
const UPDATE: [&str; 26] = [
    "Update",
    "Modify",
    "Set",
    "Attach",
    "Detach",
    "Associate",
    "Disassociate",
    "Enable",
    "Disable",
    "Start",
    "Stop",
    "Reboot",
    "Change",
    "Tag",
    "Untag",
    "Authorize",
    "Replace",
    "Restore",
    "Reset",
    "Rotate",
    "Move",
    "Schedule",
    "Accept",
    "Reject",
    "Deactivate",
    "Upgrade",
];

/// OCSF's number and name of what a call does.
pub(super) fn activity(action: &str, read_only: Option<bool>) -> (i64, &'static str) {
    let begins = |verbs: &[&str]| {
        verbs.iter().any(|verb| {
            action.strip_prefix(verb).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_lowercase()))
        })
    };
    if read_only == Some(true) || begins(&READ) {
        return (2, "Read");
    }
    if begins(&DELETE) {
        return (4, "Delete");
    }
    if begins(&CREATE) {
        return (1, "Create");
    }
    if begins(&UPDATE) { (3, "Update") } else { (99, "Other") }
}

pub(super) fn s3_access(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let method = record.column_text("method");
    let (activity, name) = match method {
        Some("GET" | "HEAD" | "OPTIONS") => (2, "Read"),
        Some("PUT") => (1, "Create"),
        Some("POST") => (3, "Update"),
        Some("DELETE") => (4, "Delete"),
        _ => (99, "Other"),
    };
    classify(document, API_ACTIVITY, activity, name);
    product(document, "Amazon S3");
    document.set("metadata.log_name", "Server access log");
    cloud(record, document);
    document.set("api.operation", record.column_text("operation").unwrap_or("Unknown"));
    document.set("api.service.name", "s3.amazonaws.com");
    document.set_some("api.request.uid", record.column_text("request_id"));
    document.set_some("api.response.error", record.column_text("error_code"));
    document.set_some("api.response.code", record.int("http_status"));
    document.set("actor.user.uid", record.column_text("requester").unwrap_or("anonymous"));
    document.set_some("actor.user.name", record.column_text("actor_name"));
    endpoint(document, "src_endpoint", record.column_text("remote_ip"), lookup);
    if document.get("src_endpoint").is_none() {
        document.set("src_endpoint.svc_name", "Amazon S3");
    }
    document.set_some("dst_endpoint.hostname", record.column_text("host_header"));
    document.set_some("http_response.code", record.int("http_status"));
    if document.get("http_response").is_some() {
        document.set_some("http_response.length", record.int("bytes_sent"));
        document.set_some("http_response.latency", record.int("total_time"));
    }
    super::http::request(record, document);
    let mut resource = Document::default();
    resource.set_some("name", record.column_text("key").or_else(|| record.column_text("bucket")));
    resource.set_some("uid", record.column_text("bucket").map(|bucket| format!("arn:aws:s3:::{bucket}")));
    resource.set_some("owner.uid", record.column_text("bucket_owner"));
    resource.set("type", "AWS::S3::Bucket");
    document.append("resources", resource.finish());
    let failed =
        record.column_text("error_code").is_some() || record.int("http_status").is_some_and(|code| code >= 400);
    status(document, !failed);
    document.set_some("status_code", record.int("http_status").map(|code| code.to_string()));
    document.set_some("duration", record.int("total_time"));
    unmapped_columns(record, document, &["cipher_suite", "tls_version"]);
}

#[cfg(test)]
mod tests {
    use super::activity;

    #[test]
    fn calls_do_what_their_verb_says() {
        let check = |action: &str, read_only: Option<bool>, expected: i64| {
            assert_eq!(activity(action, read_only).0, expected, "{action}")
        };
        check("RunInstances", None, 1);
        check("GetObject", None, 2);
        check("Decrypt", Some(true), 2);
        check("ModifyDBInstance", Some(false), 3);
        check("DeleteTrail", Some(false), 4);
        check("RevokeSecurityGroupIngress", None, 4);
        check("SettleInvoice", None, 99);
        check("InvokeModel", None, 99);
    }
}
