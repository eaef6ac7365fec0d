//! CloudTrail's digest files, kept as they came: with the ledger's hashes they prove the logs that were read, without reading them
//! again. The table `digests`.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::append::Commit;
use crate::ledger::rows;
use crate::once::{key_of, texts, times};
use crate::read::{OpenFile, Selection};
use crate::spec::{DIGESTS, OBJECTS};
use crate::{Lake, LakeError};

/// A digest file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestEntry {
    /// Where it was read: a path or an address.
    pub object: String,
    /// Its text, decompressed.
    pub text: String,
    /// The signature beside it, in hexadecimal; empty where it was not at hand.
    pub signature: String,
    /// The signature's algorithm; empty where it was not at hand.
    pub algorithm: String,
    /// When a digest of a backfill was made, as its metadata has it; empty elsewhere.
    pub generated: String,
    /// When it was taken in: microseconds since 1970-01-01 (UTC).
    pub ingest_time: i64,
}

impl DigestEntry {
    /// The same file with the same signature is one row, however often it is met.
    fn id(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.object, &self.text, &self.signature] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Digest files as rows.
pub(crate) fn batch(digests: &[DigestEntry]) -> Result<RecordBatch, LakeError> {
    let text = |get: fn(&DigestEntry) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(digests.iter().map(get)))
    };
    let times = TimestampMicrosecondArray::from_iter_values(digests.iter().map(|digest| digest.ingest_time));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("digest_id", text(DigestEntry::id)),
        ("object", text(|d| d.object.clone())),
        ("signature", text(|d| d.signature.clone())),
        ("signature_algorithm", text(|d| d.algorithm.clone())),
        ("backfill_generated", text(|d| d.generated.clone())),
        ("ingest_time", Arc::new(times.with_timezone("UTC"))),
        ("raw", text(|d| d.text.clone())),
    ];
    rows(columns)
}

/// What an object's content was when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHash {
    /// Its path or address.
    pub object: String,
    /// SHA-256 of its decompressed bytes, in hexadecimal.
    pub sha256: String,
    /// When it was read: microseconds since 1970-01-01 (UTC).
    pub ingest_time: i64,
}

impl Lake {
    /// Keeps digest files; those that are there already stay as they are.
    ///
    /// # Errors
    /// As [`Lake::append`].
    pub async fn record_digests(&self, digests: &[DigestEntry]) -> Result<(), LakeError> {
        if digests.is_empty() {
            return Ok(());
        }
        self.append(DIGESTS, vec![batch(digests)?], Commit::default()).await?;
        Ok(())
    }

    /// The digest files that came.
    ///
    /// # Errors
    /// The store's, and those of reading the table.
    pub async fn digests(&self) -> Result<Vec<DigestEntry>, LakeError> {
        let mut found = Vec::new();
        let Some(snapshot) = self.snapshot(DIGESTS).await? else { return Ok(found) };
        let table = self.table(DIGESTS)?;
        let columns = ["object", "signature", "signature_algorithm", "backfill_generated", "ingest_time", "raw"];
        for file in snapshot.files.iter() {
            let open = OpenFile::open(&table.storage, file).await?;
            let mask = open.columns(&columns);
            let mut batches = open.read(Selection { mask, groups: None, rows: None, batch_rows: 1024 })?;
            while let Some(batch) = batches.try_next().await? {
                let [objects, raw, generated] =
                    [texts(&batch, "object")?, texts(&batch, "raw")?, texts(&batch, "backfill_generated")?];
                let [signatures, algorithms] = [texts(&batch, "signature")?, texts(&batch, "signature_algorithm")?];
                let entered = times(&batch, "ingest_time")?;
                let text = |column: &crate::once::Texts, row: usize| column.get(row).unwrap_or_default().to_owned();
                found.extend((0..batch.num_rows()).map(|row| DigestEntry {
                    object: text(&objects, row),
                    text: text(&raw, row),
                    signature: text(&signatures, row),
                    algorithm: text(&algorithms, row),
                    generated: text(&generated, row),
                    ingest_time: entered.value(row),
                }));
            }
        }
        Ok(found)
    }

    /// The hashes of the objects whose names - the last part of their paths - are `wanted`, each time that they were read;
    /// and the names of others that `also` wants to hear of.
    ///
    /// # Errors
    /// The store's, and those of reading the ledger.
    pub async fn log_hashes(
        &self,
        wanted: &HashSet<String>,
        also: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Vec<LogHash>, LakeError> {
        let mut found = Vec::new();
        let Some(snapshot) = self.snapshot(OBJECTS).await? else { return Ok(found) };
        let names: HashSet<u128> = wanted.iter().map(|name| key_of(name)).collect();
        let table = self.table(OBJECTS)?;
        for file in snapshot.files.iter() {
            let open = OpenFile::open(&table.storage, file).await?;
            let mask = open.columns(&["object", "content_sha256", "ingest_time"]);
            let mut batches = open.read(Selection { mask, groups: None, rows: None, batch_rows: 8192 })?;
            while let Some(batch) = batches.try_next().await? {
                let objects = texts(&batch, "object")?;
                // Objects that were read before hashes of their content were kept have none.
                let hashes = texts(&batch, "content_sha256").ok();
                let entered = times(&batch, "ingest_time")?;
                for row in 0..batch.num_rows() {
                    let Some(object) = objects.get(row) else { continue };
                    if !names.contains(&key_of(object.rsplit('/').next().unwrap_or(object))) {
                        also(object);
                        continue;
                    }
                    let sha256 = hashes.as_ref().and_then(|hashes| hashes.get(row)).unwrap_or_default().to_owned();
                    found.push(LogHash { object: object.to_owned(), sha256, ingest_time: entered.value(row) });
                }
            }
        }
        Ok(found)
    }
}
