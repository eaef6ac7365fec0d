//! Events whose time is in doubt: every language finds them by their own time, their day and their flag, beside those of lakes of
//! before and those that are believed.

use engine::{Condition, Language, QueryRequest};

use crate::sample::{Sample, lake_of, lake_of_before};

/// The sample came in on 2024-05-03. Of these the first three are believed, then come old ones (two days of one year, both ends
/// of a year, before 1970) and two from the future.
const TIMES: [&str; 12] = [
    "2024-05-01T10:00:00Z",
    "2024-05-02T10:00:00Z",
    "2024-05-03T23:59:59Z",
    "2022-01-01T00:00:00Z",
    "2022-06-15T12:00:00Z",
    "2022-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "1969-07-20T20:17:40Z",
    "0001-01-01T00:00:00Z",
    "2024-05-04T00:00:01Z",
    "2031-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
];

fn records() -> String {
    let records = TIMES.iter().enumerate().map(|(n, time)| {
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"u{n}"}},"eventTime":"{time}","eventSource":"iam.amazonaws.com","eventName":"Do{n}","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","eventID":"00000000-0000-0000-0000-0000000000{n:02}","recipientAccountId":"111111111111"}}"#
        )
    });
    format!(r#"{{"Records":[{}]}}"#, records.collect::<Vec<_>>().join(","))
}

async fn wild() -> Sample {
    lake_of(&records()).await
}

/// The numbers of the events that a query finds, which has to give them as `n`.
async fn found(sample: &Sample, lang: Language, text: &str, bounds: (Option<i64>, Option<i64>)) -> Vec<usize> {
    let request = QueryRequest { since: bounds.0, until: bounds.1, ..QueryRequest::new(lang, text) };
    let rows = sample.ask(request).await.unwrap_or_else(|error| panic!("{text}: {error} {:?}", error.diagnostics));
    let number = |row: &str| {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let name = row.as_object().unwrap().values().find_map(|value| value.as_str()?.strip_prefix("Do"));
        name.unwrap_or_else(|| panic!("{row}")).parse().unwrap()
    };
    let mut found: Vec<usize> = rows.lines().map(number).collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn every_language_finds_them_by_their_flag() {
    let sample = wild().await;
    for (lang, text, expected) in [
        (Language::Spl, "time_status=future | table eventName", &[9, 10, 11][..]),
        (Language::Spl, "time_status=old | table eventName", &[3, 4, 5, 6, 7, 8]),
        (Language::Spl, "NOT time_status=* | table eventName", &[0, 1, 2]),
        (Language::Sql, "SELECT eventName FROM cloudtrail_logs WHERE time_status = 'future'", &[9, 10, 11]),
        (Language::Sql, "SELECT action FROM \"all\" WHERE time_status = 'old'", &[3, 4, 5, 6, 7, 8]),
        (Language::Sumo, "* | where time_status = \"future\" | fields eventName", &[9, 10, 11]),
        (Language::Insights, "filter time_status = 'future' | fields eventName", &[9, 10, 11]),
        (Language::Lucene, "time_status:future", &[9, 10, 11]),
        (Language::Kql, "time_status : future", &[9, 10, 11]),
    ] {
        assert_eq!(found(&sample, lang, text, (None, None)).await, expected, "{text}");
    }
}

#[tokio::test]
async fn no_query_by_time_misses_them() {
    let sample = wild().await;
    let micros: Vec<i64> =
        TIMES.iter().map(|time| chrono::DateTime::parse_from_rfc3339(time).unwrap().timestamp_micros()).collect();
    for from in &micros {
        for to in &micros {
            let within = |time: &i64| time >= from && time < to;
            let expected: Vec<usize> = (0..12).filter(|n| within(&micros[*n])).collect();
            let bounds = (Some(*from), Some(*to));
            assert_eq!(found(&sample, Language::Spl, "| table eventName", bounds).await, expected, "{from} {to}");
        }
    }
    let days: Vec<&str> = TIMES.iter().map(|time| &time[..10]).collect();
    for day in &days {
        for (op, holds) in [
            ("=", (|a, b| a == b) as fn(&str, &str) -> bool),
            ("<>", |a, b| a != b),
            ("<", |a, b| a < b),
            ("<=", |a, b| a <= b),
            (">", |a, b| a > b),
            (">=", |a, b| a >= b),
        ] {
            let expected: Vec<usize> = (0..12).filter(|n| holds(days[*n], day)).collect();
            for text in [
                format!("SELECT event_name FROM cloudtrail WHERE event_date {op} DATE '{day}'"),
                format!("SELECT event_name FROM cloudtrail WHERE CAST(event_date AS varchar) {op} '{day}'"),
            ] {
                assert_eq!(found(&sample, Language::Sql, &text, (None, None)).await, expected, "{text}");
            }
        }
    }
    let text = "SELECT event_name FROM cloudtrail WHERE event_date BETWEEN DATE '1970-01-01' AND DATE '2022-06-15'";
    assert_eq!(found(&sample, Language::Sql, text, (None, None)).await, [3, 4, 6], "{text}");
}

#[tokio::test]
async fn a_row_tells_its_own_day_and_all_are_counted() {
    let sample = wild().await;
    let text = "SELECT event_date, count(*) AS n FROM cloudtrail GROUP BY event_date ORDER BY event_date";
    let mut days: Vec<String> =
        TIMES.iter().map(|time| format!(r#"{{"event_date":"{}","n":1}}"#, &time[..10])).collect();
    days.sort();
    assert_eq!(sample.rows(Language::Sql, text).await, days);
    assert_eq!(sample.rows(Language::Sql, "SELECT count(*) AS n FROM cloudtrail").await, [r#"{"n":12}"#]);
    assert_eq!(sample.rows(Language::Spl, "| stats count").await, [r#"{"count":12}"#]);
    assert_eq!(sample.rows(Language::Sql, "SELECT event_date, event_time FROM cloudtrail LIMIT 5").await.len(), 5);
    // A file each: three days, 2022, the two ends and 1970.
    let tables = sample.engine.tables().await.unwrap();
    assert_eq!((tables[0].files, tables[0].rows), (7, 12));
    let mut expected: Vec<i32> = TIMES
        .iter()
        .map(|time| {
            let day = time[..10].parse::<chrono::NaiveDate>().unwrap() - chrono::NaiveDate::default();
            i32::try_from(day.num_days()).unwrap()
        })
        .collect();
    expected.sort_unstable();
    let days = sample.engine.days("cloudtrail", None, None).await.unwrap();
    assert_eq!(days, expected.iter().map(|day| (*day, 1)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_lake_of_before_knows_the_field_and_has_nothing_in_it() {
    let sample = lake_of_before(&records(), &["time_status"]).await;
    let all: Vec<usize> = (0..12).collect();
    for (lang, text, expected) in [
        (Language::Spl, "time_status=old | table eventName", &[][..]),
        (Language::Spl, "NOT time_status=* | table eventName", &all),
        (Language::Sql, "SELECT eventName FROM cloudtrail_logs WHERE time_status IS NULL", &all),
        (Language::Sql, "SELECT event_name FROM cloudtrail WHERE time_status = 'future'", &[]),
        (Language::Sql, "SELECT action FROM \"all\" WHERE time_status IS NULL", &all),
        (Language::Sumo, "* | where isNull(time_status) | fields eventName", &all),
        (Language::Insights, "filter not ispresent(time_status) | fields eventName", &all),
        (Language::Lucene, "NOT time_status:*", &all),
        (Language::Kql, "not time_status : *", &all),
    ] {
        assert_eq!(found(&sample, lang, text, (None, None)).await, expected, "{text}");
    }
    for (value, rows) in [("old", 0), ("", 12)] {
        let filters = vec![Condition { field: "time_status".into(), negated: false, values: vec![value.into()] }];
        let request = QueryRequest { filters, ..QueryRequest::new(Language::Spl, "| table eventName") };
        assert_eq!(sample.ask(request).await.unwrap().lines().count(), rows, "{value:?}");
    }
}
