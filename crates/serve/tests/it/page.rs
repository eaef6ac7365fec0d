//! The page's files.

use crate::harness::Server;

#[tokio::test]
async fn addresses_of_the_page() {
    let server = Server::closed().await;
    let root = server.get("/").await;
    assert_eq!(
        (root.status, root.header("content-type"), root.header("cache-control")),
        (200, "text/html; charset=utf-8", "no-cache")
    );
    for path in
        ["/index.html", "/search", "/dashboards/security-overview", "/events/a.b", "/search?q=%7C%20stats%20count"]
    {
        let answer = server.get(path).await;
        assert_eq!((answer.status, &answer.body), (200, &root.body), "{path}");
    }
    for path in ["/assets/none-12345678.js", "/assets/", "/assets/../../etc/passwd"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"), "{path}");
    }
    for path in ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd"] {
        let answer = server.call("GET", path).send().await;
        assert_eq!(answer.body, root.body, "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = server.call(method, "/search").send().await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method}");
    }
    let head = server.call("HEAD", "/").send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let server = Server::open().await;
    let tag = server.get("/").await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let again = server.call("GET", "/").header("if-none-match", &tag).send().await;
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag.as_str()));
    let other = server.call("GET", "/").header("if-none-match", "\"other\"").send().await;
    assert_eq!(other.status, 200);
}
