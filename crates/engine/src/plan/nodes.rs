//! Projections and filters without DataFrame's normalising of names: that visits the whole plan below for every column that an
//! expression reads, and the columns of a pipeline's plan have one exact name each. Measured over the corpora it was the dearest
//! part of making a plan.

use std::sync::Arc;

use datafusion::common::{DFSchema, Result};
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::utils::{exprlist_to_fields, find_window_exprs};
use datafusion::logical_expr::{Expr as Df, Filter, LogicalPlan, Projection};

/// Whether columns are called by their names alone: the rows of a table or a file bear the table's name until the first projection.
fn bare(plan: &LogicalPlan) -> bool {
    plan.schema().iter().all(|(table, _)| table.is_none())
}

/// The frame with exactly these fields.
pub(crate) fn select(frame: DataFrame, items: Vec<Df>) -> Result<DataFrame> {
    if !bare(frame.logical_plan()) || !find_window_exprs(&items).is_empty() {
        return frame.select(items);
    }
    let (state, plan) = frame.into_parts();
    let fields = exprlist_to_fields(&items, &plan)?;
    let schema = DFSchema::new_with_metadata(fields, plan.schema().metadata().clone())?;
    let node = Projection::try_new_with_schema(items, Arc::new(plan), Arc::new(schema))?;
    Ok(DataFrame::new(state, LogicalPlan::Projection(node)))
}

/// The rows for which a condition holds.
pub(crate) fn filter(frame: DataFrame, predicate: Df) -> Result<DataFrame> {
    if !bare(frame.logical_plan()) {
        return frame.filter(predicate);
    }
    let (state, plan) = frame.into_parts();
    Ok(DataFrame::new(state, LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(plan))?)))
}
