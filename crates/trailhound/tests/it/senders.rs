//! Senders of logs, and a server that is killed under them: what it acknowledged is in the lake, each event once.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Server, command, err, out, run};

const SETTINGS: &str = r#"
lake = "lake"
state = "sqlite:state.db"

[[source]]
type = "hec"
name = "apps"
tokens = [{ name = "app", token = "11111111-1111-1111-1111-111111111111", ack = true }]

[[source]]
type = "firehose"
name = "stream"
access_key = "a key"
"#;

fn serve(folder: &Path) -> (Server, String) {
    let child = command(folder, &["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut server = Server(child);
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit("http://").next().unwrap().to_owned();
    assert!(!address.is_empty(), "the server did not start");
    (server, address)
}

fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2026-03-01T10:00:00Z","eventID":"{id}","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","userIdentity":{{"type":"IAMUser","userName":"alice"}},"recipientAccountId":"111122223333"}}"#
    )
}

/// The answer's first line and its body; an error where the server is gone.
fn post(address: &str, path: &str, headers: &str, body: &str) -> std::io::Result<(String, String)> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(Duration::from_secs(60)))?;
    let length = body.len();
    write!(
        socket,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer.as_str(), ""));
    Ok((head.lines().next().unwrap_or_default().to_owned(), body.to_owned()))
}

fn hec(address: &str, ids: &[String]) -> bool {
    let body: String = ids.iter().map(|id| format!(r#"{{"event":{}}}"#, record(id))).collect();
    let headers = "Authorization: Splunk 11111111-1111-1111-1111-111111111111\r\nX-Splunk-Request-Channel: FE0ECFAD-13D5-401B-847D-77833BD77131\r\n";
    post(address, "/services/collector/event", headers, &body)
        .is_ok_and(|(status, body)| status.contains("200") && body.contains("ackId"))
}

fn firehose(address: &str, request: &str, ids: &[String]) -> bool {
    let records: Vec<String> =
        ids.iter().map(|id| format!(r#"{{"data":"{}"}}"#, base64(record(id).as_bytes()))).collect();
    let body = format!(r#"{{"requestId":"{request}","timestamp":1772359200000,"records":[{}]}}"#, records.join(","));
    let headers = format!(
        "X-Amz-Firehose-Protocol-Version: 1.0\r\nX-Amz-Firehose-Request-Id: {request}\r\nX-Amz-Firehose-Access-Key: a key\r\nContent-Type: application/json\r\n"
    );
    post(address, "/firehose", &headers, &body)
        .is_ok_and(|(status, body)| status.contains("200") && body.contains(request))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for piece in bytes.chunks(3) {
        let word = piece.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - piece.len()));
        for digit in 0..4 {
            let symbol = DIGITS[(word >> (18 - 6 * digit) & 63) as usize] as char;
            text.push(if digit > piece.len() { '=' } else { symbol });
        }
    }
    text
}

/// What senders know: what was acknowledged to them, and what they sent.
#[derive(Default)]
struct Ledger {
    acknowledged: Mutex<BTreeSet<String>>,
    sent: AtomicUsize,
}

/// Sends until told to stop; what is not acknowledged is sent again, as senders do.
fn sender(number: usize, address: &Mutex<String>, ledger: &Ledger, stop: &AtomicBool) {
    for round in 0.. {
        let ids: Vec<String> =
            (0..20).map(|n| format!("{number:08x}-0000-4000-8000-{:012x}", round * 20 + n)).collect();
        ledger.sent.fetch_add(ids.len(), Ordering::Relaxed);
        loop {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let to = address.lock().unwrap().clone();
            let taken = match number % 2 {
                0 => hec(&to, &ids),
                _ => firehose(&to, &format!("{number}-{round}"), &ids),
            };
            if taken {
                ledger.acknowledged.lock().unwrap().extend(ids);
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn ids(folder: &Path) -> Vec<String> {
    let answer = run(folder, &["query", "--format", "csv", "--limit", "1000000", "SELECT event_id FROM cloudtrail"]);
    out(&answer).lines().skip(1).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn what_is_acknowledged_survives_kills_and_is_there_once() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::write(folder.join("trailhound.toml"), SETTINGS).unwrap();
    let kills = std::env::var("TRAILHOUND_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(5_u64);
    let (mut server, first) = serve(folder);
    let address = Arc::new(Mutex::new(first));
    let (ledger, stop) = (Arc::new(Ledger::default()), Arc::new(AtomicBool::new(false)));
    let senders: Vec<_> = (0..4)
        .map(|number| {
            let (address, ledger, stop) = (address.clone(), ledger.clone(), stop.clone());
            std::thread::spawn(move || sender(number, &address, &ledger, &stop))
        })
        .collect();
    for kill in 0..kills {
        // Moments spread over the life of a batch: within the journal's write, the linger, the commit.
        std::thread::sleep(Duration::from_millis(400 + kill * 397 % 1900));
        server.0.kill().unwrap();
        server.0.wait().unwrap();
        let (next, to) = serve(folder);
        server = next;
        *address.lock().unwrap() = to;
    }
    std::thread::sleep(Duration::from_millis(500));
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.join().unwrap();
    }
    let acknowledged = ledger.acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
    let mut stored = Vec::new();
    // What was acknowledged last is searchable a little later.
    for _ in 0..240 {
        stored = ids(folder);
        if stored.len() >= acknowledged.len() && acknowledged.iter().all(|id| stored.contains(id)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    let different: BTreeSet<&String> = stored.iter().collect();
    assert_eq!(different.len(), stored.len(), "events are in the lake more than once");
    let lost: Vec<&String> = acknowledged.iter().filter(|id| !different.contains(id)).collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged events are lost: {:?}",
        lost.len(),
        acknowledged.len(),
        &lost[..3.min(lost.len())]
    );
    assert!(stored.len() <= ledger.sent.load(Ordering::Relaxed));
}

#[test]
fn the_quarantine_is_listed_shown_and_replayed() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::create_dir(folder.join("logs")).unwrap();
    let broken = format!(
        r#"{{"Records":[{},{{"eventVersion":"1.08","eventID":"x","eventName":"Y","eventSource":"s3.amazonaws.com"}}]}}"#,
        record("a")
    );
    std::fs::write(folder.join("logs/one.json"), broken).unwrap();
    assert_eq!(run(folder, &["ingest", "--lake", "lake", "logs"]).status.code(), Some(1));
    let listed = run(folder, &["quarantine", "list", "--lake", "lake", "--format", "json"]);
    let piece: serde_json::Value = serde_json::from_str(out(&listed).trim()).unwrap();
    assert_eq!(piece["reason"], "missing-time", "{piece}");
    let id = piece["id"].as_str().unwrap();
    let shown = run(folder, &["quarantine", "show", "--lake", "lake", id]);
    assert!(out(&shown).contains(r#""eventID":"x""#) && err(&shown).contains("missing-time"), "{}", err(&shown));
    let none = run(folder, &["quarantine", "list", "--lake", "lake", "--reason", "too-deep", "--format", "json"]);
    assert_eq!(out(&none), "");
    let replayed = run(folder, &["quarantine", "replay", "--lake", "lake"]);
    assert_eq!(replayed.status.code(), Some(1), "it still has no time: {}", out(&replayed));
    assert!(err(&replayed).contains("missing-time"), "{}", err(&replayed));
}

#[test]
fn standard_input_is_taken_in() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let text: String = (0..500).map(|n| record(&format!("e{n}")) + "\n").collect();
    for rows in [500, 0] {
        let mut ingest = command(folder, &["ingest", "--lake", "lake", "--format", "json", "-"]);
        let mut ingest = ingest.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        ingest.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let done = ingest.wait_with_output().unwrap();
        let report: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
        assert_eq!((report["rows_added"].as_u64(), report["complete"].as_bool()), (Some(rows), Some(true)), "{report}");
    }
}
