//! HTTP as sinks speak it: behind the guard, without redirects or proxies, with limits of time, and deaf to what a receiver
//! says beyond its status.

use std::error::Error as _;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, StatusCode};

use super::Failure;
use super::guard::{Guard, Refused};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_secs(30);

/// A client that speaks to what the guard lets pass. `ca` is a PEM file of authorities to trust beside the system's.
pub(super) fn client(guard: &Guard, ca: Option<&Path>) -> Result<Client, String> {
    let mut builder = Client::builder()
        .user_agent(concat!("trailhound/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .dns_resolver(std::sync::Arc::new(guard.clone()));
    if let Some(path) = ca {
        let pem = std::fs::read(path).map_err(|error| format!("can't read {}: {error}", path.display()))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem);
        let certificates = certificates.map_err(|_| format!("{} holds no PEM certificates", path.display()))?;
        builder = certificates.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
    }
    builder.build().map_err(|error| format!("no HTTP client: {}", causes(&error)))
}

/// A request with a body of JSON.
pub(super) fn json(request: RequestBuilder, body: &serde_json::Value) -> RequestBuilder {
    request.header(CONTENT_TYPE, "application/json").body(body.to_string())
}

/// Sends a request to a URL that the guard has looked at, and takes 2xx for yes. The body of the answer is not read.
pub(super) async fn send(request: RequestBuilder) -> Result<(), Failure> {
    let response = request.send().await.map_err(unsent)?;
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(answered(status, response.headers(), Utc::now())) }
}

fn unsent(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let text = causes(&error);
    if refused(&error) { Failure::final_(text) } else { Failure::for_now(text) }
}

fn refused(error: &reqwest::Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        if cause.is::<Refused>() {
            return true;
        }
        next = cause.source();
    }
    false
}

/// An error with what caused it, each cause once.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

/// What to make of a status that is not 2xx: some can't become better by asking again.
fn answered(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Failure {
    let text = format!("the receiver answered {}", status.as_u16());
    match status.as_u16() {
        300..400 => Failure::final_(format!("{text}; redirects are not followed")),
        400 | 405 | 406 | 410 | 411 | 413 | 414 | 415 | 422 | 431 => Failure::final_(text),
        _ => Failure { after: retry_after(headers, now), ..Failure::for_now(text) },
    }
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_final_or_not() {
        let check = |status: u16, header: Option<&str>, is_final: bool, after: Option<u64>| {
            let mut headers = HeaderMap::new();
            if let Some(text) = header {
                headers.insert(RETRY_AFTER, text.parse().unwrap());
            }
            let now = DateTime::parse_from_rfc3339("2026-01-15T03:04:05Z").unwrap().to_utc();
            let found = answered(StatusCode::from_u16(status).unwrap(), &headers, now);
            assert_eq!(
                (found.is_final, found.after),
                (is_final, after.map(Duration::from_secs)),
                "{status} {header:?}"
            );
        };
        check(500, None, false, None);
        check(401, None, false, None);
        check(404, None, false, None);
        check(400, None, true, None);
        check(302, None, true, None);
        check(429, Some("7"), false, Some(7));
        check(503, Some("Thu, 15 Jan 2026 03:05:05 GMT"), false, Some(60));
        check(503, Some("Thu, 15 Jan 2026 03:00:00 GMT"), false, None);
        check(503, Some("soon"), false, None);
    }
}
