//! The lake: the tables below one address, opened on demand and shared by everybody in the process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use object_store::ObjectStore;
use tokio::sync::Semaphore;
use url::Url;

use crate::snapshot::Snapshot;
use crate::storage::Storage;
use crate::table::Table;
use crate::{LakeError, LakeOptions};

/// A lake of Delta tables. Clones share its tables, caches and locks.
#[derive(Debug, Clone)]
pub struct Lake {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    storage: Storage,
    options: LakeOptions,
    tables: Mutex<HashMap<String, Arc<Table>>>,
    encoders: Arc<Semaphore>,
}

impl Lake {
    /// Opens the lake at a local folder (created where it is missing) or at `s3://bucket/prefix`.
    ///
    /// # Errors
    /// [`LakeError::Location`] where the address can't be used; for a bucket, what resolving credentials gave.
    pub fn open(uri: &str, options: LakeOptions) -> Result<Self, LakeError> {
        let storage = Storage::open(uri, &options)?;
        let encoders = Arc::new(Semaphore::new(options.encoders.max(1)));
        Ok(Self { inner: Arc::new(Inner { storage, options, tables: Mutex::default(), encoders }) })
    }

    /// The address of the lake, ending with `/`.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.inner.storage.base
    }

    /// The store to register with a query engine, and the address to register it under (`file:///`, `s3://bucket/`):
    /// every [`crate::DataFile::location`] resolves in it.
    #[must_use]
    pub fn object_store(&self) -> (Url, Arc<dyn ObjectStore>) {
        let storage = &self.inner.storage;
        (storage.root_url(), storage.root.clone())
    }

    /// The newest version of a table; `None` while nothing was appended to it. Fresh for every call: the log's new
    /// entries are read, the rest is remembered.
    ///
    /// # Errors
    /// The store's and the format's, and [`LakeError::Unsupported`] where the log asks for more than this version reads.
    pub async fn snapshot(&self, table: &str) -> Result<Option<Snapshot>, LakeError> {
        let loaded = self.table(table)?.refresh().await?;
        Ok(loaded.map(|loaded| loaded.snapshot))
    }

    /// The names of the tables that exist, sorted.
    ///
    /// # Errors
    /// The store's.
    pub async fn tables(&self) -> Result<Vec<String>, LakeError> {
        let storage = &self.inner.storage;
        let listing = storage.root.list_with_delimiter(Some(&storage.prefix)).await?;
        let mut names = Vec::new();
        for folder in listing.common_prefixes {
            let Some(name) = folder.filename().filter(|name| is_table_name(name)) else {
                continue;
            };
            let log = folder.clone().join("_delta_log");
            if storage.root.list(Some(&log)).next().await.is_some() {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The handle of a table, whether it exists or not.
    pub(crate) fn table(&self, name: &str) -> Result<Arc<Table>, LakeError> {
        if !is_table_name(name) {
            return Err(LakeError::TableName(name.into()));
        }
        let mut tables = self.inner.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = tables.get(name) {
            return Ok(table.clone());
        }
        let budget = self.inner.options.once_budget;
        let table = Arc::new(Table::new(name, &self.inner.storage, budget)?);
        tables.insert(name.into(), table.clone());
        Ok(table)
    }

    /// The places for files that are encoded at the same time.
    pub(crate) fn encoders(&self) -> &Arc<Semaphore> {
        &self.inner.encoders
    }
}

/// A table's name is a folder's, and goes into SQL unquoted.
fn is_table_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
