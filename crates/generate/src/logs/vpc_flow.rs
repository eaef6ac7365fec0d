//! VPC Flow Logs, version 5 with the fields that people add, as text in S3.

use super::{Kind, LINES, Place, client_v4, hex, host, inside, one_of};
use crate::rng::Rng;
use std::fmt::Write;

pub(super) const KIND: Kind = Kind {
    id: "vpc_flow",
    one_in: None,
    head: "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id flow-direction\n",
    around: LINES,
    gzip: true,
    record,
    key,
};

/// Ports that something listens on, and those that only scanners try.
const PORTS: [u16; 8] = [443, 443, 443, 80, 5432, 22, 3389, 23];

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let eni = format!("eni-0{:016x}", rng.below(40) * 7_919);
    if rng.chance(0.01) {
        let _ = write!(
            out,
            "5 {} {eni} - - - - - - - {} {} - NODATA - - - - - - - {} - -",
            place.account,
            place.time,
            place.time + 60,
            place.region
        );
        return;
    }
    let (mut here, there) = (inside(rng), client_v4(rng));
    let ingress = rng.chance(0.6);
    let port = PORTS[rng.index(PORTS.len())];
    let far = 1024 + rng.below(60_000);
    let administration = ingress && matches!(port, 22 | 23 | 3389);
    let action = if administration && rng.chance(0.9) { "REJECT" } else { "ACCEPT" };
    if administration && action == "ACCEPT" {
        here = host(rng.below(2));
    }
    let (from, to, sport, dport) = if ingress {
        (there, here.as_str(), far, u64::from(port))
    } else {
        (here.as_str(), there, far, u64::from(port))
    };
    let packets = 1 + rng.below(200);
    let bytes = packets * (40 + rng.below(1400));
    let protocol = if rng.chance(0.85) { 6 } else { 17 };
    let az = one_of(rng, &["az1", "az2", "az4"]);
    let _ = write!(
        out,
        "5 {account} {eni} {from} {to} {sport} {dport} {protocol} {packets} {bytes} {start} {end} {action} OK vpc-0{vpc:016x} subnet-0{subnet:016x} i-0{instance:016x} {flags} IPv4 {from} {to} {region} {az} {direction}",
        account = place.account,
        start = place.time,
        end = place.time + 30 + rng.below(30) as i64,
        vpc = 4_242,
        subnet = rng.below(6),
        instance = rng.below(40),
        flags = if protocol == 6 { one_of(rng, &["2", "3", "19", "18"]) } else { "0" },
        region = place.region,
        direction = if ingress { "ingress" } else { "egress" },
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    let Place { account, region, .. } = place;
    format!(
        "AWSLogs/{account}/vpcflowlogs/{region}/{}/{account}_vpcflowlogs_{region}_fl-0{}_{}_{}.log.gz",
        place.at().format("%Y/%m/%d"),
        hex(rng, 16),
        place.at().format("%Y%m%dT%H%MZ"),
        hex(rng, 8),
    )
}
