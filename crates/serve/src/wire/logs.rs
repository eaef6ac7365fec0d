//! How logs come in: sources, quarantine, integrity.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use ingest::replay::{Listing, ReplayReport};
use ingest::sources::{SourceStatus as Counted, State};
use ingest::verify::{HourVerdict, Trail};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How a source fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceState {
    /// Logs come in.
    Ok,
    /// They come in later than they should.
    Behind,
    /// Nothing has come for longer than it should.
    Silent,
    /// Its last attempts failed.
    Failing,
    /// It does not run.
    Off,
}

/// A source. Counts are since the server started.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceEntry {
    /// Its name in the settings.
    pub name: String,
    /// Its type in the settings.
    #[serde(rename = "type")]
    pub kind: String,
    /// How it fares.
    pub state: SourceState,
    /// Seconds from delivery to commit of what was taken in last.
    pub lag_seconds: Option<u64>,
    /// The newest event's own time, but for those from the future.
    pub last_event: Option<String>,
    /// When an object or a request was taken in last.
    pub last_object: Option<String>,
    /// Which it was.
    pub last_origin: Option<String>,
    /// Objects or requests taken in.
    pub objects: u64,
    /// Records found in them.
    pub records: u64,
    /// Rows added by them.
    pub rows_added: u64,
    /// Bytes as delivered.
    pub bytes: u64,
    /// Records that the lake held already.
    pub duplicates: u64,
    /// Rows added whose time is more than a day ahead of the clock: `time_status` is `future`.
    pub future: u64,
    /// Rows added whose time is too far behind the clock: `time_status` is `old`.
    pub old: u64,
    /// Records that rules left out.
    pub excluded: u64,
    /// Objects, requests and pieces that were not taken.
    pub rejected: u64,
    /// The same by reason.
    pub rejected_by: BTreeMap<String, u64>,
    /// What was acknowledged without being taken, by reason.
    pub passed_over: BTreeMap<String, u64>,
    /// Calls and commits that failed.
    pub errors: u64,
    /// What the last of them said.
    pub last_error: Option<String>,
    /// Messages in the dead-letter queue, where there is one.
    pub dlq_depth: Option<u64>,
    /// Messages that wait in the queue, where there is one.
    pub waiting: Option<u64>,
    /// Objects or requests that came and are not committed yet.
    pub in_flight: u64,
}

/// The sources.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceList {
    /// In the order of the settings.
    pub sources: Vec<SourceEntry>,
}

fn iso(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn at(micros: i64) -> String {
    iso(DateTime::from_timestamp_micros(micros).unwrap_or_default())
}

impl From<Counted> for SourceEntry {
    fn from(counted: Counted) -> Self {
        let state = match counted.state {
            State::Ok => SourceState::Ok,
            State::Behind => SourceState::Behind,
            State::Silent => SourceState::Silent,
            State::Failing => SourceState::Failing,
            State::Off => SourceState::Off,
        };
        Self {
            name: counted.name,
            kind: counted.kind,
            state,
            lag_seconds: counted.lag_seconds,
            last_event: counted.last_event.map(iso),
            last_object: counted.last_object.map(iso),
            last_origin: counted.last_origin,
            objects: counted.objects,
            records: counted.records,
            rows_added: counted.rows_added,
            bytes: counted.bytes,
            duplicates: counted.duplicates,
            future: counted.future,
            old: counted.old,
            excluded: counted.excluded,
            rejected: counted.rejected,
            rejected_by: counted.rejected_by,
            passed_over: counted.passed_over,
            errors: counted.errors,
            last_error: counted.last_error,
            dlq_depth: counted.dlq_depth,
            waiting: counted.waiting,
            in_flight: counted.in_flight,
        }
    }
}

/// Which pieces of the quarantine are meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct QuarantineQuery {
    /// Of this reason.
    pub reason: Option<String>,
    /// Of objects with this in their paths.
    pub origin: Option<String>,
    /// That came in at this time or later, ISO 8601.
    pub since: Option<String>,
    /// Those that were decoded after all, too.
    pub done: bool,
    /// Most pieces, 1000 at the most; 100 by default.
    pub limit: Option<usize>,
}

/// A piece in quarantine.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantinePiece {
    /// What it is called.
    pub id: String,
    /// The object or request that it is of.
    pub origin: String,
    /// When it came in.
    pub at: String,
    /// Its place among the records of the object, from 0.
    pub position: u64,
    /// Why it is here, as a stable code.
    pub reason: String,
    /// Why, in words.
    pub message: String,
    /// Its size.
    pub bytes: u64,
    /// Its beginning, as text.
    pub excerpt: String,
    /// It was decoded after all.
    pub done: bool,
}

/// What is in quarantine.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineList {
    /// The newest.
    pub pieces: Vec<QuarantinePiece>,
    /// How many there are.
    pub total: u64,
    /// How many there are of each reason, whichever reason was asked for.
    pub by_reason: BTreeMap<String, u64>,
}

impl From<Listing> for QuarantineList {
    fn from(listing: Listing) -> Self {
        let pieces = listing.pieces.into_iter().map(|held| QuarantinePiece {
            id: held.id,
            at: at(held.piece.ingest_time),
            position: held.piece.position,
            excerpt: String::from_utf8_lossy(&held.piece.bytes).into_owned(),
            origin: held.piece.origin,
            reason: held.piece.reason,
            message: held.piece.message,
            bytes: held.piece.size,
            done: held.done,
        });
        Self { pieces: pieces.collect(), total: listing.total, by_reason: listing.by_reason }
    }
}

/// Which pieces are to be decoded again: those that meet all that is given; without anything, all.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QuarantineReplay {
    /// These.
    pub ids: Option<Vec<String>>,
    /// Of this reason.
    pub reason: Option<String>,
    /// Of objects with this in their paths.
    pub origin: Option<String>,
    /// That came in at this time or later, ISO 8601.
    pub since: Option<String>,
}

/// What still can't be decoded.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineProblem {
    /// The object or request.
    pub origin: String,
    /// Why, as a stable code.
    pub reason: String,
    /// Why, in words.
    pub message: String,
}

/// What a replay came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineReplayed {
    /// Pieces that were looked at.
    pub pieces: u64,
    /// Those that were decoded, and are done.
    pub done: u64,
    /// Records found in them.
    pub records: u64,
    /// Rows added.
    pub rows_added: u64,
    /// Records that the lake held already.
    pub duplicates: u64,
    /// Records that rules left out.
    pub excluded: u64,
    /// What still can't be decoded.
    pub problems: Vec<QuarantineProblem>,
}

impl From<ReplayReport> for QuarantineReplayed {
    fn from(report: ReplayReport) -> Self {
        let problems = report.problems.into_iter().map(|problem| QuarantineProblem {
            origin: problem.origin,
            reason: problem.reason,
            message: problem.message,
        });
        Self {
            pieces: report.pieces,
            done: report.done,
            records: report.records,
            rows_added: report.rows_added,
            duplicates: report.duplicates,
            excluded: report.excluded,
            problems: problems.collect(),
        }
    }
}

/// A time, from and until.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct Between {
    /// From this time on, ISO 8601.
    pub since: Option<String>,
    /// Before this time, ISO 8601.
    pub until: Option<String>,
}

/// How an hour of a trail fared.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Integrity {
    /// Every digest and every log file is as delivered.
    Valid,
    /// Something may still come.
    Pending,
    /// The chain begins anew.
    Gap,
    /// A digest or a log file is not there.
    Missing,
    /// Something was changed, or can't be proven.
    Invalid,
}

/// An hour of a trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrityHour {
    /// Its beginning.
    pub hour: String,
    /// How it fared.
    pub verdict: Integrity,
    /// Log files that the digests of the hour name.
    pub files: u64,
    /// What is wrong.
    pub detail: Option<String>,
}

/// The hours of a trail in a region.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrityTrail {
    /// The trail's name.
    pub trail: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Its digests were made afterwards.
    pub backfill: bool,
    /// Its hours, oldest first.
    pub hours: Vec<IntegrityHour>,
}

/// What is proven.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrityAnswer {
    /// A trail for each account and region.
    pub trails: Vec<IntegrityTrail>,
}

impl From<Vec<Trail>> for IntegrityAnswer {
    fn from(trails: Vec<Trail>) -> Self {
        let hour = |hour: ingest::verify::Hour| IntegrityHour {
            hour: hour.hour,
            verdict: match hour.verdict {
                HourVerdict::Valid => Integrity::Valid,
                HourVerdict::Pending => Integrity::Pending,
                HourVerdict::Gap => Integrity::Gap,
                HourVerdict::Missing => Integrity::Missing,
                HourVerdict::Invalid => Integrity::Invalid,
            },
            files: hour.files,
            detail: hour.detail,
        };
        let trails = trails.into_iter().map(|trail| IntegrityTrail {
            trail: trail.trail,
            account: trail.account,
            region: trail.region,
            backfill: trail.backfill,
            hours: trail.hours.into_iter().map(hour).collect(),
        });
        Self { trails: trails.collect() }
    }
}
