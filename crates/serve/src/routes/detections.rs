//! What the routes of alerts and of rules have in common: the shapes of detections on the wire.

use chrono::{DateTime, SecondsFormat};
use detect::rule::{Excepted, Exception, Rule, Text};
use detect::store::{Store, StoreError};
use detect::{Detections, Evidence, Severity};

use crate::app::App;
use crate::error::ApiError;
use crate::wire;
use crate::wire::alerts::{AlertSeverity, GroupValue};
use crate::wire::rules::RuleException;

/// Runs `work` on a thread that may block.
pub(super) async fn blocking<T, E>(
    app: &App,
    work: impl FnOnce(&Detections) -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Into<ApiError> + Send + 'static,
{
    let detections = app.detections.clone();
    let done = tokio::task::spawn_blocking(move || work(&detections)).await;
    done.map_err(ApiError::internal)?.map_err(Into::into)
}

/// Microseconds since the epoch as RFC 3339.
pub(super) fn iso_micros(micros: i64) -> String {
    let format = if micros % 1_000_000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    DateTime::from_timestamp_micros(micros).unwrap_or_default().to_rfc3339_opts(format, true)
}

/// A time of a request; none where it is absent or empty.
pub(super) fn time(app: &App, name: &str, text: Option<&str>) -> Result<Option<i64>, ApiError> {
    super::query::instant(app, name, text)
}

pub(super) fn text_wire(text: &Text) -> wire::Text {
    wire::Text { en: text.en.clone(), ja: text.ja.clone() }
}

pub(super) fn group_wire(group: Vec<detect::GroupValue>) -> Vec<GroupValue> {
    group.into_iter().map(|value| GroupValue { field: value.field, value: value.value }).collect()
}

impl From<Severity> for AlertSeverity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Informational => Self::Informational,
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

impl From<AlertSeverity> for Severity {
    fn from(severity: AlertSeverity) -> Self {
        match severity {
            AlertSeverity::Informational => Self::Informational,
            AlertSeverity::Low => Self::Low,
            AlertSeverity::Medium => Self::Medium,
            AlertSeverity::High => Self::High,
            AlertSeverity::Critical => Self::Critical,
        }
    }
}

pub(super) fn evidence_wire(event: Evidence) -> wire::alerts::Evidence {
    let real = event.row.is_none() && !event.event_id.is_empty();
    wire::alerts::Evidence {
        link: real.then(|| format!("/events/{}", encoded(&event.event_id))),
        event_id: real.then_some(event.event_id),
        log_type: event.log_type,
        event_time: iso_micros(event.event_time),
        event_name: event.event_name,
        event_source: event.event_source,
        actor: event.actor,
        source_address: event.source_address,
        error_code: event.error_code,
        region: event.region,
        row: event.row.map(serde_json::Value::Object),
    }
}

/// A text as one part of an address.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The exceptions of a rule: those of its file, then the users'.
pub(super) fn exceptions_wire(store: &Store, rule: Option<&Rule>, id: &str) -> Result<Vec<RuleException>, StoreError> {
    let now = store.now();
    let of_file = rule.map(|rule| rule.exceptions.as_slice()).unwrap_or_default();
    let mut all: Vec<RuleException> = of_file.iter().map(|exception| exception_wire(exception, now)).collect();
    all.extend(store.exceptions(id)?.into_iter().map(|stored| stored_wire(&stored, now)));
    Ok(all)
}

/// A user's exception.
pub(super) fn stored_wire(stored: &detect::store::StoredException, now: i64) -> RuleException {
    RuleException {
        id: Some(stored.id),
        by: Some(stored.created_by.clone()),
        created_at: Some(iso_micros(stored.created_at)),
        ..exception_wire(&stored.exception, now)
    }
}

fn exception_wire(exception: &Exception, now: i64) -> RuleException {
    let (mut value, mut cidr, mut glob) = (None, None, None);
    match &exception.is {
        Excepted::Value(text) => value = Some(text.clone()),
        Excepted::Cidr(text) => cidr = Some(text.clone()),
        Excepted::Glob(text) => glob = Some(text.clone()),
    }
    RuleException {
        id: None,
        field: exception.field.clone(),
        value,
        cidr,
        glob,
        reason: exception.reason.clone(),
        until: exception.until.map(iso_micros),
        expired: exception.until.is_some_and(|until| until <= now),
        by: None,
        created_at: None,
    }
}
