//! The dashboards: those that travel in the binary, read once at the start, and the user's own beside them, files of one
//! folder that is read when they are asked for. What is listed is checked, what is opened is the file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::error::ServeError;
use crate::wire::DashboardSummary;

/// Largest file that is taken for a dashboard.
const LARGEST: u64 = 4 << 20;

pub(crate) struct Dashboards {
    embedded: Vec<(DashboardSummary, &'static str)>,
    folder: Option<PathBuf>,
}

impl Dashboards {
    pub(crate) fn open(folder: Option<PathBuf>) -> Result<Self, ServeError> {
        let embedded = assets::dashboards()
            .map(|(id, json)| match serde_json::from_str::<DashboardSummary>(json) {
                Ok(summary) => Ok((summary, json)),
                Err(source) => Err(ServeError::Dashboard { id: id.to_owned(), source }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { embedded, folder })
    }

    /// All dashboards in their order. Reads the folder: not for the async threads.
    pub(crate) fn list(&self) -> Vec<DashboardSummary> {
        let own = self.own().into_iter().map(|(summary, _)| summary);
        let mut all: Vec<DashboardSummary> =
            self.embedded.iter().map(|(summary, _)| summary.clone()).chain(own).collect();
        all.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        all
    }

    /// A dashboard's file. Reads the folder: not for the async threads.
    pub(crate) fn json(&self, id: &str) -> Option<Cow<'static, str>> {
        let embedded = self.embedded.iter().find(|(summary, _)| summary.id == id).map(|(_, json)| Cow::Borrowed(*json));
        embedded
            .or_else(|| self.own().into_iter().find(|(summary, _)| summary.id == id).map(|(_, json)| Cow::Owned(json)))
    }

    /// The user's dashboards. A file that is none, or has the name of a built-in one, is left out with a warning.
    fn own(&self) -> Vec<(DashboardSummary, String)> {
        let Some(folder) = &self.folder else { return Vec::new() };
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        let read = |path: &PathBuf| match self.read(path) {
            Ok(found) => Some(found),
            Err(why) => {
                tracing::warn!(file = %path.display(), why, "a dashboard is left out");
                None
            }
        };
        paths.iter().filter_map(read).collect()
    }

    fn read(&self, path: &Path) -> Result<(DashboardSummary, String), String> {
        let size = path.metadata().map_err(|error| error.to_string())?.len();
        if size > LARGEST {
            return Err(format!("it has more than {LARGEST} bytes"));
        }
        let json = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let summary: DashboardSummary = serde_json::from_str(&json).map_err(|error| error.to_string())?;
        if path.file_stem().is_none_or(|stem| stem != summary.id.as_str()) {
            return Err(format!("its id is `{}`, which is not its name", summary.id));
        }
        if self.embedded.iter().any(|(known, _)| known.id == summary.id) {
            return Err("a dashboard that comes with the product has this name".to_owned());
        }
        Ok((summary, json))
    }
}
