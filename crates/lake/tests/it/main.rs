//! The lake from outside: what is appended is there once, whoever appends it, and stays so through maintenance.

mod append;
mod ledger;
mod maintenance;
mod rows;
mod s3;
