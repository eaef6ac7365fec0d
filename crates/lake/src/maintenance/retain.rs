//! Retention: days that are too old leave the table as a whole, by one log entry and without reading a row.
//!
//! Rows whose time was flagged lie beside rows of other days. They are as old as their time says or as long as they have been
//! here, whichever is longer (an event of the year 9999 has to go one day too): their files leave when all rows have to, and are
//! written again without those that have to.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use chrono::NaiveDate;
use deltalake::kernel::Add;
use deltalake::protocol::DeltaOperation;
use futures::TryStreamExt;
use parquet::arrow::ProjectionMask;
use tokio::runtime::Handle;

use super::{Swap, is_compacted, removals, swap};
use crate::append::conform;
use crate::commit::{ATTEMPTS, Change, MAINTENANCE, Outcome, back_off, commit};
use crate::encode::{FileTarget, FileWriter};
use crate::once::times;
use crate::partition::FUTURE;
use crate::read::{OpenFile, Selection};
use crate::spec::{Effort, INGESTED, PARTITION, TIME};
use crate::table::{Loaded, Table};
use crate::{DataFile, Lake, LakeError};

const DAY: i64 = 86_400_000_000;
const BATCH_ROWS: usize = 8192;

/// What retention dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetainReport {
    /// Days dropped; all those of a file that had several count as one.
    pub days: usize,
    /// Files dropped from the table. Their bytes stay in the store until [`Lake::vacuum`].
    pub files: usize,
    /// Rows dropped, as far as their number was recorded.
    pub rows: u64,
    /// Bytes of the dropped files.
    pub bytes: u64,
}

impl Lake {
    /// Drops the days before `oldest` (which itself stays) from a table.
    ///
    /// # Errors
    /// [`LakeError::NoTable`], [`LakeError::Argument`] where the table is not kept by days, and the store's.
    pub async fn retain(&self, table: &str, oldest: NaiveDate) -> Result<RetainReport, LakeError> {
        let table = self.table(table)?;
        if !table.spec.partitioned {
            return Err(LakeError::Argument(format!("`{}` is not kept by days", table.name)));
        }
        let limit = i32::try_from(oldest.signed_duration_since(NaiveDate::default()).num_days())
            .map_err(|_| LakeError::Argument(format!("{oldest} is out of range")))?;
        let mut report = drop_files(&table, oldest, limit).await?;
        let loaded = table.refresh().await?.ok_or_else(|| LakeError::NoTable(table.name.clone()))?;
        for file in loaded.snapshot.files.iter().filter(|file| fate(file, limit) == Fate::Parts) {
            let _place =
                self.encoders().acquire().await.map_err(|_| LakeError::Argument("the lake is closed".into()))?;
            report.rows += drop_rows(&table, &loaded, file, oldest, limit).await?;
        }
        Ok(report)
    }
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
    /// Some of its rows may have to go.
    Parts,
}

fn fate(file: &DataFile, limit: i32) -> Fate {
    let Some(partition) = file.event_date else { return Fate::Stays };
    // Also what is of the very last day came from the future.
    if partition != FUTURE && file.days() == Some((partition, partition)) {
        return if partition < limit { Fate::Goes } else { Fate::Stays };
    }
    let limit = i64::from(limit) * DAY;
    let before = |time: Option<i64>| time.is_none_or(|time| time < limit);
    let (first, last) = file.ingested;
    if file.max_time.is_some_and(|time| time < limit) || last.is_some_and(|time| time < limit) {
        Fate::Goes
    } else if before(file.min_time) || before(first) {
        Fate::Parts
    } else {
        Fate::Stays
    }
}

async fn drop_files(table: &Arc<Table>, oldest: NaiveDate, limit: i32) -> Result<RetainReport, LakeError> {
    for attempt in 0..ATTEMPTS {
        let loaded = table.refresh().await?.ok_or_else(|| LakeError::NoTable(table.name.clone()))?;
        let old: Vec<&DataFile> = loaded.snapshot.files.iter().filter(|file| fate(file, limit) == Fate::Goes).collect();
        if old.is_empty() {
            return Ok(RetainReport::default());
        }
        let paths: HashSet<Arc<str>> = old.iter().map(|file| file.path.clone()).collect();
        let change = Change {
            sequence: MAINTENANCE,
            actions: removals(&loaded, &paths, true),
            operation: deleted(oldest),
            metadata: HashMap::new(),
        };
        match commit(table, &loaded, change).await? {
            Outcome::Committed(_) => return Ok(report(&old)),
            Outcome::Lost => back_off(attempt).await,
        }
    }
    Err(LakeError::Contention { table: table.name.clone(), attempts: ATTEMPTS })
}

fn deleted(oldest: NaiveDate) -> DeltaOperation {
    DeltaOperation::Delete { predicate: Some(format!("{PARTITION} < date '{oldest}'")) }
}

fn report(dropped: &[&DataFile]) -> RetainReport {
    let days: HashSet<Option<i32>> = dropped.iter().map(|file| file.event_date).collect();
    RetainReport {
        days: days.len(),
        files: dropped.len(),
        rows: dropped.iter().filter_map(|file| file.rows).sum(),
        bytes: dropped.iter().map(|file| file.size).sum(),
    }
}

/// Writes a file again without the rows that have to go; how many went. Where another writer takes the file first, what is in
/// its place is done the next time.
async fn drop_rows(
    table: &Arc<Table>,
    loaded: &Loaded,
    file: &DataFile,
    oldest: NaiveDate,
    limit: i32,
) -> Result<u64, LakeError> {
    let schema = table.file_schema(&loaded.snapshot.schema);
    let (job, from, handle) = (table.clone(), file.clone(), Handle::current());
    let limit = i64::from(limit) * DAY;
    let kept = tokio::task::spawn_blocking(move || keep(&job, &schema, &from, limit, &handle)).await??;
    let Some(Kept { add, dropped }) = kept.filter(|kept| kept.dropped > 0) else { return Ok(0) };
    let how = Swap { operation: deleted(oldest), data_change: true };
    let swapped = swap(table, std::slice::from_ref(file), add.as_slice(), &how).await?;
    Ok(if swapped { dropped } else { 0 })
}

/// What is left of a file.
struct Kept {
    /// The file of the rows that stay, which no version names yet; none where none stays.
    add: Option<Add>,
    dropped: u64,
}

/// `None`: all rows stay. Blocking.
fn keep(
    table: &Table,
    schema: &arrow::datatypes::SchemaRef,
    file: &DataFile,
    limit: i64,
    handle: &Handle,
) -> Result<Option<Kept>, LakeError> {
    let open = handle.block_on(OpenFile::open(&table.storage, file))?;
    let rows = usize::try_from(open.parquet().file_metadata().num_rows()).unwrap_or_default();
    let read = |mask| open.read(Selection { mask, groups: None, rows: None, batch_rows: BATCH_ROWS });
    let mut dropped = 0;
    let mut batches = read(open.columns(&[TIME, INGESTED]))?;
    while let Some(batch) = handle.block_on(batches.try_next())? {
        dropped += staying(&batch, limit)?.false_count() as u64;
    }
    if dropped == 0 {
        return Ok(None);
    }
    let left = rows.saturating_sub(usize::try_from(dropped).unwrap_or(usize::MAX));
    if left == 0 {
        return Ok(Some(Kept { add: None, dropped }));
    }
    let effort = if is_compacted(file) { Effort::Compact } else { Effort::Append };
    let target = FileTarget::new(table, schema.clone(), file.event_date, left, effort);
    let mut writer = FileWriter::create(target, handle.clone())?;
    let mut batches = read(ProjectionMask::all())?;
    while let Some(batch) = handle.block_on(batches.try_next())? {
        let staying = staying(&batch, limit)?;
        writer.write(&filter_record_batch(&conform(&batch, schema)?, &staying)?)?;
    }
    Ok(Some(Kept { add: Some(writer.finish()?), dropped }))
}

/// Which rows are younger than `limit`, microseconds.
fn staying(batch: &RecordBatch, limit: i64) -> Result<BooleanArray, LakeError> {
    let happened = times(batch, TIME)?;
    let came = batch.column_by_name(INGESTED).map(|_| times(batch, INGESTED)).transpose()?;
    let known = |row: usize| came.as_ref().filter(|came| came.is_valid(row)).map(|came| came.value(row));
    let age = |(row, time): (usize, &i64)| known(row).map_or(*time, |came| came.min(*time));
    Ok(happened.values().iter().enumerate().map(|row| Some(age(row) >= limit)).collect())
}
