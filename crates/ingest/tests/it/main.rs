//! Ingest from outside: what is delivered is in the lake once, whatever it is wrapped in and however often it comes.

#![allow(clippy::unwrap_used, reason = "a test that can not go on is a test that fails")]
#![allow(clippy::print_stderr, reason = "a test says what it skipped")]

mod bucket;
mod corpora;
mod folders;
mod hostile;
mod inlet;
mod intake;
mod kill;
mod large;
mod mixed;
mod refresh;
mod setting;
mod verify;
mod watch;
