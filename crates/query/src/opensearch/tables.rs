//! Which of our tables a query reads: what it says of index, dataset or log type, else the prefix of its field names
//! (`aws.vpc.…`), else the table whose catalogue knows most of its fields.

use super::clause::{Clause, Role, Test};
use crate::{
    language::Environment,
    schema::{Dialect, table_knowing},
};

const DIALECT: Dialect = Dialect::OpenSearch;

/// The view across all log types.
pub(crate) const ACROSS: &str = "all";

/// Fields whose value names an index, a dataset or a kind of log.
const NAMING: &[&str] =
    &["_index", "data_stream.dataset", "event.dataset", "@log_type", "log_type", "event.module", "fileset.name"];

/// Whether the value of this field may name a table.
pub(crate) fn names_a_table(field: &str) -> bool {
    NAMING.contains(&field.trim_end_matches(".keyword"))
}

/// The tables that a word means; none: it means no kind of log.
pub(crate) fn meant(env: &Environment<'_>, word: &str) -> Vec<String> {
    let word = word.to_lowercase().replace(' ', "");
    if word.chars().all(|c| c == '*' || c == '-' || c == '_') || word.contains(".amazonaws.com") {
        return Vec::new();
    }
    let named = env.schema.tables_named(DIALECT, &word);
    if !named.is_empty() || word.contains('*') || word.len() < 3 {
        return named;
    }
    env.schema.tables_named(DIALECT, &format!("*{word}*"))
}

/// The tables that a query names, by its tests and the index patterns around it.
pub(crate) fn named(env: &Environment<'_>, clause: &Clause, indices: &[String]) -> Vec<String> {
    let mut words: Vec<String> = indices.to_vec();
    clause.tests(Role::Needed, &mut |name, test, role| {
        if role != Role::Negated && names_a_table(&name.text) {
            words.extend(word_of(test));
        }
    });
    let all = env.schema.tables().into_iter().filter(|table| table != ACROSS).count();
    let mut tables: Vec<String> = words.iter().flat_map(|word| meant(env, word)).collect();
    tables.sort_unstable();
    tables.dedup();
    // An index pattern over everything says nothing.
    if tables.len() > 1 && tables.len() >= all { Vec::new() } else { tables }
}

/// The value that a test of a naming field asks for.
pub(crate) fn word_of(test: &Test) -> Option<String> {
    match test {
        Test::Term { word, .. } | Test::Match { word, .. } | Test::Phrase { word, .. } | Test::Prefix { word, .. } => {
            Some(word.text.clone())
        }
        Test::Wildcard { pattern, .. } => Some(pattern.text()),
        _ => None,
    }
}

/// The table for a query that names none, by the fields that it mentions.
pub(crate) fn by_fields<'a>(env: &Environment<'_>, mentioned: impl IntoIterator<Item = &'a str>) -> String {
    let mentioned: Vec<&str> = mentioned.into_iter().collect();
    let prefixed: Vec<&str> = mentioned.iter().filter_map(|name| service(name)).collect();
    if let Some(service) = prefixed.first().filter(|first| prefixed.iter().all(|other| other == *first)) {
        let tables = meant(env, service);
        if let [table] = tables.as_slice() {
            return table.clone();
        }
    }
    let names: Vec<&str> = mentioned.into_iter().map(super::fields::bare).collect();
    table_knowing(env.schema, DIALECT, names, env.default_table)
}

/// The service of `aws.<service>.<field>`, as OpenSearch's catalogue and Elastic's integrations name fields.
pub(crate) fn service(name: &str) -> Option<&str> {
    let (service, rest) = name.strip_prefix("aws.")?.split_once('.')?;
    (!service.is_empty() && !rest.is_empty()).then_some(match service {
        "vpc" => "vpcflow",
        "s3" => "s3access",
        other => other,
    })
}
