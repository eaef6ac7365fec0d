//! Load balancer logs in ECS.

use serde_json::{Value, json};

use super::{agent, as_text, by_catalogue, locate, tls};
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::record::{Record, iso, iso_micros};
use crate::convert::url;

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    by_catalogue(record, document);
    document.set("cloud.provider", "aws");
    document.set_some("event.end", record.time("event_time").map(iso));
    document.set_some("event.start", record.time("request_creation_time").map(iso_micros));
    // The log writes -1 for what did not take place.
    for part in ["request", "backend", "target", "response"] {
        let path = format!("aws.elb.{part}_processing_time.sec");
        if document.get(&path).and_then(Value::as_f64).is_some_and(|seconds| seconds < 0.0) {
            document.remove(&format!("aws.elb.{part}_processing_time"));
        }
    }
    if record.int("matched_rule_priority") == Some(-1) {
        document.remove("aws.elb.matched_rule_priority");
    }
    let web = record.int("elb_status_code").is_some() || record.text("request_verb").is_some();
    document.set("event.category", json!([if web { "web" } else { "network" }]));
    document.set("aws.elb.protocol", if web { "http" } else { "tcp" });
    if let Some(status) = record.int("elb_status_code") {
        document.set("event.outcome", if status < 400 { "success" } else { "failure" });
    }
    address(record, document);
    for (list, path, by) in [
        ("actions_executed", "aws.elb.action_executed", ','),
        ("target_port_list", "aws.elb.target_port", ' '),
        ("target_status_code_list", "aws.elb.target_status_code", ' '),
    ] {
        let items = record.text(list).map(|text| split(&text, by));
        document.set_some(path, items);
    }
    for path in ["aws.elb.backend.port", "aws.elb.matched_rule_priority"] {
        as_text(document, path);
    }
    if let Some(protocol) = record.text("ssl_protocol") {
        tls(document, &protocol);
    }
    for end in ["source", "destination"] {
        locate(document, end, lookup);
    }
    if web && record.text("user_agent").is_none() {
        // The log writes `-` for a client that did not name itself; Elastic's parser keeps it, as one that it does not know.
        document.set("user_agent.original", "-");
        document.set("user_agent.name", "Other");
        document.set("user_agent.device.name", "Other");
    }
    agent(document, lookup);
}

fn split(text: &str, by: char) -> Value {
    text.split(by).filter(|item| !item.is_empty()).map(str::to_owned).collect::<Vec<_>>().into()
}

/// The parts of the URL that the columns may not have.
fn address(record: &Record<'_>, document: &mut Document) {
    let Some(original) = record.text("request_url") else { return };
    let parts = url::parts(&original);
    document.set_default("url.original", original.as_str());
    document.set_some("url.scheme", parts.scheme);
    document.set_some("url.domain", parts.domain);
    document.set_some("url.port", parts.port);
    document.set_some("url.path", parts.path.map(|part| url::decoded(&original, part)));
    document.set_some("url.query", parts.query.map(|part| url::decoded(&original, part)));
    document.set_some("url.extension", parts.extension);
}
