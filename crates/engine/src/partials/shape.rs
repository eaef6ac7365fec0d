//! What two first steps of grouping must have in common for one's result to be the other's: everything but the file.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_expr::expressions::Column;

/// An expression and the name of its value.
pub(super) type Item = (Arc<dyn PhysicalExpr>, String);

/// One way of grouping the rows of a file. Compared by structure, never by text.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) group: Vec<Item>,
    pub(super) aggregates: Vec<Arc<AggregateFunctionExpr>>,
    /// Which rows an aggregate looks at.
    pub(super) filters: Vec<Option<Arc<dyn PhysicalExpr>>>,
    /// What happens between the scan and the grouping.
    pub(super) steps: Vec<Step>,
    pub(super) projection: Vec<Item>,
    pub(super) conditions: Vec<Arc<dyn PhysicalExpr>>,
    /// How many of the groups are by kept columns.
    pub(super) kept: usize,
    /// The table's columns, to which places in expressions refer.
    pub(super) table: SchemaRef,
}

impl Shape {
    /// No grouping: the numbers of the rows that meet a condition. `row` is the name and the place of the column that has them.
    pub(super) fn rows(condition: &Arc<dyn PhysicalExpr>, row: (&str, usize), table: &SchemaRef) -> Self {
        Self {
            group: Vec::new(),
            aggregates: Vec::new(),
            filters: Vec::new(),
            steps: Vec::new(),
            projection: vec![(Arc::new(Column::new(row.0, row.1)), row.0.to_owned())],
            conditions: vec![Arc::clone(condition)],
            kept: 0,
            table: Arc::clone(table),
        }
    }
}

/// An operator on the way.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Project(Vec<Item>),
    Filter(Arc<dyn PhysicalExpr>, Option<Vec<usize>>),
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Project(a), Self::Project(b)) => a == b,
            (Self::Filter(a, m), Self::Filter(b, n)) => a == b && m == n,
            _ => false,
        }
    }
}

/// DataFusion compares aggregates by name, function and arguments; our names say nothing of the rest.
fn same(a: &AggregateFunctionExpr, b: &AggregateFunctionExpr) -> bool {
    a == b
        && a.is_distinct() == b.is_distinct()
        && a.ignore_nulls() == b.ignore_nulls()
        && a.is_reversed() == b.is_reversed()
        && a.order_bys() == b.order_bys()
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.kept == other.kept
            && self.group == other.group
            && self.filters == other.filters
            && self.conditions == other.conditions
            && self.projection == other.projection
            && self.steps == other.steps
            && self.aggregates.len() == other.aggregates.len()
            && self.aggregates.iter().zip(&other.aggregates).all(|(a, b)| same(a, b))
            && self.table == other.table
    }
}

impl Eq for Shape {}

impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kept.hash(state);
        self.group.hash(state);
        self.conditions.hash(state);
        self.projection.hash(state);
        self.aggregates.iter().for_each(|a| (a.fun().name(), a.expressions()).hash(state));
    }
}
