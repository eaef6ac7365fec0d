//! The operator that stands in the place of the first step of grouping: what is kept for a stretch of a file is taken from
//! the store, the rest is computed and put there.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_datafusion_err, internal_err};
use datafusion::datasource::listing::{FileRange, PartitionedFile};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{Partitioning, PhysicalExpr, conjunction_opt};
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::filter::batch_filter;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{StreamExt, TryStreamExt, stream};

use super::branch::{Branch, branches};
use super::kept;
use super::selected::{Selected, narrowed};
use super::store::{Place, Store};

/// Files are taken in stretches of so many bytes, whatever the query, so that several threads can share one.
const STRETCH: u64 = 64 << 20;

/// One stretch of one file, and how its rows are grouped.
#[derive(Debug)]
struct Part {
    branch: Arc<Branch>,
    file: PartitionedFile,
    /// The conditions on its rows that are not on kept columns.
    ways: Arc<Ways>,
    /// Conditions that other queries have as well.
    selected: Arc<[Selected]>,
}

/// The same grouping in the ways in which it may be kept.
#[derive(Debug)]
struct Ways {
    /// With groups by the kept columns: answers any condition on them.
    wide: Way,
    /// With the query's groups alone, where that would be too many.
    narrow: Way,
}

#[derive(Debug, Clone)]
struct Way {
    shape: Arc<super::shape::Shape>,
    /// The store's number for the shape.
    number: u64,
    /// What has to hold of a group of its.
    condition: Option<Arc<dyn PhysicalExpr>>,
}

/// The first step of grouping over data files.
#[derive(Debug)]
pub(super) struct PartialsExec {
    parts: Arc<[Part]>,
    store: Arc<Store>,
    properties: Arc<PlanProperties>,
}

impl PartialsExec {
    /// Stands for `aggregate`, a first step, if that reads data files and nothing else.
    pub(super) fn over(aggregate: &AggregateExec, partitions: usize, store: &Arc<Store>) -> Result<Option<Self>> {
        let Some(branches) = branches(aggregate) else { return Ok(None) };
        let mut parts = Vec::new();
        for branch in branches {
            let branch = Arc::new(branch);
            let selected: Arc<[Selected]> = Selected::of(&branch, store, branch.with_rows().table_schema()).into();
            let mut known: HashMap<Vec<bool>, Arc<Ways>> = HashMap::new();
            for file in branch.files() {
                let open: Vec<bool> =
                    branch.conditions.time.iter().map(|bound| !bound.always(&file, branch.table())).collect();
                let ways = match known.get(&open) {
                    Some(ways) => Arc::clone(ways),
                    None => Arc::clone(known.entry(open.clone()).or_insert(Arc::new(Ways::of(&branch, &open, store)?))),
                };
                parts.extend(stretches(&file).map(|file| Part {
                    branch: Arc::clone(&branch),
                    file,
                    ways: Arc::clone(&ways),
                    selected: Arc::clone(&selected),
                }));
            }
        }
        // What is known of the groups, a filter's constants say, stays known: operators above were planned with it.
        let properties = PlanProperties::new(
            aggregate.cache().equivalence_properties().clone(),
            Partitioning::UnknownPartitioning(partitions.clamp(1, parts.len().max(1))),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Some(Self { parts: parts.into(), store: Arc::clone(store), properties: Arc::new(properties) }))
    }
}

/// A file in pieces that don't depend on the query.
fn stretches(file: &PartitionedFile) -> impl Iterator<Item = PartitionedFile> + use<'_> {
    let size = file.object_meta.size;
    let end = move |start: u64| (start + STRETCH).min(size);
    (0..size.max(1)).step_by(usize::try_from(STRETCH).unwrap_or(usize::MAX)).map(move |start| {
        let bound = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
        PartitionedFile { range: Some(FileRange { start: bound(start), end: bound(end(start)) }), ..file.clone() }
    })
}

impl Ways {
    /// Of the files for which the bounds of the time are to be looked at that `open` names.
    fn of(branch: &Branch, open: &[bool], store: &Store) -> Result<Self> {
        let conditions = &branch.conditions;
        let time = conditions.time.iter().zip(open).filter(|(_, open)| **open).map(|(bound, _)| &bound.condition);
        let most: Vec<_> = time.chain(&conditions.rest).cloned().collect();
        let all: Vec<_> = most.iter().chain(&conditions.kept).cloned().collect();
        let way = |shape, condition| {
            let shape = Arc::new(shape);
            Way { number: store.number(&shape), shape, condition }
        };
        let narrow = way(branch.shape(all, false), None);
        if !branch.may_be_wider() {
            return Ok(Self { wide: narrow.clone(), narrow });
        }
        let wide = branch.shape(most, true);
        let condition = conjunction_opt(conditions.kept.iter().cloned());
        let condition = condition.map(|all| over_groups(all, &wide, branch.table())).transpose()?;
        Ok(Self { wide: way(wide, condition), narrow })
    }
}

/// A condition on columns of the table as one on the groups that were made of them.
fn over_groups(
    condition: Arc<dyn PhysicalExpr>,
    shape: &super::shape::Shape,
    table: &SchemaRef,
) -> Result<Arc<dyn PhysicalExpr>> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    let changed = condition.transform(|node| {
        let Some(column) = node.downcast_ref::<Column>() else { return Ok(Transformed::no(node)) };
        let name = kept::name(table.field(column.index()).name());
        let at = shape.group.iter().position(|(_, group)| *group == name);
        let at = at.ok_or_else(|| internal_datafusion_err!("`{}` is no kept column", column.name()))?;
        Ok(Transformed::yes(Arc::new(Column::new(&name, at)) as _))
    })?;
    Ok(changed.data)
}

impl Part {
    /// What computes its groups.
    fn plan(
        &self,
        way: &Way,
        store: &Arc<Store>,
        context: &Arc<TaskContext>,
    ) -> impl Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'static {
        let (branch, file, selected) = (Arc::clone(&self.branch), self.file.clone(), Arc::clone(&self.selected));
        let (shape, store, context) = (Arc::clone(&way.shape), Arc::clone(store), Arc::clone(context));
        async move {
            let conditions = &shape.conditions;
            let (file, left) = narrowed(&branch, &file, conditions, &selected, &store, &context).await?;
            branch.plan(&shape, &left, file)
        }
    }

    /// Its groups: kept, or computed now.
    async fn groups(
        &self,
        store: &Arc<Store>,
        schema: &SchemaRef,
        context: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        for way in [&self.ways.wide, &self.ways.narrow] {
            let place = Place::new(way.number, &self.file);
            if let Some(found) = store.find(place, self.plan(way, store, context), context).await? {
                let groups = found.iter().map(|batch| way.asked(batch, schema)).collect::<Result<Vec<_>>>()?;
                return Ok(Box::pin(RecordBatchStreamAdapter::new(
                    Arc::clone(schema),
                    stream::iter(groups.into_iter().map(Ok)),
                )));
            }
        }
        let rows = self.plan(&self.ways.narrow, store, context).await?.execute(0, Arc::clone(context))?;
        let way = Arc::clone(&self.ways);
        let wanted = Arc::clone(schema);
        let groups = rows.map(move |batch| way.narrow.asked(&batch?, &wanted));
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(schema), groups)))
    }
}

impl Way {
    /// Of the groups those that were asked for, without the kept columns, as the second step expects them.
    fn asked(&self, batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
        let chosen = match &self.condition {
            Some(condition) => batch_filter(batch, condition)?,
            None => batch.clone(),
        };
        let groups = self.shape.group.len();
        let dropped = groups - self.shape.kept..groups;
        let columns = chosen.columns().iter().enumerate().filter(|(at, _)| !dropped.contains(at));
        let columns = columns.map(|(_, column)| Arc::clone(column)).collect();
        let options = datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(chosen.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
    }
}

impl DisplayAs for PartialsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartialsExec: parts={}", self.parts.len())
    }
}

impl ExecutionPlan for PartialsExec {
    fn name(&self) -> &'static str {
        "PartialsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        match children.is_empty() {
            true => Ok(self),
            false => internal_err!("what reads data files has no operators below"),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (parts, store, schema) = (Arc::clone(&self.parts), Arc::clone(&self.store), self.schema());
        let partitions = self.properties.partitioning.partition_count();
        let mine = stream::iter((partition..parts.len()).step_by(partitions));
        let wanted = Arc::clone(&schema);
        let groups = mine
            .then(move |at| {
                let (parts, store, schema) = (Arc::clone(&parts), Arc::clone(&store), Arc::clone(&wanted));
                let context = Arc::clone(&context);
                async move { parts[at].groups(&store, &schema, &context).await }
            })
            .try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, groups)))
    }
}
