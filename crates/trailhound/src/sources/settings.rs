//! What `[[source]]` may say, and what is wrong with it.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::{NaiveDate, TimeDelta};
use ingest::sources::{Checkpoint, Expected, KeyFilter, lookup_events, s3_list, s3_sqs};
use serde::Deserialize;

use crate::inlets::{Collector, Folder, Stream};

/// One source.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Source {
    /// Objects that a queue tells of.
    S3Sqs(Queue),
    /// Objects of a bucket's listing.
    S3List(Bucket),
    /// The event history.
    LookupEvents(History),
    /// Security Lake's queue.
    SecurityLake(Queue),
    /// An HTTP Event Collector: logs are sent to it.
    Hec(Collector),
    /// Firehose's HTTP endpoint.
    Firehose(Stream),
    /// A folder that is watched.
    Folder(Folder),
}

/// How AWS is reached by sources that do not.
static NO_ACCESS: Access =
    Access { region: None, profile: None, role_arn: None, external_id: None, endpoint_url: None };

/// What every source has.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Common {
    /// Its name.
    name: String,
    /// `false`: it does not run.
    enabled: Option<bool>,
    /// It is behind where commits come later after delivery.
    behind_after: Option<Span>,
    /// It is silent where nothing comes for longer.
    silent_after: Option<Span>,
}

/// How AWS is reached.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Access {
    pub(super) region: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) role_arn: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) endpoint_url: Option<String>,
}

/// Which objects are taken.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Keys {
    #[serde(default)]
    prefixes: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    requester_pays: bool,
    fetches: Option<usize>,
}

/// Settings that no part of a source knows.
pub(crate) type Rest = std::collections::BTreeMap<String, toml::Value>;

/// `s3-sqs`, `security-lake`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Queue {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    access: Access,
    #[serde(flatten)]
    keys: Keys,
    queue_url: String,
    dead_letter_url: Option<String>,
    visibility: Option<Span>,
    retry: Option<Span>,
    in_flight: Option<u32>,
    receivers: Option<usize>,
    #[serde(flatten)]
    rest: Rest,
}

/// `s3-list`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Bucket {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    access: Access,
    #[serde(flatten)]
    keys: Keys,
    bucket: String,
    since: Option<String>,
    recent_days: Option<u64>,
    every: Option<Span>,
    #[serde(flatten)]
    rest: Rest,
}

/// `lookup-events`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct History {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    access: Access,
    regions: Vec<String>,
    days: Option<u32>,
    every: Option<Span>,
    overlap: Option<Span>,
    #[serde(flatten)]
    rest: Rest,
}

/// A time such as `90s`, `5m`, `2h`, `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Span(Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time; give a number and s, m, h or d, such as 5m");
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(wrong()),
        };
        number.checked_mul(seconds).filter(|s| *s > 0).map(|s| Self(Duration::from_secs(s))).ok_or_else(wrong)
    }
}

impl Span {
    /// As a duration.
    pub(crate) fn duration(self) -> Duration {
        self.0
    }

    fn seconds(self) -> u32 {
        u32::try_from(self.0.as_secs()).unwrap_or(u32::MAX)
    }
}

impl Common {
    /// The source's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Source {
    pub(super) fn common(&self) -> &Common {
        match self {
            Self::S3Sqs(of) | Self::SecurityLake(of) => &of.common,
            Self::S3List(of) => &of.common,
            Self::LookupEvents(of) => &of.common,
            Self::Hec(of) => &of.common,
            Self::Firehose(of) => &of.common,
            Self::Folder(of) => &of.common,
        }
    }

    pub(crate) fn access(&self) -> &Access {
        match self {
            Self::S3Sqs(of) | Self::SecurityLake(of) => &of.access,
            Self::S3List(of) => &of.access,
            Self::LookupEvents(of) => &of.access,
            Self::Hec(_) | Self::Firehose(_) | Self::Folder(_) => &NO_ACCESS,
        }
    }

    fn rest(&self) -> &Rest {
        match self {
            Self::S3Sqs(of) | Self::SecurityLake(of) => &of.rest,
            Self::S3List(of) => &of.rest,
            Self::LookupEvents(of) => &of.rest,
            Self::Hec(of) => &of.rest,
            Self::Firehose(of) => &of.rest,
            Self::Folder(of) => &of.rest,
        }
    }

    /// Its type.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::S3Sqs(_) => "s3-sqs",
            Self::S3List(_) => "s3-list",
            Self::LookupEvents(_) => "lookup-events",
            Self::SecurityLake(_) => "security-lake",
            Self::Hec(_) => "hec",
            Self::Firehose(_) => "firehose",
            Self::Folder(_) => "folder",
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.common().name
    }

    /// Whether it runs.
    pub(crate) fn is_enabled(&self) -> bool {
        self.common().enabled != Some(false)
    }

    /// Finds what is wrong before anything is started.
    fn check(&self) -> anyhow::Result<()> {
        if let Some(unknown) = self.rest().keys().next() {
            bail!("`{unknown}` is no setting of a source of type {}", self.kind());
        }
        Checkpoint::new(".", self.name())?;
        ensure!(
            self.access().external_id.is_none() || self.access().role_arn.is_some(),
            "`external_id` is of a role: set `role_arn` too"
        );
        match self {
            Self::S3Sqs(of) | Self::SecurityLake(of) => {
                let url = &of.queue_url;
                ensure!(url.starts_with("https://") || url.starts_with("http://"), "`{url}` is no address of a queue");
                let visible = of.visibility.map_or(300, Span::seconds);
                ensure!((10..=43_200).contains(&visible), "`visibility` has to be between 10s and 12h");
                ensure!(
                    of.in_flight.is_none_or(|most| (10..=100_000).contains(&most)),
                    "`in_flight` has to be 10 to 100000"
                );
            }
            Self::S3List(of) => {
                since(of.since.as_deref())?;
                ensure!(!of.bucket.is_empty() && !of.bucket.contains('/'), "`{}` is no name of a bucket", of.bucket);
                ensure!(of.recent_days.is_none_or(|days| (1..=30).contains(&days)), "`recent_days` has to be 1 to 30");
            }
            Self::LookupEvents(of) => {
                ensure!(!of.regions.is_empty(), "`regions` has to name at least one");
                ensure!(of.days.is_none_or(|days| days <= 90), "AWS keeps events for 90 days");
                let overlap = of.overlap.map_or(2700, Span::seconds);
                ensure!(overlap >= 1800, "`overlap` has to be at least 30m: events appear late");
            }
            Self::Hec(of) => of.check()?,
            Self::Firehose(of) => of.check()?,
            Self::Folder(of) => of.check()?,
        }
        Ok(())
    }

    /// Whether logs are sent to it, rather than fetched by it.
    pub(crate) fn is_sent_to(&self) -> bool {
        matches!(self, Self::Hec(_) | Self::Firehose(_))
    }

    /// When it is late, and when silent.
    pub(crate) fn expected(&self) -> anyhow::Result<Expected> {
        let delta = |span: Span| TimeDelta::from_std(span.0).context("a time is too long");
        let common = self.common();
        let mut expected = Expected::default();
        if let Some(span) = common.behind_after {
            expected.within = delta(span)?;
        }
        expected.every = common.silent_after.map(delta).transpose()?;
        Ok(expected)
    }
}

fn since(text: Option<&str>) -> anyhow::Result<Option<NaiveDate>> {
    let parse = |text: &str| {
        text.parse::<NaiveDate>().with_context(|| format!("`{text}` is no day; give one such as 2026-01-15"))
    };
    text.map(parse).transpose()
}

/// Finds what is wrong with the settings of sources.
pub(crate) fn check(sources: &[Source]) -> anyhow::Result<()> {
    let mut names = std::collections::BTreeSet::new();
    for source in sources {
        source.check().with_context(|| format!("the source `{}`", source.name()))?;
        ensure!(names.insert(source.name()), "there are two sources `{}`", source.name());
    }
    Ok(())
}

impl Keys {
    fn filter(&self) -> KeyFilter {
        KeyFilter { prefixes: self.prefixes.clone(), include: self.include.clone(), exclude: self.exclude.clone() }
    }
}

impl Queue {
    pub(super) fn settings(&self, drain: bool) -> s3_sqs::Settings {
        let usual = s3_sqs::Settings::new(&self.queue_url);
        s3_sqs::Settings {
            dead_letter_url: self.dead_letter_url.clone(),
            visibility: self.visibility.map_or(usual.visibility, Span::seconds),
            retry: self.retry.map_or(usual.retry, Span::seconds),
            in_flight: self.in_flight.unwrap_or(usual.in_flight),
            receivers: self.receivers.unwrap_or(usual.receivers),
            fetches: self.keys.fetches.unwrap_or(usual.fetches),
            requester_pays: self.keys.requester_pays,
            filter: self.keys.filter(),
            drain,
            ..usual
        }
    }
}

impl Bucket {
    pub(super) fn settings(&self, drain: bool) -> anyhow::Result<s3_list::Settings> {
        let usual = s3_list::Settings::new(&self.bucket);
        Ok(s3_list::Settings {
            filter: self.keys.filter(),
            since: since(self.since.as_deref())?,
            recent: self.recent_days.unwrap_or(usual.recent),
            every: self.every.map_or(usual.every, |every| every.0),
            fetches: self.keys.fetches.unwrap_or(usual.fetches),
            requester_pays: self.keys.requester_pays,
            drain,
            ..usual
        })
    }
}

impl History {
    pub(super) fn settings(&self, drain: bool) -> lookup_events::Settings {
        let usual = lookup_events::Settings::new(self.regions.clone());
        lookup_events::Settings {
            days: self.days.unwrap_or(usual.days),
            every: self.every.map_or(usual.every, |every| every.0),
            overlap: self.overlap.map_or(usual.overlap, |overlap| overlap.0),
            drain,
            ..usual
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        source: Vec<Source>,
    }

    fn read(text: &str) -> anyhow::Result<Vec<Source>> {
        let file: File = toml::from_str(text)?;
        check(&file.source)?;
        Ok(file.source)
    }

    #[test]
    fn settings_are_read_or_refused() {
        let queue = "[[source]]\ntype = \"s3-sqs\"\nname = \"trail\"\nqueue_url = \"https://sqs.us-east-1.amazonaws.com/1/q\"\n";
        let check = |text: &str, said: Option<&str>| match (read(text), said) {
            (Ok(_), None) => {}
            (Err(error), Some(said)) => assert!(format!("{error:#}").contains(said), "{text}: {error:#}"),
            (Ok(_), Some(said)) => panic!("{text}: taken, {said}"),
            (Err(error), None) => panic!("{text}: {error:#}"),
        };
        check(queue, None);
        let full = "role_arn = \"arn:aws:iam::1:role/r\"\nexternal_id = \"x\"\nregion = \"eu-west-1\"\nprefixes = [\"AWSLogs/\"]\n\
                    exclude = [\"*-Digest/*\"]\nvisibility = \"2m\"\nsilent_after = \"2h\"\nin_flight = 500\n";
        check(&format!("{queue}{full}"), None);
        check(&format!("{queue}{queue}"), Some("two sources `trail`"));
        check(&format!("{queue}qeue = 1\n"), Some("`qeue` is no setting"));
        check(&format!("{queue}external_id = \"x\"\n"), Some("role_arn"));
        check(&format!("{queue}visibility = \"5\"\n"), Some("is no time"));
        check(&format!("{queue}visibility = \"13h\"\n"), Some("between 10s and 12h"));
        check("[[source]]\ntype = \"s3-sqs\"\nname = \"a\"\n", Some("queue_url"));
        check(
            "[[source]]\ntype = \"s3-sqs\"\nname = \"a/b\"\nqueue_url = \"https://x/1/q\"\n",
            Some("no name of a source"),
        );
        check("[[source]]\ntype = \"kafka\"\nname = \"a\"\n", Some("kafka"));
        let list = "[[source]]\ntype = \"s3-list\"\nname = \"old\"\nbucket = \"logs\"\n";
        check(&format!("{list}since = \"2024-01-01\"\nevery = \"10m\"\nrecent_days = 3\n"), None);
        check(&format!("{list}since = \"yesterday\"\n"), Some("is no day"));
        let history = "[[source]]\ntype = \"lookup-events\"\nname = \"h\"\nregions = [\"us-east-1\"]\n";
        check(history, None);
        check(&format!("{history}overlap = \"5m\"\n"), Some("at least 30m"));
        check("[[source]]\ntype = \"lookup-events\"\nname = \"h\"\nregions = []\n", Some("at least one"));
    }

    #[test]
    fn settings_reach_the_source() {
        let text = "[[source]]\ntype = \"s3-sqs\"\nname = \"t\"\nqueue_url = \"http://127.0.0.1:1/1/q\"\nvisibility = \"1h\"\nretry = \"5s\"\nrequester_pays = true\n";
        let sources = read(text).unwrap();
        let Source::S3Sqs(queue) = &sources[0] else { panic!("{sources:?}") };
        let settings = queue.settings(true);
        assert_eq!(
            (settings.visibility, settings.retry, settings.requester_pays, settings.drain),
            (3600, 5, true, true)
        );
    }
}
