//! The tables about the lake itself, beside those of events.

use arrow::datatypes::SchemaRef;

use crate::spec::{DIGESTS, OBJECTS, QUARANTINE, QUARANTINE_DONE};
use crate::{Lake, LakeError, digests, ledger, quarantine};

impl Lake {
    /// The columns of a table about the lake itself (`objects`, `quarantine`, `quarantine_done`, `digests`), whether it is there
    /// yet or not; `None` for any other.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn own_schema(table: &str) -> Result<Option<SchemaRef>, LakeError> {
        let rows = match table {
            OBJECTS => ledger::batch(&[])?,
            QUARANTINE => quarantine::batch(&[])?,
            QUARANTINE_DONE => quarantine::done(&[])?,
            DIGESTS => digests::batch(&[])?,
            _ => return Ok(None),
        };
        Ok(Some(rows.schema()))
    }
}
