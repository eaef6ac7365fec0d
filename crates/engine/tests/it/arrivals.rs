//! Rows by when they came in, in every language, and stored rows in the order of their events.

use arrow::array::{Array, AsArray};
use arrow::datatypes::TimestampMicrosecondType;
use engine::{Arrived, Language, Mark, QueryRequest, StoredRows};
use event::{Batcher, Limits};
use futures::StreamExt;
use lake::Commit;

use crate::sample::{Sample, sample};

/// Takes in one event of alice's at a time of day of 2024-05-01; says the mark after it.
async fn take_in(sample: &Sample, id: u32, time: &str) -> Mark {
    let record = format!(
        r#"{{"Records":[{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"alice"}},"eventTime":"2024-05-01T{time}Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","eventID":"00000000-0000-0000-0000-0000000{id:05}","recipientAccountId":"111111111111"}}]}}"#
    );
    let mut batcher = Batcher::new(Limits::default());
    batcher.push_object(record.as_bytes(), "later.json", 1).unwrap();
    let batch = enrich::Enricher::new(None).enrich(batcher.take_batch().unwrap().unwrap().batch).unwrap();
    sample.engine.lake().append("cloudtrail", vec![batch], Commit::default()).await.unwrap();
    sample.engine.mark().await.unwrap()
}

#[tokio::test]
async fn every_language_sees_what_came_in() {
    let sample = sample().await;
    let first = sample.engine.mark().await.unwrap();
    let second = take_in(&sample, 20, "09:00:00").await;
    // Long before the others.
    let third = take_in(&sample, 21, "00:00:01").await;
    for (lang, text, n) in [
        (Language::Spl, "userName=alice | stats count as n", "n"),
        (Language::Sql, "SELECT count(*) AS n FROM cloudtrail_logs WHERE useridentity.username = 'alice'", "n"),
        (Language::Sql, "SELECT count(*) AS n FROM all_logs", "n"),
        (Language::Insights, "filter userIdentity.userName = 'alice' | stats count(*) as n", "n"),
        (Language::Sumo, "_sourceCategory=cloudtrail | count", "_count"),
    ] {
        let check = async |after: &Mark, upto: &Mark, wanted: usize| {
            let arrived = Some(Arrived { after: after.clone(), upto: upto.clone() });
            let rows = sample.ask(QueryRequest { arrived, ..QueryRequest::new(lang, text) }).await.unwrap();
            let counted = if rows.is_empty() { "0".to_owned() } else { rows };
            let wanted_row = format!("{{\"{n}\":{wanted}}}");
            assert!(counted.trim() == wanted_row || (wanted == 0 && counted == "0"), "{text}: {counted}");
        };
        check(&first, &second, 1).await;
        check(&second, &third, 1).await;
        check(&first, &third, 2).await;
        check(&third, &third, 0).await;
    }
}

#[tokio::test]
async fn a_tail_shows_the_events_that_a_query_begins_with() {
    let sample = sample().await;
    let first = sample.engine.mark().await.unwrap();
    let second = take_in(&sample, 30, "09:00:00").await;
    // Late: long before what is there.
    let third = take_in(&sample, 31, "00:00:01").await;
    let events = async |lang: Language, text: &str, after: &Mark, upto: &Mark| {
        let arrived = Some(Arrived { after: after.clone(), upto: upto.clone() });
        let request = QueryRequest { arrived, following: true, ..QueryRequest::new(lang, text) };
        let mut stream = sample.engine.query(request).await.unwrap();
        assert_eq!(stream.kind, engine::ResultKind::Events, "{text}");
        let mut lines = Vec::new();
        while let Some(batch) = stream.batches.next().await {
            engine::ndjson(&batch.unwrap(), &mut lines).unwrap();
        }
        let rows: Vec<serde_json::Value> =
            String::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let times: Vec<String> = rows.iter().map(|row| row["_time"].as_str().unwrap()[11..19].to_owned()).collect();
        assert!(rows.iter().all(|row| row["_raw"].is_string() && row["eventID"].is_string()), "{text}: {rows:?}");
        (times, stream.diagnostics.into_iter().map(|d| d.code).collect::<Vec<_>>())
    };
    for (lang, text, warned) in [
        (Language::Spl, "userName=alice", false),
        (Language::Spl, "userName=alice | head 1", false),
        (Language::Spl, "userName=alice | table _time user", false),
        (Language::Spl, "userName=alice | eval n=lower(eventName) | where n=\"listusers\" | stats count by n", true),
        (Language::Spl, "userName=alice | dedup user", true),
        (Language::Spl, "userName=alice | table eventName | search eventName=ListUsers", true),
        (Language::Insights, "filter userIdentity.userName = 'alice' | fields @timestamp, eventName | limit 1", false),
        (Language::Insights, "filter userIdentity.userName = 'alice' | stats count(*) by bin(1h)", true),
        (Language::Filter, "{ $.userIdentity.userName = alice }", false),
        (Language::Kql, "userIdentity.userName: alice", false),
        (Language::Lucene, "userIdentity.userName:alice", false),
        (
            Language::Sumo,
            "_sourceCategory=cloudtrail | json \"userIdentity.userName\" as u | where u = \"alice\" | count by u",
            true,
        ),
        (Language::Dsl, "{\"query\": {\"match\": {\"userIdentity.userName\": \"alice\"}}, \"size\": 1}", false),
        (
            Language::Sigma,
            "title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {userIdentity.userName: alice}\n  condition: s\n",
            false,
        ),
    ] {
        let (times, codes) = events(lang, text, &first, &second).await;
        assert_eq!(times, ["09:00:00"], "{text}");
        assert_eq!(codes.iter().any(|code| code == "tail.left-out"), warned, "{text}: {codes:?}");
        assert_eq!(events(lang, text, &second, &third).await.0, ["00:00:01"], "{text}: late events show too");
        assert_eq!(events(lang, text, &third, &third).await.0, [""; 0], "{text}");
    }
    for (lang, text) in [
        (Language::Sql, "SELECT * FROM cloudtrail_logs"),
        (Language::Spl, "| makeresults"),
        (Language::Spl, "| inputlookup x.csv"),
    ] {
        let request = QueryRequest { following: true, ..QueryRequest::new(lang, text) };
        let error = sample.engine.query(request).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind, engine::ErrorKind::Invalid, "{text}: {error}");
        assert!(error.message.starts_with("live tail"), "{text}: {error}");
    }
}

#[tokio::test]
async fn stored_rows_come_in_the_order_of_their_events() {
    let sample = sample().await;
    take_in(&sample, 20, "09:00:00").await;
    let predicate = {
        let front = query::language::front("filter").unwrap();
        let environment = query::language::Environment::new(&engine::Fields, 0);
        let lowered = (front.lower)("{ $.userIdentity.userName = alice }", &environment).unwrap();
        match lowered.pipeline.ops.into_iter().next() {
            Some(query::pipeline::Op::Filter { predicate }) => predicate,
            other => panic!("{other:?}"),
        }
    };
    let ids = async |rows: StoredRows| {
        let mut stream = sample.engine.stored(&rows).await.unwrap();
        let mut found = Vec::new();
        while let Some(batch) = stream.next().await {
            let batch = batch.unwrap();
            let log_type = event::log_type("cloudtrail").unwrap();
            assert_eq!(batch.num_columns(), log_type.schema().fields().len());
            let times = batch.column_by_name("event_time").unwrap().as_primitive::<TimestampMicrosecondType>().clone();
            let names = batch.column_by_name("event_name").unwrap().as_string::<i32>();
            assert_eq!(names.null_count(), 0);
            found.extend(times.values().iter().copied());
        }
        found
    };
    let all = StoredRows { table: "cloudtrail".into(), ..StoredRows::default() };
    let times = ids(all.clone()).await;
    assert!(times.len() == 11 && times.is_sorted(), "{times:?}");
    let alice = StoredRows { predicate: Some(predicate), ..all.clone() };
    assert_eq!(ids(alice.clone()).await.len(), 4);
    let day = StoredRows { until: Some(1_714_608_000_000_000), ..alice };
    assert_eq!(ids(day).await.len(), 3);
    assert_eq!(sample.engine.days("cloudtrail", None, None).await.unwrap(), [(19_844, 5), (19_845, 6)]);
    assert!(sample.engine.stored(&StoredRows { table: "nothing".into(), ..StoredRows::default() }).await.is_err());
}
