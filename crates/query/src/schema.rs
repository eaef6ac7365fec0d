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
    /// Sumo Logic: names that its apps parse out, then the record's paths.
    Sumo,
    /// CloudWatch Logs Insights: the record's paths, and the field names that it discovers in other logs.
    Insights,
    /// CloudWatch filter patterns: the record's paths.
    FilterPattern,
    /// OpenSearch (DSL, Lucene, KQL): ECS names, then OCSF ones, then the record's paths.
    OpenSearch,
    /// Sigma: the record's paths, then ECS names.
    Sigma,
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

    /// The record path that a catalogue name without a column stands for, dotted; none: the name is no such name.
    fn path(&self, table: &str, dialect: Dialect, name: &str) -> Option<String> {
        let _ = (table, dialect, name);
        None
    }

    /// The stored column that holds exactly what stands at a path of the raw record (`a.b`, case and all), null where nothing
    /// does, and its type; none: the record itself has to be asked.
    fn column_of_path(&self, table: &str, path: &str) -> Option<(String, Type)> {
        let _ = (table, path);
        None
    }

    /// All names a user may type for `table`, for completion and "did you mean".
    fn names(&self, table: &str, dialect: Dialect) -> Vec<String>;

    /// The path inside the raw record whose value a stored column is, exactly; none for a column that is computed, or filled
    /// from several places.
    fn path_of(&self, table: &str, column: &str) -> Option<String> {
        let _ = (table, column);
        None
    }

    /// What a stored column is called in a language, for translating a query into it; none where the language has no name for
    /// it.
    fn name_of(&self, table: &str, dialect: Dialect, column: &str) -> Option<String> {
        let _ = dialect;
        self.path_of(table, column)
    }

    /// Whether a name means in `table` what it means in the view across the logs.
    fn shared(&self, table: &str, dialect: Dialect, name: &str) -> bool {
        let _ = (table, dialect, name);
        false
    }

    /// The sourcetype that Splunk gives the events of a table; none: the table has no one sourcetype.
    fn sourcetype(&self, table: &str) -> Option<String> {
        let _ = table;
        None
    }

    /// The tables of logs, by name: a table a log type, and `all`, the view across them.
    fn tables(&self) -> Vec<String> {
        vec!["cloudtrail".to_owned()]
    }

    /// The tables that a language's word for a kind of log means, `*` in it standing for anything: a Splunk sourcetype, a
    /// Sumo source category, an index pattern of OpenSearch, a table of Athena, a service or category of a Sigma rule, a
    /// log group of CloudWatch. Empty: the word says nothing. Our own table names are understood in every language.
    fn tables_named(&self, dialect: Dialect, word: &str) -> Vec<String> {
        let _ = dialect;
        self.tables().into_iter().filter(|table| table == word).collect()
    }
}

/// The table whose catalogue knows most of `fields`, for languages that never name a table; `default` where none knows
/// more than it.
pub fn table_knowing<'a>(
    schema: &dyn Schema,
    dialect: Dialect,
    fields: impl IntoIterator<Item = &'a str>,
    default: &str,
) -> String {
    let fields: Vec<&str> = fields.into_iter().collect();
    let known = |table: &str| fields.iter().filter(|field| schema.resolve(table, dialect, field).is_some()).count();
    let mut best = (known(default), default.to_owned());
    for table in schema.tables().into_iter().filter(|table| table != "all") {
        let count = known(&table);
        if count > best.0 {
            best = (count, table);
        }
    }
    best.1
}
