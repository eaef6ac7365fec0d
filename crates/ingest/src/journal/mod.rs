//! The journal: what was acknowledged before it is in the lake. An entry is on the disk (written, synced) before its sender
//! hears that it is safe; it stays until the rows made of it are committed, and is read again after a crash.
//!
//! ```text
//! <folder>/0000000000000001.journal   entries, one after the other; a new file every 16 MiB and at every start
//! <folder>/drained                    the last entry whose rows are committed: what is before it is not read again
//! <folder>/lock                       held by the one process that uses the journal
//! ```
//! An entry is `head | note | body`, with a checksum over all of it. The file system may tear the last write, or a disk may
//! flip a bit: what does not fit its checksum is skipped to the next entry that does, and handed over as damage. Many
//! entries share one sync. The journal never holds more than its limit; what does not fit is refused, and nothing lost.

mod entry;
mod reader;
mod writer;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot, watch};

pub use entry::Entry;
pub use reader::{Next, Reader};
use writer::{Job, Writer};

/// Bytes after which a new file is begun.
const SEGMENT: u64 = 16 << 20;
/// Entries that wait to be written.
const WAITING: usize = 1024;

/// Why an entry was not taken. Nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The journal holds as much as it may: the lake does not keep up.
    #[error("the journal is full: the lake does not keep up")]
    Full,
    /// The disk does not take it.
    #[error("the journal can't be written: {0}")]
    Disk(String),
    /// The program is about to end.
    #[error("the server is shutting down")]
    Closed,
}

/// How much a journal may hold, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalOptions {
    /// Its folder, made where it is missing.
    pub folder: PathBuf,
    /// Bytes that it may hold.
    pub most_bytes: u64,
}

/// A place in the journal: what lies before it is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Mark {
    segment: u64,
    offset: u64,
}

/// What is known of the part of a journal that was drained.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Drained {
    sequence: u64,
    #[serde(default)]
    note: serde_json::Value,
}

/// A journal open for writing.
#[derive(Debug, Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    most_bytes: u64,
    used: Arc<AtomicU64>,
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    ended: Ended,
    _lock: File,
}

/// Files that are written to their end, with the number of their last entry.
type Ended = Arc<Mutex<Vec<(u64, u64)>>>;

/// An open journal, and what was left in it.
pub struct Opened {
    /// For writing.
    pub journal: Journal,
    /// Reads what is not drained, then what is written.
    pub reader: Reader,
    /// What was noted when it was last drained.
    pub note: serde_json::Value,
    /// The notes of the entries that were not drained.
    pub left: Vec<Vec<u8>>,
}

impl Journal {
    /// Opens the journal in a folder.
    ///
    /// # Errors
    /// Where the folder can't be made or read, or another process uses it.
    pub fn open(options: &JournalOptions) -> io::Result<Opened> {
        let folder = options.folder.clone();
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|error| {
            let text = format!("{}: another process uses the journal ({error})", folder.display());
            io::Error::new(io::ErrorKind::WouldBlock, text)
        })?;
        let drained = read_drained(&folder);
        let segments = segments(&folder)?;
        let mut last = drained.sequence;
        let (mut ended, mut left) = (Vec::new(), Vec::new());
        for (number, path) in &segments {
            let mut of_file = 0;
            entry::each(&fs::read(path)?.into(), |entry| {
                of_file = entry.sequence;
                if entry.sequence > drained.sequence {
                    left.push(entry.note.to_vec());
                }
            });
            ended.push((*number, of_file));
            last = last.max(of_file);
        }
        let ended = Arc::new(Mutex::new(ended));
        let used = Arc::new(AtomicU64::new(bytes_of(&segments)));
        let next_segment = segments.last().map_or(1, |(number, _)| number + 1);
        let (told, mark) = watch::channel(Mark { segment: next_segment, offset: 0 });
        let (jobs, taken) = mpsc::channel(WAITING);
        let writer = Writer::new(folder.clone(), next_segment, last + 1, (used.clone(), ended.clone()), told);
        std::thread::Builder::new().name("journal".into()).spawn(move || writer.run(taken))?;
        let reader = Reader::new(folder.clone(), segments, drained.sequence, mark);
        let inner =
            Inner { folder, most_bytes: options.most_bytes, used, jobs: Mutex::new(Some(jobs)), ended, _lock: lock };
        Ok(Opened { journal: Self { inner: Arc::new(inner) }, reader, note: drained.note, left })
    }

    /// Writes an entry and returns, with its number, when it is on the disk.
    ///
    /// # Errors
    /// [`Refused`]; the same entry may be given again.
    pub async fn write(&self, note: Vec<u8>, body: Bytes) -> Result<u64, Refused> {
        let size = entry::size(note.len(), body.len());
        let inner = &self.inner;
        if inner.used.fetch_add(size, Ordering::AcqRel).saturating_add(size) > inner.most_bytes {
            inner.used.fetch_sub(size, Ordering::AcqRel);
            return Err(Refused::Full);
        }
        let jobs = inner.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (done, result) = oneshot::channel();
        let sent = match jobs {
            Some(jobs) => jobs.send(Job { note, body, done }).await.is_ok(),
            None => false,
        };
        let written = if sent { result.await.unwrap_or(Err(Refused::Closed)) } else { Err(Refused::Closed) };
        if written.is_err() {
            inner.used.fetch_sub(size, Ordering::AcqRel);
        }
        written
    }

    /// Bytes that it holds.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.inner.used.load(Ordering::Acquire)
    }

    /// Whether an entry of that size would be taken.
    #[must_use]
    pub fn has_room(&self, bytes: u64) -> bool {
        self.used().saturating_add(bytes) <= self.inner.most_bytes
    }

    /// What is up to that entry is in the lake: it is not read again, and files of nothing else are deleted. `note` is kept with it.
    ///
    /// # Errors
    /// The disk's. Then a little more is read again after a crash.
    pub fn drained(&self, up_to: u64, note: &serde_json::Value) -> io::Result<()> {
        let inner = &self.inner;
        let drained = Drained { sequence: up_to, note: note.clone() };
        let staged = inner.folder.join("drained.new");
        let kept = serde_json::to_vec(&drained).map_err(io::Error::other).and_then(|text| fs::write(&staged, text));
        let kept = kept.and_then(|()| fs::rename(&staged, inner.folder.join("drained")));
        let mut ended = inner.ended.lock().unwrap_or_else(PoisonError::into_inner);
        for (number, _) in ended.extract_if(.., |(_, last)| *last <= up_to) {
            let path = segment_path(&inner.folder, number);
            let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            match fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!(%error, file = %path.display(), "a drained part of the journal stays"),
            }
            inner.used.fetch_sub(size, Ordering::AcqRel);
        }
        kept
    }

    /// Takes no more entries. What is waiting is still written.
    pub fn close(&self) {
        self.inner.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn read_drained(folder: &Path) -> Drained {
    let text = fs::read(folder.join("drained")).unwrap_or_default();
    // Without it, everything is read again, and nothing doubled.
    serde_json::from_slice(&text).unwrap_or_default()
}

/// The files of the journal, oldest first.
fn segments(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(number) = name.strip_suffix(".journal").and_then(|number| number.parse().ok()) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found)
}

fn bytes_of(segments: &[(u64, PathBuf)]) -> u64 {
    segments.iter().filter_map(|(_, path)| fs::metadata(path).ok()).map(|metadata| metadata.len()).sum()
}

fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016}.journal"))
}

#[cfg(test)]
mod tests;
