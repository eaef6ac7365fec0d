//! A folder that is watched: files that are put there whole, and files that grow line by line.
//!
//! The folder is looked at again and again; nothing depends on the system's notifications, which network file systems lack.
//! - A file is taken whole once its size and time have rested for a while. Names of files that are still being written (hidden,
//!   `.tmp`, `.part`, …) are passed over. The ledger knows what is in.
//! - A file whose name says that it grows (`tail`) is read up to its last whole line, and again from there. How far, is kept in
//!   the checkpoint, by what the file is and not by its name: renamed and copied away by a rotation, it goes on where it was; cut
//!   off, it begins anew. Its lines go through the journal, so each is in the lake once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use event::{Batcher, Limits, Sender};
use lake::{Lake, Ledger, ObjectVersion};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{Checkpoint, KeyFilter, Meter};
use crate::IngestError;
use crate::inlet::{Delivery, Form, Inlet};
use crate::intake::Intake;

/// Bytes of a growing file taken at once.
const PIECE: u64 = 4 << 20;
/// The longest line; what is longer is cut.
const LINE: u64 = 16 << 20;
/// Bytes at the beginning of a file by which it is known again under another name.
const HEAD: u64 = 1024;
/// Endings of names of files that are not there yet.
const UNFINISHED: [&str; 8] = [".tmp", ".temp", ".part", ".partial", ".swp", ".filepart", ".crdownload", "~"];

/// How a folder is watched.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The source's name.
    pub name: String,
    /// The folder; all below it belongs to it.
    pub path: PathBuf,
    /// Which files are taken, by their paths below the folder.
    pub filter: KeyFilter,
    /// Which of them grow line by line, by the same (`*`, `?`).
    pub tail: Vec<String>,
    /// Time between two looks.
    pub every: Duration,
    /// A file that is taken whole has to have rested for this long.
    pub settle: Duration,
    /// End when everything that is there now is in.
    pub drain: bool,
}

impl Settings {
    /// The usual, for a folder.
    #[must_use]
    pub fn new(name: &str, path: &Path) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            filter: KeyFilter::default(),
            tail: ["*.log", "*.jsonl", "*.ndjson", "*.txt"].map(str::to_owned).to_vec(),
            every: Duration::from_secs(2),
            settle: Duration::from_secs(5),
            drain: false,
        }
    }
}

/// A growing file, as the checkpoint keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Tail {
    /// What it is called in the identity of its lines.
    id: String,
    /// Where it was seen last.
    path: PathBuf,
    /// SHA-256 of its first [`HEAD`] bytes, once it has them.
    head: Option<String>,
    /// How far it is in.
    offset: u64,
    /// Lines so far.
    lines: u64,
}

/// Growing files by device and inode.
type Tails = BTreeMap<String, Tail>;

struct Watch {
    settings: Settings,
    intake: Intake,
    inlet: Inlet,
    meter: Meter,
    checkpoint: Checkpoint,
    tails: Tails,
    ledger: Ledger,
    /// Files that rest, since when they are seen like this.
    resting: HashMap<PathBuf, (ObjectVersion, Instant)>,
    /// Versions that were taken, good or bad.
    handled: HashSet<ObjectVersion>,
}

/// A file of a look.
struct Seen {
    path: PathBuf,
    key: String,
    metadata: Metadata,
}

/// Watches until cancelled, or until everything is in where that was asked for.
///
/// # Errors
/// [`IngestError`] where the ledger can't be read or the checkpoint not be written. What is wrong with files is on the meter.
pub async fn run(
    settings: Settings,
    lake: &Lake,
    (intake, inlet): (Intake, Inlet),
    meter: Meter,
    checkpoint: Checkpoint,
    cancel: CancellationToken,
) -> Result<(), IngestError> {
    inlet.count(&settings.name, meter.clone());
    let tails = checkpoint.load();
    let ledger = lake.ledger().await?;
    let (resting, handled) = (HashMap::new(), HashSet::new());
    let mut watch = Watch { settings, intake, inlet, meter, checkpoint, tails, ledger, resting, handled };
    loop {
        let busy = match watch.look(&cancel).await {
            Ok(busy) => {
                watch.meter.well(!busy);
                busy
            }
            Err(Stop::Write(error)) => return Err(error),
            Err(Stop::Trouble(message)) => {
                tracing::warn!(folder = %watch.settings.path.display(), message, "the folder can't be taken in");
                watch.meter.failed(&message);
                true
            }
        };
        if cancel.is_cancelled() || (watch.settings.drain && !busy) {
            return Ok(());
        }
        cancel.run_until_cancelled(tokio::time::sleep(watch.settings.every)).await;
    }
}

/// Why a look ended before its end.
enum Stop {
    /// It is tried again at the next look.
    Trouble(String),
    Write(IngestError),
}

impl Watch {
    /// Looks at all files once; true: there is something left to wait for.
    async fn look(&mut self, cancel: &CancellationToken) -> Result<bool, Stop> {
        let (root, filter) = (self.settings.path.clone(), self.settings.filter.clone());
        let found = tokio::task::spawn_blocking(move || files(&root, &filter)).await;
        let found = found.map_err(|error| Stop::Trouble(error.to_string()))?;
        let found = found.map_err(|error| Stop::Trouble(error.to_string()))?;
        let adopted = self.adopt(&found);
        let is_tail = |seen: &Seen| self.settings.tail.iter().any(|pattern| crate::rules::glob(pattern, &seen.key));
        let (growing, whole): (Vec<Seen>, Vec<Seen>) =
            found.into_iter().partition(|seen| is_tail(seen) || self.tails.contains_key(&inode(&seen.metadata)));
        let mut busy = self.follow(growing, &whole, adopted, cancel).await?;
        self.resting.retain(|path, _| whole.iter().any(|seen| seen.path == *path));
        for seen in whole {
            if cancel.is_cancelled() {
                return Ok(true);
            }
            busy |= self.whole(&seen).await?;
        }
        Ok(busy)
    }

    /// A file that is taken whole; true: it does not rest yet.
    async fn whole(&mut self, seen: &Seen) -> Result<bool, Stop> {
        let version = version(seen);
        if self.handled.contains(&version) || self.ledger.is_done(&version) {
            return Ok(false);
        }
        let since = match self.resting.get(&seen.path) {
            Some((known, since)) if *known == version => *since,
            _ => {
                self.resting.insert(seen.path.clone(), (version.clone(), Instant::now()));
                // A file that was there long before the program began rests already.
                let age = seen.metadata.modified().ok().and_then(|time| time.elapsed().ok()).unwrap_or_default();
                if age < self.settings.settle {
                    return Ok(true);
                }
                Instant::now().checked_sub(self.settings.settle).unwrap_or_else(Instant::now)
            }
        };
        if since.elapsed() < self.settings.settle {
            return Ok(true);
        }
        let trouble = |error: &dyn std::fmt::Display| Stop::Trouble(format!("{}: {error}", seen.path.display()));
        let content = match tokio::fs::read(&seen.path).await {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(trouble(&error)),
        };
        if content.len() as u64 != version.size {
            return Ok(true);
        }
        let bytes = version.size;
        let delivery = crate::Delivery { version: version.clone(), content: content.into() };
        self.meter.in_flight(1);
        let settled = match self.intake.take(delivery).await {
            Ok(receipt) => receipt.settled().await,
            Err(refused) => Err(refused),
        };
        self.meter.in_flight(-1);
        let settled = settled.map_err(|refused| trouble(&refused))?;
        let delivered = seen.metadata.modified().ok().map(Into::into);
        self.meter.settled(&version.object, bytes, &settled, delivered);
        self.handled.insert(version);
        Ok(false)
    }

    /// Files that a rotation has copied away from one that is followed go on where that was; true: there are some.
    fn adopt(&mut self, found: &[Seen]) -> bool {
        let mut copies = Vec::new();
        for seen in found {
            let inode = inode(&seen.metadata);
            let size = seen.metadata.len();
            if size < HEAD || self.tails.contains_key(&inode) || self.handled.contains(&version(seen)) {
                continue;
            }
            let Some(tail) = self.tails.values().find(|tail| is_named_after(&seen.path, &tail.path)) else { continue };
            let head = head(&seen.path);
            let of = |tail: &&Tail| head.is_some() && tail.head == head && size >= tail.offset;
            if let Some(tail) = Some(tail).filter(of).or_else(|| self.tails.values().find(of)) {
                copies.push((inode, Tail { path: seen.path.clone(), ..tail.clone() }));
            }
        }
        let any = !copies.is_empty();
        self.tails.extend(copies);
        any
    }

    /// Reads on in files that grow; true: one of them has lines that are not in.
    async fn follow(
        &mut self,
        growing: Vec<Seen>,
        whole: &[Seen],
        adopted: bool,
        cancel: &CancellationToken,
    ) -> Result<bool, Stop> {
        let mut changed = adopted;
        for seen in &growing {
            changed |= self.recognise(seen);
        }
        let there: HashSet<String> = growing.iter().chain(whole).map(|seen| inode(&seen.metadata)).collect();
        let before = self.tails.len();
        self.tails.retain(|inode, _| there.contains(inode));
        if changed || self.tails.len() != before {
            // Before anything of a new file is sent: its lines are known by this name for ever.
            self.save()?;
        }
        let mut busy = false;
        for seen in growing {
            while !cancel.is_cancelled() && self.read_on(&seen).await? {
                busy = true;
            }
        }
        Ok(busy)
    }

    fn save(&self) -> Result<(), Stop> {
        let failed = |error: io::Error| IngestError::Path { path: "the checkpoint".into(), reason: error.to_string() };
        self.checkpoint.save(&self.tails).map_err(|error| Stop::Write(failed(error)))
    }

    /// Finds out which file this is; true: the checkpoint changes.
    fn recognise(&mut self, seen: &Seen) -> bool {
        let inode = inode(&seen.metadata);
        let size = seen.metadata.len();
        let now = (size >= HEAD).then(|| head(&seen.path)).flatten();
        if let Some(tail) = self.tails.get_mut(&inode) {
            let replaced = tail.head.is_some() && now.is_some() && tail.head != now;
            if size >= tail.offset && !replaced {
                let changed = tail.path != seen.path || (tail.head.is_none() && now.is_some());
                tail.path.clone_from(&seen.path);
                tail.head = tail.head.take().or(now);
                return changed;
            }
        }
        // Cut off, or new.
        let id = format!("{}:{inode}:{}", self.settings.name, self.inlet.now());
        let tail = Tail { id, path: seen.path.clone(), head: now, offset: 0, lines: 0 };
        self.tails.insert(inode, tail);
        true
    }

    /// Sends the next lines of a file; true: there may be more.
    async fn read_on(&mut self, seen: &Seen) -> Result<bool, Stop> {
        let inode = inode(&seen.metadata);
        let Some(tail) = self.tails.get(&inode).cloned() else { return Ok(false) };
        let resting = seen.metadata.modified().ok().and_then(|time| time.elapsed().ok()).unwrap_or_default();
        let rests = resting >= self.settings.settle.max(Duration::from_secs(60)) || self.settings.drain;
        let path = seen.path.clone();
        let next = tokio::task::spawn_blocking(move || next_lines(&path, tail.offset, rests)).await;
        let next = next.map_err(|error| Stop::Trouble(error.to_string()))?;
        let (head, lines) = match next {
            Ok(Some(next)) => next,
            Ok(None) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(Stop::Trouble(format!("{}: {error}", seen.path.display()))),
        };
        let (bytes, count) = (lines.len() as u64, memchr::memchr_iter(b'\n', &lines).count() as u64);
        let delivery = Delivery {
            source: self.settings.name.clone(),
            form: Form::Raw,
            origin: Some(seen.path.display().to_string()),
            identity: format!("{}:{}", tail.id, tail.offset),
            received: self.inlet.now(),
            sender: Sender::default(),
            log_type: None,
            channel: None,
            place: (tail.lines, tail.offset),
            head,
            body: lines.into(),
        };
        self.inlet.take(delivery).await.map_err(|refused| Stop::Trouble(refused.to_string()))?;
        if let Some(tail) = self.tails.get_mut(&inode) {
            tail.offset += bytes;
            tail.lines += count;
        }
        self.save()?;
        Ok(true)
    }
}

/// All files below a folder.
fn files(root: &Path, filter: &KeyFilter) -> io::Result<Vec<Seen>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with('.') || UNFINISHED.iter().any(|ending| name.ends_with(ending)) {
                continue;
            }
            // It may be gone since it was listed.
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let key = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if metadata.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if metadata.is_file() && filter.wants(&key) {
                found.push(Seen { path, key, metadata });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn version(seen: &Seen) -> ObjectVersion {
    let modified = seen.metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    ObjectVersion {
        object: seen.path.to_string_lossy().into_owned(),
        size: seen.metadata.len(),
        revision: modified.map_or(0, |time| time.as_micros()).to_string(),
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("{:x}-{:x}", metadata.dev(), metadata.ino())
}

/// Elsewhere a file is known by the time at which it was made.
#[cfg(not(unix))]
fn inode(metadata: &Metadata) -> String {
    let made = metadata.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{:x}", made.map_or(0, |time| time.as_nanos()))
}

/// Whether a file is called as a rotation calls its copies: `app.log.1`, `app-20260301.log` of `app.log`.
fn is_named_after(path: &Path, of: &Path) -> bool {
    let stem = of.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.parent() == of.parent() && !stem.is_empty() && name.starts_with(&stem)
}

/// SHA-256 of the first [`HEAD`] bytes.
fn head(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(HEAD).read_to_end(&mut bytes).ok()?;
    let digest = Sha256::digest(&bytes);
    (bytes.len() as u64 == HEAD).then(|| digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

/// The first line of a file, where it names the fields of the others; and the lines after `offset`. `None`: there is no whole
/// line; where the file rests, a last line without an end is one.
type Lines = (Option<String>, Vec<u8>);

fn next_lines(path: &Path, offset: u64, rests: bool) -> io::Result<Option<Lines>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut lines = Vec::new();
    loop {
        let read = (&mut file).take(PIECE).read_to_end(&mut lines)?;
        if let Some(end) = memchr::memrchr(b'\n', &lines) {
            lines.truncate(end + 1);
            break;
        }
        let ended = (read as u64) < PIECE;
        if lines.is_empty() || (ended && !rests) {
            return Ok(None);
        }
        if ended || lines.len() as u64 >= LINE {
            break;
        }
    }
    let head = if offset > 0 { header(path)? } else { None };
    Ok(Some((head, lines)))
}

/// The first line, where it is a header: it says how the others are read, and is no record itself.
fn header(path: &Path) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(8192).read_to_end(&mut bytes)?;
    let Some(end) = memchr::memchr(b'\n', &bytes) else { return Ok(None) };
    let Ok(line) = std::str::from_utf8(&bytes[..end]) else { return Ok(None) };
    let outcome = Batcher::new(Limits::default()).push_object(line.as_bytes(), "", 0);
    let is_header = outcome.is_ok_and(|outcome| outcome.records == 0 && outcome.rejected.is_empty());
    Ok((is_header && !line.trim().is_empty()).then(|| line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let check = |text: &str, offset: u64, rests: bool, expected: Option<&str>| {
            fs::write(&path, text).unwrap();
            let found = next_lines(&path, offset, rests).unwrap().map(|(_, lines)| String::from_utf8(lines).unwrap());
            assert_eq!(found.as_deref(), expected, "{text:?} from {offset}");
        };
        check("", 0, false, None);
        check("a\nb", 0, false, Some("a\n"));
        check("a\nb", 2, false, None);
        check("a\nb", 2, true, Some("b"));
        check("a\nb\n", 2, false, Some("b\n"));
        check("a\nb\n", 4, true, None);
        let long = format!("{}\nb", "x".repeat(9 << 20));
        check(&long, 0, false, Some(&long[..(9 << 20) + 1]));
    }

    #[test]
    fn headers_are_told_from_records() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let flow = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
        for (text, expected) in [
            (format!("{flow}\n2 1 e 192.0.2.1 192.0.2.2 1 2 6 1 1 1 2 ACCEPT OK\n"), Some(flow)),
            ("2 123456789012 eni-1 192.0.2.1 192.0.2.2 1 2 6 1 1 1600000000 1600000001 ACCEPT OK\n".to_owned(), None),
            ("hello\nworld\n".to_owned(), None),
            ("{}\n".to_owned(), None),
        ] {
            fs::write(&path, &text).unwrap();
            assert_eq!(header(&path).unwrap().as_deref(), expected, "{text}");
        }
    }
}
