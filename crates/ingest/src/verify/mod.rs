//! Proof that a trail's logs are those that CloudTrail delivered: the chain of digest files is followed, each digest's
//! signature is checked, and each log file's hash.
//!
//! Offline: public keys come from a file (what ListPublicKeys answered), signatures from the objects' metadata or, for a folder,
//! from a file. Where an object's own signature is not at hand, the digest after it holds a copy. [`verify_lake`] needs no second
//! reading: the lake kept the digests, and a hash of every log as it was read.

mod digest;
mod hours;
mod kept;
mod keys;
mod objects;

use std::collections::{BTreeMap, BTreeSet};

use lake::{Lake, LakeOptions};
use serde::Serialize;

use crate::IngestError;
pub(crate) use digest::is_digest_name;
use digest::{ChainName, Digest, LogFile};
pub use hours::{Hour, HourVerdict, Trail, hours};
use kept::Kept;
pub use keys::{Keys, Signature, Signatures, WantedKeys};
pub(crate) use objects::signature_of;
use objects::{Content, Found, Objects};

/// What was found of a whole tree of logs.
#[derive(Debug, Default, Serialize)]
pub struct Verification {
    /// A chain for each account, region and trail.
    pub chains: Vec<Chain>,
    /// Log files under a chain's folder that no digest names, of the time that the digests cover.
    pub unlisted: Vec<String>,
    /// Log files that no digest names yet, of a later time.
    #[serde(skip)]
    pub later: Vec<String>,
    /// Keys that were not at hand, by where and when AWS has them.
    #[serde(skip)]
    pub unknown_keys: Vec<WantedKeys>,
}

/// The digests of one trail in one region.
#[derive(Debug, Serialize)]
pub struct Chain {
    /// The account.
    pub account: String,
    /// The region whose events they cover.
    pub region: String,
    /// The trail's name.
    pub trail: String,
    /// The trail's home region.
    pub home_region: String,
    /// Whether it is the chain of digests that were made afterwards.
    pub backfill: bool,
    /// The digests, oldest first; missing ones in their place.
    pub digests: Vec<Checked>,
}

/// How a digest or a log file fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "reason", rename_all = "lowercase")]
pub enum Verdict {
    /// As delivered.
    Valid,
    /// Changed, moved, or not to be proven; the reason says which.
    Invalid(String),
    /// Named by its successor or its digest, but not there.
    Missing,
    /// Not to be proven yet: something may still come. The reason says what.
    Pending(String),
}

/// A digest file.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Its key in the bucket.
    pub object: String,
    /// Start of the time that it covers; empty where the digest is missing.
    pub start: String,
    /// End of that time.
    pub end: String,
    /// How it fared.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// True where the chain begins anew although there are digests before: between them nothing is proven.
    pub gap: bool,
    /// The log files that it names.
    pub logs: u64,
    /// Those of them that are as delivered.
    pub logs_valid: u64,
    /// Those that are not.
    pub log_problems: Vec<LogProblem>,
}

/// A log file that is not as it was delivered.
#[derive(Debug, Serialize)]
pub struct LogProblem {
    /// Its key in the bucket.
    pub object: String,
    /// What is wrong.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Verification {
    /// Whether everything is valid, without a gap.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let sound = |d: &Checked| d.verdict == Verdict::Valid && !d.gap && d.log_problems.is_empty();
        self.chains.iter().flat_map(|chain| &chain.digests).all(sound)
    }
}

/// Whether a text is a digest file's.
pub(crate) fn is_digest(text: &[u8]) -> bool {
    Digest::parse(text).is_ok()
}

/// Verifies all chains below `path`, a folder or `s3://bucket/prefix`.
///
/// # Errors
/// [`IngestError`] where the place can't be listed, or holds no digest.
pub async fn verify(
    path: &str,
    keys: &Keys,
    signatures: Signatures,
    storage: &LakeOptions,
) -> Result<Verification, IngestError> {
    let objects = Objects::open(path, storage, signatures)?;
    let found = walk(&objects, keys).await?;
    if found.chains.is_empty() {
        let reason = "there are no digest files of CloudTrail below it (…/CloudTrail-Digest/…)".to_owned();
        return Err(IngestError::Path { path: path.to_owned(), reason });
    }
    Ok(found)
}

/// Verifies all chains whose digests a lake took in, against the hashes of the logs as they were read. `now` is in microseconds
/// since 1970-01-01 (UTC).
///
/// # Errors
/// [`IngestError::Lake`] where the lake can't be read.
pub async fn verify_lake(lake: &Lake, keys: &Keys, now: i64) -> Result<Verification, IngestError> {
    let kept = Kept::read(lake, now).await?;
    if !kept.has_digests() {
        return Ok(Verification::default());
    }
    walk(&Objects::Lake(kept), keys).await
}

async fn walk(objects: &Objects, keys: &Keys) -> Result<Verification, IngestError> {
    let all = objects.list().await?;
    let mut names: BTreeMap<ChainName, Vec<&String>> = BTreeMap::new();
    for key in &all {
        if let Some(name) = ChainName::of(key) {
            names.entry(name).or_default().push(key);
        }
    }
    let mut walk = Walk { objects, keys, listed: BTreeSet::new(), unknown: Vec::new() };
    let mut found = Verification::default();
    for (name, places) in names {
        found.chains.push(walk.chain(name, places).await);
    }
    found.unknown_keys = WantedKeys::merged(std::mem::take(&mut walk.unknown));
    found.unlisted = walk.unlisted(&all, &found.chains);
    let known: BTreeSet<&String> = found.unlisted.iter().collect();
    let is_later = |key: &&String| !walk.listed.contains(*key) && key.contains("_CloudTrail_") && !known.contains(key);
    found.later = all.iter().filter(is_later).cloned().collect();
    Ok(found)
}

struct Walk<'a> {
    objects: &'a Objects,
    keys: &'a Keys,
    /// Places of the log files that digests name.
    listed: BTreeSet<String>,
    unknown: Vec<WantedKeys>,
}

/// A digest that could be read.
struct Read {
    at: String,
    digest: Digest,
}

impl Walk<'_> {
    async fn chain(&mut self, name: ChainName, places: Vec<&String>) -> Chain {
        let mut digests = Vec::new();
        let mut read: Vec<Read> = Vec::new();
        for at in places {
            match self.parse(at).await {
                Ok(digest) => read.push(Read { at: at.clone(), digest }),
                Err(reason) => digests.push(unread(at, reason)),
            }
        }
        read.sort_by(|a, b| a.digest.digest_end_time.cmp(&b.digest.digest_end_time));
        let copies: BTreeMap<String, String> = read
            .iter()
            .filter_map(|r| Some((r.digest.previous_object.clone()?, r.digest.previous_digest_signature.clone()?)))
            .collect();
        let there: BTreeSet<String> = read.iter().map(|r| r.digest.object.clone()).collect();
        for (number, one) in read.iter().enumerate() {
            let previous = one.digest.previous_object.as_ref();
            if let Some(missing) = previous.filter(|object| !there.contains(*object))
                && !digests.iter().any(|known: &Checked| known.object.ends_with(missing.as_str()))
                && self.is_gone(one, missing).await
            {
                digests.push(gone(missing, &one.digest));
            }
            let mut checked = self.digest(one, copies.get(&one.digest.object), &name).await;
            checked.gap = number > 0 && previous.is_none();
            digests.push(checked);
        }
        digests.sort_by(|a, b| (&a.end, &a.object).cmp(&(&b.end, &b.object)));
        // Where the lake's memory begins, what came before is not missing.
        if self.objects.is_growing() && digests.first().is_some_and(|first: &Checked| first.verdict == Verdict::Missing)
        {
            digests.remove(0);
        }
        let ChainName { account, region, trail, home_region, backfill } = name;
        Chain { account, region, trail, home_region, backfill, digests }
    }

    async fn parse(&self, at: &str) -> Result<Digest, String> {
        match self.objects.read(at).await {
            Found::Bytes(bytes) => Digest::parse(&bytes),
            Found::Missing => Err("it vanished while it was looked at".into()),
            Found::Unreadable(reason) => Err(reason),
        }
    }

    async fn is_gone(&self, after: &Read, object: &str) -> bool {
        let place = place(&after.at, &after.digest.object, object);
        matches!(self.objects.read(&place).await, Found::Missing)
    }

    /// A digest by itself, and the logs that it names.
    async fn digest(&mut self, read: &Read, copy: Option<&String>, name: &ChainName) -> Checked {
        let digest = &read.digest;
        let verdict = self.signature(read, copy, name).await;
        let mut checked = Checked {
            object: digest.object.clone(),
            start: digest.digest_start_time.clone(),
            end: digest.digest_end_time.clone(),
            verdict,
            gap: false,
            logs: digest.log_files.len() as u64,
            logs_valid: 0,
            log_problems: Vec::new(),
        };
        for log in &digest.log_files {
            let at = place(&read.at, &digest.object, &log.object);
            // What is not signed proves nothing.
            if matches!(checked.verdict, Verdict::Invalid(_)) {
                self.listed.insert(at);
                continue;
            }
            match self.log(log, &at).await {
                Verdict::Valid => checked.logs_valid += 1,
                verdict => checked.log_problems.push(LogProblem { object: log.object.clone(), verdict }),
            }
            self.listed.insert(at);
        }
        checked
    }

    async fn signature(&mut self, read: &Read, copy: Option<&String>, name: &ChainName) -> Verdict {
        let Read { at, digest } = read;
        if !(at.ends_with(&digest.object) || digest.object.ends_with(at.as_str())) {
            return Verdict::Invalid(format!("it has been moved: it says that it is {}", digest.object));
        }
        let own = self.objects.signature(at, &digest.object).await;
        if let Some(own) = own.as_ref().filter(|own| !own.algorithm.is_empty() && own.algorithm != "SHA256withRSA") {
            return Verdict::Invalid(format!("it is signed with an unknown algorithm, {}", own.algorithm));
        }
        if name.backfill && own.as_ref().is_some_and(|own| own.generated.is_none()) {
            return Verdict::Invalid("its metadata does not tell when the backfill was made".into());
        }
        let generated = own.as_ref().and_then(|own| own.generated.clone());
        let Some(signature) = own.map(|own| own.signature).or_else(|| copy.cloned()) else {
            if self.objects.is_growing() {
                return Verdict::Pending("its signature comes with the digest after it".into());
            }
            return Verdict::Invalid("there is no signature: the object's metadata is not at hand".into());
        };
        let fingerprint = &digest.digest_public_key_fingerprint;
        match self.keys.verify(fingerprint, digest.signed().as_bytes(), &signature) {
            Some(true) => Verdict::Valid,
            Some(false) => Verdict::Invalid("its signature does not fit: it was changed".into()),
            None => {
                self.unknown.extend(WantedKeys::of(
                    digest,
                    &name.region,
                    generated.as_deref().filter(|_| name.backfill),
                ));
                Verdict::Invalid(format!("there is no public key with the fingerprint {fingerprint}"))
            }
        }
    }

    async fn log(&self, log: &LogFile, at: &str) -> Verdict {
        match self.objects.content(at).await {
            Content::Hash(hash) if hash.eq_ignore_ascii_case(&log.hash_value) => Verdict::Valid,
            Content::Hash(_) => Verdict::Invalid("its hash does not fit: it was changed".into()),
            Content::Missing => Verdict::Missing,
            Content::Pending(reason) => Verdict::Pending(reason),
            Content::Unreadable(reason) => Verdict::Invalid(reason),
        }
    }

    /// Log files of the chains' accounts and regions that no digest names, delivered in the time that digests cover.
    fn unlisted(&self, all: &BTreeSet<String>, chains: &[Chain]) -> Vec<String> {
        let covered = |key: &str| {
            let name = key.rsplit('/').next().unwrap_or(key);
            let mut parts = name.split('_');
            let (account, kind, region, time) = (parts.next(), parts.next(), parts.next(), parts.next());
            kind == Some("CloudTrail")
                && chains.iter().any(|chain| {
                    let mine = account == Some(chain.account.as_str()) && region == Some(chain.region.as_str());
                    let times = chain.digests.iter().filter(|d| !d.start.is_empty());
                    let first = times.clone().map(|d| plain(&d.start)).min();
                    let last = times.map(|d| plain(&d.end)).max();
                    mine && time.is_some_and(|time| {
                        let time = plain(time);
                        first.is_some_and(|first| time >= first) && last.is_some_and(|last| time < last)
                    })
                })
        };
        all.iter().filter(|key| !self.listed.contains(*key) && covered(key)).cloned().collect()
    }
}

/// A time without its punctuation, to the minute: `2023-07-10T11:15:00Z` and `20230710T1115Z` are the same.
fn plain(time: &str) -> String {
    time.chars().filter(char::is_ascii_digit).take(12).collect()
}

/// Where an object lies, by the place of the digest: a folder may hold the bucket from its root or from somewhere below.
fn place(digest_at: &str, digest_object: &str, object: &str) -> String {
    if let Some(above) = digest_at.strip_suffix(digest_object) {
        return format!("{above}{object}");
    }
    let below = digest_object.strip_suffix(digest_at).unwrap_or_default();
    object.strip_prefix(below).unwrap_or(object).to_owned()
}

fn unread(at: &str, reason: String) -> Checked {
    let verdict = Verdict::Invalid(format!("it can't be read: {reason}"));
    Checked {
        object: at.to_owned(),
        start: String::new(),
        end: String::new(),
        verdict,
        gap: false,
        logs: 0,
        logs_valid: 0,
        log_problems: Vec::new(),
    }
}

/// A digest that its successor names. It ended when the successor began.
fn gone(object: &str, after: &Digest) -> Checked {
    Checked { end: after.digest_start_time.clone(), verdict: Verdict::Missing, ..unread(object, String::new()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_may_begin_anywhere() {
        let check = |at: &str, says: &str, object: &str, wanted: &str| assert_eq!(place(at, says, object), wanted);
        check("AWSLogs/d", "AWSLogs/d", "AWSLogs/l", "AWSLogs/l");
        check("copy/AWSLogs/d", "AWSLogs/d", "AWSLogs/l", "copy/AWSLogs/l");
        check("1/d", "prefix/AWSLogs/1/d", "prefix/AWSLogs/1/l", "1/l");
        check("elsewhere/x", "AWSLogs/d", "AWSLogs/l", "AWSLogs/l");
    }

    #[test]
    fn times_compare_without_punctuation() {
        assert_eq!(plain("2023-07-10T11:15:00Z"), plain("20230710T1115Z"));
    }
}
