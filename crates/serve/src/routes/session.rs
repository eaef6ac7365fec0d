//! Signing in and out.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::{Caller, Via, ended, issued};
use crate::state::{Action, SignedIn, csrf_for};
use crate::wire::{BodyRefused, Refused, Session, SessionUser, SignIn};

/// Who am I, and must I sign in?
#[utoipa::path(get, path = "/api/v1/session", tag = "session", security(()), responses(
    (status = 200, description = "The session, or that there is none", body = Session), Refused))]
pub(crate) async fn read(Extension(caller): Extension<Caller>) -> Json<Session> {
    let csrf = match &caller.via {
        Via::Session(secret) => Some(csrf_for(secret)),
        _ => None,
    };
    Json(Session {
        authenticated: caller.authenticated(),
        sign_in_required: caller.sign_in_required,
        user: caller.user.map(|user| SessionUser { name: user.name }),
        csrf,
    })
}

/// Sign in. The answer sets the session cookie. After repeated failures no password is looked at for a while.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn, security(()), responses(
    (status = 200, description = "Signed in", body = Session),
    (status = 429, description = "Too many failures; `Retry-After` says for how long", body = crate::wire::ErrorAnswer),
    Refused, BodyRefused))]
pub(crate) async fn sign_in(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<SignIn>,
) -> Result<Response, ApiError> {
    app.lockout.attempt(&asked.name, caller.address, app.state.now().timestamp()).map_err(|seconds| {
        tracing::warn!(address = %caller.address, seconds, "sign-in locked out");
        ApiError::too_many("locked-out", format!("too many failed sign-ins; try again in {seconds} s"), seconds)
    })?;
    let name = asked.name.clone();
    let secure = caller.secure_cookie;
    let address = caller.address;
    let Some(signed_in) = check(&app, caller, asked).await? else {
        tracing::warn!(%address, "sign-in failed");
        return Err(ApiError::unauthenticated("name or password is wrong"));
    };
    app.lockout.succeeded(&name, address);
    let cookie = issued(&signed_in.secret, secure, app.config.sessions.absolute.as_secs())?;
    let session = Session {
        authenticated: true,
        sign_in_required: true,
        user: Some(SessionUser { name: signed_in.user.name }),
        csrf: Some(csrf_for(&signed_in.secret)),
    };
    Ok(([(header::SET_COOKIE, cookie)], Json(session)).into_response())
}

/// The permit goes with the work: a client that leaves does not make room for another hash.
async fn check(app: &App, caller: Caller, asked: SignIn) -> Result<Option<SignedIn>, ApiError> {
    let permit = app.hashing.clone().acquire_owned().await.map_err(ApiError::internal)?;
    let work = app.state.call(move |state| {
        let user = state.check_password(&asked.name, &asked.password)?;
        drop(permit);
        let Some(user) = user else {
            let tried: String = asked.name.chars().take(64).collect();
            state.audit(&tried, &caller.from(), Action::SignInFailed, "")?;
            return Ok(None);
        };
        let previous = match &caller.via {
            Via::Session(secret) => Some(secret.as_str()),
            _ => None,
        };
        state.sign_in(user, &caller.from(), previous).map(Some)
    });
    Ok(work.await?)
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses(
    (status = 204, description = "There is no session any more"), Refused))]
pub(crate) async fn sign_out(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, ApiError> {
    let cookie = ended(caller.secure_cookie)?;
    if let Via::Session(secret) = caller.via.clone() {
        app.state.call(move |state| state.sign_out(&secret, &caller.actor(), &caller.from())).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
