//! Reading logs in place, without a lake: the rows of every object, decoded and enriched as an ingest has them.

use std::cell::RefCell;
use std::sync::Arc;

use enrich::Enricher;
use event::Decoded;

use crate::IngestError;
use crate::decode::{Chunk, Decoder};
use crate::discover::{Place, discover};
use crate::fate::{Ended, Fate};
use crate::report::{NAMED, Problem};
use crate::run::Options;

/// What was found on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Objects that held records.
    pub objects: u64,
    /// Rows.
    pub rows: u64,
    /// Objects and pieces that could not be read, the first [`NAMED`].
    pub problems: Vec<Problem>,
}

/// Reads everything at `paths` and hands the rows on, batch by batch. `sink` says whether it takes more.
///
/// # Errors
/// [`IngestError`] where the paths can't be looked at; what is wrong with single objects is in what was found.
pub async fn read(
    paths: &[String],
    enricher: Arc<Enricher>,
    options: &Options,
    sink: &mut (dyn FnMut(Decoded) -> bool + Send),
) -> Result<Found, IngestError> {
    let discovery = discover(paths, &options.storage).await?;
    let mut found = Found::default();
    for (path, reason) in &discovery.unreadable {
        found.problem(path, "unread", reason);
    }
    let limits = options.limits();
    let mut decoder = Decoder::new(limits, enricher, options);
    for source in discovery.sources {
        let content = match &source.place {
            Place::File(_) | Place::Given(_) | Place::Stdin => None,
            Place::Object(bucket, key) => match bucket.read(key).await {
                Ok(content) => Some(content),
                Err(error) => {
                    found.problem(&source.origin(), "unread", &error.to_string());
                    continue;
                }
            },
        };
        // Rows are handed on as they come: a file may be larger than memory.
        let taking = RefCell::new((&mut found, &mut *sink, true));
        let outlet = |chunk: Chunk| {
            let (found, sink, goes_on) = &mut *taking.borrow_mut();
            *goes_on = *goes_on && found.take(chunk, *sink);
        };
        tokio::task::block_in_place(|| {
            decoder.object(&source, content, &outlet)?;
            decoder.flush(&outlet)
        })?;
        if !taking.into_inner().2 {
            break;
        }
    }
    Ok(found)
}

impl Found {
    fn take(&mut self, chunk: Chunk, sink: &mut (dyn FnMut(Decoded) -> bool + Send)) -> bool {
        for ended in chunk.ended {
            self.count(ended);
        }
        for rows in chunk.batches {
            self.rows += rows.batch.num_rows() as u64;
            if !sink(rows) {
                return false;
            }
        }
        true
    }

    fn count(&mut self, ended: Ended) {
        let origin = ended.version.object;
        self.objects += u64::from(ended.records > 0);
        match ended.fate {
            Fate::Digest(_) => self.problem(&origin, "skipped", "digest"),
            Fate::Skipped(reason) => self.problem(&origin, "skipped", reason),
            Fate::Unread(reason) => self.problem(&origin, "unread", &reason),
            Fate::Failed(whole) => self.problem(&origin, &whole.reason, &whole.message),
            Fate::Decoded(pieces) => {
                if let Some(first) = pieces.first() {
                    self.problem(&origin, &first.reason, &first.message);
                }
            }
        }
    }

    fn problem(&mut self, origin: &str, reason: &str, message: &str) {
        if self.problems.len() < NAMED {
            let (origin, reason, message) = (origin.to_owned(), reason.to_owned(), message.to_owned());
            self.problems.push(Problem { origin, reason, message });
        }
    }
}
