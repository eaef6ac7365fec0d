//! Sinks: where alerts go. One file a kind; a file says what the kind is called, how its settings are read and how a notice
//! is handed over. What all have in common is around them: who wants which notice ([`filter`]), when ([`quiet`]), how it is
//! tried again ([`deliver`]), and where it may go ([`guard`]).

mod cloud;
mod deliver;
mod email;
mod filter;
mod guard;
mod http;
mod json_file;
mod notice;
mod outbox;
mod pagerduty;
mod quiet;
mod secret;
mod security_hub;
mod settings;
mod slack;
mod smtp;
mod sns;
mod stored;
mod syslog;
mod template;
pub mod text;
mod tls;
mod webhook;
mod words;

use std::time::Duration;

use async_trait::async_trait;

pub use deliver::{DELAYS, Meter, SinkMeter, deliver};
pub use filter::Routes;
pub use guard::{Cidr, Guard};
pub use notice::{Change, GroupPart, Language, Notice, NoticeAlert, NoticeEvent};

pub(crate) use crate::rule::Severity;
pub use outbox::{DeadLetter, Outbox, OutboxError, Queued, Settled, SinkCounts};
pub use settings::{SettingsError, SinkInfo, SinkSettings, Sinks, Surroundings, hide_values};
pub use stored::attend;

/// A place to which notices go.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Hands a notice over; returns once the receiver has taken it. It may be called again for a notice that was taken,
    /// where the answer was lost: the notice's id tells.
    ///
    /// # Errors
    /// Why it was not taken, and whether trying again can help.
    async fn deliver(&self, notice: &Notice) -> Result<(), Failure>;
}

/// Why a notice was not taken. The text is shown to users: no secret, and nothing that the receiver said, is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What happened.
    pub message: String,
    /// The same notice will never be taken.
    pub is_final: bool,
    /// How long the receiver asks us to wait.
    pub after: Option<Duration>,
}

impl Failure {
    /// It may work later.
    pub(crate) fn for_now(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_final: false, after: None }
    }

    /// It won't.
    pub(crate) fn final_(message: impl Into<String>) -> Self {
        Self { is_final: true, ..Self::for_now(message) }
    }
}

/// A sink, or what is wrong with its settings.
pub(crate) type Built = Result<Box<dyn Sink>, String>;

/// A kind of sink.
pub(crate) struct Kind {
    /// Its `type` in the settings.
    pub(crate) id: &'static str,
    /// Makes one of its own keys.
    pub(crate) build: fn(toml::Table, &settings::Base<'_>) -> Built,
}

/// Every kind, by id.
pub(crate) const KINDS: &[Kind] = &[
    email::KIND,
    json_file::KIND,
    pagerduty::KIND,
    security_hub::KIND,
    slack::KIND,
    sns::KIND,
    syslog::KIND,
    webhook::KIND,
];
