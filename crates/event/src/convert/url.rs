//! The parts of a request's address, as ECS names them, and the parts of a domain name.

/// Parts of a URL or of a path with a query; what is absent is `None`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) scheme: Option<&'a str>,
    pub(super) domain: Option<&'a str>,
    pub(super) port: Option<i64>,
    pub(super) path: Option<&'a str>,
    pub(super) query: Option<&'a str>,
    pub(super) fragment: Option<&'a str>,
    pub(super) extension: Option<&'a str>,
}

/// Takes apart what a request asked for.
pub(super) fn parts(text: &str) -> Parts<'_> {
    let mut parts = Parts::default();
    let mut rest = text;
    if let Some((scheme, after)) = text.split_once("://")
        && !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    {
        parts.scheme = Some(scheme);
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        authority(&after[..end], &mut parts);
        rest = &after[end..];
    }
    if let Some((before, fragment)) = rest.split_once('#') {
        parts.fragment = Some(fragment);
        rest = before;
    }
    if let Some((before, query)) = rest.split_once('?') {
        parts.query = Some(query);
        rest = before;
    }
    parts.path = Some(rest).filter(|path| !path.is_empty());
    let file = rest.rsplit('/').next().unwrap_or_default();
    parts.extension = file.rsplit_once('.').map(|(_, extension)| extension).filter(|extension| !extension.is_empty());
    parts
}

fn authority<'a>(text: &'a str, parts: &mut Parts<'a>) {
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            parts.domain = Some(name);
            parts.port = port.parse().ok();
        }
        _ => parts.domain = Some(host).filter(|host| !host.is_empty()),
    }
}

/// Second-level labels under which the registries of many countries hand out names.
const SECOND_LEVEL: [&str; 16] =
    ["co", "com", "net", "org", "ac", "gov", "edu", "or", "ne", "go", "ad", "gr", "lg", "ltd", "plc", "me"];
/// Suffixes of AWS under which each customer's name is a domain of its own.
const AWS_SUFFIXES: [&str; 5] =
    ["cloudfront.net", "elasticbeanstalk.com", "awsapps.com", "execute-api.amazonaws.com", "elb.amazonaws.com"];

/// The parts of a host name: `(top level, registered, subdomain)`. `None`: a name of one label, or an address.
pub(super) fn domain_parts(name: &str) -> Option<(&str, &str, Option<&str>)> {
    let top = suffix(name)?;
    let before = name[..name.len() - top.len()].strip_suffix('.')?;
    if before.is_empty() || name.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let label = before.rsplit('.').next()?;
    let registered = &name[before.len() - label.len()..];
    let sub = before[..before.len() - label.len()].strip_suffix('.').filter(|sub| !sub.is_empty());
    Some((top, registered, sub))
}

fn suffix(name: &str) -> Option<&str> {
    let aws = AWS_SUFFIXES.iter().find(|suffix| name.len() > suffix.len() && name.ends_with(*suffix));
    if let Some(aws) = aws {
        return Some(&name[name.len() - aws.len()..]);
    }
    let (before, last) = name.rsplit_once('.')?;
    if last.len() < 2
        || !last.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        || INTERNAL.contains(&last)
    {
        return None;
    }
    let second = before.rsplit('.').next()?;
    if last.len() == 2 && before.contains('.') && SECOND_LEVEL.contains(&second) {
        return Some(&name[name.len() - last.len() - second.len() - 1..]);
    }
    Some(&name[name.len() - last.len()..])
}

/// Endings that no registry hands out.
const INTERNAL: [&str; 6] = ["internal", "local", "invalid", "localhost", "test", "lan"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_fall_apart() {
        let full = parts("https://www.example.com:8443/a/b.php?x=1&y#top");
        let expected = Parts {
            scheme: Some("https"),
            domain: Some("www.example.com"),
            port: Some(8443),
            path: Some("/a/b.php"),
            query: Some("x=1&y"),
            fragment: Some("top"),
            extension: Some("php"),
        };
        assert_eq!(full, expected);
        let path = parts("/bucket/?list&x=http://evil");
        assert_eq!((path.path, path.query, path.domain), (Some("/bucket/"), Some("list&x=http://evil"), None));
        assert_eq!(parts("http://127.0.0.1:80/").port, Some(80));
        assert_eq!(parts(""), Parts::default());
    }

    #[test]
    fn names_fall_apart() {
        assert_eq!(domain_parts("a.b.example.com"), Some(("com", "example.com", Some("a.b"))));
        assert_eq!(domain_parts("www.example.co.jp"), Some(("co.jp", "example.co.jp", Some("www"))));
        assert_eq!(domain_parts("d111.cloudfront.net"), Some(("cloudfront.net", "d111.cloudfront.net", None)));
        assert_eq!(domain_parts("example.com"), Some(("com", "example.com", None)));
        for none in ["localhost", "10.0.0.1", "a.internal", "", "com", "."] {
            assert_eq!(domain_parts(none), None, "{none}");
        }
    }
}
