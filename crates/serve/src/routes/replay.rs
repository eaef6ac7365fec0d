//! A rule over the past, before it is switched on.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::{Extension, Json};
use detect::{Error, Period, Replayed, Rule};
use tokio::time::Instant;

use super::audited;
use super::detections::{blocking, evidence_wire, group_wire, iso_micros, time};
use super::rules::search_of;
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::state::Action;
use crate::wire::rules::{ReplayAnswer, ReplayGroup, ReplayPoint, ReplayRequest};
use crate::wire::{BodyRefused, ErrorAnswer, Refused};

/// Groups and events shown where the request names no number, and the most.
const SHOWN: (u32, u32) = (100, 1_000);
/// A replay may take this many times as long as a query.
const PATIENCE: u32 = 5;

/// Run a rule over what is stored: how often it would have fired, on whom, with which events.
#[utoipa::path(post, path = "/api/v1/rules/replay", tag = "rules", request_body = ReplayRequest, responses(
    (status = 200, description = "What it would have found", body = ReplayAnswer),
    (status = 404, description = "There is no such rule", body = ErrorAnswer),
    (status = 429, description = "Too many queries; `Retry-After` says when to come back", body = ErrorAnswer),
    Refused, BodyRefused))]
pub(crate) async fn run(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<ReplayRequest>,
) -> Result<Json<ReplayAnswer>, ApiError> {
    let since = time(&app, "since", asked.since.as_deref())?;
    let until = time(&app, "until", asked.until.as_deref())?;
    let limit = match asked.limit {
        None => SHOWN.0,
        Some(limit) if (1..=SHOWN.1).contains(&limit) => limit,
        Some(_) => return Err(ApiError::invalid(format!("`limit` is 1 to {}", SHOWN.1))),
    };
    audited(&app, &caller, Action::Replay, serde_json::to_string(&asked).unwrap_or_default()).await;
    let rule = blocking(&app, move |detections| -> Result<Arc<Rule>, Error> {
        match (asked.id, asked.text, asked.from_search) {
            (Some(id), None, None) => detections.rule(&id).map(|watched| watched.rule).ok_or(Error::NoRule(id)),
            (None, Some(text), None) => detections.check(&text, None).map(Arc::new),
            (None, None, Some(search)) => detections.of_search(&search_of(search)).map(Arc::new),
            _ => Err(Error::Invalid("give one of `id`, `text` and `from_search`".to_owned())),
        }
    });
    let rule = rule.await?;
    let _permit = app.queue.enter().await?;
    let deadline = Instant::now() + app.config.query.deadline * PATIENCE;
    let period = Period { since, until, limit: limit as usize };
    let replay = app.backend.replay(&app.detections, rule, period);
    let late = |_| {
        let text = "the replay took too long; choose a shorter period";
        ApiError::new(StatusCode::REQUEST_TIMEOUT, "deadline", text)
    };
    let found = tokio::time::timeout_at(deadline, replay).await.map_err(late)??;
    Ok(Json(answer(found)))
}

fn answer(found: Replayed) -> ReplayAnswer {
    let group = |group: detect::ReplayedGroup| ReplayGroup {
        group: group_wire(group.group),
        events: group.findings,
        first: iso_micros(group.first),
        last: iso_micros(group.last),
    };
    ReplayAnswer {
        findings: found.findings,
        alerts_would_open: found.alerts,
        by_group: found.groups.into_iter().map(group).collect(),
        events: found.events.into_iter().map(evidence_wire).collect(),
        timeline: found.timeline.into_iter().map(|(at, count)| ReplayPoint { at: iso_micros(at), count }).collect(),
        scanned_events: found.scanned,
        excepted: found.excepted,
    }
}
