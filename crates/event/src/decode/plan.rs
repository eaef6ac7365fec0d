//! The decoder's plan: which key of a record leads to which column. Made from the catalogue once, looked up per key.

use std::sync::LazyLock;

use crate::catalogue::{FieldType, catalogue};

static PLAN: LazyLock<Plan> = LazyLock::new(Plan::build);

/// What to do with the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It is the value of a column; among several keys for one column the lowest rank wins.
    Column { column: u16, rank: u8 },
    /// Look into it. `each`: it is an array, look into its elements.
    Into { node: u16, each: bool },
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    key: &'static str,
    step: Step,
}

/// The keys of one object that matter: an open-addressing table, at most a quarter full.
#[derive(Debug, Default)]
pub(super) struct Node {
    table: Vec<Option<Entry>>,
    shift: u32,
}

impl Node {
    fn new(entries: &[Entry]) -> Self {
        let size = (entries.len() * 4).next_power_of_two().max(4);
        let mut node = Self { table: vec![None; size], shift: 32 - size.trailing_zeros() };
        for entry in entries {
            let mut at = node.home(entry.key.as_bytes());
            while node.table[at].is_some() {
                at = (at + 1) % size;
            }
            node.table[at] = Some(*entry);
        }
        node
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
    pub(super) fn get(&self, key: &[u8]) -> Option<Step> {
        let mut at = self.home(key);
        while let Some(entry) = self.table[at] {
            if entry.key.as_bytes() == key {
                return Some(entry.step);
            }
            at = (at + 1) % self.table.len();
        }
        None
    }
}

/// The whole plan.
#[derive(Debug)]
pub(super) struct Plan {
    nodes: Vec<Node>,
    /// Type of each stored column.
    pub(super) types: Vec<FieldType>,
    /// Whether a value under the column's own path speaks for the object being a CloudTrail record.
    pub(super) marks: Vec<bool>,
    pub(super) at: Places,
}

/// Where the columns are that the decoder fills or reads by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) event_time: usize,
    pub(super) event_date: usize,
    pub(super) event_id: usize,
    pub(super) event_source: usize,
    pub(super) origin: usize,
    pub(super) origin_position: usize,
    pub(super) ingest_time: usize,
    pub(super) raw: usize,
}

/// Keys that together tell a CloudTrail record from any other JSON object.
const MARKS: [&str; 10] = [
    "event_version",
    "event_time",
    "event_source",
    "event_name",
    "event_id",
    "event_type",
    "event_category",
    "aws_region",
    "source_ip_address",
    "recipient_account_id",
];

/// The node of the record itself.
pub(super) const ROOT: u16 = 0;

impl Plan {
    pub(super) fn get() -> &'static Self {
        &PLAN
    }

    pub(super) fn node(&self, node: u16) -> &Node {
        &self.nodes[usize::from(node)]
    }

    fn build() -> Self {
        let mut tree = vec![Vec::new()];
        let mut types = Vec::new();
        let mut names = Vec::new();
        for (column, (name, field)) in catalogue().stored().enumerate() {
            types.push(field.ty);
            names.push(name);
            for (rank, path) in field.path.iter().chain(&field.also).enumerate() {
                // Columns without a path of their own start at rank 1: their values never count as marks.
                let rank = rank + usize::from(field.path.is_none());
                insert(&mut tree, path, Step::Column { column: column as u16, rank: rank as u8 });
            }
        }
        let place = |wanted: &str| names.iter().position(|name| *name == wanted).unwrap_or_default();
        Self {
            nodes: tree.iter().map(|entries| Node::new(entries)).collect(),
            types,
            marks: names.iter().map(|name| MARKS.contains(name)).collect(),
            at: Places {
                event_time: place("event_time"),
                event_date: place("event_date"),
                event_id: place("event_id"),
                event_source: place("event_source"),
                origin: place("origin"),
                origin_position: place("origin_position"),
                ingest_time: place("ingest_time"),
                raw: place("raw"),
            },
        }
    }
}

fn insert(tree: &mut Vec<Vec<Entry>>, path: &'static str, step: Step) {
    let mut node = usize::from(ROOT);
    let mut rest = path;
    while let Some((head, tail)) = rest.split_once('.') {
        let (key, each) = head.strip_suffix("[]").map_or((head, false), |key| (key, true));
        node = child(tree, node, key, each);
        rest = tail;
    }
    tree[node].push(Entry { key: rest, step });
}

fn child(tree: &mut Vec<Vec<Entry>>, node: usize, key: &'static str, each: bool) -> usize {
    let known = tree[node].iter().find_map(|entry| match entry.step {
        Step::Into { node, .. } if entry.key == key => Some(usize::from(node)),
        _ => None,
    });
    known.unwrap_or_else(|| {
        let fresh = tree.len();
        tree[node].push(Entry { key, step: Step::Into { node: fresh as u16, each } });
        tree.push(Vec::new());
        fresh
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column_of(path: &[&str]) -> Option<(String, u8)> {
        let plan = Plan::get();
        let mut node = ROOT;
        for key in path {
            match plan.node(node).get(key.as_bytes())? {
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
        for node in &Plan::get().nodes {
            let full = node.table.iter().flatten().count();
            assert!(full * 4 <= node.table.len().max(4));
        }
    }
}
