//! The answer to a query: a JSON object a line, sent as the rows come and no faster than the client takes them. A task of
//! its own runs the query, so that a client which leaves is noticed while nothing is being sent. The last line
//! tells how it ended: an answer that stops without `_end` (or, without `meta`, an orderly end of the body) was cut off.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use engine::{BatchStream, Progress, QueryError, QueryStream, ResultKind};
use futures::StreamExt;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;

use crate::app::App;
use crate::error::ApiError;
use crate::metrics::Watch;
use crate::wire::{ErrorBody, Kind, QueryEnd, QueryMeta};

/// About how many bytes are encoded at a time: a batch may be large, its text larger.
const PIECE: usize = 256 * 1024;
/// Pieces made ahead of the client.
const AHEAD: usize = 2;

#[derive(Serialize)]
enum Frame<'a> {
    #[serde(rename = "_meta")]
    Meta(&'a QueryMeta),
    #[serde(rename = "_end")]
    End(QueryEnd),
    #[serde(rename = "_error")]
    Error(ErrorBody),
}

/// A query that has its first rows.
pub(crate) struct Answer {
    pub app: Arc<App>,
    pub watch: Watch,
    pub permit: OwnedSemaphorePermit,
    /// When it is ended at the latest.
    pub deadline: Instant,
    /// The first `_meta` line, if it was asked for.
    pub meta: Option<QueryMeta>,
    /// Most rows sent.
    pub limit: u64,
    pub batches: BatchStream,
    pub progress: Arc<Progress>,
}

/// What `_meta` says about a query.
pub(crate) fn meta_of(stream: &mut QueryStream) -> QueryMeta {
    QueryMeta {
        language: stream.language.as_str().to_owned(),
        columns: std::mem::take(&mut stream.columns).into_iter().map(Into::into).collect(),
        kind: match stream.kind {
            ResultKind::Events => Kind::Events,
            ResultKind::Rows => Kind::Rows,
        },
        diagnostics: std::mem::take(&mut stream.diagnostics).into_iter().map(Into::into).collect(),
    }
}

/// Ends `work` with a deadline's error when the time has come, whatever the engine does.
pub(crate) async fn within<T>(
    deadline: Instant,
    work: impl Future<Output = Result<T, QueryError>>,
) -> Result<T, QueryError> {
    let late = || {
        QueryError::new(engine::ErrorKind::Deadline, "the query took too long; narrow its time range or its filters")
    };
    tokio::time::timeout_at(deadline, work).await.unwrap_or_else(|_| Err(late()))
}

impl Answer {
    /// The body of the response; dropping it cancels the query.
    pub(crate) fn into_body(self) -> Body {
        let (client, receiver) = mpsc::channel::<Piece>(AHEAD);
        tokio::spawn(self.run(client));
        Body::from_stream(futures::stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|piece| (piece, receiver))
        }))
    }

    async fn run(mut self, client: mpsc::Sender<Piece>) {
        let mut rows = 0;
        let ended = self.rows(&client, &mut rows).await;
        self.app.metrics.read(self.progress.scanned_bytes(), rows);
        match ended {
            ControlFlow::Continue(Ok(())) => self.watch.ended("ok"),
            ControlFlow::Continue(Err(error)) => {
                let error = ApiError::from(error);
                self.watch.ended(error.code);
                let _ = send(&client, frame(&Frame::Error(error.body()))).await;
            }
            ControlFlow::Break(()) => {}
        }
        // Only now is there room for another query.
        drop(self.permit);
    }

    /// Breaks where the client is gone.
    async fn rows(&mut self, client: &mpsc::Sender<Piece>, rows: &mut u64) -> ControlFlow<(), Result<(), QueryError>> {
        if let Some(meta) = &self.meta {
            send(client, frame(&Frame::Meta(meta))).await?;
        }
        let mut truncated = false;
        while !truncated {
            let next = tokio::select! {
                next = within(self.deadline, async { self.batches.next().await.transpose() }) => next,
                () = client.closed() => return ControlFlow::Break(()),
            };
            let batch = match next {
                Ok(Some(batch)) => batch,
                Ok(None) => break,
                Err(error) => return ControlFlow::Continue(Err(error)),
            };
            let room = usize::try_from(self.limit - *rows).unwrap_or(usize::MAX);
            truncated = batch.num_rows() > room;
            let batch = if truncated { batch.slice(0, room) } else { batch };
            *rows += batch.num_rows() as u64;
            for piece in pieces(batch.num_rows(), batch.get_array_memory_size()) {
                let mut out = Vec::new();
                if let Err(error) = engine::ndjson(&batch.slice(piece.start, piece.len()), &mut out) {
                    return ControlFlow::Continue(Err(QueryError::new(engine::ErrorKind::Internal, error.to_string())));
                }
                send(client, Ok(out.into())).await?;
            }
        }
        if self.meta.is_some() {
            send(client, frame(&Frame::End(self.end(*rows, truncated)))).await?;
        }
        ControlFlow::Continue(Ok(()))
    }

    fn end(&self, rows: u64, truncated: bool) -> QueryEnd {
        QueryEnd {
            rows,
            elapsed_ms: u64::try_from(self.watch.started().elapsed().as_millis()).unwrap_or(u64::MAX),
            scanned_bytes: self.progress.scanned_bytes(),
            scanned_rows: self.progress.scanned_rows(),
            truncated,
        }
    }
}

type Piece = Result<Bytes, std::io::Error>;

/// Waits until the client has room; breaks where it left.
async fn send(client: &mpsc::Sender<Piece>, piece: Piece) -> ControlFlow<()> {
    match client.send(piece).await {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

fn frame(frame: &Frame<'_>) -> Piece {
    let mut line = serde_json::to_vec(frame)?;
    line.push(b'\n');
    Ok(line.into())
}

/// Cuts a batch into ranges of rows of about [`PIECE`] bytes each, judged by its size in memory.
fn pieces(rows: usize, bytes: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let step = rows.saturating_mul(PIECE).checked_div(bytes.max(1)).unwrap_or(rows).clamp(1, rows.max(1));
    (0..rows).step_by(step).map(move |start| start..rows.min(start + step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_all_rows_once() {
        for (rows, bytes, expected) in [
            (0, 0, 0),
            (1, 0, 1),
            (1, 10 * PIECE, 1),
            (10, 10 * PIECE, 10),
            (8192, PIECE / 2, 1),
            (8192, 4 * PIECE, 4),
            (3, PIECE * 2, 3),
        ] {
            let cut: Vec<_> = pieces(rows, bytes).collect();
            assert_eq!(cut.len(), expected, "{rows} rows, {bytes} bytes: {cut:?}");
            let all: Vec<usize> = cut.into_iter().flatten().collect();
            assert_eq!(all, (0..rows).collect::<Vec<_>>());
        }
    }
}
