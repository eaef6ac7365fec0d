//! What senders of logs meet: the HTTP Event Collector and Firehose's endpoint, on a real socket, over a real lake.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use ingest::firehose::Firehose;
use ingest::hec::{Hec, Token};
use ingest::inlet::{Inlet, InletOptions};
use ingest::sources::{Expected, Registry};
use lake::{Lake, LakeOptions};
use serde_json::{Value, json};
use serve::Inlets;
use tokio_util::sync::CancellationToken;

use crate::client::{Answer, Call};
use crate::harness::{Server, custody};

const TOKEN: &str = "Splunk 11111111-1111-1111-1111-111111111111";
const ACKING: &str = "Splunk 22222222-2222-2222-2222-222222222222";
const OFF: &str = "Splunk 33333333-3333-3333-3333-333333333333";
const CHANNEL: &str = "FE0ECFAD-13D5-401B-847D-77833BD77131";
const KEY: &str = "a key of Firehose";

struct Setting {
    server: Server,
    lake: Lake,
    inlet: Inlet,
    registry: Registry,
    cancel: CancellationToken,
    folder: tempfile::TempDir,
}

fn options(folder: &std::path::Path) -> InletOptions {
    InletOptions { linger: Duration::from_millis(50), ..InletOptions::new(&folder.join("journal")) }
}

async fn setting() -> Setting {
    setting_with(|_| ()).await
}

async fn setting_with(adjust: impl FnOnce(&mut InletOptions)) -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().join("lake").to_str().unwrap(), LakeOptions::default()).unwrap();
    let mut options = options(folder.path());
    adjust(&mut options);
    let enricher = Arc::new(enrich::Enricher::new(None));
    let (inlet, drain) = Inlet::open(lake.clone(), Arc::new(move || enricher.clone()), options).unwrap();
    let cancel = CancellationToken::new();
    tokio::spawn(drain.run(cancel.clone()));
    let registry = Registry::default();
    let tokens = vec![
        Token { indexes: vec!["main".into()], ..Token::new("plain", "11111111-1111-1111-1111-111111111111") },
        Token { ack: true, ..Token::new("acking", "22222222-2222-2222-2222-222222222222") },
        Token { enabled: false, ..Token::new("off", "33333333-3333-3333-3333-333333333333") },
        Token { query_string: true, ..Token::new("query", "44444444-4444-4444-4444-444444444444") },
        Token {
            sourcetype: Some("aws:elb:accesslogs".into()),
            ..Token::new("typed", "55555555-5555-5555-5555-555555555555")
        },
    ];
    let hec = Hec::new("hec", tokens, inlet.clone(), registry.meter("hec", "hec", Expected::default()));
    let meter = registry.meter("stream", "firehose", Expected::default());
    let firehose = Firehose::new("stream", &["old".to_owned(), KEY.to_owned()], None, inlet.clone(), meter);
    let inlets = Inlets { hec: vec![hec], firehose: vec![firehose] };
    // The server asks everybody to sign in; senders have no session.
    let server = Server::with_inlets(inlets, custody(folder.path(), registry.clone())).await;
    Setting { server, lake, inlet, registry, cancel, folder }
}

impl Setting {
    fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Call {
        self.server.call("POST", path).header("authorization", TOKEN).bytes(body)
    }

    /// Waits until nothing is on its way.
    async fn settled(&self) {
        for _ in 0..2400 {
            if self.registry.statuses().iter().all(|status| status.in_flight == 0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("what was sent is not in the lake: {:?}", self.registry.statuses());
    }

    /// Rows of a table, once there are as many as expected; waits no longer than that takes.
    async fn rows(&self, table: &str, expected: u64) -> u64 {
        let mut rows = 0;
        for _ in 0..400 {
            let snapshot = self.lake.snapshot(table).await.unwrap();
            rows = snapshot.and_then(|snapshot| snapshot.rows()).unwrap_or_default();
            if rows >= expected {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        rows
    }
}

fn record(n: usize) -> Value {
    json!({
        "eventVersion": "1.08", "eventTime": format!("2026-03-01T10:{:02}:{:02}Z", n / 60 % 60, n % 60),
        "eventID": format!("{n:08x}-0000-4000-8000-000000000000"), "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject", "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.7", "userAgent": "aws-cli",
        "recipientAccountId": "111122223333", "userIdentity": {"type": "IAMUser", "userName": "alice"},
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn told(answer: &Answer) -> (u16, u64, String) {
    let said = answer.json();
    (answer.status, said["code"].as_u64().unwrap(), said["text"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_texts_are_splunks() {
    let setting = setting().await;
    let check = async |call: Call, expected: (u16, u64, &str)| {
        let shown = format!(
            "{} {} {:?}",
            call.method,
            call.path,
            String::from_utf8_lossy(&call.body[..call.body.len().min(80)])
        );
        let answer = call.send().await;
        let (status, code, text) = told(&answer);
        assert_eq!((status, code, text.as_str()), expected, "{shown}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json", "{shown}");
    };
    let server = &setting.server;
    let event = r#"{"event":"hello"}"#;
    let post = |path: &str, token: &str, body: &str| {
        let call = server.call("POST", path).bytes(body);
        if token.is_empty() { call } else { call.header("authorization", token) }
    };
    let path = "/services/collector";
    check(post(path, TOKEN, event), (200, 0, "Success")).await;
    check(post("/services/collector/event", TOKEN, event), (200, 0, "Success")).await;
    check(post("/services/collector/event/1.0", TOKEN, event), (200, 0, "Success")).await;
    check(post(path, OFF, event), (403, 1, "Token disabled")).await;
    check(post(path, "", event), (401, 2, "Token is required")).await;
    check(post(path, "Bearer x", event), (401, 3, "Invalid authorization")).await;
    check(post(path, "Splunk wrong", event), (403, 4, "Invalid token")).await;
    check(post(path, TOKEN, ""), (400, 5, "No data")).await;
    check(post(path, TOKEN, " \n "), (400, 5, "No data")).await;
    check(post(path, TOKEN, "{\"event\":"), (400, 6, "Invalid data format")).await;
    check(post(path, TOKEN, "hello"), (400, 6, "Invalid data format")).await;
    check(post(path, TOKEN, r#"{"event":1,"index":"other"}"#), (400, 7, "Incorrect index")).await;
    check(post(path, TOKEN, r#"{"host":"x"}"#), (400, 12, "Event field is required")).await;
    check(post(path, TOKEN, r#"{"event":""}"#), (400, 13, "Event field cannot be blank")).await;
    check(post(path, TOKEN, r#"{"event":1,"fields":{"a":{"b":1}}}"#), (400, 15, "Error in handling indexed fields"))
        .await;
    let in_query = |token: &str| server.call("POST", &format!("{path}?token={token}")).bytes(event);
    check(in_query("11111111-1111-1111-1111-111111111111"), (400, 16, "Query string authorization is not enabled"))
        .await;
    check(in_query("44444444-4444-4444-4444-444444444444"), (200, 0, "Success")).await;
    check(post("/services/collector/raw", TOKEN, "x"), (400, 10, "Data channel is missing")).await;
    check(
        post("/services/collector/raw", TOKEN, "x").header("x-splunk-request-channel", "x"),
        (400, 11, "Invalid data channel"),
    )
    .await;
    check(post(&format!("/services/collector/raw?channel={CHANNEL}"), TOKEN, "x"), (200, 0, "Success")).await;
    check(
        post("/services/collector/raw/1.0", TOKEN, "x").header("x-splunk-request-channel", CHANNEL),
        (200, 0, "Success"),
    )
    .await;
    let ack = "/services/collector/ack";
    check(
        post(ack, TOKEN, r#"{"acks":[0]}"#).header("x-splunk-request-channel", CHANNEL),
        (400, 14, "ACK is disabled"),
    )
    .await;
    check(post(ack, ACKING, r#"{"acks":[0]}"#), (400, 10, "Data channel is missing")).await;
    check(post(path, ACKING, event), (400, 10, "Data channel is missing")).await;
    check(post(ack, ACKING, "x").header("x-splunk-request-channel", CHANNEL), (400, 6, "Invalid data format")).await;
    for health in ["/services/collector/health", "/services/collector/health/1.0?ack=1"] {
        check(server.call("GET", health), (200, 17, "HEC is healthy")).await;
    }
    check(
        server.call("POST", "/services/collector/nothing"),
        (404, 404, "The requested URL was not found on this server."),
    )
    .await;
    check(server.call("GET", path), (405, 405, "The requested URL does not support this method.")).await;
    let deflated = post(path, TOKEN, event).header("content-encoding", "deflate");
    check(deflated, (415, 415, "The content encoding is not supported")).await;
    let broken = post(path, TOKEN, event).header("content-encoding", "gzip");
    check(broken, (400, 6, "Invalid data format")).await;
    // As Firehose's Splunk destination asks whether somebody is there.
    let probe = post("/services/collector/event", ACKING, "").header("x-splunk-request-channel", CHANNEL);
    check(probe, (400, 5, "No data")).await;
    assert_eq!(setting.rows("other", 5).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_taken_as_a_whole_or_not_at_all() {
    let setting = setting().await;
    let answer = setting.post("/services/collector", r#"{"event":1}{"event":2}{"host":1}{"event":3}"#).send().await;
    assert_eq!(answer.text(), r#"{"text":"Event field is required","code":12,"invalid-event-number":2}"#);
    let bodies = [
        format!("{}{}", json!({"event": record(1)}), json!({"event": record(2)})),
        format!("{}\n\n{}\r\n", json!({"event": record(3)}), json!({"event": record(4)})),
        json!([{"event": record(5)}, {"event": record(6)}]).to_string(),
        format!("{:#}", json!({"event": {"Records": [record(7), record(8)]}})),
        json!({"event": json!({"Records": [record(9)]}).to_string()}).to_string(),
        json!({"event": {"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": record(10)}}).to_string(),
        json!({"event": record(1), "fields": {"a": "b"}, "sourcetype": "aws:cloudtrail", "time": 1_772_359_200}).to_string(),
    ];
    for body in &bodies {
        let answer = setting.post("/services/collector/event", body.as_str()).send().await;
        assert_eq!(answer.text(), r#"{"text":"Success","code":0}"#, "{body}");
        let packed = setting.post("/services/collector/event", gzip(body.as_bytes()));
        assert_eq!(packed.header("content-encoding", "gzip").send().await.status, 200);
    }
    let message = json!({"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "trail", "logStream": "s",
        "subscriptionFilters": ["f"], "logEvents": [
            {"id": "1", "timestamp": 1_772_359_200_000_i64, "message": record(11).to_string()},
            {"id": "2", "timestamp": 1_772_359_200_000_i64, "message": record(12).to_string()}]});
    let probe = json!({"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "",
        "subscriptionFilters": [], "logEvents": [{"id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE"}]});
    for body in [json!({"event": message, "sourcetype": "aws:cloudwatchlogs"}), json!({"event": probe})] {
        assert_eq!(setting.post("/services/collector", body.to_string()).send().await.status, 200);
    }
    assert_eq!(setting.rows("cloudtrail", 12).await, 12);
    setting.inlet.close();
    assert_eq!(setting.rows("other", 0).await, 0, "nothing of the request that was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_text_is_lines_of_a_log_or_of_any_kind() {
    let setting = setting().await;
    let raw = |token: &str, query: &str, body: &str| {
        let path = format!("/services/collector/raw?channel={CHANNEL}{query}");
        setting.server.call("POST", &path).header("authorization", token).bytes(body)
    };
    let flow =
        "2 123456789010 eni-1235b8ca123456789 192.0.2.1 192.0.2.2 20641 22 6 20 4249 1772359200 1772359260 ACCEPT OK\n";
    assert_eq!(raw(TOKEN, "", &flow.repeat(3)).send().await.status, 200);
    assert_eq!(raw(TOKEN, "&sourcetype=syslog", "one\ntwo\n").send().await.status, 200);
    assert_eq!(raw(TOKEN, "", &json!({"Records": [record(1), record(2)]}).to_string()).send().await.status, 200);
    assert_eq!(setting.rows("vpc_flow", 3).await, 3);
    assert_eq!(setting.rows("other", 2).await, 2);
    assert_eq!(setting.rows("cloudtrail", 2).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_of_itself_is_told_apart_by_its_request() {
    let setting = setting().await;
    let ping = r#"{"event":"ping","time":1772359200}"#;
    for body in [ping.to_owned(), format!("{ping}{ping}"), format!("{ping} ")] {
        assert_eq!(setting.post("/services/collector", body).send().await.status, 200);
    }
    assert_eq!(setting.rows("other", 4).await, 4);
    // A sender that heard nothing sends the same again.
    assert_eq!(setting.post("/services/collector", format!("{ping}{ping}")).send().await.status, 200);
    assert_eq!(setting.post("/services/collector", r#"{"event":"last"}"#).send().await.status, 200);
    assert_eq!(setting.rows("other", 5).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledgements_can_be_asked_for_again() {
    let setting = setting().await;
    let send = async |channel: &str, n: usize| {
        let body = json!({"event": record(n)}).to_string();
        let call = setting.server.call("POST", "/services/collector").header("authorization", ACKING).bytes(body);
        call.header("x-splunk-request-channel", channel).send().await
    };
    assert_eq!(send(CHANNEL, 1).await.text(), r#"{"text":"Success","code":0,"ackId":0}"#);
    assert_eq!(send(CHANNEL, 2).await.json()["ackId"], 1);
    let other = "00000000-0000-0000-0000-000000000001";
    assert_eq!(send(other, 3).await.json()["ackId"], 0);
    let ask = async |channel: &str, token: &str| {
        let call = setting.server.call("POST", &format!("/services/collector/ack?channel={channel}"));
        call.header("authorization", token).json(&json!({"acks": [0, 1, 2]})).send().await.json()
    };
    for _ in 0..2 {
        assert_eq!(ask(&CHANNEL.to_lowercase(), ACKING).await, json!({"acks": {"0": true, "1": true, "2": false}}));
    }
    assert_eq!(ask(other, ACKING).await, json!({"acks": {"0": true, "1": false, "2": false}}));
    assert_eq!(setting.rows("cloudtrail", 3).await, 3);
}

fn firehose(setting: &Setting, id: &str, records: &[Vec<u8>]) -> Call {
    let encode = |data: &Vec<u8>| json!({"data": base64::engine::general_purpose::STANDARD.encode(data)});
    let records: Vec<Value> = records.iter().map(encode).collect();
    let body = json!({"requestId": id, "timestamp": 1_772_359_200_000_i64, "records": records});
    let call = setting.server.call("POST", "/firehose").json(&body);
    call.header("x-amz-firehose-protocol-version", "1.0")
        .header("x-amz-firehose-request-id", id)
        .header("x-amz-firehose-source-arn", "arn:aws:firehose:us-east-1:111122223333:deliverystream/trail")
        .header("x-amz-firehose-access-key", KEY)
}

fn subscription(numbers: std::ops::Range<usize>) -> Vec<u8> {
    let events: Vec<Value> = numbers
        .map(|n| json!({"id": n.to_string(), "timestamp": 1_772_359_200_000_i64, "message": record(n).to_string()}))
        .collect();
    let message = json!({"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "g", "logStream": "s",
        "subscriptionFilters": [], "logEvents": events});
    gzip(message.to_string().as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn firehose_delivers() {
    let setting = setting().await;
    let bridge = json!({"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": record(5)});
    let records = vec![
        subscription(0..3),
        Vec::new(),
        record(3).to_string().into_bytes(),
        format!("{}\n{}\n", record(4), bridge).into_bytes(),
        json!({"Records": [record(6)]}).to_string().into_bytes(),
        b"a line of something else\n".to_vec(),
    ];
    for _ in 0..2 {
        let answer = firehose(&setting, "ed4acda5-034f-9f42-bba1-f29aea6d7d8f", &records).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("content-encoding"), "");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        let said = answer.json();
        assert_eq!(said["requestId"], "ed4acda5-034f-9f42-bba1-f29aea6d7d8f");
        assert!(said["timestamp"].as_u64().unwrap() > 1_700_000_000_000);
        assert!(said.get("errorMessage").is_none());
    }
    assert_eq!(setting.rows("cloudtrail", 7).await, 7);
    assert_eq!(setting.rows("other", 1).await, 1);
    let empty = firehose(&setting, "e", &[]).send().await;
    assert_eq!((empty.status, empty.json()["requestId"].as_str()), (200, Some("e")));
    let packed = firehose(&setting, "z", &[record(7).to_string().into_bytes()]);
    let body = gzip(&packed.body);
    assert_eq!(packed.header("content-encoding", "gzip").bytes(body).send().await.status, 200);
    assert_eq!(setting.rows("cloudtrail", 8).await, 8);
    setting.settled().await;
    let status = setting.registry.statuses().into_iter().find(|status| status.name == "stream").unwrap();
    assert_eq!((status.rows_added, status.duplicates, status.errors), (9, 8, 0), "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn firehose_is_told_what_is_wrong_but_never_413() {
    let setting = setting().await;
    let check = async |call: Call, status: u16, part: &str| {
        let answer = call.send().await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let message = answer.json()["errorMessage"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains(part), "{message} / {part}");
        assert_eq!(answer.header("content-type"), "application/json");
    };
    let with = |header: &str, value: &str| {
        let mut call = firehose(&setting, "id", &[b"x".to_vec()]);
        call.headers.retain(|(name, _)| name != header);
        if value.is_empty() { call } else { call.header(header, value) }
    };
    check(with("x-amz-firehose-access-key", ""), 401, "access key").await;
    check(with("x-amz-firehose-access-key", "wrong"), 401, "access key").await;
    check(with("x-amz-firehose-protocol-version", "2.0"), 400, "version").await;
    check(with("x-amz-firehose-request-id", "another"), 400, "ids").await;
    check(with("content-encoding", "br"), 400, "gzip").await;
    check(with("content-encoding", "gzip"), 400, "gzip").await;
    check(firehose(&setting, "id", &[]).bytes("{"), 400, "body").await;
    let bad = json!({"requestId": "id", "timestamp": 1, "records": [{"data": "?"}]}).to_string();
    check(firehose(&setting, "id", &[]).bytes(bad), 400, "base64").await;
    check(firehose(&setting, "id", &vec![b"x".to_vec(); 10_001]), 400, "10000").await;
    let bomb = firehose(&setting, "id", &[]).header("content-encoding", "gzip").bytes(gzip(&vec![b' '; 101 << 20]));
    check(bomb, 400, "100 MiB").await;
    assert_eq!(setting.server.get("/firehose").await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bodies_end_in_an_answer_and_in_quarantine() {
    let setting = setting().await;
    let bomb = gzip(&vec![b' '; 101 << 20]);
    assert!(bomb.len() < 200_000);
    let answer = setting.post("/services/collector", bomb.clone()).header("content-encoding", "gzip").send().await;
    assert_eq!(told(&answer).1, 413);
    let deep = format!(r#"{{"event":{{"a":{}1{}}}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let wide: serde_json::Map<String, Value> = (0..100_000).map(|n| (format!("k{n}"), json!(n))).collect();
    let long = json!({"event": {"message": "x".repeat(1 << 20)}}).to_string();
    for body in [deep, json!({"event": wide}).to_string(), long, r#"{"event":"\ud800 \u0000"}"#.to_owned()] {
        assert_eq!(setting.post("/services/collector", body.as_str()).send().await.status, 200, "{}", &body[..40]);
    }
    let mut latin = br#"{"event":{"message":"caf"#.to_vec();
    latin.extend(b"\xe9\"}}");
    assert_eq!(setting.post("/services/collector", latin).send().await.status, 200);
    // A bomb within Firehose's base64, and one within that.
    let answer =
        firehose(&setting, "bomb", &[bomb.clone(), gzip(&bomb), record(1).to_string().into_bytes()]).send().await;
    assert_eq!(answer.status, 200);
    setting.settled().await;
    assert_eq!(setting.rows("cloudtrail", 1).await, 1);
    assert_eq!(setting.rows("other", 3).await, 3);
    let count = setting.rows("quarantine", 3).await;
    let status = setting.registry.statuses();
    let reasons: Vec<&String> = status.iter().flat_map(|status| status.rejected_by.keys()).collect();
    for reason in ["too-deep", "not-a-log", "too-large"] {
        assert!(reasons.iter().any(|known| *known == reason), "{reason}: {reasons:?}");
    }
    assert!(count >= 3, "{count}");
    quarantine_is_told_by_reason(&setting, count).await;
}

/// The API counts what is in quarantine by reason, whichever reason is asked for, and the metrics what each source rejected.
async fn quarantine_is_told_by_reason(setting: &Setting, count: u64) {
    let bearer = format!("Bearer {}", setting.server.token());
    let get = async |path: &str| setting.server.call("GET", path).header("authorization", &bearer).send().await;
    let all = get("/api/v1/quarantine").await.json();
    let by_reason: std::collections::BTreeMap<String, u64> = serde_json::from_value(all["by_reason"].clone()).unwrap();
    assert_eq!((all["total"].as_u64(), by_reason.values().sum::<u64>()), (Some(count), count), "{by_reason:?}");
    let deep = all["pieces"].as_array().unwrap().iter().find(|piece| piece["reason"] == "too-deep").unwrap();
    assert!(deep["excerpt"].as_str().unwrap().contains("[[[[[["), "{deep}");
    let deep = get("/api/v1/quarantine?reason=too-deep&limit=0").await.json();
    assert_eq!((deep["total"].as_u64(), &deep["by_reason"]), (by_reason.get("too-deep").copied(), &all["by_reason"]));
    let metrics = get("/metrics").await;
    let line = "trailhound_source_rejected_total{source=\"hec\",type=\"hec\",reason=\"too-deep\"} 1";
    assert!(metrics.text().contains(line), "{}", metrics.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_journal_pushes_back_and_recovers() {
    let setting = setting_with(|options| options.journal.most_bytes = 20_000).await;
    let body = json!({"event": "x".repeat(30_000)}).to_string();
    let answer = setting.post("/services/collector", body.as_str()).send().await;
    assert_eq!(told(&answer), (503, 9, "Server is busy".to_owned()));
    assert_eq!(answer.header("retry-after"), "5");
    let answer = firehose(&setting, "id", &[vec![b'x'; 30_000]]).send().await;
    assert_eq!((answer.status, answer.json()["requestId"].as_str()), (503, Some("id")));
    assert_eq!(told(&setting.server.call("GET", "/services/collector/health").send().await).1, 18);
    assert_eq!(setting.post("/services/collector", r#"{"event":"small"}"#).send().await.status, 200);
    setting.inlet.close();
    let answer = setting.post("/services/collector", r#"{"event":"late"}"#).send().await;
    assert_eq!(told(&answer), (503, 23, "Server is shutting down".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_that_fails_costs_time_and_nothing_else() {
    let setting = setting().await;
    let lake = setting.folder.path().join("lake");
    let away = setting.folder.path().join("away");
    assert_eq!(setting.post("/services/collector", json!({"event": record(1)}).to_string()).send().await.status, 200);
    assert_eq!(setting.rows("cloudtrail", 1).await, 1);
    // The lake's folder is gone, and a file is in its place.
    std::fs::rename(&lake, &away).unwrap();
    std::fs::write(&lake, "").unwrap();
    assert_eq!(setting.post("/services/collector", json!({"event": record(2)}).to_string()).send().await.status, 200);
    for _ in 0..200 {
        if setting.registry.statuses()[0].errors > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let status = &setting.registry.statuses()[0];
    assert_eq!(status.state, ingest::sources::State::Failing, "{status:?}");
    std::fs::remove_file(&lake).unwrap();
    std::fs::rename(&away, &lake).unwrap();
    assert_eq!(setting.rows("cloudtrail", 2).await, 2);
    setting.cancel.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_told_by_the_api_and_the_metrics() {
    let setting = setting().await;
    for _ in 0..2 {
        setting.post("/services/collector", json!({"event": record(1)}).to_string()).send().await;
    }
    setting.server.call("POST", "/services/collector").header("authorization", "Splunk x").bytes("{}").send().await;
    assert_eq!(setting.rows("cloudtrail", 1).await, 1);
    let bearer = format!("Bearer {}", setting.server.token());
    let get = async |path: &str| setting.server.call("GET", path).header("authorization", &bearer).send().await;
    let told = get("/api/v1/sources").await.json();
    let hec = &told["sources"][0];
    assert_eq!(
        (hec["name"].as_str(), hec["type"].as_str(), hec["state"].as_str()),
        (Some("hec"), Some("hec"), Some("ok"))
    );
    assert_eq!((hec["rows_added"].as_u64(), hec["rejected_by"]["token"].as_u64()), (Some(1), Some(1)), "{told}");
    let metrics = get("/metrics").await;
    for line in [
        "trailhound_source_rows_total{source=\"hec\",type=\"hec\"} 1",
        "trailhound_source_rejected_total{source=\"hec\",type=\"hec\",reason=\"token\"} 1",
        "trailhound_source_up{source=\"stream\",type=\"firehose\"} 1",
    ] {
        assert!(metrics.text().contains(line), "{line}: {}", metrics.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_thousands_of_days_are_few_files_and_counted() {
    let setting = setting().await;
    let wild = |n: usize, time: String| {
        let mut record = record(n);
        record["eventTime"] = json!(time);
        json!({ "event": record }).to_string()
    };
    let day =
        |n: i64| (chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(n)).format("%Y-%m-%dT01:02:03Z").to_string();
    let days: String = (0..6_000).map(|n| wild(n as usize, day(n))).collect();
    let now = chrono::Utc::now();
    let ends = [
        "9999-12-31T23:59:59Z".to_owned(),
        "0001-01-01T00:00:00Z".to_owned(),
        (now - chrono::TimeDelta::days(400)).to_rfc3339(),
    ];
    let ends: String = ends.into_iter().enumerate().map(|(n, time)| wild(6_000 + n, time)).collect();
    for body in [days, ends, wild(7_000, now.to_rfc3339())] {
        assert_eq!(setting.post("/services/collector", body.as_str()).send().await.status, 200);
        setting.settled().await;
    }
    assert_eq!(setting.rows("cloudtrail", 6_004).await, 6_004);
    // 1970 to 1986, 9999, before 1970, the year of 400 days ago, today.
    let files = setting.lake.snapshot("cloudtrail").await.unwrap().unwrap().files.len();
    assert_eq!(files, 17 + 4);
    let status = setting.registry.statuses().into_iter().find(|status| status.name == "hec").unwrap();
    assert_eq!((status.rows_added, status.future, status.old), (6_004, 1, 6_002));
    assert!(status.last_event.is_some_and(|last| last <= now), "the year 9999 is not the newest event: {status:?}");
    let bearer = format!("Bearer {}", setting.server.token());
    let metrics = setting.server.call("GET", "/metrics").header("authorization", &bearer).send().await;
    for line in [
        "trailhound_source_future_total{source=\"hec\",type=\"hec\"} 1",
        "trailhound_source_old_total{source=\"hec\",type=\"hec\"} 6002",
    ] {
        assert!(metrics.text().contains(line), "{}", metrics.text());
    }
}
