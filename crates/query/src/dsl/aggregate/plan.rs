//! A tree of aggregations becomes sets of rows: one for each way from the top to a scope that has no buckets below it. All
//! keys on the way are grouped by at once; what belongs to an outer bucket alone is joined to the rows.

use super::{
    keys::Level,
    metric::{EVENTS, Measures},
    parents::{self, Rows},
    rank,
    tree::{Agg, Bucket, By, Keys, Kind, Measure, Metric, Parent},
};
use crate::{
    opensearch::{Clause, search::Search},
    pipeline::{self, Aggregate, Func, JoinKind, Named, Op, Pipeline, Pivot, Scan, SortKey, Source as From, Type},
    span::Span,
    spl::build,
};

/// Rows of one way through the tree.
pub(in crate::dsl) struct RowSet {
    /// The names of the aggregations on the way, joined by `>`.
    pub path: String,
    pub scan: Scan,
    pub ops: Vec<Op>,
    /// Keys first.
    pub columns: Vec<(String, Type)>,
    /// How many of the columns are keys.
    pub keys: usize,
    /// The order of the rows.
    pub order: Vec<SortKey>,
}

/// Lowers aggregations over the events that `base` leaves.
pub(in crate::dsl) struct Planner<'s, 'a> {
    pub search: &'s mut Search<'a>,
    pub base: Vec<Op>,
}

/// The way to a scope.
#[derive(Clone, Default)]
struct Trail<'t> {
    levels: Vec<(&'t Agg, &'t Bucket)>,
    filters: Vec<&'t Clause>,
    global: bool,
    path: Vec<&'t str>,
    /// Metrics of outer scopes, with the number of levels around them.
    outer: Vec<(usize, &'t Agg)>,
    /// Numbers over the buckets, with the number of levels around them.
    siblings: Vec<(usize, &'t Agg)>,
    parents: Vec<&'t Agg>,
}

impl<'s, 'a> Planner<'s, 'a> {
    /// The rows of a request's aggregations.
    pub fn rows(&mut self, aggs: &[Agg]) -> Vec<RowSet> {
        let mut out = Vec::new();
        self.walk(aggs, &Trail::default(), &mut out);
        out
    }

    /// The rows of a visualisation: its buckets one within another, its metrics in each.
    pub fn chain(&mut self, buckets: &[Agg], metrics: &[Agg]) -> RowSet {
        let levels = buckets.iter().filter_map(|agg| match &agg.kind {
            Kind::Bucket(bucket) => Some((agg, bucket)),
            _ => None,
        });
        let (parents, plain): (Vec<&Agg>, Vec<&Agg>) =
            metrics.iter().partition(|agg| matches!(agg.kind, Kind::Parent(_)));
        self.leaf(&Trail { levels: levels.collect(), ..Trail::default() }, &plain, &parents)
    }

    fn walk<'t>(&mut self, aggs: &'t [Agg], trail: &Trail<'t>, out: &mut Vec<RowSet>) {
        let is_plain = |agg: &&Agg| match agg.kind {
            Kind::Metric(_) => true,
            Kind::Single { .. } => !agg.branches(),
            _ => false,
        };
        let metrics: Vec<&Agg> = aggs.iter().filter(is_plain).collect();
        let branches: Vec<&Agg> = aggs.iter().filter(|agg| agg.branches()).collect();
        let parents: Vec<&Agg> = aggs.iter().filter(|agg| matches!(agg.kind, Kind::Parent(_))).collect();
        if branches.is_empty() {
            let parents: Vec<&Agg> = trail.parents.iter().copied().chain(parents).collect();
            out.push(self.leaf(trail, &metrics, &parents));
            return;
        }
        let depth = trail.levels.len();
        if depth == 0 && !metrics.is_empty() {
            out.push(self.leaf(trail, &metrics, &[]));
        }
        for branch in branches {
            let mut next = trail.clone();
            next.path.push(&branch.name);
            match &branch.kind {
                Kind::Bucket(bucket) => next.levels.push((branch, bucket)),
                Kind::Single { clause, global } => {
                    next.filters.extend(clause.as_ref());
                    next.global |= *global;
                }
                _ => {}
            }
            if depth > 0 {
                next.outer.extend(metrics.iter().map(|metric| (depth, *metric)));
                next.parents.extend(&parents);
            }
            next.siblings.extend(aggs.iter().filter(|agg| over(agg, &branch.name)).map(|agg| (depth, agg)));
            self.walk(&branch.sub, &next, out);
        }
    }

    fn leaf<'t>(&mut self, trail: &Trail<'t>, metrics: &[&'t Agg], parents: &[&'t Agg]) -> RowSet {
        let (scan, before) = self.before(trail);
        let mut used = vec![EVENTS.to_owned()];
        let levels: Vec<Level<'t>> =
            trail.levels.iter().map(|(agg, bucket)| self.level(agg, bucket, &mut used)).collect();
        let mut measures = self.measures(metrics, &mut used);
        self.cells(&levels, &mut measures, &mut used);
        let mut ops = before.clone();
        group(&levels, &measures, &mut ops);
        zeros(&levels, &measures, &mut ops);
        let mut columns = measures.columns.clone();
        for (name, agg) in &measures.apart {
            let ty = self.apart(name, agg, &levels, (&scan, &before), &mut ops);
            let at = metrics.iter().position(|metric| std::ptr::eq(*metric, *agg)).unwrap_or(columns.len());
            columns.insert(at.min(columns.len()), (name.clone(), ty));
        }
        let outer = self.outer(trail, &levels, metrics, (&scan, &before), &mut ops, &mut used);
        let order = self.order(&levels, &measures, &columns, &mut ops);
        gaps(&levels, &measures, &columns, &mut ops);
        let mut rows = Rows { levels: &levels, columns: outer.iter().cloned().chain(columns).collect() };
        for parent in parents {
            self.parent(parent, &mut rows, &mut ops);
        }
        for (depth, sibling) in &trail.siblings {
            self.sibling(*depth, sibling, &mut rows, &mut ops);
        }
        let columns = std::mem::take(&mut rows.columns);
        let sorted = parents.iter().any(|agg| matches!(agg.kind, Kind::Parent(Parent::Sort { .. })));
        if !sorted && !order.is_empty() && (!parents.is_empty() || !trail.siblings.is_empty()) {
            // Windows over the rows need not leave them in order.
            ops.push(Op::Sort { keys: order.clone(), limit: None });
        }
        if let Some(total) = trail.levels.last().and_then(|(_, bucket)| bucket.total) {
            ops.push(Op::Limit { count: total, skip: 0 });
        }
        RowSet { order, ..row_set(trail, scan, ops, &levels, columns) }
    }

    /// The events of a scope.
    fn before(&mut self, trail: &Trail<'_>) -> (Scan, Vec<Op>) {
        let mut scan = self.search.scan.clone();
        let mut ops = self.base.clone();
        if trail.global {
            (scan.earliest, scan.latest) = (None, None);
            ops = Vec::new();
        }
        for clause in &trail.filters {
            let predicate = build::is_true(self.search.predicate(clause));
            ops.push(Op::Filter { predicate });
        }
        (scan, ops)
    }

    /// A map's cells are shown at the middle of what is in them.
    fn cells<'t>(&mut self, levels: &[Level<'t>], measures: &mut Measures<'t>, used: &mut Vec<String>) {
        for level in levels {
            let Keys::Cells { source, .. } = &level.bucket.keys else { continue };
            let name = source.field.clone().unwrap_or_default();
            let (lat, lon) = self.search.fields().place(&name, source.span);
            for (name, value) in [("lat", lat), ("lon", lon)] {
                let name = super::keys::unique(name, "", used);
                measures.hidden(&name, pipeline::Agg::Avg, Some(value), None, Type::Float);
                measures.columns.push((name, Type::Float));
            }
            let message = "cells are named by their south-west corner, not by their hash";
            self.search.diagnostics.push(crate::diagnostic::Diagnostic::warning(
                "dsl.approximate",
                message,
                level.span,
            ));
        }
    }

    /// What belongs to outer buckets: their own metrics, their counts, and what they are ordered by.
    fn outer<'t>(
        &mut self,
        trail: &Trail<'t>,
        levels: &[Level<'t>],
        metrics: &[&'t Agg],
        (scan, before): (&Scan, &[Op]),
        ops: &mut Vec<Op>,
        used: &mut Vec<String>,
    ) -> Vec<(String, Type)> {
        let last = levels.len().saturating_sub(1);
        let mut shown = Vec::new();
        let mut by_rows = true;
        for (index, level) in levels.iter().enumerate().take(last) {
            let own: Vec<&Agg> =
                trail.outer.iter().filter(|(depth, _)| *depth == index + 1).map(|(_, agg)| *agg).collect();
            let mut measures = self.measures(&own, used);
            shown.extend(measures.columns.iter().cloned());
            self.orders(index, level, &own, metrics, &mut measures);
            let several = levels[index + 1..].iter().any(Level::several);
            if several && rank::counts(level) {
                by_rows = false;
                measures.hidden(&rank::count_column(index, last), pipeline::Agg::Count, None, None, Type::Int);
            }
            if !measures.aggregates.is_empty() {
                join(&levels[..=index], &measures, scan, before, ops);
            }
        }
        if by_rows {
            rank::outer_counts(levels, ops);
        } else {
            // Levels without several keys below them still sum their rows.
            let from = levels.iter().rposition(Level::several).unwrap_or(0);
            let tail: Vec<Level<'t>> = levels.to_vec();
            sums_from(from, &tail, ops);
        }
        shown
    }

    /// The metrics by which an outer level is ordered, under names of their own.
    fn orders<'t>(
        &mut self,
        index: usize,
        level: &Level<'_>,
        own: &[&'t Agg],
        metrics: &[&'t Agg],
        measures: &mut Measures<'t>,
    ) {
        for (by, _) in rank::orders(level) {
            let By::Metric(name) = by else { continue };
            let head = name.split('.').next().unwrap_or(&name);
            let found = own
                .iter()
                .chain(metrics)
                .find(|agg| agg.label.as_deref().unwrap_or(&agg.name) == name || agg.name == head);
            let Some(agg) = found else {
                self.search.unsupported(format!("there is no metric `{name}` to order by"), level.span);
                continue;
            };
            let mut apart = self.measures(&[*agg], &mut Vec::new());
            let wanted = rank::order_column(index, &name);
            let wanted_name = agg.label.clone().filter(|label| *label == name).unwrap_or_else(|| name.clone());
            for aggregate in &mut apart.aggregates {
                if aggregate.name == wanted_name {
                    aggregate.name.clone_from(&wanted);
                }
            }
            apart.aggregates.retain(|aggregate| aggregate.name == wanted);
            measures.aggregates.extend(apart.aggregates);
        }
    }

    fn order(
        &mut self,
        levels: &[Level<'_>],
        measures: &Measures<'_>,
        columns: &[(String, Type)],
        ops: &mut Vec<Op>,
    ) -> Vec<SortKey> {
        let wanted: Vec<Vec<Op>> = levels.iter().map(|level| self.chosen(level)).collect();
        if let Some(level) = levels.last() {
            for (by, _) in rank::orders(level) {
                if let By::Metric(path) = by
                    && !columns.iter().any(|(name, _)| *name == path)
                {
                    self.search.unsupported(format!("there is no metric `{path}` to order by"), level.span);
                }
            }
            if level.bucket.other.is_some() && level.bucket.size.is_some() {
                return rest(levels, &wanted, measures, columns, ops);
            }
        }
        for level in levels.iter().rev().skip(1).filter(|level| level.bucket.other.is_some()) {
            let message = "the rest of an outer level is left out, not shown as one bucket";
            self.search.diagnostics.push(crate::diagnostic::Diagnostic::warning(
                "dsl.other-bucket",
                message,
                level.span,
            ));
        }
        rank::order(levels, &wanted, ops)
    }

    /// A visualisation's metric over buckets of its own: computed apart and joined by the keys.
    fn apart(
        &mut self,
        name: &str,
        agg: &Agg,
        levels: &[Level<'_>],
        (scan, before): (&Scan, &[Op]),
        ops: &mut Vec<Op>,
    ) -> Type {
        let Kind::Metric(Metric { func: Measure::Over { func, bucket, metric }, .. }) = &agg.kind else {
            return Type::Any;
        };
        let Kind::Bucket(own) = &bucket.kind else { return Type::Any };
        let mut used = levels.iter().map(|level| level.column.clone()).collect();
        let custom = self.level(bucket, own, &mut used);
        let measured = Agg { name: "@value".to_owned(), label: None, ..(**metric).clone() };
        let measures = self.measures(&[&measured], &mut used);
        let ty = measures.columns.first().map_or(Type::Any, |(_, ty)| *ty);
        let unbounded = Bucket::of(Keys::Terms(Vec::new()));
        let mut all: Vec<Level<'_>> =
            levels.iter().map(|level| Level { bucket: &unbounded, ..level.clone() }).collect();
        all.push(custom);
        let mut right = before.to_vec();
        group(&all, &measures, &mut right);
        // Only the innermost level is ordered and cut; by what it is ordered has its column here.
        let renamed =
            all.last().map(|level| rank::orders(level).into_iter().any(|(by, _)| matches!(by, By::Metric(_))));
        if renamed != Some(true) {
            rank::outer_counts(&all, &mut right);
            rank::order(&all, &[], &mut right);
        }
        let value = build::field("@value", ty, agg.span);
        let by: Vec<Named> =
            levels.iter().map(|level| Named { name: level.column.clone(), expr: level.field() }).collect();
        let made = parents::parts(name, *func, &value);
        let ty = made.first().map_or(ty, |aggregate| aggregate.ty);
        right.push(Op::Aggregate { by, aggregates: made, keep_null: false });
        let right = Pipeline { scan: scan.clone(), ops: right };
        joined(levels, right, ops);
        ty
    }

    fn sibling(&mut self, depth: usize, agg: &Agg, rows: &mut Rows<'_, '_>, ops: &mut Vec<Op>) {
        let Kind::Sibling { func, path } = &agg.kind else { return };
        let inside = path.split_once('>').map_or("_count", |(_, inside)| inside);
        let name = parents::column(inside);
        let known = rows.columns.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty);
        let Some(ty) = known.or((name == EVENTS).then_some(Type::Int)) else {
            self.search.unsupported(format!("there is no number `{path}` in the buckets"), agg.span);
            return;
        };
        let value = build::field(&name, ty, agg.span);
        let aggregates = parents::parts(&agg.name, *func, &value);
        rows.columns.extend(aggregates.iter().map(|aggregate| (aggregate.name.clone(), aggregate.ty)));
        let by = rows.levels[..depth].iter().map(Level::field).collect();
        ops.push(Op::Window { by, order: Vec::new(), preceding: None, range: None, current: true, aggregates });
    }
}

/// Whether an aggregation is a number over the buckets of that name.
fn over(agg: &Agg, name: &str) -> bool {
    match &agg.kind {
        Kind::Sibling { path, .. } => path.split('>').next() == Some(name),
        _ => false,
    }
}

/// The one grouping by all keys.
fn group(levels: &[Level<'_>], measures: &Measures<'_>, ops: &mut Vec<Op>) {
    let by = levels.iter().map(|level| Named { name: level.column.clone(), expr: level.expr.clone() }).collect();
    let events = Aggregate {
        name: EVENTS.to_owned(),
        func: pipeline::Agg::Count,
        arg: None,
        filter: None,
        order: None,
        ty: Type::Int,
    };
    let aggregates = std::iter::once(events).chain(measures.aggregates.iter().cloned()).collect();
    // A missing inner key still counts for the buckets around it.
    ops.push(Op::Aggregate { by, aggregates, keep_null: levels.len() > 1 });
    if !measures.extends.is_empty() {
        ops.push(Op::Extend { fields: measures.extends.clone() });
    }
}

/// Measures of outer buckets, joined by their keys.
fn join(levels: &[Level<'_>], measures: &Measures<'_>, scan: &Scan, before: &[Op], ops: &mut Vec<Op>) {
    let by = levels.iter().map(|level| Named { name: level.column.clone(), expr: level.expr.clone() }).collect();
    let mut right = before.to_vec();
    right.push(Op::Aggregate { by, aggregates: measures.aggregates.clone(), keep_null: false });
    if !measures.extends.is_empty() {
        right.push(Op::Extend { fields: measures.extends.clone() });
    }
    joined(levels, Pipeline { scan: scan.clone(), ops: right }, ops);
}

/// Joins rows by the keys of levels; without levels there is one row on the right.
fn joined(levels: &[Level<'_>], mut right: Pipeline, ops: &mut Vec<Op>) {
    const ONE: &str = "@one";
    let on = if levels.is_empty() {
        let one = || Op::Extend { fields: vec![Named { name: ONE.to_owned(), expr: build::int(1, Span::default()) }] };
        ops.push(one());
        right.ops.push(one());
        vec![(build::field(ONE, Type::Int, Span::default()), ONE.to_owned())]
    } else {
        levels.iter().map(|level| (level.field(), level.column.clone())).collect()
    };
    ops.push(Op::Join { kind: JoinKind::Left, right: Box::new(right), on, max: Some(1) });
}

/// Counts of the outer levels that no level of several keys lies below.
fn sums_from(from: usize, levels: &[Level<'_>], ops: &mut Vec<Op>) {
    let last = levels.len() - 1;
    for (index, level) in levels.iter().enumerate().take(last).skip(from) {
        if rank::counts(level) {
            let arg = Some(build::field(EVENTS, Type::Int, level.span));
            let name = rank::count_column(index, last);
            let sum = Aggregate { name, func: pipeline::Agg::Sum, arg, filter: None, order: None, ty: Type::Int };
            let by = levels[..=index].iter().map(Level::field).collect();
            let aggregates = vec![sum];
            ops.push(Op::Window { by, order: Vec::new(), preceding: None, range: None, current: true, aggregates });
        }
    }
}

/// Cases without events are there, too, where cases are the only level.
fn zeros(levels: &[Level<'_>], measures: &Measures<'_>, ops: &mut Vec<Op>) {
    let [level] = levels else { return };
    let Keys::Cases { cases, other } = &level.bucket.keys else { return };
    let span = level.span;
    let names: Vec<&str> = cases.iter().map(|(name, _)| name.as_str()).chain(other.as_deref()).collect();
    if names.iter().any(|name| name.contains('\u{1}')) || names.is_empty() {
        return;
    }
    let all = vec![build::text(names.join("\u{1}"), span), build::text("\u{1}", span)];
    let list = build::call(Func::Split, all, Type::List, span);
    let zero = |name: &str| Named { name: name.to_owned(), expr: build::int(0, span) };
    let counts = || std::iter::once(EVENTS).chain(measures.counts.iter().map(String::as_str));
    let mut fields = vec![Named { name: level.column.clone(), expr: list }];
    fields.extend(counts().map(zero));
    let shown = std::iter::once(level.column.as_str()).chain(counts());
    let items = shown
        .map(|name| pipeline::Item::Named(Named { name: name.to_owned(), expr: build::field(name, Type::Any, span) }));
    let right = Pipeline {
        scan: Scan { source: From::Generate { rows: 1 }, earliest: None, latest: None, span },
        ops: vec![
            Op::Extend { fields },
            Op::Expand { field: level.column.clone(), limit: None },
            Op::Project { items: items.collect() },
        ],
    };
    ops.push(Op::Union { right: Box::new(right) });
    let merged = |(name, ty): (&str, Type)| {
        let sums = name == EVENTS || measures.counts.iter().any(|count| count == name);
        let func = if sums { pipeline::Agg::Sum } else { pipeline::Agg::First };
        let arg = Some(build::field(name, ty, span));
        Aggregate { name: name.to_owned(), func, arg, filter: None, order: None, ty }
    };
    let aggregates = std::iter::once((EVENTS, Type::Int))
        .chain(
            measures
                .columns
                .iter()
                .filter(|(name, _)| !measures.apart.iter().any(|(n, _)| n == name))
                .map(|(name, ty)| (name.as_str(), *ty)),
        )
        .map(merged)
        .collect();
    let by = vec![Named { name: level.column.clone(), expr: level.field() }];
    ops.push(Op::Aggregate { by, aggregates, keep_null: false });
}

/// Stretches of time without events between the first and the last one, where time is the only level.
fn gaps(levels: &[Level<'_>], measures: &Measures<'_>, columns: &[(String, Type)], ops: &mut Vec<Op>) {
    let [level] = levels else { return };
    let (Keys::Dates { .. }, Some(grid), 0) = (&level.bucket.keys, level.grid, level.bucket.least) else { return };
    if columns.iter().any(|(_, ty)| !build::is_number(*ty)) || !level.bucket.order.is_empty() {
        return;
    }
    let span = level.span;
    let values = std::iter::once(EVENTS.to_owned()).chain(columns.iter().map(|(name, _)| name.clone())).collect();
    ops.push(Op::Pivot(Pivot {
        rows: vec![level.column.clone()],
        column: None,
        values,
        limit: None,
        other: None,
        null: None,
        grid: Some(grid),
        zero: false,
    }));
    let counts = std::iter::once(EVENTS.to_owned()).chain(measures.counts.iter().cloned()).collect();
    ops.push(Op::FillNull { fields: Some(counts), value: pipeline::Literal::Int(0) });
    // The grid reaches to the bounds of the search; buckets begin with the first event.
    let events = build::field(EVENTS, Type::Int, span);
    let there = build::call(Func::Gt, vec![events, build::int(0, span)], Type::Bool, span);
    let end = |name: &str, func| Aggregate {
        name: name.to_owned(),
        func,
        arg: Some(level.field()),
        filter: Some(there.clone()),
        order: None,
        ty: Type::Time,
    };
    let aggregates = vec![end("@from", pipeline::Agg::Min), end("@to", pipeline::Agg::Max)];
    ops.push(Op::Window { by: Vec::new(), order: Vec::new(), preceding: None, range: None, current: true, aggregates });
    let bound = |func, name: &str| {
        build::call(func, vec![level.field(), build::field(name, Type::Time, span)], Type::Bool, span)
    };
    ops.push(Op::Filter { predicate: build::all(vec![bound(Func::Ge, "@from"), bound(Func::Le, "@to")], span) });
    let keys = vec![SortKey { expr: level.field(), descending: false, numeric: false }];
    ops.push(Op::Sort { keys, limit: None });
}

/// The innermost level's first buckets, and the rest as one.
fn rest(
    levels: &[Level<'_>],
    wanted: &[Vec<Op>],
    measures: &Measures<'_>,
    columns: &[(String, Type)],
    ops: &mut Vec<Op>,
) -> Vec<SortKey> {
    let adds = |name: &str| measures.sums.iter().any(|sum| sum == name);
    const RANK: &str = "@rank";
    let Some((level, around)) = levels.split_last() else { return Vec::new() };
    let (Some(size), Some(other)) = (level.bucket.size, &level.bucket.other) else { return Vec::new() };
    let span = level.span;
    let unbounded = Bucket { size: None, ..level.bucket.clone() };
    let mut all = levels.to_vec();
    if let Some(last) = all.last_mut() {
        last.bucket = &unbounded;
    }
    let order = rank::order(&all, wanted, ops);
    let count = Aggregate {
        name: RANK.to_owned(),
        func: pipeline::Agg::Count,
        arg: None,
        filter: None,
        order: None,
        ty: Type::Int,
    };
    let by: Vec<_> = around.iter().map(Level::field).collect();
    ops.push(Op::Window { by, order, preceding: None, range: None, current: true, aggregates: vec![count] });
    let rank = || build::field(RANK, Type::Int, span);
    let limit = build::int(i64::try_from(size).unwrap_or(i64::MAX), span);
    let kept = build::call(Func::Le, vec![rank(), limit], Type::Bool, span);
    let key = vec![kept.clone(), build::to_text(level.field()), build::text(other.clone(), span)];
    let mut fields = vec![Named { name: level.column.clone(), expr: build::call(Func::If, key, Type::Text, span) }];
    for (name, ty) in columns.iter().filter(|(name, _)| !adds(name)) {
        // What does not add up is empty in the rest.
        let value =
            vec![kept.clone(), build::field(name, *ty, span), crate::pipeline::Expr { ty: *ty, ..build::null(span) }];
        fields.push(Named { name: name.clone(), expr: build::call(Func::If, value, *ty, span) });
    }
    ops.push(Op::Extend { fields });
    let mut by: Vec<Named> =
        around.iter().map(|level| Named { name: level.column.clone(), expr: level.field() }).collect();
    by.push(Named { name: level.column.clone(), expr: build::field(&level.column, Type::Text, span) });
    let made = |name: &str, func, ty| Aggregate {
        name: name.to_owned(),
        func,
        arg: Some(build::field(name, ty, span)),
        filter: None,
        order: None,
        ty,
    };
    let mut aggregates = vec![made(EVENTS, pipeline::Agg::Sum, Type::Int), made(RANK, pipeline::Agg::Min, Type::Int)];
    for (name, ty) in columns {
        let func = if adds(name) { pipeline::Agg::Sum } else { pipeline::Agg::First };
        aggregates.push(made(name, func, *ty));
    }
    ops.push(Op::Aggregate { by, aggregates, keep_null: false });
    let mut keys: Vec<SortKey> =
        around.iter().map(|level| SortKey { expr: level.field(), descending: false, numeric: false }).collect();
    keys.push(SortKey { expr: rank(), descending: false, numeric: false });
    ops.push(Op::Sort { keys: keys.clone(), limit: None });
    keys
}

fn row_set(trail: &Trail<'_>, scan: Scan, ops: Vec<Op>, levels: &[Level<'_>], values: Vec<(String, Type)>) -> RowSet {
    let mut columns: Vec<(String, Type)> = levels
        .iter()
        .map(|level| {
            let rest = level.bucket.other.is_some() && level.bucket.size.is_some();
            (level.column.clone(), if rest { Type::Text } else { level.ty })
        })
        .collect();
    let keys = columns.len();
    if keys > 0 || values.is_empty() {
        columns.push((EVENTS.to_owned(), Type::Int));
    }
    columns.extend(values);
    RowSet { path: trail.path.join(">"), scan, ops, columns, keys, order: Vec::new() }
}
