//! Two questions about where a request comes from. Was it sent to a name that is ours? A page of another site can point
//! its own name at 127.0.0.1 (DNS rebinding) and would then speak to a server without sign-in. And did our own page send it?

use axum::http::{HeaderMap, Uri, header};

use crate::error::ApiError;

const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Refuses a request that was not addressed to loopback or a configured name.
pub(super) fn check_host(uri: &Uri, headers: &HeaderMap, names: &[String]) -> Result<(), ApiError> {
    let ours = |authority: &str| {
        let name = host_of(authority);
        LOCAL.iter().any(|local| local.eq_ignore_ascii_case(name)) || is_named(name, names)
    };
    let mut seen = headers.get_all(header::HOST).iter();
    let sent = seen.next().and_then(|v| v.to_str().ok());
    if sent.is_some_and(ours) && seen.next().is_none() && uri.authority().is_none_or(|a| ours(a.as_str())) {
        return Ok(());
    }
    let message = "this server answers only to localhost; other names are set with `hosts` under [server]";
    Err(ApiError::forbidden("host-not-allowed", message))
}

/// Refuses a request that a browser sent for another site's page. Browsers say so in `Sec-Fetch-Site`, which pages can't
/// write; older ones send `Origin`, which must then be where the request went. Other clients send neither.
pub(super) fn check_origin(uri: &Uri, headers: &HeaderMap, names: &[String]) -> Result<(), ApiError> {
    let refused = || ApiError::forbidden("cross-site", "the request was sent by another site's page");
    if let Some(site) = headers.get("sec-fetch-site") {
        return if matches!(site.as_bytes(), b"same-origin" | b"none") { Ok(()) } else { Err(refused()) };
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().map_err(|_| refused())?;
    let Some((scheme, authority)) = origin.split_once("://") else { return Err(refused()) };
    let sent_to = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default(),
    };
    let same = without_default_port(scheme, authority).eq_ignore_ascii_case(without_default_port(scheme, sent_to));
    if same || is_named(host_of(authority), names) { Ok(()) } else { Err(refused()) }
}

fn is_named(host: &str, names: &[String]) -> bool {
    names.iter().any(|name| host_of(name).eq_ignore_ascii_case(host))
}

/// The host of `host[:port]`; an IPv6 address keeps its brackets. What has another form is nobody's name.
fn host_of(authority: &str) -> &str {
    let after_brackets = authority.find(']').filter(|_| authority.starts_with('[')).map_or(0, |end| end + 1);
    let (host, port) = match authority.get(after_brackets..).and_then(|rest| rest.find(':')) {
        Some(colon) => authority.split_at(after_brackets + colon),
        None => (authority, ""),
    };
    if port.chars().skip(1).all(|c| c.is_ascii_digit()) { host } else { authority }
}

fn without_default_port<'a>(scheme: &str, authority: &'a str) -> &'a str {
    let port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    authority.strip_suffix(port).unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn hosts() {
        let names = ["siem.example.com".to_owned()];
        let check = |host: &str, expected: bool| {
            assert_eq!(
                check_host(&Uri::from_static("/"), &headers(&[("host", host)]), &names).is_ok(),
                expected,
                "{host}"
            );
        };
        for good in [
            "localhost",
            "localhost:8674",
            "LOCALHOST:1",
            "127.0.0.1",
            "127.0.0.1:8674",
            "[::1]",
            "[::1]:8674",
            "siem.example.com:443",
        ] {
            check(good, true);
        }
        for bad in [
            "",
            "evil.example",
            "evil.example:8674",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "[::2]:1",
            "[::1",
            "::1",
            "localhost@evil.example",
            "localhost:1@evil.example",
            "siem.example.com.evil.example",
            "0.0.0.0",
            "169.254.169.254",
        ] {
            check(bad, false);
        }
        assert!(check_host(&Uri::from_static("/"), &HeaderMap::new(), &names).is_err());
        let local = headers(&[("host", "localhost")]);
        assert!(check_host(&Uri::from_static("http://evil.example/"), &local, &names).is_err());
        let mut twice = local;
        twice.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(check_host(&Uri::from_static("/"), &twice, &names).is_err());
    }

    #[test]
    fn origins() {
        let names = ["siem.example.com".to_owned()];
        let check = |pairs: &[(&'static str, &str)], expected: bool| {
            assert_eq!(check_origin(&Uri::from_static("/"), &headers(pairs), &names).is_ok(), expected, "{pairs:?}");
        };
        let host = ("host", "127.0.0.1:8674");
        check(&[host], true);
        check(&[host, ("origin", "http://127.0.0.1:8674")], true);
        check(&[host, ("origin", "http://127.0.0.1:3000")], false);
        check(&[host, ("origin", "http://localhost:8674")], false);
        check(&[host, ("origin", "null")], false);
        check(&[host, ("origin", "https://evil.example")], false);
        check(&[host, ("origin", "https://siem.example.com")], true);
        check(&[("host", "x.example:443"), ("origin", "https://x.example")], true);
        check(&[("host", "x.example"), ("origin", "https://X.example:443")], true);
        check(&[("host", "x.example"), ("origin", "http://x.example:443")], false);
        check(&[host, ("sec-fetch-site", "same-origin"), ("origin", "http://localhost:5173")], true);
        check(&[host, ("sec-fetch-site", "none")], true);
        check(&[host, ("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8674")], false);
        check(&[host, ("sec-fetch-site", "cross-site")], false);
    }
}
