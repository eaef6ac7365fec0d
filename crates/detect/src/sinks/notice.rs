//! What a sink is told: one change of one alert, with all that a person needs to see in a message. It is stored with the
//! delivery, so that a message says what was true when the change was made, however late it leaves.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::rule::{Severity, Text};

/// What happened to the alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is new.
    Opened,
    /// More events have joined it after its cool-down.
    More,
    /// Somebody has taken it.
    Acknowledged,
    /// It is done with.
    Closed,
    /// It was closed and is open again.
    Reopened,
    /// Nothing: somebody tries the sink.
    Test,
}

impl Change {
    /// As it is written in settings and messages.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::More => "more",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Test => "test",
        }
    }
}

/// A reader's language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Language {
    /// A text for the reader; English where there is no Japanese.
    #[must_use]
    pub fn of(self, text: &Text) -> &str {
        if self == Self::Ja && !text.ja.is_empty() { &text.ja } else { &text.en }
    }
}

/// One part of an alert's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPart {
    /// The field.
    pub field: String,
    /// Its value.
    pub value: String,
}

/// The alert, as the API names its parts. Times are UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeAlert {
    /// Its id.
    pub id: String,
    /// The rule that raised it.
    pub rule_id: String,
    /// The rule's title.
    pub title: Text,
    /// How bad it is.
    pub severity: Severity,
    /// `open`, `acknowledged` or `closed`.
    pub status: String,
    /// `true_positive`, `benign` or `false_positive`, once somebody has said so.
    #[serde(default)]
    pub verdict: Option<String>,
    /// Whose it is.
    #[serde(default)]
    pub owner: Option<String>,
    /// The key that its events share.
    #[serde(default)]
    pub group: Vec<GroupPart>,
    /// Time of its first event.
    pub first_seen: DateTime<Utc>,
    /// Time of its last event.
    pub last_seen: DateTime<Utc>,
    /// How many events it has.
    pub events: u64,
    /// ATT&CK tactics and techniques.
    #[serde(default)]
    pub attack: Vec<String>,
    /// Account of its newest event.
    #[serde(default)]
    pub account: Option<String>,
    /// Who made the call.
    #[serde(default)]
    pub actor: Option<String>,
    /// Region of the call.
    #[serde(default)]
    pub region: Option<String>,
    /// Address that the call came from.
    #[serde(default)]
    pub source_address: Option<String>,
    /// Country of the address.
    #[serde(default)]
    pub country: Option<String>,
}

/// One event that an alert rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeEvent {
    /// Its id.
    pub event_id: String,
    /// When it happened.
    pub event_time: DateTime<Utc>,
    /// The call.
    #[serde(default)]
    pub event_name: Option<String>,
    /// The service.
    #[serde(default)]
    pub event_source: Option<String>,
    /// Who made it.
    #[serde(default)]
    pub actor: Option<String>,
    /// From where.
    #[serde(default)]
    pub source_address: Option<String>,
    /// How it failed.
    #[serde(default)]
    pub error_code: Option<String>,
    /// In which region.
    #[serde(default)]
    pub region: Option<String>,
}

/// What is delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Stable over all attempts: a receiver that has seen it drops it.
    pub id: String,
    /// What happened.
    pub change: Change,
    /// When.
    pub at: DateTime<Utc>,
    /// The alert after the change.
    pub alert: NoticeAlert,
    /// What the rule sees and why it matters.
    #[serde(default)]
    pub description: Text,
    /// What to do first.
    #[serde(default)]
    pub advice: Text,
    /// The newest events, a few of them.
    #[serde(default)]
    pub evidence: Vec<NoticeEvent>,
}

/// A time as messages write it: RFC 3339, UTC, to the second.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Notice {
    /// The notice as a JSON document in one language: the body of a webhook, and what templates read.
    #[must_use]
    pub fn document(&self, language: Language, link: Option<&str>) -> Value {
        let alert = &self.alert;
        json!({
            "version": 1,
            "id": self.id,
            "change": self.change,
            "at": time(self.at),
            "link": link,
            "alert": {
                "id": alert.id, "rule_id": alert.rule_id, "title": language.of(&alert.title),
                "severity": alert.severity, "status": alert.status, "verdict": alert.verdict, "owner": alert.owner,
                "group": alert.group, "first_seen": time(alert.first_seen), "last_seen": time(alert.last_seen),
                "events": alert.events, "attack": alert.attack, "account": alert.account, "actor": alert.actor,
                "region": alert.region, "source_address": alert.source_address, "country": alert.country,
            },
            "description": language.of(&self.description),
            "advice": language.of(&self.advice),
            "evidence": self.evidence,
        })
    }

    /// What the test button sends; it names everything that a notice can name.
    #[must_use]
    pub fn sample(id: &str, at: DateTime<Utc>) -> Self {
        let text = |en: &str, ja: &str| Text { en: en.to_owned(), ja: ja.to_owned() };
        let some = |text: &str| Some(text.to_owned());
        let alert = NoticeAlert {
            id: "test".to_owned(),
            rule_id: "test".to_owned(),
            title: text("Test of a notification by Trailhound", "Trailhound からの通知テスト"),
            severity: Severity::Informational,
            status: "open".to_owned(),
            verdict: None,
            owner: None,
            group: vec![GroupPart { field: "actor_name".to_owned(), value: "alice".to_owned() }],
            first_seen: at,
            last_seen: at,
            events: 1,
            attack: vec!["TA0005".to_owned()],
            account: some("111122223333"),
            actor: some("alice"),
            region: some("ap-northeast-1"),
            source_address: some("203.0.113.10"),
            country: some("JP"),
        };
        let event = NoticeEvent {
            event_id: "00000000-0000-4000-8000-000000000000".to_owned(),
            event_time: at,
            event_name: some("StopLogging"),
            event_source: some("cloudtrail.amazonaws.com"),
            actor: some("alice"),
            source_address: some("203.0.113.10"),
            error_code: None,
            region: some("ap-northeast-1"),
        };
        Self {
            id: id.to_owned(),
            change: Change::Test,
            at,
            alert,
            description: text(
                "Somebody tries this sink. Nothing has happened.",
                "通知先の試験です。何も起きていません。",
            ),
            advice: text("Nothing is to be done.", "対応は不要です。"),
            evidence: vec![event],
        }
    }
}
