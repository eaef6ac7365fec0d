//! Exports of OpenSearch Dashboards and Kibana as dashboards of ours: the reader of exports, asked with our catalogue.

use engine::Fields;
use query::diagnostic::Severity;
use query::dsl::saved::{Checks, import};
use query::language::{Environment, front};
use query::schema::{Dialect, Schema};

use crate::wire::{DashboardFile, ImportNote, ImportedDashboards};

/// Index patterns over everything.
const EVERYTHING: [&str; 6] = ["*", "log-*", "logs-*", "log-aws-*", "logs-aws*", "logs*"];

/// Reads an export (NDJSON, or the JSON array of old versions); `stem` names a dashboard for visualisations on none.
#[must_use]
pub fn from_opensearch(text: &str, stem: &str) -> ImportedDashboards {
    let found = import(text, stem, &Checks { has_table: &has_table, error: &error });
    let note = |(name, note): (String, String)| ImportNote { name, note };
    let mut left_out: Vec<ImportNote> = found.left_out.into_iter().map(note).collect();
    let mut dashboards = Vec::new();
    for (name, value) in found.dashboards {
        match serde_json::from_value::<DashboardFile>(value) {
            Ok(file) => dashboards.push(file),
            Err(error) => left_out.push(ImportNote { name, note: error.to_string() }),
        }
    }
    ImportedDashboards { dashboards, left_out, notes: found.notes.into_iter().map(note).collect() }
}

/// Whether an index pattern means a log that has a table; a pattern over everything does.
fn has_table(index: &str) -> bool {
    let named = |word: &str| !Fields.tables_named(Dialect::OpenSearch, word).is_empty();
    EVERYTHING.contains(&index) || index.split(',').any(|word| named(word.trim()))
}

/// The first error of a DSL query over our tables.
fn error(query: &str) -> Option<String> {
    let env = Environment::new(&Fields, chrono::Utc::now().timestamp_micros());
    let found = (front("dsl")?.lower)(query, &env).err()?;
    let error = found.into_iter().find(|diagnostic| diagnostic.severity == Severity::Error)?;
    Some(error.message)
}
