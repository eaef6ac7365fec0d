//! The decoder's plan of a log type: which key of a record leads to which column. Made from its catalogue once, looked up
//! per key.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::catalogue::FieldType;
use crate::log_types::{LogType, log_types};

/// What to do with the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It is the value of a column; among several keys for one column the lowest rank wins.
    Column { column: u16, rank: u8 },
    /// Look into it. `each`: it is an array, look into its elements.
    Into { node: u16, each: bool },
}

/// A step, and the mark that the key's presence is (of the record's own keys).
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    key: &'static str,
    pub(super) step: Option<Step>,
    /// Which of the type's marks, from 0.
    pub(super) mark: Option<u8>,
}

/// The keys of one object that matter.
pub(super) type Node = Table<Entry>;

/// Something that is looked up by a key.
pub(super) trait Keyed: Copy {
    fn key(&self) -> &'static str;
}

impl Keyed for Entry {
    fn key(&self) -> &'static str {
        self.key
    }
}

/// An open-addressing table, at most a quarter full.
#[derive(Debug, Default)]
pub(super) struct Table<T> {
    table: Vec<Option<T>>,
    shift: u32,
}

impl<T: Keyed> Table<T> {
    pub(super) fn new(entries: &[T]) -> Self {
        let size = (entries.len() * 4).next_power_of_two().max(4);
        let mut made = Self { table: vec![None; size], shift: 32 - size.trailing_zeros() };
        for entry in entries {
            let mut at = made.home(entry.key().as_bytes());
            while made.table[at].is_some() {
                at = (at + 1) % size;
            }
            made.table[at] = Some(*entry);
        }
        made
    }

    #[inline]
    fn home(&self, key: &[u8]) -> usize {
        let (Some(&first), Some(&last)) = (key.first(), key.last()) else { return 0 };
        let middle = key[key.len() / 2];
        let mixed = u32::from_le_bytes([first, middle, last, key.len() as u8]);
        (mixed.wrapping_mul(0x9e37_79b1) >> self.shift) as usize
    }

    /// What `key` leads to; `None`: nothing of ours.
    #[inline]
    pub(super) fn get(&self, key: &[u8]) -> Option<&T> {
        let mut at = self.home(key);
        while let Some(entry) = &self.table[at] {
            if entry.key().as_bytes() == key {
                return Some(entry);
            }
            at = (at + 1) % self.table.len();
        }
        None
    }
}

/// The whole plan.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) log_type: &'static LogType,
    nodes: Vec<Node>,
    /// Type of each stored column.
    pub(super) types: Vec<FieldType>,
    /// Columns by name.
    index: HashMap<&'static str, usize>,
    weights: Vec<u8>,
    pub(super) at: Places,
}

/// Where the columns are that the decoder fills or reads by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) event_time: usize,
    pub(super) event_date: usize,
    pub(super) event_id: usize,
    pub(super) origin: usize,
    pub(super) origin_position: usize,
    pub(super) ingest_time: usize,
    pub(super) time_status: usize,
    pub(super) raw: usize,
}

/// The node of the record itself.
pub(super) const ROOT: u16 = 0;

impl Plan {
    /// The plan of the log type with that place in [`log_types`].
    pub(crate) fn of(kind: usize) -> &'static Self {
        static PLANS: OnceLock<Vec<Plan>> = OnceLock::new();
        &PLANS.get_or_init(|| log_types().iter().map(|log_type| Self::build(log_type)).collect())[kind]
    }

    pub(super) fn node(&self, node: u16) -> &Node {
        &self.nodes[usize::from(node)]
    }

    /// The column of that name.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Whether the marks that were seen, a bit each, are enough for a record of the type.
    pub(super) fn is_enough(&self, marks: u64) -> bool {
        let weighed = self.weights.iter().enumerate().filter(|(mark, _)| marks & (1 << mark) != 0);
        let sum: u32 = weighed.map(|(_, weight)| u32::from(*weight)).sum();
        self.log_type.json.as_ref().is_some_and(|json| sum >= u32::from(json.enough))
    }

    fn build(log_type: &'static LogType) -> Self {
        let mut tree: Vec<Vec<Entry>> = vec![Vec::new()];
        let (mut types, mut index) = (Vec::new(), HashMap::new());
        for (column, (name, field)) in log_type.catalogue().stored().enumerate() {
            types.push(field.ty);
            index.insert(name, column);
            // Logs of lines also travel as JSON, under the names that other places give their fields.
            let native = field.native.iter().filter(|_| log_type.lines.is_some());
            for (rank, path) in field.path.iter().chain(&field.also).chain(native).enumerate() {
                // Columns without a path of their own start at rank 1: their values are second to none of their own.
                let rank = rank + usize::from(field.path.is_none());
                insert(&mut tree, path, Step::Column { column: column as u16, rank: rank as u8 });
            }
        }
        let marks = log_type.json.as_ref().map_or(&[][..], |json| json.marks);
        for (mark, (key, _)) in marks.iter().enumerate() {
            match tree[0].iter_mut().find(|entry| entry.key == *key) {
                Some(entry) => entry.mark = Some(mark as u8),
                None => tree[0].push(Entry { key, step: None, mark: Some(mark as u8) }),
            }
        }
        let place = |wanted: &str| index.get(wanted).copied().unwrap_or_default();
        Self {
            log_type,
            nodes: tree.iter().map(|entries| Node::new(entries)).collect(),
            types,
            weights: marks.iter().map(|(_, weight)| *weight).collect(),
            at: Places {
                event_time: place("event_time"),
                event_date: place("event_date"),
                event_id: place("event_id"),
                origin: place("origin"),
                origin_position: place("origin_position"),
                ingest_time: place("ingest_time"),
                time_status: place("time_status"),
                raw: place("raw"),
            },
            index,
        }
    }
}

/// Adds a path. Of two columns that want the value of one path, the first has it; a column of a section as a whole gives
/// way to the columns of its parts.
fn insert(tree: &mut Vec<Vec<Entry>>, path: &'static str, step: Step) {
    let mut node = usize::from(ROOT);
    let mut rest = path;
    while let Some((head, tail)) = rest.split_once('.') {
        let (key, each) = head.strip_suffix("[]").map_or((head, false), |key| (key, true));
        node = child(tree, node, key, each);
        rest = tail;
    }
    let key = rest.strip_suffix("[]").unwrap_or(rest);
    if !tree[node].iter().any(|entry| entry.key == key) {
        tree[node].push(Entry { key, step: Some(step), mark: None });
    }
}

fn child(tree: &mut Vec<Vec<Entry>>, node: usize, key: &'static str, each: bool) -> usize {
    let known = tree[node].iter().find_map(|entry| match entry.step {
        Some(Step::Into { node, .. }) if entry.key == key => Some(usize::from(node)),
        _ => None,
    });
    known.unwrap_or_else(|| {
        let fresh = tree.len();
        tree[node].retain(|entry| entry.key != key);
        tree[node].push(Entry { key, step: Some(Step::Into { node: fresh as u16, each }), mark: None });
        tree.push(Vec::new());
        fresh
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::catalogue;

    fn column_of(path: &[&str]) -> Option<(String, u8)> {
        let plan = Plan::of(0);
        let mut node = ROOT;
        for key in path {
            match plan.node(node).get(key.as_bytes())?.step? {
                Step::Into { node: next, .. } => node = next,
                Step::Column { column, rank } => {
                    let (name, _) = catalogue().stored().nth(usize::from(column))?;
                    return Some((name.to_owned(), rank));
                }
            }
        }
        None
    }

    #[test]
    fn every_path_of_the_catalogue_leads_to_its_column() {
        for (name, field) in catalogue().stored() {
            for path in field.path.iter().chain(&field.also) {
                let path = path.replace("[]", "");
                let keys: Vec<_> = path.split('.').collect();
                assert_eq!(column_of(&keys).map(|found| found.0).as_deref(), Some(name), "{path}");
            }
        }
    }

    #[test]
    fn other_keys_lead_nowhere() {
        assert_eq!(column_of(&["eventname"]), None);
        assert_eq!(column_of(&[""]), None);
        assert_eq!(column_of(&["userIdentity", "eventName"]), None);
        assert_eq!(column_of(&["eventId"]), Some(("event_id".into(), 1)));
    }

    #[test]
    fn no_node_is_crowded() {
        for node in &Plan::of(0).nodes {
            let full = node.table.iter().flatten().count();
            assert!(full * 4 <= node.table.len().max(4));
        }
    }
}
