//! Signing in, staying in, getting out, and not getting in.

use serde_json::json;

use crate::client::Answer;
use crate::harness::{NAME, PASSWORD, Server};

#[tokio::test]
async fn signing_in_and_out() {
    let server = Server::closed().await;
    let answer = server.get("/api/v1/session").await;
    assert_eq!(answer.json(), json!({"authenticated": false, "sign_in_required": true, "user": null, "csrf": null}));
    let answer = server.sign_in(NAME, PASSWORD).await;
    let session = answer.json();
    assert_eq!((answer.status, &session["user"]["name"], &session["authenticated"]), (200, &json!(NAME), &json!(true)));
    let browser = server.browser().await;
    let shown = browser.dress(server.call("GET", "/api/v1/session")).send().await.json();
    assert_eq!(shown["csrf"], json!(browser.csrf));
    assert_eq!(browser.dress(server.call("GET", "/api/v1/status")).send().await.status, 200);
    let out = browser.dress(server.call("DELETE", "/api/v1/session")).send().await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(browser.dress(server.call("GET", "/api/v1/status")).send().await.status, 401);
}

#[tokio::test]
async fn the_cookie() {
    let server = Server::closed().await;
    let cookie = server.sign_in(NAME, PASSWORD).await.header("set-cookie").to_owned();
    let (value, flags) = cookie.split_once("; ").unwrap();
    assert_eq!(flags, "Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
    assert_eq!(value.strip_prefix("trailhound_session=").map(str::len), Some(43));

    let server = Server::start(true, |config| config.listen = "0.0.0.0:1".parse().unwrap()).await;
    let cookie = server.sign_in(NAME, PASSWORD).await.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-trailhound_session=") && cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_session_that_the_browser_brings_is_not_taken_over() {
    let server = Server::closed().await;
    let planted = "trailhound_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let sign_in = || server.call("POST", "/api/v1/session").json(&json!({"name": NAME, "password": PASSWORD}));
    let answer = sign_in().header("cookie", planted).send().await;
    let first = answer.cookie();
    assert_ne!(first, planted);
    assert_eq!(server.call("GET", "/api/v1/status").header("cookie", planted).send().await.status, 401);

    let second = sign_in().header("cookie", &first).send().await.cookie();
    assert_ne!(first, second);
    assert_eq!(
        server.call("GET", "/api/v1/status").header("cookie", &first).send().await.status,
        401,
        "the old one ends"
    );
    assert_eq!(server.call("GET", "/api/v1/status").header("cookie", &second).send().await.status, 200);
}

#[tokio::test]
async fn sessions_expire() {
    let server = Server::closed().await;
    let browser = server.browser().await;
    let status = async || browser.dress(server.call("GET", "/api/v1/status")).send().await.status;
    server.pass(12 * 3600 - 1);
    assert_eq!(status().await, 200);
    server.pass(12 * 3600);
    assert_eq!(status().await, 401, "idle");
    let browser = server.browser().await;
    let status = async || browser.dress(server.call("GET", "/api/v1/status")).send().await.status;
    for _ in 0..14 {
        server.pass(12 * 3600 - 100);
        status().await;
    }
    assert_eq!(status().await, 200);
    server.pass(1400);
    assert_eq!(status().await, 401, "a week");
}

fn same_refusal(answer: &Answer) -> (u16, String) {
    (answer.status, answer.text().to_owned())
}

#[tokio::test]
async fn wrong_name_and_wrong_password_look_the_same() {
    let server = Server::closed().await;
    let password = server.sign_in(NAME, "wrong").await;
    let name = server.sign_in("nobody", "wrong").await;
    let hostile = server.sign_in("' OR 1=1 --", PASSWORD).await;
    assert_eq!(password.status, 401);
    assert_eq!(same_refusal(&password), same_refusal(&name));
    assert_eq!(same_refusal(&password), same_refusal(&hostile));
    assert!(password.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn guessing_is_locked_out() {
    let server = Server::closed().await;
    for _ in 0..5 {
        assert_eq!(server.sign_in(NAME, "wrong").await.status, 401);
    }
    let answer = server.sign_in(NAME, PASSWORD).await;
    assert_eq!((answer.status, answer.code().as_str(), answer.header("retry-after")), (429, "locked-out", "5"));
    server.pass(5);
    assert_eq!(server.sign_in(NAME, "wrong").await.status, 401);
    assert_eq!(server.sign_in(NAME, PASSWORD).await.header("retry-after"), "10", "it doubles");
    server.pass(10);
    assert_eq!(server.sign_in(NAME, PASSWORD).await.status, 200, "after the wait the right password is right");
    for _ in 0..5 {
        assert_eq!(server.sign_in(NAME, "wrong").await.status, 401, "and all is forgiven");
    }
}

#[tokio::test]
async fn guesses_in_parallel_are_counted() {
    let server = Server::closed().await;
    let guesses = (0..12).map(|_| server.sign_in(NAME, "wrong"));
    let answers = futures::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!(looked_at, 5, "the rest was refused without a look at the password");
}

#[tokio::test]
async fn everything_is_in_the_audit_log() {
    let server = Server::closed().await;
    server.sign_in("mallory", "wrong").await;
    let browser = server.browser().await;
    let query = json!({"lang": "spl", "query": "rows 2", "since": "-7d", "filters": [{"field": "userName", "op": "is", "values": ["x"]}]});
    browser.dress(server.call("POST", "/api/v1/query")).json(&query).send().await;
    let made = browser.dress(server.call("POST", "/api/v1/tokens")).json(&json!({"name": "ci"})).send().await.json();
    let token = made["token"].as_str().unwrap();
    let bearer = format!("Bearer {token}");
    server
        .call("POST", "/api/v1/explain")
        .header("authorization", &bearer)
        .json(&json!({"query": "rows 3"}))
        .send()
        .await;
    server.call("GET", "/api/v1/events/event-1").header("authorization", &bearer).send().await;
    let id = made["id"].as_str().unwrap();
    browser.dress(server.call("DELETE", &format!("/api/v1/tokens/{id}"))).send().await;
    browser.dress(server.call("DELETE", "/api/v1/session")).send().await;
    let mut log = server.state.audit_log(100).unwrap();
    log.reverse();
    let seen: Vec<_> = log.iter().map(|e| (e.actor.as_str(), e.action.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("command line", "user-add"),
            ("mallory", "sign-in-failed"),
            (NAME, "sign-in"),
            (NAME, "query"),
            (NAME, "token-create"),
            ("ann (token ci)", "explain"),
            ("ann (token ci)", "event"),
            (NAME, "token-delete"),
            (NAME, "sign-out"),
        ]
    );
    assert!(log.iter().skip(1).all(|entry| entry.address == "127.0.0.1" && entry.at == 1_800_000_000));
    let detail: serde_json::Value = serde_json::from_str(&log[3].detail).unwrap();
    assert_eq!(
        (&detail["query"], &detail["since"], &detail["filters"][0]["op"]),
        (&json!("rows 2"), &json!("-7d"), &json!("is"))
    );
    let all = format!("{log:?}");
    for secret in [PASSWORD, token, browser.csrf.as_str()] {
        assert!(!all.contains(secret), "{secret} is in the log");
    }
}
