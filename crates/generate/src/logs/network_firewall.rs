//! AWS Network Firewall flow and alert logs.

use super::{Kind, LINES, Place, client_v4, hex, host, inside, one_of};
use crate::rng::Rng;
use std::fmt::Write;

pub(super) const KIND: Kind =
    Kind { id: "network_firewall", one_in: None, head: "", around: LINES, gzip: true, record, key };

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let time = place.at().format("%Y-%m-%dT%H:%M:%S");
    let (mut source, target, sport, flow) = (inside(rng), client_v4(rng), 1024 + rng.below(60_000), rng.next() >> 12);
    let detail = if rng.chance(0.3) {
        // What is grave comes from a few machines.
        let severity = if rng.chance(0.1) { 1 } else { 2 + rng.below(2) };
        if severity == 1 {
            source = host(rng.below(3));
        }
        format!(
            "\"event_type\":\"alert\",\"alert\":{{\"action\":\"{}\",\"signature_id\":{},\"rev\":1,\"signature\":\"outbound to a listed domain\",\"category\":\"Misc activity\",\"severity\":{}}}",
            one_of(rng, &["allowed", "blocked"]),
            1 + rng.below(40),
            severity
        )
    } else {
        format!(
            "\"event_type\":\"netflow\",\"netflow\":{{\"pkts\":{},\"bytes\":{},\"start\":\"{time}.000000+0000\",\"end\":\"{time}.900000+0000\",\"age\":0,\"min_ttl\":64,\"max_ttl\":64}}",
            1 + rng.below(50),
            60 + rng.below(90_000)
        )
    };
    let _ = write!(
        out,
        "{{\"firewall_name\":\"egress\",\"availability_zone\":\"{}a\",\"event_timestamp\":\"{}\",\"event\":{{\"timestamp\":\"{time}.{:06}+0000\",\"flow_id\":{flow},{detail},\"src_ip\":\"{source}\",\"src_port\":{sport},\"dest_ip\":\"{target}\",\"dest_port\":443,\"proto\":\"TCP\"}}}}",
        place.region,
        place.time,
        rng.below(1_000_000),
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    let Place { account, region, .. } = place;
    format!(
        "AWSLogs/{account}/network-firewall/flow/{region}/egress/{}/{account}_network-firewall_flow_{region}_egress_{}_{}.log.gz",
        place.at().format("%Y/%m/%d/%H"),
        place.at().format("%Y%m%d%H%M"),
        hex(rng, 8),
    )
}
