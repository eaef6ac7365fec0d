//! What a record does not say but implies: where its addresses are and whose, what its user agent is, how the call ended,
//! and who really made it. Fills the enriched columns of a batch of any log type. Pure but for reading files on opening.
//!
//! - [`Enricher`]: fills a batch; looks up one address for queries.
//! - [`GeoDb`]: MaxMind DB files of any layout.
//! - [`AwsRanges`], [`NamedList`], [`agent`]: AWS's own address ranges, lists of addresses and domains, user agents.
//! - [`actor`], [`outcome`], [`source`], [`countries`]: the rules, usable by themselves.

pub mod actor;
pub mod agent;
pub mod countries;
mod ends;
mod enricher;
mod geo;
mod lists;
mod lookup;
pub mod outcome;
mod ranges;
pub mod source;

pub use actor::{Actor, Identity};
pub use agent::{AgentKind, UserAgent};
pub use enricher::{EnrichError, Enricher};
pub use geo::{GeoDb, GeoError, GeoFile, GeoSource, Location};
pub use lists::NamedList;
pub use outcome::Outcome;
pub use ranges::{AwsRange, AwsRanges, RangesError};
pub use source::SourceKind;
