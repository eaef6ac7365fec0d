//! What alerts about Trailhound's own work need: the one that is open, and its end.

use rusqlite::{OptionalExtension, Transaction, params};

use super::alerts::AlertStatus;
use super::changes::{Change, change_one};
use super::outbox::tell;
use super::{Store, StoreError, digest};
use crate::finding::GroupValue;

/// An alert's key out of its values.
pub(crate) fn key_of_group(group: &[GroupValue]) -> Result<[u8; 16], StoreError> {
    Ok(digest(&serde_json::to_string(group)?))
}

impl Store {
    /// The alert of a rule and key that is not closed.
    pub(crate) fn live(&self, change: &Transaction<'_>, rule: &str, key: &[u8]) -> Result<Option<i64>, StoreError> {
        let found = change
            .prepare_cached("SELECT id FROM detect_alerts WHERE rule = ? AND key = ? AND status < 2")?
            .query_row(params![rule, key], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Closes an alert without a verdict; false where it was closed already.
    pub(crate) fn close(&self, change: &Transaction<'_>, id: i64, by: &str) -> Result<bool, StoreError> {
        let closed = Change { status: Some(AlertStatus::Closed), ..Change::default() };
        let now = self.now();
        let Some(occasion) = change_one(change, id, by, &closed, now)? else { return Ok(false) };
        if let Some((occasion, addressing)) = occasion.zip(self.addressing()) {
            tell(change, id, occasion, &*addressing, now)?;
        }
        Ok(true)
    }
}
