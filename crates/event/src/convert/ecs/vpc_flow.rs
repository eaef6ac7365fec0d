//! VPC flow logs in ECS.

use std::net::IpAddr;

use serde_json::json;

use super::{as_text, by_catalogue, locate};
use crate::convert::Lookup;
use crate::convert::community_id::community_id;
use crate::convert::document::Document;
use crate::convert::net::{protocol_name, tcp_flags};
use crate::convert::record::{Record, iso};

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    by_catalogue(record, document);
    document.set("cloud.provider", "aws");
    document.set("event.category", json!(["network"]));
    document.set("event.type", json!(["connection"]));
    let seconds = |path: &str| record.int(path).map(|seconds| iso(seconds.saturating_mul(1_000_000)));
    document.set_some("event.start", seconds("start"));
    // A flow is dated by its end, when the record was closed.
    if let Some(end) = seconds("end") {
        document.set("event.end", end.as_str());
        document.set("@timestamp", end);
    }
    outcome(record, document);
    ends(record, document);
    for end in ["source", "destination"] {
        locate(document, end, lookup);
    }
    for path in ["aws.vpcflow.version", "aws.vpcflow.tcp_flags", "aws.vpcflow.traffic_path", "network.iana_number"] {
        as_text(document, path);
    }
}

fn outcome(record: &Record<'_>, document: &mut Document) {
    let outcome = match record.text("action").as_deref() {
        Some("ACCEPT") => "success",
        Some("REJECT") => "failure",
        _ => return,
    };
    document.set("event.outcome", outcome);
}

fn ends(record: &Record<'_>, document: &mut Document) {
    if let Some(mask) = record.int("tcp-flags") {
        document.set("aws.vpcflow.tcp_flags_array", json!(tcp_flags(mask)));
    }
    if let Some(kind) = record.text("type") {
        document.set("network.type", kind.to_lowercase());
    }
    let (Some(source), Some(destination)) = (record.text("srcaddr"), record.text("dstaddr")) else { return };
    document.set("related.ip", json!([source, destination]));
    let (Ok(source), Ok(destination)) = (source.parse::<IpAddr>(), destination.parse::<IpAddr>()) else { return };
    document.set("network.type", if source.is_ipv4() { "ipv4" } else { "ipv6" });
    let Some(protocol) = record.int("protocol") else { return };
    document.set_some("network.transport", protocol_name(protocol));
    let port = |path: &str| record.int(path).and_then(|port| u16::try_from(port).ok()).unwrap_or_default();
    let Ok(protocol) = u8::try_from(protocol) else { return };
    document.set_some(
        "network.community_id",
        community_id((source, port("srcport")), (destination, port("dstport")), protocol),
    );
}
