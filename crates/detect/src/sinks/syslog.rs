//! `syslog`: RFC 5424, over UDP, TCP (RFC 6587, counted) or TLS (RFC 5425). Syslog acknowledges nothing: delivered means
//! that the datagram was sent, or that the peer closed the connection in peace after the message.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::SecondsFormat;
use rustls::pki_types::ServerName;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use super::settings::{Base, Links, keys};
use super::{Failure, Kind, Language, Notice, Severity, Sink, text, tls, words};

pub(super) const KIND: Kind = Kind { id: "syslog", build };

/// Longest wait for a connection and for a message to leave.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a peer is waited for after the message: one that refuses says so at once.
const AFTERWARDS: Duration = Duration::from_millis(300);
/// Largest datagram.
const DATAGRAM: usize = 8 << 10;
/// The facilities' names, by number.
const FACILITIES: &[&str] = &[
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// `host:port`.
    address: String,
    #[serde(default)]
    transport: Transport,
    #[serde(default = "local0")]
    facility: String,
    /// `text` for people, `json` for programs.
    #[serde(default)]
    message: Form,
    /// What the messages' HOSTNAME says.
    hostname: Option<String>,
    ca_file: Option<PathBuf>,
}

fn local0() -> String {
    "local0".to_owned()
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Transport {
    #[default]
    Udp,
    Tcp,
    Tls,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    #[default]
    Text,
    Json,
}

struct Syslog {
    address: String,
    transport: Transport,
    tls: Option<(Arc<rustls::ClientConfig>, ServerName<'static>)>,
    facility: u8,
    form: Form,
    hostname: String,
    language: Language,
    links: Links,
}

fn build(table: toml::Table, base: &Base<'_>) -> Result<Box<dyn Sink>, String> {
    let keys: Keys = keys(table)?;
    let (host, port) = keys.address.rsplit_once(':').ok_or("`address` is host:port")?;
    port.parse::<u16>().map_err(|_| "`address` is host:port")?;
    let facility = FACILITIES.iter().position(|name| *name == keys.facility);
    let facility = facility.and_then(|n| u8::try_from(n).ok());
    let tls = if keys.transport == Transport::Tls {
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
        Some((tls::config(keys.ca_file.as_deref())?, name.map_err(|_| "`address`: that is no server's name")?))
    } else if keys.ca_file.is_some() {
        return Err("`ca_file` needs transport = \"tls\"".to_owned());
    } else {
        None
    };
    let hostname = keys.hostname.unwrap_or_else(|| "-".to_owned());
    if hostname.is_empty() || hostname.len() > 255 || !hostname.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("`hostname` is 1 to 255 characters of ASCII without spaces".to_owned());
    }
    Ok(Box::new(Syslog {
        address: keys.address,
        transport: keys.transport,
        tls,
        facility: facility.ok_or_else(|| format!("`facility` is one of {}", FACILITIES.join(", ")))?,
        form: keys.message,
        hostname,
        language: base.language,
        links: base.links.clone(),
    }))
}

#[async_trait]
impl Sink for Syslog {
    async fn deliver(&self, notice: &Notice) -> Result<(), Failure> {
        let message = self.message(notice);
        let sent = match (self.transport, &self.tls) {
            (Transport::Udp, _) => self.datagram(&message).await,
            (_, None) => match TcpStream::connect(&self.address).await {
                Ok(stream) => counted(stream, &message).await,
                Err(error) => Err(error),
            },
            (_, Some((config, name))) => self.secured(config, name, &message).await,
        };
        sent.map_err(|error| Failure::for_now(format!("{}: {error}", self.address)))
    }
}

impl Syslog {
    async fn datagram(&self, message: &str) -> std::io::Result<()> {
        let address = tokio::net::lookup_host(&self.address).await?.next();
        let address = address.ok_or_else(|| std::io::Error::other("the name has no address"))?;
        let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(address).await?;
        let bytes = &message.as_bytes()[..message.floor_char_boundary(DATAGRAM.min(message.len()))];
        socket.send(bytes).await.map(|_| ())
    }

    async fn secured(
        &self,
        config: &Arc<rustls::ClientConfig>,
        name: &ServerName<'static>,
        message: &str,
    ) -> std::io::Result<()> {
        let connect = async {
            let stream = TcpStream::connect(&self.address).await?;
            tokio_rustls::TlsConnector::from(Arc::clone(config)).connect(name.clone(), stream).await
        };
        counted(in_time(connect).await?, message).await
    }

    /// The message: header, structured data, text.
    fn message(&self, notice: &Notice) -> String {
        let alert = &notice.alert;
        let priority = self.facility * 8 + severity(alert.severity);
        let at = notice.at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let link = self.links.alert(notice);
        let data = [
            ("id", Some(notice.id.as_str())),
            ("alert", Some(alert.id.as_str())),
            ("change", Some(notice.change.id())),
            ("rule", Some(alert.rule_id.as_str())),
            ("severity", Some(alert.severity.as_str())),
            ("account", alert.account.as_deref()),
            ("actor", alert.actor.as_deref()),
            ("source", alert.source_address.as_deref()),
            ("link", link.as_deref()),
        ];
        let data: String =
            data.iter().filter_map(|(name, value)| Some(format!(" {name}=\"{}\"", parameter((*value)?)))).collect();
        let text = match self.form {
            Form::Text => words::headline(notice, self.language, 1000),
            Form::Json => notice.document(self.language, link.as_deref()).to_string(),
        };
        // 32473 is the number for examples and those without one of their own.
        let hostname = &self.hostname;
        format!("<{priority}>1 {at} {hostname} trailhound - alert [trailhound@32473{data}] \u{FEFF}{text}")
    }
}

/// A parameter's value: three characters are escaped.
fn parameter(value: &str) -> String {
    text::line(value, 300).chars().fold(String::new(), |mut out, c| {
        if matches!(c, '"' | '\\' | ']') {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

const fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 2,
        Severity::High => 3,
        Severity::Medium => 4,
        Severity::Low => 5,
        Severity::Informational => 6,
    }
}

async fn in_time<T>(work: impl Future<Output = std::io::Result<T>>) -> std::io::Result<T> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
}

/// Sends a message with its length before it, and listens a moment for a refusal.
async fn counted<S: AsyncReadExt + AsyncWriteExt + Unpin>(mut stream: S, message: &str) -> std::io::Result<()> {
    let framed = format!("{} {message}", message.len());
    in_time(async {
        stream.write_all(framed.as_bytes()).await?;
        stream.flush().await?;
        stream.shutdown().await
    })
    .await?;
    let mut ignored = [0; 64];
    let heard = tokio::time::timeout(AFTERWARDS, stream.read(&mut ignored)).await;
    match heard {
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionReset => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn messages_are_rfc_5424() {
        let at = DateTime::parse_from_rfc3339("2026-01-15T03:04:05.678Z").unwrap().to_utc();
        let mut notice = Notice::sample("n1", at);
        notice.change = super::super::Change::Opened;
        notice.alert.actor = Some("a]\"\\\n\u{1b}b".to_owned());
        notice.alert.account = None;
        notice.alert.severity = Severity::High;
        let sink = Syslog {
            address: String::new(),
            transport: Transport::Udp,
            tls: None,
            facility: 16,
            form: Form::Text,
            hostname: "-".into(),
            language: Language::En,
            links: Links::default(),
        };
        assert_eq!(
            sink.message(&notice),
            "<131>1 2026-01-15T03:04:05.678Z - trailhound - alert [trailhound@32473 id=\"n1\" alert=\"test\" \
             change=\"opened\" rule=\"test\" severity=\"high\" actor=\"a\\]\\\"\\\\ \u{FFFD}b\" source=\"203.0.113.10\"] \
             \u{FEFF}[High] Test of a notification by Trailhound - a]\"\\ \u{FFFD}b"
        );
    }
}
