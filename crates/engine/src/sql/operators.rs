//! Operators whose meaning goes by the types of their sides.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, ScalarUDF};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use std::sync::Arc;

/// `||` of arrays: arrays with arrays, and with single elements at either end.
#[derive(Debug)]
pub(crate) struct Operators {
    concat: Arc<ScalarUDF>,
}

impl Operators {
    /// With the function that puts arrays together.
    pub(crate) fn new(concat: Arc<ScalarUDF>) -> Self {
        Self { concat }
    }
}

impl ExprPlanner for Operators {
    fn plan_binary_op(&self, raw: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        if raw.op != BinaryOperator::StringConcat {
            return Ok(PlannerResult::Original(raw));
        }
        let list = |e: &Expr| matches!(e.get_type(schema), Ok(DataType::List(_)));
        if !list(&raw.left) && !list(&raw.right) {
            return Ok(PlannerResult::Original(raw));
        }
        let call = ScalarFunction::new_udf(Arc::clone(&self.concat), vec![raw.left, raw.right]);
        Ok(PlannerResult::Planned(Expr::ScalarFunction(call)))
    }
}
