//! From an event of Security Lake back to the record that it was made from, as far as the event tells: CloudTrail, VPC flow
//! logs, Route 53, Security Hub and WAF. The whole event stays in the record under `ocsf`, so nothing is lost.
//!
//! Security Lake has written several versions of the schema: names of both 1.0.0-rc.2 (source version 1) and 1.1.0
//! (version 2) are understood.

use serde_json::{Value, json};

use super::document::{Document, pruned};
use super::record::{at, iso, scalar};

/// The record behind an event; `None`: of another log, or of one that does not map back.
pub fn native(event: Value) -> Option<Value> {
    let event = pruned(&event);
    at(&event, "class_uid")?;
    let product = at(&event, "metadata.product.name").and_then(Value::as_str).unwrap_or_default();
    let mut record = match product {
        "CloudTrail" => cloudtrail(&event)?,
        "Amazon VPC" | "AWS VPC" => flow(&event)?,
        "Route 53" | "Amazon Route 53" => dns(&event)?,
        "Security Hub" => finding(&event)?,
        "AWS WAF" | "WAF" => waf(&event)?,
        _ => return None,
    };
    record.set("ocsf", event);
    Some(record.finish())
}

/// The first of some paths that has a value.
fn first(event: &Value, paths: &[&str]) -> Option<Value> {
    paths.iter().find_map(|path| value_at(event, path))
}

fn text(event: &Value, paths: &[&str]) -> Option<String> {
    // What the log left out, Security Lake writes as `-` or as two quotes.
    let said = |text: &String| text != "-" && text != "''";
    paths.iter().find_map(|path| value_at(event, path).as_ref().and_then(scalar).filter(said))
}

/// A value by its path; below `unmapped` the rest of the path is one key, or nested.
fn value_at(event: &Value, path: &str) -> Option<Value> {
    if let Some(key) = path.strip_prefix("unmapped.")
        && let Some(value) = event.get("unmapped").and_then(|unmapped| unmapped.get(key))
    {
        return Some(value.clone());
    }
    at(event, path).cloned()
}

/// The event's time as the log writes it.
fn time(event: &Value, paths: &[&str]) -> Option<String> {
    let value = paths.iter().find_map(|path| at(event, path))?;
    match value {
        Value::Number(number) => number.as_i64().and_then(|millis| millis.checked_mul(1000)).map(iso),
        other => scalar(other),
    }
}

/// Moves values: paths of the event, best first, to a path of the record.
fn moved(event: &Value, record: &mut Document, moves: &[(&[&str], &str)]) {
    for (from, to) in moves {
        record.set_some(to, text(event, from));
    }
}

const CLOUDTRAIL: [(&[&str], &str); 30] = [
    (&["metadata.product.version"], "eventVersion"),
    (&["metadata.uid"], "eventID"),
    (&["api.service.name"], "eventSource"),
    (&["api.operation"], "eventName"),
    (&["cloud.region"], "awsRegion"),
    (&["src_endpoint.ip", "src_endpoint.domain", "src_endpoint.svc_name"], "sourceIPAddress"),
    (&["src_endpoint.uid"], "vpcEndpointId"),
    (&["http_request.user_agent"], "userAgent"),
    (&["api.response.error"], "errorCode"),
    (&["api.response.message", "api.response.error_message"], "errorMessage"),
    (&["api.request.uid"], "requestID"),
    (&["api.version"], "apiVersion"),
    (&["metadata.event_code", "unmapped.eventType"], "eventType"),
    (&["metadata.product.feature.name"], "eventCategory"),
    (&["metadata.correlation_uid", "unmapped.sharedEventID"], "sharedEventID"),
    (&["unmapped.recipientAccountId", "cloud.account.uid", "cloud.account_uid"], "recipientAccountId"),
    (&["actor.user.type", "identity.user.type", "user.type"], "userIdentity.type"),
    (&["actor.user.uid", "identity.user.uid"], "userIdentity.principalId"),
    (&["actor.user.uid_alt", "identity.user.uuid", "actor.user.uuid"], "userIdentity.arn"),
    (&["actor.user.account.uid", "actor.user.account_uid", "identity.user.account_uid"], "userIdentity.accountId"),
    (&["actor.user.name", "identity.user.name"], "userIdentity.userName"),
    (&["actor.user.credential_uid", "identity.user.credential_uid"], "userIdentity.accessKeyId"),
    (&["actor.invoked_by", "identity.invoked_by"], "userIdentity.invokedBy"),
    (&["actor.idp.name", "identity.idp.name"], "userIdentity.identityProvider"),
    (&["actor.session.issuer", "identity.session.issuer"], "userIdentity.sessionContext.sessionIssuer.arn"),
    (
        &["actor.session.is_mfa", "actor.session.mfa", "identity.session.mfa"],
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
    ),
    (&["tls.version"], "tlsDetails.tlsVersion"),
    (&["tls.cipher"], "tlsDetails.cipherSuite"),
    (&["tls.sni"], "tlsDetails.clientProvidedHostHeader"),
    (&["unmapped.addendum.reason"], "addendum.reason"),
];

fn cloudtrail(event: &Value) -> Option<Document> {
    let mut record = Document::default();
    moved(event, &mut record, &CLOUDTRAIL);
    record.text("eventName")?;
    record.set_some("eventTime", time(event, &["time_dt", "time"]));
    let created = ["actor.session.created_time_dt", "actor.session.created_time", "identity.session.created_time"];
    record.set_some("userIdentity.sessionContext.attributes.creationDate", time(event, &created));
    for (from, to) in [("api.request.data", "requestParameters"), ("api.response.data", "responseElements")] {
        let data = first(event, &[from]);
        let data = data.map(|data| match data {
            // Version 2 writes the sections as text.
            Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            other => other,
        });
        record.set_some(to, data);
    }
    resources(event, &mut record);
    spread(event, &mut record);
    sign_in(event, &mut record);
    changed(event, &mut record);
    Some(record)
}

/// Who was assumed or changed, which has an attribute of its own and so is not among the parameters.
fn changed(event: &Value, record: &mut Document) {
    let action = record.text("eventName").unwrap_or_default().to_owned();
    let (name, uid) = (text(event, &["user.name"]), text(event, &["user.uid"]));
    let arn = text(event, &["user.uuid", "user.uid_alt"]);
    let mut put = |path: &str, value: Option<String>| {
        if let Some(value) = value {
            record.set_default(path, value);
        }
    };
    match at(event, "class_uid").and_then(Value::as_i64) {
        Some(3002) if action.starts_with("AssumeRole") => {
            put("requestParameters.roleArn", arn);
            put("requestParameters.roleSessionName", name);
        }
        Some(3002) if action == "ConsoleLogin" => {
            put("additionalEventData.LoginTo", text(event, &["dst_endpoint.svc_name"]));
        }
        Some(3001) if action.contains("Role") => {
            put("requestParameters.roleName", name);
            put("responseElements.role.roleId", uid);
            put("responseElements.role.arn", arn);
        }
        Some(3001) => {
            put("requestParameters.userName", name);
            put("responseElements.user.userId", uid);
        }
        _ => {}
    }
}

fn resources(event: &Value, record: &mut Document) {
    let Some(Value::Array(list)) = at(event, "resources") else { return };
    for resource in list {
        let mut out = Document::default();
        moved(
            resource,
            &mut out,
            &[
                (&["uid"], "ARN"),
                (&["owner.account.uid", "account_uid", "account.uid"], "accountId"),
                (&["type"], "type"),
            ],
        );
        record.append("resources", out.finish());
    }
}

/// `unmapped` holds the rest of the record, its paths as keys: `requestParameters.bucketName`.
fn spread(event: &Value, record: &mut Document) {
    let Some(Value::Object(unmapped)) = event.get("unmapped") else { return };
    let mut one = Document::default();
    for (key, value) in unmapped {
        let value = match (key.as_str(), value.as_str()) {
            ("readOnly" | "managementEvent" | "sessionCredentialFromConsole", Some(said)) => {
                Value::Bool(said == "true")
            }
            (_, Some(text)) if text.starts_with(['{', '[']) => {
                serde_json::from_str(text).unwrap_or_else(|_| text.into())
            }
            _ => value.clone(),
        };
        match key.strip_prefix("resources[].") {
            Some(name) => one.set(name, value),
            None => record.set_default(&key.replace("[]", ""), numeric(key, value)),
        }
    }
    if record.get("resources").is_none() {
        record.append("resources", one.finish());
    }
}

/// Members that are numbers in the log; below `unmapped` everything is text.
fn numeric(key: &str, value: Value) -> Value {
    const NUMBERS: [&str; 5] =
        ["Severity.Normalized", "Severity.Product", "Confidence", "Criticality", "requestParameters.durationSeconds"];
    let number =
        value.as_str().filter(|_| NUMBERS.contains(&key)).and_then(|text| text.parse::<serde_json::Number>().ok());
    number.map_or(value, Value::Number)
}

/// What sign-ins have in classes of their own.
fn sign_in(event: &Value, record: &mut Document) {
    if record.text("eventName") != Some("ConsoleLogin") {
        return;
    }
    let result = match at(event, "status_id").and_then(Value::as_i64) {
        Some(1) => "Success",
        Some(2) => "Failure",
        _ => return,
    };
    record.set_default("responseElements.ConsoleLogin", result);
    let mfa = first(event, &["is_mfa", "mfa"]).and_then(|mfa| mfa.as_bool());
    record.set_some("additionalEventData.MFAUsed", mfa.map(|used| if used { "Yes" } else { "No" }));
}

const FLOW: [(&[&str], &str); 19] = [
    (&["metadata.product.version"], "version"),
    (&["cloud.account.uid", "cloud.account_uid"], "account-id"),
    (&["src_endpoint.ip"], "srcaddr"),
    (&["dst_endpoint.ip"], "dstaddr"),
    (&["src_endpoint.port"], "srcport"),
    (&["dst_endpoint.port"], "dstport"),
    (&["connection_info.protocol_num"], "protocol"),
    (&["traffic.packets"], "packets"),
    (&["traffic.bytes"], "bytes"),
    (&["status_code"], "log-status"),
    (&["connection_info.tcp_flags"], "tcp-flags"),
    (&["cloud.region"], "region"),
    (&["cloud.zone"], "az-id"),
    (&["src_endpoint.interface_uid", "dst_endpoint.interface_uid"], "interface-id"),
    (&["src_endpoint.vpc_uid", "dst_endpoint.vpc_uid"], "vpc-id"),
    (&["src_endpoint.subnet_uid", "dst_endpoint.subnet_uid"], "subnet-id"),
    (&["src_endpoint.instance_uid", "dst_endpoint.instance_uid"], "instance-id"),
    (&["src_endpoint.svc_name"], "pkt-src-aws-service"),
    (&["dst_endpoint.svc_name"], "pkt-dst-aws-service"),
];

fn flow(event: &Value) -> Option<Document> {
    let mut record = Document::default();
    moved(event, &mut record, &FLOW);
    let seconds = |paths: &[&str]| {
        let written = time(event, paths)?;
        crate::time::parse(&written).map(|micros| micros.div_euclid(1_000_000).to_string())
    };
    record.set_some("start", seconds(&["start_time", "start_time_dt", "time"]));
    record.set_some("end", seconds(&["end_time", "end_time_dt"]));
    let action = text(event, &["unmapped.action", "action", "disposition"]);
    let denied = action
        .as_deref()
        .map(|said| matches!(said.to_ascii_lowercase().as_str(), "reject" | "denied" | "blocked" | "refuse"));
    let refused = at(event, "activity_id").and_then(Value::as_i64).map(|activity| activity == 5);
    let denied = denied.or(refused).filter(|_| record.text("srcaddr").is_some());
    record.set_some("action", denied.map(|denied| if denied { "REJECT" } else { "ACCEPT" }));
    let direction = match at(event, "connection_info.direction_id").and_then(Value::as_i64) {
        Some(1) => Some("ingress"),
        Some(2) => Some("egress"),
        _ => None,
    };
    record.set_some("flow-direction", direction);
    // A record without data has no ends; the log writes a dash for them.
    record.set_default("srcaddr", "-");
    record.set_default("dstaddr", "-");
    let family = match at(event, "connection_info.protocol_ver_id").and_then(Value::as_i64) {
        Some(4) => Some("IPv4"),
        Some(6) => Some("IPv6"),
        _ => None,
    };
    let written =
        text(event, &["connection_info.protocol_ver"]).filter(|text| text.starts_with("IPv") && text.len() == 4);
    record.set_some("type", family.map(str::to_owned).or(written));
    Some(record)
}

const DNS: [(&[&str], &str); 15] = [
    (&["metadata.product.version"], "version"),
    (&["cloud.account.uid", "cloud.account_uid"], "account_id"),
    (&["cloud.region"], "region"),
    (&["src_endpoint.vpc_uid"], "vpc_id"),
    (&["query.hostname"], "query_name"),
    (&["query.type"], "query_type"),
    (&["query.class"], "query_class"),
    (&["src_endpoint.ip"], "srcaddr"),
    (&["src_endpoint.port"], "srcport"),
    (&["connection_info.protocol_name"], "transport"),
    (&["src_endpoint.instance_uid"], "srcids.instance"),
    (&["dst_endpoint.instance_uid"], "srcids.resolver_endpoint"),
    (&["dst_endpoint.interface_uid"], "srcids.resolver_network_interface"),
    (&["unmapped.firewall_rule_group_id", "firewall_rule.uid"], "firewall_rule_group_id"),
    (&["unmapped.firewall_domain_list_id"], "firewall_domain_list_id"),
];

fn dns(event: &Value) -> Option<Document> {
    let mut record = Document::default();
    moved(event, &mut record, &DNS);
    record.text("query_name")?;
    record.set_some("query_timestamp", time(event, &["query_time_dt", "query_time", "time_dt", "time"]));
    let code = text(event, &["rcode"]).map(|code| match code.as_str() {
        "ServError" => "SERVFAIL".to_owned(),
        "FormError" => "FORMERR".to_owned(),
        other => other.to_ascii_uppercase(),
    });
    record.set_some("rcode", code);
    let transport = record.text("transport").map(str::to_uppercase);
    record.set_some("transport", transport);
    let action = text(event, &["unmapped.firewall_rule_action", "disposition"]);
    let action = action.and_then(|said| match said.to_ascii_lowercase().as_str() {
        "block" | "blocked" => Some("BLOCK"),
        "alert" | "no action" => Some("ALERT"),
        "allow" | "allowed" => Some("ALLOW"),
        _ => None,
    });
    record.set_some("firewall_rule_action", action);
    if let Some(Value::Array(answers)) = at(event, "answers") {
        for answer in answers {
            let mut out = Document::default();
            moved(answer, &mut out, &[(&["rdata"], "Rdata"), (&["type"], "Type"), (&["class"], "Class")]);
            record.append("answers", out.finish());
        }
    }
    Some(record)
}

const FINDING: [(&[&str], &str); 18] = [
    (&["finding_info.uid", "finding.uid"], "Id"),
    (&["finding_info.title", "finding.title"], "Title"),
    (&["finding_info.desc", "finding.desc"], "Description"),
    (
        &[
            "finding_info.created_time_dt",
            "finding.created_time_dt",
            "finding_info.created_time",
            "finding.created_time",
        ],
        "CreatedAt",
    ),
    (
        &[
            "finding_info.modified_time_dt",
            "finding.modified_time_dt",
            "finding_info.modified_time",
            "finding.modified_time",
        ],
        "UpdatedAt",
    ),
    (
        &[
            "finding_info.first_seen_time_dt",
            "finding.first_seen_time_dt",
            "finding_info.first_seen_time",
            "finding.first_seen_time",
        ],
        "FirstObservedAt",
    ),
    (
        &[
            "finding_info.last_seen_time_dt",
            "finding.last_seen_time_dt",
            "finding_info.last_seen_time",
            "finding.last_seen_time",
        ],
        "LastObservedAt",
    ),
    (&["cloud.account.uid", "cloud.account_uid"], "AwsAccountId"),
    (&["cloud.region"], "Region"),
    (&["metadata.product.uid"], "ProductArn"),
    (&["unmapped.ProductFields.aws/securityhub/ProductName", "metadata.product.feature.name"], "ProductName"),
    (&["unmapped.ProductFields.aws/securityhub/CompanyName", "metadata.product.vendor_name"], "CompanyName"),
    (&["metadata.product.feature.uid"], "GeneratorId"),
    (&["metadata.product.version", "unmapped.SchemaVersion"], "SchemaVersion"),
    (&["compliance.status"], "Compliance.Status"),
    (&["compliance.control"], "Compliance.SecurityControlId"),
    (&["remediation.desc", "finding.remediation.desc"], "Remediation.Recommendation.Text"),
    (&["process.name"], "Process.Name"),
];

fn finding(event: &Value) -> Option<Document> {
    let mut record = Document::default();
    moved(event, &mut record, &FINDING);
    record.text("Id")?;
    for name in ["CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"] {
        let written = record.text(name).and_then(crate::time::parse).map(iso);
        record.set_some(name, written);
    }
    let severity = text(event, &["severity"]).map(|name| name.to_ascii_uppercase());
    record.set_some("Severity.Label", severity);
    state(event, &mut record);
    record.set_some("Types", first(event, &["finding_info.types", "finding.types"]));
    if let Some(Value::Array(list)) = at(event, "resources") {
        for resource in list {
            let mut out = Document::default();
            moved(
                resource,
                &mut out,
                &[(&["uid"], "Id"), (&["type"], "Type"), (&["region"], "Region"), (&["cloud_partition"], "Partition")],
            );
            record.append("Resources", out.finish());
        }
    }
    spread(event, &mut record);
    Some(record)
}

/// Security Lake folds the state of the record and that of the work on it into one.
fn state(event: &Value, record: &mut Document) {
    let (kept, work) = match at(event, "state_id").or_else(|| at(event, "status_id")).and_then(Value::as_i64) {
        Some(2) => ("ACTIVE", Some("NOTIFIED")),
        Some(3 | 5) => ("ARCHIVED", None),
        Some(4) => ("ACTIVE", Some("RESOLVED")),
        _ => ("ACTIVE", Some("NEW")),
    };
    record.set("RecordState", kept);
    record.set_some("Workflow.Status", work);
    for path in ["remediation", "finding.remediation"] {
        let links = at(event, path).and_then(|found| at(found, "kb_articles").or_else(|| at(found, "references")));
        record.set_some("Remediation.Recommendation.Url", links.and_then(|links| links.get(0)).cloned());
    }
    record.set_some("Compliance.RelatedRequirements", first(event, &["compliance.requirements"]));
    for (from, to) in [("process.pid", "Process.Pid"), ("process.parent_process.pid", "Process.ParentPid")] {
        record.set_some(to, first(event, &[from]));
    }
    record.set_some("Process.Path", text(event, &["process.file.path"]));
}

const WAF: [(&[&str], &str); 15] = [
    (&["metadata.product.version"], "formatVersion"),
    (&["policy.uid", "unmapped.webaclId", "firewall_rule.policy.uid"], "webaclId"),
    (&["firewall_rule.uid", "unmapped.terminatingRuleId"], "terminatingRuleId"),
    (&["firewall_rule.type", "unmapped.terminatingRuleType"], "terminatingRuleType"),
    (&["metadata.product.feature.name", "unmapped.httpSourceName", "src_endpoint.svc_name"], "httpSourceName"),
    (&["metadata.product.feature.uid", "unmapped.httpSourceId", "src_endpoint.uid"], "httpSourceId"),
    (&["src_endpoint.ip"], "httpRequest.clientIp"),
    (&["src_endpoint.location.country"], "httpRequest.country"),
    (&["http_request.url.path"], "httpRequest.uri"),
    (&["http_request.args", "http_request.url.query_string"], "httpRequest.args"),
    (&["http_request.version"], "httpRequest.httpVersion"),
    (&["http_request.http_method"], "httpRequest.httpMethod"),
    (&["http_request.uid"], "httpRequest.requestId"),
    (&["http_request.url.scheme"], "httpRequest.scheme"),
    (&["http_request.url.hostname"], "httpRequest.host"),
];

fn waf(event: &Value) -> Option<Document> {
    let mut record = Document::default();
    moved(event, &mut record, &WAF);
    record.text("webaclId")?;
    record.set_some("timestamp", first(event, &["time"]));
    let said = text(event, &["unmapped.action", "disposition", "action"])?;
    let action = match said.to_ascii_lowercase().as_str() {
        "blocked" | "block" | "denied" => "BLOCK",
        "count" => "COUNT",
        "captcha" => "CAPTCHA",
        "challenge" => "CHALLENGE",
        _ => "ALLOW",
    };
    record.set("action", action);
    if let Some(Value::Array(headers)) = at(event, "http_request.http_headers") {
        let kept: Vec<Value> = headers
            .iter()
            .filter_map(|header| Some(json!({"name": header.get("name")?, "value": header.get("value")?})))
            .collect();
        record.set("httpRequest.headers", kept);
    }
    record.set_some("responseCodeSent", first(event, &["http_response.code"]));
    spread(event, &mut record);
    Some(record)
}
