//! Which rows a table does not hold yet, before they are appended: what looks at events as they come must not look at copies.

use std::collections::HashSet;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;

use crate::append::pick_rows;
use crate::once::EventKey;
use crate::{Lake, LakeError};

impl Lake {
    /// The rows of `batches` that [`Lake::append`] would add now: no copies of what the table holds, nor of one another. Batches
    /// without any are left out. The same index answers both, so asking first costs the append less.
    ///
    /// # Errors
    /// As [`Lake::append`], but for those of writing.
    pub async fn novel(&self, table: &str, batches: &[RecordBatch]) -> Result<Vec<RecordBatch>, LakeError> {
        let table = self.table(table)?;
        let mut picks = Vec::new();
        for (number, batch) in (0_u32..).zip(batches).filter(|(_, batch)| batch.num_rows() > 0) {
            pick_rows(&table, number, batch, &mut picks)?;
        }
        let mut seen: HashSet<(i64, EventKey)> = HashSet::with_capacity(picks.len());
        picks.retain(|pick| pick.key.is_none_or(|key| seen.insert((pick.hour(), key))));
        let mut index = table.once.lock().await;
        if let Some(loaded) = table.refresh().await? {
            let hours = picks.iter().filter(|pick| pick.key.is_some()).map(|pick| pick.hour()).collect();
            index.prepare(&table.storage, &loaded.snapshot, &hours).await?;
            picks.retain(|pick| pick.key.is_none_or(|key| !index.contains(pick.hour(), key)));
        }
        drop(index);
        let mut masks: Vec<Vec<bool>> = batches.iter().map(|batch| vec![false; batch.num_rows()]).collect();
        for pick in &picks {
            masks[pick.batch as usize][pick.row as usize] = true;
        }
        let mut novel = Vec::with_capacity(batches.len());
        for (batch, mask) in batches.iter().zip(masks) {
            if mask.iter().all(|new| *new) {
                novel.push(batch.clone());
            } else if mask.contains(&true) {
                novel.push(filter_record_batch(batch, &BooleanArray::from(mask))?);
            }
        }
        novel.retain(|batch| batch.num_rows() > 0);
        Ok(novel)
    }
}
