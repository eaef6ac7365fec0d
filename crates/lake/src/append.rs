//! Adding rows: each event once, split by day, sorted by time, encoded in parallel, one commit.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::compute::{cast, interleave_record_batch};
use arrow::datatypes::{Date32Type, Schema, SchemaRef};
use deltalake::kernel::{Action, Add};
use deltalake::protocol::{DeltaOperation, SaveMode};
use futures::future::try_join_all;
use object_store::ObjectStoreExt;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::runtime::Handle;

use crate::arrivals::WATCHED;
use crate::commit::{ATTEMPTS, Change, Outcome, ROWS, back_off, commit};
use crate::encode::{FileTarget, FileWriter};
use crate::once::{EventKey, OnceIndex, Texts, hour_of, key_of, texts, times};
use crate::partition::{Flag, days_of, partition_of};
use crate::spec::{Effort, ORIGIN, PARTITION, STATUS, TIME};
use crate::stats::FileStats;
use crate::table::Table;
use crate::{Lake, LakeError};

/// Rows go to the encoder in pieces of about this many bytes.
const PIECE_BYTES: usize = 8 << 20;
const PIECE_ROWS: usize = 8192;
/// A file is not split among encoders below this many rows.
const ROWS_WORTH_A_FILE: usize = 32 * 1024;
/// Origins beyond this many are counted, not named, in the log.
const NAMED_ORIGINS: usize = 10_000;

/// What belongs to a commit besides its rows.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// The objects that the rows come from; they are recorded in the same log entry as the rows.
    pub origins: Vec<OriginEntry>,
    /// Who has looked at the rows before (detections do), for those who look at what nobody has looked at.
    pub watched: Option<String>,
}

/// An object's share in a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginEntry {
    /// The object's path or address, as in the column `origin`.
    pub object: String,
    /// Its records in this commit, copies of known events included.
    pub records: u64,
}

/// What an append did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppendReport {
    /// The version that holds the rows; the newest one where all were known.
    pub version: i64,
    /// Rows added.
    pub rows_added: u64,
    /// Rows left out, because the table or the same append holds the event already.
    pub duplicates: u64,
    /// Rows added whose time is flagged.
    pub flagged: Flagged,
    /// The same by origin, where the rows have that column.
    pub by_origin: HashMap<String, OriginCounts>,
    /// Files written.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Rows of one origin in an append.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OriginCounts {
    /// Rows added.
    pub added: u64,
    /// Rows left out as copies.
    pub duplicates: u64,
    /// Rows added whose time is flagged.
    pub flagged: Flagged,
}

impl OriginCounts {
    /// Counts further rows of the origin.
    pub fn add(&mut self, more: &Self) {
        self.added += more.added;
        self.duplicates += more.duplicates;
        self.flagged.add(more.flagged);
    }
}

/// Rows whose time was flagged when they came in, by what `time_status` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flagged {
    /// From the future.
    pub future: u64,
    /// Too old.
    pub old: u64,
}

impl Flagged {
    /// Counts further rows.
    pub fn add(&mut self, more: Self) {
        self.future += more.future;
        self.old += more.old;
    }

    fn count(&mut self, flag: Option<Flag>) {
        match flag {
            None => {}
            Some(Flag::Future) => self.future += 1,
            Some(Flag::Old) => self.old += 1,
        }
    }
}

/// One row of an append, and where it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pick {
    /// The partition.
    date: Option<i32>,
    flag: Option<Flag>,
    time: i64,
    pub(crate) batch: u32,
    pub(crate) row: u32,
    pub(crate) key: Option<EventKey>,
}

impl Pick {
    pub(crate) fn hour(&self) -> i64 {
        hour_of(self.time)
    }
}

impl Lake {
    /// Adds the rows of `batches` that the table does not hold yet, in one commit, and returns when they are durable.
    ///
    /// The table is created, and widened by new columns, as the rows need it. Tables of events need the columns
    /// `event_id`, `event_time` (microseconds, UTC) and `event_date`, none of them null.
    ///
    /// # Errors
    /// [`LakeError::Schema`] and [`LakeError::Argument`] where rows do not fit, [`LakeError::Contention`] after too many
    /// lost races, and what the store and the format say. After an error the rows may be given again: none is doubled.
    pub async fn append(
        &self,
        table: &str,
        batches: Vec<RecordBatch>,
        commit: Commit,
    ) -> Result<AppendReport, LakeError> {
        let table = self.table(table)?;
        let batches: Vec<RecordBatch> = batches.into_iter().filter(|b| b.num_rows() > 0).collect();
        let Some(first) = batches.first() else {
            let version = table.refresh().await?.map_or(-1, |loaded| loaded.snapshot.version);
            return Ok(AppendReport { version, ..AppendReport::default() });
        };
        let schema = first.schema();
        let mut index = table.once.lock().await;
        let loaded = table.ensure(&schema).await?;
        let mut rows = Rows::new(&table, &loaded.snapshot.schema, batches)?;
        self.append_once(&table, &mut index, &mut rows, &commit).await
    }

    async fn append_once(
        &self,
        table: &Arc<Table>,
        index: &mut OnceIndex,
        rows: &mut Rows,
        details: &Commit,
    ) -> Result<AppendReport, LakeError> {
        let mut staged: Option<Vec<Add>> = None;
        for attempt in 0..ATTEMPTS {
            let loaded = table.refresh().await?.ok_or_else(|| LakeError::NoTable(table.name.clone()))?;
            index.prepare(&table.storage, &loaded.snapshot, &rows.hours()).await?;
            if rows.drop_known(index)
                && let Some(stale) = staged.take()
            {
                discard(table, &stale).await;
            }
            if rows.picks.is_empty() {
                return rows.report(loaded.snapshot.version, &[]);
            }
            let adds = match staged.take() {
                Some(adds) => adds,
                None => self.stage(table, rows).await?,
            };
            match commit(table, &loaded, rows_change(&adds, details)).await {
                Ok(Outcome::Committed(version)) => {
                    index.committed(rows.keys(), adds.iter().map(|a| (a.path.as_str().into(), days_of_add(a))));
                    return rows.report(version, &adds);
                }
                Ok(Outcome::Lost) => staged = Some(adds),
                Err(error) => return Err(error),
            }
            back_off(attempt).await;
        }
        if let Some(stale) = staged {
            discard(table, &stale).await;
        }
        Err(LakeError::Contention { table: table.name.clone(), attempts: ATTEMPTS })
    }

    /// Writes the rows as files that no version names yet.
    async fn stage(&self, table: &Arc<Table>, rows: &Rows) -> Result<Vec<Add>, LakeError> {
        let places = self.encoders().clone();
        let total = rows.picks.len();
        let most = total.div_ceil(places.available_permits().max(1)).max(ROWS_WORTH_A_FILE);
        let days = rows.picks.chunk_by(|a, b| a.date == b.date);
        let files = days.flat_map(|day| day.chunks(most)).map(|picks| {
            let target = FileTarget::new(table, rows.schema.clone(), picks[0].date, picks.len(), Effort::Append);
            let (batches, picks) = (rows.batches.clone(), picks.to_vec());
            let places = places.clone();
            async move {
                let _place = places.acquire_owned().await.map_err(|_| closed())?;
                let handle = Handle::current();
                tokio::task::spawn_blocking(move || encode(target, &batches, &picks, handle)).await?
            }
        });
        try_join_all(files).await
    }
}

fn closed() -> LakeError {
    LakeError::Argument("the lake is shut down".into())
}

/// The rows of an append in the shape of the table's files.
struct Rows {
    /// The files' columns.
    schema: SchemaRef,
    batches: Arc<[RecordBatch]>,
    /// The origin of every row, by runs of equal ones: batch, first row, origin.
    origins: Vec<(u32, u32, Option<String>)>,
    /// The rows to write, by day and time.
    picks: Vec<Pick>,
    given: u64,
}

impl Rows {
    fn new(table: &Table, table_schema: &Schema, batches: Vec<RecordBatch>) -> Result<Self, LakeError> {
        let mut picks = Vec::new();
        for (number, batch) in (0_u32..).zip(&batches) {
            pick_rows(table, number, batch, &mut picks)?;
        }
        let given = picks.len() as u64;
        let mut seen: HashSet<(i64, EventKey)> = HashSet::with_capacity(picks.len());
        picks.retain(|p| p.key.is_none_or(|key| seen.insert((p.hour(), key))));
        picks.sort_by_key(|p| (p.date, p.time));
        let schema = table.file_schema(table_schema);
        let origins = origin_runs(&batches);
        let batches = batches.into_iter().map(|batch| conform(&batch, &schema)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { schema, batches: batches.into(), origins, picks, given })
    }

    fn hours(&self) -> BTreeSet<i64> {
        self.picks.iter().filter(|p| p.key.is_some()).map(Pick::hour).collect()
    }

    fn keys(&self) -> impl Iterator<Item = (i64, EventKey)> {
        self.picks.iter().filter_map(|p| Some((p.hour(), p.key?)))
    }

    /// Leaves out what the index holds; says whether that was anything.
    fn drop_known(&mut self, index: &OnceIndex) -> bool {
        let before = self.picks.len();
        self.picks.retain(|p| p.key.is_none_or(|key| !index.contains(p.hour(), key)));
        self.picks.len() != before
    }

    fn report(&self, version: i64, adds: &[Add]) -> Result<AppendReport, LakeError> {
        let rows_added = self.picks.len() as u64;
        let mut flagged = Flagged::default();
        self.picks.iter().for_each(|pick| flagged.count(pick.flag));
        Ok(AppendReport {
            version,
            rows_added,
            duplicates: self.given - rows_added,
            flagged,
            by_origin: self.count_origins(),
            files: adds.len(),
            bytes: adds.iter().filter_map(|a| u64::try_from(a.size).ok()).sum(),
        })
    }

    fn count_origins(&self) -> HashMap<String, OriginCounts> {
        let mut added: HashMap<usize, (u64, Flagged)> = HashMap::new();
        for pick in &self.picks {
            let run = self.origins.partition_point(|(batch, row, _)| (*batch, *row) <= (pick.batch, pick.row));
            let (rows, flagged) = added.entry(run).or_default();
            *rows += 1;
            flagged.count(pick.flag);
        }
        let mut counts: HashMap<String, OriginCounts> = HashMap::new();
        for (number, (batch, row, origin)) in self.origins.iter().enumerate() {
            let Some(origin) = origin else { continue };
            let end = match self.origins.get(number + 1) {
                Some((next, end, _)) if next == batch => *end as usize,
                _ => self.batches[*batch as usize].num_rows(),
            };
            let rows = (end - *row as usize) as u64;
            let (added, flagged) = added.get(&(number + 1)).copied().unwrap_or_default();
            let count = counts.entry(origin.clone()).or_default();
            count.add(&OriginCounts { added, duplicates: rows - added, flagged });
        }
        counts
    }
}

/// Adds the rows of a batch, with their place, time and key.
pub(crate) fn pick_rows(
    table: &Table,
    number: u32,
    batch: &RecordBatch,
    picks: &mut Vec<Pick>,
) -> Result<(), LakeError> {
    let once = table.spec.once;
    let times = if table.spec.sorted { Some(times(batch, TIME)?) } else { None };
    let ids = once.map(|once| texts(batch, once.id)).transpose()?;
    let dates = if table.spec.partitioned { Some(dates(table, batch)?) } else { None };
    let flags = flags(batch);
    let flag_of = |row: usize| flags.as_ref().and_then(|flags| flags.get(row)).map(Flag::read);
    if times.as_ref().is_some_and(|t| t.null_count() > 0) {
        return Err(table.misfit(format!("`{TIME}` is null in a row")));
    }
    picks.extend((0_u32..).take(batch.num_rows()).map(|row| {
        let at = row as usize;
        Pick {
            date: dates.as_ref().map(|d| partition_of(d.value(at), flag_of(at))),
            flag: flag_of(at),
            time: times.as_ref().map_or(0, |t| t.value(at)),
            batch: number,
            row,
            key: ids.as_ref().and_then(|ids| ids.get(at)).map(key_of),
        }
    }));
    Ok(())
}

/// What is said of the rows' times, where anything is of any.
fn flags(batch: &RecordBatch) -> Option<Texts> {
    batch.column_by_name(STATUS).filter(|column| column.null_count() < column.len())?;
    texts(batch, STATUS).ok()
}

fn dates(table: &Table, batch: &RecordBatch) -> Result<arrow::array::Date32Array, LakeError> {
    batch
        .column_by_name(PARTITION)
        .and_then(|column| column.as_primitive_opt::<Date32Type>())
        .filter(|column| column.null_count() == 0)
        .cloned()
        .ok_or_else(|| table.misfit(format!("`{PARTITION}` has to be a date in every row")))
}

fn origin_runs(batches: &[RecordBatch]) -> Vec<(u32, u32, Option<String>)> {
    let mut runs: Vec<(u32, u32, Option<String>)> = Vec::new();
    for (number, batch) in (0_u32..).zip(batches) {
        let origins = texts(batch, ORIGIN).ok();
        for row in (0_u32..).take(batch.num_rows()) {
            let origin = origins.as_ref().and_then(|o| o.get(row as usize));
            match runs.last() {
                Some((last, _, known)) if *last == number && known.as_deref() == origin => {}
                _ => runs.push((number, row, origin.map(str::to_owned))),
            }
        }
    }
    runs
}

/// The batch with exactly the columns of `schema`: by name, null where it has none, text and bytes in the table's form.
pub(crate) fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, LakeError> {
    let columns = schema.fields().iter().map(|field| -> Result<ArrayRef, LakeError> {
        Ok(match batch.column_by_name(field.name()) {
            Some(column) if column.data_type() == field.data_type() => column.clone(),
            Some(column) => cast(column, field.data_type())?,
            None => new_null_array(field.data_type(), batch.num_rows()),
        })
    });
    Ok(RecordBatch::try_new(schema.clone(), columns.collect::<Result<_, _>>()?)?)
}

fn encode(target: FileTarget, batches: &[RecordBatch], picks: &[Pick], handle: Handle) -> Result<Add, LakeError> {
    let bytes: usize = batches.iter().map(RecordBatch::get_array_memory_size).sum();
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let piece = (PIECE_BYTES / (bytes / rows.max(1)).max(1)).clamp(1, PIECE_ROWS);
    let sources: Vec<&RecordBatch> = batches.iter().collect();
    let mut file = FileWriter::create(target, handle)?;
    for picks in picks.chunks(piece) {
        match contiguous(picks) {
            Some((batch, row)) => file.write(&batches[batch].slice(row, picks.len()))?,
            None => {
                let places: Vec<(usize, usize)> = picks.iter().map(|p| (p.batch as usize, p.row as usize)).collect();
                file.write(&interleave_record_batch(&sources, &places)?)?;
            }
        }
    }
    file.finish()
}

/// The place of rows that stand one after the other in one batch: they need no copy.
fn contiguous(picks: &[Pick]) -> Option<(usize, usize)> {
    let first = picks.first()?;
    let in_order = (first.row..).zip(picks).all(|(row, p)| p.batch == first.batch && p.row == row);
    in_order.then_some((first.batch as usize, first.row as usize))
}

fn rows_change(adds: &[Add], details: &Commit) -> Change {
    let named = &details.origins[..details.origins.len().min(NAMED_ORIGINS)];
    let mut metadata = HashMap::from([
        ("trailhound.origins".to_owned(), json!(named)),
        ("trailhound.originCount".to_owned(), json!(details.origins.len())),
    ]);
    if let Some(watched) = &details.watched {
        metadata.insert(WATCHED.to_owned(), json!(watched));
    }
    Change {
        sequence: ROWS,
        actions: adds.iter().cloned().map(Action::Add).collect(),
        operation: DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None },
        metadata,
    }
}

/// The days of a new file's rows.
fn days_of_add(add: &Add) -> Option<(i32, i32)> {
    let partition = add.partition_values.get(PARTITION)?.as_deref().and_then(crate::stats::days);
    let stats = add.stats.as_deref().map(FileStats::read).unwrap_or_default();
    days_of(partition, (stats.min_time, stats.max_time))
}

/// Deletes files that no version will name. What can't be deleted is left to vacuum.
pub(crate) async fn discard(table: &Table, adds: &[Add]) {
    for add in adds {
        let path = add.path.split('/').fold(table.folder.clone(), object_store::path::Path::join);
        if let Err(error) = table.storage.root.delete(&path).await {
            tracing::debug!(table = table.name, %error, "staged file left behind");
        }
    }
}
