//! What the keys of an object say: which log type its record is, or under which keys envelopes and log shippers keep records;
//! and the text that is being walked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::plan::{Keyed, Table};
use crate::log_types::log_types;

/// How many log types there may be.
pub(super) const KINDS: usize = 16;

/// What a key of an object says about where the records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WrapperKey {
    /// A list of records, read as it comes: delivered files, pages of the APIs, events with findings.
    List,
    /// A value that may be a record, a list of them or their text; the number orders the attempts.
    Candidate(u8),
    /// Marks a digest file.
    Digest,
    /// Marks CloudTrail's own notification of delivered files.
    Notification,
    /// Tells CloudWatch Logs' probe from its data.
    MessageType,
    /// Says what the records inside belong to.
    Envelope(Envelope),
}

/// What an envelope tells of the records in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Envelope {
    LogGroup,
    LogStream,
    Account,
    Region,
    Time,
    Source,
    DetailType,
    Snapshot,
}

/// Keys under which lists of records stand: CloudTrail's files and LookupEvents, Security Hub's events and BatchImport,
/// Config's files.
const LISTS: [&str; 6] = ["Records", "Events", "findings", "Findings", "configurationItems", "ConfigurationItems"];

const ENVELOPES: [(&str, Envelope); 11] = [
    ("logGroup", Envelope::LogGroup),
    ("logStream", Envelope::LogStream),
    ("owner", Envelope::Account),
    ("account", Envelope::Account),
    ("region", Envelope::Region),
    ("time", Envelope::Time),
    ("timestamp", Envelope::Time),
    ("source", Envelope::Source),
    ("sourcetype", Envelope::Source),
    ("detail-type", Envelope::DetailType),
    ("configSnapshotId", Envelope::Snapshot),
];

/// Keys of wrappers, most telling first: CloudWatch Logs, EventBridge, LookupEvents, Splunk and Cribl (`_raw`), Logstash,
/// Vector and Filebeat (`message`), SIEM on OpenSearch (`@message`), HEC (`event`), ECS (`event.original`), search-engine
/// exports (`hits`, `_source`), SNS and SQS bodies, Kinesis and Firehose (`data`), and plain nesting.
const CANDIDATES: [&str; 31] = [
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
    "eventJson",
    "event_json",
    "json",
    "payload",
    "value",
];

/// All that a key says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sign {
    key: &'static str,
    pub(super) wrapper: Option<WrapperKey>,
    /// For each log type, its weight as a mark; 0: none.
    weights: [u8; KINDS],
}

impl Keyed for Sign {
    fn key(&self) -> &'static str {
        self.key
    }
}

/// What `key` says; `None`: nothing.
#[inline]
pub(super) fn sign_of(key: &[u8]) -> Option<&'static Sign> {
    static SIGNS: LazyLock<Table<Sign>> = LazyLock::new(signs);
    SIGNS.get(key)
}

fn signs() -> Table<Sign> {
    let mut signs: BTreeMap<&'static str, Sign> = BTreeMap::new();
    let fresh = |key| Sign { key, wrapper: None, weights: [0; KINDS] };
    for (kind, log_type) in log_types().iter().enumerate().take(KINDS) {
        for (key, weight) in log_type.json.iter().flat_map(|json| json.marks) {
            signs.entry(key).or_insert_with(|| fresh(key)).weights[kind] = *weight;
        }
    }
    let lists = LISTS.map(|key| (key, WrapperKey::List));
    let marks = [
        ("digestS3Object", WrapperKey::Digest),
        ("digestPublicKeyFingerprint", WrapperKey::Digest),
        ("s3ObjectKey", WrapperKey::Notification),
        ("messageType", WrapperKey::MessageType),
    ];
    let envelopes = ENVELOPES.map(|(key, what)| (key, WrapperKey::Envelope(what)));
    let candidates = CANDIDATES.iter().enumerate().map(|(order, key)| (*key, WrapperKey::Candidate(order as u8)));
    for (key, wrapper) in candidates.chain(envelopes).chain(marks).chain(lists) {
        signs.entry(key).or_insert_with(|| fresh(key)).wrapper = Some(wrapper);
    }
    let signs: Vec<Sign> = signs.into_values().collect();
    Table::new(&signs)
}

/// How much the keys of an object speak for each log type.
#[derive(Debug, Default)]
pub(super) struct Scores([u16; KINDS]);

impl Scores {
    pub(super) fn add(&mut self, sign: &Sign) {
        self.0.iter_mut().zip(sign.weights).for_each(|(sum, weight)| *sum += u16::from(weight));
    }

    /// The log type that the object is a record of: the one whose marks are there most fully.
    pub(super) fn best(&self) -> Option<usize> {
        let enough = log_types().iter().enumerate().filter_map(|(kind, log_type)| {
            let needed = u16::from(log_type.json.as_ref()?.enough);
            (self.0[kind] >= needed).then(|| (u32::from(self.0[kind]) * 100 / u32::from(needed.max(1)), kind))
        });
        enough.max_by_key(|(share, kind)| (*share, usize::MAX - kind)).map(|(_, kind)| kind)
    }
}

/// What was seen of an object besides record fields.
#[derive(Debug, Default)]
pub(super) struct Clues {
    /// It is a digest file.
    pub(super) digest: bool,
    /// It is CloudWatch Logs' reachability probe.
    pub(super) probe: bool,
    /// It tells of delivered files.
    pub(super) notification: bool,
    /// What it says about the records in it, by the places of the values.
    pub(super) envelope: Vec<(Envelope, Range<usize>)>,
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
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let mut candidates = self.candidates.clone();
        candidates.sort_by_key(|candidate| candidate.order);
        candidates
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
    use super::super::plan::Plan;
    use super::*;

    #[test]
    fn keys() {
        let wrapper = |key: &str| sign_of(key.as_bytes()).and_then(|sign| sign.wrapper);
        assert_eq!(wrapper("Records"), Some(WrapperKey::List));
        assert_eq!(wrapper("logEvents"), Some(WrapperKey::Candidate(0)));
        assert_eq!(wrapper("eventName"), None);
        assert!(log_types().len() <= KINDS);
    }

    #[test]
    fn marks_are_bits() {
        for kind in 0..log_types().len() {
            let marks = log_types()[kind].json.as_ref().map_or(0, |json| json.marks.len());
            assert!(marks <= 64, "{}", Plan::of(kind).log_type.id);
        }
    }

    #[test]
    fn the_most_telling_candidate_comes_first() {
        let mut clues = Clues::default();
        clues.add(5, 0..1);
        clues.add(1, 2..3);
        let order: Vec<_> = clues.candidates().into_iter().map(|candidate| candidate.order).collect();
        assert_eq!(order, [1, 5]);
    }
}
