//! Scans: what they find in which order, and that their reports show hostile logs for what they are.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::DateTime;
use detect::rule::{File, load};
use detect::scan::{Logs, Report, Scanner, Unread, html};
use detect::sinks::Language;
use detect::{Attack, Detector, Severity};
use engine::matching::Matching;
use enrich::Enricher;
use event::{Batcher, Decoded, Limits};
use serde_json::{Value, json};

use crate::sinks::HOSTILE;

const STOPPED: &str = r#"
id: trail-stopped
title: { en: "CloudTrail stopped", ja: "CloudTrail の記録が止められた" }
description: { en: "Somebody <stopped> it.", ja: "誰かが止めた。" }
advice: { en: "Start it again.", ja: "再開する。" }
severity: high
attack: [TA0005, T1562.008]
logs: [cloudtrail]
query: { lang: filter, text: '{ $.eventName = "StopLogging" }' }
references: ["https://example.com/?a=1&b=2", "javascript:alert(1)"]
"#;

const BURST: &str = r#"
id: burst
title: { en: "Three at once", ja: "短時間に 3 回" }
description: { en: "x", ja: "x" }
severity: low
logs: [cloudtrail]
query: { lang: filter, text: '{ $.eventName = "ListBuckets" }' }
mode: { threshold: { window: 10m, count: 3 } }
"#;

const NEW: &str = r#"
id: new-call
title: { en: "A new call", ja: "初めての呼び出し" }
description: { en: "x", ja: "x" }
severity: medium
logs: [cloudtrail]
query: { lang: filter, text: '{ $.eventName = "*" }' }
mode: { first_seen: { fields: [actor_name, event_name], learn: 2d } }
"#;

/// One call of a user at a minute of a day.
fn call(id: &str, name: &str, user: &str, day: u32, minute: u32) -> Value {
    json!({
        "eventVersion": "1.08", "eventID": id, "eventName": name, "eventSource": "cloudtrail.amazonaws.com",
        "eventTime": format!("2026-01-{day:02}T{:02}:{:02}:00Z", minute / 60, minute % 60), "awsRegion": "eu-west-1",
        "eventType": "AwsApiCall", "recipientAccountId": "111122223333", "sourceIPAddress": "203.0.113.10", "userAgent": "aws-cli",
        "userIdentity": {"type": "IAMUser", "userName": user, "accountId": "111122223333",
            "arn": format!("arn:aws:iam::111122223333:user/{user}"), "principalId": "AIDAEXAMPLE"},
    })
}

fn rows(records: &[Value]) -> Vec<Decoded> {
    let mut batcher = Batcher::new(Limits::default());
    batcher.push_object(json!({"Records": records}).to_string().as_bytes(), "test", 0).unwrap();
    let enricher = Enricher::new(None);
    let mut all = Vec::new();
    while let Some(Decoded { log_type, batch }) = batcher.take_batch().unwrap() {
        all.push(Decoded { log_type, batch: enricher.enrich_as(log_type, batch).unwrap() });
    }
    all
}

fn attack() -> Attack {
    Attack::parse(assets::attack())
}

/// The report of a scan of files, after it has learnt from others.
fn scan(rules: &[&str], baseline: &[Value], files: &[&[Value]]) -> Report {
    let file = |text: &&str| {
        let id = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap();
        File { name: format!("{id}.yml"), text: (*text).to_owned(), builtin: false }
    };
    let loaded = load(&rules.iter().map(file).collect::<Vec<_>>(), &attack());
    let rules: Vec<Arc<_>> = loaded.rules.iter().map(|entry| Arc::new(entry.rule.clone())).collect();
    assert!(!rules.is_empty(), "{:?}", loaded.problems);
    let (detector, broken) = Detector::new(&rules, &HashMap::new(), &Matching::new(None, 0)).unwrap();
    assert_eq!(broken, []);
    let mut scanner = Scanner::new(detector, 0);
    scanner.learn(true).unwrap();
    rows(baseline).into_iter().for_each(|rows| scanner.take(rows).unwrap());
    scanner.learn(false).unwrap();
    files.iter().flat_map(|file| rows(file)).for_each(|rows| scanner.take(rows).unwrap());
    let unread = vec![Unread { origin: HOSTILE.to_owned(), message: HOSTILE.to_owned() }];
    let logs = Logs { paths: vec![HOSTILE.to_owned()], objects: 1, unread, ..Logs::default() };
    let left_out = BTreeMap::from([("off".to_owned(), "it is off".to_owned())]);
    scanner.finish().unwrap().report(logs, left_out, &attack(), DateTime::UNIX_EPOCH)
}

#[test]
fn findings_become_alerts_actors_and_addresses() {
    let files = [
        [call("1", "StopLogging", "alice", 15, 10), call("2", "ListBuckets", "alice", 15, 5)],
        [call("3", "StopLogging", "bob", 15, 1), call("4", "StopLogging", "alice", 15, 12)],
    ];
    let report = scan(&[STOPPED], &[], &[&files[0], &files[1], &files[0]]);
    // The first file was read twice.
    assert_eq!((report.findings, report.logs.events, report.alerts.len()), (3, 4, 2));
    assert_eq!(report.by_severity["high"], 2);
    let alerts: Vec<(&str, u64, &str)> =
        report.alerts.iter().map(|a| (a.actors[0].as_str(), a.findings, a.first.as_str())).collect();
    assert_eq!(alerts, [("bob", 1, "2026-01-15T00:01:00Z"), ("alice", 2, "2026-01-15T00:10:00Z")]);
    let actor = &report.actors[0];
    assert_eq!((actor.name.as_str(), actor.severity, actor.findings, actor.events), ("alice", Severity::High, 2, 3));
    assert_eq!(actor.chains[0].last().unwrap().name, "arn:aws:iam::111122223333:user/alice");
    assert_eq!((report.addresses[0].address.as_str(), report.addresses[0].findings), ("203.0.113.10", 3));
    assert_eq!(report.addresses[0].actors, ["alice", "bob"]);
    assert_eq!(report.logs.first.as_deref(), Some("2026-01-15T00:01:00Z"));
    assert_eq!((report.attack.len(), report.attack[0].findings), (1, 3));
    assert_eq!(report.timeline.iter().map(|slice| slice.findings["high"]).sum::<u64>(), 3);
}

#[test]
fn files_side_by_side_are_one_time() {
    // Three calls within ten minutes, each in a file of its own, the latest first.
    let files = [
        call("c", "ListBuckets", "alice", 15, 8),
        call("a", "ListBuckets", "alice", 15, 0),
        call("b", "ListBuckets", "alice", 15, 4),
    ];
    let report = scan(&[BURST], &[], &files.each_ref().map(std::slice::from_ref));
    assert_eq!((report.findings, report.alerts[0].evidence.len()), (1, 3));
    assert_eq!(report.alerts[0].evidence[2].event_id, "c");
}

#[test]
fn what_is_new_is_found_after_a_baseline_and_not_without_one() {
    let usual: Vec<Value> = (1..10).map(|day| call(&format!("u{day}"), "ListBuckets", "alice", day, 0)).collect();
    let logs = [call("1", "ListBuckets", "alice", 15, 0), call("2", "DeleteTrail", "alice", 15, 1)];
    assert_eq!(scan(&[NEW], &[], &[&logs]).findings, 0);
    let report = scan(&[NEW], &usual, &[&logs]);
    assert_eq!(report.findings, 1);
    assert_eq!(report.alerts[0].evidence[0].event_name.as_deref(), Some("DeleteTrail"));
    // What was learnt from is not what was scanned.
    assert_eq!(report.logs.events, 2);
}

#[test]
fn the_page_shows_hostile_logs_for_what_they_are() {
    let mut record = call("1", "StopLogging", HOSTILE, 15, 10);
    record["sourceIPAddress"] = HOSTILE.into();
    record["userAgent"] = HOSTILE.into();
    record["awsRegion"] = HOSTILE.into();
    record["errorCode"] = HOSTILE.into();
    record["eventID"] = HOSTILE.into();
    let report = scan(&[STOPPED], &[], &[&[record]]);
    assert_eq!(report.alerts.len(), 1);
    for (language, says) in [(Language::En, "What to do first"), (Language::Ja, "最初にすること")] {
        let page = html::page(&report, language);
        assert!(page.contains(says) && page.contains("default-src 'none'"), "{language:?}");
        let body = page.split_once("</head>").unwrap().1;
        for bad in ["<script", "javascript:", "\u{1b}", "\u{202E}", " style=", " onload", "<img", "<link"] {
            assert!(!body.contains(bad), "{bad} in the page");
        }
        assert!(body.contains("&lt;script&gt;alert(1)&lt;/script&gt;  Bcc: evil@example.com"));
        assert!(body.contains("Somebody &lt;stopped&gt; it.") == (language == Language::En));
        assert!(body.contains("href=\"https://example.com/?a=1&amp;b=2\""));
    }
    let parsed: Value = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(parsed["alerts"][0]["evidence"][0]["source_address"], HOSTILE);
}

#[test]
fn nothing_found_is_said_with_what_was_looked_at() {
    let report = scan(&[STOPPED], &[], &[&[call("1", "ListBuckets", "alice", 15, 10)]]);
    let page = html::page(&report, Language::En);
    assert!(page.contains("not proof") && page.contains("it is off"), "{page}");
}
