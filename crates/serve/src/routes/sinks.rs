//! Where alerts go, whether they get there, and what was given up.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use axum::{Extension, Json};
use chrono::{DateTime, SecondsFormat, Utc};
use detect::sinks::{Outbox, OutboxError, SinkCounts, SinkInfo};

use super::{audited, part};
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::state::Action;
use crate::wire::sinks::{DeadLetter, DeadLetters, Retried, RetryRequest, SinkList, SinkStatus, SinkTest};
use crate::wire::{BodyRefused, ErrorAnswer, Refused};

/// Most messages shown at a time.
const SHOWN: usize = 200;

fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Asks the outbox on a thread that may block.
async fn ask<T: Send + Default + 'static>(
    app: &App,
    work: impl FnOnce(&dyn Outbox) -> Result<T, OutboxError> + Send + 'static,
) -> Result<T, ApiError> {
    let Some(outbox) = app.outbox.clone() else { return Ok(T::default()) };
    let asked = tokio::task::spawn_blocking(move || work(&*outbox)).await;
    asked.map_err(ApiError::internal)?.map_err(ApiError::internal)
}

fn known(app: &App, name: &str) -> Result<(), ApiError> {
    let found = app.sinks.infos().iter().any(|sink| sink.name == name);
    if found { Ok(()) } else { Err(ApiError::not_found("there is no sink of that name in the settings")) }
}

/// What waits and what was given up, by sink.
pub(crate) async fn counts(app: &App) -> Result<Vec<SinkCounts>, ApiError> {
    ask(app, |outbox| outbox.counts()).await
}

/// Where alerts go.
#[utoipa::path(get, path = "/api/v1/sinks", tag = "sinks", responses(
    (status = 200, description = "The sinks of the settings and how they do", body = SinkList), Refused))]
pub(crate) async fn list(Shared(app): Shared<Arc<App>>) -> Result<Json<SinkList>, ApiError> {
    let counts = counts(&app).await?;
    let status = |info: SinkInfo| {
        let found = counts.iter().find(|counts| counts.sink == info.name).cloned().unwrap_or_default();
        SinkStatus {
            name: info.name,
            kind: info.kind.to_owned(),
            enabled: info.enabled,
            last_success: found.last_success.map(iso),
            last_error: found.last_error,
            pending: found.pending,
            dead: found.dead,
            quiet_hours: info.quiet_hours,
        }
    };
    Ok(Json(SinkList { sinks: app.sinks.infos().into_iter().map(status).collect() }))
}

/// Send a test, whatever the sink's filters and quiet hours are.
#[utoipa::path(post, path = "/api/v1/sinks/{name}/test", tag = "sinks",
    params(("name" = String, Path, description = "The sink's name")), responses(
    (status = 200, description = "Whether the receiver took it", body = SinkTest),
    (status = 404, description = "There is no such sink", body = ErrorAnswer), Refused))]
pub(crate) async fn test(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<SinkTest>, ApiError> {
    let name = part(name)?;
    known(&app, &name)?;
    audited(&app, &caller, Action::SinkTest, name.clone()).await;
    let error = app.sinks.test(&name, Utc::now()).await.and_then(Result::err).map(|failure| failure.message);
    Ok(Json(SinkTest { delivered: error.is_none(), error }))
}

/// Messages of a sink that were given up.
#[utoipa::path(get, path = "/api/v1/sinks/{name}/dead", tag = "sinks",
    params(("name" = String, Path, description = "The sink's name")), responses(
    (status = 200, description = "The newest first", body = DeadLetters),
    (status = 404, description = "There is no such sink", body = ErrorAnswer), Refused))]
pub(crate) async fn dead(
    Shared(app): Shared<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<DeadLetters>, ApiError> {
    let name = part(name)?;
    known(&app, &name)?;
    let letters = ask(&app, move |outbox| outbox.dead(&name, SHOWN)).await?;
    let wire = letters.into_iter().map(|letter| DeadLetter {
        id: letter.row,
        alert: letter.notice.alert.id,
        rule: letter.notice.alert.rule_id,
        change: letter.notice.change.id().to_owned(),
        attempts: letter.attempts,
        error: letter.error,
        at: iso(letter.at),
    });
    Ok(Json(DeadLetters { letters: wire.collect() }))
}

/// Try messages again that were given up.
#[utoipa::path(post, path = "/api/v1/sinks/{name}/dead/retry", tag = "sinks", request_body = RetryRequest,
    params(("name" = String, Path, description = "The sink's name")), responses(
    (status = 200, description = "How many", body = Retried),
    (status = 404, description = "There is no such sink", body = ErrorAnswer), Refused, BodyRefused))]
pub(crate) async fn retry(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    name: Result<Path<String>, PathRejection>,
    Body(asked): Body<RetryRequest>,
) -> Result<Json<Retried>, ApiError> {
    let name = part(name)?;
    known(&app, &name)?;
    audited(&app, &caller, Action::SinkRetry, name.clone()).await;
    let messages = ask(&app, move |outbox| outbox.revive(&name, asked.ids.as_deref(), Utc::now())).await?;
    Ok(Json(Retried { messages }))
}
