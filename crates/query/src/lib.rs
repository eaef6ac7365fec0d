//! The query languages: text to AST to the pipeline IR, with spans and diagnostics. Knows nothing of Arrow, DataFusion
//! or any store; names are resolved against [`schema::Schema`].
//!
//! Every language is a [`language::Front`], registered in [`language::fronts`]; SQL alone enters at the engine's own
//! planner.

mod cloudwatch;
pub mod diagnostic;
pub mod dsl;
pub mod emit;
pub mod filter_pattern;
pub mod insights;
pub mod kql;
pub mod language;
mod likeness;
pub mod lucene;
mod opensearch;
pub mod pipeline;
pub mod schema;
pub mod sigma;
pub mod span;
pub mod spl;
pub mod sumo;
pub mod yaml;

pub use spl::suggest::nearest;
