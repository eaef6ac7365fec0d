//! Errors, and the one place that maps them to status codes.

use std::net::SocketAddr;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use detect::store::StoreError;
use engine::{ErrorKind, QueryError};

use crate::dashboards::Refusal;
use crate::state::StateError;
use crate::wire::{DashboardProblem, Diagnostic, ErrorAnswer, ErrorBody};

/// Why a server can't be started or run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Listening there would give everything to everybody.
    #[error(
        "{0} can be reached by others, and there is no user yet: add one with `trailhound user add NAME`, or listen on 127.0.0.1"
    )]
    NeedsUser(SocketAddr),
    /// A dashboard that travels in the binary can't be read.
    #[error("dashboard `{id}`: {source}")]
    Dashboard {
        /// Its id.
        id: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The state database.
    #[error(transparent)]
    State(#[from] StateError),
    /// The listener failed.
    #[error("listening: {0}")]
    Listen(#[from] std::io::Error),
}

/// A refusal on its way to the client.
#[derive(Debug)]
pub struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) problems: Vec<DashboardProblem>,
    pub(crate) retry_after: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), diagnostics: Vec::new(), problems: Vec::new(), retry_after: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", message)
    }

    pub(crate) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    pub(crate) fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", message)
    }

    pub(crate) fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", message)
    }

    pub(crate) fn too_many(code: &'static str, message: impl Into<String>, retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, code, message) }
    }

    /// Ours; what is wrong goes to the log, the client is told where to look.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(error = %cause, "internal error");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "internal error; the server's log says more")
    }

    pub(crate) fn body(&self) -> ErrorBody {
        ErrorBody {
            code: self.code.to_owned(),
            message: self.message.clone(),
            diagnostics: self.diagnostics.clone(),
            problems: self.problems.clone(),
        }
    }
}

/// The status and the stable code of each kind of failed query.
const fn status_of(kind: ErrorKind) -> (StatusCode, &'static str) {
    match kind {
        ErrorKind::Invalid => (StatusCode::BAD_REQUEST, "invalid"),
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, "not-found"),
        ErrorKind::Deadline => (StatusCode::REQUEST_TIMEOUT, "deadline"),
        ErrorKind::ScanBudget => (StatusCode::UNPROCESSABLE_ENTITY, "scan-budget"),
        ErrorKind::Memory => (StatusCode::SERVICE_UNAVAILABLE, "memory"),
        ErrorKind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        if error.kind == ErrorKind::Internal {
            return Self::internal(error);
        }
        let (status, code) = status_of(error.kind);
        let diagnostics = error.diagnostics.into_iter().map(Into::into).collect();
        Self { diagnostics, ..Self::new(status, code, error.message) }
    }
}

impl From<StateError> for ApiError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::BadTokenName | StateError::BadExpiry | StateError::BadSearchName => {
                Self::unprocessable(error.to_string())
            }
            StateError::NoSuchSearch => Self::not_found(error.to_string()),
            StateError::NotYourSearch => Self::forbidden("not-yours", error.to_string()),
            StateError::SearchNameTaken(_) | StateError::TooManySearches(_) => Self::conflict(error.to_string()),
            StateError::Database(_) | StateError::File { .. } => {
                tracing::error!(%error, "the state database failed");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "state",
                    "the server's state database does not answer; its log says more",
                )
            }
            other => Self::internal(other),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoAlert(_) => Self::not_found("there is no such alert"),
            StoreError::Rival { .. } => Self::conflict(error.to_string()),
            StoreError::Invalid(message) => Self::unprocessable(message),
            StoreError::Database(_) | StoreError::File { .. } => {
                tracing::error!(%error, "the state database failed");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "state",
                    "the server's state database does not answer; its log says more",
                )
            }
            other => Self::internal(other),
        }
    }
}

impl From<detect::Error> for ApiError {
    fn from(error: detect::Error) -> Self {
        use detect::Error;
        match error {
            Error::Store(error) => error.into(),
            Error::NoRule(_) => Self::not_found("there is no such rule"),
            Error::Exists(_) | Error::NotYours(_) => Self::conflict(error.to_string()),
            Error::Refused(ref diagnostics) => {
                let diagnostics = diagnostics.iter().cloned().map(Into::into).collect();
                Self { diagnostics, ..Self::unprocessable(error.to_string()) }
            }
            Error::Invalid(message) => Self::unprocessable(message),
            Error::Query(error) => error.into(),
            Error::Memory(_) | Error::Thread(_) => Self::internal(error),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Missing => Self::not_found(message),
            Refusal::Exists(_) | Refusal::Builtin(_) | Refusal::NoFolder => Self::conflict(message),
            Refusal::Changed => Self::new(StatusCode::PRECONDITION_FAILED, "changed", message),
            Refusal::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message),
            Refusal::File { .. } => {
                tracing::error!(error = %message, "a dashboard can't be written");
                let message = "the folder of dashboards can't be written; the server's log says more";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "folder", message)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ErrorAnswer { error: self.body() })).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"trailhound\""));
        }
        response
    }
}
