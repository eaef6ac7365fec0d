//! CloudTrail's event history, and the public keys of its digests.

use serde_json::{Value, json};

use crate::{AwsError, CLOUDTRAIL, Session};

/// A page of the event history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// The records as JSON, newest first.
    pub records: Vec<String>,
    /// What the next page is asked for by.
    pub next: Option<String>,
}

/// A page of the events of `start..end` (seconds since 1970-01-01, UTC) in the session's region: 50 at most.
///
/// # Errors
/// The service's; two requests a second and region are allowed.
pub async fn lookup(session: &Session, start: i64, end: i64, next: Option<&str>) -> Result<Events, AwsError> {
    let mut asked = json!({"StartTime": start, "EndTime": end, "MaxResults": 50});
    if let Some(next) = next {
        asked["NextToken"] = next.into();
    }
    let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
    let answer = session.json(CLOUDTRAIL, target, &asked).await?;
    let events = answer.get("Events").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let record = |event: &Value| event.get("CloudTrailEvent").and_then(Value::as_str).map(str::to_owned);
    let next = answer.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    Ok(Events { records: events.iter().filter_map(record).collect(), next: next.map(str::to_owned) })
}

/// A public key that digests are signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// The key: DER, in base64.
    pub value: String,
    /// What digests name it by, hexadecimal.
    pub fingerprint: String,
}

/// The public keys that were valid within `start..end` (seconds since 1970-01-01, UTC) in the session's region.
///
/// # Errors
/// The service's.
pub async fn list_public_keys(session: &Session, start: i64, end: i64) -> Result<Vec<PublicKey>, AwsError> {
    let (mut keys, mut next) = (Vec::new(), None::<String>);
    loop {
        let mut asked = json!({"StartTime": start, "EndTime": end});
        if let Some(next) = &next {
            asked["NextToken"] = next.as_str().into();
        }
        let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.ListPublicKeys";
        let answer = session.json(CLOUDTRAIL, target, &asked).await?;
        let list = answer.get("PublicKeyList").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let text = |key: &Value, name: &str| key.get(name).and_then(Value::as_str).map(str::to_owned);
        let read = |key: &Value| Some(PublicKey { value: text(key, "Value")?, fingerprint: text(key, "Fingerprint")? });
        keys.extend(list.iter().filter_map(read));
        next = answer.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty()).map(str::to_owned);
        if next.is_none() {
            return Ok(keys);
        }
    }
}
