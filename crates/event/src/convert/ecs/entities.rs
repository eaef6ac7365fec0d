//! `related.entity` of CloudTrail: who acted and what was acted upon, by whatever names the call gives them.

use serde_json::Value;

use crate::convert::document::Document;
use crate::convert::record::{at, scalar};

/// Paths of the caller.
const CALLER: [&str; 7] = [
    "userIdentity.arn",
    "userIdentity.identityProvider",
    "userIdentity.principalId",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "userIdentity.sessionContext.sessionIssuer.userName",
    "userIdentity.sessionContext.webIdFederationData.federatedProvider",
    "userIdentity.userName",
];

/// Keys whose values name a thing, wherever they stand in the request, the response or the additional data.
const NAMING: [&str; 30] = [
    "MFAIdentifier",
    "roleArn",
    "roleSessionName",
    "roleName",
    "userName",
    "newUserName",
    "userId",
    "groupName",
    "groupId",
    "policyArn",
    "policyName",
    "bucketName",
    "instanceId",
    "imageId",
    "subnetId",
    "vpcId",
    "volumeId",
    "snapshotId",
    "networkInterfaceId",
    "securityGroupRuleId",
    "reservationId",
    "keyId",
    "kmsKeyId",
    "functionName",
    "trailARN",
    "snsTopicARN",
    "s3BucketName",
    "dBInstanceIdentifier",
    "vpcSecurityGroupId",
    "secretId",
];

/// Names at most: a call over thousands of instances need not list them all.
const MOST: usize = 64;

pub(super) fn fill(json: &Value, document: &mut Document) {
    let mut found: Vec<String> = CALLER.iter().filter_map(|path| at(json, path).and_then(scalar)).collect();
    for section in ["requestParameters", "responseElements", "additionalEventData"] {
        if let Some(value) = at(json, section) {
            gather(value, &mut found);
        }
    }
    found.sort_unstable();
    found.dedup();
    document.set("related.entity", found);
}

/// Depth is bounded by the decoder's own limit.
fn gather(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let named = NAMING.contains(&key.as_str()) || key == "arn";
                match scalar(inner).filter(|_| named && found.len() < MOST) {
                    Some(name) => found.push(name),
                    None => gather(inner, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| gather(inner, found)),
        _ => {}
    }
}
