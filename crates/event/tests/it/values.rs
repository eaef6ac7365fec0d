//! What the columns hold.

use super::{column, decode};
use event::{Batcher, Limits, Reason, cloudtrail_schema};

/// A record with `members` besides what is always there.
fn with(members: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2023-07-10T11:45:00Z","eventSource":"s3.amazonaws.com","eventName":"X","eventID":"id"{members}}}"#
    )
}

fn check(members: &str, name: &str, expected: &str) {
    let (batch, outcome) = decode(with(members).as_bytes()).expect("decodes");
    assert_eq!(outcome.rejected, [], "{members}");
    assert_eq!(column(&batch, name), [expected], "{members}");
}

#[test]
fn every_column_with_a_path_takes_its_value() {
    for (name, field) in event::catalogue().stored() {
        let value = match field.ty {
            event::FieldType::Text => ("\"v\"", "v"),
            event::FieldType::Int => ("12", "12"),
            event::FieldType::Bool => ("true", "true"),
            event::FieldType::Time => ("\"2020-01-02T03:04:05Z\"", "2020-01-02T03:04:05Z"),
            event::FieldType::Float | event::FieldType::Date => continue,
        };
        for path in
            field.path.iter().chain(&field.also).filter(|path| path.contains('.') && !path.starts_with("timeWindow"))
        {
            let mut json = value.0.to_owned();
            for key in path.rsplit('.') {
                json = match key.strip_suffix("[]") {
                    Some(key) => format!(r#"{{"{key}":[{json}]}}"#),
                    None => format!(r#"{{"{key}":{json}}}"#),
                };
            }
            check(&format!(",{}", &json[1..json.len() - 1]), name, value.1);
        }
    }
}

#[test]
fn values_of_another_type_are_kept() {
    check(r#","errorCode":404"#, "error_code", "404");
    check(r#","errorCode":{"code" : [1]}"#, "error_code", r#"{"code" : [1]}"#);
    check(r#","errorCode":["a"]"#, "error_code", r#"["a"]"#);
    check(r#","errorCode":false"#, "error_code", "false");
    check(r#","errorCode":null"#, "error_code", "-");
    check(r#","errorCode":"""#, "error_code", "");
    check(r#","readOnly":"true""#, "read_only", "true");
    check(r#","readOnly":"False""#, "read_only", "false");
    check(r#","readOnly":1"#, "read_only", "-");
    check(r#","additionalEventData":{"bytesTransferredIn":"12"}"#, "bytes_in", "12");
    check(r#","additionalEventData":{"bytesTransferredIn":12.0}"#, "bytes_in", "12");
    check(r#","additionalEventData":{"bytesTransferredIn":12e99}"#, "bytes_in", "-");
    check(r#","additionalEventData":"text""#, "bytes_in", "-");
    check(r#","userIdentity":"text""#, "user_identity_type", "-");
    check(r#","requestParameters":{"key":{"id":{"S":"1"}}}"#, "request_object_key", r#"{"id":{"S":"1"}}"#);
    check(
        r#","userIdentity":{"sessionContext":{"attributes":{"creationDate":"20131102T010628Z"}}}"#,
        "session_creation_date",
        "2013-11-02T01:06:28Z",
    );
    check(r#","userIdentity":{"sessionContext":{"attributes":{"creationDate":"soon"}}}"#, "session_creation_date", "-");
}

#[test]
fn text_is_unescaped() {
    check(r#","errorMessage":"a \"b\" \\ \u3042 \ud83d\ude00 \/""#, "error_message", "a \"b\" \\ あ 😀 /");
    check(r#","errorMessage":"nul \u0000 lone \ud800""#, "error_message", "nul \0 lone \u{fffd}");
    check(r#","errorMessage":"日本語""#, "error_message", "日本語");
}

#[test]
fn the_first_of_duplicate_keys_counts() {
    check(r#","errorCode":"one","errorCode":"two""#, "error_code", "one");
}

#[test]
fn times() {
    for (time, expected) in [
        (r#""0000-01-01T00:00:00Z""#, "0000-01-01T00:00:00Z"),
        (r#""9999-12-31T23:59:59Z""#, "9999-12-31T23:59:59Z"),
        (r#""1969-12-31T23:59:59.5Z""#, "1969-12-31T23:59:59.500Z"),
        ("1688989500", "2023-07-10T11:45:00Z"),
        (r#""2023-07-10T11\u003a45:00Z""#, "2023-07-10T11:45:00Z"),
    ] {
        let text = with("").replace(r#""2023-07-10T11:45:00Z""#, time);
        let (batch, _) = decode(text.as_bytes()).expect("decodes");
        assert_eq!(column(&batch, "event_time"), [expected]);
        assert_eq!(column(&batch, "event_date"), [&expected[..10]]);
    }
    let rejected = |text: String| decode(text.as_bytes()).expect("an outcome").1.rejected.remove(0).reason;
    assert_eq!(rejected(with("").replace("2023-07", "2023-99")), Reason::InvalidTime);
    assert_eq!(rejected(with("").replace("eventTime", "eventTimes")), Reason::MissingTime);
    let logstash = with("").replace("eventTime", "@timestamp");
    assert_eq!(decode(logstash.as_bytes()).expect("decodes").1.records, 1);
}

#[test]
fn special_kinds_of_events() {
    let insight = r#"{"eventVersion":"1.07","eventTime":"2020-07-21T23:08:00Z","awsRegion":"us-east-1","eventID":"i","eventType":"AwsCloudTrailInsight","recipientAccountId":"1","sharedEventID":"s","insightDetails":{"state":"Start","eventSource":"ssm.amazonaws.com","eventName":"UpdateInstanceInformation","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"baseline":{"average":7.4},"insight":{"average":9}}}},"eventCategory":"Insight"}"#;
    let (batch, _) = decode(insight.as_bytes()).expect("decodes");
    assert_eq!(column(&batch, "insight_state"), ["Start"]);
    assert_eq!(column(&batch, "insight_event_name"), ["UpdateInstanceInformation"]);
    assert_eq!(column(&batch, "event_name"), ["-"]);
    let aggregated = r#"{"eventVersion":"1.0","accountId":"111122223333","eventId":"agg","eventCategory":"Aggregated","eventType":"AwsAggregatedEvent","awsRegion":"us-east-1","eventSource":"s3.amazonaws.com","timeWindow":{"windowStart":"2025-11-01T10:00:00Z","windowEnd":"2025-11-01T10:05:00Z","windowSize":"PT5M"},"summary":{"primaryDimension":{}}}"#;
    let (batch, _) = decode(aggregated.as_bytes()).expect("decodes");
    assert_eq!(column(&batch, "event_time"), ["2025-11-01T10:00:00Z"]);
    assert_eq!(column(&batch, "event_id"), ["agg"]);
    assert_eq!(column(&batch, "recipient_account_id"), ["111122223333"]);
    for (version, category) in [("1.0", "Management"), ("1.05", "Data"), ("1.11", "NetworkActivity")] {
        let text =
            with(&format!(r#","eventCategory":"{category}","eventType":"AwsVpceEvent""#)).replace("1.08", version);
        let (batch, _) = decode(text.as_bytes()).expect("decodes");
        assert_eq!(
            (column(&batch, "event_version"), column(&batch, "event_category")),
            (vec![version.to_owned()], vec![category.to_owned()])
        );
    }
}

#[test]
fn ids_are_made_where_there_are_none() {
    let bare = with("").replace(r#","eventID":"id""#, "");
    let odd = with("").replace(r#""eventID":"id""#, r#""eventID":{"a":1}"#);
    let empty = with("").replace(r#""eventID":"id""#, r#""eventID":"""#);
    let text = format!("{bare}\n{bare}\n{odd}\n{empty}\n{}", with(""));
    let ids = |text: &str| column(&decode(text.as_bytes()).expect("decodes").0, "event_id");
    let found = ids(&text);
    assert!(found[..4].iter().all(|id| id.starts_with("raw-")), "{found:?}");
    assert!(found[0].ends_with("-0") && found[1].ends_with("-1") && found[0][..36] == found[1][..36]);
    assert_eq!(found[4], "id");
    assert_eq!(ids(&text), found);
}

#[test]
fn one_batch_goes_on_over_many_objects_and_is_cut_by_bytes() {
    let record = with("");
    let limits = Limits { batch_bytes: record.len() * 3, ..Limits::default() };
    let mut batcher = Batcher::new(limits);
    let mut sizes = Vec::new();
    for object in 0..5 {
        let outcome =
            batcher.push_object(format!("{record}\n{record}").as_bytes(), &format!("o{object}"), 7).expect("decodes");
        assert_eq!((outcome.records, outcome.record_bytes), (2, record.len() as u64 * 2));
        while batcher.is_full() {
            let batch = batcher.take_batch().expect("a batch").expect("rows").batch;
            assert_eq!(batch.schema(), cloudtrail_schema());
            sizes.push(batch.num_rows());
        }
    }
    assert_eq!((sizes.as_slice(), batcher.rows()), (&[3, 3, 3][..], 1));
    let last = batcher.take_batch().expect("a batch").expect("rows").batch;
    assert_eq!(
        (column(&last, "origin"), column(&last, "origin_position")),
        (vec!["o4".to_owned()], vec!["1".to_owned()])
    );
    assert_eq!(column(&last, "ingest_time"), ["1970-01-01T00:00:00.000007Z"]);
    assert!(batcher.take_batch().expect("no defect").is_none());
    let by_rows = Limits { batch_rows: 2, ..Limits::default() };
    let mut batcher = Batcher::new(by_rows);
    batcher.push_object(record.repeat(5).as_bytes(), "o", 0).expect("decodes");
    let sizes: Vec<_> =
        std::iter::from_fn(|| batcher.take_batch().expect("a batch")).map(|decoded| decoded.batch.num_rows()).collect();
    assert_eq!(sizes, [2, 2, 1]);
}

#[test]
fn a_failed_object_leaves_the_batch_as_it_was() {
    let mut batcher = Batcher::new(Limits::default());
    batcher.push_object(with("").as_bytes(), "a", 0).expect("decodes");
    assert!(batcher.push_object(b"\x1f\x8b\x08broken", "b", 0).is_err());
    assert!(batcher.push_object(b"{}", "c", 0).is_err());
    batcher.push_object(with("").as_bytes(), "d", 0).expect("decodes");
    let batch = batcher.take_batch().expect("a batch").expect("rows").batch;
    assert_eq!(column(&batch, "origin"), ["a", "d"]);
}
