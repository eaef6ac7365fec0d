//! API tokens of the caller's own.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::{Extension, Json};

use super::{iso, part};
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::{Caller, Via};
use crate::state::Maker;
use crate::wire::{BodyRefused, ErrorAnswer, Refused, Token, TokenCreated, TokenRequest};

/// Make a token. It is shown this once. A token made with a token expires no later than that one.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = TokenRequest, responses(
    (status = 201, description = "The token", body = TokenCreated), Refused, BodyRefused))]
pub(crate) async fn create(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<TokenRequest>,
) -> Result<(StatusCode, Json<TokenCreated>), ApiError> {
    let made = app.state.call(move |state| {
        let not_after = match caller.via {
            Via::Token { expires_at, .. } => expires_at,
            _ => None,
        };
        let (actor, address) = (caller.actor(), caller.from());
        let maker = Maker { user: caller.user.as_ref(), actor: &actor, address: &address, not_after };
        state.make_token(&maker, &asked.name, asked.expires_in_days)
    });
    let made = made.await?;
    let (token, info) = (made.token, made.info);
    Ok((
        StatusCode::CREATED,
        Json(TokenCreated { token, id: info.id, name: info.name, expires_at: info.expires_at.map(iso) }),
    ))
}

/// The caller's tokens, without the tokens themselves.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", responses(
    (status = 200, description = "Newest first", body = Vec<Token>), Refused))]
pub(crate) async fn list(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<Token>>, ApiError> {
    let tokens = app.state.call(move |state| state.tokens_of(caller.user.as_ref())).await?;
    let wire = tokens.into_iter().map(|token| Token {
        id: token.id,
        name: token.name,
        created_at: iso(token.created_at),
        expires_at: token.expires_at.map(iso),
        last_used_at: token.last_used_at.map(iso),
    });
    Ok(Json(wire.collect()))
}

/// Revoke a token, at once.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens",
    params(("id" = String, Path, description = "The token's id, not the token")), responses(
    (status = 204, description = "Revoked"),
    (status = 404, description = "The caller has no such token", body = ErrorAnswer), Refused))]
pub(crate) async fn remove(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let id = part(id)?;
    let gone = app
        .state
        .call(move |state| state.delete_token(caller.user.as_ref(), &id, &caller.actor(), &caller.from()))
        .await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found("there is no such token")) }
}
