//! Objects of buckets, brought to the intake: each is worked on by one at a time, and what is in already is not read again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use aws::s3::Objects;
use aws::{AwsError, ErrorKind};
use chrono::{DateTime, Utc};
use lake::ObjectVersion;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, Semaphore};

use super::Meter;
use super::notice::Named;
use crate::intake::{Delivery, Intake, Refused, Settled};

/// Bytes of objects being fetched at the same time.
const FETCHING: usize = 128 << 20;
/// What an object is taken to have where nobody says.
const USUAL: u64 = 1 << 20;
/// Delivered bytes of one object. CloudTrail's have 50 MB at most before compression.
const MOST: u64 = 512 << 20;

/// Brings objects to the intake.
#[derive(Debug, Clone)]
pub(crate) struct Fetcher {
    objects: Objects,
    pub(crate) intake: Intake,
    pub(crate) meter: Meter,
    /// Objects fetched at the same time, and their bytes.
    places: Arc<Semaphore>,
    room: Arc<Semaphore>,
    locks: Locks,
}

/// Why an object is not in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// A stable word.
    pub(crate) reason: String,
    /// In words.
    pub(crate) message: String,
    /// It is not the object's fault: the same will succeed later.
    pub(crate) passing: bool,
}

impl Fetcher {
    pub(crate) fn new(objects: Objects, intake: Intake, meter: Meter, at_once: usize) -> Self {
        Self {
            objects,
            intake,
            meter,
            places: Arc::new(Semaphore::new(at_once.max(1))),
            room: Arc::new(Semaphore::new(FETCHING)),
            locks: Locks::default(),
        }
    }

    /// Brings an object in, and returns when it is durable. `delivered` is when it was put there, as far as is known.
    pub(crate) async fn bring(&self, named: &Named, delivered: Option<DateTime<Utc>>) -> Result<(), Trouble> {
        let address = named.address();
        let _mine = self.locks.hold(&address).await;
        if let (Some(size), Some(revision)) = (named.size, named.etag.clone())
            && self.intake.is_known(&ObjectVersion { object: address.clone(), size, revision })
        {
            self.meter.passed_over("known", 1);
            return Ok(());
        }
        self.meter.in_flight(1);
        let brought = self.fetched(named, &address, delivered).await;
        self.meter.in_flight(-1);
        brought
    }

    async fn fetched(&self, named: &Named, address: &str, delivered: Option<DateTime<Utc>>) -> Result<(), Trouble> {
        let size = named.size.unwrap_or(USUAL).clamp(1 << 16, FETCHING as u64);
        let ended = |_| Trouble::passing("ended", "the source has ended");
        let place = self.places.acquire().await.map_err(ended)?;
        let room = self.room.acquire_many(u32::try_from(size).unwrap_or(u32::MAX)).await.map_err(ended)?;
        let got = self.objects.get(&named.bucket, &named.key, named.version.as_deref(), MOST).await;
        drop(place);
        let object = got.map_err(|error| Trouble::of(address, &error))?;
        let (bytes, revision) = (object.bytes.len() as u64, object.etag);
        let version = ObjectVersion { object: address.to_owned(), size: bytes, revision };
        if self.intake.is_known(&version) {
            self.meter.passed_over("known", 1);
            return Ok(());
        }
        let receipt = self.intake.take(Delivery { version, content: object.bytes }).await?;
        drop(room);
        let settled = receipt.settled().await?;
        if settled.failed {
            return Err(Trouble::failed(address, &settled));
        }
        self.meter.settled(address, bytes, &settled, delivered);
        Ok(())
    }
}

impl Trouble {
    pub(crate) fn passing(reason: &str, message: &str) -> Self {
        Self { reason: reason.into(), message: message.into(), passing: true }
    }

    pub(crate) fn lasting(reason: &str, message: String) -> Self {
        Self { reason: reason.into(), message, passing: false }
    }

    fn of(address: &str, error: &AwsError) -> Self {
        let (reason, passing) = match error.kind() {
            ErrorKind::NotFound => ("not-found", false),
            ErrorKind::Denied if error.to_string().to_lowercase().contains("kms") => ("kms-denied", false),
            ErrorKind::Denied => ("denied", false),
            ErrorKind::Elsewhere => ("elsewhere", false),
            ErrorKind::Invalid => (error.code(), false),
            ErrorKind::Throttled => ("throttled", true),
            ErrorKind::Unavailable | ErrorKind::Expired | ErrorKind::Skewed => ("unavailable", true),
        };
        Self { reason: reason.into(), message: format!("{address}: {error}"), passing }
    }

    /// The object was read to its end and is in quarantine as a whole.
    fn failed(address: &str, settled: &Settled) -> Self {
        let reason = settled.reason.clone().unwrap_or_else(|| "damaged".into());
        Self { message: format!("{address}: nothing in it could be read ({reason})"), reason, passing: false }
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::passing("not-committed", &refused.0)
    }
}

/// A lock an object, for as long as somebody wants it.
#[derive(Debug, Clone, Default)]
struct Locks(Arc<Mutex<HashMap<String, Weak<Lock>>>>);

type Lock = AsyncMutex<()>;

/// The locks are swept when there are this many more than before.
const SWEEP: usize = 1024;

impl Locks {
    async fn hold(&self, address: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if locks.len() >= SWEEP && locks.len().is_power_of_two() {
                locks.retain(|_, lock| lock.strong_count() > 0);
            }
            let held = locks.get(address).and_then(Weak::upgrade);
            held.unwrap_or_else(|| {
                let lock = Arc::new(Lock::new(()));
                locks.insert(address.to_owned(), Arc::downgrade(&lock));
                lock
            })
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_holds_an_object() {
        let locks = Locks::default();
        let first = locks.hold("a").await;
        let _other = locks.hold("b").await;
        let again = locks.clone();
        let waiting = tokio::spawn(async move { again.hold("a").await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        assert!(waiting.await.is_ok());
        for number in 0..5000 {
            drop(locks.hold(&number.to_string()).await);
        }
        assert!(locks.0.lock().unwrap().len() <= 2 * SWEEP);
    }
}
