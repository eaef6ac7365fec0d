//! HTTP Activity: WAF, load balancers, CloudFront. A load balancer's TLS connection without a request is Network Activity.

use serde_json::Value;

use super::{
    HTTP_ACTIVITY, NETWORK_ACTIVITY, classify, cloud, endpoint, port, product, status, unmapped_columns, unmapped_rest,
    verdict,
};
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::record::{Record, at, scalar};
use crate::convert::url;

/// Methods that OCSF names, with the activity's number and name.
const METHODS: [(&str, i64, &str); 8] = [
    ("CONNECT", 1, "Connect"),
    ("DELETE", 2, "Delete"),
    ("GET", 3, "Get"),
    ("HEAD", 4, "Head"),
    ("OPTIONS", 5, "Options"),
    ("POST", 6, "Post"),
    ("PUT", 7, "Put"),
    ("TRACE", 8, "Trace"),
];

fn activity(document: &mut Document, method: Option<&str>) {
    let known = METHODS.iter().find(|known| method.is_some_and(|method| known.0.eq_ignore_ascii_case(method)));
    match known {
        Some((name, id, caption)) => {
            classify(document, HTTP_ACTIVITY, *id, caption);
            document.set("http_request.http_method", *name);
        }
        None => {
            classify(document, HTTP_ACTIVITY, 99, "Other");
            document.set_some("unmapped.http_method", method);
        }
    }
}

/// The request, from columns that the log types name alike.
pub(super) fn request(record: &Record<'_>, document: &mut Document) {
    let text = |name: &str| record.column_text(name).filter(|text| !text.is_empty() && *text != "-");
    let method = text("method").or_else(|| text("request_verb"));
    if let Some((name, ..)) = METHODS.iter().find(|known| method.is_some_and(|m| known.0.eq_ignore_ascii_case(m))) {
        document.set("http_request.http_method", *name);
    }
    let full = text("request_url").or_else(|| text("url"));
    if let Some(full) = full {
        let parts = url::parts(full);
        document.set("http_request.url.url_string", full);
        document.set_some("http_request.url.scheme", parts.scheme);
        document.set_some("http_request.url.hostname", parts.domain);
        port(document, "http_request.url", parts.port);
        document.set_some("http_request.url.path", parts.path);
        document.set_some("http_request.url.query_string", parts.query);
    }
    document.set_some("http_request.version", text("http_version"));
    document.set_some("http_request.user_agent", text("user_agent"));
    document.set_some("http_request.referrer", text("referrer").or_else(|| text("referer")));
}

fn response(record: &Record<'_>, code: &str, document: &mut Document) {
    let Some(code) = record.int(code).filter(|code| *code > 0) else { return };
    document.set("http_response.code", code);
    document.set("http_status", code);
    document.set("status_code", code.to_string());
    status(document, code < 400);
}

pub(super) fn elb(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let web = record.int("elb_status_code").is_some() || record.column_text("request_verb").is_some();
    if web {
        activity(document, record.column_text("request_verb"));
        request(record, document);
        response(record, "elb_status_code", document);
        if document.get("http_request").is_none() && document.get("http_response").is_none() {
            document.set("http_request.user_agent", "Unknown");
        }
    } else {
        classify(document, NETWORK_ACTIVITY, 6, "Traffic");
    }
    product(document, "Elastic Load Balancing");
    cloud(record, document);
    endpoint(document, "src_endpoint", record.column_text("client_ip"), lookup);
    port(document, "src_endpoint", record.int("client_port"));
    endpoint(document, "dst_endpoint", record.column_text("target_ip"), lookup);
    port(document, "dst_endpoint", record.int("target_port"));
    document.set_some("dst_endpoint.domain", record.column_text("domain_name"));
    traffic(record, "received_bytes", "sent_bytes", document);
    tls(record, "ssl_protocol", "ssl_cipher", document);
    document.set_some("metadata.correlation_uid", record.column_text("trace_id"));
    document.set_some("status_detail", record.column_text("error_reason"));
    unmapped_columns(record, document, &["elb"]);
}

pub(super) fn cloudfront(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    activity(document, record.column_text("method"));
    product(document, "CloudFront");
    cloud(record, document);
    request(record, document);
    document.set_some("http_request.uid", record.column_text("request_id"));
    for (column, name) in
        [("protocol", "scheme"), ("host_header", "hostname"), ("uri_stem", "path"), ("uri_query", "query_string")]
    {
        document.set_some(&format!("http_request.url.{name}"), record.column_text(column).filter(|text| *text != "-"));
    }
    if document.get("http_request.url").is_some() {
        document.set_default("http_request.url.path", "/");
    }
    response(record, "status", document);
    if document.get("http_response").is_some() {
        document.set_some("http_response.content_type", record.column_text("content_type"));
    }
    endpoint(document, "src_endpoint", record.column_text("client_ip"), lookup);
    port(document, "src_endpoint", record.int("client_port"));
    endpoint(document, "dst_endpoint", record.column_text("host_header"), lookup);
    traffic(record, "request_bytes", "response_bytes", document);
    tls(record, "ssl_protocol", "ssl_cipher", document);
    unmapped_columns(record, document, &["time_taken", "x_forwarded_for"]);
}

fn traffic(record: &Record<'_>, inwards: &str, outwards: &str, document: &mut Document) {
    let (inwards, outwards) = (record.int(inwards), record.int(outwards));
    document.set_some("traffic.bytes_in", inwards);
    document.set_some("traffic.bytes_out", outwards);
    if inwards.is_some() || outwards.is_some() {
        document.set("traffic.bytes", inwards.unwrap_or_default().saturating_add(outwards.unwrap_or_default()));
    }
}

fn tls(record: &Record<'_>, version: &str, cipher: &str, document: &mut Document) {
    if let Some(version) = record.column_text(version).filter(|text| *text != "-") {
        document.set("tls.version", version);
        document.set_some("tls.cipher", record.column_text(cipher).filter(|text| *text != "-"));
    }
}

/// What finds a place in the event.
const MAPPED: [&str; 14] = [
    "timestamp",
    "formatVersion",
    "action",
    "terminatingRuleId",
    "terminatingRuleType",
    "httpRequest.clientIp",
    "httpRequest.headers",
    "httpRequest.uri",
    "httpRequest.args",
    "httpRequest.httpVersion",
    "httpRequest.httpMethod",
    "httpRequest.requestId",
    "httpRequest.scheme",
    "responseCodeSent",
];

pub(super) fn waf(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let json = &record.json;
    let text = |path: &str| at(json, path).and_then(scalar);
    activity(document, text("httpRequest.httpMethod").as_deref());
    product(document, "AWS WAF");
    document.set_some("metadata.product.version", text("formatVersion"));
    cloud(record, document);
    match text("action").as_deref() {
        Some("BLOCK") => verdict(document, false, (2, "Blocked")),
        Some("COUNT" | "EXCLUDED_AS_COUNT") => verdict(document, true, (20, "Count")),
        Some("CAPTCHA") => verdict(document, false, (22, "Captcha")),
        Some("CHALLENGE") => verdict(document, false, (23, "Challenge")),
        Some(_) => verdict(document, true, (1, "Allowed")),
        None => {}
    }
    document.set_some("firewall_rule.uid", text("terminatingRuleId"));
    document.set_some("firewall_rule.type", text("terminatingRuleType"));
    document.set_some("policy.uid", text("webaclId"));
    document.set_some("policy.name", record.column_text("webacl_name"));
    endpoint(document, "src_endpoint", text("httpRequest.clientIp").as_deref(), lookup);
    if let Some(country) = text("httpRequest.country").filter(|code| code != "-") {
        document.set_default("src_endpoint.location.country", country);
    }
    waf_request(json, document);
    if let Some(code) = at(json, "responseCodeSent").and_then(Value::as_i64) {
        document.set("http_response.code", code);
        document.set("http_status", code);
    }
    unmapped_rest(record, document, &MAPPED);
}

fn waf_request(json: &Value, document: &mut Document) {
    let text = |path: &str| at(json, path).and_then(scalar);
    document.set("http_request.url.path", text("httpRequest.uri").unwrap_or_else(|| "/".into()));
    document.set_some("http_request.url.query_string", text("httpRequest.args"));
    document.set_some("http_request.url.scheme", text("httpRequest.scheme"));
    document.set_some("http_request.uid", text("httpRequest.requestId"));
    let version = text("httpRequest.httpVersion");
    document.set_some("http_request.version", version.as_deref().map(|v| v.strip_prefix("HTTP/").unwrap_or(v)));
    let Some(Value::Array(headers)) = at(json, "httpRequest.headers") else { return };
    for header in headers {
        let (Some(name), Some(value)) = (at(header, "name").and_then(scalar), at(header, "value").and_then(scalar))
        else {
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "host" => document.set("http_request.url.hostname", value.as_str()),
            "user-agent" => document.set("http_request.user_agent", value.as_str()),
            "referer" => document.set("http_request.referrer", value.as_str()),
            _ => {}
        }
        document.append("http_request.http_headers", serde_json::json!({"name": name, "value": value}));
    }
}
