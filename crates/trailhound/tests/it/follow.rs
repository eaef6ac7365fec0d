//! `trailhound query --follow`, with another process that takes logs in meanwhile.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use crate::{command, err, run};

/// Ends with the test.
struct Following(Child);

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn record(id: &str, name: &str, time: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"{time}","eventName":"{name}","eventSource":"iam.amazonaws.com","awsRegion":"us-east-1","eventID":"{id}","userIdentity":{{"type":"IAMUser","userName":"=ann"}}}}"#
    )
}

#[test]
fn what_comes_in_is_printed_late_events_too() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let take_in = |id: &str, name: &str, time: &str| {
        let file = format!("{id}.json");
        std::fs::write(folder.join(&file), record(id, name, time)).unwrap();
        let taken = run(folder, &["ingest", "--lake", "lake", &file]);
        assert!(taken.status.success(), "{}", err(&taken));
    };
    take_in("before", "ListUsers", "2026-03-01T10:00:00Z");
    let args = ["query", "--lake", "lake", "--follow", "--format", "csv", "eventName=ListUsers | stats count"];
    let mut child = Following(command(folder, &args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "_time,eventName,action,user,eventID,_raw");
    take_in("new", "ListUsers", "2026-03-02T10:00:00Z");
    let line = lines.next().unwrap();
    assert!(line.contains(",'=ann,new,"), "no formula: {line}");
    take_in("other", "CreateUser", "2026-03-03T10:00:00Z");
    take_in("late", "ListUsers", "2020-01-01T00:00:00Z");
    let line = lines.next().unwrap();
    assert!(line.starts_with("2020-01-01T00:00:00Z,ListUsers,"), "{line}");
    let mut said = String::new();
    let mut told = child.0.stderr.take().unwrap();
    drop(child);
    told.read_to_string(&mut said).unwrap();
    assert!(said.contains("warning[tail.left-out]"), "{said}");
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::write(folder.join("a.json"), record("a", "ListUsers", "2026-03-01T10:00:00Z")).unwrap();
    assert!(run(folder, &["ingest", "--lake", "lake", "a.json"]).status.success());
    for (args, code, says) in [
        (&["SELECT 1"][..], 2, "error[tail.sql]"),
        (&["--since", "-1d", "*"], 2, "cannot be used with"),
        (&["--format", "parquet", "*"], 1, "a Parquet file has an end"),
    ] {
        let answer = run(folder, &[&["query", "--lake", "lake", "--follow"], args].concat());
        assert_eq!(answer.status.code(), Some(code), "{args:?}: {}", err(&answer));
        assert!(err(&answer).contains(says), "{args:?}: {}", err(&answer));
    }
}
