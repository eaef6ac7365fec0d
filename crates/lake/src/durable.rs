//! A local object store whose writes survive a power cut.
//!
//! `object_store`'s file system never calls fsync: a killed process loses nothing, a power cut may lose what was
//! acknowledged, or leave a commit entry of zero bytes. Here a write is on the disk (file and folder) before it is
//! visible under its name, so a commit entry is either whole or absent, and the data it names was synced before it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

const STORE: &str = "DurableFileSystem";

/// The local file system from its root, with synced writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct DurableFileSystem {
    inner: Arc<LocalFileSystem>,
}

impl std::fmt::Display for DurableFileSystem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(STORE)
    }
}

#[async_trait]
impl ObjectStore for DurableFileSystem {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        if matches!(opts.mode, PutMode::Update(_)) || !opts.attributes.is_empty() {
            return Err(Error::NotImplemented {
                operation: "conditional update or attributes".into(),
                implementer: STORE.into(),
            });
        }
        let path = self.inner.path_to_filesystem(location)?;
        let create_only = matches!(opts.mode, PutMode::Create);
        blocking(move || put_synced(&path, &payload, create_only)).await?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        let path = self.inner.path_to_filesystem(location)?;
        let target = path.clone();
        blocking(move || create_folders_synced(&target).map_err(|e| failed(&target, e))).await?;
        let inner = self.inner.put_multipart_opts(location, opts).await?;
        Ok(Box::new(SyncedUpload { inner, path }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[std::ops::Range<u64>]) -> Result<Vec<bytes::Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// A multipart upload that is synced when it is completed.
#[derive(Debug)]
struct SyncedUpload {
    inner: Box<dyn MultipartUpload>,
    path: PathBuf,
}

#[async_trait]
impl MultipartUpload for SyncedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.inner.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let result = self.inner.complete().await?;
        let path = self.path.clone();
        blocking(move || {
            File::open(&path)
                .and_then(|file| file.sync_all())
                .and_then(|()| sync_parent(&path))
                .map_err(|e| failed(&path, e))
        })
        .await?;
        Ok(result)
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::JoinError { source: error }),
    }
}

fn failed(path: &FsPath, source: io::Error) -> Error {
    if source.kind() == ErrorKind::AlreadyExists {
        return Error::AlreadyExists { path: path.display().to_string(), source: source.into() };
    }
    Error::Generic { store: STORE, source: format!("{}: {source}", path.display()).into() }
}

/// Writes beside the target, syncs, and only then gives it its name.
fn put_synced(path: &FsPath, payload: &PutPayload, create_only: bool) -> Result<()> {
    create_folders_synced(path).map_err(|e| failed(path, e))?;
    let staged = staged_path(path);
    let outcome = write_synced(&staged, payload)
        .and_then(|()| if create_only { fs::hard_link(&staged, path) } else { fs::rename(&staged, path) })
        .and_then(|()| sync_parent(path));
    if create_only || outcome.is_err() {
        // The name `…#<digits>` is hidden from listings: a leftover costs space, never rows.
        let _ = fs::remove_file(&staged);
    }
    outcome.map_err(|e| failed(path, e))
}

/// `<path>#<digits>`, which object_store's listings skip. Unique among processes and calls.
fn staged_path(path: &FsPath) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let serial = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut name = path.as_os_str().to_owned();
    name.push(format!("#{}{serial:012}", std::process::id()));
    PathBuf::from(name)
}

fn write_synced(path: &FsPath, payload: &PutPayload) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    for part in payload {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// Creates the missing folders above `path`, syncing each folder that got a new entry.
fn create_folders_synced(path: &FsPath) -> io::Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    let missing: Vec<&FsPath> = folder.ancestors().take_while(|a| !a.exists()).collect();
    for folder in missing.into_iter().rev() {
        match fs::create_dir(folder) {
            Ok(()) => sync_parent(folder)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn sync_parent(path: &FsPath) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Other systems can't open a folder to sync it.
#[cfg(not(unix))]
fn sync_parent(_path: &FsPath) -> io::Result<()> {
    Ok(())
}
