//! Application Load Balancer access logs.

use super::{AGENTS, Kind, LINES, PATHS, Place, client, hex, inside, one_of};
use crate::rng::Rng;
use std::fmt::Write;

pub(super) const KIND: Kind = Kind { id: "elb", one_in: None, head: "", around: LINES, gzip: true, record, key };

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let status = if rng.chance(0.9) { "200" } else { one_of(rng, &["301", "403", "404", "502", "460"]) };
    let (client, target, path, agent) = (client(rng), inside(rng), one_of(rng, &PATHS), one_of(rng, &AGENTS));
    // The client and its port are set apart by the last colon, also behind an address of version 6.
    let _ = write!(
        out,
        "https {time}.{micros:06}Z app/web/50dc6c495c0c9188 {client}:{port} {target}:8080 0.001 0.0{ms:02} 0.000 {status} {status} {received} {sent} \"GET https://www.example.com:443{path} HTTP/2.0\" \"{agent}\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/web/73e2d6bc24d8a067 \"Root=1-{a}-{b}\" \"www.example.com\" \"arn:aws:acm:{region}:{account}:certificate/12345678-1234-1234-1234-123456789012\" 0 {time}.{earlier:06}Z \"forward\" \"-\" \"-\" \"{target}:8080\" \"{status}\" \"-\" \"-\" TID_{tid}",
        time = place.at().format("%Y-%m-%dT%H:%M:%S"),
        micros = 500_000 + rng.below(499_999),
        earlier = rng.below(500_000),
        port = 1024 + rng.below(60_000),
        ms = rng.below(100),
        received = 200 + rng.below(900),
        sent = 400 + rng.below(90_000),
        region = place.region,
        account = place.account,
        a = hex(rng, 8),
        b = hex(rng, 24),
        tid = hex(rng, 32),
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    let Place { account, region, .. } = place;
    format!(
        "AWSLogs/{account}/elasticloadbalancing/{region}/{}/{account}_elasticloadbalancing_{region}_app.web.50dc6c495c0c9188_{}_{}_{}.log.gz",
        place.at().format("%Y/%m/%d"),
        place.at().format("%Y%m%dT%H%MZ"),
        inside(rng),
        hex(rng, 8),
    )
}
