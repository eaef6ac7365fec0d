//! What there is to take in: the files of folders and the objects of buckets, in the order of time where their names tell it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use futures::TryStreamExt;
use lake::{Bucket, LakeOptions, ObjectVersion};

use crate::IngestError;
use crate::iceberg::keep_current;
use crate::verify::Signature;

/// An object to take in.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is.
    pub place: Place,
    /// Bytes.
    pub size: u64,
    /// Entity tag, or time of modification.
    pub revision: String,
    /// The signature beside it: digest files in a bucket have one.
    pub signature: Option<Signature>,
}

/// What standard input is called.
pub(crate) const STDIN: &str = "stdin";

/// Where an object is.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// An object of a bucket, by its key.
    Object(Arc<Bucket>, String),
    /// Elsewhere: its content is delivered with it. The address.
    Given(String),
    /// Standard input.
    Stdin,
}

/// What was found below the given paths.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Objects to take in, oldest first as far as their names tell.
    pub sources: Vec<Source>,
    /// CloudTrail digest files: they prove logs and hold no events.
    pub digests: Vec<Source>,
    /// Folders and files that could not be looked at, with the reason.
    pub unreadable: Vec<(String, String)>,
}

impl Source {
    /// The path or address, as in the column `origin`.
    #[must_use]
    pub fn origin(&self) -> String {
        match &self.place {
            Place::File(path) => path.to_string_lossy().into_owned(),
            Place::Object(bucket, key) => bucket.address(key),
            Place::Given(address) => address.clone(),
            Place::Stdin => STDIN.to_owned(),
        }
    }

    /// The object's entry in the ledger.
    #[must_use]
    pub fn version(&self) -> ObjectVersion {
        ObjectVersion { object: self.origin(), size: self.size, revision: self.revision.clone() }
    }

    fn name(&self) -> &str {
        match &self.place {
            Place::File(path) => path.file_name().and_then(|name| name.to_str()).unwrap_or_default(),
            Place::Object(_, key) | Place::Given(key) => key.rsplit('/').next().unwrap_or(key),
            Place::Stdin => STDIN,
        }
    }
}

/// Looks up what is at `paths`: files, folders (all below them), `s3://bucket/prefix`; `-` is standard input.
///
/// Hidden files and folders are left out, and of Iceberg tables (Security Lake's) everything but the
/// data of their current snapshots. Whether a file is a log is decided by its content.
///
/// # Errors
/// [`IngestError::Path`] where a path does not exist, [`IngestError::Lake`] where a bucket can't be listed.
pub async fn discover(paths: &[String], options: &LakeOptions) -> Result<Discovery, IngestError> {
    let mut found = Discovery::default();
    for path in paths {
        if path == "-" {
            // No two inputs are the same, however much they look alike.
            let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let revision = now.as_nanos().to_string();
            found.sources.push(Source { place: Place::Stdin, size: 0, revision, signature: None });
            continue;
        }
        if path.starts_with("s3://") || path.starts_with("s3a://") {
            bucket(path, options, &mut found).await?;
        } else {
            let path = PathBuf::from(path);
            found = tokio::task::spawn_blocking(move || folder(&path, &mut found).map(|()| found)).await??;
        }
    }
    keep_current(&mut found).await;
    found.sources.sort_by_cached_key(|source| (delivery_time(source.name()).map(str::to_owned), source.origin()));
    found.sources.dedup_by_key(|source| source.origin());
    Ok(found)
}

async fn bucket(uri: &str, options: &LakeOptions, found: &mut Discovery) -> Result<(), IngestError> {
    let bucket = Arc::new(Bucket::open(uri, options)?);
    let mut objects = bucket.list();
    while let Some(object) = objects.try_next().await? {
        let is_digest = object.key.split('/').any(is_digest_folder);
        if object.key.rsplit('/').next().is_some_and(|name| !is_hidden(name)) {
            let (place, size) = (Place::Object(bucket.clone(), object.key), object.size);
            let source = Source { place, size, revision: object.revision, signature: None };
            if is_digest { &mut found.digests } else { &mut found.sources }.push(source);
        }
    }
    Ok(())
}

/// A path that was named is taken as it is; below it, hidden names are left out.
fn folder(path: &Path, found: &mut Discovery) -> Result<(), IngestError> {
    let metadata = fs::metadata(path)
        .map_err(|error| IngestError::Path { path: path.display().to_string(), reason: error.to_string() })?;
    if !metadata.is_dir() {
        found.sources.push(file(path.to_owned(), &metadata));
        return Ok(());
    }
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        match fs::read_dir(&folder) {
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        Ok(entry) => visit(&entry.path(), &mut folders, found),
                        Err(error) => found.unreadable.push((folder.display().to_string(), error.to_string())),
                    }
                }
            }
            Err(error) => found.unreadable.push((folder.display().to_string(), error.to_string())),
        }
    }
    Ok(())
}

fn visit(path: &Path, folders: &mut Vec<PathBuf>, found: &mut Discovery) {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if is_hidden(&name) {
        return;
    }
    // A link to a folder is not followed: it may lead in circles.
    let linked = path.is_symlink();
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() && !linked => folders.push(path.to_owned()),
        Ok(metadata) if metadata.is_dir() => {}
        Ok(metadata) if path.components().any(|part| is_digest_folder(&part.as_os_str().to_string_lossy())) => {
            found.digests.push(file(path.to_owned(), &metadata));
        }
        Ok(metadata) if metadata.is_file() => found.sources.push(file(path.to_owned(), &metadata)),
        Ok(_) => {}
        Err(error) => found.unreadable.push((path.display().to_string(), error.to_string())),
    }
}

fn file(path: PathBuf, metadata: &fs::Metadata) -> Source {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Source {
        place: Place::File(path),
        size: metadata.len(),
        revision: modified.map_or(0, |time| time.as_micros()).to_string(),
        signature: None,
    }
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// The folder of CloudTrail's digest files.
pub(crate) fn is_digest_folder(name: &str) -> bool {
    name == "CloudTrail-Digest"
}

/// The time in a delivered file's name, `<account>_CloudTrail_<region>_20230710T1240Z_<unique>.json.gz`.
fn delivery_time(name: &str) -> Option<&str> {
    name.split('_').find(|part| {
        let bytes = part.as_bytes();
        bytes.len() == 14
            && bytes[8] == b'T'
            && bytes[13] == b'Z'
            && bytes.iter().enumerate().all(|(at, byte)| matches!(at, 8 | 13) || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_time_of_delivery() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(delivery_time(name), expected, "{name}");
        check("1_CloudTrail_us-east-1_20230710T1240Z_C1qUFaqvZS64BcIN.json.gz", Some("20230710T1240Z"));
        check("1_CloudTrail_us-east-1_20230710X1240Z_C1qUFaqvZS64BcIN.json.gz", None);
        check("events.json", None);
        check("", None);
        check("日本_20230710T1240Z", Some("20230710T1240Z"));
    }
}
