//! Users and their passwords. Every user may do everything: there are no roles yet.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::audit::{Action, insert_audit};
use super::{State, StateError, secret};

/// Who the audit log names for what is done without HTTP.
const COMMAND_LINE: &str = "command line";

/// A user, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The name used to sign in.
    pub name: String,
    /// When the user was added, seconds since the epoch.
    pub created_at: i64,
}

/// A user as sessions and tokens refer to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRef {
    pub(crate) id: i64,
    /// The name.
    pub name: String,
}

impl State {
    /// Adds a user. The first one switches sign-in on, and revokes the tokens that were made while anybody could make them.
    pub fn add_user(&self, name: &str, password: &str) -> Result<(), StateError> {
        check_name(name)?;
        let hash = secret::hash_password(password)?;
        let now = self.seconds();
        let mut db = self.db();
        let change = db.transaction()?;
        if user_id(&change, name)?.is_some() {
            return Err(StateError::NameTaken(name.to_owned()));
        }
        if !any_user(&change)? {
            change.execute("DELETE FROM tokens WHERE user_id IS NULL", [])?;
        }
        change.execute(
            "INSERT INTO users (name, password_hash, created_at) VALUES (?, ?, ?)",
            params![name, hash, now],
        )?;
        insert_audit(&change, now, COMMAND_LINE, "", Action::UserAdd, name)?;
        change.commit()?;
        Ok(())
    }

    /// All users, by name.
    pub fn list_users(&self) -> Result<Vec<User>, StateError> {
        let db = self.db();
        let mut statement = db.prepare("SELECT name, created_at FROM users ORDER BY name")?;
        let users = statement.query_map([], |row| Ok(User { name: row.get(0)?, created_at: row.get(1)? }))?;
        Ok(users.collect::<Result<_, _>>()?)
    }

    /// Removes a user with all sessions and tokens, and the saved searches that nobody else sees; the shared ones become
    /// everybody's.
    pub fn remove_user(&self, name: &str) -> Result<(), StateError> {
        let now = self.seconds();
        let mut db = self.db();
        let change = db.transaction()?;
        let own = "user_id = (SELECT id FROM users WHERE name = ?)";
        change.execute(&format!("DELETE FROM searches WHERE NOT shared AND {own}"), [name])?;
        if change.execute("DELETE FROM users WHERE name = ?", [name])? == 0 {
            return Err(StateError::NoSuchUser(name.to_owned()));
        }
        insert_audit(&change, now, COMMAND_LINE, "", Action::UserRemove, name)?;
        change.commit()?;
        Ok(())
    }

    /// Gives a user another password and ends the user's sessions. API tokens stay.
    pub fn set_password(&self, name: &str, password: &str) -> Result<(), StateError> {
        let hash = secret::hash_password(password)?;
        let now = self.seconds();
        let mut db = self.db();
        let change = db.transaction()?;
        let Some(id) = user_id(&change, name)? else {
            return Err(StateError::NoSuchUser(name.to_owned()));
        };
        change.execute("UPDATE users SET password_hash = ? WHERE id = ?", params![hash, id])?;
        change.execute("DELETE FROM sessions WHERE user_id = ?", [id])?;
        insert_audit(&change, now, COMMAND_LINE, "", Action::PasswordSet, name)?;
        change.commit()?;
        Ok(())
    }

    /// Whether there is any user.
    pub fn has_users(&self) -> Result<bool, StateError> {
        any_user(&self.db())
    }

    /// The user, if the password is right. Takes the same time for an unknown name. The lock is not held while it hashes.
    pub(crate) fn check_password(&self, name: &str, password: &str) -> Result<Option<UserRef>, StateError> {
        let found: Option<(i64, String)> = self
            .db()
            .query_row("SELECT id, password_hash FROM users WHERE name = ?", [name], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let right = secret::verify_password(password, found.as_ref().map(|(_, hash)| hash.as_str()));
        Ok(found.filter(|_| right).map(|(id, _)| UserRef { id, name: name.to_owned() }))
    }
}

pub(super) fn user_id(db: &Connection, name: &str) -> Result<Option<i64>, StateError> {
    Ok(db.query_row("SELECT id FROM users WHERE name = ?", [name], |row| row.get(0)).optional()?)
}

pub(super) fn any_user(db: &Connection) -> Result<bool, StateError> {
    Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |row| row.get(0))?)
}

fn check_name(name: &str) -> Result<(), StateError> {
    let sound =
        !name.is_empty() && name.chars().count() <= 64 && name.trim() == name && !name.chars().any(char::is_control);
    if sound { Ok(()) } else { Err(StateError::BadName) }
}
