//! The reference of SPL, from what commands and functions say of themselves.

use super::{commands, functions, stats_functions};
use crate::language::{Entry, Part};

/// Commands, then functions, then aggregates.
pub(super) fn entries() -> Vec<Entry> {
    let command = commands().iter().map(|c| Entry {
        part: Part::Command,
        name: c.name,
        syntax: c.syntax,
        help: c.help,
        example: c.example,
    });
    let function = functions().iter().map(|f| Entry {
        part: Part::Function,
        name: f.name,
        syntax: f.syntax,
        help: f.help,
        example: f.example,
    });
    let aggregate = stats_functions().iter().map(|f| Entry {
        part: Part::Aggregate,
        name: f.name,
        syntax: f.syntax,
        help: f.help,
        example: f.example,
    });
    command.chain(function).chain(aggregate).collect()
}
