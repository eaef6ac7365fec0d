//! What a query may cost, and what is said when it is wrong.

use std::time::Duration;

use engine::{ErrorKind, Language, QueryRequest};

use crate::sample::sample;

/// Wrong texts: language, text, code of the first diagnostic, the characters it points at, what was meant.
const WRONG: &[(Language, &str, &str, &str, Option<&str>)] = &[
    (Language::Spl, "* | statz count", "spl.unknown-command", "statz", Some("stats")),
    (Language::Spl, "* | eval x=cidrmach(\"10.0.0.0/8\", src)", "spl.unknown-function", "cidrmach", Some("cidrmatch")),
    (Language::Sql, "SELECT eventNmae FROM cloudtrail_logs", "sql.unknown-column", "eventNmae", Some("eventName")),
    (Language::Sql, "SELECT * FORM cloudtrail_logs", "sql.syntax", "FORM", Some("FROM")),
    (Language::Sql, "SELECT * FROM cloudtrial_logs", "sql.unknown-table", "cloudtrial_logs", Some("cloudtrail_logs")),
    (Language::Sql, "SELECT cuont(*) FROM cloudtrail_logs", "sql.unknown-function", "cuont", Some("count")),
    (Language::Sql, "DELETE FROM cloudtrail_logs", "sql.not-a-query", "delete", None),
];

#[tokio::test]
async fn what_is_wrong_is_said_at_its_characters() {
    let sample = sample().await;
    for (lang, text, code, at, meant) in WRONG {
        let error = sample.ask(QueryRequest::new(*lang, *text)).await.err().unwrap_or_else(|| panic!("{text} ran"));
        assert_eq!(error.kind, ErrorKind::Invalid, "{text}: {error}");
        let found = &error.diagnostics[0];
        assert_eq!(found.code, *code, "{text}: {found:?}");
        assert!(text[found.span.start..found.span.end].eq_ignore_ascii_case(at), "{text}: {found:?}");
        assert_eq!(found.suggestion.as_deref(), *meant, "{text}");
    }
}

#[tokio::test]
async fn changing_statements_do_not_run() {
    let sample = sample().await;
    for text in [
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO cloudtrail VALUES (1)",
        "DELETE FROM cloudtrail",
        "COPY cloudtrail TO 'x.parquet'",
    ] {
        let error = sample.ask(QueryRequest::new(Language::Sql, text)).await.err();
        assert!(error.is_some_and(|e| e.kind == ErrorKind::Invalid), "{text}");
    }
    for text in [
        "SET datafusion.execution.batch_size = 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "DROP TABLE cloudtrail_logs",
    ] {
        let rows = sample.rows(Language::Sql, text).await;
        assert!(matches!(rows.as_slice(), [row] if row.contains("nothing to do")), "{text}: {rows:?}");
    }
    assert!(sample.ask(QueryRequest::new(Language::Sql, "SELECT * FROM t")).await.is_err(), "nothing was made");
    assert_eq!(sample.rows(Language::Sql, "SELECT count(*) AS n FROM cloudtrail").await, [r#"{"n":10}"#]);
}

#[tokio::test]
async fn tables_about_the_lake_are_there_before_their_first_row() {
    let sample = sample().await;
    for text in [
        "SELECT count(DISTINCT object) AS n FROM objects WHERE status = 'failed' AND ingest_time > now()",
        "SELECT count(reason) AS n FROM quarantine WHERE ingest_time > now()",
        "SELECT count(records) AS n FROM quarantine_done",
        "SELECT count(raw) AS n FROM digests",
    ] {
        assert_eq!(sample.rows(Language::Sql, text).await, [r#"{"n":0}"#], "{text}");
    }
}

#[tokio::test]
async fn files_outside_the_lake_can_not_be_read() {
    let sample = sample().await;
    for text in ["SELECT * FROM '/etc/passwd'", "SELECT * FROM \"/etc/hosts.csv\""] {
        assert!(sample.ask(QueryRequest::new(Language::Sql, text)).await.is_err(), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deadline_budget_and_rows_hold() {
    let sample = sample().await;
    let mut request = QueryRequest::new(
        Language::Sql,
        "SELECT count(*) FROM cloudtrail a, cloudtrail b, cloudtrail c, cloudtrail d, cloudtrail e, cloudtrail f, cloudtrail g, cloudtrail h WHERE a.event_id || b.event_id || c.event_id || d.event_id || e.event_id || f.event_id || g.event_id || h.event_id = 'x'",
    );
    request.limits.deadline = Duration::from_millis(300);
    let error = sample.ask(request.clone()).await.err().map(|e| e.kind);
    assert_eq!(error, Some(ErrorKind::Deadline));

    let mut request = QueryRequest::new(Language::Spl, "* | stats count by eventName");
    request.limits.scan_bytes = Some(10);
    assert_eq!(sample.ask(request).await.err().map(|e| e.kind), Some(ErrorKind::ScanBudget));

    let mut request = QueryRequest::new(Language::Spl, "* | table eventName");
    request.limit = Some(3);
    assert_eq!(sample.ask(request).await.unwrap().lines().count(), 3);
}

#[tokio::test]
async fn a_lake_without_events_answers_with_none() {
    let place = tempfile::tempdir().unwrap();
    let lake = lake::Lake::open(place.path().to_str().unwrap(), lake::LakeOptions::default()).unwrap();
    let engine = engine::Engine::new(lake, engine::EngineOptions::default()).unwrap();
    for (lang, text) in [
        (Language::Spl, "eventName=ConsoleLogin | stats count by user"),
        (Language::Sql, "SELECT * FROM cloudtrail_logs"),
    ] {
        let mut stream = engine.query(QueryRequest::new(lang, text)).await.unwrap();
        let mut rows = 0;
        while let Some(batch) = futures::StreamExt::next(&mut stream.batches).await {
            rows += batch.unwrap().num_rows();
        }
        assert_eq!(rows, 0, "{text}");
    }
}

/// Queries whose columns depend on their rows, and others that look at the same rows several times.
const CHARTS: &[(Language, &str)] = &[
    (Language::Spl, "* | chart count over awsRegion by eventName"),
    (Language::Spl, "* | timechart span=1h count by userIdentity.userName"),
    (Language::Spl, "* | timechart span=1h count"),
    (Language::Spl, "* | stats count by awsRegion, eventName | xyseries awsRegion eventName count"),
    (Language::Spl, "* | chart count over awsRegion by eventName | addtotals"),
    (Language::Spl, "* | chart count by awsRegion | append [search * | chart count over eventName by awsRegion]"),
    (Language::Spl, "* | stats count by eventName | outputlookup seen.csv"),
    (Language::Sumo, "* | timeslice 1h | count by _timeslice, eventName | transpose row _timeslice column eventName"),
    (Language::Sumo, "* | count by eventName, awsRegion | transpose row eventName column awsRegion as *"),
    (Language::Sumo, "* | timeslice 1h | count by _timeslice | fillmissing timeslice"),
    (Language::Sumo, "* | timeslice 1h | count by _timeslice | compare with timeshift 1d"),
    (Language::Insights, "stats count(*) by bin(1h), eventName"),
    (Language::Dsl, r#"{"size":0,"aggs":{"a":{"terms":{"field":"eventName"}}}}"#),
    (Language::Sql, "SELECT eventName, count(*) FROM cloudtrail GROUP BY 1"),
];

#[tokio::test]
async fn explaining_reads_no_rows() {
    let sample = sample().await;
    sample.lose_rows();
    for (lang, text) in CHARTS {
        let error = sample.ask(QueryRequest::new(*lang, *text)).await;
        assert!(error.is_err(), "{text} ran without its rows: {error:?}");
        let found = sample.engine.explain(QueryRequest::new(*lang, *text)).await;
        let plan = found.unwrap_or_else(|error| panic!("{text}: {error} {:?}", error.diagnostics)).plan;
        assert!(plan.contains("TableScan"), "{text}: {plan}");
    }
}
