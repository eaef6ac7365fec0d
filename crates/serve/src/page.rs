//! The page's files. Files whose name holds a hash are kept by browsers for ever, the rest is asked for again with its tag.
//! Text is compressed once, at the first request for it.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use assets::Asset;
use axum::body::{Body, Bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::ApiError;
use crate::guard::is_api;

/// Smaller files are not worth compressing.
const WORTH_IT: usize = 1024;

/// What is worked out once a file.
#[derive(Default)]
pub(crate) struct Page {
    known: Mutex<HashMap<String, Arc<Prepared>>>,
}

struct Prepared {
    tag: String,
    gzip: Option<Bytes>,
}

/// Answers what no route did: a file of the page; the page itself for its own addresses; 404 below `/api`.
pub(crate) async fn fallback(Shared(app): Shared<Arc<App>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if is_api(path) {
        return ApiError::not_found("there is nothing at this address; /api/v1/openapi.json tells what there is")
            .into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        let mut refusal = method_not_allowed().await.into_response();
        refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    let name = path.trim_start_matches('/');
    // A missing script must not be answered with a page: the browser would try to run it.
    let found = assets::page(name).map(|asset| (name, asset));
    let found =
        found.or_else(|| if name.starts_with("assets/") { None } else { assets::page("").map(|asset| ("", asset)) });
    let Some((name, asset)) = found else { return ApiError::not_found("there is no such file").into_response() };
    match app.page.prepared(name, asset).await {
        Ok(prepared) => answer(asset, &prepared, &headers).unwrap_or_else(|e| ApiError::internal(e).into_response()),
        Err(e) => ApiError::internal(e).into_response(),
    }
}

/// For routes that exist under another method.
pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "this address does not answer to this method")
}

impl Page {
    async fn prepared(&self, name: &str, asset: Asset) -> Result<Arc<Prepared>, tokio::task::JoinError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let prepared = Arc::new(tokio::task::spawn_blocking(move || prepare(asset)).await?);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), prepared.clone());
        Ok(prepared)
    }
}

fn prepare(asset: Asset) -> Prepared {
    let tag: String = Sha256::digest(asset.bytes).iter().take(12).map(|b| format!("{b:02x}")).collect();
    let gzip = if is_text(asset.content_type) && asset.bytes.len() >= WORTH_IT { compress(asset.bytes) } else { None };
    Prepared { tag, gzip }
}

fn is_text(content_type: &str) -> bool {
    content_type.starts_with("text/")
        || content_type.starts_with("application/json")
        || content_type.starts_with("image/svg")
}

fn compress(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|packed| packed.len() < bytes.len()).map(Bytes::from)
}

fn answer(asset: Asset, prepared: &Prepared, headers: &HeaderMap) -> Result<Response, axum::http::Error> {
    let packed = prepared.gzip.clone().filter(|_| takes_gzip(headers));
    let tag = if packed.is_some() { format!("\"{}-gz\"", prepared.tag) } else { format!("\"{}\"", prepared.tag) };
    let cache = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::builder().header(header::CACHE_CONTROL, cache).header(header::VARY, "accept-encoding");
    if has_it(headers, &tag) {
        return response.status(StatusCode::NOT_MODIFIED).header(header::ETAG, tag).body(Body::empty());
    }
    if packed.is_some() {
        response = response.header(header::CONTENT_ENCODING, "gzip");
    }
    let body = packed.unwrap_or_else(|| Bytes::from_static(asset.bytes));
    response.header(header::ETAG, tag).header(header::CONTENT_TYPE, asset.content_type).body(Body::from(body))
}

fn has_it(headers: &HeaderMap, tag: &str) -> bool {
    let value = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).unwrap_or_default();
    value.split(',').map(|part| part.trim().trim_start_matches("W/")).any(|known| known == tag || known == "*")
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let value = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    value.split(',').any(|part| {
        let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
        let refused = weight.split_once("q=").and_then(|(_, q)| q.trim().parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    const SCRIPT: Asset =
        Asset { bytes: &[b'x'; 5000], content_type: "text/javascript; charset=utf-8", immutable: true };

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn accepted_encodings() {
        for (value, expected) in [
            ("", false),
            ("gzip", true),
            ("br, GZIP", true),
            ("gzip;q=0", false),
            ("gzip; q=0.5, br", true),
            ("gzip;q=0.0", false),
            ("identity", false),
            ("xgzip", false),
        ] {
            assert_eq!(takes_gzip(&headers(&[("accept-encoding", value)])), expected, "{value}");
        }
    }

    #[test]
    fn packed_bytes_are_the_file() {
        let prepared = prepare(SCRIPT);
        let mut out = Vec::new();
        flate2::read::GzDecoder::new(&*prepared.gzip.unwrap()).read_to_end(&mut out).unwrap();
        assert_eq!(out, SCRIPT.bytes);
        for plain in [Asset { bytes: b"short", ..SCRIPT }, Asset { content_type: "image/png", ..SCRIPT }] {
            assert!(prepare(plain).gzip.is_none());
        }
    }

    #[test]
    fn tags_answer_304() {
        let prepared = prepare(SCRIPT);
        let check = |pairs: &[(&'static str, &str)], expected: u16| {
            let response = answer(SCRIPT, &prepared, &headers(pairs)).unwrap();
            assert_eq!(response.status().as_u16(), expected, "{pairs:?}");
            assert_eq!(response.headers()["vary"], "accept-encoding");
            assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
            response.headers()["etag"].to_str().unwrap().to_owned()
        };
        let plain = check(&[], 200);
        let packed = check(&[("accept-encoding", "gzip")], 200);
        assert_ne!(plain, packed);
        check(&[("if-none-match", &plain)], 304);
        check(&[("if-none-match", &format!("\"x\", W/{plain}"))], 304);
        check(&[("if-none-match", "*")], 304);
        check(&[("if-none-match", &packed)], 200);
        check(&[("if-none-match", &packed), ("accept-encoding", "gzip")], 304);
    }
}
