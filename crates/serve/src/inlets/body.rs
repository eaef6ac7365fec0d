//! Bodies of requests that bring logs: bounded in size, in time, and in memory over all requests; decompressed.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A body, decompressed: 100 MiB.
const MOST: usize = 100 << 20;
/// All bodies at a time, in KiB: 256 MiB.
const ROOM: usize = 256 << 10;
/// Bodies that are decompressed at a time.
const UNZIPPING: usize = 2;
/// For the next piece of a body, and for all of it. Firehose waits three minutes for its answer.
const PIECE: Duration = Duration::from_secs(30);
const ALL: Duration = Duration::from_secs(150);

/// Memory for bodies.
#[derive(Clone)]
pub(super) struct Room {
    kib: Arc<Semaphore>,
    unzipping: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self { kib: Arc::new(Semaphore::new(ROOM)), unzipping: Arc::new(Semaphore::new(UNZIPPING)) }
    }
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// Larger than it may be, as it comes or decompressed.
    TooLarge,
    /// Other requests take all the memory.
    Busy,
    /// It does not arrive.
    Slow,
    /// The connection broke.
    Broken,
    /// It is compressed in another way than gzip.
    Encoding,
    /// It says that it is gzip and is not.
    Damaged,
}

/// A body, and the memory that it takes.
pub(super) struct Read {
    pub(super) bytes: Bytes,
    room: Vec<OwnedSemaphorePermit>,
}

impl Room {
    /// Reads a body to its end.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Read, Unread> {
        let gzip = is_gzip(headers)?;
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > MOST as u64) {
            return Err(Unread::TooLarge);
        }
        let mut read = tokio::time::timeout(ALL, self.pieces(body)).await.map_err(|_| Unread::Slow)??;
        if gzip && !read.bytes.is_empty() {
            self.unzip(&mut read).await?;
        }
        Ok(read)
    }

    fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Unread> {
        // Waiting could be for ever: each of those who wait holds what the others wait for.
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        self.kib.clone().try_acquire_many_owned(kib).map_err(|_| Unread::Busy)
    }

    async fn pieces(&self, body: Body) -> Result<Read, Unread> {
        let mut stream = body.into_data_stream();
        let (mut bytes, mut room, mut held) = (Vec::<u8>::new(), Vec::new(), 0_usize);
        loop {
            let next = tokio::time::timeout(PIECE, stream.next()).await.map_err(|_| Unread::Slow)?;
            let Some(piece) = next else { break };
            let piece = piece.map_err(|_| Unread::Broken)?;
            if bytes.len() + piece.len() > MOST {
                return Err(Unread::TooLarge);
            }
            while bytes.len() + piece.len() > held {
                let more = held.clamp(64 << 10, 16 << 20);
                room.push(self.take(more)?);
                held += more;
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Read { bytes: bytes.into(), room })
    }

    async fn unzip(&self, read: &mut Read) -> Result<(), Unread> {
        let turn = self.unzipping.clone().acquire_owned().await.map_err(|_| Unread::Busy)?;
        let packed = read.bytes.clone();
        let plain = tokio::task::spawn_blocking(move || ingest::inlet::gunzip(&packed, MOST));
        let plain = plain.await.map_err(|_| Unread::Damaged)?.map_err(|error| match error {
            ingest::inlet::Unzip::TooLarge => Unread::TooLarge,
            ingest::inlet::Unzip::Damaged => Unread::Damaged,
        })?;
        read.room.push(self.take(plain.len())?);
        read.bytes = plain.into();
        drop(turn);
        Ok(())
    }
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, Unread> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(false) };
    match value.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(false),
        "gzip" | "x-gzip" => Ok(true),
        _ => Err(Unread::Encoding),
    }
}
