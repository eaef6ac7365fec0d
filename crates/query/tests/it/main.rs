//! Tests of the query crate from outside: the public corpus, hostile text, and the generated reference.

// A test says what it measured or skipped, and stops where its own material is broken.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

mod corpus;
mod filter_pattern;
mod fuzz;
mod hostile;
mod insights;
mod manual;
mod opensearch;
mod reference;
mod schema;
mod sigma;
mod sumo;
