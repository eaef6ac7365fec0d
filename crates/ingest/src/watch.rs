//! The hook for whoever looks at events as they come: asked about the rows of a commit before it is made, told when it is.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use event::Decoded;
use lake::{AppendReport, Commit, Lake};

use crate::IngestError;

/// To be called when the commit is made.
pub type Landed = Box<dyn FnOnce() + Send>;

/// Looks at events before they are committed.
pub trait Watch: Send + Sync {
    /// Who looks; the commit says so.
    fn name(&self) -> String;

    /// Looks at the rows that a commit will add: none of them is in the lake. What is made of them has to be durable when this
    /// returns; the commit may fail after that, and its rows come again. Blocks.
    ///
    /// # Errors
    /// Why the commit must not be made now.
    fn watch(&self, rows: &[Decoded]) -> Result<Landed, String>;
}

/// Who looks at commits, if anybody does.
#[derive(Clone, Default)]
pub struct Watched(Option<Arc<dyn Watch>>);

impl Watched {
    /// By somebody.
    #[must_use]
    pub fn by(watch: Arc<dyn Watch>) -> Self {
        Self(Some(watch))
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.0.as_ref().map(|watch| watch.name())).finish()
    }
}

impl Watched {
    /// Appends rows, looked at before.
    ///
    /// # Errors
    /// [`IngestError::Watch`] where they could not be looked at, and those of [`Lake::append`].
    pub(crate) async fn append(
        &self,
        lake: &Lake,
        table: &'static str,
        batches: Vec<RecordBatch>,
        commit: Commit,
    ) -> Result<AppendReport, IngestError> {
        let (Some(watch), Some(log_type)) = (&self.0, event::log_type(table)) else {
            return Ok(lake.append(table, batches, commit).await?);
        };
        let novel = lake.novel(table, &batches).await?;
        let rows: Vec<Decoded> = novel.into_iter().map(|batch| Decoded { log_type, batch }).collect();
        let looking = Arc::clone(watch);
        let landed = tokio::task::spawn_blocking(move || looking.watch(&rows)).await?.map_err(IngestError::Watch)?;
        let commit = Commit { watched: Some(watch.name()), ..commit };
        let done = lake.append(table, batches, commit).await?;
        tokio::task::spawn_blocking(landed).await?;
        Ok(done)
    }
}
