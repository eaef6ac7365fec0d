//! What the DSL lowers to, case by case.

use super::FRONT;
use crate::opensearch::testing::{Checked, check, check_ops, codes, environment};

fn dsl(text: &str, expected: &str) {
    check(&FRONT, text, expected);
}

fn rows(text: &str, expected: &str) {
    check_ops(&FRONT, text, expected);
}

#[test]
fn queries() {
    dsl(r#"{"term": {"eventName": "A"}}"#, r#"event_name = "A""#);
    dsl(r#"{"query": {"term": {"eventName.keyword": {"value": "A"}}}}"#, r#"event_name = "A""#);
    dsl(r#"{"term": {"eventName": {"value": "a", "case_insensitive": true}}}"#, r#"eq_ignore_case(event_name, "a")"#);
    dsl(r#"{"terms": {"eventName": ["A", "B"]}}"#, r#"in(event_name, "A", "B")"#);
    dsl(r#"{"terms": {"bytes_out": [1, 2]}}"#, "(bytes_out = 1) or (bytes_out = 2)");
    dsl(r#"{"match": {"eventName": "A B"}}"#, r#"event_name = "A B""#);
    dsl(
        r#"{"match": {"errorMessage": {"query": "a b", "operator": "and"}}}"#,
        r#"regex(error_message, "(?i)\\ba\\b") and regex(error_message, "(?i)\\bb\\b")"#,
    );
    dsl(r#"{"match": {"eventName": {"query": "A", "type": "phrase"}}}"#, r#"event_name = "A""#);
    dsl(r#"{"exists": {"field": "errorCode"}}"#, "is_not_null(error_code)");
    dsl(r#"{"prefix": {"eventName": "Del"}}"#, r#"glob(event_name, "Del*")"#);
    dsl(r#"{"wildcard": {"eventName": "D*l?"}}"#, r#"regex(event_name, "(?s)^(?:D.*l.)$")"#);
    dsl(r#"{"regexp": {"eventName": "D.+"}}"#, r#"regex(event_name, "(?s)^(?:D.+)$")"#);
    dsl(r#"{"range": {"bytes_out": {"gte": 1, "lt": 5}}}"#, "(bytes_out >= 1) and (bytes_out < 5)");
    dsl(r#"{"ids": {"values": ["x"]}}"#, r#"event_id = "x""#);
    dsl(r#"{"match_all": {}}"#, "");
    dsl(r#"{"match_none": {}}"#, "false");
    dsl(
        r#"{"query_string": {"query": "eventName:A AND NOT _exists_:errorCode"}}"#,
        r#"(event_name = "A") and not is_not_null(error_code)"#,
    );
    dsl(r#"{"query_string": {"query": "A", "default_field": "eventName"}}"#, r#"event_name = "A""#);
    dsl(
        r#"{"multi_match": {"query": "A", "fields": ["eventName^2", "user.name"]}}"#,
        r#"(event_name = "A") or (actor_name = "A")"#,
    );
    dsl(
        r#"{"simple_query_string": {"query": "a + -b"}}"#,
        r#"regex(raw, "(?i)\\ba\\b") and not is_true(regex(raw, "(?i)\\bb\\b"))"#,
    );
    dsl(
        r#"{"script": {"script": "doc['errorCode'].size() == 0"}}"#,
        "coalesce(if(is_not_null(error_code), 1, 0), 0) = 0",
    );
    dsl(
        r#"{"geo_bounding_box": {"source.geo.location": {"top_left": "46,122", "bottom_right": "24,146"}}}"#,
        "((geo_latitude >= 24.0) and (geo_latitude <= 46.0)) and ((geo_longitude >= 122.0) and (geo_longitude <= 146.0))",
    );
}

#[test]
fn booleans() {
    let (a, b) = (r#"{"term": {"eventName": "A"}}"#, r#"{"term": {"errorCode": "B"}}"#);
    let bool = |inner: &str, expected: &str| dsl(&format!("{{\"bool\": {{{inner}}}}}"), expected);
    let both = r#"(event_name = "A") and (error_code = "B")"#;
    bool(&format!("\"must\": [{a}], \"filter\": {b}"), both);
    bool(&format!("\"should\": [{a}, {b}]"), r#"(event_name = "A") or (error_code = "B")"#);
    bool(&format!("\"must\": {a}, \"should\": [{b}]"), r#"event_name = "A""#);
    bool(&format!("\"must\": {a}, \"should\": [{b}], \"minimum_should_match\": 1"), both);
    bool(
        &format!("\"should\": [{a}, {b}], \"minimum_should_match\": 2"),
        "((if(event_name = \"A\", 1, 0)) + if(error_code = \"B\", 1, 0)) >= 2"
            .replace("((if(event_name = \"A\", 1, 0)) + ", "(if(event_name = \"A\", 1, 0) + ")
            .as_str(),
    );
    bool(&format!("\"must_not\": [{a}]"), "not is_true(event_name = \"A\")");
    bool("", "");
}

#[test]
fn saved_objects() {
    dsl(
        r#"{"query": {"match_phrase": {"eventName": "A"}}, "meta": {"negate": true}}"#,
        "not is_true(event_name = \"A\")",
    );
    dsl(r#"{"query": {"match_phrase": {"eventName": "A"}}, "meta": {"disabled": true}}"#, "");
    dsl(
        r#"[{"query": {"match_phrase": {"eventName": "A"}}, "meta": {}}, {"exists": {"field": "errorCode"}}]"#,
        r#"(event_name = "A") and is_not_null(error_code)"#,
    );
    dsl(r#"{"query": {"query": "eventName: A", "language": "kuery"}, "filter": []}"#, r#"event_name = "A""#);
    dsl(r#"{"query": {"query": "eventName:A", "language": "lucene"}}"#, r#"event_name = "A""#);
    dsl(
        r#"{"inputs": [{"search": {"indices": ["log-aws-cloudtrail-*"], "query": {"size": 0, "query": {"bool": {"filter": [{"term": {"eventName": "A"}}]}}}}}]}"#,
        r#"event_name = "A""#,
    );
}

#[test]
fn time_becomes_bounds() {
    Checked::of(&FRONT, r#"{"range": {"@timestamp": {"gte": "now-1d/d", "lt": "now/d"}}}"#)
        .scan("scan cloudtrail from 2018-07-25T00:00:00Z to 2018-07-26T00:00:00Z");
    Checked::of(&FRONT, r#"{"range": {"@timestamp": {"from": "{{period_end}}||-1h", "to": "{{period_end}}", "format": "epoch_millis"}}}"#)
        .scan("scan cloudtrail from 2018-07-26T20:08:28.500Z to 2018-07-26T21:08:28.500001Z");
    Checked::of(
        &FRONT,
        r#"{"range": {"eventTime": {"gte": "2018-07-01", "lte": "2018-07-01", "time_zone": "+09:00"}}}"#,
    )
    .scan("scan cloudtrail from 2018-06-30T15:00:00Z to 2018-07-01T15:00:00Z");
    dsl(
        r#"{"bool": {"should": [{"range": {"@timestamp": {"gte": "2018"}}}, {"term": {"eventName": "A"}}]}}"#,
        r#"(event_time >= 2018-01-01T00:00:00Z) or (event_name = "A")"#,
    );
}

#[test]
fn tables() {
    let scan = |text: &str, table: &str| Checked::of(&FRONT, text).scan(&format!("scan {table}"));
    scan("GET log-aws-cloudtrail-*/_search\n{\"query\": {\"match_all\": {}}}", "cloudtrail");
    scan("GET log-aws-guardduty-*/_search", "guardduty");
    scan(r#"{"term": {"data_stream.dataset": "aws.guardduty"}}"#, "guardduty");
    scan(r#"{"term": {"aws.vpc.srcaddr": "-"}}"#, "vpc_flow");
    scan(r#"{"bool": {"filter": [{"term": {"srcaddr": "-"}}, {"term": {"dstport": 22}}]}}"#, "vpc_flow");
    scan(r#"{"terms": {"event.dataset": ["aws.guardduty", "aws.cloudtrail"]}}"#, "all");
    dsl(
        r#"{"terms": {"event.dataset": ["aws.guardduty", "aws.cloudtrail"]}}"#,
        r#"in(log_type, "cloudtrail", "guardduty") and (in(log_type, "guardduty") or in(log_type, "cloudtrail"))"#,
    );
}

#[test]
fn hits() {
    let last = |text: &str| {
        let lines = Checked::of(&FRONT, text).lines();
        lines[1..lines.len() - 1].join("; ")
    };
    assert_eq!(last(r#"{"query": {"match_all": {}}}"#), "sort event_time desc");
    assert_eq!(last(r#"{"query": {"match_all": {}}, "track_total_hits": true}"#), "sort event_time desc limit 10");
    assert_eq!(
        last(r#"{"from": 5, "size": 20, "sort": [{"eventName": {"order": "desc"}}, "awsRegion"]}"#),
        "sort event_name desc, aws_region, event_time desc limit 25; limit 20 skip 5"
    );
    assert_eq!(
        last(r#"{"size": 5, "collapse": {"field": "user.name"}}"#),
        "window '@rank' = count() by actor_name order event_time desc rows all and current; filter '@rank' <= 1; sort event_time desc limit 5"
    );
    let columns = Checked::of(&FRONT, r#"{"size": 1, "_source": ["eventName", "user.*"]}"#).lowered.columns;
    assert_eq!(columns.unwrap_or_default(), ["_time", "eventName", "user.name", "eventID", "_raw"]);
}

#[test]
fn terms_have_ten_buckets() {
    rows(
        r#"{"aggs": {"names": {"terms": {"field": "eventName"}}}}"#,
        r#"aggregate 'doc_count' = count() by 'eventName' = event_name
           sort 'doc_count' desc, 'eventName' limit 10
           project 'eventName', 'doc_count'"#,
    );
    rows(
        r#"{"aggs": {"n": {"terms": {"field": "user.name", "size": 3, "missing": "-", "order": {"u": "asc"}, "min_doc_count": 2}, "aggs": {"u": {"cardinality": {"field": "eventName"}}}}}}"#,
        r#"aggregate 'doc_count' = count(), 'u' = distinct_count(event_name) by 'user.name' = coalesce(actor_name, "-")
           filter 'doc_count' >= 2
           sort 'u', 'user.name' limit 3
           project 'user.name', 'doc_count', 'u'"#,
    );
}

#[test]
fn buckets_in_buckets() {
    rows(
        r#"{"aggs": {"users": {"terms": {"field": "user.name", "size": 2}, "aggs": {"names": {"terms": {"field": "eventName", "size": 3}}}}}}"#,
        r#"aggregate 'doc_count' = count() by 'user.name' = actor_name, 'eventName' = event_name keep-null
           window '@events 0' = sum('doc_count') by 'user.name'
           filter is_not_null('user.name')
           window '@before 0' = first('user.name') order '@events 0' desc, 'user.name', 'doc_count' desc, 'eventName' rows 1 before current
           extend '@first 0' = if('@before 0' = 'user.name', 0, 1)
           window '@rank 0' = sum('@first 0') order '@events 0' desc, 'user.name', 'doc_count' desc, 'eventName' rows all and current
           filter '@rank 0' <= 2
           filter is_not_null('eventName')
           window '@rank' = count() by 'user.name' order '@events 0' desc, 'user.name', 'doc_count' desc, 'eventName' rows all and current
           filter '@rank' <= 3
           sort '@events 0' desc, 'user.name', 'doc_count' desc, 'eventName'
           project 'user.name', 'eventName', 'doc_count'"#,
    );
}

#[test]
fn every_example_of_the_reference_lowers() {
    for front in [&FRONT, &crate::kql::FRONT, &crate::lucene::FRONT] {
        let entries = (front.reference)();
        assert!(entries.is_sorted_by_key(|entry| (entry.part, entry.name)), "{}", front.id);
        for entry in entries.iter().filter(|entry| !entry.example.is_empty()) {
            let lowered = (front.lower)(entry.example, &environment());
            let errors = lowered.err().map(|found| crate::diagnostic::render(entry.example, &found));
            assert_eq!(errors, None, "{} {}", front.id, entry.name);
            assert!(!entry.help.is_empty() && !entry.syntax.is_empty());
        }
    }
}

#[test]
fn mistakes_are_named() {
    for (text, wanted) in [
        ("{", vec!["dsl.json"]),
        (r#"{"query": {"trem": {"eventName": "A"}}}"#, vec!["dsl.unknown-query"]),
        (r#"{"query": {"bool": {"must_no": []}}}"#, vec!["dsl.syntax"]),
        (r#"{"query": {"knn": {}}}"#, vec!["dsl.unsupported"]),
        (r#"{"query": {"term": {"a": "b", "c": "d"}}}"#, vec!["dsl.syntax"]),
        (r#"{"aggs": {"a": {"term": {"field": "eventName"}}}}"#, vec!["dsl.unknown-aggregation"]),
        (r#"{"aggs": {"a": {"terms": {}}}}"#, vec!["dsl.syntax"]),
        (r#"{"aggs": {"a": {"rate": {}}}}"#, vec!["dsl.unsupported"]),
        (r#"{"aggs": {"a": {"terms": {"field": "eventName", "order": {"nope": "asc"}}}}}"#, vec!["dsl.unsupported"]),
        (r#"{"query": {"range": {"@timestamp": {"gte": "yesterday"}}}}"#, vec!["dsl.date", "dsl.default-size"]),
        (r#"{"query": {"query_string": {"query": "(a"}}}"#, vec!["lucene.syntax"]),
        (r#"{"script": {"script": "for (x) y"}}"#, vec!["dsl.unsupported-script"]),
        (r#"{"bool": {"must": [{"trem": {}}, {"regexp": {"eventName": "("}}]}}"#, vec!["dsl.unknown-query"]),
    ] {
        assert_eq!(codes(&FRONT, text), wanted, "{text}");
    }
}

#[test]
fn recognised() {
    for (text, wanted) in [
        (r#"{"query": {"match_all": {}}}"#, 95),
        (r#"{"aggs": {"a": {"terms": {"field": "x"}}}}"#, 95),
        ("GET x/_search\n{\"size\": 1}", 95),
        (r#"{"query": {"trem": {}}}"#, 90),
        ("{ $.eventName = \"A\" }", 0),
        ("eventName:A", 0),
    ] {
        assert_eq!((FRONT.recognise)(text), wanted, "{text}");
    }
    for (text, front) in [
        ("eventName: A and errorCode: *", "kql"),
        ("not eventName:A", "kql"),
        ("@timestamp >= now-1d and eventName: A", "kql"),
        ("eventName:A AND NOT errorCode:*", "lucene"),
        ("_exists_:errorCode", "lucene"),
        ("bytes:[1 TO 5]", "lucene"),
    ] {
        let best =
            crate::language::fronts().into_iter().max_by_key(|front| (front.recognise)(text)).map(|front| front.id);
        assert_eq!(best, Some(front), "{text}");
    }
}
