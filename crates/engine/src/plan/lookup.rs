//! Lookup files: CSV with a header line, in the folder of lookups; every column is text.

use arrow::datatypes::{DataType, Field, Schema};
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::Expr as Df;
use datafusion::prelude::CsvReadOptions;
use query::pipeline::{Expr, JoinKind};

use super::expr::{named, to_text};
use super::{Planner, nodes, relation, shape};
use crate::error::{ErrorKind, QueryError};
use crate::functions::present::first_present;
use crate::lookups::header;

/// The rows of a lookup file.
pub(super) async fn read(planner: &Planner<'_>, name: &str) -> Result<DataFrame, QueryError> {
    let path = match planner.lookups.find(name) {
        Ok(path) => path,
        Err(error) => return noted(planner, name).map_or(Err(error), |()| nothing(planner)),
    };
    let header = header(&path)?;
    let fields: Vec<Field> = header.iter().map(|h| Field::new(h, DataType::Utf8View, true)).collect();
    let schema = Schema::new(fields);
    let options = CsvReadOptions::new()
        .has_header(true)
        .schema(&schema)
        .file_extension("")
        .newlines_in_values(true)
        .truncated_rows(true);
    Ok(planner.context.read_csv(path.to_string_lossy().as_ref(), options).await?)
}

/// Lookups that say something only where the user has filled them: known threats, which nobody has yet, and the names of addresses, which
/// Splunk asks DNS for.
const OPTIONAL: &[&str] = &["dnslookup", "threat"];

/// Notes a missing lookup where the query can do without it: it is only explained, or makes it itself.
fn noted(planner: &Planner<'_>, name: &str) -> Option<()> {
    let optional = OPTIONAL.contains(&name);
    if !planner.explains && !optional && !planner.made.contains(name.trim_end_matches(".csv")) {
        return None;
    }
    let mut names = planner.missing.lock().ok()?;
    if !names.iter().any(|n| n == name) {
        names.push(name.to_owned());
    }
    Some(())
}

/// No rows and no fields: what reads it sees nulls.
fn nothing(planner: &Planner<'_>) -> Result<DataFrame, QueryError> {
    let schema = Schema::new(vec![Field::new("_", DataType::Utf8View, true)]);
    Ok(planner.context.read_batch(arrow::array::RecordBatch::new_empty(std::sync::Arc::new(schema)))?)
}

/// Adds fields of the first matching row of a lookup.
pub(super) async fn join(
    planner: &Planner<'_>,
    frame: DataFrame,
    table: &str,
    on: &[(String, Expr)],
    output: &[(String, String)],
    only_new: bool,
) -> Result<DataFrame, QueryError> {
    if let Err(error) = planner.lookups.find(table) {
        noted(planner, table).ok_or(error)?;
        let fields: Vec<String> = output.iter().map(|(_, field)| field.clone()).collect();
        return shape::fill_null(frame, Some(&fields), &query::pipeline::Literal::Null);
    }
    let lookup = read(planner, table).await?;
    let have = shape::visible(&lookup);
    if let Some((column, _)) = on.iter().find(|(c, _)| !have.contains(c)) {
        let text = format!("the lookup `{table}` has no column `{column}`; it has {}", have.join(", "));
        return Err(QueryError::new(ErrorKind::Invalid, text));
    }
    let wanted: Vec<(String, String)> = if output.is_empty() {
        have.iter().filter(|h| !on.iter().any(|(c, _)| c == *h)).map(|h| (h.clone(), h.clone())).collect()
    } else {
        output.to_vec()
    };
    if let Some((column, _)) = wanted.iter().find(|(c, _)| !have.contains(c)) {
        return Err(QueryError::new(ErrorKind::Invalid, format!("the lookup `{table}` has no column `{column}`")));
    }
    let before: Vec<String> = frame.schema().fields().iter().map(|f| f.name().clone()).collect();
    let matched = matched(planner, frame, lookup, on, &wanted)?;
    merge(matched, &before, &wanted, only_new)
}

const FOUND: &str = "lookup ";

/// The frame with the looked-up values under names of their own.
fn matched(
    planner: &Planner<'_>,
    frame: DataFrame,
    lookup: DataFrame,
    on: &[(String, Expr)],
    wanted: &[(String, String)],
) -> Result<DataFrame, QueryError> {
    let keys: Vec<String> = (0..on.len()).map(|i| format!("{FOUND}key {i}")).collect();
    let mut items: Vec<Df> = keys.iter().zip(on).map(|(k, (c, _))| named(c).alias(k)).collect();
    items.extend(wanted.iter().map(|(c, f)| named(c).alias(format!("{FOUND}{f}"))));
    let right = nodes::select(lookup, items)?;
    let pairs: Vec<(&Expr, &String)> = on.iter().map(|(_, e)| e).zip(&keys).collect();
    relation::frames(planner, frame, JoinKind::Left, right, &pairs, Some(1))
}

fn merge(
    frame: DataFrame,
    before: &[String],
    wanted: &[(String, String)],
    only_new: bool,
) -> Result<DataFrame, QueryError> {
    let found = |field: &str| wanted.iter().any(|(_, f)| f == field).then(|| named(&format!("{FOUND}{field}")));
    let mut items: Vec<Df> = before
        .iter()
        .map(|name| match found(name) {
            Some(value) if only_new => first_present(vec![to_text(named(name)), value]).alias(name),
            Some(value) => first_present(vec![value, to_text(named(name))]).alias(name),
            None => named(name),
        })
        .collect();
    items.extend(
        wanted.iter().filter(|(_, f)| !before.contains(f)).map(|(_, f)| named(&format!("{FOUND}{f}")).alias(f)),
    );
    Ok(nodes::select(frame, items)?)
}
