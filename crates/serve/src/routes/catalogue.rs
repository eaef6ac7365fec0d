//! What the page is made with: fields, languages, and the description of this API.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::App;
use crate::error::ApiError;
use crate::wire::{FieldEntry, LanguageEntry, LogTypeEntry, Refused};

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
