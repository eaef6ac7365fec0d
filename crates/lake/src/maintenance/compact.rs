//! Compaction: a day's many small files become few large ones, really sorted by time and compressed as hard as it pays.
//!
//! Rows neither come nor go: a commit takes the old files out and puts the new ones in, at once. Appends go on meanwhile.
//! Should another compaction or retention take one of the old files first, the new files are thrown away.

use std::collections::HashMap;

use deltalake::kernel::Add;
use deltalake::protocol::DeltaOperation;
use tokio::runtime::Handle;

use super::merge::{MergeBounds, merge};
use super::{Swap, is_compacted, swap};
use crate::{DataFile, Lake, LakeError};

/// How far compaction goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompactOptions {
    /// Size of the files to make, in bytes. 256 MiB by default.
    pub target_bytes: u64,
    /// A day is left alone until it has this many files that were never compacted. 1 by default: everything is done.
    pub min_files: usize,
    /// Rows in memory at a time, in bytes of text. 48 MiB by default.
    pub slice_bytes: usize,
}

impl Default for CompactOptions {
    fn default() -> Self {
        Self { target_bytes: 256 << 20, min_files: 1, slice_bytes: 48 << 20 }
    }
}

/// What compaction did to a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CompactReport {
    /// Rounds of work: a day, or a part of a large one.
    pub rounds: usize,
    /// Rounds whose result another writer's change made useless; they are done anew the next time.
    pub overtaken: usize,
    /// Files rewritten.
    pub files_before: usize,
    /// Files that took their place.
    pub files_after: usize,
    /// Bytes of the rewritten files.
    pub bytes_before: u64,
    /// Bytes of the files that took their place.
    pub bytes_after: u64,
    /// Rows rewritten.
    pub rows: u64,
}

/// Files merged in one round; with their footers open, this many cost some 50 MB.
const FILES_A_ROUND: usize = 256;

impl Lake {
    /// Merges the small files of each day into large, sorted ones.
    ///
    /// # Errors
    /// [`LakeError::NoTable`], and what the store says; days done before the error stay done.
    pub async fn compact(&self, table: &str, options: CompactOptions) -> Result<CompactReport, LakeError> {
        let table = self.table(table)?;
        let loaded = table.refresh().await?.ok_or_else(|| LakeError::NoTable(table.name.clone()))?;
        let mut report = CompactReport::default();
        for round in plan(&loaded.snapshot.files, &options) {
            let (sources, bounds) = (round.clone(), MergeBounds::from(&options));
            let (job, handle) = (table.clone(), Handle::current());
            let schema = table.file_schema(&loaded.snapshot.schema);
            let merged = tokio::task::spawn_blocking(move || merge(&job, &schema, &sources, bounds, &handle)).await??;
            report.rounds += 1;
            let target = i64::try_from(options.target_bytes).unwrap_or(i64::MAX);
            let operation = DeltaOperation::Optimize { predicate: None, target_size: target };
            if swap(&table, &round, &merged.files, &Swap { operation, data_change: false }).await? {
                report.count(&round, &merged.files, merged.rows);
            } else {
                report.overtaken += 1;
            }
        }
        Ok(report)
    }
}

impl CompactReport {
    fn count(&mut self, before: &[DataFile], after: &[Add], rows: u64) {
        self.files_before += before.len();
        self.files_after += after.len();
        self.bytes_before += before.iter().map(|file| file.size).sum::<u64>();
        self.bytes_after += after.iter().filter_map(|add| u64::try_from(add.size).ok()).sum::<u64>();
        self.rows += rows;
    }
}

/// The files to merge, round by round.
fn plan(files: &[DataFile], options: &CompactOptions) -> Vec<Vec<DataFile>> {
    let mut days: HashMap<Option<i32>, Vec<&DataFile>> = HashMap::new();
    for file in files {
        days.entry(file.event_date).or_default().push(file);
    }
    let mut days: Vec<_> = days.into_iter().collect();
    days.sort_by_key(|(day, _)| *day);
    days.into_iter().flat_map(|(_, files)| plan_day(&files, options)).collect()
}

fn plan_day(files: &[&DataFile], options: &CompactOptions) -> Vec<Vec<DataFile>> {
    let (compacted, fresh): (Vec<&DataFile>, Vec<&DataFile>) =
        files.iter().copied().partition(|file| is_compacted(file));
    if fresh.is_empty() || fresh.len() < options.min_files {
        return Vec::new();
    }
    let mut chosen = fresh;
    let mut bytes: u64 = chosen.iter().map(|file| file.size).sum();
    // A compacted file is done again only with enough new beside it: each row is rewritten a few times, not every time.
    let mut small: Vec<&DataFile> = compacted.into_iter().filter(|file| file.size < options.target_bytes / 2).collect();
    small.sort_by_key(|file| file.size);
    for file in small {
        if file.size <= bytes.saturating_mul(4) {
            bytes += file.size;
            chosen.push(file);
        }
    }
    chosen.sort_by_key(|file| (file.min_time, file.path.clone()));
    rounds(&chosen, options.target_bytes.saturating_mul(4))
}

/// Cuts a day's files, which stand in order of time, where memory or open files would grow too many.
fn rounds(files: &[&DataFile], most_bytes: u64) -> Vec<Vec<DataFile>> {
    let mut rounds: Vec<Vec<DataFile>> = Vec::new();
    let mut bytes = 0;
    for file in files {
        match rounds.last_mut() {
            Some(round) if round.len() < FILES_A_ROUND && bytes + file.size <= most_bytes => {
                bytes += file.size;
                round.push((*file).clone());
            }
            _ => {
                bytes = file.size;
                rounds.push(vec![(*file).clone()]);
            }
        }
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(day: i32, name: &str, size: u64) -> DataFile {
        let path = format!("event_date={day}/{name}");
        DataFile {
            location: url::Url::parse(&format!("file:///lake/{path}")).unwrap(),
            path: path.into(),
            size,
            rows: None,
            event_date: Some(day),
            min_time: None,
            max_time: None,
            ingested: (None, None),
        }
    }

    #[test]
    fn rounds_take_what_is_worth_it() {
        let check = |files: &[(i32, &str, u64)], min_files: usize, expected: &[&[&str]]| {
            let files: Vec<_> = files.iter().map(|(day, name, size)| file(*day, name, *size)).collect();
            let options = CompactOptions { target_bytes: 100, min_files, ..CompactOptions::default() };
            let rounds = plan(&files, &options);
            let names: Vec<Vec<&str>> =
                rounds.iter().map(|r| r.iter().filter_map(|f| f.path.rsplit('/').next()).collect()).collect();
            assert_eq!(names, expected, "{files:?}");
        };
        check(&[], 1, &[]);
        check(&[(1, "part-a", 5)], 1, &[&["part-a"]]);
        check(&[(1, "compact-a", 5)], 1, &[]);
        check(&[(1, "part-a", 5)], 2, &[]);
        check(&[(2, "part-b", 5), (1, "part-a", 5)], 1, &[&["part-a"], &["part-b"]]);
        // A small compacted file joins where there is enough new, a large one never.
        check(&[(1, "part-b", 5), (1, "compact-a", 20)], 1, &[&["compact-a", "part-b"]]);
        check(&[(1, "part-b", 5), (1, "compact-a", 21)], 1, &[&["part-b"]]);
        check(&[(1, "part-b", 40), (1, "compact-a", 60)], 1, &[&["part-b"]]);
        // Rounds are bounded by bytes.
        check(&[(1, "part-a", 300), (1, "part-b", 90), (1, "part-c", 20)], 1, &[&["part-a", "part-b"], &["part-c"]]);
    }

    #[test]
    fn rounds_are_bounded_by_files() {
        let files: Vec<_> = (0..600).map(|n| file(1, &format!("part-{n:04}"), 1)).collect();
        let rounds = plan(&files, &CompactOptions::default());
        assert_eq!(rounds.iter().map(Vec::len).collect::<Vec<_>>(), [256, 256, 88]);
    }
}
