//! Objects of any bucket, in whichever region it is: read whole, and listed by page.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use url::form_urlencoded::{Serializer, parse};

use crate::request::{Answer, Request};
use crate::service::domain;
use crate::{AwsError, ErrorKind, Method, S3, Session, xml};

/// Buckets, as one caller sees them.
#[derive(Debug, Clone)]
pub struct Objects {
    session: Session,
    requester_pays: bool,
    /// Regions of buckets that are not in the session's.
    regions: Arc<Mutex<HashMap<String, String>>>,
}

/// An object.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its content as stored.
    pub bytes: Bytes,
    /// Entity tag, with its quotes.
    pub etag: String,
}

/// A page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Objects.
    pub objects: Vec<Listed>,
    /// Prefixes up to the delimiter.
    pub prefixes: Vec<String>,
    /// What the next page is asked for by.
    pub next: Option<String>,
}

/// An object as listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// Key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// Entity tag, with its quotes.
    pub etag: String,
    /// When it was put there: microseconds since 1970-01-01 (UTC).
    pub modified: i64,
}

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct Listing<'a> {
    /// Keys begin with it.
    pub prefix: &'a str,
    /// Keys are given up to it only, as prefixes.
    pub delimiter: Option<&'a str>,
    /// Keys come after it.
    pub after: Option<&'a str>,
    /// The page to go on with.
    pub next: Option<&'a str>,
}

impl Listing<'_> {
    fn query(&self) -> String {
        let given = [
            ("continuation-token", self.next),
            ("delimiter", self.delimiter),
            ("encoding-type", Some("url")),
            ("list-type", Some("2")),
            ("prefix", Some(self.prefix)),
            ("start-after", self.after),
        ];
        let mut query = Serializer::new(String::new());
        query.extend_pairs(given.into_iter().filter_map(|(name, value)| Some((name, value?))));
        // A query has `%20` for a space, not `+`.
        query.finish().replace('+', "%20")
    }
}

impl Objects {
    /// Buckets as `session` sees them; the caller pays where `requester_pays`.
    #[must_use]
    pub fn new(session: &Session, requester_pays: bool) -> Self {
        Self { session: session.clone(), requester_pays, regions: Arc::default() }
    }

    /// An object, whole; of a version of it, where one is named.
    ///
    /// # Errors
    /// The service's; [`AwsError::TooLarge`] above `most` bytes.
    pub async fn get(&self, bucket: &str, key: &str, version: Option<&str>, most: u64) -> Result<Object, AwsError> {
        let mut request = Request::new(S3, Method::GET, &format!("/{}", encoded(key)));
        if let Some(version) = version {
            request.query = Serializer::new(String::new()).append_pair("versionId", version).finish();
        }
        request.most = most;
        let answer = self.call(bucket, request).await?;
        let etag = answer.header("etag").unwrap_or_default().to_owned();
        Ok(Object { bytes: answer.body, etag })
    }

    /// A page of the objects of a bucket, in the order of their keys.
    ///
    /// # Errors
    /// The service's.
    pub async fn list(&self, bucket: &str, listing: &Listing<'_>) -> Result<Page, AwsError> {
        let mut request = Request::new(S3, Method::GET, "/");
        request.query = listing.query();
        page(&self.call(bucket, request).await?.body)
    }

    /// Calls the bucket where it is; it may turn out to be in another region.
    async fn call(&self, bucket: &str, mut request: Request) -> Result<Answer, AwsError> {
        if bucket.is_empty() || bucket.contains(['/', '?', '#', '@', ':']) {
            return Err(AwsError::Settings(format!("`{bucket}` is no name of a bucket")));
        }
        if self.requester_pays {
            request.headers.push(("x-amz-request-payer", "requester".into()));
        }
        let path = request.path.clone();
        let mut region = self.region(bucket);
        for _ in 0..2 {
            self.address(&mut request, bucket, &path, &region);
            let error = match self.session.send(&request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match &error {
                AwsError::Service { region: Some(named), .. }
                    if error.kind() == ErrorKind::Elsewhere && *named != region =>
                {
                    region.clone_from(named);
                    let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
                    regions.insert(bucket.to_owned(), named.clone());
                }
                _ => return Err(error),
            }
        }
        self.address(&mut request, bucket, &path, &region);
        self.session.send(&request).await
    }

    fn region(&self, bucket: &str) -> String {
        let regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        regions.get(bucket).cloned().unwrap_or_else(|| self.session.region().to_owned())
    }

    /// The bucket is part of the host, but where a certificate does not cover it or a server stands for AWS's.
    fn address(&self, request: &mut Request, bucket: &str, path: &str, region: &str) {
        let in_path = self.session.has_endpoint() || bucket.contains('.');
        if self.session.has_endpoint() {
            request.base = Some(self.session.endpoint(S3));
        } else if in_path {
            request.base = Some(format!("https://s3.{region}.{}", domain(region)));
        } else {
            request.base = Some(format!("https://{bucket}.s3.{region}.{}", domain(region)));
        }
        request.path = if in_path { format!("/{}{path}", encoded(bucket)) } else { path.to_owned() };
        request.region = Some(region.to_owned());
    }
}

/// Percent-encodes all but the unreserved letters and `/`.
fn encoded(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => text.push(byte.into()),
            other => {
                let _ = write!(text, "%{other:02X}");
            }
        }
    }
    text
}

/// A key of a listing, which was asked for in its encoded form.
fn decoded(key: &str) -> String {
    let escaped = key.replace('&', "%26").replace('=', "%3D");
    parse(escaped.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

fn page(body: &[u8]) -> Result<Page, AwsError> {
    let (mut page, mut object, mut truncated) = (Page::default(), Listed::default(), false);
    let read = xml::walk(body, |path, text| {
        let mut names = path.iter().rev().map(String::as_str);
        match (names.next(), names.next()) {
            (Some("Key"), Some("Contents")) => object.key = decoded(text),
            (Some("Size"), Some("Contents")) => object.size = text.parse().unwrap_or_default(),
            (Some("ETag"), Some("Contents")) => text.clone_into(&mut object.etag),
            (Some("LastModified"), Some("Contents")) => {
                let time = chrono::DateTime::parse_from_rfc3339(text).ok();
                object.modified = time.map_or(0, |time| time.timestamp_micros());
            }
            (Some("Contents"), _) => page.objects.push(std::mem::take(&mut object)),
            (Some("Prefix"), Some("CommonPrefixes")) => page.prefixes.push(decoded(text)),
            (Some("NextContinuationToken"), _) => page.next = Some(text.to_owned()),
            (Some("IsTruncated"), _) => truncated = text == "true",
            _ => {}
        }
    });
    read.ok_or_else(|| AwsError::Answer { service: "s3", reason: "the listing is no XML".into() })?;
    page.next = page.next.filter(|_| truncated);
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded() {
        let check = |key: &str, expected: &str| {
            assert_eq!(encoded(key), expected);
            assert_eq!(decoded(expected), key);
        };
        check("AWSLogs/o-1/1/CloudTrail/x_T1Z.json.gz", "AWSLogs/o-1/1/CloudTrail/x_T1Z.json.gz");
        check("a b/c+d=é&f", "a%20b/c%2Bd%3D%C3%A9%26f");
        check("100%/~", "100%25/~");
        assert_eq!(decoded("a+b=c&d"), "a b=c&d");
    }

    #[test]
    fn listings_are_read() {
        let body = br#"<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
          <Name>b</Name><Prefix>AWSLogs/</Prefix><IsTruncated>true</IsTruncated><NextContinuationToken>tok==</NextContinuationToken>
          <Contents><Key>AWSLogs/a%20b.json.gz</Key><LastModified>2026-01-15T03:04:05.000Z</LastModified>
          <ETag>&quot;9b2cf5&quot;</ETag><Size>434</Size><Owner><ID>x</ID></Owner></Contents>
          <CommonPrefixes><Prefix>AWSLogs/111122223333/</Prefix></CommonPrefixes></ListBucketResult>"#;
        let read = page(body).unwrap();
        assert_eq!(read.next.as_deref(), Some("tok=="));
        assert_eq!(read.prefixes, ["AWSLogs/111122223333/"]);
        let object = Listed {
            key: "AWSLogs/a b.json.gz".into(),
            size: 434,
            etag: "\"9b2cf5\"".into(),
            modified: 1_768_446_245_000_000,
        };
        assert_eq!(read.objects, [object]);
        assert!(page(b"<a><b></a>").is_err());
    }
}
