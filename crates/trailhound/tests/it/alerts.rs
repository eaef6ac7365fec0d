//! Alerts of the real program: a saved search that fires when the next such event is taken in, and kills at any moment.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::{Server, command, err, out, run};

fn server(folder: &Path) -> (Server, String) {
    let args = ["serve", "--lake", "lake", "--state", "sqlite:state.db", "--listen", "127.0.0.1:0"];
    let child = command(folder, &args).stdout(Stdio::piped()).spawn().unwrap();
    let mut server = Server(child);
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit("http://").next().unwrap().to_owned();
    (server, address)
}

fn ask(address: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut socket = TcpStream::connect(address).unwrap();
    write!(
        socket,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
}

fn login(n: u32, user: &str, mfa: &str) -> Value {
    json!({"eventVersion": "1.08", "eventTime": format!("2018-08-20T10:00:{n:02}Z"), "eventID": format!("login-{n}"),
        "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "awsRegion": "us-east-1", "eventType": "AwsConsoleSignIn",
        "sourceIPAddress": "192.0.2.7", "recipientAccountId": "111122223333", "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"MFAUsed": mfa},
        "userIdentity": {"type": "IAMUser", "userName": user, "arn": format!("arn:aws:iam::111122223333:user/{user}")}})
}

fn take_in(folder: &Path, name: &str, records: &[Value]) {
    std::fs::write(folder.join(name), json!({ "Records": records }).to_string()).unwrap();
    let taken = run(folder, &["ingest", "--lake", "lake", name]);
    assert!(taken.status.success(), "{}", err(&taken));
}

/// The alerts of a rule, as the command line has them.
fn alerts(folder: &Path, rule: &str) -> Vec<Value> {
    let args = [
        "alerts",
        "list",
        "--state",
        "sqlite:state.db",
        "--status",
        "all",
        "--limit",
        "100000",
        "--format",
        "json",
        "--rule",
    ];
    let listed = run(folder, &[&args[..], &[rule]].concat());
    assert!(listed.status.success(), "{}", err(&listed));
    out(&listed).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_saved_search_fires_when_the_next_such_login_is_taken_in() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    take_in(folder, "before.json", &[login(1, "bstoll", "No")]);
    let (_server, address) = server(folder);
    let search = json!({"from_search": {"lang": "spl", "title": "Login without MFA", "severity": "high",
        "query": "|sourcetype=aws:cloudtrail eventName=ConsoleLogin additionalEventData.MFAUsed=No | stats count by username, additionalEventData.MFAUsed"}});
    let (status, made) = ask(&address, "POST", "/api/v1/rules", &search);
    assert_eq!((status, made["id"].as_str()), (201, Some("login-without-mfa")), "{made}");
    // What it would have found before.
    let replayed = ask(&address, "POST", "/api/v1/rules/replay", &json!({"id": "login-without-mfa"})).1;
    assert_eq!(
        (&replayed["findings"], &replayed["by_group"][0]["group"][0]["value"]),
        (&json!(1), &json!("bstoll")),
        "{replayed}"
    );
    // By another process, which knows nothing of the server's state.
    take_in(folder, "after.json", &[login(2, "alice", "Yes"), login(3, "bstoll", "No")]);
    let path = "/api/v1/alerts?rule=login-without-mfa";
    // A server that has just met its lake may still be asking about the first login when the rule comes: that is in the
    // alert then, too.
    let (mut found, mut one, mut events) = (Value::Null, Value::Null, Vec::new());
    for _ in 0..600 {
        found = ask(&address, "GET", path, &Value::Null).1;
        if let Some(id) = found["alerts"][0]["id"].as_str() {
            one = ask(&address, "GET", &format!("/api/v1/alerts/{id}"), &Value::Null).1;
            let evidence = one["evidence"].as_array().unwrap().iter();
            events = evidence.filter_map(|e| e["event_id"].as_str().map(str::to_owned)).collect();
        }
        if events.iter().any(|id| id == "login-3") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(found["total"], 1, "{found}");
    let alert = &found["alerts"][0];
    assert_eq!(
        (&alert["actor"], &alert["severity"], &alert["status"]),
        (&json!("bstoll"), &json!("high"), &json!("open"))
    );
    let has = |wanted: &str| events.iter().any(|id| id == wanted);
    assert!(has("login-3") && !has("login-2"), "{events:?}");
    assert!(
        one["actor_chain"].as_array().unwrap().iter().any(|name| name.as_str().unwrap().contains("bstoll")),
        "{one}"
    );
    let closed = run(
        folder,
        &["alerts", "close", "--state", "sqlite:state.db", alert["id"].as_str().unwrap(), "--verdict", "benign"],
    );
    assert!(closed.status.success(), "{}", err(&closed));
    assert_eq!(ask(&address, "GET", path, &Value::Null).1["total"], 0);
    let shown = run(folder, &["alerts", "show", "--state", "sqlite:state.db", alert["id"].as_str().unwrap()]);
    assert!(out(&shown).contains("status: open -> closed"), "{}", out(&shown));
}

/// Takes logs in under kills; every event that the rule is for is an alert of its own, so that alerts can be counted.
#[test]
fn kills_neither_lose_nor_repeat_an_alert() {
    const RULE: &str = "id: everything-denied\ntitle: Denied\nquery: { lang: filter, text: '{ $.errorCode = \"AccessDenied\" }' }\ngroup_by: [event_id]\n";
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::create_dir(folder.join("rules")).unwrap();
    std::fs::write(folder.join("rules/everything-denied.yml"), RULE).unwrap();
    std::fs::write(
        folder.join("trailhound.toml"),
        "lake = \"lake\"\nstate = \"sqlite:state.db\"\n[rules]\nfolders = [\"rules\"]\n",
    )
    .unwrap();
    // Batches of their own, so that there are commits to be killed between.
    for turn in 0..3 {
        let seed = format!("{}", 7 + turn);
        let logs = format!("logs{turn}");
        assert!(run(folder, &["generate", "--events", "2000", "--out", &logs, "--seed", &seed]).status.success());
        for pause in [120, 400, 900] {
            let mut child =
                command(folder, &["ingest", &logs]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(pause + turn * 150));
            let _ = child.kill();
            child.wait().unwrap();
        }
        let taken = run(folder, &["ingest", &logs]);
        assert!(taken.status.success(), "{}", err(&taken));
    }
    let rows = run(folder, &["query", "--format", "json", "--lang", "spl", "errorCode=AccessDenied | table eventID"]);
    let mut expected: Vec<String> = out(&rows)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["eventID"].as_str().unwrap().to_owned())
        .collect();
    expected.sort();
    let mut ledger: BTreeMap<String, u64> = BTreeMap::new();
    for alert in alerts(folder, "everything-denied") {
        let id = alert["group"][0]["value"].as_str().unwrap().to_owned();
        *ledger.entry(id).or_default() += alert["events"].as_u64().unwrap();
    }
    assert!(expected.len() > 5, "{}", expected.len());
    assert!(ledger.values().all(|events| *events == 1), "{ledger:?}");
    assert_eq!(ledger.into_keys().collect::<Vec<_>>(), expected);
}

#[test]
fn a_rule_is_replayed_from_its_file() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    take_in(folder, "log.json", &[login(1, "bstoll", "No"), login(2, "bstoll", "No"), login(3, "alice", "Yes")]);
    let rule = "id: no-mfa\ntitle: No MFA\nquery: { lang: filter, text: '{ $.additionalEventData.MFAUsed = \"No\" }' }\ngroup_by: [actor_name]\n";
    std::fs::write(folder.join("no-mfa.yml"), rule).unwrap();
    let replay =
        |more: &[&str]| run(folder, &[&["rules", "replay", "--lake", "lake", "--format", "json"], more].concat());
    let found = replay(&["no-mfa.yml", "--since", "2018-08-01", "--until", "2018-09-01"]);
    assert!(found.status.success(), "{}", err(&found));
    let found: Value = serde_json::from_str(&out(&found)).unwrap();
    assert_eq!((&found["findings"], &found["alerts_would_open"]), (&json!(2), &json!(1)), "{found}");
    let later = replay(&["no-mfa.yml", "--since", "2018-09-01"]);
    assert_eq!(serde_json::from_str::<Value>(&out(&later)).unwrap()["findings"], 0);
    let none = replay(&["nothing-of-that-name"]);
    assert!(none.status.code() == Some(1) && err(&none).contains("nothing-of-that-name"), "{}", err(&none));
}

#[test]
fn a_new_user_has_the_controls_watching() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let rules = run(folder, &["rules", "list", "--format", "json"]);
    let rules: Vec<Value> = out(&rules).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let control = |rule: &&Value| rule["id"].as_str().unwrap().starts_with("cloudwatch-") && rule["enabled"] == true;
    assert_eq!(rules.iter().filter(control).count(), 14);
    assert!(run(folder, &["generate", "--events", "1000", "--out", "logs", "--seed", "7"]).status.success());
    let taken = run(folder, &["ingest", "--lake", "lake", "--state", "sqlite:state.db", "logs"]);
    assert!(taken.status.success(), "{}", err(&taken));
    let logins = alerts(folder, "cloudwatch-3-console-login-without-mfa");
    // As over a metric filter, one alarm for the account; bstoll's four logins of the samples are in it.
    assert!(logins.len() == 1 && logins[0]["events"].as_u64() >= Some(4), "{logins:?}");
    let shown = run(folder, &["alerts", "show", "--state", "sqlite:state.db", logins[0]["id"].as_str().unwrap()]);
    assert!(out(&shown).matches("bstoll").count() >= 4, "{}", out(&shown));
    assert!(!alerts(folder, "cloudwatch-1-root-used").is_empty());
    // A server on the same state has watched it all already.
    let (_server, address) = server(folder);
    let listed = ask(&address, "GET", "/api/v1/alerts?status=all&limit=1", &Value::Null).1;
    std::thread::sleep(Duration::from_secs(4));
    let later = ask(&address, "GET", "/api/v1/alerts?status=all&limit=1", &Value::Null).1;
    assert_eq!(listed["total"], later["total"]);
    assert_eq!(alerts(folder, "cloudwatch-3-console-login-without-mfa"), logins);
}
