//! Where a message may go. An address in the settings is a way to make the server call others for whoever writes it, so
//! names are resolved here, every address that is not public is refused unless the sink allows its range, and the
//! connection goes to the address that was looked at: a name that changes its answer in between gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A range of addresses: `10.1.0.0/16`, `fd00::/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    base: IpAddr,
    bits: u8,
}

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no range of addresses; give one such as 10.1.0.0/16");
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let base: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > most { Err(wrong()) } else { Ok(Self { base, bits }) }
    }
}

impl Cidr {
    fn contains(self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u8| self.bits == 0 || (a ^ b) >> (width - self.bits) == 0;
        match (self.base, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
            _ => false,
        }
    }

    const fn is_one_address(self) -> bool {
        self.bits == if self.base.is_ipv4() { 32 } else { 128 }
    }
}

/// Ranges of IPv4 that are not the public internet (RFC 6890 and its like), with what they are.
const V4: &[(Ipv4Addr, u8, &str)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by carriers"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "reserved"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// The same of IPv6. Outside of 2000::/3 nothing is public; these lie inside of it.
const V6: &[(Ipv6Addr, u8, &str)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "a tunnel or reserved"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "a tunnel"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
];

/// Where clouds hand out credentials: a range that happens to cover them does not allow them, only the address itself does.
const METADATA: &[IpAddr] = &[
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
];

/// The IPv4 address that an IPv6 one leads to: mapped, compatible, translated, or by NAT64's well-known prefix.
/// (Its local prefix may hold the address anywhere, and is closed as a whole.)
fn inner(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let last = || {
        let [.., a, b, c, d] = address.octets();
        Ipv4Addr::new(a, b, c, d)
    };
    let leads = match s {
        [0, 0, 0, 0, 0, 0xffff | 0, ..] => address > Ipv6Addr::LOCALHOST,
        [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => true,
        _ => false,
    };
    leads.then(last)
}

/// What an address is, where it is not public.
fn special(address: IpAddr) -> Option<&'static str> {
    let named = |base: IpAddr, bits: u8| Cidr { base, bits }.contains(address);
    match address {
        IpAddr::V4(_) => V4.iter().find(|(base, bits, _)| named((*base).into(), *bits)).map(|found| found.2),
        IpAddr::V6(v6) if v6.is_loopback() => Some("loopback"),
        IpAddr::V6(v6) if v6.is_multicast() => Some("multicast"),
        IpAddr::V6(v6) if v6.segments()[0] & 0xfe00 == 0xfc00 => Some("private"),
        IpAddr::V6(v6) if v6.segments()[0] & 0xffc0 == 0xfe80 => Some("link-local"),
        IpAddr::V6(v6) if v6.segments()[0] & 0xe000 != 0x2000 => Some("reserved"),
        IpAddr::V6(_) => V6.iter().find(|(base, bits, _)| named((*base).into(), *bits)).map(|found| found.2),
    }
}

/// Which addresses a sink may speak to.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allow: Arc<[Cidr]>,
}

impl Guard {
    /// A guard that lets public addresses pass, and those in `allow`.
    #[must_use]
    pub fn new(allow: Vec<Cidr>) -> Self {
        Self { allow: allow.into() }
    }

    /// # Errors
    /// A text that says what the address is and how it can be allowed.
    pub fn check(&self, address: IpAddr) -> Result<(), String> {
        let address = match address {
            IpAddr::V6(v6) => inner(v6).map_or(address, IpAddr::V4),
            IpAddr::V4(_) => address,
        };
        let metadata = METADATA.contains(&address);
        let allowed = self.allow.iter().any(|cidr| cidr.contains(address) && (!metadata || cidr.is_one_address()));
        match special(address) {
            _ if allowed => Ok(()),
            Some(_) if metadata => Err(format!("{address} hands out credentials")),
            Some(what) => Err(format!("{address} is {what}; `allow = [\"{address}\"]` opens it to this sink")),
            None => Ok(()),
        }
    }

    /// A URL that a sink may call, as far as it can be told without asking for its name.
    ///
    /// # Errors
    /// What is wrong with it. The URL itself is not shown: it may hold a secret.
    pub fn url(&self, text: &str) -> Result<Url, String> {
        let url = Url::parse(text).map_err(|error| format!("the url is not valid: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("the url has the scheme {}; only http and https are spoken", url.scheme()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the url has a user in it; give an Authorization header instead".to_owned());
        }
        let literal = match url.host() {
            Some(url::Host::Ipv4(address)) => Some(address.into()),
            Some(url::Host::Ipv6(address)) => Some(address.into()),
            Some(url::Host::Domain(_)) => None,
            None => return Err("the url names no host".to_owned()),
        };
        literal.map_or(Ok(()), |address| self.check(address))?;
        Ok(url)
    }
}

/// The HTTP client asks here for addresses, and connects to nothing else.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let mut refused = None;
            let open: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| match guard.check(address.ip()) {
                    Ok(()) => true,
                    Err(why) => {
                        refused = Some(why);
                        false
                    }
                })
                .collect();
            match refused {
                Some(why) if open.is_empty() => Err(Refused(why).into()),
                _ => Ok(Box::new(open.into_iter()) as Addrs),
            }
        })
    }
}

/// All addresses of a name are closed to the sink.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub(crate) String);

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(ranges: &[&str]) -> Guard {
        Guard::new(ranges.iter().map(|r| r.parse().unwrap()).collect())
    }

    #[test]
    fn only_public_addresses_pass() {
        let check = |address: &str, open: bool| {
            assert_eq!(Guard::default().check(address.parse().unwrap()).is_ok(), open, "{address}");
        };
        for public in ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"] {
            check(public, true);
        }
        for closed in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.19.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            check(closed, false);
            check(&format!("::ffff:{closed}"), false);
            check(&format!("64:ff9b::{closed}"), false);
            check(&format!("64:ff9b:1::{closed}"), false);
            check(&format!("::ffff:0:{closed}"), false);
        }
        check("::ffff:8.8.8.8", true);
        check("64:ff9b::8.8.8.8", true);
        for closed in [
            "::",
            "::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "100::1",
            "5f00::1",
            "::127.0.0.1",
        ] {
            check(closed, false);
        }
    }

    #[test]
    fn ranges_open_what_they_name() {
        let check = |ranges: &[&str], address: &str, open: bool| {
            assert_eq!(allow(ranges).check(address.parse().unwrap()).is_ok(), open, "{ranges:?} {address}");
        };
        check(&["10.1.0.0/16"], "10.1.2.3", true);
        check(&["10.1.0.0/16"], "10.2.0.1", false);
        check(&["10.1.0.0/16"], "::ffff:10.1.2.3", true);
        check(&["127.0.0.1"], "127.0.0.1", true);
        check(&["127.0.0.1"], "127.0.0.2", false);
        check(&["fd00::/8"], "fd12::1", true);
        check(&["fd00::/8", "0.0.0.0/0"], "fd00:ec2::254", false);
        check(&["0.0.0.0/0"], "10.0.0.1", true);
        check(&["0.0.0.0/0"], "169.254.169.254", false);
        check(&["169.254.169.254"], "169.254.169.254", true);
        for bad in ["", "10.0.0.0/33", "x/8", "::/129", "10.0.0.0/-1"] {
            assert!(bad.parse::<Cidr>().is_err(), "{bad}");
        }
    }

    #[test]
    fn urls_are_looked_at_before_they_are_called() {
        let check = |url: &str, good: bool| assert_eq!(Guard::default().url(url).is_ok(), good, "{url}");
        check("https://hooks.example.com/a?b=c", true);
        check("http://example.com:8080/", true);
        check("https://8.8.8.8/", true);
        for bad in [
            "",
            "hooks",
            "file:///etc/passwd",
            "gopher://a/",
            "ftp://a/",
            "https://user:pw@example.com/",
            "http://127.0.0.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://017700000001/",
            "http://127.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest/",
        ] {
            check(bad, false);
        }
    }

    #[tokio::test]
    async fn names_are_resolved_and_refused() {
        let resolve =
            |guard: Guard| async move { guard.resolve("localhost".parse().unwrap()).await.map(Iterator::count) };
        let refused = resolve(Guard::default()).await.map_err(|e| e.to_string());
        assert!(refused.as_ref().is_err_and(|e| e.contains("loopback")), "{refused:?}");
        assert!(resolve(allow(&["127.0.0.0/8", "::1"])).await.unwrap() > 0);
    }
}
