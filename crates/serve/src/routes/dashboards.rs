//! Dashboards: the list, one's file, and making, changing and deleting one's own.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::{audited, part};
use crate::app::App;
use crate::body::Body;
use crate::dashboards::{Dashboards, Seen, Stored, check, from_opensearch};
use crate::error::ApiError;
use crate::guard::Caller;
use crate::state::Action;
use crate::wire::{
    BodyRefused, DashboardExport, DashboardFile, DashboardSummary, ErrorAnswer, ImportedDashboards, Refused,
};

/// Says whether the dashboard comes with the program.
const BUILTIN: HeaderName = HeaderName::from_static("x-trailhound-builtin");

/// The dashboards.
#[utoipa::path(get, path = "/api/v1/dashboards", tag = "dashboards", responses(
    (status = 200, description = "In their order", body = Vec<DashboardSummary>), Refused))]
pub(crate) async fn list(Shared(app): Shared<Arc<App>>) -> Result<Json<Vec<DashboardSummary>>, ApiError> {
    in_folder(&app, |dashboards| Ok(dashboards.list())).await.map(Json)
}

/// One dashboard: its file.
#[utoipa::path(get, path = "/api/v1/dashboards/{id}", tag = "dashboards",
    params(("id" = String, Path, description = "The dashboard's id")), responses(
    (status = 200, description = "The dashboard; `ETag` is its version", body = DashboardFile,
        headers(("ETag" = String, description = "The version, for `If-Match`"))),
    (status = 404, description = "There is no such dashboard", body = ErrorAnswer), Refused))]
pub(crate) async fn read(
    Shared(app): Shared<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let id = part(id)?;
    let stored = in_folder(&app, move |dashboards| Ok(dashboards.read(&id))).await?;
    stored.map(|stored| answer(StatusCode::OK, stored)).ok_or_else(|| ApiError::not_found("there is no such dashboard"))
}

/// Make a dashboard: a new one, a copy, or an imported file. It is checked whole; its queries are planned.
#[utoipa::path(post, path = "/api/v1/dashboards", tag = "dashboards", request_body = DashboardFile, responses(
    (status = 201, description = "The dashboard as stored; `ETag` is its version", body = DashboardFile,
        headers(("ETag" = String, description = "The version, for `If-Match`"))),
    (status = 409, description = "There is a dashboard of that id", body = ErrorAnswer), Refused, BodyRefused))]
pub(crate) async fn create(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(file): Body<DashboardFile>,
) -> Result<Response, ApiError> {
    checked(&app, &file).await?;
    audited(&app, &caller, Action::DashboardChange, json!({ "create": file.id }).to_string()).await;
    let location = format!("/api/v1/dashboards/{}", file.id);
    let stored = in_folder(&app, move |dashboards| Ok(dashboards.create(&file)?)).await?;
    Ok(([(header::LOCATION, location)], answer(StatusCode::CREATED, stored)).into_response())
}

/// Change a dashboard of one's own. `If-Match` says which version it is a change of; another editor's is not overwritten.
#[utoipa::path(put, path = "/api/v1/dashboards/{id}", tag = "dashboards", request_body = DashboardFile,
    params(("id" = String, Path, description = "The dashboard's id"),
        ("If-Match" = String, Header, description = "The `ETag` that was read; `*`: whatever is there")), responses(
    (status = 200, description = "The dashboard as stored; `ETag` is its new version", body = DashboardFile,
        headers(("ETag" = String, description = "The version, for `If-Match`"))),
    (status = 404, description = "There is no such dashboard", body = ErrorAnswer),
    (status = 409, description = "It comes with the program", body = ErrorAnswer),
    (status = 412, description = "It was changed since", body = ErrorAnswer),
    (status = 428, description = "`If-Match` is missing", body = ErrorAnswer), Refused, BodyRefused))]
pub(crate) async fn put(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    Body(file): Body<DashboardFile>,
) -> Result<Response, ApiError> {
    let id = part(id)?;
    let seen = seen(&headers)?.ok_or_else(unsaid)?;
    if file.id != id {
        return Err(ApiError::unprocessable(format!("the dashboard's id is `{}`, its address says `{id}`", file.id)));
    }
    checked(&app, &file).await?;
    audited(&app, &caller, Action::DashboardChange, json!({ "put": id }).to_string()).await;
    let stored = in_folder(&app, move |dashboards| Ok(dashboards.replace(&file, &seen)?)).await?;
    Ok(answer(StatusCode::OK, stored))
}

/// Delete a dashboard of one's own.
#[utoipa::path(delete, path = "/api/v1/dashboards/{id}", tag = "dashboards",
    params(("id" = String, Path, description = "The dashboard's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read; without it: whatever is there")), responses(
    (status = 204, description = "Done"),
    (status = 400, description = "`If-Match` is not a version", body = ErrorAnswer),
    (status = 404, description = "There is no such dashboard", body = ErrorAnswer),
    (status = 409, description = "It comes with the program", body = ErrorAnswer),
    (status = 412, description = "It was changed since", body = ErrorAnswer), Refused))]
pub(crate) async fn remove(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let id = part(id)?;
    let seen = seen(&headers)?.unwrap_or(Seen::Any);
    audited(&app, &caller, Action::DashboardChange, json!({ "delete": id }).to_string()).await;
    in_folder(&app, move |dashboards| Ok(dashboards.remove(&id, &seen)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read an export of OpenSearch Dashboards or Kibana. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/dashboards/convert", tag = "dashboards", request_body = DashboardExport, responses(
    (status = 200, description = "What it came to", body = ImportedDashboards), Refused, BodyRefused))]
pub(crate) async fn convert(Body(export): Body<DashboardExport>) -> Result<Json<ImportedDashboards>, ApiError> {
    let read = move || from_opensearch(&export.text, &export.name);
    tokio::task::spawn_blocking(read).await.map(Json).map_err(ApiError::internal)
}

async fn in_folder<T: Send + 'static>(
    app: &App,
    ask: impl FnOnce(&Dashboards) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let dashboards = Arc::clone(&app.dashboards);
    tokio::task::spawn_blocking(move || ask(&dashboards)).await.map_err(ApiError::internal)?
}

async fn checked(app: &App, file: &DashboardFile) -> Result<(), ApiError> {
    let known = in_folder(app, |dashboards| Ok(dashboards.list())).await?;
    let known: Vec<String> = known.into_iter().map(|summary| summary.id).collect();
    let problems = check(file, &known, app.backend.as_ref(), app.state.now().timestamp_micros()).await?;
    let Some(first) = problems.first() else { return Ok(()) };
    let message = match problems.len() {
        1 => format!("{}: {}", first.at, first.message),
        n => format!("{}: {} (and {} more)", first.at, first.message, n - 1),
    };
    Err(ApiError { problems, ..ApiError::unprocessable(message) })
}

fn answer(status: StatusCode, stored: Stored) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::ETAG,
            HeaderValue::from_str(&format!("\"{}\"", stored.version())).unwrap_or(HeaderValue::from_static("\"\"")),
        ),
        (BUILTIN, HeaderValue::from_static(if stored.builtin { "true" } else { "false" })),
    ];
    (status, headers, stored.json).into_response()
}

/// The versions that `If-Match` names. Weak ones match nothing (RFC 9110, 13.1.1).
fn seen(headers: &HeaderMap) -> Result<Option<Seen>, ApiError> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let wrong = || ApiError::invalid("`If-Match` is `*` or versions in double quotes, as `ETag` gives them");
    let value = value.to_str().map_err(|_| wrong())?.trim();
    if value == "*" {
        return Ok(Some(Seen::Any));
    }
    let version = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
    let strong = value.split(',').filter(|tag| !tag.trim_start().starts_with("W/"));
    strong.map(version).collect::<Option<Vec<_>>>().map(|versions| Some(Seen::Versions(versions))).ok_or_else(wrong)
}

fn unsaid() -> ApiError {
    let message = "say with `If-Match` which version this is a change of: the `ETag` of the dashboard as you read it";
    ApiError::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required", message)
}
