//! Documents of the Elastic Common Schema, with the log's own fields under `aws.…` as Elastic's AWS integrations name them.
//!
//! A log of lines is written by its catalogue, every column at each of its names, and then touched up; a log of JSON is
//! written from the record.

mod cloudtrail;
mod cloudtrail_action;
mod elb;
mod entities;
mod findings;
mod guardduty;
mod network_firewall;
mod route53;
mod s3_access;
mod vpc_flow;
mod waf;

use serde_json::{Value, json};

use super::document::Document;
use super::net::family;
use super::record::{Record, iso};
use super::{ECS_VERSION, Lookup};

/// The document of a row.
pub(super) fn document(record: &Record<'_>, lookup: &dyn Lookup) -> Value {
    let mut document = Document::default();
    frame(record, &mut document);
    match record.log_type.id {
        "cloudtrail" => cloudtrail::fill(record, &mut document, lookup),
        "waf" => waf::fill(record, &mut document, lookup),
        "guardduty" => guardduty::fill(record, &mut document, lookup),
        "route53_resolver" => route53::fill(record, &mut document, lookup),
        "vpc_flow" => vpc_flow::fill(record, &mut document, lookup),
        "elb" => elb::fill(record, &mut document, lookup),
        "s3_access" => s3_access::fill(record, &mut document, lookup),
        "network_firewall" => network_firewall::fill(record, &mut document, lookup),
        "security_hub" | "config" => findings::fill(record, &mut document, lookup),
        _ => {
            by_catalogue(record, &mut document);
            locate(&mut document, "source", lookup);
            locate(&mut document, "destination", lookup);
            agent(&mut document, lookup);
        }
    }
    document.finish()
}

/// What every document has.
fn frame(record: &Record<'_>, document: &mut Document) {
    document.set_some("@timestamp", record.time("event_time").map(iso));
    document.set("ecs.version", ECS_VERSION);
    document.set("event.kind", "event");
    document.set("event.module", "aws");
    document.set("event.dataset", format!("aws.{}", dataset(record.log_type.id)));
    document.set_some("event.original", record.raw());
    document.set_some("log.file.path", record.column_text("origin"));
    document.set("tags", json!(["preserve_original_event"]));
}

/// What Elastic's integration calls the log.
fn dataset(id: &str) -> &str {
    match id {
        "vpc_flow" => "vpcflow",
        "elb" => "elb_logs",
        "s3_access" => "s3access",
        "route53_resolver" => "route53_resolver_logs",
        "cloudfront" => "cloudfront_logs",
        "network_firewall" => "firewall_logs",
        "security_hub" => "securityhub_findings",
        other => other,
    }
}

/// Names that are not taken from the catalogue: they are set otherwise, or tell of us and not of the event.
const APART: [&str; 5] = ["event.ingested", "event.original", "log.file.path", "log.offset", "@timestamp"];

/// Puts every column at each of its ECS names.
fn by_catalogue(record: &Record<'_>, document: &mut Document) {
    for (column, field) in record.log_type.catalogue().stored() {
        if field.ecs.is_empty() {
            continue;
        }
        let value = record.value(column);
        if value == "-" {
            continue;
        }
        for name in field.ecs.iter().filter(|name| !APART.contains(name)) {
            match *name {
                "related.ip" | "related.user" | "related.hosts" | "related.hash" | "event.category" | "event.type" => {
                    document.append(name, value.clone());
                }
                "source.ip" | "destination.ip" | "client.ip" => {
                    document.set_some(name, value.as_str().filter(|text| family(text).is_some()));
                }
                _ => document.set_default(name, value.clone()),
            }
        }
    }
}

/// Sets location and AS of an end by its address, where a database knows it.
fn locate(document: &mut Document, end: &str, lookup: &dyn Lookup) {
    let Some(place) = document.text(&format!("{end}.ip")).and_then(|address| lookup.place(address)) else { return };
    let mut put = |name: &str, value: Option<Value>| document.set_some(&format!("{end}.{name}"), value);
    put("geo.continent_name", place.continent.map(Value::from));
    put("geo.country_iso_code", place.country_code.map(Value::from));
    put("geo.country_name", place.country_name.map(Value::from));
    put("geo.region_iso_code", place.region_code.map(Value::from));
    put("geo.region_name", place.region.map(Value::from));
    put("geo.city_name", place.city.map(Value::from));
    put("geo.location.lat", place.latitude.map(Value::from));
    put("geo.location.lon", place.longitude.map(Value::from));
    put("as.number", place.asn.map(Value::from));
    put("as.organization.name", place.as_org.map(Value::from));
}

/// Takes `user_agent.original` apart.
fn agent(document: &mut Document, lookup: &dyn Lookup) {
    let Some(agent) = document.text("user_agent.original").and_then(|text| lookup.agent(text)) else { return };
    document.set("user_agent.name", agent.name);
    document.set_some("user_agent.version", agent.version);
    document.set("user_agent.device.name", agent.device);
    if let Some(name) = agent.os_name {
        document.set("user_agent.os.name", name.as_str());
        let full = agent.os_version.as_ref().map_or_else(|| name.clone(), |version| format!("{name} {version}"));
        document.set("user_agent.os.full", full);
        document.set_some("user_agent.os.version", agent.os_version);
    }
}

/// Splits `TLSv1.2` into protocol and version.
fn tls(document: &mut Document, text: &str) {
    let folded = text.to_ascii_lowercase();
    let Some((protocol, version)) = folded.split_once('v') else { return };
    // `TLSv12`, as load balancers write it.
    let version = match version.split_at_checked(1) {
        Some((major, minor)) if !version.contains('.') && !minor.is_empty() => format!("{major}.{minor}"),
        _ => version.to_owned(),
    };
    document.set("tls.version", version);
    document.set("tls.version_protocol", protocol);
}

/// Sets a column's value as text: Elastic keeps many small numbers as keywords.
fn as_text(document: &mut Document, path: &str) {
    let text = match document.get(path) {
        Some(Value::Number(number)) => number.to_string(),
        _ => return,
    };
    document.set(path, text);
}
