//! Ids for records that have none (format versions before 1.01, or cut by a shipper): made from the record's bytes, so that
//! the same object read twice gives the same ids.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use sha2::{Digest, Sha256};

/// Counts identical records within one object.
#[derive(Debug, Default)]
pub(super) struct Twins {
    /// By the first 64 bits of the hash, which are as good as all of it within one object.
    seen: HashMap<u64, u32, BuildHasherDefault<Identity>>,
    id: String,
}

impl Twins {
    /// `raw-<first 128 bits of SHA-256>-<ordinal among identical records of the object>`.
    pub(super) fn id(&mut self, raw: &str) -> String {
        self.write(raw);
        self.id.clone()
    }

    /// The same without a copy, until the next one is made.
    pub(super) fn write(&mut self, raw: &str) -> &str {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let digest = Sha256::digest(raw.as_bytes());
        let head = digest[..8].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let ordinal = self.seen.entry(head).or_default();
        self.id.clear();
        self.id.push_str("raw-");
        for byte in &digest[..16] {
            self.id.push(char::from(HEX[usize::from(byte >> 4)]));
            self.id.push(char::from(HEX[usize::from(byte & 15)]));
        }
        self.id.push('-');
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
            ["a", "b", "a"].map(|raw| twins.id(raw))
        };
        let [first, second, third] = ids();
        assert_eq!(first, "raw-ca978112ca1bbdcafac231b39a23dc4d-0");
        assert_eq!(third, "raw-ca978112ca1bbdcafac231b39a23dc4d-1");
        assert_ne!(first, second);
        assert_eq!(ids(), [first, second, third]);
    }
}
