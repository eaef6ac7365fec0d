//! Security Hub findings as EventBridge hands them on, a line each.

use super::{Kind, LINES, Place, hex, one_of, uuid};
use crate::rng::Rng;
use std::fmt::Write;

pub(super) const KIND: Kind =
    Kind { id: "security_hub", one_in: None, head: "", around: LINES, gzip: true, record, key };

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let Place { account, region, .. } = place;
    let (label, score) =
        [("CRITICAL", 90), ("HIGH", 70), ("MEDIUM", 40), ("LOW", 1), ("INFORMATIONAL", 0)][rng.index(5)];
    let status = if score == 0 { "PASSED" } else { "FAILED" };
    let control = one_of(rng, &["CloudTrail.1", "IAM.4", "S3.8", "EC2.19"]);
    let time = place.at().format("%Y-%m-%dT%H:%M:%S.000Z");
    let _ = write!(
        out,
        "{{\"version\":\"0\",\"id\":\"{event}\",\"detail-type\":\"Security Hub Findings - Imported\",\"source\":\"aws.securityhub\",\"account\":\"{account}\",\"time\":\"{short}\",\"region\":\"{region}\",\"resources\":[\"arn:aws:securityhub:{region}::product/aws/securityhub\"],\"detail\":{{\"findings\":[{{\"SchemaVersion\":\"2018-10-08\",\"Id\":\"arn:aws:securityhub:{region}:{account}:security-control/{control}/finding/{finding}\",\"ProductArn\":\"arn:aws:securityhub:{region}::product/aws/securityhub\",\"ProductName\":\"Security Hub\",\"CompanyName\":\"AWS\",\"Region\":\"{region}\",\"GeneratorId\":\"security-control/{control}\",\"AwsAccountId\":\"{account}\",\"Types\":[\"Software and Configuration Checks/Industry and Regulatory Standards\"],\"FirstObservedAt\":\"{time}\",\"LastObservedAt\":\"{time}\",\"CreatedAt\":\"{time}\",\"UpdatedAt\":\"{time}\",\"Severity\":{{\"Normalized\":{score},\"Label\":\"{label}\"}},\"Title\":\"{control} is not as it should be\",\"Description\":\"This control checks {control}.\",\"Resources\":[{{\"Type\":\"AwsAccount\",\"Id\":\"AWS::::Account:{account}\",\"Partition\":\"aws\",\"Region\":\"{region}\"}}],\"Compliance\":{{\"Status\":\"{status}\",\"SecurityControlId\":\"{control}\"}},\"WorkflowState\":\"NEW\",\"Workflow\":{{\"Status\":\"NEW\"}},\"RecordState\":\"ACTIVE\"}}]}}}}",
        event = uuid(rng),
        short = place.at().format("%Y-%m-%dT%H:%M:%SZ"),
        finding = uuid(rng),
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    format!(
        "SecurityHub/{}/{}/{}/securityhub-{}-{}.gz",
        place.account,
        place.region,
        place.at().format("%Y/%m/%d/%H"),
        place.at().format("%Y-%m-%d-%H-%M-%S"),
        hex(rng, 32),
    )
}
