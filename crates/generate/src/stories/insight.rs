//! CloudTrail Insights: an unusual rate of calls and an unusual rate of errors, each with its start and its end.

use super::event::uuid;
use super::{DAY, Scripted};
use crate::accounts::HOME_REGION;
use crate::rng::Rng;
use crate::text;
use serde_json::{Value, json};

const PROD: &str = "444455556666";

/// Four records in their own folder, eight days before the end.
pub(super) fn events(seed: u64, end: i64) -> Vec<Scripted> {
    let mut rng = Rng::new(seed);
    let mut list = Vec::new();
    let unusual = [
        ("RunInstances", "ec2.amazonaws.com", None),
        ("PutItem", "dynamodb.amazonaws.com", Some("ProvisionedThroughputExceededException")),
    ];
    for (name, source, error) in unusual {
        let shared = uuid(&mut rng);
        let from = end - 8 * DAY + rng.below(20_000) as i64;
        for (state, time) in [("Start", from), ("End", from + 660)] {
            let details = details(state, source, name, error);
            list.push(record(&mut rng, &shared, time, &details));
        }
    }
    list
}

fn record(rng: &mut Rng, shared: &str, time: i64, details: &Value) -> Scripted {
    let json = json!({
        "eventVersion": "1.08",
        "eventTime": text::built(|b| text::iso(b, time)),
        "awsRegion": HOME_REGION,
        "eventID": uuid(rng),
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": PROD,
        "sharedEventID": shared,
        "insightDetails": details,
        "eventCategory": "Insight",
    });
    Scripted {
        account: PROD,
        region: HOME_REGION,
        folder: "CloudTrail-Insight",
        time,
        json: json.to_string().into_bytes(),
    }
}

fn details(state: &str, source: &str, name: &str, error: Option<&str>) -> Value {
    let role = format!("arn:aws:sts::{PROD}:assumed-role/eks-node/karpenter");
    let mut attributions = vec![
        attribution("userIdentityArn", &role, 62.4),
        attribution("userAgent", "aws-sdk-go-v2/1.38.3 karpenter.sh-1.6.3", 60.1),
    ];
    if let Some(code) = error {
        attributions.push(attribution("errorCode", code, 58.0));
    }
    let mut out =
        json!({"state": state, "eventSource": source, "eventName": name, "insightType": "ApiCallRateInsight"});
    if let Some(code) = error {
        out["insightType"] = json!("ApiErrorRateInsight");
        out["errorCode"] = json!(code);
    }
    let mut statistics = json!({"baseline": {"average": 0.8245}, "insight": {"average": 62.4}, "insightDuration": 11, "baselineDuration": 10_181});
    if state == "Start" {
        statistics["insightDuration"] = json!(1);
    }
    out["insightContext"] = json!({"statistics": statistics, "attributions": attributions});
    out
}

fn attribution(attribute: &str, value: &str, average: f64) -> Value {
    json!({
        "attribute": attribute,
        "insight": [{"value": value, "average": average}],
        "baseline": [{"value": value, "average": 0.8}],
    })
}
