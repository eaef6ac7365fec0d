//! What the DSL's manual says, and how a text is known for a query of it.

use super::{aggregate::AGGREGATIONS, clauses::QUERIES};
use crate::language::{Entry, Part};

/// Queries are functions, aggregations with buckets commands, metrics aggregates.
pub(super) fn entries() -> Vec<Entry> {
    let aggregations = AGGREGATIONS.iter().map(|aggregation| Entry {
        part: aggregation.part,
        name: aggregation.name,
        syntax: aggregation.syntax,
        help: aggregation.help,
        example: aggregation.example,
    });
    let queries = QUERIES.iter().map(|query| Entry {
        part: Part::Function,
        name: query.name,
        syntax: query.syntax,
        help: query.help,
        example: query.example,
    });
    let form = |name, syntax, help, example| Entry { part: Part::Form, name, syntax, help, example };
    let forms = [
        form(
            "collapse",
            r#""collapse": {"field": name}"#,
            "The first hit of each value.",
            r#"{"size": 20, "collapse": {"field": "user.name"}}"#,
        ),
        form(
            "from, size",
            r#""from": n, "size": n"#,
            "Which hits, and how many; ten where the body does not say.",
            r#"{"from": 0, "size": 20, "query": {"match_all": {}}}"#,
        ),
        form(
            "sort",
            r#""sort": [{name: "desc"}]"#,
            "The order of the hits; newest first where none is given.",
            r#"{"size": 5, "sort": [{"eventName": "asc"}], "query": {"exists": {"field": "errorCode"}}}"#,
        ),
        form(
            "_source",
            r#""_source": [name, …]"#,
            "Fields of the hits.",
            r#"{"size": 5, "_source": ["eventName", "user.*"], "query": {"match_all": {}}}"#,
        ),
        form(
            "visualization",
            r#"{"aggs": [{"type": …, "schema": …, "params": {…}}, …], "query": {"query": text, "language": "kuery"}, "filter": […]}"#,
            "A saved visualisation: its buckets one within another, its metrics as columns.",
            r#"{"aggs": [{"id": "1", "type": "count", "schema": "metric", "params": {}}, {"id": "2", "type": "terms", "schema": "bucket", "params": {"field": "eventName", "size": 5, "order": "desc", "orderBy": "1"}}], "query": {"query": "errorCode: *", "language": "kuery"}, "filter": []}"#,
        ),
    ];
    let mut all: Vec<Entry> = aggregations.chain(queries).chain(forms).collect();
    all.sort_by_key(|entry| (entry.part, entry.name));
    all
}

/// A JSON document of one of the forms that are read; or the line of a request before one.
pub(super) fn recognise(text: &str) -> u8 {
    let head = text.trim_start();
    let request = head.contains("_search") && head.contains('{');
    if !(head.starts_with(['{', '[']) || request) {
        return 0;
    }
    let Ok((node, indices)) = super::body::document(text) else {
        // Broken JSON with a query in it is still no other language.
        let own = ["\"query\"", "\"aggs\"", "\"bool\"", "\"aggregations\""].iter().any(|word| text.contains(word));
        return if own && head.starts_with('{') { 85 } else { 0 };
    };
    let mut reader = super::clauses::Reader::default();
    super::body::read(&mut reader, &node, indices);
    match (reader.has_errors(), node.members().is_empty()) {
        (false, false) => 95,
        (true, false) if node.get("query").is_some() || node.get("aggs").is_some() => 90,
        (_, true) => 30,
        _ => 40,
    }
}
