//! Sinks against real servers on loopback.

mod cloud;
mod delivery;
mod http;
mod mail;
mod receiver;
mod servers;
mod settings;
mod stored;
mod syslog;
mod tls;

use std::time::Duration;

use chrono::{DateTime, Utc};
use detect::sinks::{Change, Failure, Notice, SettingsError, SinkSettings, Sinks, Surroundings};

/// A text as logs may have it: markup, a header, an escape of terminals, a turn of writing, a template.
pub(crate) const HOSTILE: &str =
    "<script>alert(1)</script>\r\nBcc: evil@example.com\u{1b}[31m\u{202E}gpj <!channel> {{ change }} \"},{\"x\":\" '&";

#[derive(serde::Deserialize)]
struct File {
    sink: Vec<SinkSettings>,
}

/// The sinks of a settings file; `HOOK` is the only environment variable.
pub(crate) fn sinks(toml: &str) -> Result<Sinks, SettingsError> {
    let file: File = toml::from_str(toml).unwrap();
    let env = |name: &str| (name == "HOOK").then(|| "from-the-environment".to_owned());
    let around = Surroundings { url: Some("https://trailhound.example.com/"), env: &env, region: None };
    Sinks::new(&file.sink, &around)
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A new alert, hostile wherever logs have a say.
pub(crate) fn notice() -> Notice {
    let mut notice = Notice::sample("a7-1", at("2026-01-15T03:04:05Z"));
    notice.change = Change::Opened;
    notice.alert.id = "a7".to_owned();
    notice.alert.actor = Some(HOSTILE.to_owned());
    notice.alert.group[0].value = HOSTILE.to_owned();
    notice.evidence[0].event_name = Some(HOSTILE.to_owned());
    notice
}

/// Hands the notice to the only sink.
pub(crate) async fn send(sinks: &Sinks, notice: &Notice) -> Result<(), Failure> {
    let name = sinks.infos()[0].name.clone();
    tokio::time::timeout(Duration::from_secs(30), sinks.send(&name, notice)).await.unwrap().unwrap()
}
