//! What brings logs in by itself: a file a source. Each delivers to an [`crate::Intake`] and acknowledges what is durable.

mod checkpoint;
mod days;
mod fetch;
mod filter;
pub mod folder;
mod held;
pub mod lookup_events;
mod notice;
pub mod s3_list;
pub mod s3_sqs;
mod status;
mod tables;

pub use checkpoint::Checkpoint;
pub use filter::KeyFilter;
pub use status::{Expected, Health, Meter, Reading, Registry, SourceStatus, State};
