//! Firehose's HTTP endpoint: headers, statuses and answers. What they mean is in [`ingest::firehose`].

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use ingest::firehose::{Firehose, FirehoseError, Head};
use serde::Serialize;

use super::Inlets;
use super::body::{Room, Unread};

/// Characters of a message: Firehose takes 8,192 bytes.
const MESSAGE: usize = 2000;

#[derive(Serialize)]
struct Answer {
    #[serde(rename = "requestId")]
    request_id: String,
    timestamp: u128,
    #[serde(rename = "errorMessage", skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn answer(id: &str, status: StatusCode, message: Option<&str>) -> Response {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let message = message.map(|message| message.chars().take(MESSAGE).collect());
    let body = Answer { request_id: id.to_owned(), timestamp: now.as_millis(), message };
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(5_u64));
    }
    response
}

/// No status is 413: after that one, Firehose gives the records up.
const fn status_of(error: &FirehoseError) -> StatusCode {
    match error {
        FirehoseError::AccessKey => StatusCode::UNAUTHORIZED,
        FirehoseError::Invalid(_) => StatusCode::BAD_REQUEST,
        FirehoseError::Refused(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Takes a request of Firehose.
pub(super) async fn deliver(
    Extension(inlets): Extension<Arc<Inlets>>,
    Extension(room): Extension<Room>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    let id = text(headers, "x-amz-firehose-request-id").unwrap_or_default();
    let key = headers.get("x-amz-firehose-access-key").map(HeaderValue::as_bytes);
    let Some(source) = inlets.firehose.iter().find(|source| source.authorize(key).is_ok()) else {
        return answer(&id, status_of(&FirehoseError::AccessKey), Some(&FirehoseError::AccessKey.to_string()));
    };
    let read = match room.read(headers, body).await {
        Ok(read) => read,
        Err(why) => return unread(source, &id, why),
    };
    let head = Head {
        version: text(headers, "x-amz-firehose-protocol-version"),
        request_id: Some(id.clone()).filter(|id| !id.is_empty()),
        source_arn: text(headers, "x-amz-firehose-source-arn"),
        attributes: text(headers, "x-amz-firehose-common-attributes"),
    };
    match source.take(head, read.bytes.clone()).await {
        Ok(told) => answer(&told, StatusCode::OK, None),
        Err(error) => answer(&id, status_of(&error), Some(&error.to_string())),
    }
}

fn unread(source: &Firehose, id: &str, why: Unread) -> Response {
    let (status, reason, message) = match why {
        Unread::TooLarge => (StatusCode::BAD_REQUEST, "too-large", "the body has more than 100 MiB"),
        Unread::Encoding => (StatusCode::BAD_REQUEST, "encoding", "the body may be compressed with gzip only"),
        Unread::Damaged => (StatusCode::BAD_REQUEST, "damaged", "the body is not gzip, though it says so"),
        Unread::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "other requests take all the memory"),
        Unread::Slow | Unread::Broken => (StatusCode::BAD_REQUEST, "slow-body", "the body did not arrive in time"),
    };
    source.refused(reason);
    answer(id, status, Some(message))
}

pub(super) async fn method_not_allowed() -> Response {
    answer("", StatusCode::METHOD_NOT_ALLOWED, Some("Firehose posts"))
}
