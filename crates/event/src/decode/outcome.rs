//! What became of an object: rows, rejected pieces, or an error for the whole.

use crate::compression::CompressionError;

/// What became of one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectOutcome {
    /// Records that became rows.
    pub records: u64,
    /// Raw text of those records, in bytes.
    pub record_bytes: u64,
    /// Decompressed size of the object, in bytes.
    pub object_bytes: u64,
    /// Pieces that did not.
    pub rejected: Vec<Rejected>,
}

/// A piece of an object that could not be taken, for quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Ordinal among the records of the object, from 0, rejected ones counted.
    pub position: u64,
    /// Where the piece begins in the decompressed object, in bytes; for a record inside a string, where that string begins.
    pub offset: u64,
    /// Why, as a stable code.
    pub reason: Reason,
    /// Why, in words.
    pub message: String,
    /// The piece, cut at [`crate::Limits::rejected_bytes`].
    pub bytes: Vec<u8>,
    /// Size of the whole piece, in bytes.
    pub size: u64,
}

/// Why a piece was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Not JSON, or JSON that breaks off.
    Malformed,
    /// Nested deeper than 256 levels.
    TooDeep,
    /// Not UTF-8.
    InvalidUtf8,
    /// Larger than the record limit.
    TooLarge,
    /// A record without a time.
    MissingTime,
    /// A record whose time can't be read.
    InvalidTime,
    /// Not a record of any log type.
    NotALog,
    /// A line that does not have the fields of its format.
    BadLine,
}

impl Reason {
    /// The stable code, as stored in the quarantine table.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooDeep => "too-deep",
            Self::InvalidUtf8 => "invalid-utf8",
            Self::TooLarge => "too-large",
            Self::MissingTime => "missing-time",
            Self::InvalidTime => "invalid-time",
            Self::NotALog => "not-a-log",
            Self::BadLine => "bad-line",
        }
    }
}

/// What an object is that holds no record of a log type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Foreign {
    /// A CloudTrail digest file: for verification, not for the table.
    Digest,
    /// An S3 event notification (or another service's `aws:…` event source).
    Notification,
    /// Other JSON.
    OtherJson,
    /// Text of no known format.
    OtherText,
    /// Neither JSON nor text.
    Binary,
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Digest => "it is a CloudTrail digest file",
            Self::Notification => "it is an event notification",
            Self::OtherJson => "its JSON is of another kind",
            Self::OtherText => "its text is of no known format",
            Self::Binary => "it is neither JSON nor text",
        })
    }
}

/// Why nothing of an object could be taken.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The compression is damaged or expands beyond the limit.
    #[error(transparent)]
    Compression(#[from] CompressionError),
    /// Readable, but no record of a log type is in it.
    #[error("not a log: {0}")]
    NotALog(Foreign),
    /// The decoder's columns do not fit the schema: a defect of ours.
    #[error("defect: the decoded columns do not make a batch: {0}")]
    Batch(#[from] arrow::error::ArrowError),
}
