//! Rows into Parquet files of the lake, streamed to the store while they are encoded.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use deltalake::kernel::Add;
use object_store::ObjectStore;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;

use crate::LakeError;
use crate::spec::{Effort, PARTITION, TableSpec, writer_properties};
use crate::stats::{date_text, write as write_stats};
use crate::table::Table;

/// A smaller file goes to the store as one object, a larger one in parts of this size.
const PART: usize = 8 << 20;
/// Encoded bytes are handed on in pieces of about this size.
const PIECE: usize = 1 << 20;

/// The beginning of a compacted file's name.
pub(crate) const COMPACTED: &str = "compact-";

/// One data file being written. Blocking: to be used on a thread of its own.
pub(crate) struct FileWriter {
    writer: ArrowWriter<Upload>,
    bounded: Vec<&'static str>,
    path: String,
    date: Option<i32>,
}

/// What a file is to be.
pub(crate) struct FileTarget {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) folder: Path,
    /// The columns of the file, without the partition's.
    pub(crate) schema: SchemaRef,
    /// The partition, days since 1970-01-01.
    pub(crate) date: Option<i32>,
    /// How many rows are coming, about.
    pub(crate) rows: usize,
    pub(crate) effort: Effort,
}

impl FileTarget {
    pub(crate) fn new(table: &Table, schema: SchemaRef, date: Option<i32>, rows: usize, effort: Effort) -> Self {
        Self { store: table.storage.root.clone(), folder: table.folder.clone(), schema, date, rows, effort }
    }
}

impl FileWriter {
    pub(crate) fn create(target: FileTarget, handle: Handle) -> Result<Self, LakeError> {
        let kind = match target.effort {
            Effort::Append => "part-",
            Effort::Compact => COMPACTED,
        };
        let name = format!("{kind}{}.parquet", uuid::Uuid::new_v4());
        let path = match target.date {
            Some(days) => format!("{PARTITION}={}/{name}", partition_value(days)?),
            None => name,
        };
        let full = path.split('/').fold(target.folder, Path::join);
        let properties = writer_properties(&target.schema, target.rows, target.effort)?;
        // The Arrow schema would repeat in 10 KB what Parquet's own says.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let upload = Upload { inner: BufWriter::with_capacity(target.store, full, PART), handle, pending: Vec::new() };
        let bounded = TableSpec::bounded(&target.schema);
        Ok(Self {
            writer: ArrowWriter::try_new_with_options(upload, target.schema, options)?,
            bounded,
            path,
            date: target.date,
        })
    }

    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        Ok(self.writer.write(rows)?)
    }

    /// Bytes of the file so far, about.
    pub(crate) fn bytes(&self) -> usize {
        self.writer.bytes_written() + self.writer.in_progress_size()
    }

    /// Completes the file in the store (synced, on a local disk) and gives its entry for the log.
    pub(crate) fn finish(mut self) -> Result<Add, LakeError> {
        let metadata = self.writer.finish()?;
        let size = self.writer.bytes_written();
        self.writer.inner_mut().complete()?;
        let value = self.date.map(partition_value).transpose()?;
        let partition = value.map(|value| (PARTITION.to_owned(), Some(value)));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Add {
            path: self.path,
            partition_values: partition.into_iter().collect(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            modification_time: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
            data_change: true,
            stats: Some(write_stats(&metadata, &self.bounded)),
            ..Add::default()
        })
    }
}

fn partition_value(days: i32) -> Result<String, LakeError> {
    date_text(days).ok_or_else(|| LakeError::Argument(format!("{days} days is no date")))
}

/// The blocking end of an upload. Dropped before it is completed, nothing appears in the store.
struct Upload {
    inner: BufWriter,
    handle: Handle,
    pending: Vec<u8>,
}

impl Upload {
    fn pass_on(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.pending));
        let put = self.inner.put(piece);
        self.handle.block_on(put).map_err(io::Error::other)
    }

    fn complete(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.handle.block_on(self.inner.shutdown())
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PIECE {
            self.pass_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
