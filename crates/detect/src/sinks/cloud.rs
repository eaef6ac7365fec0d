//! AWS as the sinks reach it: credentials as everywhere in AWS's tools, or an assumed role, looked for when they are first
//! needed, so that a server starts without them.

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::Failure;
use super::secret::SecretSource;
use super::settings::Base;
use super::text::line;

/// The keys that sinks in AWS share.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct AwsKeys {
    region: Option<String>,
    profile: Option<String>,
    role_arn: Option<String>,
    external_id: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<SecretSource>,
    endpoint_url: Option<String>,
}

/// A region of AWS, with credentials.
pub(super) struct Cloud {
    settings: aws::Settings,
    session: OnceCell<aws::Session>,
}

impl Cloud {
    /// `region` is what the sink's own keys imply, such as the topic's.
    pub(super) fn new(keys: AwsKeys, region: Option<&str>, base: &Base<'_>) -> Result<Self, String> {
        if let Some(url) = &keys.endpoint_url {
            base.guard.url(url).map_err(|why| format!("`endpoint_url`: {why}"))?;
        }
        let region = region.map(str::to_owned).or(keys.region).or_else(|| base.region.map(str::to_owned));
        let secret = base.maybe_secret("secret_access_key", keys.secret_access_key.as_ref())?;
        let keys_given = match (keys.access_key_id, secret) {
            (Some(id), Some(secret)) => Some(aws::Keys { id, secret: secret.reveal().to_owned() }),
            (None, None) => None,
            _ => return Err("`access_key_id` and `secret_access_key` go together".to_owned()),
        };
        if keys.external_id.is_some() && keys.role_arn.is_none() {
            return Err("`external_id` is of a role: set `role_arn` too".to_owned());
        }
        let settings = aws::Settings {
            region: Some(region.ok_or("`region` is missing")?),
            profile: keys.profile,
            role_arn: keys.role_arn,
            external_id: keys.external_id,
            endpoint_url: keys.endpoint_url,
            keys: keys_given,
            ..aws::Settings::default()
        };
        Ok(Self { settings, session: OnceCell::new() })
    }

    pub(super) fn region(&self) -> &str {
        self.settings.region.as_deref().unwrap_or_default()
    }

    async fn session(&self) -> Result<&aws::Session, Failure> {
        self.session.get_or_try_init(|| aws::Session::open(&self.settings)).await.map_err(failure)
    }

    /// A call of the query protocol.
    pub(super) async fn query(&self, service: aws::Service, parameters: &[(&str, &str)]) -> Result<(), Failure> {
        self.session().await?.query(service, parameters).await.map(|_| ()).map_err(failure)
    }

    /// A call of a REST service with JSON.
    pub(super) async fn rest(&self, service: aws::Service, path: &str, body: &Value) -> Result<Value, Failure> {
        self.session().await?.rest(service, aws::Method::POST, path, Some(body)).await.map_err(failure)
    }
}

/// What a service says in words is its own; status and code tell enough.
fn failure(error: aws::AwsError) -> Failure {
    let text = match &error {
        aws::AwsError::Service { service, status, code, .. } => format!("{service} answered {status} {code}"),
        other => other.to_string(),
    };
    let text = line(&text, 300);
    if error.kind() == aws::ErrorKind::Invalid { Failure::final_(text) } else { Failure::for_now(text) }
}
