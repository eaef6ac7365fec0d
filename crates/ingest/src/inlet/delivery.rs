//! A delivery: what one request brought, and what is noted of it in the journal.

use bytes::Bytes;
use event::{LogType, Sender};
use serde::{Deserialize, Serialize};

/// How a delivery's body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Envelopes of an HTTP Event Collector.
    Events,
    /// Text as it is: lines, or JSON.
    Raw,
    /// Records, each by itself, as [`framed`] puts them together.
    Records,
    /// Nothing: it was to be seen whether the disk takes it.
    Probe,
}

/// What one request brought.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The source's name.
    pub source: String,
    /// How the body is read.
    pub form: Form,
    /// What it is called in the column `origin`; `None`: by the source and its number in the journal.
    pub origin: Option<String>,
    /// What is the same when the sender sends it again, and differs where it sends something else.
    pub identity: String,
    /// When it came: microseconds since 1970-01-01 (UTC).
    pub received: i64,
    /// What is known of its records where they say nothing themselves.
    pub sender: Sender,
    /// The log type of what does not tell.
    pub log_type: Option<&'static LogType>,
    /// The channel on which it is acknowledged.
    pub channel: Option<String>,
    /// Records and bytes of the same origin before it.
    pub place: (u64, u64),
    /// A line that says how the lines of the body are read, and is none of them.
    pub head: Option<String>,
    /// Decompressed.
    pub body: Bytes,
}

/// A delivery without its body, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) source: String,
    pub(super) form: Form,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<String>,
    pub(super) identity: String,
    pub(super) received: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) channel: Option<String>,
    #[serde(default)]
    pub(super) place: (u64, u64),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) head: Option<String>,
}

impl Note {
    pub(super) fn of(delivery: &Delivery) -> Self {
        let sender = delivery.sender.clone();
        Self {
            source: delivery.source.clone(),
            form: delivery.form,
            origin: delivery.origin.clone(),
            identity: delivery.identity.clone(),
            received: delivery.received,
            time: sender.time,
            kind: sender.kind,
            group: sender.group,
            stream: sender.stream,
            log_type: delivery.log_type.map(|log_type| log_type.id.to_owned()),
            channel: delivery.channel.clone(),
            place: delivery.place,
            head: delivery.head.clone(),
        }
    }

    /// The note of an entry that is nothing.
    pub(super) fn probe() -> Vec<u8> {
        br#"{"source":"","form":"probe","identity":"","received":0}"#.to_vec()
    }

    pub(super) fn write(&self) -> Vec<u8> {
        // A structure of texts and numbers: it can always be written.
        serde_json::to_vec(self).unwrap_or_else(|_| Self::probe())
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn sender(&self) -> Sender {
        Sender { time: self.time, kind: self.kind.clone(), group: self.group.clone(), stream: self.stream.clone() }
    }

    pub(super) fn log_type(&self) -> Option<&'static LogType> {
        event::log_type(self.log_type.as_deref()?)
    }
}

/// What a delivery without a name of its own is called.
pub(super) fn origin_of(source: &str, sequence: u64) -> String {
    format!("hec://{source}/{sequence:x}")
}

/// Puts records together, so that they can be told apart again: the length of each before it.
#[must_use]
pub fn framed<T: AsRef<[u8]>>(records: &[T]) -> Vec<u8> {
    let total: usize = records.iter().map(|record| record.as_ref().len() + 4).sum();
    let mut body = Vec::with_capacity(total);
    for record in records {
        let record = record.as_ref();
        body.extend_from_slice(&u32::try_from(record.len()).unwrap_or(u32::MAX).to_le_bytes());
        body.extend_from_slice(record);
    }
    body
}

/// The records that were put together.
pub(super) fn unframed(body: &[u8]) -> Vec<&[u8]> {
    let (mut records, mut rest) = (Vec::new(), body);
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = (u32::from_le_bytes(*length) as usize).min(after.len());
        let (record, after) = after.split_at(length);
        records.push(record);
        rest = after;
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_apart_again() {
        let records: [&[u8]; 4] = [b"a", b"", b"\n\0", b"xyz"];
        assert_eq!(unframed(&framed(&records)), records);
        assert!(unframed(b"").is_empty());
    }

    #[test]
    fn notes_come_back() {
        let delivery = Delivery {
            source: "s".into(),
            form: Form::Raw,
            origin: Some("o".into()),
            identity: "i".into(),
            received: 7,
            sender: Sender { time: Some(1), kind: Some("k".into()), ..Sender::default() },
            log_type: event::log_type("elb"),
            channel: Some("c".into()),
            place: (1, 2),
            head: Some("h".into()),
            body: Bytes::new(),
        };
        let note = Note::read(&Note::of(&delivery).write()).expect("a note");
        assert_eq!(note, Note::of(&delivery));
        assert_eq!((note.sender(), note.log_type().map(|t| t.id)), (delivery.sender, Some("elb")));
        assert_eq!(Note::read(&Note::probe()).map(|note| note.form), Some(Form::Probe));
    }
}
