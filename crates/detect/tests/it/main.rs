//! The rules as a whole, what becomes of what they find, the sinks against real servers, scans.
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "tests say what they skipped and counted")]
#![allow(clippy::unwrap_used, reason = "a test that can not go on is a test that fails")]

mod agreement;
mod builtin;
mod manual;
mod modes;
mod noise;
mod scan;
mod scene;
mod setting;
mod sinks;
mod store;
mod stratus;
mod verdicts;
mod watch;
mod watcher;
