//! The rules as a whole, and what becomes of what they find.

#![allow(clippy::print_stderr, clippy::print_stdout, reason = "tests say what they skipped and counted")]
#![allow(clippy::unwrap_used, reason = "a test that can not go on is a test that fails")]

mod agreement;
mod builtin;
mod manual;
mod modes;
mod noise;
mod scene;
mod setting;
mod store;
mod stratus;
mod verdicts;
mod watch;
mod watcher;
