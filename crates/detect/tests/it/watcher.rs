//! Events as they come, by either way: asked before a commit, or found in the lake's log; schedules and replay over what is
//! stored. Each event counts once.

use detect::rule::Excepted;
use detect::store::{Filter, NewException};
use detect::{Period, Search, Severity};
use lake::Commit;
use serde_json::json;

use crate::scene::{DAY, HOUR, SECOND, START, Scene, alerts, by, decoded, event, take_in};

const CREATED: &str = "id: created\ntitle: User created\nseverity: high\nquery: { lang: filter, text: '{ $.eventName = CreateUser }' }\ngroup_by: [actor_name]\n";
const BURST: &str = "id: burst\ntitle: Burst\nquery: { lang: filter, text: '{ $.eventName = CreateUser }' }\nmode: { threshold: { window: 10m, count: 3 } }\ngroup_by: [actor_name]\n";
const NEW: &str = "id: unseen\ntitle: New\nquery: { lang: filter, text: '{ $.eventName = * }' }\nmode: { first_seen: { fields: [actor_name, event_name], learn: 1d } }\ngroup_by: [actor_name]\n";
const COUNTED: &str = "id: counted\ntitle: Counted\nquery: { lang: spl, text: 'eventName=CreateUser | stats count by userName | where count >= 2' }\nmode: { scheduled: { every: 5m, window: 5m } }\n";

#[test]
fn a_failed_commit_repeats_and_loses_nothing() {
    let scene = Scene::new();
    let events = decoded(&[event(1, json!({})), event(2, by("bob"))]);
    let ticket = scene.detections(&[CREATED, BURST]).watch(&events).unwrap();
    assert_eq!((ticket.recorded.opened, ticket.recorded.messages), (2, 2));
    drop(ticket);
    // The process ends here; the same rows come again, and one more.
    let detections = scene.detections(&[CREATED, BURST]);
    let again = detections.watch(&decoded(&[event(1, json!({})), event(2, by("bob")), event(3, by("bob"))])).unwrap();
    assert_eq!((again.recorded.opened, again.recorded.counted, again.recorded.messages), (0, 1, 0));
    detections.landed(again).unwrap();
    assert_eq!(alerts(&detections), ["created alice 1", "created bob 2"]);
    // Two of bob's before and one now: the window spans commits and restarts.
    let detections = scene.detections(&[CREATED, BURST]);
    let third = detections.watch(&decoded(&[event(4, by("bob"))])).unwrap();
    detections.landed(third).unwrap();
    assert_eq!(alerts(&detections), ["burst bob 3", "created alice 1", "created bob 3"]);
}

#[test]
fn what_was_seen_is_remembered_across_restarts() {
    let scene = Scene::new();
    let at = |n: u32, days: u32, name: &str| {
        event(n, json!({"eventName": name, "eventTime": format!("2026-01-{:02}T03:04:05Z", 15 + days)}))
    };
    let watch = |events: &[serde_json::Value]| {
        let detections = scene.detections(&[NEW]);
        let ticket = detections.watch(&decoded(events)).unwrap();
        detections.landed(ticket).unwrap();
        alerts(&detections)
    };
    assert_eq!(watch(&[at(1, 0, "ListUsers"), at(2, 0, "GetUser")]), Vec::<String>::new());
    assert_eq!(watch(&[at(3, 3, "ListUsers")]), Vec::<String>::new());
    assert_eq!(watch(&[at(4, 3, "DeleteTrail")]), ["unseen alice 1"]);
    assert_eq!(watch(&[at(5, 4, "DeleteTrail")]), ["unseen alice 1"]);
}

#[test]
fn what_a_process_knows_is_what_the_state_holds() {
    const NAMES: &str = "id: names\ntitle: N\nquery: { lang: filter, text: '{ $.eventName = * }' }\nmode: { threshold: { window: 3h, count: 5, distinct: event_name } }\ngroup_by: [actor_name]\n";
    const RARE: &str = "id: rarely\ntitle: R\nquery: { lang: filter, text: '{ $.eventName = * }' }\nmode: { rare: { fields: [event_name], of: [actor_name], window: 30d, below: 0.05, least: 20 } }\ngroup_by: [actor_name]\n";
    const PAIR: &str = "id: pair\ntitle: P\nmode:\n  correlation:\n    window: 3h\n    ordered: true\n    by: [actor_name]\n    steps:\n      - { name: one, query: { lang: filter, text: '{ $.eventName = N1 }' } }\n      - { name: two, query: { lang: filter, text: '{ $.eventName = N5 }' } }\n";
    let batches: Vec<Vec<serde_json::Value>> = (0..40_u32)
        .map(|batch| {
            (batch * 5..batch * 5 + 5)
                .map(|n| {
                    // Some come late, by more than a window.
                    let minutes = if n % 11 == 0 { n * 9 - n.min(60) * 8 } else { n * 9 };
                    let time =
                        format!("2026-01-{:02}T{:02}:{:02}:05Z", 15 + minutes / 1440, minutes / 60 % 24, minutes % 60);
                    let mixed = n.wrapping_mul(2_654_435_761) >> 16;
                    let name = if n % 59 == 58 { 99 } else { mixed % 8 };
                    let mut over = by(["alice", "bob", "carol"][(mixed / 8 % 3) as usize]);
                    over["eventTime"] = json!(time);
                    over["eventName"] = json!(format!("N{name}"));
                    event(n, over)
                })
                .collect()
        })
        .collect();
    let found = |processes: usize, restarts: bool| {
        let scene = Scene::new();
        let new = NEW.replace("learn: 1d", "learn: 12h");
        let rules = [BURST, &new, NAMES, RARE, PAIR];
        let open = || (0..processes).map(|_| scene.detections(&rules)).collect::<Vec<_>>();
        let mut watching = open();
        for (at, batch) in batches.iter().enumerate() {
            if restarts {
                watching = open();
            }
            let detections = &watching[at % processes];
            let ticket = detections.watch(&decoded(batch)).unwrap();
            detections.landed(ticket).unwrap();
            if at == 20 {
                // Of a rule that nobody knows: it has to do with no other.
                detections.store().forget_rule("unknown", true).unwrap();
            }
        }
        alerts(&watching[0])
    };
    let expected = found(1, true);
    for rule in ["unseen", "names", "rarely", "pair"] {
        assert!(expected.iter().any(|alert| alert.starts_with(rule)), "{rule}: {expected:?}");
    }
    assert_eq!(found(1, false), expected);
    assert_eq!(found(2, false), expected);
}

#[test]
fn exceptions_hold_until_they_end() {
    let scene = Scene::new();
    let detections = scene.detections(&[CREATED]);
    let mut n = 0;
    let mut watch = |user: &str| {
        n += 1;
        let ticket = detections.watch(&decoded(&[event(n, by(user))])).unwrap();
        let counted = ticket.recorded.counted;
        detections.landed(ticket).unwrap();
        counted
    };
    let except = |is, until| {
        let new = NewException { field: "actor_name".into(), is, reason: "migration".into(), until };
        detections.except("created", &new, "ann").unwrap().id
    };
    assert_eq!(watch("deployer"), 1);
    except(Excepted::Glob("dep*".into()), Some(START + HOUR));
    let value = except(Excepted::Value("carol".into()), None);
    assert_eq!([watch("deployer"), watch("carol"), watch("dave")], [0, 0, 1]);
    scene.pass(2 * HOUR);
    assert_eq!([watch("deployer"), watch("carol")], [1, 0]);
    assert!(detections.unexcept("created", value).unwrap());
    assert_eq!(watch("carol"), 1);
    let wrong =
        NewException { field: "actr_name".into(), is: Excepted::Value("x".into()), reason: "x".into(), until: None };
    let refused = detections.except("created", &wrong, "ann").err().map(|error| error.to_string());
    assert!(refused.is_some_and(|error| error.contains("actr_name")));
}

#[test]
fn changes_count_at_once_in_every_process() {
    let scene = Scene::new();
    let (server, other) = (scene.detections(&[CREATED]), scene.detections(&[CREATED]));
    let found = |n| {
        let ticket = other.watch(&decoded(&[event(n, json!({}))])).unwrap();
        let counted = ticket.recorded.counted;
        other.landed(ticket).unwrap();
        counted
    };
    assert_eq!(found(1), 1);
    server.set("created", Some(false), None, "ann").unwrap();
    assert_eq!(found(2), 0);
    server.set("created", Some(true), Some(Severity::Low), "ann").unwrap();
    assert_eq!(found(3), 1);
    server.put("created", &CREATED.replace("CreateUser", "DeleteUser"), "ann").unwrap();
    assert!(
        server
            .rule("created")
            .is_some_and(|rule| rule.builtin && rule.overridden && rule.rule.severity == Severity::Low)
    );
    assert_eq!(found(4), 0);
    server.remove("created").unwrap();
    assert_eq!(found(5), 1);
    assert!(matches!(server.remove("created"), Err(detect::Error::NotYours(_))));
    assert!(matches!(server.put("created", "id: created\ntitle: x\n", "ann"), Err(detect::Error::Refused(_))));
    assert!(matches!(server.put("other", CREATED, "ann"), Err(detect::Error::Refused(_))));
    assert!(matches!(server.add(CREATED, "ann"), Err(detect::Error::Exists(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_watched_is_found_in_the_log() {
    let scene = Scene::new();
    let (lake, engine) = (scene.lake(), scene.engine());
    take_in(&lake, &[event(1, json!({}))]).await;
    // A lake that is met for the first time: no messages about its past.
    let detections = scene.detections(&[CREATED]);
    let done = detections.follow(&engine, "lake").await.unwrap();
    assert_eq!((done.commits, done.rows, done.opened), (1, 1, 1));
    assert_eq!(detections.store().due("hook", i64::MAX, 9).unwrap().len(), 0);
    // What this state has watched says so and is passed over.
    let rows = decoded(&[event(2, by("bob"))]);
    let ticket = detections.watch(&rows).unwrap();
    let commit = Commit { watched: Some(detections.store().id().to_owned()), ..Commit::default() };
    lake.append("cloudtrail", vec![rows[0].batch.clone()], commit).await.unwrap();
    detections.landed(ticket).unwrap();
    assert_eq!(detections.follow(&engine, "lake").await.unwrap().rows, 0);
    // What others watched with their own rules is not ours, and an event of long ago is as new as any.
    let late = event(3, json!({"eventTime": "2025-01-01T00:00:00Z", "userIdentity": {"type": "Root"}}));
    let rows = decoded(&[late]);
    let commit = Commit { watched: Some("another".into()), ..Commit::default() };
    lake.append("cloudtrail", vec![rows[0].batch.clone()], commit).await.unwrap();
    lake.compact("cloudtrail", lake::CompactOptions::default()).await.unwrap();
    // After a restart, with a process that remembers nothing.
    let detections = scene.detections(&[CREATED]);
    let done = detections.follow(&scene.engine(), "lake").await.unwrap();
    assert_eq!((done.rows, done.findings), (1, 1));
    assert_eq!(detections.store().due("hook", i64::MAX, 9).unwrap().len(), 2);
    assert_eq!(detections.follow(&engine, "lake").await.unwrap().rows, 0);
    assert_eq!(alerts(&detections).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_rules_see_each_event_once_however_late() {
    let scene = Scene::new();
    let (lake, engine) = (scene.lake(), scene.engine());
    take_in(&lake, &[event(1, json!({})), event(2, json!({}))]).await;
    let run = async || {
        scene.pass(301 * SECOND);
        let detections = scene.detections(&[COUNTED]);
        detections.run_due(&engine).await.unwrap();
        alerts(&detections)
    };
    assert_eq!(run().await, Vec::<String>::new(), "a rule begins with what comes after it");
    // One of now and one of last year: both came in since.
    let late = json!({"eventTime": "2025-03-01T00:00:00Z"});
    take_in(&lake, &[event(3, json!({}))]).await;
    take_in(&lake, &[event(4, late.clone())]).await;
    assert_eq!(run().await, ["counted alice 1"]);
    assert_eq!(run().await, ["counted alice 1"], "nothing came in");
    take_in(&lake, &[event(5, late)]).await;
    assert_eq!(run().await, ["counted alice 1"], "what was seen before does not count again");
    lake.compact("cloudtrail", lake::CompactOptions { slice_bytes: 1, ..lake::CompactOptions::default() })
        .await
        .unwrap();
    take_in(&lake, &[event(6, by("bob")), event(7, by("bob"))]).await;
    assert_eq!(run().await, ["counted alice 1", "counted bob 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_rule_that_fails_says_so_and_waits() {
    let scene = Scene::new();
    let (lake, engine) = (scene.lake(), scene.engine());
    take_in(&lake, &[event(1, json!({}))]).await;
    let broken = COUNTED.replace("| where count >= 2", "| lookup nowhere userName OUTPUT team");
    let run = async || {
        let detections = scene.detections(&[&broken]);
        detections.run_due(&engine).await.unwrap();
        let schedule = detections.store().schedules().unwrap().remove("counted").unwrap();
        (detections.schedule_errors().unwrap().len(), schedule.failures, schedule.next_at - detections.store().now())
    };
    assert_eq!(run().await, (0, 0, 300 * SECOND));
    take_in(&lake, &[event(2, json!({}))]).await;
    scene.pass(300 * SECOND);
    assert_eq!(run().await, (1, 1, 600 * SECOND));
    assert_eq!(run().await, (1, 1, 600 * SECOND), "not before it is due");
    scene.pass(600 * SECOND);
    assert_eq!(run().await, (1, 2, 1200 * SECOND));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_finds_what_watching_would_have() {
    let scene = Scene::new();
    let (lake, engine) = (scene.lake(), scene.engine());
    let at = |n: u32, day: u32, user: &str| {
        let mut event = event(n, by(user));
        event["eventTime"] = json!(format!("2026-01-{day:02}T03:{:02}:05Z", n % 60));
        event
    };
    take_in(&lake, &[at(3, 12, "bob"), at(1, 12, "bob"), at(4, 13, "alice")]).await;
    take_in(&lake, &[at(2, 12, "bob"), event(9, json!({"eventName": "ListUsers"}))]).await;
    let detections = scene.detections(&[CREATED, BURST, COUNTED]);
    let replay = async |id: &str, period: Period| {
        let rule = detections.rule(id).unwrap().rule;
        detections.replay(&engine, &rule, period).await.unwrap()
    };
    let all = Period { limit: 10, ..Period::default() };
    let created = replay("created", all).await;
    assert_eq!((created.findings, created.alerts, created.scanned), (4, 2, 5));
    assert_eq!(created.groups[0].group[0].value.as_deref(), Some("bob"));
    assert_eq!(created.timeline.iter().map(|(_, count)| count).collect::<Vec<_>>(), [&3, &1]);
    let day = START / DAY * DAY;
    let period = Period { since: Some(day - 3 * DAY), until: Some(day - 2 * DAY), limit: 10 };
    assert_eq!(replay("created", period).await.findings, 3);
    // The window spans commits, and events come in the order of their time.
    let burst = replay("burst", all).await;
    assert_eq!((burst.findings, burst.alerts), (1, 1));
    let counted = replay("counted", all).await;
    assert_eq!((counted.alerts, counted.groups[0].group[0].value.as_deref()), (1, Some("bob")));
    // Nothing of it is kept.
    assert_eq!(detections.store().alerts(&Filter::default(), 9, None).unwrap().total, 0);
    // Exceptions are counted.
    let new =
        NewException { field: "actor_name".into(), is: Excepted::Value("bob".into()), reason: "x".into(), until: None };
    detections.except("created", &new, "ann").unwrap();
    let created = replay("created", all).await;
    assert_eq!((created.findings, created.excepted), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_search_waits_for_the_next_login_without_mfa() {
    let scene = Scene::new();
    let detections = scene.detections(&[]);
    let search = |text: &str, title: &str| Search {
        lang: "spl".into(),
        text: text.into(),
        title: title.into(),
        severity: Severity::High,
        filters: Vec::new(),
        mode: None,
        group_by: None,
    };
    let saved = "|sourcetype=aws:cloudtrail eventName=ConsoleLogin additionalEventData.MFAUsed=No | stats count by username, additionalEventData.MFAUsed";
    let id = detections.save(&search(saved, "Login without MFA"), "ann").unwrap();
    assert_eq!(id, "login-without-mfa");
    assert_eq!(detections.save(&search(saved, "Login without MFA"), "ann").unwrap(), "login-without-mfa-2");
    detections.remove("login-without-mfa-2").unwrap();
    let login = |n: u32, mfa: &str| {
        event(
            n,
            json!({"eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com", "eventType": "AwsConsoleSignIn",
            "additionalEventData": {"MFAUsed": mfa}, "responseElements": {"ConsoleLogin": "Success"}}),
        )
    };
    let ticket = detections.watch(&decoded(&[login(1, "Yes")])).unwrap();
    assert_eq!(ticket.recorded.opened, 0);
    detections.landed(ticket).unwrap();
    let ticket = detections.watch(&decoded(&[login(2, "No")])).unwrap();
    assert_eq!(ticket.recorded.opened, 1);
    detections.landed(ticket).unwrap();
    assert_eq!(alerts(&detections), ["login-without-mfa alice/No 1"]);
}
