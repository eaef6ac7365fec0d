//! What a language has to know of the store: which name stands for which column. The engine answers from the field
//! catalogue; tests answer from a few lines.

use crate::pipeline::Type;

/// A query language: decides which of the catalogue's name columns is looked at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Splunk SPL.
    Spl,
    /// Athena / CloudTrail Lake / DataFusion SQL.
    Sql,
}

/// What a name stands for in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The stored column.
    pub column: String,
    /// Its type.
    pub ty: Type,
    /// The language's value for "absent", e.g. `success` for Splunk's errorCode.
    pub default: Option<String>,
    /// The name as the catalogue spells it, where the user's differs in case only.
    pub spelled: Option<String>,
}

/// The small trait that names are resolved against.
pub trait Schema {
    /// The column that `name` stands for in `table`; none: not a catalogue name, so a path into the raw record.
    fn resolve(&self, table: &str, dialect: Dialect, name: &str) -> Option<Resolved>;

    /// All names a user may type for `table`, for completion and "did you mean".
    fn names(&self, table: &str, dialect: Dialect) -> Vec<String>;
}
