//! The dashboards: those that travel in the binary, read once at the start, and the user's own beside them, files of one
//! folder that is read when they are asked for. What is listed is checked, what is opened is the file. Own ones are written
//! whole or not at all, and only over the version that the writer has seen.

mod check;
mod import;
mod write;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::Deserialize;
use sha2::{Digest, Sha256};

pub use check::check;
pub use import::from_opensearch;
pub use write::Seen;

use crate::error::ServeError;
use crate::wire::{DashboardFile, DashboardSummary, Wording};

/// Largest file that is taken for a dashboard.
const LARGEST: u64 = 4 << 20;

/// The dashboards of an installation. All calls read or write the folder: not for the async threads.
pub struct Dashboards {
    embedded: Vec<(DashboardSummary, &'static str)>,
    folder: Option<PathBuf>,
    /// One writer at a time.
    writing: Mutex<()>,
}

/// One dashboard's file.
#[derive(Debug)]
pub struct Stored {
    /// Its JSON text.
    pub json: Cow<'static, str>,
    /// Whether it comes with the program.
    pub builtin: bool,
}

impl Stored {
    /// Changes with each change of the file: an entity tag without its quotes.
    #[must_use]
    pub fn version(&self) -> String {
        Sha256::digest(self.json.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Why a dashboard is not written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is none of that id.
    #[error("there is no such dashboard")]
    Missing,
    /// There is one of that id.
    #[error("there is a dashboard `{0}` already")]
    Exists(String),
    /// It can't be changed.
    #[error("the dashboard `{0}` comes with the program and can't be changed; copy it")]
    Builtin(String),
    /// Somebody else was faster.
    #[error("the dashboard was changed since you opened it")]
    Changed,
    /// Too large.
    #[error("a dashboard has at most {LARGEST} bytes")]
    TooLarge,
    /// This server has no folder for them.
    #[error("no folder is set for dashboards of one's own")]
    NoFolder,
    /// The folder or the file.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
}

/// What the list shows of a file.
#[derive(Deserialize)]
struct Head {
    id: String,
    title: Wording,
    #[serde(default)]
    description: Wording,
    #[serde(default)]
    order: i64,
}

impl Head {
    fn summary(self, builtin: bool) -> DashboardSummary {
        let (title, description) = (self.title.whole(), self.description.whole());
        DashboardSummary { id: self.id, title, description, order: self.order, builtin }
    }
}

impl Dashboards {
    /// Those of the program, and those of the folder.
    ///
    /// # Errors
    /// Where one that travels in the binary can't be read.
    pub fn open(folder: Option<PathBuf>) -> Result<Self, ServeError> {
        let embedded = assets::dashboards()
            .map(|(id, json)| match serde_json::from_str::<Head>(json) {
                Ok(head) => Ok((head.summary(true), json)),
                Err(source) => Err(ServeError::Dashboard { id: id.to_owned(), source }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { embedded, folder, writing: Mutex::default() })
    }

    /// All dashboards in their order.
    pub fn list(&self) -> Vec<DashboardSummary> {
        let own = self.own().into_iter().map(|(summary, _)| summary);
        let mut all: Vec<DashboardSummary> =
            self.embedded.iter().map(|(summary, _)| summary.clone()).chain(own).collect();
        all.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        all
    }

    /// A dashboard's file.
    pub fn read(&self, id: &str) -> Option<Stored> {
        if let Some((_, json)) = self.embedded.iter().find(|(summary, _)| summary.id == id) {
            return Some(Stored { json: Cow::Borrowed(json), builtin: true });
        }
        let (_, json) = self.own().into_iter().find(|(summary, _)| summary.id == id)?;
        Some(Stored { json: Cow::Owned(json), builtin: false })
    }

    /// Whether the program brings one of that id.
    pub fn is_builtin(&self, id: &str) -> bool {
        self.embedded.iter().any(|(summary, _)| summary.id == id)
    }

    /// The user's dashboards. A file that is none, or has the name of a built-in one, is left out with a warning.
    fn own(&self) -> Vec<(DashboardSummary, String)> {
        let Some(folder) = &self.folder else { return Vec::new() };
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        let read = |path: &PathBuf| match self.read_own(path) {
            Ok(found) => Some(found),
            Err(why) => {
                tracing::warn!(file = %path.display(), why, "a dashboard is left out");
                None
            }
        };
        paths.iter().filter_map(read).collect()
    }

    fn read_own(&self, path: &Path) -> Result<(DashboardSummary, String), String> {
        let size = path.metadata().map_err(|error| error.to_string())?.len();
        if size > LARGEST {
            return Err(format!("it has more than {LARGEST} bytes"));
        }
        let json = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let head: Head = serde_json::from_str(&json).map_err(|error| error.to_string())?;
        if path.file_stem().is_none_or(|stem| stem != head.id.as_str()) {
            return Err(format!("its id is `{}`, which is not its name", head.id));
        }
        if self.is_builtin(&head.id) {
            return Err("a dashboard that comes with the product has this name".to_owned());
        }
        Ok((head.summary(false), json))
    }
}

/// The text of a dashboard's file.
///
/// # Errors
/// [`Refusal::TooLarge`].
pub fn text_of(file: &DashboardFile) -> Result<String, Refusal> {
    let text = serde_json::to_string_pretty(file).map_err(|_| Refusal::TooLarge)? + "\n";
    if text.len() as u64 > LARGEST { Err(Refusal::TooLarge) } else { Ok(text) }
}
