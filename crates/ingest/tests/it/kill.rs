//! `kill -9` at any moment, then again: the counts are right.

use std::process::{Command, Stdio};
use std::time::Duration;

use lake::{Lake, LakeOptions};

use crate::setting::{gzip, records, run, setting};

const CHILD: &str = "TRAILHOUND_TEST_KILL_CHILD";

/// The process to kill: this test binary again, which then does nothing but ingest.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Ok(folder) = std::env::var(CHILD) else { return };
    let folder = std::path::PathBuf::from(folder);
    let lake = Lake::open(folder.join("lake").to_str().unwrap(), LakeOptions::default()).unwrap();
    let options = ingest::Options { commit_bytes: 1 << 16, ..ingest::Options::default() };
    run(&lake, &options, &folder.join("logs")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again() {
    let setting = setting();
    let total = 60 * 200;
    for file in 0..60 {
        let text = records(file * 200..file * 200 + 200);
        setting.write(&format!("{file:03}.json.gz"), gzip(text.as_bytes()));
    }
    // Wherever the kills fall, the outcome has to be the same; spread, they fall into reading, staging and committing.
    for delay in [10, 20, 35, 50, 60, 75, 90, 110, 130, 150, 180, 200, 240, 270, 310, 350, 400, 450, 550, 700] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::child"])
            .env(CHILD, setting.folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let report = setting.ingest().await;
    assert!(report.is_complete(), "{report:?}");
    setting.assert_events(total).await;
    let again = setting.ingest().await;
    assert_eq!((again.known, again.rows_added), (60, 0));
}
