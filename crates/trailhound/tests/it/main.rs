//! The real program, run as people and scripts run it: flags, outputs and exit codes are a contract.

#![allow(clippy::unwrap_used, reason = "a test that can not go on is a test that fails")]

mod alerts;
mod follow;
mod senders;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Runs the program in `folder` with nothing from this machine's settings.
fn run(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailhound"));
    command.args(args).current_dir(folder).env_clear().stdin(Stdio::null());
    for name in ["PATH", "HOME", "TMPDIR"] {
        if let Ok(value) = std::env::var(name) {
            command.env(name, value);
        }
    }
    command
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Samples taken in: `logs` and `lake` below the folder.
fn lake(folder: &Path) {
    let made = run(folder, &["generate", "--events", "3000", "--out", "logs", "--seed", "7"]);
    assert!(made.status.success(), "{}", err(&made));
    let taken = run(folder, &["ingest", "--lake", "lake", "logs"]);
    assert!(taken.status.success(), "{}{}", out(&taken), err(&taken));
    assert!(out(&taken).contains("3000 added"), "{}", out(&taken));
}

#[test]
fn logs_go_in_once_and_story_b_runs_as_typed() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    lake(folder);
    let again = run(folder, &["ingest", "--lake", "lake", "--format", "json", "logs"]);
    let report: serde_json::Value = serde_json::from_str(&out(&again)).unwrap();
    assert_eq!((report["rows_added"].as_u64(), report["complete"].as_bool()), (Some(0), Some(true)), "{report}");

    let ask = |query: &str| {
        let bounds = ["--since", "2018-01-01", "--until", "2019-01-01", "--format", "json"];
        let answer = run(folder, &[&["query", "--lake", "lake"], &bounds[..], &[query]].concat());
        assert!(answer.status.success(), "{query}: {}", err(&answer));
        out(&answer).lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()).collect::<Vec<_>>()
    };
    let logins =
        ask("|sourcetype=aws:cloudtrail eventName=ConsoleLogin | stats count by username, additionalEventData.MFAUsed");
    let of = |user: &str, mfa: &str| {
        logins
            .iter()
            .find(|r| r["username"] == user && r["additionalEventData.MFAUsed"] == mfa)
            .map(|r| r["count"].clone())
    };
    assert_eq!(of("bstoll", "No"), Some(4.into()), "{logins:?}");
    assert_eq!(of("root", "No"), None, "{logins:?}");
    let codes = ask("sourcetype=aws:cloudtrail | stats count by errorCode | sort - count");
    assert!(codes.iter().any(|r| r["errorCode"] == "AccessDenied" && r["count"] == 7), "{codes:?}");
    let denied = ask(
        "sourcetype=aws:cloudtrail errorCode=AccessDenied | table awsregion, eventName, userName, src_ip, userAgent, errorMessage",
    );
    assert_eq!(denied.len(), 7);
    assert!(denied.iter().all(|r| r["userName"] == "web_admin"), "{denied:?}");
}

#[test]
fn searches_use_macros_and_write_lookups() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    lake(folder);
    std::fs::write(
        folder.join("macros.conf"),
        "[logins(1)]\nargs = by\ndefinition = eventName=ConsoleLogin | stats count by $by$\n",
    )
    .unwrap();
    let explained = run(folder, &["explain", "--lang", "spl", "--macros", "macros.conf", "`logins(userName)`"]);
    assert!(explained.status.success(), "{}", err(&explained));
    let unknown = run(folder, &["explain", "--lang", "spl", "`logins(userName)`"]);
    assert!(unknown.status.code() == Some(2) && err(&unknown).contains("spl.unknown-macro"), "{}", err(&unknown));
    let knowledge = ["query", "--lake", "lake", "--macros", "macros.conf", "--lookups", "lookups", "--format", "csv"];
    let written = run(folder, &[&knowledge[..], &["`logins(userName)` | outputlookup logins.csv"]].concat());
    assert!(written.status.success(), "{}", err(&written));
    let read = run(folder, &[&knowledge[..], &["| inputlookup logins.csv"]].concat());
    assert_eq!(out(&read), out(&written));
    assert!(folder.join("lookups/logins.csv").is_file());
    std::fs::write(folder.join("macros.conf"), "[logins\n").unwrap();
    let wrong = run(folder, &[&knowledge[..], &["* | stats count"]].concat());
    assert!(!wrong.status.success() && err(&wrong).contains("line 1"), "{}", err(&wrong));
}

#[test]
fn a_wrong_query_is_shown_and_exits_with_2() {
    let place = tempfile::tempdir().unwrap();
    for (args, want) in [
        (["explain", "--lang", "spl", "* | statz count"], "did you mean `stats`"),
        (["explain", "--lang", "sql", "SELECT eventNmae FROM cloudtrail_logs"], "did you mean `eventName`"),
    ] {
        let answer = run(place.path(), &args);
        assert_eq!(answer.status.code(), Some(2), "{}", err(&answer));
        assert!(err(&answer).contains(want) && err(&answer).contains("^^^"), "{}", err(&answer));
    }
    let good = run(place.path(), &["explain", "--lang", "spl", "--format", "json", "* | stats count by user"]);
    assert_eq!(good.status.code(), Some(0), "{}", err(&good));
    let found: serde_json::Value = serde_json::from_str(&out(&good)).unwrap();
    assert_eq!(found["language"], "spl");
}

#[test]
fn bad_objects_are_in_quarantine_and_the_exit_code_says_so() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let logs = folder.join("logs");
    std::fs::create_dir(&logs).unwrap();
    let good = r#"{"Records":[{"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventName":"X","eventSource":"ec2.amazonaws.com","awsRegion":"us-east-1","eventID":"e1"}]}"#;
    std::fs::write(logs.join("good.json"), good).unwrap();
    std::fs::write(logs.join("cut.json"), &good[..good.len() - 40]).unwrap();
    std::fs::write(
        logs.join("deep.json"),
        format!("{{\"Records\":[{}{}]}}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
    )
    .unwrap();
    std::fs::write(logs.join("empty.json"), "").unwrap();
    let mut gz = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut packed = vec![0; gz.gzip_compress_bound(good.len())];
    let size = gz.gzip_compress(good.as_bytes(), &mut packed).unwrap();
    std::fs::write(logs.join("truncated.json.gz"), &packed[..size - 12]).unwrap();

    let taken = run(folder, &["ingest", "--lake", "lake", "--format", "json", "logs"]);
    assert_eq!(taken.status.code(), Some(1), "{}", err(&taken));
    let report: serde_json::Value = serde_json::from_str(&out(&taken)).unwrap();
    assert_eq!(report["rows_added"], 1, "{report}");
    let told = err(&taken);
    for name in ["cut.json", "deep.json", "truncated.json.gz"] {
        assert!(told.contains(name), "{name} is not told of: {told}");
    }
    let count = run(folder, &["query", "--lake", "lake", "--format", "csv", "SELECT count(*) AS n FROM cloudtrail"]);
    assert_eq!(out(&count), "n\r\n1\r\n");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let place = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        assert!(run(place.path(), &["generate", "--events", "800", "--out", name, "--seed", "3"]).status.success());
    }
    let files = |name: &str| {
        let mut found = Vec::new();
        let mut folders = vec![place.path().join(name)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else {
                    found.push((
                        entry.strip_prefix(place.path().join(name)).unwrap().to_owned(),
                        std::fs::read(&entry).unwrap(),
                    ));
                }
            }
        }
        found.sort();
        found
    };
    assert!(!files("a").is_empty() && files("a") == files("b"));
}

#[test]
fn other_addresses_than_loopback_demand_a_user() {
    let place = tempfile::tempdir().unwrap();
    let refused = run(place.path(), &["serve", "--lake", "lake", "--listen", "0.0.0.0:0", "--check"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("trailhound user add"), "{}", err(&refused));

    let mut add =
        command(place.path(), &["user", "add", "ana"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    add.stdin.take().unwrap().write_all(b"correct horse battery\n").unwrap();
    let added = add.wait_with_output().unwrap();
    assert!(added.status.success(), "{}", err(&added));
    let allowed = run(place.path(), &["serve", "--lake", "lake", "--listen", "0.0.0.0:0", "--check"]);
    assert!(allowed.status.success(), "{}", err(&allowed));
}

#[test]
fn settings_that_are_wrong_are_named() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("trailhound.toml"), "lake = \"x\"\n[server]\nlissten = 1\n").unwrap();
    let answer = run(place.path(), &["serve", "--check"]);
    assert_eq!(answer.status.code(), Some(1));
    assert!(err(&answer).contains("lissten"), "{}", err(&answer));
}

/// A child that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn serve_prints_its_address_and_answers() {
    let place = tempfile::tempdir().unwrap();
    lake(place.path());
    let child = command(place.path(), &["serve", "--lake", "lake", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut server = Server(child);
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit("http://").next().unwrap().to_owned();
    let body = r#"{"lang":"spl","query":"* | stats count"}"#;
    let mut socket = TcpStream::connect(&address).unwrap();
    write!(
        socket,
        "POST /api/v1/query HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#"{"count":3000}"#), "{answer}");
}

#[test]
fn maintenance_keeps_the_rows() {
    let place = tempfile::tempdir().unwrap();
    lake(place.path());
    let count = || {
        out(&run(place.path(), &["query", "--lake", "lake", "--format", "csv", "SELECT count(*) AS n FROM cloudtrail"]))
    };
    let compacted = run(place.path(), &["maintain", "compact", "--lake", "lake"]);
    assert!(
        compacted.status.success() && out(&compacted).contains("3000 rows"),
        "{}{}",
        out(&compacted),
        err(&compacted)
    );
    assert_eq!(count(), "n\r\n3000\r\n");
    assert!(run(place.path(), &["maintain", "vacuum", "--lake", "lake", "--retention-hours", "1"]).status.success());
    assert_eq!(count(), "n\r\n3000\r\n");
    let dropped = run(place.path(), &["maintain", "retain", "--lake", "lake", "--older-than", "1d"]);
    assert!(dropped.status.success(), "{}", err(&dropped));
    assert_eq!(
        run(place.path(), &["maintain", "retain", "--lake", "lake", "--older-than", "soon"]).status.code(),
        Some(1)
    );
}

#[test]
fn dashboards_of_opensearch_are_taken_over() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let state = |kind: &str| {
        serde_json::json!({ "type": kind, "aggs": [
            { "id": "1", "type": "count", "schema": "metric", "params": {} },
            { "id": "2", "type": "terms", "schema": "segment", "params": { "field": "eventName", "size": 5, "orderBy": "1", "order": "desc" } },
        ] })
        .to_string()
    };
    let source =
        r#"{"query":{"query":"eventSource: s3*","language":"kuery"},"filter":[],"index":"log-aws-cloudtrail-*"}"#;
    let object = |id: &str, kind: &str| {
        serde_json::json!({ "type": "visualization", "id": id, "attributes": { "title": id, "visState": state(kind),
            "kibanaSavedObjectMeta": { "searchSourceJSON": source } } })
        .to_string()
    };
    let lens = serde_json::json!({ "type": "lens", "id": "l", "attributes": { "title": "New" } }).to_string();
    std::fs::write(folder.join("saved.ndjson"), [object("Names", "pie"), object("Table", "table"), lens].join("\n"))
        .unwrap();
    let import = |more: &[&str]| {
        run(folder, &[&["dashboards", "import", "--dashboards", "own"], more, &["saved.ndjson"]].concat())
    };
    let made = import(&[]);
    assert!(made.status.success(), "{}", err(&made));
    assert!(out(&made).contains("own/saved.json: 2 panels"), "{}", out(&made));
    assert!(err(&made).contains("left out: New: objects of the type `lens` have no counterpart"), "{}", err(&made));
    assert!(!import(&[]).status.success());
    assert!(import(&["--replace"]).status.success());
    let file: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("own/saved.json")).unwrap()).unwrap();
    lake(folder);
    for panel in file["panels"].as_array().unwrap() {
        let query = panel["query"].as_str().unwrap();
        let rows = run(
            folder,
            &["query", "--lake", "lake", "--lang", panel["lang"].as_str().unwrap(), "--format", "json", query],
        );
        assert!(rows.status.success(), "{query}\n{}", err(&rows));
        assert!(out(&rows).lines().next().is_some_and(|line| line.contains("\"Count\"")), "{}", out(&rows));
    }
}

#[test]
fn dashboards_go_out_and_come_in() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let of = |args: &[&str]| run(folder, &[&["dashboards"], args].concat());
    let exported = of(&["export", "iam-activity"]);
    let text = out(&exported);
    assert!(exported.status.success() && text.starts_with('{'), "{}", err(&exported));
    std::fs::write(folder.join("mine.json"), text.replacen("\"iam-activity\"", "\"mine\"", 1)).unwrap();
    assert!(of(&["check", "mine.json"]).status.success());
    assert!(of(&["import", "--dashboards", "own", "mine.json"]).status.success());
    assert!(!of(&["import", "--dashboards", "own", "mine.json"]).status.success());
    assert!(of(&["import", "--dashboards", "own", "--replace", "mine.json"]).status.success());
    let listed = out(&of(&["list", "--dashboards", "own", "--format", "json"]));
    let mine = listed.lines().find(|line| line.contains("\"id\":\"mine\"")).unwrap();
    assert!(mine.contains("\"builtin\":false"), "{mine}");
    assert!(out(&of(&["show", "--dashboards", "own", "mine"])).contains("sourcetype=aws:cloudtrail"));
    let whole = of(&["export", "--dashboards", "own", "--out", "files", "mine", "security-overview"]);
    assert!(whole.status.success() && folder.join("files/security-overview.json").exists(), "{}", err(&whole));
    // What the folder itself holds is checked where no file is named.
    let wrong = text.replacen("\"iam-activity\"", "\"wrong\"", 1).replacen("| stats count", "| sttas count", 1);
    std::fs::write(folder.join("own/wrong.json"), wrong).unwrap();
    let found = of(&["check", "--dashboards", "own"]);
    assert_eq!(found.status.code(), Some(2), "{}", err(&found));
    assert!(out(&found).contains("mine.json"), "{}", out(&found));
    assert!(err(&found).contains("/query:") && err(&found).contains("sttas"), "{}", err(&found));
    assert!(!of(&["export", "nowhere"]).status.success());
}

#[test]
fn logs_become_documents_and_stored_rows_are_enriched_anew() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let record = r#"{"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventName":"ListUsers","eventSource":"iam.amazonaws.com","awsRegion":"us-east-1","eventID":"e1","sourceIPAddress":"203.0.113.9","userAgent":"aws-cli/2.1 Linux/5.4"}"#;
    std::fs::write(folder.join("log.json"), record).unwrap();
    let documents = |to: &str| {
        let answer = run(folder, &["convert", "--to", to, "log.json"]);
        assert!(answer.status.success(), "{}", err(&answer));
        out(&answer).lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()).collect::<Vec<_>>()
    };
    let ecs = documents("ecs");
    assert_eq!((ecs.len(), ecs[0]["event"]["action"].as_str()), (1, Some("ListUsers")));
    assert_eq!(ecs[0]["user_agent"]["name"], "aws-cli");
    let ocsf = documents("ocsf");
    assert_eq!((ocsf.len(), ocsf[0]["class_uid"].as_u64()), (1, Some(6003)));
    let nothing = run(folder, &["convert", "--to", "ecs", "nowhere"]);
    assert_eq!(nothing.status.code(), Some(1), "{}", out(&nothing));

    // Taken in without a list, then enriched with one.
    assert!(run(folder, &["ingest", "--lake", "lake", "log.json"]).status.success());
    std::fs::write(folder.join("bad.txt"), "203.0.113.0/24\n").unwrap();
    std::fs::write(folder.join("trailhound.toml"), "[[list]]\nname = \"bad\"\npath = \"bad.txt\"\n").unwrap();
    for (args, want) in [(&["--since", "2024-05-02"][..], "0 of 0"), (&[], "1 of 1"), (&[], "0 of 1")] {
        let done = run(folder, &[&["maintain", "enrich", "--lake", "lake", "--table", "cloudtrail"], args].concat());
        assert!(done.status.success() && out(&done).contains(want), "{args:?}: {}{}", out(&done), err(&done));
    }
    let sql = "SELECT source_lists, user_agent_kind, \"event.action\" FROM cloudtrail c JOIN cloudtrail_ecs e ON c.event_id = e.\"event.id\"";
    let rows = run(folder, &["query", "--lake", "lake", "--lang", "sql", "--format", "json", sql]);
    assert!(out(&rows).contains(r#""source_lists":"bad""#), "{}{}", out(&rows), err(&rows));
    assert!(out(&rows).contains(r#""user_agent_kind":"cli""#), "{}", out(&rows));

    // A file that can't be used never stops an ingest; what is asked of nobody fails and says so.
    let broken = "[geoip]\ncity = \"bad.txt\"\naws_ranges = \"bad.txt\"\naws_ranges_url = \"http://127.0.0.1:1/\"\n";
    std::fs::write(folder.join("trailhound.toml"), broken).unwrap();
    let taken = run(folder, &["ingest", "--lake", "lake2", "log.json"]);
    assert!(taken.status.success() && err(&taken).contains("left out"), "{}", err(&taken));
    let update = run(folder, &["geoip", "update"]);
    assert_eq!(update.status.code(), Some(1), "{}", out(&update));
    assert!(err(&update).contains("AWS ranges: no answer"), "{}", err(&update));
}
