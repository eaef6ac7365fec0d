//! What is sent to us rather than fetched: taken into the journal, and from there into the lake.
//!
//! ```text
//! request -> [protocol: hec, firehose] -> Delivery -> journal (synced: the sender hears that it is safe)
//!         -> drain: decode, enrich -> rows, quarantine -> the journal forgets it
//! ```
//! A delivery is decoded in the same way however often: its records' ids, and the time of those that tell none, come from
//! what is in the journal. So a delivery that is drained again after a crash adds nothing.

mod delivery;
mod drain;
mod gather;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use enrich::Enricher;
use lake::Lake;

pub use delivery::{Delivery, Form, framed};
pub use drain::Drain;

use crate::acks::Acks;
use crate::journal::{Journal, JournalOptions, Refused};
use crate::rules::Rules;
use crate::sources::Meter;
use crate::watch::Watched;
use delivery::Note;

/// Why a body could not be decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unzip {
    /// It would be larger than it may be.
    TooLarge,
    /// It is no gzip, or breaks off.
    Damaged,
}

/// The plain text of a body that is gzip, of at most `most` bytes.
///
/// # Errors
/// [`Unzip`].
pub fn gunzip(body: &[u8], most: usize) -> Result<Vec<u8>, Unzip> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Err(Unzip::Damaged);
    }
    match event::compression::decompress(body, most) {
        Ok(plain) => Ok(plain.into_owned()),
        Err(event::compression::CompressionError::TooLarge { .. }) => Err(Unzip::TooLarge),
        Err(event::compression::CompressionError::Damaged { .. }) => Err(Unzip::Damaged),
    }
}

/// The enricher of the moment: a server puts a new one in its place when newer files have come.
pub type EnricherNow = Arc<dyn Fn() -> Arc<Enricher> + Send + Sync>;

/// How what is sent is taken in.
#[derive(Clone)]
pub struct InletOptions {
    /// Where it is kept until it is in the lake.
    pub journal: JournalOptions,
    /// Rows wait for others at most this long.
    pub linger: Duration,
    /// Rows are committed when their text has this many bytes.
    pub commit_bytes: u64,
    /// Events whose time is so far behind the clock are flagged as old, microseconds.
    pub old_after: i64,
    /// What is left out.
    pub rules: Arc<Rules>,
    /// Who looks at the events as they come.
    pub watched: Watched,
    /// The time: microseconds since 1970-01-01 (UTC).
    pub clock: fn() -> i64,
}

impl InletOptions {
    /// The usual: a gibibyte of journal in `folder`, a commit a second.
    #[must_use]
    pub fn new(folder: &std::path::Path) -> Self {
        Self {
            journal: JournalOptions { folder: folder.to_owned(), most_bytes: 1 << 30 },
            linger: Duration::from_secs(1),
            commit_bytes: 28 << 20,
            old_after: event::time_status::OLD_AFTER,
            rules: Arc::default(),
            watched: Watched::default(),
            clock: || chrono::Utc::now().timestamp_micros(),
        }
    }
}

/// Takes deliveries. Clones share the journal.
#[derive(Clone)]
pub struct Inlet {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    journal: Journal,
    meters: Mutex<HashMap<String, Meter>>,
    acks: Acks,
    failing: AtomicBool,
    clock: fn() -> i64,
}

/// A delivery that is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its number in the journal.
    pub sequence: u64,
    /// The number to ask about, where its channel has such.
    pub ack: Option<u64>,
}

impl Inlet {
    /// Opens the journal, and gives what empties it: [`Drain::run`] has to run for as long as deliveries are taken.
    ///
    /// # Errors
    /// Where the journal can't be opened.
    pub fn open(lake: Lake, enricher: EnricherNow, options: InletOptions) -> io::Result<(Self, Drain)> {
        let opened = Journal::open(&options.journal)?;
        let acks = Acks::restore(&opened.note);
        for note in &opened.left {
            if let Some(channel) = Note::read(note).and_then(|note| note.channel) {
                acks.issue(&channel, (options.clock)());
            }
        }
        let shared = Arc::new(Shared {
            journal: opened.journal,
            meters: Mutex::default(),
            acks,
            failing: AtomicBool::new(false),
            clock: options.clock,
        });
        let drain = Drain::new(lake, enricher, options, opened.reader, shared.clone());
        Ok((Self { shared }, drain))
    }

    /// Counts what comes from the source of that name.
    pub fn count(&self, source: &str, meter: Meter) {
        self.shared.meters().insert(source.to_owned(), meter);
    }

    /// The time: microseconds since 1970-01-01 (UTC).
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.shared.clock)()
    }

    /// Takes a delivery, and returns when it survives a crash.
    ///
    /// # Errors
    /// [`Refused`]: nothing of it is kept, and its sender is to try again.
    pub async fn take(&self, delivery: Delivery) -> Result<Receipt, Refused> {
        let shared = &self.shared;
        let (source, channel) = (delivery.source.clone(), delivery.channel.clone());
        let received = delivery.received;
        let note = Note::of(&delivery).write();
        let written = shared.journal.write(note, delivery.body).await;
        match written {
            Ok(sequence) => {
                shared.failing.store(false, Ordering::Relaxed);
                shared.with_meter(&source, |meter| meter.in_flight(1));
                let ack = channel.map(|channel| shared.acks.issue(&channel, received));
                Ok(Receipt { sequence, ack })
            }
            Err(refused) => {
                if matches!(refused, Refused::Disk(_)) {
                    shared.failing.store(true, Ordering::Relaxed);
                }
                if refused != Refused::Closed {
                    shared.with_meter(&source, |meter| meter.failed(&refused.to_string()));
                }
                Err(refused)
            }
        }
    }

    /// Whether deliveries are taken now. After a failure it tries: nobody may come who would.
    ///
    /// # Errors
    /// Why not.
    pub async fn health(&self) -> Result<(), Refused> {
        let shared = &self.shared;
        if !shared.journal.has_room(1 << 20) {
            return Err(Refused::Full);
        }
        if !shared.failing.load(Ordering::Relaxed) {
            return Ok(());
        }
        shared.journal.write(Note::probe(), Bytes::new()).await?;
        shared.failing.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// The acknowledgements of channels.
    #[must_use]
    pub fn acks(&self) -> &Acks {
        &self.shared.acks
    }

    /// Bytes in the journal.
    #[must_use]
    pub fn waiting_bytes(&self) -> u64 {
        self.shared.journal.used()
    }

    /// Takes nothing more; the drain ends when the journal is empty.
    pub fn close(&self) {
        self.shared.journal.close();
    }
}

impl Shared {
    fn meters(&self) -> std::sync::MutexGuard<'_, HashMap<String, Meter>> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts for a source; for one that the settings do not name any more, nobody does.
    fn with_meter(&self, source: &str, count: impl FnOnce(&Meter)) {
        if let Some(meter) = self.meters().get(source) {
            count(meter);
        }
    }
}
