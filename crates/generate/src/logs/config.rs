//! AWS Config history: configuration items, as many as the object has.

use super::{Kind, Place, one_of};
use crate::rng::Rng;
use std::fmt::Write;

pub(super) const KIND: Kind = Kind {
    id: "config",
    one_in: None,
    head: "",
    around: (r#"{"fileVersion":"1.0","configSnapshotId":null,"configurationItems":["#, ",", "]}"),
    gzip: true,
    record,
    key,
};

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let Place { account, region, .. } = place;
    let (kind, prefix) =
        [("AWS::EC2::SecurityGroup", "sg"), ("AWS::EC2::Instance", "i"), ("AWS::EC2::Volume", "vol")][rng.index(3)];
    let id = format!("{prefix}-0{:016x}", rng.below(60));
    let _ = write!(
        out,
        "{{\"configurationItemVersion\":\"1.3\",\"configurationItemCaptureTime\":\"{time}\",\"configurationStateId\":{state},\"awsAccountId\":\"{account}\",\"configurationItemStatus\":\"{status}\",\"resourceType\":\"{kind}\",\"resourceId\":\"{id}\",\"resourceName\":\"{id}\",\"ARN\":\"arn:aws:ec2:{region}:{account}:{id}\",\"awsRegion\":\"{region}\",\"availabilityZone\":\"{region}a\",\"tags\":{{\"team\":\"{team}\"}},\"relatedEvents\":[],\"relationships\":[],\"configuration\":{{\"id\":\"{id}\"}},\"supplementaryConfiguration\":{{}}}}",
        time = place.at().format("%Y-%m-%dT%H:%M:%S.000Z"),
        state = place.time * 1000 + rng.below(1000) as i64,
        status = one_of(rng, &["OK", "OK", "ResourceDiscovered", "ResourceDeleted"]),
        team = one_of(rng, &["web", "data", "platform"]),
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    let Place { account, region, .. } = place;
    format!(
        "AWSLogs/{account}/Config/{region}/{}/ConfigHistory/{account}_Config_{region}_ConfigHistory_AWS::EC2_{}_{}.json.gz",
        place.at().format("%Y/%-m/%-d"),
        place.at().format("%Y%m%dT%H%M%SZ"),
        rng.below(1000),
    )
}
