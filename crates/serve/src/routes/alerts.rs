//! Alerts: the list, one with its evidence, and what a person does with it. Changes are in the audit log and in the alert's
//! own history.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::{Extension, Json};
use detect::store::{AlertStatus, Change, Filter, Order, Store, StoreError, Verdict};
use detect::{Detections, Severity};

use super::detections::{blocking, evidence_wire, exceptions_wire, group_wire, iso_micros, text_wire, time};
use super::{audited, part};
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::state::Action;
use crate::wire::alerts::{
    self as wire, AlertChange, AlertCounts, AlertDetail, AlertHistory, AlertList, AlertQuery, AlertsAt, BulkChange,
    BulkChanged, NoteText, Notification, TimelinePoint,
};
use crate::wire::{BodyRefused, ErrorAnswer, Refused};

/// Alerts of a page where the request names no number, and the most.
const PAGE: (u32, u32) = (50, 500);
/// Most alerts of a bulk change.
const BULK: usize = 1_000;
/// Hours of a time line before it is told in days.
const HOURS: i64 = 96;

/// Alerts, those that changed last first where nothing else is asked for.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", params(AlertQuery), responses(
    (status = 200, description = "A page of alerts", body = AlertList),
    (status = 400, description = "A parameter makes no sense", body = ErrorAnswer), Refused))]
pub(crate) async fn list(
    Shared(app): Shared<Arc<App>>,
    asked: Result<Query<AlertQuery>, QueryRejection>,
) -> Result<Json<AlertList>, ApiError> {
    let Query(asked) = asked.map_err(|error| ApiError::invalid(error.body_text()))?;
    let filter = filter(&app, &asked)?;
    let limit = match asked.limit {
        None => PAGE.0,
        Some(limit) if (1..=PAGE.1).contains(&limit) => limit,
        Some(_) => return Err(ApiError::invalid(format!("`limit` is 1 to {}", PAGE.1))),
    };
    let after = asked.cursor.filter(|cursor| !cursor.is_empty());
    let found = blocking(&app, move |detections| -> Result<AlertList, StoreError> {
        let store = detections.store();
        let page = store.alerts(&filter, limit, after.as_deref())?;
        let counts = store.alert_counts(&filter)?;
        let of = |status: AlertStatus| counts.by_status.get(status.as_str()).copied().unwrap_or_default();
        Ok(AlertList {
            alerts: page.alerts.into_iter().map(alert_wire).collect(),
            total: page.total,
            next: page.next,
            counts: AlertCounts {
                open: of(AlertStatus::Open),
                acknowledged: of(AlertStatus::Acknowledged),
                closed: of(AlertStatus::Closed),
                by_severity: counts.by_severity.into_iter().map(|(name, number)| (name.to_owned(), number)).collect(),
                by_rule: counts.by_rule,
                over_time: counts
                    .over_time
                    .into_iter()
                    .map(|(at, alerts)| AlertsAt { at: iso_micros(at), alerts })
                    .collect(),
            },
        })
    });
    Ok(Json(found.await?))
}

/// One alert with its evidence.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts",
    params(("id" = String, Path, description = "The alert's id")), responses(
    (status = 200, description = "The alert", body = AlertDetail),
    (status = 404, description = "There is no such alert", body = ErrorAnswer), Refused))]
pub(crate) async fn read(
    Shared(app): Shared<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<AlertDetail>, ApiError> {
    let id = number(&part(id)?)?;
    let mut found = blocking(&app, move |detections| detail(detections, id)).await?;
    found.actor_chain = chain(&app, &found).await;
    Ok(Json(found))
}

/// Who made the latest event: from the caller back to the person or workload that it began with, as far as the event tells.
async fn chain(app: &App, alert: &AlertDetail) -> Vec<String> {
    const NAMES: [&str; 5] =
        ["user_identity_arn", "session_issuer_arn", "session_source_identity", "actor_principal", "actor_name"];
    let Some(latest) = alert.evidence.first().and_then(|event| event.event_id.as_deref()) else { return Vec::new() };
    let event = match app.backend.event(latest).await {
        Ok(Some(event)) => event,
        Ok(None) => return Vec::new(),
        Err(error) => {
            tracing::warn!(%error, "an alert's event can't be read");
            return Vec::new();
        }
    };
    let mut chain: Vec<String> = Vec::new();
    for name in NAMES.iter().filter_map(|name| event.columns.get(*name)?.as_str()) {
        if !chain.iter().any(|known| known == name) {
            chain.push(name.to_owned());
        }
    }
    chain
}

/// Change an alert's status, verdict or owner.
#[utoipa::path(patch, path = "/api/v1/alerts/{id}", tag = "alerts", request_body = AlertChange,
    params(("id" = String, Path, description = "The alert's id")), responses(
    (status = 200, description = "The alert as it is now", body = AlertDetail),
    (status = 404, description = "There is no such alert", body = ErrorAnswer),
    (status = 409, description = "Another alert of the same rule and key is not closed", body = ErrorAnswer),
    Refused, BodyRefused))]
pub(crate) async fn change(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Body(asked): Body<AlertChange>,
) -> Result<Json<AlertDetail>, ApiError> {
    let id = number(&part(id)?)?;
    let said = serde_json::json!({"ids": [id], "change": asked}).to_string();
    audited(&app, &caller, Action::AlertChange, said).await;
    let wanted = change_of(asked.status, asked.verdict, asked.owner);
    let by = caller.actor();
    let changed = blocking(&app, move |detections| {
        detections.store().change_alerts(&[id], &by, &wanted)?;
        detail(detections, id)
    });
    Ok(Json(changed.await?))
}

/// Change several alerts: all, or none where one is not there.
#[utoipa::path(post, path = "/api/v1/alerts/bulk", tag = "alerts", request_body = BulkChange, responses(
    (status = 200, description = "Done", body = BulkChanged),
    (status = 404, description = "One of the alerts is not there", body = ErrorAnswer),
    (status = 409, description = "One can't be opened beside another of the same rule and key", body = ErrorAnswer),
    Refused, BodyRefused))]
pub(crate) async fn bulk(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<BulkChange>,
) -> Result<Json<BulkChanged>, ApiError> {
    if asked.ids.is_empty() || asked.ids.len() > BULK {
        return Err(ApiError::unprocessable(format!("`ids` has 1 to {BULK} alerts")));
    }
    let ids = asked.ids.iter().map(|id| number(id)).collect::<Result<Vec<_>, _>>()?;
    audited(&app, &caller, Action::AlertChange, serde_json::to_string(&asked).unwrap_or_default()).await;
    let wanted = change_of(asked.status, asked.verdict, asked.owner);
    let by = caller.actor();
    let changed = blocking(&app, move |detections| detections.store().change_alerts(&ids, &by, &wanted));
    Ok(Json(BulkChanged { changed: changed.await? }))
}

/// Add a note.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/notes", tag = "alerts", request_body = NoteText,
    params(("id" = String, Path, description = "The alert's id")), responses(
    (status = 201, description = "The alert with the note", body = AlertDetail),
    (status = 404, description = "There is no such alert", body = ErrorAnswer), Refused, BodyRefused))]
pub(crate) async fn note(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Body(asked): Body<NoteText>,
) -> Result<(StatusCode, Json<AlertDetail>), ApiError> {
    let id = number(&part(id)?)?;
    audited(&app, &caller, Action::AlertNote, format!("{id} {}", asked.text)).await;
    let by = caller.actor();
    let changed = blocking(&app, move |detections| {
        detections.store().add_note(id, &by, &asked.text)?;
        detail(detections, id)
    });
    Ok((StatusCode::CREATED, Json(changed.await?)))
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| ApiError::not_found("there is no such alert"))
}

fn filter(app: &App, asked: &AlertQuery) -> Result<Filter, ApiError> {
    let list = |text: &Option<String>| -> Vec<String> {
        let parts = text.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let some = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let status = match list(&asked.status).as_slice() {
        [] => vec![AlertStatus::Open],
        [all] if all == "all" => Vec::new(),
        names => names.iter().map(|name| status_named(name)).collect::<Result<_, _>>()?,
    };
    let severity = list(&asked.severity).iter().map(|name| severity_named(name)).collect::<Result<_, _>>()?;
    Ok(Filter {
        status,
        severity,
        rules: list(&asked.rule),
        since: time(app, "since", asked.since.as_deref())?,
        until: time(app, "until", asked.until.as_deref())?,
        text: some(&asked.q),
        account: some(&asked.account),
        actor: some(&asked.actor),
        owner: some(&asked.owner).map(|owner| Some(owner).filter(|owner| owner != "-")),
        order: some(&asked.sort).map_or(Ok(Order::default()), |name| order_named(&name))?,
    })
}

fn order_named(name: &str) -> Result<Order, ApiError> {
    let all = || Order::ALL.map(Order::as_str).join(", ");
    Order::named(name).ok_or_else(|| ApiError::invalid(format!("`sort`: `{name}` is none of {}", all())))
}

fn status_named(name: &str) -> Result<AlertStatus, ApiError> {
    let found = AlertStatus::ALL.into_iter().find(|status| status.as_str() == name);
    found.ok_or_else(|| ApiError::invalid(format!("`status`: `{name}` is none of open, acknowledged, closed, all")))
}

fn severity_named(name: &str) -> Result<Severity, ApiError> {
    let all = || Severity::ALL.map(Severity::as_str).join(", ");
    Severity::named(name).ok_or_else(|| ApiError::invalid(format!("`severity`: `{name}` is none of {}", all())))
}

fn change_of(status: Option<wire::AlertStatus>, verdict: Option<wire::AlertVerdict>, owner: Option<String>) -> Change {
    let status = status.map(|status| match status {
        wire::AlertStatus::Open => AlertStatus::Open,
        wire::AlertStatus::Acknowledged => AlertStatus::Acknowledged,
        wire::AlertStatus::Closed => AlertStatus::Closed,
    });
    let verdict = verdict.map(|verdict| match verdict {
        wire::AlertVerdict::TruePositive => Verdict::TruePositive,
        wire::AlertVerdict::Benign => Verdict::Benign,
        wire::AlertVerdict::FalsePositive => Verdict::FalsePositive,
    });
    Change { status, verdict, owner }
}

fn alert_wire(alert: detect::store::Alert) -> wire::Alert {
    wire::Alert {
        id: alert.id.to_string(),
        rule_id: alert.rule_id,
        title: text_wire(&alert.title),
        severity: alert.severity.into(),
        status: match alert.status {
            AlertStatus::Open => wire::AlertStatus::Open,
            AlertStatus::Acknowledged => wire::AlertStatus::Acknowledged,
            AlertStatus::Closed => wire::AlertStatus::Closed,
        },
        verdict: alert.verdict.map(|verdict| match verdict {
            Verdict::TruePositive => wire::AlertVerdict::TruePositive,
            Verdict::Benign => wire::AlertVerdict::Benign,
            Verdict::FalsePositive => wire::AlertVerdict::FalsePositive,
        }),
        owner: alert.owner,
        group: group_wire(alert.group),
        first_seen: iso_micros(alert.first_seen),
        last_seen: iso_micros(alert.last_seen),
        created_at: iso_micros(alert.created_at),
        updated_at: iso_micros(alert.updated_at),
        events: alert.events,
        attack: alert.attack,
        account: alert.account,
        actor: alert.actor,
        region: alert.region,
        source_address: alert.source_address,
        country: alert.country,
    }
}

fn detail(detections: &Detections, id: i64) -> Result<AlertDetail, StoreError> {
    let store = detections.store();
    let alert = store.alert(id)?.ok_or_else(|| StoreError::NoAlert(id.to_string()))?;
    let watched = detections.rule(&alert.rule_id);
    let rule = watched.as_ref().map(|watched| watched.own.as_ref());
    Ok(AlertDetail {
        description: rule.map(|rule| text_wire(&rule.description)).unwrap_or_default(),
        advice: rule.map(|rule| text_wire(&rule.advice)).unwrap_or_default(),
        evidence: store.evidence(id, usize::MAX >> 1)?.into_iter().map(evidence_wire).collect(),
        actor_chain: Vec::new(),
        timeline: timeline(store, id)?,
        notes: store.notes(id)?.into_iter().map(note_wire).collect(),
        history: store.history(id)?.into_iter().map(history_wire).collect(),
        notifications: store.notifications(id)?.into_iter().map(notification_wire).collect(),
        references: rule.map(|rule| rule.references.clone()).unwrap_or_default(),
        exceptions: exceptions_wire(store, rule, &alert.rule_id)?,
        alert: alert_wire(alert),
    })
}

/// Events an hour; a day where they go on for longer than four days.
fn timeline(store: &Store, id: i64) -> Result<Vec<TimelinePoint>, StoreError> {
    let hours = store.hours(id)?;
    let long = hours.first().zip(hours.last()).is_some_and(|(first, last)| last.0 - first.0 >= HOURS);
    let width = if long { 24 } else { 1 };
    let mut points: Vec<(i64, u64)> = Vec::new();
    for (hour, events) in hours {
        let at = hour.div_euclid(width) * width;
        match points.last_mut() {
            Some((last, sum)) if *last == at => *sum += events,
            _ => points.push((at, events)),
        }
    }
    let point = |(hour, events): (i64, u64)| TimelinePoint { at: iso_micros(hour * 3_600_000_000), events };
    Ok(points.into_iter().map(point).collect())
}

fn note_wire(note: detect::store::Note) -> wire::Note {
    wire::Note { at: iso_micros(note.at), by: note.by, text: note.text }
}

fn history_wire(entry: detect::store::HistoryEntry) -> AlertHistory {
    AlertHistory { at: iso_micros(entry.at), by: entry.by, change: entry.change }
}

fn notification_wire(entry: detect::store::NotificationEntry) -> Notification {
    Notification {
        sink: entry.sink,
        at: iso_micros(entry.at),
        state: entry.state,
        error: entry.error,
        attempts: entry.attempts,
    }
}
