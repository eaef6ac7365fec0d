//! Rows that were watched and may not be in the lake yet. What rules did with a commit's rows is written before the commit is
//! made; where that does not come to be (the process ends, the disk is full), the same rows come again later, and must not
//! count again. So the rows that changed something are written down beside what they changed, until their commit is made.

use std::collections::HashSet;

use rusqlite::{Transaction, params};

use super::{Store, StoreError};
use crate::memory::Key;

impl Store {
    /// Writes down the rows of a commit that is to be made.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn pend(&self, change: &Transaction<'_>, keys: &[Key]) -> Result<i64, StoreError> {
        let bytes: Vec<u8> = keys.iter().flat_map(|key| key.to_be_bytes()).collect();
        change
            .prepare_cached("INSERT INTO detect_pending (at, keys) VALUES (?, ?)")?
            .execute(params![self.now(), bytes])?;
        Ok(change.last_insert_rowid())
    }

    /// Their commit is made.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn landed(&self, ids: &[i64]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.change(|change| {
            for id in ids {
                change.prepare_cached("DELETE FROM detect_pending WHERE id = ?")?.execute([id])?;
            }
            Ok(())
        })
    }

    /// The rows whose commit was not seen to be made.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn pending(&self) -> Result<HashSet<Key>, StoreError> {
        let blobs: Vec<Vec<u8>> = self.rows("SELECT keys FROM detect_pending", &[], |row| row.get(0))?;
        let keys = blobs
            .iter()
            .flat_map(|blob| blob.chunks_exact(16))
            .filter_map(|key| key.try_into().ok().map(Key::from_be_bytes));
        Ok(keys.collect())
    }
}
