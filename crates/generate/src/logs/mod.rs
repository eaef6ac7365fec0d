//! The other logs of the sample organisation: flow logs, findings, load balancers and so on, under the keys and in the
//! formats that AWS delivers. One file a log type, registered in [`KINDS`].
//!
//! Records are spread evenly over the accounts and regions that are asked for, so that whoever reads them back can count.

mod cloudfront;
mod config;
mod config_rules;
mod elb;
mod guardduty;
mod network_firewall;
mod route53_resolver;
mod s3_access;
mod security_hub;
mod vpc_flow;
mod waf;

use crate::accounts::{ACCOUNTS, REGIONS};
use crate::rng::{self, Rng};
use crate::text::{self, built};
use crate::{Error, Options};
use chrono::{DateTime, Utc};
use libdeflater::{CompressionLvl, Compressor};
use std::fs;

/// Records of one object, at most.
const OBJECT_RECORDS: u64 = 4_000;
const DAY: i64 = 86_400;

/// Where and when a record is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) account: &'static str,
    pub(crate) region: &'static str,
    /// The record's instant, seconds since the epoch.
    pub(crate) time: i64,
}

impl Place {
    fn at(&self) -> DateTime<Utc> {
        text::instant(self.time)
    }
}

/// A log type: how its objects are called and what is in them.
pub(crate) struct Kind {
    /// The table that it ends in.
    id: &'static str,
    /// It is one in so many of the log type's records; none: it is all that no other kind of the type takes.
    one_in: Option<u64>,
    /// Lines before the records.
    head: &'static str,
    /// Text before, between and after the records.
    around: (&'static str, &'static str, &'static str),
    /// Whether the object is compressed.
    gzip: bool,
    /// Appends a record, without the line's end.
    record: fn(&mut String, &mut Rng, Place),
    /// The object's key; the place's time is that of its last record.
    key: fn(&mut Rng, Place) -> String,
}

/// Records one after the other, a line each.
const LINES: (&str, &str, &str) = ("", "\n", "\n");

/// What is in every log type but CloudTrail, sorted by id.
static KINDS: [&Kind; 11] = [
    &cloudfront::KIND,
    &config::KIND,
    &config_rules::KIND,
    &elb::KIND,
    &guardduty::KIND,
    &network_firewall::KIND,
    &route53_resolver::KIND,
    &s3_access::KIND,
    &security_hub::KIND,
    &vpc_flow::KIND,
    &waf::KIND,
];

/// The ids of the log types that [`run_logs`] can write.
pub fn log_kinds() -> Vec<&'static str> {
    let mut ids: Vec<_> = KINDS.iter().map(|kind| kind.id).collect();
    ids.dedup();
    ids
}

/// What of the other logs to write.
#[derive(Debug, Clone)]
pub struct Logs {
    /// Records of each log type.
    pub records: u64,
    /// The log types, by id; empty: all of [`log_kinds`].
    pub kinds: Vec<String>,
    /// How many of the organisation's accounts have them, 1 to 6.
    pub accounts: usize,
    /// How many regions, 1 to 8.
    pub regions: usize,
}

/// How many records of a log type an account has in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCount {
    /// The log type's id.
    pub kind: &'static str,
    /// The account.
    pub account: &'static str,
    /// The region.
    pub region: &'static str,
    /// Records.
    pub records: u64,
    /// Files.
    pub objects: u64,
    /// Bytes before compression.
    pub bytes_raw: u64,
}

/// Writes the other logs beside CloudTrail's under `options.out`.
///
/// # Errors
/// [`Error::UnknownKind`] for a log type that there is not, and what writing runs into.
pub fn run_logs(options: &Options, logs: &Logs) -> Result<Vec<LogCount>, Error> {
    if let Some(unknown) = logs.kinds.iter().find(|wanted| KINDS.iter().all(|kind| kind.id != wanted.as_str())) {
        return Err(Error::UnknownKind { kind: unknown.clone(), known: log_kinds().join(", ") });
    }
    let accounts = &ACCOUNTS[..logs.accounts.clamp(1, ACCOUNTS.len())];
    let regions = &REGIONS[..logs.regions.clamp(1, REGIONS.len())];
    let mut counts = Vec::new();
    for kind in KINDS.iter().filter(|kind| logs.kinds.is_empty() || logs.kinds.iter().any(|wanted| wanted == kind.id)) {
        let places = (accounts.len() * regions.len()) as u64;
        for (number, (account, region)) in accounts.iter().flat_map(|a| regions.iter().map(move |r| (a, r))).enumerate()
        {
            let extra = u64::from((number as u64) < logs.records % places);
            let place = Place { account: account.id, region: region.name, time: 0 };
            let records = share(kind, logs.records / places + extra);
            if records > 0 {
                counts.push(series(options, kind, place, records)?);
            }
        }
    }
    Ok(counts)
}

/// How many of a log type's records are of a kind.
fn share(kind: &Kind, records: u64) -> u64 {
    match kind.one_in {
        Some(many) => records / many,
        None => {
            let others = KINDS.iter().filter(|other| other.id == kind.id);
            records - others.filter_map(|other| other.one_in).map(|many| records / many).sum::<u64>()
        }
    }
}

/// One kind of log of one account in one region.
fn series(options: &Options, kind: &'static Kind, place: Place, records: u64) -> Result<LogCount, Error> {
    let mut count =
        LogCount { kind: kind.id, account: place.account, region: place.region, records: 0, objects: 0, bytes_raw: 0 };
    let mut rng = Rng::new(rng::fold(&[
        options.seed,
        rng::fold_str(kind.id),
        rng::fold_str(place.account),
        rng::fold_str(place.region),
    ]));
    let length = i64::from(options.days.max(1)) * DAY;
    let from = options.end.timestamp() - length;
    // Each place begins at another moment: also a few records are spread over the whole time, its last days among them.
    let begin = rng.below((length.unsigned_abs() / records.max(1)).max(1)) as i64;
    let at = |n: u64| from + begin + (i128::from(length) * i128::from(n) / i128::from(records.max(1))) as i64;
    while count.records < records {
        // An object lies within one day: that is in its key.
        let first = at(count.records);
        let day_ends = first - first.rem_euclid(DAY) + DAY;
        let most = (records - count.records).min(OBJECT_RECORDS);
        let within = (0..most).take_while(|n| at(count.records + n) < day_ends).count() as u64;
        let times = (0..within.max(1)).map(|n| at(count.records + n));
        let (content, last) = content(kind, &mut rng, place, times);
        write(options, kind, &mut rng, Place { time: last, ..place }, content.as_bytes())?;
        count.records += within.max(1);
        count.objects += 1;
        count.bytes_raw += content.len() as u64;
    }
    Ok(count)
}

fn content(kind: &Kind, rng: &mut Rng, place: Place, times: impl Iterator<Item = i64>) -> (String, i64) {
    let (before, between, after) = kind.around;
    let mut content = format!("{}{before}", kind.head);
    let mut last = 0;
    for (number, time) in times.enumerate() {
        if number > 0 {
            content.push_str(between);
        }
        (kind.record)(&mut content, rng, Place { time, ..place });
        last = time;
    }
    content.push_str(after);
    (content, last)
}

fn write(options: &Options, kind: &Kind, rng: &mut Rng, place: Place, content: &[u8]) -> Result<(), Error> {
    let path = options.out.join((kind.key)(rng, place));
    let failed = |path: &std::path::Path| {
        let path = path.to_owned();
        move |source| Error::Write { path, source }
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    if !kind.gzip {
        return fs::write(&path, content).map_err(failed(&path));
    }
    let mut compressor = Compressor::new(CompressionLvl::new(4).unwrap_or_default());
    let mut packed = vec![0; compressor.gzip_compress_bound(content.len())];
    let length = compressor.gzip_compress(content, &mut packed).map_err(|_| Error::Compress)?;
    packed.truncate(length);
    fs::write(&path, &packed).map_err(failed(&path))
}

/// Addresses outside of AWS that turn up in the logs; the first two belong to the stories.
const CLIENTS: [&str; 12] = [
    "152.206.80.57",
    "185.220.101.4",
    "133.242.16.9",
    "126.78.201.14",
    "81.2.69.142",
    "89.160.20.112",
    "8.8.8.8",
    "104.28.31.7",
    "177.54.144.20",
    "41.190.2.33",
    "2001:df0:9a::51",
    "2a02:26f0:1180::7",
];

/// One of the addresses outside, the first ones seldom.
fn client(rng: &mut Rng) -> &'static str {
    if rng.chance(0.03) { CLIENTS[rng.index(2)] } else { CLIENTS[2 + rng.index(CLIENTS.len() - 2)] }
}

/// An address of version 4 outside.
fn client_v4(rng: &mut Rng) -> &'static str {
    CLIENTS[rng.index(10)]
}

/// Machines of a network.
const HOSTS: u64 = 60;

/// The address of one of the machines of the account's network.
fn inside(rng: &mut Rng) -> String {
    host(rng.below(HOSTS))
}

/// The address of a machine by its number. The first ones are what attackers reach.
fn host(number: u64) -> String {
    format!("10.{}.{}.{}", number % 4, number % 16, 10 + number)
}

fn one_of<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.index(of.len())]
}

fn hex(rng: &mut Rng, digits: usize) -> String {
    built(|b| text::hex(b, rng, digits))
}

fn upper(rng: &mut Rng, digits: usize) -> String {
    built(|b| text::upper(b, rng, digits))
}

fn uuid(rng: &mut Rng) -> String {
    built(|b| text::uuid(b, rng))
}

/// Client programs as they name themselves.
const AGENTS: [&str; 6] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "curl/8.5.0",
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.15.0 exe/x86_64 prompt/off",
    "python-requests/2.31.0",
    "sqlmap/1.8 (https://sqlmap.org)",
];

/// Paths of the sample web site, one of which nobody should ask for.
const PATHS: [&str; 6] = ["/", "/index.html", "/api/orders?page=2", "/static/app.js", "/login", "/.env"];
