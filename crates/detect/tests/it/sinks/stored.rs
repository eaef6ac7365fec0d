//! From an event to a receiver: the rule, the alert, the outbox of the state, the delivery.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use detect::rule::File;
use detect::sinks::{Outbox, attend, deliver};
use detect::store::{AlertStatus, Change, Store};
use detect::{Attack, Detections, Sources};
use engine::matching::Matching;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::receiver::receiver;
use super::sinks;
use crate::scene::{decoded, event};

const RULE: &str = "id: created\ntitle: { en: User created, ja: ユーザーが作られた }\nadvice: { en: Ask alice., ja: 本人に聞く。 }\nseverity: high\nquery: { lang: filter, text: '{ $.eventName = CreateUser }' }\ngroup_by: [actor_name]\n";

fn detections(folder: &std::path::Path) -> Detections {
    let rule = File { name: "created.yml".to_owned(), text: RULE.to_owned(), builtin: true };
    let sources = Sources { builtin: vec![rule], attack: Attack::parse(assets::attack()), ..Sources::default() };
    let store = Store::open(&folder.join("state.db")).unwrap();
    Detections::open(store, sources, Matching::new(None, 0)).unwrap()
}

#[tokio::test]
async fn an_event_reaches_a_receiver_and_so_does_the_end_of_its_alert() {
    let folder = tempfile::tempdir().unwrap();
    // The first try of all fails.
    let mut server = receiver(|n| if n == 0 { "400 No".into() } else { "200 OK".into() }).await;
    let sinks = sinks(&format!(
        "[[sink]]\ntype = 'webhook'\nname = 'w'\nurl = '{}'\nallow = ['127.0.0.1']\nlanguage = 'ja'\nmin_severity = 'high'\nchanges = ['opened', 'closed']",
        server.url()
    ))
    .unwrap();
    let watched = detections(folder.path());
    attend(&watched, &sinks);
    let ticket = watched.watch(&decoded(&[event(1, json!({}))])).unwrap();
    watched.landed(ticket).unwrap();
    // Another process delivers: what was written is in the file.
    let store = detections(folder.path()).store().clone();
    let outbox: Arc<dyn Outbox> = Arc::new(store.clone());
    let task = tokio::spawn(deliver(sinks.clone(), Arc::clone(&outbox), store.changed(), CancellationToken::new()));
    let refused = server.next().await;
    let until = |dead: u64, pending: u64| {
        let outbox = Arc::clone(&outbox);
        async move {
            for _ in 0..1000 {
                let counts = outbox.counts().unwrap();
                if counts.iter().any(|c| (c.dead, c.pending) == (dead, pending)) {
                    return counts;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("{:?}", outbox.counts());
        }
    };
    assert_eq!(until(1, 0).await[0].last_error.as_deref(), Some("the receiver answered 400"));
    let letter = outbox.dead("w", 10).unwrap().remove(0);
    assert_eq!((letter.attempts, letter.notice.alert.events), (1, 1));
    assert_eq!(outbox.revive("w", Some(&[letter.row]), Utc::now()).unwrap(), 1);
    let opened = server.next().await;
    assert_eq!(opened.headers["trailhound-id"], refused.headers["trailhound-id"]);
    let body = opened.json();
    assert_eq!((&body["change"], &body["alert"]["title"]), (&json!("opened"), &json!("ユーザーが作られた")));
    assert_eq!((&body["advice"], &body["alert"]["severity"]), (&json!("本人に聞く。"), &json!("high")));
    assert_eq!(body["evidence"][0]["event_name"], "CreateUser");
    until(0, 0).await;
    let closed = Change { status: Some(AlertStatus::Closed), ..Change::default() };
    watched.store().change_alerts(&[body["alert"]["id"].as_str().unwrap().parse().unwrap()], "ann", &closed).unwrap();
    assert_eq!(server.next().await.json()["change"], "closed");
    task.abort();
}
