//! Firehose's HTTP endpoint delivery: requests of up to 10,000 records, each base64 of whatever a stream holds - CloudWatch Logs
//! data, EventBridge events, CloudTrail records, lines.
//!
//! Firehose takes any answer but 200 with the request's own id as a failure and sends again, with the same id, until its retry
//! duration ends; then the records go to its error bucket. After a 413 they do not even do that: no request is answered so.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use event::Sender;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::inlet::{Delivery, Form, Inlet, framed};
use crate::journal::Refused;
use crate::sources::Meter;

/// Records of one request.
const RECORDS: usize = 10_000;

/// Why a request was not taken. Nothing of it is kept; Firehose sends it again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FirehoseError {
    /// The access key is missing or wrong.
    #[error("the access key is missing or wrong")]
    AccessKey,
    /// It is not as Firehose sends.
    #[error("{0}")]
    Invalid(String),
    /// It can't be taken now.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// What the headers of a request say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// `X-Amz-Firehose-Protocol-Version`.
    pub version: Option<String>,
    /// `X-Amz-Firehose-Request-Id`.
    pub request_id: Option<String>,
    /// `X-Amz-Firehose-Source-Arn`.
    pub source_arn: Option<String>,
    /// `X-Amz-Firehose-Common-Attributes`: a JSON object with the object `commonAttributes`.
    pub attributes: Option<String>,
}

/// A source of this type.
#[derive(Clone)]
pub struct Firehose {
    name: String,
    /// SHA-256 of each key that is good.
    keys: Arc<[[u8; 32]]>,
    sourcetype: Option<String>,
    inlet: Inlet,
    meter: Meter,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(rename = "requestId", borrow, default)]
    request_id: Option<Cow<'a, str>>,
    #[serde(default)]
    timestamp: Option<serde_json::Number>,
    #[serde(borrow, default)]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    data: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attributes {
    #[serde(rename = "commonAttributes")]
    common: std::collections::BTreeMap<String, serde_json::Value>,
}

impl Firehose {
    /// The source of that name. Any of `keys` is good, so that they can be changed without a gap; `sourcetype` is assumed of
    /// records that do not tell what they are.
    #[must_use]
    pub fn new(name: &str, keys: &[String], sourcetype: Option<String>, inlet: Inlet, meter: Meter) -> Self {
        inlet.count(name, meter.clone());
        let keys = keys.iter().map(|key| Sha256::digest(key).into()).collect();
        Self { name: name.to_owned(), keys, sourcetype, inlet, meter }
    }

    /// Whether the access key of a request is good.
    ///
    /// # Errors
    /// [`FirehoseError::AccessKey`].
    pub fn authorize(&self, key: Option<&[u8]>) -> Result<(), FirehoseError> {
        let digest: [u8; 32] = Sha256::digest(key.unwrap_or_default()).into();
        let mut good = false;
        for known in self.keys.iter() {
            let differing = known.iter().zip(&digest).fold(0, |sum, (a, b)| sum | (a ^ b));
            good |= differing == 0;
        }
        if good && key.is_some() {
            return Ok(());
        }
        self.meter.rejected("access-key");
        Err(FirehoseError::AccessKey)
    }

    /// Takes a request, decompressed, and returns its id when it survives a crash.
    ///
    /// # Errors
    /// [`FirehoseError`]; nothing of it is kept then.
    pub async fn take(&self, head: Head, body: Bytes) -> Result<String, FirehoseError> {
        let source = self.clone();
        let delivery = tokio::task::spawn_blocking(move || source.delivery(&head, &body));
        let delivery = delivery.await.unwrap_or_else(|_| Err(FirehoseError::Invalid("a defect".into())));
        let (id, delivery) = delivery.inspect_err(|_| self.meter.rejected("invalid-data"))?;
        if let Some(delivery) = delivery {
            let taken = self.inlet.take(delivery).await;
            taken.inspect_err(|_| self.meter.rejected("busy"))?;
        }
        Ok(id)
    }

    /// Counts a request that was refused before it came here.
    pub fn refused(&self, reason: &str) {
        self.meter.rejected(reason);
    }

    /// The request's id, and what it brings: nothing, where it has no records, which is legal.
    fn delivery(&self, head: &Head, body: &[u8]) -> Result<(String, Option<Delivery>), FirehoseError> {
        let invalid = |what: String| FirehoseError::Invalid(what);
        if let Some(version) = head.version.as_deref().filter(|version| *version != "1.0") {
            return Err(invalid(format!("the protocol's version {version} is not known")));
        }
        let parsed: Body<'_> = serde_json::from_slice(body)
            .map_err(|error| invalid(format!("the body is not as Firehose sends: {error}")))?;
        let id = head.request_id.clone().or_else(|| parsed.request_id.as_deref().map(str::to_owned));
        let id = id.ok_or_else(|| invalid("the request has no id".into()))?;
        if parsed.request_id.is_some_and(|told| told != id) {
            return Err(invalid("the ids in the header and in the body differ".into()));
        }
        if parsed.records.len() > RECORDS {
            return Err(invalid(format!("it has more than {RECORDS} records")));
        }
        let mut records = Vec::with_capacity(parsed.records.len());
        for (number, record) in parsed.records.iter().enumerate() {
            let data = STANDARD.decode(record.data.as_bytes());
            let data = data.map_err(|error| invalid(format!("record {number} is not base64: {error}")))?;
            if !data.is_empty() {
                records.push(data);
            }
        }
        if records.is_empty() {
            return Ok((id, None));
        }
        let stream = head.source_arn.as_deref().and_then(|arn| arn.rsplit('/').next()).unwrap_or("stream");
        let time = parsed.timestamp.and_then(|time| time.as_i64()).and_then(|millis| millis.checked_mul(1000));
        let origin = format!("firehose://{}/{stream}/{id}", self.name);
        let delivery = Delivery {
            source: self.name.clone(),
            form: Form::Records,
            identity: origin.clone(),
            origin: Some(origin),
            received: self.inlet.now(),
            sender: Sender { time, kind: self.sourcetype(head), ..Sender::default() },
            log_type: None,
            channel: None,
            place: (0, 0),
            head: None,
            body: framed(&records).into(),
        };
        Ok((id, Some(delivery)))
    }

    /// What the stream's attributes say of its records, else the settings.
    fn sourcetype(&self, head: &Head) -> Option<String> {
        let attributes: Attributes =
            head.attributes.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let told = attributes.common.get("sourcetype").and_then(|value| value.as_str()).map(str::to_owned);
        told.or_else(|| self.sourcetype.clone())
    }
}
