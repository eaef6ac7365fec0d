//! Where a refreshed file lies: beside it, what the server said its date is. A new one is written, synced and checked under
//! another name before it takes the place of the old one.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::RefreshError;

pub(super) struct Stored {
    file: PathBuf,
}

impl Stored {
    pub(super) fn at(file: &Path) -> Self {
        Self { file: file.to_owned() }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.file.file_name().unwrap_or_default().to_owned();
        name.push(ending);
        self.file.with_file_name(name)
    }

    /// The date of the file, as the server wrote it; `None` where there is no file, or one that is not good: it has to be
    /// fetched whatever its date.
    pub(super) fn last_modified(&self, good: impl Fn(&Path) -> bool) -> Option<String> {
        let date = fs::read_to_string(self.beside(".last-modified")).ok()?;
        (self.file.is_file() && good(&self.file)).then(|| date.trim().to_owned()).filter(|date| !date.is_empty())
    }

    /// Puts new content in the file's place, if `good` finds nothing wrong with it.
    pub(super) fn replace(
        &self,
        content: &[u8],
        last_modified: Option<&str>,
        good: impl Fn(&Path) -> Result<(), RefreshError>,
    ) -> Result<(), RefreshError> {
        let fresh = self.beside(".new");
        let done = self
            .write(&fresh, content)
            .and_then(|()| good(&fresh))
            .and_then(|()| fs::rename(&fresh, &self.file).map_err(|source| self.failed(&self.file, source)));
        if done.is_err() {
            // What is left of a failed attempt is in nobody's way.
            let _ = fs::remove_file(&fresh);
            return done;
        }
        let date = self.beside(".last-modified");
        fs::write(&date, last_modified.unwrap_or_default()).map_err(|source| self.failed(&date, source))
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), RefreshError> {
        let written = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = File::create(path)?;
            file.write_all(content)?;
            file.sync_all()
        };
        written().map_err(|source| self.failed(path, source))
    }

    fn failed(&self, path: &Path, source: std::io::Error) -> RefreshError {
        RefreshError::Write { path: path.to_owned(), source }
    }
}
