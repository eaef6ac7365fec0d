//! The HTTP Event Collector's paths, statuses and answers. What they mean is in [`ingest::hec`].

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use ingest::hec::{Code, Hec, Metadata, Presented, Reply, Token};
use serde::{Deserialize, Serialize};

use super::Inlets;
use super::body::{Read, Room, Unread};

/// Seconds after which a sender may try again.
const RETRY_AFTER: u64 = 5;
const CHANNEL: &str = "x-splunk-request-channel";

/// An answer. Its members stand in this order.
#[derive(Serialize)]
struct Answer {
    text: &'static str,
    code: u16,
    #[serde(rename = "ackId", skip_serializing_if = "Option::is_none")]
    ack: Option<u64>,
    #[serde(rename = "invalid-event-number", skip_serializing_if = "Option::is_none")]
    event: Option<u64>,
}

const fn status_of(code: Code) -> StatusCode {
    match code {
        Code::Success | Code::Healthy => StatusCode::OK,
        Code::TokenDisabled | Code::InvalidToken => StatusCode::FORBIDDEN,
        Code::TokenRequired | Code::InvalidAuthorization => StatusCode::UNAUTHORIZED,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Busy | Code::QueuesFull | Code::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn answer(reply: Reply) -> Response {
    let Reply { code, ack, event } = reply;
    respond(status_of(code), &Answer { text: code.text(), code: code.number(), ack, event })
}

/// What goes wrong before the protocol has a say: its code is the status.
fn plain(status: StatusCode, text: &'static str) -> Response {
    respond(status, &Answer { text, code: status.as_u16(), ack: None, event: None })
}

fn respond(status: StatusCode, answer: &Answer) -> Response {
    let mut response = (status, Json(answer)).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
    }
    response
}

/// What a request says of itself before its body.
struct Head {
    parameters: BTreeMap<String, String>,
    headers: HeaderMap,
}

impl Head {
    fn of(parts: &Parts) -> Self {
        let parameters = Query::try_from_uri(&parts.uri).map(|Query(parameters)| parameters).unwrap_or_default();
        Self { parameters, headers: parts.headers.clone() }
    }

    fn get(&self, name: &str) -> Option<String> {
        self.parameters.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// The source and its token. A token is one source's; where none knows it, the most telling refusal is given.
    fn source<'a>(&self, inlets: &'a Inlets) -> Result<(&'a Hec, &'a Token), Code> {
        let header = self.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        let presented = Presented::of(header, self.parameters.get("token").map(String::as_str));
        let mut refusal = Code::InvalidToken;
        for source in &inlets.hec {
            match source.authorize(&presented) {
                Ok(token) => return Ok((source, token)),
                Err(Code::InvalidToken) => {}
                Err(code) => refusal = code,
            }
        }
        Err(refusal)
    }

    fn channel(&self) -> Option<String> {
        let header = self.headers.get(CHANNEL).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        header.or_else(|| self.get("channel"))
    }

    fn metadata(&self) -> Metadata {
        Metadata {
            time: self.get("time"),
            host: self.get("host"),
            source: self.get("source"),
            sourcetype: self.get("sourcetype"),
            index: self.get("index"),
        }
    }
}

fn unread(source: &Hec, why: Unread) -> Response {
    let (code, response) = match why {
        Unread::TooLarge => (Code::InvalidData, plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large")),
        Unread::Encoding => {
            (Code::InvalidData, plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The content encoding is not supported"))
        }
        Unread::Slow => (Code::InvalidData, plain(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time")),
        Unread::Busy => (Code::Busy, answer(Code::Busy.into())),
        Unread::Broken | Unread::Damaged => (Code::InvalidData, answer(Code::InvalidData.into())),
    };
    source.refused(code);
    response
}

async fn opened<'a>(
    inlets: &'a Inlets,
    room: &Room,
    head: &Head,
    body: Body,
    raw: bool,
) -> Result<(&'a Hec, &'a Token, Option<String>, Read), Box<Response>> {
    let refused = |code: Code| Box::new(answer(code.into()));
    let (source, token) = head.source(inlets).map_err(refused)?;
    let channel = source.channel(token, head.channel().as_deref(), raw).map_err(refused)?;
    let read = room.read(&head.headers, body).await.map_err(|why| Box::new(unread(source, why)))?;
    Ok((source, token, channel, read))
}

/// Envelopes.
pub(super) async fn events(
    Extension(inlets): Extension<Arc<Inlets>>,
    Extension(room): Extension<Room>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let head = Head::of(&parts);
    match opened(&inlets, &room, &head, body, false).await {
        Ok((source, token, channel, read)) => {
            answer(source.events(token, channel, &head.metadata(), read.bytes.clone()).await)
        }
        Err(response) => *response,
    }
}

/// Text as it is.
pub(super) async fn raw(
    Extension(inlets): Extension<Arc<Inlets>>,
    Extension(room): Extension<Room>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let head = Head::of(&parts);
    match opened(&inlets, &room, &head, body, true).await {
        Ok((source, token, channel, read)) => {
            answer(source.raw(token, channel, &head.metadata(), read.bytes.clone()).await)
        }
        Err(response) => *response,
    }
}

#[derive(Deserialize)]
struct Asked {
    acks: Vec<u64>,
}

/// Which deliveries are safe.
pub(super) async fn acks(
    Extension(inlets): Extension<Arc<Inlets>>,
    Extension(room): Extension<Room>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let head = Head::of(&parts);
    let (source, token, channel, read) = match opened(&inlets, &room, &head, body, true).await {
        Ok(opened) => opened,
        Err(response) => return *response,
    };
    if read.bytes.trim_ascii().is_empty() {
        return answer(Code::NoData.into());
    }
    let Ok(asked) = serde_json::from_slice::<Asked>(&read.bytes) else { return answer(Code::InvalidData.into()) };
    match source.acks(token, &channel.unwrap_or_default(), &asked.acks) {
        Ok(found) => {
            let acks: serde_json::Map<String, serde_json::Value> =
                found.into_iter().map(|(number, safe)| (number.to_string(), safe.into())).collect();
            Json(serde_json::json!({ "acks": acks })).into_response()
        }
        Err(code) => answer(code.into()),
    }
}

/// Whether events are taken. Anybody may ask.
pub(super) async fn health(Extension(inlets): Extension<Arc<Inlets>>) -> Response {
    match inlets.hec.first() {
        Some(source) => answer(source.health().await.into()),
        None => answer(Code::QueuesFull.into()),
    }
}

pub(super) async fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, "The requested URL was not found on this server.")
}

pub(super) async fn method_not_allowed() -> Response {
    plain(StatusCode::METHOD_NOT_ALLOWED, "The requested URL does not support this method.")
}
