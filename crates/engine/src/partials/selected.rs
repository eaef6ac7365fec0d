//! Conditions that several groupings have in common, as the numbers of the rows that meet them.
//!
//! A filter that is set on a dashboard is a condition of all its panels, and each would read the filter's column of every row.
//! From the second one on the rows that meet it are looked for by themselves, once for a stretch of a file, and kept beside the
//! groups; the panels then read what else they need of those rows alone. A condition that most rows meet is left where it is.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, BooleanBufferBuilder, RecordBatch};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, SchemaRef};
use datafusion::common::stats::Precision;
use datafusion::common::{Result, internal_datafusion_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::execution::TaskContext;
use datafusion::parquet::arrow::RowNumber;
use datafusion::parquet::arrow::arrow_reader::RowSelection;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, IsNotNullExpr};
use datafusion::physical_expr::utils::collect_columns;

use super::branch::Branch;
use super::shape::Shape;
use super::store::{Place, Store};

/// The record's text: what is asked of it is asked of as few rows as can be.
const RAW: &str = "raw";

/// The column of row numbers, which the reader makes.
const ROW: &str = "\u{1}row";

/// A condition whose rows are kept.
#[derive(Debug)]
pub(super) struct Selected {
    condition: Arc<dyn PhysicalExpr>,
    shape: Arc<Shape>,
    number: u64,
}

/// The field of row numbers: counted from 0 in each file.
pub(super) fn row_field() -> Field {
    Field::new(ROW, DataType::Int64, false).with_extension_type(RowNumber)
}

impl Selected {
    /// Of a branch's conditions those that were asked for before. `table` has the column of row numbers at its end.
    pub(super) fn of(branch: &Branch, store: &Store, table: &SchemaRef) -> Vec<Self> {
        let worth = branch.conditions.rest.iter().filter(|condition| is_worth(condition));
        worth
            .filter_map(|condition| {
                let shape = Arc::new(Shape::rows(condition, (ROW, table.fields().len() - 1), table));
                let number = store.asked_again(&shape)?;
                Some(Self { condition: Arc::clone(condition), shape, number })
            })
            .collect()
    }
}

/// Whether a condition may leave few rows and is cheap to ask of all.
fn is_worth(condition: &Arc<dyn PhysicalExpr>) -> bool {
    let columns = collect_columns(condition);
    !columns.is_empty()
        && !columns.iter().any(|column: &Column| column.name() == RAW)
        && !condition.is::<IsNotNullExpr>()
}

/// The file without the rows that do not meet the conditions in `selected`, and which of `conditions` are still to be asked.
pub(super) async fn narrowed(
    branch: &Arc<Branch>,
    file: &PartitionedFile,
    conditions: &[Arc<dyn PhysicalExpr>],
    selected: &[Selected],
    store: &Arc<Store>,
    context: &Arc<TaskContext>,
) -> Result<(PartitionedFile, Vec<Arc<dyn PhysicalExpr>>)> {
    let mut left = conditions.to_vec();
    let rows = file.statistics.as_ref().map(|statistics| statistics.num_rows);
    let Some(Precision::Exact(rows)) = rows else { return Ok((file.clone(), left)) };
    let mut chosen: Option<BooleanBuffer> = None;
    for one in selected {
        let plan = {
            let (branch, shape, file) = (Arc::clone(branch), Arc::clone(&one.shape), file.clone());
            async move { branch.rows(&shape, file) }
        };
        let Some(found) = store.find(Place::new(one.number, file), plan, context).await? else { continue };
        let mask = mask(&found, rows)?;
        chosen = Some(chosen.map_or(mask.clone(), |chosen| &chosen & &mask));
        left.retain(|condition| condition != &one.condition);
    }
    let file = match chosen {
        Some(mask) => file.clone().with_extension(ParquetRowSelection::new(RowSelection::from_boolean_buffer(mask))),
        None => file.clone(),
    };
    Ok((file, left))
}

/// The rows of a file of `rows` rows whose numbers are in `found`.
fn mask(found: &[RecordBatch], rows: usize) -> Result<BooleanBuffer> {
    let mut mask = BooleanBufferBuilder::new(rows);
    mask.append_n(rows, false);
    for number in found.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values()) {
        let at = usize::try_from(*number).ok().filter(|at| *at < rows);
        mask.set_bit(at.ok_or_else(|| internal_datafusion_err!("a file of {rows} rows has no row {number}"))?, true);
    }
    Ok(mask.finish())
}
