//! `json-file`: a line of JSON for each notice, appended to a file that other programs read. The file is opened for each
//! line, so that it may be moved away at any time, and is synchronised before the notice counts as delivered.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Deserialize;

use super::settings::{Base, Links, folder_of, keys};
use super::{Failure, Kind, Language, Notice, Sink};

pub(super) const KIND: Kind = Kind { id: "json-file", build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    path: PathBuf,
}

struct JsonFile {
    path: Arc<PathBuf>,
    /// One line at a time.
    turn: Arc<Mutex<()>>,
    language: Language,
    links: Links,
}

fn build(table: toml::Table, base: &Base<'_>) -> Result<Box<dyn Sink>, String> {
    let Keys { path } = keys(table)?;
    folder_of(&path).map_err(|why| format!("`path`: {why}"))?;
    if path.is_dir() {
        return Err(format!("`path`: {} is a folder", path.display()));
    }
    let (path, turn) = (Arc::new(path), Arc::default());
    Ok(Box::new(JsonFile { path, turn, language: base.language, links: base.links.clone() }))
}

#[async_trait]
impl Sink for JsonFile {
    async fn deliver(&self, notice: &Notice) -> Result<(), Failure> {
        let line = notice.document(self.language, self.links.alert(notice).as_deref()).to_string();
        let (path, turn) = (Arc::clone(&self.path), Arc::clone(&self.turn));
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            append(&path, &line)
        });
        let written = written.await.map_err(|error| Failure::for_now(error.to_string()))?;
        written.map_err(|error| Failure::for_now(format!("{}: {error}", self.path.display())))
    }
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    // A line that a crash cut off is ended, so that it spoils no other.
    let cut_off = file.seek(SeekFrom::End(-1)).is_ok() && {
        let mut last = [0];
        file.read_exact(&mut last)?;
        last != *b"\n"
    };
    let start = if cut_off { "\n" } else { "" };
    file.write_all(format!("{start}{line}\n").as_bytes())?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.jsonl");
        append(&path, "{1}").unwrap();
        append(&path, "{2}").unwrap();
        std::fs::write(&path, "{1}\n{2}\n{\"cut").unwrap();
        append(&path, "{3}").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{1}\n{2}\n{\"cut\n{3}\n");
        append(Path::new("/nonexistent/x"), "{}").unwrap_err();
    }
}
