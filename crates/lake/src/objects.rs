//! Objects of other buckets: what an ingest lists and reads, over the same storage as the lake's own.

use std::collections::HashMap;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Attribute, GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt};

use crate::storage::Storage;
use crate::{LakeError, LakeOptions};

/// A bucket prefix (or folder) to read from.
#[derive(Debug, Clone)]
pub struct Bucket {
    storage: Storage,
}

/// An object as its bucket lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object's key, from the bucket's root.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// The entity tag; where there is none, the time of modification in microseconds.
    pub revision: String,
}

impl Bucket {
    /// Opens `s3://bucket/prefix`.
    ///
    /// # Errors
    /// As [`crate::Lake::open`].
    pub fn open(uri: &str, options: &LakeOptions) -> Result<Self, LakeError> {
        let storage = Storage::open(uri, options)?;
        Ok(Self { storage })
    }

    /// The address of an object by its key.
    #[must_use]
    pub fn address(&self, key: &str) -> String {
        format!("{}{key}", self.storage.root_url())
    }

    /// The objects below the prefix, in the order of the bucket. The prefix may itself be an object.
    pub fn list(&self) -> BoxStream<'_, Result<Listed, LakeError>> {
        let below = self.storage.root.list(Some(&self.storage.prefix));
        let itself = futures::stream::once(async {
            if self.storage.prefix.is_root() {
                return None;
            }
            self.storage.root.head(&self.storage.prefix).await.ok().map(Ok)
        });
        itself.filter_map(std::future::ready).chain(below).map_ok(Listed::from).map_err(LakeError::from).boxed()
    }

    /// The bytes of an object.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(&self, key: &str) -> Result<Bytes, LakeError> {
        let path = Path::parse(key).map_err(object_store::Error::from)?;
        Ok(self.storage.root.get(&path).await?.bytes().await?)
    }

    /// What an object's uploader noted beside it (`x-amz-meta-…`, without the prefix).
    ///
    /// # Errors
    /// The store's.
    pub async fn metadata(&self, key: &str) -> Result<HashMap<String, String>, LakeError> {
        let path = Path::parse(key).map_err(object_store::Error::from)?;
        let found = self.storage.root.get_opts(&path, GetOptions::new().with_head(true)).await?;
        let own = found.attributes.iter().filter_map(|(name, value)| match name {
            Attribute::Metadata(name) => Some((name.to_lowercase(), value.as_ref().to_owned())),
            _ => None,
        });
        Ok(own.collect())
    }
}

impl From<ObjectMeta> for Listed {
    fn from(meta: ObjectMeta) -> Self {
        let modified = meta.last_modified.timestamp_micros();
        Self {
            key: meta.location.to_string(),
            size: meta.size,
            revision: meta.e_tag.unwrap_or_else(|| modified.to_string()),
        }
    }
}
