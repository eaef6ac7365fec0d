//! The server on a real socket: who may do what, what hostile requests get, how answers stream. The tests of access and
//! streaming use a backend that can fail and stall on demand; `lake.rs` uses a real engine over a real lake.

// Clippy allows it in test functions only, and what serves them is not one.
#![allow(clippy::unwrap_used)]

mod access;
mod alerts;
mod client;
mod dashboards;
mod fake;
mod harness;
mod inlets;
mod lake;
mod openapi;
mod page;
mod query;
mod requests;
mod searches;
mod sessions;
mod sinks;
mod tail;
mod tokens;
