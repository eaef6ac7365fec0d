//! Pipeline aggregations: numbers of a bucket from the buckets before it, and numbers over all buckets of a scope.

use std::collections::BTreeMap;

use super::{
    keys::Level,
    metric::EVENTS,
    plan::Planner,
    rank::metric_column,
    tree::{Agg, Keys, Kind, Over, Parent},
};
use crate::{
    opensearch::script::{self, Scripting},
    pipeline::{self, Aggregate, Expr, Func, Named, Op, SortKey, Type},
    span::Span,
    spl::build,
};

/// The column that a path means.
pub(super) fn column(path: &str) -> String {
    match path.rsplit('>').next().unwrap_or(path) {
        "_count" => EVENTS.to_owned(),
        _ => metric_column(path),
    }
}

fn aggregate_of(func: Over) -> pipeline::Agg {
    match func {
        Over::Max => pipeline::Agg::Max,
        Over::Min => pipeline::Agg::Min,
        Over::Avg | Over::Stats => pipeline::Agg::Avg,
        Over::Sum => pipeline::Agg::Sum,
    }
}

fn aggregate(name: &str, func: pipeline::Agg, arg: Expr) -> Aggregate {
    let ty = match func {
        pipeline::Agg::Count => Type::Int,
        pipeline::Agg::Avg => Type::Float,
        _ => arg.ty,
    };
    Aggregate { name: name.to_owned(), func, arg: Some(arg), filter: None, order: None, ty }
}

/// The parts of a number over buckets: the column's name and the aggregate.
pub(super) fn parts(name: &str, func: Over, arg: &Expr) -> Vec<Aggregate> {
    if func != Over::Stats {
        return vec![aggregate(name, aggregate_of(func), arg.clone())];
    }
    [
        ("count", pipeline::Agg::Count),
        ("min", pipeline::Agg::Min),
        ("max", pipeline::Agg::Max),
        ("avg", pipeline::Agg::Avg),
        ("sum", pipeline::Agg::Sum),
    ]
    .map(|(part, func)| aggregate(&format!("{name}.{part}"), func, arg.clone()))
    .to_vec()
}

/// The rows of a scope as pipeline aggregations see them.
pub(super) struct Rows<'l, 't> {
    pub levels: &'l [Level<'t>],
    /// Columns known so far, with their types.
    pub columns: Vec<(String, Type)>,
}

impl Rows<'_, '_> {
    fn number(&self, name: &str, span: Span) -> Option<Expr> {
        let ty = if name == EVENTS { Type::Int } else { self.columns.iter().find(|(known, _)| known == name)?.1 };
        Some(build::field(name, if build::is_number(ty) { ty } else { Type::Float }, span))
    }

    /// Along which keys buckets follow one another, and within which.
    fn along(&self, span: Span) -> (Vec<Expr>, Vec<SortKey>) {
        let stretches = |level: &&Level<'_>| matches!(level.bucket.keys, Keys::Dates { .. } | Keys::Numbers { .. });
        let along = self.levels.iter().rfind(stretches).or_else(|| self.levels.last());
        let by = self.levels.iter().filter(|level| Some(&level.column) != along.map(|l| &l.column)).map(Level::field);
        let order = along.map(|level| SortKey { expr: level.field(), descending: false, numeric: false });
        let _ = span;
        (by.collect(), order.into_iter().collect())
    }
}

impl Planner<'_, '_> {
    /// Adds what is computed along the buckets.
    pub(super) fn parent(&mut self, agg: &Agg, rows: &mut Rows<'_, '_>, ops: &mut Vec<Op>) {
        let Kind::Parent(parent) = &agg.kind else { return };
        let name = agg.label.clone().unwrap_or_else(|| agg.name.clone());
        let span = agg.span;
        match parent {
            Parent::Cumulative(path) => self.running(path, None, true, Over::Sum, &name, (rows, ops), span),
            Parent::Moving { path, window, present, func } => {
                let before = if *present { window - 1 } else { *window };
                self.running(path, Some(before), *present, *func, &name, (rows, ops), span);
            }
            Parent::Derivative(path) => self.difference(path, 1, &name, (rows, ops), span),
            Parent::Difference(path, lag) => self.difference(path, *lag, &name, (rows, ops), span),
            Parent::Script { paths, script } => {
                if let Some(expr) = self.scripted(paths, script, rows, span) {
                    rows.columns.push((name.clone(), expr.ty));
                    ops.push(Op::Extend { fields: vec![Named { name, expr }] });
                }
            }
            Parent::Selector { paths, script } => {
                if let Some(expr) = self.scripted(paths, script, rows, span) {
                    ops.push(Op::Filter { predicate: script::truthy(expr) });
                }
            }
            Parent::Sort { keys, from, size } => {
                let key = |(path, descending): &(String, bool)| {
                    let last = rows.levels.last().filter(|_| path == "_key").map(Level::field);
                    let expr = last.unwrap_or_else(|| build::field(&column(path), Type::Any, span));
                    SortKey { expr, descending: *descending, numeric: false }
                };
                if !keys.is_empty() {
                    ops.push(Op::Sort { keys: keys.iter().map(key).collect(), limit: None });
                }
                if *from > 0 || size.is_some() {
                    ops.push(Op::Limit { count: size.unwrap_or(10_000), skip: *from });
                }
            }
        }
    }

    fn known(&mut self, path: &str, rows: &Rows<'_, '_>, span: Span) -> Option<Expr> {
        let name = column(path);
        let found = rows.number(&name, span);
        if found.is_none() {
            self.search.unsupported(format!("there is no number `{path}` in the buckets"), span);
        }
        found
    }

    #[allow(clippy::too_many_arguments)]
    fn running(
        &mut self,
        path: &str,
        preceding: Option<u64>,
        current: bool,
        func: Over,
        name: &str,
        (rows, ops): (&mut Rows<'_, '_>, &mut Vec<Op>),
        span: Span,
    ) {
        let Some(value) = self.known(path, rows, span) else { return };
        let (by, order) = rows.along(span);
        let made = aggregate(name, aggregate_of(func), value);
        rows.columns.push((name.to_owned(), made.ty));
        ops.push(Op::Window { by, order, preceding, range: None, current, aggregates: vec![made] });
    }

    /// The value minus the one so many buckets before; null where there are not so many.
    fn difference(
        &mut self,
        path: &str,
        lag: u64,
        name: &str,
        (rows, ops): (&mut Rows<'_, '_>, &mut Vec<Op>),
        span: Span,
    ) {
        let Some(value) = self.known(path, rows, span) else { return };
        let (by, order) = rows.along(span);
        let (before, many) = (format!("@before {name}"), format!("@many {name}"));
        let count = Aggregate { arg: None, ..aggregate(&many, pipeline::Agg::Count, value.clone()) };
        let aggregates = vec![aggregate(&before, pipeline::Agg::First, value.clone()), count];
        ops.push(Op::Window { by, order, preceding: Some(lag), range: None, current: false, aggregates });
        let lag = build::int(i64::try_from(lag).unwrap_or(i64::MAX), span);
        let enough = build::call(Func::Ge, vec![build::field(&many, Type::Int, span), lag], Type::Bool, span);
        let ty = value.ty;
        let apart = build::call(Func::Sub, vec![value, build::field(&before, ty, span)], ty, span);
        let expr = build::call(Func::If, vec![enough, apart, Expr { ty, ..build::null(span) }], ty, span);
        rows.columns.push((name.to_owned(), ty));
        ops.push(Op::Extend { fields: vec![Named { name: name.to_owned(), expr }] });
    }

    fn scripted(
        &mut self,
        paths: &[(String, String)],
        script: &script::Script,
        rows: &Rows<'_, '_>,
        span: Span,
    ) -> Option<Expr> {
        let mut params = BTreeMap::new();
        for (name, path) in paths {
            params.insert(name.clone(), self.known(path, rows, span)?);
        }
        let value = params.get("_value").cloned();
        let doc = |_: &str| build::null(span);
        match script::lower(script, &Scripting { doc: &doc, params, value, span }) {
            Ok(expr) => Some(expr),
            Err(why) => {
                self.search.unsupported(format!("the script is not supported: {why}"), span);
                None
            }
        }
    }
}
