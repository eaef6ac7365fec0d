//! What KQL, Lucene and the DSL mean, over the events of the sample: case, missing fields, wildcards, precedence and flags,
//! ranges, dates, arrays, limits and orders.

use engine::Language;

use crate::sample::{Sample, sample};

const ALL: &[u32] = &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/// The numbers of the events that a query finds, in the order in which they come.
async fn found(sample: &Sample, lang: Language, text: &str) -> Vec<u32> {
    let rows = sample.rows(lang, text).await;
    rows.iter()
        .map(|row| {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            assert!(row["_time"].is_string() && row["_raw"].is_string(), "{text}: {row}");
            row["eventID"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap()
        })
        .collect()
}

async fn check(lang: Language, cases: &[(&str, &[u32])]) {
    let sample = sample().await;
    for (text, want) in cases {
        assert_eq!(found(&sample, lang, text).await, *want, "{text}");
    }
}

#[tokio::test]
async fn kql() {
    check(
        Language::Kql,
        &[
            // keyword fields compare whole, case included
            ("eventName: ConsoleLogin", &[7, 6, 5]),
            ("eventName: consolelogin", &[]),
            ("eventName: Console", &[]),
            ("event.action: ConsoleLogin", &[7, 6, 5]),
            ("eventName.keyword: ConsoleLogin", &[7, 6, 5]),
            ("requestParameters.key: a b.txt", &[3]),
            ("userAgent: \"Boto3/1.20 \\\"quoted\\\"\"", &[3]),
            // wildcards
            ("eventName: Console*", &[7, 6, 5]),
            ("eventName: console*", &[]),
            ("eventName: *n*Instances", &[8, 1]),
            ("eventName: \"Console*\"", &[]),
            ("userAgent: Mozilla*", &[7, 6, 5]),
            // missing fields
            ("errorCode: *", &[4, 2]),
            ("not errorCode: *", &[10, 9, 8, 7, 6, 5, 3, 1]),
            ("not errorCode: AccessDenied", &[10, 9, 8, 7, 6, 5, 4, 3, 1]),
            ("not additionalEventData.bytesTransferredOut > 0", &[10, 9, 8, 7, 6, 5, 4, 2, 1]),
            // operators in any case; and binds tighter than or
            ("errorCode: AccessDenied or errorCode: NoSuchKey", &[4, 2]),
            ("errorCode: AccessDenied OR errorCode: NoSuchKey", &[4, 2]),
            ("errorCode: (AccessDenied or NoSuchKey)", &[4, 2]),
            ("errorCode: (AccessDenied and NoSuchKey)", &[]),
            ("eventName: GetObject AND NOT errorCode: *", &[3]),
            ("awsRegion: eu-west-1 or eventName: ConsoleLogin and userIdentity.type: Root", &[5, 4, 3]),
            ("(awsRegion: eu-west-1 or eventName: ConsoleLogin) and userIdentity.type: Root", &[5]),
            // addresses
            ("source.ip: 192.0.2.0/24", &[7, 6, 5]),
            ("source.ip: \"2001:db8::/32\"", &[8]),
            ("sourceIPAddress: config.amazonaws.com", &[9]),
            // numbers
            ("additionalEventData.bytesTransferredOut > 0", &[3]),
            ("additionalEventData.bytesTransferredOut >= 0", &[4, 3]),
            ("additionalEventData.bytesTransferredOut: 1200", &[3]),
            // analysed text: words, in any case
            ("errorMessage: authorized", &[2]),
            ("errorMessage: AUTHORIZED", &[2]),
            ("errorMessage: author", &[]),
            ("errorMessage: author*", &[2]),
            ("errorMessage: failed authorized", &[7, 2]),
            ("errorMessage: \"is not authorized\"", &[2]),
            ("errorMessage: \"authorized not\"", &[]),
            // arrays: any element
            ("requestParameters.instancesSet.items.instanceId: i-2", &[8, 1]),
            ("requestParameters.instancesSet.items.instanceId: (i-1 and i-2)", &[1]),
            ("not requestParameters.instancesSet.items.instanceId: i-2", &[10, 9, 7, 6, 5, 4, 3, 2]),
            // names with wildcards, nested names
            ("requestParameters.*: mallory", &[2]),
            ("userIdentity: { type: Root }", &[5]),
            // no field: the whole record, by words
            ("mallory", &[2]),
            ("MALLORY", &[2]),
            ("mallo", &[]),
            ("mallo*", &[2]),
            ("\"not authorized\"", &[2]),
            // dates: what is not written is the whole of it
            ("@timestamp >= \"2024-05-02\"", &[10, 9, 8, 7, 6, 5]),
            ("@timestamp < \"2024-05-02\"", &[4, 3, 2, 1]),
            ("@timestamp <= \"2024-05-01\"", &[4, 3, 2, 1]),
            ("@timestamp > \"2024-05-01\"", &[10, 9, 8, 7, 6, 5]),
            ("@timestamp: \"2024-05-01\"", &[4, 3, 2, 1]),
            ("eventTime >= \"2024-05-02T01:00:00Z\" and eventTime < \"2024-05-02T02:00:00Z\"", &[7, 6]),
            ("not @timestamp >= \"2024-05-02\"", &[4, 3, 2, 1]),
            // everything, nothing, and the kind of log
            ("*", ALL),
            ("not *", &[]),
            ("event.dataset: aws.cloudtrail and eventName: GetObject", &[4, 3]),
            ("not event.dataset: aws.cloudtrail", &[]),
        ],
    )
    .await;
}

#[tokio::test]
async fn lucene() {
    check(
        Language::Lucene,
        &[
            ("eventName:ConsoleLogin", &[7, 6, 5]),
            ("eventName:consolelogin", &[]),
            ("eventName:\"ConsoleLogin\"", &[7, 6, 5]),
            ("eventName:Console*", &[7, 6, 5]),
            ("eventName:?etObject", &[4, 3]),
            (r"userAgent:Boto3*\ *quoted*", &[3]),
            // regular expressions match the whole value
            ("eventName:/.*Instances/", &[8, 1]),
            ("eventName:/Instances/", &[]),
            ("eventName:/(Create|List)Users?/", &[10, 2]),
            // edits
            ("userIdentity.userName:alicr~1", &[10, 2, 1]),
            ("userIdentity.userName:bab~", &[4, 3]),
            ("userIdentity.userName:alice~0", &[10, 2, 1]),
            // missing fields
            ("_exists_:errorCode", &[4, 2]),
            ("NOT _exists_:errorCode", &[10, 9, 8, 7, 6, 5, 3, 1]),
            ("errorCode:*", &[4, 2]),
            ("NOT errorCode:AccessDenied", &[10, 9, 8, 7, 6, 5, 4, 3, 1]),
            ("-errorCode:*", &[10, 9, 8, 7, 6, 5, 3, 1]),
            // nothing between conditions is or
            ("errorCode:AccessDenied errorCode:NoSuchKey", &[4, 2]),
            ("errorCode:(AccessDenied NoSuchKey)", &[4, 2]),
            ("errorCode:(AccessDenied AND NoSuchKey)", &[]),
            // flags, not precedence
            ("awsRegion:eu-west-1 OR eventName:ConsoleLogin AND userIdentity.type:Root", &[5]),
            ("eventName:ConsoleLogin AND userIdentity.type:Root OR awsRegion:eu-west-1", &[5]),
            ("awsRegion:eu-west-1 OR (eventName:ConsoleLogin AND userIdentity.type:Root)", &[5, 4, 3]),
            ("+awsRegion:eu-west-1 errorCode:NoSuchKey", &[4, 3]),
            ("awsRegion:eu-west-1 -errorCode:NoSuchKey", &[3]),
            ("NOT awsRegion:us-east-1 eventName:GetObject", &[4, 3]),
            ("eventName:GetObject && !errorCode:*", &[3]),
            ("eventName:GetObject || eventName:ListUsers", &[10, 4, 3]),
            ("errorCode:Success OR (NOT _exists_:errorCode)", &[10, 9, 8, 7, 6, 5, 3, 1]),
            ("eventName:(ConsoleLogin OR GetObject) AND NOT userIdentity.type:Root", &[7, 6, 4, 3]),
            // ranges
            ("additionalEventData.bytesTransferredOut:[0 TO 1200]", &[4, 3]),
            ("additionalEventData.bytesTransferredOut:{0 TO 1200]", &[3]),
            ("additionalEventData.bytesTransferredOut:[0 TO 1200}", &[4]),
            ("additionalEventData.bytesTransferredOut:[1 TO *]", &[3]),
            ("additionalEventData.bytesTransferredOut:>0", &[3]),
            ("additionalEventData.bytesTransferredOut:(>=0 AND <1200)", &[4]),
            ("awsRegion:[a TO f}", &[8, 4, 3]),
            ("sourceIPAddress:[192.0.2.0 TO 192.0.2.33]", &[5]),
            ("sourceIPAddress:\"198.51.100.0/24\"", &[10, 2, 1]),
            ("@timestamp:[2024-05-01 TO 2024-05-01]", &[4, 3, 2, 1]),
            ("@timestamp:{2024-05-01 TO *}", &[10, 9, 8, 7, 6, 5]),
            ("eventTime:[2024-05-02T01:00:00Z TO 2024-05-02T02:00:00Z}", &[7, 6]),
            ("@timestamp:[2024-05-01||+1d/d TO *] AND eventName:ListUsers", &[10]),
            // analysed text, phrases
            ("errorMessage:authorized", &[2]),
            ("errorMessage:\"is not authorized\"", &[2]),
            ("errorMessage:\"is authorized\"", &[]),
            ("errorMessage:\"is authorized\"~1", &[2]),
            // arrays and names with wildcards
            ("requestParameters.instancesSet.items.instanceId:i-2", &[8, 1]),
            (r"requestParameters.\*:mallory", &[2]),
            // no field
            ("mallory", &[2]),
            ("mallory OR root", &[5, 2]),
            ("\"Failed authentication\"", &[7]),
            ("*:*", ALL),
            ("*", ALL),
            // weights say nothing
            ("eventName:GetObject^3 errorCode:AccessDenied^0.1", &[4, 3, 2]),
        ],
    )
    .await;
}

#[tokio::test]
async fn queries_of_the_dsl() {
    check(
        Language::Dsl,
        &[
            (r#"{"term": {"eventName": "ConsoleLogin"}}"#, &[7, 6, 5]),
            (r#"{"term": {"eventName": "consolelogin"}}"#, &[]),
            (r#"{"term": {"eventName": {"value": "consolelogin", "case_insensitive": true}}}"#, &[7, 6, 5]),
            (r#"{"terms": {"eventName.keyword": ["ConsoleLogin", "ListUsers"]}}"#, &[10, 7, 6, 5]),
            (r#"{"terms": {"additionalEventData.bytesTransferredOut": [0, 1200]}}"#, &[4, 3]),
            (r#"{"term": {"source.ip": "192.0.2.0/24"}}"#, &[7, 6, 5]),
            (r#"{"match": {"errorMessage": "failed authorized"}}"#, &[7, 2]),
            (r#"{"match": {"errorMessage": {"query": "not authorized", "operator": "and"}}}"#, &[2]),
            (r#"{"match_phrase": {"errorMessage": "authorized not"}}"#, &[]),
            (r#"{"match_phrase_prefix": {"errorMessage": "is not auth"}}"#, &[2]),
            (r#"{"multi_match": {"query": "alice", "fields": ["userIdentity.userName", "errorMessage"]}}"#, &[10, 2, 1]),
            (r#"{"exists": {"field": "errorCode"}}"#, &[4, 2]),
            (r#"{"prefix": {"eventName": "Console"}}"#, &[7, 6, 5]),
            (r#"{"wildcard": {"eventName": "?etObj*"}}"#, &[4, 3]),
            (r#"{"regexp": {"eventName": "(Run|Terminate)Instances"}}"#, &[8, 1]),
            (r#"{"fuzzy": {"userIdentity.userName": {"value": "alicr", "fuzziness": 1}}}"#, &[10, 2, 1]),
            (r#"{"range": {"additionalEventData.bytesTransferredOut": {"gt": 0}}}"#, &[3]),
            (r#"{"range": {"@timestamp": {"gte": "2024-05-01", "lte": "2024-05-01"}}}"#, &[4, 3, 2, 1]),
            (r#"{"range": {"@timestamp": {"gte": "2024-05-02", "time_zone": "+09:00"}}}"#, &[10, 9, 8, 7, 6, 5]),
            (r#"{"range": {"@timestamp": {"lt": "2024-05-02", "time_zone": "-03:00"}}}"#, &[8, 7, 6, 5, 4, 3, 2, 1]),
            (r#"{"range": {"@timestamp": {"gte": "02/05/2024", "format": "dd/MM/yyyy"}}}"#, &[10, 9, 8, 7, 6, 5]),
            (r#"{"range": {"@timestamp": {"gte": 1714608000000}}}"#, &[10, 9, 8, 7, 6, 5]),
            (r#"{"ids": {"values": ["00000000-0000-0000-0000-000000000004"]}}"#, &[4]),
            // bool
            (r#"{"bool": {"must": [{"term": {"awsRegion": "eu-west-1"}}], "must_not": [{"exists": {"field": "errorCode"}}]}}"#, &[3]),
            (r#"{"bool": {"should": [{"term": {"eventName": "ListUsers"}}, {"term": {"errorCode": "NoSuchKey"}}]}}"#, &[10, 4]),
            (r#"{"bool": {"must": {"term": {"awsRegion": "eu-west-1"}}, "should": [{"term": {"errorCode": "NoSuchKey"}}]}}"#, &[4, 3]),
            (r#"{"bool": {"filter": {"term": {"awsRegion": "eu-west-1"}}, "should": [{"term": {"errorCode": "NoSuchKey"}}], "minimum_should_match": 1}}"#, &[4]),
            (r#"{"bool": {"should": [{"term": {"awsRegion": "eu-west-1"}}, {"term": {"eventName": "GetObject"}}, {"exists": {"field": "errorCode"}}], "minimum_should_match": 3}}"#, &[4]),
            (r#"{"bool": {"must_not": [{"term": {"errorCode": "AccessDenied"}}]}}"#, &[10, 9, 8, 7, 6, 5, 4, 3, 1]),
            (r#"{"bool": {}}"#, ALL),
            (r#"{"match_none": {}}"#, &[]),
            (r#"{"query_string": {"query": "eventName:GetObject AND NOT errorCode:*"}}"#, &[3]),
            (r#"{"query_string": {"query": "alice mallory", "default_operator": "AND"}}"#, &[2]),
            (r#"{"simple_query_string": {"query": "alice + -mallory"}}"#, &[10, 1]),
            // arrays, scripts
            (r#"{"nested": {"path": "requestParameters.instancesSet.items", "query": {"term": {"requestParameters.instancesSet.items.instanceId": "i-2"}}}}"#, &[8, 1]),
            (r#"{"script": {"script": {"source": "doc['additionalEventData.bytesTransferredOut'].value > params.n", "params": {"n": 1000}}}}"#, &[3]),
            // filters of saved objects
            (r#"{"query": {"match_phrase": {"eventName": "GetObject"}}, "meta": {"negate": true, "disabled": false}}"#, &[10, 9, 8, 7, 6, 5, 2, 1]),
            (r#"[{"query": {"match_phrase": {"eventName": "GetObject"}}, "meta": {}}, {"exists": {"field": "errorCode"}, "meta": {}}]"#, &[4]),
            (r#"{"query": {"query": "eventName: GetObject and errorCode: *", "language": "kuery"}, "filter": []}"#, &[4]),
            // hits: how many, from where, in which order
            (r#"{"query": {"match_all": {}}}"#, ALL),
            (r#"{"size": 3}"#, &[10, 9, 8]),
            (r#"{"size": 2, "from": 1}"#, &[9, 8]),
            (r#"{"size": 3, "sort": [{"@timestamp": "asc"}]}"#, &[1, 2, 3]),
            (r#"{"size": 4, "sort": [{"awsRegion": {"order": "asc"}}, {"eventTime": "desc"}]}"#, &[8, 4, 3, 10]),
            (r#"{"size": 3, "sort": ["errorCode"]}"#, &[2, 4, 10]),
            (r#"{"size": 10, "collapse": {"field": "awsRegion"}}"#, &[10, 8, 4]),
            ("GET log-aws-cloudtrail-*/_search\n{\"size\": 1, \"query\": {\"exists\": {\"field\": \"errorCode\"}}}", &[4]),
        ],
    )
    .await;
}

/// Aggregations: request, rows.
const AGGREGATIONS: &[(&str, &[&str])] = &[
    (
        r#"{"size": 0, "aggs": {"n": {"terms": {"field": "eventName", "size": 3}}}}"#,
        &[
            r#"{"eventName":"ConsoleLogin","doc_count":3}"#,
            r#"{"eventName":"GetObject","doc_count":2}"#,
            r#"{"eventName":"AssumeRole","doc_count":1}"#,
        ],
    ),
    (
        r#"{"aggs": {"n": {"terms": {"field": "awsRegion", "order": {"_key": "desc"}, "min_doc_count": 2}}}}"#,
        &[r#"{"awsRegion":"us-east-1","doc_count":7}"#, r#"{"awsRegion":"eu-west-1","doc_count":2}"#],
    ),
    (
        r#"{"aggs": {"e": {"terms": {"field": "errorCode", "missing": "none"}}}}"#,
        &[
            r#"{"errorCode":"none","doc_count":8}"#,
            r#"{"errorCode":"AccessDenied","doc_count":1}"#,
            r#"{"errorCode":"NoSuchKey","doc_count":1}"#,
        ],
    ),
    (
        r#"{"aggs": {"i": {"terms": {"field": "requestParameters.instancesSet.items.instanceId"}}}}"#,
        &[
            r#"{"requestParameters.instancesSet.items.instanceId":"i-2","doc_count":2}"#,
            r#"{"requestParameters.instancesSet.items.instanceId":"i-1","doc_count":1}"#,
        ],
    ),
    (
        r#"{"aggs": {"n": {"terms": {"field": "eventName", "include": ".*User.*", "exclude": ["ListUsers"]}}}}"#,
        &[r#"{"eventName":"CreateUser","doc_count":1}"#],
    ),
    (
        r#"{"aggs": {"n": {"rare_terms": {"field": "awsRegion", "max_doc_count": 2}}}}"#,
        &[r#"{"awsRegion":"ap-northeast-1","doc_count":1}"#, r#"{"awsRegion":"eu-west-1","doc_count":2}"#],
    ),
    // a size at each level: outer buckets are counted with the events that have no inner key
    (
        r#"{"aggs": {"r": {"terms": {"field": "awsRegion", "size": 2}, "aggs": {"n": {"terms": {"field": "eventName", "size": 2}}}}}}"#,
        &[
            r#"{"awsRegion":"us-east-1","eventName":"ConsoleLogin","doc_count":3}"#,
            r#"{"awsRegion":"us-east-1","eventName":"AssumeRole","doc_count":1}"#,
            r#"{"awsRegion":"eu-west-1","eventName":"GetObject","doc_count":2}"#,
        ],
    ),
    (
        r#"{"aggs": {"r": {"terms": {"field": "awsRegion", "size": 1}, "aggs": {"e": {"terms": {"field": "errorCode"}}}}}}"#,
        &[r#"{"awsRegion":"us-east-1","errorCode":"AccessDenied","doc_count":1}"#],
    ),
    (
        r#"{"aggs": {"r": {"terms": {"field": "awsRegion", "size": 2, "order": {"u": "desc"}}, "aggs": {"u": {"cardinality": {"field": "eventName"}}, "e": {"terms": {"field": "errorCode"}}}}}}"#,
        &[r#"{"awsRegion":"us-east-1","errorCode":"AccessDenied","doc_count":1,"u":5}"#],
    ),
    (
        r#"{"aggs": {"r": {"terms": {"field": "awsRegion", "size": 2}, "aggs": {"i": {"terms": {"field": "requestParameters.instancesSet.items.instanceId"}}}}}}"#,
        &[
            r#"{"awsRegion":"us-east-1","requestParameters.instancesSet.items.instanceId":"i-1","doc_count":1}"#,
            r#"{"awsRegion":"us-east-1","requestParameters.instancesSet.items.instanceId":"i-2","doc_count":1}"#,
        ],
    ),
    // metrics
    (
        r#"{"aggs": {"users": {"cardinality": {"field": "userIdentity.userName"}}, "bytes": {"sum": {"field": "additionalEventData.bytesTransferredOut"}}}}"#,
        &[r#"{"users":3,"bytes":1200}"#],
    ),
    (
        r#"{"aggs": {"b": {"stats": {"field": "additionalEventData.bytesTransferredOut"}}}}"#,
        &[r#"{"b.count":2,"b.min":0,"b.max":1200,"b.avg":600,"b.sum":1200}"#],
    ),
    (
        r#"{"aggs": {"b": {"sum": {"script": "doc['additionalEventData.bytesTransferredOut'].value / 100"}}}}"#,
        &[r#"{"b":12}"#],
    ),
    (r#"{"aggs": {"first": {"min": {"field": "@timestamp"}}}}"#, &[r#"{"first":"2024-05-01T10:00:00Z"}"#]),
    (
        r#"{"aggs": {"failed": {"filter": {"exists": {"field": "errorCode"}}, "aggs": {"names": {"cardinality": {"field": "eventName"}}}}, "n": {"value_count": {"field": "eventName"}}}}"#,
        &[r#"{"failed":2,"failed.names":2,"n":10}"#],
    ),
    (r#"{"aggs": {"m": {"missing": {"field": "errorCode"}}}}"#, &[r#"{"m":8}"#]),
    (
        r#"{"aggs": {"u": {"terms": {"field": "userIdentity.userName"}, "aggs": {"last": {"top_hits": {"size": 1, "_source": ["eventName"], "sort": [{"@timestamp": "desc"}]}}}}}}"#,
        &[
            r#"{"userIdentity.userName":"alice","doc_count":3,"last":"ListUsers"}"#,
            r#"{"userIdentity.userName":"bob","doc_count":2,"last":"GetObject"}"#,
            r#"{"userIdentity.userName":"carol","doc_count":2,"last":"ConsoleLogin"}"#,
        ],
    ),
    // time: gaps are there, unless fewer events than one are not wanted
    (
        r#"{"query": {"term": {"eventName": "ConsoleLogin"}}, "aggs": {"h": {"date_histogram": {"field": "@timestamp", "fixed_interval": "30m"}}}}"#,
        &[
            r#"{"@timestamp":"2024-05-02T00:30:00Z","doc_count":1}"#,
            r#"{"@timestamp":"2024-05-02T01:00:00Z","doc_count":2}"#,
        ],
    ),
    (
        r#"{"query": {"term": {"eventSource": "iam.amazonaws.com"}}, "aggs": {"h": {"date_histogram": {"field": "@timestamp", "fixed_interval": "12h"}}}}"#,
        &[
            r#"{"@timestamp":"2024-05-01T00:00:00Z","doc_count":1}"#,
            r#"{"@timestamp":"2024-05-01T12:00:00Z","doc_count":0}"#,
            r#"{"@timestamp":"2024-05-02T00:00:00Z","doc_count":0}"#,
            r#"{"@timestamp":"2024-05-02T12:00:00Z","doc_count":1}"#,
        ],
    ),
    (
        r#"{"query": {"term": {"eventSource": "iam.amazonaws.com"}}, "aggs": {"h": {"date_histogram": {"field": "@timestamp", "fixed_interval": "12h", "min_doc_count": 1}}}}"#,
        &[
            r#"{"@timestamp":"2024-05-01T00:00:00Z","doc_count":1}"#,
            r#"{"@timestamp":"2024-05-02T12:00:00Z","doc_count":1}"#,
        ],
    ),
    (
        r#"{"aggs": {"d": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day", "time_zone": "+09:00"}}}}"#,
        &[
            r#"{"@timestamp":"2024-04-30T15:00:00Z","doc_count":4}"#,
            r#"{"@timestamp":"2024-05-01T15:00:00Z","doc_count":5}"#,
            r#"{"@timestamp":"2024-05-02T15:00:00Z","doc_count":1}"#,
        ],
    ),
    (
        r#"{"aggs": {"m": {"date_histogram": {"field": "@timestamp", "calendar_interval": "month"}}}}"#,
        &[r#"{"@timestamp":"2024-05-01T00:00:00Z","doc_count":10}"#],
    ),
    // cases: an event may be in several, empty ones are there, too
    (
        r#"{"aggs": {"c": {"filters": {"filters": {"failed": {"exists": {"field": "errorCode"}}, "s3": {"term": {"eventSource": "s3.amazonaws.com"}}, "none": {"term": {"eventName": "x"}}}, "other_bucket_key": "rest"}}}}"#,
        &[
            r#"{"c":"failed","doc_count":2}"#,
            r#"{"c":"s3","doc_count":2}"#,
            r#"{"c":"none","doc_count":0}"#,
            r#"{"c":"rest","doc_count":7}"#,
        ],
    ),
    (
        r#"{"aggs": {"b": {"range": {"field": "additionalEventData.bytesTransferredOut", "ranges": [{"to": 100}, {"from": 100}]}}}}"#,
        &[r#"{"b":"*-100.0","doc_count":1}"#, r#"{"b":"100.0-*","doc_count":1}"#],
    ),
    (
        r#"{"aggs": {"w": {"date_range": {"field": "@timestamp", "ranges": [{"key": "first", "to": "2024-05-02"}, {"key": "second", "from": "2024-05-02"}]}}}}"#,
        &[r#"{"w":"first","doc_count":4}"#, r#"{"w":"second","doc_count":6}"#],
    ),
    (
        r#"{"aggs": {"n": {"ip_range": {"field": "source.ip", "ranges": [{"mask": "192.0.2.0/24"}, {"from": "198.51.100.0", "to": "203.0.113.255"}]}}}}"#,
        &[r#"{"n":"192.0.2.0/24","doc_count":3}"#, r#"{"n":"198.51.100.0-203.0.113.255","doc_count":5}"#],
    ),
    (
        r#"{"aggs": {"b": {"histogram": {"field": "additionalEventData.bytesTransferredOut", "interval": 500}}}}"#,
        &[
            r#"{"additionalEventData.bytesTransferredOut":0,"doc_count":1}"#,
            r#"{"additionalEventData.bytesTransferredOut":1000,"doc_count":1}"#,
        ],
    ),
    (
        r#"{"aggs": {"p": {"composite": {"size": 3, "sources": [{"region": {"terms": {"field": "awsRegion"}}}, {"name": {"terms": {"field": "eventName"}}}]}}}}"#,
        &[
            r#"{"region":"ap-northeast-1","name":"TerminateInstances","doc_count":1}"#,
            r#"{"region":"eu-west-1","name":"GetObject","doc_count":2}"#,
            r#"{"region":"us-east-1","name":"AssumeRole","doc_count":1}"#,
        ],
    ),
    (
        r#"{"aggs": {"p": {"multi_terms": {"size": 1, "terms": [{"field": "awsRegion"}, {"field": "eventName"}]}}}}"#,
        &[r#"{"p":"us-east-1|ConsoleLogin","doc_count":3}"#],
    ),
    // pipelines
    (
        r#"{"aggs": {"d": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}, "aggs": {"sum": {"cumulative_sum": {"buckets_path": "_count"}}, "change": {"derivative": {"buckets_path": "_count"}}}}, "most": {"max_bucket": {"buckets_path": "d>_count"}}}}"#,
        &[
            r#"{"@timestamp":"2024-05-01T00:00:00Z","doc_count":4,"sum":4,"most":6}"#,
            r#"{"@timestamp":"2024-05-02T00:00:00Z","doc_count":6,"sum":10,"change":2,"most":6}"#,
        ],
    ),
    (
        r#"{"aggs": {"n": {"terms": {"field": "eventName"}, "aggs": {"u": {"cardinality": {"field": "sourceIPAddress"}}, "x": {"bucket_script": {"buckets_path": {"c": "_count", "u": "u"}, "script": "params.c / params.u"}}, "many": {"bucket_selector": {"buckets_path": {"c": "_count"}, "script": "params.c > 1"}}}}}}"#,
        &[
            r#"{"eventName":"ConsoleLogin","doc_count":3,"u":2,"x":1.5}"#,
            r#"{"eventName":"GetObject","doc_count":2,"u":1,"x":2}"#,
        ],
    ),
    // several aggregations, and one over everything
    (
        r#"{"query": {"term": {"eventName": "GetObject"}}, "aggs": {"e": {"terms": {"field": "errorCode"}}, "all": {"global": {}, "aggs": {"n": {"value_count": {"field": "eventName"}}}}}}"#,
        &[r#"{"aggregation":"e","errorCode":"NoSuchKey","doc_count":1}"#, r#"{"aggregation":"all","n":10}"#],
    ),
    // visualisations
    (
        r#"{"aggs": [{"id": "1", "type": "count", "schema": "metric", "params": {}}, {"id": "2", "type": "terms", "schema": "segment", "params": {"field": "awsRegion", "size": 1, "order": "desc", "orderBy": "1", "otherBucket": true, "otherBucketLabel": "Other"}}], "query": {"query": "", "language": "kuery"}, "filter": []}"#,
        &[r#"{"awsRegion":"us-east-1","Count":7}"#, r#"{"awsRegion":"Other","Count":3}"#],
    ),
    (
        r#"{"aggs": [{"id": "1", "type": "max_bucket", "schema": "metric", "params": {"customLabel": "busiest", "customBucket": {"id": "1-bucket", "type": "date_histogram", "params": {"field": "@timestamp", "interval": "d"}}, "customMetric": {"id": "1-metric", "type": "count", "params": {}}}}], "query": {"query": "", "language": "kuery"}, "filter": []}"#,
        &[r#"{"busiest":6}"#],
    ),
    (
        r#"{"type": "line", "aggs": [{"id": "1", "type": "count", "schema": "metric", "params": {}}, {"id": "2", "type": "date_histogram", "schema": "segment", "params": {"field": "@timestamp", "interval": "d", "min_doc_count": 1}}, {"id": "3", "type": "terms", "schema": "group", "params": {"field": "awsRegion", "size": 1, "order": "desc", "orderBy": "1"}}], "query": {"query": "", "language": "kuery"}, "filter": [{"meta": {"negate": true}, "query": {"match_phrase": {"eventName": "GetObject"}}}]}"#,
        &[r#"{"_time":"2024-05-01T00:00:00Z","us-east-1":2}"#, r#"{"_time":"2024-05-02T00:00:00Z","us-east-1":5}"#],
    ),
];

#[tokio::test]
async fn aggregations_of_the_dsl() {
    let sample = sample().await;
    for (text, want) in AGGREGATIONS {
        assert_eq!(sample.rows(Language::Dsl, text).await, *want, "{text}");
    }
}
