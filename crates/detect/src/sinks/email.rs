//! `email`: SMTP with STARTTLS or TLS. A message has a plain part and one in HTML that loads nothing, in the reader's
//! language. Its Message-ID is the notice's, so mail systems drop a repetition; all that is told of an alert is one thread.

use std::path::PathBuf;

use async_trait::async_trait;
use lettre::Message;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use serde::Deserialize;

use super::secret::SecretSource;
use super::settings::{Base, Links, keys};
use super::smtp::{Encryption, Server, SmtpError};
use super::text::{html, line};
use super::{Failure, Kind, Language, Notice, Severity, Sink, tls, words};

pub(super) const KIND: Kind = Kind { id: "email", build };

/// Longest subject.
const SUBJECT: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    tls: Security,
    user: Option<String>,
    password: Option<SecretSource>,
    from: String,
    to: Vec<String>,
    ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Security {
    /// A plain connection that must become TLS.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None, for a relay on the same machine.
    None,
}

struct Email {
    server: Server,
    from: Mailbox,
    to: Vec<Mailbox>,
    language: Language,
    links: Links,
}

fn build(table: toml::Table, base: &Base<'_>) -> Result<Box<dyn Sink>, String> {
    let keys: Keys = keys(table)?;
    let mailbox = |key: &str, text: &str| {
        let plain = |read: &Mailbox| read.email.to_string().is_ascii() && !text.contains(char::is_control);
        let read = text.parse::<Mailbox>().ok().filter(plain);
        read.ok_or_else(|| format!("`{key}`: `{}` is no address", line(text, 100)))
    };
    if keys.to.is_empty() {
        return Err("`to` names nobody".to_owned());
    }
    Ok(Box::new(Email {
        server: server(&keys, base)?,
        from: mailbox("from", &keys.from)?,
        to: keys.to.iter().map(|to| mailbox("to", to)).collect::<Result<_, _>>()?,
        language: base.language,
        links: base.links.clone(),
    }))
}

fn server(keys: &Keys, base: &Base<'_>) -> Result<Server, String> {
    let (port, encryption) = match keys.tls {
        Security::StartTls => (587, Encryption::StartTls),
        Security::Tls => (465, Encryption::Tls),
        Security::None => (25, Encryption::None),
    };
    let login = match (&keys.user, &keys.password) {
        (None, None) => None,
        (Some(_), Some(_)) if keys.tls == Security::None => {
            return Err("a password is not sent without TLS: set `tls` to starttls or tls".to_owned());
        }
        (Some(user), Some(password)) => Some((user.clone(), base.secret("password", password)?)),
        _ => return Err("`user` and `password` go together".to_owned()),
    };
    Ok(Server {
        host: keys.host.clone(),
        port: keys.port.unwrap_or(port),
        encryption,
        tls: tls::config(keys.ca_file.as_deref())?,
        login,
    })
}

#[async_trait]
impl Sink for Email {
    async fn deliver(&self, notice: &Notice) -> Result<(), Failure> {
        let message = self.message(notice).map_err(|error| Failure::final_(format!("no message: {error}")))?;
        let from = self.from.email.to_string();
        let to: Vec<String> = self.to.iter().map(|to| to.email.to_string()).collect();
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        self.server.send(&from, &to, &message.formatted()).await.map_err(|error| match error {
            // A password may be set right; a receiver that is not there won't come.
            SmtpError::Refused { code: 500.., command } if command != "AUTH" => Failure::final_(error.to_string()),
            error => Failure::for_now(line(&error.to_string(), 300)),
        })
    }
}

/// Tells programs that answer mail not to.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Email {
    fn message(&self, notice: &Notice) -> Result<Message, lettre::error::Error> {
        let link = self.links.alert(notice);
        let thread = id(&format!("alert-{}", notice.alert.id));
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(words::headline(notice, self.language, SUBJECT))
            .message_id(Some(id(&notice.id)))
            .references(thread.clone())
            .in_reply_to(thread)
            .date(notice.at.into())
            .header(AutoSubmitted);
        for to in &self.to {
            message = message.to(to.clone());
        }
        let part = |kind, body| SinglePart::builder().header(kind).body(body);
        message.multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, words::plain(notice, self.language, link.as_deref())))
                .singlepart(part(ContentType::TEXT_HTML, page(notice, self.language, link.as_deref()))),
        )
    }
}

/// An id of a message: characters that an id may have.
fn id(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    format!("<{}@trailhound>", text.chars().take(200).map(plain).collect::<String>())
}

const fn color(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "#a3162a",
        Severity::High => "#c23b3b",
        Severity::Medium => "#a86400",
        Severity::Low => "#1f5fae",
        Severity::Informational => "#5a6577",
    }
}

/// The part in HTML. Mail programs know inline styles only.
fn page(notice: &Notice, language: Language, link: Option<&str>) -> String {
    const FONT: &str = "font-family:system-ui,-apple-system,'Segoe UI','Hiragino Sans','Noto Sans JP',sans-serif";
    let lang = if language == Language::Ja { "ja" } else { "en" };
    let heading = html(&words::headline(notice, language, SUBJECT));
    let about = html(&line(language.of(&notice.description), 4000));
    let rows: String = words::facts(notice, language)
        .iter()
        .map(|(label, value)| {
            let cell = "padding:4px 16px 4px 0;vertical-align:top";
            format!(
                "<tr><th align=\"left\" style=\"{cell}\">{}</th><td style=\"{cell}\">{}</td></tr>",
                html(label),
                html(value)
            )
        })
        .collect();
    let advice = section(words::WHAT_TO_DO.of(language), &html(&line(language.of(&notice.advice), 4000)));
    let events: Vec<String> = words::evidence(notice).iter().map(|event| html(event)).collect();
    let evidence = section(words::EVIDENCE.of(language), &events.join("<br>"));
    let open = link
        .map_or(String::new(), |link| format!("<p><a href=\"{}\">{}</a></p>", html(link), words::OPEN.of(language)));
    let color = color(notice.alert.severity);
    format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"></head>\
         <body style=\"{FONT};font-size:14px;line-height:1.5\">\
         <h2 style=\"border-left:6px solid {color};padding-left:10px;font-size:18px\">{heading}</h2>\
         <p>{about}</p><table style=\"border-collapse:collapse\">{rows}</table>{advice}{evidence}{open}</body></html>"
    )
}

fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("<h3 style=\"font-size:15px\">{title}</h3><p>{body}</p>") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[test]
    fn logs_bring_no_headers_and_no_markup() {
        let mut notice = Notice::sample("n1\r\nBcc: x", Utc::now());
        let hostile = "x\r\nBcc: evil@example.com\r\n\r\n<img src=http://evil.example/a.png onerror=alert(1)>";
        notice.alert.title.en = hostile.to_owned();
        notice.alert.actor = Some(hostile.to_owned());
        notice.description.en = hostile.to_owned();
        let sink = Email {
            server: Server {
                host: "localhost".to_owned(),
                port: 25,
                encryption: Encryption::None,
                tls: tls::config(None).unwrap(),
                login: None,
            },
            from: "trailhound@example.com".parse().unwrap(),
            to: vec!["soc@example.com".parse().unwrap()],
            language: Language::En,
            links: Links::default(),
        };
        let bytes = sink.message(&notice).unwrap().formatted();
        let text = String::from_utf8(bytes).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(!head.contains("\r\nBcc:"), "{head}");
        assert!(head.contains("Message-ID: <n1__Bcc__x@trailhound>"), "{head}");
        assert!(!page(&notice, Language::En, None).contains("<img"));
    }
}
