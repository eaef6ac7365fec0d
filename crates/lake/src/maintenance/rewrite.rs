//! Rewriting: the same rows with other values in some columns, for enrichment that is made anew with newer databases.
//!
//! File by file, each in one commit that takes the old file out and puts the new one in. A file in which nothing would
//! change is left alone. Should compaction or retention take a file first, its rewrite is thrown away.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use deltalake::kernel::Add;
use deltalake::protocol::DeltaOperation;
use futures::TryStreamExt;
use parquet::arrow::ProjectionMask;
use tokio::runtime::Handle;

use super::{Swap, is_compacted, swap};
use crate::append::conform;
use crate::encode::{FileTarget, FileWriter};
use crate::read::{OpenFile, RowStream, Selection};
use crate::spec::Effort;
use crate::table::Table;
use crate::{DataFile, Lake, LakeError};

/// Gives a batch of a table's rows (without the partition column) other values; schema and number of rows must stay.
pub type Transform = Arc<dyn Fn(RecordBatch) -> Result<RecordBatch, String> + Send + Sync>;

/// What a rewrite did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RewriteReport {
    /// Files looked at.
    pub files: usize,
    /// Files rewritten; the others would not have changed.
    pub rewritten: usize,
    /// Files that another writer took before; what is in their place is done the next time.
    pub overtaken: usize,
    /// Rows of the rewritten files.
    pub rows: u64,
}

const BATCH_ROWS: usize = 8192;

impl Lake {
    /// Passes the rows of a table through `transform`, those of `since` (days since 1970-01-01) and later. Columns of
    /// `wanted` that the table lacks are added first.
    ///
    /// # Errors
    /// [`LakeError::NoTable`], what the store says, and [`LakeError::Argument`] with what the transform says; files done
    /// before the error stay done.
    pub async fn rewrite(
        &self,
        table: &str,
        wanted: &Schema,
        since: Option<i32>,
        transform: Transform,
    ) -> Result<RewriteReport, LakeError> {
        let table = self.table(table)?;
        table.refresh().await?.ok_or_else(|| LakeError::NoTable(table.name.clone()))?;
        let loaded = table.ensure(wanted).await?;
        let schema = table.file_schema(&loaded.snapshot.schema);
        let mut report = RewriteReport::default();
        for file in loaded
            .snapshot
            .files
            .iter()
            .filter(|file| since.is_none_or(|day| file.days().is_none_or(|(_, last)| last >= day)))
        {
            report.files += 1;
            let _place =
                self.encoders().acquire().await.map_err(|_| LakeError::Argument("the lake is closed".into()))?;
            let job =
                Job { table: table.clone(), schema: schema.clone(), file: file.clone(), transform: transform.clone() };
            let handle = Handle::current();
            let Some(add) = tokio::task::spawn_blocking(move || job.run(&handle)).await?? else { continue };
            let how = Swap { operation: DeltaOperation::Update { predicate: None }, data_change: true };
            if swap(&table, std::slice::from_ref(file), std::slice::from_ref(&add), &how).await? {
                report.rewritten += 1;
                report.rows += file.rows.unwrap_or_default();
            } else {
                report.overtaken += 1;
            }
        }
        Ok(report)
    }
}

/// The rewriting of one file. Blocking.
struct Job {
    table: Arc<Table>,
    schema: SchemaRef,
    file: DataFile,
    transform: Transform,
}

impl Job {
    /// The new file, which no version names yet; `None`: nothing would change.
    fn run(&self, handle: &Handle) -> Result<Option<Add>, LakeError> {
        let open = handle.block_on(OpenFile::open(&self.table.storage, &self.file))?;
        if !self.changes(&open, handle)? {
            return Ok(None);
        }
        let effort = if is_compacted(&self.file) { Effort::Compact } else { Effort::Append };
        let rows = usize::try_from(open.parquet().file_metadata().num_rows()).unwrap_or_default();
        let target = FileTarget::new(&self.table, self.schema.clone(), self.file.event_date, rows, effort);
        let mut writer = FileWriter::create(target, handle.clone())?;
        let mut batches = read(&open)?;
        while let Some(batch) = handle.block_on(batches.try_next())? {
            writer.write(&self.transformed(&conform(&batch, &self.schema)?)?)?;
        }
        Ok(Some(writer.finish()?))
    }

    fn changes(&self, open: &OpenFile, handle: &Handle) -> Result<bool, LakeError> {
        let mut batches = read(open)?;
        while let Some(batch) = handle.block_on(batches.try_next())? {
            let before = conform(&batch, &self.schema)?;
            if self.transformed(&before)? != before {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn transformed(&self, batch: &RecordBatch) -> Result<RecordBatch, LakeError> {
        let after = (self.transform)(batch.clone()).map_err(LakeError::Argument)?;
        if after.num_rows() != batch.num_rows() || after.schema() != batch.schema() {
            return Err(LakeError::Argument("a rewrite must keep rows and columns".into()));
        }
        Ok(after)
    }
}

fn read(open: &OpenFile) -> Result<RowStream, LakeError> {
    open.read(Selection { mask: ProjectionMask::all(), groups: None, rows: None, batch_rows: BATCH_ROWS })
}
