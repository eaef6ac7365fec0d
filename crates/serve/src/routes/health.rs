//! Is it alive, can it answer, how is it doing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use chrono::SecondsFormat;
use tokio::sync::Mutex;

use crate::app::App;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::sink_metrics;
use crate::wire::{QueueStatus, Refused, Status};

/// What was found when the lake was last asked. Anybody may ask whether the server is ready: that must cost nothing.
#[derive(Default)]
pub(crate) struct Readiness {
    last: Mutex<Option<(Instant, bool)>>,
}

const ASK_EVERY: Duration = Duration::from_secs(3);
const ASK_FOR: Duration = Duration::from_secs(10);

impl Readiness {
    async fn ask(&self, app: &App) -> bool {
        let mut last = self.last.lock().await;
        if let Some((when, ready)) = *last
            && when.elapsed() < ASK_EVERY
        {
            return ready;
        }
        let ready = matches!(tokio::time::timeout(ASK_FOR, app.backend.tables()).await, Ok(Ok(_)));
        *last = Some((Instant::now(), ready));
        ready
    }
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses(
    (status = 200, description = "Alive", body = String, content_type = "text/plain")))]
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The lake answers.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses(
    (status = 200, description = "Ready", body = String, content_type = "text/plain"),
    (status = 503, description = "The lake does not answer", body = String, content_type = "text/plain")))]
pub(crate) async fn ready(Shared(app): Shared<Arc<App>>) -> (StatusCode, &'static str) {
    if app.readiness.ask(&app).await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

/// Metrics for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "health", responses(
    (status = 200, description = "Prometheus' text format", body = String, content_type = "text/plain"), Refused))]
pub(crate) async fn metrics(Shared(app): Shared<Arc<App>>) -> impl IntoResponse {
    // Counters are wanted most when the lake is in trouble.
    let tables = app.backend.tables().await.unwrap_or_default();
    let mut text = app.metrics.render(app.queue.running(), app.queue.waiting(), &tables);
    let counts = super::sinks::counts(&app).await.unwrap_or_default();
    sink_metrics::render(&mut text, &app.sinks.meters(), &counts);
    text.push_str(&crate::metrics::sources(&app.custody.sources()));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

/// The server at a glance.
#[utoipa::path(get, path = "/api/v1/status", tag = "health", responses(
    (status = 200, description = "Version, tables, location data, load", body = Status), Refused))]
pub(crate) async fn status(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Status>, ApiError> {
    let tables = app.backend.tables().await?;
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: app.started_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        uptime_seconds: app.started.elapsed().as_secs(),
        lake: app.lake.clone(),
        tables: tables.into_iter().map(Into::into).collect(),
        geo: app.geo.clone(),
        sign_in_required: caller.sign_in_required,
        queries: QueueStatus { running: app.queue.running(), waiting: app.queue.waiting() },
    }))
}
