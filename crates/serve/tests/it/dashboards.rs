//! Dashboards of one's own over the API: made, changed, deleted; what is wrong is said with its place.

use std::path::Path;
use std::sync::Arc;

use engine::{Engine, EngineOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Answer;
use crate::harness::Server;

/// A server with a real engine over an empty lake, and a folder for dashboards that is not there yet.
async fn server(place: &TempDir, user: bool) -> Server {
    let lake =
        lake::Lake::open(&place.path().join("lake").display().to_string(), lake::LakeOptions::default()).unwrap();
    let engine = Engine::new(lake, EngineOptions::default()).unwrap();
    let folder = folder(place);
    Server::with(Arc::new(engine), Arc::default(), user, |config| config.dashboards = Some(folder)).await
}

fn folder(place: &TempDir) -> std::path::PathBuf {
    place.path().join("own")
}

fn panel(id: &str, change: Value) -> Value {
    let mut panel = json!({
        "id": id, "title": {"en": "Keys"}, "lang": "spl", "query": "sourcetype=aws:cloudtrail | stats count BY user",
        "chart": "table", "width": 6, "height": 300,
        "drill": {"dashboard": "user-activity", "set": {"user": "user", "eventName": {"value": "ListUsers"}}}
    });
    for (key, value) in change.as_object().unwrap() {
        panel[key] = value.clone();
    }
    panel
}

fn dashboard(id: &str, panels: &[Value]) -> Value {
    json!({"id": id, "title": {"ja": "鍵"}, "order": 70, "panels": panels})
}

async fn send(server: &Server, method: &str, path: &str, version: Option<&str>, body: Option<&Value>) -> Answer {
    let mut call = server.call(method, path);
    if let Some(version) = version {
        call = call.header("if-match", version);
    }
    match body {
        Some(body) => call.json(body).send().await,
        None => call.send().await,
    }
}

async fn create(server: &Server, body: &Value) -> Answer {
    send(server, "POST", "/api/v1/dashboards", None, Some(body)).await
}

fn files(place: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn one_is_made_changed_and_deleted() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    let made = create(&server, &dashboard("keys", &[panel("a", json!({}))])).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("location"), "/api/v1/dashboards/keys");
    let first = made.header("etag").to_owned();
    assert!(first.starts_with('"') && first.len() == 34, "{first}");

    let list = server.get("/api/v1/dashboards").await.json();
    let of = |id: &str| list.as_array().unwrap().iter().find(|entry| entry["id"] == id).unwrap().clone();
    assert_eq!(of("keys")["title"], json!({"en": "鍵", "ja": "鍵"}), "one language stands for the other");
    assert_eq!((&of("keys")["builtin"], &of("security-overview")["builtin"]), (&json!(false), &json!(true)));
    let read = server.get("/api/v1/dashboards/keys").await;
    assert_eq!((read.header("etag"), read.header("x-trailhound-builtin")), (first.as_str(), "false"));
    assert_eq!(read.json(), made.json());
    assert_eq!(read.json()["title"], json!({"ja": "鍵"}), "the file stays as it was written");
    assert_eq!(files(&folder(&place)), ["keys.json"]);

    let again = create(&server, &dashboard("keys", &[])).await;
    assert_eq!((again.status, again.code().as_str()), (409, "conflict"));
    let other = dashboard("keys", &[panel("a", json!({})), panel("b", json!({"chart": "pie"}))]);
    let path = "/api/v1/dashboards/keys";
    assert_eq!(send(&server, "PUT", path, None, Some(&other)).await.code(), "precondition-required");
    let changed = send(&server, "PUT", path, Some(&first), Some(&other)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_ne!(changed.header("etag"), first);
    let late = send(&server, "PUT", path, Some(&first), Some(&dashboard("keys", &[]))).await;
    assert_eq!((late.status, late.code().as_str()), (412, "changed"));
    assert_eq!(server.get(path).await.json()["panels"].as_array().unwrap().len(), 2, "the first editor's is kept");
    assert_eq!(send(&server, "PUT", path, Some("keys"), Some(&other)).await.status, 400);
    assert_eq!(send(&server, "PUT", path, Some(&format!("W/{first}")), Some(&other)).await.status, 412);
    assert_eq!(send(&server, "PUT", "/api/v1/dashboards/else", Some("*"), Some(&other)).await.status, 422);
    assert_eq!(send(&server, "PUT", path, Some("*"), Some(&other)).await.status, 200);

    assert_eq!(send(&server, "DELETE", path, Some(&first), None).await.status, 412);
    assert_eq!(send(&server, "DELETE", path, Some(changed.header("etag")), None).await.status, 204);
    assert_eq!(send(&server, "DELETE", path, None, None).await.status, 404);
    assert!(files(&folder(&place)).is_empty(), "{:?}", files(&folder(&place)));
}

#[tokio::test]
async fn of_two_that_change_one_at_the_same_time_one_wins() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    let version = create(&server, &dashboard("both", &[])).await.header("etag").to_owned();
    let put = |n: usize| {
        let mut file = dashboard("both", &[]);
        file["order"] = json!(n);
        server.call("PUT", "/api/v1/dashboards/both").header("if-match", &version).json(&file).send()
    };
    let answers = futures::future::join_all((0..8).map(put)).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    let makes = futures::future::join_all(
        (0..4).map(|_| server.call("POST", "/api/v1/dashboards").json(&dashboard("new", &[])).send()),
    );
    let mut statuses: Vec<u16> = makes.await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    assert_eq!(files(&folder(&place)), ["both.json", "new.json"]);
}

#[tokio::test]
async fn built_in_ones_stay_as_they_are() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    let path = "/api/v1/dashboards/iam-activity";
    let whole = server.get(path).await;
    assert_eq!(whole.header("x-trailhound-builtin"), "true");
    let mut file = whole.json();
    assert_eq!(create(&server, &file).await.status, 409);
    assert_eq!(send(&server, "PUT", path, Some(whole.header("etag")), Some(&file)).await.status, 409);
    assert_eq!(send(&server, "DELETE", path, None, None).await.status, 409);
    file["id"] = json!("my-iam-activity");
    let copy = create(&server, &file).await;
    assert_eq!(copy.status, 201, "{}", copy.text());
    assert_eq!(copy.json(), file, "a copy has all that the original has");
}

#[tokio::test]
async fn every_built_in_one_is_good_as_a_copy() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    let list = server.get("/api/v1/dashboards").await.json();
    for id in list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()) {
        let mut file = server.get(&format!("/api/v1/dashboards/{id}")).await.json();
        file["id"] = json!(format!("copy-of-{id}"));
        let copy = create(&server, &file).await;
        assert_eq!(copy.status, 201, "{id}: {}", copy.text());
        assert_eq!(copy.json(), file);
    }
}

/// What is wrong with a dashboard: places and codes.
async fn problems(server: &Server, file: &Value) -> Vec<(String, String)> {
    let answer = create(server, file).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let answer = answer.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let problems = answer["error"]["problems"].as_array().unwrap_or_else(|| panic!("{answer}"));
    problems.iter().map(|problem| (text(&problem["at"]), text(&problem["code"]))).collect()
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_place() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    let cases = [
        (json!({"id": "a b"}), "id", "bad-id"),
        (json!({"title": {"en": " "}}), "title", "no-title"),
        (json!({"lang": "cobol"}), "lang", "bad-language"),
        (json!({"lang": "auto"}), "lang", "bad-language"),
        (json!({"query": ""}), "query", "no-query"),
        (json!({"query": "sourcetype=aws:cloudtrail | sttas count"}), "query", "bad-query"),
        (json!({"lang": "sql", "query": "SELECT * FROM nowhere"}), "query", "bad-query"),
        (json!({"width": 13}), "width", "bad-width"),
        (json!({"height": 10}), "height", "bad-height"),
        (json!({"hidden_until": "row"}), "hidden_until", "no-selection"),
        (json!({"drill": {}}), "drill", "no-target"),
        (json!({"drill": {"dashboard": "nowhere"}}), "drill/dashboard", "no-dashboard"),
        (json!({"drill": {"dashboard": "user-activity", "search": true}}), "drill", "two-targets"),
        (json!({"drill": {"search": "| sttas"}}), "drill/search", "bad-query"),
        (json!({"drill": {"search": "SELECT * FROM nowhere", "lang": "sql"}}), "drill/search", "bad-query"),
        (json!({"drill": {"search": true, "lang": "cobol"}}), "drill/lang", "bad-language"),
        (json!({"drill": {"search": false}}), "drill/search", "no-search"),
        (json!({"drill": {"select": "row"}}), "drill/select", "no-detail"),
        (json!({"drill": {"set": {"user": ""}}}), "drill/set/user", "no-column"),
        (json!({"drill": {"set": {"a/b c": "user"}}}), "drill/set/a~1b c", "bad-field"),
    ];
    for (change, at, code) in cases {
        let found = problems(&server, &dashboard("wrong", &[panel("ok", json!({})), panel("p", change.clone())])).await;
        assert_eq!(found, [(format!("/panels/1/{at}"), code.to_owned())], "{change}");
    }
    let twice = problems(&server, &dashboard("wrong", &[panel("p", json!({})), panel("p", json!({}))])).await;
    assert_eq!(twice, [("/panels/1/id".to_owned(), "panel-twice".to_owned())]);
    for id in ["", "../x", "Über", "-x", "a.b", &"x".repeat(65)] {
        assert_eq!(problems(&server, &dashboard(id, &[])).await, [("/id".to_owned(), "bad-id".to_owned())], "{id}");
    }
    assert_eq!(problems(&server, &dashboard("convert", &[])).await[0].1, "taken-id");
    assert_eq!(problems(&server, &json!({"id": "x", "title": {}, "panels": []})).await[0].1, "no-title");
    // Shapes are told by what reads them.
    for change in [json!({"chart": "donut"}), json!({"colour": "red"}), json!({"drill": {"set": {"user": 1}}})] {
        let answer = create(&server, &dashboard("wrong", &[panel("p", change)])).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"), "{}", answer.text());
    }
    assert!(!folder(&place).exists(), "nothing was written");
}

#[tokio::test]
async fn a_query_s_mistake_is_told_by_its_characters() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    let query = "sourcetype=aws:cloudtrail | timechart span=$span$ count | sttas 1";
    let answer = create(&server, &dashboard("wrong", &[panel("p", json!({"query": query}))])).await.json();
    let found = &answer["error"]["problems"][0]["diagnostics"][0];
    let part = |key: &str| usize::try_from(found["span"][key].as_u64().unwrap()).unwrap();
    assert_eq!(&query[part("start")..part("end")], "sttas", "{answer}");
    let fine = "sourcetype=aws:cloudtrail | timechart span=$span$ count BY user";
    let sql = "SELECT awsregion, count(*) AS n FROM cloudtrail_logs GROUP BY awsregion";
    let panels =
        [panel("p", json!({"query": fine, "chart": "line"})), panel("q", json!({"query": sql, "lang": "sql"}))];
    let good = create(&server, &dashboard("right", &panels)).await;
    assert_eq!(good.status, 201, "{}", good.text());
}

#[tokio::test]
async fn time_charts_over_years_of_logs_are_good() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    let line =
        |year: i32, id: &str| json!({"eventTime": format!("{year}-01-01T00:00:00Z"), "eventID": id, "eventName": "x"});
    let mut batcher = event::Batcher::new(event::Limits::default());
    let object = json!({"Records": [line(2012, "a"), line(2026, "b")]}).to_string();
    batcher.push_object(object.as_bytes(), "one.json", 1_780_000_000_000_000).unwrap();
    let batch = enrich::Enricher::new(None).enrich(batcher.take_batch().unwrap().unwrap().batch).unwrap();
    let lake =
        lake::Lake::open(&place.path().join("lake").display().to_string(), lake::LakeOptions::default()).unwrap();
    lake.append("cloudtrail", vec![batch], lake::Commit::default()).await.unwrap();
    for span in ["$span$", "1h"] {
        let query = format!("sourcetype=aws:cloudtrail | timechart span={span} count");
        let made =
            create(&server, &dashboard(&format!("span-{}", span.len()), &[panel("p", json!({"query": query}))])).await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
}

#[tokio::test]
async fn details_hang_on_a_selection() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    let list = panel("list", json!({"drill": {"select": "row", "set": {"user": "user"}}}));
    let detail = panel("detail", json!({"hidden_until": "row"}));
    let itself = panel("self", json!({"drill": {"dashboard": "hangs"}}));
    let made = create(&server, &dashboard("hangs", &[list, detail, itself])).await;
    assert_eq!(made.status, 201, "{}", made.text());
}

#[tokio::test]
async fn exports_of_opensearch_are_read() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    let state = json!({"type": "pie", "aggs": [
        {"id": "1", "type": "count", "schema": "metric", "params": {}},
        {"id": "2", "type": "terms", "schema": "segment", "params": {"field": "eventName", "size": 5, "orderBy": "1", "order": "desc"}},
    ]});
    let source = json!({"query": {"query": "eventSource: s3*", "language": "kuery"}, "filter": [], "index": "log-aws-cloudtrail-*"});
    let object = json!({"type": "visualization", "id": "names", "attributes": {"title": "Names", "visState": state.to_string(),
        "kibanaSavedObjectMeta": {"searchSourceJSON": source.to_string()}}});
    let lens = json!({"type": "lens", "id": "l", "attributes": {"title": "New"}});
    let export = json!({"name": "saved", "text": format!("{object}\n{lens}\n")});
    let read = send(&server, "POST", "/api/v1/dashboards/convert", None, Some(&export)).await.json();
    assert_eq!(read["dashboards"][0]["id"], "saved");
    assert_eq!(read["left_out"][0]["name"], "New");
    assert_eq!(server.get("/api/v1/dashboards/saved").await.status, 404, "nothing is stored");
    let made = create(&server, &read["dashboards"][0]).await;
    assert_eq!(made.status, 201, "{}", made.text());
}

#[tokio::test]
async fn changes_are_in_the_audit_log_and_need_a_caller() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, true).await;
    let file = dashboard("keys", &[]);
    assert_eq!(create(&server, &file).await.status, 401);
    let browser = server.browser().await;
    let made = browser.dress(server.call("POST", "/api/v1/dashboards")).json(&file).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let entries = server.state.audit_log(5).unwrap();
    assert!(entries.iter().any(|entry| entry.action == "dashboard-change" && entry.detail.contains("keys")));
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_can_not_be_written_is_said() {
    let place = tempfile::tempdir().unwrap();
    let server = server(&place, false).await;
    // A file stands where the folder would be: not even root can write into it.
    std::fs::write(folder(&place), "").unwrap();
    let answer = create(&server, &dashboard("keys", &[])).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "folder"), "{}", answer.text());
}
