//! From the outbox to a receiver that fails, hangs, refuses and comes back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use detect::sinks::{Change, DeadLetter, Notice, Outbox, OutboxError, Queued, Settled, SinkCounts, Sinks, deliver};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::receiver::{Receiver, receiver};
use super::{notice, sinks};

/// An outbox in memory whose rows are due at once, whatever they were put off to: a test does not wait.
#[derive(Default)]
struct Rows(Mutex<BTreeMap<i64, Row>>);

struct Row {
    sink: String,
    notice: Notice,
    attempts: u32,
    log: Vec<Settled>,
}

impl Row {
    fn pending(&self) -> bool {
        !matches!(self.log.last(), Some(Settled::Delivered | Settled::Dead { .. } | Settled::Postponed { .. }))
    }
}

impl Outbox for Rows {
    fn due(&self, sink: &str, now: DateTime<Utc>, limit: usize) -> Result<Vec<Queued>, OutboxError> {
        let rows = self.0.lock().unwrap();
        let mut alerts = std::collections::BTreeSet::new();
        let due = rows.iter().filter(|(_, row)| row.sink == sink && row.pending());
        let due = due.filter(|(_, row)| alerts.insert(row.notice.alert.id.clone()));
        let queued = |(n, row): (&i64, &Row)| Queued {
            row: *n,
            attempts: row.attempts,
            queued_at: now,
            notice: row.notice.clone(),
        };
        Ok(due.take(limit).map(queued).collect())
    }

    fn settle(&self, row: i64, _: DateTime<Utc>, settled: &Settled) -> Result<(), OutboxError> {
        let mut rows = self.0.lock().unwrap();
        let row = rows.get_mut(&row).unwrap();
        row.attempts += u32::from(!matches!(settled, Settled::Postponed { .. }));
        row.log.push(settled.clone());
        Ok(())
    }

    fn counts(&self) -> Result<Vec<SinkCounts>, OutboxError> {
        Ok(Vec::new())
    }

    fn dead(&self, _: &str, _: usize) -> Result<Vec<DeadLetter>, OutboxError> {
        Ok(Vec::new())
    }

    fn revive(&self, _: &str, _: Option<&[i64]>, _: DateTime<Utc>) -> Result<u64, OutboxError> {
        Ok(0)
    }
}

fn rows(notices: impl IntoIterator<Item = (&'static str, Notice)>) -> Arc<Rows> {
    let row = |(sink, notice): (&str, Notice)| Row { sink: sink.to_owned(), notice, attempts: 0, log: Vec::new() };
    Arc::new(Rows(Mutex::new((1..).zip(notices.into_iter().map(row)).collect())))
}

fn one(n: usize, change: Change) -> Notice {
    let mut notice = notice();
    notice.id = format!("a{n}-{}", change.id());
    notice.alert.id = format!("a{n}");
    notice.change = change;
    notice
}

/// Delivers until nothing is pending.
async fn run(sinks: &Sinks, outbox: &Arc<Rows>) {
    let stop = CancellationToken::new();
    let task = tokio::spawn(deliver(sinks.clone(), outbox.clone(), watch::channel(0).1, stop.clone()));
    let done = async {
        while outbox.0.lock().unwrap().values().any(Row::pending) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), done).await.unwrap();
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(10), task).await.unwrap().unwrap();
}

fn hook(name: &str, server: &Receiver, more: &str) -> String {
    let url = server.url();
    format!("[[sink]]\ntype = 'webhook'\nname = '{name}'\nurl = '{url}'\nallow = ['127.0.0.1']\n{more}\n")
}

#[tokio::test]
async fn what_fails_is_tried_again_and_then_given_up() {
    let mut server = receiver(|n| if n < 2 { "500 Broken".into() } else { "200 OK".into() }).await;
    let dead = receiver(|_| "500 Broken".into()).await;
    let sinks = sinks(&(hook("comes-back", &server, "") + &hook("is-dead", &dead, "attempts = 4"))).unwrap();
    let outbox = rows([("comes-back", one(1, Change::Opened)), ("is-dead", one(1, Change::Opened))]);
    run(&sinks, &outbox).await;
    let ids: Vec<String> = [server.next().await, server.next().await, server.next().await]
        .map(|r| r.headers["trailhound-id"].clone())
        .into();
    assert_eq!(ids, ["a1-opened"; 3]);
    let rows = outbox.0.lock().unwrap();
    assert!(matches!(rows[&1].log.as_slice(), [Settled::Retry { .. }, Settled::Retry { .. }, Settled::Delivered]));
    assert_eq!(rows[&2].log.len(), 4);
    assert_eq!(rows[&2].log[3], Settled::Dead { error: "the receiver answered 500".into() });
    let meters = sinks.meters();
    assert_eq!((meters[0].delivered, meters[0].failed, meters[0].dead, meters[0].delays[7]), (1, 2, 0, 1));
    assert_eq!((meters[1].delivered, meters[1].failed, meters[1].dead), (0, 4, 1));
}

#[tokio::test]
async fn what_is_told_of_an_alert_keeps_its_order() {
    // Every third request fails.
    let mut server = receiver(|n| if n % 3 == 0 { "500 Broken".into() } else { "200 OK".into() }).await;
    let sinks = sinks(&hook("w", &server, "")).unwrap();
    let changes = [Change::Opened, Change::Acknowledged, Change::Closed];
    let outbox = rows((0..20).flat_map(|n| changes.map(|change| ("w", one(n, change)))));
    run(&sinks, &outbox).await;
    let mut seen = BTreeMap::<String, Vec<String>>::new();
    while let Ok(request) = server.requests.try_recv() {
        let body = request.json();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let changes = seen.entry(text(&body["alert"]["id"])).or_default();
        if changes.last() != Some(&text(&body["change"])) {
            changes.push(text(&body["change"]));
        }
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.values().all(|changes| changes == &["opened", "acknowledged", "closed"]), "{seen:?}");
}

#[tokio::test]
async fn one_that_hangs_keeps_no_other_waiting() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut server = receiver(|_| "200 OK".into()).await;
    let hangs = hook("hangs", &server, "").replace(&server.address.port().to_string(), &port.to_string());
    let sinks = sinks(&(hangs + &hook("works", &server, ""))).unwrap();
    let outbox = rows((0..50).flat_map(|n| [("hangs", one(n, Change::Opened)), ("works", one(n, Change::Opened))]));
    let stop = CancellationToken::new();
    let task = tokio::spawn(deliver(sinks.clone(), outbox, watch::channel(0).1, stop.clone()));
    for _ in 0..50 {
        server.next().await;
    }
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(10), task).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_receiver_at_its_limit_is_left_alone() {
    let mut server = receiver(|n| if n < 4 { "429 Slow\r\nretry-after: 2".into() } else { "200 OK".into() }).await;
    let sinks = sinks(&hook("w", &server, "")).unwrap();
    let outbox = rows((0..40).map(|n| ("w", one(n, Change::Opened))));
    let began = std::time::Instant::now();
    let stop = CancellationToken::new();
    let task = tokio::spawn(deliver(sinks.clone(), outbox.clone(), watch::channel(0).1, stop.clone()));
    for _ in 0..4 {
        server.next().await;
    }
    // The fifth comes only after the time that was asked for.
    server.next().await;
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn quiet_hours_hold_back_all_but_the_worst() {
    use chrono::Timelike;
    let mut server = receiver(|_| "200 OK".into()).await;
    let now = Utc::now();
    let hour = |n: u32| format!("{:02}:00", (now.hour() + n) % 24);
    let quiet = format!("quiet = {{ from = '{}', to = '{}', timezone = 'UTC' }}", hour(0), hour(2));
    let sinks = sinks(&hook("w", &server, &quiet)).unwrap();
    let mut worst = one(1, Change::Opened);
    worst.alert.severity = detect::Severity::Critical;
    let outbox = rows([("w", one(0, Change::Opened)), ("w", worst)]);
    run(&sinks, &outbox).await;
    assert_eq!(server.next().await.headers["trailhound-id"], "a1-opened");
    assert!(server.requests.try_recv().is_err());
    let rows = outbox.0.lock().unwrap();
    let Some(Settled::Postponed { at }) = rows[&1].log.last() else { panic!("{:?}", rows[&1].log) };
    assert!(*at > now && *at <= now + chrono::TimeDelta::hours(2));
    assert_eq!(rows[&1].attempts, 0);
}
