//! Live tail: events as they come in, in the order of the lake's commits, so that late ones show too. Each look reads only
//! the files of the commits since the last one, whoever made them.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use engine::{Arrived, ErrorKind, Mark, QueryError, QueryRequest};
use futures::StreamExt;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::Instant;

use crate::app::App;
use crate::error::ApiError;
use crate::ndjson::within;
use crate::wire::{ErrorBody, QueryEnd, QueryMeta, TailMark};

/// Longest silence.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Time for one look at what came in.
const LOOK: Duration = Duration::from_secs(20);
/// Pieces made ahead of the client.
const AHEAD: usize = 2;

#[derive(Serialize)]
enum Frame<'a> {
    #[serde(rename = "_meta")]
    Meta(&'a QueryMeta),
    #[serde(rename = "_tail")]
    Tail(TailMark),
    #[serde(rename = "_end")]
    End(QueryEnd),
    #[serde(rename = "_error")]
    Error(ErrorBody),
}

/// A tail that is about to begin.
pub(crate) struct Tail {
    pub app: Arc<App>,
    /// Its place among the tails.
    pub permit: OwnedSemaphorePermit,
    /// What is asked of each arrival.
    pub request: QueryRequest,
    pub meta: QueryMeta,
    /// What has been shown.
    pub after: Mark,
    /// Told of each later state of the lake.
    pub news: watch::Receiver<Mark>,
    /// Most events sent of one look.
    pub burst: u64,
}

/// What all looks came to.
#[derive(Default)]
struct Totals {
    rows: u64,
    scanned_bytes: u64,
    scanned_rows: u64,
}

/// What one look found.
#[derive(Default)]
struct Look {
    found: u64,
    sent: u64,
    missed: bool,
}

type Piece = Result<Bytes, std::io::Error>;
type Client = mpsc::Sender<Piece>;

impl Tail {
    /// The body of the response; dropping it ends the tail.
    pub(crate) fn into_body(self) -> Body {
        let (client, receiver) = mpsc::channel::<Piece>(AHEAD);
        tokio::spawn(self.run(client));
        Body::from_stream(futures::stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|piece| (piece, receiver))
        }))
    }

    async fn run(mut self, client: Client) {
        let started = Instant::now();
        let ends = started + self.app.config.query.tail;
        let mut totals = Totals::default();
        let ended = tokio::select! {
            ended = self.follow(&client, ends, &mut totals) => ended,
            () = client.closed() => ControlFlow::Break(()),
        };
        self.app.metrics.read(totals.scanned_bytes, totals.rows);
        let last = match ended {
            ControlFlow::Continue(Ok(())) => Frame::End(end(&totals, started)),
            ControlFlow::Continue(Err(error)) => Frame::Error(ApiError::from(error).body()),
            ControlFlow::Break(()) => return,
        };
        let _ = send(&client, frame(&last)).await;
        drop(self.permit);
    }

    /// Until its time has come or the server stops.
    async fn follow(
        &mut self,
        client: &Client,
        ends: Instant,
        totals: &mut Totals,
    ) -> ControlFlow<(), Result<(), QueryError>> {
        send(client, frame(&Frame::Meta(&self.meta))).await?;
        let mut stopping = self.app.stopping.subscribe();
        // The first mark is told at once: a client that is cut off before anything came in goes on from it.
        let mut next = Instant::now();
        loop {
            let upto = self.news.borrow_and_update().clone();
            let news = upto.at > self.after.at && upto.versions != self.after.versions;
            if news || next <= Instant::now() {
                let look = match if news { self.look(client, &upto, totals).await? } else { Ok(Look::default()) } {
                    Ok(look) => look,
                    Err(error) => return ControlFlow::Continue(Err(error)),
                };
                if news {
                    self.after = upto;
                }
                send(client, frame(&Frame::Tail(self.mark(&look)))).await?;
                next = Instant::now() + HEARTBEAT;
            }
            tokio::select! {
                changed = self.news.changed() => if changed.is_err() { return ControlFlow::Continue(Ok(())) },
                () = tokio::time::sleep_until(next) => {}
                () = tokio::time::sleep_until(ends) => return ControlFlow::Continue(Ok(())),
                _ = stopping.wait_for(|stopping| *stopping) => return ControlFlow::Continue(Ok(())),
            }
        }
    }

    /// Sends what came in up to a mark. What costs too much is passed over and said to be; the next look is a new one.
    async fn look(
        &self,
        client: &Client,
        upto: &Mark,
        totals: &mut Totals,
    ) -> ControlFlow<(), Result<Look, QueryError>> {
        let mut look = Look::default();
        let found = self.arrived(client, upto, &mut look, totals).await?;
        totals.rows += look.sent;
        match found {
            Ok(()) => ControlFlow::Continue(Ok(look)),
            Err(error) if matches!(error.kind, ErrorKind::Deadline | ErrorKind::ScanBudget | ErrorKind::Memory) => {
                tracing::warn!(%error, "a live tail passed over what came in");
                look.missed = true;
                ControlFlow::Continue(Ok(look))
            }
            Err(error) => ControlFlow::Continue(Err(error)),
        }
    }

    async fn arrived(
        &self,
        client: &Client,
        upto: &Mark,
        look: &mut Look,
        totals: &mut Totals,
    ) -> ControlFlow<(), Result<(), QueryError>> {
        let deadline = Instant::now() + LOOK;
        let place = match tokio::time::timeout_at(deadline, self.app.queue.enter()).await {
            Ok(Ok(place)) => place,
            _ => return ControlFlow::Continue(Err(QueryError::new(ErrorKind::Deadline, "the server is busy"))),
        };
        let arrived = Some(Arrived { after: self.after.clone(), upto: upto.clone() });
        let mut request = QueryRequest { arrived, ..self.request.clone() };
        request.limits.deadline = LOOK;
        let mut stream = match within(deadline, self.app.backend.query(request)).await {
            Ok(stream) => stream,
            Err(error) => return ControlFlow::Continue(Err(error)),
        };
        let ended = loop {
            match within(deadline, async { stream.batches.next().await.transpose() }).await {
                Ok(Some(batch)) => {
                    let room = usize::try_from(self.burst - look.sent).unwrap_or(usize::MAX);
                    let shown = batch.slice(0, batch.num_rows().min(room));
                    look.found += batch.num_rows() as u64;
                    look.sent += shown.num_rows() as u64;
                    let mut out = Vec::new();
                    if let Err(error) = engine::ndjson(&shown, &mut out) {
                        break Err(error);
                    }
                    if !out.is_empty() {
                        send(client, Ok(out.into())).await?;
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        totals.scanned_bytes += stream.progress.scanned_bytes();
        totals.scanned_rows += stream.progress.scanned_rows();
        drop(place);
        ControlFlow::Continue(ended)
    }

    fn mark(&self, look: &Look) -> TailMark {
        let at = DateTime::from_timestamp_micros(self.after.at).unwrap_or_default();
        TailMark {
            at: at.to_rfc3339_opts(SecondsFormat::Millis, true),
            found: look.found,
            sent: look.sent,
            missed: look.missed,
            mark: serde_json::to_string(&self.after).unwrap_or_default(),
        }
    }
}

fn end(totals: &Totals, started: Instant) -> QueryEnd {
    QueryEnd {
        rows: totals.rows,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        scanned_bytes: totals.scanned_bytes,
        scanned_rows: totals.scanned_rows,
        truncated: false,
    }
}

/// Waits until the client has room; breaks where it left.
async fn send(client: &Client, piece: Piece) -> ControlFlow<()> {
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
