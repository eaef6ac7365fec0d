//! The query languages: text to AST to the pipeline IR, with spans and diagnostics. Knows nothing of Arrow, DataFusion
//! or any store; names are resolved against [`schema::Schema`].

pub mod diagnostic;
pub mod pipeline;
pub mod schema;
pub mod span;
pub mod spl;
