//! The Community ID of a flow (version 1, seed 0): the same text for both directions of a connection, in every tool that
//! speaks it.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

const ICMP: u8 = 1;
const ICMP6: u8 = 58;
/// TCP, UDP, SCTP: the protocols whose ports count.
const WITH_PORTS: [u8; 3] = [6, 17, 132];

/// Messages that come in pairs, as request and answer: the answer's type takes the part of the port.
const PAIRS: [(u16, u16); 9] = [(8, 0), (0, 8), (13, 14), (14, 13), (15, 16), (16, 15), (17, 18), (18, 17), (10, 9)];
const PAIRS6: [(u16, u16); 10] = [
    (128, 129),
    (129, 128),
    (133, 134),
    (134, 133),
    (135, 136),
    (136, 135),
    (130, 131),
    (131, 130),
    (144, 145),
    (145, 144),
];

/// `1:` and the hash of both ends. ICMP's type and code stand in for the ports.
pub(super) fn community_id(source: (IpAddr, u16), destination: (IpAddr, u16), protocol: u8) -> Option<String> {
    let (source, destination, one_way) = match protocol {
        ICMP => icmp(source, destination, &PAIRS),
        ICMP6 => icmp(source, destination, &PAIRS6),
        _ => (source, destination, false),
    };
    let ordered = one_way || (source.0, source.1) <= (destination.0, destination.1);
    let (low, high) = if ordered { (source, destination) } else { (destination, source) };
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    hash.update(octets(low.0, high.0)?);
    hash.update([protocol, 0]);
    if WITH_PORTS.contains(&protocol) || matches!(protocol, ICMP | ICMP6) {
        hash.update(low.1.to_be_bytes());
        hash.update(high.1.to_be_bytes());
    }
    Some(format!("1:{}", STANDARD.encode(hash.finalize())))
}

type End = (IpAddr, u16);

fn icmp(source: End, destination: End, pairs: &[(u16, u16)]) -> (End, End, bool) {
    match pairs.iter().find(|(request, _)| *request == source.1) {
        Some((_, answer)) => (source, (destination.0, *answer), false),
        None => (source, destination, true),
    }
}

fn octets(low: IpAddr, high: IpAddr) -> Option<Vec<u8>> {
    match (low, high) {
        (IpAddr::V4(low), IpAddr::V4(high)) => Some([low.octets(), high.octets()].concat()),
        (IpAddr::V6(low), IpAddr::V6(high)) => Some([low.octets(), high.octets()].concat()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_have_their_ids() {
        let check = |from: (&str, u16), to: (&str, u16), protocol: u8, expected: &str| {
            let end = |(address, port): (&str, u16)| (address.parse().expect("an address"), port);
            assert_eq!(community_id(end(from), end(to), protocol).as_deref(), Some(expected), "{from:?} {to:?}");
        };
        check(("89.160.20.156", 50041), ("10.200.0.0", 33004), 17, "1:+zLdyx7gcy2L5ERP4Je5AZMgl3A=");
        check(("78.24.182.42", 20641), ("158.109.0.1", 22), 6, "1:Ln/vlDqu658GHymxjnRAaUF8KS4=");
        check(("158.109.0.1", 22), ("78.24.182.42", 20641), 6, "1:Ln/vlDqu658GHymxjnRAaUF8KS4=");
        let v6 = ("2001:db8:1234:a100:8d6e:3477:df66:f105", 34892);
        check(v6, ("2001:db8:1234:a102:3304:8879:34cf:4071", 22), 6, "1:hXZclvxUJScaVf0xMIJR6yW6tBQ=");
    }
}
