//! The enricher over batches of the decoder, and the GeoIP reader over real, test and broken databases.
#![allow(clippy::print_stderr, reason = "skipped tests say so")]

mod batch;
mod databases;

use std::path::{Path, PathBuf};

/// The folder of a corpus; `None`, with a message, where it is missing.
fn corpus(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILHOUND_SHARED").map_or_else(beside, PathBuf::from);
    let folder = shared.join("corpora").join(name);
    if !folder.exists() {
        eprintln!("skipped: no {}", folder.display());
        return None;
    }
    Some(folder)
}
