//! The order of buckets and how many of them stay, at each level. After the one grouping by all keys the rows are few: a
//! level's own counts are sums over the rows below it, its buckets are numbered by going through the sorted rows.

use super::{
    keys::Level,
    metric::EVENTS,
    tree::{By, Keys},
};
use crate::{
    pipeline::{Agg, Aggregate, Expr, Func, Named, Op, SortKey, Type},
    spl::build,
};

/// The column of a level's number of events.
pub(super) fn count_column(level: usize, last: usize) -> String {
    if level == last { EVENTS.to_owned() } else { format!("@events {level}") }
}

/// The column of a metric by which an outer level is ordered.
pub(super) fn order_column(level: usize, metric: &str) -> String {
    format!("@order {level} {metric}")
}

/// A metric's name as its column has it.
pub(in crate::dsl) fn metric_column(path: &str) -> String {
    let path = path.trim_end_matches(".value").trim_end_matches("[]");
    let path = path.replace('>', ".");
    match path.split_once('[') {
        Some((name, percent)) => {
            let percent = percent.trim_end_matches(']').trim_matches(['\'', '"']);
            format!("{name}.{}", percent.trim_end_matches(".0"))
        }
        None if path.ends_with(".0") => path.trim_end_matches(".0").to_owned(),
        None => path,
    }
}

/// Whether a level's number of events is asked for, other than on the rows themselves.
pub(super) fn counts(level: &Level<'_>) -> bool {
    let ordered = orders(level).iter().any(|(by, _)| *by == By::Count);
    level.bucket.least > 1 || level.bucket.most.is_some() || ordered
}

/// The order of a level: by events for terms, by the key for stretches.
pub(super) fn orders(level: &Level<'_>) -> Vec<(By, bool)> {
    match (&level.bucket.keys, level.bucket.order.is_empty()) {
        (_, false) => level.bucket.order.clone(),
        (Keys::Terms(_) | Keys::Cells { .. }, true) => vec![(By::Count, true)],
        (_, true) => vec![(By::Key, false)],
    }
}

/// Sums of the rows below for the levels that ask for them, where no event is in two rows below.
pub(super) fn outer_counts(levels: &[Level<'_>], ops: &mut Vec<Op>) {
    let last = levels.len().saturating_sub(1);
    for (index, level) in levels.iter().enumerate().take(last) {
        if !counts(level) {
            continue;
        }
        let arg = Some(build::field(EVENTS, Type::Int, level.span));
        let name = count_column(index, last);
        let sum = Aggregate { name, func: Agg::Sum, arg, filter: None, order: None, ty: Type::Int };
        let by = levels[..=index].iter().map(Level::field).collect();
        ops.push(Op::Window {
            by,
            order: Vec::new(),
            preceding: None,
            range: None,
            current: true,
            aggregates: vec![sum],
        });
    }
}

/// What a level's buckets have to be: there, with so many events, and of the keys that are wanted.
fn kept(index: usize, levels: &[Level<'_>], wanted: &[Op], ops: &mut Vec<Op>) {
    let (level, last) = (&levels[index], levels.len() - 1);
    let mut conditions: Vec<Expr> = Vec::new();
    if last > 0 {
        conditions.push(build::is_not_null(level.field()));
    }
    let mut bound = |func, limit: u64| {
        let count = build::field(&count_column(index, last), Type::Int, level.span);
        let limit = build::int(i64::try_from(limit).unwrap_or(i64::MAX), level.span);
        conditions.push(build::call(func, vec![count, limit], Type::Bool, level.span));
    };
    if level.bucket.least > 1 {
        bound(Func::Ge, level.bucket.least);
    }
    if let Some(most) = level.bucket.most {
        bound(Func::Le, most);
    }
    if !conditions.is_empty() {
        ops.push(Op::Filter { predicate: build::all(conditions, level.span) });
    }
    ops.extend(wanted.iter().cloned());
}

/// Sorts rows by all levels and keeps each level's first buckets. A bucket takes its place also where nothing that is
/// wanted lies below it, so levels are gone through from the outside in. `wanted` has a level's own filters.
pub(super) fn order(levels: &[Level<'_>], wanted: &[Vec<Op>], ops: &mut Vec<Op>) -> Vec<SortKey> {
    let Some(last) = levels.len().checked_sub(1) else { return Vec::new() };
    let wanted = |index: usize| wanted.get(index).map(Vec::as_slice).unwrap_or_default();
    ordinals(levels, ops);
    let keys: Vec<SortKey> =
        levels.iter().enumerate().flat_map(|(index, level)| sort_keys(index, level, last)).collect();
    let cut = levels[last].bucket.size;
    kept(0, levels, wanted(0), ops);
    if last == 0 {
        ops.push(Op::Sort { keys: keys.clone(), limit: cut });
        return keys;
    }
    for (index, level) in levels.iter().enumerate() {
        if index > 0 {
            kept(index, levels, wanted(index), ops);
        }
        if let Some(size) = level.bucket.size.filter(|size| index < last && *size < 1_000_000) {
            number(index, levels, size, &keys, ops);
        }
    }
    if let Some(size) = cut.filter(|size| *size < 1_000_000) {
        let outer = levels[..last].iter().map(Level::field).collect();
        first(outer, &keys, size, ops);
    }
    ops.push(Op::Sort { keys: keys.clone(), limit: None });
    keys
}

/// Keeps the first rows of each combination of keys, in an order that the rows need not have yet.
pub(in crate::dsl) fn first(by: Vec<Expr>, order: &[SortKey], size: u64, ops: &mut Vec<Op>) {
    const RANK: &str = "@rank";
    let span = crate::span::Span::default();
    let count =
        Aggregate { name: RANK.to_owned(), func: Agg::Count, arg: None, filter: None, order: None, ty: Type::Int };
    ops.push(Op::Window {
        by,
        order: order.to_vec(),
        preceding: None,
        range: None,
        current: true,
        aggregates: vec![count],
    });
    let limit = build::int(i64::try_from(size).unwrap_or(i64::MAX), span);
    let kept = build::call(Func::Le, vec![build::field(RANK, Type::Int, span), limit], Type::Bool, span);
    ops.push(Op::Filter { predicate: kept });
}

/// The place of a case among the cases, by which their buckets are sorted.
fn ordinals(levels: &[Level<'_>], ops: &mut Vec<Op>) {
    let mut fields = Vec::new();
    for (index, level) in levels.iter().enumerate() {
        let Keys::Cases { cases, .. } = &level.bucket.keys else { continue };
        let span = level.span;
        let mut place = build::int(i64::try_from(cases.len()).unwrap_or(i64::MAX), span);
        for (at, (name, _)) in cases.iter().enumerate().rev() {
            let same = build::call(Func::Eq, vec![level.field(), build::text(name.clone(), span)], Type::Bool, span);
            let at = build::int(i64::try_from(at).unwrap_or(i64::MAX), span);
            place = build::call(Func::If, vec![same, at, place], Type::Int, span);
        }
        fields.push(Named { name: format!("@place {index}"), expr: place });
    }
    if !fields.is_empty() {
        ops.push(Op::Extend { fields });
    }
}

fn sort_keys(index: usize, level: &Level<'_>, last: usize) -> Vec<SortKey> {
    let key = |expr, descending| SortKey { expr, descending, numeric: false };
    let cases = matches!(level.bucket.keys, Keys::Cases { .. });
    let own = if cases { build::field(&format!("@place {index}"), Type::Int, level.span) } else { level.field() };
    let mut keys: Vec<SortKey> = orders(level)
        .into_iter()
        .map(|(by, descending)| match by {
            By::Key => key(own.clone(), descending),
            By::Count => key(build::field(&count_column(index, last), Type::Int, level.span), descending),
            By::Metric(path) if index == last => key(build::field(&path, Type::Any, level.span), descending),
            By::Metric(path) => {
                let name = order_column(index, &path);
                key(build::field(&name, Type::Any, level.span), descending)
            }
        })
        .collect();
    if !keys.iter().any(|sort| sort.expr.kind == own.kind) {
        keys.push(key(own, false));
    }
    keys
}

/// Numbers the buckets of a level within the one around it, and keeps the first ones. Rows are sorted, so a bucket is a run
/// of rows with one key.
fn number(index: usize, levels: &[Level<'_>], size: u64, order: &[SortKey], ops: &mut Vec<Op>) {
    let level = &levels[index];
    let span = level.span;
    let (before, first, rank) = (format!("@before {index}"), format!("@first {index}"), format!("@rank {index}"));
    let around: Vec<Expr> = levels[..index].iter().map(Level::field).collect();
    let window = |preceding, current, aggregate| Op::Window {
        by: around.clone(),
        order: order.to_vec(),
        preceding,
        range: None,
        current,
        aggregates: vec![aggregate],
    };
    let aggregate = |name: &str, func, arg, ty| Aggregate {
        name: name.to_owned(),
        func,
        arg: Some(arg),
        filter: None,
        order: None,
        ty,
    };
    ops.push(window(Some(1), false, aggregate(&before, Agg::First, level.field(), level.ty)));
    let same = build::call(Func::Eq, vec![build::field(&before, level.ty, span), level.field()], Type::Bool, span);
    let new = build::call(Func::If, vec![same, build::int(0, span), build::int(1, span)], Type::Int, span);
    ops.push(Op::Extend { fields: vec![Named { name: first.clone(), expr: new }] });
    ops.push(window(None, true, aggregate(&rank, Agg::Sum, build::field(&first, Type::Int, span), Type::Int)));
    let limit = build::int(i64::try_from(size).unwrap_or(i64::MAX), span);
    let kept = build::call(Func::Le, vec![build::field(&rank, Type::Int, span), limit], Type::Bool, span);
    ops.push(Op::Filter { predicate: kept });
}
