//! The handlers, a file a subject. They are thin: read the request, ask, shape the answer.

pub(crate) mod alerts;
pub(crate) mod catalogue;
pub(crate) mod dashboards;
mod detections;
pub(crate) mod events;
mod export;
pub(crate) mod health;
pub(crate) mod logs;
pub(crate) mod query;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod searches;
pub(crate) mod session;
pub(crate) mod sinks;
pub(crate) mod tail;
pub(crate) mod tokens;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use chrono::{DateTime, SecondsFormat};

pub(crate) use health::Readiness;

use crate::app::App;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::state::Action;

/// A path's part, or our kind of error where it is not UTF-8.
fn part(path: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    path.map(|Path(part)| part).map_err(|e| ApiError::invalid(e.body_text()))
}

/// Seconds since the epoch as ISO 8601.
fn iso(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Writes to the audit log. A disk that is full must not end investigations: the failure is logged and counted instead.
async fn audited(app: &App, caller: &Caller, action: Action, detail: String) {
    let (actor, address) = (caller.actor(), caller.from());
    if let Err(error) = app.state.call(move |state| state.audit(&actor, &address, action, &detail)).await {
        tracing::error!(%error, "the audit log can't be written");
        app.metrics.audit_failed();
    }
}
