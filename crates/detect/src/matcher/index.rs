//! Which truths a row may fulfil at all: an index by event name and event source.

use std::collections::{BTreeSet, HashMap};

use arrow::array::Array;
use engine::QueryError;
use query::pipeline::Expr;

use super::frame::{Codes, Fast, Frame};
use super::require::{lower, required};

const NAME: &str = "event_name";
const SOURCE: &str = "event_source";

/// Rows with the same candidates, and these. No rows named: all.
pub(super) type Candidates = (Option<Vec<u32>>, Vec<usize>);

/// A truth that requires an event name, and the sources that it requires too.
#[derive(Debug)]
struct Named {
    probe: usize,
    sources: Option<BTreeSet<String>>,
}

/// Truths by what they require.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By event name, with the sources that are required too.
    names: HashMap<String, Vec<Named>>,
    /// By event source, where no name is required.
    sources: HashMap<String, Vec<usize>>,
    /// Those that any row may fulfil.
    any: Vec<usize>,
}

impl Index {
    pub(super) fn add(&mut self, probe: usize, conjuncts: &[Expr]) {
        let sources = required(conjuncts, SOURCE);
        match (required(conjuncts, NAME), sources) {
            (Some(names), sources) => {
                for name in names {
                    self.names.entry(name).or_default().push(Named { probe, sources: sources.clone() });
                }
            }
            (None, Some(sources)) => {
                sources.into_iter().for_each(|source| self.sources.entry(source).or_default().push(probe));
            }
            (None, None) => self.any.push(probe),
        }
    }

    /// The truths to be asked of a batch, with the rows that they are to be asked about.
    pub(super) fn candidates(&self, frame: &Frame<'_>) -> Result<Vec<Candidates>, QueryError> {
        let mut out: Vec<Candidates> = Vec::new();
        if !self.any.is_empty() {
            out.push((None, self.any.clone()));
        }
        if self.names.is_empty() && self.sources.is_empty() {
            return Ok(out);
        }
        let (names, sources) = (frame.codes(NAME)?, frame.codes(SOURCE)?);
        let (pairs, rows) = pairs(&names, &sources);
        // The pairs of values that each truth may be fulfilled with.
        let mut of_probe: HashMap<usize, Vec<u32>, Fast> = HashMap::default();
        for (at, (name, source)) in (0_u32..).zip(&pairs) {
            for probe in self.of_pair(value(&names, *name).as_deref(), value(&sources, *source).as_deref()) {
                of_probe.entry(probe).or_default().push(at);
            }
        }
        // Truths with the same candidates share the work on them.
        let mut groups: HashMap<Vec<u32>, Vec<usize>, Fast> = HashMap::default();
        for (probe, pairs) in of_probe {
            groups.entry(pairs).or_default().push(probe);
        }
        for (pairs, mut probes) in groups {
            probes.sort_unstable();
            let mut wanted: Vec<u32> = pairs.iter().flat_map(|pair| rows[*pair as usize].iter().copied()).collect();
            if pairs.len() > 1 {
                wanted.sort_unstable();
            }
            out.push((Some(wanted), probes));
        }
        Ok(out)
    }

    fn of_pair(&self, name: Option<&str>, source: Option<&str>) -> Vec<usize> {
        let named = name.and_then(|name| self.names.get(name)).map(Vec::as_slice).unwrap_or_default();
        let fits = |named: &&Named| {
            named.sources.as_ref().is_none_or(|sources| source.is_some_and(|source| sources.contains(source)))
        };
        let mut probes: Vec<usize> = named.iter().filter(fits).map(|named| named.probe).collect();
        probes.extend(source.and_then(|source| self.sources.get(source)).into_iter().flatten());
        probes
    }
}

fn value(codes: &Codes, code: u32) -> Option<String> {
    let at = code as usize;
    codes.values.is_valid(at).then(|| lower(codes.values.value(at)))
}

/// The pairs of values that occur, and the rows of each.
fn pairs(names: &Codes, sources: &Codes) -> (Vec<(u32, u32)>, Vec<Vec<u32>>) {
    let mut known: HashMap<(u32, u32), usize, Fast> = HashMap::default();
    let (mut pairs, mut rows): (Vec<(u32, u32)>, Vec<Vec<u32>>) = (Vec::new(), Vec::new());
    for ((row, name), source) in (0_u32..).zip(&names.of).zip(&sources.of) {
        let at = *known.entry((*name, *source)).or_insert_with(|| {
            pairs.push((*name, *source));
            rows.push(Vec::new());
            pairs.len() - 1
        });
        rows[at].push(row);
    }
    (pairs, rows)
}
