//! Quarantine: what could not be decoded, with its bytes and the reason. The table `quarantine`; what was decoded after all is named
//! in `quarantine_done`, so that rows are only ever added.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BinaryArray, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::append::{AppendReport, Commit};
use crate::ledger::rows;
use crate::once::{key_of, texts, times};
use crate::read::{OpenFile, RowStream, Selection};
use crate::snapshot::DataFile;
use crate::spec::{PARTITION, QUARANTINE, QUARANTINE_DONE};
use crate::table::Table;
use crate::{Lake, LakeError};

const DAY: i64 = 86_400_000_000;

/// A piece of an object, or all of it, that could not be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The object's path or address.
    pub origin: String,
    /// Ordinal among the object's records; 0 for an object as a whole.
    pub position: u64,
    /// Where the piece begins in the decompressed object, in bytes.
    pub offset: u64,
    /// Why, as a stable code.
    pub reason: String,
    /// Why, in words.
    pub message: String,
    /// The piece; of a large one its beginning.
    pub bytes: Vec<u8>,
    /// Size of the whole piece, in bytes.
    pub size: u64,
    /// When it was put here: microseconds since 1970-01-01 (UTC).
    pub ingest_time: i64,
}

impl Quarantined {
    /// The same piece of the same object is one row, however often it is met.
    fn id(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.origin.as_bytes(), self.reason.as_bytes(), &self.bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(self.position.to_le_bytes());
        hash.update(self.offset.to_le_bytes());
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A piece as the table holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is called.
    pub id: String,
    /// It was decoded after all.
    pub done: bool,
    /// The piece.
    pub piece: Quarantined,
    /// Where it stands: the file, and the row in it.
    place: (usize, u32),
}

/// A piece that was decoded after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// What it is called.
    pub id: String,
    /// Records found in it.
    pub records: u64,
    /// When: microseconds since 1970-01-01 (UTC).
    pub time: i64,
}

/// Pieces in quarantine, on their way.
pub struct HeldPieces {
    table: Arc<Table>,
    files: Vec<DataFile>,
    /// The file after the current one.
    next: usize,
    current: Option<RowStream>,
    /// Rows of the current file that were read.
    row: u32,
    columns: &'static [&'static str],
    done: HashSet<u128>,
    since: Option<i64>,
}

/// Pieces read at a time: each has up to a mebibyte.
const AT_A_TIME: usize = 32;

impl HeldPieces {
    /// The next few; `None`: there are no more.
    ///
    /// # Errors
    /// The store's, and those of reading the table.
    pub async fn next(&mut self) -> Result<Option<Vec<Held>>, LakeError> {
        loop {
            if let Some(batches) = &mut self.current
                && let Some(batch) = batches.try_next().await?
            {
                let mut pieces = pieces_of(&batch, (self.next.saturating_sub(1), self.row))?;
                self.row += u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
                pieces.retain(|held| self.since.is_none_or(|since| held.piece.ingest_time >= since));
                pieces.iter_mut().for_each(|held| held.done = self.done.contains(&key_of(&held.id)));
                return Ok(Some(pieces));
            }
            let Some(file) = self.files.get(self.next) else { return Ok(None) };
            (self.next, self.row) = (self.next + 1, 0);
            let open = OpenFile::open(&self.table.storage, file).await?;
            let mask = open.columns(self.columns);
            let batch_rows = if self.columns.contains(&BYTES) { AT_A_TIME } else { 8192 };
            self.current = Some(open.read(Selection { mask, groups: None, rows: None, batch_rows })?);
        }
    }

    /// Reads the bytes of pieces that these gave without, at most `excerpt` of each.
    ///
    /// # Errors
    /// The store's, and those of reading the table.
    pub async fn fill(&mut self, pieces: &mut [Held], excerpt: usize) -> Result<(), LakeError> {
        let mut places: Vec<((usize, u32), usize)> = pieces.iter().map(|held| held.place).zip(0..).collect();
        places.sort_unstable();
        let files: Vec<&[((usize, u32), usize)]> = places.chunk_by(|a, b| a.0.0 == b.0.0).collect();
        for of_file in files {
            let rows: Vec<u32> = of_file.iter().map(|(place, _)| place.1).collect();
            let Some(file) = self.files.get(of_file[0].0.0) else { continue };
            let open = OpenFile::open(&self.table.storage, file).await?;
            let mut batches = open.read_rows(open.columns(&[BYTES]), &rows, AT_A_TIME)?;
            let mut wanted = of_file.iter();
            while let Some(batch) = batches.try_next().await? {
                let bytes = bytes_of(&batch)?;
                for (row, (_, at)) in (0..batch.num_rows()).zip(&mut wanted) {
                    let all = bytes.as_binary::<i32>().value(row);
                    pieces[*at].piece.bytes = all[..all.len().min(excerpt)].to_vec();
                }
            }
        }
        Ok(())
    }
}

impl Lake {
    /// Reads the pieces in quarantine, in no order, those that came in before `since` (microseconds since 1970-01-01, UTC) left
    /// out.
    ///
    /// # Errors
    /// The store's, and those of reading the tables.
    pub async fn held(&self, since: Option<i64>) -> Result<HeldPieces, LakeError> {
        self.held_with(since, &COLUMNS).await
    }

    /// The same without their bytes, which are most of the table: for whoever counts. [`HeldPieces::fill`] reads those of some.
    ///
    /// # Errors
    /// As [`Lake::held`].
    pub async fn held_without_bytes(&self, since: Option<i64>) -> Result<HeldPieces, LakeError> {
        self.held_with(since, &COLUMNS[..COLUMNS.len() - 1]).await
    }

    async fn held_with(&self, since: Option<i64>, columns: &'static [&'static str]) -> Result<HeldPieces, LakeError> {
        let files = self.snapshot(QUARANTINE).await?.map_or_else(Vec::new, |snapshot| snapshot.files.to_vec());
        let first = since.and_then(|since| i32::try_from(since.div_euclid(DAY)).ok());
        let is_old = |file: &DataFile| file.event_date.zip(first).is_some_and(|(day, first)| day < first);
        Ok(HeldPieces {
            table: self.table(QUARANTINE)?,
            files: files.into_iter().filter(|file| !is_old(file)).collect(),
            next: 0,
            current: None,
            row: 0,
            columns,
            done: self.replayed().await?,
            since,
        })
    }

    /// The pieces that were decoded after all, by the bits of their ids.
    async fn replayed(&self) -> Result<HashSet<u128>, LakeError> {
        let mut found = HashSet::new();
        let Some(snapshot) = self.snapshot(QUARANTINE_DONE).await? else { return Ok(found) };
        let table = self.table(QUARANTINE_DONE)?;
        for file in snapshot.files.iter() {
            let open = OpenFile::open(&table.storage, file).await?;
            let mask = open.columns(&["quarantine_id"]);
            let mut batches = open.read(Selection { mask, groups: None, rows: None, batch_rows: 8192 })?;
            while let Some(batch) = batches.try_next().await? {
                let ids = texts(&batch, "quarantine_id")?;
                found.extend((0..batch.num_rows()).filter_map(|row| ids.get(row)).map(key_of));
            }
        }
        Ok(found)
    }

    /// Takes note of pieces whose records are committed.
    ///
    /// # Errors
    /// As [`Lake::append`].
    pub async fn release(&self, pieces: &[Replayed]) -> Result<(), LakeError> {
        if pieces.is_empty() {
            return Ok(());
        }
        self.append(QUARANTINE_DONE, vec![done(pieces)?], Commit::default()).await?;
        Ok(())
    }

    /// Puts pieces into quarantine; those that are there already stay as they are.
    ///
    /// # Errors
    /// As [`Lake::append`].
    pub async fn quarantine(&self, pieces: &[Quarantined]) -> Result<AppendReport, LakeError> {
        let batches = if pieces.is_empty() { Vec::new() } else { vec![batch(pieces)?] };
        self.append(QUARANTINE, batches, Commit::default()).await
    }
}

/// The column of the pieces' bytes.
const BYTES: &str = "bytes";

/// What is read of a piece; its bytes come last.
static COLUMNS: [&str; 9] =
    ["quarantine_id", "origin", "origin_position", "origin_offset", "reason", "message", "size", "ingest_time", BYTES];

/// The bytes of pieces.
fn bytes_of(batch: &RecordBatch) -> Result<ArrayRef, LakeError> {
    let missing = || LakeError::Argument(format!("the quarantine has no column `{BYTES}`"));
    Ok(cast(batch.column_by_name(BYTES).ok_or_else(missing)?, &DataType::Binary)?)
}

/// The pieces of a batch, the first of which stands at `place`.
fn pieces_of(batch: &RecordBatch, place: (usize, u32)) -> Result<Vec<Held>, LakeError> {
    let [ids, origins] = [texts(batch, "quarantine_id")?, texts(batch, "origin")?];
    let [reasons, messages] = [texts(batch, "reason")?, texts(batch, "message")?];
    let entered = times(batch, "ingest_time")?;
    let missing = |name: &str| LakeError::Argument(format!("the quarantine has no column `{name}`"));
    let number = |name: &'static str| {
        let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
        column.cloned().ok_or_else(|| missing(name))
    };
    let [positions, offsets, sizes] = [number("origin_position")?, number("origin_offset")?, number("size")?];
    let bytes = batch.column_by_name(BYTES).map(|_| bytes_of(batch)).transpose()?;
    let bytes = bytes.as_ref().map(|bytes| bytes.as_binary::<i32>());
    let count = |column: &Int64Array, row: usize| u64::try_from(column.value(row)).unwrap_or_default();
    let text = |column: &crate::once::Texts, row: usize| column.get(row).unwrap_or_default().to_owned();
    let held = (0..batch.num_rows()).map(|row| Held {
        id: text(&ids, row),
        done: false,
        piece: Quarantined {
            origin: text(&origins, row),
            position: count(&positions, row),
            offset: count(&offsets, row),
            reason: text(&reasons, row),
            message: text(&messages, row),
            bytes: bytes.map_or_else(Vec::new, |bytes| bytes.value(row).to_vec()),
            size: count(&sizes, row),
            ingest_time: entered.value(row),
        },
        place: (place.0, place.1 + u32::try_from(row).unwrap_or(u32::MAX)),
    });
    Ok(held.collect())
}

/// Pieces as rows.
pub(crate) fn batch(pieces: &[Quarantined]) -> Result<RecordBatch, LakeError> {
    rows(columns(pieces))
}

/// What became of pieces, as rows.
pub(crate) fn done(pieces: &[Replayed]) -> Result<RecordBatch, LakeError> {
    let ids = StringArray::from_iter_values(pieces.iter().map(|piece| piece.id.as_str()));
    let records = pieces.iter().map(|piece| i64::try_from(piece.records).unwrap_or(i64::MAX));
    let times = TimestampMicrosecondArray::from_iter_values(pieces.iter().map(|piece| piece.time));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("quarantine_id", Arc::new(ids)),
        ("records", Arc::new(Int64Array::from_iter_values(records))),
        ("replay_time", Arc::new(times.with_timezone("UTC"))),
    ];
    rows(columns)
}

fn columns(pieces: &[Quarantined]) -> Vec<(&'static str, ArrayRef)> {
    let text = |get: fn(&Quarantined) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(pieces.iter().map(get)))
    };
    let number = |get: fn(&Quarantined) -> u64| -> ArrayRef {
        let values = pieces.iter().map(|piece| i64::try_from(get(piece)).unwrap_or(i64::MAX));
        Arc::new(Int64Array::from_iter_values(values))
    };
    let day = |piece: &Quarantined| i32::try_from(piece.ingest_time.div_euclid(DAY)).unwrap_or_default();
    let times = pieces.iter().map(|piece| piece.ingest_time);
    vec![
        ("quarantine_id", text(Quarantined::id)),
        ("origin", text(|p| p.origin.clone())),
        ("origin_position", number(|p| p.position)),
        ("origin_offset", number(|p| p.offset)),
        ("reason", text(|p| p.reason.clone())),
        ("message", text(|p| p.message.clone())),
        ("size", number(|p| p.size)),
        ("ingest_time", Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))),
        (PARTITION, Arc::new(Date32Array::from_iter_values(pieces.iter().map(day)))),
        ("bytes", Arc::new(BinaryArray::from_iter_values(pieces.iter().map(|p| &p.bytes)))),
    ]
}
