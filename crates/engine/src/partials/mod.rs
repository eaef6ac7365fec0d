//! What grouping makes of each stretch of a data file, kept between queries.
//!
//! Data files never change, and DataFusion groups in two steps: each part of the input by itself, then the parts' states
//! together. So the first step's result for a stretch of a file can serve every later query that groups in the same way: of
//! a dashboard that is opened again only files that came in since are read. The time range is no part of what is the same
//! where a file lies wholly within it, nor is a filter by account or region, which become groups of their own
//! ([`kept`]). It is a rule over finished plans: no language, panel or operator knows of it. Why it is so, and its bounds:
//! docs/decisions/009-kept-partials.md.

mod branch;
mod conditions;
mod exec;
mod kept;
mod selected;
mod shape;
mod store;

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

use exec::PartialsExec;
pub(crate) use store::Store;

/// Puts [`PartialsExec`] in the place of the first step of grouping, where that reads data files and nothing else.
#[derive(Debug)]
pub(crate) struct KeepPartials {
    store: Arc<Store>,
}

impl KeepPartials {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    fn first_step(&self, aggregate: &AggregateExec, partitions: usize) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let exec = PartialsExec::over(aggregate, partitions, &self.store)?;
        Ok(exec.map(|exec| Arc::new(exec) as _))
    }

    /// Grouping in one step, for an input of one part, as two.
    fn both_steps(&self, aggregate: &AggregateExec, partitions: usize) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let first = again(aggregate, AggregateMode::Partial, Arc::clone(aggregate.input()))?;
        let Some(mut first) = self.first_step(&first, partitions)? else { return Ok(None) };
        if first.output_partitioning().partition_count() > 1 {
            first = Arc::new(CoalescePartitionsExec::new(first));
        }
        Ok(Some(Arc::new(again(aggregate, AggregateMode::Final, first)?)))
    }
}

/// The same grouping as another step over `input`.
fn again(aggregate: &AggregateExec, mode: AggregateMode, input: Arc<dyn ExecutionPlan>) -> Result<AggregateExec> {
    let group = match mode {
        AggregateMode::Final => aggregate.group_expr().as_final(),
        _ => aggregate.group_expr().clone(),
    };
    let filters = match mode {
        AggregateMode::Final => vec![None; aggregate.filter_expr().len()],
        _ => aggregate.filter_expr().to_vec(),
    };
    AggregateExec::try_new(mode, group, aggregate.aggr_expr().to_vec(), filters, input, aggregate.input_schema())
}

impl PhysicalOptimizerRule for KeepPartials {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let partitions = config.execution.target_partitions.max(1);
        let changed = plan.transform_up(|node| {
            let Some(aggregate) = node.downcast_ref::<AggregateExec>() else { return Ok(Transformed::no(node)) };
            let instead = match aggregate.mode() {
                AggregateMode::Partial => self.first_step(aggregate, node.output_partitioning().partition_count())?,
                AggregateMode::Single => self.both_steps(aggregate, partitions)?,
                _ => None,
            };
            Ok(instead.map_or_else(|| Transformed::no(Arc::clone(&node)), Transformed::yes))
        })?;
        Ok(changed.data)
    }

    fn name(&self) -> &str {
        "keep_partials"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
