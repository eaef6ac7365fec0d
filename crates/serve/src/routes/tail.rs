//! Following a query: its events as they come in.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::{Arrived, Mark};

use super::audited;
use super::query::to_engine;
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::ndjson::meta_of;
use crate::state::Action;
use crate::tail::Tail;
use crate::wire::{BodyRefused, ErrorAnswer, QueryRequest, Refused, RowFormat, TailRequest};

/// Events sent of one look where the request says nothing.
const BURST: u64 = 200;
const BURST_MAX: u64 = 1_000;

/// Follow a query: its events as they come in.
///
/// The answer is a stream of JSON objects, one a line: `{"_meta": QueryMeta}`, then events in the order in which they came
/// in, whenever they happened, and `{"_tail": TailMark}` after each look at the lake. It ends with `{"_end": QueryEnd}` after a
/// while, or when the server stops; the last mark goes on from there. A failure ends it with `{"_error": ErrorBody}`.
#[utoipa::path(post, path = "/api/v1/tail", tag = "query", request_body = TailRequest, responses(
    (status = 200, description = "Events", body = String, content_type = "application/x-ndjson"),
    (status = 404, description = "The query names a table that does not exist", body = ErrorAnswer),
    (status = 429, description = "Too many follow a query, or run one", body = ErrorAnswer),
    Refused, BodyRefused))]
pub(crate) async fn run(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<TailRequest>,
) -> Result<Response, ApiError> {
    let burst = asked.burst.unwrap_or(BURST);
    if !(1..=BURST_MAX).contains(&burst) {
        return Err(ApiError::unprocessable(format!("`burst` is 1 to {BURST_MAX}")));
    }
    let after = asked.after.as_deref().map(serde_json::from_str::<Mark>).transpose();
    let after = after.map_err(|_| ApiError::unprocessable("`after` is no mark that this server gave"))?;
    let detail = serde_json::to_string(&asked).unwrap_or_else(|_| asked.query.clone());
    let mut request = to_engine(&app, &plain(asked), u64::MAX - 1)?;
    request.following = true;
    audited(&app, &caller, Action::Tail, detail).await;
    let permit = app.tails.clone().try_acquire_owned();
    let permit = permit.map_err(|_| ApiError::too_many("busy", "too many follow a query; try again in a moment", 5))?;
    let (now, news) = app.arrivals.follow().await?;
    // Of nothing, the query tells what its answers look like, or what is wrong with it.
    request.arrived = Some(Arrived { after: now.clone(), upto: now.clone() });
    let place = app.queue.enter().await?;
    let meta = meta_of(&mut app.backend.query(request.clone()).await?);
    drop(place);
    let tail = Tail { app, permit, request, meta, after: after.unwrap_or(now), news, burst };
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], tail.into_body()).into_response())
}

/// The query without what only one that ends has.
fn plain(asked: TailRequest) -> QueryRequest {
    QueryRequest {
        lang: asked.lang,
        query: asked.query,
        filters: asked.filters,
        timezone: asked.timezone,
        since: None,
        until: None,
        limit: None,
        meta: true,
        format: RowFormat::Ndjson,
        timeline: None,
        to: None,
        parameters: std::collections::BTreeMap::new(),
    }
}
