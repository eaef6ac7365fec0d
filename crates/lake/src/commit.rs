//! The one way in which a version of a table comes about.
//!
//! A commit is written as version N+1 only if the writer has seen version N: it carries a sequence number that was read
//! from N and counted up (an application transaction, which other writers of the format see as well), and the store's
//! put-if-absent refuses a second N+1. Whoever loses looks at the new version and decides again. Stricter than the
//! format asks for, and deliberately so: the format would let two compactions of the same files both succeed.

use std::collections::HashMap;

use deltalake::DeltaTableError;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties, TransactionError};
use deltalake::kernel::{Action, Transaction};
use deltalake::protocol::DeltaOperation;
use serde_json::Value;

use crate::LakeError;
use crate::table::{Loaded, Table};

/// How often a commit is tried before the writer gives up.
pub(crate) const ATTEMPTS: usize = 200;

/// The sequence of commits that add rows.
pub(crate) const ROWS: &str = "trailhound";
/// The sequence of commits that rearrange or drop files.
pub(crate) const MAINTENANCE: &str = "trailhound-maintenance";

/// What is to be committed.
pub(crate) struct Change {
    pub(crate) sequence: &'static str,
    pub(crate) actions: Vec<Action>,
    pub(crate) operation: DeltaOperation,
    pub(crate) metadata: HashMap<String, Value>,
}

/// How a commit went.
pub(crate) enum Outcome {
    /// It is the version with this number.
    Committed(i64),
    /// Another writer took the version; the change has to be looked at again.
    Lost,
}

/// Tries to make `change` the version after `base`.
pub(crate) async fn commit(table: &Table, base: &Loaded, change: Change) -> Result<Outcome, LakeError> {
    let landmark = landmark(&change.actions);
    let seen = base.state.transaction_version(table.log.as_ref(), change.sequence).await?;
    let transaction = Transaction::new(change.sequence, seen.unwrap_or(0) + 1);
    let properties = CommitProperties::default()
        .with_max_retries(0)
        .with_metadata(change.metadata)
        .with_application_transaction(transaction);
    let written = CommitBuilder::from(properties)
        .with_actions(change.actions)
        .build(Some(&base.state), table.log.clone(), change.operation)
        .await;
    match written {
        Ok(done) => {
            table.advance(done.snapshot()).await?;
            Ok(Outcome::Committed(i64::try_from(done.version()).unwrap_or(i64::MAX)))
        }
        Err(error) => examine(table, base, landmark, error).await,
    }
}

/// A path that tells whether a commit landed. Commits that only remove files have none: their caller finds them gone.
fn landmark(actions: &[Action]) -> Option<String> {
    actions.iter().find_map(|action| match action {
        Action::Add(add) => Some(add.path.clone()),
        _ => None,
    })
}

/// An error is no proof that nothing was written: an answer may be lost on its way, or the work after a commit (a
/// checkpoint) may fail. The log itself tells.
async fn examine(
    table: &Table,
    base: &Loaded,
    landmark: Option<String>,
    error: DeltaTableError,
) -> Result<Outcome, LakeError> {
    let Some(now) = table.refresh().await? else {
        return Err(error.into());
    };
    if landmark.is_some_and(|path| now.snapshot.files.iter().any(|file| *file.path == *path)) {
        tracing::debug!(table = table.name, %error, "commit landed in spite of an error");
        return Ok(Outcome::Committed(now.snapshot.version));
    }
    if is_conflict(&error) || now.snapshot.version > base.snapshot.version {
        return Ok(Outcome::Lost);
    }
    Err(error.into())
}

fn is_conflict(error: &DeltaTableError) -> bool {
    matches!(
        error,
        DeltaTableError::Transaction {
            source: TransactionError::MaxCommitAttempts(_)
                | TransactionError::VersionAlreadyExists(_)
                | TransactionError::CommitConflict(_)
        }
    )
}

/// Waits a little longer after every lost race, and not as long as the rival.
pub(crate) async fn back_off(attempt: usize) {
    let jitter = u64::from(uuid::Uuid::new_v4().as_bytes()[0]) % 16;
    let wait = (attempt as u64).min(20) * 4 + jitter;
    tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
}
