//! A digest file: what it says, and what was signed.

use event::compression;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Decompressed size of a digest or a log file, in bytes.
pub(super) const MOST: usize = 1 << 30;

/// A digest file's content.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Digest {
    pub(super) digest_start_time: String,
    pub(super) digest_end_time: String,
    #[serde(rename = "digestS3Bucket")]
    pub(super) bucket: String,
    #[serde(rename = "digestS3Object")]
    pub(super) object: String,
    pub(super) digest_public_key_fingerprint: String,
    #[serde(rename = "previousDigestS3Object")]
    pub(super) previous_object: Option<String>,
    pub(super) previous_digest_signature: Option<String>,
    #[serde(default)]
    pub(super) log_files: Vec<LogFile>,
    /// Hexadecimal SHA-256 of the digest's uncompressed bytes.
    #[serde(skip)]
    pub(super) hash: String,
}

/// A log file as its digest has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogFile {
    #[serde(rename = "s3Object")]
    pub(super) object: String,
    pub(super) hash_value: String,
}

impl Digest {
    /// Reads a digest file, compressed or not.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = compression::decompress(bytes, MOST).map_err(|error| error.to_string())?;
        let mut digest: Self = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        digest.hash = hash(&text);
        Ok(digest)
    }

    /// The text that CloudTrail signs.
    pub(super) fn signed(&self) -> String {
        let previous = self.previous_digest_signature.as_deref().unwrap_or("null");
        format!("{}\n{}/{}\n{}\n{previous}", self.digest_end_time, self.bucket, self.object, self.hash)
    }
}

/// Hexadecimal SHA-256.
pub(super) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether an object's name is that of a digest file.
pub(crate) fn is_digest_name(key: &str) -> bool {
    ChainName::of(key).is_some()
}

/// Which chain of digests an object belongs to, told by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ChainName {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) trail: String,
    pub(super) home_region: String,
    pub(super) backfill: bool,
}

impl ChainName {
    /// `<account>_CloudTrail-Digest_<region>_<trail>_<home region>_<time>[_backfill].json.gz`; a trail's name may hold `_`.
    pub(super) fn of(key: &str) -> Option<Self> {
        let name = key.rsplit('/').next()?;
        let name = name.strip_suffix(".json.gz").or_else(|| name.strip_suffix(".json"))?;
        let (name, backfill) = name.strip_suffix("_backfill").map_or((name, false), |rest| (rest, true));
        let mut head = name.splitn(4, '_');
        let (account, kind, region, rest) = (head.next()?, head.next()?, head.next()?, head.next()?);
        let mut tail = rest.rsplitn(3, '_');
        let (_time, home_region, trail) = (tail.next()?, tail.next()?, tail.next()?);
        (kind == "CloudTrail-Digest").then(|| Self {
            account: account.to_owned(),
            region: region.to_owned(),
            trail: trail.to_owned(),
            home_region: home_region.to_owned(),
            backfill,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_chain() {
        let check = |name: &str, wanted: Option<(&str, &str, bool)>| {
            let found = ChainName::of(name);
            let shown = found.as_ref().map(|c| (c.trail.as_str(), c.home_region.as_str(), c.backfill));
            assert_eq!(shown, wanted, "{name}");
        };
        check(
            "a/b/1_CloudTrail-Digest_eu-west-1_my_trail_us-east-1_20230710T113000Z.json.gz",
            Some(("my_trail", "us-east-1", false)),
        );
        check(
            "1_CloudTrail-Digest_eu-west-1_t_us-east-1_20230710T113000Z_backfill.json.gz",
            Some(("t", "us-east-1", true)),
        );
        check("1_CloudTrail_eu-west-1_20230710T1130Z_abc.json.gz", None);
        check("notes.json", None);
    }

    #[test]
    fn what_is_signed() {
        let text = br#"{"awsAccountId":"1","digestStartTime":"a","digestEndTime":"b","digestS3Bucket":"k","digestS3Object":"o","digestPublicKeyFingerprint":"f","previousDigestS3Object":null,"previousDigestSignature":null,"logFiles":[]}"#;
        let digest = Digest::parse(text).expect("a digest");
        assert_eq!(digest.signed(), format!("b\nk/o\n{}\nnull", hash(text)));
        assert!(Digest::parse(b"{}").is_err());
    }
}
