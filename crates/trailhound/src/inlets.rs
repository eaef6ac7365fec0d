//! `[[source]]` of the types that are sent to (`hec`, `firehose`) and of folders: as the settings say them, and the journal behind them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use ingest::Watched;
use ingest::firehose::Firehose;
use ingest::hec::{Hec, Token};
use ingest::inlet::{EnricherNow, Inlet, InletOptions};
use ingest::sources::{KeyFilter, Registry, folder};
use lake::Lake;
use serde::Deserialize;
use serve::Inlets;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Settings;
use crate::sources::{Common, Rest, Source, Span};

/// How long the end waits for what was sent to be in the lake; what is left is read again at the next start.
const ENDING: Duration = Duration::from_secs(30);
/// The least that a journal may hold: two of the largest requests.
const LEAST_MIB: u64 = 256;

/// `hec`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Collector {
    #[serde(flatten)]
    pub(crate) common: Common,
    tokens: Vec<TokenSettings>,
    /// An address of its own; the server's by default.
    listen: Option<SocketAddr>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenSettings {
    name: String,
    token: Option<String>,
    token_file: Option<PathBuf>,
    #[serde(default)]
    ack: bool,
    #[serde(default)]
    query_string: bool,
    enabled: Option<bool>,
    sourcetype: Option<String>,
    source: Option<String>,
    host: Option<String>,
    #[serde(default)]
    indexes: Vec<String>,
}

/// `firehose`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Stream {
    #[serde(flatten)]
    pub(crate) common: Common,
    access_key: Option<String>,
    access_key_file: Option<PathBuf>,
    #[serde(default)]
    access_keys: Vec<String>,
    sourcetype: Option<String>,
    listen: Option<SocketAddr>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

/// `folder`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Folder {
    #[serde(flatten)]
    pub(crate) common: Common,
    path: PathBuf,
    tail: Option<Vec<String>>,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    every: Option<Span>,
    settle: Option<Span>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

/// A secret that stands in the settings or in a file.
fn secret(text: Option<&String>, file: Option<&PathBuf>, name: &str) -> anyhow::Result<String> {
    let secret = match (text, file) {
        (Some(text), None) => text.clone(),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
            text.trim().to_owned()
        }
        _ => anyhow::bail!("give either `{name}` or `{name}_file`"),
    };
    ensure!(secret.len() >= 5, "`{name}` is too short to be a secret");
    Ok(secret)
}

impl TokenSettings {
    fn token(&self) -> anyhow::Result<Token> {
        let of = || format!("the token `{}`", self.name);
        let secret = secret(self.token.as_ref(), self.token_file.as_ref(), "token").with_context(of)?;
        Ok(Token {
            enabled: self.enabled != Some(false),
            ack: self.ack,
            query_string: self.query_string,
            sourcetype: self.sourcetype.clone(),
            source: self.source.clone(),
            host: self.host.clone(),
            indexes: self.indexes.clone(),
            ..Token::new(&self.name, &secret)
        })
    }
}

impl Collector {
    /// Finds what is wrong before anything is started.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(!self.tokens.is_empty(), "`tokens` has to name at least one");
        self.tokens().map(|_| ())
    }

    fn tokens(&self) -> anyhow::Result<Vec<Token>> {
        self.tokens.iter().map(TokenSettings::token).collect()
    }
}

impl Stream {
    /// Finds what is wrong before anything is started.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.keys().map(|_| ())
    }

    fn keys(&self) -> anyhow::Result<Vec<String>> {
        let mut keys = self.access_keys.clone();
        if keys.is_empty() || self.access_key.is_some() || self.access_key_file.is_some() {
            keys.push(secret(self.access_key.as_ref(), self.access_key_file.as_ref(), "access_key")?);
        }
        ensure!(keys.iter().all(|key| key.len() >= 5), "an access key is too short to be a secret");
        Ok(keys)
    }
}

impl Folder {
    /// Finds what is wrong before anything is started.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(self.path.is_dir(), "there is no folder {}", self.path.display());
        Ok(())
    }

    /// As the source takes them.
    pub(crate) fn settings(&self, drain: bool) -> folder::Settings {
        let usual = folder::Settings::new(self.common.name(), &self.path);
        folder::Settings {
            filter: KeyFilter { prefixes: Vec::new(), include: self.include.clone(), exclude: self.exclude.clone() },
            tail: self.tail.clone().unwrap_or(usual.tail),
            every: self.every.map_or(usual.every, Span::duration),
            settle: self.settle.map_or(usual.settle, Span::duration),
            drain,
            ..usual
        }
    }
}

/// The journal at work.
pub(crate) struct Sent {
    /// Takes what is sent.
    pub(crate) inlet: Inlet,
    drain: JoinHandle<()>,
    cancel: CancellationToken,
}

/// Opens the journal, where a source of the settings needs it.
pub(crate) fn open(
    settings: &Settings,
    lake: &Lake,
    enricher: EnricherNow,
    watched: Watched,
) -> anyhow::Result<Option<Sent>> {
    let needs = |source: &Source| matches!(source, Source::Hec(_) | Source::Firehose(_) | Source::Folder(_));
    if !settings.source.iter().any(needs) {
        return Ok(None);
    }
    let folder = settings.journal.folder.clone().unwrap_or_else(|| PathBuf::from("data/journal"));
    let mut options = InletOptions::new(&folder);
    if let Some(mib) = settings.journal.most_mib {
        ensure!(mib >= LEAST_MIB, "[journal] most_mib has to be {LEAST_MIB} at least");
        options.journal.most_bytes = mib << 20;
    }
    options.rules = std::sync::Arc::new(settings.ingest.rules()?);
    options.old_after = settings.ingest.old_after()?;
    options.watched = watched;
    let opened = Inlet::open(lake.clone(), enricher, options);
    let (inlet, drain) = opened.with_context(|| format!("can't open the journal {}", folder.display()))?;
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    let drain = tokio::spawn(async move {
        if let Err(error) = drain.run(token).await {
            tracing::error!(%error, "the journal is not drained any more");
        }
    });
    Ok(Some(Sent { inlet, drain, cancel }))
}

impl Sent {
    /// Takes nothing more, and waits until all is in the lake, if that does not take too long.
    pub(crate) async fn end(self) {
        self.inlet.close();
        if tokio::time::timeout(ENDING, self.drain).await.is_err() {
            tracing::warn!("the journal could not be drained in time; what is in it is taken in at the next start");
            self.cancel.cancel();
        }
    }
}

/// The sources that are sent to: those on the server's own address, and those on others.
pub(crate) fn receivers(
    settings: &Settings,
    sent: Option<&Sent>,
    registry: &Registry,
) -> anyhow::Result<(Inlets, BTreeMap<SocketAddr, Inlets>)> {
    let (mut here, mut elsewhere) = (Inlets::default(), BTreeMap::<SocketAddr, Inlets>::new());
    let Some(sent) = sent else { return Ok((here, elsewhere)) };
    for source in &settings.source {
        let name = source.name();
        let named = || format!("the source `{name}`");
        let listen = match source {
            Source::Hec(of) => of.listen,
            Source::Firehose(of) => of.listen,
            _ => continue,
        };
        let meter = registry.meter(name, source.kind(), source.expected()?);
        if !source.is_enabled() {
            meter.off();
            continue;
        }
        let place = listen.map_or(&mut here, |address| elsewhere.entry(address).or_default());
        match source {
            Source::Hec(of) => {
                let tokens = of.tokens().with_context(named)?;
                place.hec.push(Hec::new(name, tokens, sent.inlet.clone(), meter));
            }
            Source::Firehose(of) => {
                let keys = of.keys().with_context(named)?;
                place.firehose.push(Firehose::new(name, &keys, of.sourcetype.clone(), sent.inlet.clone(), meter));
            }
            _ => {}
        }
    }
    Ok((here, elsewhere))
}
