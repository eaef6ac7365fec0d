//! One event, whole.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use axum::{Extension, Json};

use super::{audited, part};
use crate::app::App;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::state::Action;
use crate::wire::{ErrorAnswer, EventRecord, Refused};

/// A stored event by its id.
#[utoipa::path(get, path = "/api/v1/events/{id}", tag = "query",
    params(("id" = String, Path, description = "The event's `eventID`")), responses(
    (status = 200, description = "The event", body = EventRecord),
    (status = 400, description = "The id is not text", body = ErrorAnswer),
    (status = 404, description = "There is no such event", body = ErrorAnswer), Refused))]
pub(crate) async fn read(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<EventRecord>, ApiError> {
    let id = part(id)?;
    audited(&app, &caller, Action::Event, id.clone()).await;
    match app.backend.event(&id).await? {
        Some(event) => Ok(Json(EventRecord { columns: event.columns.into_iter().collect(), raw: event.raw })),
        None => Err(ApiError::not_found("there is no event with this id")),
    }
}
