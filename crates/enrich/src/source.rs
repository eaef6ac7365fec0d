//! What kind of place a request came from: CloudTrail writes an address, the DNS name of an AWS service, or `AWS Internal`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Kind of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A routable address.
    Public,
    /// An address that is only good within a network.
    Private,
    /// An AWS service by its DNS name.
    AwsService,
    /// `AWS Internal`, with or without a suffix.
    AwsInternal,
    /// Anything else.
    Unknown,
}

impl SourceKind {
    /// The text of the column `source_kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::AwsService => "aws-service",
            Self::AwsInternal => "aws-internal",
            Self::Unknown => "unknown",
        }
    }
}

/// The kind of a `sourceIPAddress`, and its address where it is one.
pub fn classify(source: &str) -> (SourceKind, Option<IpAddr>) {
    let source = source.trim();
    if let Some(address) = parse_address(source) {
        let kind = if is_private(address) { SourceKind::Private } else { SourceKind::Public };
        return (kind, Some(address));
    }
    let kind = if starts_with_ignore_case(source, "AWS Internal") {
        SourceKind::AwsInternal
    } else if is_service_name(source) {
        SourceKind::AwsService
    } else {
        SourceKind::Unknown
    };
    (kind, None)
}

/// An address; one that is IPv4 in IPv6 clothes is given as IPv4.
pub fn parse_address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Not routable on the internet: private (RFC 1918), shared (CGNAT, RFC 6598), loopback, link-local, unique local,
/// unspecified and broadcast addresses.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_private_v4(v4),
        IpAddr::V6(v6) => is_private_v6(v6),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    address.is_private()
        || shared
        || address.is_loopback()
        || address.is_link_local()
        || first == 0
        || address.is_broadcast()
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback() || address.is_unspecified()
}

fn starts_with_ignore_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// `ec2.amazonaws.com`, `s3.cn-north-1.amazonaws.com.cn`, `signin.aws.amazon.com` and the like.
fn is_service_name(text: &str) -> bool {
    let name = text.strip_suffix(".cn").unwrap_or(text);
    let is_name = !text.contains([' ', '/']);
    is_name && (name == "amazonaws.com" || name.ends_with(".amazonaws.com") || name.ends_with(".aws.amazon.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, kind: SourceKind, address: Option<&str>) {
        let address = address.map(|text| text.parse().expect("an address"));
        assert_eq!(classify(source), (kind, address), "{source}");
    }

    #[test]
    fn kinds() {
        use SourceKind::*;
        check("81.2.69.142", Public, Some("81.2.69.142"));
        check("2001:4860:4860::8888", Public, Some("2001:4860:4860::8888"));
        check("::ffff:81.2.69.142", Public, Some("81.2.69.142"));
        for private in
            ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1"]
        {
            check(private, Private, Some(private));
        }
        for private in ["169.254.169.254", "0.0.0.0", "255.255.255.255", "::1", "fe80::1", "fd00::1", "::"] {
            check(private, Private, Some(private));
        }
        check("::ffff:10.0.0.1", Private, Some("10.0.0.1"));
        for public in ["100.63.0.1", "100.128.0.1", "172.32.0.1", "11.0.0.1"] {
            check(public, Public, Some(public));
        }
        check("cloudformation.amazonaws.com", AwsService, None);
        check("s3.cn-north-1.amazonaws.com.cn", AwsService, None);
        check("AWS Internal", AwsInternal, None);
        check("AWS Internal/3", AwsInternal, None);
        for unknown in
            ["", "evil-amazonaws.com", "redacted", "1.2.3", "012.034.1.1", "251.234.045.249", "amazonaws.com.evil.org"]
        {
            check(unknown, Unknown, None);
        }
    }
}
