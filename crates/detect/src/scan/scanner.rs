//! Runs the rules over batches in the order of their time, and gathers what they find.

use std::collections::HashSet;

use arrow::error::ArrowError;
use event::Decoded;

use super::{Scan, window::Window};
use crate::detector::{DetectError, Detector};
use crate::held::Held;
use crate::memory::{Key, key_of};

/// Findings remembered so that the same event, read twice, is found once.
const REMEMBERED: usize = 4_000_000;

/// Why a scan stops.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The rules.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// Rows could not be put in order: a defect.
    #[error("events can't be put in order: {0}")]
    Arrow(#[from] ArrowError),
}

/// The rules over logs that nobody keeps.
pub struct Scanner {
    detector: Detector,
    memory: Held,
    window: Window,
    scan: Scan,
    found: HashSet<Key>,
    now: i64,
    learning: bool,
}

impl Scanner {
    /// A scanner of the detector's rules. `now` is the present, microseconds.
    #[must_use]
    pub fn new(detector: Detector, now: i64) -> Self {
        let scan = Scan::new(detector.rules().map(|rule| (**rule).clone()));
        let (memory, window) = (Held::default(), Window::default());
        Self { detector, memory, window, scan, found: HashSet::new(), now, learning: false }
    }

    /// From here on (until it is said again) rules only learn what is usual, or find.
    ///
    /// # Errors
    /// As [`Scanner::take`]: what was taken before is run first.
    pub fn learn(&mut self, learning: bool) -> Result<(), ScanError> {
        self.drain()?;
        self.learning = learning;
        Ok(())
    }

    /// Takes rows.
    ///
    /// # Errors
    /// Where the rules can't be asked: a defect.
    pub fn take(&mut self, rows: Decoded) -> Result<(), ScanError> {
        if self.window.add(rows) { self.drain() } else { Ok(()) }
    }

    /// Runs what is still waiting, and gives what was gathered.
    ///
    /// # Errors
    /// As [`Scanner::take`].
    pub fn finish(mut self) -> Result<Scan, ScanError> {
        self.drain()?;
        Ok(self.scan)
    }

    fn drain(&mut self) -> Result<(), ScanError> {
        let Self { detector, memory, window, scan, found, now, learning } = self;
        window.drain(&mut |rows: Decoded| {
            let rows = [rows];
            let mut findings = detector.observe(&rows, memory, *now)?;
            if *learning {
                return Ok(());
            }
            let [Decoded { log_type, batch }] = &rows;
            findings.retain(|finding| {
                let key = key_of([Some(finding.rule.as_str()), Some(finding.event.event_id.as_str())]);
                found.len() >= REMEMBERED || found.insert(key)
            });
            scan.take(log_type, batch, &findings);
            Ok(())
        })
    }
}
