//! Queries over a real lake, on disk: the same question in every language, the meaning of each operator, and the limits.

#![allow(clippy::print_stderr, reason = "a test says what it skipped")]
#![allow(clippy::unwrap_used, reason = "a test that can not go on is a test that fails")]

mod arrivals;
mod cases;
mod cloudwatch;
mod emit;
mod flagged;
mod limits;
mod manual;
mod opensearch;
mod partials;
mod sample;
mod sigma;
mod spl;
mod sql;
mod sql_corpus;
mod stories;
mod sumo;
mod told;
