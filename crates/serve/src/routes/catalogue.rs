//! What the page is made with: dashboards, fields, languages, and the description of this API.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use axum::http::header;
use axum::response::IntoResponse;

use super::part;
use crate::app::App;
use crate::error::ApiError;
use crate::wire::{DashboardSummary, ErrorAnswer, FieldEntry, LanguageEntry, LogTypeEntry, Refused};

/// The dashboards.
#[utoipa::path(get, path = "/api/v1/dashboards", tag = "dashboards", responses(
    (status = 200, description = "In their order", body = Vec<DashboardSummary>), Refused))]
pub(crate) async fn dashboards(Shared(app): Shared<Arc<App>>) -> Result<Json<Vec<DashboardSummary>>, ApiError> {
    let dashboards = Arc::clone(&app.dashboards);
    tokio::task::spawn_blocking(move || dashboards.list()).await.map(Json).map_err(ApiError::internal)
}

/// One dashboard: its file.
#[utoipa::path(get, path = "/api/v1/dashboards/{id}", tag = "dashboards",
    params(("id" = String, Path, description = "The dashboard's id")), responses(
    (status = 200, description = "The dashboard", body = serde_json::Value),
    (status = 404, description = "There is no such dashboard", body = ErrorAnswer), Refused))]
pub(crate) async fn dashboard(
    Shared(app): Shared<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let id = part(id)?;
    let dashboards = Arc::clone(&app.dashboards);
    let json = tokio::task::spawn_blocking(move || dashboards.json(&id)).await.map_err(ApiError::internal)?;
    let json = json.ok_or_else(|| ApiError::not_found("there is no such dashboard"))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json))
}

/// The fields: what they mean and what the languages call them.
#[utoipa::path(get, path = "/api/v1/fields", tag = "catalogue", responses(
    (status = 200, description = "The field catalogue", body = Vec<FieldEntry>), Refused))]
pub(crate) async fn fields(Shared(app): Shared<Arc<App>>) -> Json<Vec<FieldEntry>> {
    Json(app.fields.clone())
}

/// The kinds of logs, and what other systems call them.
#[utoipa::path(get, path = "/api/v1/log-types", tag = "catalogue", responses(
    (status = 200, description = "The log types, CloudTrail first", body = Vec<LogTypeEntry>), Refused))]
pub(crate) async fn log_types(Shared(app): Shared<Arc<App>>) -> Json<Vec<LogTypeEntry>> {
    Json(app.log_types.clone())
}

/// The query languages with their commands and functions.
#[utoipa::path(get, path = "/api/v1/languages", tag = "catalogue", responses(
    (status = 200, description = "The languages", body = Vec<LanguageEntry>), Refused))]
pub(crate) async fn languages(Shared(app): Shared<Arc<App>>) -> Json<Vec<LanguageEntry>> {
    Json(app.languages.clone())
}

/// This description.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "catalogue", responses(
    (status = 200, description = "OpenAPI 3.1", body = serde_json::Value), Refused))]
pub(crate) async fn openapi() -> Result<impl IntoResponse, ApiError> {
    let document = crate::openapi::document().map_err(ApiError::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document))
}
