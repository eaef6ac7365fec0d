//! The parts of a request's address, as ECS names them, and the parts of a domain name, as Elastic's processors tell them.

use std::borrow::Cow;

use crate::decode::lines::without_dash;

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

/// A path or a query without its percent-encoding, where the address that it is of is one by RFC 2396; another stays as it is.
pub(super) fn decoded<'a>(address: &str, part: &'a str) -> Cow<'a, str> {
    if !part.contains('%') || !is_address(address) {
        return part.into();
    }
    let hex = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
    let mut bytes = part.bytes();
    let mut out = Vec::with_capacity(part.len());
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => out.push(hex(bytes.next().unwrap_or_default()) << 4 | hex(bytes.next().unwrap_or_default())),
            byte => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

/// No character that an address must encode, and no `%` that encodes nothing. Brackets may stand in a query and around an
/// address of IPv6 only.
fn is_address(text: &str) -> bool {
    let path = text.split('?').next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("", |slash| &rest[slash..]));
    let encodes = |rest: &str| rest.as_bytes().get(..2).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
    !path.contains(['[', ']'])
        && text.split('%').skip(1).all(encodes)
        && !text.contains(|c: char| {
            c.is_control() || matches!(c, ' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
        })
}

fn authority<'a>(text: &'a str, parts: &mut Parts<'a>) {
    let host = without_dash(text.rsplit_once('@').map_or(text, |(_, host)| host));
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
/// Names of AWS that the list of public suffixes has among private ones: each counts as registered itself. A `*` stands for
/// one label.
const AWS_NAMES: [&str; 8] = [
    "cloudfront.net",
    "elasticbeanstalk.com",
    "*.elasticbeanstalk.com",
    "*.compute.amazonaws.com",
    "*.compute-1.amazonaws.com",
    "*.elb.amazonaws.com",
    "s3.amazonaws.com",
    "us-east-1.amazonaws.com",
];

/// The parts of a host name: `(top level, registered, subdomain)`. `None`: a name of one label, or an address.
pub(super) fn domain_parts(name: &str) -> Option<(&str, &str, Option<&str>)> {
    if let Some(registered) = of_aws(name) {
        let sub = name[..name.len() - registered.len()].strip_suffix('.').filter(|sub| !sub.is_empty());
        return Some((registered.split_once('.')?.1, registered, sub));
    }
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

/// The end of a name that is one of [`AWS_NAMES`]: the longest.
fn of_aws(name: &str) -> Option<&str> {
    let labels = |text: &str| text.split('.').count();
    let starts = std::iter::once(0).chain(name.match_indices('.').map(|(dot, _)| dot + 1));
    starts.map(|start| &name[start..]).find(|end| {
        AWS_NAMES.iter().any(|known| match known.strip_prefix("*.") {
            Some(rest) => end.strip_suffix(rest).is_some_and(|label| labels(label) == 2 && label.len() > 1),
            None => end == known,
        })
    })
}

fn suffix(name: &str) -> Option<&str> {
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
    fn encoded_parts_are_decoded_where_the_whole_is_an_address() {
        let check = |address: &str, part: &str, expected: &str| {
            assert_eq!(decoded(address, part), expected, "{address}");
        };
        check("/b?prefix=a%2Fb%20c", "prefix=a%2Fb%20c", "prefix=a/b c");
        check("https://[::1]:443/%E3%81%82", "/%E3%81%82", "/あ");
        check("/a%zz", "/a%zz", "/a%zz");
        check("/a%2", "/a%2", "/a%2");
        check("/a b%20", "/a b%20", "/a b%20");
        check("/a[1]%20", "/a[1]%20", "/a[1]%20");
        check("/a?b[1]=%20", "b[1]=%20", "b[1]= ");
    }

    #[test]
    fn names_fall_apart() {
        assert_eq!(domain_parts("a.b.example.com"), Some(("com", "example.com", Some("a.b"))));
        assert_eq!(domain_parts("www.example.co.jp"), Some(("co.jp", "example.co.jp", Some("www"))));
        assert_eq!(domain_parts("d111.cloudfront.net"), Some(("net", "cloudfront.net", Some("d111"))));
        assert_eq!(domain_parts("b.s3.amazonaws.com"), Some(("amazonaws.com", "s3.amazonaws.com", Some("b"))));
        assert_eq!(domain_parts("ec2.eu-west-1.amazonaws.com"), Some(("com", "amazonaws.com", Some("ec2.eu-west-1"))));
        assert_eq!(
            domain_parts("lb-1.eu-west-1.elb.amazonaws.com"),
            Some(("elb.amazonaws.com", "eu-west-1.elb.amazonaws.com", Some("lb-1")))
        );
        assert_eq!(domain_parts("example.com"), Some(("com", "example.com", None)));
        for none in ["localhost", "10.0.0.1", "a.internal", "", "com", "."] {
            assert_eq!(domain_parts(none), None, "{none}");
        }
    }
}
