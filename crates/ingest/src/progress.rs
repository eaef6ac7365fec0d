//! What a running ingest tells whoever watches.

/// Receives the progress of an ingest. Called from several threads; quick, please.
pub trait Progress: Send + Sync {
    /// What there is to do: objects and their bytes as delivered, those known already left out.
    fn started(&self, objects: u64, bytes: u64) {
        let _ = (objects, bytes);
    }

    /// More was read and decoded: objects completed, their bytes as delivered, and their records.
    fn decoded(&self, objects: u64, bytes: u64, records: u64) {
        let _ = (objects, bytes, records);
    }

    /// More is durable: rows added by a commit.
    fn committed(&self, rows: u64) {
        let _ = rows;
    }
}

/// Nobody watches.
impl Progress for () {}
