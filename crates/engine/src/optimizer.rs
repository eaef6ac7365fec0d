//! Which rules of the optimizer plans go through. A visit of every node by a rule that finds nothing is what planning spends its time on, so
//! the plans of pipelines, which have no subqueries, no structs and no joins without keys, go through fewer; and filters are not pushed below
//! fields whose definitions they would multiply.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Aggregate, Expr, ExprSchemable, Filter, LogicalPlan, Projection};
use datafusion::optimizer::common_subexpr_eliminate::CommonSubexprEliminate;
use datafusion::optimizer::eliminate_duplicated_expr::EliminateDuplicatedExpr;
use datafusion::optimizer::eliminate_filter::EliminateFilter;
use datafusion::optimizer::eliminate_limit::EliminateLimit;
use datafusion::optimizer::eliminate_outer_join::EliminateOuterJoin;
use datafusion::optimizer::extract_equijoin_predicate::ExtractEquijoinPredicate;
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::optimizer::optimize_unions::OptimizeUnions;
use datafusion::optimizer::propagate_empty_relation::PropagateEmptyRelation;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::push_down_limit::PushDownLimit;
use datafusion::optimizer::simplify_expressions::SimplifyExpressions;
use datafusion::optimizer::single_distinct_to_groupby::SingleDistinctToGroupBy;
use datafusion::optimizer::{ApplyOrder, Optimizer, OptimizerConfig, OptimizerRule};

use crate::functions::distinct::distinct_count;

type Rules = Vec<Arc<dyn OptimizerRule + Send + Sync>>;

/// Largest condition, in parts, that is pushed below the fields it reads.
const LARGEST: usize = 64;

/// The rules for pipelines, in DataFusion's order.
pub(crate) fn of_pipelines() -> Rules {
    vec![
        Arc::new(OptimizeUnions::new()),
        Arc::new(SimplifyExpressions::new()),
        Arc::new(ExtractEquijoinPredicate::new()),
        Arc::new(EliminateDuplicatedExpr::new()),
        Arc::new(EliminateFilter::new()),
        Arc::new(EliminateLimit::new()),
        Arc::new(PropagateEmptyRelation::new()),
        Arc::new(EliminateOuterJoin::new()),
        Arc::new(PushDownLimit::new()),
        Arc::new(FilterRows),
        Arc::new(PushDownSmall::default()),
        Arc::new(SingleDistinctToGroupBy::new()),
        Arc::new(CommonSubexprEliminate::new()),
        Arc::new(OptimizeProjections::new()),
    ]
}

/// DataFusion's own rules, for SQL, with the bound on what filters multiply.
pub(crate) fn of_sql() -> Rules {
    let bounded: Arc<dyn OptimizerRule + Send + Sync> = Arc::new(PushDownSmall::default());
    let own = |rule: Arc<dyn OptimizerRule + Send + Sync>| match rule.name() == bounded.name() {
        true => Arc::clone(&bounded),
        false => rule,
    };
    let first: Rules = vec![Arc::new(FilterRows), Arc::new(CountTexts)];
    first.into_iter().chain(Optimizer::new().rules.into_iter().map(own)).collect()
}

/// Where all that is made of the rows, in one group, looks at the same ones alone, the others are left out before: files then need not be
/// read where they have none of them.
#[derive(Debug)]
struct FilterRows;

impl OptimizerRule for FilterRows {
    fn name(&self) -> &str {
        "filter_rows"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(Transformed::no(plan)) };
        let common = match aggregate.aggr_expr.split_first() {
            Some((first, others)) if aggregate.group_expr.is_empty() => filter_of(first)
                .filter(|filter| !filter.is_volatile() && others.iter().all(|other| filter_of(other) == Some(filter)))
                .cloned(),
            _ => None,
        };
        let Some(common) = common else { return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate))) };
        let all = aggregate.aggr_expr.iter().map(without_filter).collect();
        let rows = LogicalPlan::Filter(Filter::try_new(common, aggregate.input)?);
        Ok(Transformed::yes(LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(rows), Vec::new(), all)?)))
    }
}

/// Which rows an aggregate looks at, if not at all.
fn filter_of(aggregate: &Expr) -> Option<&Expr> {
    match aggregate {
        Expr::Alias(alias) => filter_of(&alias.expr),
        Expr::AggregateFunction(function) => function.params.filter.as_deref(),
        _ => None,
    }
}

/// The same of all rows, under the same name.
fn without_filter(aggregate: &Expr) -> Expr {
    let mut bare = aggregate.clone().unalias();
    if let Expr::AggregateFunction(function) = &mut bare {
        function.params.filter = None;
    }
    match aggregate {
        Expr::Alias(alias) => bare.alias_qualified(alias.relation.clone(), alias.name.clone()),
        _ => bare.alias(aggregate.schema_name().to_string()),
    }
}

/// `count(DISTINCT text)` by group goes to the function that pipelines count with: DataFusion's own keeps a set of texts for each group, and
/// what it makes of a file is not kept for the next question.
#[derive(Debug)]
struct CountTexts;

impl OptimizerRule for CountTexts {
    fn name(&self) -> &str {
        "count_texts"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(Transformed::no(plan)) };
        let counted = |expr: &Expr| text_count(expr, aggregate.input.schema());
        if aggregate.group_expr.is_empty() || !aggregate.aggr_expr.iter().any(|expr| counted(expr).is_some()) {
            return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
        }
        let all = aggregate.aggr_expr.iter().map(|expr| counted(expr).unwrap_or_else(|| expr.clone())).collect();
        let Aggregate { input, group_expr, .. } = aggregate;
        Ok(Transformed::yes(LogicalPlan::Aggregate(Aggregate::try_new(input, group_expr, all)?)))
    }
}

/// A count of different texts as ours, under the same name; none where the expression is no such count.
fn text_count(expr: &Expr, schema: &DFSchema) -> Option<Expr> {
    let (inner, relation, name) = match expr {
        Expr::Alias(alias) => (alias.expr.as_ref(), alias.relation.clone(), alias.name.clone()),
        _ => (expr, None, expr.schema_name().to_string()),
    };
    let Expr::AggregateFunction(function) = inner else { return None };
    let [text] = function.params.args.as_slice() else { return None };
    let counts = function.func.name() == "count" && function.params.distinct && function.params.order_by.is_empty();
    if !counts || text.get_type(schema).ok()? != DataType::Utf8View {
        return None;
    }
    let mut count = distinct_count(text.clone());
    if let Expr::AggregateFunction(ours) = &mut count {
        ours.params.filter.clone_from(&function.params.filter);
    }
    Some(count.alias_qualified(relation, name))
}

/// [`PushDownFilter`], except that a condition stays where it is when the definitions that it would take in the place of fields make it too
/// large. Without this bound a chain of fields that are made of one another doubles at each step.
#[derive(Debug, Default)]
struct PushDownSmall(PushDownFilter);

impl OptimizerRule for PushDownSmall {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Filter(filter) = plan else { return self.0.rewrite(plan, config) };
        match filter.input.as_ref() {
            LogicalPlan::Filter(_) => self.rewrite(LogicalPlan::Filter(merged(filter)), config),
            LogicalPlan::Projection(projection) => {
                let (small, large) = parted(&filter.predicate, projection);
                self.push(filter, small, large, config)
            }
            _ => self.0.rewrite(LogicalPlan::Filter(filter), config),
        }
    }
}

impl PushDownSmall {
    fn push(
        &self,
        filter: Filter,
        small: Vec<Expr>,
        large: Vec<Expr>,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        match (conjunction(small), conjunction(large)) {
            (_, None) => self.0.rewrite(LogicalPlan::Filter(filter), config),
            (None, Some(_)) => Ok(Transformed::no(LogicalPlan::Filter(filter))),
            (Some(pushed), Some(kept)) => {
                let below = self.0.rewrite(LogicalPlan::Filter(Filter::try_new(pushed, filter.input)?), config)?;
                Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(kept, Arc::new(below.data))?)))
            }
        }
    }
}

/// Two filters, one over the other, as one; the lower one's conditions come first.
fn merged(filter: Filter) -> Filter {
    let Filter { predicate, input, .. } = filter;
    match Arc::unwrap_or_clone(input) {
        LogicalPlan::Filter(lower) => Filter::new(lower.predicate.and(predicate), lower.input),
        other => Filter::new(predicate, Arc::new(other)),
    }
}

/// The parts of a conjunction that stay small below a projection, and those that do not.
fn parted(predicate: &Expr, projection: &Projection) -> (Vec<Expr>, Vec<Expr>) {
    let mut sizes = HashMap::new();
    split_conjunction_owned(predicate.clone())
        .into_iter()
        .partition(|part| below(part, projection, &mut sizes) <= LARGEST)
}

/// How large a condition is with the definitions of the fields that it reads.
fn below(part: &Expr, projection: &Projection, sizes: &mut HashMap<usize, usize>) -> usize {
    let mut total = 0;
    let counted = part.apply(|expr| {
        total += match expr {
            Expr::Column(column) => projection
                .schema
                .maybe_index_of_column(column)
                .map_or(1, |at| *sizes.entry(at).or_insert_with(|| size(&projection.expr[at]))),
            _ => 1,
        };
        Ok(if total > LARGEST { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    debug_assert!(counted.is_ok(), "counting does not fail");
    total
}

fn size(expr: &Expr) -> usize {
    let mut total = 0;
    let counted = expr.apply(|_| {
        total += 1;
        Ok(TreeNodeRecursion::Continue)
    });
    debug_assert!(counted.is_ok(), "counting does not fail");
    total
}
