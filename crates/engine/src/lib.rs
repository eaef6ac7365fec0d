//! The query engine: the pipeline IR, and SQL, over the lake's snapshots, as streams of rows. The only crate that names
//! DataFusion. Every query has a deadline, a memory pool that spills, a scan budget, and ends when its stream is dropped.

mod catalogue;
mod cooperate;
mod engine;
mod error;
mod export;
mod following;
mod front;
mod functions;
mod lookups;
pub mod matching;
mod ndjson;
mod optimizer;
mod partials;
mod plan;
mod pruning;
mod request;
mod source;
mod sql;
mod stored;
mod table;
mod timeline;
mod times;
mod views;

pub use catalogue::{Fields, completions};
pub use engine::{Engine, EngineOptions};
pub use error::{ErrorKind, QueryError};
pub use export::parquet;
pub use front::macros;
pub use functions::geo::{Locate, Place};
pub use lake::Arrival;
pub use ndjson::{ndjson, texts};
pub use request::{
    Arrived, BatchStream, ColumnInfo, Condition, EventRecord, Explanation, Language, Limits, Mark, Parameters,
    Progress, QueryRequest, QueryStream, ResultKind, TableInfo, Translation, Zone,
};
pub use sql::reference as sql_reference;
pub use stored::StoredRows;
pub use times::parse_time;
