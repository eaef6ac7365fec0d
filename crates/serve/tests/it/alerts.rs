//! Alerts and rules over HTTP: their life, who did what, and what is refused.

use event::Decoded;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::harness::Server;

/// Users created, one by each of these.
fn watch(server: &Server, actors: &[&str]) {
    let records: Vec<Value> = actors
        .iter()
        .enumerate()
        .map(|(n, actor)| {
            json!({"eventVersion": "1.08", "eventTime": format!("2026-03-01T10:00:{n:02}Z"), "eventID": format!("{actor}-{n}"),
                "eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "awsRegion": "us-east-1",
                "sourceIPAddress": "192.0.2.7", "recipientAccountId": "111122223333",
                "userIdentity": {"type": "IAMUser", "userName": actor, "arn": format!("arn:aws:iam::111122223333:user/{actor}")}})
        })
        .collect();
    let mut batcher = event::Batcher::new(event::Limits::default());
    let object = serde_json::to_vec(&json!({"Records": records})).unwrap();
    batcher.push_object(&object, "one.json", 1).unwrap();
    let Decoded { log_type, batch } = batcher.take_batch().unwrap().unwrap();
    let batch = enrich::Enricher::new(None).enrich_as(log_type, batch).unwrap();
    let ticket = server.detections.watch(&[Decoded { log_type, batch }]).unwrap();
    server.detections.landed(ticket).unwrap();
}

async fn send(server: &Server, method: &str, path: &str, body: Value) -> Answer {
    server.call(method, path).json(&body).send().await
}

async fn listed(server: &Server, query: &str) -> Value {
    let answer = server.get(&format!("/api/v1/alerts{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn alerts_are_listed_taken_and_closed() {
    let server = Server::open().await;
    watch(&server, &["alice", "bob", "alice"]);
    let all = listed(&server, "").await;
    assert_eq!(
        (&all["total"], &all["counts"]["open"], &all["counts"]["by_severity"]["high"]),
        (&json!(2), &json!(2), &json!(2))
    );
    let alice = all["alerts"].as_array().unwrap().iter().find(|alert| alert["actor"] == "alice").unwrap();
    assert_eq!((&alice["events"], &alice["title"]["ja"]), (&json!(2), &json!("ユーザー作成")));
    assert_eq!(alice["group"], json!([{"field": "actor_name", "value": "alice"}]));
    let path = format!("/api/v1/alerts/{}", alice["id"].as_str().unwrap());
    let one = server.get(&path).await.json();
    assert_eq!((&one["advice"]["en"], one["evidence"].as_array().unwrap().len()), (&json!("Ask who."), 2));
    assert_eq!(one["evidence"][0]["link"], "/events/alice-2");
    let taken = send(&server, "PATCH", &path, json!({"status": "acknowledged", "owner": "ann"})).await;
    assert_eq!((taken.status, &taken.json()["owner"]), (200, &json!("ann")));
    let noted = send(&server, "POST", &format!("{path}/notes"), json!({"text": "called"})).await;
    assert_eq!(
        (noted.status, &noted.json()["notes"][0]["text"], &noted.json()["notes"][0]["by"]),
        (201, &json!("called"), &json!("local"))
    );
    assert_eq!(listed(&server, "?status=acknowledged&actor=alice").await["total"], 1);
    let ids: Vec<Value> = all["alerts"].as_array().unwrap().iter().map(|alert| alert["id"].clone()).collect();
    let done =
        send(&server, "POST", "/api/v1/alerts/bulk", json!({"ids": ids, "status": "closed", "verdict": "benign"}))
            .await;
    assert_eq!(done.json(), json!({"changed": 2}));
    assert_eq!(listed(&server, "").await["total"], 0);
    assert_eq!(listed(&server, "?status=closed").await["alerts"][0]["verdict"], "benign");
    // The next finding opens another, beside which the old one can't be opened.
    watch(&server, &["carol", "alice"]);
    assert_eq!(send(&server, "PATCH", &path, json!({"status": "open"})).await.code(), "conflict");
    let history = server.get(&path).await.json()["history"].clone();
    assert_eq!(history.as_array().unwrap().len(), 4, "{history}");
    let actions: Vec<String> = server.state.audit_log(9).unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["alert-change", "alert-change", "alert-note", "alert-change"]);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = Server::open().await;
    let actors: Vec<String> = (0..25).map(|n| format!("user-{n}")).collect();
    watch(&server, &actors.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut seen, mut cursor) = (std::collections::BTreeSet::new(), String::new());
    for wanted in [10, 10, 5] {
        let page = listed(&server, &format!("?limit=10&cursor={cursor}")).await;
        let alerts = page["alerts"].as_array().unwrap();
        assert_eq!((alerts.len(), &page["total"]), (wanted, &json!(25)));
        seen.extend(alerts.iter().map(|alert| alert["id"].as_str().unwrap().to_owned()));
        cursor = page["next"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!((seen.len(), cursor.as_str()), (25, ""));
    assert_eq!(listed(&server, "?q=user-7").await["total"], 1);
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let server = Server::open().await;
    watch(&server, &["alice"]);
    for query in ["?status=opne", "?severity=bad", "?limit=0", "?limit=501", "?since=soon", "?cursor=x", "?colour=red"]
    {
        let answer = server.get(&format!("/api/v1/alerts{query}")).await;
        assert!([400, 422].contains(&answer.status), "{query}: {}", answer.status);
    }
    for (method, path, body, status) in [
        ("PATCH", "/api/v1/alerts/1", json!({"status": "gone"}), 422),
        ("PATCH", "/api/v1/alerts/1", json!({"stats": "open"}), 422),
        ("PATCH", "/api/v1/alerts/x", json!({"status": "open"}), 404),
        ("POST", "/api/v1/alerts/1/notes", json!({"text": " "}), 422),
        ("POST", "/api/v1/alerts/bulk", json!({"ids": []}), 422),
        ("POST", "/api/v1/alerts/bulk", json!({"ids": ["1", "2"], "status": "closed"}), 404),
        ("POST", "/api/v1/rules", json!({}), 422),
        ("POST", "/api/v1/rules/created/exceptions", json!({"field": "actor_name", "reason": "x"}), 422),
        ("POST", "/api/v1/rules/created/exceptions", json!({"field": "actor_name", "cidr": "x", "reason": "x"}), 422),
        ("POST", "/api/v1/rules/replay", json!({"id": "created", "text": "x"}), 422),
        ("POST", "/api/v1/rules/replay", json!({"id": "created"}), 422),
    ] {
        let answer = send(&server, method, path, body.clone()).await;
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
    }
    assert_eq!(listed(&server, "").await["total"], 1, "all or none");
}

#[tokio::test]
async fn rules_are_shown_changed_and_tried() {
    let server = Server::open().await;
    watch(&server, &["alice"]);
    let rules = server.get("/api/v1/rules").await.json()["rules"].clone();
    assert_eq!(
        (&rules[0]["id"], &rules[0]["hits_30d"], &rules[0]["alerts_open"]),
        (&json!("created"), &json!(1), &json!(1))
    );
    assert_eq!(
        (&rules[1]["id"], &rules[1]["enabled"], &rules[1]["lang"]),
        (&json!("quiet"), &json!(false), &json!("spl"))
    );
    let on = send(&server, "PATCH", "/api/v1/rules/quiet", json!({"enabled": true, "severity": "critical"})).await;
    assert_eq!((&on.json()["enabled"], &on.json()["severity"]), (&json!(true), &json!("critical")));
    assert_eq!(server.call("DELETE", "/api/v1/rules/quiet").send().await.status, 204);
    assert_eq!(server.get("/api/v1/rules/quiet").await.json()["severity"], "low");
    assert_eq!(server.call("DELETE", "/api/v1/rules/quiet").send().await.status, 409);
    // A user's own, with what is wrong pointed at.
    let text = "id: mine\ntitle: Mine\nseverity: hgih\nquery: { lang: filter, text: '{ $.eventName = x }' }\n";
    let wrong = send(&server, "PUT", "/api/v1/rules/mine", json!({"text": text})).await;
    let found = wrong.json()["error"]["diagnostics"][0].clone();
    assert_eq!((wrong.status, &found["code"], &found["suggestion"]), (422, &json!("rule.severity"), &json!("high")));
    let made = send(&server, "PUT", "/api/v1/rules/mine", json!({"text": text.replace("hgih", "high")})).await;
    assert_eq!((made.status, &made.json()["builtin"]), (200, &json!(false)));
    assert_eq!(send(&server, "POST", "/api/v1/rules", json!({"text": text.replace("hgih", "low")})).await.status, 409);
    assert_eq!(server.call("DELETE", "/api/v1/rules/mine").send().await.status, 204);
    assert_eq!(server.get("/api/v1/rules/mine").await.status, 404);
    // Save as alert.
    let search = json!({"lang": "spl", "query": "eventName=ConsoleLogin | stats count by userName", "title": "Logins", "severity": "low",
        "filters": [{"field": "awsRegion", "op": "is", "values": ["us-east-1"]}]});
    let saved = send(&server, "POST", "/api/v1/rules", json!({"from_search": search})).await;
    assert_eq!(
        (saved.status, &saved.json()["id"], &saved.json()["mode"]),
        (201, &json!("logins"), &json!("each")),
        "{}",
        saved.text()
    );
    assert!(saved.json()["query"].as_str().unwrap().contains("awsRegion"));
    // Exceptions.
    let path = "/api/v1/rules/created/exceptions";
    let new = json!({"field": "source_ip_address", "cidr": "192.0.2.0/24", "reason": "office", "until": "2999-01-01T00:00:00Z"});
    let made = send(&server, "POST", path, new).await;
    assert_eq!((made.status, &made.json()["by"]), (201, &json!("local")), "{}", made.text());
    watch(&server, &["bob", "dora"]);
    assert_eq!(listed(&server, "").await["total"], 1);
    let listed = server.get(path).await.json();
    assert_eq!(
        (&listed["exceptions"][0]["reason"], &listed["exceptions"][0]["expired"]),
        (&json!("office"), &json!(false))
    );
    let number = listed["exceptions"][0]["id"].as_i64().unwrap();
    assert_eq!(server.call("DELETE", &format!("{path}/{number}")).send().await.status, 204);
    let tactics = server.get("/api/v1/attack").await.json()["tactics"].clone();
    let persistence = tactics.as_array().unwrap().iter().find(|tactic| tactic["id"] == "TA0003").unwrap();
    assert_eq!(persistence["techniques"][0]["rules"], json!(["created"]));
}
