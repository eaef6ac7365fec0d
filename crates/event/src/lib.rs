//! What a record is: the log types with their field catalogues, the Arrow schemas of the stored tables, and the way from
//! delivered bytes to Arrow batches. Pure: no I/O, no async, no clock.
//!
//! - [`catalogue`]: every field with its column, its path in the record and its names in ECS, OCSF, Splunk and Sumo.
//! - [`schema`]: the Arrow schema, made from the catalogue.
//! - [`compression`]: gzip and zstd, bounded.
//! - [`hec`]: the envelopes of an HTTP Event Collector.
//! - [`decode`]: bytes of an object to record batches plus a list of what could not be read.

pub mod catalogue;
pub mod compression;
pub mod convert;
pub mod decode;
mod escape;
pub mod hec;
mod json;
pub mod log_types;
pub mod schema;
pub mod time;
pub mod time_status;

pub use catalogue::{Catalogue, Field, FieldType, Match, Naming, catalogue};
pub use decode::{
    Batcher, Continuation, Decoded, Foreign, Limits, ObjectError, ObjectOutcome, Reason, Rejected, Sender,
};
pub use log_types::{LogType, log_type, log_types};
pub use schema::cloudtrail_schema;
