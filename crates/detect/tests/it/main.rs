//! The rules as a whole.
#![allow(clippy::print_stderr, reason = "skipped tests say so")]

mod agreement;
mod builtin;
<<<<<<< HEAD
mod verdicts;
=======
mod manual;
mod modes;
mod setting;
>>>>>>> bd104b0 (feat(detect): the manual of rules, tests of modes and of the agreement of rules and searches; Sigma's correlations see events as they come)
