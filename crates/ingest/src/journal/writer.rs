//! The one thread that writes: it takes what waits, writes all of it, syncs once, and tells every sender.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Ended, Mark, Refused, SEGMENT, entry, segment_path};

/// Entries and bytes that share a sync.
const ENTRIES: usize = 1024;
const BYTES: usize = 32 << 20;

/// An entry to write.
pub(super) struct Job {
    pub(super) note: Vec<u8>,
    pub(super) body: Bytes,
    pub(super) done: oneshot::Sender<Result<u64, Refused>>,
}

pub(super) struct Writer {
    folder: PathBuf,
    /// The file at work, and how much of it is good.
    file: Option<(File, u64)>,
    /// Its number, or that of the next one.
    segment: u64,
    sequence: u64,
    used: Arc<AtomicU64>,
    ended: Ended,
    mark: watch::Sender<Mark>,
}

impl Writer {
    pub(super) fn new(
        folder: PathBuf,
        segment: u64,
        sequence: u64,
        (used, ended): (Arc<AtomicU64>, Ended),
        mark: watch::Sender<Mark>,
    ) -> Self {
        Self { folder, file: None, segment, sequence, used, ended, mark }
    }

    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut bytes = first.body.len();
            let mut batch = vec![first];
            while batch.len() < ENTRIES && bytes < BYTES {
                let Ok(job) = jobs.try_recv() else { break };
                bytes += job.body.len();
                batch.push(job);
            }
            self.batch(batch);
        }
    }

    fn batch(&mut self, batch: Vec<Job>) {
        let first = self.sequence;
        match self.write(&batch) {
            Ok(()) => {
                for (number, job) in (first..).zip(batch) {
                    // A sender that is gone does not hear it; the entry is safe all the same.
                    let _ = job.done.send(Ok(number));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the journal can't be written");
                self.give_up();
                for job in batch {
                    let _ = job.done.send(Err(Refused::Disk(error.to_string())));
                }
            }
        }
    }

    fn write(&mut self, batch: &[Job]) -> io::Result<()> {
        if self.file.as_ref().is_some_and(|(_, good)| *good >= SEGMENT) {
            self.turn();
        }
        if self.file.is_none() {
            self.file = Some((self.create()?, 0));
        }
        let Some((file, good)) = &mut self.file else { return Ok(()) };
        let mut sequence = self.sequence;
        let mut written = 0;
        for job in batch {
            file.write_all(&entry::head(sequence, &job.note, &job.body))?;
            file.write_all(&job.note)?;
            file.write_all(&job.body)?;
            written += entry::size(job.note.len(), job.body.len());
            sequence += 1;
        }
        file.sync_data()?;
        *good += written;
        self.sequence = sequence;
        self.mark.send_replace(Mark { segment: self.segment, offset: *good });
        Ok(())
    }

    /// Goes on in a new file.
    fn turn(&mut self) {
        self.file = None;
        let ended = (self.segment, self.sequence.saturating_sub(1));
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).push(ended);
        self.segment += 1;
        self.mark.send_replace(Mark { segment: self.segment, offset: 0 });
    }

    /// After a failed write: what it left behind is cut off, and the next write has a new file, since what a disk holds after a
    /// failed sync is anybody's guess. What can't be cut off either is read as entries that nobody was promised.
    fn give_up(&mut self) {
        let Some((file, good)) = self.file.take() else { return };
        if let Err(error) = file.set_len(good).and_then(|()| file.sync_data()) {
            tracing::warn!(%error, "a part of the journal can't be cut off");
            let left = file.metadata().map_or(0, |metadata| metadata.len().saturating_sub(good));
            self.used.fetch_add(left, Ordering::AcqRel);
            self.sequence += ENTRIES as u64;
        }
        self.turn();
    }

    fn create(&self) -> io::Result<File> {
        let path = segment_path(&self.folder, self.segment);
        // One that a failed attempt left behind is empty.
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        sync_folder(&self.folder)?;
        Ok(file)
    }
}

#[cfg(unix)]
fn sync_folder(folder: &std::path::Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Other systems can't open a folder to sync it.
#[cfg(not(unix))]
fn sync_folder(_folder: &std::path::Path) -> io::Result<()> {
    Ok(())
}
