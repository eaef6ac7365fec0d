//! CloudFront standard access logs. The log knows neither account nor region; the key has the account.

use super::{AGENTS, Kind, LINES, PATHS, Place, client, hex, one_of};
use crate::rng::Rng;
use crate::text::{self, built};
use std::fmt::Write;

pub(super) const KIND: Kind = Kind {
    id: "cloudfront",
    one_in: None,
    head: "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end\n",
    around: LINES,
    gzip: true,
    record,
    key,
};

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let (status, result) =
        if rng.chance(0.92) { ("200", one_of(rng, &["Hit", "Miss", "RefreshHit"])) } else { ("403", "Error") };
    let (path, query) = match one_of(rng, &PATHS).split_once('?') {
        Some((path, query)) => (path, query),
        None => ("/index.html", "-"),
    };
    let agent = one_of(rng, &AGENTS).replace(' ', "%20");
    let _ = write!(
        out,
        "{day}\t{time}\t{edge}\t{sent}\t{client}\tGET\td111111abcdef8.cloudfront.net\t{path}\t{status}\t-\t{agent}\t{query}\t-\t{result}\t{request}==\twww.example.com\thttps\t{received}\t0.{ms:03}\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\t{result}\tHTTP/2.0\t-\t-\t{port}\t0.{ms:03}\t{result}\ttext/html\t{length}\t-\t-",
        day = place.at().format("%Y-%m-%d"),
        time = place.at().format("%H:%M:%S"),
        edge = one_of(rng, &["NRT57-P3", "FRA60-P1", "IAD89-C1"]),
        sent = 300 + rng.below(80_000),
        client = client(rng),
        request = built(|b| text::mixed(b, rng, 54)),
        received = 100 + rng.below(900),
        ms = rng.below(1000),
        port = 1024 + rng.below(60_000),
        length = rng.below(80_000),
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    // A name for each region's share, as a distribution has no region.
    let distribution = format!("E{}", crate::rng::fold_str(place.region) % 10_000_000_000_000);
    format!("cloudfront/{}/{distribution:A<14}.{}.{}.gz", place.account, place.at().format("%Y-%m-%d-%H"), hex(rng, 8))
}
