//! API tokens: `th_` and 32 random bytes as base64url. The token is shown once, when it is made; its SHA-256 is stored.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::audit::{Action, insert_audit};
use super::users::{UserRef, user_id};
use super::{State, StateError, secret};

/// What every token begins with, so that secret scanners can know one.
const PREFIX: &str = "th_";
const DAY: i64 = 86_400;
/// Uses are written down at most this often, in seconds.
const USED_EVERY: i64 = 60;

/// A token as it is listed: everything but the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenInfo {
    /// Its identifier, for deletion.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The owner's name; none for tokens of a server without users.
    pub user: Option<String>,
    /// Seconds since the epoch.
    pub created_at: i64,
    /// Seconds since the epoch; none: does not expire.
    pub expires_at: Option<i64>,
    /// Last use, to the minute; seconds since the epoch.
    pub last_used_at: Option<i64>,
}

/// A token that was just made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What is listed of it from now on.
    pub info: TokenInfo,
    /// The token itself, for the only time.
    pub token: String,
}

/// Who asks for a token, and what the audit log shall say.
pub(crate) struct Maker<'a> {
    pub user: Option<&'a UserRef>,
    pub actor: &'a str,
    pub address: &'a str,
    /// A token made with a token does not outlive it, seconds since the epoch.
    pub not_after: Option<i64>,
}

/// A token that was presented and is good.
#[derive(Debug, Clone)]
pub(crate) struct TokenUse {
    pub name: String,
    pub user: Option<UserRef>,
    pub expires_at: Option<i64>,
}

impl State {
    /// Makes a token for a user from the command line; `user` may be absent only while there are no users.
    pub fn create_token(
        &self,
        user: Option<&str>,
        name: &str,
        expires_in_days: Option<u32>,
    ) -> Result<NewToken, StateError> {
        let owner = match user {
            Some(user) => {
                let id = user_id(&self.db(), user)?.ok_or_else(|| StateError::NoSuchUser(user.to_owned()))?;
                Some(UserRef { id, name: user.to_owned() })
            }
            None if self.has_users()? => return Err(StateError::NoSuchUser(String::new())),
            None => None,
        };
        self.make_token(
            &Maker { user: owner.as_ref(), actor: "command line", address: "", not_after: None },
            name,
            expires_in_days,
        )
    }

    pub(crate) fn make_token(&self, maker: &Maker<'_>, name: &str, days: Option<u32>) -> Result<NewToken, StateError> {
        check_name(name)?;
        let now = self.seconds();
        let expires_at = earliest(expiry(now, days)?, maker.not_after);
        let token = format!("{PREFIX}{}", secret::secret()?);
        let id = hex(&secret::random::<8>()?);
        let mut db = self.db();
        let change = db.transaction()?;
        change.execute(
            "INSERT INTO tokens (id, user_id, name, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
            params![id, maker.user.map(|u| u.id), name, secret::digest(&token), now, expires_at],
        )?;
        insert_audit(&change, now, maker.actor, maker.address, Action::TokenCreate, &format!("{id} {name}"))?;
        change.commit()?;
        let user = maker.user.map(|u| u.name.clone());
        let info = TokenInfo { id, name: name.to_owned(), user, created_at: now, expires_at, last_used_at: None };
        Ok(NewToken { info, token })
    }

    /// The tokens of one owner, newest first.
    pub(crate) fn tokens_of(&self, user: Option<&UserRef>) -> Result<Vec<TokenInfo>, StateError> {
        let db = self.db();
        let mut statement = db.prepare(
            "SELECT t.id, t.name, u.name, t.created_at, t.expires_at, t.used_at FROM tokens t LEFT JOIN users u ON u.id = t.user_id \
             WHERE t.user_id IS ? ORDER BY t.created_at DESC, t.id",
        )?;
        let rows = statement.query_map([owner(user)], info)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Deletes a token of that owner; false where the owner has no such token.
    pub(crate) fn delete_token(
        &self,
        user: Option<&UserRef>,
        id: &str,
        actor: &str,
        address: &str,
    ) -> Result<bool, StateError> {
        let now = self.seconds();
        let mut db = self.db();
        let change = db.transaction()?;
        let gone = change.execute("DELETE FROM tokens WHERE id = ? AND user_id IS ?", params![id, owner(user)])? > 0;
        if gone {
            insert_audit(&change, now, actor, address, Action::TokenDelete, id)?;
        }
        change.commit()?;
        Ok(gone)
    }

    /// The token, if it is known and has not expired; notes its use.
    pub(crate) fn token(&self, token: &str) -> Result<Option<TokenUse>, StateError> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let now = self.seconds();
        let hash = secret::digest(token);
        let db = self.db();
        let found = db
            .prepare_cached(
                "SELECT t.name, t.expires_at, t.used_at, u.id, u.name FROM tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.hash = ?",
            )?
            .query_row([hash], |row| Ok((usage(row)?, row.get::<_, Option<i64>>(2)?)))
            .optional()?;
        let Some((token, used)) = found.filter(|(t, _)| t.expires_at.is_none_or(|at| now < at)) else {
            return Ok(None);
        };
        if used.is_none_or(|used| now - used >= USED_EVERY) {
            db.execute("UPDATE tokens SET used_at = ? WHERE hash = ?", params![now, hash])?;
        }
        Ok(Some(token))
    }
}

fn usage(row: &Row<'_>) -> rusqlite::Result<TokenUse> {
    let user = match (row.get::<_, Option<i64>>(3)?, row.get::<_, Option<String>>(4)?) {
        (Some(id), Some(name)) => Some(UserRef { id, name }),
        _ => None,
    };
    Ok(TokenUse { name: row.get(0)?, user, expires_at: row.get(1)? })
}

fn info(row: &Row<'_>) -> rusqlite::Result<TokenInfo> {
    Ok(TokenInfo {
        id: row.get(0)?,
        name: row.get(1)?,
        user: row.get(2)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
        last_used_at: row.get(5)?,
    })
}

/// `IS` compares null with null, which `=` does not.
fn owner(user: Option<&UserRef>) -> Value {
    user.map_or(Value::Null, |u| Value::Integer(u.id))
}

fn expiry(now: i64, days: Option<u32>) -> Result<Option<i64>, StateError> {
    match days {
        None => Ok(None),
        Some(days @ 1..=3650) => Ok(Some(now + i64::from(days) * DAY)),
        Some(_) => Err(StateError::BadExpiry),
    }
}

fn earliest(left: Option<i64>, right: Option<i64>) -> Option<i64> {
    [left, right].into_iter().flatten().min()
}

fn check_name(name: &str) -> Result<(), StateError> {
    let sound = !name.trim().is_empty() && name.chars().count() <= 100 && !name.chars().any(char::is_control);
    if sound { Ok(()) } else { Err(StateError::BadTokenName) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
