//! Queries over a real lake, on disk: the same question in every language, the meaning of each operator, and the limits.

mod cases;
mod limits;
mod sample;
mod stories;
