//! Events in the order of their time, as far as a bounded window allows: logs of many accounts and regions lie side by side
//! in files that each cover the same hours. What fits the window is sorted as a whole; of what is larger, each part is.

use std::collections::{BTreeMap, HashSet};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::error::ArrowError;
use event::{Decoded, LogType};

/// Bytes that are gathered before they are handed on.
const BYTES: usize = 192 << 20;
/// Rows of a batch that is handed on.
const ROWS: usize = 8192;

/// Batches that wait.
#[derive(Default)]
pub(super) struct Window {
    types: BTreeMap<&'static str, (Option<&'static LogType>, Vec<RecordBatch>)>,
    bytes: usize,
}

impl Window {
    /// Adds rows; true where it is time to hand on.
    pub(super) fn add(&mut self, rows: Decoded) -> bool {
        self.bytes += rows.batch.get_array_memory_size();
        let (log_type, batches) = self.types.entry(rows.log_type.id).or_default();
        *log_type = Some(rows.log_type);
        batches.push(rows.batch);
        self.bytes >= BYTES
    }

    /// Hands on all that is there, type by type, sorted by time, each event once.
    pub(super) fn drain<E: From<ArrowError>>(
        &mut self,
        sink: &mut dyn FnMut(Decoded) -> Result<(), E>,
    ) -> Result<(), E> {
        self.bytes = 0;
        for (log_type, batches) in std::mem::take(&mut self.types).into_values() {
            let Some(log_type) = log_type else { continue };
            let order = order(&batches);
            let whole: Vec<&RecordBatch> = batches.iter().collect();
            for slice in order.chunks(ROWS) {
                sink(Decoded { log_type, batch: interleave_record_batch(&whole, slice)? })?;
            }
        }
        Ok(())
    }
}

/// The rows by time, each by its batch and place in it. Of rows with the same id, the first.
fn order(batches: &[RecordBatch]) -> Vec<(usize, usize)> {
    let mut order: Vec<(i64, usize, usize)> = Vec::new();
    let mut known: HashSet<&str> = HashSet::new();
    for (n, batch) in batches.iter().enumerate() {
        let times = batch.column_by_name("event_time").and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        let ids = batch.column_by_name("event_id").and_then(|column| column.as_string_opt::<i32>());
        for row in 0..batch.num_rows() {
            if ids.is_some_and(|ids| ids.is_valid(row) && !known.insert(ids.value(row))) {
                continue;
            }
            order.push((times.map_or(0, |times| times.value(row)), n, row));
        }
    }
    order.sort_unstable();
    order.into_iter().map(|(_, batch, row)| (batch, row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Batcher, Limits};

    fn rows(events: &[(&str, &str)]) -> Vec<Decoded> {
        let mut batcher = Batcher::new(Limits::default());
        let record = |(id, time): &(&str, &str)| {
            format!(
                "{{\"eventVersion\":\"1.08\",\"eventTime\":\"{time}\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"{id}\",\"awsRegion\":\"us-east-1\",\"eventID\":\"{id}\"}}"
            )
        };
        let records: Vec<String> = events.iter().map(record).collect();
        batcher.push_object(format!("{{\"Records\":[{}]}}", records.join(",")).as_bytes(), "test", 0).unwrap();
        std::iter::from_fn(|| batcher.take_batch().unwrap()).collect()
    }

    #[test]
    fn rows_of_several_files_come_by_time_and_once() {
        let mut window = Window::default();
        let files: [&[(&str, &str)]; 2] = [
            &[("c", "2026-01-15T03:00:02Z"), ("a", "2026-01-15T03:00:00Z")],
            &[("b", "2026-01-15T03:00:01Z"), ("a", "2026-01-15T03:00:00Z")],
        ];
        files.iter().flat_map(|file| rows(file)).for_each(|rows| assert!(!window.add(rows)));
        let mut names = Vec::new();
        let mut sink = |rows: Decoded| -> Result<(), ArrowError> {
            let column = rows.batch.column_by_name("event_name").unwrap().as_string::<i32>().clone();
            names.extend(column.iter().flatten().map(str::to_owned));
            Ok(())
        };
        window.drain(&mut sink).unwrap();
        assert_eq!(names, ["a", "b", "c"]);
    }
}
