//! The lake: Delta tables of events in a folder or a bucket, and the only crate that names the table format.
//!
//! [`Lake::append`] commits rows and the origins they came from as one version, and counts each event once.
//! [`Lake::snapshot`] gives the active files of the newest version to whoever reads. Maintenance
//! ([`Lake::compact`], [`Lake::retain`], [`Lake::vacuum`]) runs beside both.

mod append;
mod arrivals;
mod commit;
mod digests;
mod durable;
mod encode;
mod error;
mod lake;
mod ledger;
mod maintenance;
mod novel;
mod objects;
mod once;
mod own;
mod partition;
mod quarantine;
mod read;
mod snapshot;
mod spec;
mod stats;
mod storage;
mod table;

pub use append::{AppendReport, Commit, Flagged, OriginCounts, OriginEntry};
pub use arrivals::Arrival;
pub use digests::{DigestEntry, LogHash};
pub use error::{ErrorKind, LakeError};
pub use lake::Lake;
pub use ledger::{Ledger, ObjectEntry, ObjectStatus, ObjectVersion};
pub use maintenance::{
    CompactOptions, CompactReport, RetainReport, RewriteReport, Transform, VacuumOptions, VacuumReport,
};
pub use objects::{Bucket, Listed};
pub use quarantine::{Held, HeldPieces, Quarantined, Replayed};
pub use snapshot::{DataFile, Snapshot};
pub use storage::LakeOptions;
