//! Public keys and signatures of digest files: read from files, or from the objects' own metadata.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;

use crate::IngestError;

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
    fn files_that_are_something_else_are_refused() {
        assert!(Keys::parse("{}", "keys.json").is_err());
        assert!(Signatures::parse("[1]", "metadata.json").is_err());
    }
}
