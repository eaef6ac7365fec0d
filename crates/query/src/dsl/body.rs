//! What a document asks for: whichever of the forms it has, a condition, aggregations, and which hits in which order.

use super::{
    aggregate::{self, tree::Agg},
    clauses::{self, Reader},
    json::{self, Member, Node, Value},
    vis::{self, Chart},
};
use crate::{
    diagnostic::Diagnostic,
    opensearch::{Clause, Name},
    span::Span,
};

/// What is asked for.
pub(super) struct Request {
    pub clause: Clause,
    pub aggs: Vec<Agg>,
    /// A visualisation shows its rows another way.
    pub chart: Option<Chart>,
    pub hits: Hits,
    /// Index patterns around the query.
    pub indices: Vec<String>,
}

/// Which hits, in which order, with which fields.
#[derive(Default)]
pub(super) struct Hits {
    pub size: Option<u64>,
    pub from: u64,
    pub sort: Vec<(Name, bool)>,
    pub fields: Vec<String>,
    pub collapse: Option<Name>,
    /// The document is the body of a search, whose hits are ten where it does not say.
    pub search: Searching,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Searching {
    /// A filter or a query by itself: all that meets it.
    #[default]
    Filter,
    /// `{"query": …}` and nothing else.
    Query,
    /// A body with more in it.
    Body,
}

/// Members of a body that change nothing about the rows.
const IGNORED: &[&str] = &[
    "_name",
    "allow_partial_search_results",
    "batched_reduce_size",
    "cluster_manager_timeout",
    "error_trace",
    "explain",
    "ext",
    "highlight",
    "highlightAll",
    "ignore_unavailable",
    "include_named_queries_score",
    "indexRefName",
    "indices_boost",
    "meta",
    "min_score",
    "pit",
    "preference",
    "profile",
    "rescore",
    "request_cache",
    "runtime_mappings",
    "search_type",
    "seq_no_primary_term",
    "stats",
    "stored_fields",
    "terminate_after",
    "timeout",
    "track_scores",
    "track_total_hits",
    "version",
];

/// The document and the index patterns of the line before it (`GET log-aws-*/_search`).
///
/// # Errors
/// The first thing that is not JSON.
pub(super) fn document(text: &str) -> Result<(Node, Vec<String>), Diagnostic> {
    if text.len() > 4 << 20 {
        return Err(Diagnostic::error("dsl.too-long", "the query is too long", Span::new(0, text.len())));
    }
    let start = text.len() - text.trim_start().len();
    let head = text[start..].lines().next().unwrap_or_default();
    let mut words = head.split_whitespace();
    let verb = words.next().is_some_and(|word| ["GET", "POST", "PUT"].contains(&word));
    if !verb {
        return Ok((json::parse(text, 0)?, Vec::new()));
    }
    let path = words.next().unwrap_or_default().trim_start_matches('/');
    let target = path.split(['/', '?']).next().unwrap_or_default();
    let indices = target.split(',').filter(|index| !index.is_empty() && !index.starts_with('_'));
    let indices = indices.map(str::to_owned).collect();
    let from = text[start..].find('{').map_or(text.len(), |at| start + at);
    if from == text.len() {
        // A search without a body is one for everything.
        let node = Node { value: Value::Object(Vec::new()), span: Span::new(start, text.len()) };
        return Ok((node, indices));
    }
    Ok((json::parse(text, from)?, indices))
}

/// Reads a document.
pub(super) fn read(reader: &mut Reader, node: &Node, mut indices: Vec<String>) -> Request {
    if let Some(request) = vis::read(reader, node) {
        return request;
    }
    if let Some((inner, found)) = unwrapped(node) {
        indices.extend(found);
        return read(reader, &inner, indices);
    }
    if is_aggregations(node) {
        let aggs = aggregate::read(reader, node, 0);
        return Request { clause: Clause::All, aggs, chart: None, hits: Hits::default(), indices };
    }
    if let Some(agg) = lone_aggregation(reader, node) {
        return Request { clause: Clause::All, aggs: vec![agg], chart: None, hits: Hits::default(), indices };
    }
    if !is_body(node) {
        let clause = reader.clause(node);
        return Request { clause, aggs: Vec::new(), chart: None, hits: Hits::default(), indices };
    }
    body(reader, node, indices)
}

/// Whether the document is a search's body rather than a query by itself.
fn is_body(node: &Node) -> bool {
    const OWN: &[&str] = &[
        "query",
        "aggs",
        "aggregations",
        "size",
        "from",
        "sort",
        "_source",
        "fields",
        "post_filter",
        "docvalue_fields",
        "collapse",
    ];
    let filter = node.get("meta").is_some() || node.get("$state").is_some();
    node.is_object()
        && !filter
        && (node.members().is_empty() || node.members().iter().any(|member| OWN.contains(&member.name.as_str())))
}

/// A body inside of something: a monitor's input, a watch, a request with its index, a saved search.
fn unwrapped(node: &Node) -> Option<(Node, Vec<String>)> {
    let names = |node: Option<&Node>| -> Vec<String> {
        node.map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect()
    };
    let inside = |names: &[&str]| names.iter().try_fold(node, |node, name| node.get(name));
    if let Some(search) =
        node.get("inputs").and_then(|inputs| inputs.items().first()).and_then(|input| input.get("search"))
    {
        return Some((search.get("query")?.clone(), names(search.get("indices"))));
    }
    if let Some(monitor) = inside(&["monitor"]) {
        return Some((monitor.clone(), Vec::new()));
    }
    if let Some(request) = inside(&["input", "search", "request"]).or_else(|| inside(&["search", "request"])) {
        return Some((request.get("body")?.clone(), names(request.get("indices"))));
    }
    if let Some(search) = node.get("search").filter(|search| search.get("query").is_some_and(Node::is_object)) {
        return Some((search.get("query")?.clone(), names(search.get("indices"))));
    }
    if let Some(body) = node.get("body").filter(|body| body.is_object()) {
        return Some((body.clone(), names(node.get("index"))));
    }
    None
}

/// `{name: {"terms": {…}}}`: aggregations without a body around them.
fn is_aggregations(node: &Node) -> bool {
    let kind = |member: &Member| aggregate::is_aggregation(&member.name);
    let named = |member: &Member| {
        let own = !clauses::is_query(&member.name)
            && !["query", "aggs", "aggregations", "meta", "sort"].contains(&member.name.as_str());
        own && member.node.members().iter().any(kind)
    };
    !node.members().is_empty() && node.members().iter().all(named)
}

/// `{"terms": {"field": …}}`, with `aggs` beside it.
fn lone_aggregation(reader: &mut Reader, node: &Node) -> Option<Agg> {
    let kind = node.members().first()?;
    let fielded = kind.node.get("field").is_some_and(|field| field.text().is_some());
    let query = clauses::is_query(&kind.name) && !fielded;
    if query || !aggregate::is_aggregation(&kind.name) || ["exists", "missing", "filter"].contains(&kind.name.as_str())
    {
        return None;
    }
    let named = Member { name: kind.name.clone(), span: kind.span, node: node.clone() };
    let wrapped = Node { value: Value::Object(vec![named]), span: node.span };
    aggregate::read(reader, &wrapped, 0).into_iter().next()
}

fn body(reader: &mut Reader, node: &Node, mut indices: Vec<String>) -> Request {
    let mut hits =
        Hits { search: if node.members().len() == 1 { Searching::Query } else { Searching::Body }, ..Hits::default() };
    let mut clauses = Vec::new();
    let mut aggs = Vec::new();
    for member in node.members() {
        let inner = &member.node;
        match member.name.as_str() {
            "query" => clauses.push(query(reader, inner)),
            "post_filter" | "filter" => clauses.push(reader.clause(inner)),
            "aggs" | "aggregations" => aggs.extend(aggregate::read(reader, inner, 0)),
            "size" => hits.size = inner.count(),
            "from" => hits.from = inner.count().unwrap_or(0),
            "sort" => hits.sort = sorts(inner),
            "_source" | "fields" | "docvalue_fields" => hits.fields.extend(sources(inner)),
            "collapse" => {
                hits.collapse = inner.get("field").and_then(|field| Some(Name::new(field.text()?, field.span)));
            }
            "index" => indices.extend(inner.text()),
            "search_after" | "suggest" | "knn" | "script_fields" => {
                let message = format!("`{}` is not supported", member.name);
                reader.error("unsupported", message, member.span);
            }
            other if IGNORED.contains(&other) => {}
            other => reader.warning("ignored", format!("`{other}` is not known, and left out"), member.span),
        }
    }
    Request { clause: Clause::and(clauses), aggs, chart: None, hits, indices }
}

/// The query of a body, or of a saved object: `{"query": text, "language": "kuery"}`.
pub(super) fn query(reader: &mut Reader, node: &Node) -> Clause {
    let language = node.get("language").and_then(Node::text);
    match (node.get("query"), &node.value) {
        (Some(inner), _) if language.is_some() || inner.text().is_some() => written(reader, inner, language.as_deref()),
        (_, Value::Null) => Clause::All,
        _ if node.is_object() && node.members().is_empty() => Clause::All,
        _ => reader.clause(node),
    }
}

/// A query of the search bar in its language.
pub(super) fn written(reader: &mut Reader, node: &Node, language: Option<&str>) -> Clause {
    match (node.text(), language) {
        (Some(text), Some("kuery" | "kql" | "dql")) => reader.kql(&text, node.span),
        (Some(text), Some("SQL" | "PPL")) if !text.is_empty() => {
            reader.error("unsupported", "a visualisation over SQL or PPL is a query of that language", node.span);
            Clause::None
        }
        (Some(text), _) => reader.lucene(&text, node.span, &crate::lucene::Options::default()),
        (None, _) if node.members().is_empty() => Clause::All,
        (None, _) => reader.clause(node),
    }
}

fn sorts(node: &Node) -> Vec<(Name, bool)> {
    let mut out = Vec::new();
    for item in node.items() {
        let span = item.members().first().map_or(item.span, |member| member.span);
        let one = Node { value: item.value.clone(), span: item.span };
        for (name, descending) in aggregate_orders(&one) {
            if name != "_score" && name != "_doc" && name != "_shard_doc" && name != "_script" {
                out.push((Name { text: name, glob: false, span }, descending));
            }
        }
    }
    out
}

fn aggregate_orders(node: &Node) -> Vec<(String, bool)> {
    aggregate::orders(Some(node))
}

/// The fields that are asked for; patterns may be among them.
fn sources(node: &Node) -> Vec<String> {
    let node = node.get("includes").or_else(|| node.get("include")).unwrap_or(node);
    if matches!(node.value, Value::Bool(_)) {
        return Vec::new();
    }
    let name = |item: &Node| item.get("field").unwrap_or(item).text();
    node.items().iter().filter_map(name).filter(|name| name != "*").collect()
}
