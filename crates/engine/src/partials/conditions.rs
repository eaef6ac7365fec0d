//! The conditions of a scan, taken apart by what they mean for a result that is to be kept.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::ScalarValue;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::logical_expr::{Operator, Volatility};
use datafusion::physical_expr::expressions::{BinaryExpr, Column, DynamicFilterPhysicalExpr, Literal};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr, split_conjunction};

use super::kept;

/// The time by which files are known to lie within a range or not.
const TIME: &str = "event_time";

/// A scan's conditions; all of them have to hold.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    /// Bounds of the time.
    pub(super) time: Vec<Bound>,
    /// Those on one kept column alone.
    pub(super) kept: Vec<Arc<dyn PhysicalExpr>>,
    /// The others.
    pub(super) rest: Vec<Arc<dyn PhysicalExpr>>,
}

/// A comparison of the time with an instant.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) condition: Arc<dyn PhysicalExpr>,
    op: Operator,
    micros: i64,
}

impl Conditions {
    /// Those of `predicate`. What other operators learn while they run (dynamic filters) is left out: it only spares
    /// rows that are dropped later, and is not the same the next time.
    pub(super) fn of(predicate: Option<&Arc<dyn PhysicalExpr>>, table: &SchemaRef) -> Self {
        let mut all = Self::default();
        let names: HashSet<&str> = kept::of(table).into_iter().map(|(_, name)| name).collect();
        for condition in predicate.map(|p| split_conjunction(p)).unwrap_or_default() {
            let columns = collect_columns(condition);
            let mut columns = columns.iter().map(Column::name);
            let only = columns.next().filter(|_| columns.next().is_none());
            if is_dynamic(condition) {
            } else if let Some(bound) = Bound::of(condition) {
                all.time.push(bound);
            } else if only.is_some_and(|name| names.contains(name)) {
                all.kept.push(Arc::clone(condition));
            } else {
                all.rest.push(Arc::clone(condition));
            }
        }
        all
    }
}

impl Bound {
    fn of(condition: &Arc<dyn PhysicalExpr>) -> Option<Self> {
        let comparison = condition.downcast_ref::<BinaryExpr>()?;
        let column = comparison.left().downcast_ref::<Column>().filter(|column| column.name() == TIME)?;
        let literal = comparison.right().downcast_ref::<Literal>()?;
        match (column.name(), literal.value(), comparison.op()) {
            (
                _,
                ScalarValue::TimestampMicrosecond(Some(micros), _),
                op @ (Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq),
            ) => Some(Self { condition: Arc::clone(condition), op: *op, micros: *micros }),
            _ => None,
        }
    }

    /// Whether it holds for every row of a file, as far as the file's statistics tell. The time is never null.
    pub(super) fn always(&self, file: &PartitionedFile, table: &SchemaRef) -> bool {
        let column = || {
            let statistics = file.statistics.as_ref()?;
            statistics.column_statistics.get(table.index_of(TIME).ok()?).cloned()
        };
        let Some(column) = column() else { return false };
        let micros = |value: &Precision<ScalarValue>| match value.get_value() {
            Some(ScalarValue::TimestampMicrosecond(micros, _)) => *micros,
            _ => None,
        };
        if column.null_count != Precision::Exact(0) {
            return false;
        }
        // The least is exact, the greatest never too small.
        match self.op {
            Operator::Gt => micros(&column.min_value).is_some_and(|min| min > self.micros),
            Operator::GtEq => micros(&column.min_value).is_some_and(|min| min >= self.micros),
            Operator::Lt => micros(&column.max_value).is_some_and(|max| max < self.micros),
            Operator::LtEq => micros(&column.max_value).is_some_and(|max| max <= self.micros),
            _ => false,
        }
    }
}

fn is_dynamic(expr: &Arc<dyn PhysicalExpr>) -> bool {
    found(expr, |node| node.is::<DynamicFilterPhysicalExpr>())
}

/// Whether an expression gives the same for the same row tomorrow.
pub(super) fn is_lasting(expr: &Arc<dyn PhysicalExpr>) -> bool {
    !found(expr, |node| {
        let function = node.downcast_ref::<ScalarFunctionExpr>();
        let passing = |f: &ScalarFunctionExpr| f.fun().signature().volatility != Volatility::Immutable;
        node.is_volatile_node() || node.is::<DynamicFilterPhysicalExpr>() || function.is_some_and(passing)
    })
}

fn found(expr: &Arc<dyn PhysicalExpr>, test: impl Fn(&dyn PhysicalExpr) -> bool) -> bool {
    let mut found = false;
    // The closure gives no error.
    let _ = expr.apply(|node| {
        found |= test(node.as_ref());
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}
