//! Tokens: who may send, and what is assumed of what they send.

use sha2::{Digest, Sha256};

use super::Code;

/// A token of the settings.
#[derive(Clone)]
pub struct Token {
    /// What it is called.
    pub name: String,
    /// SHA-256 of its secret: compared in place of it, so that the time taken tells nothing of the secret.
    pub digest: [u8; 32],
    /// It may be used.
    pub enabled: bool,
    /// Deliveries are acknowledged on channels.
    pub ack: bool,
    /// It may stand in the address, `?token=`.
    pub query_string: bool,
    /// The sourcetype of events that name none.
    pub sourcetype: Option<String>,
    /// The source of events that name none.
    pub source: Option<String>,
    /// The host of events that name none.
    pub host: Option<String>,
    /// Indexes that events may name; none: any.
    pub indexes: Vec<String>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Token {
    /// A token with this secret, enabled, and nothing else.
    #[must_use]
    pub fn new(name: &str, secret: &str) -> Self {
        Self {
            name: name.to_owned(),
            digest: Sha256::digest(secret).into(),
            enabled: true,
            ack: false,
            query_string: false,
            sourcetype: None,
            source: None,
            host: None,
            indexes: Vec::new(),
        }
    }

    pub(super) fn may_use(&self, index: &str) -> bool {
        self.indexes.is_empty() || self.indexes.iter().any(|known| known == index)
    }
}

/// What a request shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// Nothing.
    Nothing,
    /// A header that can't be understood.
    Malformed,
    /// A token, in a header.
    Header(String),
    /// A token, in the address.
    Query(String),
}

impl Presented {
    /// What a request shows: its `Authorization` header, `Splunk <token>` or `Basic` with the token as password, and the
    /// `token` of its address.
    #[must_use]
    pub fn of(header: Option<&[u8]>, query: Option<&str>) -> Self {
        let Some(header) = header else {
            return query.map_or(Self::Nothing, |token| Self::Query(token.to_owned()));
        };
        let text = std::str::from_utf8(header).unwrap_or_default().trim();
        let Some((scheme, value)) = text.split_once(' ') else { return Self::Malformed };
        let value = value.trim();
        if scheme.eq_ignore_ascii_case("splunk") && !value.is_empty() {
            return Self::Header(value.to_owned());
        }
        if scheme.eq_ignore_ascii_case("basic") {
            return basic(value).map_or(Self::Malformed, Self::Header);
        }
        Self::Malformed
    }
}

fn basic(value: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(value).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

/// The token that is meant. Every token is compared with, whole.
pub(super) fn find<'a>(tokens: &'a [Token], presented: &Presented) -> Result<&'a Token, Code> {
    let (secret, in_query) = match presented {
        Presented::Nothing => return Err(Code::TokenRequired),
        Presented::Malformed => return Err(Code::InvalidAuthorization),
        Presented::Header(secret) => (secret, false),
        Presented::Query(secret) => (secret, true),
    };
    let digest: [u8; 32] = Sha256::digest(secret).into();
    let mut found = None;
    for token in tokens {
        let differing = token.digest.iter().zip(&digest).fold(0, |sum, (a, b)| sum | (a ^ b));
        if differing == 0 {
            found = Some(token);
        }
    }
    match found {
        None if in_query && !tokens.iter().any(|token| token.query_string) => Err(Code::NoQueryString),
        None => Err(Code::InvalidToken),
        Some(token) if in_query && !token.query_string => Err(Code::NoQueryString),
        Some(token) if !token.enabled => Err(Code::TokenDisabled),
        Some(token) => Ok(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: Option<&str>, query: Option<&str>, expected: Result<&str, u16>) {
        let tokens = [
            Token::new("a", "11111111-1111-1111-1111-111111111111"),
            Token { enabled: false, ..Token::new("off", "22222222-2222-2222-2222-222222222222") },
            Token { query_string: true, ..Token::new("q", "33333333-3333-3333-3333-333333333333") },
        ];
        let found = find(&tokens, &Presented::of(header.map(str::as_bytes), query));
        assert_eq!(found.map(|token| token.name.as_str()).map_err(Code::number), expected, "{header:?} {query:?}");
    }

    #[test]
    fn who_may_send() {
        check(None, None, Err(2));
        check(Some("Splunk 11111111-1111-1111-1111-111111111111"), None, Ok("a"));
        check(Some("splunk  11111111-1111-1111-1111-111111111111 "), None, Ok("a"));
        check(Some("Basic eDoxMTExMTExMS0xMTExLTExMTEtMTExMS0xMTExMTExMTExMTE="), None, Ok("a"));
        check(Some("Basic !"), None, Err(3));
        check(Some("Bearer 11111111-1111-1111-1111-111111111111"), None, Err(3));
        check(Some("Splunk"), None, Err(3));
        check(Some("Splunk x"), None, Err(4));
        check(Some("Splunk 22222222-2222-2222-2222-222222222222"), None, Err(1));
        check(None, Some("33333333-3333-3333-3333-333333333333"), Ok("q"));
        check(None, Some("11111111-1111-1111-1111-111111111111"), Err(16));
        check(None, Some("x"), Err(4));
        check(Some("Splunk 11111111-1111-1111-1111-111111111111"), Some("x"), Ok("a"));
    }
}
