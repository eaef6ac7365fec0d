//! Writing dashboards: a new name beside the file, synced, then put in its place in one step.

use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};

use super::check::is_id;
use super::{Dashboards, Refusal, Stored, text_of};
use crate::wire::DashboardFile;

/// Which version a change is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Whatever is there.
    Any,
    /// One of these.
    Versions(Vec<String>),
}

impl Seen {
    fn covers(&self, stored: &Stored) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&stored.version()),
        }
    }
}

impl Dashboards {
    /// Stores a new dashboard.
    ///
    /// # Errors
    /// [`Refusal::Exists`] where there is one of that id, built in or not; the folder's.
    pub fn create(&self, file: &DashboardFile) -> Result<Stored, Refusal> {
        let (_turn, text) = (self.turn(), text_of(file)?);
        if self.is_builtin(&file.id) {
            return Err(Refusal::Exists(file.id.clone()));
        }
        let path = self.path(&file.id)?;
        put(&path, &text, |from, to| {
            // Unlike a renaming, a link does not take the place of what is there.
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        })
        .map_err(|error| match error {
            Refusal::File { source, .. } if source.kind() == ErrorKind::AlreadyExists && path.exists() => {
                Refusal::Exists(file.id.clone())
            }
            other => other,
        })?;
        Ok(Stored { json: Cow::Owned(text), builtin: false })
    }

    /// Stores a dashboard in the place of the one with its id.
    ///
    /// # Errors
    /// [`Refusal::Changed`] where that is not what the writer has seen; [`Refusal::Missing`], [`Refusal::Builtin`]; the
    /// folder's.
    pub fn replace(&self, file: &DashboardFile, seen: &Seen) -> Result<Stored, Refusal> {
        let (_turn, text) = (self.turn(), text_of(file)?);
        let path = self.own_path(&file.id, seen)?;
        put(&path, &text, |from, to| std::fs::rename(from, to))?;
        Ok(Stored { json: Cow::Owned(text), builtin: false })
    }

    /// Deletes a dashboard.
    ///
    /// # Errors
    /// As [`Self::replace`].
    pub fn remove(&self, id: &str, seen: &Seen) -> Result<(), Refusal> {
        let _turn = self.turn();
        let path = self.own_path(id, seen)?;
        std::fs::remove_file(&path).map_err(|source| Refusal::File { path, source })
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file of a dashboard that may be changed.
    fn own_path(&self, id: &str, seen: &Seen) -> Result<PathBuf, Refusal> {
        if self.is_builtin(id) {
            return Err(Refusal::Builtin(id.to_owned()));
        }
        let stored = self.read(id).ok_or(Refusal::Missing)?;
        if !seen.covers(&stored) {
            return Err(Refusal::Changed);
        }
        self.path(id)
    }

    /// Where a dashboard's file is. An id that could lead out of the folder is no dashboard's.
    fn path(&self, id: &str) -> Result<PathBuf, Refusal> {
        let folder = self.folder.as_ref().ok_or(Refusal::NoFolder)?;
        if is_id(id) { Ok(folder.join(format!("{id}.json"))) } else { Err(Refusal::Missing) }
    }
}

/// Writes beside `path`, syncs, and puts it there with `place`; nothing is left behind where that fails.
fn put(path: &Path, text: &str, place: impl FnOnce(&Path, &Path) -> std::io::Result<()>) -> Result<(), Refusal> {
    let failed = |source| Refusal::File { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let beside = path.with_extension(format!("json.{:016x}", rand::random::<u64>()));
    let written =
        write(&beside, text).and_then(|()| place(&beside, path)).and_then(|()| File::open(folder)?.sync_all());
    written.map_err(|error| {
        // What can't be removed now is no `.json` and is never read.
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
