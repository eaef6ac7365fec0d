//! What a reader sees: the active data files of one version of a table.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use deltalake::kernel::{Add, LogicalFileView};
use deltalake::table::state::DeltaTableState;
use url::Url;

use crate::LakeError;
use crate::partition::days_of;
use crate::spec::PARTITION;
use crate::stats::{FileStats, days};

/// The active files of one version. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The version of the table, counted up by every commit.
    pub version: i64,
    /// The table's columns, partition column included; the files lack the partition column, and those written before
    /// a column was added lack that too.
    pub schema: SchemaRef,
    /// The files that hold the version's rows, in no order.
    pub files: Arc<[DataFile]>,
}

impl Snapshot {
    /// Rows of the snapshot; `None` where a writer left the counts out.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Bytes of the data files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// One Parquet file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// The absolute address, below the address that [`crate::Lake::object_store`] gives.
    pub location: Url,
    /// The path below the table's folder, as the log has it.
    pub path: Arc<str>,
    /// Bytes.
    pub size: u64,
    /// Rows, where the writer counted them.
    pub rows: Option<u64>,
    /// The partition, days since 1970-01-01 (UTC): the day of the rows where [`DataFile::day`] says so.
    pub event_date: Option<i32>,
    /// The least `event_time`: microseconds since 1970-01-01 (UTC).
    pub min_time: Option<i64>,
    /// The greatest `event_time`, never less than the file's own.
    pub max_time: Option<i64>,
    /// The least and the greatest `ingest_time`, as far as the writer noted them.
    pub ingested: (Option<i64>, Option<i64>),
}

impl DataFile {
    /// The first and the last day that its rows are of, days since 1970-01-01 (UTC); `None`: any day.
    #[must_use]
    pub fn days(&self) -> Option<(i32, i32)> {
        days_of(self.event_date, (self.min_time, self.max_time))
    }

    /// The day that its rows are of and that its partition says: `None` for rows of several days, whose times were flagged when
    /// they came in.
    #[must_use]
    pub fn day(&self) -> Option<i32> {
        self.event_date.filter(|day| self.days() == Some((*day, *day)))
    }

    /// Whether the file may hold a row whose time lies in `[from, until)`, microseconds.
    #[must_use]
    pub fn may_hold(&self, from: i64, until: i64) -> bool {
        self.min_time.is_none_or(|min| min < until) && self.max_time.is_none_or(|max| max >= from)
    }

    /// The file of an entry of the log.
    pub(crate) fn added(root: &Url, add: &Add) -> Result<Self, LakeError> {
        let stats = add.stats.as_deref().map(FileStats::read).unwrap_or_default();
        let date = add.partition_values.get(PARTITION).cloned().flatten();
        Ok(Self {
            location: locate(root, &add.path)?,
            size: u64::try_from(add.size).unwrap_or_default(),
            rows: stats.rows,
            event_date: date.as_deref().and_then(days),
            min_time: stats.min_time,
            max_time: stats.max_time,
            ingested: stats.ingested,
            path: add.path.as_str().into(),
        })
    }

    fn new(table: &str, root: &Url, view: &LogicalFileView) -> Result<Self, LakeError> {
        if view.deletion_vector_descriptor().is_some() {
            return Err(LakeError::Unsupported { table: table.into(), feature: "deletion vectors" });
        }
        let path = view.path();
        let stats = view.stats().map(|json| FileStats::read(&json)).unwrap_or_default();
        let date = view.partition_values_map().remove(PARTITION).flatten();
        Ok(Self {
            location: locate(root, &path)?,
            size: u64::try_from(view.size()).unwrap_or_default(),
            rows: stats.rows,
            event_date: date.as_deref().and_then(days),
            min_time: stats.min_time,
            max_time: stats.max_time,
            ingested: stats.ingested,
            path: path.into(),
        })
    }
}

/// The address of a file by its path in the log: relative to the table, or an address itself.
fn locate(root: &Url, path: &str) -> Result<Url, LakeError> {
    let bad = || LakeError::Location { uri: path.into(), reason: "not the path of a data file".into() };
    if path.contains("://") {
        return Url::parse(path).map_err(|_| bad());
    }
    let mut url = root.clone();
    url.path_segments_mut().map_err(|()| bad())?.pop_if_empty().extend(path.split('/'));
    Ok(url)
}

/// The files of `state`; those that `before` knows are not read from the log again.
pub(crate) fn read_files(
    table: &str,
    root: &Url,
    state: &DeltaTableState,
    before: &[DataFile],
) -> Result<Arc<[DataFile]>, LakeError> {
    let known: HashMap<&str, &DataFile> = before.iter().map(|f| (f.path.as_ref(), f)).collect();
    state
        .log_data()
        .iter()
        .map(|view| match known.get(view.path().as_ref()) {
            Some(file) => Ok((*file).clone()),
            None => DataFile::new(table, root, &view),
        })
        .collect()
}
