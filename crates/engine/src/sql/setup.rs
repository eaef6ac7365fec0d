//! What an engine has for SQL: Trino's functions, operators by type, views.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::dataframe::DataFrame;
use datafusion::execution::session_state::SessionState;
use datafusion::execution::{FunctionRegistry, SessionStateDefaults};
use datafusion::logical_expr::planner::ExprPlanner;
use datafusion::logical_expr::{HigherOrderUDF, ScalarUDF};
use datafusion::prelude::SessionContext;

use super::operators::Operators;
use super::views::Views;
use crate::error::{ErrorKind, QueryError};
use crate::functions::trino;

/// Folder of a lake where views are kept.
const VIEWS: &str = "views";

/// Made once an engine.
#[derive(Clone)]
pub(crate) struct Setup {
    functions: Arc<[Arc<ScalarUDF>]>,
    higher: Arc<[Arc<HigherOrderUDF>]>,
    /// Views and prepared statements.
    pub(crate) views: Views,
}

impl Setup {
    /// For a lake at `root`.
    pub(crate) fn new(root: &url::Url) -> Self {
        let folder: Option<PathBuf> = root.to_file_path().ok().filter(|path| path.is_dir());
        Self {
            functions: trino::all().into_iter().map(Arc::new).collect(),
            higher: trino::higher_order().into_iter().map(Arc::new).collect(),
            views: Views::in_folder(folder.map(|folder| folder.join(VIEWS))),
        }
    }

    /// Puts Trino's functions over those that the planner has by the same names.
    pub(crate) fn register(&self, state: &mut SessionState) -> Result<(), QueryError> {
        for function in self.functions.iter() {
            state.register_udf(Arc::clone(function))?;
        }
        for function in self.higher.iter() {
            state.register_higher_order_function(Arc::clone(function))?;
        }
        Ok(())
    }
}

/// Our planner of operators before the engine's own.
pub(crate) fn operators() -> Vec<Arc<dyn ExprPlanner>> {
    let concat = trino::all().into_iter().find(|f| f.name() == "__array_concat").map(Arc::new);
    let ours = concat.map(|concat| Arc::new(Operators::new(concat)) as Arc<dyn ExprPlanner>);
    ours.into_iter().chain(SessionStateDefaults::default_expr_planners()).collect()
}

/// Rows that are known before anything is read.
pub(crate) fn rows_of_text(
    context: &SessionContext,
    columns: &[&str],
    rows: &[Vec<String>],
) -> Result<DataFrame, QueryError> {
    let fields: Vec<_> = columns.iter().map(|name| Field::new(*name, DataType::Utf8View, true)).collect();
    let column = |at: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| row.get(at).filter(|cell| !cell.is_empty())).collect::<StringViewArray>())
    };
    let cells = (0..columns.len()).map(column).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), cells)
        .map_err(|e| QueryError::new(ErrorKind::Internal, e.to_string()))?;
    Ok(context.read_batch(batch)?)
}
