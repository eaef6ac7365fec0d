//! The columns that become groups beside those that a query asks for, so that a filter by one of them can be answered from
//! what is kept: few values, and what users switch between all day.

use datafusion::arrow::datatypes::Schema;

/// Names of the columns, in any table.
const KEPT: [&str; 4] = ["aws_region", "recipient_account_id", "region", "account_id"];

/// What groups by a kept column are called.
pub(super) fn name(column: &str) -> String {
    format!("\u{1}kept {column}")
}

/// Places and names of the kept columns that a table has.
pub(super) fn of(schema: &Schema) -> Vec<(usize, &'static str)> {
    KEPT.into_iter().filter_map(|name| Some((schema.index_of(name).ok()?, name))).collect()
}
