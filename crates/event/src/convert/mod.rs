//! Normalised documents: a stored row as a document of the Elastic Common Schema (names as Elastic's AWS integrations write
//! them) or of the Open Cybersecurity Schema Framework 1.5. One file a log type in each; a type without one is written by
//! its field catalogue.
//!
//! The document is made from the row's columns and from the record itself, so that what has no column is in it too. Where
//! an address is and what a client program is called is asked of a [`Lookup`].

mod community_id;
mod document;
mod ecs;
mod java;
mod native;
mod net;
mod ocsf;
mod record;
mod url;

use arrow::array::RecordBatch;
use serde_json::Value;

use crate::LogType;
use record::Record;

pub use native::native;
pub use net::{port_name, protocol_name, protocol_number};

/// The version of OCSF that documents follow.
pub const OCSF_VERSION: &str = "1.5.0";
/// The version of ECS that documents follow.
pub const ECS_VERSION: &str = "8.11.0";

/// Whose names and shapes a document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// Elastic Common Schema 8.
    Ecs,
    /// Open Cybersecurity Schema Framework 1.5.
    Ocsf,
}

/// Where an address is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// Continent, in English.
    pub continent: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// English name.
    pub country_name: Option<String>,
    /// ISO 3166-2 code of the first subdivision, `US-WA`.
    pub region_code: Option<String>,
    /// First subdivision.
    pub region: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Number of the autonomous system.
    pub asn: Option<i64>,
    /// Who runs it.
    pub as_org: Option<String>,
}

/// A client program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    /// Its name, `Other` where it is none that is known.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// The operating system it runs on.
    pub os_name: Option<String>,
    /// Version of that.
    pub os_version: Option<String>,
    /// The kind of device, `Other` where nothing tells.
    pub device: String,
}

/// What is known beyond the record.
pub trait Lookup {
    /// Where an address is.
    fn place(&self, address: &str) -> Option<Place>;
    /// What a user agent says of itself.
    fn agent(&self, text: &str) -> Option<Agent>;
}

/// Knows nothing: documents say what the record says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Lookup for Nothing {
    fn place(&self, _: &str) -> Option<Place> {
        None
    }

    fn agent(&self, _: &str) -> Option<Agent> {
        None
    }
}

/// Row `row` of a batch of `log_type`'s table as a document.
pub fn document(
    standard: Standard,
    log_type: &'static LogType,
    batch: &RecordBatch,
    row: usize,
    lookup: &dyn Lookup,
) -> Value {
    let record = Record::new(log_type, batch, row);
    match standard {
        Standard::Ecs => ecs::document(&record, lookup),
        Standard::Ocsf => ocsf::document(&record, lookup),
    }
}
