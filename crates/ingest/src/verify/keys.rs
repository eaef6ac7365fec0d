//! Public keys and signatures of digest files: read from files, or from the objects' own metadata.

use std::collections::HashMap;

use aws::cloudtrail::list_public_keys;
use aws::{AwsError, Session};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;

use super::digest::Digest;
use crate::IngestError;

const HOUR: i64 = 3_600;

/// Where and when AWS has keys: a region, and seconds since 1970-01-01 (UTC).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WantedKeys {
    /// The region of the digests.
    pub region: String,
    /// Beginning of the time in which the keys were valid.
    pub from: i64,
    /// Its end.
    pub to: i64,
}

impl WantedKeys {
    /// The keys of a digest. Those of a backfill are of the time about which it was made, and not of its hours.
    pub(super) fn of(digest: &Digest, region: &str, generated: Option<&str>) -> Option<Self> {
        let seconds = |text: &str| Some(event::time::parse(text)?.div_euclid(1_000_000));
        let (from, to) = match generated {
            Some(at) => (seconds(at)? - HOUR, seconds(at)? + HOUR),
            None => (seconds(&digest.digest_start_time)?, seconds(&digest.digest_end_time)? + 2 * HOUR),
        };
        Some(Self { region: region.to_owned(), from, to })
    }

    /// One for each region and stretch of time.
    pub(super) fn merged(mut all: Vec<Self>) -> Vec<Self> {
        all.sort();
        let mut merged: Vec<Self> = Vec::new();
        for one in all {
            match merged.last_mut() {
                Some(last) if last.region == one.region && one.from <= last.to => last.to = last.to.max(one.to),
                _ => merged.push(one),
            }
        }
        merged
    }
}

/// Public keys by fingerprint, as `aws cloudtrail list-public-keys` prints them.
#[derive(Debug, Clone, Default)]
pub struct Keys(HashMap<String, Vec<u8>>);

#[derive(Deserialize)]
struct KeyList {
    #[serde(rename = "PublicKeyList")]
    keys: Vec<KeyEntry>,
}

#[derive(Deserialize)]
struct KeyEntry {
    #[serde(rename = "Value")]
    value: String,
    #[serde(rename = "Fingerprint")]
    fingerprint: String,
}

impl Keys {
    /// Reads the answer of ListPublicKeys.
    ///
    /// # Errors
    /// [`IngestError::Path`] where it is not one.
    pub fn parse(text: &str, path: &str) -> Result<Self, IngestError> {
        let wrong = |reason: String| IngestError::Path { path: path.to_owned(), reason };
        let list: KeyList = serde_json::from_str(text)
            .map_err(|error| wrong(format!("it is no list of public keys, as ListPublicKeys gives it: {error}")))?;
        let decode = |entry: KeyEntry| {
            let der =
                STANDARD.decode(entry.value.trim()).map_err(|error| wrong(format!("a key is no base64: {error}")))?;
            Ok((entry.fingerprint.to_lowercase(), pkcs1(&der).to_vec()))
        };
        Ok(Self(list.keys.into_iter().map(decode).collect::<Result<_, IngestError>>()?))
    }

    /// Asks AWS for keys, in the regions of their digests.
    ///
    /// # Errors
    /// [`AwsError`]: the service's, such as a right that is missing (`cloudtrail:ListPublicKeys`).
    pub async fn fetch(session: &Session, wanted: &[WantedKeys]) -> Result<Self, AwsError> {
        let mut keys = Self::default();
        for WantedKeys { region, from, to } in wanted {
            for key in list_public_keys(&session.in_region(region), *from, *to).await? {
                let der = STANDARD.decode(key.value.trim()).unwrap_or_default();
                keys.0.insert(key.fingerprint.to_lowercase(), pkcs1(&der).to_vec());
            }
        }
        Ok(keys)
    }

    /// The keys as ListPublicKeys gives them: [`Keys::parse`] reads it again.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut list: Vec<_> = self.0.iter().collect();
        list.sort();
        let entry = |(fingerprint, der): &(&String, &Vec<u8>)| serde_json::json!({ "Value": STANDARD.encode(der), "Fingerprint": fingerprint });
        serde_json::json!({ "PublicKeyList": list.iter().map(entry).collect::<Vec<_>>() }).to_string()
    }

    /// Adds the keys of another list.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `signature` (hexadecimal) over `text` is of the key with that fingerprint; `None`: there is no such key.
    pub(super) fn verify(&self, fingerprint: &str, text: &[u8], signature: &str) -> Option<bool> {
        let key = self.0.get(&fingerprint.to_lowercase())?;
        let Some(signature) = unhex(signature) else { return Some(false) };
        Some(UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(text, &signature).is_ok())
    }
}

/// Signatures by object key, for folders: the metadata that a bucket keeps beside its objects.
#[derive(Debug, Clone, Default)]
pub struct Signatures(HashMap<String, Signature>);

/// What an object's metadata says of its signature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Signature {
    /// Hexadecimal.
    #[serde(alias = "x-amz-meta-signature")]
    pub signature: String,
    /// `SHA256withRSA`.
    #[serde(rename = "signature-algorithm", alias = "x-amz-meta-signature-algorithm", default)]
    pub algorithm: String,
    /// When a digest of a backfill was made.
    #[serde(rename = "backfill-generation-timestamp", alias = "x-amz-meta-backfill-generation-timestamp", default)]
    pub generated: Option<String>,
}

impl Signatures {
    /// Reads a JSON object: object key to its metadata.
    ///
    /// # Errors
    /// [`IngestError::Path`] where it is not one.
    pub fn parse(text: &str, path: &str) -> Result<Self, IngestError> {
        let wrong = |error: serde_json::Error| IngestError::Path {
            path: path.to_owned(),
            reason: format!("it does not map object keys to their signatures: {error}"),
        };
        Ok(Self(serde_json::from_str(text).map_err(wrong)?))
    }

    pub(super) fn of(&self, key: &str) -> Option<&Signature> {
        self.0.get(key)
    }
}

/// The RSA key in a SubjectPublicKeyInfo, or what is one already. AWS gives PKCS#1; its documents show both.
fn pkcs1(der: &[u8]) -> &[u8] {
    let inner = || {
        let (outer, _) = element(der, 0x30)?;
        let (_, rest) = element(outer, 0x30)?;
        let (bits, _) = element(rest, 0x03)?;
        bits.strip_prefix(&[0])
    };
    inner().unwrap_or(der)
}

/// The content of a DER element with that tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        (digits.iter().try_fold(0_usize, |sum, &digit| sum.checked_mul(256)?.checked_add(digit.into()))?, rest)
    };
    (first == tag).then(|| rest.split_at_checked(length)).flatten()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim().as_bytes();
    let nibble = |digit: u8| (digit as char).to_digit(16).and_then(|n| u8::try_from(n).ok());
    digits
        .len()
        .is_multiple_of(2)
        .then(|| digits.chunks(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal() {
        assert_eq!(unhex("00fFa1"), Some(vec![0, 255, 161]));
        for wrong in ["0", "zz", "é0"] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_may_be_wrapped() {
        let key = [0x30, 0x03, 0x02, 0x01, 0x05];
        let wrapped = [&[0x30, 0x0a, 0x30, 0x00, 0x03, 0x06, 0x00][..], &key].concat();
        assert_eq!(pkcs1(&wrapped), key);
        assert_eq!(pkcs1(&key), key);
        assert!(pkcs1(&[]).is_empty());
        assert_eq!(pkcs1(&[0x30, 0x84, 0xff]), [0x30, 0x84, 0xff]);
    }

    #[test]
    fn keys_are_asked_for_once_a_stretch_of_time() {
        let wanted = |region: &str, from, to| WantedKeys { region: region.to_owned(), from, to };
        let all = vec![wanted("b", 0, 9), wanted("a", 5, 9), wanted("a", 0, 5), wanted("a", 20, 30)];
        assert_eq!(WantedKeys::merged(all), [wanted("a", 0, 9), wanted("a", 20, 30), wanted("b", 0, 9)]);
        let text = br#"{"digestStartTime":"2023-07-10T11:00:00Z","digestEndTime":"2023-07-10T12:00:00Z","digestS3Bucket":"k","digestS3Object":"o","digestPublicKeyFingerprint":"f","previousDigestS3Object":null,"previousDigestSignature":null}"#;
        let digest = Digest::parse(text).unwrap();
        let start = 1_688_986_800;
        assert_eq!(WantedKeys::of(&digest, "r", None), Some(wanted("r", start, start + 3 * HOUR)));
        let made = WantedKeys::of(&digest, "r", Some("2023-08-01T00:00:00Z")).unwrap();
        assert_eq!((made.from, made.to), (1_690_848_000 - HOUR, 1_690_848_000 + HOUR));
    }

    #[test]
    fn keys_are_written_as_they_are_read() {
        let mut keys = Keys::default();
        keys.0.insert("ab".into(), vec![0x30, 0x03, 0x02, 0x01, 0x05]);
        assert_eq!(Keys::parse(&keys.to_json(), "keys.json").unwrap().0, keys.0);
    }

    #[test]
    fn files_that_are_something_else_are_refused() {
        assert!(Keys::parse("{}", "keys.json").is_err());
        assert!(Signatures::parse("[1]", "metadata.json").is_err());
    }
}
