//! Around every request: an id, a line in the log, a count, a time limit, and the headers that every answer has. What is
//! logged is method, route and status: no path, no query, no header, so nothing secret.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use rand::TryRngCore;
use rand::rngs::OsRng;
use tracing::Instrument;

use crate::app::App;
use crate::error::ApiError;
use crate::guard::is_api;
use crate::inlets::is_inlet;
use crate::router::{QUERY, REPLAY};

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

const EVERYWHERE: [(HeaderName, HeaderValue); 7] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
    ),
];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
pub(crate) async fn observe(Shared(app): Shared<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_label(request.method().as_str());
    let route = route_label(&request);
    let id = format!("{:016x}", OsRng.try_next_u64().unwrap_or_default());
    let span = tracing::info_span!("request", %id, method, route);
    let mut response = bounded(&app, &route, request, next).instrument(span.clone()).await;
    let status = response.status();
    span.in_scope(|| tracing::info!(status = status.as_u16(), ms = started.elapsed().as_millis() as u64, "answered"));
    app.metrics.request(method, &route, status.as_u16());
    decorate(response.headers_mut(), &id);
    response
}

/// A query has a deadline of its own, and so have bodies full of logs; all else must answer in time. A panic is our bug and costs only its request.
async fn bounded(app: &App, route: &str, request: Request, next: Next) -> Response {
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    let answer = if route == QUERY || route == REPLAY || is_inlet(route) {
        Ok(run.await)
    } else {
        tokio::time::timeout(app.config.timeouts.answer, run).await
    };
    match answer {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => ApiError::internal("a handler panicked").into_response(),
        Err(_) => ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", "the answer took too long").into_response(),
    }
}

fn decorate(headers: &mut HeaderMap, id: &str) {
    for (name, value) in EVERYWHERE {
        headers.insert(name, value);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

fn route_label(request: &Request) -> String {
    match request.extensions().get::<MatchedPath>() {
        Some(path) => path.as_str().to_owned(),
        None if is_api(request.uri().path()) => "unknown".to_owned(),
        None => "page".to_owned(),
    }
}

/// Clients may invent methods; the metrics shall not grow with them.
fn method_label(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("OTHER")
}
