//! What the 14 controls for CloudWatch watch: every event name that their patterns list happens once, in an evening of
//! changes in the development account; root signs a form. (Control 2 is stories A to C, 3 is B, 6 is C.)

use super::Scripted;
use super::event::{self, Event};
use super::sign_in::moment;
use crate::accounts::{GLOBAL_REGION, HOME_REGION};
use crate::identity::{self, Role};
use crate::people;
use crate::rng::Rng;
use serde_json::{Value, json};

const DEV: &str = "777788889999";
const ADMIN: &str = "lukas.weber";

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
const CONFIG: &str = "config.amazonaws.com";
const EC2: &str = "ec2.amazonaws.com";
const IAM: &str = "iam.amazonaws.com";
const KMS: &str = "kms.amazonaws.com";
const S3: &str = "s3.amazonaws.com";

const POLICY: &str = "arn:aws:iam::777788889999:policy/drill";

/// A control's number, the service and the event names that it watches there.
const WATCHED: [(u8, &str, &[&str]); 12] = [
    (
        4,
        IAM,
        &[
            "CreatePolicy",
            "CreatePolicyVersion",
            "AttachRolePolicy",
            "AttachUserPolicy",
            "AttachGroupPolicy",
            "PutRolePolicy",
            "PutUserPolicy",
            "PutGroupPolicy",
        ],
    ),
    (
        4,
        IAM,
        &[
            "DetachRolePolicy",
            "DetachUserPolicy",
            "DetachGroupPolicy",
            "DeleteRolePolicy",
            "DeleteUserPolicy",
            "DeleteGroupPolicy",
            "DeletePolicyVersion",
            "DeletePolicy",
        ],
    ),
    (5, CLOUDTRAIL, &["CreateTrail", "StartLogging", "UpdateTrail", "StopLogging", "DeleteTrail"]),
    (7, KMS, &["DisableKey", "ScheduleKeyDeletion"]),
    (
        8,
        S3,
        &[
            "PutBucketAcl",
            "PutBucketPolicy",
            "PutBucketCors",
            "PutBucketLifecycle",
            "PutBucketReplication",
            "DeleteBucketReplication",
            "DeleteBucketLifecycle",
            "DeleteBucketCors",
            "DeleteBucketPolicy",
        ],
    ),
    (
        9,
        CONFIG,
        &["PutConfigurationRecorder", "PutDeliveryChannel", "StopConfigurationRecorder", "DeleteDeliveryChannel"],
    ),
    (
        10,
        EC2,
        &[
            "CreateSecurityGroup",
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "DeleteSecurityGroup",
        ],
    ),
    (
        11,
        EC2,
        &[
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
            "DeleteNetworkAclEntry",
            "DeleteNetworkAcl",
        ],
    ),
    (
        12,
        EC2,
        &[
            "CreateCustomerGateway",
            "CreateInternetGateway",
            "AttachInternetGateway",
            "DetachInternetGateway",
            "DeleteInternetGateway",
            "DeleteCustomerGateway",
        ],
    ),
    (
        13,
        EC2,
        &[
            "CreateRouteTable",
            "CreateRoute",
            "ReplaceRoute",
            "ReplaceRouteTableAssociation",
            "DisassociateRouteTable",
            "DeleteRoute",
            "DeleteRouteTable",
        ],
    ),
    (
        14,
        EC2,
        &[
            "CreateVpc",
            "ModifyVpcAttribute",
            "CreateVpcPeeringConnection",
            "AcceptVpcPeeringConnection",
            "RejectVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
            "DeleteVpc",
        ],
    ),
    (14, EC2, &["AttachClassicLinkVpc", "DetachClassicLinkVpc", "EnableVpcClassicLink", "DisableVpcClassicLink"]),
];

/// 73 events in the last seven days: 72 changes by one administrator, and one call by root.
pub(super) fn events(seed: u64, end: i64) -> Vec<Scripted> {
    let mut rng = Rng::new(seed);
    let mut list = vec![root_call(end).script(&mut rng)];
    for (n, (_, source, names)) in WATCHED.iter().enumerate() {
        let start = moment(end, 1 + n as i64 % 6, 16) + 600 * n as i64;
        let key = identity::access_key("ASIA", rng.next());
        for (k, &name) in names.iter().enumerate() {
            let time = start + 20 + 35 * k as i64;
            list.push(change(time, start, source, name, &key).script(&mut rng));
        }
    }
    list
}

fn root_call(end: i64) -> Event {
    let time = moment(end, 6, 3) + 3_400;
    let mut root = event::root(DEV);
    root["accessKeyId"] = json!("ASIA3ROOTSIGNSAFORM2");
    Event {
        identity: root,
        address: people::person("haruka.sato").addresses[0].to_owned(),
        agent: people::person("haruka.sato").browser.to_owned(),
        request: json!({"alternateContactType": "SECURITY", "name": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
        console: true,
        ..Event::new(DEV, GLOBAL_REGION, time, "account.amazonaws.com", "PutAlternateContact")
    }
}

fn change(time: i64, since: i64, source: &'static str, name: &'static str, key: &str) -> Event {
    let person = people::person(ADMIN);
    let role = Role::new(DEV, "/", "Administrator");
    Event {
        identity: event::session(&role, ADMIN, key, since, Some(ADMIN)),
        address: person.addresses[0].to_owned(),
        agent: person.tool.to_owned(),
        request: request(source, name),
        ..Event::new(DEV, if source == IAM { GLOBAL_REGION } else { HOME_REGION }, time, source, name)
    }
}

fn request(source: &str, name: &str) -> Value {
    match source {
        IAM => iam(name),
        CLOUDTRAIL => {
            json!({"name": "drill-trail", "s3BucketName": "acme-dev-cloudtrail-ap-northeast-1", "isMultiRegionTrail": true})
        }
        KMS if name == "DisableKey" => json!({"keyId": "5c0f6a3e-8d21-4b7e-9f54-0a1b2c3d4e5f"}),
        KMS => json!({"keyId": "5c0f6a3e-8d21-4b7e-9f54-0a1b2c3d4e5f", "pendingWindowInDays": 30}),
        S3 => {
            json!({"bucketName": "acme-dev-exports-ap-northeast-1", "Host": "acme-dev-exports-ap-northeast-1.s3.ap-northeast-1.amazonaws.com"})
        }
        CONFIG => json!({"configurationRecorderName": "default", "deliveryChannelName": "default"}),
        _ => network(name),
    }
}

fn iam(name: &str) -> Value {
    let mut out = json!({});
    for (part, field, value) in
        [("Role", "roleName", "drill-role"), ("User", "userName", "svc-grafana"), ("Group", "groupName", "drill-group")]
    {
        if name.contains(part) {
            out[field] = json!(value);
        }
    }
    if name.starts_with("Attach")
        || name.starts_with("Detach")
        || name.ends_with("PolicyVersion")
        || name == "DeletePolicy"
    {
        out["policyArn"] = json!(POLICY);
    } else {
        out["policyName"] = json!("drill");
    }
    if name.starts_with("Put") || name.starts_with("Create") {
        out["policyDocument"] = json!(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}"#
        );
    }
    out
}

fn network(name: &str) -> Value {
    let of = |part: &str| name.contains(part);
    if of("SecurityGroup") {
        let rule = json!({"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]});
        json!({"groupId": "sg-0d41a2b7c9e8f6035", "groupName": "drill", "ipPermissions": rule})
    } else if of("NetworkAcl") {
        json!({"networkAclId": "acl-0b9d3c5e7f1a24680", "ruleNumber": 100, "egress": false, "ruleAction": "allow", "cidrBlock": "0.0.0.0/0"})
    } else if of("InternetGateway") {
        json!({"internetGatewayId": "igw-0e2c4a6b8d0f13579", "vpcId": "vpc-0a1b2c3d4e5f60718"})
    } else if of("CustomerGateway") {
        json!({"customerGatewayId": "cgw-0f1e2d3c4b5a69788", "bgpAsn": 65_000})
    } else if of("Route") {
        json!({"routeTableId": "rtb-0c3d5e7f9a1b2468f", "destinationCidrBlock": "10.99.0.0/16"})
    } else {
        json!({"vpcId": "vpc-0a1b2c3d4e5f60718"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_said_and_none_fails() {
        let list = events(1, 1_790_000_000);
        assert_eq!(list.len(), 73);
        assert!(list.iter().all(|s| !String::from_utf8_lossy(&s.json).contains("errorCode")));
    }
}
