//! Who calls AWS, and from where: credentials, region, endpoint.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::credentials::Wallet;
use crate::{AwsError, Service};

/// The region of services that are asked without one being set.
const DEFAULT_REGION: &str = "us-east-1";

/// How to reach AWS. What is not set comes from the environment and the shared files, as for AWS's own tools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Region.
    pub region: Option<String>,
    /// Profile of the shared files.
    pub profile: Option<String>,
    /// Role to assume with the credentials that were found.
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Name of the assumed session; `trailhound` by default.
    pub session_name: Option<String>,
    /// Endpoint of a server that stands for AWS's own.
    pub endpoint_url: Option<String>,
    /// Keys instead of the chain's.
    pub keys: Option<Keys>,
}

/// An access key.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Whoever calls AWS. Clones share credentials and connections.
#[derive(Debug, Clone)]
pub struct Session {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) wallet: Wallet,
    pub(crate) region: String,
    pub(crate) endpoint: Option<String>,
    /// Seconds that AWS's clock is ahead of ours.
    pub(crate) skew: AtomicI64,
}

impl Session {
    /// Finds region and credentials. Credentials are asked for at the first call, not here.
    ///
    /// # Errors
    /// [`AwsError::Settings`] where a setting can't be used.
    pub async fn open(settings: &Settings) -> Result<Self, AwsError> {
        if settings.external_id.is_some() && settings.role_arn.is_none() {
            return Err(AwsError::Settings("`external_id` is of a role: set `role_arn` too".into()));
        }
        let config = config(settings).await;
        let region = config.region().map_or_else(|| DEFAULT_REGION.to_owned(), ToString::to_string);
        let wallet = Wallet::new(provider(settings, &config, &region).await?);
        let endpoint = settings.endpoint_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        let inner = Inner { http: http()?, wallet, region, endpoint, skew: AtomicI64::new(0) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The same caller in another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        let inner = &self.inner;
        let inner = Inner {
            http: inner.http.clone(),
            wallet: inner.wallet.clone(),
            region: region.to_owned(),
            endpoint: inner.endpoint.clone(),
            skew: AtomicI64::new(inner.skew.load(std::sync::atomic::Ordering::Relaxed)),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The same caller, speaking to another server.
    #[must_use]
    pub fn at_endpoint(&self, endpoint: &str) -> Self {
        let inner = &self.inner;
        let inner = Inner {
            http: inner.http.clone(),
            wallet: inner.wallet.clone(),
            region: inner.region.clone(),
            endpoint: Some(endpoint.trim_end_matches('/').to_owned()),
            skew: AtomicI64::new(inner.skew.load(std::sync::atomic::Ordering::Relaxed)),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The region of its calls.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// Whether a server stands for AWS's own.
    #[must_use]
    pub fn has_endpoint(&self) -> bool {
        self.inner.endpoint.is_some()
    }

    pub(crate) fn endpoint(&self, service: Service) -> String {
        self.inner.endpoint.clone().unwrap_or_else(|| service.endpoint(&self.inner.region))
    }
}

async fn config(settings: &Settings) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &settings.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(keys) = &settings.keys {
        loader = loader.credentials_provider(Credentials::new(&keys.id, &keys.secret, None, None, "settings"));
    }
    loader.load().await
}

async fn provider(
    settings: &Settings,
    config: &SdkConfig,
    region: &str,
) -> Result<SharedCredentialsProvider, AwsError> {
    let Some(role) = &settings.role_arn else {
        let none = || AwsError::Credentials("the chain has no provider".into());
        return config.credentials_provider().ok_or_else(none);
    };
    let name = settings.session_name.as_deref().unwrap_or("trailhound");
    let mut builder =
        AssumeRoleProvider::builder(role).configure(config).session_name(name).region(Region::new(region.to_owned()));
    if let Some(id) = &settings.external_id {
        builder = builder.external_id(id);
    }
    Ok(SharedCredentialsProvider::new(builder.build().await))
}

fn http() -> Result<reqwest::Client, AwsError> {
    reqwest::Client::builder()
        .user_agent(concat!("trailhound/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        // A long poll waits for twenty seconds; a body that stops coming is given up.
        .read_timeout(Duration::from_secs(60))
        .pool_idle_timeout(Duration::from_secs(50))
        // Buckets elsewhere are asked for again with a signature for their region.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| AwsError::Settings(format!("no HTTP client: {error}")))
}
