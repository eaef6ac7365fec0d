//! Route 53 Resolver query logs.

use super::{HOSTS, Kind, LINES, Place, hex, host, one_of};
use crate::rng::Rng;
use std::fmt::Write;

pub(super) const KIND: Kind =
    Kind { id: "route53_resolver", one_in: None, head: "", around: LINES, gzip: true, record, key };

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let Place { account, region, .. } = place;
    // The first machine mines.
    let instance = rng.below(HOSTS);
    let name = match instance {
        0 if rng.chance(0.5) => "xmr.pool.minergate.com.",
        _ => one_of(rng, &["api.example.com.", "s3.amazonaws.com.", "registry.npmjs.org.", "time.aws.com."]),
    };
    let (code, answers) = if rng.chance(0.93) {
        let answer = |rng: &mut Rng| {
            format!(
                "{{\"Rdata\":\"52.{}.{}.{}\",\"Type\":\"A\",\"Class\":\"IN\"}}",
                rng.below(200),
                rng.below(250),
                rng.below(250)
            )
        };
        ("NOERROR", format!("{},{}", answer(rng), answer(rng)))
    } else {
        ("NXDOMAIN", String::new())
    };
    let _ = write!(
        out,
        "{{\"version\":\"1.100000\",\"account_id\":\"{account}\",\"region\":\"{region}\",\"vpc_id\":\"vpc-00000000000001092\",\"query_timestamp\":\"{time}\",\"query_name\":\"{name}\",\"query_type\":\"A\",\"query_class\":\"IN\",\"rcode\":\"{code}\",\"answers\":[{answers}],\"srcaddr\":\"{source}\",\"srcport\":\"{port}\",\"transport\":\"UDP\",\"srcids\":{{\"instance\":\"i-0{instance:016x}\"}}}}",
        time = place.at().format("%Y-%m-%dT%H:%M:%SZ"),
        source = host(instance),
        port = 1024 + rng.below(60_000),
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    let account = place.account;
    format!(
        "AWSLogs/{account}/vpcdnsquerylogs/vpc-00000000000001092/{}/vpc-00000000000001092_vpcdnsquerylogs_{account}_{}_{}.log.gz",
        place.at().format("%Y/%m/%d"),
        place.at().format("%Y%m%dT%H%MZ"),
        hex(rng, 8),
    )
}
