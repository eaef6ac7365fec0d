//! A folder that is watched: whole files, growing files, rotations.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use enrich::Enricher;
use ingest::inlet::{Inlet, InletOptions};
use ingest::sources::{Checkpoint, Expected, Meter, folder};
use ingest::{Ingest, Intake};
use tokio_util::sync::CancellationToken;

use crate::setting::{Setting, gzip, record, records, setting};

/// Takes in everything that is there now, as a process of its own would.
async fn watch(setting: &Setting) -> Meter {
    let enricher = Arc::new(Enricher::new(None));
    let ingest = Ingest::new(setting.lake.clone(), enricher.clone(), setting.options.clone());
    let (intake, committed) = Intake::start(ingest, Duration::from_millis(20)).await.unwrap();
    let options =
        InletOptions { linger: Duration::from_millis(20), ..InletOptions::new(&setting.folder.path().join("journal")) };
    let (inlet, drain) = Inlet::open(setting.lake.clone(), Arc::new(move || enricher.clone()), options).unwrap();
    let cancel = CancellationToken::new();
    let draining = tokio::spawn(drain.run(cancel.clone()));
    let meter = Meter::new("drop", "folder", Expected::default());
    let settings = folder::Settings {
        settle: Duration::from_millis(100),
        every: Duration::from_millis(50),
        drain: true,
        ..folder::Settings::new("drop", &setting.logs())
    };
    let checkpoint = Checkpoint::new(setting.folder.path().join("checkpoints"), "drop").unwrap();
    let way = (intake, inlet.clone());
    let run = folder::run(settings, &setting.lake, way, meter.clone(), checkpoint, cancel.clone());
    tokio::time::timeout(Duration::from_secs(60), run).await.unwrap().unwrap();
    committed.await.unwrap();
    inlet.close();
    drop(inlet);
    tokio::time::timeout(Duration::from_secs(60), draining).await.unwrap().unwrap().unwrap();
    meter
}

fn append(path: &Path, lines: impl IntoIterator<Item = String>) {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    for line in lines {
        file.write_all(line.as_bytes()).unwrap();
    }
}

fn lines(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|n| record(n) + "\n").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_files_and_growing_ones() {
    let setting = setting();
    let app: PathBuf = setting.logs().join("app.log");
    setting.write("a/one.json.gz", gzip(records(0..10).as_bytes()));
    setting.write("two.json.tmp", records(900..910));
    setting.write(".hidden.json", records(910..920));
    append(&app, lines(100..120));
    append(&app, ["{\"note\":\"same\"}\n".to_owned(), "{\"note\":\"same\"}\n".to_owned()]);
    let meter = watch(&setting).await;
    setting.assert_events(30).await;
    assert_eq!(setting.column("other", "raw").await, [r#"{"note":"same"}"#; 2]);
    assert_eq!(meter.status(chrono::Utc::now()).errors, 0);
    // Again: nothing new. Then the file grows, by lines that it had before, too.
    watch(&setting).await;
    setting.assert_events(30).await;
    std::fs::rename(setting.logs().join("two.json.tmp"), setting.logs().join("two.json")).unwrap();
    append(&app, lines(120..130));
    append(&app, ["{\"note\":\"same\"}\n".to_owned()]);
    watch(&setting).await;
    setting.assert_events(50).await;
    assert_eq!(setting.column("other", "raw").await.len(), 3);
    assert_eq!(setting.column("objects", "object").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rotated_files_go_on_where_they_were() {
    let setting = setting();
    let app: PathBuf = setting.logs().join("app.log");
    append(&app, lines(0..20));
    append(&app, ["{\"note\":\"a line\"}\n".to_owned()]);
    watch(&setting).await;
    // Renamed, with lines that came in between, and begun anew.
    append(&app, ["{\"note\":\"a line\"}\n".to_owned()]);
    std::fs::rename(&app, setting.logs().join("app.log.1")).unwrap();
    append(&app, ["{\"note\":\"a line\"}\n".to_owned()]);
    append(&app, lines(20..40));
    watch(&setting).await;
    setting.assert_events(40).await;
    assert_eq!(setting.column("other", "raw").await.len(), 3);
    // Copied away and cut off.
    std::fs::copy(&app, setting.logs().join("app.log.2")).unwrap();
    std::fs::write(&app, "").unwrap();
    append(&app, lines(40..60));
    watch(&setting).await;
    setting.assert_events(60).await;
    assert_eq!(setting.column("other", "raw").await.len(), 3);
}
