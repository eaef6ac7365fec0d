//! Enriched columns as a test says that they are.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use serde_json::{Map, Value};

/// The batch with some columns replaced, in every row.
///
/// # Errors
/// Where there is no such column, or a value is not of its type.
pub(super) fn laid_over(batch: &RecordBatch, said: &Map<String, Value>) -> Result<RecordBatch, String> {
    let schema = batch.schema();
    let mut columns = batch.columns().to_vec();
    for (name, value) in said {
        let at = schema.index_of(name).map_err(|_| format!("`enriched`: there is no column `{name}`"))?;
        let text = match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let texts: ArrayRef = Arc::new(StringArray::from(vec![text.clone(); batch.num_rows()]));
        let ty = schema.field(at).data_type();
        let column = cast(&texts, ty).map_err(|error| format!("`enriched.{name}`: {error}"))?;
        if text.is_some() && column.null_count() > 0 {
            return Err(format!("`enriched.{name}`: {value} is no {ty}"));
        }
        columns[at] = column;
    }
    RecordBatch::try_new(schema, columns).map_err(|error| error.to_string())
}
