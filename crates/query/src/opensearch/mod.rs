//! What DSL, Lucene and KQL have in common: the tree of conditions that all three parse to, what a field's mapping makes
//! of a value, date mathematics, and how conditions become a pipeline over one of our tables.
//!
//! The languages differ in how a condition is written, not in what it means: a keyword field compares exactly, an
//! analysed one by words, an address also by its block; a missing field is not equal to anything, so its negation holds.

pub(crate) mod clause;
pub(crate) mod dates;
pub(crate) mod event;
pub(crate) mod fields;
pub(crate) mod pattern;
mod predicate;
pub(crate) mod script;
pub(crate) mod search;
mod tables;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use clause::{Bound, Clause, Least, Name, Range, Role, Test, Word};
pub(crate) use pattern::Pattern;
pub(crate) use search::events;
