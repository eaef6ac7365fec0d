//! Modes are functions of the set of events: whatever the order and the batches in which they arrive, the same ones raise,
//! each once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::setting::{Scene, event, number, rule};

fn filter(condition: &str, mode: &str) -> String {
    format!(
        "id: x\ntitle: x\nquery: {{ lang: filter, text: '{{ {condition} }}' }}\nmode: {mode}\ngroup_by: [actor_name]\n"
    )
}

/// Events that raise or go on with what raised, and how many raise, when they come one by one in order, in one batch, backwards,
/// shuffled, and in small batches at once.
fn check(text: &str, events: &[Value], expected: &[u64], raise: usize) {
    let expected: BTreeSet<u64> = expected.iter().copied().collect();
    let mut orders: Vec<Vec<Vec<Value>>> = vec![
        events.iter().map(|event| vec![event.clone()]).collect(),
        vec![events.to_vec()],
        events.iter().rev().map(|event| vec![event.clone()]).collect(),
    ];
    let together = orders.len();
    orders.push(events.chunks(2).rev().map(<[Value]>::to_vec).collect());
    let shuffled: Vec<Value> = (0..events.len()).map(|at| events[at * 7 % events.len()].clone()).collect();
    if !events.len().is_multiple_of(7) {
        orders.push(shuffled.chunks(3).map(<[Value]>::to_vec).collect());
    }
    for (number_of_order, order) in orders.into_iter().enumerate() {
        let mut scene = Scene::new(&[rule(text)]);
        let (mut found, mut begun) = (Vec::new(), 0);
        let findings = if number_of_order == together {
            scene.see_together(&order)
        } else {
            order.iter().flat_map(|batch| scene.see(batch)).collect()
        };
        for finding in findings {
            found.push(number(&finding.event.event_id));
            begun += usize::from(!finding.continues);
        }
        assert_eq!(begun, raise, "order {number_of_order}: {text}");
        let distinct: BTreeSet<u64> = found.iter().copied().collect();
        assert_eq!(distinct, expected, "order {number_of_order}: {text}");
        assert_eq!(found.len(), distinct.len(), "order {number_of_order}: each raises once");
        // The same events again, as after a commit that failed.
        let again: Vec<u64> = events.iter().flat_map(|event| scene.ids(std::slice::from_ref(event))).collect();
        assert!(again.iter().all(|id| expected.contains(id)), "order {number_of_order}: {again:?}");
    }
}

fn at(id: u64, minute: i64) -> Value {
    event(id, minute, json!({}))
}

#[test]
fn thresholds_count_within_a_sliding_window() {
    let text = filter("$.eventName = A", "{ threshold: { window: 10m, count: 3 } }");
    // 1, 2 and 3 within ten minutes; 4 still has 3 and 2 before it, 5 has not.
    let events = [at(1, 0), at(2, 5), at(3, 10), at(4, 14), at(5, 25), event(6, 11, json!({ "eventName": "B" }))];
    check(&text, &events, &[3, 4], 1);
}

#[test]
fn a_burst_is_one_finding() {
    let text = filter("$.eventName = A", "{ threshold: { window: 10m, count: 3 } }");
    let burst = |from: u64, minute: i64| (0..30).map(move |n: u64| at(from + n, minute + n as i64));
    let events: Vec<Value> = burst(1, 0).chain(burst(101, 200)).collect();
    let expected: Vec<u64> = (3..=30).chain(103..=130).collect();
    check(&text, &events, &expected, 2);
    // Every event is shown once.
    let mut scene = Scene::new(&[rule(&text)]);
    let findings = scene.see(&events);
    let shown: Vec<u64> = findings.iter().flat_map(|of| &of.evidence).map(|event| number(&event.event_id)).collect();
    assert_eq!(shown, (1..=30).chain(101..=130).collect::<Vec<u64>>());
}

#[test]
fn a_group_keeps_no_more_than_it_takes() {
    let text = filter(
        "$.eventSource = \"iam.amazonaws.com\"",
        "{ threshold: { window: 1d, count: 3, distinct: event_name } }",
    );
    let mut scene = Scene::new(&[rule(&text)]);
    let named = |id: u64| event(id, id as i64 / 10, json!({ "eventName": format!("N{id}") }));
    let raised: usize = (0..20_u64)
        .map(|turn| {
            let events: Vec<Value> = (turn * 100..turn * 100 + 100).map(named).collect();
            scene.see(&events).iter().filter(|finding| !finding.continues).count()
        })
        .sum();
    assert_eq!((raised, scene.noted("x")), (1, 256));
}

#[test]
fn groups_are_apart() {
    let text = filter("$.eventName = A", "{ threshold: { window: 10m, count: 2 } }");
    let bob = |id, minute| event(id, minute, json!({ "userIdentity": { "type": "IAMUser", "userName": "bob" } }));
    check(&text, &[at(1, 0), bob(2, 1), at(3, 2), bob(4, 20)], &[3], 1);
}

#[test]
fn thresholds_of_different_values() {
    let text = filter(
        "$.eventSource = \"iam.amazonaws.com\"",
        "{ threshold: { window: 10m, count: 3, distinct: event_name } }",
    );
    let named = |id, minute, name: &str| event(id, minute, json!({ "eventName": name }));
    let events =
        [named(1, 0, "A"), named(2, 1, "A"), named(3, 2, "B"), named(4, 3, "B"), named(5, 4, "C"), named(6, 30, "D")];
    check(&text, &events, &[5], 1);
}

fn pair(ordered: bool) -> String {
    format!(
        "id: x\ntitle: x\nmode:\n  correlation:\n    window: 1h\n    ordered: {ordered}\n    by: [actor_name]\n    steps:\n      - {{ name: one, query: {{ lang: filter, text: '{{ $.eventName = A }}' }} }}\n      - {{ name: two, query: {{ lang: filter, text: '{{ $.eventName = B }}' }} }}\n"
    )
}

#[test]
fn correlations_need_every_step() {
    let b = |id, minute| event(id, minute, json!({ "eventName": "B" }));
    check(&pair(true), &[b(1, 0), at(2, 10), b(3, 20), b(4, 90)], &[3], 1);
    check(&pair(false), &[b(1, 0), at(2, 10), b(3, 200), at(4, 400)], &[2], 1);
    // Within one second there is no order.
    check(&pair(true), &[b(1, 0), at(2, 0)], &[1], 1);
    // More of the last step within the hour belongs to the same alert.
    check(&pair(true), &[at(1, 0), b(2, 10), b(3, 20), b(4, 30), at(5, 500), b(6, 510)], &[2, 3, 4, 6], 2);
}

#[test]
fn evidence_is_all_that_belongs_to_a_finding() {
    let mut scene = Scene::new(&[rule(&pair(true))]);
    let findings = scene.see(&[at(1, 0), event(2, 5, json!({ "eventName": "B" }))]);
    let evidence: Vec<u64> = findings[0].evidence.iter().map(|event| number(&event.event_id)).collect();
    assert_eq!((findings.len(), evidence), (1, vec![1, 2]));
    assert_eq!(findings[0].group[0].value.as_deref(), Some("alice"));
}

const DAY: i64 = 24 * 60;

#[test]
fn first_seen_learns_before_it_raises() {
    let text = filter(
        "$.eventType = AwsApiCall",
        "{ first_seen: { fields: [actor_name, event_name], learn: 14d, forget: 90d } }",
    );
    let mut scene = Scene::new(&[rule(&text)]);
    let named = |id, day: i64, name: &str| event(id, day * DAY, json!({ "eventName": name }));
    assert!(scene.ids(&[named(1, 0, "A"), named(2, 3, "B")]).is_empty());
    assert_eq!(scene.ids(&[named(3, 15, "A"), named(4, 15, "C")]), [4]);
    assert!(scene.ids(&[named(5, 16, "C"), named(6, 10, "D")]).is_empty(), "known, and too early");
    // Again, as after a commit that failed: the same answer.
    assert_eq!(scene.ids(&[named(4, 15, "C")]), [4]);
    // Another actor is learnt by itself.
    let bob = |id, day: i64| event(id, day * DAY, json!({ "userIdentity": { "type": "IAMUser", "userName": "bob" } }));
    assert!(scene.ids(&[bob(7, 20)]).is_empty());
    // After ninety days without it a value is new again.
    assert_eq!(scene.ids(&[named(8, 120, "C"), named(9, 60, "A"), named(10, 121, "A")]), [8]);
}

#[test]
fn a_batch_of_months_is_taken_apart() {
    let text = filter(
        "$.eventType = AwsApiCall",
        "{ first_seen: { fields: [actor_name, event_name], learn: 14d, forget: 30d } }",
    );
    let mut scene = Scene::new(&[rule(&text)]);
    let named = |id, day: i64, name: &str| event(id, day * DAY, json!({ "eventName": name }));
    let found =
        scene.ids(&[named(1, 0, "A"), named(2, 20, "B"), named(3, 25, "B"), named(4, 80, "B"), named(5, 81, "B")]);
    assert_eq!(found, [2, 4]);
}

#[test]
fn rare_values_are_a_small_part() {
    let text = filter(
        "$.eventType = AwsApiCall",
        "{ rare: { fields: [event_name], of: [actor_name], window: 30d, below: 0.05, least: 50 } }",
    );
    let mut scene = Scene::new(&[rule(&text)]);
    let usual: Vec<Value> = (0_u64..60).map(|id| at(id, id as i64)).collect();
    assert!(scene.ids(&usual).is_empty());
    let rare = |id, minute| event(id, minute, json!({ "eventName": "B" }));
    assert_eq!(scene.ids(&[rare(100, 61), rare(101, 62)]), [100, 101]);
    assert_eq!(scene.ids(&[rare(102, 63), rare(103, 64)]), [102], "4 of 64 is more than 5 %");
    // A month later nobody knows what is usual.
    assert!(scene.ids(&[rare(104, 40 * DAY)]).is_empty());
}

#[test]
fn exceptions_take_events_out() {
    let text = filter("$.eventName = A", "each")
        + "exceptions:\n  - { field: source_ip_address, cidr: 203.0.113.0/24, reason: office }\n";
    let mut scene = Scene::new(&[rule(&text)]);
    let away = event(2, 0, json!({ "sourceIPAddress": "198.51.100.7" }));
    assert_eq!(scene.ids(&[at(1, 0), away]), [2]);
}

#[test]
fn nobody_is_in_two_places() {
    let text = r#"
id: x
title: x
query: { lang: filter, text: '{ $.eventType = AwsApiCall }' }
mode: { travel: { by: [actor_name], window: 12h } }
tests:
  base: { enriched: { geo_latitude: 35.7, geo_longitude: 139.7, geo_country_code: JP } }
  match:
    - [ {}, { after: 1h, enriched: { geo_latitude: 40.7, geo_longitude: -74.0, geo_country_code: US } } ]
    - [ { times: 3 }, { enriched: { geo_latitude: 37.5, geo_longitude: 127.0, geo_country_code: KR } } ]
  no_match:
    - [ {}, { after: 13h, enriched: { geo_latitude: 40.7, geo_longitude: -74.0 } } ]
    - [ {}, { after: 5m, enriched: { geo_latitude: 34.7, geo_longitude: 135.5 } } ]
    - [ {}, { after: 2h, enriched: { geo_latitude: 37.5, geo_longitude: 127.0 } } ]
    - [ { userIdentity: { userName: bob } }, { after: 1h, enriched: { geo_latitude: 40.7, geo_longitude: -74.0 } } ]
    - [ {}, { after: 1h, enriched: { geo_latitude: null, geo_longitude: null } } ]
"#;
    let enricher = enrich::Enricher::new(None);
    let enrich = |log_type, batch| enricher.enrich_as(log_type, batch).map_err(|error| error.to_string());
    let matching = engine::matching::Matching::new(None, 0);
    let outcomes = detect::testing::Tester::new(&matching, &enrich, None).run(&rule(text));
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.passed).collect();
    assert_eq!((outcomes.len(), failed), (7, vec![]));
}
