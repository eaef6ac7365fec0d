//! The files that enrichment reads, fetched and kept fresh: MaxMind's GeoLite2 with the user's own account, the ranges of
//! AWS, lists by address. The only requests to the internet besides the lake's bucket, and only where settings ask for
//! them.
//!
//! A file is replaced at once or not at all, and only by one that was read and found good. What fails is told; the file
//! that was there stays in use.

mod archive;
mod client;
mod place;

use std::path::{Path, PathBuf};
use std::time::Duration;

use enrich::{AwsRanges, GeoDb, GeoError, RangesError};
use sha2::{Digest, Sha256};

pub use archive::ArchiveError;
use client::{Client, Fetched};
use place::Stored;

/// Where MaxMind answers.
pub const MAXMIND: &str = "https://download.maxmind.com";
/// Where AWS publishes its ranges.
pub const AWS_RANGES: &str = "https://ip-ranges.amazonaws.com/ip-ranges.json";

/// A file could not be refreshed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The account or the key is wrong.
    #[error("the account id or the licence key is refused (401)")]
    Unauthorized,
    /// Too many downloads; MaxMind counts them by day.
    #[error("too many downloads for now (429)")]
    RateLimited,
    /// Another answer than expected.
    #[error("the server answered {0}")]
    Status(u16),
    /// No answer.
    #[error("no answer: {0}")]
    Http(#[from] reqwest::Error),
    /// More bytes than such a file has.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    /// The bytes are not those that the server says they are.
    #[error("the archive's checksum is not the one that the server gives")]
    Checksum,
    /// The archive can't be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The database in it can't be used.
    #[error(transparent)]
    Database(#[from] GeoError),
    /// Not the ranges of AWS.
    #[error(transparent)]
    Ranges(#[from] RangesError),
    /// The list has no entry.
    #[error("there is no entry in the list")]
    EmptyList,
    /// The file can't be written.
    #[error("{path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// A newer one took its place.
    Updated,
    /// The server has none that is newer.
    Current,
}

/// A MaxMind account.
#[derive(Clone)]
pub struct Account {
    /// Where to ask; [`MAXMIND`] unless a test answers.
    pub endpoint: String,
    /// The account's number.
    pub id: String,
    /// Its licence key.
    pub key: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("endpoint", &self.endpoint).field("id", &self.id).finish_non_exhaustive()
    }
}

/// Refreshes files.
#[derive(Debug, Clone)]
pub struct Refresher {
    client: Client,
}

impl Refresher {
    /// A refresher that waits so long for an answer.
    ///
    /// # Errors
    /// [`RefreshError::Http`] where the system has no certificates to trust.
    pub fn new(timeout: Duration) -> Result<Self, RefreshError> {
        Ok(Self { client: Client::new(timeout)? })
    }

    /// Fetches an edition (`GeoLite2-City`, `GeoLite2-ASN`) into `file`, where a newer one is to be had.
    ///
    /// # Errors
    /// [`RefreshError`]; `file` is then as before.
    pub async fn maxmind(&self, account: &Account, edition: &str, file: &Path) -> Result<Refreshed, RefreshError> {
        let url = format!("{}/geoip/databases/{edition}/download", account.endpoint.trim_end_matches('/'));
        let stored = Stored::at(file);
        let since = stored.last_modified(|path| GeoDb::open(None, &[path.to_owned()], &[]).is_ok());
        let login = Some((account.id.as_str(), account.key.as_str()));
        let archive = match self.client.get(&format!("{url}?suffix=tar.gz"), login, since.as_deref()).await? {
            Fetched::NotModified => return Ok(Refreshed::Current),
            Fetched::Content(archive) => archive,
        };
        let sum = match self.client.get(&format!("{url}?suffix=tar.gz.sha256"), login, None).await? {
            Fetched::Content(sum) => sum.bytes,
            Fetched::NotModified => return Err(RefreshError::Checksum),
        };
        check(&archive.bytes, &sum)?;
        let database = archive::member(&archive.bytes, ".mmdb")?;
        stored.replace(&database, archive.last_modified.as_deref(), |path| {
            GeoDb::open(None, &[path.to_owned()], &[])?;
            Ok(())
        })?;
        Ok(Refreshed::Updated)
    }

    /// Fetches the ranges of AWS into `file`.
    ///
    /// # Errors
    /// As [`maxmind`](Self::maxmind).
    pub async fn aws_ranges(&self, url: &str, file: &Path) -> Result<Refreshed, RefreshError> {
        self.plain(url, file, |bytes| {
            AwsRanges::parse(bytes)?;
            Ok(())
        })
        .await
    }

    /// Fetches a list of addresses or domains into `file`.
    ///
    /// # Errors
    /// As [`maxmind`](Self::maxmind).
    pub async fn list(&self, url: &str, file: &Path) -> Result<Refreshed, RefreshError> {
        self.plain(url, file, |bytes| {
            let list = enrich::NamedList::parse("", &String::from_utf8_lossy(bytes));
            if list.is_empty() { Err(RefreshError::EmptyList) } else { Ok(()) }
        })
        .await
    }

    async fn plain(
        &self,
        url: &str,
        file: &Path,
        good: impl Fn(&[u8]) -> Result<(), RefreshError>,
    ) -> Result<Refreshed, RefreshError> {
        let stored = Stored::at(file);
        let since = stored.last_modified(|path| std::fs::read(path).is_ok_and(|bytes| good(&bytes).is_ok()));
        match self.client.get(url, None, since.as_deref()).await? {
            Fetched::NotModified => Ok(Refreshed::Current),
            Fetched::Content(content) => {
                good(&content.bytes)?;
                stored.replace(&content.bytes, content.last_modified.as_deref(), |_| Ok(()))?;
                Ok(Refreshed::Updated)
            }
        }
    }
}

/// The first word of `sum` is the archive's SHA-256.
fn check(archive: &[u8], sum: &[u8]) -> Result<(), RefreshError> {
    let wanted = String::from_utf8_lossy(sum);
    let wanted = wanted.split_whitespace().next().unwrap_or_default();
    let found: String = Sha256::digest(archive).iter().map(|byte| format!("{byte:02x}")).collect();
    if wanted.eq_ignore_ascii_case(&found) { Ok(()) } else { Err(RefreshError::Checksum) }
}

/// How long to wait after `failures` in a row: a day after success and after a refusal, which soon asking would only
/// repeat; minutes, then hours, after what may pass.
#[must_use]
pub fn pause(failures: u32, last: Option<&RefreshError>) -> Duration {
    const DAY: Duration = Duration::from_secs(86_400);
    match last {
        None | Some(RefreshError::RateLimited | RefreshError::Unauthorized) => DAY,
        Some(_) => (Duration::from_secs(300) * 2_u32.saturating_pow(failures.min(16))).min(DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow() {
        let seconds = |failures, error: Option<RefreshError>| pause(failures, error.as_ref()).as_secs();
        assert_eq!(seconds(0, None), 86_400);
        assert_eq!(seconds(1, Some(RefreshError::RateLimited)), 86_400);
        assert_eq!(seconds(0, Some(RefreshError::Checksum)), 300);
        assert_eq!(seconds(3, Some(RefreshError::Status(503))), 2400);
        assert_eq!(seconds(99, Some(RefreshError::Status(503))), 86_400);
    }
}
