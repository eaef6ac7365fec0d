//! Taking logs in: from folders and buckets, through decoder and enrichment, into the lake.
//!
//! - [`discover`]: what there is at the given paths.
//! - [`Ingest::run`]: takes it in, in bounded memory, and reports what became of every object. Running it again adds nothing.
//! - [`Intake`]: the way in that stays open, for objects and requests that come one by one.
//! - [`sources`]: what brings them: queues, listings, the event history, folders; and how each fares.
//! - [`inlet`]: what is sent to us, safe in the [`journal`] before its sender hears so. [`hec`] and [`firehose`] are its protocols.
//! - [`read()`]: the rows of logs in place, without a lake.
//! - [`replay`]: what is in quarantine, looked at again.
//! - [`refresh`]: the files that enrichment reads, fetched and kept fresh.

mod acks;
mod custody;
mod decode;
mod discover;
mod error;
mod fate;
pub mod firehose;
pub mod hec;
mod iceberg;
pub mod inlet;
mod intake;
pub mod journal;
mod lines;
mod parquet;
mod progress;
mod read;
pub mod refresh;
pub mod replay;
mod report;
pub mod rules;
mod run;
pub mod sources;
pub mod verify;
mod watch;

pub use acks::Acks;
pub use custody::Custody;
pub use discover::{Discovery, Place, Source, discover};
pub use error::IngestError;
pub use intake::{Delivery, Intake, Receipt, Refused, Settled};
pub use progress::Progress;
pub use read::{Found, read};
pub use report::{NAMED, Problem, Report, TypeCounts};
pub use run::{Ingest, Options};
pub use watch::{Landed, Watch, Watched};
