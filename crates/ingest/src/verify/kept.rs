//! What a lake remembers of a trail's bucket: the digest files themselves, and the hash of each log file that was read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lake::{DigestEntry, Lake, LogHash};

use super::digest::{ChainName, Digest};
use super::keys::Signature;
use super::objects::Content;
use crate::IngestError;
use crate::fate::UNREADABLE;

/// Log files that no digest names and that are told one by one.
const OTHERS: usize = 100_000;
/// How long a log file that a digest names may still be on its way: a day after the digest's time, if the digest itself came
/// within the last hour.
const DAY: i64 = 86_400 * 1_000_000;
const HOUR: i64 = 3_600 * 1_000_000;

/// What a lake remembers.
pub(super) struct Kept {
    digests: BTreeMap<String, DigestEntry>,
    hashes: HashMap<String, Vec<LogHash>>,
    /// Log files that no digest names.
    others: BTreeSet<String>,
    /// Names of log files that may still come.
    awaited: HashSet<String>,
}

fn name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

impl Kept {
    /// Reads it; `now` is in microseconds since 1970-01-01 (UTC).
    pub(super) async fn read(lake: &Lake, now: i64) -> Result<Self, IngestError> {
        let mut digests: BTreeMap<String, DigestEntry> = BTreeMap::new();
        let mut all = lake.digests().await?;
        all.sort_by_key(|digest| digest.ingest_time);
        for digest in all {
            match digests.get_mut(&digest.object) {
                // The same file again, perhaps with its signature this time.
                Some(known) if known.text == digest.text && digest.signature.is_empty() => {}
                _ => {
                    digests.insert(digest.object.clone(), digest);
                }
            }
        }
        let (mut wanted, mut awaited) = (HashSet::new(), HashSet::new());
        for entry in digests.values() {
            let Ok(digest) = Digest::parse(entry.text.as_bytes()) else { continue };
            let end = event::time::parse(&digest.digest_end_time).unwrap_or_default();
            let on_its_way = now - end < DAY && now - entry.ingest_time < HOUR;
            for log in &digest.log_files {
                let name = name(&log.object).to_owned();
                if on_its_way {
                    awaited.insert(name.clone());
                }
                wanted.insert(name);
            }
        }
        let mut others = BTreeSet::new();
        let mut also = |object: &str| {
            if others.len() < OTHERS && name(object).contains("_CloudTrail_") {
                others.insert(object.to_owned());
            }
        };
        let mut hashes: HashMap<String, Vec<LogHash>> = HashMap::new();
        for hash in lake.log_hashes(&wanted, &mut also).await? {
            hashes.entry(name(&hash.object).to_owned()).or_default().push(hash);
        }
        Ok(Self { digests, hashes, others, awaited })
    }

    /// Every object that is known, by its place.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let logs = self.hashes.values().flatten().map(|hash| hash.object.clone());
        self.digests.keys().cloned().chain(logs).chain(self.others.iter().cloned()).collect()
    }

    /// Whether there are digests.
    pub(super) fn has_digests(&self) -> bool {
        self.digests.keys().any(|object| ChainName::of(object).is_some())
    }

    pub(super) fn digest(&self, at: &str) -> Option<&str> {
        self.digests.get(at).map(|entry| entry.text.as_str())
    }

    pub(super) fn signature(&self, at: &str) -> Option<Signature> {
        let entry = self.digests.get(at).filter(|entry| !entry.signature.is_empty())?;
        Some(Signature {
            signature: entry.signature.clone(),
            algorithm: entry.algorithm.clone(),
            generated: Some(entry.generated.clone()).filter(|time| !time.is_empty()),
        })
    }

    /// What a log file held each time that it was read: the same each time, or it was changed.
    pub(super) fn content(&self, at: &str) -> Content {
        let Some(read) = self.hashes.get(name(at)) else {
            return match self.awaited.contains(name(at)) {
                true => Content::Pending("it has not come yet".into()),
                false => Content::Missing,
            };
        };
        // Files of that name from elsewhere speak only where there is none from here.
        let here: Vec<&LogHash> = read.iter().filter(|hash| hash.object == at).collect();
        let read: Vec<&LogHash> = if here.is_empty() { read.iter().collect() } else { here };
        let told = read.iter().map(|hash| hash.sha256.as_str()).filter(|hash| !hash.is_empty());
        let (unreadable, hashes): (Vec<&str>, BTreeSet<&str>) = {
            let (bad, good): (Vec<&str>, Vec<&str>) = told.partition(|hash| *hash == UNREADABLE);
            (bad, good.into_iter().collect())
        };
        match (hashes.first(), hashes.len()) {
            (None, _) if !unreadable.is_empty() => Content::Unreadable("it could not be unpacked".into()),
            (None, _) => Content::Pending("it was read before hashes of the content were kept".into()),
            (Some(hash), 1) => Content::Hash((*hash).to_owned()),
            _ => Content::Unreadable("it was read more than once, with different content".into()),
        }
    }
}
