//! Sigma 1's aggregations, `| count() by field > 5` and `| near`, which correlations have replaced. The window is the rule's
//! `timeframe`; without one it is the whole search.

use super::{
    ast::{Aggregation, Condition, Logic, Rule},
    lowering::{Lowerer, truth, within},
    predicate::compared,
    source::Place,
    window::{Frame, aggregate, count},
};
use crate::{
    pipeline::{Agg, Expr, Type},
    span::Span,
    spl::build,
};

/// The truth of a condition whose searches hold where the field `name` is true.
pub(super) fn lower(lowerer: &mut Lowerer<'_>, name: &str, rule: &Rule, place: &Place, condition: &Condition) -> Expr {
    let span = Span::default();
    let matched = build::field(name, Type::Bool, span);
    match &condition.aggregation {
        None => matched,
        Some(Aggregation::Near { names, .. }) => near(lowerer, name, rule, place, names, matched),
        Some(Aggregation::Compare { function, field, by, compare, number, span: at }) => {
            let by = by.iter().map(|by| build::to_text(lowerer.field(by, *at).shown())).collect();
            let made = format!("{name}_value");
            let over = match field {
                None => count(&made, matched.clone()),
                Some(field) => {
                    let read = lowerer.field(field, *at);
                    let (func, arg, ty) = match function.as_str() {
                        "sum" => (Agg::Sum, read.number(true), Type::Float),
                        "avg" => (Agg::Avg, read.number(true), Type::Float),
                        "min" => (Agg::Min, read.number(false), Type::Float),
                        "max" => (Agg::Max, read.number(true), Type::Float),
                        _ => (Agg::DistinctCount, build::to_text(read.shown()), Type::Int),
                    };
                    aggregate(&made, func, Some(arg), matched.clone(), ty)
                }
            };
            let value = build::field(&made, over.ty, span);
            lowerer.ops.push(Frame { by, timespan: rule.timeframe }.over(vec![over]));
            if !lowerer.made.iter().any(|(known, _)| known == function) {
                lowerer.made.push((function.clone(), value.clone()));
            }
            build::all(vec![matched, compared(value, *compare, *number, span)], span)
        }
    }
}

/// All of these searches found something within the time frame.
fn near(
    lowerer: &mut Lowerer<'_>,
    name: &str,
    rule: &Rule,
    place: &Place,
    names: &[(String, Span)],
    matched: Expr,
) -> Expr {
    let span = Span::default();
    let mut truths = vec![matched];
    for (number, (search, at)) in names.iter().enumerate() {
        let condition = Condition { expr: Logic::Name(search.clone(), *at), aggregation: None, span: *at };
        let expr = truth(lowerer.env, place, &rule.searches, &[condition], &mut lowerer.diagnostics);
        truths.push(lowerer.single(format!("{name}_near{number}"), within(place, expr)));
    }
    let fields: Vec<String> = (0..truths.len()).map(|number| format!("{name}_count{number}")).collect();
    let counts = fields.iter().zip(&truths).map(|(field, truth)| count(field, truth.clone())).collect();
    lowerer.ops.push(Frame { by: Vec::new(), timespan: rule.timeframe }.over(counts));
    let found = fields.iter().map(|f| compared(build::field(f, Type::Int, span), super::ast::Compare::Gte, 1.0, span));
    build::all(vec![build::any(truths.clone(), span), build::all(found.collect(), span)], span)
}
