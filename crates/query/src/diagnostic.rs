//! What is wrong with a query (or merely odd), where, and what was probably meant.
//! Everything a user did wrong arrives as one of these, several at once, never as a panic or an engine's message.

use serde::{Deserialize, Serialize};

use crate::span::Span;

mod codes;
mod render;

pub use codes::{Code, codes, codes_of};
pub use render::render;

/// How bad it is: an error stops the query, a warning travels with its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The query cannot run.
    Error,
    /// The query runs, but perhaps not as its author meant.
    Warning,
}

/// One finding about a query's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable identifier, e.g. `spl.unknown-command`; tests and documentation lean on it.
    pub code: String,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence for the person who typed the query.
    pub message: String,
    /// The characters meant, as byte offsets.
    pub span: Span,
    /// What to do instead, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub help: Option<String>,
    /// Text that would replace the span, where one candidate is clearly meant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suggestion: Option<String>,
}

impl Diagnostic {
    /// An error without help.
    pub fn error(code: &str, message: impl Into<String>, span: Span) -> Self {
        Self {
            code: code.into(),
            severity: Severity::Error,
            message: message.into(),
            span,
            help: None,
            suggestion: None,
        }
    }

    /// A warning without help.
    pub fn warning(code: &str, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, span) }
    }

    /// Adds a sentence of help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the replacement that was probably meant.
    #[must_use]
    pub fn with_suggestion(mut self, text: impl Into<String>) -> Self {
        self.suggestion = Some(text.into());
        self
    }
}
