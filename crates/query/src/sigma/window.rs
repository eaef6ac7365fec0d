//! Correlations as sliding windows: for every event, what the window of the timespan that ends with it holds, within its
//! group. Events of the same instant are in each other's window, since CloudTrail's clock has seconds.

use super::{
    ast::{Compare, Correlation, CorrelationType, Logic},
    lowering::Lowerer,
    predicate::compared,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Aggregate, Expr, Func, Named, Op, SortKey, Type},
    span::Span,
    spl::build,
};

/// A window over the rows.
pub(super) struct Frame {
    /// The group.
    pub(super) by: Vec<Expr>,
    /// Its length, microseconds; none: all rows of the search.
    pub(super) timespan: Option<i64>,
}

/// The event's time.
pub(super) fn time(span: Span) -> Expr {
    build::column("event_time", Type::Time, span)
}

impl Frame {
    /// The aggregates beside each row.
    pub(super) fn over(&self, aggregates: Vec<Aggregate>) -> Op {
        let key = SortKey { expr: time(Span::default()), descending: false, numeric: false };
        Op::Window {
            by: self.by.clone(),
            order: if self.timespan.is_some() { vec![key] } else { Vec::new() },
            preceding: None,
            range: self.timespan,
            current: true,
            aggregates,
        }
    }
}

/// An aggregate over the rows where a truth holds.
pub(super) fn aggregate(name: &str, func: Agg, arg: Option<Expr>, filter: Expr, ty: Type) -> Aggregate {
    Aggregate { name: name.to_owned(), func, arg, filter: Some(filter), order: None, ty }
}

/// How many rows fulfil a truth.
pub(super) fn count(name: &str, truth: Expr) -> Aggregate {
    aggregate(name, Agg::Count, None, truth, Type::Int)
}

/// Adds the operators of a correlation; the field `name` is its truth.
pub(super) fn correlate(lowerer: &mut Lowerer<'_>, name: &str, correlation: &Correlation, rules: &[(String, Expr)]) {
    let by =
        correlation.group_by.iter().map(|(field, span)| group(lowerer, correlation, rules, field, *span)).collect();
    let frame = Frame { by, timespan: Some(correlation.timespan) };
    let truth = match correlation.kind {
        CorrelationType::EventCount => counted(lowerer, name, correlation, rules, &frame),
        CorrelationType::Temporal => together(lowerer, name, correlation, rules, &frame),
        CorrelationType::TemporalOrdered => in_order(lowerer, name, correlation, rules, &frame),
        CorrelationType::ValuePercentile => {
            let message = "`value_percentile` is not supported: a window keeps no percentile; `value_median` is";
            lowerer.diagnostics.push(Diagnostic::error("sigma.unsupported", message, correlation.span));
            return;
        }
        kind => valued(lowerer, name, correlation, rules, &frame, kind),
    };
    for ((field, _), expr) in correlation.group_by.iter().zip(&frame.by) {
        show(lowerer, field, expr.clone());
    }
    lowerer.ops.push(Op::Extend { fields: vec![Named { name: name.to_owned(), expr: truth }] });
}

fn show(lowerer: &mut Lowerer<'_>, name: &str, expr: Expr) {
    if !lowerer.made.iter().any(|(known, _)| known == name) {
        lowerer.made.push((name.to_owned(), expr));
    }
}

/// The value of a group's field, which rules may call differently.
fn group(lowerer: &Lowerer<'_>, correlation: &Correlation, rules: &[(String, Expr)], name: &str, span: Span) -> Expr {
    let Some((_, fields)) = correlation.aliases.iter().find(|(alias, _)| alias == name) else {
        return build::to_text(lowerer.field(name, span).shown());
    };
    let mut value = Expr { ty: Type::Text, ..build::null(span) };
    for (rule, field) in fields.iter().rev() {
        let Some((_, truth)) = rules.iter().find(|(known, _)| known == rule) else { continue };
        let field = build::to_text(lowerer.field(field, span).shown());
        value = build::call(Func::If, vec![truth.clone(), field, value], Type::Text, span);
    }
    value
}

fn any_of(rules: &[(String, Expr)]) -> Expr {
    build::any(rules.iter().map(|(_, truth)| truth.clone()).collect(), Span::default())
}

fn holds(value: &Expr, compare: &[(Compare, f64)]) -> Expr {
    let span = Span::default();
    build::all(compare.iter().map(|(sign, number)| compared(value.clone(), *sign, *number, span)).collect(), span)
}

fn counted(
    lowerer: &mut Lowerer<'_>,
    name: &str,
    correlation: &Correlation,
    rules: &[(String, Expr)],
    frame: &Frame,
) -> Expr {
    let field = format!("{name}_count");
    let any = any_of(rules);
    lowerer.ops.push(frame.over(vec![count(&field, any.clone())]));
    let value = build::field(&field, Type::Int, Span::default());
    show(lowerer, "count", value.clone());
    build::all(vec![any, holds(&value, &correlation.compare)], Span::default())
}

fn valued(
    lowerer: &mut Lowerer<'_>,
    name: &str,
    correlation: &Correlation,
    rules: &[(String, Expr)],
    frame: &Frame,
    kind: CorrelationType,
) -> Expr {
    let span = Span::default();
    let Some((field, at)) = &correlation.field else { return build::truth(false, span) };
    let read = lowerer.field(field, *at);
    let (func, arg, ty) = match kind {
        CorrelationType::ValueCount => (Agg::DistinctCount, build::to_text(read.shown()), Type::Int),
        CorrelationType::ValueSum => (Agg::Sum, read.number(true), Type::Float),
        CorrelationType::ValueAvg => (Agg::Avg, read.number(true), Type::Float),
        _ => (Agg::Median, read.number(true), Type::Float),
    };
    let any = any_of(rules);
    let made = format!("{name}_value");
    lowerer.ops.push(frame.over(vec![aggregate(&made, func, Some(arg), any.clone(), ty)]));
    let value = build::field(&made, ty, span);
    show(lowerer, kind.name(), value.clone());
    build::all(vec![any, holds(&value, &correlation.compare)], span)
}

/// All rules found something in the window, in whatever order; or so many of them, or as the expression says.
fn together(
    lowerer: &mut Lowerer<'_>,
    name: &str,
    correlation: &Correlation,
    rules: &[(String, Expr)],
    frame: &Frame,
) -> Expr {
    let span = Span::default();
    let fields: Vec<String> = (0..rules.len()).map(|number| format!("{name}_count{number}")).collect();
    let counts = fields.iter().zip(rules).map(|(field, (_, truth))| count(field, truth.clone())).collect();
    lowerer.ops.push(frame.over(counts));
    let found = |field: &String| compared(build::field(field, Type::Int, span), Compare::Gte, 1.0, span);
    let condition = match &correlation.logic {
        Some(logic) => seen(lowerer, logic, rules, &fields),
        None if correlation.compare.is_empty() => build::all(fields.iter().map(found).collect(), span),
        None => {
            let one = |field| {
                build::call(Func::If, vec![found(field), build::int(1, span), build::int(0, span)], Type::Int, span)
            };
            let sum = fields.iter().map(one).reduce(|a, b| build::call(Func::Add, vec![a, b], Type::Int, span));
            holds(&sum.unwrap_or_else(|| build::int(0, span)), &correlation.compare)
        }
    };
    build::all(vec![any_of(rules), condition], span)
}

/// An expression over rules: each name is whether its rule found something in the window.
fn seen(lowerer: &mut Lowerer<'_>, logic: &Logic, rules: &[(String, Expr)], fields: &[String]) -> Expr {
    let span = Span::default();
    let mut many = |parts: &[Logic]| parts.iter().map(|part| seen(lowerer, part, rules, fields)).collect();
    match logic {
        Logic::And(parts) => build::all(many(parts), span),
        Logic::Or(parts) => build::any(many(parts), span),
        Logic::Not(inner) => build::not(seen(lowerer, inner, rules, fields)),
        Logic::Name(name, at) => match rules.iter().position(|(known, _)| known == name) {
            Some(place) => compared(build::field(&fields[place], Type::Int, span), Compare::Gte, 1.0, span),
            None => {
                let message = format!("the correlation has no rule `{name}`");
                lowerer.diagnostics.push(Diagnostic::error("sigma.unknown-rule", message, *at));
                build::truth(false, span)
            }
        },
        Logic::Of { least, pattern: None, .. } => {
            let parts = fields.iter().map(|f| compared(build::field(f, Type::Int, span), Compare::Gte, 1.0, span));
            if least.is_none() { build::all(parts.collect(), span) } else { build::any(parts.collect(), span) }
        }
        Logic::Of { span: at, .. } => {
            let message = "name the rules of a correlation one by one";
            lowerer.diagnostics.push(Diagnostic::error("sigma.condition", message, *at));
            build::truth(false, span)
        }
    }
}

/// All rules in the order named. Step by step: the latest instant at which a chain up to this rule that has come this far
/// began; the later it began, the more is left of the timespan.
fn in_order(
    lowerer: &mut Lowerer<'_>,
    name: &str,
    correlation: &Correlation,
    rules: &[(String, Expr)],
    frame: &Frame,
) -> Expr {
    let span = Span::default();
    let Some(((_, last), before)) = rules.split_last() else { return build::truth(false, span) };
    let mut reached: Option<Expr> = None;
    for (number, (_, truth)) in before.iter().enumerate() {
        let (start, reach) = (format!("{name}_start{number}"), format!("{name}_reach{number}"));
        let began = reached.unwrap_or_else(|| time(span));
        let never = Expr { ty: Type::Time, ..build::null(span) };
        let expr = build::call(Func::If, vec![truth.clone(), began, never], Type::Time, span);
        lowerer.ops.push(Op::Extend { fields: vec![Named { name: start.clone(), expr }] });
        let from = build::field(&start, Type::Time, span);
        let latest = Aggregate {
            name: reach.clone(),
            func: Agg::Max,
            arg: Some(from),
            filter: None,
            order: None,
            ty: Type::Time,
        };
        lowerer.ops.push(frame.over(vec![latest]));
        reached = Some(build::field(&reach, Type::Time, span));
    }
    let Some(reached) = reached else { return last.clone() };
    show(lowerer, "started", reached.clone());
    let seconds = |time: Expr| build::call(Func::ToNumber, vec![time], Type::Float, span);
    let took = build::call(Func::Sub, vec![seconds(time(span)), seconds(reached)], Type::Float, span);
    #[allow(clippy::cast_precision_loss)]
    let most = correlation.timespan as f64 / 1e6;
    build::all(vec![last.clone(), build::is_true(compared(took, Compare::Lte, most, span))], span)
}
