//! Merging files by time in bounded memory, whatever their number, size and order.
//!
//! First only the times are read, which gives the place of every row. Then the rows are gathered in slices of that order:
//! from each file just the rows of the slice, found through its page index. Files that are sorted, as appended ones are,
//! are so read about once from front to back; unsorted ones cost more reading, never more memory.

use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use arrow::datatypes::SchemaRef;
use deltalake::kernel::Add;
use futures::TryStreamExt;
use parquet::arrow::ProjectionMask;
use tokio::runtime::Handle;

use super::CompactOptions;
use crate::append::conform;
use crate::encode::{FileTarget, FileWriter};
use crate::once::times;
use crate::read::{OpenFile, Selection};
use crate::spec::{Effort, ROW_GROUP_ROWS, TIME};
use crate::table::Table;
use crate::{DataFile, LakeError};

const PIECE_ROWS: usize = 4096;

#[derive(Debug, Clone, Copy)]
pub(super) struct MergeBounds {
    file_bytes: usize,
    slice_bytes: usize,
}

impl From<&CompactOptions> for MergeBounds {
    fn from(options: &CompactOptions) -> Self {
        Self {
            file_bytes: usize::try_from(options.target_bytes).unwrap_or(usize::MAX),
            slice_bytes: options.slice_bytes,
        }
    }
}

pub(super) struct Merged {
    pub(super) files: Vec<Add>,
    pub(super) rows: u64,
}

/// A row's place in the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    time: i64,
    file: u32,
    row: u32,
}

/// Writes the rows of `files`, all of one day, sorted by time into new files that no version names yet. Blocking.
pub(super) fn merge(
    table: &Table,
    schema: &SchemaRef,
    files: &[DataFile],
    bounds: MergeBounds,
    handle: &Handle,
) -> Result<Merged, LakeError> {
    let date = files.first().and_then(|file| file.event_date);
    let mut sources = Vec::with_capacity(files.len());
    let mut places = Vec::new();
    for (number, file) in (0_u32..).zip(files) {
        let open = handle.block_on(OpenFile::open(&table.storage, file))?;
        let times = handle.block_on(row_times(&open, table.spec.sorted))?;
        places.extend((0_u32..).zip(times).map(|(row, time)| Place { time, file: number, row }));
        sources.push(open);
    }
    places.sort_unstable();
    let slice = (bounds.slice_bytes / row_bytes(&sources, places.len())).clamp(1024, ROW_GROUP_ROWS);
    let mut output =
        Output { table, schema, date, rows_left: places.len(), bounds, handle, open: None, done: Vec::new() };
    for slice in places.chunks_mut(slice) {
        output.write(&sources, slice)?;
    }
    let files = output.finish()?;
    Ok(Merged { files, rows: places.len() as u64 })
}

/// The time of every row; where order is no matter, one and the same.
async fn row_times(file: &OpenFile, sorted: bool) -> Result<Vec<i64>, LakeError> {
    let rows = usize::try_from(file.parquet().file_metadata().num_rows()).unwrap_or_default();
    if !sorted {
        return Ok(vec![0; rows]);
    }
    let mut batches =
        file.read(Selection { mask: file.columns(&[TIME]), groups: None, rows: None, batch_rows: 64 * 1024 })?;
    let mut all = Vec::with_capacity(rows);
    while let Some(batch) = batches.try_next().await? {
        all.extend_from_slice(times(&batch, TIME)?.values());
    }
    Ok(all)
}

/// Bytes of a row in memory, about.
fn row_bytes(sources: &[OpenFile], rows: usize) -> usize {
    let groups = sources.iter().flat_map(|source| source.parquet().row_groups());
    let bytes: usize = groups.map(|g| usize::try_from(g.total_byte_size()).unwrap_or_default()).sum();
    (bytes / rows.max(1)).max(64)
}

/// The files being made, one after the other.
struct Output<'a> {
    table: &'a Table,
    schema: &'a SchemaRef,
    date: Option<i32>,
    rows_left: usize,
    bounds: MergeBounds,
    handle: &'a Handle,
    open: Option<FileWriter>,
    done: Vec<Add>,
}

impl Output<'_> {
    /// Adds the rows at `slice`, which stand in the order to write them in.
    fn write(&mut self, sources: &[OpenFile], slice: &mut [Place]) -> Result<(), LakeError> {
        let gathered = self.handle.block_on(gather(sources, slice, self.schema))?;
        let batches: Vec<&RecordBatch> = gathered.batches.iter().collect();
        for piece in gathered.order.chunks(PIECE_ROWS) {
            let rows = interleave_record_batch(&batches, piece)?;
            self.file()?.write(&rows)?;
        }
        self.rows_left = self.rows_left.saturating_sub(slice.len());
        if self.open.as_ref().is_some_and(|file| file.bytes() >= self.bounds.file_bytes) {
            self.close()?;
        }
        Ok(())
    }

    fn file(&mut self) -> Result<&mut FileWriter, LakeError> {
        let file = match self.open.take() {
            Some(file) => file,
            None => {
                let (schema, rows) = (self.schema.clone(), self.rows_left);
                let target = FileTarget::new(self.table, schema, self.date, rows, Effort::Compact);
                FileWriter::create(target, self.handle.clone())?
            }
        };
        Ok(self.open.insert(file))
    }

    fn close(&mut self) -> Result<(), LakeError> {
        if let Some(file) = self.open.take() {
            let add = file.finish()?;
            self.done.push(Add { data_change: false, ..add });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Add>, LakeError> {
        self.close()?;
        Ok(self.done)
    }
}

/// The rows of a slice: batches as they were read, and the order in which their rows go out.
struct Gathered {
    batches: Vec<RecordBatch>,
    order: Vec<(usize, usize)>,
}

async fn gather(sources: &[OpenFile], slice: &[Place], schema: &SchemaRef) -> Result<Gathered, LakeError> {
    let mut by_source: Vec<(usize, Place)> = slice.iter().copied().enumerate().collect();
    by_source.sort_unstable_by_key(|(_, place)| (place.file, place.row));
    let mut batches = Vec::new();
    let mut order = vec![(0, 0); slice.len()];
    for chosen in by_source.chunk_by(|a, b| a.1.file == b.1.file) {
        let source = &sources[chosen[0].1.file as usize];
        let rows: Vec<u32> = chosen.iter().map(|(_, place)| place.row).collect();
        let mut read = source.read_rows(ProjectionMask::all(), &rows, PIECE_ROWS)?;
        let mut wanted = chosen.iter().map(|(position, _)| *position);
        while let Some(batch) = read.try_next().await? {
            for (row, position) in (0..batch.num_rows()).zip(&mut wanted) {
                order[position] = (batches.len(), row);
            }
            batches.push(conform(&batch, schema)?);
        }
        if wanted.next().is_some() {
            return Err(LakeError::Argument("a data file holds fewer rows than it says".into()));
        }
    }
    Ok(Gathered { batches, order })
}
