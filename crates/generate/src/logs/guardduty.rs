//! GuardDuty findings as exported to S3.

use super::{Kind, LINES, Place, client_v4, hex, one_of, uuid};
use crate::rng::{self, Rng};
use crate::text::{self, built};
use std::fmt::Write;

pub(super) const KIND: Kind = Kind { id: "guardduty", one_in: None, head: "", around: LINES, gzip: true, record, key };

/// Type, severity, title.
const FINDINGS: [(&str, &str, &str); 5] = [
    ("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "5", "API calls from an address on a custom threat list."),
    ("Recon:EC2/PortProbeUnprotectedPort", "2", "An unprotected port is being probed."),
    ("CryptoCurrency:EC2/BitcoinTool.B!DNS", "8", "A domain of a mining pool is queried."),
    ("Policy:IAMUser/RootCredentialUsage", "2", "An API was called with root credentials."),
    ("AttackSequence:IAM/CompromisedCredentials", "9", "A sequence of actions with compromised credentials."),
];

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let Place { account, region, .. } = place;
    let (kind, severity, title) = FINDINGS[rng.index(FINDINGS.len())];
    let id = hex(rng, 32);
    let user = one_of(rng, &["deploy", "Test-Splunk-User1", "web_admin"]);
    // A user's key is the same in all findings.
    let mut own = Rng::new(rng::fold(&[rng::fold_str(account), rng::fold_str(user)]));
    let time = place.at().format("%Y-%m-%dT%H:%M:%S.000Z");
    let _ = write!(
        out,
        "{{\"schemaVersion\":\"2.0\",\"accountId\":\"{account}\",\"region\":\"{region}\",\"partition\":\"aws\",\"id\":\"{id}\",\"arn\":\"arn:aws:guardduty:{region}:{account}:detector/12abc34d567e8fa901bc2d34e56789f0/finding/{id}\",\"type\":\"{kind}\",\"resource\":{{\"resourceType\":\"AccessKey\",\"accessKeyDetails\":{{\"accessKeyId\":\"AKIA{key}\",\"principalId\":\"AIDA{principal}\",\"userType\":\"IAMUser\",\"userName\":\"{user}\"}}}},\"service\":{{\"serviceName\":\"guardduty\",\"detectorId\":\"12abc34d567e8fa901bc2d34e56789f0\",\"action\":{{\"actionType\":\"AWS_API_CALL\",\"awsApiCallAction\":{{\"api\":\"ListBuckets\",\"serviceName\":\"s3.amazonaws.com\",\"callerType\":\"Remote IP\",\"remoteIpDetails\":{{\"ipAddressV4\":\"{client}\",\"country\":{{\"countryName\":\"Cuba\"}}}}}}}},\"resourceRole\":\"TARGET\",\"additionalInfo\":{{\"value\":\"{{}}\",\"type\":\"default\"{sample}}},\"evidence\":null,\"eventFirstSeen\":\"{time}\",\"eventLastSeen\":\"{time}\",\"archived\":{archived},\"count\":{count}}},\"severity\":{severity},\"createdAt\":\"{time}\",\"updatedAt\":\"{time}\",\"title\":\"{title}\",\"description\":\"{title}\"}}",
        key = built(|b| text::upper(b, &mut own, 16)),
        principal = built(|b| text::upper(b, &mut own, 16)),
        client = client_v4(rng),
        // As the console's *Generate sample findings* makes them.
        sample = if rng.chance(0.1) { ",\"sample\":true" } else { "" },
        archived = rng.chance(0.2),
        count = 1 + rng.below(30),
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    format!(
        "AWSLogs/{}/GuardDuty/{}/{}/{}.jsonl.gz",
        place.account,
        place.region,
        place.at().format("%Y/%m/%d"),
        uuid(rng)
    )
}
