//! Retention: days that are too old leave the table as a whole, by one log entry and without reading a row.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use deltalake::protocol::DeltaOperation;

use super::removals;
use crate::commit::{ATTEMPTS, Change, MAINTENANCE, Outcome, back_off, commit};
use crate::spec::PARTITION;
use crate::{DataFile, Lake, LakeError};

/// What retention dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetainReport {
    /// Days dropped.
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
        for attempt in 0..ATTEMPTS {
            let loaded = table.refresh().await?.ok_or_else(|| LakeError::NoTable(table.name.clone()))?;
            let old: Vec<&DataFile> =
                loaded.snapshot.files.iter().filter(|file| file.event_date.is_some_and(|day| day < limit)).collect();
            if old.is_empty() {
                return Ok(RetainReport::default());
            }
            let paths: HashSet<Arc<str>> = old.iter().map(|file| file.path.clone()).collect();
            let change = Change {
                sequence: MAINTENANCE,
                actions: removals(&loaded, &paths, true),
                operation: DeltaOperation::Delete { predicate: Some(format!("{PARTITION} < date '{oldest}'")) },
                metadata: HashMap::new(),
            };
            match commit(&table, &loaded, change).await? {
                Outcome::Committed(_) => return Ok(report(&old)),
                Outcome::Lost => back_off(attempt).await,
            }
        }
        Err(LakeError::Contention { table: table.name.clone(), attempts: ATTEMPTS })
    }
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
