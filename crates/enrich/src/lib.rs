//! What a record does not say but implies: where its source address is, how the call ended, and who really made it.
//! Fills the enriched columns of a batch of [`event::cloudtrail_schema`]. Pure but for reading GeoIP files on opening.
//!
//! - [`Enricher`]: fills a batch; looks up one address for queries.
//! - [`GeoDb`]: MaxMind DB files of any layout.
//! - [`actor`], [`outcome`], [`source`], [`countries`]: the rules, usable by themselves.

pub mod actor;
pub mod countries;
mod enricher;
mod geo;
pub mod outcome;
pub mod source;

pub use actor::{Actor, Identity};
pub use enricher::{EnrichError, Enricher};
pub use geo::{GeoDb, GeoError, GeoFile, GeoSource, Location};
pub use outcome::Outcome;
pub use source::SourceKind;
