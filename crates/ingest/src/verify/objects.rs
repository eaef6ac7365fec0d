//! The objects of a trail's bucket: in the bucket, or as a folder that was copied from it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use lake::{Bucket, ErrorKind, LakeOptions};

use super::keys::{Signature, Signatures};
use crate::IngestError;

/// Where the objects are.
pub(super) enum Objects {
    /// A bucket; objects carry their signature with them.
    Bucket(Box<Bucket>),
    /// A folder; signatures come from a file.
    Folder {
        /// The folder that was named.
        root: PathBuf,
        /// The signatures.
        signatures: Signatures,
    },
}

/// What reading an object came to.
pub(super) enum Found {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// There is no such object.
    Missing,
    /// It could not be read.
    Unreadable(String),
}

impl Objects {
    pub(super) fn open(path: &str, storage: &LakeOptions, signatures: Signatures) -> Result<Self, IngestError> {
        if path.starts_with("s3://") || path.starts_with("s3a://") {
            return Ok(Self::Bucket(Box::new(Bucket::open(path, storage)?)));
        }
        let root = PathBuf::from(path);
        if !root.is_dir() {
            return Err(IngestError::Path { path: path.to_owned(), reason: "it is no folder".into() });
        }
        Ok(Self::Folder { root, signatures })
    }

    /// Keys of all objects: from the bucket's root, or from the folder.
    pub(super) async fn list(&self) -> Result<BTreeSet<String>, IngestError> {
        match self {
            Self::Bucket(bucket) => Ok(bucket.list().map_ok(|object| object.key).try_collect().await?),
            Self::Folder { root, .. } => {
                let root = root.clone();
                tokio::task::spawn_blocking(move || files(&root)).await?
            }
        }
    }

    pub(super) async fn read(&self, key: &str) -> Found {
        match self {
            Self::Bucket(bucket) => match bucket.read(key).await {
                Ok(bytes) => Found::Bytes(bytes.to_vec()),
                Err(error) if error.kind() == ErrorKind::NotFound => Found::Missing,
                Err(error) => Found::Unreadable(error.to_string()),
            },
            // A key with `..` would lead out of the folder.
            Self::Folder { .. } if key.split('/').any(|part| part == "..") => Found::Missing,
            Self::Folder { root, .. } => match tokio::fs::read(root.join(key)).await {
                Ok(bytes) => Found::Bytes(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Found::Missing,
                Err(error) => Found::Unreadable(error.to_string()),
            },
        }
    }

    /// The signature that lies beside an object: `at` is its place here, `object` its key in the bucket.
    pub(super) async fn signature(&self, at: &str, object: &str) -> Option<Signature> {
        match self {
            Self::Bucket(bucket) => {
                let found = bucket.metadata(at).await.ok()?;
                let get = |name: &str| found.get(name).cloned();
                Some(Signature {
                    signature: get("signature")?,
                    algorithm: get("signature-algorithm").unwrap_or_default(),
                })
            }
            Self::Folder { signatures, .. } => signatures.of(object).or_else(|| signatures.of(at)).cloned(),
        }
    }
}

fn files(root: &Path) -> Result<BTreeSet<String>, IngestError> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let unread =
            |error: std::io::Error| IngestError::Path { path: folder.display().to_string(), reason: error.to_string() };
        for entry in std::fs::read_dir(&folder).map_err(unread)? {
            let path = entry.map_err(unread)?.path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if let Ok(relative) = path.strip_prefix(root) {
                found.insert(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(found)
}
