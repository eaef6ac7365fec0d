//! Saved visualisations of OpenSearch Dashboards and Kibana: `aggs` as a list, each with its `type`, `schema` and `params`,
//! beside the query and the filters of its search. They are read as the requests that the dashboards make of them.

use serde_json::{Map, json};

use super::{
    aggregate::{
        self, metric_column,
        tree::{Agg, Bucket, By, Keys, Kind, Measure, Metric, Over, Parent, Source},
    },
    body::{self, Hits, Request},
    clauses::Reader,
    json::{self as places, Member, Node, Value},
};
use crate::{opensearch::Clause, span::Span};

/// How a visualisation shows its rows.
pub(super) struct Chart {
    /// Its buckets, outermost first; its metrics are the request's aggregations.
    pub buckets: Vec<Agg>,
    /// Which of the buckets are stretches of time.
    pub time: Option<usize>,
    /// A chart over time: a column a series.
    pub series: bool,
    /// It has no metric: the number of events is shown.
    pub bare: bool,
}

/// Visualisations that are drawn along an axis.
const ALONG: &[&str] = &["line", "area", "histogram"];

/// Buckets of a `terms` where the visualisation does not say.
const DEFAULT_SIZE: u64 = 5;

/// Reads a document that is a visualisation; none: it is something else.
pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Request> {
    let node = &opened(node)?;
    let aggs = node.get("aggs").filter(|aggs| matches!(aggs.value, Value::Array(_)))?;
    let mut clauses = vec![node.get("query").map_or(Clause::All, |query| body::query(reader, query))];
    clauses.extend(node.get("filter").map(|filter| reader.clause(filter)));
    let on = aggs.items().iter().filter(|agg| agg.get("enabled").and_then(Node::truth) != Some(false));
    let (metrics, buckets): (Vec<&Node>, Vec<&Node>) = on.partition(|agg| is_metric(agg));
    let names: Vec<Named> = metrics.iter().map(|agg| named(agg)).collect();
    let buckets: Vec<Agg> = buckets.into_iter().filter_map(|agg| bucket(reader, agg, &names)).collect();
    let metrics: Vec<Agg> = metrics.into_iter().flat_map(|agg| metric(reader, agg, &names)).collect();
    let time =
        buckets.iter().position(|agg| matches!(&agg.kind, Kind::Bucket(Bucket { keys: Keys::Dates { .. }, .. })));
    let series = node.get("type").and_then(Node::text).is_some_and(|kind| ALONG.contains(&kind.as_str()));
    let chart = Chart { buckets, time, series, bare: metrics.is_empty() };
    let indices = ["index", "indexPattern"].into_iter().filter_map(|name| node.get(name)?.text()).collect();
    Some(Request { clause: Clause::and(clauses), aggs: metrics, chart: Some(chart), hits: Hits::default(), indices })
}

/// The visualisation with what its texts hold: a saved object keeps its state and its search as JSON in texts.
fn opened(node: &Node) -> Option<Node> {
    if node.get("aggs").is_some_and(|aggs| matches!(aggs.value, Value::Array(_))) {
        return Some(node.clone());
    }
    let attributes = node.get("attributes").or_else(|| node.get("_source")).unwrap_or(node);
    let attributes = attributes.get("visualization").unwrap_or(attributes);
    let inner = |node: &Node| places::parse(&node.text()?, 0).ok().map(|inner| inner.placed(node.span));
    let state = attributes
        .get("visState")
        .and_then(|state| if state.is_object() { Some(state.clone()) } else { inner(state) })?;
    let search = attributes.get("kibanaSavedObjectMeta").and_then(|meta| meta.get("searchSourceJSON")).and_then(inner);
    let mut members: Vec<Member> = state.members().to_vec();
    members.extend(search.iter().flat_map(|search| search.members().iter().cloned()));
    Some(Node { value: Value::Object(members), span: node.span })
}

fn kind(agg: &Node) -> String {
    agg.get("type").and_then(Node::text).unwrap_or_default()
}

fn is_metric(agg: &Node) -> bool {
    if let Some(schema) = agg.get("schema").and_then(Node::text)
        && ["metric", "radius"].contains(&schema.as_str())
    {
        return true;
    }
    const METRICS: &[&str] = &[
        "avg",
        "avg_bucket",
        "cardinality",
        "count",
        "cumulative_sum",
        "derivative",
        "geo_bounds",
        "geo_centroid",
        "max",
        "max_bucket",
        "median",
        "min",
        "min_bucket",
        "moving_avg",
        "percentile_ranks",
        "percentiles",
        "serial_diff",
        "std_dev",
        "sum",
        "sum_bucket",
        "top_hits",
        "value_count",
    ];
    METRICS.contains(&kind(agg).as_str())
}

/// A metric's id, its kind and its column.
struct Named {
    id: String,
    kind: String,
    label: String,
}

fn named(agg: &Node) -> Named {
    Named { id: agg.get("id").and_then(Node::text).unwrap_or_default(), kind: kind(agg), label: label(agg) }
}

fn param<'n>(agg: &'n Node, name: &str) -> Option<&'n Node> {
    agg.get("params")?.get(name).filter(|node| node.value != Value::Null)
}

fn text(agg: &Node, name: &str) -> Option<String> {
    param(agg, name)?.text().filter(|text| !text.is_empty())
}

fn truth(agg: &Node, name: &str) -> bool {
    param(agg, name).and_then(Node::truth).unwrap_or(false)
}

/// The name that the visualisation shows: its own, else as the dashboards make one up.
fn label(agg: &Node) -> String {
    if let Some(label) = text(agg, "customLabel").filter(|label| !label.trim().is_empty()) {
        return label;
    }
    let field = text(agg, "field").unwrap_or_default();
    match kind(agg).as_str() {
        "count" => "Count".to_owned(),
        "avg" => format!("Average {field}"),
        "sum" => format!("Sum of {field}"),
        "max" => format!("Max {field}"),
        "min" => format!("Min {field}"),
        "median" => format!("Median {field}"),
        "std_dev" => format!("Standard deviation of {field}"),
        "cardinality" => format!("Unique count of {field}"),
        "percentiles" => format!("Percentiles of {field}"),
        "percentile_ranks" => format!("Percentile ranks of {field}"),
        "top_hits" if text(agg, "sortOrder").as_deref() == Some("asc") => format!("First {field}"),
        "top_hits" => format!("Last {field}"),
        "filters" => "Filters".to_owned(),
        other if field.is_empty() => {
            let mut name = other.replace('_', " ");
            if let Some(first) = name.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            name
        }
        _ => field.trim_end_matches(".keyword").to_owned(),
    }
}

/// An aggregation's parameters as the request has them, the free JSON of its advanced settings merged in.
fn request(agg: &Node, own: &[(&str, serde_json::Value)]) -> serde_json::Value {
    let mut out = Map::new();
    if let Some(field) = text(agg, "field") {
        out.insert("field".to_owned(), field.into());
    }
    for (name, value) in own.iter().filter(|(_, value)| !value.is_null()) {
        out.insert((*name).to_owned(), value.clone());
    }
    let free = text(agg, "json").and_then(|json| places::parse(&json, 0).ok());
    for member in free.iter().flat_map(Node::members) {
        out.insert(member.name.clone(), member.node.plain());
    }
    serde_json::Value::Object(out)
}

/// Reads an aggregation of the DSL that was made here; messages point at the visualisation's.
fn of_dsl(reader: &mut Reader, kind: &str, request: &serde_json::Value, span: Span) -> Option<Kind> {
    let node = places::parse(&request.to_string(), 0).ok()?.placed(span);
    aggregate::kind_of(reader, &Member { name: kind.to_owned(), span, node })
}

fn plain(node: Option<&Node>) -> serde_json::Value {
    node.map(Node::plain).unwrap_or_default()
}

// -- buckets

fn bucket(reader: &mut Reader, agg: &Node, metrics: &[Named]) -> Option<Agg> {
    let span = agg.span;
    let mut found = match kind(agg).as_str() {
        "filters" => filters(reader, agg),
        "terms" | "significant_terms" => terms(reader, agg, metrics)?,
        "date_histogram" => dates(reader, agg)?,
        "histogram" => {
            let interval = match text(agg, "interval").as_deref() {
                None | Some("auto") => json!(1),
                Some(number) => number.parse::<f64>().map_or(json!(1), |number| json!(number)),
            };
            of_dsl(reader, "histogram", &request(agg, &[("interval", interval)]), span)?
        }
        "range" | "date_range" => {
            let ranges = plain(param(agg, "ranges"));
            let zone = plain(param(agg, "time_zone"));
            of_dsl(reader, &kind(agg), &request(agg, &[("ranges", ranges), ("time_zone", zone)]), span)?
        }
        "ip_range" => addresses(reader, agg)?,
        name @ ("geohash_grid" | "geotile_grid") => {
            of_dsl(reader, name, &request(agg, &[("precision", plain(param(agg, "precision")))]), span)?
        }
        "" => {
            reader.error("syntax", "the aggregation has no `type`", span);
            return None;
        }
        other => of_dsl(reader, other, &request(agg, &[]), span)?,
    };
    if let Kind::Bucket(bucket) = &mut found {
        apply(bucket, agg);
    }
    Some(Agg { name: id(agg), label: Some(label(agg)), kind: found, sub: Vec::new(), span })
}

fn id(agg: &Node) -> String {
    agg.get("id").and_then(Node::text).unwrap_or_default()
}

/// What the dashboards add to `terms`: a bucket for the rest.
fn apply(bucket: &mut Bucket, agg: &Node) {
    if truth(agg, "otherBucket") && matches!(bucket.keys, Keys::Terms(_)) {
        bucket.other = Some(text(agg, "otherBucketLabel").unwrap_or_else(|| "Other".to_owned()));
    }
}

fn terms(reader: &mut Reader, agg: &Node, metrics: &[Named]) -> Option<Kind> {
    let missing = if truth(agg, "missingBucket") {
        json!(text(agg, "missingBucketLabel").unwrap_or_else(|| "Missing".to_owned()))
    } else {
        serde_json::Value::Null
    };
    let own = [
        ("size", param(agg, "size").map_or(json!(DEFAULT_SIZE), Node::plain)),
        ("missing", missing),
        ("include", plain(param(agg, "include").filter(|node| node.text().as_deref() != Some("")))),
        ("exclude", plain(param(agg, "exclude").filter(|node| node.text().as_deref() != Some("")))),
    ];
    let mut found = of_dsl(reader, &kind(agg), &request(agg, &own), agg.span)?;
    if let Kind::Bucket(bucket) = &mut found {
        let descending = text(agg, "order").is_none_or(|order| order != "asc");
        let by = match text(agg, "orderBy").as_deref() {
            Some("_key" | "_term") => By::Key,
            None | Some("_count") => By::Count,
            Some("custom") => custom_order(reader, agg),
            Some(id) => ordered_by(id, metrics),
        };
        if bucket.order.is_empty() {
            bucket.order = vec![(by, descending)];
        }
    }
    Some(found)
}

/// `1`, or `1.95` of a percentile.
fn ordered_by(id: &str, metrics: &[Named]) -> By {
    let (head, part) = id.split_once('.').map_or((id, None), |(head, part)| (head, Some(part)));
    match metrics.iter().find(|metric| metric.id == head) {
        Some(metric) if metric.kind != "count" => match part {
            Some(part) => By::Metric(format!("{}.{}", metric.label, metric_column(part))),
            None => By::Metric(metric.label.clone()),
        },
        _ => By::Count,
    }
}

/// A metric that is only ordered by, which the table does not show.
fn custom_order(reader: &mut Reader, agg: &Node) -> By {
    if param(agg, "orderAgg").is_some_and(|by| kind(by) != "count") {
        let message = "the order by a metric of its own is read as the order by events";
        reader.warning("approximate", message, agg.span);
    }
    By::Count
}

fn dates(reader: &mut Reader, agg: &Node) -> Option<Kind> {
    let interval = match text(agg, "interval").as_deref() {
        Some("custom") => text(agg, "customInterval"),
        Some(interval) => Some(interval.to_owned()),
        None => None,
    };
    let interval = interval.filter(|interval| aggregate::span(interval).is_some()).unwrap_or_else(|| "auto".to_owned());
    let least = param(agg, "min_doc_count").map_or(json!(1), |least| match least.value {
        Value::Bool(truth) => json!(u8::from(truth)),
        _ => least.plain(),
    });
    let own = [("interval", json!(interval)), ("min_doc_count", least), ("time_zone", plain(param(agg, "time_zone")))];
    let field = if text(agg, "field").is_none() {
        ("field", json!("@timestamp"))
    } else {
        ("field", plain(param(agg, "field")))
    };
    of_dsl(reader, "date_histogram", &request(agg, &[&own[..], &[field]].concat()), agg.span)
}

fn filters(reader: &mut Reader, agg: &Node) -> Kind {
    let mut cases: Vec<(String, Clause)> = Vec::new();
    for filter in param(agg, "filters").map(Node::items).unwrap_or_default() {
        let Some(input) = filter.get("input") else { continue };
        let clause = body::query(reader, input);
        let written = input.get("query").and_then(Node::text).unwrap_or_default();
        let label = filter.get("label").and_then(Node::text).filter(|label| !label.trim().is_empty());
        let name = label.unwrap_or(if written.is_empty() { "*".to_owned() } else { written });
        let name =
            if cases.iter().any(|(known, _)| *known == name) { format!("{name} {}", cases.len() + 1) } else { name };
        cases.push((name, clause));
    }
    Kind::Bucket(Bucket { least: 0, ..Bucket::of(Keys::Cases { cases, other: None }) })
}

fn addresses(reader: &mut Reader, agg: &Node) -> Option<Kind> {
    let ranges = param(agg, "ranges")?;
    let masks = text(agg, "ipRangeType").as_deref() == Some("mask");
    let wanted = if masks { ranges.get("mask") } else { ranges.get("fromTo") };
    let ranges = wanted.unwrap_or(ranges).plain();
    of_dsl(reader, "ip_range", &request(agg, &[("ranges", ranges)]), agg.span)
}

// -- metrics

fn metric(reader: &mut Reader, agg: &Node, names: &[Named]) -> Vec<Agg> {
    let span = agg.span;
    let name = label(agg);
    let made = |kind: Kind| Agg { name: name.clone(), label: Some(name.clone()), kind, sub: Vec::new(), span };
    let found = match kind(agg).as_str() {
        "count" => Some(measured(Measure::Events, span)),
        "median" => of_dsl(reader, "percentiles", &request(agg, &[("percents", json!([50]))]), span),
        "std_dev" => of_dsl(reader, "extended_stats", &request(agg, &[]), span),
        "percentiles" => {
            of_dsl(reader, "percentiles", &request(agg, &[("percents", plain(param(agg, "percents")))]), span)
        }
        "percentile_ranks" => {
            of_dsl(reader, "percentile_ranks", &request(agg, &[("values", plain(param(agg, "values")))]), span)
        }
        "top_hits" => Some(hits(reader, agg)),
        "max_bucket" | "min_bucket" | "avg_bucket" | "sum_bucket" => over(reader, agg),
        "cumulative_sum" | "derivative" | "moving_avg" | "serial_diff" => return along(reader, agg, names),
        other => of_dsl(reader, other, &request(agg, &[]), span),
    };
    found.into_iter().map(made).collect()
}

fn measured(func: Measure, span: Span) -> Kind {
    Kind::Metric(Metric { func, source: Source { span, ..Source::default() } })
}

fn hits(reader: &mut Reader, agg: &Node) -> Kind {
    let size = param(agg, "size").and_then(Node::count).unwrap_or(1);
    let way = text(agg, "aggregate").unwrap_or_default();
    if size > 1 && ["sum", "max", "min", "average"].contains(&way.as_str()) {
        let message = format!("the {way} of several hits is read as the last one");
        reader.warning("approximate", message, agg.span);
    }
    let size = if way == "concat" { size } else { 1 };
    let by = text(agg, "sortField").unwrap_or_else(|| "@timestamp".to_owned());
    let descending = text(agg, "sortOrder").is_none_or(|order| order != "asc");
    let fields = text(agg, "field").into_iter().collect();
    measured(Measure::Hits { fields, size, sort: Some((by, descending)) }, agg.span)
}

/// A metric over buckets of its own.
fn over(reader: &mut Reader, agg: &Node) -> Option<Kind> {
    let func = match kind(agg).as_str() {
        "max_bucket" => Over::Max,
        "min_bucket" => Over::Min,
        "avg_bucket" => Over::Avg,
        _ => Over::Sum,
    };
    let inner = param(agg, "customMetric");
    let measured = inner.and_then(|inner| metric(reader, inner, &[]).into_iter().next());
    let bucketed = param(agg, "customBucket").and_then(|inner| bucket(reader, inner, &[]));
    match (bucketed, measured) {
        (Some(bucket), Some(inner)) => Some(measured_over(func, bucket, inner, agg.span)),
        _ => {
            reader.error("syntax", "the metric has no buckets or no metric of its own", agg.span);
            None
        }
    }
}

fn measured_over(func: Over, bucket: Agg, inner: Agg, span: Span) -> Kind {
    measured(Measure::Over { func, bucket: Box::new(bucket), metric: Box::new(inner) }, span)
}

/// A metric along the buckets: of a metric of the table, or of its own.
fn along(reader: &mut Reader, agg: &Node, names: &[Named]) -> Vec<Agg> {
    let span = agg.span;
    let name = label(agg);
    let mut out = Vec::new();
    let path = match text(agg, "metricAgg").as_deref() {
        Some("custom") | None => {
            let inner = param(agg, "customMetric").map(|inner| metric(reader, inner, &[])).unwrap_or_default();
            let path = inner.first().map(|inner| inner.name.clone());
            out.extend(inner);
            path
        }
        Some(id) => names.iter().find(|metric| metric.id == id).map(|metric| metric.label.clone()),
    };
    let Some(path) = path else {
        reader.error("syntax", "the metric goes along no other metric", span);
        return out;
    };
    let count = |name: &str, default: u64| param(agg, name).and_then(Node::count).unwrap_or(default).max(1);
    let parent = match kind(agg).as_str() {
        "cumulative_sum" => Parent::Cumulative(path),
        "derivative" => Parent::Derivative(path),
        "serial_diff" => Parent::Difference(path, count("lag", 1)),
        _ => Parent::Moving { path, window: count("window", 5), present: true, func: Over::Avg },
    };
    out.push(Agg { name: name.clone(), label: Some(name), kind: Kind::Parent(parent), sub: Vec::new(), span });
    out
}
