//! Sample logs: an organisation's CloudTrail as AWS delivers it, with the investigations of `docs/investigations.md` inside,
//! and on demand its other logs beside it (`logs/`).
//!
//! The background is drawn from a catalogue of some 420 events (`catalogue/`) over six accounts and eight regions; the
//! stories are scripted (`stories/`) and come out the same in number however much background there is. The same options give
//! the same bytes. Pure but for the files it writes; knows nothing of the rest of the project.

mod accounts;
mod catalogue;
mod envelope;
mod identity;
mod logs;
mod mix;
mod names;
mod object;
mod people;
mod plan;
mod record;
mod rng;
mod roster;
mod stories;
mod template;
mod text;

use accounts::{ACCOUNTS, BASE, GLOBAL_REGION, HOME_REGION, REGIONS};
use catalogue::Entry;
use chrono::{DateTime, Utc};
pub use logs::{LogCount, Logs, log_kinds, run_logs};
use mix::{Mix, Site};
use object::{Bench, Factory, Written};
use plan::{Object, Span};
use record::Stream;
use roster::Roster;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use stories::{DAY, QUIET_DAYS};

/// The end of the samples where nobody says another: 2026-10-01T09:00:00Z.
const DEFAULT_END: i64 = 1_790_845_200;

/// How the objects' folders begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// `AWSLogs/o-…/{account}/…`, as an organisation trail delivers.
    #[default]
    Organisation,
    /// `AWSLogs/{account}/…`, as an account's own trail delivers.
    Account,
}

/// What to generate. The same options give the same bytes.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many events, the scripted ones included. Below [`scripted_events`] the less important stories are cut.
    pub events: u64,
    /// The folder that will hold `AWSLogs/`; made where it is missing.
    pub out: PathBuf,
    /// Another seed gives other ids, keys and background; the stories' counts stay.
    pub seed: u64,
    /// The instant at which the samples end. A fixed one by default; a demo passes the present, so that "the last 7 days"
    /// shows story A.
    pub end: DateTime<Utc>,
    /// How many days of background there are before the end; 1 at least.
    pub days: u32,
    /// How the objects' folders begin.
    pub layout: Layout,
    /// Whether the scripted stories are inside. Without them there is nothing in the samples that a detection should find.
    pub stories: bool,
    /// Whether the last week has what the stories leave out: sign-ins from two continents without MFA, and what follows.
    /// The demo has, so that no view of a week is empty.
    pub week: bool,
}

impl Options {
    /// Thirty days up to the fixed default end, in an organisation's folders.
    pub fn new(events: u64, out: impl Into<PathBuf>, seed: u64) -> Self {
        Self {
            events,
            out: out.into(),
            seed,
            end: text::instant(DEFAULT_END),
            days: 30,
            layout: Layout::default(),
            stories: true,
            week: false,
        }
    }
}

/// What was generated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Records, in all objects.
    pub events: u64,
    /// Files.
    pub objects: u64,
    /// Bytes of JSON.
    pub bytes_raw: u64,
    /// Bytes of the files.
    pub bytes_gz: u64,
}

/// Why generating failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A second run in the same folder would mix two sets of samples, and no story would add up.
    #[error("{0} is there already: choose another folder, or remove it")]
    Occupied(PathBuf),
    /// A folder or an object could not be written.
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: std::io::Error },
    /// The compressor wanted more room than it says it needs.
    #[error("compressing an object failed")]
    Compress,
    /// There are no samples of that kind of log.
    #[error("there are no samples of {kind}; there are: {known}")]
    UnknownKind { kind: String, known: String },
    /// A fault in the embedded catalogue.
    #[error("event catalogue {file}, line {line}: {reason}")]
    Catalogue { file: String, line: usize, reason: String },
}

/// The number of scripted events: with at least this many asked for, every story is whole.
pub fn scripted_events() -> u64 {
    stories::all(0, DEFAULT_END).len() as u64
}

/// Writes the samples; `progress` is told the number of events written so far.
pub fn run(options: &Options, progress: &mut dyn FnMut(u64)) -> Result<Report, Error> {
    let occupied = options.out.join("AWSLogs");
    if occupied.exists() {
        return Err(Error::Occupied(occupied));
    }
    let entries = catalogue::load()?;
    let streams = streams(&entries);
    let end = options.end.timestamp();
    let mut scripted = if options.stories { stories::all(options.seed, end) } else { Vec::new() };
    if options.week {
        scripted.extend(stories::week(options.seed, end));
    }
    scripted.truncate(usize::try_from(options.events).unwrap_or(usize::MAX));
    let from = end - i64::from(options.days.max(1)) * DAY;
    let span = Span { records: options.events - scripted.len() as u64, from, to: end };
    let objects = plan::objects(options, &streams, span, scripted);
    let factory = Factory { options, entries: &entries, streams: &streams, quiet_from: end - QUIET_DAYS * DAY };
    make_all(&factory, &objects, progress)
}

/// Every account in every region, and the network activity of two accounts.
fn streams(entries: &[Entry]) -> Vec<Stream> {
    let mut list = Vec::new();
    for account in &ACCOUNTS {
        for (region, share) in REGIONS.iter().zip(account.regions) {
            let site = Site {
                global: region.name == GLOBAL_REGION,
                home: account.id == BASE && region.name == HOME_REGION,
                network: false,
            };
            let roster = Roster::new(account, region, share);
            let mix = Mix::new(entries, account, &roster, site);
            list.push(Stream { account, region, folder: "CloudTrail", share: account.share * share, roster, mix });
        }
    }
    for account in ACCOUNTS.iter().filter(|a| a.alias == "prod" || a.alias == "data") {
        let roster = Roster::new(account, &REGIONS[0], 0.0);
        let mix = Mix::new(entries, account, &roster, Site { global: false, home: false, network: true });
        let folder = "CloudTrail-NetworkActivity";
        list.push(Stream { account, region: &REGIONS[0], folder, share: account.share * 0.004, roster, mix });
    }
    list
}

/// Makes the objects on all processors; the first error ends the rest.
fn make_all(factory: &Factory<'_>, objects: &[Object], progress: &mut dyn FnMut(u64)) -> Result<Report, Error> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(objects.len().max(1));
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (sender, results) = mpsc::sync_channel::<Result<Written, Error>>(64);
        for _ in 0..workers {
            let (sender, next, stop) = (sender.clone(), &next, &stop);
            scope.spawn(move || {
                let mut bench = Bench::new();
                while !stop.load(Ordering::Relaxed) {
                    let Some(object) = objects.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    if sender.send(factory.make(&mut bench, object)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let outcome = gather(&results, progress);
        stop.store(true, Ordering::Relaxed);
        // A worker may wait for room in the channel; without a receiver it goes on, and ends.
        drop(results);
        outcome
    })
}

fn gather(results: &mpsc::Receiver<Result<Written, Error>>, progress: &mut dyn FnMut(u64)) -> Result<Report, Error> {
    let mut report = Report::default();
    for result in results {
        let written = result?;
        report.events += written.events;
        report.objects += 1;
        report.bytes_raw += written.bytes_raw;
        report.bytes_gz += written.bytes_gz;
        progress(report.events);
    }
    Ok(report)
}
