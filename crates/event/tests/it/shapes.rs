//! Envelopes and wrappers.

use super::{column, decode, record};
use event::{Foreign, ObjectError, Reason};

/// Decodes `text`; the ids of the records and the reasons of what was rejected.
fn check(text: &str, ids: &[&str], rejected: &[Reason]) {
    let (batch, outcome) = decode(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(column(&batch, "event_id"), ids, "{text}");
    let reasons: Vec<_> = outcome.rejected.iter().map(|piece| piece.reason).collect();
    assert_eq!(reasons, rejected, "{text}");
}

fn check_not(text: &str, expected: Foreign) {
    match decode(text.as_bytes()) {
        Err(ObjectError::NotALog(kind)) => assert_eq!(kind, expected, "{text}"),
        other => panic!("{other:?}: {text}"),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

#[test]
fn plain_shapes() {
    let (a, b) = (record("a"), record("b"));
    check(&format!(r#"{{"Records":[{a},{b}]}}"#), &["a", "b"], &[]);
    check(&format!(r#" {{ "x" : 1, "Records" : [ {a} , {b} ] , "y" : {{}} }} "#), &["a", "b"], &[]);
    check(&format!("[{a},{b}]"), &["a", "b"], &[]);
    check(&format!("{a}\n{b}\n"), &["a", "b"], &[]);
    check(&format!("{a}\r\n\r\n{b}"), &["a", "b"], &[]);
    check(&format!("{a}{b}"), &["a", "b"], &[]);
    check(&format!("{a},\n{b},\n"), &["a", "b"], &[]);
    check(&a, &["a"], &[]);
    check(&format!("\u{feff}{a}"), &["a"], &[]);
    check(&a.replace(',', ",\n  ").replace('{', "{\n  ").repeat(2), &["a", "a"], &[]);
    check(&format!("{{\"Records\":[{a}]}}\n{{\"Records\":[{b}]}}"), &["a", "b"], &[]);
}

#[test]
fn nothing_is_nothing() {
    for text in
        ["", " \n", "[]", r#"{"Records":[]}"#, r#"{"Events":[]}"#, r#"{"messageType":"DATA_MESSAGE","logEvents":[]}"#]
    {
        check(text, &[], &[]);
    }
}

#[test]
fn envelopes() {
    let (a, b) = (record("a"), record("b"));
    let bridge = format!(
        r#"{{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","time":"2023-07-10T11:45:00Z","detail":{a}}}"#
    );
    check(&bridge, &["a"], &[]);
    check(&format!("{bridge}{bridge}"), &["a", "a"], &[]);
    let logs = format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{{"id":"1","timestamp":1,"message":{}}},{{"id":"2","timestamp":2,"message":{}}}]}}"#,
        quoted(&a),
        quoted(&b)
    );
    check(&logs, &["a", "b"], &[]);
    check(&format!("{logs}{logs}"), &["a", "b", "a", "b"], &[]);
    let probe = r#"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}"#;
    check(probe, &[], &[]);
    check(&format!("{probe}{logs}"), &["a", "b"], &[]);
    let data = base64(logs.as_bytes());
    check(&format!(r#"{{"requestId":"r","timestamp":1,"records":[{{"data":"{data}"}}]}}"#), &["a", "b"], &[]);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, logs.as_bytes()).expect("to memory");
    let data = base64(&encoder.finish().expect("to memory"));
    check(&format!(r#"{{"Records":[{{"kinesis":{{"partitionKey":"p","data":"{data}"}}}}]}}"#), &["a", "b"], &[]);
}

#[test]
fn event_history() {
    let (a, b) = (record("a"), record("b"));
    let event = |text: &str| {
        format!(
            r#"{{"EventId":"x","EventName":"GetObject","EventTime":1.6e9,"Username":"u","Resources":[],"CloudTrailEvent":{}}}"#,
            quoted(text)
        )
    };
    check(&format!(r#"{{"Events":[{},{}],"NextToken":"t"}}"#, event(&a), event(&b)), &["a", "b"], &[]);
    check(&format!("{}\n{}", event(&a), event(&b)), &["a", "b"], &[]);
    check(&format!(r#"{{"Records":[{},{}]}}"#, quoted(&a), quoted(&b)), &["a", "b"], &[]);
    check(&format!("[{},{}]", quoted(&a), quoted(&b)), &["a", "b"], &[]);
}

#[test]
fn shippers_wrappers() {
    let a = record("a");
    let q = quoted(&a);
    for text in [
        format!(r#"{{"_raw":{q},"_time":1,"cribl_breaker":"x"}}"#),
        format!(r#"{{"preview":false,"result":{{"_raw":{q},"host":"h"}}}}"#),
        format!(r#"{{"@timestamp":"2023-07-10T11:45:00Z","message":{q},"host":{{"name":"h"}}}}"#),
        format!(r#"{{"time":1,"sourcetype":"aws:cloudtrail","event":{a}}}"#),
        format!(r#"{{"time":1,"sourcetype":"aws:cloudtrail","event":{q}}}"#),
        format!(r#"{{"@timestamp":"2023-07-10T11:45:00Z","event":{{"action":"x","original":{q}}},"cloud":{{}}}}"#),
        format!(r#"{{"hits":{{"total":1,"hits":[{{"_id":"1","_source":{a}}}]}}}}"#),
        format!(r#"{{"@timestamp":"x","event":{{"name":"cloud_trail"}},"aws":{{"cloudtrail":{a}}}}}"#),
        format!(r#"{{"Type":"Notification","Message":{}}}"#, quoted(&format!(r#"{{"detail":{a}}}"#))),
        format!(r#"{{"log":{q},"stream":"stdout"}}"#),
        format!(r#"{{"eventJson":{q},"eventdatastore":"x"}}"#),
        format!(r#"{{"eventVersion":"1.0","eventData":{a}}}"#),
    ] {
        check(&text, &["a"], &[]);
        check(&format!("[{text}]"), &["a"], &[]);
    }
}

#[test]
fn raw_is_the_record_and_nothing_around_it() {
    let spaced = record("a").replace(',', " ,\n\t");
    for text in [
        format!(r#"{{"Records":[ {spaced} ]}}"#),
        format!(r#"{{"detail": {spaced} }}"#),
        format!(r#"{{"logEvents":[{{"message":{}}}]}}"#, quoted(&format!(" {spaced}\n"))),
    ] {
        let (batch, _) = decode(text.as_bytes()).expect("decodes");
        assert_eq!(column(&batch, "raw"), [spaced.as_str()]);
    }
}

#[test]
fn other_json_is_told_apart() {
    check_not(
        r#"{"awsAccountId":"1","digestStartTime":"x","digestS3Object":"y","digestPublicKeyFingerprint":"z","logFiles":[]}"#,
        Foreign::Digest,
    );
    check_not(
        r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"2023-07-10T11:45:00Z","eventName":"ObjectCreated:Put","s3":{}}]}"#,
        Foreign::Notification,
    );
    check_not(
        r#"{"version":"0","detail-type":"GuardDuty Finding","source":"aws.guardduty","detail":{"severity":8}}"#,
        Foreign::OtherJson,
    );
    check_not(
        r#"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":"START RequestId: x"}]}"#,
        Foreign::OtherJson,
    );
    check_not("{}", Foreign::OtherJson);
    check_not("[1,2,\"x\"]", Foreign::OtherJson);
    check_not("version of something\n2 1 eni", Foreign::OtherText);
    check_not("\u{1f}\0PAR1", Foreign::Binary);
}

#[test]
fn the_good_go_in_and_the_bad_are_kept() {
    let (a, b) = (record("a"), record("b"));
    use Reason::*;
    check(&format!("[{a},{{\"x\":1}},{b}]"), &["a", "b"], &[NotALog]);
    check(&format!("[{a},{{\"x\":tru}},{b}]"), &["a", "b"], &[Malformed]);
    check(&format!("{a}\n{{\"x\":\n{b}\n"), &["a", "b"], &[Malformed]);
    check(&format!("{a}\n{{\"x\":\"open\n{b}\n"), &["a", "b"], &[Malformed]);
    check(&format!("{a}\n{b}\n{{\"eventVersion\":\"1.0"), &["a", "b"], &[Malformed]);
    check(&format!(r#"{{"Records":[{a},{b}"#), &["a", "b"], &[Malformed]);
    check(&format!(r#"{{"Records":[{a},{{"eventName":"x"#), &["a"], &[Malformed]);
    check(&format!(r#"{{"Records":[{a} {b},,]}}"#), &["a", "b"], &[]);
    check(&format!("{a} garbage"), &["a"], &[Malformed]);
    check(&format!("{a}\n]}}\n{b}"), &["a", "b"], &[Malformed]);
    check(&format!("[{a}}}}},{b}}}]"), &["a", "b"], &[Malformed, Malformed]);
    check(&format!("[{a},null,7]"), &["a"], &[NotALog, NotALog]);
}

#[test]
fn rejected_pieces_say_where_and_what() {
    let text = format!("[{},{{\"x\":tru}},{}]", record("a"), record("b"));
    let (batch, outcome) = decode(text.as_bytes()).expect("decodes");
    let piece = &outcome.rejected[0];
    assert_eq!((piece.position, &piece.bytes[..], piece.size), (1, &br#"{"x":tru}"#[..], 9));
    assert_eq!(piece.offset as usize, text.find("{\"x\"").expect("there"));
    assert_eq!(piece.reason.code(), "malformed");
    assert_eq!(column(&batch, "origin_position"), ["0", "2"]);
}
