//! Sessions: who holds a cookie, and until when. A session ends when unused, when old, at sign-out, with a new password
//! and with its user. A sign-in always makes a new one; a value that a browser brings along is never taken over.

use std::time::Duration;

use rusqlite::{OptionalExtension, params};

use super::audit::{Action, insert_audit};
use super::users::UserRef;
use super::{State, StateError, secret};

/// How long sessions live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Without a request.
    pub idle: Duration,
    /// Whatever happens.
    pub absolute: Duration,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self { idle: Duration::from_secs(12 * 3600), absolute: Duration::from_secs(7 * 24 * 3600) }
    }
}

/// A session that was just made.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Whose.
    pub user: UserRef,
    /// The cookie's value; nothing else knows it.
    pub secret: String,
}

/// Uses are written down at most this often, in seconds: a page with twenty panels is one write.
const SEEN_EVERY: i64 = 60;

impl State {
    /// Makes a session for a user whose password was checked, ends the one that the browser held, and logs it.
    pub(crate) fn sign_in(&self, user: UserRef, address: &str, previous: Option<&str>) -> Result<SignedIn, StateError> {
        let secret = secret::secret()?;
        let now = self.seconds();
        let mut db = self.db();
        let change = db.transaction()?;
        if let Some(previous) = previous {
            change.execute("DELETE FROM sessions WHERE hash = ?", [secret::digest(previous)])?;
        }
        change.execute(
            "INSERT INTO sessions (hash, user_id, created_at, seen_at, address) VALUES (?, ?, ?, ?, ?)",
            params![secret::digest(&secret), user.id, now, now, address],
        )?;
        insert_audit(&change, now, &user.name, address, Action::SignIn, "")?;
        change.commit()?;
        Ok(SignedIn { user, secret })
    }

    /// The user of a session that is alive; notes that it was used.
    pub(crate) fn session(&self, value: &str, policy: SessionPolicy) -> Result<Option<UserRef>, StateError> {
        let hash = secret::digest(value);
        let now = self.seconds();
        let db = self.db();
        let found: Option<(i64, String, i64, i64)> = db
            .prepare_cached(
                "SELECT u.id, u.name, s.created_at, s.seen_at FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.hash = ?",
            )?
            .query_row([hash], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        let Some((id, name, created, seen)) = found else { return Ok(None) };
        if now - created >= seconds(policy.absolute) || now - seen >= seconds(policy.idle) {
            db.execute("DELETE FROM sessions WHERE hash = ?", [hash])?;
            return Ok(None);
        }
        if now - seen >= SEEN_EVERY {
            db.execute("UPDATE sessions SET seen_at = ? WHERE hash = ?", params![now, hash])?;
        }
        Ok(Some(UserRef { id, name }))
    }

    /// Ends a session.
    pub(crate) fn sign_out(&self, value: &str, actor: &str, address: &str) -> Result<(), StateError> {
        let now = self.seconds();
        let mut db = self.db();
        let change = db.transaction()?;
        if change.execute("DELETE FROM sessions WHERE hash = ?", [secret::digest(value)])? > 0 {
            insert_audit(&change, now, actor, address, Action::SignOut, "")?;
        }
        change.commit()?;
        Ok(())
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
