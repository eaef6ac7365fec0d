//! CloudTrail in ECS.

use serde_json::{Map, Value};

use super::cloudtrail_action::classify;
use super::{agent, entities, locate, tls};
use crate::convert::Lookup;
use crate::convert::document::{Document, pruned};
use crate::convert::java;
use crate::convert::net::family;
use crate::convert::record::{Record, at, iso_value, scalar};

/// Sections longer than this as text are not repeated as an object: Elasticsearch would not index them.
const LONGEST: usize = 32_766;

/// Paths that are moved as they are.
const MOVED: [(&str, &str); 27] = [
    ("eventVersion", "aws.cloudtrail.event_version"),
    ("eventType", "aws.cloudtrail.event_type"),
    ("eventCategory", "aws.cloudtrail.event_category"),
    ("apiVersion", "aws.cloudtrail.api_version"),
    ("requestID", "aws.cloudtrail.request_id"),
    ("managementEvent", "aws.cloudtrail.management_event"),
    ("readOnly", "aws.cloudtrail.read_only"),
    ("recipientAccountId", "aws.cloudtrail.recipient_account_id"),
    ("sharedEventID", "aws.cloudtrail.shared_event_id"),
    ("vpcEndpointId", "aws.cloudtrail.vpc_endpoint_id"),
    ("vpcEndpointAccountId", "aws.cloudtrail.vpc_endpoint_account_id"),
    ("errorCode", "aws.cloudtrail.error_code"),
    ("errorMessage", "aws.cloudtrail.error_message"),
    ("userIdentity.type", "aws.cloudtrail.user_identity.type"),
    ("userIdentity.arn", "aws.cloudtrail.user_identity.arn"),
    ("userIdentity.accessKeyId", "aws.cloudtrail.user_identity.access_key_id"),
    ("userIdentity.invokedBy", "aws.cloudtrail.user_identity.invoked_by"),
    (
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        "aws.cloudtrail.user_identity.session_context.mfa_authenticated",
    ),
    (
        "userIdentity.sessionContext.sessionIssuer.type",
        "aws.cloudtrail.user_identity.session_context.session_issuer.type",
    ),
    (
        "userIdentity.sessionContext.sessionIssuer.principalId",
        "aws.cloudtrail.user_identity.session_context.session_issuer.principal_id",
    ),
    (
        "userIdentity.sessionContext.sessionIssuer.arn",
        "aws.cloudtrail.user_identity.session_context.session_issuer.arn",
    ),
    (
        "userIdentity.sessionContext.sessionIssuer.accountId",
        "aws.cloudtrail.user_identity.session_context.session_issuer.account_id",
    ),
    ("insightDetails", "aws.cloudtrail.flattened.insight_details"),
    ("userIdentity.principalId", "user.id"),
    ("eventSource", "event.provider"),
    ("eventName", "event.action"),
    ("eventID", "event.id"),
];

/// Sections that are kept as text and as an object.
const SECTIONS: [(&str, &str); 4] = [
    ("requestParameters", "request_parameters"),
    ("responseElements", "response_elements"),
    ("additionalEventData", "additional_eventdata"),
    ("serviceEventDetails", "service_event_details"),
];

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let json = pruned(&record.json);
    for (from, to) in MOVED {
        document.set_some(to, at(&json, from).cloned());
    }
    document.set_some(
        "aws.cloudtrail.user_identity.session_context.creation_date",
        at(&json, "userIdentity.sessionContext.attributes.creationDate").and_then(iso_value),
    );
    for (from, to) in SECTIONS {
        section(&record.json, &json, from, to, document);
    }
    document.set_some("aws.cloudtrail.resources", at(&json, "resources").map(resources));
    document.set("cloud.provider", "aws");
    document.set_some("cloud.region", at(&json, "awsRegion").cloned());
    let account = at(&json, "userIdentity.accountId").or_else(|| at(&json, "recipientAccountId"));
    document.set_some("cloud.account.id", account.cloned());
    identity(&json, document);
    source(&json, document, lookup);
    outcome(&json, document);
    targets(&json, document);
    console_login(&json, document);
    encryption(&json, document);
    document.set_some("user_agent.original", at(&json, "userAgent").cloned());
    agent(document, lookup);
    entities::fill(&json, document);
}

/// `whole` is the record with what is empty in it, which the text's order depends on.
fn section(whole: &Value, json: &Value, from: &str, to: &str, document: &mut Document) {
    let (Some(all), Some(value)) = (at(whole, from), at(json, from)) else { return };
    let text = java::to_text(all);
    if text.len() < LONGEST {
        document.set(&format!("aws.cloudtrail.flattened.{to}"), value.clone());
    }
    document.set(&format!("aws.cloudtrail.{to}"), text);
}

/// Resources with ECS-like keys. Of those with the same ARN, account and type the last stays; their order is that of a
/// hash map by the three.
fn resources(list: &Value) -> Value {
    let Value::Array(list) = list else { return list.clone() };
    let mut kept: Vec<(String, Value)> = Vec::new();
    for resource in list.iter().filter_map(Value::as_object) {
        let resource: Map<String, Value> = resource.iter().map(|(key, value)| (renamed(key), value.clone())).collect();
        let part = |key: &str| resource.get(key).and_then(scalar).unwrap_or_default();
        let key = format!("{}_{}_{}", part("arn"), part("account_id"), part("type"));
        match kept.iter_mut().find(|(known, _)| *known == key) {
            Some((_, same)) => *same = resource.into(),
            None => kept.push((key, resource.into())),
        }
    }
    java::in_hash_order(kept.into_iter()).into_iter().map(|(_, resource)| resource).collect()
}

fn renamed(key: &str) -> String {
    match key {
        "ARN" => "arn".into(),
        "accountId" => "account_id".into(),
        other => other.into(),
    }
}

/// `user.name` is the IAM user, or the role behind a session.
fn identity(json: &Value, document: &mut Document) {
    let user = at(json, "userIdentity.userName").and_then(scalar);
    if let Some(user) = &user {
        document.append("related.user", user.as_str());
    }
    let issuer = at(json, "userIdentity.sessionContext.sessionIssuer.userName").and_then(scalar);
    document.set_some("user.name", user.or(issuer));
}

fn source(json: &Value, document: &mut Document, lookup: &dyn Lookup) {
    let Some(address) = at(json, "sourceIPAddress").and_then(scalar) else { return };
    if family(&address).is_some() {
        document.set("source.ip", address.as_str());
    }
    document.set("source.address", address);
    locate(document, "source", lookup);
}

fn outcome(json: &Value, document: &mut Document) {
    let failed = at(json, "errorCode").is_some() || at(json, "errorMessage").is_some();
    let mut outcome = if failed { "failure".to_owned() } else { "success".to_owned() };
    let action = at(json, "eventName").and_then(Value::as_str).unwrap_or_default();
    if action == "ConsoleLogin"
        && let Some(said) = at(json, "responseElements.ConsoleLogin").and_then(Value::as_str)
    {
        outcome = said.to_lowercase();
    }
    document.set("event.outcome", outcome);
    document.set_some("error.code", at(json, "errorCode").cloned());
    document.set_some("error.message", at(json, "errorMessage").cloned());
    let (category, kinds) = classify(action);
    document.set("event.category", category);
    document.set("event.type", kinds);
}

/// The user or group that the call was about.
fn targets(json: &Value, document: &mut Document) {
    let paths = [
        ("responseElements.group.groupId", "group.id"),
        ("responseElements.user.userId", "user.target.id"),
        ("requestParameters.newUserName", "user.changes.name"),
        ("requestParameters.groupName", "group.name"),
        ("requestParameters.userName", "user.target.name"),
    ];
    for (from, to) in paths {
        document.set_some(to, at(json, from).and_then(scalar));
    }
    for path in ["requestParameters.userName", "requestParameters.newUserName"] {
        if let Some(name) = at(json, path).and_then(scalar) {
            document.append("related.user", name);
        }
    }
}

fn console_login(json: &Value, document: &mut Document) {
    if at(json, "eventName").and_then(Value::as_str) != Some("ConsoleLogin") {
        return;
    }
    let mut data = Map::new();
    for (from, to) in [("MobileVersion", "mobile_version"), ("MFAUsed", "mfa_used")] {
        if let Some(said) = at(json, "additionalEventData").and_then(|section| section.get(from)) {
            data.insert(to.into(), (said != "No").into());
        }
    }
    if let Some(place) = at(json, "additionalEventData.LoginTo") {
        data.insert("login_to".into(), place.clone());
    }
    document.set("aws.cloudtrail.console_login.additional_eventdata", Value::Object(data));
}

fn encryption(json: &Value, document: &mut Document) {
    if let Some(version) = at(json, "tlsDetails.tlsVersion").and_then(Value::as_str) {
        tls(document, version);
    }
    document.set_some("tls.cipher", at(json, "tlsDetails.cipherSuite").cloned());
    document.set_some("tls.client.server_name", at(json, "tlsDetails.clientProvidedHostHeader").cloned());
}
