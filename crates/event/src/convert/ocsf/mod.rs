//! Events of the Open Cybersecurity Schema Framework 1.5: what a log says in the class that fits it, the rest under
//! `unmapped`, the record itself as `raw_data`.

mod api;
mod cloudtrail;
mod dns;
mod finding;
mod http;
mod inventory;
mod network;

use serde_json::{Value, json};

use super::document::{Document, pruned};
use super::net::family;
use super::record::Record;
use super::{Lookup, OCSF_VERSION};

/// An event class and its category.
#[derive(Debug, Clone, Copy)]
struct Class {
    uid: i64,
    name: &'static str,
    category: &'static str,
}

const BASE: Class = Class { uid: 0, name: "Base Event", category: "Uncategorized" };
const ACCOUNT_CHANGE: Class = Class { uid: 3001, name: "Account Change", category: "Identity & Access Management" };
const AUTHENTICATION: Class = Class { uid: 3002, name: "Authentication", category: "Identity & Access Management" };
const API_ACTIVITY: Class = Class { uid: 6003, name: "API Activity", category: "Application Activity" };
const NETWORK_ACTIVITY: Class = Class { uid: 4001, name: "Network Activity", category: "Network Activity" };
const HTTP_ACTIVITY: Class = Class { uid: 4002, name: "HTTP Activity", category: "Network Activity" };
const DNS_ACTIVITY: Class = Class { uid: 4003, name: "DNS Activity", category: "Network Activity" };
const VULNERABILITY: Class = Class { uid: 2002, name: "Vulnerability Finding", category: "Findings" };
const COMPLIANCE: Class = Class { uid: 2003, name: "Compliance Finding", category: "Findings" };
const DETECTION: Class = Class { uid: 2004, name: "Detection Finding", category: "Findings" };
const INVENTORY: Class = Class { uid: 5023, name: "Cloud Resources Inventory Info", category: "Discovery" };

/// The event of a row.
pub(super) fn document(record: &Record<'_>, lookup: &dyn Lookup) -> Value {
    let mut document = Document::default();
    match record.log_type.id {
        "cloudtrail" => cloudtrail::fill(record, &mut document, lookup),
        "vpc_flow" => network::flow(record, &mut document, lookup),
        "network_firewall" => network::firewall(record, &mut document, lookup),
        "route53_resolver" => dns::fill(record, &mut document, lookup),
        "waf" => http::waf(record, &mut document, lookup),
        "elb" => http::elb(record, &mut document, lookup),
        "cloudfront" => http::cloudfront(record, &mut document, lookup),
        "s3_access" => api::s3_access(record, &mut document, lookup),
        "guardduty" => finding::guardduty(record, &mut document),
        "security_hub" => finding::security_hub(record, &mut document),
        "config" => inventory::fill(record, &mut document),
        // What came as an OCSF event stays what it is.
        "ocsf" if record.json.is_object() => return record.json.clone(),
        _ => other(record, &mut document),
    }
    finish(record, &mut document);
    document.finish()
}

/// A record of a kind that has no class.
fn other(record: &Record<'_>, document: &mut Document) {
    classify(document, BASE, 99, "Other");
    product(document, record.log_type.title.en);
    cloud(record, document);
    document.set_some("message", record.column_text("message"));
}

/// Class, activity and type.
fn classify(document: &mut Document, class: Class, activity: i64, name: &str) {
    document.set("class_uid", class.uid);
    document.set("class_name", class.name);
    document.set("category_uid", class.uid / 1000);
    document.set("category_name", class.category);
    document.set("activity_id", activity);
    document.set("activity_name", name);
    document.set("type_uid", class.uid * 100 + activity);
    document.set("type_name", format!("{}: {name}", class.name));
    document.set("severity_id", 1);
    document.set("severity", "Informational");
}

/// Who made the log.
fn product(document: &mut Document, name: &str) {
    document.set("metadata.version", OCSF_VERSION);
    document.set("metadata.product.name", name);
    document.set("metadata.product.vendor_name", "AWS");
    document.set("metadata.profiles", json!(["cloud"]));
    document.set("metadata.log_provider", "AWS");
}

/// Adds a profile, for the attributes that come with it.
fn profile(document: &mut Document, name: &str) {
    document.append("metadata.profiles", name);
}

/// Account and region, from the columns that the log type says hold them.
fn cloud(record: &Record<'_>, document: &mut Document) {
    document.set("cloud.provider", "AWS");
    account(document, "cloud.account", record.column_text("account_id"));
    document.set_some("cloud.region", record.column_text("region"));
}

fn account(document: &mut Document, path: &str, uid: Option<&str>) {
    if let Some(uid) = uid.filter(|uid| !uid.is_empty() && *uid != "-" && *uid != "unknown") {
        document.set(&format!("{path}.uid"), uid);
        document.set(&format!("{path}.type"), "AWS Account");
        document.set(&format!("{path}.type_id"), 10);
    }
}

/// What the row knows, whatever its class.
fn finish(record: &Record<'_>, document: &mut Document) {
    document.set("time", record.time("event_time").unwrap_or_default().div_euclid(1000));
    document.set_some("metadata.uid", record.column_text("event_id"));
    document.set_some("metadata.logged_time", record.time("ingest_time").map(|micros| micros.div_euclid(1000)));
    document.set_some("raw_data", record.raw());
}

/// `Success` or `Failure`.
fn status(document: &mut Document, succeeded: bool) {
    document.set("status_id", if succeeded { 1 } else { 2 });
    document.set("status", if succeeded { "Success" } else { "Failure" });
}

/// Allowed or denied, with what became of it; belongs to the profile `security_control`.
fn verdict(document: &mut Document, allowed: bool, disposition: (i64, &str)) {
    profile(document, "security_control");
    document.set("action_id", if allowed { 1 } else { 2 });
    document.set("action", if allowed { "Allowed" } else { "Denied" });
    document.set("disposition_id", disposition.0);
    document.set("disposition", disposition.1);
}

/// Severity by its name, in whatever case.
fn severity(document: &mut Document, name: &str) {
    const NAMES: [(&str, i64); 7] =
        [("Informational", 1), ("Low", 2), ("Medium", 3), ("High", 4), ("Critical", 5), ("Fatal", 6), ("Unknown", 0)];
    let known = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap_or(&NAMES[6]);
    document.set("severity_id", known.1);
    document.set("severity", known.0);
}

/// One end: an address with its place, or the name of a service.
fn endpoint(document: &mut Document, path: &str, source: Option<&str>, lookup: &dyn Lookup) {
    let Some(source) = source.filter(|source| !source.is_empty() && *source != "-") else { return };
    if family(source).is_none() {
        let service = source.ends_with(".amazonaws.com") || source.starts_with("AWS Internal");
        document.set(&format!("{path}.{}", if service { "svc_name" } else { "hostname" }), source);
        if service && !source.contains(' ') {
            document.set(&format!("{path}.domain"), source);
        }
        return;
    }
    document.set(&format!("{path}.ip"), source);
    let Some(place) = lookup.place(source) else { return };
    let mut put = |name: &str, value: Option<Value>| document.set_some(&format!("{path}.{name}"), value);
    if place.country_code.is_some() || place.city.is_some() || place.region.is_some() {
        put("location.continent", place.continent.map(Value::from));
        put("location.country", place.country_code.map(Value::from));
        put("location.region", place.region.map(Value::from));
        put("location.city", place.city.map(Value::from));
        put("location.lat", place.latitude.map(Value::from));
        put("location.long", place.longitude.map(Value::from));
    }
    put("autonomous_system.number", place.asn.map(Value::from));
    put("autonomous_system.name", place.as_org.map(Value::from));
}

/// A port, where it is one.
fn port(document: &mut Document, path: &str, number: Option<i64>) {
    document.set_some(&format!("{path}.port"), number.filter(|number| (0..=65_535).contains(number)));
}

/// Parts of the names of columns that are not the log's own.
const ENRICHED: [&str; 5] = ["geo_", "source_kind", "_aws_", "_lists", "user_agent_"];

/// Columns that have no name in OCSF.
fn unmapped_columns(record: &Record<'_>, document: &mut Document, also: &[&str]) {
    for (column, field) in record.log_type.catalogue().stored() {
        let ours = ["event_date", "origin", "origin_position", "ingest_time", "raw"].contains(&column);
        let enriched = ENRICHED.iter().any(|part| column.contains(part));
        if !(ours || enriched) && (field.ocsf.is_empty() || also.contains(&column)) {
            document.set(&format!("unmapped.{column}"), record.value(column));
        }
    }
    document.set_some("unmapped.origin", record.column_text("origin"));
}

/// The record without the paths that found a place.
fn unmapped_rest(record: &Record<'_>, document: &mut Document, mapped: &[&str]) {
    let mut rest = record.json.clone();
    for path in mapped {
        remove(&mut rest, path);
    }
    if let Value::Object(map) = pruned(&rest) {
        for (key, value) in map {
            document.set_key("unmapped", &key, value);
        }
    }
    document.set_some("unmapped.origin", record.column_text("origin"));
}

fn remove(value: &mut Value, path: &str) {
    let Value::Object(map) = value else { return };
    match path.split_once('.') {
        None => {
            map.remove(path);
        }
        Some((head, rest)) => {
            if let Some(inner) = map.get_mut(head) {
                remove(inner, rest);
            }
        }
    }
}

/// Milliseconds since the epoch of a time as logs write it.
fn millis(text: &str) -> Option<i64> {
    crate::time::parse(text).map(|micros| micros.div_euclid(1000))
}
