//! The event history of accounts that have no trail: the last 90 days of management events, region by region, asked for page by
//! page as slowly as AWS allows.
//!
//! Events appear minutes after they happen, so each pass begins some time before the last one ended; the lake counts an event
//! once. Between passes the days before are read backwards, hour by hour. Where each region stands is in the checkpoint.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use aws::cloudtrail::lookup;
use aws::{AwsError, Session};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use lake::ObjectVersion;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Meter;
use super::checkpoint::Checkpoint;
use crate::IngestError;
use crate::intake::{Delivery, Intake, Receipt, Refused};

/// Requests of a region are this far apart: two a second are allowed.
const APART: Duration = Duration::from_millis(510);
/// Seconds of one window: what is read between two checkpoints.
const WINDOW: i64 = 3600;
/// AWS keeps events for 90 days.
const KEPT: i64 = 90 * 86_400;

/// How the event history is read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Regions; those without any events cost a request a pass.
    pub regions: Vec<String>,
    /// Days to go back, 90 at most.
    pub days: u32,
    /// Time between two passes over the newest events.
    pub every: Duration,
    /// How far a pass goes back before the end of the last one.
    pub overlap: Duration,
    /// End when everything that is there now is in.
    pub drain: bool,
}

impl Settings {
    /// The usual, for some regions.
    #[must_use]
    pub fn new(regions: Vec<String>) -> Self {
        let (every, overlap) = (Duration::from_secs(120), Duration::from_secs(45 * 60));
        Self { regions, days: 90, every, overlap, drain: false }
    }
}

/// By region: everything of these seconds is in.
type Progress = BTreeMap<String, Span>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    from: i64,
    to: i64,
}

struct Work {
    settings: Settings,
    intake: Intake,
    meter: Meter,
    checkpoint: Checkpoint,
    progress: Mutex<Progress>,
    cancel: CancellationToken,
}

/// One region.
struct Region<'a> {
    work: &'a Work,
    session: Session,
    next: Instant,
}

/// Why a pass ended before its end.
enum Stop {
    Aws(AwsError),
    Refused(Refused),
    Write(std::io::Error),
    Cancelled,
}

/// Reads the event history until cancelled, or until everything is in where that was asked for.
///
/// # Errors
/// [`IngestError::Path`] where the checkpoint can't be written. What AWS says is on the meter.
pub async fn run(
    settings: Settings,
    session: &Session,
    intake: Intake,
    meter: Meter,
    checkpoint: Checkpoint,
    cancel: CancellationToken,
) -> Result<(), IngestError> {
    let progress = Mutex::new(checkpoint.load());
    let regions = settings.regions.clone();
    let work = Work { settings, intake, meter, checkpoint, progress, cancel };
    let runs = regions.iter().map(|region| {
        let region = Region { work: &work, session: session.in_region(region), next: Instant::now() };
        region.run()
    });
    futures::future::try_join_all(runs).await?;
    Ok(())
}

impl Region<'_> {
    async fn run(mut self) -> Result<(), IngestError> {
        let mut failures: u32 = 0;
        loop {
            let stop = match self.pass().await {
                Ok(()) => return Ok(()),
                Err(stop) => stop,
            };
            let reason = match stop {
                Stop::Cancelled => return Ok(()),
                Stop::Write(error) => {
                    return Err(IngestError::Path { path: "the checkpoint".into(), reason: error.to_string() });
                }
                Stop::Aws(error) => error.to_string(),
                Stop::Refused(refused) => refused.0,
            };
            self.work.meter.failed(&reason);
            tracing::warn!(region = self.session.region(), reason, "the event history can't be read");
            failures += 1;
            let wait = Duration::from_secs(1 << failures.min(6));
            if self.work.cancel.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return Ok(());
            }
        }
    }

    /// The newest events again and again, and windows of the days before in between.
    async fn pass(&mut self) -> Result<(), Stop> {
        let settings = &self.work.settings;
        loop {
            let due = Instant::now() + settings.every;
            self.newest().await?;
            while Instant::now() < due || settings.drain {
                if !self.backwards().await? {
                    break;
                }
            }
            if settings.drain {
                return Ok(());
            }
            self.work.meter.well(true);
            self.work.cancel.run_until_cancelled(sleep_until(due)).await.ok_or(Stop::Cancelled)?;
        }
    }

    /// From some time before the last pass to now.
    async fn newest(&mut self) -> Result<(), Stop> {
        let now = Utc::now().timestamp();
        let known = self.work.progress.lock().await.get(self.session.region()).copied();
        let overlap = i64::try_from(self.work.settings.overlap.as_secs()).unwrap_or(KEPT);
        let mut span = known.unwrap_or(Span { from: now, to: now });
        let mut from = (span.to - overlap).max(self.oldest(now));
        while from < now {
            let to = (from + WINDOW).min(now);
            self.window(from, to).await?;
            // A first pass begins in the middle of nothing; what is before it is read backwards.
            span = Span { from: span.from.min(from), to: span.to.max(to) };
            self.save(span).await?;
            from = to;
        }
        Ok(())
    }

    /// One window of the days before; `false`: there is none.
    async fn backwards(&mut self) -> Result<bool, Stop> {
        let region = self.session.region();
        let Some(span) = self.work.progress.lock().await.get(region).copied() else { return Ok(false) };
        let oldest = self.oldest(Utc::now().timestamp());
        if span.from <= oldest {
            return Ok(false);
        }
        let from = (span.from - WINDOW).max(oldest);
        self.window(from, span.from).await?;
        self.save(Span { from, ..span }).await?;
        Ok(true)
    }

    fn oldest(&self, now: i64) -> i64 {
        now - (i64::from(self.work.settings.days) * 86_400).min(KEPT)
    }

    async fn save(&self, span: Span) -> Result<(), Stop> {
        let mut progress = self.work.progress.lock().await;
        progress.insert(self.session.region().to_owned(), span);
        self.work.checkpoint.save(&*progress).map_err(Stop::Write)
    }

    /// All events of a window, in the lake when this returns.
    async fn window(&mut self, from: i64, to: i64) -> Result<(), Stop> {
        let mut receipts = Vec::new();
        let mut result = self.pages(from, to, &mut receipts).await;
        let ended = DateTime::from_timestamp(to, 0);
        for (origin, bytes, receipt) in receipts {
            match receipt.settled().await {
                Ok(settled) => self.work.meter.settled(&origin, bytes, &settled, ended),
                Err(error) => result = result.and(Err(Stop::Refused(error))),
            }
            self.work.meter.in_flight(-1);
        }
        result
    }

    async fn pages(&mut self, from: i64, to: i64, receipts: &mut Vec<(String, u64, Receipt)>) -> Result<(), Stop> {
        let (mut next, mut page) = (None, 0);
        loop {
            sleep_until(self.next).await;
            self.next = Instant::now() + APART;
            if self.work.cancel.is_cancelled() {
                return Err(Stop::Cancelled);
            }
            let events = lookup(&self.session, from, to, next.as_deref()).await.map_err(Stop::Aws)?;
            if !events.records.is_empty() {
                let delivery = self.delivery(from, page, &events.records);
                let (origin, bytes) = (delivery.version.object.clone(), delivery.version.size);
                let receipt = self.work.intake.take(delivery).await.map_err(Stop::Refused)?;
                self.work.meter.in_flight(1);
                receipts.push((origin, bytes, receipt));
            }
            page += 1;
            next = events.next;
            if next.is_none() {
                return Ok(());
            }
        }
    }

    fn delivery(&self, from: i64, page: u32, records: &[String]) -> Delivery {
        let records: Vec<_> = records.iter().map(|record| whole(record)).collect();
        let content = Bytes::from(format!("{{\"Records\":[{}]}}", records.join(",")));
        let start = DateTime::from_timestamp(from, 0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true);
        let object = format!("cloudtrail:lookup-events/{}/{start}/{page}", self.session.region());
        let version =
            ObjectVersion { object, size: content.len() as u64, revision: Utc::now().timestamp_micros().to_string() };
        Delivery { version, content }
    }
}

/// A record, or a text with what is none: it must not break the others.
fn whole(record: &str) -> Cow<'_, str> {
    match serde_json::from_str::<serde::de::IgnoredAny>(record) {
        Ok(_) => record.into(),
        Err(_) => serde_json::Value::from(record).to_string().into(),
    }
}
