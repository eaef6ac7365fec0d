//! Keeping a lake small and quick: compaction, retention, vacuum. Each runs beside readers and writers.

mod compact;
mod merge;
mod retain;
mod vacuum;

pub use compact::{CompactOptions, CompactReport};
pub use retain::RetainReport;
pub use vacuum::{VacuumOptions, VacuumReport};

use std::collections::HashSet;
use std::sync::Arc;

use deltalake::kernel::{Action, Remove};

use crate::table::Loaded;

/// The entries that take `paths` out of the table; fewer than `paths` where other writers took some out already.
fn removals(loaded: &Loaded, paths: &HashSet<Arc<str>>, data_change: bool) -> Vec<Action> {
    let files = loaded.state.log_data();
    let removed = files.iter().filter(|file| paths.contains(file.path().as_ref()));
    removed.map(|file| Action::Remove(Remove { deletion_vector: None, ..file.remove_action(data_change) })).collect()
}
