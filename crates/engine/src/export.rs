//! A result as a Parquet file.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;
use futures::StreamExt;

use crate::error::{ErrorKind, QueryError};
use crate::functions::{list_type, time_type};
use crate::request::{ColumnInfo, QueryStream};

/// The rows as the bytes of one Parquet file (Snappy). Held in memory, `most` bytes of it: it is a result, not a table.
///
/// # Errors
/// Those of the query, [`ErrorKind::Memory`] where the file grows beyond `most`, and [`ErrorKind::Internal`] where a column
/// can't be stored.
pub async fn parquet(mut stream: QueryStream, most: usize) -> Result<Vec<u8>, QueryError> {
    let first = stream.batches.next().await.transpose()?;
    let schema = first.as_ref().map_or_else(|| Arc::new(empty_schema(&stream.columns)), RecordBatch::schema);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).map_err(failed)?;
    if let Some(batch) = first {
        writer.write(&batch).map_err(failed)?;
    }
    while let Some(batch) = stream.batches.next().await {
        writer.write(&batch?).map_err(failed)?;
        if writer.bytes_written() + writer.memory_size() > most {
            let message = format!("the file grows beyond {} MiB; narrow the query or take fewer columns", most >> 20);
            return Err(QueryError::new(ErrorKind::Memory, message));
        }
    }
    writer.into_inner().map_err(failed)
}

fn failed(error: ParquetError) -> QueryError {
    QueryError::new(ErrorKind::Internal, error.to_string())
}

/// The schema of a result without rows, by its columns' types.
fn empty_schema(columns: &[ColumnInfo]) -> Schema {
    let ty = |name: &str| match name {
        "int" => DataType::Int64,
        "float" => DataType::Float64,
        "bool" => DataType::Boolean,
        "time" => time_type(),
        "list" => list_type(),
        _ => DataType::Utf8View,
    };
    Schema::new(columns.iter().map(|c| Field::new(&c.name, ty(&c.ty), true)).collect::<Vec<_>>())
}
