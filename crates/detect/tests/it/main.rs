//! The rules as a whole.
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "tests say what they skipped and counted")]

mod agreement;
mod builtin;
mod manual;
mod modes;
mod noise;
mod setting;
mod stratus;
mod verdicts;
mod watch;
