//! Which of our tables a statement reads, by whatever name it has there.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{ObjectName, Query, visit_relations};
use query::schema::{Dialect, Schema};

use crate::catalogue::Fields;

/// Names in the statement that mean one of our log tables, each once, with the table.
pub(super) fn read(query: &Query) -> Vec<(String, String)> {
    let mut found = BTreeMap::new();
    let _: ControlFlow<()> = visit_relations(query, |name: &ObjectName| {
        if let [part] = name.0.as_slice()
            && let Some(ident) = part.as_ident()
        {
            let folded = ident.value.to_lowercase();
            let registered = if ident.quote_style.is_some() { ident.value.clone() } else { folded.clone() };
            if let Some(table) = Fields.tables_named(Dialect::Sql, &folded).into_iter().next() {
                found.insert(registered, table);
            }
        }
        ControlFlow::Continue(())
    });
    found.into_iter().collect()
}
