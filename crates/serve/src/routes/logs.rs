//! How logs come in: the sources, the quarantine, the proof.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::DateTime;
use ingest::IngestError;
use ingest::replay::Which;

use super::audited;
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::state::Action;
use crate::wire::{
    Between, BodyRefused, ErrorAnswer, IntegrityAnswer, QuarantineList, QuarantineQuery, QuarantineReplay,
    QuarantineReplayed, Refused, SourceList,
};

/// Pieces listed where the request does not say how many, and at most.
const USUAL: usize = 100;
const MOST: usize = 1000;

fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, ApiError> {
    query.map(|Query(query)| query).map_err(|error| ApiError::invalid(error.body_text()))
}

/// A time of a request, in microseconds since 1970-01-01 (UTC).
fn time(text: Option<&String>) -> Result<Option<i64>, ApiError> {
    let parse = |text: &String| {
        let time = DateTime::parse_from_rfc3339(text).map(|time| time.timestamp_micros());
        time.map_err(|_| ApiError::invalid(format!("`{text}` is no time; give one such as 2026-01-15T03:04:05Z")))
    };
    text.map(parse).transpose()
}

fn failed(error: IngestError) -> ApiError {
    tracing::error!(%error, "the lake does not answer");
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "lake", "the lake does not answer; the server's log says more")
}

/// How the sources fare.
#[utoipa::path(get, path = "/api/v1/sources", tag = "logs", responses(
    (status = 200, description = "The sources, in the order of the settings", body = SourceList), Refused))]
pub(crate) async fn sources(Shared(app): Shared<Arc<App>>) -> Json<SourceList> {
    Json(SourceList { sources: app.custody.sources().into_iter().map(Into::into).collect() })
}

/// What could not be decoded.
#[utoipa::path(get, path = "/api/v1/quarantine", tag = "logs", params(QuarantineQuery), responses(
    (status = 200, description = "Pieces, newest first", body = QuarantineList),
    (status = 400, description = "A parameter is not valid", body = ErrorAnswer), Refused))]
pub(crate) async fn quarantine(
    Shared(app): Shared<Arc<App>>,
    asked: Result<Query<QuarantineQuery>, QueryRejection>,
) -> Result<Json<QuarantineList>, ApiError> {
    let asked = query(asked)?;
    let since = time(asked.since.as_ref())?;
    let which = Which { ids: None, reason: asked.reason, origin: asked.origin, since, done: asked.done };
    let limit = asked.limit.unwrap_or(USUAL).min(MOST);
    let listing = app.custody.quarantine(&which, limit).await.map_err(failed)?;
    Ok(Json(listing.into()))
}

/// Decodes pieces of the quarantine again.
#[utoipa::path(post, path = "/api/v1/quarantine/replay", tag = "logs", request_body = QuarantineReplay, responses(
    (status = 200, description = "What it came to", body = QuarantineReplayed),
    Refused, BodyRefused))]
pub(crate) async fn replay(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<QuarantineReplay>,
) -> Result<Json<QuarantineReplayed>, ApiError> {
    let since = time(asked.since.as_ref())?;
    let detail = serde_json::to_string(&asked).map_err(ApiError::internal)?;
    audited(&app, &caller, Action::QuarantineReplay, detail).await;
    let ids = asked.ids.map(|ids| ids.into_iter().collect());
    let which = Which { ids, reason: asked.reason, origin: asked.origin, since, done: false };
    let custody = app.custody.clone();
    // Goes on where the client does not wait for it.
    let done = tokio::spawn(async move { custody.replay(&which).await });
    let report = done.await.map_err(ApiError::internal)?.map_err(failed)?;
    Ok(Json(report.into()))
}

/// What CloudTrail's digests prove of the logs that were taken in.
#[utoipa::path(get, path = "/api/v1/integrity", tag = "logs", params(Between), responses(
    (status = 200, description = "Verdicts by trail and hour", body = IntegrityAnswer),
    (status = 400, description = "A parameter is not valid", body = ErrorAnswer), Refused))]
pub(crate) async fn integrity(
    Shared(app): Shared<Arc<App>>,
    asked: Result<Query<Between>, QueryRejection>,
) -> Result<Json<IntegrityAnswer>, ApiError> {
    let asked = query(asked)?;
    let (since, until) = (time(asked.since.as_ref())?, time(asked.until.as_ref())?);
    let trails = app.custody.integrity(since, until).await.map_err(failed)?;
    Ok(Json(trails.into()))
}
