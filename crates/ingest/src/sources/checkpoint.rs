//! How far a source has come, in a small file that is replaced at once or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The checkpoint of one source.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    file: PathBuf,
}

impl Checkpoint {
    /// The checkpoint of the source `name` in a folder, which is made when the first is written.
    ///
    /// # Errors
    /// The name is no file name.
    pub fn new(folder: impl Into<PathBuf>, name: &str) -> io::Result<Self> {
        let good = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(good) {
            let message = format!("`{name}` is no name of a source: letters, digits, -, _ and . only");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(Self { file: folder.into().join(format!("{name}.json")) })
    }

    /// What was saved last. A file that is damaged is begun anew: that costs reading, and doubles nothing.
    pub(crate) fn load<T: DeserializeOwned + Default>(&self) -> T {
        let text = match fs::read(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return T::default(),
            Err(error) => {
                tracing::warn!(file = %self.file.display(), %error, "a checkpoint can't be read; the source begins anew");
                return T::default();
            }
        };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(file = %self.file.display(), %error, "a checkpoint is damaged; the source begins anew");
            T::default()
        })
    }

    /// Saves; durable when it returns.
    pub(crate) fn save<T: Serialize>(&self, state: &T) -> io::Result<()> {
        let folder = self.file.parent().map_or_else(|| PathBuf::from("."), PathBuf::from);
        fs::create_dir_all(&folder)?;
        let fresh = self.file.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(state)?)?;
        file.sync_all()?;
        fs::rename(&fresh, &self.file)?;
        File::open(folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::new(folder.path().join("new"), "trail-1").unwrap();
        assert_eq!(checkpoint.load::<Vec<u8>>(), Vec::<u8>::new());
        checkpoint.save(&vec![1, 2]).unwrap();
        checkpoint.save(&vec![3]).unwrap();
        assert_eq!(checkpoint.load::<Vec<u8>>(), [3]);
        fs::write(&checkpoint.file, "[3").unwrap();
        assert_eq!(checkpoint.load::<Vec<u8>>(), Vec::<u8>::new());
        for wrong in ["", "a/b", "..", ".x", "日本"] {
            assert!(Checkpoint::new(folder.path(), wrong).is_err(), "{wrong}");
        }
    }
}
