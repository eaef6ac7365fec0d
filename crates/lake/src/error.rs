//! The one error type of the lake, and the kind by which callers decide what to do about it.

use deltalake::DeltaTableError;
use object_store::Error as StoreError;
use parquet::errors::ParquetError;

/// What went wrong with the lake.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The lake's address can't be used.
    #[error("{uri} is no place for a lake: {reason}")]
    Location {
        /// The address as it was given.
        uri: String,
        /// Why it can't be used.
        reason: String,
    },
    /// The name is no table name (lower-case letters, digits and `_`).
    #[error("`{0}` is no table name: lower-case letters, digits and _ only")]
    TableName(String),
    /// The table is not in the lake.
    #[error("there is no table `{0}` in the lake")]
    NoTable(String),
    /// Rows do not fit the table.
    #[error("rows do not fit the table `{table}`: {reason}")]
    Schema {
        /// The table.
        table: String,
        /// What does not fit.
        reason: String,
    },
    /// The table uses a feature of the format that this version can't read correctly.
    #[error("table `{table}` uses {feature}, which this version does not read")]
    Unsupported {
        /// The table.
        table: String,
        /// The feature of the table format.
        feature: &'static str,
    },
    /// Other writers kept winning the race for the next version.
    #[error("table `{table}` could not be committed to: {attempts} attempts lost to other writers")]
    Contention {
        /// The table.
        table: String,
        /// How often the commit was tried.
        attempts: usize,
    },
    /// An argument is out of range.
    #[error("{0}")]
    Argument(String),
    /// The table format's library failed.
    #[error("table format: {0}")]
    Delta(Box<DeltaTableError>),
    /// The object store failed.
    #[error("object store: {0}")]
    Store(#[from] StoreError),
    /// A Parquet file could not be written or read.
    #[error("parquet: {0}")]
    Parquet(#[from] ParquetError),
    /// Rows could not be put together.
    #[error("rows: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A file of the local file system failed.
    #[error("file system: {0}")]
    Io(#[from] std::io::Error),
    /// A background task died.
    #[error("background task: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// How a caller may react to a [`LakeError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The thing asked for does not exist.
    NotFound,
    /// The request can't be right, whoever tries it again.
    Invalid,
    /// Storage or contention: the same request may succeed later.
    Unavailable,
    /// A bug or a broken lake.
    Internal,
}

impl LakeError {
    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoTable(_) | Self::Store(StoreError::NotFound { .. }) => ErrorKind::NotFound,
            Self::Location { .. }
            | Self::TableName(_)
            | Self::Schema { .. }
            | Self::Unsupported { .. }
            | Self::Argument(_) => ErrorKind::Invalid,
            Self::Contention { .. } | Self::Store(_) | Self::Io(_) => ErrorKind::Unavailable,
            Self::Delta(_) | Self::Parquet(_) | Self::Arrow(_) | Self::Task(_) => ErrorKind::Internal,
        }
    }
}

impl From<DeltaTableError> for LakeError {
    fn from(error: DeltaTableError) -> Self {
        match error {
            DeltaTableError::ObjectStore { source } => Self::Store(source),
            other => Self::Delta(Box::new(other)),
        }
    }
}
