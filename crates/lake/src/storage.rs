//! Where a lake lives: a local folder or a bucket prefix, as one object store with absolute paths.

use std::collections::HashMap;
use std::path::Path as FsPath;
use std::sync::Arc;

use deltalake::logstore::{LogStoreRef, StorageConfig, logstore_for, logstore_with};
use object_store::ObjectStore;
use object_store::path::Path;
use url::Url;

use crate::LakeError;
use crate::durable::DurableFileSystem;

/// How to reach and use a lake.
#[derive(Debug, Clone)]
pub struct LakeOptions {
    /// Endpoint of an S3-compatible server; AWS's own where absent. An `http://` endpoint is used as asked for.
    pub endpoint_url: Option<String>,
    /// Region of the bucket; the SDK's own chain (environment, profile) where absent.
    pub region: Option<String>,
    /// Further storage settings by the names of the environment (`AWS_ACCESS_KEY_ID`, …). Without keys the SDK's
    /// credential chain decides.
    pub storage: HashMap<String, String>,
    /// Bytes that a table may keep in memory to know which events it already holds.
    pub once_budget: usize,
    /// Files encoded at the same time.
    pub encoders: usize,
}

impl Default for LakeOptions {
    fn default() -> Self {
        Self {
            endpoint_url: None,
            region: None,
            storage: HashMap::new(),
            once_budget: 64 << 20,
            encoders: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        }
    }
}

impl LakeOptions {
    /// The settings by the names that the object store and the table format know.
    fn settings(&self) -> HashMap<String, String> {
        let mut settings = self.storage.clone();
        if let Some(endpoint) = &self.endpoint_url {
            settings.insert("AWS_ENDPOINT_URL".into(), endpoint.trim_end_matches('/').into());
            if endpoint.starts_with("http://") {
                settings.insert("AWS_ALLOW_HTTP".into(), "true".into());
            }
        }
        if let Some(region) = &self.region {
            settings.insert("AWS_REGION".into(), region.clone());
        }
        settings
    }
}

/// One object store, and the place of something in it.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    /// The address, ending with `/`.
    pub(crate) base: Url,
    /// The store, rooted at the file system's root or the bucket's.
    pub(crate) root: Arc<dyn ObjectStore>,
    /// The address's path below the store's root.
    pub(crate) prefix: Path,
    config: StorageConfig,
}

impl Storage {
    /// Opens the storage at `uri`; a local folder is created where it is missing.
    pub(crate) fn open(uri: &str, options: &LakeOptions) -> Result<Self, LakeError> {
        match Url::parse(uri) {
            Ok(url) if matches!(url.scheme(), "s3" | "s3a") => Self::bucket(url, options),
            Ok(url) if url.scheme() == "file" => match url.to_file_path() {
                Ok(path) => Self::folder(&path),
                Err(()) => Err(location(uri, "not a path of this machine")),
            },
            Ok(url) if uri.contains("://") => {
                Err(location(uri, &format!("`{}` is not supported, use a folder or s3://", url.scheme())))
            }
            _ => Self::folder(FsPath::new(uri)),
        }
    }

    fn folder(path: &FsPath) -> Result<Self, LakeError> {
        std::fs::create_dir_all(path)?;
        let path = path.canonicalize()?;
        let base = Url::from_directory_path(&path)
            .map_err(|()| location(&path.display().to_string(), "not an absolute path"))?;
        let prefix =
            Path::from_absolute_path(&path).map_err(|e| location(&path.display().to_string(), &e.to_string()))?;
        Ok(Self { base, root: Arc::new(DurableFileSystem::default()), prefix, config: StorageConfig::default() })
    }

    fn bucket(mut url: Url, options: &LakeOptions) -> Result<Self, LakeError> {
        if url.host_str().is_none_or(str::is_empty) {
            return Err(location(url.as_str(), "it names no bucket"));
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let config = StorageConfig::parse_options(options.settings())?;
        let root = logstore_for(&url, config.clone())?.root_object_store(None);
        let prefix = Path::from_url_path(url.path()).map_err(|e| location(url.as_str(), &e.to_string()))?;
        Ok(Self { base: url, root, prefix, config })
    }

    /// The address under which a query engine registers [`Self::root`].
    pub(crate) fn root_url(&self) -> Url {
        let mut url = self.base.clone();
        url.set_path("/");
        url
    }

    /// The log of the table `name`.
    pub(crate) fn log_store(&self, name: &str) -> Result<LogStoreRef, LakeError> {
        let url = self.base.join(&format!("{name}/")).map_err(|e| location(name, &e.to_string()))?;
        Ok(logstore_with(self.root.clone(), &url, self.config.clone())?)
    }

    /// The folder of the table `name` below the store's root.
    pub(crate) fn table_path(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }
}

fn location(uri: &str, reason: &str) -> LakeError {
    LakeError::Location { uri: uri.into(), reason: reason.into() }
}
