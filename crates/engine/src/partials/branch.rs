//! One way from a grouping down to a scan of data files: how it is read out of a plan, and built again for one stretch of
//! one file.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::{Result, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileGroup, FileScanConfig, FileScanConfigBuilder, FileSource, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::{ProjectionExpr, ProjectionExprs};
use datafusion::physical_expr::{Partitioning, PhysicalExpr, conjunction};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::union::UnionExec;

use super::conditions::{Conditions, is_lasting};
use super::kept;
use super::selected::row_field;
use super::shape::{Item, Shape, Step};

/// The way to one scan.
#[derive(Debug)]
pub(super) struct Branch {
    group: Vec<Item>,
    aggregate: AggregateExec,
    /// From the grouping down.
    steps: Vec<Step>,
    config: FileScanConfig,
    source: ParquetSource,
    projection: Vec<Item>,
    pub(super) conditions: Conditions,
}

/// The ways below a grouping; none where something is on one of them that a result can't be kept over.
pub(super) fn branches(aggregate: &AggregateExec) -> Option<Vec<Branch>> {
    let group = aggregate.group_expr();
    if group.has_grouping_set() || aggregate.limit_options().is_some_and(|limit| limit.descending().is_none()) {
        return None;
    }
    let filters = aggregate.filter_expr().iter().flatten().cloned();
    let arguments = aggregate.aggr_expr().iter().flat_map(|a| {
        let all = a.all_expressions();
        all.args.into_iter().chain(all.order_by_exprs)
    });
    // An order of the groups could not be kept.
    if aggregate.cache().output_ordering().is_some() {
        return None;
    }
    let mut own = group.input_exprs().into_iter().chain(filters).chain(arguments);
    if !own.all(|expr| is_lasting(&expr)) {
        return None;
    }
    let mut found = Vec::new();
    walk(aggregate, aggregate.input(), &[], &mut found)?;
    (!found.is_empty()).then_some(found)
}

fn walk(aggregate: &AggregateExec, plan: &Arc<dyn ExecutionPlan>, above: &[Step], out: &mut Vec<Branch>) -> Option<()> {
    if let Some(scan) = plan.downcast_ref::<DataSourceExec>() {
        out.push(Branch::over(aggregate, scan, above)?);
        return Some(());
    }
    if let Some(union) = plan.downcast_ref::<UnionExec>() {
        return union.inputs().iter().try_for_each(|input| walk(aggregate, input, above, out));
    }
    if plan.is::<EmptyExec>() {
        return Some(());
    }
    let (step, below) = step(plan)?;
    let steps: Vec<Step> = above.iter().cloned().chain(step).collect();
    walk(aggregate, below, &steps, out)
}

/// What an operator does to rows, if it does something that is the same for every row and tomorrow, and what is below.
fn step(plan: &Arc<dyn ExecutionPlan>) -> Option<(Option<Step>, &Arc<dyn ExecutionPlan>)> {
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let items: Vec<Item> = projection.expr().iter().map(|e| (Arc::clone(&e.expr), e.alias.clone())).collect();
        let lasting = items.iter().all(|(expr, _)| is_lasting(expr));
        return lasting.then_some((Some(Step::Project(items)), projection.input()));
    }
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        let step = Step::Filter(Arc::clone(filter.predicate()), filter.projection().as_ref().map(|p| p.to_vec()));
        let whole = filter.fetch().is_none() && is_lasting(filter.predicate());
        return whole.then_some((Some(step), filter.input()));
    }
    let spreads = plan.downcast_ref::<RepartitionExec>();
    let spreads = spreads.is_some_and(|r| matches!(r.partitioning(), Partitioning::RoundRobinBatch(_)));
    let gathers = plan.downcast_ref::<CoalescePartitionsExec>().is_some_and(|c| c.fetch().is_none());
    match plan.children().as_slice() {
        [below] if spreads || gathers || plan.is::<CooperativeExec>() => Some((None, below)),
        _ => None,
    }
}

impl Branch {
    fn over(aggregate: &AggregateExec, scan: &DataSourceExec, steps: &[Step]) -> Option<Self> {
        let (config, source) = scan.downcast_to_file_source::<ParquetSource>()?;
        if config.limit.is_some() || !config.output_ordering.is_empty() {
            return None;
        }
        let projection: Vec<Item> =
            source.projection()?.iter().map(|e| (Arc::clone(&e.expr), e.alias.clone())).collect();
        let conditions = Conditions::of(source.filter().as_ref(), source.table_schema().table_schema());
        let mut all = projection.iter().map(|(expr, _)| expr).chain(&conditions.rest).chain(&conditions.kept);
        all.all(is_lasting).then(|| Self {
            group: aggregate.group_expr().expr().to_vec(),
            aggregate: aggregate.clone(),
            steps: steps.to_vec(),
            config: config.clone(),
            source: source.clone(),
            projection,
            conditions,
        })
    }

    /// The columns of its table.
    pub(super) fn table(&self) -> &SchemaRef {
        self.source.table_schema().table_schema()
    }

    /// The files that the scan reads, each once, whole.
    pub(super) fn files(&self) -> Vec<PartitionedFile> {
        let mut all: Vec<PartitionedFile> = Vec::new();
        for file in self.config.file_groups.iter().flat_map(FileGroup::iter) {
            // A file that is split over the threads stands there several times.
            if !all.iter().any(|known| known.object_meta.location == file.object_meta.location) {
                all.push(PartitionedFile { range: None, ..file.clone() });
            }
        }
        all
    }

    /// Whether groups may be added. States of this function differ in form with groups and without.
    pub(super) fn may_be_wider(&self) -> bool {
        !self.group.is_empty() || self.aggregate.aggr_expr().iter().all(|a| a.fun().name() != "approx_distinct")
    }

    /// The grouping under `conditions`, with groups by the kept columns or without.
    pub(super) fn shape(&self, conditions: Vec<Arc<dyn PhysicalExpr>>, with_kept: bool) -> Shape {
        let mut shape = Shape {
            group: self.group.clone(),
            aggregates: self.aggregate.aggr_expr().to_vec(),
            filters: self.aggregate.filter_expr().to_vec(),
            steps: self.steps.clone(),
            projection: self.projection.clone(),
            conditions,
            kept: 0,
            table: Arc::clone(self.table()),
        };
        if with_kept {
            for (place, name) in kept::of(self.table()) {
                shape.keep(place, name);
            }
        }
        shape
    }

    /// The first step of grouping of `shape` over one stretch of a file, whose rows meet all its conditions but those in `left`.
    pub(super) fn plan(
        &self,
        shape: &Shape,
        left: &[Arc<dyn PhysicalExpr>],
        file: PartitionedFile,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut plan = self.scan(&shape.projection, left, file, self.source.table_schema().clone())?;
        for step in shape.steps.iter().rev() {
            plan = match step {
                Step::Project(items) => Arc::new(ProjectionExec::try_new(exprs(items), plan)?),
                Step::Filter(predicate, projection) => {
                    let filter = FilterExecBuilder::new(Arc::clone(predicate), plan);
                    Arc::new(filter.apply_projection(projection.clone())?.build()?)
                }
            };
        }
        let (group, schema) = (PhysicalGroupBy::new_single(shape.group.clone()), plan.schema());
        let (aggregates, filters) = (shape.aggregates.clone(), shape.filters.clone());
        Ok(Arc::new(AggregateExec::try_new(AggregateMode::Partial, group, aggregates, filters, plan, schema)?))
    }

    /// The table's columns and that of row numbers behind them.
    pub(super) fn with_rows(&self) -> TableSchema {
        let columns = self.source.table_schema();
        TableSchema::builder(Arc::clone(columns.file_schema()))
            .with_table_partition_cols(columns.table_partition_cols().clone())
            .with_virtual_columns(vec![Arc::new(row_field())])
            .build()
    }

    /// The numbers of the rows of one stretch of a file that meet the condition of `shape`.
    pub(super) fn rows(&self, shape: &Shape, file: PartitionedFile) -> Result<Arc<dyn ExecutionPlan>> {
        self.scan(&shape.projection, &shape.conditions, file, self.with_rows())
    }

    fn scan(
        &self,
        projection: &[Item],
        conditions: &[Arc<dyn PhysicalExpr>],
        file: PartitionedFile,
        columns: TableSchema,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let statistics = Statistics::new_unknown(columns.table_schema());
        let mut source = ParquetSource::new(columns)
            .with_table_parquet_options(self.source.table_parquet_options().clone())
            .with_predicate(conjunction(conditions.iter().cloned()));
        if let Some(readers) = self.source.parquet_file_reader_factory() {
            source = source.with_parquet_file_reader_factory(Arc::clone(readers));
        }
        let projection = ProjectionExprs::new(exprs(projection));
        let source = source.try_pushdown_projection(&projection)?.unwrap_or_else(|| Arc::new(source));
        let config = FileScanConfigBuilder::from(self.config.clone())
            .with_source(source)
            .with_file_groups(vec![FileGroup::new(vec![file])])
            .with_statistics(statistics)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

impl Shape {
    /// Adds a group by a column of the table, which is handed on from step to step behind all others.
    fn keep(&mut self, place: usize, column: &str) {
        let name = kept::name(column);
        let mut at = self.projection.len();
        self.projection.push((Arc::new(Column::new(column, place)), name.clone()));
        for step in self.steps.iter_mut().rev() {
            match step {
                Step::Project(items) => {
                    items.push((Arc::new(Column::new(&name, at)), name.clone()));
                    at = items.len() - 1;
                }
                Step::Filter(_, Some(projection)) => {
                    projection.push(at);
                    at = projection.len() - 1;
                }
                Step::Filter(_, None) => {}
            }
        }
        self.group.push((Arc::new(Column::new(&name, at)), name));
        self.kept += 1;
    }
}

fn exprs(items: &[Item]) -> Vec<ProjectionExpr> {
    items.iter().map(|(expr, name)| ProjectionExpr::new(Arc::clone(expr), name.clone())).collect()
}
