//! Saved searches: a query under a name, with its range and filters. Each belongs to who saved it, and is seen by others
//! where it is shared. What nobody owns (saved while there were no users, or shared by one who is gone) is everybody's.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::audit::{Action, insert_audit};
use super::users::UserRef;
use super::{State, StateError, secret};

/// Searches that one owner may keep.
const MOST: i64 = 1_000;
/// Most characters of a name.
const NAME_MAX: usize = 100;

/// What a search is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText {
    /// What it is called; one owner has no two of a name.
    pub name: String,
    /// The language's id, or `auto`.
    pub lang: String,
    /// The query.
    pub query: String,
    /// Lower bound as it was written, relative or ISO 8601.
    pub since: Option<String>,
    /// Upper bound as it was written.
    pub until: Option<String>,
    /// The filters beside the query, JSON.
    pub filters: String,
    /// Whether others see it.
    pub shared: bool,
}

/// A saved search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    /// Its identifier.
    pub id: String,
    /// The owner's name; none: everybody's.
    pub owner: Option<String>,
    /// What it is.
    pub text: SearchText,
    /// Seconds since the epoch.
    pub created_at: i64,
    /// Seconds since the epoch.
    pub updated_at: i64,
}

/// Who asks, and what the audit log shall say.
pub(crate) struct Asker<'a> {
    pub user: Option<&'a UserRef>,
    pub actor: &'a str,
    pub address: &'a str,
}

impl Asker<'_> {
    fn id(&self) -> Option<i64> {
        self.user.map(|user| user.id)
    }
}

const COLUMNS: &str = "s.id, u.name, s.name, s.lang, s.query, s.since, s.until, s.filters, s.shared, s.created_at, s.updated_at \
     FROM searches s LEFT JOIN users u ON u.id = s.user_id";

impl State {
    /// All saved searches, by name; for the command line, which may read the file anyway.
    pub fn all_searches(&self) -> Result<Vec<SavedSearch>, StateError> {
        let db = self.db();
        let mut statement = db.prepare(&format!("SELECT {COLUMNS} ORDER BY s.name, u.name, s.id"))?;
        let rows = statement.query_map([], saved)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The searches that a user sees, by name: the user's own, the shared ones, and everybody's.
    pub(crate) fn searches_of(&self, user: Option<&UserRef>) -> Result<Vec<SavedSearch>, StateError> {
        let db = self.db();
        let seen = "s.shared OR s.user_id IS NULL OR s.user_id IS ?";
        let mut statement =
            db.prepare_cached(&format!("SELECT {COLUMNS} WHERE {seen} ORDER BY s.name, u.name, s.id"))?;
        let rows = statement.query_map([user.map(|user| user.id)], saved)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn add_search(&self, asker: &Asker<'_>, text: &SearchText) -> Result<SavedSearch, StateError> {
        check_name(&text.name)?;
        let now = self.seconds();
        let id: String = secret::random::<8>()?.iter().map(|b| format!("{b:02x}")).collect();
        let mut db = self.db();
        let change = db.transaction()?;
        let kept: i64 =
            change.query_row("SELECT count(*) FROM searches WHERE user_id IS ?", [asker.id()], |row| row.get(0))?;
        if kept >= MOST {
            return Err(StateError::TooManySearches(MOST));
        }
        free(&change, asker.id(), &text.name, &id)?;
        change.execute(
            "INSERT INTO searches (id, user_id, name, lang, query, since, until, filters, shared, created_at, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
            params![
                id, asker.id(), text.name, text.lang, text.query, text.since, text.until, text.filters, text.shared, now
            ],
        )?;
        note(&change, asker, now, "add", &id, &text.name)?;
        let made = one(&change, &id)?.ok_or(StateError::NoSuchSearch)?;
        change.commit()?;
        Ok(made)
    }

    /// Replaces what a search is; only its owner may.
    pub(crate) fn set_search(&self, asker: &Asker<'_>, id: &str, text: &SearchText) -> Result<SavedSearch, StateError> {
        check_name(&text.name)?;
        let now = self.seconds();
        let mut db = self.db();
        let change = db.transaction()?;
        let owner = may_change(&change, asker, id)?;
        free(&change, owner, &text.name, id)?;
        change.execute(
            "UPDATE searches SET name = ?2, lang = ?3, query = ?4, since = ?5, until = ?6, filters = ?7, shared = ?8, \
             updated_at = ?9 WHERE id = ?1",
            params![id, text.name, text.lang, text.query, text.since, text.until, text.filters, text.shared, now],
        )?;
        note(&change, asker, now, "change", id, &text.name)?;
        let made = one(&change, id)?.ok_or(StateError::NoSuchSearch)?;
        change.commit()?;
        Ok(made)
    }

    /// Deletes a search; only its owner may.
    pub(crate) fn delete_search(&self, asker: &Asker<'_>, id: &str) -> Result<(), StateError> {
        let now = self.seconds();
        let mut db = self.db();
        let change = db.transaction()?;
        may_change(&change, asker, id)?;
        let name = one(&change, id)?.map(|search| search.text.name).unwrap_or_default();
        change.execute("DELETE FROM searches WHERE id = ?", [id])?;
        note(&change, asker, now, "delete", id, &name)?;
        change.commit()?;
        Ok(())
    }
}

/// The owner of a search that the asker may change. One that the asker does not even see is not there.
fn may_change(db: &Connection, asker: &Asker<'_>, id: &str) -> Result<Option<i64>, StateError> {
    let found: Option<(Option<i64>, bool)> = db
        .query_row("SELECT user_id, shared FROM searches WHERE id = ?", [id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((owner, _)) if owner.is_none() || owner == asker.id() => Ok(owner),
        Some((_, true)) => Err(StateError::NotYourSearch),
        _ => Err(StateError::NoSuchSearch),
    }
}

/// Fails where the owner has another search of that name.
fn free(db: &Connection, owner: Option<i64>, name: &str, id: &str) -> Result<(), StateError> {
    let taken: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM searches WHERE user_id IS ? AND name = ? AND id <> ?)",
        params![owner, name, id],
        |row| row.get(0),
    )?;
    if taken { Err(StateError::SearchNameTaken(name.to_owned())) } else { Ok(()) }
}

fn one(db: &Connection, id: &str) -> Result<Option<SavedSearch>, StateError> {
    Ok(db.query_row(&format!("SELECT {COLUMNS} WHERE s.id = ?"), [id], saved).optional()?)
}

fn note(db: &Connection, asker: &Asker<'_>, at: i64, what: &str, id: &str, name: &str) -> Result<(), StateError> {
    let detail = serde_json::json!({"id": id, "change": what, "name": name}).to_string();
    insert_audit(db, at, asker.actor, asker.address, Action::SearchChange, &detail)
}

fn saved(row: &Row<'_>) -> rusqlite::Result<SavedSearch> {
    Ok(SavedSearch {
        id: row.get(0)?,
        owner: row.get(1)?,
        text: SearchText {
            name: row.get(2)?,
            lang: row.get(3)?,
            query: row.get(4)?,
            since: row.get(5)?,
            until: row.get(6)?,
            filters: row.get(7)?,
            shared: row.get(8)?,
        },
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
    })
}

fn check_name(name: &str) -> Result<(), StateError> {
    let sound = !name.is_empty()
        && name.trim() == name
        && name.chars().count() <= NAME_MAX
        && !name.chars().any(char::is_control);
    if sound { Ok(()) } else { Err(StateError::BadSearchName) }
}
