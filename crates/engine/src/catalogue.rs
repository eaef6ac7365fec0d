//! The field catalogues as the query languages ask for them.

use std::collections::BTreeSet;

use event::log_types::{ALL, LogType, Names};
use event::{Catalogue, Field, FieldType, Match, Naming, log_type, log_types};
use query::pipeline::Type;
use query::schema::{Dialect, Resolved, Schema};

use crate::views::view;

/// The view across all log types.
pub(crate) const ACROSS: &str = "all";

/// Answers names from the catalogues.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields;

/// The IR's type of a catalogue type.
pub(crate) fn ir_type(ty: FieldType) -> Type {
    match ty {
        FieldType::Text => Type::Text,
        FieldType::Int => Type::Int,
        FieldType::Float => Type::Float,
        FieldType::Bool => Type::Bool,
        FieldType::Time | FieldType::Date => Type::Time,
    }
}

fn naming(dialect: Dialect) -> Naming {
    match dialect {
        Dialect::Spl => Naming::Splunk,
        Dialect::Sql => Naming::Sql,
        Dialect::Sumo => Naming::Sumo,
        Dialect::OpenSearch => Naming::Ecs,
        Dialect::Insights | Dialect::FilterPattern | Dialect::Sigma => Naming::CloudTrail,
    }
}

/// A log type, or the view across them.
pub(crate) fn known(table: &str) -> Option<&'static LogType> {
    if table == ACROSS { Some(&ALL) } else { log_type(table) }
}

/// The catalogue of a table; tables about the lake itself have none.
pub(crate) fn of(table: &str) -> Option<&'static Catalogue> {
    known(table).map(LogType::catalogue)
}

/// What a name stands for in a table: the language's own names first, then, for dotted names, those of ECS and OCSF as they
/// are spelled there.
pub(crate) fn named(table: &str, naming: Naming, name: &str) -> Option<Match> {
    let catalogue = of(table)?;
    let own = catalogue.resolve(naming, name);
    let other = |naming| catalogue.resolve(naming, name).filter(|m| m.exact && m.field.column.is_some());
    own.or_else(|| name.contains('.').then(|| other(Naming::Ecs).or_else(|| other(Naming::Ocsf))).flatten())
}

/// What a condition of the filter bar speaks of in a table: a name of the table, else, where another log's name was filtered
/// by (`sourceIPAddress` over flow logs), the column that fills the same shared field.
pub(crate) fn filtered(table: &str, name: &str) -> Option<&'static Field> {
    if let Some(found) = named(table, Naming::Splunk, name) {
        return Some(found.field);
    }
    let foreign = log_types().iter().find_map(|log_type| named(log_type.id, Naming::Splunk, name)?.field.common);
    let common = foreign.or_else(|| named(ACROSS, Naming::Splunk, name)?.field.column)?;
    let fills = |field: &&Field| field.column.is_some() && field.common.or(field.column) == Some(common);
    of(table)?.fields().iter().find(fills)
}

impl Schema for Fields {
    fn resolve(&self, table: &str, dialect: Dialect, name: &str) -> Option<Resolved> {
        let Some(found) = named(table, naming(dialect), name) else {
            // Events of every table are shown with their id under CloudTrail's name for it.
            let shown = name == "eventID" && known(table).is_some();
            return shown.then(|| Resolved {
                column: "event_id".to_owned(),
                ty: Type::Text,
                default: None,
                spelled: None,
            });
        };
        let column = found.field.column?;
        let default = found.field.splunk_default.filter(|_| dialect == Dialect::Spl);
        Some(Resolved {
            column: column.to_owned(),
            ty: ir_type(found.field.ty),
            default: default.map(str::to_owned),
            spelled: (!found.exact).then(|| found.name.to_owned()),
        })
    }

    fn path(&self, table: &str, dialect: Dialect, name: &str) -> Option<String> {
        let found = named(table, naming(dialect), name)?;
        found.field.path.filter(|_| found.field.column.is_none()).map(str::to_owned)
    }

    fn path_of(&self, table: &str, column: &str) -> Option<String> {
        of(table)?.column(column)?.path.map(str::to_owned)
    }

    fn name_of(&self, table: &str, dialect: Dialect, column: &str) -> Option<String> {
        let field = of(table)?.column(column)?;
        let own = field.names(naming(dialect)).first().copied();
        let dotted = || field.ecs.first().copied().filter(|_| dialect != Dialect::FilterPattern);
        let name = field.path.filter(|path| !path.contains('[')).or(own).or_else(dotted);
        name.or_else(|| (dialect != Dialect::FilterPattern).then_some(column).filter(|_| field.column.is_some()))
            .map(str::to_owned)
    }

    fn column_of_path(&self, table: &str, path: &str) -> Option<(String, Type)> {
        // A column that other paths fill too would answer for a path that is not there.
        let field = of(table)?.fields().iter().find(|field| field.path == Some(path) && field.also.is_empty())?;
        Some((field.column?.to_owned(), ir_type(field.ty)))
    }

    fn names(&self, table: &str, dialect: Dialect) -> Vec<String> {
        let names = of(table).map(|catalogue| catalogue.names(naming(dialect))).unwrap_or_default();
        names.into_iter().map(str::to_owned).collect()
    }

    fn shared(&self, table: &str, dialect: Dialect, name: &str) -> bool {
        let field = |table: &str| named(table, naming(dialect), name).map(|found| found.field);
        let across = field(ACROSS).and_then(|field| field.column);
        across.is_some() && field(table).is_some_and(|field| field.common.or(field.column) == across)
    }

    fn sourcetype(&self, table: &str) -> Option<String> {
        event::log_type(table).map(|log_type| log_type.sourcetype().to_owned())
    }

    fn tables(&self) -> Vec<String> {
        log_types().iter().map(|log_type| log_type.id.to_owned()).chain([ACROSS.to_owned()]).collect()
    }

    fn tables_named(&self, dialect: Dialect, word: &str) -> Vec<String> {
        let word = word.to_lowercase();
        if word == ACROSS || ALL.names.sql_tables.contains(&word.as_str()) {
            return vec![ACROSS.to_owned()];
        }
        if dialect == Dialect::Sql && view(&word).is_some() {
            return vec![word];
        }
        let exact =
            log_types().iter().filter(|log_type| log_type.id == word || has(aliases(&log_type.names, dialect), &word));
        let exact: Vec<String> = exact.map(|log_type| log_type.id.to_owned()).collect();
        if !exact.is_empty() {
            return exact;
        }
        let means = |log_type: &&&LogType| aliases(&log_type.names, dialect).iter().any(|alias| alike(alias, &word));
        log_types().iter().filter(means).map(|log_type| log_type.id.to_owned()).collect()
    }
}

fn has(aliases: &[&str], word: &str) -> bool {
    aliases.iter().any(|alias| alias.eq_ignore_ascii_case(word))
}

fn aliases(names: &Names, dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Spl => names.sourcetypes,
        Dialect::Sql => names.sql_tables,
        Dialect::Sumo => names.source_categories,
        Dialect::OpenSearch => names.indices,
        Dialect::Sigma => names.sigma,
        Dialect::Insights | Dialect::FilterPattern => names.log_groups,
    }
}

/// Whether an alias and a word (lower case), either of which may hold `*`, mean each other.
fn alike(alias: &str, word: &str) -> bool {
    let alias = alias.to_lowercase();
    glob(alias.as_bytes(), word.as_bytes()) || glob(word.as_bytes(), alias.as_bytes())
}

/// Whether `text` is what `pattern`, with `*` for anything, means. Linear in the pattern for each star.
pub(crate) fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p + 1, t));
            p += 1;
        } else if p < pattern.len() && pattern[p] == text[t] {
            p += 1;
            t += 1;
        } else if let Some((after, from)) = star {
            p = after;
            t = from + 1;
            star = Some((after, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Every name of the catalogues, for completion.
#[must_use]
pub fn completions() -> Vec<&'static str> {
    let mut all = BTreeSet::new();
    for log_type in log_types().iter().copied().chain([&ALL]) {
        for naming in [Naming::Splunk, Naming::Sql] {
            all.extend(log_type.catalogue().names(naming));
        }
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_other_systems_name_tables() {
        let check = |dialect, word: &str, wanted: &[&str]| {
            assert_eq!(Fields.tables_named(dialect, word), wanted, "{word}");
        };
        check(Dialect::Spl, "aws:cloudtrail", &["cloudtrail"]);
        check(Dialect::Sumo, "cm-core/CloudTrail", &["cloudtrail"]);
        check(Dialect::Sql, "cloudtrail_logs_my_bucket", &["cloudtrail"]);
        check(Dialect::OpenSearch, "log-aws-cloudtrail-2024-*", &["cloudtrail"]);
        check(Dialect::Sigma, "cloudtrail", &["cloudtrail"]);
        check(Dialect::Sql, "all_logs", &["all"]);
        check(Dialect::Sql, "CloudTrail_ECS", &["cloudtrail_ecs"]);
        check(Dialect::Spl, "linux_secure", &[]);
    }

    #[test]
    fn filters_mean_the_shared_field_where_a_table_has_no_such_name() {
        for (table, name, wanted) in [
            ("vpc_flow", "sourceIPAddress", Some("source_address")),
            ("elb", "sourceIPAddress", Some("client_ip")),
            ("waf", "recipientAccountId", Some("account_id")),
            ("guardduty", "awsRegion", Some("region")),
            ("guardduty", "user", Some("user_name")),
            ("all", "recipientAccountId", Some("account_id")),
            ("all", "sourceIPAddress", Some("source_address")),
            ("all", "srcaddr", Some("source_address")),
            ("cloudtrail", "srcaddr", Some("source_ip_address")),
            ("cloudtrail", "userName", Some("user_name")),
            ("vpc_flow", "action", Some("disposition")),
            ("vpc_flow", "user", None),
            ("vpc_flow", "requestParameters.bucketName", None),
        ] {
            assert_eq!(filtered(table, name).and_then(|field| field.column), wanted, "{table}: {name}");
        }
    }

    #[test]
    fn globs() {
        for (pattern, text, wanted) in [
            ("*trail*", "cloudtrail_logs", true),
            ("a*c", "abd", false),
            ("*", "", true),
            ("a", "ab", false),
            ("a**b", "ab", true),
        ] {
            assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), wanted, "{pattern} {text}");
        }
    }
}
