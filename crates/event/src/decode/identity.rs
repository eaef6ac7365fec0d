//! Ids for records that have none (format versions before 1.01, or cut by a shipper): made from the record's bytes, so that
//! the same object read twice gives the same ids.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use sha2::{Digest, Sha256};

/// Different records that are remembered at a time: at most 48 MiB. An object with more of them is counted in generations, each
/// of which begins with an empty memory; the generation is part of the ids, so that identical records stay apart.
const REMEMBERED: usize = 1 << 20;

/// Counts identical records within one object.
#[derive(Debug)]
pub(super) struct Twins {
    /// By the first 64 bits of the hash, which are as good as all of it within one object.
    seen: HashMap<u64, u32, BuildHasherDefault<Identity>>,
    remembered: usize,
    generation: u32,
    /// What the delivery is called that the records are of.
    delivery: Vec<u8>,
    id: String,
}

impl Default for Twins {
    fn default() -> Self {
        let (seen, delivery, id) = (HashMap::default(), Vec::new(), String::new());
        Self { seen, remembered: REMEMBERED, generation: 0, delivery, id }
    }
}

impl Twins {
    /// For the records of one delivery: those that tell nothing of themselves are no copies of other deliveries' records.
    pub(super) fn of_delivery(delivery: &str) -> Self {
        Self { delivery: delivery.as_bytes().to_vec(), ..Self::default() }
    }

    /// What follows is of the delivery of that name.
    pub(super) fn name(&mut self, delivery: &str) {
        if self.delivery != delivery.as_bytes() {
            self.delivery = delivery.as_bytes().to_vec();
        }
    }

    /// `raw-<first 128 bits of SHA-256>-<ordinal among identical records of the object>`, with `<generation>.` before the
    /// ordinal where there is more than one. `anonymous`: the record is of no log type, so the delivery is part of what it is.
    pub(super) fn id(&mut self, raw: &str, anonymous: bool) -> String {
        self.write(raw, anonymous);
        self.id.clone()
    }

    /// The same without a copy, until the next one is made.
    pub(super) fn write(&mut self, raw: &str, anonymous: bool) -> &str {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let digest = match anonymous && !self.delivery.is_empty() {
            true => Sha256::new().chain_update(&self.delivery).chain_update([0]).chain_update(raw).finalize(),
            false => Sha256::digest(raw.as_bytes()),
        };
        let head = digest[..8].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if self.seen.len() >= self.remembered && !self.seen.contains_key(&head) {
            self.seen.clear();
            self.generation += 1;
        }
        let ordinal = self.seen.entry(head).or_default();
        self.id.clear();
        self.id.push_str("raw-");
        for byte in &digest[..16] {
            self.id.push(char::from(HEX[usize::from(byte >> 4)]));
            self.id.push(char::from(HEX[usize::from(byte & 15)]));
        }
        self.id.push('-');
        if self.generation > 0 {
            self.id.push_str(&self.generation.to_string());
            self.id.push('.');
        }
        match *ordinal {
            first @ 0..=9 => self.id.push(char::from(HEX[first as usize])),
            later => self.id.push_str(&later.to_string()),
        }
        *ordinal += 1;
        &self.id
    }
}

/// Hashes are their own hashes.
#[derive(Debug, Default)]
pub(super) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |sum, byte| sum << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identical_records_are_told_apart_and_ids_repeat_on_reading_again() {
        let ids = || {
            let mut twins = Twins::default();
            ["a", "b", "a"].map(|raw| twins.id(raw, false))
        };
        let [first, second, third] = ids();
        assert_eq!(first, "raw-ca978112ca1bbdcafac231b39a23dc4d-0");
        assert_eq!(third, "raw-ca978112ca1bbdcafac231b39a23dc4d-1");
        assert_ne!(first, second);
        assert_eq!(ids(), [first, second, third]);
    }

    #[test]
    fn the_memory_is_bounded_and_ids_stay_apart() {
        let ids = || {
            let mut twins = Twins { remembered: 2, ..Twins::default() };
            let ids = ["a", "b", "a", "c", "a", "a", "b", "d"].map(|raw| twins.id(raw, false));
            assert!(twins.seen.len() <= 2);
            ids
        };
        let found = ids();
        let ends = found.each_ref().map(|id| id.rsplit('-').next().unwrap_or_default().to_owned());
        assert_eq!(ends, ["0", "0", "1", "1.0", "1.0", "1.1", "2.0", "2.0"]);
        assert_eq!(found.iter().collect::<std::collections::HashSet<_>>().len(), 8);
        assert_eq!(ids(), found);
    }

    #[test]
    fn what_is_anonymous_is_of_its_delivery() {
        let of = |delivery: &str, anonymous: bool| Twins::of_delivery(delivery).id("a", anonymous);
        assert_ne!(of("one", true), of("two", true));
        assert_eq!(of("one", true), of("one", true));
        assert_eq!(of("one", false), of("two", false));
        assert_eq!(of("one", false), Twins::default().id("a", true));
    }
}
