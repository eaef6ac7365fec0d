//! One request: whether there is something new, and if so its bytes, not more than such a file has.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{IF_MODIFIED_SINCE, LAST_MODIFIED};

use super::RefreshError;

/// GeoIP2 City, the largest of the files, has about 130 MB.
const MOST: usize = 512 << 20;

#[derive(Debug, Clone)]
pub(super) struct Client(reqwest::Client);

pub(super) enum Fetched {
    NotModified,
    Content(Content),
}

pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) last_modified: Option<String>,
}

impl Client {
    pub(super) fn new(timeout: Duration) -> Result<Self, RefreshError> {
        let agent = concat!("trailhound/", env!("CARGO_PKG_VERSION"));
        let connecting = timeout.min(Duration::from_secs(30));
        // A redirect to another host does not carry the login on.
        Ok(Self(reqwest::Client::builder().user_agent(agent).timeout(timeout).connect_timeout(connecting).build()?))
    }

    pub(super) async fn get(
        &self,
        url: &str,
        login: Option<(&str, &str)>,
        since: Option<&str>,
    ) -> Result<Fetched, RefreshError> {
        let mut request = self.0.get(url);
        if let Some((user, password)) = login {
            request = request.basic_auth(user, Some(password));
        }
        if let Some(since) = since {
            request = request.header(IF_MODIFIED_SINCE, since);
        }
        let mut response = request.send().await.map_err(reqwest::Error::without_url)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED => return Ok(Fetched::NotModified),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(RefreshError::Unauthorized),
            StatusCode::TOO_MANY_REQUESTS => return Err(RefreshError::RateLimited),
            other => return Err(RefreshError::Status(other.as_u16())),
        }
        let modified = response.headers().get(LAST_MODIFIED).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(reqwest::Error::without_url)? {
            if bytes.len() + piece.len() > MOST {
                return Err(RefreshError::TooLarge(MOST));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Fetched::Content(Content { bytes, last_modified: modified }))
    }
}
