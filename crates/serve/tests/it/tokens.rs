//! API tokens over HTTP.

use serde_json::json;

use crate::harness::Server;

#[tokio::test]
async fn shown_once_and_revoked() {
    let server = Server::closed().await;
    let browser = server.browser().await;
    let create =
        browser.dress(server.call("POST", "/api/v1/tokens")).json(&json!({"name": "ci", "expires_in_days": 30}));
    let answer = create.send().await;
    let made = answer.json();
    assert_eq!(
        (answer.status, &made["name"], &made["expires_at"]),
        (201, &json!("ci"), &json!("2027-02-14T08:00:00Z"))
    );
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("th_") && token.len() == 46, "{token}");
    assert_eq!(answer.header("cache-control"), "no-store");

    let list = browser.dress(server.call("GET", "/api/v1/tokens")).send().await;
    assert!(!list.text().contains(token) && !list.text().contains("hash"), "{}", list.text());
    assert_eq!(list.json()[0]["id"], made["id"]);
    assert_eq!(list.json()[0]["last_used_at"], json!(null));

    let with_token = async |scheme: &str| {
        server.call("GET", "/api/v1/tokens").header("authorization", &format!("{scheme} {token}")).send().await
    };
    assert_eq!(with_token("Bearer").await.json()[0]["last_used_at"], json!("2027-01-15T08:00:00Z"));
    assert_eq!(with_token("bearer").await.status, 200);
    assert_eq!(with_token("Basic").await.status, 401);
    server.pass(30 * 86_400);
    assert_eq!(with_token("Bearer").await.status, 401, "expired");
    server.pass(-86_400);
    assert_eq!(with_token("Bearer").await.status, 200);

    let browser = server.browser().await;
    let id = made["id"].as_str().unwrap();
    let remove = || browser.dress(server.call("DELETE", &format!("/api/v1/tokens/{id}"))).send();
    assert_eq!(remove().await.status, 204);
    assert_eq!(remove().await.status, 404);
    assert_eq!(with_token("Bearer").await.status, 401, "revoked");
}

#[tokio::test]
async fn only_ones_own() {
    let server = Server::closed().await;
    server.state.add_user("bob", "another long password").unwrap();
    let bobs = server.state.create_token(Some("bob"), "bob's", None).unwrap();
    let ann = server.browser().await;
    assert_eq!(ann.dress(server.call("GET", "/api/v1/tokens")).send().await.json(), json!([]));
    assert_eq!(ann.dress(server.call("DELETE", &format!("/api/v1/tokens/{}", bobs.info.id))).send().await.status, 404);
    let bearer = format!("Bearer {}", bobs.token);
    assert_eq!(
        server.call("GET", "/api/v1/tokens").header("authorization", &bearer).send().await.json()[0]["name"],
        json!("bob's")
    );
    server.state.remove_user("bob").unwrap();
    assert_eq!(
        server.call("GET", "/api/v1/tokens").header("authorization", &bearer).send().await.status,
        401,
        "went with its owner"
    );
}

#[tokio::test]
async fn a_token_makes_none_that_outlives_it() {
    let server = Server::closed().await;
    let parent = server.state.create_token(Some("ann"), "a day", Some(1)).unwrap();
    let bearer = format!("Bearer {}", parent.token);
    let make = server.call("POST", "/api/v1/tokens").header("authorization", &bearer).json(&json!({"name": "child"}));
    assert_eq!(make.send().await.json()["expires_at"], json!("2027-01-16T08:00:00Z"));
}

#[tokio::test]
async fn odd_requests() {
    let server = Server::closed().await;
    let bearer = format!("Bearer {}", server.token());
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "a\nb"}),
        json!({"name": "x".repeat(101)}),
        json!({"name": 1}),
        json!({"name": "x", "expires_in_days": 0}),
        json!({"name": "x", "expires_in_days": 100_000}),
        json!({"name": "x", "expires_in_days": -1}),
        json!({"name": "x", "expires": 1}),
        json!([]),
        json!(null),
    ] {
        let answer = server.call("POST", "/api/v1/tokens").header("authorization", &bearer).json(&body).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"), "{body}: {}", answer.text());
    }
}
