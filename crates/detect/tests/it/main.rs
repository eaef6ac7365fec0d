//! The rules as a whole.

mod builtin;
