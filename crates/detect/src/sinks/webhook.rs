//! `webhook`: a POST of JSON, signed. The receiver takes the id, the time and the signature from the headers, and can tell
//! who sent it, that nobody changed it, that it is not a recording, and that it has seen it before.

use std::path::PathBuf;

use async_trait::async_trait;
use chrono::Utc;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use ring::hmac;
use serde::Deserialize;

use super::secret::{Secret, SecretSource};
use super::settings::{Base, Links, keys};
use super::template::Template;
use super::{Failure, Kind, Language, Notice, Sink, http};

pub(super) const KIND: Kind = Kind { id: "webhook", build };

/// Stable over all tries.
const ID: &str = "trailhound-id";
/// Seconds since 1970 at which it was signed.
const TIMESTAMP: &str = "trailhound-timestamp";
/// `v1=` and the hexadecimal HMAC-SHA256 of the timestamp, a full stop and the body.
const SIGNATURE: &str = "trailhound-signature";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    url: SecretSource,
    secret: Option<SecretSource>,
    #[serde(default)]
    headers: std::collections::BTreeMap<String, SecretSource>,
    template: Option<String>,
    ca_file: Option<PathBuf>,
}

struct Webhook {
    client: Client,
    url: Url,
    secret: Option<Secret>,
    headers: HeaderMap,
    template: Option<Template>,
    language: Language,
    links: Links,
}

fn build(table: toml::Table, base: &Base<'_>) -> Result<Box<dyn Sink>, String> {
    let keys: Keys = keys(table)?;
    let sample = Notice::sample("x", Utc::now()).document(base.language, Some("x"));
    let template = keys.template.map(|text| Template::read(&text, &sample)).transpose();
    Ok(Box::new(Webhook {
        client: http::client(&base.guard, keys.ca_file.as_deref())?,
        url: base.guard.url(base.secret("url", &keys.url)?.reveal())?,
        secret: base.maybe_secret("secret", keys.secret.as_ref())?,
        headers: headers(&keys.headers, base)?,
        template: template.map_err(|why| format!("`template`: {why}"))?,
        language: base.language,
        links: base.links.clone(),
    }))
}

/// Headers of the user's own. What the connection is made of is not theirs to set.
fn headers(given: &std::collections::BTreeMap<String, SecretSource>, base: &Base<'_>) -> Result<HeaderMap, String> {
    const OURS: &[&str] =
        &["host", "content-length", "content-type", "transfer-encoding", "connection", ID, TIMESTAMP, SIGNATURE];
    let mut headers = HeaderMap::new();
    for (name, source) in given {
        let key = HeaderName::try_from(name).ok().filter(|key| !OURS.contains(&key.as_str()));
        let key = key.ok_or_else(|| format!("`headers`: `{name}` can't be set"))?;
        let value = base.secret("headers", source)?;
        let value = HeaderValue::from_str(value.reveal());
        let mut value = value.map_err(|_| format!("`headers`: the value of `{name}` is no header's"))?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}

/// The signature of a body.
fn sign(secret: &Secret, timestamp: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp}.{body}").as_bytes());
    tag.as_ref().iter().fold("v1=".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

#[async_trait]
impl Sink for Webhook {
    async fn deliver(&self, notice: &Notice) -> Result<(), Failure> {
        let document = notice.document(self.language, self.links.alert(notice).as_deref());
        let body = self.template.as_ref().map_or_else(|| document.to_string(), |t| t.fill(&document).to_string());
        let timestamp = Utc::now().timestamp();
        let id = HeaderValue::from_str(&notice.id).map_err(|_| Failure::final_("the notice's id is no header's"))?;
        let mut request = self
            .client
            .post(self.url.clone())
            .headers(self.headers.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ID, id)
            .header(TIMESTAMP, timestamp);
        if let Some(secret) = &self.secret {
            request = request.header(SIGNATURE, sign(secret, timestamp, &body));
        }
        http::send(request.body(body)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_hmac_sha256() {
        // printf '1768446245.{"a":1}' | openssl dgst -sha256 -hmac hunter2
        let secret = SecretSource::Text("hunter2".to_owned()).read(&|_| None).unwrap();
        assert_eq!(
            sign(&secret, 1_768_446_245, "{\"a\":1}"),
            "v1=86354cc9ed895e4c243d32a474715dbf9e16c8f07e39e8588913083b7ad54e55"
        );
    }
}
