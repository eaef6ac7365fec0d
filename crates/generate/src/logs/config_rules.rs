//! Notifications of AWS Config when a rule's verdict on a resource changes, a line each, as a delivery stream stores them.

use super::{Kind, LINES, Place, hex, one_of, uuid};
use crate::rng::Rng;
use std::fmt::Write;

pub(super) const KIND: Kind = Kind { id: "config", one_in: Some(6), head: "", around: LINES, gzip: true, record, key };

/// Rule, type of the resource, how its id begins.
const RULES: [(&str, &str, &str); 6] = [
    ("s3-bucket-public-read-prohibited", "AWS::S3::Bucket", "logs-"),
    ("s3-bucket-server-side-encryption-enabled", "AWS::S3::Bucket", "data-"),
    ("restricted-ssh", "AWS::EC2::SecurityGroup", "sg-0"),
    ("encrypted-volumes", "AWS::EC2::Volume", "vol-0"),
    ("iam-user-mfa-enabled", "AWS::IAM::User", "AIDA"),
    ("cloudtrail-enabled", "AWS::::Account", ""),
];

/// Different resources of a rule.
const RESOURCES: u64 = 20;

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let Place { account, region, .. } = place;
    let (rule, kind, prefix) = RULES[rng.index(RULES.len())];
    let resource = match prefix {
        "" => account.to_owned(),
        prefix => format!("{prefix}{:016x}", rng.below(RESOURCES)),
    };
    let verdict = one_of(rng, &["NON_COMPLIANT", "NON_COMPLIANT", "COMPLIANT"]);
    let before = if verdict == "COMPLIANT" { "NON_COMPLIANT" } else { "COMPLIANT" };
    let time = place.at().format("%Y-%m-%dT%H:%M:%S.000Z");
    let result = |verdict: &str| {
        format!(
            "{{\"evaluationResultIdentifier\":{{\"evaluationResultQualifier\":{{\"configRuleName\":\"{rule}\",\"resourceType\":\"{kind}\",\"resourceId\":\"{resource}\"}},\"orderingTimestamp\":\"{time}\"}},\"complianceType\":\"{verdict}\",\"resultRecordedTime\":\"{time}\",\"configRuleInvokedTime\":\"{time}\",\"annotation\":null,\"resultToken\":null}}"
        )
    };
    let _ = write!(
        out,
        "{{\"messageType\":\"ComplianceChangeNotification\",\"recordVersion\":\"1.0\",\"notificationCreationTime\":\"{time}\",\"awsAccountId\":\"{account}\",\"awsRegion\":\"{region}\",\"resourceType\":\"{kind}\",\"resourceId\":\"{resource}\",\"configRuleName\":\"{rule}\",\"configRuleARN\":\"arn:aws:config:{region}:{account}:config-rule/config-rule-{arn}\",\"newEvaluationResult\":{new},\"oldEvaluationResult\":{old}}}",
        arn = hex(rng, 6),
        new = result(verdict),
        old = result(before),
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    format!(
        "config-rules/{}/{}/{}/notifications-{}.gz",
        place.account,
        place.region,
        place.at().format("%Y/%m/%d"),
        uuid(rng)
    )
}
