//! Sigma over stored events: the quirks of the specification one by one, and correlations at the edges of their windows.

use engine::{Language, QueryRequest};

use crate::sample::{Sample, lake_of};

/// Records that differ where Sigma's rules are particular: case, null against missing, arrays, numbers, escapes.
pub(crate) const RECORDS: &str = r#"{"Records":[
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::111111111111:user/alice","accountId":"111111111111","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}},"eventTime":"2024-05-01T10:00:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"Mozilla/5.0","requestParameters":null,"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"},"eventID":"1","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"Alice"},"eventTime":"2024-05-01T10:01:00Z","eventSource":"signin.amazonaws.com","eventName":"consolelogin","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.8","userAgent":"Mozilla/5.0","errorMessage":"Failed authentication","responseElements":{"ConsoleLogin":"Failure"},"eventID":"2","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"bob","accountId":"222222222222"},"eventTime":"2024-05-01T10:02:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"10.1.2.3","userAgent":"aws-cli/2.1 kali","errorCode":"AccessDenied","errorMessage":"User: bob is not\nauthorized","requestParameters":{"userName":"mallory","tags":[{"key":"Team","value":"red"},{"key":"x","value":null}]},"eventID":"3","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2024-05-01T10:03:00Z","eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress","awsRegion":"eu-west-1","sourceIPAddress":"2001:db8::5","userAgent":"Boto3/1.20","readOnly":false,"requestParameters":{"ipPermissions":{"items":[{"fromPort":22,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}},{"fromPort":443}]},"empty":[],"flag":true,"zero":0,"blank":"","nested": {"deep": "X y"}},"eventID":"4","recipientAccountId":"111111111111"},
{"eventVersion":"1.08","userIdentity":{"type":"AWSService"},"eventTime":"2024-05-01T23:04:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-west-1","sourceIPAddress":"s3.amazonaws.com","userAgent":"s3.amazonaws.com","readOnly":false,"requestParameters":{"key":"a*b?c\\d","userName":["carol","dave"],"bucketName":"s3.amazonaws.com"},"eventID":"5","recipientAccountId":"222222222222"},
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"erin"},"eventTime":"2024-05-02T03:05:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"Boto3/1.20","errorCode":"accessdenied","readOnly":true,"requestParameters":{"durationSeconds":"900","half":1.5,"script":"IyEvYmluL3NoIGN1cmw=","whole":5.0,"quoted":"say \"hi\""},"eventID":"6","recipientAccountId":"111111111111"}
]}"#;

/// Detections (what stands under `detection:`) and the ids of the events that they find.
pub(crate) const CASES: &[(&str, &str)] = &[
    // case
    ("s: {eventName: consolelogin}\n  condition: s", "1 2"),
    ("s: {eventName|cased: ConsoleLogin}\n  condition: s", "1"),
    ("s: {eventName|cased|contains: sole}\n  condition: s", "1 2"),
    ("s: {eventName|cased|startswith: Con}\n  condition: s", "1"),
    ("s: {errorCode: ACCESSDENIED}\n  condition: s", "3 6"),
    ("s: {requestParameters.nested.deep: x Y}\n  condition: s", "4"),
    ("s: {requestparameters.nested.deep: x Y}\n  condition: s", ""),
    // wildcards and escapes
    ("s: {eventName: '*Login'}\n  condition: s", "1 2"),
    ("s: {eventName: '?etObject'}\n  condition: s", "6"),
    ("s: {eventName: '*'}\n  condition: s", "1 2 3 4 5 6"),
    ("s: {errorCode: '*'}\n  condition: s", "3 6"),
    (
        r"s: {requestParameters.key: 'a\*b\?c\d'}
  condition: s",
        "5",
    ),
    (
        r"s: {requestParameters.key: 'a*c\\d'}
  condition: s",
        "5",
    ),
    (
        r"s: {requestParameters.key: 'a\*'}
  condition: s",
        "",
    ),
    (
        r"s: {requestParameters.key|startswith: 'a\*'}
  condition: s",
        "5",
    ),
    ("s: {errorMessage: 'User*authorized'}\n  condition: s", "3"),
    ("s: {errorMessage|contains|all: [user, AUTHORIZED]}\n  condition: s", "3"),
    ("s: {userAgent|contains: [kali, boto]}\n  condition: s", "3 4 6"),
    ("s: {userAgent|endswith: kali}\n  condition: s", "3"),
    ("s: {userAgent|contains: '*'}\n  condition: s", "1 2 3 4 5 6"),
    // null, missing, empty, exists
    ("s: {errorCode: null}\n  condition: s", "1 2 4 5"),
    ("s: {errorCode|exists: true}\n  condition: s", "3 6"),
    ("s: {errorCode|exists: false}\n  condition: s", "1 2 4 5"),
    ("s: {requestParameters: null}\n  condition: s", "1 2"),
    ("s: {requestParameters|exists: true}\n  condition: s", "1 3 4 5 6"),
    ("s: {requestParameters.tags.value: null}\n  condition: s", "1 2 3 4 5 6"),
    ("s: {eventName: CreateUser, requestParameters.tags.value: null}\n  condition: s", "3"),
    ("s: {requestParameters.blank: ''}\n  condition: s", "4"),
    ("s: {requestParameters.empty|exists: true}\n  condition: s", "4"),
    ("s: {requestParameters.empty: '*'}\n  condition: s", ""),
    ("s: {eventSource: iam.amazonaws.com}\n  f: {errorCode: x}\n  condition: s and not f", "3"),
    (
        "s: {eventSource: signin.amazonaws.com}\n  f: {additionalEventData.MFAUsed: 'Yes'}\n  condition: s and not f",
        "1 2",
    ),
    ("s: {errorCode|neq: AccessDenied}\n  condition: s", "1 2 4 5"),
    // arrays and nested objects
    ("s: {requestParameters.tags.key: team}\n  condition: s", "3"),
    ("s: {requestParameters.ipPermissions.items.fromPort: 443}\n  condition: s", "4"),
    ("s: {requestParameters.ipPermissions.items.fromPort: '22'}\n  condition: s", "4"),
    ("s: {requestParameters.ipPermissions.items.ipRanges.items.cidrIp: 0.0.0.0/0}\n  condition: s", "4"),
    ("s: {requestParameters.userName: dave}\n  condition: s", "5"),
    ("s: {requestParameters.userName: mallory}\n  condition: s", "3"),
    ("s: {requestParameters.userName: ['[\"carol\",\"dave\"]']}\n  condition: s", "5"),
    ("s: {requestParameters|contains: '\"deep\":\"X y\"'}\n  condition: s", "4"),
    ("s: {requestParameters|contains: 'Team'}\n  condition: s", "3"),
    ("s: {requestParameters.quoted|contains: '\"HI\"'}\n  condition: s", "6"),
    // booleans and numbers
    ("s: {readOnly: true}\n  condition: s", "6"),
    ("s: {readOnly: 'false'}\n  condition: s", "4 5"),
    ("s: {requestParameters.flag: 'True'}\n  condition: s", "4"),
    ("s: {requestParameters.flag: true}\n  condition: s", "4"),
    ("s: {userIdentity.sessionContext.attributes.mfaAuthenticated: true}\n  condition: s", "1"),
    ("s: {requestParameters.zero: 0}\n  condition: s", "4"),
    ("s: {requestParameters.whole: 5}\n  condition: s", "6"),
    ("s: {requestParameters.durationSeconds|lt: 901}\n  condition: s", "6"),
    ("s: {requestParameters.half|gte: 1.5}\n  condition: s", "6"),
    ("s: {requestParameters.ipPermissions.items.fromPort|gt: 100}\n  condition: s", "4"),
    ("s: {requestParameters.ipPermissions.items.fromPort|lt: 22}\n  condition: s", ""),
    ("s: {recipientAccountId: 222222222222}\n  condition: s", "5"),
    // addresses, expressions, other fields, times, encodings
    ("s: {sourceIPAddress|cidr: 198.51.100.0/29}\n  condition: s", "1"),
    ("s: {sourceIPAddress|cidr: ['10.0.0.0/8', '2001:db8::/32']}\n  condition: s", "3 4"),
    ("s: {userIdentity.userName|re: '^[a-c]'}\n  condition: s", "1 3"),
    ("s: {userIdentity.userName|re|i: '^a'}\n  condition: s", "1 2"),
    ("s: {errorMessage|re: 'not.auth'}\n  condition: s", ""),
    ("s: {errorMessage|re|s: 'not.auth'}\n  condition: s", "3"),
    ("s: {errorMessage|re|m: '^authorized$'}\n  condition: s", "3"),
    ("s: {userIdentity.accountId|fieldref: recipientAccountId}\n  condition: s", "1"),
    ("s: {requestParameters.bucketName|fieldref: eventSource}\n  condition: s", "5"),
    ("s: {userIdentity.arn|fieldref|endswith: userIdentity.userName}\n  condition: s", "1"),
    ("s: {userAgent|fieldref|contains: sourceIPAddress}\n  condition: s", "5"),
    ("s: {eventTime|hour: 10}\n  condition: s", "1 2 3 4"),
    ("s: {eventTime|hour|lt: 4}\n  condition: s", "6"),
    ("s: {eventTime|day: 2, eventTime|month: 5, eventTime|year: 2024, eventTime|minute: 5}\n  condition: s", "6"),
    ("s: {eventTime|week: 18}\n  condition: s", "1 2 3 4 5 6"),
    ("s: {requestParameters.script|base64offset|contains: curl}\n  condition: s", "6"),
    ("s: {requestParameters.script|base64: '#!/bin/sh curl'}\n  condition: s", "6"),
    // how searches combine
    ("s: [{eventName: CreateUser}, {eventName: GetObject}]\n  condition: s", "3 6"),
    ("s: {userIdentity.type: Root, awsRegion: us-east-1}\n  condition: s", ""),
    ("s1: {userIdentity.type: Root}\n  s2: {awsRegion: us-east-1}\n  condition: 1 of s*", "1 2 3 4 6"),
    (
        "s1: {userIdentity.type: IAMUser}\n  s2: {awsRegion: us-east-1}\n  s3: {errorCode: '*'}\n  condition: 2 of them",
        "1 2 3 6",
    ),
    ("s1: {userIdentity.type: IAMUser}\n  s2: {awsRegion: us-east-1}\n  condition: not 1 of them", "4 5"),
    ("k: [kali, 'X y']\n  condition: k", "3 4"),
    ("k: ['say \"hi\"']\n  condition: k", "6"),
    ("k: {'|all': [mallory, team]}\n  condition: k", "3"),
    ("a: {eventName: CreateUser}\n  b: {eventName: GetObject}\n  condition: [a, b]", "3 6"),
    ("s: {user.name: bob}\n  condition: s", "3"),
];

async fn ids(sample: &Sample, text: &str) -> Result<String, String> {
    let rows = sample.ask(QueryRequest::new(Language::Sigma, text)).await;
    let rows = rows.map_err(|error| format!("{error} {:?}", error.diagnostics))?;
    let mut ids: Vec<String> = rows
        .lines()
        .map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap()["eventID"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    Ok(ids.join(" "))
}

#[tokio::test]
async fn rules_mean_what_the_specification_says() {
    let sample = lake_of(RECORDS).await;
    let mut wrong = Vec::new();
    for (detection, want) in CASES {
        let text = format!("title: T\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  {detection}\n");
        let got = ids(&sample, &text).await;
        if got.as_deref() != Ok(want) {
            wrong.push(format!("{detection}\n   got {got:?}\n  want {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

/// A record of someone's act, so many seconds after ten.
fn act(id: usize, who: &str, name: &str, second: u32, size: u32) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"{who}"}},"eventTime":"2024-05-01T10:{minute:02}:{second:02}Z","eventSource":"iam.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"x","requestParameters":{{"size":{size}}},"eventID":"{id:02}","recipientAccountId":"111111111111"}}"#
    )
}

/// Who did what at which second: alice's window of a minute closes at the edge, bob acts in the wrong order, carol at one
/// instant.
const ACTS: &[(&str, &str, u32, u32)] = &[
    ("alice", "A", 0, 1),
    ("alice", "A", 30, 2),
    ("alice", "A", 60, 3),
    ("alice", "B", 91, 4),
    ("bob", "B", 0, 10),
    ("bob", "A", 10, 20),
    ("bob", "A", 200, 30),
    ("bob", "B", 261, 40),
    ("carol", "A", 5, 1),
    ("carol", "B", 5, 1),
    ("carol", "C", 65, 1),
];

/// Bodies of a correlation over rules `a`, `b`, `c`, and the ids of the events that end a window.
const CORRELATIONS: &[(&str, &str)] = &[
    // The window is closed on both sides: seconds 0, 30 and 60 are one minute.
    (
        "type: event_count\n  rules: [a]\n  group-by: [userIdentity.userName]\n  timespan: 1m\n  condition: {gte: 3}",
        "02",
    ),
    (
        "type: event_count\n  rules: [a]\n  group-by: [userIdentity.userName]\n  timespan: 59s\n  condition: {gte: 3}",
        "",
    ),
    (
        "type: event_count\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 61s\n  condition: {gt: 2}",
        "02 03",
    ),
    ("type: event_count\n  rules: [a]\n  timespan: 1h\n  condition: {gte: 6}", "06"),
    (
        "type: event_count\n  rules: [a]\n  group-by: [userIdentity.userName]\n  timespan: 1m\n  condition: {lt: 2}",
        "00 05 06 08",
    ),
    (
        "type: event_count\n  rules: [a]\n  group-by: [userIdentity.userName]\n  timespan: 1m\n  condition: {gte: 2, lte: 2}",
        "01",
    ),
    // Without the group's field, events are a group of their own.
    (
        "type: event_count\n  rules: [a]\n  group-by: [userIdentity.nothing]\n  timespan: 1h\n  condition: {gte: 6}",
        "06",
    ),
    (
        "type: value_count\n  rules: [a, b, c]\n  group-by: [userIdentity.userName]\n  timespan: 2m\n  condition: {field: eventName, gte: 3}",
        "10",
    ),
    (
        "type: value_count\n  rules: [a, b]\n  timespan: 5s\n  condition: {field: userIdentity.userName, gte: 3}",
        "08 09",
    ),
    (
        "type: value_sum\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 1m\n  condition: {field: requestParameters.size, gte: 30}",
        "05 06 07",
    ),
    (
        "type: value_avg\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 1h\n  condition: {field: requestParameters.size, gt: 24}",
        "07",
    ),
    (
        "type: value_median\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 1h\n  condition: {field: requestParameters.size, gte: 25}",
        "07",
    ),
    ("type: temporal\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 1m", "03 05 08 09"),
    ("type: temporal\n  rules: [a, b, c]\n  group-by: [userIdentity.userName]\n  timespan: 1m", "10"),
    ("type: temporal\n  rules: [a, b, c]\n  group-by: [userIdentity.userName]\n  timespan: 59s", ""),
    (
        "type: temporal\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 1m\n  condition: b and not a",
        "04 07",
    ),
    // In order: bob's B before A is none, his A before B is a second too late; carol's at one instant is one.
    ("type: temporal_ordered\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 1m", "03 09"),
    ("type: temporal_ordered\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 61s", "03 07 09"),
    ("type: temporal_ordered\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 31s", "03 09"),
    ("type: temporal_ordered\n  rules: [a, b]\n  group-by: [userIdentity.userName]\n  timespan: 30s", "09"),
    ("type: temporal_ordered\n  rules: [a, b, c]\n  group-by: [userIdentity.userName]\n  timespan: 1m", "10"),
    ("type: temporal_ordered\n  rules: [b, a]\n  group-by: [userIdentity.userName]\n  timespan: 1m", "05 08"),
    ("type: temporal_ordered\n  rules: [b, a, c]\n  timespan: 59s", ""),
    ("type: temporal_ordered\n  rules: [b, a, c]\n  timespan: 60s", "10"),
];

fn rules() -> String {
    let rule = |name: &str| {
        let event = name.to_uppercase();
        format!(
            "title: {event}\nname: {name}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  s: {{eventName: {event}}}\n  condition: s\n---\n"
        )
    };
    ["a", "b", "c"].map(rule).concat()
}

/// Alone, the rules that a correlation does not use answer for themselves: they are left out here.
fn correlation(body: &str) -> String {
    let used = |name: &str| {
        body.contains(&format!("[{name},"))
            || body.contains(&format!(" {name},"))
            || body.contains(&format!(" {name}]"))
            || body.contains(&format!("[{name}]"))
    };
    let rules: String = rules()
        .split_inclusive("---\n")
        .zip(["a", "b", "c"])
        .filter(|(_, name)| used(name))
        .map(|(rule, _)| rule)
        .collect();
    format!("{rules}title: C\ncorrelation:\n  {body}\n")
}

async fn acts() -> Sample {
    let records: Vec<String> =
        ACTS.iter().enumerate().map(|(id, (who, name, second, size))| act(id, who, name, *second, *size)).collect();
    lake_of(&format!("{{\"Records\":[\n{}\n]}}", records.join(",\n"))).await
}

#[tokio::test]
async fn correlations_are_windows_that_end_with_an_event() {
    let sample = acts().await;
    let mut wrong = Vec::new();
    for (body, want) in CORRELATIONS {
        let got = ids(&sample, &correlation(body)).await;
        if got.as_deref() != Ok(want) {
            wrong.push(format!("{body}\n   got {got:?}\n  want {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), CORRELATIONS.len(), wrong.join("\n"));
}

#[tokio::test]
async fn old_aggregations_and_chains_of_correlations() {
    let sample = acts().await;
    let rule = |detection: &str| {
        format!(
            "title: T\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  s: {{eventName: A}}\n  t: {{eventName: B}}\n  {detection}"
        )
    };
    let chain = format!(
        "{}title: many\ncorrelation: {{type: event_count, rules: [a], group-by: [userIdentity.userName], timespan: 1m, condition: {{gte: 3}}}}\n---\n\
         title: then\ncorrelation: {{type: temporal_ordered, rules: [many, b], group-by: [userIdentity.userName], timespan: 1m}}\n",
        rules().replace("---\ntitle: C\n", "---\n---\ntitle: C\n").split("title: C\n").next().unwrap(),
    );
    for (text, want) in [
        (rule("timeframe: 1m\n  condition: s | count() by userIdentity.userName >= 3"), "02"),
        (rule("timeframe: 1m\n  condition: s | count() by userIdentity.userName > 3"), ""),
        (rule("condition: s | count() > 5"), "00 01 02 05 06 08"),
        (rule("condition: s | count(userIdentity.userName) >= 3"), "00 01 02 05 06 08"),
        (rule("timeframe: 1m\n  condition: s | max(requestParameters.size) by userIdentity.userName >= 30"), "06"),
        (rule("timeframe: 5s\n  condition: s | near t"), "00 04 05 08 09"),
        (chain, "03"),
    ] {
        assert_eq!(ids(&sample, &text).await.as_deref(), Ok(want), "{text}");
    }
}

#[tokio::test]
async fn several_rules_say_which_of_them_found_an_event() {
    let sample = acts().await;
    let rows = sample.rows(Language::Sigma, rules().trim_end_matches("---\n")).await;
    assert_eq!(rows.len(), ACTS.len());
    assert!(rows[0].contains(r#""rule":"B""#), "{}", rows[0]);
    let generate = correlation(
        "type: event_count\n  rules: [a]\n  group-by: [userIdentity.userName]\n  timespan: 1m\n  condition: {gte: 3}\n  generate: true",
    );
    assert_eq!(ids(&sample, &generate).await.unwrap(), "00 01 02 05 06 08");
    let rows = sample.rows(Language::Sigma, &generate).await;
    assert!(rows.iter().any(|row| row.contains(r#""rule":"A, C""#) && row.contains(r#""count":3"#)), "{rows:?}");
}
