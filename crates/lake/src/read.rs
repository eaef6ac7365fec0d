//! Reading chosen columns and rows of data files.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowSelection, RowSelector};
use parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder};
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::statistics::Statistics;

use crate::LakeError;
use crate::snapshot::DataFile;
use crate::storage::Storage;

/// A data file whose footer is read; its columns can be read any number of times.
#[derive(Clone)]
pub(crate) struct OpenFile {
    reader: StoredFile,
    metadata: ArrowReaderMetadata,
}

/// The chosen rows of a file, batch by batch.
pub(crate) type RowStream = ParquetRecordBatchStream<StoredFile>;

/// Which part of a file to read.
pub(crate) struct Selection {
    pub(crate) mask: ProjectionMask,
    /// Row groups; all where absent.
    pub(crate) groups: Option<Vec<usize>>,
    /// Rows of the chosen row groups; all where absent.
    pub(crate) rows: Option<RowSelection>,
    pub(crate) batch_rows: usize,
}

impl OpenFile {
    pub(crate) async fn open(storage: &Storage, file: &DataFile) -> Result<Self, LakeError> {
        let path = Path::from_url_path(file.location.path()).map_err(object_store::Error::from)?;
        let store = storage.root.clone();
        let mut reader = StoredFile { store, path, size: file.size };
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load_async(&mut reader, options).await?;
        Ok(Self { reader, metadata })
    }

    pub(crate) fn parquet(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    /// The named columns that the file has.
    pub(crate) fn columns(&self, names: &[&str]) -> ProjectionMask {
        ProjectionMask::columns(self.metadata.parquet_schema(), names.iter().copied())
    }

    pub(crate) fn read(&self, selection: Selection) -> Result<RowStream, LakeError> {
        let mut builder =
            ParquetRecordBatchStreamBuilder::new_with_metadata(self.reader.clone(), self.metadata.clone())
                .with_projection(selection.mask)
                .with_batch_size(selection.batch_rows);
        if let Some(groups) = selection.groups {
            builder = builder.with_row_groups(groups);
        }
        if let Some(rows) = selection.rows {
            builder = builder.with_row_selection(rows);
        }
        Ok(builder.build()?)
    }

    /// The rows with these numbers (ascending), in order.
    pub(crate) fn read_rows(
        &self,
        mask: ProjectionMask,
        rows: &[u32],
        batch_rows: usize,
    ) -> Result<RowStream, LakeError> {
        let mut groups = Vec::new();
        let mut selectors = Vec::new();
        let mut start = 0_usize;
        for (number, group) in self.parquet().row_groups().iter().enumerate() {
            let length = usize::try_from(group.num_rows()).unwrap_or_default();
            let from = rows.partition_point(|row| (*row as usize) < start);
            let to = rows.partition_point(|row| (*row as usize) < start + length);
            if from < to {
                groups.push(number);
                select(&rows[from..to], start, length, &mut selectors);
            }
            start += length;
        }
        self.read(Selection { mask, groups: Some(groups), rows: Some(RowSelection::from(selectors)), batch_rows })
    }

    /// The row groups that may hold a value of the time column `name` in one of `wanted` (microseconds).
    pub(crate) fn groups_within(&self, name: &str, wanted: &[Range<i64>]) -> Vec<usize> {
        let metadata = self.parquet();
        let columns = metadata.file_metadata().schema_descr().columns();
        let column = columns.iter().position(|c| c.name() == name);
        let bounds = |group: usize| match metadata.row_group(group).column(column?).statistics()? {
            Statistics::Int64(s) => Some((*s.min_opt()?, *s.max_opt()?)),
            _ => None,
        };
        (0..metadata.num_row_groups())
            .filter(|group| match bounds(*group) {
                Some((low, high)) => wanted.iter().any(|r| low < r.end && high >= r.start),
                None => true,
            })
            .collect()
    }
}

/// The selectors of `rows` (ascending) within a row group of `length` rows that begins at row `start`.
fn select(rows: &[u32], start: usize, length: usize, selectors: &mut Vec<RowSelector>) {
    let mut next = start;
    for run in rows.chunk_by(|a, b| a + 1 == *b) {
        let first = run[0] as usize;
        if first > next {
            selectors.push(RowSelector::skip(first - next));
        }
        selectors.push(RowSelector::select(run.len()));
        next = first + run.len();
    }
    if next < start + length {
        selectors.push(RowSelector::skip(start + length - next));
    }
}

/// A file of the store, as Parquet's reader wants it. Its size is known from the log, so it is never asked for.
#[derive(Clone)]
pub(crate) struct StoredFile {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
}

/// Most footers are had with the first request.
const FOOTER: usize = 64 << 10;

impl AsyncFileReader for StoredFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        async move { Ok(self.store.get_range(&self.path, range).await?) }.boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, ParquetResult<Vec<Bytes>>> {
        async move { Ok(self.store.get_ranges(&self.path, &ranges).await?) }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        async move {
            let size = self.size;
            let index = options.map_or(PageIndexPolicy::Skip, ArrowReaderOptions::offset_index_policy);
            let metadata = ParquetMetaDataReader::new()
                .with_prefetch_hint(Some(FOOTER))
                .with_offset_index_policy(index)
                .load_and_finish(self, size)
                .await?;
            Ok(Arc::new(metadata))
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_selected_exactly() {
        let check = |rows: &[u32], start, length, expected: &[(bool, usize)]| {
            let mut selectors = Vec::new();
            select(rows, start, length, &mut selectors);
            let got: Vec<_> = selectors.iter().map(|s| (s.skip, s.row_count)).collect();
            assert_eq!(got, expected, "{rows:?}");
        };
        check(&[0, 1, 2], 0, 3, &[(false, 3)]);
        check(&[1], 0, 3, &[(true, 1), (false, 1), (true, 1)]);
        check(&[10, 12, 13], 10, 5, &[(false, 1), (true, 1), (false, 2), (true, 1)]);
        check(&[14], 10, 5, &[(true, 4), (false, 1)]);
    }
}
