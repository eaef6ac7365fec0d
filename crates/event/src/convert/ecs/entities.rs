//! `related.entity` of CloudTrail: who acted and what was acted upon, as Elastic's integration gathers them: the caller and
//! the resources of every call, and of some services the names that stand in the request and in the answer.

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

/// A service, and the paths below the request, the answer and the record that name a thing. A list on the way stands for
/// each of its elements.
struct Service {
    source: &'static str,
    request: &'static [&'static str],
    answer: &'static [&'static str],
    record: &'static [&'static str],
}

const SERVICES: [Service; 10] = [
    Service {
        source: "cloudtrail.amazonaws.com",
        request: &["name", "s3BucketName"],
        answer: &["cloudWatchLogsLogGroupArn", "cloudWatchLogsRoleArn", "kmsKeyId", "snsTopicARN", "trailARN", "name"],
        record: &[],
    },
    Service { source: "config.amazonaws.com", request: &["configurationRecorderName"], answer: &[], record: &[] },
    Service {
        source: "ec2.amazonaws.com",
        request: &[
            "groupId",
            "groupName",
            "groupSet.items.groupId",
            "instancesSet.items.instanceId",
            "networkInterfaceId",
            "roleName",
            "snapshotId",
            "subnetId",
            "volumeId",
            "vpcId",
        ],
        answer: &[
            "groupId",
            "groupSet.items.groupId",
            "instancesSet.items.iamInstanceProfile.arn",
            "instancesSet.items.imageId",
            "instancesSet.items.instanceId",
            "instancesSet.items.subnetId",
            "instancesSet.items.vpcId",
            "reservationId",
            "revokedSecurityGroupRuleSet.items.groupId",
            "revokedSecurityGroupRuleSet.items.securityGroupRuleId",
            "securityGroupRuleSet.items.groupId",
            "securityGroupRuleSet.items.referencedGroupInfo.groupId",
            "securityGroupRuleSet.items.securityGroupRuleId",
            "snapshotId",
            "volumeId",
            "vpc.dhcpOptionsId",
            "vpc.vpcId",
        ],
        record: &[],
    },
    Service {
        source: "iam.amazonaws.com",
        request: &["accessKeyId", "policyArn", "policyName", "roleName", "userName"],
        answer: &["accessKey.accessKeyId", "accessKey.userName", "role.arn", "user.arn", "user.userName", "userId"],
        record: &[],
    },
    Service {
        source: "kms.amazonaws.com",
        request: &["keyId"],
        answer: &["keyId", "keyMetadata.arn", "keyMetadata.keyId"],
        record: &[],
    },
    Service {
        source: "lambda.amazonaws.com",
        request: &["functionName"],
        answer: &["functionArn", "functionName", "role", "vpcConfig.securityGroupIds", "vpcConfig.subnetIds"],
        record: &[],
    },
    Service {
        source: "rds.amazonaws.com",
        request: &["dBInstanceArn", "dBInstanceIdentifier"],
        answer: &[
            "dBInstanceIdentifier",
            "dBSubnetGroup.subnets.subnetIdentifier",
            "dBSubnetGroup.vpcId",
            "dbInstanceArn",
            "vpcSecurityGroups.vpcSecurityGroupId",
        ],
        record: &[],
    },
    Service { source: "s3.amazonaws.com", request: &["bucketName"], answer: &[], record: &[] },
    Service {
        source: "signin.amazonaws.com",
        request: &[],
        answer: &[],
        record: &["additionalEventData.MFAIdentifier"],
    },
    Service {
        source: "sts.amazonaws.com",
        request: &["roleArn", "roleSessionName"],
        answer: &["accessKeyId", "assumedRoleUser.arn"],
        record: &["additionalEventData.MFAIdentifier", "sourceIdentity"],
    },
];

/// Names at most: a call over thousands of instances need not list them all.
const MOST: usize = 256;

pub(super) fn fill(json: &Value, document: &mut Document) {
    let mut found: Vec<String> = CALLER.iter().filter_map(|path| at(json, path).and_then(scalar)).collect();
    gather(json, "resources.ARN", &mut found);
    let source = at(json, "eventSource").and_then(Value::as_str);
    if let Some(service) = SERVICES.iter().find(|service| Some(service.source) == source) {
        let below = |section: &str| at(json, section).unwrap_or(&Value::Null);
        for (value, paths) in [
            (below("requestParameters"), service.request),
            (below("responseElements"), service.answer),
            (json, service.record),
        ] {
            paths.iter().for_each(|path| gather(value, path, &mut found));
        }
    }
    found.sort_unstable();
    found.dedup();
    document.set("related.entity", found);
}

/// The texts at a path; an empty path is the value itself.
fn gather(value: &Value, path: &str, found: &mut Vec<String>) {
    if let Value::Array(list) = value {
        return list.iter().for_each(|inner| gather(inner, path, found));
    }
    if path.is_empty() {
        return found.extend(scalar(value).filter(|_| found.len() < MOST));
    }
    let (key, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(inner) = value.get(key) {
        gather(inner, rest, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_names_its_caller_its_resources_and_what_its_service_acts_on() {
        let check = |json: Value, expected: &[&str]| {
            let mut document = Document::default();
            fill(&json, &mut document);
            assert_eq!(document.finish()["related"]["entity"], json!(expected), "{json}");
        };
        check(
            json!({"eventSource": "ec2.amazonaws.com", "userIdentity": {"arn": "a"}, "requestParameters": {"imageId": "no"},
                "responseElements": {"instancesSet": {"items": [{"instanceId": "i-2"}, {"instanceId": "i-1", "vpcId": "v"}]}}}),
            &["a", "i-1", "i-2", "v"],
        );
        check(
            json!({"eventSource": "sqs.amazonaws.com", "userIdentity": {"userName": "u"}, "requestParameters": {"vpcId": "no"},
                "resources": [{"ARN": "arn:q"}, {"ARN": "arn:q"}]}),
            &["arn:q", "u"],
        );
    }
}
