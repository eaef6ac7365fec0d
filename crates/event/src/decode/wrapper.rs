//! The keys under which envelopes and log shippers keep CloudTrail records, and the text that is being walked.

use std::ops::Range;

/// What an unfamiliar key of an object says about where the records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WrapperKey {
    /// A list of records, read as it comes: delivered files and LookupEvents pages.
    List,
    /// A value that may be a record, a list of them or their text; the number orders the attempts.
    Candidate(u8),
    /// Marks a digest file.
    Digest,
    /// Tells CloudWatch Logs' probe from its data.
    MessageType,
}

/// Keys of wrappers, most telling first: CloudWatch Logs, EventBridge, LookupEvents, Splunk and Cribl (`_raw`), Logstash,
/// Vector and Filebeat (`message`), SIEM on OpenSearch (`@message`), HEC (`event`), ECS (`event.original`), search-engine
/// exports (`hits`, `_source`), SNS and SQS bodies, Kinesis and Firehose (`data`), and plain nesting.
const CANDIDATES: [&str; 29] = [
    "logEvents",
    "detail",
    "CloudTrailEvent",
    "_raw",
    "@message",
    "message",
    "Message",
    "event",
    "original",
    "cloudtrail",
    "aws",
    "_source",
    "hits",
    "result",
    "results",
    "Sns",
    "body",
    "Body",
    "log",
    "raw",
    "kinesis",
    "data",
    "record",
    "records",
    "event_data",
    "eventData",
    "json",
    "payload",
    "value",
];

/// What `key` says; `None`: nothing.
pub(super) fn wrapper_key(key: &[u8]) -> Option<WrapperKey> {
    match key {
        b"Records" | b"Events" => Some(WrapperKey::List),
        b"digestS3Object" | b"digestPublicKeyFingerprint" => Some(WrapperKey::Digest),
        b"messageType" => Some(WrapperKey::MessageType),
        _ => {
            let order = CANDIDATES.iter().position(|name| name.as_bytes() == key)?;
            Some(WrapperKey::Candidate(order as u8))
        }
    }
}

/// What was seen of an object besides record fields.
#[derive(Debug, Default)]
pub(super) struct Clues {
    /// It has a list of records, already read.
    pub(super) list: bool,
    /// It is a digest file.
    pub(super) digest: bool,
    /// It is CloudWatch Logs' reachability probe.
    pub(super) probe: bool,
    /// Where records may be, in the order of the keys.
    candidates: Vec<Candidate>,
}

/// A value that may hold records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    order: u8,
    /// The value's JSON text.
    pub(super) place: Range<usize>,
}

impl Candidate {
    /// CloudWatch Logs' list, which may be empty.
    pub(super) fn is_log_events(&self) -> bool {
        self.order == 0
    }
}

impl Clues {
    pub(super) fn add(&mut self, order: u8, place: Range<usize>) {
        self.candidates.push(Candidate { order, place });
    }

    /// The candidates, most telling first.
    pub(super) fn into_candidates(mut self) -> Vec<Candidate> {
        self.candidates.sort_by_key(|candidate| candidate.order);
        self.candidates
    }
}

/// Text under the walk: the object, or a string within it that is JSON itself.
pub(super) struct Doc<'a> {
    pub(super) bytes: &'a [u8],
    /// The same as text, where all of it is UTF-8.
    text: Option<&'a str>,
    /// Where the outermost string that holds this text begins in the object; `None`: this is the object.
    within: Option<usize>,
    /// How many wrappers are around it.
    pub(super) level: u8,
}

impl<'a> Doc<'a> {
    pub(super) fn object(bytes: &'a [u8]) -> Self {
        Self { bytes, text: std::str::from_utf8(bytes).ok(), within: None, level: 0 }
    }

    /// Text that was found in a string at `at` of `self`.
    pub(super) fn nested<'b>(&self, bytes: &'b [u8], at: usize) -> Doc<'b> {
        let within = Some(self.within.unwrap_or(at));
        Doc { bytes, text: std::str::from_utf8(bytes).ok(), within, level: self.level + 1 }
    }

    /// The same text, one wrapper further in.
    pub(super) fn deeper(&self) -> Self {
        Self { level: self.level + 1, ..*self }
    }

    /// A piece as text; `None`: not UTF-8.
    pub(super) fn slice(&self, place: Range<usize>) -> Option<&'a str> {
        match self.text {
            Some(text) => text.get(place),
            None => std::str::from_utf8(self.bytes.get(place)?).ok(),
        }
    }

    /// Offset in the object of a position in this text.
    pub(super) fn offset(&self, at: usize) -> u64 {
        self.within.unwrap_or(at) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        assert_eq!(wrapper_key(b"Records"), Some(WrapperKey::List));
        assert_eq!(wrapper_key(b"logEvents"), Some(WrapperKey::Candidate(0)));
        assert_eq!(wrapper_key(b"eventName"), None);
    }

    #[test]
    fn the_most_telling_candidate_comes_first() {
        let mut clues = Clues::default();
        clues.add(5, 0..1);
        clues.add(1, 2..3);
        let order: Vec<_> = clues.into_candidates().into_iter().map(|candidate| candidate.order).collect();
        assert_eq!(order, [1, 5]);
    }
}
