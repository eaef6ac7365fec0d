//! An alert as it is stored.

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::finding::GroupValue;
use crate::rule::{Severity, Text};

/// Where an alert is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertStatus {
    /// Nobody has taken it.
    Open,
    /// Somebody looks at it.
    Acknowledged,
    /// Done: the next finding of its key opens another.
    Closed,
}

impl AlertStatus {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Closed];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
        }
    }

    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Acknowledged => 1,
            Self::Closed => 2,
        }
    }

    fn of(number: i64) -> Self {
        match number {
            0 => Self::Open,
            1 => Self::Acknowledged,
            _ => Self::Closed,
        }
    }
}

/// What an alert turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was what the rule looks for.
    TruePositive,
    /// It was, and was allowed.
    Benign,
    /// It was something else.
    FalsePositive,
}

impl Verdict {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TruePositive => "true_positive",
            Self::Benign => "benign",
            Self::FalsePositive => "false_positive",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::TruePositive, Self::Benign, Self::FalsePositive].into_iter().find(|verdict| verdict.as_str() == text)
    }
}

/// All findings of one rule with one key, from the first until somebody closes it. Times are microseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// Its number.
    pub id: i64,
    /// The rule.
    pub rule_id: String,
    /// The rule's title when it was opened.
    pub title: Text,
    /// The rule's severity when it was opened.
    pub severity: Severity,
    /// Where it is in its life.
    pub status: AlertStatus,
    /// What it turned out to be.
    pub verdict: Option<Verdict>,
    /// Whose it is.
    pub owner: Option<String>,
    /// Its key.
    pub group: Vec<GroupValue>,
    /// Time of the earliest event.
    pub first_seen: i64,
    /// Time of the latest event.
    pub last_seen: i64,
    /// When it was opened.
    pub created_at: i64,
    /// When something last changed.
    pub updated_at: i64,
    /// Events that raised it.
    pub events: u64,
    /// ATT&CK tactics and techniques.
    pub attack: Vec<String>,
    /// The account of the latest event.
    pub account: Option<String>,
    /// Who made the latest event.
    pub actor: Option<String>,
    /// The region of the latest event.
    pub region: Option<String>,
    /// Where the latest event came from.
    pub source_address: Option<String>,
    /// The country of that address.
    pub country: Option<String>,
}

/// The columns that [`alert`] reads, in order.
pub(super) const COLUMNS: &str = "id, rule, title_en, title_ja, severity, status, verdict, owner, grouped, first_seen, last_seen, \
     created_at, updated_at, events, attack, account, actor, region, source_address, country";

/// An alert out of a row of [`COLUMNS`].
pub(super) fn alert(row: &Row<'_>) -> rusqlite::Result<Alert> {
    Ok(Alert {
        id: row.get(0)?,
        rule_id: row.get(1)?,
        title: Text { en: row.get(2)?, ja: row.get(3)? },
        severity: severity(row.get(4)?),
        status: AlertStatus::of(row.get(5)?),
        verdict: row.get::<_, Option<String>>(6)?.and_then(|text| Verdict::of(&text)),
        owner: row.get(7)?,
        group: json(&row.get::<_, String>(8)?),
        first_seen: row.get(9)?,
        last_seen: row.get(10)?,
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
        events: row.get::<_, i64>(13)?.unsigned_abs(),
        attack: json(&row.get::<_, String>(14)?),
        account: row.get(15)?,
        actor: row.get(16)?,
        region: row.get(17)?,
        source_address: row.get(18)?,
        country: row.get(19)?,
    })
}

/// What this program wrote as JSON; nothing where another hand changed it.
fn json<T: Default + serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

pub(super) fn severity(number: i64) -> Severity {
    let at = usize::try_from(number).unwrap_or(0).min(Severity::ALL.len() - 1);
    Severity::ALL[at]
}

pub(super) fn number(severity: Severity) -> i64 {
    Severity::ALL.iter().position(|other| *other == severity).map_or(0, |at| at as i64)
}
