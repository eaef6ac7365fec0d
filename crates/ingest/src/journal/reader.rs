//! Reads the journal in order: what a former process left first, then what is written, as far as it is on the disk.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use bytes::Bytes;
use tokio::sync::watch;

use super::entry::{self, Entry, Found};
use super::{Mark, segment_path};

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// An entry.
    Entry(Entry),
    /// Bytes that are no entry any more, of the file with that name and from that byte on.
    Damage {
        /// The file's name.
        file: String,
        /// Where in it they are.
        offset: u64,
        /// They themselves.
        bytes: Bytes,
    },
    /// Nothing more is there now.
    Nothing,
}

/// Reads a journal.
pub struct Reader {
    folder: PathBuf,
    /// Files of former processes.
    left: VecDeque<(u64, PathBuf)>,
    /// Entries up to this one are in the lake.
    drained: u64,
    /// Where the next entry of this process begins.
    at: Mark,
    /// A part of a file that is being read: its name, where it stands there, what of it is not read yet.
    part: Option<(String, u64, Bytes)>,
    mark: watch::Receiver<Mark>,
}

impl Reader {
    pub(super) fn new(
        folder: PathBuf,
        segments: Vec<(u64, PathBuf)>,
        drained: u64,
        mark: watch::Receiver<Mark>,
    ) -> Self {
        let at = *mark.borrow();
        Self { folder, left: segments.into(), drained, at, part: None, mark }
    }

    /// Waits until there may be more. False: the journal is closed, and nothing more will come.
    pub async fn more(&mut self) -> bool {
        self.mark.changed().await.is_ok()
    }

    /// Whether the journal is closed: what it holds now is all.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.mark.has_changed().is_err()
    }

    /// The next entry that is not in the lake yet. Blocks on the disk.
    ///
    /// # Errors
    /// The disk's; the same may be tried again.
    pub fn read(&mut self) -> io::Result<Next> {
        loop {
            if self.part.is_none() && !self.load()? {
                return Ok(Next::Nothing);
            }
            let Some((name, offset, bytes)) = &mut self.part else { continue };
            match entry::parse(bytes) {
                Found::End => self.part = None,
                Found::Entry(found, length) => {
                    *bytes = bytes.slice(length..);
                    *offset += length as u64;
                    if found.sequence > self.drained {
                        return Ok(Next::Entry(found));
                    }
                }
                broken => {
                    let end = entry::resume(bytes);
                    let damage = bytes.slice(..end.unwrap_or(bytes.len()));
                    let found = Next::Damage { file: name.clone(), offset: *offset, bytes: damage };
                    *offset += end.unwrap_or(bytes.len()) as u64;
                    *bytes = bytes.slice(end.unwrap_or(bytes.len())..);
                    // A write that was torn at the end of a file was never acknowledged.
                    if broken == Found::Torn && end.is_none() {
                        continue;
                    }
                    return Ok(found);
                }
            }
        }
    }

    /// Takes up the next part of the journal; false: there is none now.
    fn load(&mut self) -> io::Result<bool> {
        if let Some((_, path)) = self.left.front() {
            let bytes = Bytes::from(std::fs::read(path)?);
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            self.part = Some((name, 0, bytes));
            self.left.pop_front();
            return Ok(true);
        }
        let mark = *self.mark.borrow();
        loop {
            let path = segment_path(&self.folder, self.at.segment);
            let end = (self.at.segment == mark.segment).then_some(mark.offset);
            if let Some(bytes) = read_from(&path, self.at.offset, end)? {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let offset = self.at.offset;
                self.at.offset += bytes.len() as u64;
                self.part = Some((name, offset, bytes));
                return Ok(true);
            }
            if self.at.segment >= mark.segment {
                return Ok(false);
            }
            self.at = Mark { segment: self.at.segment + 1, offset: 0 };
        }
    }
}

/// The bytes of a file from a place on, up to another or to its end; `None`: there are none.
fn read_from(path: &PathBuf, from: u64, end: Option<u64>) -> io::Result<Option<Bytes>> {
    if end.is_some_and(|end| end <= from) {
        return Ok(None);
    }
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(end.map_or(u64::MAX, |end| end - from)).read_to_end(&mut bytes)?;
    Ok((!bytes.is_empty()).then(|| bytes.into()))
}
