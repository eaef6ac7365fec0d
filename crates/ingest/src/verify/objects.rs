//! The objects of a trail's bucket: in the bucket, as a folder that was copied from it, or as a lake remembers them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use lake::{Bucket, ErrorKind, LakeOptions};

use super::digest::{self, hash};
use super::kept::Kept;
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
    /// A lake that took the logs in: it has the digests and the logs' hashes.
    Lake(Kept),
}

/// What reading a log file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Hexadecimal SHA-256 of its decompressed bytes.
    Hash(String),
    /// There is no such object.
    Missing,
    /// It may still come, or what came can't tell; the reason says which.
    Pending(String),
    /// It could not be read.
    Unreadable(String),
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
            Self::Lake(kept) => Ok(kept.names()),
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
            Self::Lake(kept) => kept.digest(key).map_or(Found::Missing, |text| Found::Bytes(text.as_bytes().to_vec())),
        }
    }

    /// What a log file holds.
    pub(super) async fn content(&self, key: &str) -> Content {
        if let Self::Lake(kept) = self {
            return kept.content(key);
        }
        let bytes = match self.read(key).await {
            Found::Bytes(bytes) => bytes,
            Found::Missing => return Content::Missing,
            Found::Unreadable(reason) => return Content::Unreadable(reason),
        };
        match event::compression::decompress(&bytes, digest::MOST) {
            Ok(text) => Content::Hash(hash(&text)),
            Err(error) => Content::Unreadable(error.to_string()),
        }
    }

    /// Whether an object without a signature may still get one: a lake has it when the next digest comes.
    pub(super) fn is_growing(&self) -> bool {
        matches!(self, Self::Lake(_))
    }

    /// The signature that lies beside an object: `at` is its place here, `object` its key in the bucket.
    pub(super) async fn signature(&self, at: &str, object: &str) -> Option<Signature> {
        match self {
            Self::Bucket(bucket) => signature_of(bucket, at).await,
            Self::Folder { signatures, .. } => signatures.of(object).or_else(|| signatures.of(at)).cloned(),
            Self::Lake(kept) => kept.signature(at),
        }
    }
}

/// The signature in an object's metadata.
pub(crate) async fn signature_of(bucket: &Bucket, key: &str) -> Option<Signature> {
    let found = bucket.metadata(key).await.ok()?;
    let get = |name: &str| found.get(name).cloned();
    Some(Signature {
        signature: get("signature")?,
        algorithm: get("signature-algorithm").unwrap_or_default(),
        generated: get("backfill-generation-timestamp"),
    })
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
