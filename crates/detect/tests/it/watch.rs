//! The rules that come with the product, over files of logs in order: what would become alerts.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detect::rule::{File, load};
use detect::{Attack, Detector, Held, Rule};
use engine::matching::Matching;
use enrich::{Enricher, GeoDb};
use event::{Batcher, Limits};

/// The present, long after all logs.
const NOW: i64 = i64::MAX;

/// Rows that are observed together.
const TOGETHER: usize = 8_192;

/// An alert: its rule, and the values that it is grouped by.
pub(crate) type Alert = (String, Vec<Option<String>>);

/// The rules that are on.
pub(crate) fn enabled() -> Vec<Arc<Rule>> {
    let file = |(path, text): (&str, &str)| File { name: path.to_owned(), text: text.to_owned(), builtin: true };
    let loaded = load(&assets::rules().map(file).collect::<Vec<_>>(), &Attack::parse(assets::attack()));
    loaded.rules.into_iter().map(|entry| entry.rule).filter(|rule| rule.enabled).map(Arc::new).collect()
}

/// The files of logs in a folder, by name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "json" || end == "gz") {
            found.push(path);
        }
    }
    found.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    found
}

/// Rules over logs.
pub(crate) struct Watch {
    detector: Detector,
    enricher: Enricher,
}

impl Watch {
    /// With these rules. Addresses are located where there is a database of countries.
    pub(crate) fn new(rules: &[Arc<Rule>], countries: Option<PathBuf>) -> Self {
        let (detector, broken) = Detector::new(rules, &HashMap::new(), &Matching::new(None, NOW)).expect("a detector");
        assert!(broken.is_empty(), "{broken:?}");
        let located = countries.map(|path| GeoDb::open(None, &[path], &[]).expect("a database"));
        Self { detector, enricher: Enricher::new(located) }
    }

    /// The alerts that files open in the order given, each with the number of its findings. Nothing is remembered of others.
    pub(crate) fn alerts(&mut self, files: &[PathBuf]) -> BTreeMap<Alert, usize> {
        let mut memory = Held::default();
        let mut batcher = Batcher::new(Limits::default());
        let mut found = BTreeMap::new();
        for (number, path) in files.iter().enumerate() {
            let bytes = std::fs::read(path).expect("a file");
            batcher.push_object(&bytes, &path.display().to_string(), 0).expect("a log");
            if batcher.rows() < TOGETHER && number + 1 < files.len() {
                continue;
            }
            while let Some(mut decoded) = batcher.take_batch().expect("a batch") {
                decoded.batch = self.enricher.enrich_as(decoded.log_type, decoded.batch).expect("enriched");
                for finding in self.detector.observe(&[decoded], &mut memory, NOW).expect("findings") {
                    let group = finding.group.into_iter().map(|of| of.value).collect();
                    *found.entry((finding.rule, group)).or_insert(0) += 1;
                }
            }
        }
        found
    }
}

/// A file or folder of the corpora; `None`, with a message, where it is missing.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILHOUND_SHARED").map_or_else(beside, PathBuf::from);
    let path = shared.join("corpora").join(name);
    if !path.exists() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}
