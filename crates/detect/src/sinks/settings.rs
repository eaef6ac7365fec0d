//! `[[sink]]` of the settings: what all kinds have in common is read here, the rest by the kind's own file.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::deliver::Meter;
use super::filter::{Filter, FilterKeys, Routes};
use super::quiet::{Quiet, QuietKeys};
use super::secret::{Secret, SecretSource};
use super::{Guard, KINDS, Kind, Language, Notice, Sink};

/// Tries before a notice is given up, where the settings say nothing: about five hours.
const ATTEMPTS: u32 = 12;

/// One `[[sink]]`, not yet looked at. Its text is never shown: secrets may be in it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct SinkSettings(toml::Table);

impl std::fmt::Debug for SinkSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SinkSettings").field(&self.0.get("name")).finish_non_exhaustive()
    }
}

/// What sinks are made with, beside their own settings.
pub struct Surroundings<'a> {
    /// Where people reach the page, for links: `https://trailhound.example.com`.
    pub url: Option<&'a str>,
    /// Reads an environment variable.
    pub env: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// The region of AWS's services where a sink names none.
    pub region: Option<&'a str>,
}

/// What a kind's file is given.
pub(crate) struct Base<'a> {
    pub(crate) language: Language,
    pub(crate) links: Links,
    pub(crate) guard: Guard,
    pub(crate) region: Option<&'a str>,
    env: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

impl Base<'_> {
    /// Reads a secret.
    pub(crate) fn secret(&self, key: &str, source: &SecretSource) -> Result<Secret, String> {
        source.read(self.env).map_err(|why| format!("`{key}`: {why}"))
    }

    /// Reads a secret that may be missing.
    pub(crate) fn maybe_secret(&self, key: &str, source: Option<&SecretSource>) -> Result<Option<Secret>, String> {
        source.map(|source| self.secret(key, source)).transpose()
    }
}

/// Reads a kind's own keys. The error names the key, and shows no value.
pub(crate) fn keys<T: serde::de::DeserializeOwned>(table: toml::Table) -> Result<T, String> {
    T::deserialize(table).map_err(|error: toml::de::Error| hide_values(error.to_string().trim()))
}

/// An error of settings without the values in it. Errors of types quote what they found, which may be a secret: `invalid type: string "hunter2", expected …`.
#[must_use]
pub fn hide_values(message: &str) -> String {
    let Some(start) = message.find('"') else { return message.replace('\n', " ") };
    let end = message.rfind('"').unwrap_or(start);
    format!("{}\"…\"{}", &message[..start], &message[end + 1..]).replace('\n', " ")
}

/// Makes the address of an alert's page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links(Option<String>);

impl Links {
    /// The page of a notice's alert.
    pub(crate) fn alert(&self, notice: &Notice) -> Option<String> {
        let id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let known = !notice.alert.id.is_empty() && notice.alert.id.chars().all(id);
        self.0.as_ref().filter(|_| known).map(|base| format!("{base}/alerts/{}", notice.alert.id))
    }
}

/// The keys that every sink has.
#[derive(Deserialize)]
struct Common {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    language: Language,
    #[serde(flatten)]
    filter: FilterKeys,
    quiet: Option<QuietKeys>,
    attempts: Option<u32>,
    #[serde(default)]
    allow: Vec<String>,
}

const fn yes() -> bool {
    true
}

/// Names of [`Common`]'s keys.
const COMMON: &[&str] = &[
    "name",
    "type",
    "enabled",
    "language",
    "min_severity",
    "rules",
    "except_rules",
    "changes",
    "quiet",
    "attempts",
    "allow",
];

/// What is wrong with the sinks of the settings, all at once.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SettingsError(pub Vec<String>);

/// A sink with what is around it.
pub(crate) struct Configured {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) enabled: bool,
    pub(crate) filter: Filter,
    pub(crate) quiet: Option<Quiet>,
    pub(crate) attempts: u32,
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) meter: Meter,
}

/// What may be told of a sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SinkInfo {
    /// Its name.
    pub name: String,
    /// Its kind: `webhook`, `email`, …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether notices go to it.
    pub enabled: bool,
    /// When it is not disturbed, such as `22:00-07:00 Asia/Tokyo`.
    pub quiet_hours: Option<String>,
}

/// The sinks of the settings.
#[derive(Clone, Default)]
pub struct Sinks {
    pub(crate) list: Arc<[Arc<Configured>]>,
}

impl Sinks {
    /// Makes the sinks. Nothing is called yet.
    ///
    /// # Errors
    /// What is wrong with any of them.
    pub fn new(settings: &[SinkSettings], around: &Surroundings<'_>) -> Result<Self, SettingsError> {
        let (mut list, mut wrong) = (Vec::<Arc<Configured>>::new(), Vec::new());
        for (n, one) in settings.iter().enumerate() {
            match configured(one, around) {
                Ok(sink) if list.iter().any(|other| other.name == sink.name) => {
                    wrong.push(format!("there are two sinks with the name `{}`", sink.name));
                }
                Ok(sink) => list.push(Arc::new(sink)),
                Err(why) => wrong.push(match one.0.get("name").and_then(toml::Value::as_str) {
                    Some(name) => format!("the sink `{}`: {why}", super::text::line(name, 64)),
                    None => format!("the sink no. {}: {why}", n + 1),
                }),
            }
        }
        if wrong.is_empty() { Ok(Self { list: list.into() }) } else { Err(SettingsError(wrong)) }
    }

    /// Who wants what.
    #[must_use]
    pub fn routes(&self) -> Routes {
        Routes::new(self.list.iter().filter(|s| s.enabled).map(|s| (s.name.clone(), s.filter.clone())))
    }

    /// What may be told of each.
    #[must_use]
    pub fn infos(&self) -> Vec<SinkInfo> {
        let info = |sink: &Arc<Configured>| SinkInfo {
            name: sink.name.clone(),
            kind: sink.kind,
            enabled: sink.enabled,
            quiet_hours: sink.quiet.as_ref().map(ToString::to_string),
        };
        self.list.iter().map(info).collect()
    }

    /// Sends a test to a sink, whatever its filters and quiet hours are. `None`: there is no such sink.
    pub async fn test(&self, name: &str, now: DateTime<Utc>) -> Option<Result<(), super::Failure>> {
        self.send(name, &Notice::sample(&format!("test-{}", now.timestamp_micros()), now)).await
    }

    /// Hands a notice to a sink at once, whatever its filters and quiet hours are. `None`: there is no such sink.
    pub async fn send(&self, name: &str, notice: &Notice) -> Option<Result<(), super::Failure>> {
        let sink = self.list.iter().find(|sink| sink.name == name)?;
        Some(sink.sink.deliver(notice).await)
    }
}

fn configured(settings: &SinkSettings, around: &Surroundings<'_>) -> Result<Configured, String> {
    let (common, own) = settings.0.clone().into_iter().partition(|(key, _)| COMMON.contains(&key.as_str()));
    let common: Common = keys(common)?;
    let kind = kind(&common.kind)?;
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if common.name.is_empty() || common.name.len() > 64 || !common.name.chars().all(name) {
        return Err("`name` has 1 to 64 letters, digits, `-`, `_` and `.`".to_owned());
    }
    let allow = common.allow.iter().map(|range| range.parse()).collect::<Result<_, String>>();
    let base = Base {
        language: common.language,
        links: links(around.url)?,
        guard: Guard::new(allow.map_err(|why| format!("`allow`: {why}"))?),
        region: around.region,
        env: around.env,
    };
    let attempts = common.attempts.unwrap_or(ATTEMPTS);
    if !(1..=100).contains(&attempts) {
        return Err("`attempts` is 1 to 100".to_owned());
    }
    Ok(Configured {
        name: common.name,
        kind: kind.id,
        enabled: common.enabled,
        filter: Filter::new(common.filter)?,
        quiet: common.quiet.map(Quiet::new).transpose()?,
        attempts,
        sink: (kind.build)(own, &base)?,
        meter: Meter::default(),
    })
}

fn kind(id: &str) -> Result<&'static Kind, String> {
    let known = || KINDS.iter().map(|kind| kind.id).collect::<Vec<_>>().join(", ");
    KINDS.iter().find(|kind| kind.id == id).ok_or_else(|| format!("there is no type `{id}`; there are {}", known()))
}

fn links(url: Option<&str>) -> Result<Links, String> {
    let Some(url) = url else { return Ok(Links::default()) };
    let read = reqwest::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let read = read.ok_or("`[server] url` is the page's address, such as https://trailhound.example.com")?;
    Ok(Links(Some(read.as_str().trim_end_matches('/').to_owned())))
}

/// The folder that a file is to be written in must be there.
pub(crate) fn folder_of(path: &Path) -> Result<(), String> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() { Ok(()) } else { Err(format!("there is no folder {}", folder.display())) }
}
