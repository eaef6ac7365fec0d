//! What Trailhound suffers from itself, as alerts: sources that are silent, late or failing, dead letters, digests that prove
//! nothing. Rules say what is told of it ([`detect::health`]).

use std::time::Duration;

use detect::health::{Course, Symptom};
use detect::rule::Ailment;
use detect::{Detections, GroupValue};
use ingest::Custody;
use ingest::inlet::Inlet;
use ingest::sources::{Health, Reading, Registry, SourceStatus};
use ingest::verify::{HourVerdict, Trail, hours};
use serde_json::{Map, Value};

use crate::config::Settings;
use crate::keys;

/// How often sources are looked at, at most and at least.
const LOOK: Duration = Duration::from_secs(30);
const SHORTEST: Duration = Duration::from_secs(1);
/// How often the digests are looked at, first after a minute.
const PROVE: Duration = Duration::from_secs(3600);
const FIRST: Duration = Duration::from_secs(60);
/// How far back the hours of digests are told, microseconds.
const WEEK: i64 = 7 * 86_400 * 1_000_000;
/// Hours of one trail told at once: the newest.
const MOST: usize = 48;
/// Types of what is not a source of logs.
const OTHER: &str = "refresh";

/// Looks for as long as the server runs. What fails is logged and tried again.
pub(crate) async fn background(
    settings: Settings,
    detections: Detections,
    custody: Custody,
    registry: Registry,
    inlet: Option<Inlet>,
) {
    let every = look_every(&settings);
    let sources = async {
        loop {
            tokio::time::sleep(every).await;
            if let Some(inlet) = &inlet
                && inlet.health().await.is_ok()
            {
                registry.well(&["hec", "firehose"]);
            }
            let symptoms = custody.health().iter().flat_map(|(status, health)| of_source(status, health)).collect();
            tell(&detections, symptoms).await;
        }
    };
    let digests = async {
        tokio::time::sleep(FIRST.min(every * 4)).await;
        loop {
            match prove(&settings, &custody).await {
                Ok(symptoms) => tell(&detections, symptoms).await,
                Err(error) => tracing::warn!(error = format!("{error:#}"), "the digests can't be proven now"),
            }
            tokio::time::sleep(PROVE).await;
        }
    };
    tokio::join!(sources, digests);
}

/// Twice within the shortest time that a source may be silent or behind.
fn look_every(settings: &Settings) -> Duration {
    let spans = settings.source.iter().filter_map(|source| source.expected().ok());
    let spans = spans.flat_map(|expected| [Some(expected.within), expected.every]).flatten();
    let shortest = spans.filter_map(|span| span.to_std().ok()).min().unwrap_or(LOOK);
    (shortest / 2).clamp(SHORTEST, LOOK)
}

async fn tell(detections: &Detections, symptoms: Vec<Symptom>) {
    if symptoms.is_empty() {
        return;
    }
    let detections = detections.clone();
    let told = tokio::task::spawn_blocking(move || detections.observe_health(&symptoms)).await;
    match told {
        Ok(Ok(told)) if told.opened + told.closed > 0 => {
            tracing::info!(opened = told.opened, closed = told.closed, "alerts about sources and digests");
        }
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "what is the matter with sources can't be told"),
        Err(error) => tracing::warn!(%error, "what is the matter with sources can't be told"),
    }
}

fn named(field: &str, value: &str) -> GroupValue {
    GroupValue { field: field.to_owned(), value: Some(value.to_owned()) }
}

/// What a source suffers from; what is not known is left out.
fn of_source(status: &SourceStatus, health: &Health) -> Vec<Symptom> {
    if status.kind == OTHER {
        return Vec::new();
    }
    let readings = [
        (Ailment::SourceSilent, health.silent),
        (Ailment::SourceBehind, health.behind),
        (Ailment::SourceFailing, health.failing),
        (Ailment::DeadLetters, health.dead_letters),
    ];
    let course = |of: Ailment, reading: Reading| match reading {
        Reading::Unknown => None,
        Reading::Well => Some(Course::Over),
        Reading::Since(at) if of == Ailment::DeadLetters => {
            Some(Course::Worse(at.timestamp_micros(), status.dlq_depth.unwrap_or_default()))
        }
        Reading::Since(at) => Some(Course::Since(at.timestamp_micros())),
    };
    let symptom = |(of, reading): (Ailment, Reading)| {
        let subject = vec![named("source", &status.name)];
        Some(Symptom { of, subject, state: course(of, reading)?, facts: facts(status) })
    };
    readings.into_iter().filter_map(symptom).collect()
}

fn facts(status: &SourceStatus) -> Map<String, Value> {
    let all = [
        ("source", Some(status.name.clone().into())),
        ("type", Some(status.kind.clone().into())),
        ("last_object", status.last_object.map(|at| at.to_rfc3339().into())),
        ("last_origin", status.last_origin.clone().map(Into::into)),
        ("lag_seconds", status.lag_seconds.map(Into::into)),
        ("errors", Some(status.errors.into())),
        ("last_error", status.last_error.clone().map(Into::into)),
        ("waiting", status.waiting.map(Into::into)),
        ("dead_letters", status.dlq_depth.map(Into::into)),
        ("rejected_by", serde_json::to_value(&status.rejected_by).ok().filter(|_| !status.rejected_by.is_empty())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Asks for keys that are missing, and says what the digests of the last days do not prove. Without any key nothing is said:
/// nothing could be proven.
async fn prove(settings: &Settings, custody: &Custody) -> anyhow::Result<Vec<Symptom>> {
    let mut found = custody.verify().await?;
    if let Some(more) = keys::fetch(settings, &found.unknown_keys).await? {
        custody.add_keys(more);
        found = custody.verify().await?;
    }
    if custody.keys().is_empty() {
        return Ok(Vec::new());
    }
    let since = chrono::Utc::now().timestamp_micros() - WEEK;
    Ok(hours(&found, Some(since), None).iter().flat_map(of_trail).collect())
}

/// The hours of a trail that are not proven. None of them closes an alert: what was lost is looked at by a person.
fn of_trail(trail: &Trail) -> Vec<Symptom> {
    let bad = trail.hours.iter().rev().filter_map(|hour| {
        let of = match hour.verdict {
            HourVerdict::Gap => Ailment::DigestGap,
            HourVerdict::Missing => Ailment::DigestMissing,
            HourVerdict::Invalid => Ailment::DigestInvalid,
            HourVerdict::Valid | HourVerdict::Pending => return None,
        };
        let at = chrono::DateTime::parse_from_rfc3339(&hour.hour).ok()?.timestamp_micros();
        let mut facts = Map::new();
        for (name, value) in [("trail", &trail.trail), ("account", &trail.account), ("region", &trail.region)] {
            facts.insert(name.to_owned(), value.as_str().into());
        }
        facts.insert("hour".to_owned(), hour.hour.as_str().into());
        facts.insert("backfill".to_owned(), trail.backfill.into());
        facts.insert("detail".to_owned(), hour.detail.clone().into());
        let subject =
            vec![named("trail", &trail.trail), named("account", &trail.account), named("region", &trail.region)];
        Some(Symptom { of, subject, state: Course::Worse(at, u64::from(trail.backfill)), facts })
    });
    let mut bad: Vec<Symptom> = bad.take(MOST).collect();
    bad.reverse();
    bad
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use ingest::verify::Hour;

    use super::*;

    #[test]
    fn what_is_known_is_told() {
        let status =
            SourceStatus { name: "trail".into(), kind: "s3-sqs".into(), dlq_depth: Some(3), ..Default::default() };
        let at = Utc.timestamp_opt(1_768_446_245, 0).unwrap();
        let health = Health { silent: Reading::Well, dead_letters: Reading::Since(at), ..Health::default() };
        let told: Vec<(Ailment, Course)> = of_source(&status, &health).into_iter().map(|s| (s.of, s.state)).collect();
        let worse = Course::Worse(at.timestamp_micros(), 3);
        assert_eq!(told, [(Ailment::SourceSilent, Course::Over), (Ailment::DeadLetters, worse)]);
        let refresh = SourceStatus { kind: OTHER.into(), ..status };
        assert_eq!(of_source(&refresh, &health), []);
    }

    #[test]
    fn hours_that_prove_nothing_are_told() {
        let hour = |at: &str, verdict| Hour { hour: at.into(), verdict, files: 1, detail: None };
        let trail = Trail {
            trail: "t".into(),
            account: "111122223333".into(),
            region: "us-east-1".into(),
            backfill: false,
            hours: vec![
                hour("2026-01-15T03:00:00Z", HourVerdict::Valid),
                hour("2026-01-15T04:00:00Z", HourVerdict::Gap),
                hour("2026-01-15T05:00:00Z", HourVerdict::Invalid),
                hour("2026-01-15T06:00:00Z", HourVerdict::Pending),
            ],
        };
        let told = of_trail(&trail);
        let ailments: Vec<Ailment> = told.iter().map(|symptom| symptom.of).collect();
        assert_eq!(ailments, [Ailment::DigestGap, Ailment::DigestInvalid]);
        assert_eq!(told[0].state, Course::Worse(1_768_449_600_000_000, 0));
        assert_eq!(told[0].facts["hour"], "2026-01-15T04:00:00Z");
    }
}
