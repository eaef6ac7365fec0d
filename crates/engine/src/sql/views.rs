//! Views and prepared statements: kept beside the engine, by name. They only ever read, and can't take the name of a log.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

/// Most views, and most bytes of one.
const MOST: usize = 1_000;
const LONGEST: usize = 64 << 10;

/// Texts by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Views {
    kept: Arc<Mutex<BTreeMap<String, String>>>,
    prepared: Arc<Mutex<BTreeMap<String, String>>>,
    /// Where views outlive the process: a folder of the lake, if that is one.
    folder: Option<PathBuf>,
}

fn locked(map: &Mutex<BTreeMap<String, String>>) -> MutexGuard<'_, BTreeMap<String, String>> {
    map.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A name that may be a file's.
fn plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= 128 && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

impl Views {
    /// The views in a folder, which need not exist.
    pub(crate) fn in_folder(folder: Option<PathBuf>) -> Self {
        let mut found = BTreeMap::new();
        let entries = folder.as_ref().and_then(|f| std::fs::read_dir(f).ok());
        for entry in entries.into_iter().flatten().flatten().take(MOST) {
            let path = entry.path();
            let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
            if path.extension().is_some_and(|e| e == "sql")
                && plain(&name)
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.insert(name, text);
            }
        }
        Self { kept: Arc::new(Mutex::new(found)), prepared: Arc::default(), folder }
    }

    /// A view's query.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        locked(&self.kept).get(name).cloned()
    }

    /// Names of the views.
    pub(crate) fn names(&self) -> Vec<String> {
        locked(&self.kept).keys().cloned().collect()
    }

    /// Keeps a view; the error says why it can't be.
    pub(crate) fn keep(&self, name: &str, query: &str) -> Result<(), String> {
        if !plain(name) {
            return Err("a view's name has letters, digits, _ and -".to_owned());
        }
        let mut kept = locked(&self.kept);
        if query.len() > LONGEST || (kept.len() >= MOST && !kept.contains_key(name)) {
            return Err(format!("there may be {MOST} views of {LONGEST} bytes"));
        }
        if let Some(folder) = &self.folder {
            let written = std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(folder.join(format!("{name}.sql")), query));
            if let Err(error) = written {
                tracing::warn!(%error, view = name, "the view is kept until the process ends");
            }
        }
        kept.insert(name.to_owned(), query.to_owned());
        Ok(())
    }

    /// Forgets a view or a prepared statement; whether there was one.
    pub(crate) fn forget(&self, name: &str) -> bool {
        let view = locked(&self.kept).remove(name).is_some();
        if let (true, true, Some(folder)) = (view, plain(name), &self.folder) {
            let _ = std::fs::remove_file(folder.join(format!("{name}.sql")));
        }
        locked(&self.prepared).remove(name).is_some() || view
    }

    /// Keeps a prepared statement.
    pub(crate) fn prepare(&self, name: &str, query: &str) {
        let mut prepared = locked(&self.prepared);
        if prepared.len() < MOST && query.len() <= LONGEST {
            prepared.insert(name.to_owned(), query.to_owned());
        }
    }

    /// A prepared statement.
    pub(crate) fn prepared(&self, name: &str) -> Option<String> {
        locked(&self.prepared).get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_outlive_the_engine_and_stay_in_their_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("views");
        let views = Views::in_folder(Some(folder.clone()));
        assert_eq!(views.keep("roots", "SELECT 1"), Ok(()));
        assert!(views.keep("../roots", "SELECT 1").is_err());
        assert_eq!(Views::in_folder(Some(folder.clone())).get("roots").as_deref(), Some("SELECT 1"));
        assert!(views.forget("roots"));
        assert_eq!(Views::in_folder(Some(folder)).names(), Vec::<String>::new());
    }
}
