//! Network Activity: VPC flow logs and Network Firewall.

use serde_json::Value;

use super::{
    DETECTION, NETWORK_ACTIVITY, classify, cloud, endpoint, millis, port, product, severity, status, unmapped_columns,
    unmapped_rest, verdict,
};
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::net::{family, protocol_name, protocol_number};
use crate::convert::record::{Record, at, scalar};

/// OCSF's boundary of a flow log's `traffic-path`.
const PATHS: [(i64, i64, &str); 8] = [
    (1, 4, "Same VPC"),
    (2, 5, "Internet/VPC Gateway"),
    (3, 6, "Virtual Private Gateway"),
    (4, 7, "Intra-region VPC"),
    (5, 8, "Inter-region VPC"),
    (6, 9, "Local Gateway"),
    (7, 10, "Gateway VPC"),
    (8, 11, "Internet Gateway"),
];

pub(super) fn flow(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    match record.text("action").as_deref() {
        Some("REJECT") => {
            classify(document, NETWORK_ACTIVITY, 5, "Refuse");
            verdict(document, false, (2, "Blocked"));
            status(document, false);
        }
        action => {
            classify(document, NETWORK_ACTIVITY, 6, "Traffic");
            if action == Some("ACCEPT") {
                verdict(document, true, (1, "Allowed"));
                status(document, true);
            }
        }
    }
    product(document, "Amazon VPC");
    document.set("metadata.product.feature.name", "Flowlogs");
    document.set_some("metadata.product.version", record.text("version"));
    if record.text("action").is_some() {
        super::profile(document, "security_control");
    }
    cloud(record, document);
    document.set_some("cloud.zone", record.text("az-id"));
    ends(record, document, lookup);
    connection(record, document);
    document.set_some("traffic.bytes", record.int("bytes"));
    document.set_some("traffic.packets", record.int("packets"));
    let instant = |path: &str| record.int(path).map(|seconds| seconds.saturating_mul(1000));
    document.set_some("start_time", instant("start"));
    document.set_some("end_time", instant("end"));
    document.set_some("status_code", record.text("log-status"));
    document.set_some("status_detail", record.text("reject-reason"));
    unmapped_columns(record, document, &["packet_source_address", "packet_destination_address"]);
}

fn ends(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    for (end, address, number, service) in [
        ("src_endpoint", "srcaddr", "srcport", "pkt-src-aws-service"),
        ("dst_endpoint", "dstaddr", "dstport", "pkt-dst-aws-service"),
    ] {
        endpoint(document, end, record.text(address).as_deref(), lookup);
        port(document, end, record.int(number));
        document.set_some(&format!("{end}.svc_name"), record.text(service));
    }
    // The interface that the flow was seen at is the near end: the destination of what comes in.
    let near = match record.text("flow-direction").as_deref() {
        Some("ingress") => "dst_endpoint",
        _ => "src_endpoint",
    };
    for (path, name) in [
        ("interface-id", "interface_uid"),
        ("vpc-id", "vpc_uid"),
        ("subnet-id", "subnet_uid"),
        ("instance-id", "instance_uid"),
    ] {
        document.set_some(&format!("{near}.{name}"), record.text(path));
    }
}

fn connection(record: &Record<'_>, document: &mut Document) {
    let (direction, id) = match record.text("flow-direction").as_deref() {
        Some("ingress") => ("Inbound", 1),
        Some("egress") => ("Outbound", 2),
        _ => ("Unknown", 0),
    };
    document.set("connection_info.direction_id", id);
    document.set("connection_info.direction", direction);
    if let Some(number) = record.int("protocol") {
        document.set("connection_info.protocol_num", number);
        document.set_some("connection_info.protocol_name", protocol_name(number));
    }
    version(document, record.text("srcaddr").as_deref());
    document.set_some("connection_info.tcp_flags", record.int("tcp-flags"));
    if let Some((_, id, name)) = record.int("traffic-path").and_then(|path| PATHS.iter().find(|known| known.0 == path))
    {
        document.set("connection_info.boundary_id", *id);
        document.set("connection_info.boundary", *name);
    }
}

fn version(document: &mut Document, address: Option<&str>) {
    let (id, name) = match address.and_then(family) {
        Some("ipv4") => (4, "Internet Protocol version 4 (IPv4)"),
        Some("ipv6") => (6, "Internet Protocol version 6 (IPv6)"),
        _ => return,
    };
    document.set("connection_info.protocol_ver_id", id);
    document.set("connection_info.protocol_ver", name);
}

/// What finds a place in the event.
const MAPPED: [&str; 13] = [
    "event.src_ip",
    "event.src_port",
    "event.dest_ip",
    "event.dest_port",
    "event.proto",
    "event.flow_id",
    "event.direction",
    "event.netflow.pkts",
    "event.netflow.bytes",
    "event.netflow.start",
    "event.netflow.end",
    "availability_zone",
    "event.alert.signature_id",
];

/// A firewall's flow is Network Activity; its alert is a Detection Finding with the flow as evidence.
pub(super) fn firewall(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let json = &record.json;
    match at(json, "event.alert") {
        Some(found) => alert(record, found, document, lookup),
        None => {
            classify(document, NETWORK_ACTIVITY, 6, "Traffic");
            product(document, "Network Firewall");
            connection_of(json, "", document, lookup);
            document.set_some("traffic.packets", at(json, "event.netflow.pkts").cloned());
            document.set_some("traffic.bytes", at(json, "event.netflow.bytes").cloned());
            for (from, to) in [("event.netflow.start", "start_time"), ("event.netflow.end", "end_time")] {
                document.set_some(to, at(json, from).and_then(scalar).and_then(|time| millis(&time)));
            }
        }
    }
    cloud(record, document);
    document.set_some("cloud.zone", at(json, "availability_zone").and_then(scalar));
    unmapped_rest(record, document, &MAPPED);
}

fn alert(record: &Record<'_>, found: &Value, document: &mut Document, lookup: &dyn Lookup) {
    classify(document, DETECTION, 1, "Create");
    product(document, "Network Firewall");
    let name = match found.get("severity").and_then(Value::as_i64) {
        Some(1) => "High",
        Some(2) => "Medium",
        Some(3) => "Low",
        Some(_) => "Informational",
        None => "Unknown",
    };
    severity(document, name);
    let blocked = found.get("action").and_then(Value::as_str) == Some("blocked");
    verdict(document, !blocked, if blocked { (2, "Blocked") } else { (19, "Alert") });
    document.set("status_id", 1);
    document.set("status", "New");
    document.set("is_alert", true);
    document.set_some("finding_info.title", found.get("signature").and_then(scalar));
    document.set("finding_info.uid", record.column_text("event_id").unwrap_or("Unknown"));
    document.set_some("firewall_rule.name", found.get("signature").and_then(scalar));
    document.set_some("firewall_rule.uid", found.get("signature_id").and_then(scalar));
    document.set_some("firewall_rule.category", found.get("category").and_then(scalar));
    document.set_some("firewall_rule.version", found.get("rev").and_then(scalar));
    let mut evidence = Document::default();
    connection_of(&record.json, "", &mut evidence, lookup);
    document.append("evidences", evidence.finish());
}

fn connection_of(json: &Value, path: &str, document: &mut Document, lookup: &dyn Lookup) {
    for (end, address, number) in
        [("src_endpoint", "event.src_ip", "event.src_port"), ("dst_endpoint", "event.dest_ip", "event.dest_port")]
    {
        let end = format!("{path}{end}");
        endpoint(document, &end, at(json, address).and_then(scalar).as_deref(), lookup);
        port(document, &end, at(json, number).and_then(Value::as_i64));
    }
    let (id, name) = match at(json, "event.direction").and_then(Value::as_str) {
        Some("to_server") => (2, "Outbound"),
        Some("to_client") => (1, "Inbound"),
        _ => (0, "Unknown"),
    };
    document.set("connection_info.direction_id", id);
    document.set("connection_info.direction", name);
    document.set_some("connection_info.uid", at(json, "event.flow_id").and_then(scalar));
    if let Some(protocol) = at(json, "event.proto").and_then(scalar) {
        document.set_some("connection_info.protocol_num", protocol_number(&protocol));
        document.set("connection_info.protocol_name", protocol.to_lowercase());
    }
    version(document, at(json, "event.src_ip").and_then(Value::as_str));
}
