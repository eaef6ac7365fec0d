//! Running and explaining queries. Each is written to the audit log before it runs.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use engine::{Condition, Language, Limits};
use futures::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::{audited, export};
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::metrics::Watch;
use crate::ndjson::{Answer, meta_of, within};
use crate::state::Action;
use crate::wire::{
    BodyRefused, ErrorAnswer, Explanation, Filter, FilterOp, QueryRequest, Refused, RowFormat, Translation,
};

/// The engine ends a query itself and says it better; this is for when it can't.
const GRACE: Duration = Duration::from_secs(2);

/// Says how many rows are sent at most, for those who ask for no `_end` line.
pub(super) const LIMIT: HeaderName = HeaderName::from_static("x-trailhound-limit");

/// Run a query.
///
/// The answer is a stream of JSON objects, one a line, as the rows come. With `meta` the first line is
/// `{"_meta": QueryMeta}` and the last `{"_end": QueryEnd}`. A failure after the first row ends the answer with
/// `{"_error": ErrorBody}`, with or without `meta`. The query is cancelled when the client leaves.
///
/// With `format` `parquet` it is one file, whole or an error; `X-Trailhound-Truncated: true` says that there were more rows than
/// the limit.
#[utoipa::path(post, path = "/api/v1/query", tag = "query", request_body = QueryRequest, responses(
    (status = 200, description = "Rows", body = String, content_type = "application/x-ndjson"),
    (status = 404, description = "The query names a table that does not exist", body = ErrorAnswer),
    (status = 429, description = "Too many queries; `Retry-After` says when to come back", body = ErrorAnswer),
    Refused, BodyRefused))]
pub(crate) async fn run(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<QueryRequest>,
) -> Result<Response, ApiError> {
    let limit = rows_wanted(&app, asked.limit)?;
    let request = to_engine(&app, &asked, limit)?;
    audited(&app, &caller, Action::Query, detail(&asked)).await;
    let mut watch = Watch::new(app.clone());
    if asked.format == RowFormat::Parquet {
        return export::parquet(app, watch, request, limit).await;
    }
    match start(&app, request).await {
        Ok((permit, deadline, mut stream)) => {
            let meta = meta_of(&mut stream);
            let meta = asked.meta.then_some(meta);
            let answer = Answer {
                app,
                watch,
                permit,
                deadline,
                meta,
                limit,
                batches: stream.batches,
                progress: stream.progress,
            };
            let headers = [(header::CONTENT_TYPE, "application/x-ndjson".to_owned()), (LIMIT, limit.to_string())];
            Ok((headers, answer.into_body()).into_response())
        }
        Err(error) => {
            watch.ended(error.code);
            Err(error)
        }
    }
}

pub(super) type Started = (tokio::sync::OwnedSemaphorePermit, Instant, engine::QueryStream);

/// Waits for the first rows, so that what fails before them has a status of its own.
pub(super) async fn start(app: &App, request: engine::QueryRequest) -> Result<Started, ApiError> {
    let permit = app.queue.enter().await?;
    let deadline = Instant::now() + request.limits.deadline + GRACE;
    let mut stream = within(deadline, app.backend.query(request)).await?;
    // Fused: an answer without rows ends here already, and is polled again below.
    stream.batches = stream.batches.fuse().boxed();
    let first = within(deadline, stream.batches.next().map(Option::transpose)).await?;
    let rest = stream.batches;
    stream.batches = futures::stream::iter(first.map(Ok)).chain(rest).boxed();
    Ok((permit, deadline, stream))
}

/// Show how a query would be run, without running it.
#[utoipa::path(post, path = "/api/v1/explain", tag = "query", request_body = QueryRequest, responses(
    (status = 200, description = "Tree, pipeline and plan", body = Explanation),
    (status = 404, description = "The query names a table that does not exist", body = ErrorAnswer), Refused, BodyRefused))]
pub(crate) async fn explain(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<QueryRequest>,
) -> Result<Json<Explanation>, ApiError> {
    let limit = rows_wanted(&app, asked.limit)?;
    let request = to_engine(&app, &asked, limit)?;
    audited(&app, &caller, Action::Explain, detail(&asked)).await;
    let found = app.backend.explain(request).await?;
    Ok(Json(Explanation {
        language: found.language.as_str().to_owned(),
        ast: found.ast,
        ir: found.ir,
        plan: found.plan,
        diagnostics: found.diagnostics.into_iter().map(Into::into).collect(),
        translation: found.translation.map(|found| Translation {
            language: found.language.as_str().to_owned(),
            text: found.text,
            notes: found.notes,
            reason: found.reason,
        }),
    }))
}

fn rows_wanted(app: &App, limit: Option<u64>) -> Result<u64, ApiError> {
    let limits = &app.config.query;
    match limit {
        Some(limit) if limit > limits.max_rows => {
            Err(ApiError::invalid(format!("`limit` is at most {} on this server", limits.max_rows)))
        }
        Some(limit) => Ok(limit),
        None => Ok(limits.default_rows.min(limits.max_rows)),
    }
}

/// One row more than wanted is asked for: whether it comes tells whether the answer is whole.
pub(super) fn to_engine(app: &App, asked: &QueryRequest, limit: u64) -> Result<engine::QueryRequest, ApiError> {
    let lang: Language = asked.lang.parse().map_err(|e| ApiError::invalid(format!("`lang`: {e}")))?;
    let to = asked.to.as_ref().map(|to| to.parse::<Language>().map_err(|e| ApiError::invalid(format!("`to`: {e}"))));
    let to = to.transpose()?;
    let rows = limit.saturating_add(1);
    Ok(engine::QueryRequest {
        lang,
        to,
        text: asked.query.clone(),
        since: instant(app, "since", asked.since.as_deref())?,
        until: instant(app, "until", asked.until.as_deref())?,
        limit: Some(rows),
        timeline: asked.timeline.map(|seconds| i64::from(seconds.max(1)) * 1_000_000),
        filters: asked.filters.iter().map(condition).collect::<Result<_, _>>()?,
        limits: Limits { deadline: app.config.query.deadline, scan_bytes: app.config.query.scan_bytes, rows },
        arrived: None,
        following: false,
        timezone: zone(asked.timezone.as_deref())?,
        parameters: asked.parameters.clone(),
    })
}

fn zone(text: Option<&str>) -> Result<engine::Zone, ApiError> {
    let Some(text) = text else { return Ok(engine::Zone::UTC) };
    let wrong = || ApiError::invalid(format!("`timezone`: `{text}` is no time zone; write UTC, +09:00 or Asia/Tokyo"));
    engine::Zone::parse(text).ok_or_else(wrong)
}

pub(super) fn instant(app: &App, name: &str, text: Option<&str>) -> Result<Option<i64>, ApiError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let found = engine::parse_time(text, app.state.now().timestamp_micros());
    let wrong = || {
        ApiError::invalid(format!(
            "`{name}`: `{text}` is not a time; write ISO 8601, or relative to now such as -24h or -7d"
        ))
    };
    found.map(Some).ok_or_else(wrong)
}

pub(super) fn condition(filter: &Filter) -> Result<Condition, ApiError> {
    if filter.field.trim().is_empty() || filter.values.is_empty() {
        return Err(ApiError::invalid("a filter needs a field and at least one value"));
    }
    let negated = matches!(filter.op, FilterOp::IsNot);
    Ok(Condition { field: filter.field.clone(), negated, values: filter.values.clone() })
}

fn detail(asked: &QueryRequest) -> String {
    serde_json::to_string(asked).unwrap_or_else(|_| asked.query.clone())
}
