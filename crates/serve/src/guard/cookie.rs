//! The session cookie: `HttpOnly`, `SameSite=Lax`, and, where the connection is not plain loopback, `Secure` under a
//! `__Host-` name, which no other host of the same domain can set.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::app::{Config, is_loopback};
use crate::error::ApiError;

const PLAIN: &str = "trailhound_session";
const SECURE: &str = "__Host-trailhound_session";

/// Whether cookies of this request are `Secure`.
pub(super) fn secure(headers: &HeaderMap, config: &Config) -> bool {
    config.secure_cookies.unwrap_or_else(|| {
        // Whoever lies here only spoils a cookie of their own.
        let tls = headers.get("x-forwarded-proto").is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"https"));
        tls || !is_loopback(config.listen)
    })
}

/// The session secret that the browser sent.
pub(super) fn value(headers: &HeaderMap, secure: bool) -> Option<String> {
    let name = if secure { SECURE } else { PLAIN };
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

/// The header that hands a session out; `seconds` is its longest life.
pub(crate) fn issued(secret: &str, secure: bool, seconds: u64) -> Result<HeaderValue, ApiError> {
    header_of(secret, secure, seconds)
}

/// The header that takes a session back.
pub(crate) fn ended(secure: bool) -> Result<HeaderValue, ApiError> {
    header_of("", secure, 0)
}

fn header_of(value: &str, secure: bool, seconds: u64) -> Result<HeaderValue, ApiError> {
    let (name, flag) = if secure { (SECURE, "; Secure") } else { (PLAIN, "") };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{flag}");
    HeaderValue::from_str(&text).map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_among_others() {
        let check = |lines: &[&'static str], secure: bool, expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            assert_eq!(value(&headers, secure).as_deref(), expected, "{lines:?}");
        };
        check(&[], false, None);
        check(&["trailhound_session=a"], false, Some("a"));
        check(&["x=1; trailhound_session=a; y=2"], false, Some("a"));
        check(&["x=1", "trailhound_session=a=b"], false, Some("a=b"));
        check(&["trailhound_session=a"], true, None);
        check(&["trailhound_session=a; __Host-trailhound_session=b"], true, Some("b"));
        check(&["trailhound_sessions=a; trailhound_session"], false, None);
    }

    #[test]
    fn secure_unless_plain_loopback() {
        let check = |listen: &str, forced: Option<bool>, proto: Option<&'static str>, expected: bool| {
            let config = Config { listen: listen.parse().unwrap(), secure_cookies: forced, ..Config::default() };
            let mut headers = HeaderMap::new();
            if let Some(proto) = proto {
                headers.insert("x-forwarded-proto", HeaderValue::from_static(proto));
            }
            assert_eq!(secure(&headers, &config), expected, "{listen} {forced:?} {proto:?}");
        };
        check("127.0.0.1:1", None, None, false);
        check("[::1]:1", None, None, false);
        check("127.0.0.1:1", None, Some("https"), true);
        check("127.0.0.1:1", None, Some("http"), false);
        check("0.0.0.0:1", None, None, true);
        check("192.0.2.1:1", None, Some("http"), true);
        check("192.0.2.1:1", Some(false), None, false);
        check("127.0.0.1:1", Some(true), None, true);
    }
}
