//! DNS Activity: Route 53 Resolver query logs.

use serde_json::Value;

use super::{DNS_ACTIVITY, classify, cloud, endpoint, port, product, status, unmapped_rest, verdict};
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::net::protocol_number;
use crate::convert::record::{Record, at, scalar};

/// OCSF's numbers and names of DNS response codes.
const CODES: [(&str, i64, &str); 24] = [
    ("NOERROR", 0, "NoError"),
    ("FORMERR", 1, "FormError"),
    ("SERVFAIL", 2, "ServError"),
    ("NXDOMAIN", 3, "NXDomain"),
    ("NOTIMP", 4, "NotImp"),
    ("REFUSED", 5, "Refused"),
    ("YXDOMAIN", 6, "YXDomain"),
    ("YXRRSET", 7, "YXRRSet"),
    ("NXRRSET", 8, "NXRRSet"),
    ("NOTAUTH", 9, "NotAuth"),
    ("NOTZONE", 10, "NotZone"),
    ("DSOTYPENI", 11, "DSOTYPENI"),
    ("BADVERS", 16, "BADSIG_VERS"),
    ("BADSIG", 16, "BADSIG_VERS"),
    ("BADKEY", 17, "BADKEY"),
    ("BADTIME", 18, "BADTIME"),
    ("BADMODE", 19, "BADMODE"),
    ("BADNAME", 20, "BADNAME"),
    ("BADALG", 21, "BADALG"),
    ("BADTRUNC", 22, "BADTRUNC"),
    ("BADCOOKIE", 23, "BADCOOKIE"),
    ("UNASSIGNED", 24, "Unassigned"),
    ("RESERVED", 25, "Reserved"),
    ("OTHER", 99, "Other"),
];

/// What finds a place in the event.
const MAPPED: [&str; 18] = [
    "version",
    "account_id",
    "region",
    "vpc_id",
    "query_timestamp",
    "query_name",
    "query_type",
    "query_class",
    "rcode",
    "answers",
    "srcaddr",
    "srcport",
    "transport",
    "srcids.instance",
    "srcids.resolver_network_interface",
    "firewall_rule_action",
    "firewall_rule_group_id",
    "firewall_domain_list_id",
];

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let json = &record.json;
    let text = |path: &str| at(json, path).and_then(scalar);
    classify(document, DNS_ACTIVITY, 6, "Traffic");
    product(document, "Route 53");
    document.set("metadata.product.feature.name", "Resolver Query Logs");
    document.set_some("metadata.product.version", text("version"));
    cloud(record, document);
    let name = text("query_name").unwrap_or_default();
    document.set("query.hostname", name.strip_suffix('.').filter(|rest| !rest.is_empty()).unwrap_or(&name));
    document.set_default("query.hostname", ".");
    document.set_some("query.type", text("query_type"));
    document.set_some("query.class", text("query_class"));
    document.set_some("query_time", text("query_timestamp").and_then(|time| super::millis(&time)));
    let code = text("rcode").unwrap_or_else(|| "OTHER".into());
    let known = CODES.iter().find(|known| known.0.eq_ignore_ascii_case(&code));
    document.set("rcode_id", known.map_or(99, |known| known.1));
    document.set("rcode", known.filter(|known| known.1 != 99).map_or(code.as_str(), |known| known.2));
    status(document, code == "NOERROR");
    answers(json, document);
    endpoint(document, "src_endpoint", text("srcaddr").as_deref(), lookup);
    port(document, "src_endpoint", text("srcport").and_then(|number| number.parse().ok()));
    document.set_some("src_endpoint.vpc_uid", text("vpc_id"));
    document.set_some("src_endpoint.instance_uid", text("srcids.instance"));
    document.set_some("src_endpoint.interface_uid", text("srcids.resolver_network_interface"));
    transport(json, document);
    firewall(json, document);
    unmapped_rest(record, document, &MAPPED);
}

fn answers(json: &Value, document: &mut Document) {
    let Some(Value::Array(list)) = at(json, "answers") else { return };
    for answer in list {
        let Some(data) = at(answer, "Rdata").and_then(scalar) else { continue };
        let mut out = Document::default();
        out.set("rdata", data);
        out.set_some("type", at(answer, "Type").and_then(scalar));
        out.set_some("class", at(answer, "Class").and_then(scalar));
        document.append("answers", out.finish());
    }
}

fn transport(json: &Value, document: &mut Document) {
    document.set("connection_info.direction_id", 0);
    document.set("connection_info.direction", "Unknown");
    let Some(name) = at(json, "transport").and_then(scalar) else { return };
    document.set_some("connection_info.protocol_num", protocol_number(&name));
    document.set("connection_info.protocol_name", name.to_lowercase());
}

fn firewall(json: &Value, document: &mut Document) {
    match at(json, "firewall_rule_action").and_then(Value::as_str) {
        Some("BLOCK") => verdict(document, false, (2, "Blocked")),
        Some("ALERT") => verdict(document, true, (19, "Alert")),
        Some(_) => verdict(document, true, (1, "Allowed")),
        None => return,
    }
    document.set_some("firewall_rule.uid", at(json, "firewall_rule_group_id").and_then(scalar));
}
