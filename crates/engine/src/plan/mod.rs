//! A pipeline of the IR becomes a DataFusion plan, operator by operator. The scan exposes only the stored columns that the
//! pipeline reads, under names no query can collide with; everything after is by field name.

mod aggregate;
pub(crate) mod columns;
mod defaults;
pub(crate) mod expr;
mod lookup;
pub(crate) mod nodes;
mod order;
mod pivot;
mod relation;
mod run;
mod running;
mod shape;
mod store;
mod window;

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::{Expr as Df, lit};
use datafusion::prelude::SessionContext;
use query::pipeline::{Expr, Named, Op, Pipeline, Source};

use crate::error::{ErrorKind, QueryError};
use crate::functions::geo::Locate;
use crate::lookups::Lookups;
use expr::{Translator, named, stored};
pub(crate) use shape::visible as shape_visible;

type Planned<'a> = Pin<Box<dyn Future<Output = Result<DataFrame, QueryError>> + Send + 'a>>;

/// Gives the rows of a table within bounds, conditions applied; the caller knows the snapshot.
pub(crate) trait Tables: Send + Sync {
    /// A table's stored columns.
    fn table<'a>(&'a self, name: &'a str, earliest: Option<i64>, latest: Option<i64>) -> Planned<'a>;
}

/// What planning needs beside the pipeline.
pub(crate) struct Planner<'a> {
    /// The query's session.
    pub(crate) context: &'a SessionContext,
    /// Where tables come from.
    pub(crate) tables: &'a dyn Tables,
    /// Lookup files.
    pub(crate) lookups: Lookups,
    /// Whether the query is only to be explained: it reads and writes nothing, and may name lookups that are not there.
    pub(crate) explains: bool,
    /// Lookups that the query itself writes: before it has, they may be empty.
    pub(crate) made: BTreeSet<String>,
    /// The lookups that it did without.
    pub(crate) missing: Mutex<Vec<String>>,
    /// Locates addresses.
    pub(crate) locator: Option<Arc<dyn Locate>>,
    /// The query's start, microseconds.
    pub(crate) now: i64,
    /// The caller's time bounds, for grids; microseconds.
    pub(crate) bounds: (Option<i64>, Option<i64>),
    /// Most rows that an operator may hold in memory at planning (pivots).
    pub(crate) held_rows: usize,
}

impl Planner<'_> {
    /// The whole pipeline.
    pub(crate) fn pipeline<'a>(&'a self, pipeline: &'a Pipeline) -> Planned<'a> {
        Box::pin(async move {
            let mut frame = self.scan(pipeline).await?;
            let bounds = (pipeline.scan.earliest.or(self.bounds.0), pipeline.scan.latest.or(self.bounds.1));
            let mut rest = pipeline.ops.as_slice();
            while let [op, others @ ..] = rest {
                let (run, later) = rest.split_at(rest.iter().take_while(|op| run::belongs(op)).count());
                if run.is_empty() {
                    frame = self.op(frame, op, bounds).await?;
                    rest = others;
                } else {
                    frame = self.run(frame, run::arranged(run, later))?;
                    rest = later;
                }
            }
            Ok(frame)
        })
    }

    async fn scan(&self, pipeline: &Pipeline) -> Result<DataFrame, QueryError> {
        let scan = &pipeline.scan;
        match &scan.source {
            Source::Events { table } => {
                let frame = self.tables.table(table, scan.earliest, scan.latest).await?;
                let used = columns::used(&pipeline.ops);
                let present: Vec<Df> = used
                    .iter()
                    .filter(|c| frame.schema().has_column_with_unqualified_name(c))
                    .map(|c| named(c).alias(stored(c)))
                    .collect();
                // A count of rows reads no column, yet a projection needs one to carry the rows.
                let present =
                    if present.is_empty() { vec![named("event_time").alias(stored("event_time"))] } else { present };
                Ok(nodes::select(frame, present)?)
            }
            Source::Lookup { name } => lookup::read(self, name).await,
            Source::Generate { rows } => self.generate(*rows),
        }
    }

    fn generate(&self, rows: u64) -> Result<DataFrame, QueryError> {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX).min(self.held_rows);
        let now = arrow::array::TimestampMicrosecondArray::from(vec![self.now; rows]).with_timezone("UTC");
        let batch = arrow::array::RecordBatch::try_from_iter([("_time", Arc::new(now) as arrow::array::ArrayRef)])
            .map_err(|e| QueryError::new(ErrorKind::Internal, e.to_string()))?;
        Ok(self.context.read_batch(batch)?)
    }

    /// Expressions over a frame's fields.
    fn translator<'f>(&'f self, frame: &'f DataFrame) -> Translator<'f> {
        Translator { schema: frame.schema(), context: self.context, locator: self.locator.as_ref(), now: self.now }
    }

    async fn op(&self, frame: DataFrame, op: &Op, bounds: (Option<i64>, Option<i64>)) -> Result<DataFrame, QueryError> {
        match op {
            Op::Filter { .. } | Op::Extend { .. } => self.run(frame, run::arranged(std::slice::from_ref(op), &[])),
            Op::Project { items } => shape::project(self, frame, items),
            Op::Remove { patterns } => shape::remove(frame, patterns),
            Op::Rename { pairs } => shape::rename(frame, pairs),
            Op::FillNull { fields, value } => shape::fill_null(frame, fields.as_deref(), value),
            Op::Aggregate { by, aggregates, keep_null } => {
                aggregate::aggregate(self, frame, by, aggregates, *keep_null)
            }
            Op::Window { by, order, preceding, range, current, aggregates } => {
                let reach = window::Reach { preceding: *preceding, range: *range, current: *current };
                window::window(self, frame, by, order, reach, aggregates)
            }
            Op::Sort { keys, limit } => order::sort(self, frame, keys, *limit),
            Op::Limit { count, skip } => Ok(frame.limit(to_usize(*skip), Some(to_usize(*count)))?),
            Op::Tail { count } => order::tail(frame, *count),
            Op::Dedup { keys, count, keep_null } => order::dedup(self, frame, keys, *count, *keep_null),
            Op::Expand { field, limit } => shape::expand(frame, field, *limit),
            Op::Pivot(pivot) => pivot::pivot(self, frame, pivot, bounds).await,
            Op::Unpivot(unpivot) => {
                let mut frame = frame;
                for op in unpivot.over(&shape::typed(&frame)) {
                    frame = Box::pin(self.op(frame, &op, bounds)).await?;
                }
                Ok(frame)
            }
            Op::RowTotal(total) => {
                let total = total.over(&shape::typed(&frame));
                Box::pin(self.op(frame, &total, bounds)).await
            }
            Op::TotalRow { left_out, label } => relation::total_row(frame, left_out, label.as_ref()),
            Op::Join { kind, right, on, max } => relation::join(self, frame, *kind, right, on, *max).await,
            Op::Union { right } => relation::union(self, frame, right).await,
            Op::Store { table, append, key, empty, max } => {
                let (append, empty, max) = (*append, *empty, *max);
                let store = store::Store { table, append, key: key.as_deref(), empty, max };
                store::store(self, frame, store).await
            }
            Op::Lookup { table, on, output, only_new } => lookup::join(self, frame, table, on, output, *only_new).await,
        }
    }

    fn run(&self, mut frame: DataFrame, run: run::Run) -> Result<DataFrame, QueryError> {
        for run::Level { filters, fields } in run.levels {
            frame = self.filter(frame, &filters)?;
            frame = self.extend(frame, &fields)?;
        }
        self.filter(frame, &run.filters)
    }

    /// One filter for conditions that follow one another.
    fn filter(&self, frame: DataFrame, predicates: &[Expr]) -> Result<DataFrame, QueryError> {
        let translator = self.translator(&frame);
        let tests = predicates.iter().map(|p| translator.expr(p).map(defaults::kept)).collect::<Result<Vec<_>, _>>()?;
        match tests.into_iter().reduce(Df::and) {
            Some(all) => Ok(nodes::filter(frame, all)?),
            None => Ok(frame),
        }
    }

    /// One projection with fields that don't read each other. The hidden fields of a run end where it does, with its last level.
    fn extend(&self, frame: DataFrame, fields: &[Named]) -> Result<DataFrame, QueryError> {
        if fields.is_empty() {
            return Ok(frame);
        }
        let translator = self.translator(&frame);
        let made = fields
            .iter()
            .map(|n| Ok((n.name.as_str(), translator.expr(&n.expr)?)))
            .collect::<Result<Vec<_>, QueryError>>()?;
        let ends = !fields.iter().all(|field| run::is_own(&field.name));
        let mut values: HashMap<&str, Df> =
            made.iter().map(|(name, expr)| (*name, expr.clone().alias(*name))).collect();
        let kept = frame.schema().fields().iter().map(|f| f.name()).filter(|name| !(ends && run::is_own(name)));
        let mut items: Vec<Df> = kept.map(|name| values.remove(name.as_str()).unwrap_or_else(|| named(name))).collect();
        items.extend(made.iter().filter_map(|(name, _)| values.remove(name)));
        Ok(nodes::select(frame, items)?)
    }
}

/// The lookups that a pipeline writes, those of its joins and unions included.
pub(crate) fn stored_lookups(pipeline: &Pipeline) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for op in &pipeline.ops {
        match op {
            Op::Store { table, .. } => {
                names.insert(table.trim_end_matches(".csv").to_owned());
            }
            Op::Join { right, .. } | Op::Union { right } => names.append(&mut stored_lookups(right)),
            _ => {}
        }
    }
    names
}

/// A null of text.
pub(crate) fn null_text() -> Df {
    lit(ScalarValue::Utf8View(None))
}

/// A count of rows as the planner takes it; it knows no more than an i64's.
pub(crate) fn to_usize(n: u64) -> usize {
    usize::try_from(n.min(i64::MAX as u64)).unwrap_or(usize::MAX)
}
