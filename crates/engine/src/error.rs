//! What can go wrong with a query. Callers branch on [`ErrorKind`]; people read the message and the diagnostics.

use datafusion::error::DataFusionError;
use query::diagnostic::{Diagnostic, Severity};

/// The kind of a failure; HTTP and the command line map it to codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The query is wrong; the diagnostics say where.
    Invalid,
    /// Something asked for by name is not there.
    NotFound,
    /// The deadline passed.
    Deadline,
    /// The files to read exceed the scan budget.
    ScanBudget,
    /// The memory pool is exhausted and the operator can't spill.
    Memory,
    /// Ours: a bug or a broken store.
    Internal,
}

/// A failed query.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// What kind.
    pub kind: ErrorKind,
    /// One sentence.
    pub message: String,
    /// Where in the text, if it was the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl QueryError {
    /// A failure without diagnostics.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), diagnostics: Vec::new() }
    }

    /// A query that can't be read.
    #[must_use]
    pub fn invalid(diagnostics: Vec<Diagnostic>) -> Self {
        let message = diagnostics
            .iter()
            .find(|d| d.severity == Severity::Error)
            .map_or_else(|| "the query is not valid".to_owned(), |d| d.message.clone());
        Self { kind: ErrorKind::Invalid, message, diagnostics }
    }
}

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(text) => Self::new(
                ErrorKind::Memory,
                format!(
                    "the query needs more memory than it may use; narrow the time range or group by fewer values ({})",
                    first_line(text)
                ),
            ),
            DataFusionError::External(inner) => match inner.downcast_ref::<QueryError>() {
                Some(own) => own.clone(),
                None => Self::new(ErrorKind::Internal, error.to_string()),
            },
            _ => Self::new(ErrorKind::Internal, error.strip_backtrace()),
        }
    }
}

impl From<lake::LakeError> for QueryError {
    fn from(error: lake::LakeError) -> Self {
        Self::new(ErrorKind::Internal, error.to_string())
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}
