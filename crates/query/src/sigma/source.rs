//! A rule's log source as tables of the store, and the fields of Sigma's web server taxonomy by the names that the store has.

use super::ast::{Item, Logsource, Search, Test};
use crate::{
    diagnostic::Diagnostic,
    language::Environment,
    schema::{self, Dialect},
};

/// The view across all tables.
const ACROSS: &str = "all";

/// Fields of Sigma's taxonomy for web servers and proxies, which are W3C's, and the ECS names of the same.
const TAXONOMY: &[(&str, &str)] = &[
    ("c-ip", "source.ip"),
    ("c-uri", "url.original"),
    ("c-uri-path", "url.path"),
    ("c-uri-query", "url.query"),
    ("c-useragent", "user_agent.original"),
    ("cs-cookie", "http.request.headers.cookie"),
    ("cs-host", "url.domain"),
    ("cs-method", "http.request.method"),
    ("cs-referer", "http.request.referrer"),
    ("cs-uri-query", "url.query"),
    ("cs-uri-stem", "url.path"),
    ("cs-user-agent", "user_agent.original"),
    ("dst_ip", "destination.ip"),
    ("dst_port", "destination.port"),
    ("query", "dns.question.name"),
    ("r-dns", "url.domain"),
    ("s-ip", "destination.ip"),
    ("sc-status", "http.response.status_code"),
    ("src_ip", "source.ip"),
    ("src_port", "source.port"),
];

/// Where a rule looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The table.
    pub(super) table: String,
    /// The log types of the view `all` that it is about; empty: no condition.
    pub(super) log_types: Vec<String>,
    /// Whether the rule's fields are those of a category's taxonomy.
    pub(super) by_category: bool,
}

/// The name in the store of a field of a category's taxonomy; any other name is itself.
pub(super) fn taxonomy(name: &str, by_category: bool) -> &str {
    if !by_category {
        return name;
    }
    TAXONOMY.iter().find(|(known, _)| *known == name).map_or(name, |(_, ecs)| ecs)
}

/// The table of a log source. A product that is not AWS has none, and a rule about it can't find anything.
pub(super) fn place(
    env: &Environment<'_>,
    source: &Logsource,
    searches: &[Search],
    found: &mut Vec<Diagnostic>,
) -> Option<Place> {
    let mut fields: Vec<&str> = Vec::new();
    searches.iter().for_each(|search| fields_of(&search.test, &mut fields));
    let by_category = source.category.is_some();
    let fields: Vec<&str> = fields.into_iter().map(|field| taxonomy(field, by_category)).collect();
    for word in [&source.service, &source.category, &source.product].into_iter().flatten() {
        let tables = env.schema.tables_named(Dialect::Sigma, word);
        if !tables.is_empty() {
            return Some(Place { by_category, ..among(env, tables, &fields) });
        }
    }
    if let Some(product) = &source.product
        && !product.eq_ignore_ascii_case("aws")
    {
        let message = format!("there are no logs of `{product}`");
        let error = Diagnostic::error("sigma.no-table", message, source.span);
        found.push(error.with_help(format!("tables: {}", env.schema.tables().join(", "))));
        return None;
    }
    let table = schema::table_knowing(env.schema, Dialect::Sigma, fields.iter().copied(), env.default_table);
    let word = source.service.as_ref().or(source.category.as_ref());
    if let Some(word) = word {
        let message = format!("no table is known for `{word}`: the rule reads `{table}`, by its fields");
        found.push(Diagnostic::warning("sigma.logsource", message, source.span));
    }
    Some(Place { table, log_types: Vec::new(), by_category })
}

/// One of several tables: the view across them where it knows as many of the rule's fields as any, else the table that knows
/// most.
fn among(env: &Environment<'_>, mut tables: Vec<String>, fields: &[&str]) -> Place {
    if tables.len() == 1 {
        return Place { table: tables.remove(0), log_types: Vec::new(), by_category: false };
    }
    let known = |table: &str| {
        let named =
            |field: &&&str| env.schema.resolve(table, Dialect::Sigma, field).is_some_and(|f| f.spelled.is_none());
        fields.iter().filter(named).count()
    };
    let best = tables.iter().max_by_key(|table| known(table)).cloned().unwrap_or_default();
    if known(&best) > known(ACROSS) || !env.schema.tables().iter().any(|table| table == ACROSS) {
        return Place { table: best, log_types: Vec::new(), by_category: false };
    }
    Place { table: ACROSS.to_owned(), log_types: tables, by_category: false }
}

fn fields_of<'a>(test: &'a Test, out: &mut Vec<&'a str>) {
    match test {
        Test::All(tests) | Test::Any(tests) => tests.iter().for_each(|test| fields_of(test, out)),
        Test::Item(Item { field, .. }) => out.extend(field.as_deref()),
    }
}
