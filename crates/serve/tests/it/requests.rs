//! Hostile and broken requests, the headers of every answer, and what operators look at.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Server, until};

#[tokio::test]
async fn bodies() {
    let server = Server::open().await;
    let huge = format!("{{\"query\": \"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let deep = "[".repeat(100_000);
    for (kind, body, status, code) in [
        ("application/json", "", 400, "invalid"),
        ("application/json", "{", 400, "invalid"),
        ("application/json", "{\"query\": \"rows 1\"} trailing", 400, "invalid"),
        ("application/json", "{\"query\": \"\\ud800\"}", 400, "invalid"),
        ("application/json", deep.as_str(), 422, "invalid"),
        ("application/json", "[]", 422, "invalid"),
        ("application/json", "{\"query\": 1}", 422, "invalid"),
        ("application/json", "{}", 422, "invalid"),
        ("application/json", "{\"query\": \"rows 1\", \"sinse\": \"-7d\"}", 422, "invalid"),
        ("application/json", "{\"query\": \"rows 1\", \"limit\": -1}", 422, "invalid"),
        (
            "application/json",
            "{\"query\": \"rows 1\", \"filters\": [{\"field\": \"a\", \"op\": \"like\", \"values\": [\"x\"]}]}",
            422,
            "invalid",
        ),
        ("application/json", huge.as_str(), 413, "too-large"),
        ("text/plain", "{\"query\": \"rows 1\"}", 415, "media-type"),
        ("application/jsonp", "{\"query\": \"rows 1\"}", 415, "media-type"),
    ] {
        let answer = server.call("POST", "/api/v1/query").header("content-type", kind).bytes(body).send().await;
        let begin: String = body.chars().take(60).collect();
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{kind} {begin}: {}", answer.text());
        assert!(answer.json()["error"]["diagnostics"].is_array());
    }
    for kind in ["application/json; charset=utf-8", "Application/JSON"] {
        let call = server.call("POST", "/api/v1/query").header("content-type", kind).bytes("{\"query\": \"rows 1\"}");
        assert_eq!(call.send().await.status, 200, "{kind}");
    }
}

/// Writes `text` and reads until the server closes the connection or says enough.
async fn raw(server: &Server, text: &str, enough: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = stream.read(&mut buffer).await {
        seen.extend_from_slice(&buffer[..n]);
        if !enough.is_empty() && String::from_utf8_lossy(&seen).contains(enough) {
            break;
        }
    }
    String::from_utf8_lossy(&seen).into_owned()
}

#[tokio::test]
async fn a_body_without_length_is_bounded_too() {
    let server = Server::start(false, |config| config.body_bytes = 100).await;
    let head = "POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("50\r\n{}\r\n", "x".repeat(0x50));
    let answer = raw(&server, &format!("{head}{chunk}{chunk}"), "too-large").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn slow_clients_are_not_waited_for() {
    let server = Server::start(false, |config| {
        config.timeouts.head = Duration::from_millis(100);
        config.timeouts.body = Duration::from_millis(100);
    })
    .await;
    let answer = raw(&server, "GET /healthz HTTP/1.1\r\nHost: loc", "").await;
    assert!(!answer.contains("200"), "half a head: {answer}");
    let half = "POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
    let answer = raw(&server, half, "slow-body").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "half a body: {answer}");
}

#[tokio::test]
async fn broken_http_is_refused() {
    let server = Server::open().await;
    for text in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    ] {
        let answer = raw(&server, text, "host-not-allowed").await;
        assert!(answer.starts_with("HTTP/1.") && answer.contains(" 403 "), "{text:?}: {answer}");
    }
    for text in [
        "\u{16}\u{3}\u{1}",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        &format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1_000_000)),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let _ = stream.write_all(text.as_bytes()).await;
        let _ = stream.shutdown().await;
        let mut seen = Vec::new();
        let _ = stream.read_to_end(&mut seen).await;
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(seen.is_empty() || seen.starts_with("HTTP/1.1 4"), "{seen}");
    }
    assert_eq!(server.get("/healthz").await.status, 200, "still there");
}

#[tokio::test]
async fn every_answer_has_the_headers() {
    let server = Server::closed().await;
    let browser = server.browser().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/healthz"),
        ("GET", "/api/v1/status"),
        ("GET", "/api/v1/nothing"),
        ("POST", "/"),
        ("GET", "/assets/none.js"),
        ("POST", "/api/v1/query"),
        ("GET", "/api/v1/session"),
    ] {
        for call in [server.call(method, path), browser.dress(server.call(method, path))] {
            let answer = call.send().await;
            let policy = answer.header("content-security-policy");
            for part in [
                "default-src 'self'",
                "script-src 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "connect-src 'self'",
            ] {
                assert!(policy.split("; ").any(|p| p == part), "{method} {path}: {part} is not in {policy}");
            }
            assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src 'self' 'unsafe"));
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("x-frame-options", "DENY"),
            ] {
                assert_eq!(answer.header(name), value, "{method} {path}");
            }
            assert_eq!(answer.header("x-request-id").len(), 16);
            assert!(!answer.header("cache-control").is_empty());
            assert_eq!(answer.header("server"), "");
        }
    }
}

#[tokio::test]
async fn a_panic_costs_one_request_and_tells_nothing() {
    let server = Server::open().await;
    let answer = server.call("POST", "/api/v1/query").json(&json!({"query": "panic"})).send().await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal"));
    assert!(!answer.text().contains("asked to"));
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn metrics_count() {
    let server = Server::open().await;
    for query in ["rows 5", "rows 2", "fail deadline", "first budget", "late memory"] {
        server.call("POST", "/api/v1/query").json(&json!({"query": query})).send().await;
    }
    server.call("BREW", "/api/v1/query").send().await;
    server.get("/anything/at/all").await;
    let answer = server.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in [
        "trailhound_queries_total{outcome=\"ok\"} 2",
        "trailhound_queries_total{outcome=\"deadline\"} 1",
        "trailhound_queries_total{outcome=\"scan-budget\"} 1",
        "trailhound_queries_total{outcome=\"memory\"} 1",
        "trailhound_query_duration_seconds_count 5",
        "trailhound_query_rows_total 10",
        "trailhound_queries_running 0",
        "trailhound_http_requests_total{method=\"POST\",route=\"/api/v1/query\",status=\"408\"} 1",
        "trailhound_http_requests_total{method=\"OTHER\",route=\"/api/v1/query\",status=\"405\"} 1",
        "trailhound_http_requests_total{method=\"GET\",route=\"page\",status=\"200\"} 1",
        "trailhound_table_rows{table=\"cloudtrail\"} 7",
    ] {
        assert!(answer.text().lines().any(|l| l == line), "{line} is not in\n{}", answer.text());
    }
}

#[tokio::test]
async fn status_events_dashboards() {
    let server = Server::open().await;
    let status = server.get("/api/v1/status").await.json();
    assert_eq!(
        (
            &status["lake"],
            &status["tables"][0]["name"],
            &status["tables"][0]["rows"],
            &status["sign_in_required"],
            &status["started_at"]
        ),
        (&json!("./data/lake"), &json!("cloudtrail"), &json!(7), &json!(false), &json!("2027-01-15T08:00:00Z"))
    );
    assert_eq!(
        server.get("/api/v1/events/event-1").await.json(),
        json!({"columns": {"event_id": "event-1"}, "raw": "{\"eventID\": 1}"})
    );
    assert_eq!(server.get("/api/v1/events/a%2Fb%20c").await.status, 200);
    assert_eq!(server.get("/api/v1/events/none").await.code(), "not-found");
    assert_eq!(server.get("/api/v1/events/%ff").await.code(), "invalid");
    let list = server.get("/api/v1/dashboards").await.json();
    let orders: Vec<i64> = list.as_array().unwrap().iter().map(|d| d["order"].as_i64().unwrap()).collect();
    assert!(orders.len() >= 3 && orders.is_sorted(), "{list}");
    for dashboard in list.as_array().unwrap() {
        let whole = server.get(&format!("/api/v1/dashboards/{}", dashboard["id"].as_str().unwrap())).await.json();
        assert_eq!(whole["title"], dashboard["title"]);
        assert!(whole["panels"].is_array());
    }
    for id in ["none", "..%2fsecurity-overview", "security-overview.json"] {
        assert_eq!(server.get(&format!("/api/v1/dashboards/{id}")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn it_stops_in_order() {
    let server = Server::start(false, |config| config.timeouts.drain = Duration::from_secs(20)).await;
    let fake = server.fake.clone();
    let address = server.address;
    let asked = tokio::spawn(server.call("POST", "/api/v1/query").json(&json!({"query": "hold"})).send());
    until("the query runs", || fake.alive.load(std::sync::atomic::Ordering::SeqCst) == 1).await;
    let stopping = tokio::spawn(server.stop());
    until("no new connections", || std::net::TcpStream::connect(address).is_err()).await;
    fake.release.notify_one();
    assert_eq!(asked.await.unwrap().lines().len(), 1, "what was under way is answered");
    stopping.await.unwrap();
}

#[tokio::test]
async fn it_stops_though_a_query_does_not() {
    let server = Server::start(false, |config| config.timeouts.drain = Duration::from_millis(50)).await;
    let fake = server.fake.clone();
    let asked = tokio::spawn(server.call("POST", "/api/v1/query").json(&json!({"query": "stall"})).open());
    until("the query runs", || fake.alive.load(std::sync::atomic::Ordering::SeqCst) == 1).await;
    server.stop().await;
    until("the query was cancelled", || fake.alive.load(std::sync::atomic::Ordering::SeqCst) == 0).await;
    drop(asked.await);
}

#[tokio::test]
async fn dashboards_of_ones_own_stand_beside_the_built_in_ones() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let own = |id: &str| {
        json!({"id": id, "title": {"en": "Mine", "ja": "自分"}, "description": {"en": "d", "ja": "d"}, "order": 100, "panels": []})
            .to_string()
    };
    file("mine.json", &own("mine"));
    file("other.json", &own("not-its-name"));
    file("security-overview.json", &own("security-overview"));
    file("broken.json", "{");
    file("notes.txt", "not a dashboard");
    let server = Server::start(false, |config| config.dashboards = Some(folder.path().to_owned())).await;
    let list = server.get("/api/v1/dashboards").await.json();
    let ids: Vec<&str> = list.as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().filter(|id| **id == "mine").count(), 1, "{ids:?}");
    assert_eq!(ids.iter().filter(|id| **id == "security-overview").count(), 1, "{ids:?}");
    assert!(!ids.contains(&"not-its-name"), "{ids:?}");
    assert_eq!(server.get("/api/v1/dashboards/mine").await.json()["title"]["en"], "Mine");
    assert_ne!(server.get("/api/v1/dashboards/security-overview").await.json()["title"]["en"], "Mine");
    // A file that comes later is there without a restart.
    file("later.json", &own("later"));
    assert_eq!(server.get("/api/v1/dashboards/later").await.status, 200);
}
