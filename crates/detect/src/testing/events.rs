//! The records of tests: what a test says, laid over what its rule says, laid over a whole record of an ordinary event.

use chrono::{DateTime, SecondsFormat};
use event::LogType;
use serde_json::{Map, Value, json};

use crate::rule::{CaseEvent, Cases};

/// 2026-01-15T03:04:05Z.
const START: i64 = 1_768_446_245_000_000;
const SECOND: i64 = 1_000_000;

/// Stands for the event's number in its history, so that events that are repeated can differ.
const NUMBER: &str = "%n";

/// The time of a history, and the numbers of its events.
#[derive(Debug, Default)]
pub(super) struct Clock {
    passed: i64,
    events: u64,
}

impl Clock {
    /// The next record as it is logged, and when it is taken in.
    pub(super) fn text(&mut self, log_type: &'static LogType, cases: &Cases, event: &CaseEvent) -> (String, i64) {
        if self.events > 0 || event.after.is_some() {
            self.passed += event.after.unwrap_or(SECOND);
        }
        self.events += 1;
        let time = START + self.passed;
        if let Some(raw) = &event.raw {
            return (self.numbered(raw), time);
        }
        let mut record = Value::Object(Map::new());
        if log_type.id == "cloudtrail" {
            let mut said = cases.base.clone();
            lay(&mut said, &event.record);
            record = cloudtrail(&said, time, self.events);
        }
        for said in [&cases.base, &event.record].into_iter().filter(|said| said.is_object()) {
            lay(&mut record, said);
        }
        prune(&mut record);
        (self.numbered(&record.to_string()), time)
    }

    fn numbered(&self, text: &str) -> String {
        text.replace(NUMBER, &self.events.to_string())
    }
}

/// Lays one value over another: objects merge, anything else takes the place of what was. Null stays, to be taken away at last.
fn lay(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                match under.get_mut(key) {
                    Some(known) => lay(known, value),
                    None => {
                        under.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (under, over) => *under = over.clone(),
    }
}

/// Takes away members that are null.
fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(prune);
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

/// A whole record of CloudTrail.
fn cloudtrail(said: &Value, time: i64, number: u64) -> Value {
    let instant = DateTime::from_timestamp_micros(time).unwrap_or_default();
    let kind = said.pointer("/userIdentity/type").and_then(Value::as_str).unwrap_or("IAMUser");
    json!({
        "eventVersion": "1.11",
        "userIdentity": identity(kind),
        "eventTime": instant.to_rfc3339_opts(SecondsFormat::Secs, true),
        "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity",
        "awsRegion": "ap-northeast-1",
        "sourceIPAddress": "203.0.113.10",
        "userAgent": "aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.11.9",
        "requestID": format!("10000000-0000-4000-8000-{number:012}"),
        "eventID": format!("00000000-0000-4000-8000-{number:012}"),
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": { "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256" },
    })
}

/// Who calls, as CloudTrail writes identities of a type.
fn identity(kind: &str) -> Value {
    match kind {
        "Root" => json!({
            "type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root",
            "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLEROOT00001",
        }),
        "AssumedRole" => json!({
            "type": "AssumedRole", "principalId": "AROAEXAMPLEADMIN00001:alice",
            "arn": "arn:aws:sts::111122223333:assumed-role/Admin/alice",
            "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLEADMIN0001",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role", "principalId": "AROAEXAMPLEADMIN00001",
                    "arn": "arn:aws:iam::111122223333:role/Admin",
                    "accountId": "111122223333", "userName": "Admin",
                },
                "attributes": { "creationDate": "2026-01-15T02:00:00Z", "mfaAuthenticated": "false" },
            },
        }),
        "FederatedUser" => json!({
            "type": "FederatedUser", "principalId": "111122223333:alice",
            "arn": "arn:aws:sts::111122223333:federated-user/alice",
            "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLEFED000001",
        }),
        "AWSService" => json!({ "type": "AWSService", "invokedBy": "ec2.amazonaws.com" }),
        "AWSAccount" => json!({
            "type": "AWSAccount", "principalId": "AIDAEXAMPLEOTHER00001", "accountId": "444455556666",
        }),
        "SAMLUser" => json!({
            "type": "SAMLUser", "principalId": "SAMLEXAMPLE:alice", "userName": "alice",
            "identityProvider": "arn:aws:iam::111122223333:saml-provider/idp",
        }),
        "WebIdentityUser" => json!({
            "type": "WebIdentityUser", "principalId": "oidc.example.com:client:alice", "userName": "alice",
            "identityProvider": "oidc.example.com",
        }),
        "IdentityCenterUser" => json!({
            "type": "IdentityCenterUser", "accountId": "111122223333", "onBehalfOf": {
                "userId": "5ed0a000-0000-7000-8000-000000000001",
                "identityStoreArn": "arn:aws:identitystore::111122223333:identitystore/d-0000000000",
            },
        }),
        "IAMUser" => json!({
            "type": "IAMUser", "principalId": "AIDAEXAMPLEALICE00001", "arn": "arn:aws:iam::111122223333:user/alice",
            "accountId": "111122223333", "accessKeyId": "AKIAEXAMPLEALICE0001", "userName": "alice",
        }),
        other => json!({ "type": other, "accountId": "111122223333" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(record: Value) -> CaseEvent {
        CaseEvent { record, raw: None, enriched: Map::new(), after: None, times: 1 }
    }

    fn text(base: Value, record: Value) -> Value {
        let cases = Cases { base, ..Cases::default() };
        let event = event(record);
        let log_type = event::log_type("cloudtrail").expect("a log type");
        serde_json::from_str(&Clock::default().text(log_type, &cases, &event).0).expect("JSON")
    }

    #[test]
    fn what_is_said_lies_over_a_whole_record() {
        let record = text(
            json!({ "eventSource": "s3.amazonaws.com", "requestParameters": { "a": 1, "b": { "c": 2 } } }),
            json!({ "eventName": "X", "requestParameters": { "b": { "d": 3 }, "a": null }, "tlsDetails": null }),
        );
        assert_eq!(record["requestParameters"], json!({ "b": { "c": 2, "d": 3 } }));
        assert_eq!(
            (record["eventName"].as_str(), record["eventSource"].as_str()),
            (Some("X"), Some("s3.amazonaws.com"))
        );
        assert_eq!(record["eventTime"], "2026-01-15T03:04:05Z");
        assert_eq!((record.get("tlsDetails"), record["userIdentity"]["userName"].as_str()), (None, Some("alice")));
    }

    #[test]
    fn repeated_events_are_numbered() {
        let record = json!({ "requestParameters": { "key": "a/%n.csv" } });
        let raw = CaseEvent { record: Value::Null, raw: Some("x %n".to_owned()), ..event(record.clone()) };
        let mut clock = Clock::default();
        let log_type = event::log_type("cloudtrail").expect("a log type");
        let mut text = |event: &CaseEvent| clock.text(log_type, &Cases::default(), event).0;
        assert!(text(&event(record.clone())).contains("a/1.csv"));
        assert!(text(&event(record)).contains("a/2.csv"));
        assert_eq!(text(&raw), "x 3");
    }

    #[test]
    fn identities_are_those_of_their_type() {
        let record = text(Value::Null, json!({ "userIdentity": { "type": "Root", "accessKeyId": null } }));
        let identity = &record["userIdentity"];
        assert_eq!(identity["arn"], "arn:aws:iam::111122223333:root");
        assert_eq!((identity.get("userName"), identity.get("accessKeyId")), (None, None));
    }
}
