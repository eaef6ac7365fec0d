//! CloudTrail's event history.

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
