//! Network Firewall alerts and flows in ECS.

use serde_json::{Value, json};

use super::{by_catalogue, locate};
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::net::{family, protocol_number};
use crate::convert::record::{Record, at, iso_value, scalar};

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    by_catalogue(record, document);
    let json = &record.json;
    document.set("cloud.provider", "aws");
    document.set("observer.type", "firewall");
    document.set("event.category", json!(["network"]));
    let alert = at(json, "event.alert.action").and_then(Value::as_str);
    document.set("event.kind", if alert.is_some() { "alert" } else { "event" });
    document.set("event.type", json!(["connection"]));
    match alert {
        Some("blocked") => document.append("event.type", "denied"),
        Some(_) => document.append("event.type", "allowed"),
        None => {}
    }
    document.set_some("event.action", alert);
    document.set_some("rule.id", at(json, "event.alert.signature_id").and_then(scalar));
    document.set_some("event.start", at(json, "event.netflow.start").and_then(iso_value));
    document.set_some("event.end", at(json, "event.netflow.end").and_then(iso_value));
    for (from, end) in [("event.src_ip", "source"), ("event.dest_ip", "destination")] {
        let Some(address) = at(json, from).and_then(scalar) else { continue };
        document.set_some("network.type", family(&address));
        document.append("related.ip", address.as_str());
        document.set(&format!("{end}.ip"), address.as_str());
        document.set(&format!("{end}.address"), address);
        locate(document, end, lookup);
    }
    if let Some(protocol) = at(json, "event.proto").and_then(scalar) {
        document.set_some("network.iana_number", protocol_number(&protocol).map(|number| number.to_string()));
        document.set("network.transport", protocol.to_lowercase());
    }
    document.set_some("aws.firewall", at(json, "event").map(|event| json!({"event": event})));
    super::agent(document, lookup);
}
