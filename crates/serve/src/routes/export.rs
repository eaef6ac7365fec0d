//! The answer to a query as a file.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use engine::{BatchStream, QueryRequest};
use futures::StreamExt;

use super::query::{LIMIT, start};
use crate::app::App;
use crate::error::ApiError;
use crate::metrics::Watch;
use crate::ndjson::within;

/// Largest file.
const MOST_BYTES: usize = 512 << 20;

/// There were more rows than the limit.
const TRUNCATED: HeaderName = HeaderName::from_static("x-trailhound-truncated");

/// One Parquet file of at most `limit` rows.
pub(super) async fn parquet(
    app: Arc<App>,
    mut watch: Watch,
    request: QueryRequest,
    limit: u64,
) -> Result<Response, ApiError> {
    let made = file(&app, request, limit).await;
    watch.ended(made.as_ref().map_or_else(|error| error.code, |_| "ok"));
    let (bytes, found) = made?;
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.apache.parquet".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"trailhound.parquet\"".to_owned()),
        (LIMIT, limit.to_string()),
        (TRUNCATED, (found > limit).to_string()),
    ];
    Ok((headers, bytes).into_response())
}

/// The file, and how many rows there were up to one beyond the limit.
async fn file(app: &App, request: QueryRequest, limit: u64) -> Result<(Vec<u8>, u64), ApiError> {
    // Held until the file is made.
    let (_place, deadline, mut stream) = start(app, request).await?;
    let found = Arc::new(AtomicU64::new(0));
    let progress = stream.progress.clone();
    stream.batches = capped(stream.batches, limit, found.clone());
    let made = within(deadline, engine::parquet(stream, MOST_BYTES)).await;
    let found = found.load(Ordering::Relaxed);
    app.metrics.read(progress.scanned_bytes(), found.min(limit));
    Ok((made?, found))
}

fn capped(batches: BatchStream, limit: u64, found: Arc<AtomicU64>) -> BatchStream {
    let cut = batches.map(move |batch| {
        let batch = batch?;
        let before = found.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
        let room = usize::try_from(limit.saturating_sub(before)).unwrap_or(usize::MAX);
        Ok(batch.slice(0, batch.num_rows().min(room)))
    });
    cut.boxed()
}
