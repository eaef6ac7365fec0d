//! S3 server access logs, under keys with account, region, bucket and date.

use super::{AGENTS, Kind, LINES, Place, client, hex, one_of, upper};
use crate::rng::Rng;
use crate::text::{self, built};
use std::fmt::Write;

pub(super) const KIND: Kind = Kind { id: "s3_access", one_in: None, head: "", around: LINES, gzip: false, record, key };

fn bucket(place: Place) -> String {
    format!("acme-{}-{}-assets", place.account, place.region)
}

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let (operation, verb) = if rng.chance(0.8) { ("REST.GET.OBJECT", "GET") } else { ("REST.PUT.OBJECT", "PUT") };
    let refused = rng.chance(0.05);
    let (status, error) = if refused { ("403", "AccessDenied") } else { ("200", "-") };
    let object = one_of(
        rng,
        &["reports/2026/q3.csv", "img/logo.png", "backup/db%2Borders.dump", "exports/%E9%A1%A7%E5%AE%A2.csv"],
    );
    let requester =
        if refused { "-".to_owned() } else { format!("arn:aws:sts::{}:assumed-role/app-read/i-0abc", place.account) };
    let (bucket, client, agent) = (bucket(place), client(rng), one_of(rng, &AGENTS));
    let (sent, size) = if refused {
        ("-".to_owned(), "-".to_owned())
    } else {
        (rng.below(900_000).to_string(), (1 + rng.below(900_000)).to_string())
    };
    let _ = write!(
        out,
        "{owner} {bucket} [{time}] {client} {requester} {request} {operation} {object} \"{verb} /{object} HTTP/1.1\" {status} {error} {sent} {size} {total} {turn} \"-\" \"{agent}\" - {host} SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader {bucket}.s3.{region}.amazonaws.com TLSv1.2 - -",
        owner = hex(rng, 64),
        time = place.at().format("%d/%b/%Y:%H:%M:%S +0000"),
        request = upper(rng, 16),
        total = 5 + rng.below(300),
        turn = 4 + rng.below(200),
        host = built(|b| text::base64(b, rng, 76)),
        region = place.region,
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    format!(
        "s3-access/{}/{}/{}/{}/{}-{}",
        place.account,
        place.region,
        bucket(place),
        place.at().format("%Y/%m/%d"),
        place.at().format("%Y-%m-%d-%H-%M-%S"),
        upper(rng, 16),
    )
}
