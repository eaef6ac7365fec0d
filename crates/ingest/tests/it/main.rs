//! Ingest from outside: what is delivered is in the lake once, whatever it is wrapped in and however often it comes.

mod corpora;
mod folders;
mod hostile;
mod large;
mod setting;
