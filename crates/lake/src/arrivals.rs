//! What came in between two versions of a table: the rows of its commits in the order in which they were made, whatever
//! became of their files since.
//!
//! A clock can't tell this exactly: a row gets its time of ingest when it is decoded, and is there for readers only after
//! its commit, which may take seconds or, on another machine, minutes. The table's log is the one order that all writers
//! and readers share, so whoever remembers the version that it has read up to sees every row once.

use std::collections::HashSet;
use std::sync::Arc;

use deltalake::kernel::{Action, Add};
use deltalake::logstore::get_actions;
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::snapshot::{DataFile, Snapshot};
use crate::table::Table;
use crate::{Lake, LakeError};

/// The key of a commit's metadata that names who watched its rows.
pub(crate) const WATCHED: &str = "trailhound.watched";

/// What one commit brought.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// The files of its rows; none where it brought none.
    pub files: Arc<[DataFile]>,
    /// Who watched the rows before they were committed, as [`crate::Commit::watched`] said.
    pub watched: Option<String>,
}

/// Versions whose files are remembered, a table.
const REMEMBERED: usize = 1024;

impl Lake {
    /// The rows that commits added after the version `after`, up to and with `upto`, as a snapshot of just their files. None
    /// where that can't be told any more: the log was cleaned up, or a file was removed after its rows had been merged into
    /// another.
    ///
    /// # Errors
    /// [`LakeError::NoTable`], and those of the store and the format.
    pub async fn arrivals(&self, table: &str, after: i64, upto: i64) -> Result<Option<Snapshot>, LakeError> {
        let table = self.table(table)?;
        let loaded = table.refresh().await?.ok_or_else(|| LakeError::NoTable(table.name.clone()))?;
        let active: HashSet<&str> = loaded.snapshot.files.iter().map(|file| file.path.as_ref()).collect();
        let mut files = Vec::new();
        for version in after.saturating_add(1)..=upto.min(loaded.snapshot.version) {
            let Some(arrival) = table.arrival(version).await? else { return Ok(None) };
            for file in arrival.files.iter() {
                if !active.contains(file.path.as_ref()) && !table.is_stored(file).await? {
                    return Ok(None);
                }
                files.push(file.clone());
            }
        }
        Ok(Some(Snapshot { version: upto, files: files.into(), schema: loaded.snapshot.schema.clone() }))
    }

    /// What the commit of one version brought; none where the log does not reach back that far.
    ///
    /// # Errors
    /// Those of the store and the format.
    pub async fn arrival(&self, table: &str, version: i64) -> Result<Option<Arrival>, LakeError> {
        self.table(table)?.arrival(version).await
    }
}

impl Table {
    async fn arrival(&self, version: i64) -> Result<Option<Arrival>, LakeError> {
        let mut remembered = self.arrived.lock().await;
        if let Some(arrival) = remembered.get(&version) {
            return Ok(Some(arrival.clone()));
        }
        let Ok(number) = u64::try_from(version) else { return Ok(Some(Arrival::default())) };
        let Some(entry) = self.log.read_commit_entry(number).await? else { return Ok(None) };
        let actions = get_actions(number, &entry)?;
        // What also removes files rearranges rows that came in before.
        let rearranges = actions.iter().any(|action| matches!(action, Action::Remove(_)));
        let adds = actions.iter().filter_map(|action| match action {
            Action::Add(add) if add.data_change && !rearranges => Some(add),
            _ => None,
        });
        let root = self.log.root_url();
        let files = adds.map(|add: &Add| DataFile::added(root, add)).collect::<Result<Vec<_>, _>>()?;
        let watched = actions.iter().find_map(|action| match action {
            Action::CommitInfo(commit) => commit.info.get(WATCHED)?.as_str().map(str::to_owned),
            _ => None,
        });
        let arrival = Arrival { files: files.into(), watched };
        while remembered.len() >= REMEMBERED {
            remembered.pop_first();
        }
        remembered.insert(version, arrival.clone());
        Ok(Some(arrival))
    }

    async fn is_stored(&self, file: &DataFile) -> Result<bool, LakeError> {
        let path = Path::from_url_path(file.location.path()).map_err(object_store::Error::from)?;
        match self.storage.root.head(&path).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
