//! What is sent: safe when it is acknowledged, in the lake once, whatever happens in between.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use enrich::Enricher;
use ingest::inlet::{Delivery, Form, Inlet, InletOptions, framed};
use ingest::journal::Refused;
use tokio_util::sync::CancellationToken;

use crate::setting::{Setting, gzip, record, records, setting};

fn open(setting: &Setting, journal: &Path) -> (Inlet, tokio::task::JoinHandle<()>, CancellationToken) {
    let enricher = Arc::new(Enricher::new(None));
    let options = InletOptions { linger: Duration::from_millis(20), ..InletOptions::new(journal) };
    let (inlet, drain) = Inlet::open(setting.lake.clone(), Arc::new(move || enricher.clone()), options).unwrap();
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    let task = tokio::spawn(async move { drain.run(token).await.unwrap() });
    (inlet, task, cancel)
}

fn delivery(form: Form, body: impl Into<Bytes>) -> Delivery {
    Delivery {
        source: "s".into(),
        form,
        origin: None,
        identity: "i".into(),
        received: 1_772_359_200_000_000,
        sender: event::Sender::default(),
        log_type: None,
        channel: None,
        place: (0, 0),
        head: None,
        body: body.into(),
    }
}

async fn ended(inlet: &Inlet, task: tokio::task::JoinHandle<()>) {
    inlet.close();
    tokio::time::timeout(Duration::from_secs(60), task).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_in_the_journal_is_drained_at_the_next_start_and_never_twice() {
    let setting = setting();
    let journal = setting.folder.path().join("journal");
    let (inlet, task, cancel) = open(&setting, &journal);
    // Nothing is drained: as if the process had been killed.
    cancel.cancel();
    task.await.unwrap();
    for n in 0..5 {
        inlet.take(delivery(Form::Raw, records(n * 10..n * 10 + 10))).await.unwrap();
    }
    inlet.take(delivery(Form::Raw, "a line\n")).await.unwrap();
    drop(inlet);
    setting.assert_events(0).await;
    let copy = setting.folder.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for file in std::fs::read_dir(&journal).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    let (inlet, task, _cancel) = open(&setting, &journal);
    ended(&inlet, task).await;
    drop(inlet);
    setting.assert_events(50).await;
    assert_eq!(setting.column("other", "raw").await, ["a line"]);
    // The same journal again: as if the crash had come between the commit and its note.
    let (inlet, task, _cancel) = open(&setting, &copy);
    ended(&inlet, task).await;
    setting.assert_events(50).await;
    assert_eq!(setting.column("other", "raw").await, ["a line"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms() {
    let setting = setting();
    let journal = setting.folder.path().join("journal");
    let (inlet, task, _cancel) = open(&setting, &journal);
    let bodies: [Vec<u8>; 4] =
        [gzip(records(0..3).as_bytes()), record(3).into_bytes(), b"text\n".to_vec(), gzip(&vec![b' '; 101 << 20])];
    inlet.take(delivery(Form::Records, framed(&bodies))).await.unwrap();
    inlet.take(delivery(Form::Events, format!(r#"{{"event":{}}}{{"event":"text"}}"#, record(4)))).await.unwrap();
    let flow = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
    let lines =
        "2 123456789010 eni-1235b8ca123456789 192.0.2.1 192.0.2.2 1 22 6 20 4249 1772359200 1772359260 ACCEPT OK\n";
    let headed = Delivery { head: Some(flow.into()), place: (7, 900), ..delivery(Form::Raw, lines.to_owned()) };
    inlet.take(headed).await.unwrap();
    assert!(inlet.health().await.is_ok());
    ended(&inlet, task).await;
    setting.assert_events(5).await;
    assert_eq!(setting.column("other", "raw").await.len(), 2);
    assert_eq!(setting.column("vpc_flow", "origin_position").await, ["7"]);
    assert_eq!(setting.column("quarantine", "reason").await, ["too-large"]);
    assert_eq!(inlet.take(delivery(Form::Raw, "late")).await, Err(Refused::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_delivery_is_committed_in_parts_and_forgotten_as_a_whole() {
    let setting = setting();
    let journal = setting.folder.path().join("journal");
    let (inlet, task, _cancel) = open(&setting, &journal);
    let body: String = (0..110_000).map(|n| format!("{{\"event\":{}}}\n", record(n))).collect();
    assert!(body.len() > 40 << 20);
    inlet.take(delivery(Form::Events, body)).await.unwrap();
    ended(&inlet, task).await;
    setting.assert_events(110_000).await;
    assert!(setting.lake.snapshot("cloudtrail").await.unwrap().unwrap().version > 1);
}

/// A small file system in memory; none where this user may not mount one.
struct Small(std::path::PathBuf);

impl Small {
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(Self(at.to_owned()));
        }
        eprintln!("skipped: no file system can be mounted here");
        None
    }

    /// Takes all the room that is left.
    fn fill(&self) -> std::path::PathBuf {
        let filler = self.0.join("filler");
        let mut file = std::fs::File::create(&filler).unwrap();
        while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
        filler
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_and_recovers() {
    let setting = setting();
    let place = setting.folder.path().join("small");
    let Some(disk) = Small::mount(&place) else { return };
    let (inlet, task, _cancel) = open(&setting, &place.join("journal"));
    let big = || delivery(Form::Raw, "x".repeat(6 << 20));
    assert!(matches!(inlet.take(big()).await, Err(Refused::Disk(_))));
    assert!(inlet.health().await.is_ok(), "something small still fits");
    inlet.take(delivery(Form::Raw, records(0..10))).await.unwrap();
    let filler = disk.fill();
    for _ in 0..3 {
        let refused = inlet.take(delivery(Form::Raw, records(10..20))).await;
        assert!(matches!(refused, Err(Refused::Disk(_))), "{refused:?}");
    }
    std::fs::remove_file(filler).unwrap();
    assert!(inlet.health().await.is_ok());
    inlet.take(delivery(Form::Raw, records(10..20))).await.unwrap();
    ended(&inlet, task).await;
    setting.assert_events(20).await;
    drop(inlet);
}
