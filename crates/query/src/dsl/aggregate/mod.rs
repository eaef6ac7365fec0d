//! Aggregations: read into a tree ([`tree`]), and from there to rows ([`plan`]): a row a leaf bucket, with a column for
//! each key on the way to it, `doc_count`, and the metrics.

mod keys;
mod kinds;
mod metric;
mod parents;
mod plan;
mod rank;
pub(super) mod tree;

pub(super) use kinds::{AGGREGATIONS, is_aggregation, kind_of, orders, read, span};
pub(super) use plan::{Planner, RowSet};
pub(super) use rank::{first, metric_column};
