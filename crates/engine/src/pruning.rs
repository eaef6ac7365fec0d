//! What a scan is asked, put so that it costs the same however a language says it. Conditions that leave values out (`!=`, `NOT IN`) are asked
//! of rows alone: a file's filters and bounds hardly ever answer them, yet DataFusion reads the Bloom filters of their columns for them, each
//! time, which costs more than the rest of a query over a few files. And a value that is compared is there: it is not asked for twice.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, ScalarValue};
use datafusion::config::ConfigOptions;
use datafusion::datasource::physical_plan::{FileScanConfigBuilder, FileSource, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{
    BinaryExpr, Column, InListExpr, IsNotNullExpr, Literal, NotExpr, in_list,
};
use datafusion::physical_expr::{PhysicalExpr, conjunction, split_conjunction};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;

/// Puts `(a = b) IS NOT DISTINCT FROM false` in the place of `a != b` in the conditions of scans, which chooses the same rows and is nothing that a
/// file is asked;
/// and leaves out `a IS NOT NULL` beside a comparison of `a`.
#[derive(Debug)]
pub(crate) struct PlainConditions;

impl PhysicalOptimizerRule for PlainConditions {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let changed = plan.transform_up(|node| {
            let scan = node.downcast_ref::<DataSourceExec>();
            let Some((config, source)) = scan.and_then(|scan| scan.downcast_to_file_source::<ParquetSource>()) else {
                return Ok(Transformed::no(node));
            };
            let Some(predicate) = source.filter() else { return Ok(Transformed::no(node)) };
            let asked = of_rows(predicate, source)?;
            let without = once(&asked.data);
            if !asked.transformed && without.is_none() {
                return Ok(Transformed::no(node));
            }
            let predicate = without.unwrap_or(asked.data);
            let source = Arc::new(source.clone().with_predicate(predicate));
            let config = FileScanConfigBuilder::from(config.clone()).with_source(source).build();
            Ok(Transformed::yes(DataSourceExec::from_data_source(config) as _))
        })?;
        Ok(changed.data)
    }

    fn name(&self) -> &str {
        "plain_conditions"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Looks at conditions and at what is joined of them by AND and OR: under any other operator a null that becomes false would be another value.
fn of_rows(predicate: Arc<dyn PhysicalExpr>, source: &ParquetSource) -> Result<Transformed<Arc<dyn PhysicalExpr>>> {
    if let Some(comparison) = predicate.downcast_ref::<BinaryExpr>() {
        let (left, right) = (Arc::clone(comparison.left()), Arc::clone(comparison.right()));
        match comparison.op() {
            op @ (Operator::And | Operator::Or) => {
                let (left, right) = (of_rows(left, source)?, of_rows(right, source)?);
                if left.transformed || right.transformed {
                    return Ok(Transformed::yes(Arc::new(BinaryExpr::new(left.data, *op, right.data))));
                }
            }
            Operator::NotEq => {
                let equal = BinaryExpr::new(left, Operator::Eq, right);
                return Ok(Transformed::yes(is_false(Arc::new(equal))));
            }
            _ => {}
        }
    }
    if let Some(list) = predicate.downcast_ref::<InListExpr>()
        && list.negated()
    {
        let schema = source.table_schema().table_schema();
        let among = in_list(Arc::clone(list.expr()), list.list().to_vec(), &false, schema)?;
        return Ok(Transformed::yes(is_false(among)));
    }
    Ok(Transformed::no(predicate))
}

/// `NOT condition` for the rows of a scan, in a form that neither filters nor bounds of files and pages are asked about.
fn is_false(condition: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
    Arc::new(BinaryExpr::new(condition, Operator::IsNotDistinctFrom, Arc::new(Literal::new(ScalarValue::from(false)))))
}

/// The same rows without the conditions that others of them imply; none where there are none.
fn once(predicate: &Arc<dyn PhysicalExpr>) -> Option<Arc<dyn PhysicalExpr>> {
    let all = split_conjunction(predicate);
    let compared: Vec<&Column> = all.iter().filter_map(|condition| compares(condition)).collect();
    let implied = |condition: &&Arc<dyn PhysicalExpr>| {
        let asked = condition.downcast_ref::<IsNotNullExpr>();
        let column = asked.and_then(|asked| asked.arg().downcast_ref::<Column>());
        column.is_some_and(|column| compared.contains(&column))
    };
    let kept: Vec<_> = all.iter().copied().filter(|condition| !implied(condition)).cloned().collect();
    (kept.len() < all.len()).then(|| conjunction(kept))
}

/// The column that a condition compares with a constant: it does not hold where the column is null.
fn compares(condition: &Arc<dyn PhysicalExpr>) -> Option<&Column> {
    if let Some(not) = condition.downcast_ref::<NotExpr>() {
        return plainly(not.arg());
    }
    if let Some(comparison) = condition.downcast_ref::<BinaryExpr>()
        && comparison.op() == &Operator::IsNotDistinctFrom
        && comparison.right().downcast_ref::<Literal>().is_some_and(|l| l.value() == &ScalarValue::from(false))
    {
        return plainly(comparison.left());
    }
    plainly(condition)
}

/// The column of a comparison with a constant, which is null where the column is.
fn plainly(condition: &Arc<dyn PhysicalExpr>) -> Option<&Column> {
    if let Some(list) = condition.downcast_ref::<InListExpr>() {
        return list.expr().downcast_ref::<Column>();
    }
    let comparison = condition.downcast_ref::<BinaryExpr>()?;
    let orders = matches!(
        comparison.op(),
        Operator::Eq | Operator::NotEq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq
    );
    let constant = orders && comparison.right().downcast_ref::<Literal>().is_some();
    comparison.left().downcast_ref::<Column>().filter(|_| constant)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{DataType, Field, Schema};
    use datafusion::datasource::table_schema::TableSchema;
    use datafusion::physical_expr::expressions::{col, lit};

    use super::*;

    fn source() -> ParquetSource {
        let schema = Schema::new(vec![Field::new("a", DataType::Utf8View, true)]);
        ParquetSource::new(TableSchema::builder(Arc::new(schema)).build())
    }

    #[test]
    fn what_leaves_values_out() {
        let source = source();
        let schema = source.table_schema().table_schema();
        let a = || col("a", schema).unwrap();
        let not_equal = Arc::new(BinaryExpr::new(a(), Operator::NotEq, lit("x"))) as Arc<dyn PhysicalExpr>;
        let among = |negated| in_list(a(), vec![lit("x"), lit("y")], &negated, schema).unwrap();
        for (expr, expected) in [
            (Arc::clone(&not_equal), "(a@0 = x) IS NOT DISTINCT FROM false"),
            (among(true), "a@0 IN (SET) ([x, y]) IS NOT DISTINCT FROM false"),
            (Arc::new(BinaryExpr::new(a(), Operator::Eq, lit("x"))), "a@0 = x"),
            (
                Arc::new(BinaryExpr::new(among(false), Operator::And, not_equal)),
                "a@0 IN (SET) ([x, y]) AND (a@0 = x) IS NOT DISTINCT FROM false",
            ),
            // Where it is negated again, a null would become true.
            (Arc::new(NotExpr::new(Arc::new(BinaryExpr::new(a(), Operator::NotEq, lit("x"))))), "NOT a@0 != x"),
        ] {
            let found = of_rows(expr, &source).unwrap();
            assert_eq!(found.data.to_string(), expected);
            assert_eq!(found.transformed, expected.contains("false"));
        }
    }

    #[test]
    fn what_is_compared_is_there() {
        let source = source();
        let schema = source.table_schema().table_schema();
        let a = || col("a", schema).unwrap();
        let there = || Arc::new(IsNotNullExpr::new(a())) as Arc<dyn PhysicalExpr>;
        let is = |op| Arc::new(BinaryExpr::new(a(), op, lit("x"))) as Arc<dyn PhysicalExpr>;
        let not = |inner| Arc::new(NotExpr::new(inner)) as Arc<dyn PhysicalExpr>;
        let asked = |parts: Vec<Arc<dyn PhysicalExpr>>| once(&conjunction(parts)).map(|found| found.to_string());
        assert_eq!(asked(vec![there(), is(Operator::Eq)]).as_deref(), Some("a@0 = x"));
        assert_eq!(asked(vec![not(is(Operator::Eq)), there()]).as_deref(), Some("NOT a@0 = x"));
        assert_eq!(
            asked(vec![is_false(is(Operator::Eq)), there()]).as_deref(),
            Some("(a@0 = x) IS NOT DISTINCT FROM false")
        );
        assert_eq!(asked(vec![there()]), None);
        assert_eq!(asked(vec![there(), is(Operator::IsNotDistinctFrom)]), None);
        assert_eq!(asked(vec![there(), not(there())]), None);
    }
}
