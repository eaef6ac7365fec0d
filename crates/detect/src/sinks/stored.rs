//! The state's store as the outbox: what a message says is written with the change that it tells of.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::outbox::{DeadLetter, Outbox, OutboxError, Queued, Settled, SinkCounts};
use super::{Change, GroupPart, Notice, NoticeAlert, NoticeEvent, Routes, Sinks};
use crate::detections::Detections;
use crate::finding::{Evidence, GroupValue};
use crate::rule::Text;
use crate::store::{News, Occasion, Outgoing, Store, StoreError};

/// Events that a message shows.
const SHOWN: usize = 5;

/// Has the messages about alerts written to the sinks that want them, from now on.
pub fn attend(detections: &Detections, sinks: &Sinks) {
    let routes = sinks.routes();
    // The store is part of what this asks: a strong handle would keep both for ever.
    let rules = Arc::downgrade(&detections.inner);
    detections.store().set_addressing(Arc::new(move |news: &News<'_>| {
        let rule = rules.upgrade().and_then(|inner| Detections { inner }.rule(&news.alert.rule_id));
        let said = rule.map(|watched| (watched.rule.description.clone(), watched.rule.advice.clone()));
        messages(&routes, &notice(news, said.unwrap_or_default()))
    }));
}

/// A notice for each sink that wants it, as it is stored.
fn messages(routes: &Routes, notice: &Notice) -> Vec<(String, String)> {
    let wanted = routes.wanted(notice);
    if wanted.is_empty() {
        return Vec::new();
    }
    match serde_json::to_string(notice) {
        Ok(text) => wanted.into_iter().map(|name| (name, text.clone())).collect(),
        Err(error) => {
            tracing::error!(%error, alert = notice.alert.id, "a message can't be written");
            Vec::new()
        }
    }
}

fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

fn notice(news: &News<'_>, (description, advice): (Text, Text)) -> Notice {
    let alert = news.alert;
    let part = |part: &GroupValue| Some(GroupPart { field: part.field.clone(), value: part.value.clone()? });
    Notice {
        id: format!("{}-{}-{}", alert.id, news.occasion.as_str(), news.at),
        change: change(news.occasion),
        at: instant(news.at),
        alert: NoticeAlert {
            id: alert.id.to_string(),
            rule_id: alert.rule_id.clone(),
            title: alert.title.clone(),
            severity: alert.severity,
            status: alert.status.as_str().to_owned(),
            verdict: alert.verdict.map(|verdict| verdict.as_str().to_owned()),
            owner: alert.owner.clone(),
            group: alert.group.iter().filter_map(part).collect(),
            first_seen: instant(alert.first_seen),
            last_seen: instant(alert.last_seen),
            events: alert.events,
            attack: alert.attack.clone(),
            account: alert.account.clone(),
            actor: alert.actor.clone(),
            region: alert.region.clone(),
            source_address: alert.source_address.clone(),
            country: alert.country.clone(),
        },
        description,
        advice,
        evidence: news.evidence.iter().take(SHOWN).map(event).collect(),
    }
}

const fn change(occasion: Occasion) -> Change {
    match occasion {
        Occasion::Opened => Change::Opened,
        Occasion::More => Change::More,
        Occasion::Acknowledged => Change::Acknowledged,
        Occasion::Closed => Change::Closed,
        Occasion::Reopened => Change::Reopened,
    }
}

fn event(event: &Evidence) -> NoticeEvent {
    NoticeEvent {
        event_id: event.event_id.clone(),
        event_time: instant(event.event_time),
        event_name: event.event_name.clone(),
        event_source: event.event_source.clone(),
        actor: event.actor.clone(),
        source_address: event.source_address.clone(),
        error_code: event.error_code.clone(),
        region: event.region.clone(),
    }
}

fn failed(error: impl std::fmt::Display) -> OutboxError {
    OutboxError(error.to_string())
}

fn read(outgoing: &Outgoing) -> Result<Notice, OutboxError> {
    serde_json::from_str(&outgoing.notice).map_err(failed)
}

impl Outbox for Store {
    fn due(&self, sink: &str, now: DateTime<Utc>, limit: usize) -> Result<Vec<Queued>, OutboxError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let rows = Store::due(self, sink, now.timestamp_micros(), limit).map_err(failed)?;
        let mut due = Vec::with_capacity(rows.len());
        for row in rows {
            match read(&row) {
                Ok(notice) => {
                    let queued_at = instant(row.created_at);
                    due.push(Queued { row: row.id, attempts: row.attempts, queued_at, notice });
                }
                // One that can't be read must not keep the others waiting.
                Err(error) => self.failed(row.id, &error.to_string(), None).map_err(failed)?,
            }
        }
        Ok(due)
    }

    fn settle(&self, row: i64, _: DateTime<Utc>, settled: &Settled) -> Result<(), OutboxError> {
        let done = match settled {
            Settled::Delivered => self.delivered(row),
            Settled::Retry { at, error } => self.failed(row, error, Some(at.timestamp_micros())),
            Settled::Postponed { at } => self.held(row, at.timestamp_micros()),
            Settled::Dead { error } => self.failed(row, error, None),
        };
        done.map_err(failed)
    }

    fn counts(&self) -> Result<Vec<SinkCounts>, OutboxError> {
        let counts = self.sinks().map_err(failed)?.into_iter().map(|sink| {
            let health = self.sink_health(&sink)?;
            Ok(SinkCounts {
                sink,
                pending: health.pending,
                dead: health.dead,
                last_success: health.last_success.map(instant),
                last_error: health.last_error,
            })
        });
        counts.collect::<Result<_, StoreError>>().map_err(failed)
    }

    fn dead(&self, sink: &str, limit: usize) -> Result<Vec<DeadLetter>, OutboxError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let letter = |row: Outgoing| {
            let notice = read(&row).ok()?;
            let at = instant(row.tried_at.unwrap_or(row.created_at));
            Some(DeadLetter { row: row.id, notice, attempts: row.attempts, error: row.error.unwrap_or_default(), at })
        };
        Ok(Store::dead(self, sink, limit).map_err(failed)?.into_iter().filter_map(letter).collect())
    }

    fn revive(&self, sink: &str, rows: Option<&[i64]>, _: DateTime<Utc>) -> Result<u64, OutboxError> {
        self.retry_dead(sink, rows).map_err(failed)
    }
}
