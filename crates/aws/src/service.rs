//! The services: what their endpoints are called, and what their requests are signed for.

/// A service of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// The first part of its endpoint's host.
    pub name: &'static str,
    /// What its requests are signed for.
    pub signing: &'static str,
    /// The version of its JSON protocol.
    pub json: &'static str,
    /// The version of its interface, for the query protocol.
    pub version: &'static str,
}

/// Simple Queue Service.
pub const SQS: Service = Service { name: "sqs", signing: "sqs", json: "1.0", version: "2012-11-05" };
/// Simple Notification Service.
pub const SNS: Service = Service { name: "sns", signing: "sns", json: "1.0", version: "2010-03-31" };
/// Security Token Service.
pub const STS: Service = Service { name: "sts", signing: "sts", json: "1.1", version: "2011-06-15" };
/// CloudTrail.
pub const CLOUDTRAIL: Service =
    Service { name: "cloudtrail", signing: "cloudtrail", json: "1.1", version: "2013-11-01" };
/// Security Hub.
pub const SECURITY_HUB: Service =
    Service { name: "securityhub", signing: "securityhub", json: "1.1", version: "2018-10-26" };
/// Simple Storage Service.
pub const S3: Service = Service { name: "s3", signing: "s3", json: "1.1", version: "2006-03-01" };

impl Service {
    /// The address of the service in a region.
    #[must_use]
    pub fn endpoint(&self, region: &str) -> String {
        format!("https://{}.{region}.{}", self.name, domain(region))
    }
}

/// The domain of the region's partition.
pub(crate) fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_follow_the_region() {
        assert_eq!(SQS.endpoint("eu-west-1"), "https://sqs.eu-west-1.amazonaws.com");
        assert_eq!(CLOUDTRAIL.endpoint("cn-north-1"), "https://cloudtrail.cn-north-1.amazonaws.com.cn");
        assert_eq!(STS.endpoint("us-gov-west-1"), "https://sts.us-gov-west-1.amazonaws.com");
    }
}
