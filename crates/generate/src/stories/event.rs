//! A scripted event, said in its own words: what differs from a plain call is set, the rest follows from event version
//! and service, and the record comes out with CloudTrail's fields in CloudTrail's order.

use super::Scripted;
use crate::identity::{self, Identity, Role, SessionTraits};
use crate::rng::Rng;
use crate::text;
use serde_json::{Map, Value, json};

/// A scripted event in the making.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) account: &'static str,
    pub(super) region: &'static str,
    pub(super) time: i64,
    /// `s3.amazonaws.com` and the like.
    pub(super) source: &'static str,
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) event_type: &'static str,
    pub(super) identity: Value,
    pub(super) address: String,
    pub(super) agent: String,
    pub(super) error: Option<(String, String)>,
    pub(super) request: Value,
    pub(super) response: Value,
    pub(super) additional: Option<Value>,
    pub(super) resources: Option<Value>,
    pub(super) shared_id: Option<String>,
    pub(super) read_only: bool,
    pub(super) console: bool,
}

impl Event {
    /// A successful API call without parameters.
    pub(super) fn new(
        account: &'static str,
        region: &'static str,
        time: i64,
        source: &'static str,
        name: &'static str,
    ) -> Self {
        let reads = ["Get", "List", "Describe", "AssumeRole"].iter().any(|verb| name.starts_with(verb));
        Self {
            account,
            region,
            time,
            source,
            name,
            version: "1.10",
            event_type: "AwsApiCall",
            identity: Value::Null,
            address: String::new(),
            agent: String::new(),
            error: None,
            request: Value::Null,
            response: Value::Null,
            additional: None,
            resources: None,
            shared_id: None,
            read_only: reads,
            console: false,
        }
    }

    /// A console sign-in event, with its result under its own name.
    pub(super) fn sign_in(
        account: &'static str,
        region: &'static str,
        time: i64,
        name: &'static str,
        result: &str,
    ) -> Self {
        Self {
            version: "1.08",
            event_type: "AwsConsoleSignIn",
            response: json!({ name: result }),
            read_only: false,
            ..Self::new(account, region, time, "signin.amazonaws.com", name)
        }
    }

    /// The record, its ids from `rng`.
    pub(super) fn script(self, rng: &mut Rng) -> Scripted {
        let (account, region, time) = (self.account, self.region, self.time);
        let json = Value::Object(self.record(rng)).to_string().into_bytes();
        Scripted { account, region, folder: "CloudTrail", time, json }
    }

    fn record(self, rng: &mut Rng) -> Map<String, Value> {
        let old = self.version == "1.05";
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| {
            out.insert(name.to_owned(), value);
        };
        put("eventVersion", json!(self.version));
        put("userIdentity", self.identity);
        put("eventTime", json!(text::built(|b| text::iso(b, self.time))));
        put("eventSource", json!(self.source));
        put("eventName", json!(self.name));
        put("awsRegion", json!(self.region));
        put("sourceIPAddress", json!(self.address));
        put("userAgent", json!(self.agent));
        if let Some((code, message)) = self.error {
            if !code.is_empty() {
                put("errorCode", json!(code));
            }
            put("errorMessage", json!(message));
        }
        put("requestParameters", self.request);
        put("responseElements", self.response);
        if let Some(additional) = self.additional {
            put("additionalEventData", additional);
        }
        if self.event_type == "AwsApiCall" {
            put("requestID", json!(uuid(rng)));
        }
        put("eventID", json!(uuid(rng)));
        if !old {
            put("readOnly", json!(self.read_only));
        }
        if let Some(resources) = self.resources {
            put("resources", resources);
        }
        put("eventType", json!(self.event_type));
        if !old {
            put("managementEvent", json!(true));
        }
        put("recipientAccountId", json!(self.account));
        if let Some(shared) = self.shared_id {
            put("sharedEventID", json!(shared));
        }
        if !old {
            put("eventCategory", json!("Management"));
            put("tlsDetails", tls(self.source, self.region));
        }
        if self.console {
            put("sessionCredentialFromConsole", json!("true"));
        }
        out
    }
}

fn tls(source: &str, region: &str) -> Value {
    let service = source.trim_end_matches(".amazonaws.com");
    let host = match service {
        "signin" => format!("{region}.signin.aws.amazon.com"),
        "iam" | "route53" => source.to_owned(),
        _ => format!("{service}.{region}.amazonaws.com"),
    };
    json!({"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": host})
}

pub(super) fn uuid(rng: &mut Rng) -> String {
    text::built(|b| text::uuid(b, rng))
}

/// The identity as JSON, with this key and session date.
fn joined(identity: &Identity, key: &str, date: &str) -> Value {
    let text = [&identity.head, key, &identity.middle, date, &identity.tail].concat();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// An IAM user with its own key.
pub(super) fn user(account: &str, name: &str, key: &str) -> Value {
    joined(&identity::user(account, name), key, "")
}

/// An IAM user in a console session that began at `since`.
pub(super) fn console_user(account: &str, name: &str, key: &str, since: i64) -> Value {
    joined(&identity::console_user(account, name), key, &text::built(|b| text::iso(b, since)))
}

/// A role's session that began at `since`.
pub(super) fn session(role: &Role, name: &str, key: &str, since: i64, source_identity: Option<&str>) -> Value {
    let traits = SessionTraits { mfa: true, source_identity, ..SessionTraits::default() };
    joined(&identity::role_session(role, name, traits), key, &text::built(|b| text::iso(b, since)))
}

/// An IAM user as sign-in events show one: no key.
pub(super) fn signing_in(account: &str, name: &str) -> Value {
    json!({
        "type": "IAMUser",
        "principalId": identity::principal_id("AIDA", account, name),
        "arn": format!("arn:aws:iam::{account}:user/{name}"),
        "accountId": account,
        "userName": name,
    })
}

/// The root user.
pub(super) fn root(account: &str) -> Value {
    json!({"type": "Root", "principalId": account, "arn": format!("arn:aws:iam::{account}:root"), "accountId": account, "accessKeyId": ""})
}

/// What `ConsoleLogin` adds: where to and whether with MFA.
pub(super) fn login_data(account: &str, region: &str, mfa: Option<&str>) -> Value {
    let to = format!(
        "https://{region}.console.aws.amazon.com/console/home?region={region}&state=hashArgs%23&isauthcode=true"
    );
    match mfa {
        Some(device) => json!({
            "LoginTo": to, "MobileVersion": "No", "MFAIdentifier": format!("arn:aws:iam::{account}:mfa/{device}"), "MFAUsed": "Yes"
        }),
        None => json!({"LoginTo": to, "MobileVersion": "No", "MFAUsed": "No"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_lack_the_newer_fields() {
        let record = |version| {
            Event { version, ..Event::new("1", "us-west-1", 0, "ec2.amazonaws.com", "CreateKeyPair") }
                .record(&mut Rng::new(1))
        };
        let (old, new) = (record("1.05"), record("1.10"));
        for field in ["eventCategory", "managementEvent", "tlsDetails"] {
            assert!(!old.contains_key(field) && new.contains_key(field), "{field}");
        }
    }

    #[test]
    fn fields_stand_in_order() {
        let scripted = Event::new("1", "us-west-1", 0, "ec2.amazonaws.com", "CreateKeyPair").script(&mut Rng::new(1));
        let text = String::from_utf8_lossy(&scripted.json).into_owned();
        let at = |field: &str| text.find(&format!("\"{field}\"")).unwrap_or(usize::MAX);
        let order =
            ["eventVersion", "userIdentity", "eventTime", "requestParameters", "eventID", "eventType", "tlsDetails"];
        assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
    }
}
