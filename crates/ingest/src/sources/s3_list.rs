//! Objects of a bucket as its listing has them, for buckets that notify nobody: the last days again and again, and the days
//! before them once, the newest first. What is in is known by the ledger; how far the back-fill has come, by a checkpoint.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws::s3::{Listed, Listing, Objects};
use aws::{AwsError, Session};
use chrono::{DateTime, Days, NaiveDate, Utc};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::checkpoint::Checkpoint;
use super::days::{self, Root};
use super::fetch::{Fetcher, Trouble};
use super::notice::Named;
use super::{KeyFilter, Meter};
use crate::IngestError;
use crate::intake::Intake;

/// Objects of a page at the same time; how many are really fetched is the fetcher's to say.
const AT_ONCE: usize = 256;
/// Places with days are looked for again after this.
const LOOK: Duration = Duration::from_secs(3600);
/// Places listed at the same time.
const PLACES: usize = 8;
/// Attempts at an object that fails for reasons that pass.
const ATTEMPTS: u32 = 6;

/// How a bucket is read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bucket.
    pub bucket: String,
    /// Which objects are taken; the listing begins at its prefixes.
    pub filter: KeyFilter,
    /// The first day to take; `None`: all there are.
    pub since: Option<NaiveDate>,
    /// Days that are listed again and again, today included.
    pub recent: u64,
    /// Time between two such listings.
    pub every: Duration,
    /// Objects fetched at the same time.
    pub fetches: usize,
    /// The requester pays for the objects.
    pub requester_pays: bool,
    /// End when everything that is there now is in.
    pub drain: bool,
}

impl Settings {
    /// The usual, for a bucket.
    #[must_use]
    pub fn new(bucket: &str) -> Self {
        Self {
            bucket: bucket.into(),
            filter: KeyFilter::default(),
            since: None,
            recent: 2,
            every: Duration::from_secs(300),
            fetches: 32,
            requester_pays: false,
            drain: false,
        }
    }
}

/// How far the back-fill has come, by root: the days from one to another, the latter not included, are in.
type Progress = BTreeMap<String, Span>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    from: NaiveDate,
    to: NaiveDate,
}

impl Span {
    fn holds(&self, day: NaiveDate) -> bool {
        (self.from..self.to).contains(&day)
    }

    fn covers(&self, from: NaiveDate, to: NaiveDate) -> bool {
        self.from <= from && self.to >= to
    }
}

struct Work {
    settings: Settings,
    objects: Objects,
    fetcher: Fetcher,
    checkpoint: Checkpoint,
    roots: Option<(Instant, Arc<[Root]>)>,
    cancel: CancellationToken,
}

/// Reads a bucket until cancelled, or until everything is in where that was asked for.
///
/// # Errors
/// [`IngestError::Path`] where the checkpoint can't be written. What the bucket says is on the meter.
pub async fn run(
    settings: Settings,
    session: &Session,
    intake: Intake,
    meter: Meter,
    checkpoint: Checkpoint,
    cancel: CancellationToken,
) -> Result<(), IngestError> {
    let objects = Objects::new(session, settings.requester_pays);
    let fetcher = Fetcher::new(objects.clone(), intake, meter, settings.fetches);
    let mut work = Work { settings, objects, fetcher, checkpoint, roots: None, cancel };
    let mut failures: u32 = 0;
    while !work.cancel.is_cancelled() {
        let wait = match work.pass().await {
            Ok(true) if work.settings.drain => return Ok(()),
            Ok(whole) => {
                failures = 0;
                if whole { work.settings.every } else { Duration::ZERO }
            }
            Err(Stop::Write(error)) => {
                return Err(IngestError::Path { path: "the checkpoint".into(), reason: error.to_string() });
            }
            Err(Stop::Cancelled) => return Ok(()),
            Err(Stop::Aws(error)) => {
                work.fetcher.meter.failed(&error.to_string());
                tracing::warn!(bucket = work.settings.bucket, %error, "the bucket can't be read");
                failures += 1;
                Duration::from_secs(1 << failures.min(6))
            }
        };
        work.cancel.run_until_cancelled(tokio::time::sleep(wait)).await;
    }
    Ok(())
}

/// Why a pass ended before its end.
enum Stop {
    Aws(AwsError),
    Write(std::io::Error),
    Cancelled,
}

impl From<AwsError> for Stop {
    fn from(error: AwsError) -> Self {
        Self::Aws(error)
    }
}

impl Work {
    /// The last days, then the days before them that are not in yet. `false`: some of them are still to do.
    async fn pass(&mut self) -> Result<bool, Stop> {
        let due = Instant::now() + self.settings.every;
        let roots = self.roots().await?;
        let first_recent = Utc::now().date_naive() - Days::new(self.settings.recent.saturating_sub(1));
        let recent = first_recent.iter_days().take(usize::try_from(self.settings.recent).unwrap_or(usize::MAX));
        let recent: Vec<(NaiveDate, &Root)> =
            recent.flat_map(|day| roots.iter().map(move |root| (day, root))).collect();
        self.days(&recent).await?;
        let whole = self.back_fill(&roots, first_recent, due).await?;
        self.fetcher.meter.well(whole);
        Ok(whole)
    }

    /// The places with a folder a day; they are looked for from time to time, and with them what lies below no day.
    async fn roots(&mut self) -> Result<Arc<[Root]>, Stop> {
        if let Some((found, roots)) = &self.roots
            && found.elapsed() < LOOK
            && !roots.is_empty()
        {
            return Ok(roots.clone());
        }
        // Every folder: what kinds of logs there are is not known, and digests prove the logs.
        let skips = |_: &str| false;
        let prefixes = self.settings.filter.prefixes.clone();
        let layout = days::layout(&self.objects, &self.settings.bucket, &prefixes, skips).await?;
        self.fetcher.meter.well(false);
        self.take(&layout.undated).await?;
        let roots: Arc<[Root]> = layout.roots.into();
        self.roots = Some((Instant::now(), roots.clone()));
        Ok(roots)
    }

    /// The days before `first_recent` that are not in yet, the newest first.
    ///
    /// Ends early, with `false`, when the last days are due again.
    async fn back_fill(&self, roots: &[Root], first_recent: NaiveDate, due: Instant) -> Result<bool, Stop> {
        let mut progress: Progress = self.checkpoint.load();
        let floor = self.settings.since.unwrap_or_default();
        let mut units: Vec<(NaiveDate, &Root)> = Vec::new();
        for root in roots {
            let span = progress.get(&root.prefix).copied();
            if span.is_none_or(|span| !span.covers(floor, first_recent)) {
                let found = days::days(&self.objects, &self.settings.bucket, root).await?;
                let wanted = found.into_iter().filter(|day| (floor..first_recent).contains(day));
                units.extend(wanted.filter(|day| span.is_none_or(|span| !span.holds(*day))).map(|day| (day, root)));
            }
        }
        units.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        for of_day in units.chunk_by(|a, b| a.0 == b.0) {
            if Instant::now() > due && !self.settings.drain {
                return Ok(false);
            }
            self.days(of_day).await?;
            for (day, root) in of_day {
                let span = progress.entry(root.prefix.clone()).or_insert(Span { from: *day, to: first_recent });
                // Days after the span do not widen it before all of them are in.
                span.from = span.from.min(*day);
            }
            self.save(&progress)?;
        }
        let whole = Span { from: floor, to: first_recent };
        if roots.iter().any(|root| progress.get(&root.prefix).is_none_or(|span| !span.covers(floor, first_recent))) {
            progress.extend(roots.iter().map(|root| (root.prefix.clone(), whole)));
            self.save(&progress)?;
        }
        Ok(true)
    }

    async fn days(&self, days: &[(NaiveDate, &Root)]) -> Result<(), Stop> {
        let listings: Vec<_> = days.iter().map(|(day, root)| self.day(root, *day)).collect();
        let mut done = futures::stream::iter(listings).buffer_unordered(PLACES);
        while let Some(result) = done.next().await {
            result?;
        }
        Ok(())
    }

    fn save(&self, progress: &Progress) -> Result<(), Stop> {
        self.checkpoint.save(progress).map_err(Stop::Write)
    }

    /// Everything below a day's prefix.
    async fn day(&self, root: &Root, day: NaiveDate) -> Result<(), Stop> {
        let prefix = root.day(day);
        let mut next = None;
        loop {
            let listing = Listing { prefix: &prefix, next: next.as_deref(), ..Listing::default() };
            let page = self.objects.list(&self.settings.bucket, &listing).await?;
            self.take(&page.objects).await?;
            next = page.next;
            if next.is_none() {
                return Ok(());
            }
        }
    }

    async fn take(&self, listed: &[Listed]) -> Result<(), Stop> {
        let wanted = listed.iter().filter(|object| self.settings.filter.wants(&object.key));
        let objects: Vec<_> = wanted.map(|object| self.object(object)).collect();
        let results: Vec<_> = futures::stream::iter(objects).buffer_unordered(AT_ONCE).collect().await;
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        for trouble in results.into_iter().filter_map(Result::err) {
            // What only passes has been tried for long enough: this pass ends, and the next one begins here again.
            if trouble.passing {
                return Err(Stop::Aws(AwsError::Network { service: "s3", reason: trouble.message }));
            }
            self.fetcher.meter.noted(&trouble.message);
            self.fetcher.meter.rejected(&trouble.reason);
            tracing::warn!(reason = trouble.reason, "{}", trouble.message);
        }
        Ok(())
    }

    async fn object(&self, object: &Listed) -> Result<(), Trouble> {
        let named = Named {
            bucket: self.settings.bucket.clone(),
            key: object.key.clone(),
            version: None,
            size: Some(object.size),
            etag: Some(object.etag.clone()),
        };
        let delivered = DateTime::from_timestamp_micros(object.modified);
        let mut attempt = 0;
        loop {
            if self.cancel.is_cancelled() {
                return Ok(());
            }
            match self.fetcher.bring(&named, delivered).await {
                Err(trouble) if trouble.passing && attempt < ATTEMPTS => {
                    attempt += 1;
                    tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
                }
                other => return other,
            }
        }
    }
}
