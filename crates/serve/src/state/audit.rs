//! The audit log: who did what, when and from where. Every sign-in, every token, every change of a user and the text of
//! every query. It holds no secrets, is kept 400 days, and can be read with any SQLite client.

use rusqlite::{Connection, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{State, StateError};

/// How long entries are kept, in seconds.
const KEPT: i64 = 400 * 86_400;
/// Longest detail stored; a longer text is cut and its hash added, so that a flood of huge queries can't fill the disk.
const DETAIL_MAX: usize = 16 * 1024;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A user signed in.
    SignIn,
    /// Somebody tried to.
    SignInFailed,
    /// A user signed out.
    SignOut,
    /// A token was made; the detail has its id and name.
    TokenCreate,
    /// A token was deleted; the detail is its id.
    TokenDelete,
    /// A query was run; the detail is a JSON object with language, text, bounds and filters.
    Query,
    /// A query was followed; the detail as for a query.
    Tail,
    /// A query was explained; the detail as for a query.
    Explain,
    /// A saved search was made, changed or deleted; the detail is a JSON object with its id and name.
    SearchChange,
    /// One event was opened; the detail is its id.
    Event,
    /// Alerts were changed; the detail is a JSON object with their ids and the change.
    AlertChange,
    /// A note was written; the detail is the alert's id and the text.
    AlertNote,
    /// A rule, its switch, its severity or its exceptions were changed; the detail is a JSON object.
    RuleChange,
    /// A dashboard was made, changed or deleted; the detail is a JSON object with its id.
    DashboardChange,
    /// A rule was run over what is stored; the detail is a JSON object.
    Replay,
    /// A test was sent to a sink; the detail is its name.
    SinkTest,
    /// Messages of a sink that were given up are tried again; the detail is its name.
    SinkRetry,
    /// A user was added.
    UserAdd,
    /// A user was removed.
    UserRemove,
    /// A password was set.
    PasswordSet,
    /// Pieces of the quarantine were decoded again; the detail is a JSON object that says which.
    QuarantineReplay,
}

impl Action {
    /// The name stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignInFailed => "sign-in-failed",
            Self::SignOut => "sign-out",
            Self::TokenCreate => "token-create",
            Self::TokenDelete => "token-delete",
            Self::Query => "query",
            Self::Tail => "tail",
            Self::Explain => "explain",
            Self::SearchChange => "search-change",
            Self::Event => "event",
            Self::AlertChange => "alert-change",
            Self::AlertNote => "alert-note",
            Self::RuleChange => "rule-change",
            Self::DashboardChange => "dashboard-change",
            Self::Replay => "replay",
            Self::SinkTest => "sink-test",
            Self::SinkRetry => "sink-retry",
            Self::UserAdd => "user-add",
            Self::UserRemove => "user-remove",
            Self::PasswordSet => "password-set",
            Self::QuarantineReplay => "quarantine-replay",
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Seconds since the epoch.
    pub at: i64,
    /// User name, `token NAME`, `local` (a server without users) or `command line`.
    pub actor: String,
    /// The client's address; empty for the command line.
    pub address: String,
    /// [`Action::as_str`].
    pub action: String,
    /// What it was about.
    pub detail: String,
}

impl State {
    /// Adds an entry.
    pub(crate) fn audit(&self, actor: &str, address: &str, action: Action, detail: &str) -> Result<(), StateError> {
        let now = self.seconds();
        insert_audit(&self.db(), now, actor, address, action, detail)
    }

    /// The newest entries first, at most `limit`.
    pub fn audit_log(&self, limit: u32) -> Result<Vec<AuditEntry>, StateError> {
        let db = self.db();
        let mut statement =
            db.prepare("SELECT at, actor, address, action, detail FROM audit ORDER BY id DESC LIMIT ?")?;
        let rows = statement.query_map([limit], |row| {
            Ok(AuditEntry {
                at: row.get(0)?,
                actor: row.get(1)?,
                address: row.get(2)?,
                action: row.get(3)?,
                detail: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Drops what is past keeping: entries, and sessions and tokens that expired that long ago.
    pub(crate) fn forget_old(&self) -> Result<(), StateError> {
        let before = self.seconds() - KEPT;
        let db = self.db();
        db.execute("DELETE FROM audit WHERE at < ?", [before])?;
        db.execute("DELETE FROM sessions WHERE seen_at < ?", [before])?;
        db.execute("DELETE FROM tokens WHERE expires_at < ?", [before])?;
        Ok(())
    }
}

pub(super) fn insert_audit(
    db: &Connection,
    at: i64,
    actor: &str,
    address: &str,
    action: Action,
    detail: &str,
) -> Result<(), StateError> {
    db.prepare_cached("INSERT INTO audit (at, actor, address, action, detail) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![at, actor, address, action.as_str(), bounded(detail)])?;
    Ok(())
}

fn bounded(detail: &str) -> String {
    if detail.len() <= DETAIL_MAX {
        return detail.to_owned();
    }
    let hash: String = Sha256::digest(detail.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let kept = &detail[..detail.floor_char_boundary(DETAIL_MAX)];
    format!("{kept} … [{} bytes, sha256 {hash}]", detail.len())
}
