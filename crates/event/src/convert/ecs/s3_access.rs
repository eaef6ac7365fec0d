//! S3 server access logs in ECS.

use serde_json::{Value, json};

use super::{agent, by_catalogue, locate, tls};
use crate::convert::Lookup;
use crate::convert::document::Document;
use crate::convert::net::family;
use crate::convert::record::Record;
use crate::convert::url;

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    by_catalogue(record, document);
    document.set("cloud.provider", "aws");
    document.set("event.category", json!(["web"]));
    document.set("event.type", json!(["access"]));
    let own = |name: &str| document_text(document, name);
    let (owner, address, requester, error) =
        (own("bucket_owner"), own("remote_ip"), own("requester"), own("error_code"));
    let (uri, version, host) = (own("request_uri"), own("tls_version"), own("host_header"));
    if let Some(owner) = owner {
        document.set("related.user", json!([owner]));
    }
    if let Some(address) = address.filter(|address| family(address).is_some()) {
        document.append("related.ip", address.as_str());
        document.set("client.ip", address.as_str());
        document.set("client.address", address);
        locate(document, "client", lookup);
        let geo = document.get("client.geo").cloned();
        document.set_some("geo", geo);
    }
    document.set_some("client.user.id", requester);
    document.set("event.outcome", if error.is_some() { "failure" } else { "success" });
    document.set_some("event.code", error);
    for (name, path) in [
        ("request_id", "event.id"),
        ("operation", "event.action"),
        ("http_status", "http.response.status_code"),
        ("bytes_sent", "http.response.body.bytes"),
        ("referrer", "http.request.referrer"),
        ("cipher_suite", "tls.cipher"),
        ("user_agent", "user_agent.original"),
    ] {
        let value = document.get(&format!("aws.s3access.{name}")).cloned();
        document.set_some(path, value);
    }
    let duration = document.get("aws.s3access.total_time").and_then(Value::as_i64);
    document.set_some("event.duration", duration.map(|millis| millis.saturating_mul(1_000_000)));
    request(uri.as_deref(), document);
    version.iter().for_each(|version| tls(document, version));
    document.set_some("cloud.region", host.as_deref().and_then(region));
    agent(document, lookup);
}

fn document_text(document: &Document, name: &str) -> Option<String> {
    document.text(&format!("aws.s3access.{name}")).map(str::to_owned)
}

/// `GET /bucket/key?x HTTP/1.1`.
fn request(uri: Option<&str>, document: &mut Document) {
    let Some((method, rest)) = uri.and_then(|uri| uri.split_once(' ')) else { return };
    let (path, protocol) = rest.rsplit_once(' ').unwrap_or((rest, ""));
    document.set("http.request.method", method);
    document.set_some("http.version", protocol.split_once('/').map(|(_, version)| version));
    let parts = url::parts(path);
    document.set("url.original", path);
    document.set_some("url.path", parts.path.map(|part| url::decoded(path, part)));
    document.set_some("url.query", parts.query.map(|part| url::decoded(path, part)));
    document.set_some("url.fragment", parts.fragment);
    document.set_some("url.extension", parts.extension);
}

/// The region in `bucket.s3.eu-west-1.amazonaws.com`.
fn region(host: &str) -> Option<&str> {
    let (before, after) = host.rsplit_once("s3.")?;
    if !before.is_empty() && !before.ends_with('.') {
        return None;
    }
    after.split_once('.').map(|(region, _)| region).filter(|region| *region != "amazonaws" && !region.is_empty())
}

#[cfg(test)]
mod tests {
    use super::region;

    #[test]
    fn the_region_is_in_the_host() {
        assert_eq!(region("s3.ap-southeast-1.amazonaws.com"), Some("ap-southeast-1"));
        assert_eq!(region("b.s3.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!([region("b.s3.amazonaws.com"), region("s3.amazonaws.com"), region("x")], [None; 3]);
    }
}
