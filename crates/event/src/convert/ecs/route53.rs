//! Route 53 Resolver query logs in ECS.

use serde_json::{Map, Value, json};

use super::locate;
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::net::{family, protocol_number};
use crate::convert::record::{Record, at, scalar};
use crate::convert::url::domain_parts;

/// Paths that are moved as they are.
const MOVED: [(&str, &str); 10] = [
    ("account_id", "cloud.account.id"),
    ("region", "cloud.region"),
    ("vpc_id", "aws.vpc_id"),
    ("srcids.instance", "aws.instance_id"),
    ("query_class", "dns.question.class"),
    ("query_type", "dns.question.type"),
    ("rcode", "dns.response_code"),
    ("firewall_rule_action", "aws.route53.firewall.action"),
    ("firewall_rule_group_id", "aws.route53.firewall.rule_group.id"),
    ("firewall_domain_list_id", "aws.route53.firewall.domain_list.id"),
];

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let json = &record.json;
    for (from, to) in MOVED {
        document.set_some(to, at(json, from).cloned());
    }
    document.set("cloud.provider", "aws");
    document.set_some("cloud.instance.id", at(json, "srcids.instance").cloned());
    document.set("event.category", json!(["network"]));
    document.set("event.type", json!(["protocol"]));
    let answered = at(json, "rcode").is_some_and(|code| code == "NOERROR");
    document.set("event.outcome", if answered { "success" } else { "failure" });
    let name = at(json, "query_name").and_then(scalar).map(|name| bare(&name).to_owned());
    if let Some(name) = &name {
        question(name, document);
    }
    answers(json, document);
    transport(json, document, lookup);
    if let Some(name) = name {
        asked_for(&name, at(json, "query_type").and_then(Value::as_str), document);
    }
}

fn bare(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn question(name: &str, document: &mut Document) {
    document.set("dns.question.name", name);
    if name.ends_with("in-addr.arpa") || name.ends_with("ip6.arpa") {
        return;
    }
    if let Some((top, registered, sub)) = domain_parts(name) {
        document.set("dns.question.top_level_domain", top);
        document.set("dns.question.registered_domain", registered);
        document.set_some("dns.question.subdomain", sub);
    }
}

fn answers(json: &Value, document: &mut Document) {
    let Some(Value::Array(list)) = at(json, "answers") else { return };
    let mut all = Vec::new();
    for answer in list {
        let mut written = Map::new();
        let kind = answer.get("Type").and_then(Value::as_str).unwrap_or_default();
        for (from, to) in [("Class", "class"), ("Type", "type")] {
            answer.get(from).into_iter().for_each(|value| {
                written.insert(to.into(), value.clone());
            });
        }
        if let Some(data) = answer.get("Rdata").and_then(Value::as_str) {
            let data = bare(data);
            written.insert("data".into(), data.into());
            match kind {
                "A" | "AAAA" => document.append("related.ip", data),
                "CNAME" | "PTR" => document.append("related.hosts", data),
                _ => {}
            }
            if kind == "CNAME" {
                written.insert("name".into(), data.into());
            }
        }
        all.push(Value::Object(written));
    }
    document.set("dns.answers", all);
}

fn transport(json: &Value, document: &mut Document, lookup: &dyn Lookup) {
    if let Some(transport) = at(json, "transport").and_then(Value::as_str) {
        document.set_some("network.iana_number", protocol_number(transport).map(|number| number.to_string()));
        document.set("network.transport", transport.to_lowercase());
    }
    document.set("network.protocol", "dns");
    document.set_some("source.port", at(json, "srcport").and_then(scalar).and_then(|port| port.parse::<i64>().ok()));
    if let Some(address) = at(json, "srcaddr").and_then(scalar) {
        if let Some(family) = family(&address) {
            document.set("source.ip", address.as_str());
            document.set("network.type", family);
            document.append("related.ip", address.as_str());
        }
        document.set("source.address", address);
    }
    locate(document, "source", lookup);
}

/// What the question was about: a host, or in a reverse lookup an address.
fn asked_for(name: &str, kind: Option<&str>, document: &mut Document) {
    if kind != Some("PTR") {
        document.append("related.hosts", name);
    } else if let Some(reversed) = name.strip_suffix(".in-addr.arpa") {
        let octets: Vec<&str> = reversed.rsplit('.').collect();
        document.append("related.ip", octets.join("."));
    } else if let Some(reversed) = name.strip_suffix(".ip6.arpa") {
        let digits: Vec<&str> = reversed.rsplit('.').collect();
        let groups: Vec<String> = digits.chunks(4).map(<[&str]>::concat).collect();
        document.append("related.ip", groups.join(":"));
    }
}
