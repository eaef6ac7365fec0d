//! Saved searches over HTTP: whose they are, who sees them, what is refused.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::harness::Server;

struct Person<'a> {
    server: &'a Server,
    bearer: String,
}

impl<'a> Person<'a> {
    fn new(server: &'a Server, name: &str) -> Self {
        let token = server.state.create_token(Some(name), "test", None).unwrap().token;
        Self { server, bearer: format!("Bearer {token}") }
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let call = self.server.call(method, path).header("authorization", &self.bearer);
        match body {
            Some(body) => call.json(body).send().await,
            None => call.send().await,
        }
    }

    async fn save(&self, body: Value) -> Answer {
        self.send("POST", "/api/v1/searches", Some(&body)).await
    }

    async fn names(&self) -> Vec<String> {
        let list = self.send("GET", "/api/v1/searches", None).await.json();
        list.as_array().unwrap().iter().map(|search| search["name"].as_str().unwrap().to_owned()).collect()
    }
}

async fn two() -> Server {
    let server = Server::closed().await;
    server.state.add_user("bob", "another long password").unwrap();
    server
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn saved_changed_and_deleted() {
    let server = two().await;
    let ann = Person::new(&server, "ann");
    let whole = json!({
        "name": "否認された呼び出し", "lang": "spl", "query": "errorCode=AccessDenied\n| stats count by user", "since": "-7d",
        "until": "2026-01-31T09:00:00Z", "filters": [{"field": "awsRegion", "op": "is_not", "values": ["us-east-1"]}],
        "shared": true,
    });
    let made = ann.save(whole.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let search = made.json();
    for (key, value) in whole.as_object().unwrap() {
        assert_eq!(&search[key], value, "{key}");
    }
    assert_eq!((&search["owner"], &search["mine"]), (&json!("ann"), &json!(true)));
    assert_eq!(search["created_at"], json!("2027-01-15T08:00:00Z"));

    server.pass(60);
    let path = format!("/api/v1/searches/{}", id(&made));
    let changed = ann.send("PUT", &path, Some(&json!({"name": "denied", "query": "errorCode=*"}))).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let search = changed.json();
    assert_eq!(
        (&search["name"], &search["lang"], &search["shared"]),
        (&json!("denied"), &json!("auto"), &json!(false))
    );
    assert_eq!((&search["since"], &search["filters"]), (&Value::Null, &Value::Null), "what is left out is gone");
    let times = (&search["created_at"], &search["updated_at"]);
    assert_eq!(times, (&json!("2027-01-15T08:00:00Z"), &json!("2027-01-15T08:01:00Z")));
    assert_eq!(ann.send("GET", "/api/v1/searches", None).await.json(), json!([search]));

    assert_eq!(ann.send("DELETE", &path, None).await.status, 204);
    assert_eq!(ann.send("DELETE", &path, None).await.status, 404);
    let actions: Vec<String> = server.state.audit_log(3).unwrap().into_iter().map(|e| e.detail).collect();
    let change = |text: &str| serde_json::from_str::<Value>(text).unwrap()["change"].clone();
    assert_eq!(
        actions.iter().map(|text| change(text)).collect::<Vec<_>>(),
        [json!("delete"), json!("change"), json!("add")]
    );
}

#[tokio::test]
async fn only_what_is_shared_is_seen_and_only_ones_own_is_changed() {
    let server = two().await;
    let (ann, bob) = (Person::new(&server, "ann"), Person::new(&server, "bob"));
    let own = ann.save(json!({"name": "b own", "query": "*"})).await;
    let shared = ann.save(json!({"name": "a shared", "query": "*", "shared": true})).await;
    assert_eq!(ann.names().await, ["a shared", "b own"]);
    assert_eq!(bob.names().await, ["a shared"]);
    let seen = bob.send("GET", "/api/v1/searches", None).await.json();
    assert_eq!((&seen[0]["owner"], &seen[0]["mine"]), (&json!("ann"), &json!(false)));
    let body = json!({"name": "taken over", "query": "*"});
    for (search, status, code) in [(&shared, 403, "not-yours"), (&own, 404, "not-found")] {
        let path = format!("/api/v1/searches/{}", id(search));
        for (method, body) in [("PUT", Some(&body)), ("DELETE", None)] {
            let answer = bob.send(method, &path, body).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {}", answer.text());
        }
    }
    // Two people may have a search of one name.
    assert_eq!(bob.save(json!({"name": "a shared", "query": "*"})).await.status, 201);
    assert_eq!(bob.names().await, ["a shared", "a shared"]);
    // What ann shared outlives her, and is everybody's then.
    server.state.remove_user("ann").unwrap();
    let left = bob.send("GET", "/api/v1/searches", None).await.json();
    let owners: Vec<&Value> = left.as_array().unwrap().iter().map(|search| &search["owner"]).collect();
    assert_eq!(owners, [&Value::Null, &json!("bob")]);
    let path = format!("/api/v1/searches/{}", id(&shared));
    assert_eq!(bob.send("DELETE", &path, None).await.status, 204);
}

#[tokio::test]
async fn saved_before_there_were_users_is_everybodys() {
    let server = Server::open().await;
    let save = server.call("POST", "/api/v1/searches").json(&json!({"name": "early", "query": "*"})).send().await;
    assert_eq!((save.status, &save.json()["owner"], &save.json()["mine"]), (201, &Value::Null, &json!(true)));
    server.state.add_user("bob", "another long password").unwrap();
    assert_eq!(Person::new(&server, "bob").names().await, ["early"]);
}

#[tokio::test]
async fn names_are_there_once() {
    let server = two().await;
    let ann = Person::new(&server, "ann");
    assert_eq!(ann.save(json!({"name": "x", "query": "*"})).await.status, 201);
    let again = ann.save(json!({"name": "x", "query": "*"})).await;
    assert_eq!((again.status, again.code().as_str()), (409, "conflict"));
    let other = ann.save(json!({"name": "y", "query": "*"})).await;
    let path = format!("/api/v1/searches/{}", id(&other));
    let renamed = ann.send("PUT", &path, Some(&json!({"name": "x", "query": "*"}))).await;
    assert_eq!((renamed.status, renamed.code().as_str()), (409, "conflict"));
    assert_eq!(
        ann.send("PUT", &path, Some(&json!({"name": "y", "query": "?"}))).await.status,
        200,
        "its own name is free"
    );
}

#[tokio::test]
async fn as_many_as_may_be() {
    let server = Server::open().await;
    let save =
        |n: usize| server.call("POST", "/api/v1/searches").json(&json!({"name": format!("{n}"), "query": "*"})).send();
    for n in 0..1000 {
        assert_eq!(save(n).await.status, 201);
    }
    assert_eq!((save(1000).await.status, save(1000).await.code().as_str()), (409, "conflict"));
}

#[tokio::test]
async fn odd_requests() {
    let server = two().await;
    let ann = Person::new(&server, "ann");
    let filter = |field: &str, values: Value| json!([{"field": field, "op": "is", "values": values}]);
    let many: Vec<Value> = (0..101).map(|_| json!({"field": "x", "op": "is", "values": ["y"]})).collect();
    for body in [
        json!({}),
        json!({"name": "x"}),
        json!({"query": "*"}),
        json!({"name": "", "query": "*"}),
        json!({"name": " x", "query": "*"}),
        json!({"name": "a\nb", "query": "*"}),
        json!({"name": "x".repeat(101), "query": "*"}),
        json!({"name": "x", "query": " \n"}),
        json!({"name": "x", "query": "x".repeat(64 * 1024 + 1)}),
        json!({"name": "x", "query": "*", "lang": "cobol"}),
        json!({"name": "x", "query": "*", "since": "yesterday-ish"}),
        json!({"name": "x", "query": "*", "until": "2026-13-01"}),
        json!({"name": "x", "query": "*", "filters": filter("", json!(["y"]))}),
        json!({"name": "x", "query": "*", "filters": filter("x", json!([]))}),
        json!({"name": "x", "query": "*", "filters": filter("x", json!(["y".repeat(64 * 1024)]))}),
        json!({"name": "x", "query": "*", "filters": many}),
        json!({"name": "x", "query": "*", "owner": "bob"}),
        json!({"name": "x", "query": "*", "shared": "yes"}),
        json!([]),
    ] {
        let answer = ann.save(body.clone()).await;
        let shown: String = body.to_string().chars().take(200).collect();
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"), "{shown}: {}", answer.text());
    }
    assert_eq!(ann.names().await, [""; 0]);
    assert_eq!(ann.save(json!({"name": "x".repeat(100), "query": "x".repeat(64 * 1024)})).await.status, 201);
}
