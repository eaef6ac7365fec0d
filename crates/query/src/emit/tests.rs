//! One question, written in every language that can ask it.
