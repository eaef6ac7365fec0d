//! The aggregations of the DSL: one entry each, sorted; what it is called, what it does, and how it is read.

use super::tree::{Agg, Bucket, By, Choice, Keys, Kind, Measure, Metric, Over, Parent, Source, Width};
use crate::{
    diagnostic::Diagnostic,
    dsl::{
        clauses::Reader,
        json::{Member, Node, Value},
    },
    language::Part,
    opensearch::{Bound, Clause, Name, Range, Test, Word},
    spl::{Zone, suggest, time},
};

/// Buckets of `terms` where the query does not say.
const DEFAULT_SIZE: u64 = 10;

/// Deepest nesting of aggregations.
const DEEPEST: usize = 30;

/// An aggregation: its name and how it is read.
pub(in crate::dsl) struct Aggregation {
    pub name: &'static str,
    pub part: Part,
    pub syntax: &'static str,
    pub help: &'static str,
    pub example: &'static str,
    read: fn(&mut Reader, &Member) -> Option<Kind>,
}

macro_rules! aggregations {
    ($($part:ident $name:literal, $syntax:literal, $help:literal, $example:literal, $read:expr;)*) => {
        &[$(Aggregation { name: $name, part: Part::$part, syntax: $syntax, help: $help, example: $example, read: $read }),*]
    };
}

/// Every aggregation that is understood, sorted.
pub(in crate::dsl) const AGGREGATIONS: &[Aggregation] = aggregations![
    Command "auto_date_histogram", r#"{"auto_date_histogram": {"field": name, "buckets": 10}}"#, "A bucket a stretch of time, so many at most.",
        r#"{"size": 0, "aggs": {"over_time": {"auto_date_histogram": {"field": "@timestamp", "buckets": 20}}}}"#,
        |reader, member| dates(reader, &member.node, Some(member.node.get("buckets").and_then(Node::count).unwrap_or(10)));
    Aggregate "avg", r#"{"avg": {"field": name}}"#, "Mean of the values.",
        r#"{"size": 0, "aggs": {"mean": {"avg": {"field": "additionalEventData.bytesTransferredOut"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Avg);
    Aggregate "avg_bucket", r#"{"avg_bucket": {"buckets_path": "histogram>metric"}}"#, "Mean over the buckets of an aggregation beside it.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}}, "daily": {"avg_bucket": {"buckets_path": "days>_count"}}}}"#,
        |reader, member| sibling(reader, &member.node, Over::Avg);
    Aggregate "bucket_script", r#"{"bucket_script": {"buckets_path": {"a": path}, "script": "params.a / 2"}}"#, "An expression over the numbers of a bucket.",
        r#"{"size": 0, "aggs": {"users": {"terms": {"field": "user.name"}, "aggs": {"names": {"cardinality": {"field": "eventName"}}, "share": {"bucket_script": {"buckets_path": {"n": "names", "c": "_count"}, "script": "params.n / params.c"}}}}}}"#,
        |reader, member| scripted(reader, &member.node, false);
    Aggregate "bucket_selector", r#"{"bucket_selector": {"buckets_path": {"a": path}, "script": "params.a > 2"}}"#, "Keeps the buckets for which the expression is true.",
        r#"{"size": 0, "aggs": {"users": {"terms": {"field": "user.name"}, "aggs": {"many": {"bucket_selector": {"buckets_path": {"c": "_count"}, "script": "params.c > 100"}}}}}}"#,
        |reader, member| scripted(reader, &member.node, true);
    Aggregate "bucket_sort", r#"{"bucket_sort": {"sort": [{path: "desc"}], "from": n, "size": n}}"#, "Sorts and cuts the buckets.",
        r#"{"size": 0, "aggs": {"users": {"terms": {"field": "user.name", "size": 100}, "aggs": {"top": {"bucket_sort": {"sort": [{"_key": "asc"}], "size": 5}}}}}}"#,
        |_, member| Some(Kind::Parent(Parent::Sort {
            keys: orders(member.node.get("sort")),
            from: member.node.get("from").and_then(Node::count).unwrap_or(0),
            size: member.node.get("size").and_then(Node::count),
        }));
    Aggregate "cardinality", r#"{"cardinality": {"field": name}}"#, "Number of distinct values; exact here.",
        r#"{"size": 0, "aggs": {"users": {"cardinality": {"field": "user.name"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Cardinality);
    Command "composite", r#"{"composite": {"size": n, "sources": [{name: {"terms": {"field": name}}}, …]}}"#, "A bucket a combination of values, in the order of the keys.",
        r#"{"size": 0, "aggs": {"pairs": {"composite": {"size": 100, "sources": [{"user": {"terms": {"field": "user.name"}}}, {"event": {"terms": {"field": "eventName"}}}]}}}}"#,
        |_, _| None;
    Aggregate "cumulative_sum", r#"{"cumulative_sum": {"buckets_path": path}}"#, "The sum of this bucket and those before.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}, "aggs": {"so_far": {"cumulative_sum": {"buckets_path": "_count"}}}}}}"#,
        |reader, member| path(reader, &member.node).map(|path| Kind::Parent(Parent::Cumulative(path)));
    Command "date_histogram", r#"{"date_histogram": {"field": name, "calendar_interval": "day", "time_zone": z, "min_doc_count": n}}"#,
        "A bucket a stretch of time (`calendar_interval`: minute to year; `fixed_interval`: `30m`, `12h`, `7d`). Gaps between the first and the last bucket are there too, unless `min_doc_count` is above 0.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}}}}"#,
        |reader, member| dates(reader, &member.node, None);
    Command "date_range", r#"{"date_range": {"field": name, "ranges": [{"key": k, "from": date, "to": date}]}}"#, "A bucket a range of dates; `to` is not in it.",
        r#"{"size": 0, "aggs": {"when": {"date_range": {"field": "@timestamp", "ranges": [{"key": "this week", "from": "now-7d/d"}, {"key": "before", "to": "now-7d/d"}]}}}}"#,
        ranges;
    Aggregate "derivative", r#"{"derivative": {"buckets_path": path}}"#, "The difference to the bucket before.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}, "aggs": {"change": {"derivative": {"buckets_path": "_count"}}}}}}"#,
        |reader, member| path(reader, &member.node).map(|path| Kind::Parent(Parent::Derivative(path)));
    Aggregate "extended_stats", r#"{"extended_stats": {"field": name}}"#, "`stats`, and the variance and deviation of the population.",
        r#"{"size": 0, "aggs": {"bytes": {"extended_stats": {"field": "additionalEventData.bytesTransferredOut"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Extended);
    Command "filter", r#"{"filter": query}"#, "The events that meet a query: its count, and metrics under it, are columns.",
        r#"{"size": 0, "aggs": {"failed": {"filter": {"exists": {"field": "errorCode"}}}}}"#,
        |reader, member| Some(Kind::Single { clause: Some(reader.clause(&member.node)), global: false });
    Command "filters", r#"{"filters": {"filters": {name: query, …}, "other_bucket_key": name}}"#, "A bucket a query; an event may be in several.",
        r#"{"size": 0, "aggs": {"ended": {"filters": {"filters": {"failed": {"exists": {"field": "errorCode"}}, "console": {"term": {"eventName": "ConsoleLogin"}}}}}}}"#,
        filters;
    Aggregate "geo_bounds", r#"{"geo_bounds": {"field": name}}"#, "The smallest box around the places.",
        r#"{"size": 0, "aggs": {"box": {"geo_bounds": {"field": "source.geo.location"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Bounds);
    Aggregate "geo_centroid", r#"{"geo_centroid": {"field": name}}"#, "The middle of the places.",
        r#"{"size": 0, "aggs": {"middle": {"geo_centroid": {"field": "source.geo.location"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Centroid);
    Command "geohash_grid", r#"{"geohash_grid": {"field": name, "precision": 5}}"#, "A bucket a cell of the map, by its south-west corner.",
        r#"{"size": 0, "aggs": {"cells": {"geohash_grid": {"field": "source.geo.location", "precision": 3}}}}"#,
        |reader, member| grid(reader, &member.node, false);
    Command "geotile_grid", r#"{"geotile_grid": {"field": name, "precision": 7}}"#, "A bucket a cell of the map, by its south-west corner.",
        r#"{"size": 0, "aggs": {"cells": {"geotile_grid": {"field": "source.geo.location", "precision": 6}}}}"#,
        |reader, member| grid(reader, &member.node, true);
    Command "global", r#"{"global": {}}"#, "All events, whatever the query says.",
        r#"{"size": 0, "query": {"term": {"eventName": "ConsoleLogin"}}, "aggs": {"all": {"global": {}, "aggs": {"users": {"cardinality": {"field": "user.name"}}}}}}"#,
        |_, _| Some(Kind::Single { clause: None, global: true });
    Command "histogram", r#"{"histogram": {"field": name, "interval": n}}"#, "A bucket a stretch of numbers.",
        r#"{"size": 0, "aggs": {"bytes": {"histogram": {"field": "additionalEventData.bytesTransferredOut", "interval": 1000}}}}"#,
        histogram;
    Command "ip_range", r#"{"ip_range": {"field": name, "ranges": [{"mask": "10.0.0.0/8"}, {"from": address, "to": address}]}}"#, "A bucket a range of addresses.",
        r#"{"size": 0, "aggs": {"nets": {"ip_range": {"field": "source.ip", "ranges": [{"mask": "10.0.0.0/8"}, {"mask": "192.168.0.0/16"}]}}}}"#,
        ranges;
    Aggregate "max", r#"{"max": {"field": name}}"#, "Largest.",
        r#"{"size": 0, "aggs": {"last": {"max": {"field": "@timestamp"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Max);
    Aggregate "max_bucket", r#"{"max_bucket": {"buckets_path": "histogram>metric"}}"#, "Largest over the buckets of an aggregation beside it.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}}, "busiest": {"max_bucket": {"buckets_path": "days>_count"}}}}"#,
        |reader, member| sibling(reader, &member.node, Over::Max);
    Aggregate "median_absolute_deviation", r#"{"median_absolute_deviation": {"field": name}}"#, "Not supported: named as such.", "",
        |reader, member| {
            reader.error("unsupported", "`median_absolute_deviation` is not supported", member.span);
            None
        };
    Aggregate "min", r#"{"min": {"field": name}}"#, "Smallest.",
        r#"{"size": 0, "aggs": {"first": {"min": {"field": "@timestamp"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Min);
    Aggregate "min_bucket", r#"{"min_bucket": {"buckets_path": "histogram>metric"}}"#, "Smallest over the buckets of an aggregation beside it.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}}, "calmest": {"min_bucket": {"buckets_path": "days>_count"}}}}"#,
        |reader, member| sibling(reader, &member.node, Over::Min);
    Command "missing", r#"{"missing": {"field": name}}"#, "The events without the field.",
        r#"{"size": 0, "aggs": {"nameless": {"missing": {"field": "user.name"}}}}"#,
        |_, member| member.node.get("field").and_then(|field| {
            let name = Name::new(field.text()?, field.span);
            let clause = Clause::Not(Box::new(Clause::field(name, Test::Exists)));
            Some(Kind::Single { clause: Some(clause), global: false })
        });
    Aggregate "moving_avg", r#"{"moving_avg": {"buckets_path": path, "window": 5}}"#, "Mean of this bucket and those before it.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}, "aggs": {"smooth": {"moving_avg": {"buckets_path": "_count", "window": 3}}}}}}"#,
        |reader, member| moving(reader, &member.node, true);
    Aggregate "moving_fn", r#"{"moving_fn": {"buckets_path": path, "window": 5, "script": "MovingFunctions.unweightedAvg(values)"}}"#,
        "A mean, sum, min or max of the buckets before this one.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}, "aggs": {"before": {"moving_fn": {"buckets_path": "_count", "window": 3, "script": "MovingFunctions.max(values)"}}}}}}"#,
        |reader, member| moving(reader, &member.node, false);
    Command "multi_terms", r#"{"multi_terms": {"terms": [{"field": a}, {"field": b}], "size": n}}"#, "A bucket a combination of values; the key joins them with `|`.",
        r#"{"size": 0, "aggs": {"pairs": {"multi_terms": {"terms": [{"field": "user.name"}, {"field": "eventName"}]}}}}"#,
        |reader, member| {
            let sources = member.node.get("terms").map(Node::items).unwrap_or_default();
            let sources = sources.iter().map(|source| self::source(reader, source)).collect();
            Some(Kind::Bucket(terms_of(reader, &member.node, sources)))
        };
    Command "nested", r#"{"nested": {"path": name}}"#, "What is below, unchanged: arrays of objects are passed through.",
        r#"{"size": 0, "aggs": {"resources": {"nested": {"path": "resources"}, "aggs": {"kinds": {"terms": {"field": "resources.type"}}}}}}"#,
        |_, _| Some(Kind::Single { clause: None, global: false });
    Aggregate "percentile_ranks", r#"{"percentile_ranks": {"field": name, "values": [n, …]}}"#, "How many per cent of the values are at most so large.",
        r#"{"size": 0, "aggs": {"small": {"percentile_ranks": {"field": "additionalEventData.bytesTransferredOut", "values": [1000, 100000]}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Ranks(numbers(member.node.get("values"))));
    Aggregate "percentiles", r#"{"percentiles": {"field": name, "percents": [n, …]}}"#, "Percentiles, a column each: `name.95`.",
        r#"{"size": 0, "aggs": {"bytes": {"percentiles": {"field": "additionalEventData.bytesTransferredOut", "percents": [50, 95]}}}}"#,
        |reader, member| {
            let percents = numbers(member.node.get("percents"));
            let percents = if percents.is_empty() { vec![1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0] } else { percents };
            metric(reader, &member.node, Measure::Percentiles(percents))
        };
    Command "range", r#"{"range": {"field": name, "ranges": [{"to": n}, {"from": n, "to": n}]}}"#, "A bucket a range of numbers; `to` is not in it.",
        r#"{"size": 0, "aggs": {"sizes": {"range": {"field": "additionalEventData.bytesTransferredOut", "ranges": [{"to": 1000}, {"from": 1000}]}}}}"#,
        ranges;
    Command "rare_terms", r#"{"rare_terms": {"field": name, "max_doc_count": 1}}"#, "The values of few events.",
        r#"{"size": 0, "aggs": {"rare": {"rare_terms": {"field": "eventName", "max_doc_count": 2}}}}"#,
        |reader, member| {
            let sources = vec![source(reader, &member.node)];
            let most = member.node.get("max_doc_count").and_then(Node::count).unwrap_or(1);
            let order = vec![(By::Count, false)];
            Some(Kind::Bucket(Bucket { size: None, most: Some(most), order, ..terms_of(reader, &member.node, sources) }))
        };
    Command "reverse_nested", r#"{"reverse_nested": {}}"#, "What is below, unchanged.",
        r#"{"size": 0, "aggs": {"back": {"reverse_nested": {}, "aggs": {"users": {"cardinality": {"field": "user.name"}}}}}}"#,
        |_, _| Some(Kind::Single { clause: None, global: false });
    Command "sampler", r#"{"sampler": {"shard_size": n}}"#, "What is below, over all events: nothing is sampled here.",
        r#"{"size": 0, "aggs": {"sample": {"sampler": {"shard_size": 100}, "aggs": {"users": {"cardinality": {"field": "user.name"}}}}}}"#,
        |_, _| Some(Kind::Single { clause: None, global: false });
    Aggregate "serial_diff", r#"{"serial_diff": {"buckets_path": path, "lag": 7}}"#, "The difference to the bucket so many before.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}, "aggs": {"week": {"serial_diff": {"buckets_path": "_count", "lag": 7}}}}}}"#,
        |reader, member| {
            let lag = member.node.get("lag").and_then(Node::count).unwrap_or(1).max(1);
            path(reader, &member.node).map(|path| Kind::Parent(Parent::Difference(path, lag)))
        };
    Command "significant_terms", r#"{"significant_terms": {"field": name, "size": n}}"#, "Read as `terms`: how unusual a value is, is not computed.",
        r#"{"size": 0, "aggs": {"names": {"significant_terms": {"field": "eventName"}}}}"#,
        |reader, member| {
            let message = "`significant_terms` is read as `terms`: the most frequent values, not the most unusual ones";
            reader.warning("approximate", message, member.span);
            let sources = vec![source(reader, &member.node)];
            Some(Kind::Bucket(terms_of(reader, &member.node, sources)))
        };
    Aggregate "stats", r#"{"stats": {"field": name}}"#, "`count`, `min`, `max`, `avg` and `sum`, a column each.",
        r#"{"size": 0, "aggs": {"bytes": {"stats": {"field": "additionalEventData.bytesTransferredOut"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Stats);
    Aggregate "stats_bucket", r#"{"stats_bucket": {"buckets_path": "histogram>metric"}}"#, "`count`, `min`, `max`, `avg` and `sum` over the buckets of an aggregation beside it.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}}, "daily": {"stats_bucket": {"buckets_path": "days>_count"}}}}"#,
        |reader, member| sibling(reader, &member.node, Over::Stats);
    Aggregate "sum", r#"{"sum": {"field": name}}"#, "Sum of the values.",
        r#"{"size": 0, "aggs": {"bytes": {"sum": {"field": "additionalEventData.bytesTransferredOut"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Sum);
    Aggregate "sum_bucket", r#"{"sum_bucket": {"buckets_path": "histogram>metric"}}"#, "Sum over the buckets of an aggregation beside it.",
        r#"{"size": 0, "aggs": {"days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}}, "total": {"sum_bucket": {"buckets_path": "days>_count"}}}}"#,
        |reader, member| sibling(reader, &member.node, Over::Sum);
    Command "terms", r#"{"terms": {"field": name, "size": 10, "order": {"_count": "desc"}, "missing": text, "min_doc_count": n, "include": …, "exclude": …}}"#,
        "A bucket a value: the ten with most events, unless `size` and `order` say otherwise.",
        r#"{"size": 0, "aggs": {"users": {"terms": {"field": "user.name", "size": 5}, "aggs": {"events": {"terms": {"field": "eventName", "size": 3}}}}}}"#,
        |reader, member| {
            let sources = vec![source(reader, &member.node)];
            Some(Kind::Bucket(terms_of(reader, &member.node, sources)))
        };
    Aggregate "top_hits", r#"{"top_hits": {"size": 1, "_source": [name, …], "sort": [{"@timestamp": "desc"}]}}"#,
        "Fields of the first event of the bucket; of more than one, their values as a list.",
        r#"{"size": 0, "aggs": {"users": {"terms": {"field": "user.name"}, "aggs": {"last": {"top_hits": {"size": 1, "_source": ["eventName"], "sort": [{"@timestamp": "desc"}]}}}}}}"#,
        |_, member| Some(Kind::Metric(Metric { func: hits(&member.node), source: Source { span: member.span, ..Source::default() } }));
    Aggregate "value_count", r#"{"value_count": {"field": name}}"#, "Number of values.",
        r#"{"size": 0, "aggs": {"errors": {"value_count": {"field": "errorCode"}}}}"#,
        |reader, member| metric(reader, &member.node, Measure::Count);
    Aggregate "weighted_avg", r#"{"weighted_avg": {"value": {"field": a}, "weight": {"field": b}}}"#, "Mean with weights.",
        r#"{"size": 0, "aggs": {"mean": {"weighted_avg": {"value": {"field": "additionalEventData.bytesTransferredOut"}, "weight": {"field": "additionalEventData.bytesTransferredIn"}}}}}"#,
        |reader, member| {
            let (value, weight) = (member.node.get("value")?.clone(), member.node.get("weight")?.clone());
            let weight = source(reader, &weight);
            metric(reader, &value, Measure::Weighted(weight))
        };
];

/// Aggregations that OpenSearch has and that are not done here.
const UNSUPPORTED: &[&str] = &[
    "adjacency_matrix",
    "boxplot",
    "categorize_text",
    "children",
    "cumulative_cardinality",
    "diversified_sampler",
    "extended_stats_bucket",
    "frequent_items",
    "geohex_grid",
    "inference",
    "matrix_stats",
    "normalize",
    "parent",
    "percentiles_bucket",
    "rate",
    "scripted_metric",
    "significant_text",
    "string_stats",
    "t_test",
    "time_series",
    "top_metrics",
    "variable_width_histogram",
];

pub(in crate::dsl) fn is_aggregation(name: &str) -> bool {
    AGGREGATIONS.iter().any(|aggregation| aggregation.name == name) || UNSUPPORTED.contains(&name)
}

/// Reads `{name: {kind: {…}, "aggs": {…}}, …}`.
pub(in crate::dsl) fn read(reader: &mut Reader, node: &Node, depth: usize) -> Vec<Agg> {
    if depth > DEEPEST {
        reader.error("too-deep", "the aggregations are nested too deeply", node.span);
        return Vec::new();
    }
    node.members().iter().filter_map(|member| one(reader, member, depth)).collect()
}

fn one(reader: &mut Reader, named: &Member, depth: usize) -> Option<Agg> {
    let below = |name: &str| name == "aggs" || name == "aggregations";
    let sub: Vec<Agg> = named
        .node
        .members()
        .iter()
        .filter(|member| below(&member.name))
        .flat_map(|member| read(reader, &member.node, depth + 1))
        .collect();
    let Some(kind) = named.node.members().iter().find(|member| !below(&member.name) && member.name != "meta") else {
        reader.error("syntax", format!("`{}` says no aggregation: {{\"terms\": {{…}}}}", named.name), named.node.span);
        return None;
    };
    if kind.name == "composite" {
        return composite(reader, named, &kind.node, sub);
    }
    let found = kind_of(reader, kind)?;
    Some(Agg { name: named.name.clone(), label: None, kind: found, sub, span: named.span })
}

/// Reads one aggregation's own part.
pub(in crate::dsl) fn kind_of(reader: &mut Reader, kind: &Member) -> Option<Kind> {
    if let Some(aggregation) = AGGREGATIONS.iter().find(|aggregation| aggregation.name == kind.name) {
        let before = reader.diagnostics.len();
        let found = (aggregation.read)(reader, kind);
        if found.is_none() && reader.diagnostics.len() == before {
            reader.error("syntax", format!("`{}` is written {}", kind.name, aggregation.syntax), kind.node.span);
        }
        return found;
    }
    if UNSUPPORTED.contains(&kind.name.as_str()) {
        reader.error("unsupported", format!("the aggregation `{}` is not supported", kind.name), kind.span);
        return None;
    }
    let message = format!("there is no aggregation `{}`", kind.name);
    let mut diagnostic = Diagnostic::error("dsl.unknown-aggregation", message, kind.span);
    if let Some(near) = suggest::nearest(&kind.name, AGGREGATIONS.iter().map(|aggregation| aggregation.name)) {
        diagnostic = diagnostic.with_help(format!("did you mean `{near}`?")).with_suggestion(format!("\"{near}\""));
    }
    reader.diagnostics.push(diagnostic);
    None
}

/// A `composite` is its sources one within another, cut as a whole.
fn composite(reader: &mut Reader, named: &Member, node: &Node, sub: Vec<Agg>) -> Option<Agg> {
    if let Some(after) = node.get("after") {
        reader.error("unsupported", "going on after a key is not supported: ask for a larger `size`", after.span);
    }
    let size = node.get("size").and_then(Node::count).unwrap_or(DEFAULT_SIZE);
    let sources = node.get("sources").map(Node::items).unwrap_or_default();
    let mut inner: Option<Agg> = None;
    let mut sub = Some(sub);
    for source in sources.iter().rev() {
        let member = source.members().first()?;
        let kind = member.node.members().first()?;
        let Some(Kind::Bucket(mut bucket)) = kind_of(reader, kind) else { return None };
        let descending = kind.node.get("order").and_then(Node::text).is_some_and(|order| order == "desc");
        bucket.size = None;
        bucket.least = 1;
        bucket.order = vec![(By::Key, descending)];
        bucket.total = inner.is_none().then_some(size);
        let below = inner.take().map_or_else(|| sub.take().unwrap_or_default(), |agg| vec![agg]);
        inner = Some(Agg {
            name: member.name.clone(),
            label: Some(member.name.clone()),
            kind: Kind::Bucket(bucket),
            sub: below,
            span: member.span,
        });
    }
    if inner.is_none() {
        reader.error("syntax", "`composite` has `sources`", named.node.span);
    }
    inner
}

/// A field, a script, and what stands for a missing value.
pub(in crate::dsl) fn source(reader: &mut Reader, node: &Node) -> Source {
    let field = node.get("field").and_then(Node::text).filter(|field| !field.is_empty());
    let script = node.get("script").and_then(|script| reader.script_of(script));
    let missing = node.get("missing").and_then(Node::text);
    let span = node.get("field").map_or(node.span, |field| field.span);
    Source { field, script, missing, span }
}

fn metric(reader: &mut Reader, node: &Node, func: Measure) -> Option<Kind> {
    let source = source(reader, node);
    if source.field.is_none() && source.script.is_none() {
        if !reader.has_errors() {
            reader.error("syntax", "the aggregation has a `field`", node.span);
        }
        return None;
    }
    Some(Kind::Metric(Metric { func, source }))
}

/// The parts that the kinds of `terms` share.
pub(in crate::dsl) fn terms_of(reader: &mut Reader, node: &Node, sources: Vec<Source>) -> Bucket {
    let size = node.get("size").and_then(Node::count).unwrap_or(DEFAULT_SIZE);
    let order: Vec<(By, bool)> = orders(node.get("order")).into_iter().map(|(name, desc)| (by(&name), desc)).collect();
    if sources.iter().any(|source| source.field.is_none() && source.script.is_none()) && !reader.has_errors() {
        reader.error("syntax", "the aggregation has a `field`", node.span);
    }
    Bucket {
        size: Some(size).filter(|size| *size > 0),
        order,
        least: node.get("min_doc_count").and_then(Node::count).unwrap_or(1).max(1),
        include: choice(reader, node.get("include")),
        exclude: choice(reader, node.get("exclude")),
        ..Bucket::of(Keys::Terms(sources))
    }
}

/// What an order goes by.
pub(in crate::dsl) fn by(name: &str) -> By {
    match name {
        "_count" => By::Count,
        "_key" | "_term" | "_time" => By::Key,
        other => By::Metric(super::rank::metric_column(other)),
    }
}

fn choice(reader: &mut Reader, node: Option<&Node>) -> Option<Choice> {
    let node = node?;
    match &node.value {
        Value::Text(regex) if regex.is_empty() => None,
        Value::Text(regex) => Some(Choice::Regex(regex.clone(), node.span)),
        Value::Array(items) => Some(Choice::Values(items.iter().filter_map(Node::text).collect())),
        Value::Object(_) if node.get("pattern").is_some() => choice(reader, node.get("pattern")),
        _ => {
            reader.error("unsupported", "partitions of keys are not supported", node.span);
            None
        }
    }
}

/// `{"a": "desc"}`, `[{"a": {"order": "asc"}}, "b"]`: names and whether the largest come first.
pub(in crate::dsl) fn orders(node: Option<&Node>) -> Vec<(String, bool)> {
    let Some(node) = node else { return Vec::new() };
    let mut out = Vec::new();
    for item in node.items() {
        if let Some(name) = item.text() {
            let (name, order) = name.split_once(':').map_or((name.as_str(), "asc"), |(name, order)| (name, order));
            out.push((name.to_owned(), order == "desc"));
        }
        for member in item.members() {
            let order = member.node.get("order").unwrap_or(&member.node).text().unwrap_or_default();
            out.push((member.name.clone(), order.eq_ignore_ascii_case("desc")));
        }
    }
    out
}

fn numbers(node: Option<&Node>) -> Vec<f64> {
    node.map(Node::items).unwrap_or_default().iter().filter_map(Node::number).collect()
}

fn histogram(reader: &mut Reader, member: &Member) -> Option<Kind> {
    let node = &member.node;
    let interval = node.get("interval").and_then(Node::number).filter(|interval| *interval > 0.0)?;
    let offset = node.get("offset").and_then(Node::number).unwrap_or(0.0);
    let source = source(reader, node);
    let least = node.get("min_doc_count").and_then(Node::count).unwrap_or(0).max(1);
    Some(Kind::Bucket(Bucket { least, ..Bucket::of(Keys::Numbers { source, interval, offset }) }))
}

fn dates(reader: &mut Reader, node: &Node, buckets: Option<u64>) -> Option<Kind> {
    let interval = ["calendar_interval", "fixed_interval", "interval"].into_iter().find_map(|name| node.get(name));
    let width = match (buckets, interval) {
        (Some(buckets), _) => Width::Auto(i64::try_from(buckets).unwrap_or(10)),
        (None, Some(interval)) => match interval.text().as_deref() {
            Some("auto") => Width::Auto(100),
            text => match text.and_then(span) {
                Some(span) => Width::Span(span),
                None => {
                    reader.error("interval", "an interval is `day`, `1h`, `30m`, …", interval.span);
                    return None;
                }
            },
        },
        (None, None) => return None,
    };
    let zone = match node.get("time_zone") {
        Some(zone) => match zone.text().as_deref().and_then(Zone::parse) {
            Some(found) => Some(found),
            None => {
                reader.error("time-zone", "there is no such time zone", zone.span);
                None
            }
        },
        None => None,
    };
    if let Some(offset) = node.get("offset") {
        reader.warning("ignored", "the offset of a date histogram is not applied", offset.span);
    }
    let source = source(reader, node);
    let least = node.get("min_doc_count").and_then(Node::count).unwrap_or(0);
    let order = orders(node.get("order")).into_iter().map(|(name, desc)| (by(&name), desc)).collect();
    Some(Kind::Bucket(Bucket { least, order, ..Bucket::of(Keys::Dates { source, width, zone }) }))
}

/// `day`, `1d`, `90m`, `1M`: an interval of OpenSearch, whose `M` is a month. Weeks begin on Monday.
pub(in crate::dsl) fn span(text: &str) -> Option<time::Span> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let count = if digits == 0 { 1 } else { text[..digits].parse().ok()? };
    let unit = match &text[digits..] {
        "M" | "month" => time::Unit::Month,
        "quarter" | "q" => time::Unit::Quarter,
        "year" | "y" => time::Unit::Year,
        "week" | "w" => time::Unit::Week,
        "" | "mon" => return None,
        other => time::unit(other)?,
    };
    let weekday = (unit == time::Unit::Week).then_some(1);
    (count > 0).then_some(time::Span { count, unit, weekday })
}

fn filters(reader: &mut Reader, member: &Member) -> Option<Kind> {
    let filters = member.node.get("filters")?;
    let mut cases = Vec::new();
    for filter in filters.members() {
        cases.push((filter.name.clone(), reader.clause(&filter.node)));
    }
    if let Value::Array(items) = &filters.value {
        for (index, item) in items.iter().enumerate() {
            cases.push((index.to_string(), reader.clause(item)));
        }
    }
    let other = member.node.get("other_bucket_key").and_then(Node::text);
    let wanted = member.node.get("other_bucket").and_then(Node::truth).unwrap_or(false);
    let other = other.or_else(|| wanted.then(|| "_other_".to_owned()));
    Some(Kind::Bucket(Bucket { least: 0, ..Bucket::of(Keys::Cases { cases, other }) }))
}

/// `range`, `date_range`, `ip_range`: cases, each a range of the field.
fn ranges(reader: &mut Reader, member: &Member) -> Option<Kind> {
    let node = &member.node;
    let field = node.get("field")?;
    let name = Name::new(field.text()?, field.span);
    let mut cases = Vec::new();
    for range in node.get("ranges")?.items() {
        let end = |name: &str| range.get(name).and_then(|end| Some(Word::new(end.text()?, end.span)));
        let (from, to) = (end("from"), end("to"));
        let mask = end("mask");
        let shown = |word: &Option<Word>| {
            word.as_ref().map_or_else(|| "*".to_owned(), |word| number_text(&member.name, &word.text))
        };
        let label = range.get("key").and_then(Node::text).unwrap_or_else(|| match &mask {
            Some(mask) => mask.text.clone(),
            None => format!("{}-{}", shown(&from), shown(&to)),
        });
        let bound = |value: Option<Word>, inclusive| value.map(|value| Bound { value, inclusive });
        let test = match mask {
            Some(word) => Test::Term { word, any_case: false },
            None if from.is_none() && to.is_none() => Test::Exists,
            None => Test::Range(Range {
                from: bound(from, true),
                to: bound(to, false),
                format: node.get("format").and_then(Node::text).filter(|_| member.name == "date_range"),
                zone: node.get("time_zone").and_then(Node::text).and_then(|zone| Zone::parse(&zone)),
            }),
        };
        cases.push((label, Clause::field(name.clone(), test)));
    }
    if node.get("script").is_some() {
        reader.error("unsupported", "ranges of a script's value are not supported", node.span);
    }
    Some(Kind::Bucket(Bucket { least: 0, ..Bucket::of(Keys::Cases { cases, other: None }) }))
}

/// The numbers in a range's name are written as OpenSearch writes them: `100.0`.
fn number_text(kind: &str, text: &str) -> String {
    match text.parse::<f64>() {
        Ok(number) if kind == "range" => format!("{number:?}"),
        _ => text.to_owned(),
    }
}

fn grid(reader: &mut Reader, node: &Node, tiles: bool) -> Option<Kind> {
    let precision = node.get("precision").and_then(Node::count).unwrap_or(if tiles { 7 } else { 5 });
    let precision = i32::try_from(precision.min(29)).ok()?;
    let (width, height) = cell(precision, tiles);
    let source = source(reader, node);
    let size = Some(node.get("size").and_then(Node::count).unwrap_or(10_000));
    Some(Kind::Bucket(Bucket { size, ..Bucket::of(Keys::Cells { source, width, height }) }))
}

/// The width and height of a cell in degrees. A geohash takes five bits a letter, the first for the longitude; tiles are
/// taken as if the map were flat.
pub(in crate::dsl) fn cell(precision: i32, tiles: bool) -> (f64, f64) {
    if tiles {
        return (360.0 / 2_f64.powi(precision), 180.0 / 2_f64.powi(precision));
    }
    let bits = precision.clamp(1, 12) * 5;
    (360.0 / 2_f64.powi((bits + 1) / 2), 180.0 / 2_f64.powi(bits / 2))
}

fn path(reader: &mut Reader, node: &Node) -> Option<String> {
    let found = node.get("buckets_path").and_then(Node::text);
    if found.is_none() {
        reader.error("syntax", "the aggregation has a `buckets_path`", node.span);
    }
    found
}

fn sibling(reader: &mut Reader, node: &Node, func: Over) -> Option<Kind> {
    path(reader, node).map(|path| Kind::Sibling { func, path })
}

fn scripted(reader: &mut Reader, node: &Node, selects: bool) -> Option<Kind> {
    let paths: Vec<(String, String)> = match node.get("buckets_path") {
        Some(paths) if paths.is_object() => {
            paths.members().iter().filter_map(|member| Some((member.name.clone(), member.node.text()?))).collect()
        }
        Some(path) => vec![("_value".to_owned(), path.text()?)],
        None => Vec::new(),
    };
    let script = reader.script_of(node.get("script")?)?;
    Some(Kind::Parent(if selects { Parent::Selector { paths, script } } else { Parent::Script { paths, script } }))
}

fn moving(reader: &mut Reader, node: &Node, present: bool) -> Option<Kind> {
    let window = node.get("window").and_then(Node::count).unwrap_or(5).max(1);
    let script = node.get("script").and_then(Node::text).unwrap_or_default();
    let func = match script.split('(').next().unwrap_or_default().rsplit('.').next().unwrap_or_default() {
        "" | "unweightedAvg" => Over::Avg,
        "max" => Over::Max,
        "min" => Over::Min,
        "sum" => Over::Sum,
        other => {
            let span = node.get("script").map_or(node.span, |script| script.span);
            reader.error("unsupported", format!("the moving function `{other}` is not supported"), span);
            return None;
        }
    };
    path(reader, node).map(|path| Kind::Parent(Parent::Moving { path, window, present, func }))
}

fn hits(node: &Node) -> Measure {
    let names = |node: &Node| -> Vec<String> {
        let node = node.get("includes").or_else(|| node.get("include")).unwrap_or(node);
        let name =
            |item: &Node| item.get("field").unwrap_or(item).text().filter(|_| !matches!(item.value, Value::Bool(_)));
        node.items().iter().filter_map(name).collect()
    };
    let fields = ["_source", "fields", "docvalue_fields"].into_iter().filter_map(|name| node.get(name));
    let fields: Vec<String> = fields.flat_map(names).collect();
    let sort = orders(node.get("sort")).into_iter().next().filter(|(name, _)| name != "_score");
    Measure::Hits { fields, size: node.get("size").and_then(Node::count).unwrap_or(3), sort }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted() {
        assert!(AGGREGATIONS.is_sorted_by_key(|aggregation| aggregation.name));
        assert!(UNSUPPORTED.is_sorted());
    }

    #[test]
    fn intervals() {
        let micros = |text| span(text).and_then(time::Span::micros);
        assert_eq!(micros("90m"), Some(5_400_000_000));
        assert_eq!(micros("day"), Some(86_400_000_000));
        assert_eq!(span("1M").map(|span| span.unit), Some(time::Unit::Month));
        assert_eq!(span("week").and_then(|span| span.weekday), Some(1));
        assert_eq!(span("fortnight"), None);
        assert_eq!(span(""), None);
    }

    #[test]
    fn cells() {
        assert_eq!(cell(1, false), (45.0, 45.0));
        assert_eq!(cell(2, false), (11.25, 5.625));
        assert_eq!(cell(1, true), (180.0, 90.0));
    }
}
