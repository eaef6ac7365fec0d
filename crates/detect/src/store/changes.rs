//! What people do with alerts: take them, close them with a verdict, hand them on, write about them. Every change is in the
//! alert's history, with who made it.

use rusqlite::{OptionalExtension, Transaction, params};

use super::alerts::{Alert, AlertStatus, COLUMNS, Verdict, alert};
use super::outbox::{Occasion, tell};
use super::{Store, StoreError};

/// Longest note, characters.
const LONGEST: usize = 10_000;
/// Longest owner, characters.
const LONGEST_NAME: usize = 200;
/// Most notes of an alert.
const MOST_NOTES: i64 = 10_000;

/// A change of an alert. What is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The new status. Opening anew takes the verdict back.
    pub status: Option<AlertStatus>,
    /// The verdict.
    pub verdict: Option<Verdict>,
    /// The owner; an empty text for nobody.
    pub owner: Option<String>,
}

impl Store {
    /// Changes alerts: all of them, or none where one is not there or can't be opened again. Says how many are different now.
    ///
    /// # Errors
    /// [`StoreError::NoAlert`], [`StoreError::Rival`], [`StoreError::Invalid`], and the database's.
    pub fn change_alerts(&self, ids: &[i64], by: &str, wanted: &Change) -> Result<u64, StoreError> {
        if wanted.owner.as_deref().is_some_and(|owner| owner.chars().count() > LONGEST_NAME) {
            return Err(StoreError::Invalid(format!("an owner has at most {LONGEST_NAME} characters")));
        }
        let now = self.now();
        let addressing = self.addressing();
        self.change(|change| {
            let mut changed = 0;
            for id in ids {
                let Some(occasion) = change_one(change, *id, by, wanted, now)? else { continue };
                changed += 1;
                if let Some((occasion, addressing)) = occasion.zip(addressing.as_deref()) {
                    tell(change, *id, occasion, addressing, now)?;
                }
            }
            Ok(changed)
        })
    }

    /// Adds a note.
    ///
    /// # Errors
    /// [`StoreError::NoAlert`], [`StoreError::Invalid`] for an empty or overlong text, and the database's.
    pub fn add_note(&self, id: i64, by: &str, text: &str) -> Result<(), StoreError> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LONGEST {
            return Err(StoreError::Invalid(format!("a note has 1 to {LONGEST} characters")));
        }
        let now = self.now();
        self.change(|change| {
            get(change, id)?;
            let notes: i64 =
                change.query_row("SELECT count(*) FROM detect_notes WHERE alert = ?", [id], |row| row.get(0))?;
            if notes >= MOST_NOTES {
                return Err(StoreError::Invalid(format!("an alert has at most {MOST_NOTES} notes")));
            }
            change.execute(
                "INSERT INTO detect_notes (alert, at, by, text) VALUES (?, ?, ?, ?)",
                params![id, now, by, text],
            )?;
            change.execute("UPDATE detect_alerts SET updated_at = ? WHERE id = ?", params![now, id])?;
            Ok(())
        })
    }
}

fn get(change: &Transaction<'_>, id: i64) -> Result<Alert, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM detect_alerts WHERE id = ?");
    let found = change.prepare_cached(&sql)?.query_row([id], alert).optional()?;
    found.ok_or_else(|| StoreError::NoAlert(id.to_string()))
}

/// Makes the change; says what others may want to hear of it. None where nothing is different.
pub(super) fn change_one(
    change: &Transaction<'_>,
    id: i64,
    by: &str,
    wanted: &Change,
    now: i64,
) -> Result<Option<Option<Occasion>>, StoreError> {
    let before = get(change, id)?;
    let status = wanted.status.unwrap_or(before.status);
    let opened = status == AlertStatus::Open && before.status != AlertStatus::Open;
    let verdict = wanted.verdict.or(before.verdict.filter(|_| !opened));
    let owner = match wanted.owner.as_deref().map(str::trim) {
        Some("") => None,
        Some(owner) => Some(owner.to_owned()),
        None => before.owner.clone(),
    };
    let mut said = Vec::new();
    let mut say = |what: &str, from: Option<&str>, to: Option<&str>| {
        if from != to {
            said.push(format!("{what}: {} -> {}", from.unwrap_or("none"), to.unwrap_or("none")));
        }
    };
    say("status", Some(before.status.as_str()), Some(status.as_str()));
    say("verdict", before.verdict.map(Verdict::as_str), verdict.map(Verdict::as_str));
    say("owner", before.owner.as_deref(), owner.as_deref());
    if said.is_empty() {
        return Ok(None);
    }
    if before.status == AlertStatus::Closed && status != AlertStatus::Closed {
        no_rival(change, id)?;
    }
    change.execute(
        "UPDATE detect_alerts SET status = ?, verdict = ?, owner = ?, updated_at = ? WHERE id = ?",
        params![status.number(), verdict.map(Verdict::as_str), owner, now, id],
    )?;
    for what in said {
        history(change, id, now, by, &what)?;
    }
    let occasion = match status {
        _ if status == before.status => None,
        AlertStatus::Open => Some(Occasion::Reopened),
        AlertStatus::Acknowledged => Some(Occasion::Acknowledged),
        AlertStatus::Closed => Some(Occasion::Closed),
    };
    Ok(Some(occasion))
}

/// Of one rule and key at most one alert takes findings in.
fn no_rival(change: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    let rival = change.query_row(
        "SELECT other.id FROM detect_alerts me JOIN detect_alerts other USING (rule, key) \
         WHERE me.id = ? AND other.status < 2 AND other.id <> me.id",
        [id],
        |row| row.get(0),
    );
    match rival.optional()? {
        Some(other) => Err(StoreError::Rival { id, other }),
        None => Ok(()),
    }
}

/// Writes down what was done with an alert.
pub(super) fn history(change: &Transaction<'_>, id: i64, at: i64, by: &str, what: &str) -> Result<(), StoreError> {
    change
        .prepare_cached("INSERT INTO detect_history (alert, at, by, change) VALUES (?, ?, ?, ?)")?
        .execute(params![id, at, by, what])?;
    Ok(())
}
