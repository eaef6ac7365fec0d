//! The rules of Splunk's HTTP Event Collector: who may send, what a body may hold, what is answered. Senders made for it (Firehose,
//! Vector, Fluent Bit, OpenTelemetry, Splunk's own libraries) are to work unchanged, so codes and texts are Splunk's.
//!
//! One thing is stricter: a request is taken as a whole or not at all. Splunk may keep the events before the one that is wrong;
//! then whoever sends again doubles them.

mod code;
mod token;

use bytes::Bytes;
use event::Sender;
use event::hec::{Envelopes, Wrong};
use sha2::{Digest, Sha256};

pub use code::Code;
pub use token::{Presented, Token};

use crate::inlet::{Delivery, Form, Inlet};
use crate::journal::Refused;
use crate::sources::Meter;

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The code, which has its text and its status.
    pub code: Code,
    /// The number to ask about.
    pub ack: Option<u64>,
    /// Which event is wrong, from 0.
    pub event: Option<u64>,
}

impl From<Code> for Reply {
    fn from(code: Code) -> Self {
        Self { code, ack: None, event: None }
    }
}

/// What the address of a request says of its events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `time`, in seconds since 1970-01-01 (UTC) or as a date.
    pub time: Option<String>,
    /// `host`.
    pub host: Option<String>,
    /// `source`.
    pub source: Option<String>,
    /// `sourcetype`.
    pub sourcetype: Option<String>,
    /// `index`.
    pub index: Option<String>,
}

/// A source of this type.
#[derive(Clone)]
pub struct Hec {
    name: String,
    tokens: std::sync::Arc<[Token]>,
    inlet: Inlet,
    meter: Meter,
}

impl Hec {
    /// The source of that name, with its tokens.
    #[must_use]
    pub fn new(name: &str, tokens: Vec<Token>, inlet: Inlet, meter: Meter) -> Self {
        inlet.count(name, meter.clone());
        Self { name: name.to_owned(), tokens: tokens.into(), inlet, meter }
    }

    /// The token that was presented, if it may be used.
    ///
    /// # Errors
    /// Why not.
    pub fn authorize(&self, presented: &Presented) -> Result<&Token, Code> {
        let found = token::find(&self.tokens, presented);
        found.inspect_err(|code| self.meter.rejected(code.reason()))
    }

    /// The channel of a request: needed for raw text, and by tokens whose deliveries are acknowledged.
    ///
    /// # Errors
    /// It is missing, or no GUID.
    pub fn channel(&self, token: &Token, given: Option<&str>, raw: bool) -> Result<Option<String>, Code> {
        let given = given.map(str::trim).filter(|channel| !channel.is_empty());
        let checked = match given {
            Some(channel) if is_guid(channel) => Ok(Some(channel.to_ascii_lowercase())),
            Some(_) => Err(Code::InvalidChannel),
            None if raw || token.ack => Err(Code::NoChannel),
            None => Ok(None),
        };
        checked.inspect_err(|code| self.meter.rejected(code.reason()))
    }

    /// Takes envelopes. The body is decompressed.
    pub async fn events(&self, token: &Token, channel: Option<String>, said: &Metadata, body: Bytes) -> Reply {
        let checked = match self.delivery(token, channel, said, Form::Events, body) {
            Ok(delivery) => {
                // A large body takes a while to look through.
                let (token, said) = (token.clone(), said.clone());
                let checked = tokio::task::spawn_blocking(move || {
                    let count = check(&delivery.body, &token, said.index.as_deref());
                    count.map(|_| delivery)
                });
                checked.await.unwrap_or_else(|_| Err(Code::Internal.into()))
            }
            Err(code) => Err(code.into()),
        };
        match checked {
            Ok(delivery) => self.take(delivery, token.ack).await,
            Err(reply) => self.refuse(reply),
        }
    }

    /// Takes text as it is. The body is decompressed.
    pub async fn raw(&self, token: &Token, channel: Option<String>, said: &Metadata, body: Bytes) -> Reply {
        if said.index.as_deref().is_some_and(|index| !token.may_use(index)) {
            return self.refuse(Code::IncorrectIndex.into());
        }
        match self.delivery(token, channel, said, Form::Raw, body) {
            Ok(delivery) => self.take(delivery, token.ack).await,
            Err(code) => self.refuse(code.into()),
        }
    }

    /// Which of the deliveries of a channel are safe.
    ///
    /// # Errors
    /// The token does not acknowledge.
    pub fn acks(&self, token: &Token, channel: &str, numbers: &[u64]) -> Result<Vec<(u64, bool)>, Code> {
        if !token.ack {
            return Err(Code::AckDisabled);
        }
        let channel = self.scoped(token, channel);
        Ok(numbers.iter().map(|number| (*number, self.inlet.acks().is_safe(&channel, *number))).collect())
    }

    /// Whether events are taken now.
    pub async fn health(&self) -> Code {
        match self.inlet.health().await {
            Ok(()) => Code::Healthy,
            Err(Refused::Closed) => Code::ShuttingDown,
            Err(Refused::Full | Refused::Disk(_)) => Code::QueuesFull,
        }
    }

    /// Counts a request that was refused before it came here.
    pub fn refused(&self, code: Code) {
        self.meter.rejected(code.reason());
    }

    fn refuse(&self, reply: Reply) -> Reply {
        self.meter.rejected(reply.code.reason());
        reply
    }

    fn scoped(&self, token: &Token, channel: &str) -> String {
        format!("{}/{}/{channel}", self.name, token.name)
    }

    fn delivery(
        &self,
        token: &Token,
        channel: Option<String>,
        said: &Metadata,
        form: Form,
        body: Bytes,
    ) -> Result<Delivery, Code> {
        if body.trim_ascii().is_empty() {
            return Err(Code::NoData);
        }
        let or = |said: &Option<String>, usual: &Option<String>| said.clone().or_else(|| usual.clone());
        let sender = Sender {
            time: said.time.as_deref().and_then(event::time::parse),
            kind: or(&said.sourcetype, &token.sourcetype),
            group: or(&said.source, &token.source),
            stream: or(&said.host, &token.host),
        };
        Ok(Delivery {
            source: self.name.clone(),
            form,
            origin: None,
            identity: identity(&token.name, &body),
            received: self.inlet.now(),
            sender,
            log_type: None,
            channel: channel.filter(|_| token.ack).map(|channel| self.scoped(token, &channel)),
            place: (0, 0),
            head: None,
            body,
        })
    }

    async fn take(&self, delivery: Delivery, ack: bool) -> Reply {
        match self.inlet.take(delivery).await {
            Ok(receipt) => Reply { code: Code::Success, ack: receipt.ack.filter(|_| ack), event: None },
            Err(Refused::Closed) => Code::ShuttingDown.into(),
            Err(Refused::Full | Refused::Disk(_)) => self.refuse(Code::Busy.into()),
        }
    }
}

/// Looks through the whole body before anything of it is taken.
fn check(body: &[u8], token: &Token, usual_index: Option<&str>) -> Result<u64, Reply> {
    let mut count = 0;
    for envelope in Envelopes::of(body) {
        let wrong = |code| Reply { code, ack: None, event: Some(count) };
        let envelope = envelope.map_err(|what| {
            wrong(match what {
                Wrong::Format => Code::InvalidData,
                Wrong::NoEvent => Code::EventRequired,
                Wrong::BlankEvent => Code::EventBlank,
                Wrong::Fields => Code::IndexedFields,
            })
        })?;
        if envelope.index.as_deref().or(usual_index).is_some_and(|index| !token.may_use(index)) {
            return Err(wrong(Code::IncorrectIndex));
        }
        count += 1;
    }
    if count == 0 { Err(Code::NoData.into()) } else { Ok(count) }
}

/// The same for the same body: a sender that repeats a request repeats its bytes.
fn identity(token: &str, body: &[u8]) -> String {
    let digest = Sha256::new().chain_update(token).chain_update([0]).chain_update(body).finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_looked_through() {
        let token = Token { indexes: vec!["main".into()], ..Token::new("t", "secret") };
        let look = |body: &str| match check(body.as_bytes(), &token, None) {
            Ok(count) => (0, Some(count)),
            Err(reply) => (reply.code.number(), reply.event),
        };
        assert_eq!(look(r#"{"event":1}{"event":2,"index":"main"}"#), (0, Some(2)));
        assert_eq!(look(r#"{"event":1}{"event":2,"index":"other"}"#), (7, Some(1)));
        assert_eq!(look(r#"{"event":1}{"event":"#), (6, Some(1)));
        assert_eq!(look(r#"{"event":1}{}"#), (12, Some(1)));
        assert_eq!(look(r#"{"event":" "}"#), (13, Some(0)));
        assert_eq!(look(r#"{"event":1,"fields":{"a":{}}}"#), (15, Some(0)));
        assert_eq!(look("[]"), (5, None));
    }

    #[test]
    fn channels_are_guids() {
        assert!(is_guid("FE0ECFAD-13D5-401B-847D-77833BD77131"));
        for wrong in ["", "1", "FE0ECFAD13D5401B847D77833BD77131----", "FE0ECFAD-13D5-401B-847D-77833BD7713x"] {
            assert!(!is_guid(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_same_request_has_the_same_identity() {
        assert_eq!(identity("a", b"x"), identity("a", b"x"));
        assert_ne!(identity("a", b"x"), identity("a", b"y"));
        assert_ne!(identity("a", b"x"), identity("b", b"x"));
    }
}
