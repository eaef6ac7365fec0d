//! Every route, with every kind of credential.

use serde_json::{Value, json};
use serve::ROUTES;
use serve::guard::CSRF_HEADER;

use crate::client::Call;
use crate::harness::{Browser, Server};

/// A request that the route answers with that status once it is let in.
fn good(method: &str, path: &str) -> (String, Option<Value>, u16) {
    let (path, body, status) = match (method, path) {
        ("POST", "/api/v1/session") => (path, Some(json!({})), 422),
        ("DELETE", "/api/v1/session") => (path, None, 204),
        ("POST", "/api/v1/query") => (path, Some(json!({"query": "rows 1"})), 200),
        ("POST", "/api/v1/tail") => (path, Some(json!({"query": "rows 1"})), 200),
        ("POST", "/api/v1/explain") => (path, Some(json!({"query": "rows 1"})), 200),
        ("POST", "/api/v1/tokens") => (path, Some(json!({"name": "x"})), 201),
        ("DELETE", "/api/v1/tokens/{id}") => ("/api/v1/tokens/none", None, 404),
        ("GET", "/api/v1/alerts/{id}") => ("/api/v1/alerts/77", None, 404),
        ("PATCH", "/api/v1/alerts/{id}") => ("/api/v1/alerts/77", Some(json!({"status": "closed"})), 404),
        ("POST", "/api/v1/alerts/{id}/notes") => ("/api/v1/alerts/77/notes", Some(json!({"text": "x"})), 404),
        ("POST", "/api/v1/alerts/bulk") => (path, Some(json!({"ids": ["77"]})), 404),
        ("POST", "/api/v1/rules") => (path, Some(json!({"text": "id: x"})), 422),
        ("POST", "/api/v1/rules/replay") => (path, Some(json!({"id": "none"})), 404),
        ("GET", "/api/v1/rules/{id}") => ("/api/v1/rules/created", None, 200),
        ("PUT", "/api/v1/rules/{id}") => ("/api/v1/rules/x", Some(json!({"text": "id: x"})), 422),
        ("PATCH", "/api/v1/rules/{id}") => ("/api/v1/rules/none", Some(json!({"enabled": true})), 404),
        ("DELETE", "/api/v1/rules/{id}") => ("/api/v1/rules/none", None, 404),
        ("POST", "/api/v1/rules/{id}/test") => ("/api/v1/rules/none/test", None, 404),
        ("GET", "/api/v1/rules/{id}/exceptions") => ("/api/v1/rules/created/exceptions", None, 200),
        ("POST", "/api/v1/rules/{id}/exceptions") => {
            ("/api/v1/rules/none/exceptions", Some(json!({"field": "actor_name", "value": "x", "reason": "x"})), 404)
        }
        ("DELETE", "/api/v1/rules/{id}/exceptions/{n}") => ("/api/v1/rules/created/exceptions/1", None, 404),
        ("POST", "/api/v1/searches") => (path, Some(json!({"name": "x", "query": ""})), 422),
        ("PUT", "/api/v1/searches/{id}") => ("/api/v1/searches/none", Some(json!({"name": "x", "query": "*"})), 404),
        ("DELETE", "/api/v1/searches/{id}") => ("/api/v1/searches/none", None, 404),
        ("POST", "/api/v1/dashboards") => (path, Some(json!({"id": "x"})), 422),
        ("POST", "/api/v1/dashboards/convert") => (path, Some(json!({"name": "x", "text": ""})), 200),
        ("PUT", "/api/v1/dashboards/{id}") => ("/api/v1/dashboards/x", Some(json!({"id": "x"})), 422),
        ("DELETE", "/api/v1/dashboards/{id}") => ("/api/v1/dashboards/none", None, 404),
        ("GET", "/api/v1/dashboards/{id}") => ("/api/v1/dashboards/security-overview", None, 200),
        ("POST", "/api/v1/quarantine/replay") => (path, Some(json!({})), 200),
        ("GET", "/api/v1/events/{id}") => ("/api/v1/events/event-1", None, 200),
        ("POST", "/api/v1/sinks/{name}/test") => ("/api/v1/sinks/none/test", None, 404),
        ("POST", "/api/v1/sinks/{name}/dead/retry") => ("/api/v1/sinks/none/dead/retry", Some(json!({})), 404),
        ("GET", "/api/v1/sinks/{name}/dead") => ("/api/v1/sinks/none/dead", None, 404),
        ("GET", path) => (path, None, 200),
        other => panic!("no good request for {other:?}"),
    };
    (path.to_owned(), body, status)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum With {
    Nothing,
    WrongCookie,
    CookieAlone,
    CookieAndWrongCsrf,
    CookieAndCsrf,
    WrongToken,
    WrongTokenAndCookie,
    Token,
}

const ALL: [With; 8] = [
    With::Nothing,
    With::WrongCookie,
    With::CookieAlone,
    With::CookieAndWrongCsrf,
    With::CookieAndCsrf,
    With::WrongToken,
    With::WrongTokenAndCookie,
    With::Token,
];

fn dress(call: Call, with: With, browser: &Browser, token: &str) -> Call {
    let wrong = "Bearer th_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    match with {
        With::Nothing => call,
        With::WrongCookie => call.header("cookie", "trailhound_session=AAAA").header(CSRF_HEADER, &browser.csrf),
        With::CookieAlone => call.header("cookie", &browser.cookie),
        With::CookieAndWrongCsrf => call.header("cookie", &browser.cookie).header(CSRF_HEADER, "AAAA"),
        With::CookieAndCsrf => call.header("cookie", &browser.cookie).header(CSRF_HEADER, &browser.csrf),
        With::WrongToken => call.header("authorization", wrong),
        With::WrongTokenAndCookie => {
            call.header("authorization", wrong).header("cookie", &browser.cookie).header(CSRF_HEADER, &browser.csrf)
        }
        With::Token => call.header("authorization", &format!("Bearer {token}")),
    }
}

/// The status that a closed route answers, if it refuses.
fn refusal(with: With, changes: bool) -> Option<u16> {
    match with {
        With::Nothing | With::WrongCookie | With::WrongToken | With::WrongTokenAndCookie => Some(401),
        With::CookieAlone | With::CookieAndWrongCsrf if changes => Some(403),
        _ => None,
    }
}

const PUBLIC: [(&str, &str); 4] =
    [("GET", "/api/v1/session"), ("POST", "/api/v1/session"), ("GET", "/healthz"), ("GET", "/readyz")];

#[tokio::test]
async fn every_route_with_every_credential() {
    let server = Server::closed().await;
    let token = server.token();
    let mut browser = server.browser().await;
    for route in ROUTES {
        for with in ALL {
            let (path, body, status) = good(route.method, route.path);
            let mut request = dress(server.call(route.method, &path), with, &browser, &token);
            if let Some(body) = &body {
                request = request.json(body);
            }
            let answer = request.send().await;
            let public = PUBLIC.contains(&(route.method, route.path));
            let expected = if public { status } else { refusal(with, route.method != "GET").unwrap_or(status) };
            assert_eq!(answer.status, expected, "{} {} {with:?}: {}", route.method, route.path, answer.text());
            if answer.status == 401 {
                assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"trailhound\"");
            }
            if path == "/api/v1/session" && answer.status == 204 {
                browser = server.browser().await;
            }
        }
    }
}

#[tokio::test]
async fn an_open_server_asks_nobody_but_believes_no_wrong_token() {
    let server = Server::open().await;
    let none = Browser { cookie: "trailhound_session=AAAA".into(), csrf: "AAAA".into() };
    for route in ROUTES {
        for with in [With::Nothing, With::WrongCookie, With::WrongToken] {
            let (path, body, status) = good(route.method, route.path);
            let mut request = dress(server.call(route.method, &path), with, &none, "");
            if let Some(body) = &body {
                request = request.json(body);
            }
            let answer = request.send().await;
            let public = PUBLIC.contains(&(route.method, route.path));
            let expected = if with == With::WrongToken && !public { 401 } else { status };
            assert_eq!(answer.status, expected, "{} {} {with:?}: {}", route.method, route.path, answer.text());
        }
    }
}

#[tokio::test]
async fn what_is_not_a_route_is_closed_too() {
    let server = Server::closed().await;
    let token = server.token();
    for (method, path, expected) in [
        ("GET", "/api", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/query", 405),
        ("PUT", "/api/v1/query", 405),
        ("PATCH", "/api/v1/tokens/x", 405),
        ("POST", "/metrics", 405),
        ("GET", "/api/v1/query/", 404),
    ] {
        let answer = server.call(method, path).send().await;
        assert_eq!(answer.status, 401, "{method} {path} without a caller");
        let answer = server.call(method, path).header("authorization", &format!("Bearer {token}")).send().await;
        assert_eq!(answer.status, expected, "{method} {path}");
        assert_eq!(answer.code(), if expected == 404 { "not-found" } else { "method-not-allowed" });
        assert_eq!(expected == 405, !answer.header("allow").is_empty(), "{method} {path}");
    }
}

#[tokio::test]
async fn disguised_paths_open_nothing() {
    let server = Server::closed().await;
    for path in [
        "//api/v1/status",
        "/%61pi/v1/status",
        "/./api/v1/status",
        "/x/../api/v1/status",
        "/API/v1/status",
        "/api/v1/status%00",
        "/metrics/",
        "/%6detrics",
    ] {
        let answer = server.get(path).await;
        assert!(
            answer.status == 401 || answer.header("content-type").starts_with("text/html"),
            "{path}: {}",
            answer.text()
        );
        assert!(!answer.text().contains("\"tables\"") && !answer.text().contains("trailhound_table_rows"), "{path}");
    }
}

#[tokio::test]
async fn the_first_user_closes_an_open_server_at_once() {
    let server = Server::open().await;
    assert_eq!(server.get("/api/v1/status").await.status, 200);
    assert!(!server.get("/api/v1/session").await.json()["sign_in_required"].as_bool().unwrap());
    let before = server.call("POST", "/api/v1/tokens").json(&json!({"name": "early"})).send().await.json();
    let bearer = format!("Bearer {}", before["token"].as_str().unwrap());
    assert_eq!(server.call("GET", "/api/v1/status").header("authorization", &bearer).send().await.status, 200);
    server.state.add_user("ann", "correct horse battery").unwrap();
    assert_eq!(server.get("/api/v1/status").await.status, 401);
    assert!(server.get("/api/v1/session").await.json()["sign_in_required"].as_bool().unwrap());
    assert_eq!(server.call("GET", "/api/v1/status").header("authorization", &bearer).send().await.status, 401);
}

#[tokio::test]
async fn an_address_that_others_reach_stays_closed_without_users() {
    let server = Server::start(true, |config| config.listen = "0.0.0.0:8674".parse().unwrap()).await;
    server.state.remove_user("ann").unwrap();
    assert_eq!(server.get("/api/v1/status").await.status, 401);
    assert!(server.get("/api/v1/session").await.json()["sign_in_required"].as_bool().unwrap());
}

#[tokio::test]
async fn listening_beyond_loopback_needs_a_user() {
    let folder = tempfile::tempdir().unwrap();
    let state = serve::state::State::open(&folder.path().join("state.db")).unwrap();
    let check = |address: &str| serve::App::check_listen(address.parse().unwrap(), &state).map_err(|e| e.to_string());
    for local in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert_eq!(check(local), Ok(()), "{local}");
    }
    for reachable in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "[2001:db8::1]:1"] {
        let message = check(reachable).unwrap_err();
        assert!(message.contains("trailhound user add NAME"), "{message}");
    }
    state.add_user("ann", "correct horse battery").unwrap();
    assert_eq!(check("0.0.0.0:1"), Ok(()));
}

#[tokio::test]
async fn other_sites_pages_are_refused() {
    let server = Server::closed().await;
    let browser = server.browser().await;
    let host = server.address.to_string();
    let same = format!("http://{host}");
    for (headers, expected) in [
        (vec![("origin", same.as_str())], 200),
        (vec![("origin", same.as_str()), ("sec-fetch-site", "same-origin")], 200),
        (vec![("origin", "https://evil.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![("origin", "http://127.0.0.1:1")], 403),
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("sec-fetch-site", "same-site")], 403),
    ] {
        let mut request = browser.dress(server.call("POST", "/api/v1/query")).json(&json!({"query": "rows 1"}));
        let mut sign_in =
            server.call("POST", "/api/v1/session").json(&json!({"name": "ann", "password": "correct horse battery"}));
        for (name, value) in &headers {
            request = request.header(name, value);
            sign_in = sign_in.header(name, value);
        }
        assert_eq!(request.send().await.status, expected, "{headers:?}");
        assert_eq!(sign_in.send().await.status, expected, "signing in, {headers:?}");
    }
}

#[tokio::test]
async fn an_open_server_is_not_fooled_by_names_and_sites() {
    let server = Server::start(false, |config| config.hosts = vec!["siem.example.com".into()]).await;
    for (host, expected) in [
        ("localhost:8674", 200),
        ("127.0.0.1", 200),
        ("[::1]:1", 200),
        ("siem.example.com", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example:8674", 403),
        ("", 403),
    ] {
        for path in ["/api/v1/status", "/", "/metrics"] {
            assert_eq!(server.call("GET", path).header("host", host).send().await.status, expected, "{host} {path}");
        }
    }
    let query = || server.call("POST", "/api/v1/query").json(&json!({"query": "rows 1"}));
    assert_eq!(query().send().await.status, 200);
    assert_eq!(query().header("origin", "https://evil.example").send().await.status, 403);
    // What a form or an image of another site could send without asking first.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        let body = json!({"query": "rows 1"}).to_string();
        let answer = server.call("POST", "/api/v1/query").header("content-type", kind).bytes(body).send().await;
        assert_eq!(answer.status, 415, "{kind}");
    }
    let preflight = server
        .call("OPTIONS", "/api/v1/query")
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "POST");
    let answer = preflight.send().await;
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{answer:?}");
}
