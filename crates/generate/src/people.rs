//! The people of the sample organisation and the places that they, and the rest of the internet, call from.
//!
//! The addresses lie in nets that providers of those countries announce, so that a location database shows them where
//! they should be.

/// Where a person's working day happens, as hours ahead of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    Tokyo,
    Europe,
    India,
}

impl Zone {
    fn hours(self) -> i64 {
        match self {
            Self::Tokyo => 9,
            Self::Europe => 1,
            Self::India => 5,
        }
    }

    /// How likely a person there is at work at this Unix time, 0 to 1.
    pub(crate) fn activity(self, time: i64) -> f64 {
        let local = time + self.hours() * 3_600;
        let hour = local.rem_euclid(86_400) / 3_600;
        // 1970-01-01 was a Thursday.
        let weekend = matches!(local.div_euclid(86_400).rem_euclid(7), 2 | 3);
        let by_hour = match hour {
            9..=11 | 13..=17 => 1.0,
            12 => 0.7,
            8 | 18 | 19 => 0.5,
            20..=22 => 0.2,
            _ => 0.03,
        };
        if weekend { by_hour * 0.08 } else { by_hour }
    }
}

/// A person with an IAM user in the base account and a sign-in of the identity store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) zone: Zone,
    /// Office first, then home; some homes have IPv6 only.
    pub(crate) addresses: &'static [&'static str],
    pub(crate) browser: &'static str,
    pub(crate) tool: &'static str,
}

const CHROME_MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const CHROME_WINDOWS: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const FIREFOX_LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
const FIREFOX_MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0";
const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0";
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15";
pub(crate) const CLI_MAC: &str = "aws-cli/2.31.3 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7 m/b,E,Z cfg/retry-mode#standard md/prompt#off";
pub(crate) const CLI_LINUX: &str = "aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0-64 md/arch#x86_64 lang/python#3.13.4 m/N,b,E cfg/retry-mode#standard md/prompt#off";
pub(crate) const TERRAFORM: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) terraform-provider-aws/6.14.1 aws-sdk-go-v2/1.39.2 ua/2.1 os/linux lang/go#1.24.6 m/n,E,g";
pub(crate) const BOTO: &str =
    "Boto3/1.40.42 md/Botocore#1.40.42 ua/2.1 os/linux#6.8.0-64 lang/python#3.12.11 m/N,Z,b,D cfg/retry-mode#legacy";

/// The office's addresses in Tokyo and Berlin; everybody there shares them.
const TOKYO_OFFICE: &str = "153.240.3.130";
const BERLIN_OFFICE: &str = "91.64.120.18";

/// The people, most active first.
pub(crate) const PEOPLE: [Person; 12] = [
    Person {
        name: "haruka.sato",
        zone: Zone::Tokyo,
        addresses: &[TOKYO_OFFICE, "126.15.22.41", "2400:4050:8a21:1b00:4c1:9aff:fe20:77d1"],
        browser: CHROME_MAC,
        tool: CLI_MAC,
    },
    Person {
        name: "kenji.tanaka",
        zone: Zone::Tokyo,
        addresses: &["60.56.112.77", "219.102.200.9"],
        browser: CHROME_WINDOWS,
        tool: TERRAFORM,
    },
    Person {
        name: "anna.schmidt",
        zone: Zone::Europe,
        addresses: &[BERLIN_OFFICE, "2003:c0:8f14:7a00:1d9b:3c11:8be4:20aa"],
        browser: FIREFOX_LINUX,
        tool: CLI_LINUX,
    },
    Person {
        name: "yuki.suzuki",
        zone: Zone::Tokyo,
        addresses: &[TOKYO_OFFICE, "202.247.51.63", "2400:2410:91a2:4400:b0c4:62ff:fe71:3e08"],
        browser: SAFARI,
        tool: CLI_MAC,
    },
    Person {
        name: "chloe.martin",
        zone: Zone::Europe,
        addresses: &["86.245.12.90", "2a01:cb00:8a3d:5100:88fe:1203:c7aa:91e4"],
        browser: FIREFOX_MAC,
        tool: BOTO,
    },
    Person {
        name: "daichi.ito",
        zone: Zone::Tokyo,
        addresses: &[TOKYO_OFFICE, "118.243.77.204"],
        browser: CHROME_MAC,
        tool: CLI_MAC,
    },
    Person {
        name: "lukas.weber",
        zone: Zone::Europe,
        addresses: &[BERLIN_OFFICE, "79.192.40.118"],
        browser: EDGE,
        tool: TERRAFORM,
    },
    Person {
        name: "mei.kobayashi",
        zone: Zone::Tokyo,
        addresses: &["124.144.16.52"],
        browser: CHROME_WINDOWS,
        tool: CLI_LINUX,
    },
    Person {
        name: "james.walker",
        zone: Zone::Europe,
        addresses: &["81.2.69.142", "2a00:23c4:9a05:3d01:a1c4:77ff:fe10:4b2d"],
        browser: CHROME_MAC,
        tool: CLI_MAC,
    },
    Person {
        name: "priya.nair",
        zone: Zone::India,
        addresses: &["122.167.40.31", "2405:201:6004:90f1:7cde:31ff:fe88:a0c2"],
        browser: CHROME_WINDOWS,
        tool: BOTO,
    },
    Person { name: "sofia.rossi", zone: Zone::Europe, addresses: &["93.40.120.7"], browser: SAFARI, tool: CLI_MAC },
    Person {
        name: "oskar.lindqvist",
        zone: Zone::Europe,
        addresses: &["89.160.20.115"],
        browser: FIREFOX_LINUX,
        tool: CLI_LINUX,
    },
];

/// The person of that name; the first where there is none (only the stories ask, and their names are tested).
pub(crate) fn person(name: &str) -> &'static Person {
    PEOPLE.iter().find(|p| p.name == name).unwrap_or(&PEOPLE[0])
}

/// The first three octets of nets all over the world: the readers of the public web site.
pub(crate) const INTERNET: [&str; 56] = [
    "126.15.22",
    "60.56.112",
    "219.102.200",
    "121.84.33",
    "91.64.120",
    "79.192.40",
    "93.192.77",
    "86.245.12",
    "90.63.220",
    "86.150.33",
    "82.36.40",
    "93.40.120",
    "83.56.12",
    "84.83.40",
    "81.227.10",
    "78.91.10",
    "87.95.100",
    "80.62.116",
    "83.24.50",
    "86.49.30",
    "86.41.77",
    "89.155.30",
    "85.5.100",
    "84.112.60",
    "78.20.100",
    "68.173.33",
    "73.162.40",
    "71.197.200",
    "98.213.40",
    "70.112.60",
    "99.230.40",
    "24.80.100",
    "187.34.100",
    "200.148.60",
    "189.146.30",
    "190.195.40",
    "190.24.60",
    "186.104.60",
    "122.167.40",
    "49.36.100",
    "116.14.100",
    "175.16.199",
    "114.84.60",
    "220.133.40",
    "121.134.60",
    "113.161.70",
    "36.72.100",
    "171.96.60",
    "119.92.60",
    "1.136.40",
    "58.108.60",
    "121.98.60",
    "88.230.60",
    "84.228.60",
    "94.200.60",
    "102.182.60",
];

/// Addresses of hosted build runners.
pub(crate) const RUNNERS: [&str; 4] = ["20.81.44.17", "20.81.44.201", "4.227.115.66", "20.55.14.129"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_work_by_day() {
        let monday_noon_utc = 1_704_715_200 + 3_600 * 2; // 2024-01-08T14:00Z
        assert!(Zone::Europe.activity(monday_noon_utc) > 0.9);
        assert!(Zone::Tokyo.activity(monday_noon_utc) < 0.25);
        assert!(Zone::Europe.activity(monday_noon_utc + 5 * 86_400) < 0.1, "a Saturday");
    }

    #[test]
    fn addresses_are_addresses() {
        for p in &PEOPLE {
            assert!(p.addresses.iter().all(|a| a.parse::<std::net::IpAddr>().is_ok()), "{}", p.name);
        }
        assert!(INTERNET.iter().all(|n| format!("{n}.1").parse::<std::net::Ipv4Addr>().is_ok()));
    }
}
