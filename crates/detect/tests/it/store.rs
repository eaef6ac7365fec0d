//! The life of alerts: opened once, joined, cooled down, closed, and the same after every restart.

use std::sync::Arc;

use detect::rule::{Excepted, Rule};
use detect::store::{AlertStatus, Change, Filter, NewException, Order, Store, StoreError, Telling, Verdict};
use detect::{Evidence, Finding, GroupValue, Severity};

use crate::scene::{DAY, HOUR, SECOND, START, Scene};

fn rule() -> Rule {
    let text = "id: r\ntitle: { en: T, ja: 題 }\nseverity: high\nattack: []\nquery: { lang: filter, text: '{ $.eventName = a }' }\n";
    detect::rule::read(text, &detect::Attack::default()).0.unwrap()
}

fn finding(n: i64, key: &str) -> Finding {
    let event = Evidence {
        event_id: format!("event-{n}"),
        log_type: "cloudtrail".into(),
        event_time: START + n * SECOND,
        actor: Some(key.into()),
        ..Evidence::default()
    };
    let group = vec![GroupValue { field: "actor_name".into(), value: Some(key.into()) }];
    Finding { rule: "r".into(), evidence: vec![event.clone()], event, group, continues: false }
}

fn record(store: &Store, findings: &[Finding]) -> detect::store::Recorded {
    let rule = rule();
    store.change(|change| store.record(change, findings, |id| (id == "r").then_some(&rule), Telling::Sinks)).unwrap()
}

fn open(store: &Store) -> Vec<(i64, u64)> {
    let filter = Filter { status: vec![AlertStatus::Open], ..Filter::default() };
    let page = store.alerts(&filter, 500, None).unwrap();
    page.alerts.iter().map(|alert| (alert.id, alert.events)).collect()
}

#[test]
fn a_life() {
    let scene = Scene::new();
    let store = scene.store();
    record(&store, &[finding(1, "alice"), finding(2, "alice"), finding(3, "bob")]);
    let all = store.alerts(&Filter::default(), 10, None).unwrap();
    assert_eq!(all.total, 2);
    let alice = all.alerts.iter().find(|alert| alert.actor.as_deref() == Some("alice")).unwrap();
    assert_eq!((alice.events, alice.first_seen, alice.last_seen), (2, START + SECOND, START + 2 * SECOND));
    let id = alice.id;
    let change = |status, verdict, owner: Option<&str>| Change { status, verdict, owner: owner.map(str::to_owned) };
    assert_eq!(
        store.change_alerts(&[id], "ann", &change(Some(AlertStatus::Acknowledged), None, Some("ann"))).unwrap(),
        1
    );
    // Findings join it all the same.
    record(&store, &[finding(4, "alice")]);
    assert_eq!(store.alert(id).unwrap().unwrap().events, 3);
    store.add_note(id, "ann", " asked alice ").unwrap();
    let closed = change(Some(AlertStatus::Closed), Some(Verdict::Benign), None);
    store.change_alerts(&[id], "ann", &closed).unwrap();
    assert_eq!(store.change_alerts(&[id], "ann", &closed).unwrap(), 0, "nothing is different");
    record(&store, &[finding(5, "alice")]);
    assert_eq!(store.alert(id).unwrap().unwrap().events, 3, "a closed alert takes nothing in");
    let again = change(Some(AlertStatus::Open), None, None);
    assert!(matches!(store.change_alerts(&[id], "ann", &again), Err(StoreError::Rival { .. })));
    let history: Vec<String> = store.history(id).unwrap().into_iter().map(|entry| entry.change).collect();
    let expected = [
        "status: open -> acknowledged",
        "owner: none -> ann",
        "status: acknowledged -> closed",
        "verdict: none -> benign",
    ];
    assert_eq!(history, expected);
    assert_eq!(store.notes(id).unwrap()[0].text, "asked alice");
    // All or none.
    assert!(matches!(
        store.change_alerts(&[id, 99], "ann", &change(None, None, Some("bob"))),
        Err(StoreError::NoAlert(_))
    ));
    assert_eq!(store.alert(id).unwrap().unwrap().owner.as_deref(), Some("ann"));
    for bad in ["", "  ", &"x".repeat(10_001)] {
        assert!(matches!(store.add_note(id, "ann", bad), Err(StoreError::Invalid(_))));
    }
}

#[test]
fn an_event_counts_once_whatever_restarts() {
    let scene = Scene::new();
    let first = record(&scene.store(), &[finding(1, "alice"), finding(1, "alice"), finding(2, "bob")]);
    assert_eq!((first.opened, first.counted, first.known, first.messages), (2, 2, 1, 2));
    let store = scene.store();
    let again = record(&store, &[finding(1, "alice"), finding(2, "bob"), finding(3, "bob")]);
    assert_eq!((again.opened, again.counted, again.known, again.messages), (0, 1, 2, 0));
    assert_eq!(open(&store).iter().map(|(_, events)| events).sum::<u64>(), 3);
    // Also after it was closed.
    let ids: Vec<i64> = open(&store).iter().map(|(id, _)| *id).collect();
    store.change_alerts(&ids, "x", &Change { status: Some(AlertStatus::Closed), ..Change::default() }).unwrap();
    record(&store, &[finding(1, "alice"), finding(3, "bob")]);
    assert_eq!(open(&store), []);
}

#[test]
fn messages_cool_down() {
    let scene = Scene::new();
    let store = scene.store();
    let mut n = 0;
    let mut next = |pass| {
        scene.pass(pass);
        n += 1;
        record(&store, &[finding(n, "alice")]).messages
    };
    assert_eq!([next(0), next(HOUR / 2), next(HOUR / 2), next(SECOND), next(HOUR)], [1, 0, 1, 0, 1]);
    let mut told = Vec::new();
    while let Some(message) = store.due("hook", i64::MAX, 10).unwrap().pop() {
        told.push(format!("{}: {}", message.occasion, message.notice));
        store.delivered(message.id).unwrap();
    }
    assert_eq!(told, ["opened: r 1 of 1", "more: r 3 of 3", "more: r 5 of 5"], "in their order, as it was then");
    // Somebody looks at it: no more.
    let id = open(&store)[0].0;
    store.change_alerts(&[id], "x", &Change { status: Some(AlertStatus::Acknowledged), ..Change::default() }).unwrap();
    assert_eq!(next(3 * HOUR), 0);
}

#[test]
fn messages_are_delivered_put_off_or_given_up() {
    let scene = Scene::new();
    let store = scene.store();
    record(&store, &[finding(1, "a"), finding(2, "b"), finding(3, "c")]);
    let due = store.due("hook", store.now(), 10).unwrap();
    assert_eq!(due.len(), 3);
    assert_eq!(due[0].notice, "r 1 of 1");
    store.delivered(due[0].id).unwrap();
    store.failed(due[1].id, "refused", Some(store.now() + HOUR)).unwrap();
    store.failed(due[2].id, "gone", None).unwrap();
    assert_eq!(store.due("hook", store.now(), 10).unwrap(), []);
    let health = store.sink_health("hook").unwrap();
    assert_eq!((health.pending, health.dead, health.last_success), (1, 1, Some(store.now())));
    assert_eq!(store.next_due().unwrap(), Some(store.now() + HOUR));
    assert_eq!(store.dead("hook", 10).unwrap()[0].error.as_deref(), Some("gone"));
    assert_eq!(store.retry_dead("hook", None).unwrap(), 1);
    scene.pass(2 * HOUR);
    assert_eq!(scene.store().due("hook", store.now(), 10).unwrap().len(), 2, "a restart forgets none");
}

#[test]
fn ten_thousand_groups_are_ten_thousand_alerts_once_each() {
    let scene = Scene::new();
    let store = scene.store();
    let findings: Vec<Finding> = (0..10_000).map(|n| finding(n, &format!("user-{n}"))).collect();
    for (turn, part) in findings.chunks(3_000).chain(findings.chunks(7_000)).enumerate() {
        let recorded = record(&store, part);
        let wanted = if turn < 4 { part.len() as u64 } else { 0 };
        assert_eq!((recorded.opened, recorded.messages), (wanted, wanted));
    }
    let mut seen = std::collections::HashSet::new();
    let mut after = None;
    loop {
        let page = store.alerts(&Filter::default(), 500, after.as_deref()).unwrap();
        assert_eq!(page.total, 10_000);
        assert!(page.alerts.iter().all(|alert| alert.events == 1 && seen.insert(format!("{:?}", alert.group))));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 10_000);
}

#[test]
fn evidence_is_the_newest_and_counts_are_whole() {
    let scene = Scene::new();
    let store = scene.store();
    for part in (0..1_000).collect::<Vec<i64>>().chunks(300) {
        record(&store, &part.iter().map(|n| finding(*n, "alice")).collect::<Vec<_>>());
    }
    let (id, events) = open(&store)[0];
    let evidence = store.evidence(id, 1_000).unwrap();
    assert_eq!((events, evidence.len(), evidence[0].event_id.as_str()), (1_000, 200, "event-999"));
    assert_eq!(store.hours(id).unwrap().iter().map(|(_, events)| events).sum::<u64>(), 1_000);
    assert_eq!(store.activity().unwrap()["r"].hits, 1_000);
}

#[test]
fn findings_of_several_events_count_each_once() {
    let scene = Scene::new();
    let store = scene.store();
    let several = |raises: i64, events: std::ops::RangeInclusive<i64>| {
        let evidence = events.map(|n| finding(n, "alice").event).collect();
        Finding { evidence, ..finding(raises, "alice") }
    };
    record(&store, &[several(5, 1..=5)]);
    record(&store, &[several(8, 4..=8)]);
    let (id, events) = open(&store)[0];
    assert_eq!((events, store.evidence(id, 99).unwrap().len()), (8, 8));
}

#[test]
fn writers_at_the_same_time_lose_and_double_nothing() {
    let scene = Arc::new(Scene::new());
    drop(scene.store());
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let scene = Arc::clone(&scene);
            std::thread::spawn(move || {
                // A connection of its own, as another process has.
                let store = scene.store();
                for n in 0..50 {
                    // Every event comes from two writers.
                    let n = (writer % 2) * 50 + n;
                    record(&store, &[finding(n, &format!("user-{}", n % 5))]);
                }
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let events: Vec<u64> = open(&scene.store()).iter().map(|(_, events)| *events).collect();
    assert_eq!(events, [20; 5]);
    assert_eq!(scene.store().due("hook", i64::MAX, 100).unwrap().len(), 5);
}

#[test]
fn lists_are_filtered() {
    let scene = Scene::new();
    let store = scene.store();
    record(&store, &[finding(1, "alice"), finding(7200, "bob")]);
    let check =
        |filter: Filter, wanted: u64| assert_eq!(store.alerts(&filter, 10, None).unwrap().total, wanted, "{filter:?}");
    let some = |text: &str| Some(text.to_owned());
    check(Filter::default(), 2);
    check(Filter { text: some("ALI"), ..Filter::default() }, 1);
    check(Filter { text: some("t alice"), ..Filter::default() }, 1);
    check(Filter { text: some("100%_'"), ..Filter::default() }, 0);
    check(Filter { actor: some("bob"), ..Filter::default() }, 1);
    check(Filter { since: Some(START + HOUR), ..Filter::default() }, 1);
    check(Filter { until: Some(START + HOUR), ..Filter::default() }, 1);
    check(Filter { rules: vec!["other".into()], ..Filter::default() }, 0);
    check(Filter { severity: vec![detect::Severity::High], ..Filter::default() }, 2);
    check(Filter { owner: Some(None), ..Filter::default() }, 2);
    assert!(matches!(store.alerts(&Filter::default(), 10, Some("x")), Err(StoreError::Invalid(_))));
}

#[test]
fn lists_are_in_the_order_asked_for_on_every_page() {
    let scene = Scene::new();
    let store = scene.store();
    let low = Rule { severity: Severity::Low, ..rule() };
    let critical = Rule { severity: Severity::Critical, ..rule() };
    let record = |rule: &Rule, findings: &[Finding]| {
        store.change(|change| store.record(change, findings, |_| Some(rule), Telling::Sinks)).unwrap();
    };
    record(&low, &[finding(9, "alice"), finding(5, "carol")]);
    record(&critical, &[finding(3, "bob"), finding(4, "bob"), finding(6, "dave")]);
    let who = |order: Order| {
        let filter = Filter { order, ..Filter::default() };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.alerts(&filter, 1, after.as_deref()).unwrap();
            found.extend(page.alerts.into_iter().filter_map(|alert| alert.actor));
            after = page.next;
            if after.is_none() {
                break found;
            }
        }
    };
    assert_eq!(who(Order::LastSeen), ["alice", "dave", "carol", "bob"]);
    assert_eq!(who(Order::Severity), ["dave", "bob", "alice", "carol"]);
    assert_eq!(who(Order::Events), ["bob", "alice", "dave", "carol"]);
    assert_eq!(who(Order::Updated).len(), 4);
    let filter = Filter { order: Order::Severity, ..Filter::default() };
    assert!(matches!(store.alerts(&filter, 1, Some("5.1")), Err(StoreError::Invalid(_))), "of another order");
}

#[test]
fn exceptions_are_checked() {
    let scene = Scene::new();
    let store = scene.store();
    let new = |is, until| NewException { field: "actor_name".into(), is, reason: "known".into(), until };
    for (is, until, good) in [
        (Excepted::Value("alice".into()), Some(START + DAY), true),
        (Excepted::Value("alice".into()), Some(START), false),
        (Excepted::Cidr("10.0.0.0/8".into()), None, true),
        (Excepted::Cidr("10.0.0.0".into()), None, false),
        (Excepted::Glob("arn:*:deployer".into()), None, true),
        (Excepted::Glob("**".into()), None, false),
        (Excepted::Value(" ".into()), None, false),
    ] {
        assert_eq!(store.add_exception("r", "ann", &new(is.clone(), until)).is_ok(), good, "{is:?}");
    }
    let kept = store.exceptions("r").unwrap();
    assert_eq!((kept.len(), kept[0].created_by.as_str()), (3, "ann"));
    assert!(store.remove_exception("r", kept[0].id).unwrap() && !store.remove_exception("other", kept[1].id).unwrap());
}

#[test]
fn what_is_past_keeping_goes() {
    let scene = Scene::new();
    let store = scene.store();
    record(&store, &[finding(1, "old")]);
    scene.pass(399 * DAY);
    record(&store, &[finding(2, "new")]);
    store.forget().unwrap();
    assert_eq!(open(&store).len(), 2);
    scene.pass(2 * DAY);
    assert_eq!(store.forget().unwrap().alerts, 1);
    assert_eq!(open(&store).len(), 1);
    assert_eq!(store.due("hook", i64::MAX, 10).unwrap().len(), 1, "the old alert's message went with it");
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    record(&scene.store(), &[finding(1, "alice")]);
    for entry in std::fs::read_dir(scene.folder.path()).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn what_goes_on_is_counted_as_events_and_not_as_findings() {
    let scene = Scene::new();
    let store = scene.store();
    let more = |n| Finding { continues: true, ..finding(n, "alice") };
    let first = record(&store, &[finding(1, "alice"), more(2), more(3)]);
    assert_eq!((first.opened, first.counted), (1, 1));
    let again = record(&store, &[more(3), more(4)]);
    assert_eq!((again.opened, again.counted, again.known), (0, 0, 1));
    assert_eq!(open(&store).iter().map(|(_, events)| *events).collect::<Vec<_>>(), [4]);
}

#[test]
fn counts_are_of_all_that_match() {
    let scene = Scene::new();
    let store = scene.store();
    let day = DAY / SECOND;
    record(&store, &[finding(1, "alice"), finding(2, "bob"), finding(2 * day, "carol"), finding(40 * day, "dan")]);
    let bob = store.alerts(&Filter { actor: Some("bob".into()), ..Filter::default() }, 1, None).unwrap().alerts[0].id;
    store.change_alerts(&[bob], "x", &Change { status: Some(AlertStatus::Closed), ..Change::default() }).unwrap();
    let open = Filter { status: vec![AlertStatus::Open], ..Filter::default() };
    let counts = store.alert_counts(&open).unwrap();
    assert_eq!((counts.by_status["open"], counts.by_status["closed"]), (3, 1), "tabs are not narrowed by themselves");
    assert_eq!((counts.by_severity["high"], counts.by_rule["r"]), (3, 3));
    assert_eq!((counts.step, counts.over_time.len()), (DAY, 3));
    let early = Filter { until: Some(START + 3 * DAY), ..Filter::default() };
    let counts = store.alert_counts(&early).unwrap();
    let hour = START / HOUR * HOUR;
    assert_eq!((counts.step, counts.over_time), (HOUR, vec![(hour, 2), (hour + 2 * DAY, 1)]));
    let none = Filter { rules: vec!["other".into()], ..Filter::default() };
    let counts = store.alert_counts(&none).unwrap();
    assert_eq!((counts.by_rule["r"], counts.by_status.len(), counts.over_time.len()), (4, 0, 0));
}
