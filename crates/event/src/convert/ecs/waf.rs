//! AWS WAF in ECS.

use serde_json::{Map, Value, json};

use super::{locate, tls};
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::record::{Record, at, iso_value, scalar};

/// Paths that are moved as they are.
const MOVED: [(&str, &str); 22] = [
    ("httpRequest.fragment", "url.fragment"),
    ("httpRequest.host", "host.domain"),
    ("httpRequest.requestId", "http.request.id"),
    ("httpRequest.scheme", "url.scheme"),
    ("httpRequest.httpMethod", "http.request.method"),
    ("httpRequest.args", "url.query"),
    ("httpRequest.uri", "url.path"),
    ("ja3Fingerprint", "tls.client.ja3"),
    ("ja4Fingerprint", "aws.waf.ja4_fingerprint"),
    ("labels", "aws.waf.labels"),
    ("oversizeFields", "aws.waf.oversize_fields"),
    ("requestBodySize", "aws.waf.request_body_size"),
    ("requestBodySizeInspectedByWAF", "aws.waf.request_body_size_inspected_by_waf"),
    ("responseCodeSent", "aws.waf.response_code_sent"),
    ("captchaResponse.responseCode", "aws.waf.captcha_response.response_code"),
    ("captchaResponse.failureReason", "aws.waf.captcha_response.failure_reason"),
    ("challengeResponse.responseCode", "aws.waf.challenge_response.response_code"),
    ("challengeResponse.failureReason", "aws.waf.challenge_response.failure_reason"),
    ("action", "event.action"),
    ("webaclId", "aws.waf.arn"),
    ("terminatingRuleId", "rule.id"),
    ("terminatingRuleType", "rule.ruleset"),
];

/// Lists that lose what is empty in them.
const LISTS: [(&str, &str); 4] = [
    ("terminatingRuleMatchDetails", "aws.waf.terminating_rule_match_details"),
    ("ruleGroupList", "aws.waf.rule_group_list"),
    ("rateBasedRuleList", "aws.waf.rate_based_rule_list"),
    ("nonTerminatingMatchingRules", "aws.waf.non_terminating_matching_rules"),
];

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let json = &record.json;
    for (from, to) in MOVED {
        document.set_some(to, at(json, from).filter(|value| **value != "-").cloned());
    }
    for (from, to) in LISTS {
        document.set_some(to, at(json, from).map(without_nothing));
    }
    document.set("event.kind", "alert");
    document.set("event.category", json!(["web", "network"]));
    document.set("event.type", json!(["access"]));
    match at(json, "action").and_then(Value::as_str) {
        Some("ALLOW") => document.append("event.type", "allowed"),
        Some("BLOCK") => document.append("event.type", "denied"),
        _ => {}
    }
    document.set_some("aws.waf.format_version", at(json, "formatVersion").and_then(scalar));
    for (from, to) in [("captchaResponse", "captcha_response"), ("challengeResponse", "challenge_response")] {
        let time = at(json, from).and_then(|response| response.get("solveTimestamp")).and_then(iso_value);
        document.set_some(&format!("aws.waf.{to}.solve_timestamp"), time);
    }
    for (from, to) in [("httpSourceName", "name"), ("httpSourceId", "id")] {
        let name = at(json, from).and_then(scalar).filter(|name| name != "-");
        document.set_some(&format!("aws.waf.source.{to}"), name);
    }
    headers(json, document);
    request(json, document);
    source(json, document, lookup);
    acl(document);
}

fn headers(json: &Value, document: &mut Document) {
    for (from, to) in [("httpRequest.headers", "aws.waf.request"), ("requestHeadersInserted", "aws.waf")] {
        let Some(Value::Array(list)) = at(json, from) else { continue };
        let pairs = list
            .iter()
            .filter_map(|header| Some((header.get("name")?.as_str()?.to_owned(), header.get("value")?.clone())));
        let name = if to == "aws.waf" { "request_headers_inserted" } else { "headers" };
        document.set(&format!("{to}.{name}"), Value::Object(pairs.collect::<Map<_, _>>()));
    }
}

fn request(json: &Value, document: &mut Document) {
    document.set("cloud.provider", "aws");
    if let Some(version) = at(json, "tlsVersion").and_then(Value::as_str) {
        tls(document, version);
    }
    let Some((protocol, version)) =
        at(json, "httpRequest.httpVersion").and_then(Value::as_str).and_then(|v| v.split_once('/'))
    else {
        return;
    };
    let protocol = protocol.to_lowercase();
    if protocol == "http" {
        document.set("network.transport", "tcp");
    }
    document.set("network.protocol", protocol);
    document.set("http.version", version);
}

fn source(json: &Value, document: &mut Document, lookup: &dyn Lookup) {
    if let Some(address) = at(json, "httpRequest.clientIp").and_then(scalar) {
        document.append("related.ip", address.as_str());
        document.set("source.ip", address);
    }
    locate(document, "source", lookup);
    // The country that AWS's rules went by. Where a database says another, what else it says is of that other place.
    let country = at(json, "httpRequest.country").and_then(scalar).filter(|code| code != "-");
    if let Some(country) = country
        && document.text("source.geo.country_iso_code") != Some(country.as_str())
    {
        document.remove("source.geo");
        document.set("source.geo.country_iso_code", country);
    }
    if let Some(number) = at(json, "clientAsn").and_then(Value::as_i64) {
        document.set_default("source.as.number", number);
    }
}

/// `arn:aws:wafv2:region:account:id`.
fn acl(document: &mut Document) {
    let Some(arn) = document.text("aws.waf.arn").map(str::to_owned) else { return };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if let ["arn", _, service, region, account, id] = parts[..] {
        document.set("cloud.service.name", service);
        document.set("cloud.region", region);
        document.set("cloud.account.id", account);
        document.set("aws.waf.id", id);
    }
}

/// Objects without what is empty in them; elements of lists stay.
fn without_nothing(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().map(|(key, value)| (key.clone(), without_nothing(value)));
            Value::Object(kept.filter(|(_, value)| !nothing(value)).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(without_nothing).collect()),
        other => other.clone(),
    }
}

fn nothing(value: &Value) -> bool {
    *value == "-" || crate::convert::document::is_empty(value)
}
