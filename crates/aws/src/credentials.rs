//! Credentials: whatever the SDK's chain finds (environment, profile, web identity, container, instance), or a role assumed with
//! them. Kept until shortly before they expire.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use tokio::sync::Mutex;

use crate::AwsError;

/// Credentials are fetched anew when they have this much left.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// Credentials that say nothing of their end are asked for again after this: a file may have changed.
const UNDATED: Duration = Duration::from_secs(15 * 60);

/// A source of credentials that remembers them.
#[derive(Debug, Clone)]
pub(crate) struct Wallet {
    provider: SharedCredentialsProvider,
    kept: Arc<Mutex<Option<Kept>>>,
}

#[derive(Debug)]
struct Kept {
    credentials: Credentials,
    fetched: SystemTime,
}

impl Wallet {
    pub(crate) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, kept: Arc::default() }
    }

    /// Credentials that are good for a while. Callers at the same time wait for one fetch.
    pub(crate) async fn get(&self) -> Result<Credentials, AwsError> {
        let mut kept = self.kept.lock().await;
        let now = SystemTime::now();
        if let Some(held) = kept.as_ref().filter(|held| held.is_fresh(now)) {
            return Ok(held.credentials.clone());
        }
        match self.provider.provide_credentials().await {
            Ok(credentials) => {
                *kept = Some(Kept { credentials: credentials.clone(), fetched: now });
                Ok(credentials)
            }
            // What is held may still serve for the last minutes.
            Err(error) => match kept.as_ref().filter(|held| held.is_valid(now)) {
                Some(held) => Ok(held.credentials.clone()),
                None => Err(AwsError::Credentials(chain(&error))),
            },
        }
    }

    /// Forgets what is held: a service has called it expired.
    pub(crate) async fn forget(&self) {
        *self.kept.lock().await = None;
    }
}

impl Kept {
    fn is_fresh(&self, now: SystemTime) -> bool {
        match self.credentials.expiry() {
            Some(expiry) => now + AHEAD < expiry,
            None => now.duration_since(self.fetched).is_ok_and(|age| age < UNDATED),
        }
    }

    fn is_valid(&self, now: SystemTime) -> bool {
        self.credentials.expiry().is_none_or(|expiry| now < expiry)
    }
}

/// An error with its causes: the SDK's own text says little by itself.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use aws_credential_types::provider::{error::CredentialsError, future};

    use super::*;

    /// Gives credentials that last `lasts`, then none.
    #[derive(Debug)]
    struct Fleeting {
        lasts: Duration,
        given: AtomicU32,
        most: u32,
    }

    impl ProvideCredentials for Fleeting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let number = self.given.fetch_add(1, Ordering::SeqCst);
            if number >= self.most {
                return future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("gone")));
            }
            let expiry = SystemTime::now() + self.lasts;
            let credentials = Credentials::new(format!("AKID{number}"), "secret", None, Some(expiry), "test");
            future::ProvideCredentials::ready(Ok(credentials))
        }
    }

    fn wallet(lasts: u64, most: u32) -> Wallet {
        let provider = Fleeting { lasts: Duration::from_secs(lasts), given: AtomicU32::new(0), most };
        Wallet::new(SharedCredentialsProvider::new(provider))
    }

    #[tokio::test]
    async fn credentials_are_kept_and_renewed_ahead_of_their_end() {
        let long = wallet(3600, 9);
        assert_eq!(long.get().await.unwrap().access_key_id(), "AKID0");
        assert_eq!(long.get().await.unwrap().access_key_id(), "AKID0");
        long.forget().await;
        assert_eq!(long.get().await.unwrap().access_key_id(), "AKID1");
        let short = wallet(60, 2);
        assert_eq!(short.get().await.unwrap().access_key_id(), "AKID0");
        assert_eq!(short.get().await.unwrap().access_key_id(), "AKID1");
        // The chain fails, what is held is good for another minute.
        assert_eq!(short.get().await.unwrap().access_key_id(), "AKID1");
        assert!(wallet(60, 0).get().await.is_err_and(|error| error.to_string().contains("gone")));
    }
}
