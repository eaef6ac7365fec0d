//! Keeping a lake small, quick and up to date: compaction, retention, vacuum, rewriting. Each runs beside readers and writers.

mod compact;
mod merge;
mod retain;
mod rewrite;
mod vacuum;

pub use compact::{CompactOptions, CompactReport};
pub use retain::RetainReport;
pub use rewrite::{RewriteReport, Transform};
pub use vacuum::{VacuumOptions, VacuumReport};

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use deltalake::kernel::{Action, Add, Remove};
use deltalake::protocol::DeltaOperation;

use crate::append::discard;
use crate::commit::{ATTEMPTS, Change, MAINTENANCE, Outcome, back_off, commit};
use crate::encode::COMPACTED;
use crate::table::{Loaded, Table};
use crate::{DataFile, LakeError};

/// The entries that take `paths` out of the table; fewer than `paths` where other writers took some out already.
fn removals(loaded: &Loaded, paths: &HashSet<Arc<str>>, data_change: bool) -> Vec<Action> {
    let files = loaded.state.log_data();
    let removed = files.iter().filter(|file| paths.contains(file.path().as_ref()));
    removed.map(|file| Action::Remove(Remove { deletion_vector: None, ..file.remove_action(data_change) })).collect()
}

fn is_compacted(file: &DataFile) -> bool {
    file.path.rsplit('/').next().is_some_and(|name| name.starts_with(COMPACTED))
}

/// How files take the place of others.
struct Swap {
    operation: DeltaOperation,
    /// Whether readers of changes are to see it.
    data_change: bool,
}

/// Puts `new` in the place of `old`; `false` where some of `old` is no longer there.
async fn swap(table: &Arc<Table>, old: &[DataFile], new: &[Add], how: &Swap) -> Result<bool, LakeError> {
    let paths: HashSet<Arc<str>> = old.iter().map(|file| file.path.clone()).collect();
    for attempt in 0..ATTEMPTS {
        let loaded = table.refresh().await?.ok_or_else(|| LakeError::NoTable(table.name.clone()))?;
        let mut actions = removals(&loaded, &paths, how.data_change);
        if actions.len() < paths.len() {
            discard(table, new).await;
            return Ok(false);
        }
        actions.extend(new.iter().cloned().map(Action::Add));
        let change =
            Change { sequence: MAINTENANCE, actions, operation: how.operation.clone(), metadata: HashMap::new() };
        match commit(table, &loaded, change).await? {
            Outcome::Committed(_) => return Ok(true),
            Outcome::Lost => back_off(attempt).await,
        }
    }
    discard(table, new).await;
    Err(LakeError::Contention { table: table.name.clone(), attempts: ATTEMPTS })
}
