//! Groups that are kept between queries: the same answers as from the events themselves, whatever was asked before, and
//! without reading a file twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use engine::{Condition, ErrorKind, Language, QueryRequest};
use serde_json::Value;

use crate::sample::{RECORDS, Sample, lake_of, sample};

const HOUR: i64 = 3_600_000_000;
/// 2024-05-01T00:00:00Z, microseconds.
const START: i64 = 1_714_521_600_000_000;

fn request(text: &str, bounds: (Option<i64>, Option<i64>), filters: &[(&str, bool, &str)]) -> QueryRequest {
    let filters = filters.iter().map(|(field, negated, value)| Condition {
        field: (*field).to_owned(),
        negated: *negated,
        values: value.split(',').map(str::to_owned).collect(),
    });
    QueryRequest {
        since: bounds.0,
        until: bounds.1,
        filters: filters.collect(),
        ..QueryRequest::new(Language::Spl, text)
    }
}

async fn rows(sample: &Sample, request: QueryRequest) -> Vec<Value> {
    let text = sample.ask(request).await.unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Ranges: all, both days, one day wholly, parts of the files.
fn ranges() -> Vec<(Option<i64>, Option<i64>)> {
    let at = |hours: i64| Some(START + hours * HOUR);
    vec![
        (None, None),
        (at(0), at(48)),
        (at(0), at(24)),
        (at(11), at(26)),
        (at(24), None),
        (None, at(12)),
        (at(30), at(31)),
    ]
}

const FILTERS: [&[(&str, bool, &str)]; 11] = [
    &[],
    &[("awsRegion", false, "us-east-1")],
    &[("awsRegion", true, "us-east-1")],
    &[("awsRegion", false, "us-east-1,eu-west-1"), ("recipientAccountId", false, "222222222222")],
    &[("awsRegion", false, "*-west-*")],
    &[("recipientAccountId", false, "111111111111"), ("eventName", false, "ConsoleLogin")],
    &[("awsRegion", false, "mars-1")],
    // Conditions that all groupings have in common are asked of the files once.
    &[("eventName", false, "consolelogin,GetObject")],
    &[("eventName", true, "ConsoleLogin"), ("userName", false, "*")],
    &[("userName", true, "nobody"), ("awsRegion", false, "us-east-1"), ("eventName", false, "*e*")],
    &[("errorCode", false, "AccessDenied"), ("sourceIPAddress", false, "10.*,198.*,203.*")],
];

/// Values by key, counted in the events that the same range and filters leave.
async fn counted(sample: &Sample, keys: &[&str], request: QueryRequest) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for row in rows(sample, request).await {
        let key: Vec<String> = keys.iter().map(|key| row[key].to_string()).collect();
        if !key.contains(&"null".to_owned()) {
            *found.entry(key.join(" ")).or_default() += 1;
        }
    }
    found
}

/// The sample, and the same events of other ids two years before and seven years after: files with rows of one day, and two with
/// rows of several.
async fn mixed() -> Sample {
    let moved = |digit: &str, first: &str, second: &str| {
        let ids =
            RECORDS.replace("00000000-0000-0000-0000-0000000000", &format!("00000000-0000-0000-0000-00000000{digit}0"));
        ids.replace("2024-05-01", first).replace("2024-05-02", second)
    };
    let all = [RECORDS.to_owned(), moved("1", "2022-03-01", "2022-09-30"), moved("2", "2031-05-01", "2032-05-02")];
    let all: Vec<Value> =
        all.iter().map(|text| serde_json::from_str::<Value>(text).unwrap()["Records"].take()).collect();
    let all: Vec<Value> = all.iter().flat_map(|records| records.as_array().unwrap().clone()).collect();
    let sample = lake_of(&serde_json::json!({ "Records": all }).to_string()).await;
    let files = sample.engine.tables().await.unwrap()[0].files;
    assert_eq!(files, 4, "two days, 2022, the future");
    sample
}

/// [`ranges`], and some that have the files of several days wholly, in part, and alone in them.
fn wide_ranges() -> Vec<(Option<i64>, Option<i64>)> {
    let at = |days: i64| Some(START + days * 24 * HOUR);
    let more = [
        (at(-3_000), None),
        (at(-3_000), at(4_000)),
        (at(-3_000), at(-600)),
        (at(-700), at(1)),
        (at(1), at(2_700)),
        (at(2_000), None),
        (at(-300), at(-100)),
    ];
    ranges().into_iter().chain(more).collect()
}

#[tokio::test]
async fn groups_are_those_of_the_events() {
    let keys = [&["eventName"][..], &["awsRegion", "eventName"], &["userName"], &["recipientAccountId", "userName"]];
    same_groups(&sample().await, &ranges(), &keys).await;
}

#[tokio::test]
async fn groups_over_files_of_several_days_are_those_of_the_events() {
    same_groups(&mixed().await, &wide_ranges(), &[&["eventName"], &["recipientAccountId", "userName"]]).await;
}

#[tokio::test]
async fn what_is_known_of_files_of_several_days_is_not_read_again() {
    let sample = mixed().await;
    let texts = [
        "* | stats count BY eventName | sort eventName",
        "* | stats count, dc(userName) AS users, min(_time) AS first, max(_time) AS last BY awsRegion | sort awsRegion",
    ];
    let sql = "SELECT event_date, count(*) AS n FROM cloudtrail GROUP BY event_date ORDER BY event_date";
    let far = 20_000 * 24 * HOUR;
    let mut answers = Vec::new();
    for text in texts {
        answers.push(sample.ask(request(text, (Some(0), Some(START + far)), &[])).await.unwrap());
    }
    let days = sample.ask(QueryRequest::new(Language::Sql, sql)).await.unwrap();
    assert_eq!(days.lines().count(), 6, "{days}");
    let folder = sample.engine.lake().url().to_file_path().unwrap();
    remove_data(&folder.join("cloudtrail"));
    for (text, answer) in texts.iter().zip(&answers) {
        for bounds in
            [(Some(0), Some(START + far)), (Some(-START), Some(START + 2 * far)), (Some(HOUR), Some(START + far / 2))]
        {
            assert_eq!(&sample.ask(request(text, bounds, &[])).await.unwrap(), answer, "{text} {bounds:?}");
        }
    }
    assert_eq!(sample.ask(QueryRequest::new(Language::Sql, sql)).await.unwrap(), days);
    // A part of a file of several days.
    let error = sample.ask(request(texts[0], (None, Some(START - 700 * 24 * HOUR)), &[])).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Internal);
}

async fn same_groups(sample: &Sample, ranges: &[(Option<i64>, Option<i64>)], keys: &[&[&str]]) {
    for keys in keys {
        let grouped = format!("* | stats count BY {}", keys.join(", "));
        let listed = format!("* | table {}", keys.join(", "));
        for round in 0..2 {
            for &bounds in ranges {
                for filters in FILTERS {
                    let wanted = counted(sample, keys, request(&listed, bounds, filters)).await;
                    let got = rows(sample, request(&grouped, bounds, filters)).await;
                    let got = got.into_iter().map(|row| {
                        let key: Vec<String> = keys.iter().map(|key| row[key].to_string()).collect();
                        (key.join(" "), row["count"].as_i64().unwrap())
                    });
                    assert_eq!(got.collect::<BTreeMap<_, _>>(), wanted, "{grouped} {bounds:?} {filters:?} {round}");
                }
            }
        }
    }
}

#[tokio::test]
async fn numbers_without_groups_are_those_of_the_events() {
    let sample = sample().await;
    let text = "* | stats count AS n, dc(userName) AS users, values(eventName) AS names, min(_time) AS first, max(_time) AS last, count(eval(errorCode!=\"success\")) AS failed";
    for _ in 0..2 {
        for bounds in ranges() {
            for filters in FILTERS {
                let events =
                    rows(&sample, request("* | table eventName, userName, errorCode, _time", bounds, filters)).await;
                let got = rows(&sample, request(text, bounds, filters)).await;
                let distinct = |field: &str| {
                    let all = events.iter().map(|row| row[field].as_str().unwrap_or_default().to_owned());
                    all.filter(|text| !text.is_empty()).collect::<std::collections::BTreeSet<_>>()
                };
                let times: Vec<String> = events.iter().map(|row| row["_time"].to_string()).collect();
                let failed = events.iter().filter(|row| row["errorCode"].as_str() != Some("success"));
                let failed = failed.filter(|row| !row["errorCode"].is_null()).count();
                assert_eq!(got.len(), 1);
                assert_eq!(got[0]["n"], events.len(), "{bounds:?} {filters:?}");
                assert_eq!(got[0]["users"], distinct("userName").len(), "{bounds:?} {filters:?}");
                assert_eq!(got[0]["failed"], failed, "{bounds:?} {filters:?}");
                assert_eq!(got[0]["first"].to_string(), times.iter().min().cloned().unwrap_or("null".into()));
                assert_eq!(got[0]["last"].to_string(), times.iter().max().cloned().unwrap_or("null".into()));
                let names: Vec<Value> = distinct("eventName").into_iter().map(Value::from).collect();
                match &got[0]["names"] {
                    Value::Null => assert!(names.is_empty()),
                    Value::String(one) => assert_eq!(vec![Value::from(one.clone())], names),
                    list => assert_eq!(list.as_array().unwrap(), &names, "{bounds:?} {filters:?}"),
                }
            }
        }
    }
}

/// An estimate's states differ in form with groups and without.
#[tokio::test]
async fn distinct_values_are_estimated_without_groups_too() {
    let sample = sample().await;
    for filters in [&[][..], &[("awsRegion", false, "us-east-1")], &[("eventName", true, "ConsoleLogin")]] {
        let events = rows(&sample, request("* | table eventName", (None, None), filters)).await;
        let names: std::collections::BTreeSet<_> = events.iter().map(|row| row["eventName"].to_string()).collect();
        for _ in 0..3 {
            let text = "SELECT approx_distinct(eventname) AS names, count(*) AS n FROM cloudtrail_logs";
            let asked = QueryRequest {
                filters: request("", (None, None), filters).filters,
                ..QueryRequest::new(Language::Sql, text)
            };
            let got = rows(&sample, asked).await;
            assert_eq!(
                (got[0]["names"].as_u64(), got[0]["n"].as_u64()),
                (Some(names.len() as u64), Some(events.len() as u64))
            );
        }
    }
}

/// A filter of all that is counted is one of the rows.
#[tokio::test]
async fn what_all_counts_leave_out_is_not_read() {
    let sample = sample().await;
    let filtered = "SELECT count(*) FILTER (WHERE eventname = 'ConsoleLogin') AS n, max(eventtime) FILTER (WHERE eventname = 'ConsoleLogin') AS last FROM cloudtrail_logs";
    let before = "SELECT count(*) AS n, max(eventtime) AS last FROM cloudtrail_logs WHERE eventname = 'ConsoleLogin'";
    let sql = |text: &str| QueryRequest::new(Language::Sql, text);
    let wanted = rows(&sample, sql(before)).await;
    assert_ne!(wanted[0]["n"], 0);
    assert_eq!(rows(&sample, sql(filtered)).await, wanted);
    let none = filtered.replace("ConsoleLogin", "Nothing");
    assert_eq!(rows(&sample, sql(&none)).await[0]["n"], 0);
    // Others of the rows are counted beside.
    let both = "SELECT count(*) AS all, count(*) FILTER (WHERE eventname = 'ConsoleLogin') AS n FROM cloudtrail_logs";
    let both = rows(&sample, sql(both)).await;
    assert_eq!(both[0]["n"], wanted[0]["n"]);
    assert_ne!(both[0]["all"], both[0]["n"]);
    let plan = sample.engine.explain(sql(filtered)).await.unwrap().plan;
    assert!(plan.contains("Filter: "), "{plan}");
}

fn remove_data(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            remove_data(&path);
        } else if path.extension().is_some_and(|end| end == "parquet") {
            std::fs::remove_file(&path).unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_known_is_not_read_again() {
    let sample = sample().await;
    let at = |hours: i64| Some(START + hours * HOUR);
    let text = "* | stats count BY eventName | sort eventName";
    let whole = sample.ask(request(text, (at(0), at(48)), &[])).await.unwrap();
    let folder = sample.engine.lake().url().to_file_path().unwrap();
    remove_data(&folder.join("cloudtrail"));
    // The same question; another range that has the files wholly in it; one and several accounts and regions.
    assert_eq!(sample.ask(request(text, (at(0), at(48)), &[])).await.unwrap(), whole);
    assert_eq!(sample.ask(request(text, (at(-5), at(100)), &[])).await.unwrap(), whole);
    for filters in [&FILTERS[1], &FILTERS[2], &FILTERS[3], &FILTERS[4]] {
        let got = sample.ask(request(text, (at(0), at(48)), filters)).await.unwrap();
        let fresh = lake_of(RECORDS).await;
        assert_eq!(got, fresh.ask(request(text, (at(0), at(48)), filters)).await.unwrap(), "{filters:?}");
    }
    // A part of a file, another condition, another grouping have to be read, and the files are gone.
    for (text, bounds, filters) in [
        (text, (at(11), at(48)), &[][..]),
        (text, (at(0), at(48)), &[("eventName", false, "CreateUser")][..]),
        ("* | stats count BY userName", (at(0), at(48)), &[][..]),
    ] {
        let error = sample.ask(request(text, bounds, filters)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Internal, "{text} {bounds:?}");
    }
}

/// SQL's counts of different texts are those of pipelines, stay with their group, and are kept like all else.
#[tokio::test]
async fn different_texts_by_group_are_counted_alike_in_sql_and_not_read_again() {
    let sample = sample().await;
    let sql = "SELECT eventName, count(*) AS events, count(DISTINCT userName) AS users, count(DISTINCT userName) FILTER \
               (WHERE errorCode IS NULL) AS good, count(DISTINCT sourceIPAddress) FROM cloudtrail_logs GROUP BY eventName ORDER BY eventName";
    let ask =
        || QueryRequest { since: Some(START), until: Some(START + 48 * HOUR), ..QueryRequest::new(Language::Sql, sql) };
    let first = rows(&sample, ask()).await;
    let mut wanted: BTreeMap<String, [BTreeSet<String>; 3]> = BTreeMap::new();
    let events = "SELECT eventName, userName, errorCode, sourceIPAddress FROM cloudtrail_logs";
    for row in rows(&sample, QueryRequest::new(Language::Sql, events)).await {
        let [users, good, addresses] = wanted.entry(row["eventName"].to_string()).or_default();
        addresses.insert(row["sourceIPAddress"].to_string());
        if let Some(user) = row["userName"].as_str() {
            users.insert(user.to_owned());
            if row["errorCode"].is_null() {
                good.insert(user.to_owned());
            }
        }
    }
    let wanted: Vec<Vec<String>> = wanted
        .into_iter()
        .map(|(name, counts)| std::iter::once(name).chain(counts.map(|texts| texts.len().to_string())).collect())
        .collect();
    let figures = |row: &Value| -> Vec<String> {
        let all: Vec<String> = row.as_object().unwrap().values().map(Value::to_string).collect();
        [&all[..1], &all[2..]].concat()
    };
    assert_eq!(first.iter().map(figures).collect::<Vec<_>>(), wanted);
    assert!(wanted.iter().any(|row| row[1] != row[2]) && wanted.iter().any(|row| row[3] == "2"), "{wanted:?}");
    let plan = sample.engine.explain(ask()).await.unwrap().plan;
    assert!(plan.contains("distinct_count("), "{plan}");
    remove_data(&sample.engine.lake().url().to_file_path().unwrap().join("cloudtrail"));
    assert_eq!(rows(&sample, ask()).await, first);
}

#[tokio::test]
async fn a_filter_s_constant_stays_known_above_the_groups() {
    let sample = sample().await;
    let text = "* | stats count BY userName, eventName | eventstats sum(count) AS all BY userName | sort eventName";
    for (user, wanted) in [("alice", 3), ("nobody", 0)] {
        let got = rows(&sample, request(text, (None, None), &[("userName", false, user)])).await;
        assert_eq!(got.iter().map(|row| row["count"].as_i64().unwrap()).sum::<i64>(), wanted, "{user}");
        assert!(got.iter().all(|row| row["all"] == wanted), "{user}: {got:?}");
    }
}

#[tokio::test]
async fn what_comes_in_later_counts() {
    let sample = sample().await;
    let text = "* | stats count AS n";
    assert_eq!(sample.ask(QueryRequest::new(Language::Spl, text)).await.unwrap(), "{\"n\":10}\n");
    let more = RECORDS.replace("00000000-0000-0000-0000-0000000000", "00000000-0000-0000-0000-0000000001");
    let mut batcher = event::Batcher::new(event::Limits::default());
    batcher.push_object(more.as_bytes(), "more.json", 1).unwrap();
    let batch = enrich::Enricher::new(None).enrich(batcher.take_batch().unwrap().unwrap().batch).unwrap();
    sample.engine.lake().append("cloudtrail", vec![batch], lake::Commit::default()).await.unwrap();
    assert_eq!(sample.ask(QueryRequest::new(Language::Spl, text)).await.unwrap(), "{\"n\":20}\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_at_once_gives_the_same() {
    let sample = sample().await;
    let ask = || sample.ask(request("* | stats count BY user, eventName | sort user, eventName", (None, None), &[]));
    let answers = futures::future::join_all((0..12).map(|_| ask())).await;
    let first = answers[0].as_ref().unwrap();
    assert!(first.lines().count() > 3);
    answers.iter().for_each(|answer| assert_eq!(answer.as_ref().unwrap(), first));
}

#[tokio::test]
async fn too_many_groups_are_answered_all_the_same() {
    // More groups than are kept of a stretch, in one file.
    let record = |n: u32| {
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"u{n}"}},"eventTime":"2024-05-01T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"r{}","sourceIPAddress":"198.51.100.7","eventID":"00000000-0000-0000-0000-{n:012}","recipientAccountId":"111111111111"}}"#,
            n % 2
        )
    };
    let all: Vec<String> = (0..70_000).map(record).collect();
    let sample = lake_of(&format!("{{\"Records\":[{}]}}", all.join(","))).await;
    for _ in 0..2 {
        let text = "* | stats count BY userName | stats count AS users, sum(count) AS events";
        assert_eq!(
            rows(&sample, request(text, (None, None), &[])).await,
            [serde_json::json!({"users": 70_000, "events": 70_000})]
        );
        let one = rows(&sample, request(text, (None, None), &[("awsRegion", false, "r1")])).await;
        assert_eq!(one, [serde_json::json!({"users": 35_000, "events": 35_000})]);
    }
}
