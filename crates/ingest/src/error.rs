//! What ends an ingest before its end. What is wrong with one object does not: that is in the report.

use lake::{ErrorKind, LakeError};

/// Why an ingest could not go on. What was committed before stays; the same ingest may be run again.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// A path or address to read from can't be used.
    #[error("{path}: {reason}")]
    Path {
        /// As it was given.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Decoded rows could not be enriched: a defect of ours.
    #[error("defect: {0}")]
    Enrich(#[from] enrich::EnrichError),
    /// The decoder failed on its own account: a defect of ours.
    #[error("{0}")]
    Decode(#[from] event::ObjectError),
    /// Decoded rows are not of the expected shape: a defect of ours.
    #[error("defect: {0}")]
    Rows(#[from] arrow::error::ArrowError),
    /// The rows of a commit could not be looked at; it was not made.
    #[error("rules could not watch the events: {0}")]
    Watch(String),
    /// A background task died.
    #[error("background task: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl IngestError {
    /// The kind of the error, as the lake's.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Path { .. } => ErrorKind::Invalid,
            Self::Lake(error) => error.kind(),
            Self::Enrich(_) | Self::Decode(_) | Self::Rows(_) | Self::Watch(_) | Self::Task(_) => ErrorKind::Internal,
        }
    }
}
