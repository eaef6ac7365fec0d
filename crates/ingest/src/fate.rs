//! What became of an object: in, partly in, bad, or no log at all. The content decides; where it is broken, the name tells
//! whether it was meant to be a log.

use event::compression::CompressionError;
use event::{Foreign, Limits, ObjectError, ObjectOutcome, Reason, Rejected};
use lake::{DigestEntry, ObjectStatus, ObjectVersion, Quarantined};

use crate::IngestError;
use crate::discover::{STDIN, Source};
use crate::intake::Ticket;
use crate::verify::{Signature, is_digest};

/// An object that was read to its end.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) version: ObjectVersion,
    pub(crate) sha256: String,
    /// Hexadecimal SHA-256 of the decompressed bytes of a file that a digest may name.
    pub(crate) content_sha256: String,
    /// What was beside it.
    pub(crate) signature: Option<Signature>,
    pub(crate) records: u64,
    pub(crate) object_bytes: u64,
    pub(crate) raw_bytes: u64,
    pub(crate) ingest_time: i64,
    pub(crate) fate: Fate,
    /// Who waits for it.
    pub(crate) ticket: Option<Ticket>,
}

/// What became of an object.
#[derive(Debug)]
pub(crate) enum Fate {
    /// Decoded; these pieces of it were not.
    Decoded(Vec<Quarantined>),
    /// Nothing could be decoded.
    Failed(Box<Quarantined>),
    /// A digest file of CloudTrail: it is kept, to prove logs by.
    Digest(Box<DigestEntry>),
    /// It is no log.
    Skipped(&'static str),
    /// It could not be read.
    Unread(String),
}

impl Ended {
    pub(crate) fn new(source: &Source, ingest_time: i64) -> Self {
        Self {
            version: source.version(),
            sha256: String::new(),
            content_sha256: String::new(),
            signature: source.signature.clone(),
            records: 0,
            object_bytes: 0,
            raw_bytes: 0,
            ingest_time,
            fate: Fate::Decoded(Vec::new()),
            ticket: None,
        }
    }

    pub(crate) fn status(&self) -> Option<ObjectStatus> {
        match &self.fate {
            Fate::Digest(_) => Some(ObjectStatus::Done),
            Fate::Decoded(pieces) if pieces.is_empty() => Some(ObjectStatus::Done),
            Fate::Decoded(_) => Some(ObjectStatus::Partial),
            Fate::Failed(_) => Some(ObjectStatus::Failed),
            Fate::Skipped(_) | Fate::Unread(_) => None,
        }
    }
}

/// An object of which nothing was taken: no log, or a bad one.
pub(crate) fn refused(
    ended: &mut Ended,
    error: ObjectError,
    content: &[u8],
    limits: &Limits,
) -> Result<(), IngestError> {
    let message = error.to_string();
    ended.fate = match error {
        ObjectError::Batch(_) => return Err(error.into()),
        ObjectError::Compression(CompressionError::TooLarge { .. }) => {
            failed(ended, "too-large", &message, content, limits)
        }
        ObjectError::Compression(_) => failed(ended, "damaged", &message, content, limits),
        ObjectError::NotALog(Foreign::OtherText | Foreign::Binary) if claims_json(&ended.version.object) => {
            failed(ended, "malformed", &message, content, limits)
        }
        ObjectError::NotALog(Foreign::Digest) => digest(ended, content, limits),
        ObjectError::NotALog(what) => Fate::Skipped(skip_reason(what)),
    };
    Ok(())
}

/// A digest file as it is kept.
pub(crate) fn digest(ended: &Ended, content: &[u8], limits: &Limits) -> Fate {
    let text = event::compression::decompress(content, limits.object_bytes).ok();
    let text = text.filter(|text| is_digest(text)).and_then(|text| String::from_utf8(text.into_owned()).ok());
    let Some(text) = text else {
        return Fate::Skipped(skip_reason(Foreign::Digest));
    };
    let signature = ended.signature.clone();
    Fate::Digest(Box::new(DigestEntry {
        object: ended.version.object.clone(),
        text,
        signature: signature.as_ref().map(|known| known.signature.clone()).unwrap_or_default(),
        algorithm: signature.as_ref().map(|known| known.algorithm.clone()).unwrap_or_default(),
        generated: signature.and_then(|known| known.generated).unwrap_or_default(),
        ingest_time: ended.ingest_time,
    }))
}

/// Stands for the hash of what could not be unpacked: no digest ever names it.
pub(crate) const UNREADABLE: &str = "unreadable";

/// Whether a digest may name a file of that name.
pub(crate) fn is_provable(object: &str) -> bool {
    object.rsplit('/').next().is_some_and(|name| name.contains("_CloudTrail"))
}

/// Records what was decoded. Text that is nothing but broken JSON is a bad log only if its name says it is a log.
pub(crate) fn finish(ended: &mut Ended, outcome: ObjectOutcome, limits: &Limits, content: &[u8]) {
    ended.records = outcome.records;
    ended.raw_bytes = outcome.record_bytes;
    ended.object_bytes = outcome.object_bytes;
    let broken = |piece: &Rejected| matches!(piece.reason, Reason::Malformed | Reason::NotALog);
    if outcome.records == 0 && outcome.rejected.iter().all(broken) && !claims_log(&ended.version.object) {
        ended.fate = Fate::Skipped("not-a-log");
        return;
    }
    if outcome.records == 0 && outcome.rejected.is_empty() && content.trim_ascii().is_empty() {
        ended.fate = failed(ended, "empty", "the object is empty", content, limits);
        return;
    }
    let origin = ended.version.object.clone();
    let pieces = outcome.rejected.into_iter().map(|piece| Quarantined {
        origin: origin.clone(),
        position: piece.position,
        offset: piece.offset,
        reason: piece.reason.code().into(),
        message: piece.message,
        bytes: piece.bytes,
        size: piece.size,
        ingest_time: ended.ingest_time,
    });
    ended.fate = Fate::Decoded(pieces.collect());
}

pub(crate) fn failed(ended: &Ended, reason: &str, message: &str, content: &[u8], limits: &Limits) -> Fate {
    Fate::Failed(Box::new(Quarantined {
        origin: ended.version.object.clone(),
        position: 0,
        offset: 0,
        reason: reason.into(),
        message: message.into(),
        bytes: content[..content.len().min(limits.rejected_bytes)].to_vec(),
        size: ended.version.size,
        ingest_time: ended.ingest_time,
    }))
}

/// A piece of lines without a single record in an object that otherwise has them.
pub(crate) fn foreign_piece(text: &[u8], what: &Foreign, before: &ObjectOutcome, limits: &Limits) -> ObjectOutcome {
    ObjectOutcome {
        object_bytes: text.len() as u64,
        rejected: vec![Rejected {
            position: before.records + before.rejected.len() as u64,
            offset: before.object_bytes,
            reason: Reason::NotALog,
            message: what.to_string(),
            bytes: text[..text.len().min(limits.rejected_bytes)].to_vec(),
            size: text.len() as u64,
        }],
        ..ObjectOutcome::default()
    }
}

fn skip_reason(what: Foreign) -> &'static str {
    match what {
        Foreign::Digest => "digest",
        Foreign::Notification => "notification",
        Foreign::OtherJson => "other-json",
        Foreign::OtherText | Foreign::Binary => "not-a-log",
    }
}

fn has_ending(object: &str, endings: &[&str]) -> bool {
    let name = object.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    endings.iter().any(|ending| name.ends_with(ending))
}

/// The name promises JSON; whoever writes to standard input means it.
fn claims_json(object: &str) -> bool {
    object == STDIN || has_ending(object, &[".json", ".jsonl", ".ndjson"])
}

/// The name does not promise anything but logs.
pub(crate) fn claims_log(object: &str) -> bool {
    let plain = object.rsplit('/').next().is_some_and(|name| !name.contains('.'));
    claims_json(object)
        || has_ending(object, &[".log", ".txt"])
        || object.ends_with(".gz")
        || object.ends_with(".zst")
        || (plain && object.starts_with("s3://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_logs_or_not() {
        let check = |object: &str, json: bool, log: bool| {
            assert_eq!((claims_json(object), claims_log(object)), (json, log), "{object}");
        };
        check("a/1_CloudTrail_us-east-1_20230710T1240Z_x.json.gz", true, true);
        check("a/events.JSON", true, true);
        check("a/events.ndjson.zst", true, true);
        check("a/events.jsonl", true, true);
        check("a/flow.log.gz", false, true);
        check("a/syslog.log", false, true);
        check("a/README.md", false, false);
        check("a/LICENSE", false, false);
        check("a/image.png", false, false);
        check("s3://bucket/firehose-2024-01-01", false, true);
    }
}
