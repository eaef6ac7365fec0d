//! Whole batches, from the decoder's output on.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::corpus;
use enrich::{EnrichError, Enricher, GeoDb};
use event::{Batcher, Limits, cloudtrail_schema};

fn decode(text: &str) -> RecordBatch {
    let mut batcher = Batcher::new(Limits::default());
    batcher.push_object(text.as_bytes(), "o", 0).expect("decodes");
    batcher.take_batch().expect("a batch").expect("rows").batch
}

fn column(batch: &RecordBatch, name: &str) -> Vec<String> {
    let text = cast(batch.column_by_name(name).expect(name), &DataType::Utf8).expect("text");
    text.as_string::<i32>().iter().map(|value| value.unwrap_or("-").to_owned()).collect()
}

fn record(members: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2023-07-10T11:45:00Z","eventSource":"x","eventName":"y","eventID":"z",{members}}}"#
    )
}

#[test]
fn every_enriched_column_is_filled_and_nothing_else_changes() {
    let alice = r#""userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/alice","userName":"alice"},"sourceIPAddress":"81.2.69.142""#;
    let service = r#""userIdentity":{"type":"AWSService","invokedBy":"rds.amazonaws.com"},"sourceIPAddress":"rds.amazonaws.com","errorCode":"AccessDenied""#;
    let signing_in = r#""userIdentity":{"type":"Root","principalId":"1"},"sourceIPAddress":"10.0.0.1","responseElements":{"ConsoleLogin":"Failure"}"#;
    let bare = r#""eventType":"AwsServiceEvent""#;
    let before = decode(&[alice, service, signing_in, bare].map(record).join("\n"));
    let geo = corpus("logs/geo/maxmind-test/test-data")
        .map(|folder| GeoDb::open(None, &[folder.join("GeoLite2-City-Test.mmdb")], &[]).expect("opens"));
    let located = geo.is_some();
    let after = Enricher::new(geo).enrich(before.clone()).expect("enriches");
    assert_eq!(after.schema(), cloudtrail_schema());
    let check = |name: &str, expected: [&str; 4]| assert_eq!(column(&after, name), expected, "{name}");
    check("source_kind", ["public", "aws-service", "private", "-"]);
    check("outcome", ["success", "unauthorized", "failure", "success"]);
    check("actor_name", ["alice", "rds.amazonaws.com", "root", "-"]);
    check("actor_type", ["IAMUser", "AWSService", "Root", "Unknown"]);
    check("actor_principal", ["arn:aws:iam::1:user/alice", "rds.amazonaws.com", "1", "-"]);
    check("user_name", ["alice", "-", "root", "-"]);
    if located {
        check("geo_city", ["London", "-", "-", "-"]);
        check("geo_country_name", ["United Kingdom", "-", "-", "-"]);
        check("geo_latitude", ["51.5142", "-", "-", "-"]);
    }
    let enriched = ["source_kind", "source_aws_service", "source_aws_region", "source_lists", "outcome", "user_name"];
    for (at, field) in before.schema().fields().iter().enumerate() {
        let name = field.name().as_str();
        let parts = ["geo_", "actor_", "user_agent_"];
        if !enriched.contains(&name) && !parts.iter().any(|part| name.starts_with(part)) {
            assert_eq!(before.column(at), after.column(at), "{name}");
        }
    }
}

#[test]
fn a_batch_of_another_schema_is_an_error() {
    let narrow = decode(&record(r#""a":1"#)).project(&[0, 1]).expect("projects");
    assert!(matches!(
        Enricher::new(None).enrich_as(event::log_type("cloudtrail").expect("known"), narrow),
        Err(EnrichError::Column(_))
    ));
}

#[test]
fn an_empty_batch_stays_empty() {
    let enriched = Enricher::new(None).enrich(RecordBatch::new_empty(cloudtrail_schema())).expect("enriches");
    assert_eq!(enriched.num_rows(), 0);
}

#[test]
fn a_real_account() {
    let Some(folder) = corpus("logs/cloudtrail/invictus-2023") else { return };
    let mut batcher = Batcher::new(Limits::default());
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "gz") {
            batcher.push_object(&std::fs::read(path).expect("a file"), "o", 0).expect("decodes");
        }
    }
    let batch = batcher.take_batch().expect("a batch").expect("rows").batch;
    let enriched = Enricher::new(None).enrich(batch).expect("enriches");
    let names = column(&enriched, "actor_name");
    let nameless = names.iter().filter(|name| *name == "-").count();
    assert_eq!(nameless, 0);
    let kinds = column(&enriched, "actor_type");
    let of = |kind: &str| kinds.iter().filter(|found| *found == kind).count();
    assert_eq!(of("IAMUser") + of("AWSService") + of("AssumedRole") + of("Root") + of("AWSAccount"), kinds.len());
    assert!(of("IAMUser") > 2000);
    let outcomes = column(&enriched, "outcome");
    assert!(["success", "failure", "unauthorized"].iter().all(|kind| outcomes.iter().any(|found| found == kind)));
    assert_eq!(enriched.column_by_name("outcome").map(|column| column.null_count()), Some(0));
}

#[test]
fn both_ends_of_a_flow_are_known() {
    let flow = event::log_type("vpc_flow").expect("flows");
    let schema = flow.schema();
    let text = |values: [&str; 2]| {
        std::sync::Arc::new(arrow::array::StringArray::from_iter_values(values)) as arrow::array::ArrayRef
    };
    let columns = schema.fields().iter().map(|field| match field.name().as_str() {
        "source_address" => text(["81.2.69.142", "10.0.0.1"]),
        "destination_address" => text(["3.0.5.33", "203.0.113.9"]),
        "event_id" | "origin" | "raw" => text(["a", "b"]),
        "event_time" | "ingest_time" => {
            let times = arrow::array::TimestampMicrosecondArray::from(vec![0, 0]).with_timezone("UTC");
            std::sync::Arc::new(times)
        }
        "event_date" => std::sync::Arc::new(arrow::array::Date32Array::from(vec![0, 0])),
        "origin_position" => std::sync::Arc::new(arrow::array::Int64Array::from(vec![0, 1])),
        _ => arrow::array::new_null_array(field.data_type(), 2),
    });
    let batch = RecordBatch::try_new(schema.clone(), columns.collect()).expect("a batch");
    let ranges = r#"{"prefixes":[{"ip_prefix":"3.0.5.32/29","region":"us-east-1","service":"S3"}],"ipv6_prefixes":[]}"#;
    let geo = corpus("logs/geo/maxmind-test/test-data")
        .map(|folder| GeoDb::open(None, &[folder.join("GeoLite2-City-Test.mmdb")], &[]).expect("opens"));
    let located = geo.is_some();
    let enricher =
        Enricher::new(geo).with_aws_ranges(enrich::AwsRanges::parse(ranges.as_bytes()).expect("ranges")).with_lists(
            vec![enrich::NamedList::parse("tor", "203.0.113.9"), enrich::NamedList::parse("vpn", "203.0.113.0/24")],
        );
    let after = enricher.enrich(batch).expect("enriches");
    let check = |name: &str, expected: [&str; 2]| assert_eq!(column(&after, name), expected, "{name}");
    check("destination_aws_service", ["S3", "-"]);
    check("destination_aws_region", ["us-east-1", "-"]);
    check("destination_lists", ["-", "tor,vpn"]);
    check("source_lists", ["-", "-"]);
    if located {
        check("geo_city", ["London", "-"]);
        check("destination_geo_city", ["-", "-"]);
    }
}
