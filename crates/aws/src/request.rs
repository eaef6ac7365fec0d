//! One request: sent, signed anew for each attempt, repeated where that helps.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use reqwest::header::{DATE, HeaderMap};
use serde_json::Value;

use crate::credentials::chain;
use crate::retry::Retry;
use crate::sign::signature;
use crate::{AwsError, ErrorKind, Method, Service, Session, xml};

/// Bytes of an answer that is not an object.
const MOST: u64 = 64 << 20;

/// A request, as it is whoever signs it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) service: Service,
    pub(crate) method: Method,
    /// Percent-encoded, from the root.
    pub(crate) path: String,
    /// Percent-encoded, without `?`.
    pub(crate) query: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// Address of the server, where it is not the service's own in the session's region.
    pub(crate) base: Option<String>,
    /// Region to sign for, where it is not the session's.
    pub(crate) region: Option<String>,
    /// Bytes that the answer may have.
    pub(crate) most: u64,
}

/// An answer that says yes.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Request {
    pub(crate) fn new(service: Service, method: Method, path: &str) -> Self {
        Self {
            service,
            method,
            path: path.to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: Bytes::new(),
            base: None,
            region: None,
            most: MOST,
        }
    }

    fn url(&self, session: &Session) -> String {
        let base = self.base.clone().unwrap_or_else(|| session.endpoint(self.service));
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{base}{}{mark}{}", self.path, self.query)
    }
}

impl Session {
    /// A call of a service that speaks JSON: `target` is the operation as in the header `X-Amz-Target`
    /// (`AmazonSQS.ReceiveMessage`).
    ///
    /// # Errors
    /// [`AwsError`], after repeating what may succeed later.
    pub async fn json(&self, service: Service, target: &str, body: &Value) -> Result<Value, AwsError> {
        self.json_at(service, target, body, None).await
    }

    pub(crate) async fn json_at(
        &self,
        service: Service,
        target: &str,
        body: &Value,
        base: Option<&str>,
    ) -> Result<Value, AwsError> {
        let mut request = Request::new(service, Method::POST, "/");
        request.headers.push(("content-type", format!("application/x-amz-json-{}", service.json)));
        request.headers.push(("x-amz-target", target.to_owned()));
        request.body = body.to_string().into();
        request.base = base.map(str::to_owned);
        read_json(service, &self.send(&request).await?)
    }

    /// A call of a service that speaks the query protocol; the answer is XML.
    ///
    /// # Errors
    /// As [`Session::json`].
    pub async fn query(&self, service: Service, parameters: &[(&str, &str)]) -> Result<String, AwsError> {
        let mut request = Request::new(service, Method::POST, "/");
        request.headers.push(("content-type", "application/x-www-form-urlencoded; charset=utf-8".into()));
        request.body = form(service, parameters).into();
        let answer = self.send(&request).await?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// A call of a service that speaks REST with JSON bodies; `path` is percent-encoded and begins with `/`.
    ///
    /// # Errors
    /// As [`Session::json`].
    pub async fn rest(
        &self,
        service: Service,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, AwsError> {
        let mut request = Request::new(service, method, path);
        if let Some(body) = body {
            request.headers.push(("content-type", "application/json".into()));
            request.body = body.to_string().into();
        }
        read_json(service, &self.send(&request).await?)
    }

    /// Sends a request until it succeeds, or until repeating does not help.
    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, AwsError> {
        let mut retry = Retry::new();
        loop {
            let error = match self.attempt(request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.error.kind() == ErrorKind::Expired {
                self.inner.wallet.forget().await;
            }
            if error.error.kind() == ErrorKind::Skewed
                && let Some(theirs) = error.date
            {
                self.inner.skew.store(seconds_ahead(theirs, SystemTime::now()), Ordering::Relaxed);
            }
            let Some(wait) = retry.after(error.error.kind(), error.retry_after) else { return Err(*error.error) };
            tracing::debug!(error = %error.error, wait_ms = wait.as_millis(), "AWS call is repeated");
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, request: &Request) -> Result<Answer, Failed> {
        let credentials = self.inner.wallet.get().await.map_err(Failed::from)?;
        let url = request.url(self);
        let region = request.region.as_deref().unwrap_or(self.region());
        let time = shifted(SystemTime::now(), self.inner.skew.load(Ordering::Relaxed));
        let signed = signature(request, &url, region, &credentials, time).map_err(Failed::from)?;
        let mut call = self.inner.http.request(request.method.clone(), &url).body(request.body.clone());
        for (name, value) in request.headers.iter().map(|(name, value)| (*name, value)) {
            call = call.header(name, value);
        }
        for (name, value) in &signed {
            call = call.header(name, value);
        }
        let response = call.send().await.map_err(|error| unreachable(request.service, error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = read(response, request).await?;
        if (200..300).contains(&status) {
            return Ok(Answer { headers, body });
        }
        Err(refused(request.service, status, &headers, &body))
    }
}

fn form(service: Service, parameters: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(parameters);
    if !parameters.iter().any(|(name, _)| *name == "Version") {
        form.append_pair("Version", service.version);
    }
    form.finish()
}

/// A failed attempt, and what the answer says about the next one.
struct Failed {
    error: Box<AwsError>,
    retry_after: Option<Duration>,
    date: Option<SystemTime>,
}

impl From<AwsError> for Failed {
    fn from(error: AwsError) -> Self {
        Self { error: Box::new(error), retry_after: None, date: None }
    }
}

fn unreachable(service: Service, error: reqwest::Error) -> Failed {
    AwsError::Network { service: service.name, reason: chain(&error.without_url()) }.into()
}

async fn read(mut response: reqwest::Response, request: &Request) -> Result<Bytes, Failed> {
    let too_large = || Failed::from(AwsError::TooLarge(request.most));
    if response.content_length().is_some_and(|length| length > request.most) && response.status().is_success() {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(|error| unreachable(request.service, error))? {
        if (body.len() + piece.len()) as u64 > request.most {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

fn refused(service: Service, status: u16, headers: &HeaderMap, body: &[u8]) -> Failed {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (mut code, mut message) = described(body);
    if let Some(named) = header("x-amzn-errortype") {
        code = named.split(':').next().unwrap_or(named).to_owned();
    }
    if code.is_empty() {
        code = match status {
            404 => "NotFound".into(),
            403 => "AccessDenied".into(),
            301 | 307 => "Redirect".into(),
            other => format!("Http{other}"),
        };
    }
    if message.is_empty() {
        message = "without a word".into();
    }
    let named = xml::text(body, "Region").filter(|_| service.name == "s3");
    let region = header("x-amz-bucket-region").map(str::to_owned).or(named);
    let error = Box::new(AwsError::Service { service: service.name, status, code, message, region });
    let retry_after = header("retry-after").and_then(|value| value.parse().ok()).map(Duration::from_secs);
    let date = header(DATE.as_str())
        .and_then(|value| chrono::DateTime::parse_from_rfc2822(value).ok())
        .map(|date| SystemTime::from(date.with_timezone(&chrono::Utc)));
    Failed { error, retry_after, date }
}

/// Code and message of an error, in JSON or XML.
fn described(body: &[u8]) -> (String, String) {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let text = |names: &[&str]| {
            names.iter().find_map(|name| value.get(name).and_then(Value::as_str)).unwrap_or_default().to_owned()
        };
        return (text(&["__type", "code", "Code"]), text(&["message", "Message"]));
    }
    let text = |name: &str| xml::text(body, name).unwrap_or_default();
    (text("Code"), text("Message"))
}

fn read_json(service: Service, answer: &Answer) -> Result<Value, AwsError> {
    if answer.body.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&answer.body)
        .map_err(|error| AwsError::Answer { service: service.name, reason: error.to_string() })
}

fn seconds_ahead(theirs: SystemTime, ours: SystemTime) -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match theirs.duration_since(ours) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}

fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let moved = if seconds < 0 { time.checked_sub(by) } else { time.checked_add(by) };
    moved.unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read_in_either_form() {
        let check = |body: &str, code: &str, message: &str| {
            assert_eq!(described(body.as_bytes()), (code.to_owned(), message.to_owned()), "{body}");
        };
        check(
            r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}"#,
            "com.amazonaws.sqs#QueueDoesNotExist",
            "no",
        );
        check(r#"{"Code":"AccessDeniedException","Message":"m"}"#, "AccessDeniedException", "m");
        check(
            "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>a &amp; b</Message></Error>",
            "NoSuchKey",
            "a & b",
        );
        check(
            "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>",
            "Throttling",
            "",
        );
        check("", "", "");
        check("<html>gateway</html>", "", "");
    }

    #[test]
    fn clocks_are_brought_together() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        for apart in [-90_000, -1, 0, 86_400] {
            assert_eq!(seconds_ahead(shifted(now, apart), now), apart);
        }
    }
}
