//! Vacuum: files that no version needs any more are deleted from the store.
//!
//! They are of three kinds: compacted or dropped files, whose removal is recorded and has aged; files that a writer staged
//! and never committed; and, on a local disk, halves of files that a killed process left behind. All of them wait out the
//! retention, since a reader may still be at an old version and a writer may still be about to commit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use deltalake::DeltaTable;
use deltalake::operations::vacuum::{Clock, VacuumMode};

use crate::{Lake, LakeError};

/// What may be deleted, and whether it is.
#[derive(Debug, Clone)]
pub struct VacuumOptions {
    /// How long a file has to be unneeded: longer than any query and any write takes. A week by default, an hour at least.
    pub retention: Duration,
    /// Only say what would be deleted.
    pub dry_run: bool,
    /// The time to judge ages by; now where absent.
    pub now: Option<DateTime<Utc>>,
}

impl Default for VacuumOptions {
    fn default() -> Self {
        Self { retention: Duration::from_secs(7 * 24 * 3600), dry_run: false, now: None }
    }
}

/// What vacuum deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VacuumReport {
    /// The paths of the deleted files, below the table's folder.
    pub deleted: Vec<String>,
}

const LEAST_RETENTION: Duration = Duration::from_secs(3600);

#[derive(Debug)]
struct At(DateTime<Utc>);

impl Clock for At {
    fn current_timestamp_millis(&self) -> i64 {
        self.0.timestamp_millis()
    }
}

impl Lake {
    /// Deletes the files of a table that no version has needed for the retention.
    ///
    /// # Errors
    /// [`LakeError::Argument`] for a retention below an hour, [`LakeError::NoTable`], and the store's.
    pub async fn vacuum(&self, table: &str, options: VacuumOptions) -> Result<VacuumReport, LakeError> {
        if options.retention < LEAST_RETENTION {
            return Err(LakeError::Argument(
                "a vacuum retention below an hour could delete what a writer is about to commit".into(),
            ));
        }
        let table = self.table(table)?;
        if table.refresh().await?.is_none() {
            return Err(LakeError::NoTable(table.name.clone()));
        }
        let now = options.now.unwrap_or_else(Utc::now);
        let retention =
            chrono::Duration::from_std(options.retention).map_err(|error| LakeError::Argument(error.to_string()))?;
        let mut loaded = DeltaTable::new(table.log.clone());
        loaded.update_incremental(None).await?;
        let (_, metrics) = loaded
            .vacuum()
            .with_mode(VacuumMode::Full)
            .with_retention_period(retention)
            .with_enforce_retention_duration(false)
            .with_clock(Arc::new(At(now)))
            .with_dry_run(options.dry_run)
            .await?;
        let mut deleted = metrics.files_deleted;
        if let Ok(folder) = table.log.root_url().to_file_path() {
            let before = SystemTime::from(now - retention);
            let dry_run = options.dry_run;
            let torn = tokio::task::spawn_blocking(move || sweep(&folder, before, dry_run)).await??;
            deleted.extend(torn);
        }
        deleted.sort();
        deleted.dedup();
        Ok(VacuumReport { deleted })
    }
}

/// Deletes staged files (`…#<digits>`), which the store's listings hide, that were last written before `before`.
fn sweep(folder: &Path, before: SystemTime, dry_run: bool) -> Result<Vec<String>, LakeError> {
    let mut deleted = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next)? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && is_staged(&entry.file_name()) && entry.metadata()?.modified()? < before {
                if !dry_run {
                    std::fs::remove_file(&path)?;
                }
                let below = path.strip_prefix(folder).unwrap_or(&path);
                deleted.push(below.to_string_lossy().into_owned());
            }
        }
    }
    Ok(deleted)
}

fn is_staged(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    name.rsplit_once('#').is_some_and(|(_, digits)| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}
