//! Metrics: the numbers of a bucket, as aggregates of the IR and expressions over them.

use super::{
    keys::unique,
    plan::Planner,
    tree::{Agg, Kind, Measure, Metric, Source},
};
use crate::{
    opensearch::fields::{first, scalar},
    pipeline::{self, Aggregate, Expr, Func, Named, Type},
    span::Span,
    spl::build,
};

/// The column of a bucket's number of events.
pub(super) const EVENTS: &str = "doc_count";

/// What the metrics of a bucket come to.
#[derive(Default)]
pub(super) struct Measures<'t> {
    pub aggregates: Vec<Aggregate>,
    /// Expressions over the aggregates.
    pub extends: Vec<Named>,
    /// The columns, in order.
    pub columns: Vec<(String, Type)>,
    /// Columns whose value without events is 0.
    pub counts: Vec<String>,
    /// Columns that add up over buckets.
    pub sums: Vec<String>,
    /// Pipeline metrics of a visualisation, computed apart.
    pub apart: Vec<(String, &'t Agg)>,
}

impl Measures<'_> {
    fn column(&mut self, name: &str, ty: Type) {
        self.columns.push((name.to_owned(), ty));
    }

    /// A column that is an aggregate.
    fn aggregate(&mut self, name: &str, func: pipeline::Agg, arg: Option<Expr>, filter: Option<&Expr>, ty: Type) {
        self.hidden(name, func, arg, filter, ty);
        self.column(name, ty);
    }

    pub fn hidden(&mut self, name: &str, func: pipeline::Agg, arg: Option<Expr>, filter: Option<&Expr>, ty: Type) {
        let filter = filter.cloned();
        self.aggregates.push(Aggregate { name: name.to_owned(), func, arg, filter, order: None, ty });
    }

    fn extend(&mut self, name: &str, expr: Expr) {
        self.column(name, expr.ty);
        self.extends.push(Named { name: name.to_owned(), expr });
    }

    fn count(&mut self, name: &str) {
        self.counts.push(name.to_owned());
    }

    fn adds(&mut self, name: &str) {
        self.sums.push(name.to_owned());
    }
}

impl Planner<'_, '_> {
    /// The measures of a scope: metrics, and single buckets that have nothing but metrics below.
    pub(super) fn measures<'t>(&mut self, metrics: &[&'t Agg], used: &mut Vec<String>) -> Measures<'t> {
        let mut measures = Measures::default();
        for metric in metrics {
            self.measure(metric, "", None, &mut measures, used);
        }
        measures
    }

    fn measure<'t>(
        &mut self,
        agg: &'t Agg,
        prefix: &str,
        filter: Option<&Expr>,
        out: &mut Measures<'t>,
        used: &mut Vec<String>,
    ) {
        let name = agg.label.clone().unwrap_or_else(|| format!("{prefix}{}", agg.name));
        let name = unique(&name, &format!("{prefix}{}", agg.name), used);
        match &agg.kind {
            Kind::Metric(Metric { func: Measure::Over { .. }, .. }) => out.apart.push((name, agg)),
            Kind::Metric(metric) => self.metric(metric, &name, filter, out, agg.span),
            Kind::Single { clause, .. } => {
                let own = clause.as_ref().map(|clause| build::is_true(self.search.predicate(clause)));
                let both = match (filter, own) {
                    (Some(outer), Some(own)) => Some(build::all(vec![outer.clone(), own], agg.span)),
                    (outer, own) => own.or_else(|| outer.cloned()),
                };
                if clause.is_some() || agg.sub.is_empty() {
                    out.aggregate(&name, pipeline::Agg::Count, None, both.as_ref(), Type::Int);
                    out.count(&name);
                }
                let prefix = if clause.is_some() { format!("{name}.") } else { prefix.to_owned() };
                for sub in &agg.sub {
                    self.measure(sub, &prefix, both.as_ref(), out, used);
                }
            }
            Kind::Sibling { .. } | Kind::Parent(_) | Kind::Bucket(_) => {
                let message = "a pipeline aggregation stands beside or inside an aggregation of many buckets";
                self.search.unsupported(message.to_owned(), agg.span);
            }
        }
    }

    fn metric<'t>(
        &mut self,
        metric: &'t Metric,
        name: &str,
        filter: Option<&Expr>,
        out: &mut Measures<'t>,
        span: Span,
    ) {
        use pipeline::Agg;
        match &metric.func {
            Measure::Events => {
                out.aggregate(name, Agg::Count, None, filter, Type::Int);
                out.count(name);
                out.adds(name);
            }
            Measure::Count | Measure::Cardinality => {
                let value = self.value(&metric.source).expr;
                let func = if matches!(metric.func, Measure::Count) { Agg::Count } else { Agg::DistinctCount };
                if func == Agg::Count {
                    out.adds(name);
                }
                out.aggregate(name, func, Some(value), filter, Type::Int);
                out.count(name);
            }
            Measure::Sum | Measure::Avg | Measure::Min | Measure::Max => {
                let func = match metric.func {
                    Measure::Sum => Agg::Sum,
                    Measure::Avg => Agg::Avg,
                    Measure::Min => Agg::Min,
                    _ => Agg::Max,
                };
                let value = self.ordered(&metric.source, matches!(func, Agg::Min | Agg::Max));
                let ty = if func == Agg::Avg { Type::Float } else { value.ty };
                out.aggregate(name, func, Some(value), filter, ty);
                if func == Agg::Sum {
                    out.count(name);
                    out.adds(name);
                }
            }
            Measure::Stats | Measure::Extended => {
                self.stats(&metric.source, name, filter, out, matches!(metric.func, Measure::Extended), span);
            }
            Measure::Percentiles(percents) => {
                let value = build::convert(self.number(&metric.source), Type::Float);
                for percent in percents {
                    let name = format!("{name}.{percent}");
                    out.aggregate(&name, Agg::Percentile(*percent), Some(value.clone()), filter, Type::Float);
                }
            }
            Measure::Ranks(values) => self.ranks(&metric.source, values, name, filter, out),
            Measure::Weighted(weight) => self.weighted(&metric.source, weight, name, filter, out),
            Measure::Hits { fields, size, sort } => {
                let newest = ("@timestamp".to_owned(), true);
                let (by, descending) = sort.as_ref().unwrap_or(&newest);
                self.hits(fields, *size, (by, *descending), name, filter, out, span);
            }
            Measure::Centroid | Measure::Bounds => self.places(metric, name, filter, out),
            Measure::Over { .. } => {}
        }
    }

    /// The value of `min` and `max`: an instant stays one.
    fn ordered(&mut self, source: &Source, instants: bool) -> Expr {
        let value = self.value(source).expr;
        if instants && value.ty == Type::Time { value } else { self.number(source) }
    }

    fn stats(
        &mut self,
        source: &Source,
        name: &str,
        filter: Option<&Expr>,
        out: &mut Measures<'_>,
        extended: bool,
        span: Span,
    ) {
        use pipeline::Agg;
        let value = self.number(source);
        let ty = value.ty;
        let mut parts = vec![
            ("count", Agg::Count, Type::Int),
            ("min", Agg::Min, ty),
            ("max", Agg::Max, ty),
            ("avg", Agg::Avg, Type::Float),
            ("sum", Agg::Sum, ty),
        ];
        if extended {
            parts.push(("std_deviation", Agg::StdevPop, Type::Float));
        }
        for (part, func, ty) in parts {
            out.aggregate(&format!("{name}.{part}"), func, Some(value.clone()), filter, ty);
        }
        out.count(&format!("{name}.count"));
        if extended {
            let deviation = build::field(&format!("{name}.std_deviation"), Type::Float, span);
            let variance = build::call(Func::Mul, vec![deviation.clone(), deviation], Type::Float, span);
            out.extend(&format!("{name}.variance"), variance);
        }
    }

    fn ranks(&mut self, source: &Source, values: &[f64], name: &str, filter: Option<&Expr>, out: &mut Measures<'_>) {
        use pipeline::Agg;
        let span = source.span;
        let value = self.number(source);
        let all = format!("@{name} all");
        out.hidden(&all, Agg::Count, Some(value.clone()), filter, Type::Int);
        for limit in values {
            let below = build::call(Func::Le, vec![value.clone(), build::number(*limit, span)], Type::Bool, span);
            let below = match filter {
                Some(filter) => build::all(vec![filter.clone(), below], span),
                None => below,
            };
            let part = format!("@{name} {limit}");
            out.hidden(&part, Agg::Count, None, Some(&below), Type::Int);
            let (part, all) = (build::field(&part, Type::Int, span), build::field(&all, Type::Int, span));
            let share = build::call(Func::Div, vec![part, all], Type::Float, span);
            out.extend(
                &format!("{name}.{limit}"),
                build::call(Func::Mul, vec![share, build::int(100, span)], Type::Float, span),
            );
        }
    }

    fn weighted(&mut self, value: &Source, weight: &Source, name: &str, filter: Option<&Expr>, out: &mut Measures<'_>) {
        use pipeline::Agg;
        let span = value.span;
        let (value, weight) = (self.number(value), self.number(weight));
        let product = build::call(Func::Mul, vec![value.clone(), weight.clone()], Type::Float, span);
        let both = build::call(Func::If, vec![build::is_not_null(value), weight, build::null(span)], Type::Float, span);
        let (top, bottom) = (format!("@{name} sum"), format!("@{name} weight"));
        out.hidden(&top, Agg::Sum, Some(product), filter, Type::Float);
        out.hidden(&bottom, Agg::Sum, Some(both), filter, Type::Float);
        let parts = vec![build::field(&top, Type::Float, span), build::field(&bottom, Type::Float, span)];
        out.extend(name, build::call(Func::Div, parts, Type::Float, span));
    }

    /// The first event's fields, or the lists of several events' values.
    #[allow(clippy::too_many_arguments)]
    fn hits(
        &mut self,
        wanted: &[String],
        size: u64,
        (by, descending): (&str, bool),
        name: &str,
        filter: Option<&Expr>,
        out: &mut Measures<'_>,
        span: Span,
    ) {
        let whole = ["@message".to_owned()];
        let wanted = if wanted.is_empty() { &whole } else { wanted };
        let fields = self.search.fields();
        let order = first(fields.get(by, span).expr);
        let func = match (size, descending) {
            (..=1, true) => pipeline::Agg::Latest,
            (..=1, false) => pipeline::Agg::Earliest,
            _ => pipeline::Agg::List,
        };
        let mut made = Vec::new();
        for field in wanted {
            let value = scalar(fields.get(field, span).expr);
            let column = if wanted.len() == 1 { name.to_owned() } else { format!("{name}.{field}") };
            let ty = if func == pipeline::Agg::List { Type::List } else { value.ty };
            let value = if func == pipeline::Agg::List { build::to_text(value) } else { value };
            made.push((column, value, ty));
        }
        for (column, value, ty) in made {
            out.aggregates.push(Aggregate {
                name: column.clone(),
                func,
                arg: Some(value),
                filter: filter.cloned(),
                order: Some(order.clone()),
                ty,
            });
            out.column(&column, ty);
        }
        if size > 1 {
            let message = "of several hits the values are given as a list, in the order of time";
            self.search.diagnostics.push(crate::diagnostic::Diagnostic::warning("dsl.approximate", message, span));
        }
    }

    fn places(&mut self, metric: &Metric, name: &str, filter: Option<&Expr>, out: &mut Measures<'_>) {
        use pipeline::Agg;
        let field = metric.source.field.clone().unwrap_or_default();
        let (lat, lon) = self.search.fields().place(&field, metric.source.span);
        let parts: &[(&str, Agg, &Expr)] = if matches!(metric.func, Measure::Centroid) {
            &[("lat", Agg::Avg, &lat), ("lon", Agg::Avg, &lon)]
        } else {
            &[("top", Agg::Max, &lat), ("left", Agg::Min, &lon), ("bottom", Agg::Min, &lat), ("right", Agg::Max, &lon)]
        };
        for (part, func, value) in parts {
            out.aggregate(&format!("{name}.{part}"), *func, Some((*value).clone()), filter, Type::Float);
        }
    }
}
