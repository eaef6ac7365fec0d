//! The address ranges that AWS publishes: which service, in which region, an address belongs to.

use std::collections::HashMap;
use std::net::IpAddr;

use serde::Deserialize;

/// The file is not AWS's `ip-ranges.json`.
#[derive(Debug, thiserror::Error)]
#[error("not a file of AWS's address ranges: {0}")]
pub struct RangesError(#[from] serde_json::Error);

/// Who at AWS an address belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsRange {
    /// `EC2`, `S3`, `CLOUDFRONT`, …; `AMAZON` where it is no service's own.
    pub service: String,
    /// `eu-west-1`, … or `GLOBAL`.
    pub region: String,
}

/// All ranges, by the length of their prefix, longest first.
#[derive(Debug, Default)]
pub struct AwsRanges {
    v4: Vec<(u32, HashMap<u128, AwsRange>)>,
    v6: Vec<(u32, HashMap<u128, AwsRange>)>,
    created: String,
    count: usize,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "createDate", default)]
    created: String,
    prefixes: Vec<Prefix>,
    #[serde(default)]
    ipv6_prefixes: Vec<Prefix>,
}

#[derive(Deserialize)]
struct Prefix {
    #[serde(alias = "ip_prefix", alias = "ipv6_prefix")]
    prefix: String,
    region: String,
    service: String,
}

impl AwsRanges {
    /// Reads the content of `ip-ranges.json`. A prefix that is none is left out.
    ///
    /// # Errors
    /// [`RangesError`] where it is not that file.
    pub fn parse(text: &[u8]) -> Result<Self, RangesError> {
        let file: File = serde_json::from_slice(text)?;
        let mut ranges = Self { created: file.created, ..Self::default() };
        for prefix in file.prefixes.into_iter().chain(file.ipv6_prefixes) {
            let Some((address, length)) = cidr(&prefix.prefix) else { continue };
            let range = AwsRange { service: prefix.service, region: prefix.region };
            let family = if address.is_ipv4() { &mut ranges.v4 } else { &mut ranges.v6 };
            insert(family, address, length, range);
            ranges.count += 1;
        }
        for family in [&mut ranges.v4, &mut ranges.v6] {
            family.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        }
        Ok(ranges)
    }

    /// The narrowest range that holds an address.
    pub fn lookup(&self, address: IpAddr) -> Option<&AwsRange> {
        let family = if address.is_ipv4() { &self.v4 } else { &self.v6 };
        family.iter().find_map(|(length, ranges)| ranges.get(&masked(address, *length)))
    }

    /// When AWS made the file, as it says there: `2023-07-10-11-45-00`.
    pub fn created(&self) -> &str {
        &self.created
    }

    /// How many ranges there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// One prefix stands in the file once for each service: the service's own name wins over `AMAZON`, which all have.
fn insert(family: &mut Vec<(u32, HashMap<u128, AwsRange>)>, address: IpAddr, length: u32, range: AwsRange) {
    let at = family.iter().position(|(known, _)| *known == length).unwrap_or_else(|| {
        family.push((length, HashMap::new()));
        family.len() - 1
    });
    let ranges = &mut family[at].1;
    let key = masked(address, length);
    if range.service != "AMAZON" || !ranges.contains_key(&key) {
        ranges.insert(key, range);
    }
}

/// An address and the length of its prefix; a bare address is a range of its own.
pub(crate) fn cidr(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.trim().parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(most), |length| length.trim().parse().ok())?;
    (length <= most).then_some((address, length))
}

/// The first `length` bits of an address.
pub(crate) fn masked(address: IpAddr, length: u32) -> u128 {
    let (bits, width) = match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    if length == 0 { 0 } else { bits >> (width - length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"syncToken":"1","createDate":"2023-07-10-11-45-00","prefixes":[
        {"ip_prefix":"3.0.0.0/15","region":"ap-southeast-1","service":"AMAZON","network_border_group":"ap-southeast-1"},
        {"ip_prefix":"3.0.0.0/15","region":"ap-southeast-1","service":"EC2","network_border_group":"ap-southeast-1"},
        {"ip_prefix":"3.0.5.32/29","region":"us-east-1","service":"S3","network_border_group":"us-east-1"},
        {"ip_prefix":"3.0.5.32/29","region":"us-east-1","service":"AMAZON","network_border_group":"us-east-1"}],
        "ipv6_prefixes":[{"ipv6_prefix":"2600:1f00::/40","region":"eu-west-1","service":"AMAZON","network_border_group":"x"}]}"#;

    #[test]
    fn the_narrowest_range_and_the_services_own_name_win() {
        let ranges = AwsRanges::parse(FILE.as_bytes()).expect("the file");
        let check = |address: &str, expected: Option<(&str, &str)>| {
            let found = ranges.lookup(address.parse().expect("an address"));
            assert_eq!(found.map(|range| (range.service.as_str(), range.region.as_str())), expected, "{address}");
        };
        check("3.1.255.255", Some(("EC2", "ap-southeast-1")));
        check("3.0.5.33", Some(("S3", "us-east-1")));
        check("3.2.0.0", None);
        check("2600:1f00::1", Some(("AMAZON", "eu-west-1")));
        check("2600:2000::1", None);
        assert_eq!((ranges.len(), ranges.created()), (5, "2023-07-10-11-45-00"));
    }

    #[test]
    fn other_files_are_refused() {
        for text in ["", "{}", "[1]", "<html>"] {
            assert!(AwsRanges::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
