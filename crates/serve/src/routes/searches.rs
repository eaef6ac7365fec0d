//! Saved searches: one's own, and those that others share.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::{Extension, Json};
use engine::Language;

use super::query::{condition, instant};
use super::{iso, part};
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::state::{self, Asker, SearchText};
use crate::wire::{BodyRefused, ErrorAnswer, Refused, SearchDraft, StoredSearch};

/// Longest text of a query, and of its filters, bytes.
const QUERY_MAX: usize = 64 * 1024;
/// Most conditions.
const FILTERS_MAX: usize = 100;

/// The saved searches that the caller sees.
#[utoipa::path(get, path = "/api/v1/searches", tag = "query", responses(
    (status = 200, description = "By name", body = Vec<StoredSearch>), Refused))]
pub(crate) async fn list(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<StoredSearch>>, ApiError> {
    let user = caller.user.clone();
    let found = app.state.call(move |state| state.searches_of(user.as_ref())).await?;
    found.into_iter().map(|search| shown(search, &caller)).collect::<Result<_, _>>().map(Json)
}

/// Save a search.
#[utoipa::path(post, path = "/api/v1/searches", tag = "query", request_body = SearchDraft, responses(
    (status = 201, description = "The search", body = StoredSearch),
    (status = 409, description = "The caller has one of that name, or as many as may be", body = ErrorAnswer),
    Refused, BodyRefused))]
pub(crate) async fn create(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(draft): Body<SearchDraft>,
) -> Result<(StatusCode, Json<StoredSearch>), ApiError> {
    let text = checked(&app, draft)?;
    let asking = caller.clone();
    let made = app.state.call(move |state| state.add_search(&asker(&asking, &asking.actor(), &asking.from()), &text));
    Ok((StatusCode::CREATED, Json(shown(made.await?, &caller)?)))
}

/// Replace a saved search. Only its owner may.
#[utoipa::path(put, path = "/api/v1/searches/{id}", tag = "query", request_body = SearchDraft,
    params(("id" = String, Path, description = "The search's id")), responses(
    (status = 200, description = "The search", body = StoredSearch),
    (status = 404, description = "The caller sees no such search", body = ErrorAnswer),
    (status = 409, description = "Another one has that name", body = ErrorAnswer), Refused, BodyRefused))]
pub(crate) async fn put(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Body(draft): Body<SearchDraft>,
) -> Result<Json<StoredSearch>, ApiError> {
    let id = part(id)?;
    let text = checked(&app, draft)?;
    let asking = caller.clone();
    let made =
        app.state.call(move |state| state.set_search(&asker(&asking, &asking.actor(), &asking.from()), &id, &text));
    Ok(Json(shown(made.await?, &caller)?))
}

/// Delete a saved search. Only its owner may.
#[utoipa::path(delete, path = "/api/v1/searches/{id}", tag = "query",
    params(("id" = String, Path, description = "The search's id")), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "The caller sees no such search", body = ErrorAnswer), Refused))]
pub(crate) async fn remove(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let id = part(id)?;
    app.state.call(move |state| state.delete_search(&asker(&caller, &caller.actor(), &caller.from()), &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn asker<'a>(caller: &'a Caller, actor: &'a str, address: &'a str) -> Asker<'a> {
    Asker { user: caller.user.as_ref(), actor, address }
}

/// What makes no sense is refused now, not when the search is opened.
fn checked(app: &App, draft: SearchDraft) -> Result<SearchText, ApiError> {
    let wrong = |error: ApiError| ApiError::unprocessable(error.message);
    draft.lang.parse::<Language>().map_err(|e| ApiError::unprocessable(format!("`lang`: {e}")))?;
    if draft.query.trim().is_empty() || draft.query.len() > QUERY_MAX {
        return Err(ApiError::unprocessable(format!("`query` has 1 to {QUERY_MAX} bytes")));
    }
    for (name, bound) in [("since", &draft.since), ("until", &draft.until)] {
        instant(app, name, bound.as_deref()).map_err(wrong)?;
    }
    if draft.filters.len() > FILTERS_MAX {
        return Err(ApiError::unprocessable(format!("there are at most {FILTERS_MAX} filters")));
    }
    draft.filters.iter().try_for_each(|filter| condition(filter).map(drop)).map_err(wrong)?;
    let filters = serde_json::to_string(&draft.filters).map_err(ApiError::internal)?;
    if filters.len() > QUERY_MAX {
        return Err(ApiError::unprocessable(format!("the filters have at most {QUERY_MAX} bytes")));
    }
    let SearchDraft { name, lang, query, since, until, shared, .. } = draft;
    Ok(SearchText { name, lang, query, since, until, filters, shared })
}

fn shown(search: state::SavedSearch, caller: &Caller) -> Result<StoredSearch, ApiError> {
    let SearchText { name, lang, query, since, until, filters, shared } = search.text;
    let filters = serde_json::from_str(&filters).map_err(ApiError::internal)?;
    let caller = caller.user.as_ref().map(|user| user.name.as_str());
    Ok(StoredSearch {
        mine: search.owner.is_none() || search.owner.as_deref() == caller,
        id: search.id,
        owner: search.owner,
        created_at: iso(search.created_at),
        updated_at: iso(search.updated_at),
        draft: SearchDraft { name, lang, query, since, until, filters, shared },
    })
}
