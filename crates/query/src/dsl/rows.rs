//! A request becomes a pipeline: hits as events, aggregations as rows, a visualisation as its table or its series.

use super::{
    aggregate::{self, Planner, RowSet},
    body::{Hits, Request, Searching},
    vis::Chart,
};
use crate::{
    diagnostic::Diagnostic,
    language::{Environment, Lowered},
    opensearch::{
        event, fields,
        search::{Search, newest_first},
    },
    pipeline::{Agg, Aggregate, Item, Named, Op, Pipeline, Pivot, SortKey, Type},
    span::Span,
    spl::{Kind, build},
};

/// Hits of a search that does not say how many.
const DEFAULT_HITS: u64 = 10;

/// The column that says which aggregation a row belongs to, where there are several.
const AGGREGATION: &str = "aggregation";

/// Lowers a request.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn lower(
    request: Request,
    found: Vec<Diagnostic>,
    env: &Environment<'_>,
    span: Span,
) -> Result<Lowered, Vec<Diagnostic>> {
    let Request { clause, aggs, chart, hits, indices } = request;
    let mut beside: Vec<String> = hits.sort.iter().map(|(name, _)| name.text.clone()).collect();
    beside.extend(hits.fields.iter().filter(|name| !name.contains('*')).cloned());
    let buckets = chart.as_ref().map_or(&[][..], |chart| &chart.buckets);
    for agg in aggs.iter().chain(buckets) {
        agg.fields(&mut |name| beside.push(name.to_owned()));
    }
    let mut search = Search::new("dsl", env, &clause, &indices, &beside, span);
    search.diagnostics = found;
    let base = search.filter(&clause);
    let (pipeline, columns, kind) = if let Some(chart) = &chart {
        let set = Planner { search: &mut search, base }.chain(&chart.buckets, &aggs);
        charted(chart, set)
    } else if aggs.is_empty() {
        let (pipeline, columns) = listed(&mut search, base, &hits, span);
        (pipeline, Some(columns), Kind::Events)
    } else {
        if hits.size.is_some_and(|size| size > 0) {
            let message = "the rows are those of the aggregations; the hits are left out";
            search.diagnostics.push(Diagnostic::warning("dsl.hits-left-out", message, span));
        }
        let sets = Planner { search: &mut search, base }.rows(&aggs);
        united(sets, &search)
    };
    if search.has_errors() {
        return Err(search.diagnostics);
    }
    Ok(Lowered { pipeline, diagnostics: search.diagnostics, columns, kind })
}

/// The hits, newest first where no sort is asked for.
fn listed(search: &mut Search<'_>, mut ops: Vec<Op>, hits: &Hits, span: Span) -> (Pipeline, Vec<String>) {
    let mut keys: Vec<SortKey> = Vec::new();
    for (name, descending) in &hits.sort {
        let expr = fields::first(search.fields().get(&name.text, name.span).expr);
        keys.push(SortKey { expr, descending: *descending, numeric: false });
    }
    // What is equal otherwise comes newest first, so that the same search gives the same hits.
    keys.push(newest_first(span));
    let size = hits.size.or_else(|| default_size(search, hits.search, span));
    if let Some(name) = &hits.collapse {
        let key = fields::scalar(search.fields().get(&name.text, name.span).expr);
        aggregate::first(vec![key], &keys, 1, &mut ops);
    }
    let limit = size.map(|size| size.saturating_add(hits.from));
    ops.push(Op::Sort { keys, limit });
    if hits.from > 0 || size == Some(0) {
        ops.push(Op::Limit { count: size.unwrap_or(u64::MAX >> 1), skip: hits.from });
    }
    let (project, columns) = event::columns(search.fields(), &hits.fields, span);
    ops.push(project);
    (Pipeline { scan: search.scan.clone(), ops }, columns)
}

/// A body gives ten hits where it does not say how many; a query by itself gives all that meet it.
fn default_size(search: &mut Search<'_>, searching: Searching, span: Span) -> Option<u64> {
    let (message, size) = match searching {
        Searching::Filter => return None,
        Searching::Query => {
            ("OpenSearch gives 10 hits where `size` does not say more; here all events are given", None)
        }
        Searching::Body => ("10 hits, as OpenSearch gives where `size` does not say more", Some(DEFAULT_HITS)),
    };
    search.diagnostics.push(Diagnostic::warning("dsl.default-size", message, span));
    size
}

fn named(name: &str, ty: Type) -> Named {
    Named { name: name.to_owned(), expr: build::field(name, ty, Span::default()) }
}

fn project(items: Vec<Named>) -> Op {
    Op::Project { items: items.into_iter().map(Item::Named).collect() }
}

type Shown = (Pipeline, Option<Vec<String>>, Kind);

/// The rows of all aggregations, one after another.
fn united(sets: Vec<RowSet>, search: &Search<'_>) -> Shown {
    let several = sets.len() > 1;
    let mut columns: Vec<String> = if several { vec![AGGREGATION.to_owned()] } else { Vec::new() };
    let mut whole: Option<Pipeline> = None;
    let mut types: Vec<(String, Type)> = Vec::new();
    for (index, set) in sets.into_iter().enumerate() {
        let mut items: Vec<Named> = set.columns.iter().map(|(name, ty)| named(name, *ty)).collect();
        if several {
            let path = build::text(set.path.clone(), Span::default());
            items.insert(0, Named { name: AGGREGATION.to_owned(), expr: path });
        }
        for (name, _) in &set.columns {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let mut ops = set.ops;
        if several {
            items.extend(numbered(index, &set.order, &mut ops));
        }
        ops.push(project(items));
        for (name, ty) in set.columns {
            match types.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = build::unify(*known, ty),
                None => types.push((name, ty)),
            }
        }
        let pipeline = Pipeline { scan: set.scan, ops };
        match &mut whole {
            Some(whole) => whole.ops.push(Op::Union { right: Box::new(pipeline) }),
            None => whole = Some(pipeline),
        }
    }
    let mut pipeline = whole.unwrap_or_else(|| Pipeline { scan: search.scan.clone(), ops: Vec::new() });
    if several {
        // A union mixes rows up.
        let key = |name: &str| SortKey { expr: named(name, Type::Int).expr, descending: false, numeric: false };
        pipeline.ops.push(Op::Sort { keys: vec![key(SET), key(PLACE)], limit: None });
        let shown = std::iter::once((AGGREGATION.to_owned(), Type::Text)).chain(types);
        pipeline.ops.push(project(shown.map(|(name, ty)| named(&name, ty)).collect()));
    }
    (pipeline, Some(columns), Kind::Rows)
}

/// The number of an aggregation among several.
const SET: &str = "@set";
/// The place of a row among its aggregation's.
const PLACE: &str = "@place";

/// The columns by which the rows of several aggregations are put in order.
fn numbered(index: usize, order: &[SortKey], ops: &mut Vec<Op>) -> [Named; 2] {
    let span = Span::default();
    let set = Named { name: SET.to_owned(), expr: build::int(i64::try_from(index).unwrap_or(i64::MAX), span) };
    if order.is_empty() {
        return [set, Named { name: PLACE.to_owned(), expr: build::int(1, span) }];
    }
    let count =
        Aggregate { name: PLACE.to_owned(), func: Agg::Count, arg: None, filter: None, order: None, ty: Type::Int };
    let (by, order) = (Vec::new(), order.to_vec());
    ops.push(Op::Window { by, order, preceding: None, range: None, current: true, aggregates: vec![count] });
    [set, named(PLACE, Type::Int)]
}

/// A visualisation: a table of its buckets and metrics; over time, a column a series.
fn charted(chart: &Chart, set: RowSet) -> Shown {
    let mut ops = set.ops;
    let keys = &set.columns[..set.keys];
    let values: Vec<(String, Type)> =
        set.columns[set.keys..].iter().filter(|(name, _)| name != "doc_count" || chart.bare).cloned().collect();
    let Some(time) = chart.time.filter(|_| chart.series && keys.len() <= 2) else {
        let items: Vec<Named> = keys.iter().chain(&values).map(|(name, ty)| named(name, *ty)).collect();
        let columns = items.iter().map(|item| item.name.clone()).collect();
        ops.push(project(items));
        return (Pipeline { scan: set.scan, ops }, Some(columns), Kind::Rows);
    };
    let mut items = vec![Named { name: "_time".to_owned(), ..named(&keys[time].0, keys[time].1) }];
    let group = keys.iter().enumerate().find(|(index, _)| *index != time).map(|(_, key)| key);
    items.extend(group.map(|(name, ty)| Named { expr: build::to_text(named(name, *ty).expr), name: name.clone() }));
    items.extend(values.iter().map(|(name, ty)| named(name, *ty)));
    let names: Vec<String> = values.iter().map(|(name, _)| name.clone()).collect();
    ops.push(project(items));
    ops.push(Op::Pivot(Pivot {
        rows: vec!["_time".to_owned()],
        column: group.map(|(name, _)| name.clone()),
        values: names.clone(),
        limit: None,
        other: None,
        null: None,
        grid: None,
        zero: false,
    }));
    let order = SortKey { expr: build::field("_time", Type::Time, Span::default()), descending: false, numeric: false };
    ops.push(Op::Sort { keys: vec![order], limit: None });
    let columns = group.is_none().then(|| std::iter::once("_time".to_owned()).chain(names).collect());
    (Pipeline { scan: set.scan, ops }, columns, Kind::Rows)
}
