//! What every request passes before a handler sees it: is it meant for this server, who sends it, may they, and does it
//! come from our own page. Closed by default: only what [`crate::ROUTES`] lists as public, and the page's files, go
//! without a caller.

mod client;
mod cookie;
mod lockout;
mod origin;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::error::ApiError;
use crate::router::{Access, access};
use crate::state::{self, State, StateError, UserRef};

pub(crate) use cookie::{ended, issued};
pub(crate) use lockout::Lockout;

/// The header that carries a session's CSRF token.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// The other end of the connection; the accept loop puts it into each request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub SocketAddr);

/// How a caller was known.
#[derive(Debug, Clone)]
pub(crate) enum Via {
    /// Not at all.
    Nobody,
    /// By the session whose secret this is.
    Session(String),
    /// By an API token.
    Token { name: String, expires_at: Option<i64> },
}

/// Who sends a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub user: Option<UserRef>,
    pub via: Via,
    pub address: IpAddr,
    pub sign_in_required: bool,
    pub secure_cookie: bool,
}

impl Caller {
    pub(crate) fn authenticated(&self) -> bool {
        !matches!(self.via, Via::Nobody)
    }

    /// The name that the audit log gets.
    pub(crate) fn actor(&self) -> String {
        match (&self.via, &self.user) {
            (Via::Token { name, .. }, Some(user)) => format!("{} (token {name})", user.name),
            (Via::Token { name, .. }, None) => format!("token {name}"),
            (_, Some(user)) => user.name.clone(),
            (_, None) => "local".to_owned(),
        }
    }

    pub(crate) fn from(&self) -> String {
        self.address.to_string()
    }
}

/// The middleware.
pub(crate) async fn guard(Shared(app): Shared<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    match admit(&app, &head).await {
        Ok(caller) => {
            head.extensions.insert(caller);
            next.run(Request::from_parts(head, body)).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn admit(app: &App, head: &Parts) -> Result<Caller, ApiError> {
    let headers = &head.headers;
    let secure_cookie = cookie::secure(headers, &app.config);
    let presented = Presented { bearer: bearer(headers)?, session: cookie::value(headers, secure_cookie) };
    let policy = app.config.sessions;
    let credential = presented.clone();
    let found = app.state.call(move |state| identify(state, &credential, policy)).await?;
    let sign_in_required = app.sign_in_required(found.has_users);
    if !sign_in_required {
        origin::check_host(&head.uri, headers, &app.config.hosts)?;
    }
    let (matched, open) = route_access(head);
    if found.user.is_none() && matches!(found.via, Via::Nobody) && !open {
        refuse_unknown(&presented, sign_in_required)?;
    }
    let caller = Caller {
        user: found.user,
        via: found.via,
        address: client::address(head, &app.config),
        sign_in_required,
        secure_cookie,
    };
    if changes(&head.method) && matched {
        check_intent(&caller, head, &app.config.hosts, open)?;
    }
    Ok(caller)
}

/// A wrong token is refused even where none is needed; a stale cookie only where one is.
fn refuse_unknown(presented: &Presented, sign_in_required: bool) -> Result<(), ApiError> {
    if presented.bearer.is_some() {
        return Err(ApiError::unauthenticated("the token is not valid, or not any more"));
    }
    if sign_in_required {
        return Err(ApiError::unauthenticated("sign in first, or send an API token"));
    }
    Ok(())
}

/// A request that changes something must be meant: no other site's page may have made the browser send it. Tokens are not
/// sent by browsers on their own, so a request with one is always meant.
fn check_intent(caller: &Caller, head: &Parts, hosts: &[String], open: bool) -> Result<(), ApiError> {
    if matches!(caller.via, Via::Token { .. }) {
        return Ok(());
    }
    let headers = &head.headers;
    origin::check_origin(&head.uri, headers, hosts)?;
    let Via::Session(secret) = &caller.via else { return Ok(()) };
    let sent = headers.get(CSRF_HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if open || state::same(sent, &state::csrf_for(secret)) {
        return Ok(());
    }
    let message = "the request lacks this session's `X-CSRF-Token`; GET /api/v1/session tells it";
    Err(ApiError::forbidden("csrf", message))
}

/// Whether the request met a route or the API's own 404, and whether it needs no caller.
fn route_access(head: &Parts) -> (bool, bool) {
    match head.extensions.get::<MatchedPath>() {
        Some(path) => (true, access(&head.method, path.as_str()) == Access::Public),
        None => {
            let api = is_api(head.uri.path());
            (api, !api)
        }
    }
}

pub(crate) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

#[derive(Clone)]
struct Presented {
    bearer: Option<String>,
    session: Option<String>,
}

struct Found {
    has_users: bool,
    user: Option<UserRef>,
    via: Via,
}

/// A token counts before a cookie; a wrong token is not made good by a cookie.
fn identify(state: &State, presented: &Presented, policy: state::SessionPolicy) -> Result<Found, StateError> {
    let has_users = state.has_users()?;
    let nobody = Found { has_users, user: None, via: Via::Nobody };
    if let Some(token) = &presented.bearer {
        return Ok(match state.token(token)? {
            Some(used) => {
                Found { has_users, user: used.user, via: Via::Token { name: used.name, expires_at: used.expires_at } }
            }
            None => nobody,
        });
    }
    let Some(secret) = &presented.session else { return Ok(nobody) };
    Ok(match state.session(secret, policy)? {
        Some(user) => Found { has_users, user: Some(user), via: Via::Session(secret.clone()) },
        None => nobody,
    })
}

/// The token of an `Authorization: Bearer` header; other schemes are none of ours.
fn bearer(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_| ApiError::unauthenticated("the Authorization header is not text"))?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim().to_owned())),
        _ => Ok(None),
    }
}
