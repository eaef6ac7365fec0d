//! The client's address: the connection's, or what a trusted proxy says.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::request::Parts;

use super::Peer;
use crate::app::Config;

/// The last address of `X-Forwarded-For` that no trusted proxy of ours added; what stands before it anybody may have written.
pub(super) fn address(head: &Parts, config: &Config) -> IpAddr {
    let peer =
        head.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip().to_canonical());
    let trusted = |address: IpAddr| config.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == address);
    if !trusted(peer) {
        return peer;
    }
    let mut found = peer;
    let named = head.headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
    let chain: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in chain.iter().rev() {
        let Ok(hop) = hop.parse::<IpAddr>() else { break };
        found = hop.to_canonical();
        if !trusted(found) {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let config = Config {
            trusted_proxies: vec!["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()],
            ..Config::default()
        };
        let mut request = axum::http::Request::builder().uri("/");
        for value in forwarded {
            request = request.header("x-forwarded-for", *value);
        }
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        head.extensions.insert(Peer(format!("{peer}:1").parse().unwrap()));
        assert_eq!(address(&head, &config), expected.parse::<IpAddr>().unwrap(), "{peer} {forwarded:?}");
    }

    #[test]
    fn only_proxies_are_believed() {
        check("192.0.2.9", &[], "192.0.2.9");
        check("192.0.2.9", &["203.0.113.1"], "192.0.2.9");
        check("10.0.0.1", &[], "10.0.0.1");
        check("10.0.0.1", &["203.0.113.1"], "203.0.113.1");
        check("10.0.0.1", &["198.51.100.7, 203.0.113.1"], "203.0.113.1");
        check("10.0.0.1", &["198.51.100.7", "203.0.113.1, 10.0.0.2"], "203.0.113.1");
        check("10.0.0.1", &["203.0.113.1, nonsense"], "10.0.0.1");
        check("[::ffff:10.0.0.1]", &["2001:db8::1"], "2001:db8::1");
        check("[::1]", &["203.0.113.1"], "::1");
    }
}
