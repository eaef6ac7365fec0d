//! Expressions of the IR over batches that are not stored yet: what a rule asks of events as they arrive. They are lowered
//! by the translator that plans searches, so that a rule and a search can't disagree.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::prelude::SessionContext;
use event::LogType;
use query::pipeline::{Expr, ExprKind, Literal, Type};

use crate::error::QueryError;
use crate::functions::geo::Locate;
use crate::plan::columns;
use crate::plan::expr::{Translator, stored};
use crate::table::viewed_schema;

/// Makes expressions that run over batches.
#[derive(Clone)]
pub struct Matching {
    context: SessionContext,
    locator: Option<Arc<dyn Locate>>,
    now: i64,
}

impl fmt::Debug for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matching").field("now", &self.now).finish_non_exhaustive()
    }
}

/// An expression over the columns of one log type's batches.
#[derive(Debug, Clone)]
pub struct Compiled {
    columns: Vec<String>,
    schema: SchemaRef,
    expr: Arc<dyn PhysicalExpr>,
}

impl Matching {
    /// `locator` answers for addresses that have no stored place; `now` is what expressions take for the present,
    /// microseconds since 1970-01-01 (UTC).
    #[must_use]
    pub fn new(locator: Option<Arc<dyn Locate>>, now: i64) -> Self {
        Self { context: SessionContext::new(), locator, now }
    }

    /// An expression about the rows of a log type's table, for its batches.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Invalid`] and [`crate::ErrorKind::Internal`] as for a query with this expression.
    pub fn compile(&self, log_type: &'static LogType, expr: &Expr) -> Result<Compiled, QueryError> {
        let mut used = BTreeSet::new();
        columns::collect(expr, &mut used);
        let all = viewed_schema(&log_type.schema());
        let columns: Vec<String> = used.into_iter().filter(|name| all.index_of(name).is_ok()).collect();
        let fields: Vec<Field> = columns
            .iter()
            .filter_map(|name| all.field_with_name(name).ok())
            .map(|field| field.clone().with_name(stored(field.name())).with_nullable(true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let frame = DFSchema::try_from(schema.as_ref().clone())?;
        let translator =
            Translator { schema: &frame, context: &self.context, locator: self.locator.as_ref(), now: self.now };
        let logical = translator.expr(expr)?;
        // As a search is: some functions (`coalesce`) only exist until they are simplified.
        let simplifier = ExprSimplifier::new(SimplifyContext::builder().with_schema(Arc::new(frame.clone())).build());
        let logical = simplifier.simplify(simplifier.coerce(logical, &frame)?)?;
        let expr = self.context.create_physical_expr(logical, &frame)?;
        Ok(Compiled { columns, schema, expr })
    }
}

impl Compiled {
    /// The stored columns that it reads, as [`evaluate`](Self::evaluate) wants them.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Its values for `rows` rows: Boolean for a truth, text as views. The columns come as [`viewed`] makes them.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] where the columns do not fit or a function fails.
    pub fn evaluate(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<ArrayRef, QueryError> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(datafusion::common::DataFusionError::from)?;
        Ok(self.expr.evaluate(&batch)?.into_array(rows)?)
    }
}

/// A column as expressions read it: text as views.
///
/// # Errors
/// [`crate::ErrorKind::Internal`] where Arrow can't.
pub fn viewed(column: &ArrayRef) -> Result<ArrayRef, QueryError> {
    let ty = match column.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        _ => return Ok(Arc::clone(column)),
    };
    Ok(cast(column, &ty).map_err(datafusion::common::DataFusionError::from)?)
}

/// An expression about the view across the log types, as it is for the rows of one of them.
#[must_use]
pub fn in_table(log_type: &'static LogType, expr: &Expr) -> Expr {
    let kind = match &expr.kind {
        ExprKind::Column(name) if name == "log_type" => ExprKind::Literal(Literal::Text(log_type.id.to_owned())),
        ExprKind::Column(name) => match filled(log_type, name) {
            Some(column) => ExprKind::Column(column.to_owned()),
            None => return null(expr),
        },
        ExprKind::Call { func, args } => {
            ExprKind::Call { func: *func, args: args.iter().map(|arg| in_table(log_type, arg)).collect() }
        }
        other => other.clone(),
    };
    Expr { kind, ..expr.clone() }
}

/// The column of a log type that fills a field of the view.
fn filled(log_type: &'static LogType, field: &str) -> Option<&'static str> {
    log_type.catalogue().fields().iter().find(|f| f.common == Some(field)).and_then(|f| f.column)
}

fn null(expr: &Expr) -> Expr {
    let ty = if expr.ty == Type::Any { Type::Text } else { expr.ty };
    Expr { kind: ExprKind::Literal(Literal::Null), ty, span: expr.span }
}
