//! Queries: their frames, limits and failures, back-pressure, cancellation, the queue.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::client::{Answer, Call};
use crate::harness::{Server, until};

fn ask(server: &Server, body: &Value) -> Call {
    server.call("POST", "/api/v1/query").json(body)
}

async fn run(server: &Server, body: Value) -> Answer {
    ask(server, &body).send().await
}

#[tokio::test]
async fn plain_rows() {
    let server = Server::open().await;
    let answer = run(&server, json!({"query": "rows 250"})).await;
    assert_eq!(
        (answer.status, answer.header("content-type"), answer.header("x-trailhound-limit")),
        (200, "application/x-ndjson", "10000")
    );
    let lines = answer.lines();
    assert_eq!(lines.len(), 250);
    assert!(lines.iter().enumerate().all(|(n, line)| line["n"] == json!(n) || line["n"] == json!(n.to_string())));
    assert_eq!(run(&server, json!({"query": "rows 0"})).await.text(), "");
}

#[tokio::test]
async fn framed_rows() {
    let server = Server::open().await;
    let lines = run(&server, json!({"query": "rows 3", "meta": true})).await.lines();
    assert_eq!(lines.len(), 5);
    let meta = &lines[0]["_meta"];
    assert_eq!(
        (&meta["language"], &meta["kind"], &meta["columns"][0]["name"]),
        (&json!("spl"), &json!("events"), &json!("n"))
    );
    assert_eq!(
        meta["diagnostics"][0],
        json!({"code": "spl.hm", "severity": "warning", "message": "hm", "span": {"start": 1, "end": 2}})
    );
    let end = &lines[4]["_end"];
    assert_eq!((&end["rows"], &end["truncated"]), (&json!(3), &json!(false)));
    for key in ["elapsed_ms", "scanned_bytes", "scanned_rows"] {
        assert!(end[key].is_u64(), "{key}");
    }
}

#[tokio::test]
async fn limits() {
    let server = Server::start(false, |config| {
        config.query.default_rows = 150;
        config.query.max_rows = 400;
    })
    .await;
    for (stored, limit, rows, truncated) in [
        (150, None, 150, false),
        (151, None, 150, true),
        (500, None, 150, true),
        (500, Some(100), 100, true),
        (500, Some(400), 400, true),
        (400, Some(400), 400, false),
        (5, Some(0), 0, true),
        (0, Some(0), 0, false),
    ] {
        let lines =
            run(&server, json!({"query": format!("rows {stored}"), "limit": limit, "meta": true})).await.lines();
        let end = &lines[lines.len() - 1]["_end"];
        assert_eq!((&end["rows"], &end["truncated"]), (&json!(rows), &json!(truncated)), "{stored} {limit:?}");
        assert_eq!(lines.len(), rows + 2);
    }
    let answer = run(&server, json!({"query": "rows 1", "limit": 401})).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "invalid"));
}

#[tokio::test]
async fn what_the_engine_is_asked() {
    let server = Server::start(false, |config| {
        config.query.deadline = Duration::from_secs(7);
        config.query.scan_bytes = Some(99);
    })
    .await;
    let filters = json!([{"field": "userName", "op": "is", "values": ["a", "b"]}, {"field": "x.y", "op": "is_not", "values": ["*"]}]);
    let body = json!({"lang": "sql", "query": "rows 1", "since": "2026-01-02T03:04:05Z", "until": "now", "limit": 9, "filters": filters});
    assert_eq!(run(&server, body).await.status, 200);
    let seen = server.fake.seen.lock().await.clone().unwrap();
    assert_eq!((seen.lang.as_str(), seen.text.as_str(), seen.limit), ("sql", "rows 1", Some(10)));
    assert_eq!((seen.since, seen.until), (Some(1_767_323_045_000_000), Some(1_800_000_000_000_000)));
    assert_eq!(
        (seen.limits.deadline, seen.limits.scan_bytes, seen.limits.rows),
        (Duration::from_secs(7), Some(99), 10)
    );
    let filters: Vec<_> = seen.filters.iter().map(|f| (f.field.as_str(), f.negated, f.values.join(","))).collect();
    assert_eq!(filters, [("userName", false, "a,b".to_owned()), ("x.y", true, "*".to_owned())]);

    for body in [
        json!({"query": "rows 1", "lang": "cobol"}),
        json!({"query": "rows 1", "since": "yesterday-ish"}),
        json!({"query": "rows 1", "until": "2026-13-01"}),
        json!({"query": "rows 1", "filters": [{"field": "", "op": "is", "values": ["x"]}]}),
        json!({"query": "rows 1", "filters": [{"field": "x", "op": "is", "values": []}]}),
    ] {
        for path in ["/api/v1/query", "/api/v1/explain"] {
            let answer = server.call("POST", path).json(&body).send().await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "invalid"), "{path} {body}");
        }
    }
}

const KINDS: [(&str, u16, &str); 6] = [
    ("invalid", 400, "invalid"),
    ("notfound", 404, "not-found"),
    ("deadline", 408, "deadline"),
    ("budget", 422, "scan-budget"),
    ("memory", 503, "memory"),
    ("internal", 500, "internal"),
];

#[tokio::test]
async fn failures_before_the_first_row_have_a_status() {
    let server = Server::open().await;
    for (kind, status, code) in KINDS {
        for verb in ["fail", "first"] {
            let answer = run(&server, json!({"query": format!("{verb} {kind}"), "meta": true})).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{verb} {kind}");
            assert_eq!(answer.header("content-type"), "application/json");
        }
        let answer =
            server.call("POST", "/api/v1/explain").json(&json!({"query": format!("fail {kind}")})).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "explain {kind}");
    }
    let answer = run(&server, json!({"query": "fail invalid"})).await.json();
    assert_eq!(answer["error"]["message"], json!("that is odd"));
    assert_eq!(answer["error"]["diagnostics"][0]["span"], json!({"start": 0, "end": 4}));
    let answer = run(&server, json!({"query": "fail internal"})).await;
    assert!(!answer.text().contains("secret detail"), "{}", answer.text());
}

#[tokio::test]
async fn failures_after_it_end_the_answer_in_words() {
    let server = Server::open().await;
    for (kind, _, code) in KINDS {
        for meta in [false, true] {
            let answer = run(&server, json!({"query": format!("late {kind}"), "meta": meta})).await;
            let lines = answer.lines();
            assert_eq!((answer.status, lines.len()), (200, if meta { 5 } else { 4 }), "{kind}");
            let last = &lines[lines.len() - 1];
            assert_eq!(last["_error"]["code"], json!(code), "{last}");
            assert!(last["_error"]["message"].is_string());
        }
    }
}

#[tokio::test]
async fn a_query_that_hangs_meets_its_deadline() {
    let server = Server::start(false, |config| config.query.deadline = Duration::ZERO).await;
    let answer = run(&server, json!({"query": "hold"})).await;
    assert_eq!((answer.status, answer.code().as_str()), (408, "deadline"));
    let lines = run(&server, json!({"query": "stall"})).await.lines();
    assert_eq!((lines.len(), &lines[3]["_error"]["code"]), (4, &json!("deadline")));
    assert_eq!(server.fake.alive.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn leaving_cancels() {
    let server = Server::open().await;
    let alive = || server.fake.alive.load(Ordering::SeqCst);
    // Before the first row, between rows, and in the midst of many.
    for query in ["hold", "stall", "flood"] {
        let mut open = Box::pin(ask(&server, &json!({"query": query})).open());
        let response = tokio::select! {
            response = &mut open => Some(response),
            () = until("it runs", || alive() == 1 && query == "hold") => None,
        };
        assert_eq!(alive(), 1, "{query}");
        drop(response);
        drop(open);
        until("it was cancelled", || alive() == 0).await;
    }
    until("it was counted", || true).await;
    let text = server.get("/metrics").await.text().to_owned();
    assert!(text.contains("trailhound_queries_total{outcome=\"cancelled\"} 3"), "{text}");
}

#[tokio::test]
async fn the_engine_waits_for_the_client() {
    let server = Server::open().await;
    let mut response = ask(&server, &json!({"query": "flood", "limit": 1_000_000})).open().await;
    let first = response.body_mut().frame().await.unwrap().unwrap();
    assert!(first.data_ref().is_some_and(|data| !data.is_empty()));
    let handed = || server.fake.batches.load(Ordering::SeqCst);
    let mut before = usize::MAX;
    // Once the buffers on the way are full, nothing more is asked of the engine.
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if handed() == before {
            break;
        }
        before = handed();
    }
    assert_eq!(handed(), before);
    assert!(before < 100, "{before} MB were read for a client that takes nothing");
    while handed() < before + 10 {
        response.body_mut().frame().await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_client_that_stalls_loses_its_query_and_knows() {
    let server = Server::start(false, |config| config.timeouts.write = Duration::from_millis(100)).await;
    let mut response = ask(&server, &json!({"query": "flood", "limit": 1_000_000})).open().await;
    until("the query was cancelled", || server.fake.alive.load(Ordering::SeqCst) == 0).await;
    let ended = loop {
        match response.body_mut().frame().await {
            Some(Ok(_)) => {}
            other => break other,
        }
    };
    assert!(matches!(ended, Some(Err(_))), "the body must not look whole: {ended:?}");
}

#[tokio::test]
async fn too_many_queries_are_told_to_come_back() {
    let server = Server::start(false, |config| {
        config.query.concurrent = 2;
        config.query.waiting = 1;
    })
    .await;
    let alive = || server.fake.alive.load(Ordering::SeqCst);
    let body = json!({"query": "hold"});
    let running: Vec<_> = (0..2).map(|_| tokio::spawn(ask(&server, &body).send())).collect();
    until("two run", || alive() == 2).await;
    let waiting = tokio::spawn(ask(&server, &json!({"query": "rows 1"})).send());
    let busy = async || server.get("/api/v1/status").await.json()["queries"].clone();
    while busy().await != json!({"running": 2, "waiting": 1}) {}
    let answer = run(&server, json!({"query": "rows 1"})).await;
    assert_eq!((answer.status, answer.code().as_str(), answer.header("retry-after")), (429, "busy", "5"));
    server.fake.release.notify_waiters();
    for query in running {
        assert_eq!(query.await.unwrap().status, 200);
    }
    assert_eq!(waiting.await.unwrap().lines().len(), 1, "its turn came");
    assert_eq!(run(&server, json!({"query": "rows 1"})).await.status, 200);
}

#[tokio::test]
async fn waiting_ends_too() {
    let server = Server::start(false, |config| {
        config.query.concurrent = 1;
        config.query.wait = Duration::from_millis(50);
    })
    .await;
    let held = tokio::spawn(ask(&server, &json!({"query": "hold"})).send());
    until("it runs", || server.fake.alive.load(Ordering::SeqCst) == 1).await;
    assert_eq!(run(&server, json!({"query": "rows 1"})).await.code(), "busy");
    server.fake.release.notify_waiters();
    assert_eq!(held.await.unwrap().status, 200);
}
