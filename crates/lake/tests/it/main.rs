//! The lake from outside: what is appended is there once, whoever appends it, and stays so through maintenance.

#![allow(clippy::unwrap_used, reason = "a test that can not go on is a test that fails")]

mod append;
mod arrivals;
mod flagged;
mod ledger;
mod maintenance;
mod rows;
mod s3;
