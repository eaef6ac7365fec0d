//! The sample organisation: its accounts, the regions they use and how much of what each of them does.

use crate::catalogue::GROUPS;

/// The organisation's id, as it stands in the delivery path of an organisation trail.
pub(crate) const ORGANISATION: &str = "o-a1b2c3d4e5";

/// The account where everybody signs in, and the trail's owner.
pub(crate) const BASE: &str = "111122223333";
/// The account of story A.
pub(crate) const SANDBOX: &str = "123456789012";
/// The account of story B; not a member of the organisation, and all that it has lies in 2018.
pub(crate) const FROTHLY: &str = "333344445555";
/// The region of the identity store and of most of the work.
pub(crate) const HOME_REGION: &str = "ap-northeast-1";
/// The region in which global services are logged.
pub(crate) const GLOBAL_REGION: &str = "us-east-1";

/// A region, the nets of AWS's public addresses in it (first two octets) that the samples use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Region {
    pub(crate) name: &'static str,
    pub(crate) nets: &'static [&'static str],
}

/// The regions in use; nets from AWS's published `ip-ranges.json`.
pub(crate) const REGIONS: [Region; 8] = [
    Region { name: HOME_REGION, nets: &["13.112", "54.248", "43.206", "3.112"] },
    Region { name: GLOBAL_REGION, nets: &["52.4", "50.16", "54.236", "18.232"] },
    Region { name: "eu-central-1", nets: &["18.192", "52.58", "3.124"] },
    Region { name: "eu-west-1", nets: &["54.74", "52.30", "63.32"] },
    Region { name: "us-west-2", nets: &["35.160", "54.200", "54.148"] },
    Region { name: "ap-southeast-1", nets: &["54.169", "13.250", "52.74"] },
    Region { name: "ap-northeast-3", nets: &["13.208", "15.168"] },
    Region { name: "us-east-2", nets: &["18.216", "3.132", "18.191"] },
];

/// An account of the organisation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub(crate) id: &'static str,
    /// The short name in bucket names.
    pub(crate) alias: &'static str,
    /// The account's share of all events.
    pub(crate) share: f64,
    /// The share of each of [`REGIONS`] in it.
    pub(crate) regions: [f64; REGIONS.len()],
    /// How much more (or less) than usual it does of each of the catalogue's groups: storage, compute, network, identity,
    /// security, data, serverless, containers, operations.
    pub(crate) profile: [f64; GROUPS],
}

/// The accounts that make the background traffic.
pub(crate) const ACCOUNTS: [Account; 6] = [
    Account {
        id: "444455556666",
        alias: "prod",
        share: 0.40,
        regions: [0.44, 0.17, 0.19, 0.07, 0.07, 0.03, 0.02, 0.01],
        profile: [1.0, 1.2, 1.0, 0.9, 1.0, 1.2, 1.4, 1.5, 0.8],
    },
    Account {
        id: "555566667777",
        alias: "data",
        share: 0.22,
        regions: [0.58, 0.16, 0.20, 0.02, 0.01, 0.01, 0.01, 0.01],
        profile: [2.0, 0.5, 0.4, 0.8, 1.4, 2.2, 0.7, 0.3, 0.6],
    },
    Account {
        id: "777788889999",
        alias: "dev",
        share: 0.14,
        regions: [0.46, 0.22, 0.20, 0.04, 0.03, 0.03, 0.01, 0.01],
        profile: [0.7, 1.3, 2.0, 1.2, 0.8, 0.9, 1.2, 1.0, 1.5],
    },
    Account {
        id: "222233334444",
        alias: "shared",
        share: 0.12,
        regions: [0.52, 0.26, 0.14, 0.02, 0.02, 0.02, 0.01, 0.01],
        profile: [0.7, 0.6, 0.6, 1.5, 0.8, 0.3, 0.6, 3.0, 1.8],
    },
    Account {
        id: BASE,
        alias: "base",
        share: 0.08,
        regions: [0.34, 0.48, 0.08, 0.03, 0.02, 0.02, 0.01, 0.02],
        profile: [0.4, 0.3, 0.5, 3.0, 0.8, 0.1, 0.5, 0.1, 2.0],
    },
    Account {
        id: SANDBOX,
        alias: "sandbox",
        share: 0.04,
        regions: [0.42, 0.40, 0.08, 0.03, 0.02, 0.02, 0.01, 0.02],
        profile: [0.8, 1.2, 1.5, 2.0, 0.8, 0.5, 0.8, 0.2, 1.5],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        let near_one = |sum: f64| (sum - 1.0).abs() < 1e-9;
        assert!(near_one(ACCOUNTS.iter().map(|a| a.share).sum()));
        for account in &ACCOUNTS {
            assert!(near_one(account.regions.iter().sum()), "{}", account.alias);
            assert!(account.id.len() == 12 && account.id.bytes().all(|b| b.is_ascii_digit()));
        }
    }
}
